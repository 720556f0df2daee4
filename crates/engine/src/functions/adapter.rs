//! From a plain Rust function to one of the engine beneath: arguments evaluated, errors handed through, and scalar functions
//! lifted over arrays element by element.

use std::sync::Arc;

use formualizer::{
    common::{DateSystem, ExcelError, ExcelErrorKind, LiteralValue, parse_excel_datetime_text_to_serial_for},
    eval::{
        engine::range_view::RangeView,
        function::{FnCaps, Function},
        traits::{ArgumentHandle, CalcValue, FunctionContext},
    },
};

use crate::Locale;

/// The most bytes of text in one array of results: a million long texts would be more than there is memory.
pub(super) const MAX_TEXTS: usize = 1 << 26;

/// What a function gives: a value, or the kind of error a cell shows.
pub(super) type Outcome = Result<LiteralValue, ExcelErrorKind>;

/// A function as its family defines it.
pub(super) struct Definition {
    /// In upper case.
    pub(super) name: &'static str,
    /// Fewest and most arguments.
    pub(super) arguments: (usize, usize),
    pub(super) body: Body,
}

/// How a function takes its arguments.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// One value each, errors included: they come out in the order in which the function looks at its arguments. Over arrays
    /// it is called for every element.
    Scalar(fn(&Context, &[LiteralValue]) -> Outcome),
    /// Ranges and arrays as a whole.
    Whole(fn(&Context, &[Argument]) -> Outcome),
}

/// What a function may know beyond its arguments.
pub(super) struct Context {
    pub(super) locale: Locale,
    pub(super) date_1904: bool,
}

/// An argument of a [`Body::Whole`] function.
pub(super) enum Argument {
    /// Left out between two commas.
    Missing,
    Value(LiteralValue),
    /// A range or an array of more than one cell, or a reference to one.
    Cells(Vec<Vec<LiteralValue>>),
}

impl Argument {
    /// All values, row by row.
    pub(super) fn values(&self) -> impl Iterator<Item = &LiteralValue> {
        let (one, many) = match self {
            Self::Missing => (None, None),
            Self::Value(value) => (Some(value), None),
            Self::Cells(rows) => (None, Some(rows.iter().flatten())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

impl Definition {
    pub(super) fn adapted(&self, locale: Locale) -> Arc<dyn Function> {
        Arc::new(Adapted { name: self.name, arguments: self.arguments, body: self.body, locale })
    }
}

struct Adapted {
    name: &'static str,
    arguments: (usize, usize),
    body: Body,
    locale: Locale,
}

impl Function for Adapted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn caps(&self) -> FnCaps {
        FnCaps::PURE
    }

    fn eval<'b>(
        &self,
        arguments: &[ArgumentHandle<'_, 'b>],
        context: &dyn FunctionContext<'b>,
    ) -> Result<CalcValue<'b>, ExcelError> {
        if arguments.len() < self.arguments.0 || arguments.len() > self.arguments.1 {
            return Ok(error(ExcelErrorKind::Value));
        }
        let ours = Context { locale: self.locale, date_1904: context.date_system() == DateSystem::Excel1904 };
        let limit = context.materialized_array_cells();
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            if argument.is_omitted() {
                values.push(Argument::Missing);
                continue;
            }
            values.push(match argument.value() {
                Ok(CalcValue::Range(view)) => match cells(&view, limit) {
                    Ok(argument) => argument,
                    Err(kind) => return Ok(error(kind)),
                },
                Ok(CalcValue::Callable(_)) => return Ok(error(ExcelErrorKind::Value)),
                Ok(value) => from_value(value.into_literal()),
                Err(problem) => Argument::Value(LiteralValue::Error(problem)),
            });
        }
        let result = match self.body {
            Body::Whole(call) => call(&ours, &values),
            Body::Scalar(call) => lifted(&ours, &values, call),
        };
        Ok(match result {
            Ok(LiteralValue::Array(rows)) => {
                CalcValue::Range(RangeView::from_owned_rows(rows, context.date_system()))
            }
            Ok(value) => CalcValue::Scalar(value.finite_or_num_error()),
            Err(kind) => error(kind),
        })
    }
}

fn error<'a>(kind: ExcelErrorKind) -> CalcValue<'a> {
    CalcValue::Scalar(LiteralValue::Error(ExcelError::new(kind)))
}

fn from_value(value: LiteralValue) -> Argument {
    match value {
        LiteralValue::Array(mut rows) => match rows.as_mut_slice() {
            [row] if row.len() == 1 => Argument::Value(row.remove(0)),
            _ => Argument::Cells(rows),
        },
        value => Argument::Value(value),
    }
}

