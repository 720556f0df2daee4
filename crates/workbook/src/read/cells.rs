//! The cells of a worksheet (`sheetData`, ECMA-376 part 1, section 18.3.1.80): the part of a workbook that is long.
//!
//! **Architecture Invariant:** memory follows the cells that hold something, never the dimensions a sheet claims.

use std::{collections::HashMap, sync::Arc};

use gridkeep_model::{
    CellAt, CellError, CellValue, RangeAt,
    address::{MAX_COLUMN, MAX_ROW},
    report::FindingKind,
    workbook::{Cell, Formula},
};

use super::{
    budget::Budget,
    date,
    formula::{self, Template},
    metadata::Metadata,
    strings,
    styles::Formats,
    xml::{Node, Xml, attribute_value, is_true, unescape},
};
use crate::{
    error::{Fault, Position, presentable},
    reason::Reason,
};

/// What the cells of every sheet refer to.
pub(crate) struct Shared {
    pub(crate) strings: Vec<Arc<str>>,
    pub(crate) formats: Formats,
    pub(crate) metadata: Metadata,
    pub(crate) date_1904: bool,
}

/// The cells of one sheet, and its hidden rows.
#[derive(Default)]
pub(crate) struct Cells {
    pub(crate) cells: Vec<Cell>,
    pub(crate) hidden_rows: Vec<(u32, u32)>,
}

/// How the text of a value is to be understood (`ST_CellType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Text,
    Inline,
    Boolean,
    Error,
    Date,
}

/// How a formula is stored (`ST_CellFormulaType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    Plain,
    Array,
    Shared(Option<u32>),
    DataTable,
}

struct CellsReader<'x, 'p, 's, 'l> {
    xml: &'x mut Xml<'p>,
    sheet: &'x str,
    shared: &'s Shared,
    budget: &'x mut Budget<'l>,
    out: Cells,
    templates: HashMap<u32, (Template, CellAt)>,
    /// Where the next row and cell are when they do not say.
    row: u32,
    column: u32,
    value: String,
    formula: String,
}

/// Reads up to the end of `sheetData`, which began last.
pub(crate) fn read(
    xml: &mut Xml<'_>,
    sheet: &str,
    shared: &Shared,
    budget: &mut Budget<'_>,
) -> Result<Cells, Fault> {
    let mut reader = CellsReader {
        xml,
        sheet,
        shared,
        budget,
        out: Cells::default(),
        templates: HashMap::new(),
        row: 0,
        column: 0,
        value: String::new(),
        formula: String::new(),
    };
    reader.rows()?;
    Ok(reader.out)
}

impl CellsReader<'_, '_, '_, '_> {
    fn rows(&mut self) -> Result<(), Fault> {
        let outside = self.xml.depth() - 1;
        while self.xml.depth() > outside {
            let (mut row, mut hidden) = (None, false);
            let (mut at, mut style, mut kind, mut cm) = (None, 0, Kind::Number, 0);
            let is_row = match self.xml.next()? {
                Node::Start(start) => match start.local_name().as_ref() {
                    "row" => {
                        for attribute in start.attributes().with_checks(false).flatten() {
                            match attribute.key.as_ref() {
                                "r" => {
                                    row = Some(row_number(&attribute.value).ok_or_else(|| {
                                        unreadable(
                                            self.sheet,
                                            Reason::NotARow { text: presentable(&attribute.value) },
                                        )
                                    })?);
                                }
                                "hidden" => hidden = is_true(&attribute.value),
                                _ => {}
                            }
                        }
                        true
                    }
                    "c" => {
                        for attribute in start.attributes().with_checks(false).flatten() {
                            match attribute.key.as_ref() {
                                "r" => {
                                    let parsed = attribute.value.parse::<CellAt>();
                                    at = Some(parsed.map_err(|_| {
                                        unreadable(
                                            self.sheet,
                                            Reason::NotACell { text: presentable(&attribute.value) },
                                        )
                                    })?);
                                }
                                "s" => style = attribute.value.parse().unwrap_or(0),
                                "t" => kind = Kind::from_file(&attribute.value),
                                "cm" => cm = attribute.value.parse().unwrap_or(0),
                                _ => {}
                            }
                        }
                        false
                    }
                    _ => continue,
                },
                Node::Eof => break,
                _ => continue,
            };
            if is_row {
                self.row = row.unwrap_or(self.row + 1);
                self.column = 0;
                if hidden {
                    push_run(&mut self.out.hidden_rows, self.row);
                }
                continue;
            }
            let at = at.unwrap_or(CellAt::new(self.row, self.column + 1));
            if at.column > MAX_COLUMN || !(1..=MAX_ROW).contains(&at.row) {
                return Err(self.xml.damaged(Reason::CellOutside).at(Position::Row(at.row)));
            }
            (self.row, self.column) = (at.row, at.column);
            self.cell(at, style, kind, cm)
                .map_err(|fault| fault.at(Position::CellOf(at, presentable(self.sheet))))?;
        }
        Ok(())
    }

