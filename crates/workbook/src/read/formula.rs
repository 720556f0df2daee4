//! Formula text: from the file's dialect to the one people type, and moved to another cell.
//!
//! **Architecture Invariant:** text in quotes, names of sheets and tables are never touched; only what is a reference
//! moves, and what a `$` holds stays.

use std::fmt::Write;

use gridkeep_model::address::{MAX_COLUMN, MAX_ROW, column_letters, column_number};

/// The formula as a person would type it: without `=` and without the prefixes that hide newer functions from older
/// programs (`_xlfn.`, `_xlws.`, `_xlpm.`; [MS-XLSX] 2.2.2).
pub(crate) fn plain(text: &str) -> String {
    let text = text.trim_start();
    let text = text.strip_prefix('=').unwrap_or(text);
    if !text.contains("_xl") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = verbatim(rest);
        if end > 0 {
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let end = word(rest);
        if end == 0 {
            let next = rest.chars().next().map_or(rest.len(), char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
            continue;
        }
        let (mut name, after) = rest.split_at(end);
        while let Some(shorter) = ["_xlfn.", "_xlws.", "_xlpm.", "_xludf.", "_xleta."]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
        {
            name = shorter;
        }
        rest = after;
        // What Excel shows as `A1#` and `@A1`.
        let operand = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'))
            .filter(|(inside, _)| is_operand(inside));
        match (name, operand) {
            ("ANCHORARRAY", Some((inside, behind))) => {
                out.push_str(inside);
                out.push('#');
                rest = behind;
            }
            ("SINGLE", Some((inside, behind))) => {
                out.push('@');
                out.push_str(inside);
                rest = behind;
            }
            _ => out.push_str(name),
        }
    }
    out
}

fn is_operand(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.$!:'".contains(c))
}

/// A formula taken apart once, to be written for many cells.
#[derive(Debug)]
pub(crate) struct Template(Vec<Piece>);

/// A piece of a formula.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Box<str>),
    Cell(Axis, Axis),
    Columns(Axis, Axis),
    Rows(Axis, Axis),
}

/// A column or row in a reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) number: u32,
    pub(crate) fixed: bool,
}

impl Template {
    /// Takes a formula apart.
    pub(crate) fn new(formula: &str) -> Self {
        let mut pieces = Vec::new();
        let mut text_start = 0;
        let mut at = 0;
        while at < formula.len() {
            let rest = &formula[at..];
            let skip = verbatim(rest);
            if skip > 0 {
                at += skip;
                continue;
            }
            let end = word(rest);
            if end == 0 {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            if let Some((piece, length)) = reference(rest, end) {
                if text_start < at {
                    pieces.push(Piece::Text(formula[text_start..at].into()));
                }
                pieces.push(piece);
                at += length;
                text_start = at;
            } else {
                at += sheets(rest, end);
            }
        }
        if text_start < formula.len() {
            pieces.push(Piece::Text(formula[text_start..].into()));
        }
        Self(pieces)
    }

    /// Writes the formula for a cell that is so many rows below and columns right of the one it was read from. A
    /// reference that leaves the sheet comes back in at the other side, as in Excel.
    pub(crate) fn write(&self, rows: i64, columns: i64, out: &mut String) {
        for piece in &self.0 {
            // Writing into a `String` cannot fail.
            match *piece {
                Piece::Text(ref text) => out.push_str(text),
                Piece::Cell(column, row) => {
                    column.write_column(columns, out);
                    row.write_row(rows, out);
                }
                Piece::Columns(from, to) => {
                    from.write_column(columns, out);
                    out.push(':');
                    to.write_column(columns, out);
                }
                Piece::Rows(from, to) => {
                    from.write_row(rows, out);
                    out.push(':');
                    to.write_row(rows, out);
                }
            }
        }
    }

    /// Like [`Template::write`], as a new text.
    pub(crate) fn moved(&self, rows: i64, columns: i64) -> String {
        let mut out = String::new();
        self.write(rows, columns, &mut out);
        out
    }
}

impl Axis {
    fn moved(self, by: i64, last: u32) -> u32 {
        if self.fixed {
            return self.number;
        }
        (i64::from(self.number) - 1 + by).rem_euclid(i64::from(last)) as u32 + 1
    }

