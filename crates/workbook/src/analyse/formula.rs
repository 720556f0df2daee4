//! Formula text, cut into pieces: what it refers to, and what stays the same when it is copied to another cell.
//!
//! `refs::scan` of the engine names the cells a formula reads; this module keeps *how* it names them (relative or
//! absolute), which is what makes two formulas of a column the same. It never fails: what it cannot read is kept as text.

use gridkeep_model::{
    CellAt, RangeAt,
    address::{MAX_COLUMN, MAX_ROW, column_letters, column_number, quoted_sheet},
};

/// One coordinate of a reference: fixed by `$`, or a distance from the formula's own cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Written with `$`, or an end of a whole row or column.
    Fixed(u32),
    /// Written without `$`.
    Moving(i64),
}

impl Part {
    fn at(self, own: u32, max: u32) -> Option<u32> {
        match self {
            Self::Fixed(number) => Some(number),
            Self::Moving(distance) => {
                u32::try_from(i64::from(own) + distance).ok().filter(|n| (1..=max).contains(n))
            }
        }
    }

    fn write(self, letter: char, key: &mut String) {
        use std::fmt::Write as _;
        let _ = match self {
            Self::Fixed(number) => write!(key, "{letter}{number}"),
            Self::Moving(distance) => write!(key, "{letter}[{distance}]"),
        };
    }
}

/// A reference as the formula writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The sheet it names; the formula's own when absent.
    pub(crate) sheet: Option<String>,
    /// Top and bottom row.
    pub(crate) rows: (Part, Part),
    /// Left and right column.
    pub(crate) columns: (Part, Part),
    /// Whole columns (`A:C`) or whole rows (`1:3`).
    pub(crate) whole: Option<Whole>,
}

/// Which way a reference runs without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// `A:C`
    Columns,
    /// `1:3`
    Rows,
}

impl Reference {
    /// The cells it means for a formula in this cell; `None` beyond the sheet's edge.
    pub(crate) fn range(&self, own: CellAt) -> Option<RangeAt> {
        let corner = |row: Part, column: Part| {
            Some(CellAt::new(row.at(own.row, MAX_ROW)?, column.at(own.column, MAX_COLUMN)?))
        };
        Some(RangeAt::new(corner(self.rows.0, self.columns.0)?, corner(self.rows.1, self.columns.1)?))
    }

    /// Whether it names one row, the formula's own, by a distance of zero.
    pub(crate) fn own_row(&self) -> bool {
        self.rows == (Part::Moving(0), Part::Moving(0))
    }

    /// Whether its rows stay where they are when the formula is copied down.
    pub(crate) fn fixed_rows(&self) -> bool {
        matches!(self.rows, (Part::Fixed(_), Part::Fixed(_)))
    }

    fn key(&self, key: &mut String) {
        if let Some(sheet) = &self.sheet {
            key.push('\'');
            key.push_str(&sheet.to_lowercase());
            key.push_str("'!");
        }
        self.rows.0.write('R', key);
        self.columns.0.write('C', key);
        if self.rows.0 != self.rows.1 || self.columns.0 != self.columns.1 {
            key.push(':');
            self.rows.1.write('R', key);
            self.columns.1.write('C', key);
        }
    }

