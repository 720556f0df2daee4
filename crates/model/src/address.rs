//! Where a cell or a range is: positions within a sheet, and references that name the sheet.
//!
//! Rows and columns count from 1, as people and A1 notation do.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The last row of a worksheet (ECMA-376, and Excel since 2007).
pub const MAX_ROW: u32 = 1_048_576;
/// The last column of a worksheet: `XFD`.
pub const MAX_COLUMN: u32 = 16_384;

/// An address that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a cell or range address")]
pub struct AddressError(pub String);

/// A cell's position within its sheet; row and column count from 1. Ordered row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellAt {
    /// 1 to [`MAX_ROW`].
    pub row: u32,
    /// 1 to [`MAX_COLUMN`].
    pub column: u32,
}

impl CellAt {
    /// The cell in this row and column, both counted from 1.
    pub const fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for CellAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), self.row)
    }
}

impl FromStr for CellAt {
    type Err = AddressError;

    /// Reads `B3`, also `$B$3`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError(text.chars().take(64).collect());
        let rest = text.strip_prefix('$').unwrap_or(text);
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).ok_or_else(error)?;
        let column = column_number(&rest[..letters]).ok_or_else(error)?;
        let digits = rest[letters..].strip_prefix('$').unwrap_or(&rest[letters..]);
        if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        let row: u32 = digits.parse().map_err(|_| error())?;
        if row == 0 || row > MAX_ROW {
            return Err(error());
        }
        Ok(Self { row, column })
    }
}

/// A rectangle within a sheet; both corners belong to it and `start` is never below or right of `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RangeAt {
    /// Top left.
    pub start: CellAt,
    /// Bottom right.
    pub end: CellAt,
}

impl RangeAt {
    /// The rectangle between two corners, whichever way round they are given.
    pub fn new(a: CellAt, b: CellAt) -> Self {
        Self {
            start: CellAt::new(a.row.min(b.row), a.column.min(b.column)),
            end: CellAt::new(a.row.max(b.row), a.column.max(b.column)),
        }
    }

    /// One cell as a range.
    pub const fn cell(at: CellAt) -> Self {
        Self { start: at, end: at }
    }

    /// Whether the cell lies within.
    pub const fn contains(&self, at: CellAt) -> bool {
        at.row >= self.start.row
            && at.row <= self.end.row
            && at.column >= self.start.column
            && at.column <= self.end.column
    }

    /// Whether the two share a cell.
    pub const fn intersects(&self, other: &Self) -> bool {
        self.start.row <= other.end.row
            && other.start.row <= self.end.row
            && self.start.column <= other.end.column
            && other.start.column <= self.end.column
    }

    /// Number of rows, at least 1.
    pub const fn rows(&self) -> u32 {
        self.end.row - self.start.row + 1
    }

    /// Number of columns, at least 1.
    pub const fn columns(&self) -> u32 {
        self.end.column - self.start.column + 1
    }

    /// Number of cells.
    pub const fn len(&self) -> u64 {
        self.rows() as u64 * self.columns() as u64
    }

    /// Never: a range has at least one cell.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Every position, row by row.
    pub fn cells(self) -> impl Iterator<Item = CellAt> {
        (self.start.row..=self.end.row).flat_map(move |row| {
            (self.start.column..=self.end.column).map(move |column| CellAt { row, column })
        })
    }
}

impl fmt::Display for RangeAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end { self.start.fmt(f) } else { write!(f, "{}:{}", self.start, self.end) }
    }
}

impl FromStr for RangeAt {
    type Err = AddressError;

    /// Reads `A1`, `A1:C9`, whole columns `A:C` and whole rows `2:9`, with or without `$`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some((left, right)) = text.split_once(':') else {
            return text.parse().map(Self::cell);
        };
        if let (Ok(a), Ok(b)) = (left.parse::<CellAt>(), right.parse::<CellAt>()) {
            return Ok(Self::new(a, b));
        }
        let error = || AddressError(text.chars().take(64).collect());
        let (left, right) = (left.trim_start_matches('$'), right.trim_start_matches('$'));
        if let (Some(a), Some(b)) = (column_number(left), column_number(right)) {
            return Ok(Self::new(CellAt::new(1, a), CellAt::new(MAX_ROW, b)));
        }
        let row = |text: &str| text.parse::<u32>().ok().filter(|row| (1..=MAX_ROW).contains(row));
        let (a, b) = (row(left).ok_or_else(error)?, row(right).ok_or_else(error)?);
        Ok(Self::new(CellAt::new(a, 1), CellAt::new(b, MAX_COLUMN)))
    }
}

