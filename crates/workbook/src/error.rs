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
