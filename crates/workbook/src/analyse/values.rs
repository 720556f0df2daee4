//! What kind of values a column or cell holds: seen from the values themselves, their formats and their header.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use gridkeep_engine::typed::is_placeholder;
use gridkeep_model::{CellValue, ColumnType, definition::FieldKind};

use super::{
    number_format::{Look, Shows, look},
    report::ReasonText,
    words::{self, mentions},
};

/// Most digits behind the point that an exact decimal keeps.
const MAX_SCALE: u8 = 9;
/// The largest number that a double still counts in ones after scaling.
const EXACT: f64 = 9e15;
/// The last day that spreadsheets know: 9999-12-31.
const LAST_DAY: f64 = 2_958_466.0;
/// A column stays one of numbers when at most one text in so many numbers says that there is none.
const FEW: u32 = 4;
/// Longer texts are entered in several lines.
const LONG_TEXT: usize = 80;

/// The verdict on a column or cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// How values are best kept.
    pub(crate) column_type: ColumnType,
    /// How they are best entered.
    pub(crate) kind: FieldKind,
    /// What people should know.
    pub(crate) notes: Vec<ReasonText>,
}

/// Counts what a column holds, value by value.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Filled cells, errors included.
    pub(crate) filled: u32,
    /// Texts.
    texts: u32,
    /// Of them those that only say that there is no value.
    placeholders: u32,
    numbers: u32,
    booleans: u32,
    errors: u32,
    whole: u32,
    days: u32,
    times: u32,
    /// Places behind the point that all numbers together need; above [`MAX_SCALE`] they do not fit.
    scale: u8,
    largest: f64,
    negative: bool,
    longest: usize,
    lines: bool,
    codes: u32,
    words: HashSet<String>,
    seen: HashSet<u64>,
    repeated: bool,
    last: Option<f64>,
    steps: u32,
    looks: [u32; 8],
}

impl Tally {
    /// Takes one filled cell into account. `shows` is what its format says.
    pub(crate) fn add(&mut self, value: &CellValue, shows: Shows) {
        if value.is_blank() {
            return;
        }
        self.filled += 1;
        let mut hasher = DefaultHasher::new();
        match value {
            CellValue::Text(text) => {
                let text = text.trim();
                self.texts += 1;
                self.placeholders += u32::from(is_placeholder(text));
                let length = text.chars().take(LONG_TEXT + 1).count();
                self.longest = self.longest.max(length);
                self.lines |= text.contains('\n');
                let digits = text.bytes().any(|b| b.is_ascii_digit());
                self.codes += u32::from(digits && length <= 24 && !text.contains(char::is_whitespace));
                if self.words.len() <= 2 && length <= 12 {
                    self.words.insert(text.to_lowercase());
                }
                text.to_lowercase().hash(&mut hasher);
            }
            CellValue::Number(number) => {
                self.numbers += 1;
                self.looks[shows as usize] += 1;
                self.whole += u32::from(number.fract() == 0.0);
                self.days += u32::from((0.0..LAST_DAY).contains(number));
                self.times += u32::from((0.0..1.0).contains(number));
                self.scale = self.scale.max(places(*number));
                self.largest = self.largest.max(number.abs());
                self.negative |= *number < 0.0;
                self.steps += u32::from(self.last.is_some_and(|last| last + 1.0 == *number));
                self.last = Some(*number);
                number.to_bits().hash(&mut hasher);
            }
            CellValue::Boolean(boolean) => {
                self.booleans += 1;
                boolean.hash(&mut hasher);
            }
            CellValue::Error(_) => {
                self.errors += 1;
                return;
            }
            CellValue::Blank => return,
        }
        self.repeated |= !self.seen.insert(hasher.finish());
    }

    /// Different values, without regard to case.
    pub(crate) fn distinct(&self) -> u32 {
        self.seen.len() as u32
    }

    /// Whether no value occurs twice and none is an error.
    pub(crate) fn unique(&self) -> bool {
        !self.repeated && self.errors == 0
    }

    /// Whether each number is one more than the one before.
    pub(crate) fn sequence(&self) -> bool {
        self.numbers >= 2 && self.numbers == self.filled && self.steps + 1 == self.numbers
    }

    /// Whether most texts look like codes: short, without blanks, with a digit.
    pub(crate) fn code_like(&self) -> bool {
        self.texts > 0 && self.codes * 10 >= self.texts * 9
    }

