//! The one error of this crate. Its messages are for people: each names the file, the part of it and the place in words,
//! in English and in German ([`WorkbookError::german`]).

use std::fmt;

use gridkeep_model::{CellAt, RangeAt};

use crate::reason::{ForeignKind, Reason};

/// Why a file could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkbookError {
    /// There are no bytes at all.
    #[error("“{file}” is empty: there is nothing in it")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// The content is of another kind, whatever the file is called.
    #[error(
        "“{file}” is {found}, not a workbook that can be opened here. Save it as .xlsx, .xlsm or .csv and try again"
    )]
    WrongKind {
        /// The file's name.
        file: String,
        /// What it is.
        found: ForeignKind,
    },
    /// The workbook is encrypted.
    #[error(
        "“{file}” is protected by a password. Remove the password in your spreadsheet program and try again"
    )]
    Protected {
        /// The file's name.
        file: String,
    },
    /// The file breaks the rules of its format.
    #[error("“{file}” is damaged ({place}): {reason}")]
    Damaged {
        /// The file's name.
        file: String,
        /// Which part of it, and where in that part.
        place: Box<Place>,
        /// What is wrong.
        reason: Reason,
    },
    /// The file is larger than is safe to open.
    #[error("“{file}” is too large ({place}): {reason}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// Which part of it, and where in that part.
        place: Box<Place>,
        /// Which limit, and its value.
        reason: Reason,
    },
    /// The file holds something that is refused because it is known to be used for attacks.
    #[error("“{file}” is refused ({place}): {reason}")]
    Refused {
        /// The file's name.
        file: String,
        /// Which part of it, and where in that part.
        place: Box<Place>,
        /// What was found.
        reason: Reason,
    },
    /// The edits do not fit into the original workbook.
    #[error("the changes cannot be written into the workbook ({place}): {reason}")]
    CannotWrite {
        /// The sheet, table or cell.
        place: Box<Place>,
        /// What is in the way.
        reason: Reason,
    },
}

impl WorkbookError {
    /// A stable word for programs; the message is for people.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "fileEmpty",
            Self::WrongKind { .. } => "fileKind",
            Self::Protected { .. } => "fileProtected",
            Self::Damaged { .. } => "fileDamaged",
            Self::TooLarge { .. } => "fileTooLarge",
            Self::Refused { .. } => "fileRefused",
            Self::CannotWrite { .. } => "cannotWrite",
        }
    }

    /// Where in the file; `None` when the whole file is meant.
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Empty { .. } | Self::WrongKind { .. } | Self::Protected { .. } => None,
            Self::Damaged { place, .. }
            | Self::TooLarge { place, .. }
            | Self::Refused { place, .. }
            | Self::CannotWrite { place, .. } => Some(place),
        }
    }
}

impl WorkbookError {
    /// The message in German.
    pub fn german(&self) -> String {
        // The crate's own name for a file that came without one.
        let own = |file: &str| if file == "workbook" { "Arbeitsmappe".to_owned() } else { file.to_owned() };
        let at = |file: &str, what: &str, place: &Place, reason: &Reason| {
            format!("„{}“ {what} ({}): {}.", own(file), place.german(), reason.german())
        };
        match self {
            Self::Empty { file } => format!("„{}“ ist leer: Es steht nichts darin.", own(file)),
            Self::WrongKind { file, found } => format!(
                "„{}“ ist {}, keine Arbeitsmappe, die hier geöffnet werden kann. Speichern Sie sie als .xlsx, .xlsm oder .csv und versuchen Sie es erneut.",
                own(file),
                found.german()
            ),
            Self::Protected { file } => format!(
                "„{}“ ist mit einem Passwort geschützt. Entfernen Sie es in Ihrer Tabellenkalkulation und versuchen Sie es erneut.",
                own(file)
            ),
            Self::Damaged { file, place, reason } => at(file, "ist beschädigt", place, reason),
            Self::TooLarge { file, place, reason } => at(file, "ist zu groß", place, reason),
            Self::Refused { file, place, reason } => at(file, "wird nicht angenommen", place, reason),
            Self::CannotWrite { place, reason } => format!(
                "Die Änderungen passen nicht in die Arbeitsmappe ({}): {}.",
                place.german(),
                reason.german()
            ),
        }
    }
}