fn cells(view: &RangeView<'_>, limit: u64) -> Result<Argument, ExcelErrorKind> {
    let (rows, columns) = view.dims();
    if rows as u64 * columns as u64 > limit {
        return Err(ExcelErrorKind::Num);
    }
    if rows == 0 || columns == 0 {
        return Ok(Argument::Value(LiteralValue::Empty));
    }
    if rows == 1 && columns == 1 {
        return Ok(Argument::Value(view.get_cell(0, 0)));
    }
    let row = |row: usize| (0..columns).map(|column| view.get_cell(row, column)).collect();
    Ok(Argument::Cells((0..rows).map(row).collect()))
}

/// Calls a scalar function once, or for every element of the largest array among its arguments.
fn lifted(
    context: &Context,
    arguments: &[Argument],
    call: fn(&Context, &[LiteralValue]) -> Outcome,
) -> Outcome {
    let (mut rows, mut columns) = (1, 1);
    for argument in arguments {
        if let Argument::Cells(cells) = argument {
            rows = rows.max(cells.len());
            columns = columns.max(cells.first().map_or(0, Vec::len));
        }
    }
    let at = |row: usize, column: usize| -> Outcome {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = match argument {
                Argument::Missing => LiteralValue::Empty,
                Argument::Value(value) => value.clone(),
                Argument::Cells(cells) => {
                    // One row or column is repeated; beyond an array's end there is nothing.
                    let row = if cells.len() == 1 { 0 } else { row };
                    let found =
                        cells.get(row).and_then(|row| row.get(if row.len() == 1 { 0 } else { column }));
                    found.cloned().ok_or(ExcelErrorKind::Na)?
                }
            };
            values.push(value);
        }
        call(context, &values)
    };
    if rows == 1 && columns == 1 {
        return at(0, 0);
    }
    let mut texts = 0;
    let mut value = |row, column| {
        let value = at(row, column).unwrap_or_else(|kind| LiteralValue::Error(ExcelError::new(kind)));
        if let LiteralValue::Text(text) = &value {
            texts += text.len();
        }
        if texts > MAX_TEXTS { Err(ExcelErrorKind::Num) } else { Ok(value) }
    };
    let row = |row| (0..columns).map(|column| value(row, column)).collect();
    Ok(LiteralValue::Array((0..rows).map(row).collect::<Result<_, _>>()?))
}

impl Context {
    /// A number as arithmetic takes it: blank is 0, booleans are 1 and 0, texts are read, dates included.
    pub(super) fn number(&self, value: &LiteralValue) -> Result<f64, ExcelErrorKind> {
        match value {
            LiteralValue::Error(error) => Err(error.kind),
            LiteralValue::Empty => Ok(0.0),
            LiteralValue::Text(text) => self.number_in(text).ok_or(ExcelErrorKind::Value),
            other => other.as_serial_number().ok_or(ExcelErrorKind::Value),
        }
    }

    /// A number from a text, as VALUE reads it.
    pub(super) fn number_in(&self, text: &str) -> Option<f64> {
        let trimmed = text.trim();
        let plain = trimmed.strip_suffix('%').unwrap_or(trimmed);
        let well_formed =
            plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        if well_formed && let Ok(number) = plain.parse::<f64>() {
            let number = if plain.len() < trimmed.len() { number / 100.0 } else { number };
            return number.is_finite().then_some(number);
        }
        // Numbers may stand among spaces, dates may not.
        if trimmed.len() < text.len() {
            return None;
        }
        let system = if self.date_1904 { DateSystem::Excel1904 } else { DateSystem::Excel1900 };
        parse_excel_datetime_text_to_serial_for(system, text)
    }
}

/// A value as `&` writes it.
pub(super) fn text_of(value: &LiteralValue) -> Result<String, ExcelErrorKind> {
    Ok(match value {
        LiteralValue::Error(error) => return Err(error.kind),
        LiteralValue::Empty => String::new(),
        LiteralValue::Text(text) => text.clone(),
        LiteralValue::Boolean(boolean) => boolean.to_string().to_uppercase(),
        other => number_text(other.as_serial_number().ok_or(ExcelErrorKind::Value)?),
    })
}

/// A number as `&` writes it: fifteen digits, with an exponent only where there would be more than twenty places.
pub(super) fn number_text(number: f64) -> String {
    if number == 0.0 || (1e-9..1e21).contains(&number.abs()) {
        return crate::typed::plain_number(number);
    }
    let text = format!("{number:.14E}");
    let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}E{sign}{digits:0>2}")
}
