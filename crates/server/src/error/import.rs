//! Why a file cannot be imported as it is, in both languages.

use crate::language::Language;

/// What keeps a file from being imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotImportable {
    /// It has no sheet of this name, or none that holds anything.
    #[error("no such sheet")]
    NoSuchSheet,
    /// Nothing stands below the names of the columns.
    #[error("no rows")]
    NoRows,
    /// It has more rows than one import may.
    #[error("too many rows")]
    TooManyRows {
        /// So many.
        rows: usize,
        /// The most.
        most: usize,
    },
    /// Its columns and rows are more together than one import may have.
    #[error("too many values")]
    TooManyValues {
        /// The most.
        most: usize,
    },
    /// None of its columns fills one of the table.
    #[error("no column matched")]
    NothingMatched,
    /// The columns said are not the file's or not the table's.
    #[error("wrong columns")]
    WrongColumns,
    /// Rows are to be found again and the column that tells them apart is not in the file.
    #[error("no key")]
    NoKey,
}

impl NotImportable {
    /// As programs read it.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchSheet => "importNoSheet",
            Self::NoRows => "importNoRows",
            Self::TooManyRows { .. } => "importTooManyRows",
            Self::TooManyValues { .. } => "importTooManyValues",
            Self::NothingMatched => "importNothingMatched",
            Self::WrongColumns => "importWrongColumns",
            Self::NoKey => "importNoKey",
        }
    }

    /// A title and a sentence.
    pub(super) fn words(&self, language: Language) -> (&'static str, String) {
        let (title, text) = match language {
            Language::English => self.english(),
            Language::German => self.german(),
        };
        (
            title,
            match self {
                Self::TooManyRows { rows, most } => {
                    text.replace("{rows}", &rows.to_string()).replace("{most}", &most.to_string())
                }
                Self::TooManyValues { most } => text.replace("{most}", &most.to_string()),
                _ => text.to_owned(),
            },
        )
    }

    const fn english(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoSuchSheet => ("Nothing to import", "The file has no such sheet, or it is empty."),
            Self::NoRows => (
                "Nothing to import",
                "There are no rows. The first line names the columns, and the rows follow below it.",
            ),
            Self::TooManyRows { .. } => (
                "Too many rows",
                "The file has {rows} rows; one import takes at most {most}. Split it into several files.",
            ),
            Self::TooManyValues { .. } => (
                "Too many values",
                "All rows and columns together are more than {most} values. Leave columns out, or split the file into several.",
            ),
            Self::NothingMatched => {
                ("Nothing to import", "No column of the file goes into the table. Choose at least one.")
            }
            Self::WrongColumns => {
                ("Not understood", "The columns that were chosen are not those of the file or of the table.")
            }
            Self::NoKey => (
                "Rows cannot be found again",
                "To change rows, the file needs the column by which they are told apart.",
            ),
        }
    }

    const fn german(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoSuchSheet => {
                ("Nichts zu importieren", "Die Datei hat kein solches Blatt, oder es ist leer.")
            }
            Self::NoRows => (
                "Nichts zu importieren",
                "Es gibt keine Zeilen. Die erste Zeile nennt die Spalten, darunter folgen die Zeilen.",
            ),
            Self::TooManyRows { .. } => (
                "Zu viele Zeilen",
                "Die Datei hat {rows} Zeilen; ein Import nimmt höchstens {most}. Teilen Sie sie auf mehrere Dateien auf.",
            ),
            Self::TooManyValues { .. } => (
                "Zu viele Werte",
                "Alle Zeilen und Spalten zusammen sind mehr als {most} Werte. Lassen Sie Spalten weg oder teilen Sie die Datei auf mehrere auf.",
            ),
            Self::NothingMatched => (
                "Nichts zu importieren",
                "Keine Spalte der Datei kommt in die Tabelle. Wählen Sie mindestens eine.",
            ),
            Self::WrongColumns => (
                "Nicht verstanden",
                "Die gewählten Spalten sind nicht die der Datei oder nicht die der Tabelle.",
            ),
            Self::NoKey => (
                "Zeilen sind nicht wiederzufinden",
                "Um Zeilen zu ändern, braucht die Datei die Spalte, die sie unterscheidet.",
            ),
        }
    }
}