/// A place within a file: a part of it and a position in that part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The part.
    pub part: Part,
    /// Where in the part.
    pub position: Position,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The container itself.
    Package,
    /// The whole file.
    File,
    /// The content of a text file.
    Text,
    /// A sheet, by its name.
    Sheet(String),
    /// A part of the package such as `xl/worksheets/sheet1.xml`; of edits, the sheet or cell they are for.
    Named(String),
}

/// A position within a [`Part`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Position {
    /// The part as a whole.
    #[default]
    Whole,
    /// Counted in bytes, from 0.
    Byte(u64),
    /// A line, counted from 1.
    Line(u64),
    /// A row, counted from 1.
    Row(u32),
    /// A cell.
    Cell(CellAt),
    /// A cell of the sheet of this name.
    CellOf(CellAt, String),
    /// A range of cells.
    Range(RangeAt),
}

impl Place {
    /// In German.
    pub fn german(&self) -> String {
        let part = match &self.part {
            Part::Package => "Paket".to_owned(),
            Part::File => "Datei".to_owned(),
            Part::Text => "Text".to_owned(),
            Part::Sheet(name) => format!("Blatt „{name}“"),
            Part::Named(name) => name.clone(),
        };
        match &self.position {
            Position::Whole => part,
            Position::Byte(byte) => format!("{part}, Byte {byte}"),
            Position::Line(line) => format!("{part}, Zeile {line}"),
            Position::Row(row) => format!("{part}, Zeile {row}"),
            Position::Cell(cell) => format!("{part}, Zelle {cell}"),
            Position::CellOf(cell, sheet) => format!("{part}, Zelle {cell} auf „{sheet}“"),
            Position::Range(range) => format!("{part}, {range}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Part::Package => f.write_str("package"),
            Part::File => f.write_str("file"),
            Part::Text => f.write_str("text"),
            Part::Sheet(name) => write!(f, "sheet “{name}”"),
            Part::Named(name) => f.write_str(name),
        }?;
        match &self.position {
            Position::Whole => Ok(()),
            Position::Byte(byte) => write!(f, ", byte {byte}"),
            Position::Line(line) => write!(f, ", line {line}"),
            Position::Row(row) => write!(f, ", row {row}"),
            Position::Cell(cell) => write!(f, ", cell {cell}"),
            Position::CellOf(cell, sheet) => write!(f, ", cell {cell} of “{sheet}”"),
            Position::Range(range) => write!(f, ", {range}"),
        }
    }
}

/// What has a name that people give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Sheet,
    Table,
    Column,
    DefinedName,
}

/// A [`WorkbookError`] in the making: within this crate nobody but [`crate::read()`] knows the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) place: Box<Place>,
    pub(crate) reason: Reason,
}

/// What kind of error a [`Fault`] becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Damaged,
    TooLarge,
    Refused,
    Protected,
    WrongKind(ForeignKind),
}

impl Fault {
    pub(crate) fn damaged(part: &str, reason: Reason) -> Self {
        Self::new(FaultKind::Damaged, part, reason)
    }

    /// Damage that a library beneath tells of, in its own words.
    pub(crate) fn unreadable(part: &str, error: &dyn std::error::Error) -> Self {
        Self::damaged(part, Reason::Unreadable { detail: presentable(&error.to_string()) })
    }

    /// Damage in a sheet of this name.
    pub(crate) fn in_sheet(name: &str, reason: Reason) -> Self {
        let mut fault = Self::damaged("", reason);
        fault.place.part = Part::Sheet(presentable(name));
        fault
    }

    /// The same of a sheet that is too large.
    pub(crate) fn too_large_sheet(name: &str, reason: Reason) -> Self {
        Self { kind: FaultKind::TooLarge, ..Self::in_sheet(name, reason) }
    }

    pub(crate) fn too_large(part: &str, reason: Reason) -> Self {
        Self::new(FaultKind::TooLarge, part, reason)
    }

    pub(crate) fn refused(part: &str, reason: Reason) -> Self {
        Self::new(FaultKind::Refused, part, reason)
    }

    pub(crate) fn wrong_kind(found: ForeignKind) -> Self {
        Self::new(FaultKind::WrongKind(found), "", Reason::NoSheet)
    }

    pub(crate) fn protected() -> Self {
        Self::new(FaultKind::Protected, "", Reason::Encrypted)
    }

