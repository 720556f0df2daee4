//! Between the values of the workbook model and those of the engine beneath.

use formualizer::common::{ExcelError, ExcelErrorExtra, ExcelErrorKind, LiteralValue};
use gridkeep_model::{CellError, CellValue};

/// A cell's value for the engine. Non-finite numbers do not exist in cells.
pub(crate) fn to_literal(value: &CellValue) -> LiteralValue {
    match value {
        CellValue::Blank => LiteralValue::Empty,
        CellValue::Number(number) => LiteralValue::Number(*number).finite_or_num_error(),
        CellValue::Text(text) => LiteralValue::Text(text.to_string()),
        CellValue::Boolean(boolean) => LiteralValue::Boolean(*boolean),
        CellValue::Error(error) => LiteralValue::Error(ExcelError::new(error_kind(*error))),
    }
}

/// The engine's value for a cell. Arrays give their first element: a cell shows one value.
pub(crate) fn from_literal(value: &LiteralValue) -> CellValue {
    match value {
        LiteralValue::Empty | LiteralValue::Pending => CellValue::Blank,
        LiteralValue::Text(text) => CellValue::text(text.as_str()),
        LiteralValue::Boolean(boolean) => CellValue::Boolean(*boolean),
        LiteralValue::Error(error) => CellValue::Error(from_error(error)),
        LiteralValue::Array(rows) => {
            rows.first().and_then(|row| row.first()).map_or(CellValue::Blank, from_literal)
        }
        other => match other.as_serial_number() {
            Some(number) if number.is_finite() => CellValue::Number(number),
            _ => CellValue::Error(CellError::Num),
        },
    }
}

fn from_error(error: &ExcelError) -> CellError {
    if matches!(error.extra(), ExcelErrorExtra::Resource { .. }) {
        return CellError::Limit;
    }
    match error.kind {
        ExcelErrorKind::Null => CellError::Null,
        ExcelErrorKind::Ref => CellError::Ref,
        ExcelErrorKind::Name | ExcelErrorKind::NImpl => CellError::Name,
        ExcelErrorKind::Div => CellError::Div0,
        ExcelErrorKind::Na => CellError::NotAvailable,
        ExcelErrorKind::Num => CellError::Num,
        ExcelErrorKind::Spill => CellError::Spill,
        ExcelErrorKind::Calc => CellError::Calc,
        ExcelErrorKind::Circ => CellError::Circular,
        ExcelErrorKind::Cancelled => CellError::Limit,
        _ => CellError::Value,
    }
}

const fn error_kind(error: CellError) -> ExcelErrorKind {
    match error {
        CellError::Null => ExcelErrorKind::Null,
        CellError::Div0 => ExcelErrorKind::Div,
        CellError::Value => ExcelErrorKind::Value,
        CellError::Ref => ExcelErrorKind::Ref,
        CellError::Name => ExcelErrorKind::Name,
        CellError::Num | CellError::Limit => ExcelErrorKind::Num,
        CellError::NotAvailable | CellError::GettingData => ExcelErrorKind::Na,
        CellError::Spill => ExcelErrorKind::Spill,
        CellError::Calc => ExcelErrorKind::Calc,
        CellError::Circular => ExcelErrorKind::Circ,
    }
}