    /// The text for a formula in this cell, in A1 notation.
    fn text(&self, own: CellAt) -> Option<String> {
        let row = |part: Part| {
            let number = part.at(own.row, MAX_ROW)?;
            Some(if matches!(part, Part::Fixed(_)) { format!("${number}") } else { number.to_string() })
        };
        let column = |part: Part| {
            let letters = column_letters(part.at(own.column, MAX_COLUMN)?);
            Some(if matches!(part, Part::Fixed(_)) { format!("${letters}") } else { letters })
        };
        let body = match self.whole {
            Some(Whole::Columns) => format!("{}:{}", column(self.columns.0)?, column(self.columns.1)?),
            Some(Whole::Rows) => format!("{}:{}", row(self.rows.0)?, row(self.rows.1)?),
            None => {
                let first = column(self.columns.0)? + &row(self.rows.0)?;
                let one = self.rows.0 == self.rows.1 && self.columns.0 == self.columns.1;
                if one { first } else { format!("{first}:{}{}", column(self.columns.1)?, row(self.rows.1)?) }
            }
        };
        Some(match &self.sheet {
            Some(sheet) => format!("{}!{body}", quoted_sheet(sheet)),
            None => body,
        })
    }
}

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Cells.
    Reference(Reference),
    /// A defined name (or anything that could be one).
    Name(&'a str),
    /// A table and what is between its outer brackets.
    Table(&'a str, &'a str),
    /// A function's name; the bracket follows as text.
    Function(&'a str),
    /// A link into another workbook.
    External(&'a str),
    /// Operators, numbers, strings.
    Text(&'a str),
}

/// Cuts a formula, without its `=`, as it stands in the given cell.
pub(crate) fn cut(formula: &str, own: CellAt) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let bytes = formula.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at = closing_quote(bytes, at, b'"');
                pieces.push(Piece::Text(&formula[start..at]));
            }
            b'\'' => {
                at = closing_quote(bytes, at, b'\'');
                if bytes.get(at) == Some(&b'!') {
                    let sheet = formula[start + 1..at - 1].replace("''", "'");
                    at = after_sheet(formula, start, at + 1, sheet, own, &mut pieces);
                } else {
                    pieces.push(Piece::Text(&formula[start..at]));
                }
            }
            b'[' => {
                at = closing_bracket(bytes, at);
                let word = word_end(formula, at);
                if bytes.get(word) == Some(&b'!') {
                    at = word_end(formula, word + 1);
                    pieces.push(Piece::External(&formula[start..at]));
                } else {
                    // `[@Price]` inside a table means the table that the formula stands in.
                    pieces.push(Piece::Table("", inside(formula, start, at)));
                }
            }
            _ => {
                let end = word_end(formula, at);
                if end == at {
                    at += formula[at..].chars().next().map_or(1, char::len_utf8);
                    push_text(&mut pieces, formula, start, at);
                    continue;
                }
                let word = &formula[at..end];
                match bytes.get(end) {
                    Some(b'!') => {
                        at = after_sheet(formula, start, end + 1, word.to_owned(), own, &mut pieces);
                    }
                    Some(b'(') => {
                        pieces.push(Piece::Function(word));
                        at = end;
                    }
                    Some(b'[') => {
                        at = closing_bracket(bytes, end);
                        pieces.push(Piece::Table(word, inside(formula, end, at)));
                    }
                    _ => {
                        if let Some((reference, next)) = reference(formula, at, None, own) {
                            pieces.push(Piece::Reference(reference));
                            at = next;
                        } else {
                            let constant = word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                                || word.eq_ignore_ascii_case("TRUE")
                                || word.eq_ignore_ascii_case("FALSE");
                            pieces.push(if constant { Piece::Text(word) } else { Piece::Name(word) });
                            at = end;
                        }
                    }
                }
            }
        }
    }
    pieces
}

/// The formula in relative notation: equal for two cells when one is a copy of the other.
pub(crate) fn key(pieces: &[Piece<'_>]) -> String {
    let mut key = String::with_capacity(64);
    for piece in pieces {
        match piece {
            Piece::Reference(reference) => reference.key(&mut key),
            Piece::Name(word) | Piece::Function(word) => key.push_str(&word.to_uppercase()),
            Piece::Table(table, inside) => {
                key.push_str(table);
                key.push('[');
                key.push_str(inside);
                key.push(']');
            }
            Piece::External(text) | Piece::Text(text) => key.push_str(text),
        }
    }
    key
}

/// The formula of one cell as it would read after copying it to another; `None` when it would leave the sheet.
pub(crate) fn copied(formula: &str, from: CellAt, to: CellAt) -> Option<String> {
    let mut text = String::with_capacity(formula.len() + 8);
    for piece in cut(formula, from) {
        match piece {
            Piece::Reference(reference) => text.push_str(&reference.text(to)?),
            Piece::Name(word) | Piece::Function(word) | Piece::External(word) | Piece::Text(word) => {
                text.push_str(word);
            }
            Piece::Table(table, inside) => {
                text.push_str(table);
                text.push('[');
                text.push_str(inside);
                text.push(']');
            }
        }
    }
    Some(text)
}

/// Reads what a name or a chart refers to, such as `Loan!$B$2`: exactly one reference, or `None`.
pub(crate) fn single_reference(text: &str) -> Option<Reference> {
    let text = text.trim().trim_start_matches('=');
    match cut(text, CellAt::new(1, 1)).as_slice() {
        [Piece::Reference(reference)] => Some(reference.clone()),
        _ => None,
    }
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, formula: &'a str, start: usize, end: usize) {
    pieces.push(Piece::Text(&formula[start..end]));
}

fn after_sheet<'a>(
    formula: &'a str,
    start: usize,
    at: usize,
    sheet: String,
    own: CellAt,
    pieces: &mut Vec<Piece<'a>>,
) -> usize {
    if sheet.starts_with('[') || sheet.contains(']') {
        let end = word_end(formula, at);
        pieces.push(Piece::External(&formula[start..end]));
        return end;
    }
    if let Some((reference, next)) = reference(formula, at, Some(sheet), own) {
        pieces.push(Piece::Reference(reference));
        return next;
    }
    let end = word_end(formula, at);
    pieces.push(if end > at { Piece::Name(&formula[at..end]) } else { Piece::Text(&formula[start..at]) });
    end.max(at)
}