    fn new(kind: FaultKind, part: &str, reason: Reason) -> Self {
        let part = match part {
            "package" => Part::Package,
            "file" => Part::File,
            "text" => Part::Text,
            part => Part::Named(presentable(part)),
        };
        Self { kind, place: Box::new(Place { part, position: Position::Whole }), reason }
    }

    /// Adds where in the part it was, unless that is known more exactly already.
    pub(crate) fn at(mut self, position: Position) -> Self {
        if self.place.position == Position::Whole {
            self.place.position = position;
        }
        self
    }

    /// The error for people.
    pub(crate) fn in_file(self, file: &str) -> WorkbookError {
        let file = presentable(file);
        let Self { kind, place, reason } = self;
        match kind {
            FaultKind::Damaged => WorkbookError::Damaged { file, place, reason },
            FaultKind::TooLarge => WorkbookError::TooLarge { file, place, reason },
            FaultKind::Refused => WorkbookError::Refused { file, place, reason },
            FaultKind::Protected => WorkbookError::Protected { file },
            FaultKind::WrongKind(found) => WorkbookError::WrongKind { file, found },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Fault {}

/// Text from a file as a message may show it: without control characters and marks that reverse the direction of
/// writing, and cut after 80 characters.
pub(crate) fn presentable(text: &str) -> String {
    const LONGEST: usize = 80;
    let direction =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown: String =
        text.chars().filter(|&c| !c.is_control() && !direction(c)).take(LONGEST + 1).collect();
    if shown.chars().count() > LONGEST {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_file_part_and_place() {
        let fault = Fault::damaged("xl/worksheets/sheet1.xml", Reason::NotANumber { text: "x".to_owned() })
            .at(Position::Cell(CellAt::new(3, 2)));
        insta::assert_snapshot!(fault.in_file("Prices\u{202e}xslx.exe"), @"“Pricesxslx.exe” is damaged (xl/worksheets/sheet1.xml, cell B3): “x” is not a number");
    }

    #[test]
    fn messages_are_told_in_german() {
        let check = |fault: Fault, expect: &str| {
            let german = fault.in_file("Preise.xlsx").german();
            assert_eq!(german, format!("„Preise.xlsx“ {expect}"));
        };
        let at = CellAt::new(3, 2);
        let damaged = |part: &str| Fault::damaged(part, Reason::Empty);
        check(damaged("xl/a.xml"), "ist beschädigt (xl/a.xml): Der Teil ist leer.");
        check(damaged("package"), "ist beschädigt (Paket): Der Teil ist leer.");
        check(damaged("file").at(Position::Byte(7)), "ist beschädigt (Datei, Byte 7): Der Teil ist leer.");
        check(damaged("text").at(Position::Line(7)), "ist beschädigt (Text, Zeile 7): Der Teil ist leer.");
        check(
            Fault::in_sheet("Loan", Reason::CellOutside).at(Position::Row(7)),
            "ist beschädigt (Blatt „Loan“, Zeile 7): Eine Zelle liegt außerhalb des Blatts.",
        );
        check(
            Fault::too_large("xl/a.xml", Reason::TooManyCells { most: 3 }).at(Position::Cell(at)),
            "ist zu groß (xl/a.xml, Zelle B3): Die Arbeitsmappe hat mehr als 3 gefüllte Zellen.",
        );
        check(
            Fault::refused("xl/a.xml", Reason::DocumentType).at(Position::CellOf(at, "S".to_owned())),
            "wird nicht angenommen (xl/a.xml, Zelle B3 auf „S“): Es wird ein Dokumenttyp (DTD) erklärt, was in einer Arbeitsmappe nie vorkommt.",
        );
        check(
            Fault::wrong_kind(ForeignKind::Pdf),
            "ist ein PDF-Dokument, keine Arbeitsmappe, die hier geöffnet werden kann. Speichern Sie sie als .xlsx, .xlsm oder .csv und versuchen Sie es erneut.",
        );
        check(
            Fault::protected(),
            "ist mit einem Passwort geschützt. Entfernen Sie es in Ihrer Tabellenkalkulation und versuchen Sie es erneut.",
        );
        // What a library beneath says is English and stays out.
        check(
            Fault::unreadable("xl/a.xml", &std::io::Error::other("bad things")),
            "ist beschädigt (xl/a.xml): Der Inhalt ist nicht lesbar.",
        );
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(presentable(&"a".repeat(65_536)).chars().count(), 81);
    }
}
