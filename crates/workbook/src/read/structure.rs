//! Tables and data validations.

use gridkeep_model::{
    RangeAt,
    report::FindingKind,
    workbook::{DataValidation, Table, TableColumn, ValidationKind, ValidationOperator},
};
use quick_xml::events::BytesStart;

use super::{
    budget::Budget,
    formula,
    package::Package,
    xml::{Node, Xml, attribute, flag, unescape},
};
use crate::{
    error::{Fault, Named, presentable},
    reason::Reason,
};

/// Reads a table part; `sheet` is the index of the sheet it lies on.
pub(crate) fn table(
    package: &mut Package<'_>,
    part: &str,
    sheet: usize,
    budget: &mut Budget<'_>,
) -> Result<Option<Table>, Fault> {
    let mut xml = package.xml(part)?;
    let mut table: Option<Table> = None;
    loop {
        match xml.next()? {
            Node::Start(start) => match (start.local_name().as_ref(), &mut table) {
                ("table", None) => {
                    budget.object(part)?;
                    table = table_head(&start, part, sheet, budget)?;
                    if table.is_none() {
                        return Ok(None);
                    }
                }
                ("tableColumn", Some(table)) => {
                    let name = attribute(&start, "name", part)?.unwrap_or_default();
                    let name = unescape(&name).into_owned();
                    budget.name(part, Named::Column, &name)?;
                    budget.object(part)?;
                    table.columns.push(TableColumn { name, formula: None });
                }
                ("calculatedColumnFormula", Some(table)) => {
                    let text = xml.text()?;
                    budget.text(part, text.len())?;
                    if let Some(column) = table.columns.last_mut() {
                        column.formula =
                            Some(formula::plain(&unescape(&text))).filter(|text| !text.is_empty());
                    }
                }
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    let Some(table) = table else { return Ok(None) };
    if table.columns.len() != table.range.columns() as usize {
        let detail = format!(
            "the table “{}” covers {} columns and names {}; it is read as plain cells",
            presentable(&table.name),
            table.range.columns(),
            table.columns.len()
        );
        budget.leave_out(FindingKind::PartIgnored, part, detail);
        return Ok(None);
    }
    Ok(Some(table))
}

fn table_head(
    start: &BytesStart<'_>,
    part: &str,
    sheet: usize,
    budget: &Budget<'_>,
) -> Result<Option<Table>, Fault> {
    let name = match attribute(start, "displayName", part)? {
        Some(name) => name,
        None => attribute(start, "name", part)?.unwrap_or_default(),
    };
    budget.name(part, Named::Table, &name)?;
    let text = attribute(start, "ref", part)?.unwrap_or_default();
    let Ok(range) = text.parse::<RangeAt>() else {
        return Err(Fault::damaged(part, Reason::NotARange { text: presentable(&text) }));
    };
    let rows = |name, default| -> Result<bool, Fault> {
        Ok(attribute(start, name, part)?.and_then(|rows| rows.parse::<u32>().ok()).unwrap_or(default) > 0)
    };
    let (has_headers, has_totals) = (rows("headerRowCount", 1)?, rows("totalsRowCount", 0)?);
    Ok(Some(Table { name: name.into_owned(), sheet, range, has_headers, has_totals, columns: Vec::new() }))
}

/// Reads the data validation that began last: its attributes are in `start_of`, its formulas and, in the extension of
/// 2010 ([MS-XLSX] 2.6.16), its ranges are elements.
pub(crate) fn validation(
    xml: &mut Xml<'_>,
    mut validation: DataValidation,
    budget: &mut Budget<'_>,
) -> Result<Option<DataValidation>, Fault> {
    let outside = xml.depth() - 1;
    let part = xml.part().to_owned();
    while xml.depth() > outside {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "formula1" => validation.formula1 = formula_text(&xml.text()?),
                "formula2" => validation.formula2 = formula_text(&xml.text()?),
                "sqref" => {
                    let text = xml.text()?;
                    validation.ranges = ranges(&text, &part, budget)?;
                }
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    budget.object(&part)?;
    budget.text(&part, validation.formula1.len() + validation.formula2.len())?;
    Ok((!validation.ranges.is_empty()).then_some(validation))
}

/// What the attributes of a data validation say.
pub(crate) fn validation_head(
    start: &BytesStart<'_>,
    part: &str,
    budget: &mut Budget<'_>,
) -> Result<DataValidation, Fault> {
    let text = |name| -> Result<String, Fault> {
        Ok(attribute(start, name, part)?.map(|text| unescape(&text).into_owned()).unwrap_or_default())
    };
    let kind = match text("type")?.as_str() {
        "list" => ValidationKind::List,
        "whole" => ValidationKind::Whole,
        "decimal" => ValidationKind::Decimal,
        "date" => ValidationKind::Date,
        "time" => ValidationKind::Time,
        "textLength" => ValidationKind::TextLength,
        "custom" => ValidationKind::Custom,
        _ => ValidationKind::Any,
    };
    let operator = match text("operator")?.as_str() {
        "notBetween" => ValidationOperator::NotBetween,
        "equal" => ValidationOperator::Equal,
        "notEqual" => ValidationOperator::NotEqual,
        "greaterThan" => ValidationOperator::GreaterThan,
        "lessThan" => ValidationOperator::LessThan,
        "greaterThanOrEqual" => ValidationOperator::GreaterThanOrEqual,
        "lessThanOrEqual" => ValidationOperator::LessThanOrEqual,
        _ => ValidationOperator::Between,
    };
    let stops = matches!(text("errorStyle")?.as_str(), "" | "stop");
    let (error_message, prompt) = (text("error")?, text("prompt")?);
    budget.text(part, error_message.len() + prompt.len())?;
    Ok(DataValidation {
        ranges: ranges(&text("sqref")?, part, budget)?,
        kind,
        operator,
        formula1: String::new(),
        formula2: String::new(),
        allow_blank: flag(start, "allowBlank", false, part)?,
        blocking: stops && flag(start, "showErrorMessage", false, part)?,
        error_message,
        prompt,
    })
}

fn formula_text(text: &str) -> String {
    formula::plain(&unescape(text)).trim().to_owned()
}

/// A list of ranges (`ST_Sqref`).
pub(crate) fn ranges(text: &str, part: &str, budget: &mut Budget<'_>) -> Result<Vec<RangeAt>, Fault> {
    let mut ranges = Vec::new();
    for word in text.split_ascii_whitespace() {
        budget.object(part)?;
        let range = word.parse();
        ranges.push(range.map_err(|_| Fault::damaged(part, Reason::NotARange { text: presentable(word) }))?);
    }
    Ok(ranges)
}
