//! A format code, taken apart: sections, conditions and tokens.

use crate::Locale;

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) sections: Vec<Section>,
}

#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) kind: SectionKind,
    pub(super) condition: Option<(Comparison, f64)>,
    pub(super) tokens: Vec<Token>,
    /// The language a code such as `[$-407]` asks for.
    pub(super) locale: Option<Locale>,
    /// The sign in `[$€-407]`.
    pub(super) currency: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionKind {
    General,
    Number,
    Date,
    Text,
    /// Only literal text, or nothing at all.
    Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(String),
    /// `0`, `#` or `?`
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` shows the sign always, `E-` only when negative.
    Exponent {
        plus: bool,
    },
    Slash,
    General,
    At,
    /// The width of a character: a space.
    Skip,
    Year(usize),
    /// Months, until it is known whether minutes are meant.
    Month(usize),
    Day(usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    /// Fractions of a second, `.00`.
    Fraction(usize),
    /// `AM/PM` or `A/P`.
    AmPm(bool),
    /// `[h]`, `[mm]`, `[s]`: the unit that grows without end, and its digits.
    Elapsed(char, usize),
}

impl Code {
    pub(super) fn parse(code: &str) -> Self {
        let sections = split_sections(code).iter().take(4).map(|text| Section::parse(text)).collect();
        Self { sections }
    }

    /// The section for a number, and whether its sign is shown.
    pub(super) fn section(&self, value: f64) -> Option<(&Section, bool)> {
        // A text section never shows numbers unless it is the only one.
        let count = match self.sections.len() {
            4 => 3,
            count if count > 1 && self.sections[count - 1].kind == SectionKind::Text => count - 1,
            count => count,
        };
        let numeric = &self.sections[..count];
        if numeric.iter().any(|section| section.condition.is_some()) {
            return conditional(numeric, value);
        }
        match numeric {
            [] => None,
            [only] => Some((only, true)),
            [positive, negative] => Some(if value < 0.0 { (negative, false) } else { (positive, false) }),
            [positive, negative, zero, ..] => Some(match value {
                v if v > 0.0 => (positive, false),
                v if v < 0.0 => (negative, false),
                _ => (zero, false),
            }),
        }
    }
}

fn conditional(sections: &[Section], value: f64) -> Option<(&Section, bool)> {
    for (index, section) in sections.iter().enumerate() {
        let holds = match section.condition {
            Some((comparison, bound)) => comparison.holds(value, bound),
            // Without a condition: the second is for negative numbers when a third follows, the last for the rest.
            None if index == 1 && sections.len() == 3 => value < 0.0,
            None => true,
        };
        if holds {
            let only_negative = match section.condition {
                Some((Comparison::Less, bound)) => bound <= 0.0,
                Some((Comparison::LessOrEqual, bound)) => bound < 0.0,
                _ => false,
            };
            return Some((section, !only_negative));
        }
    }
    None
}

impl Comparison {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Equal => value == bound,
            Self::NotEqual => value != bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Greater => value > bound,
        }
    }
}

/// Splits at semicolons outside quotes, brackets and escapes.
fn split_sections(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let (mut quoted, mut bracketed) = (false, false);
    let mut characters = code.chars();
    while let Some(c) = characters.next() {
        if c == ';' && !quoted && !bracketed {
            sections.push(String::new());
            continue;
        }
        let last = sections.last_mut();
        if let Some(section) = last {
            section.push(c);
            if matches!(c, '\\' | '_' | '*') && !quoted && !bracketed {
                section.extend(characters.next());
            }
        }
        match c {
            '"' if !bracketed => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            _ => {}
        }
    }
    sections
}

impl Section {
    fn parse(text: &str) -> Self {
        let mut section = Self {
            kind: SectionKind::Literal,
            condition: None,
            tokens: Vec::new(),
            locale: None,
            currency: None,
        };
        let characters: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < characters.len() {
            at += section.token(&characters[at..]);
        }
        section.tell_minutes_from_months();
        section.kind = section.find_kind();
        section
    }

    /// Reads one token; returns how many characters it took.
    fn token(&mut self, rest: &[char]) -> usize {
        let c = rest[0];
        let run = || rest.iter().take_while(|other| other.eq_ignore_ascii_case(&c)).count();
        let starts = |word: &str| {
            rest.len() >= word.len() && rest.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
        };
        match c {
            '"' => {
                let text: String = rest[1..].iter().take_while(|c| **c != '"').collect();
                let taken = text.chars().count() + 2;
                self.literal(&text);
                return taken;
            }
            '\\' => {
                self.literal(&rest.get(1).map(ToString::to_string).unwrap_or_default());
                return 2;
            }
            '_' => {
                self.tokens.push(Token::Skip);
                return 2;
            }
            // Fills the rest of the column, which a text does not have.
            '*' => return 2,
            '[' => {
                let inner: String = rest[1..].iter().take_while(|c| **c != ']').collect();
                let taken = inner.chars().count() + 2;
                self.bracket(&inner);
                return taken;
            }
            'G' | 'g' if starts("General") => {
                self.tokens.push(Token::General);
                return 7;
            }
            'A' | 'a' if starts("AM/PM") => {
                self.tokens.push(Token::AmPm(false));
                return 5;
            }
            'A' | 'a' if starts("A/P") => {
                self.tokens.push(Token::AmPm(true));
                return 3;
            }
            'E' | 'e' if rest.len() > 1 && matches!(rest[1], '+' | '-') => {
                self.tokens.push(Token::Exponent { plus: rest[1] == '+' });
                return 2;
            }
            // A fraction of a second, when seconds came before.
            '.' if rest.get(1) == Some(&'0') && self.after_seconds() => {
                let digits = rest[1..].iter().take_while(|c| **c == '0').count();
                self.tokens.push(Token::Fraction(digits));
                return digits + 1;
            }
            _ => {}
        }
        let token = match c.to_ascii_lowercase() {
            '0' | '#' | '?' => {
                self.tokens.push(Token::Digit(c));
                return 1;
            }
            '.' => Token::Point,
            ',' => Token::Comma,
            '%' => Token::Percent,
            '/' => Token::Slash,
            '@' => Token::At,
            'y' | 'e' => Token::Year(run()),
            'm' => Token::Month(run()),
            'd' => Token::Day(run()),
            'h' => Token::Hour(run()),
            's' => Token::Second(run()),
            _ => {
                self.literal(&c.to_string());
                return 1;
            }
        };
        let taken = if matches!(
            token,
            Token::Year(_) | Token::Month(_) | Token::Day(_) | Token::Hour(_) | Token::Second(_)
        ) {
            run()
        } else {
            1
        };
        self.tokens.push(token);
        taken
    }

    fn literal(&mut self, text: &str) {
        if let Some(Token::Literal(before)) = self.tokens.last_mut() {
            before.push_str(text);
        } else {
            self.tokens.push(Token::Literal(text.to_owned()));
        }
    }

    fn bracket(&mut self, inner: &str) {
        if let Some(currency) = inner.strip_prefix('$') {
            let (sign, language) = currency.rsplit_once('-').unwrap_or((currency, ""));
            self.locale = match u32::from_str_radix(language, 16).map(|id| id & 0x3ff) {
                Ok(0x07) => Some(Locale::De),
                Ok(0x09) => Some(Locale::En),
                _ => None,
            };
            if !sign.is_empty() {
                self.currency = Some(sign.to_owned());
                self.literal(sign);
            }
            return;
        }
        let lower = inner.to_ascii_lowercase();
        if let Some(unit @ ('h' | 'm' | 's')) = lower.chars().next()
            && lower.chars().all(|c| c == unit)
        {
            self.tokens.push(Token::Elapsed(unit, lower.len()));
            return;
        }
        let operators = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<>", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ];
        for (text, comparison) in operators {
            if let Some(bound) = inner.strip_prefix(text) {
                self.condition = bound.trim().parse().ok().map(|bound| (comparison, bound));
                return;
            }
        }
        // Colours and numeral systems: nothing a text could show.
    }

    fn after_seconds(&self) -> bool {
        matches!(
            self.tokens.iter().rfind(|token| !matches!(token, Token::Literal(_))),
            Some(Token::Second(_) | Token::Elapsed('s', _))
        )
    }

    /// `m` means minutes after hours and before seconds.
    fn tell_minutes_from_months(&mut self) {
        let is_time = |token: &Token| {
            !matches!(token, Token::Literal(_) | Token::Skip | Token::Slash | Token::Point | Token::Comma)
        };
        for index in 0..self.tokens.len() {
            let Token::Month(length @ 1..=2) = self.tokens[index] else { continue };
            let before = self.tokens[..index].iter().rfind(|token| is_time(token));
            let after = self.tokens[index + 1..].iter().find(|token| is_time(token));
            if matches!(before, Some(Token::Hour(_) | Token::Elapsed('h', _)))
                || matches!(after, Some(Token::Second(_) | Token::Elapsed('s', _)))
            {
                self.tokens[index] = Token::Minute(length);
            }
        }
    }

    fn find_kind(&self) -> SectionKind {
        let has = |test: fn(&Token) -> bool| self.tokens.iter().any(test);
        if has(|token| {
            matches!(
                token,
                Token::Year(_)
                    | Token::Month(_)
                    | Token::Day(_)
                    | Token::Hour(_)
                    | Token::Minute(_)
                    | Token::Second(_)
                    | Token::AmPm(_)
                    | Token::Elapsed(..)
            )
        }) {
            SectionKind::Date
        } else if has(|token| matches!(token, Token::Digit(_))) {
            SectionKind::Number
        } else if has(|token| matches!(token, Token::At)) {
            SectionKind::Text
        } else if has(|token| matches!(token, Token::General)) {
            SectionKind::General
        } else {
            SectionKind::Literal
        }
    }
}
