//! Why a file cannot be used, in both languages: what the reader and the engine say of it.

use gridkeep_engine::EngineError;
use gridkeep_workbook::{Place, WorkbookError};

use crate::error::{ApiError, Unreadable};

/// A file the reader refused.
pub fn unreadable(error: &WorkbookError) -> ApiError {
    ApiError::UnreadableWorkbook(Box::new(Unreadable {
        code: error.code(),
        english: error.to_string(),
        german: error.german(),
        place: error.place().map(ToString::to_string),
        place_german: error.place().map(Place::german),
    }))
}

/// A workbook that was read and cannot be calculated.
pub(super) fn not_calculable(error: &EngineError) -> ApiError {
    let (code, place) = match error {
        EngineError::Limit { place, .. } => ("calculationLimit", Some(place)),
        EngineError::Formula { place, .. } => ("formula", Some(place)),
        _ => ("notCalculable", None),
    };
    ApiError::UnreadableWorkbook(Box::new(Unreadable {
        code,
        english: error.to_string(),
        german: format!("Die Arbeitsmappe kann nicht berechnet werden: {}.", reason(error)),
        place: place.cloned(),
        place_german: place.map(|place| german(place).to_owned()),
    }))
}

/// Why a workbook cannot be calculated, in German. What the engine beneath says is English and stays out.
fn reason(error: &EngineError) -> String {
    match error {
        EngineError::UnknownSheet(sheet) => format!("Ein Blatt „{sheet}“ gibt es nicht"),
        EngineError::Unknown(id) => format!("„{id}“ gehört nicht zur App"),
        EngineError::ReadOnly(id) => format!("„{id}“ kann nicht eingegeben werden"),
        EngineError::Formula { place, .. } => format!("{place}: Die Formel ist nicht lesbar"),
        EngineError::Limit { what, place, limit } => {
            let what = match *what {
                "cells" => "Die Zahl der Zellen",
                "formula length" => "Die Länge der Formel",
                "formula depth" => "Die Verschachtelung der Formel",
                "text length" => "Die Länge des Textes",
                "calculation time" => "Die Rechenzeit",
                "memory" => "Der Speicherbedarf",
                "rows" => "Die Zahl der Zeilen",
                _ => "Die Größe",
            };
            format!("{}: {what} überschreitet die erlaubten {limit}", german(place))
        }
        EngineError::Cancelled => "Die Berechnung wurde abgebrochen".to_owned(),
        EngineError::Internal(_) => "Die Berechnung ist gescheitert".to_owned(),
    }
}

/// The engine's place in German: a cell or sheet is called what it is called.
fn german(place: &str) -> &str {
    if place == "workbook" { "Arbeitsmappe" } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_is_told_in_german() {
        let check = |error: EngineError, expect: &str| {
            let ApiError::UnreadableWorkbook(told) = not_calculable(&error) else { return };
            let words = "Die Arbeitsmappe kann nicht berechnet werden: ";
            assert_eq!(told.german, format!("{words}{expect}."), "{error}");
        };
        let limit = |what, place: &str| EngineError::Limit { what, place: place.into(), limit: 9 };
        check(limit("cells", "Data"), "Data: Die Zahl der Zellen überschreitet die erlaubten 9");
        check(
            limit("calculation time", "workbook"),
            "Arbeitsmappe: Die Rechenzeit überschreitet die erlaubten 9",
        );
        check(limit("memory", "workbook"), "Arbeitsmappe: Der Speicherbedarf überschreitet die erlaubten 9");
        check(
            limit("formula depth", "Data!B2"),
            "Data!B2: Die Verschachtelung der Formel überschreitet die erlaubten 9",
        );
        check(limit("formula length", "A!B2"), "A!B2: Die Länge der Formel überschreitet die erlaubten 9");
        check(limit("text length", "A!B2"), "A!B2: Die Länge des Textes überschreitet die erlaubten 9");
        check(limit("rows", "A"), "A: Die Zahl der Zeilen überschreitet die erlaubten 9");
        let formula = EngineError::Formula { place: "A!B2".into(), message: "unexpected token".into() };
        check(formula, "A!B2: Die Formel ist nicht lesbar");
        check(EngineError::UnknownSheet("X".into()), "Ein Blatt „X“ gibt es nicht");
        check(EngineError::Unknown("x".into()), "„x“ gehört nicht zur App");
        check(EngineError::ReadOnly("x".into()), "„x“ kann nicht eingegeben werden");
        check(EngineError::Cancelled, "Die Berechnung wurde abgebrochen");
        check(EngineError::Internal("broke".into()), "Die Berechnung ist gescheitert");
    }
}
