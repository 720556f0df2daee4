//! Patterns of `matchespattern`: the part of ECMAScript's regular expressions that means the same everywhere and is found in
//! linear time.
//!
//! **Architecture Invariant:** there are no back-references, no look-around and no captures in what a database is given, all
//! repetitions are greedy (which changes nothing for "is there a match"), and the size of what they unfold to is bounded.

use std::{fmt, iter::Peekable, str::Chars, sync::Arc};

use regex_lite::Regex;

/// Characters of a pattern.
const MAX_LENGTH: usize = 500;
/// Steps a pattern may unfold to.
const MAX_SIZE: usize = 2_000;
/// Groups within groups.
const MAX_DEPTH: usize = 20;
/// The largest number in braces; PostgreSQL's.
const MAX_REPEAT: usize = 255;
/// What `.` does not match in ECMAScript.
const NOT_A_LINE_END: &str = "[^\\n\\r\u{2028}\u{2029}]";
/// ECMAScript's white space.
const SPACES: &str =
    "\\t\\n\\x0B\\f\\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}";

/// A pattern that was understood.
#[derive(Clone)]
pub struct Pattern {
    regex: Arc<Regex>,
    sql: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.sql == other.sql
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sql.fmt(f)
    }
}

impl Pattern {
    /// Reads a pattern; says what in it is not known.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().count() > MAX_LENGTH {
            return Err("a pattern of more than 500 characters");
        }
        let mut parser = Parser { text: text.chars().peekable(), out: String::new() };
        let size = parser.alternatives(0)?;
        if parser.text.next().is_some() {
            return Err("a parenthesis in a pattern that was not opened");
        }
        if size > MAX_SIZE {
            return Err("a pattern that repeats too much");
        }
        Self::from_sql(&parser.out)
    }

    /// Whether a part of the text fits.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The pattern that [`Self::sql`] gave.
    pub fn from_sql(sql: &str) -> Result<Self, &'static str> {
        let regex = Regex::new(sql).map_err(|_| "a pattern that is not understood")?;
        Ok(Self { regex: Arc::new(regex), sql: sql.to_owned() })
    }

    /// As PostgreSQL's operator `~` reads it, and this crate too.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

struct Parser<'a> {
    text: Peekable<Chars<'a>>,
    out: String,
}

