//! What went wrong, as a JavaScript `Error` whose message is JSON: `{code, message, place?}`.

use gridkeep_engine::EngineError;
use gridkeep_workbook::WorkbookError;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An error on its way to JavaScript.
#[derive(Debug, Serialize)]
pub struct Failure {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Failure {
    /// Of this kind, in these words, about no place in particular.
    pub const fn new(code: &'static str, message: String) -> Self {
        Self { code, message, place: None }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let json = serde_json::to_string(&failure).unwrap_or(failure.message);
        js_sys::Error::new(&json).into()
    }
}

impl From<WorkbookError> for Failure {
    fn from(error: WorkbookError) -> Self {
        let place = error.place().map(ToString::to_string);
        Self { code: error.code(), message: error.to_string(), place }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        let (code, place) = match error {
            EngineError::UnknownSheet(sheet) => ("unknownSheet", Some(sheet)),
            EngineError::Unknown(id) => ("unknownField", Some(id)),
            EngineError::ReadOnly(id) => ("readOnly", Some(id)),
            EngineError::Formula { place, .. } => ("unreadableFormula", Some(place)),
            EngineError::Limit { place, .. } => ("limitReached", Some(place)),
            EngineError::Cancelled => ("cancelled", None),
            EngineError::Internal(_) => ("internal", None),
        };
        Self { code, message, place }
    }
}

/// A parameter that is not what it should be: a fault of the page, not of the person.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new("badRequest", error.to_string())
    }
}