    fn cell(&mut self, at: CellAt, style: u32, kind: Kind, cm: usize) -> Result<(), Fault> {
        self.value.clear();
        self.formula.clear();
        let (mut has_value, mut storage, mut range) = (false, None, None);
        let outside = self.xml.depth() - 1;
        while self.xml.depth() > outside {
            match self.xml.next()? {
                Node::Start(start) => match start.local_name().as_ref() {
                    "v" => {
                        has_value = true;
                        self.xml.text_into(&mut self.value)?;
                    }
                    "f" => {
                        let (mut index, mut kind) = (None, Storage::Plain);
                        for attribute in start.attributes().with_checks(false).flatten() {
                            match attribute.key.as_ref() {
                                "t" => {
                                    kind = match &*attribute.value {
                                        "array" => Storage::Array,
                                        "shared" => Storage::Shared(None),
                                        "dataTable" => Storage::DataTable,
                                        _ => Storage::Plain,
                                    }
                                }
                                "ref" => {
                                    range = attribute_value(&attribute, self.sheet)?.parse::<RangeAt>().ok();
                                }
                                "si" => index = attribute.value.parse().ok(),
                                _ => {}
                            }
                        }
                        storage = Some(if matches!(kind, Storage::Shared(_)) {
                            Storage::Shared(index)
                        } else {
                            kind
                        });
                        self.xml.text_into(&mut self.formula)?;
                    }
                    "is" => {
                        has_value = true;
                        strings::item(self.xml, &mut self.value)?;
                    }
                    _ => self.xml.skip()?,
                },
                Node::Eof => break,
                _ => {}
            }
        }
        let formula = match storage {
            None => None,
            Some(storage) => self.formula(at, storage, range, cm)?,
        };
        let value = if has_value { self.value(kind)? } else { CellValue::Blank };
        if formula.is_none() && value == CellValue::Blank {
            return Ok(());
        }
        self.budget.cell(self.xml.part())?;
        self.out.cells.push(Cell { at, value, formula, style: self.shared.formats.of_style(style) });
        Ok(())
    }

