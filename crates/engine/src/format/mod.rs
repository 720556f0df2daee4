//! Excel number formats (ECMA-376 part 1, section 18.8.31): from a value and a format code to the text Excel shows.
//!
//! Colours, fill characters and column widths are left out: a text has neither. Codes that cannot be read show the value as
//! `General` does; showing a value never fails.

mod code;
pub(crate) mod date;
mod digits;
mod general;
mod number;

pub use general::general;

use gridkeep_model::{CellError, CellValue};

use crate::Locale;
use code::{Code, Section, SectionKind, Token};

/// Whole and fractional days of the last moment Excel knows, 9999-12-31.
const LAST_SERIAL: f64 = 2_958_466.0;

/// The text of a value in a number format, as Excel would show it in a cell that is wide enough.
pub fn display(value: &CellValue, format: &str, locale: Locale, date_1904: bool) -> String {
    Format::new(format).display(value, locale, date_1904)
}

/// A number format, read once and used often.
#[derive(Debug, Clone)]
pub struct Format {
    code: Code,
    /// The same in German, for the short dates that follow the person's region (formats 14 and 22).
    german: Option<Code>,
}

/// What a number format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormatKind {
    /// `General`, or a code without any placeholder.
    General,
    /// Plain numbers, also scientific ones and fractions.
    Number,
    /// A share of a hundred.
    Percent,
    /// A number with a currency sign.
    Currency,
    /// A calendar date.
    Date,
    /// A time of day or a duration.
    Time,
    /// Date and time.
    DateTime,
    /// Text, `@`.
    Text,
}

impl Format {
    /// Reads a format code.
    pub fn new(code: &str) -> Self {
        let (code, german) = match code {
            "mm-dd-yy" | "m/d/yyyy" => ("m/d/yyyy", Some("dd.mm.yyyy")),
            "m/d/yy h:mm" | "m/d/yyyy h:mm" => ("m/d/yyyy h:mm", Some("dd.mm.yyyy hh:mm")),
            other => (other, None),
        };
        Self { code: Code::parse(code), german: german.map(Code::parse) }
    }

    /// What it makes of a positive number.
    pub fn kind(&self) -> FormatKind {
        let Some(section) = self.code.sections.first() else { return FormatKind::General };
        match section.kind {
            SectionKind::Text => FormatKind::Text,
            SectionKind::Date => {
                let date = section
                    .tokens
                    .iter()
                    .any(|token| matches!(token, Token::Year(_) | Token::Month(_) | Token::Day(_)));
                let time = section.tokens.iter().any(|token| {
                    matches!(token, Token::Hour(_) | Token::Minute(_) | Token::Second(_) | Token::Elapsed(..))
                });
                match (date, time) {
                    (true, true) => FormatKind::DateTime,
                    (false, true) => FormatKind::Time,
                    _ => FormatKind::Date,
                }
            }
            SectionKind::Number if section.tokens.contains(&Token::Percent) => FormatKind::Percent,
            SectionKind::Number if self.currency().is_some() => FormatKind::Currency,
            SectionKind::Number => FormatKind::Number,
            SectionKind::General | SectionKind::Literal => FormatKind::General,
        }
    }

    /// The currency sign of the first section, such as `€` or `USD`.
    pub fn currency(&self) -> Option<String> {
        let section = self.code.sections.first()?;
        let bracketed = section.currency.clone().filter(|sign| !sign.is_empty());
        bracketed.or_else(|| {
            section.tokens.iter().find_map(|token| match token {
                Token::Literal(text) => {
                    text.chars().find(|c| "€$£¥₹₺₽".contains(*c)).map(|sign| sign.to_string())
                }
                _ => None,
            })
        })
    }

    /// Digits behind the decimal point of the first section.
    pub fn decimals(&self) -> usize {
        self.code.sections.first().map_or(0, number::decimals)
    }

    /// Whether no section mixes dates with digits, which Excel refuses.
    pub(crate) fn is_sound(&self) -> bool {
        self.code.sections.iter().all(|section| {
            let digits = section.tokens.iter().any(|token| matches!(token, Token::Digit('#' | '?')));
            section.kind != SectionKind::Date || !digits
        })
    }

    /// The text of a value, as [`display`] gives it.
    pub fn display(&self, value: &CellValue, locale: Locale, date_1904: bool) -> String {
        match value {
            CellValue::Blank => String::new(),
            CellValue::Boolean(true) if locale == Locale::De => "WAHR".into(),
            CellValue::Boolean(false) if locale == Locale::De => "FALSCH".into(),
            CellValue::Boolean(boolean) => boolean.to_string().to_uppercase(),
            CellValue::Error(error) => error_text(*error, locale).into(),
            CellValue::Text(text) => self.text(text),
            CellValue::Number(number) => self.number(*number, locale, date_1904),
        }
    }

    fn text(&self, text: &str) -> String {
        let section = self
            .code
            .sections
            .get(3)
            .or_else(|| self.code.sections.last().filter(|section| section.kind == SectionKind::Text));
        let Some(section) = section else { return text.to_owned() };
        let mut out = String::new();
        for token in &section.tokens {
            match token {
                Token::At => out.push_str(text),
                Token::Literal(literal) => out.push_str(literal),
                Token::Skip => out.push(' '),
                _ => {}
            }
        }
        out
    }

    fn number(&self, value: f64, locale: Locale, date_1904: bool) -> String {
        if !value.is_finite() {
            return CellError::Num.to_string();
        }
        let code = self.german.as_ref().filter(|_| locale == Locale::De).unwrap_or(&self.code);
        let Some((section, signed)) = code.section(value) else { return "########".into() };
        let locale = section.locale.unwrap_or(locale);
        // The sign belongs to the whole text: Excel puts it before literals too.
        let shown = if signed { value } else { value.abs() };
        match section.kind {
            SectionKind::General | SectionKind::Text => general_section(section, shown, locale),
            SectionKind::Date => {
                let serial = if date_1904 { value + 1462.0 } else { value };
                if section.tokens.iter().any(|token| matches!(token, Token::Elapsed(..))) {
                    date::elapsed(section, shown, locale)
                } else if (0.0..LAST_SERIAL).contains(&serial) {
                    date::date(section, serial, locale)
                } else {
                    "########".into()
                }
            }
            SectionKind::Number | SectionKind::Literal => number::number(section, shown, locale),
        }
    }
}

fn general_section(section: &Section, value: f64, locale: Locale) -> String {
    let mut out = String::new();
    for token in &section.tokens {
        match token {
            Token::General | Token::At => out.push_str(&general(value, locale)),
            Token::Literal(literal) => out.push_str(literal),
            Token::Skip => out.push(' '),
            _ => {}
        }
    }
    if section.tokens.is_empty() { general(value, locale) } else { out }
}

/// Error values in the person's language.
pub fn error_text(error: CellError, locale: Locale) -> &'static str {
    if locale == Locale::En {
        return error.as_str();
    }
    match error {
        CellError::Value => "#WERT!",
        CellError::Ref => "#BEZUG!",
        CellError::Num => "#ZAHL!",
        CellError::NotAvailable => "#NV",
        CellError::Spill => "#ÜBERLAUF!",
        CellError::Calc => "#KALK!",
        other => other.as_str(),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` never fails.
    let _ = std::fmt::Write::write_fmt(out, text);
}

/// Decimal and thousands separator.
pub(crate) const fn separators(locale: Locale) -> (char, char) {
    match locale {
        Locale::En => ('.', ','),
        Locale::De => (',', '.'),
    }
}

#[cfg(test)]
mod tests;
