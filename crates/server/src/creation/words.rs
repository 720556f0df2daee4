//! Why a file cannot be used, in both languages. The reader's own words are English and name file, part and place; German
//! ones are made here from the same facts.

use gridkeep_engine::EngineError;
use gridkeep_workbook::WorkbookError;

use crate::error::{ApiError, Unreadable};

/// A file the reader refused.
pub fn unreadable(error: &WorkbookError) -> ApiError {
    let german = match error {
        WorkbookError::Empty { file } => format!("„{file}“ ist leer: Es steht nichts darin."),
        WorkbookError::WrongKind { file, .. } => format!(
            "„{file}“ ist keine Arbeitsmappe, die hier geöffnet werden kann. Speichern Sie sie als .xlsx, .xlsm oder .csv und versuchen Sie es erneut."
        ),
        WorkbookError::Protected { file } => format!(
            "„{file}“ ist mit einem Passwort geschützt. Entfernen Sie es in Ihrer Tabellenkalkulation und versuchen Sie es erneut."
        ),
        WorkbookError::Damaged { file, place, reason } => {
            format!("„{file}“ ist beschädigt ({place}): {reason}")
        }
        WorkbookError::TooLarge { file, place, reason } => {
            format!("„{file}“ ist zu groß ({place}): {reason}")
        }
        WorkbookError::Refused { file, place, reason } => {
            format!("„{file}“ wird nicht angenommen ({place}): {reason}")
        }
        WorkbookError::CannotWrite { place, reason } => {
            format!("Die Änderungen passen nicht in die Arbeitsmappe ({place}): {reason}")
        }
    };
    ApiError::UnreadableWorkbook(Box::new(Unreadable {
        code: error.code(),
        english: error.to_string(),
        german,
        place: error.place().map(ToString::to_string),
    }))
}

/// A workbook that was read and cannot be calculated.
pub(super) fn not_calculable(error: &EngineError) -> ApiError {
    let (code, place) = match error {
        EngineError::Limit { place, .. } => ("calculationLimit", Some(place.clone())),
        EngineError::Formula { place, .. } => ("formula", Some(place.clone())),
        _ => ("notCalculable", None),
    };
    ApiError::UnreadableWorkbook(Box::new(Unreadable {
        code,
        english: error.to_string(),
        german: format!("Die Arbeitsmappe kann nicht berechnet werden: {error}"),
        place,
    }))
}