/// A reference that starts here, and where it ends.
fn reference(formula: &str, at: usize, sheet: Option<String>, own: CellAt) -> Option<(Reference, usize)> {
    let end = word_end(formula, at);
    let first = &formula[at..end];
    let second_end =
        if formula.as_bytes().get(end) == Some(&b':') { word_end(formula, end + 1) } else { end };
    let second = formula.get(end + 1..second_end).unwrap_or("");
    if let Some(a) = cell(first, own) {
        let (b, next) = match cell(second, own) {
            Some(b) if formula.as_bytes().get(second_end) != Some(&b'(') => (b, second_end),
            _ => (a, end),
        };
        let reference = Reference { sheet, rows: (a.0, b.0), columns: (a.1, b.1), whole: None };
        return Some((reference, next));
    }
    if second.is_empty() {
        return None;
    }
    if let (Some(a), Some(b)) = (column(first, own), column(second, own)) {
        let rows = (Part::Fixed(1), Part::Fixed(MAX_ROW));
        return Some((Reference { sheet, rows, columns: (a, b), whole: Some(Whole::Columns) }, second_end));
    }
    if let (Some(a), Some(b)) = (row(first, own), row(second, own)) {
        let columns = (Part::Fixed(1), Part::Fixed(MAX_COLUMN));
        return Some((Reference { sheet, rows: (a, b), columns, whole: Some(Whole::Rows) }, second_end));
    }
    None
}

fn cell(text: &str, own: CellAt) -> Option<(Part, Part)> {
    let split = text.bytes().rposition(|b| !b.is_ascii_digit())? + 1;
    let (letters, digits) = text.split_at(split);
    let (letters, row_mark) = match letters.strip_suffix('$') {
        Some(rest) if !rest.is_empty() => (rest, "$"),
        _ => (letters, ""),
    };
    let row = row(&format!("{row_mark}{digits}"), own)?;
    Some((row, column(letters, own)?))
}

fn column(text: &str, own: CellAt) -> Option<Part> {
    match text.strip_prefix('$') {
        Some(letters) => column_number(letters).map(Part::Fixed),
        None => column_number(text).map(|number| Part::Moving(i64::from(number) - i64::from(own.column))),
    }
}

fn row(text: &str, own: CellAt) -> Option<Part> {
    let digits = text.strip_prefix('$').unwrap_or(text);
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u32 = digits.parse().ok().filter(|number| (1..=MAX_ROW).contains(number))?;
    Some(if digits.len() < text.len() {
        Part::Fixed(number)
    } else {
        Part::Moving(i64::from(number) - i64::from(own.row))
    })
}

fn closing_quote(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) == Some(&quote) {
                at += 1;
            } else {
                return at + 1;
            }
        }
        at += 1;
    }
    bytes.len()
}