    /// Whether it holds nothing but text.
    pub(crate) fn only_text(&self) -> bool {
        self.texts > 0 && self.texts + self.errors == self.filled
    }

    /// Whether it holds nothing but numbers.
    pub(crate) fn only_numbers(&self) -> bool {
        self.numbers > 0 && self.numbers + self.errors == self.filled
    }

    /// Whether it holds numbers and, now and then, a text that says there is none.
    fn numbers_with_gaps(&self) -> bool {
        self.texts > 0
            && self.texts == self.placeholders
            && self.texts * FEW <= self.numbers
            && self.texts + self.numbers + self.errors == self.filled
    }

    /// Length of the longest text, counted up to a little over a line.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether it could be a category: short texts, few of them, each used several times.
    pub(crate) fn category(&self) -> bool {
        let distinct = self.distinct();
        self.only_text() && (2..=24).contains(&distinct) && distinct * 2 <= self.texts && self.longest <= 40
    }

    /// The two texts that stand for yes and no, when there are no others.
    pub(crate) fn yes_no(&self) -> Option<(String, String)> {
        const PAIRS: [(&str, &str); 5] =
            [("yes", "no"), ("ja", "nein"), ("y", "n"), ("j", "n"), ("true", "false")];
        if !self.only_text() || self.distinct() != 2 || self.words.len() != 2 {
            return None;
        }
        PAIRS
            .iter()
            .find(|(yes, no)| self.words.contains(*yes) && self.words.contains(*no))
            .map(|&(yes, no)| (yes.to_owned(), no.to_owned()))
    }

    /// The verdict. `look` is the format of most cells.
    pub(crate) fn kind(&self, header: &str, look: &Look, calculated: bool) -> Verdict {
        let mut notes = Vec::new();
        if self.errors > 0 {
            notes.push(ReasonText::new(
                format!("{} of {} cells show an error", self.errors, self.filled),
                format!("{} von {} Zellen zeigen einen Fehler", self.errors, self.filled),
            ));
        }
        let plain = |column_type, kind| Verdict { column_type, kind, notes: Vec::new() };
        let mut verdict = if self.filled == self.errors {
            guess(header, look)
        } else if self.booleans + self.errors == self.filled {
            plain(ColumnType::Boolean, FieldKind::Boolean)
        } else if self.only_numbers() || self.numbers_with_gaps() {
            self.numeric(header, look)
        } else {
            let prose = self.longest > LONG_TEXT || self.lines || mentions(header, &words::PROSE);
            plain(ColumnType::Text, if prose { FieldKind::LongText } else { FieldKind::Text })
        };
        if self.numbers_with_gaps() {
            notes.push(ReasonText::new(
                format!("Counted as empty, since they say that there is no value (such as \u{201c}n/a\u{201d}): {} of {} cells", self.texts, self.filled),
                format!("Gelten als leer, da sie sagen, dass es keinen Wert gibt (etwa \u{201e}k. A.\u{201c}): {} von {} Zellen", self.texts, self.filled),
            ));
        } else if self.texts > 0 && self.numbers + self.booleans > 0 {
            let others = self.numbers + self.booleans;
            notes.push(ReasonText::new(
                format!("Mixed (numbers: {others}, texts: {}), so all are kept as text", self.texts),
                format!("Gemischt (Zahlen: {others}, Texte: {}), darum bleiben alle Text", self.texts),
            ));
        }
        if calculated
            && verdict.column_type == ColumnType::Integer
            && self.scale == 0
            && look.places.unwrap_or(0) > 0
        {
            verdict.column_type = ColumnType::Decimal { scale: look.places.unwrap_or(2).min(MAX_SCALE) };
        }
        verdict.notes.extend(notes);
        verdict
    }

    fn shows(&self, wanted: &[Shows]) -> bool {
        let hits: u32 = wanted.iter().map(|&shows| self.looks[shows as usize]).sum();
        hits * 10 >= self.numbers * 8
    }