impl Parser<'_> {
    fn alternatives(&mut self, depth: usize) -> Result<usize, &'static str> {
        if depth > MAX_DEPTH {
            return Err("groups in a pattern that are too deep");
        }
        let mut size = self.sequence(depth)?;
        while self.text.next_if_eq(&'|').is_some() {
            self.out.push('|');
            size += 1 + self.sequence(depth)?;
        }
        Ok(size)
    }

    fn sequence(&mut self, depth: usize) -> Result<usize, &'static str> {
        let (start, mut size) = (self.out.len(), 0);
        while let Some(&next) = self.text.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            self.text.next();
            let one = self.atom(next, depth)?;
            size += if matches!(next, '^' | '$') { one } else { one * self.repetition()? };
            if size > MAX_SIZE {
                return Err("a pattern that repeats too much");
            }
        }
        if self.out.len() == start {
            // PostgreSQL has no empty alternatives.
            self.out.push_str("(?:)");
        }
        Ok(size)
    }

    fn atom(&mut self, first: char, depth: usize) -> Result<usize, &'static str> {
        match first {
            '^' | '$' => self.out.push(first),
            '.' => self.out.push_str(NOT_A_LINE_END),
            '(' => {
                if self.text.next_if_eq(&'?').is_some() && self.text.next() != Some(':') {
                    return Err("look-around or a named group in a pattern");
                }
                self.out.push_str("(?:");
                let size = self.alternatives(depth + 1)?;
                if self.text.next() != Some(')') {
                    return Err("a parenthesis in a pattern that is not closed");
                }
                self.out.push(')');
                return Ok(size.max(1));
            }
            '[' => self.class()?,
            '\\' => match self.text.next() {
                Some('d') => self.out.push_str("[0-9]"),
                Some('D') => self.out.push_str("[^0-9]"),
                Some('w') => self.out.push_str("[A-Za-z0-9_]"),
                Some('W') => self.out.push_str("[^A-Za-z0-9_]"),
                Some('s') => self.out.extend(["[", SPACES, "]"]),
                Some('S') => self.out.extend(["[^", SPACES, "]"]),
                escaped => {
                    let character = self.escaped(escaped)?;
                    self.character(character);
                }
            },
            '*' | '+' | '?' | '{' => return Err("a repetition in a pattern of nothing"),
            ']' | '}' => self.character(first),
            other => self.character(other),
        }
        Ok(1)
    }

    /// A character that stands for itself.
    fn character(&mut self, character: char) {
        match character {
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            _ => {
                if r"\.+*?()|[]{}^$#&-~".contains(character) {
                    self.out.push('\\');
                }
                self.out.push(character);
            }
        }
    }

    /// What a backslash and this character mean, apart from the classes.
    fn escaped(&mut self, character: Option<char>) -> Result<char, &'static str> {
        match character {
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('f') => Ok('\u{c}'),
            Some('v') => Ok('\u{b}'),
            Some('x') => self.code(2),
            Some('u') => self.code(4),
            Some(other) if !other.is_alphanumeric() => Ok(other),
            _ => Err("a back-reference or an unknown escape in a pattern"),
        }
    }

    fn code(&mut self, digits: u32) -> Result<char, &'static str> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.text.next().and_then(|digit| digit.to_digit(16));
            code = code * 16 + digit.ok_or("an unfinished code in a pattern")?;
        }
        char::from_u32(code).filter(|code| *code != '\0').ok_or("a code in a pattern that is no character")
    }

    fn class(&mut self) -> Result<(), &'static str> {
        self.out.push('[');
        if self.text.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut empty = true;
        loop {
            let next = self.text.next().ok_or("a class in a pattern that is not closed")?;
            if next == ']' {
                break;
            }
            empty = false;
            let Some(first) = self.member(next)? else { continue };
            let mut rest = self.text.clone();
            if rest.next() == Some('-') && rest.next().is_some_and(|next| next != ']') {
                self.text.next();
                let next = self.text.next().ok_or("a class in a pattern that is not closed")?;
                let end = self.member(next)?.filter(|end| *end >= first);
                let end = end.ok_or("a range in a pattern that is out of order")?;
                self.character(first);
                self.out.push('-');
                self.character(end);
            } else {
                self.character(first);
            }
        }
        if empty {
            return Err("an empty class in a pattern");
        }
        self.out.push(']');
        Ok(())
    }

    /// A character of a class; a class within it is written at once.
    fn member(&mut self, first: char) -> Result<Option<char>, &'static str> {
        if first != '\\' {
            return Ok(Some(first));
        }
        match self.text.next() {
            Some('d') => self.out.push_str("0-9"),
            Some('w') => self.out.push_str("A-Za-z0-9_"),
            Some('s') => self.out.push_str(SPACES),
            Some('b') => return Ok(Some('\u{8}')),
            escaped => return self.escaped(escaped).map(Some),
        }
        Ok(None)
    }

    /// What follows an atom; answers how often it is unfolded at most.
    fn repetition(&mut self) -> Result<usize, &'static str> {
        let times = match self.text.peek() {
            Some(&sign @ ('*' | '+' | '?')) => {
                self.text.next();
                self.out.push(sign);
                2
            }
            Some('{') => {
                self.text.next();
                let least = self.number()?.ok_or("a repetition in a pattern without a number")?;
                let mut most = Some(least);
                if self.text.next_if_eq(&',').is_some() {
                    most = self.number()?;
                }
                if self.text.next() != Some('}') || most.is_some_and(|most| most < least) {
                    return Err("a repetition in a pattern that is not understood");
                }
                let braces = match most {
                    Some(most) if most == least => format!("{{{least}}}"),
                    Some(most) => format!("{{{least},{most}}}"),
                    None => format!("{{{least},}}"),
                };
                self.out.push_str(&braces);
                most.unwrap_or(least + 1).max(1)
            }
            _ => return Ok(1),
        };
        self.text.next_if_eq(&'?');
        if matches!(self.text.peek(), Some('*' | '+' | '?' | '{')) {
            return Err("a repetition in a pattern of a repetition");
        }
        Ok(times)
    }

    fn number(&mut self) -> Result<Option<usize>, &'static str> {
        let mut number = None;
        while let Some(digit) = self.text.peek().and_then(|digit| digit.to_digit(10)) {
            self.text.next();
            let next = number.unwrap_or(0) * 10 + digit as usize;
            if next > MAX_REPEAT {
                return Err("a repetition in a pattern of more than 255 times");
            }
            number = Some(next);
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_they_say() {
        let check = |pattern: &str, text: &str, expect: bool| {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.is_match(text), expect, "{pattern:?} {text:?}");
        };
        check("^A.*e$", "Apple", true);
        check("^A.*e$", "Apple\n", false);
        check("a.b", "a\nb", false);
        check("^\\d{3}-[a-f\\d]+$", "123-af9", true);
        check("^(ab|cd){2,3}?$", "abcd", true);
        check("^(ab|cd){2,3}$", "ab", false);
        check("\\.", "a.b", true);
        check("\\.", "ab", false);
        check("[^a-c]", "abc", false);
        check("[\\]\\-x]", "-", true);
        check("\\w+\\s\\W", "a_9\u{a0}!", true);
        check("\\u00e4", "ä", true);
        check("x|", "", true);
        check("", "abc", true);
        check("[[:alpha:]]", ":]", true);
        check("a&&b~#<>", "a&&b~#<>", true);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for pattern in [
            "(a)\\1",
            "(?=a)",
            "(?<=a)b",
            "(?<n>a)",
            "(?i)a",
            "\\bx",
            "\\p{L}",
            "a**",
            "*a",
            "a{1000}",
            "(",
            ")",
            "[a",
            "[b-a]",
            "[]",
            "a{2,1}",
            "a{,3}",
            "\\",
            "\\u12",
            "(((a{50}){50}){50})",
            "\\0",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
        assert!(Pattern::parse(&"a".repeat(501)).is_err());
        assert!(Pattern::parse(&"(".repeat(100)).is_err());
        // Exponential for a matcher that goes back.
        let text = format!("{}!", "a".repeat(50_000));
        assert!(!Pattern::parse("^(a+)+$").unwrap().is_match(&text));
    }
}