/// A cell of a named sheet; its text form is `Sheet!B3`, quoted where the name needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellRef {
    /// The sheet's name as the workbook spells it.
    pub sheet: Arc<str>,
    /// The position within it.
    pub at: CellAt,
}

impl CellRef {
    /// A cell of a sheet.
    pub fn new(sheet: impl Into<Arc<str>>, at: CellAt) -> Self {
        Self { sheet: sheet.into(), at }
    }
}

/// A range of a named sheet; its text form is `Sheet!A1:C9`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RangeRef {
    /// The sheet's name as the workbook spells it.
    pub sheet: Arc<str>,
    /// The rectangle within it.
    pub at: RangeAt,
}

impl RangeRef {
    /// A range of a sheet.
    pub fn new(sheet: impl Into<Arc<str>>, at: RangeAt) -> Self {
        Self { sheet: sheet.into(), at }
    }
}

macro_rules! sheet_reference {
    ($reference:ident, $at:ident) => {
        impl fmt::Display for $reference {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}!{}", quoted_sheet(&self.sheet), self.at)
            }
        }

        impl FromStr for $reference {
            type Err = AddressError;

            fn from_str(text: &str) -> Result<Self, AddressError> {
                let (sheet, at) = split_sheet(text)?;
                Ok(Self { sheet: sheet.into(), at: at.parse::<$at>()? })
            }
        }

        impl Serialize for $reference {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $reference {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $reference {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($reference).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [concat!("Sheet1!", "B3")] })
            }
        }
    };
}

sheet_reference!(CellRef, CellAt);
sheet_reference!(RangeRef, RangeAt);

/// `1` is `A`, `27` is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::with_capacity(3);
    let mut rest = column;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|&b| char::from(b)).collect()
}

/// `A` is `1`, `xfd` is `16384`; `None` beyond that or for anything but letters.
pub fn column_number(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let number = letters.bytes().try_fold(0_u32, |number, b| {
        b.is_ascii_alphabetic().then(|| number * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1)
    })?;
    (number <= MAX_COLUMN).then_some(number)
}

/// The sheet's name as a formula must write it: quoted unless it is a plain word that cannot be read as an address.
pub fn quoted_sheet(name: &str) -> String {
    let plain = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        && name.parse::<CellAt>().is_err();
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "''")) }
}

/// Splits `'Sheet one'!A1` into the sheet's plain name and the rest.
pub fn split_sheet(text: &str) -> Result<(String, &str), AddressError> {
    let error = || AddressError(text.chars().take(64).collect());
    let (sheet, at) = text.rsplit_once('!').ok_or_else(error)?;
    let sheet = match sheet.strip_prefix('\'') {
        Some(inner) => inner.strip_suffix('\'').ok_or_else(error)?.replace("''", "'"),
        None => sheet.to_owned(),
    };
    if sheet.is_empty() { Err(error()) } else { Ok((sheet, at)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        let check = |input: &str, expect: &str| {
            assert_eq!(
                input.parse::<RangeAt>().map_or_else(|_| "none".into(), |r| r.to_string()),
                expect,
                "{input}"
            );
        };
        check("A1", "A1");
        check("$b$3", "B3");
        check("C9:A1", "A1:C9");
        check("A:C", "A1:C1048576");
        check("2:9", "A2:XFD9");
        check("XFE1", "none");
        check("A0", "none");
        check("A1048577", "none");
        check("", "none");
        check("A1:", "none");
        check("é1", "none");
    }

    #[test]
    fn quotes_sheets_that_need_it() {
        let check = |sheet: &str, expect: &str| {
            let cell = CellRef::new(sheet, CellAt::new(3, 2));
            assert_eq!(cell.to_string(), expect);
            assert_eq!(expect.parse::<CellRef>(), Ok(cell));
        };
        check("Loan", "Loan!B3");
        check("Q1", "'Q1'!B3");
        check("It's 2026!", "'It''s 2026!'!B3");
        check("Übersicht", "Übersicht!B3");
    }

    proptest! {
        #[test]
        fn positions_survive_their_text(row in 1..=MAX_ROW, column in 1..=MAX_COLUMN) {
            let at = CellAt::new(row, column);
            prop_assert_eq!(at.to_string().parse::<CellAt>(), Ok(at));
        }
    }
}