    fn numeric(&self, header: &str, look: &Look) -> Verdict {
        let kind = |column_type, kind| Verdict { column_type, kind, notes: Vec::new() };
        if self.days == self.numbers {
            let fractions = self.whole < self.numbers;
            if self.shows(&[Shows::Time]) && self.times == self.numbers {
                return kind(ColumnType::Time, FieldKind::Time);
            }
            if self.shows(&[Shows::Date, Shows::DateTime]) && self.largest >= 1.0 {
                return if fractions {
                    kind(ColumnType::DateTime, FieldKind::DateTime)
                } else {
                    kind(ColumnType::Date, FieldKind::Date)
                };
            }
        }
        let fits = |scale: u8| self.largest * 10_f64.powi(i32::from(scale)) < EXACT;
        if self.shows(&[Shows::Percent]) {
            let scale = self.scale.max(look.places.unwrap_or(0) + 2);
            let exact = scale <= MAX_SCALE && fits(scale);
            let column_type = if exact { ColumnType::Decimal { scale } } else { ColumnType::Double };
            return kind(column_type, FieldKind::Percent);
        }
        let money = self.shows(&[Shows::Money]);
        let amount = money || mentions(header, &words::MONEY);
        let fixed = look.places.unwrap_or(0);
        if self.scale == 0 && fixed == 0 && !amount {
            return if self.largest < EXACT {
                kind(ColumnType::Integer, FieldKind::Integer)
            } else {
                kind(ColumnType::Double, FieldKind::Number)
            };
        }
        let scale = self.scale.max(fixed).max(if amount || self.scale > 0 { 2 } else { 0 });
        let field = if money { FieldKind::Currency } else { FieldKind::Number };
        let exact = scale <= MAX_SCALE && fits(scale);
        kind(if exact { ColumnType::Decimal { scale } } else { ColumnType::Double }, field)
    }
}

/// What an empty column is probably for: only its header and format can tell.
fn guess(header: &str, look: &Look) -> Verdict {
    let kind = |column_type, kind| Verdict { column_type, kind, notes: Vec::new() };
    match look.shows {
        Shows::Date => return kind(ColumnType::Date, FieldKind::Date),
        Shows::DateTime => return kind(ColumnType::DateTime, FieldKind::DateTime),
        Shows::Time => return kind(ColumnType::Time, FieldKind::Time),
        Shows::Percent => return kind(ColumnType::Decimal { scale: 4 }, FieldKind::Percent),
        Shows::Money => return kind(ColumnType::Decimal { scale: 2 }, FieldKind::Currency),
        Shows::Number => return kind(ColumnType::Double, FieldKind::Number),
        Shows::Anything | Shows::Text => {}
    }
    if mentions(header, &words::PROSE) {
        kind(ColumnType::Text, FieldKind::LongText)
    } else if mentions(header, &words::IDENTIFIER) {
        kind(ColumnType::Text, FieldKind::Text)
    } else if mentions(header, &["date", "datum", "deadline"]) {
        kind(ColumnType::Date, FieldKind::Date)
    } else if mentions(header, &words::MONEY) {
        kind(ColumnType::Decimal { scale: 2 }, FieldKind::Number)
    } else if mentions(header, &words::QUANTITY) {
        kind(ColumnType::Double, FieldKind::Number)
    } else {
        kind(ColumnType::Text, FieldKind::Text)
    }
}

/// The kind of a single cell, for a field.
pub(crate) fn cell_kind(value: &CellValue, format: &str) -> FieldKind {
    let look = look(format);
    match value {
        CellValue::Boolean(_) => FieldKind::Boolean,
        CellValue::Text(text) if text.chars().count() > LONG_TEXT || text.contains('\n') => {
            FieldKind::LongText
        }
        CellValue::Text(_) => FieldKind::Text,
        _ => match look.shows {
            Shows::Date => FieldKind::Date,
            Shows::DateTime => FieldKind::DateTime,
            Shows::Time => FieldKind::Time,
            Shows::Percent => FieldKind::Percent,
            Shows::Money => FieldKind::Currency,
            Shows::Number if look.places == Some(0) => FieldKind::Integer,
            Shows::Text => FieldKind::Text,
            Shows::Anything if value.is_blank() => FieldKind::Text,
            Shows::Number | Shows::Anything => FieldKind::Number,
        },
    }
}

