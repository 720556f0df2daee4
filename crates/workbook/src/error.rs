//! The one error of this crate. Its messages are for people: each names the file, the part of it and the place in words.

use std::fmt;

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
        /// What it is, with its article: `a PDF document`.
        found: &'static str,
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
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// The file is larger than is safe to open.
    #[error("“{file}” is too large ({place}): {reason}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// Which part of it, and where in that part.
        place: Place,
        /// Which limit, and its value.
        reason: String,
    },
    /// The file holds something that is refused because it is known to be used for attacks.
    #[error("“{file}” is refused ({place}): {reason}")]
    Refused {
        /// The file's name.
        file: String,
        /// Which part of it, and where in that part.
        place: Place,
        /// What was found.
        reason: String,
    },
    /// The edits do not fit into the original workbook.
    #[error("the changes cannot be written into the workbook ({place}): {reason}")]
    CannotWrite {
        /// The sheet, table or cell.
        place: Place,
        /// What is in the way.
        reason: String,
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

/// A place within a file, in words: a part of the package and a position in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The part of the package, such as `xl/worksheets/sheet1.xml`; `package` for the container itself.
    pub part: String,
    /// The position within the part: `cell B3`, `byte 120`; may be empty.
    pub position: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.part)?;
        if self.position.is_empty() { Ok(()) } else { write!(f, ", {}", self.position) }
    }
}

/// A [`WorkbookError`] in the making: within this crate nobody but [`crate::read()`] knows the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) place: Place,
    pub(crate) reason: String,
}

/// What kind of error a [`Fault`] becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Damaged,
    TooLarge,
    Refused,
    Protected,
    WrongKind(&'static str),
}

impl Fault {
    pub(crate) fn damaged(part: &str, reason: impl Into<String>) -> Self {
        Self::new(FaultKind::Damaged, part, reason)
    }

    pub(crate) fn too_large(part: &str, reason: impl Into<String>) -> Self {
        Self::new(FaultKind::TooLarge, part, reason)
    }

    pub(crate) fn refused(part: &str, reason: impl Into<String>) -> Self {
        Self::new(FaultKind::Refused, part, reason)
    }

    pub(crate) fn wrong_kind(found: &'static str) -> Self {
        Self::new(FaultKind::WrongKind(found), "", "")
    }

    fn new(kind: FaultKind, part: &str, reason: impl Into<String>) -> Self {
        let place = Place { part: presentable(part), position: String::new() };
        Self { kind, place, reason: reason.into() }
    }

    /// Adds where in the part it was, unless that is known more exactly already.
    pub(crate) fn at(mut self, position: impl fmt::Display) -> Self {
        if self.place.position.is_empty() {
            self.place.position = presentable(&position.to_string());
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
        let fault = Fault::damaged("xl/worksheets/sheet1.xml", "“x” is not a number").at("cell B3");
        insta::assert_snapshot!(fault.in_file("Prices\u{202e}xslx.exe"), @"“Pricesxslx.exe” is damaged (xl/worksheets/sheet1.xml, cell B3): “x” is not a number");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(presentable(&"a".repeat(65_536)).chars().count(), 81);
    }
}