fn closing_bracket(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_u32;
    for (offset, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return start + offset + 1;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

/// What is between the brackets that open here and end before `end`.
fn inside(formula: &str, open: usize, end: usize) -> &str {
    let text = &formula[open + 1..end];
    text.strip_suffix(']').unwrap_or(text)
}

/// Where the word that starts here ends.
fn word_end(formula: &str, at: usize) -> usize {
    let Some(rest) = formula.get(at..) else { return at };
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\');
    rest.find(|c: char| !word(c)).map_or(formula.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> CellAt {
        address.parse().expect("a valid address")
    }

    #[test]
    fn copies_of_a_formula_have_one_key() {
        let check = |first: (&str, &str), second: (&str, &str), same: bool| {
            let of = |(cell, formula): (&str, &'static str)| key(&cut(formula, at(cell)));
            let leak = |text: &str| -> &'static str { text.to_owned().leak() };
            let (a, b) = (of((first.0, leak(first.1))), of((second.0, leak(second.1))));
            assert_eq!(a == b, same, "{first:?} {second:?}: {a} {b}");
        };
        check(("G4", "D4*F4"), ("G5", "D5*F5"), true);
        check(("G4", "D4*F4"), ("G5", "D4*F5"), false);
        check(
            ("F2", "INDEX(Rates!B:B,MATCH(D2,Rates!A:A,0))"),
            ("F3", "INDEX(Rates!B:B,MATCH(D3,Rates!A:A,0))"),
            true,
        );
        check(("C6", "VLOOKUP(A6,P!$A$2:$D$6,3)"), ("C9", "VLOOKUP(A9,P!$A$2:$D$6,3)"), true);
        check(("A1", "\"A1\"&B1"), ("A2", "\"A1\"&B2"), true);
        check(("A1", "\"A1\"&B1"), ("A2", "\"A2\"&B2"), false);
        check(("A2", "LOG10(B2)"), ("A3", "LOG10(B3)"), true);
        check(("A2", "'It''s'!B2"), ("A3", "'It''s'!B3"), true);
        check(("A2", "$B2+B$1"), ("C9", "$B9+D$1"), true);
        check(("A2", "SUM(1:1)"), ("A3", "SUM(2:2)"), true);
    }

    #[test]
    fn pieces_are_told_apart() {
        let check = |formula: &str, expect: &str| {
            let text = cut(formula, at("A1"))
                .iter()
                .map(|piece| match piece {
                    Piece::Reference(r) => format!(
                        "ref {}{}",
                        r.sheet.as_ref().map_or(String::new(), |s| format!("{s}!")),
                        r.range(at("A1")).map_or("?".into(), |r| r.to_string())
                    ),
                    Piece::Name(n) => format!("name {n}"),
                    Piece::Table(t, i) => format!("table {t}<{i}>"),
                    Piece::Function(f) => format!("fn {f}"),
                    Piece::External(e) => format!("external {e}"),
                    Piece::Text(t) => format!("“{t}”"),
                })
                .collect::<Vec<_>>()
                .join(" ");
            assert_eq!(text, expect, "{formula}");
        };
        check("-PMT(Rate/12,B2)", "“-” fn PMT “(” name Rate “/” “12” “,” ref B2 “)”");
        check("SUM(Data!$G:$G)", "fn SUM “(” ref Data!G1:G1048576 “)”");
        check("Sales[Price]*2", "table Sales<Price> “*” “2”");
        check("SUM([@Price])", "fn SUM “(” table <@Price> “)”");
        check("T[[#This Row],[A]]", "table T<[#This Row],[A]>");
        check("[1]Other!$A$1+1", "external [1]Other!$A$1 “+” “1”");
        check("'[x.xlsx]S'!A1", "external '[x.xlsx]S'!A1");
        check("Übersicht!B3", "ref Übersicht!B3");
        check("'Q 1'!B3:C9", "ref Q 1!B3:C9");
        check("ABCD1", "name ABCD1");
        check("TRUE", "“TRUE”");
        check("A1:INDEX(B1,1)", "ref A1 “:” fn INDEX “(” ref B1 “,” “1” “)”");
        check("\"unclosed", "“\"unclosed”");
        check("T[unclosed", "table T<unclosed>");
    }

    #[test]
    fn copying_moves_what_moves() {
        let check = |formula: &str, from: &str, to: &str, expect: Option<&str>| {
            assert_eq!(copied(formula, at(from), at(to)).as_deref(), expect, "{formula}");
        };
        check("E9*F9+$A$1", "G9", "G2", Some("E2*F2+$A$1"));
        check("SUM(Rates!B:B)", "G9", "G2", Some("SUM(Rates!B:B)"));
        check("'My sheet'!B9", "A9", "A2", Some("'My sheet'!B2"));
        check("A1", "A9", "A2", None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_or_panics(text in "[A-Z0-9$:!'\"\\[\\](),.ä@#*+ ]{0,40}") {
            let _ = key(&cut(&text, CellAt::new(5, 5)));
        }
    }
}
