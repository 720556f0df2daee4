//! Labels, units and hints: the words around a cell that say what it is.

use gridkeep_model::{CellAt, RangeAt};

use super::{
    book::{Spot, Surface},
    number_format::is_currency,
};

/// How many blank columns may lie between a label and its value.
const REACH: u32 = 8;
/// Longer texts are prose, not labels.
const MAX_LABEL: usize = 80;

/// A label and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// The words as the workbook spells them.
    pub(crate) text: String,
    /// Where they are.
    pub(crate) at: CellAt,
}

/// The label beside (first choice) or above a cell.
pub(crate) fn label_of(surface: &Surface<'_>, at: CellAt) -> Option<Label> {
    label_left(surface, at).or_else(|| label_above(surface, at))
}

/// The label to the left, over blank cells at most [`REACH`] wide.
pub(crate) fn label_left(surface: &Surface<'_>, at: CellAt) -> Option<Label> {
    let start = surface.merged(at).map_or(at, |range| range.start);
    let row = surface.row(start.row);
    let before = &row[..row.partition_point(|spot| spot.at.column < start.column)];
    let spot = before.last()?;
    let right_edge = surface.merged(spot.at).map_or(spot.at.column, |range| range.end.column);
    if start.column.saturating_sub(right_edge) > REACH + 1 {
        return None;
    }
    as_label(spot)
}

/// The label in one of the two rows above.
pub(crate) fn label_above(surface: &Surface<'_>, at: CellAt) -> Option<Label> {
    let start = surface.merged(at).map_or(at, |range| range.start);
    for distance in 1..=2 {
        let above = CellAt::new(start.row.checked_sub(distance).filter(|row| *row > 0)?, start.column);
        let above = surface.merged(above).map_or(above, |range| range.start);
        if let Some(spot) = surface.spot(above) {
            return as_label(spot);
        }
    }
    None
}

fn as_label(spot: &Spot) -> Option<Label> {
    let text = spot.words()?;
    is_label(text).then(|| Label { text: text.to_owned(), at: spot.at })
}

/// Whether a text reads like a label: short and with a letter in it.
pub(crate) fn is_label(text: &str) -> bool {
    text.chars().count() <= MAX_LABEL && text.chars().any(char::is_alphabetic)
}

/// A label for people, and the unit in its brackets: `Length (m):` is `Length` in `m`.
pub(crate) fn tidy(label: &str) -> (String, Option<String>) {
    let mut text = label.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(shorter) = text.strip_suffix([':', '*', '?', '=']) {
        if text.ends_with('?') {
            break;
        }
        text = shorter.trim_end().to_owned();
    }
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(body) = text.strip_suffix(close)
            && let Some((name, unit)) = body.rsplit_once(open)
            && is_unit(unit.trim())
            && !name.trim().is_empty()
        {
            return (name.trim().to_owned(), Some(unit.trim().to_owned()));
        }
    }
    let text = text.chars().take(MAX_LABEL).collect();
    (text, None)
}

/// Whether the words in brackets, or in the cell beside, are a unit: short, without digits.
pub(crate) fn is_unit(text: &str) -> bool {
    let length = text.chars().count();
    let short = (1..=14).contains(&length) && text.split_whitespace().count() <= 2;
    let characters = |c: char| c.is_alphabetic() || " %€$£¥°²³/µ.·".contains(c);
    short && text.chars().all(characters) && !text.starts_with('/')
}

/// The unit or the hint to the right of a cell.
pub(crate) fn beside(surface: &Surface<'_>, at: CellAt) -> (Option<String>, Option<String>) {
    let start = surface.merged(at).unwrap_or(RangeAt::cell(at)).end.column;
    let row = surface.row(at.row);
    let after = &row[row.partition_point(|spot| spot.at.column <= start)..];
    let Some(spot) = after.first() else { return (None, None) };
    let Some(text) = spot.words() else { return (None, None) };
    let next = after.get(1).is_some_and(|next| next.at.column == spot.at.column + 1);
    if next || spot.at.column > start + 3 {
        return (None, None);
    }
    let known = is_currency(text) || KNOWN_UNITS.contains(&text.to_lowercase().as_str());
    if spot.at.column == start + 1 && known {
        (Some(text.to_owned()), None)
    } else if text.split_whitespace().count() >= 3 && text.chars().count() <= 200 {
        (None, Some(text.to_owned()))
    } else {
        (None, None)
    }
}

const KNOWN_UNITS: [&str; 44] = [
    "%", "m", "cm", "mm", "km", "m²", "m2", "m³", "m3", "l", "kg", "g", "t", "h", "min", "s", "kw", "kwh",
    "mwh", "w", "v", "a", "°c", "°f", "bar", "days", "tage", "years", "jahre", "months", "monate", "weeks",
    "wochen", "hours", "stunden", "pcs", "stk", "stück", "p.a.", "km/h", "ft", "in", "lb", "miles",
];

#[cfg(test)]
mod tests {
    use super::super::tests::{book, workbook};
    use super::*;

    #[test]
    fn labels_lose_their_punctuation_and_give_their_unit() {
        let check = |label: &str, title: &str, unit: Option<&str>| {
            assert_eq!(tidy(label), (title.to_owned(), unit.map(str::to_owned)), "{label}");
        };
        check("Length (m):", "Length", Some("m"));
        check("Rate [%]", "Rate", Some("%"));
        check("Payment terms (working days)", "Payment terms", Some("working days"));
        check("VAT (19%)", "VAT (19%)", None);
        check("Assignments (20)", "Assignments (20)", None);
        check("Name *", "Name", None);
        check("Invite sent?", "Invite sent?", None);
        check("  Two\n words : ", "Two words", None);
        check("(m)", "(m)", None);
        check("Score ( / 5)", "Score ( / 5)", None);
    }

    #[test]
    fn the_nearest_words_are_the_label() {
        let check = |rows: &[&str], cell: &str, expect: Option<&str>| {
            let workbook = workbook(&[("S", rows)]);
            let book = book(&workbook);
            let at = cell.parse().expect("a valid address");
            assert_eq!(
                label_of(&book.surfaces[0], at).map(|label| label.text).as_deref(),
                expect,
                "{rows:?} {cell}"
            );
        };
        check(&["Rate|5"], "B1", Some("Rate"));
        check(&["Rate|||5"], "D1", Some("Rate"));
        check(&["Rate", "5"], "A2", Some("Rate"));
        check(&["Rate", "", "5"], "A3", Some("Rate"));
        check(&["Rate|3|5"], "C1", None);
        check(&["7", "5"], "A2", None);
    }

    #[test]
    fn the_cell_beside_tells_unit_or_hint() {
        let check = |row: &str, unit: Option<&str>, hint: Option<&str>| {
            let workbook = workbook(&[("S", &[row])]);
            let book = book(&workbook);
            let expect = (unit.map(str::to_owned), hint.map(str::to_owned));
            assert_eq!(beside(&book.surfaces[0], CellAt::new(1, 2)), expect, "{row}");
        };
        check("Length|5|km", Some("km"), None);
        check("Term|5|working days after the invoice", None, Some("working days after the invoice"));
        check("Length|5|km|7", None, None);
        check("Length|5|other", None, None);
    }
}