    fn write_column(self, by: i64, out: &mut String) {
        if self.fixed {
            out.push('$');
        }
        out.push_str(&column_letters(self.moved(by, MAX_COLUMN)));
    }

    fn write_row(self, by: i64, out: &mut String) {
        if self.fixed {
            out.push('$');
        }
        let _ = write!(out, "{}", self.moved(by, MAX_ROW));
    }
}

/// The length of what must be copied as it stands: a text in `"`, a sheet's name in `'`, anything in brackets.
pub(crate) fn verbatim(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(&quote @ (b'"' | b'\'')) => {
            let mut at = 1;
            while let Some(found) = bytes[at..].iter().position(|&b| b == quote) {
                at += found + 1;
                if bytes.get(at) != Some(&quote) {
                    return at;
                }
                at += 1;
            }
            bytes.len()
        }
        Some(b'[') => {
            let (mut depth, mut at) = (0_usize, 0);
            while let Some(&byte) = bytes.get(at) {
                match byte {
                    // Within brackets an apostrophe takes the next character as it is.
                    b'\'' => at += 1,
                    b'[' => depth += 1,
                    b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            bytes.len()
        }
        _ => 0,
    }
}

/// The length of the word at the start: a name, a number, a reference; 0 when there is none.
pub(crate) fn word(text: &str) -> usize {
    let part =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$' | b'\\' | b'?') || b >= 0x80;
    text.bytes().position(|b| !part(b)).unwrap_or(text.len())
}

/// The length of a word that is no reference; names of sheets in `First:Last!A1` belong together.
pub(crate) fn sheets(text: &str, end: usize) -> usize {
    if let Some(after) = text[end..].strip_prefix(':') {
        let second = word(after);
        if second > 0 && after[second..].starts_with('!') {
            return end + 1 + second;
        }
    }
    end
}

/// The reference that begins with the word of length `end`, and its length.
pub(crate) fn reference(text: &str, end: usize) -> Option<(Piece, usize)> {
    let (first, after) = text.split_at(end);
    if after.starts_with(['(', '!', '[']) || sheets(text, end) > end {
        return None;
    }
    if let Some((column, row)) = cell(first) {
        return Some((Piece::Cell(column, row), end));
    }
    let after = after.strip_prefix(':')?;
    let second_end = word(after);
    let second = &after[..second_end];
    if after[second_end..].starts_with(['(', '!', '[']) {
        return None;
    }
    let length = end + 1 + second_end;
    if let (Some(from), Some(to)) = (column(first), column(second)) {
        return Some((Piece::Columns(from, to), length));
    }
    Some((Piece::Rows(row(first)?, row(second)?), length))
}

fn cell(word: &str) -> Option<(Axis, Axis)> {
    let letters = usize::from(word.starts_with('$'));
    let digits = letters + word[letters..].bytes().position(|b| !b.is_ascii_alphabetic())?;
    Some((column(&word[..digits])?, row(&word[digits..])?))
}

fn column(word: &str) -> Option<Axis> {
    let letters = word.strip_prefix('$');
    Some(Axis { number: column_number(letters.unwrap_or(word))?, fixed: letters.is_some() })
}

fn row(word: &str) -> Option<Axis> {
    let digits = word.strip_prefix('$');
    let text = digits.unwrap_or(word);
    if text.is_empty() || text.len() > 7 || text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let number = text.parse().ok().filter(|row| (1..=MAX_ROW).contains(row))?;
    Some(Axis { number, fixed: digits.is_some() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_are_taken_off() {
        let check = |input: &str, expect: &str| assert_eq!(plain(input), expect, "{input}");
        check("=SUM(A1:A3)", "SUM(A1:A3)");
        check("_xlfn.XLOOKUP(A1,B:B,C:C)", "XLOOKUP(A1,B:B,C:C)");
        check("_xlfn._xlws.SORT(A1:A9)", "SORT(A1:A9)");
        check("_xlfn.LET(_xlpm.x,1,_xlpm.x+1)", "LET(x,1,x+1)");
        check("\"_xlfn.\"&'_xlfn.a'!A1&_xlfn.CONCAT(T[_xlfn.])", "\"_xlfn.\"&'_xlfn.a'!A1&CONCAT(T[_xlfn.])");
        check("SUM(_xlfn.ANCHORARRAY(B2))", "SUM(B2#)");
        check("_xlfn.SINGLE(A1:A9)+1", "@A1:A9+1");
        check("_xlfn.SINGLE(INDEX(A1:A9,2))", "SINGLE(INDEX(A1:A9,2))");
        check("ünï+_xlfn.DAYS(A1,B1)", "ünï+DAYS(A1,B1)");
    }

    #[test]
    fn references_move_and_nothing_else() {
        let check = |input: &str, rows: i64, columns: i64, expect: &str| {
            assert_eq!(Template::new(input).moved(rows, columns), expect, "{input} by {rows}, {columns}");
        };
        check("A1*$B1+C$1-$D$1", 2, 1, "B3*$B3+D$1-$D$1");
        check("SUM(A1:B2,$A$1:B2)", 1, 1, "SUM(B2:C3,$A$1:C3)");
        check("SUM(A:A,$B:C,1:1,$2:3)", 1, 1, "SUM(B:B,$B:D,2:2,$2:4)");
        check("\"A1 \"\"B2\"\"\"&A1", 1, 0, "\"A1 \"\"B2\"\"\"&A2");
        check("'A1''s sheet'!A1+Q1.a!A1+Sheet1!B2", 1, 0, "'A1''s sheet'!A2+Q1.a!A2+Sheet1!B3");
        check("A1:B1!C1+First:Last!C1", 1, 0, "A1:B1!C2+First:Last!C2");
        check("[1]Data!A1+'[2]A1'!A1", 1, 0, "[1]Data!A2+'[2]A1'!A2");
        check("LOG10(A1)+LOG10", 1, 0, "LOG10(A2)+LOG11");
        check("1E5+1.5E+3+A1", 1, 0, "1E5+1.5E+3+A2");
        check("T1[[#This Row],[A1]]*T1[A'[1]]", 1, 0, "T1[[#This Row],[A1]]*T1[A'[1]]");
        check("Tax2024x+_A1+A1.b+Ä1+XFE1", 1, 0, "Tax2024x+_A1+A1.b+Ä1+XFE1");
        check("#REF!+Sheet1!#REF!+A1#", 1, 0, "#REF!+Sheet1!#REF!+A2#");
        check("A1+XFD1048576", -1, -1, "XFD1048576+XFC1048575");
        check("IF(A1=\"x\",TRUE,{1,2;3,4})", 1, 0, "IF(A2=\"x\",TRUE,{1,2;3,4})");
        check("A1:INDEX(B:B,3)", 1, 1, "B2:INDEX(C:C,3)");
        check("\"unclosed A1", 1, 0, "\"unclosed A1");
    }

    proptest! {
        /// There and back is the same formula, and no text at all makes it fail.
        #[test]
        fn a_move_is_undone_by_its_opposite(rows in -5000_i64..5000, columns in -500_i64..500,
            row in 1_u32..=MAX_ROW, column in 1_u32..=MAX_COLUMN, fixed in any::<(bool, bool)>(), noise in "[ -~äß\\[\\]'\"!:$]{0,24}") {
            let dollar = |fixed| if fixed { "$" } else { "" };
            let cell = format!("{}{}{}{row}", dollar(fixed.0), column_letters(column), dollar(fixed.1));
            let formula = format!("SUM({cell}:B$7)*2");
            let moved = Template::new(&formula).moved(rows, columns);
            prop_assert_eq!(Template::new(&moved).moved(-rows, -columns), formula);
            prop_assert_eq!(Template::new(&noise).moved(0, 0).to_uppercase(), noise.to_uppercase());
        }
    }
}