    fn formula(
        &mut self,
        at: CellAt,
        storage: Storage,
        range: Option<RangeAt>,
        cm: usize,
    ) -> Result<Option<Formula>, Fault> {
        let text = match storage {
            Storage::DataTable => {
                let range = range.map_or_else(|| at.to_string(), |range| range.to_string());
                let detail = format!("the what-if table {range} keeps its values and is not calculated");
                self.budget.leave_out(FindingKind::PartIgnored, format!("{}!{at}", self.sheet), detail);
                return Ok(None);
            }
            Storage::Shared(Some(index)) if self.formula.trim().is_empty() => {
                let Some((template, origin)) = self.templates.get(&index) else {
                    let detail = "its shared formula is missing in the file; the last value is kept";
                    self.budget.leave_out(
                        FindingKind::UnreadableFormula,
                        format!("{}!{at}", self.sheet),
                        detail,
                    );
                    return Ok(None);
                };
                let rows = i64::from(at.row) - i64::from(origin.row);
                let columns = i64::from(at.column) - i64::from(origin.column);
                self.formula.clear();
                template.write(rows, columns, &mut self.formula);
                Arc::from(self.formula.as_str())
            }
            Storage::Plain | Storage::Array | Storage::Shared(_) => {
                if self.formula.trim().is_empty() {
                    return Ok(None);
                }
                let text = formula::plain(&unescape(&self.formula));
                if let Storage::Shared(Some(index)) = storage {
                    if self.templates.len() >= self.budget.limits.objects {
                        return Err(self.xml.damaged(Reason::TooManySharedFormulas));
                    }
                    self.templates.insert(index, (Template::new(&text), at));
                }
                Arc::<str>::from(text)
            }
        };
        self.budget.text(self.xml.part(), text.len() + size_of::<usize>() * 2)?;
        let range = range.filter(|range| range.start == at).unwrap_or(RangeAt::cell(at));
        Ok(Some(match storage {
            Storage::Array if self.shared.metadata.is_dynamic(cm) => Formula::Spill(text, range),
            Storage::Array => Formula::Array(text, range),
            _ => Formula::Plain(text),
        }))
    }

    fn value(&mut self, kind: Kind) -> Result<CellValue, Fault> {
        let text = self.value.as_str();
        let wrong = |reason: fn(String) -> Reason| self.xml.damaged(reason(presentable(text)));
        Ok(match kind {
            Kind::Number => {
                let text = text.trim();
                if text.is_empty() {
                    return Ok(CellValue::Blank);
                }
                let number: f64 = text.parse().map_err(|_| wrong(|text| Reason::NotANumber { text }))?;
                if !number.is_finite() {
                    return Err(wrong(|text| Reason::NotFinite { text }));
                }
                CellValue::Number(number)
            }
            Kind::Shared => {
                if text.trim().is_empty() {
                    return Ok(CellValue::Blank);
                }
                let index: usize =
                    text.trim().parse().map_err(|_| wrong(|text| Reason::NotASharedText { text }))?;
                let shared = self.shared.strings.get(index);
                CellValue::Text(
                    shared.ok_or_else(|| wrong(|text| Reason::NoSuchSharedText { text }))?.clone(),
                )
            }
            Kind::Text | Kind::Inline => CellValue::Text(self.budget.keep(self.xml.part(), &unescape(text))?),
            Kind::Boolean => CellValue::Boolean(is_true(text)),
            // Excel keeps adding errors; those the model has no word for behave as #VALUE! in every formula.
            Kind::Error => CellValue::Error(text.trim().parse().unwrap_or(CellError::Value)),
            Kind::Date => CellValue::Number(
                date::serial(text.trim(), self.shared.date_1904)
                    .ok_or_else(|| wrong(|text| Reason::NotADate { text }))?,
            ),
        })
    }
}

impl Kind {
    fn from_file(text: &str) -> Self {
        match text {
            "s" => Self::Shared,
            "str" => Self::Text,
            "inlineStr" => Self::Inline,
            "b" => Self::Boolean,
            "e" => Self::Error,
            "d" => Self::Date,
            _ => Self::Number,
        }
    }
}

fn row_number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|row| (1..=MAX_ROW).contains(row))
}

fn unreadable(sheet: &str, reason: Reason) -> Fault {
    Fault::in_sheet(sheet, reason)
}

/// Adds a number to ascending runs of numbers.
pub(crate) fn push_run(runs: &mut Vec<(u32, u32)>, number: u32) {
    match runs.last_mut() {
        Some((_, last)) if *last + 1 == number || *last == number => *last = number,
        _ => runs.push((number, number)),
    }
}