/// Digits behind the point, after rounding to the 15 that Excel shows; more than [`MAX_SCALE`] count as one more than that.
pub(crate) fn places(number: f64) -> u8 {
    if number.fract() == 0.0 || !number.is_finite() {
        return 0;
    }
    let text = format!("{number:.14e}");
    let Some((digits, exponent)) = text.split_once('e') else { return 0 };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let significant = digits.trim_end_matches('0').trim_start_matches('-').len() as i32 - 1;
    let places = (significant - 1).max(0) - exponent;
    u8::try_from(places.clamp(0, i32::from(MAX_SCALE) + 1)).unwrap_or(MAX_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_people_see() {
        let check = |number: f64, expect: u8| assert_eq!(places(number), expect, "{number}");
        check(0.0, 0);
        check(12.0, 0);
        check(12.5, 1);
        check(0.1 + 0.2, 1);
        check(38.0 * 59.58, 2);
        check(-0.000_001, 6);
        check(1.0 / 3.0, 10);
        check(1e300, 0);
        check(123_456_789.123_456, 6);
    }

    fn number(n: f64) -> CellValue {
        CellValue::Number(n)
    }

    #[test]
    fn columns_get_the_type_their_values_need() {
        let check = |header: &str,
                     format: &str,
                     values: &[CellValue],
                     column_type: ColumnType,
                     kind: FieldKind| {
            let mut tally = Tally::default();
            let look = look(format);
            for value in values {
                tally.add(value, look.shows);
            }
            let found = tally.kind(header, &look, false);
            assert_eq!((found.column_type, found.kind), (column_type, kind), "{header} {format} {values:?}");
        };
        let decimal = |scale| ColumnType::Decimal { scale };
        let text = CellValue::text;
        check("SKU", "General", &[text("000037"), text("000074")], ColumnType::Text, FieldKind::Text);
        check("Qty", "General", &[number(3.0), number(4.0)], ColumnType::Integer, FieldKind::Integer);
        check("Qty", "General", &[number(3.0), text("n/a")], ColumnType::Text, FieldKind::Text);
        let with = |gap: &'static str| [number(3.0), number(4.0), number(5.0), number(6.0), text(gap)];
        for gap in ["n/a", " K.A. ", "\u{2013}", "?"] {
            check("Qty", "General", &with(gap), ColumnType::Integer, FieldKind::Integer);
        }
        check("Qty", "General", &with("few"), ColumnType::Text, FieldKind::Text);
        check("Price", "General", &[number(9.9), number(49.0)], decimal(2), FieldKind::Number);
        check("Price", "General", &[number(9.0)], decimal(2), FieldKind::Number);
        check("Price", "#,##0.00 €", &[number(9.0)], decimal(2), FieldKind::Currency);
        check("Length", "General", &[number(1.125)], decimal(3), FieldKind::Number);
        check("Length", "General", &[number(1.0 / 3.0)], ColumnType::Double, FieldKind::Number);
        check("Mass", "General", &[number(1e18)], ColumnType::Double, FieldKind::Number);
        check("Share", "0.0%", &[number(0.05)], decimal(3), FieldKind::Percent);
        check("When", "dd.mm.yyyy", &[number(45000.0)], ColumnType::Date, FieldKind::Date);
        check("When", "m/d/yy h:mm", &[number(45000.5)], ColumnType::DateTime, FieldKind::DateTime);
        check("When", "m/d/yy h:mm", &[number(45000.0)], ColumnType::Date, FieldKind::Date);
        check("When", "hh:mm", &[number(0.5)], ColumnType::Time, FieldKind::Time);
        check("Spent", "[h]:mm", &[number(1.5)], decimal(2), FieldKind::Number);
        check("Sent", "General", &[CellValue::Boolean(true)], ColumnType::Boolean, FieldKind::Boolean);
        check("Sent", "General", &[CellValue::Boolean(true), text("x")], ColumnType::Text, FieldKind::Text);
        check("Notes", "General", &[], ColumnType::Text, FieldKind::LongText);
        check("Hours", "General", &[], ColumnType::Double, FieldKind::Number);
        check("Start date", "General", &[], ColumnType::Date, FieldKind::Date);
        check(
            "X",
            "General",
            &[CellValue::Error(gridkeep_model::CellError::Ref)],
            ColumnType::Text,
            FieldKind::Text,
        );
    }

    #[test]
    fn yes_and_no_are_known_in_both_languages() {
        let check = |values: &[&str], expect: Option<(&str, &str)>| {
            let mut tally = Tally::default();
            for value in values {
                tally.add(&CellValue::text(*value), Shows::Anything);
            }
            let expect = expect.map(|(yes, no)| (yes.to_owned(), no.to_owned()));
            assert_eq!(tally.yes_no(), expect, "{values:?}");
        };
        check(&["Yes", "no", "yes"], Some(("yes", "no")));
        check(&["Ja", "Nein"], Some(("ja", "nein")));
        check(&["Yes", "Yes"], None);
        check(&["Yes", "No", "N/A"], None);
    }
}
