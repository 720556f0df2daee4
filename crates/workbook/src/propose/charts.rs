//! Charts: those the workbook draws, and those its summaries and lists ask for.

use gridkeep_model::{
    CellAt, RangeAt, RangeRef, Workbook,
    definition::{Aggregate, Binding, ChartView, DataSeries},
    workbook::{Chart, ChartKind},
};

use super::{
    table::Published,
    text::{Ids, short},
};
use crate::analyse::{Analysis, Block, BlockColumn, formula::single_reference};

/// More series than this nobody can tell apart.
const MAX_SERIES: usize = 8;
/// A category chart with more points than this becomes a line.
const MANY: u32 = 14;

/// A chart of the workbook, with the categories its block has when the file names none.
pub(crate) fn drawn(
    workbook: &Workbook,
    analysis: &Analysis,
    sheet: &str,
    chart: &Chart,
    ids: &mut Ids,
) -> Option<ChartView> {
    let mut series = Vec::new();
    let mut categories = None;
    let mut block_title = None;
    for drawn in chart.series.iter().take(MAX_SERIES) {
        let Some(values) = reference(workbook, &drawn.values) else { continue };
        let block = block_at(analysis, &values);
        let column =
            block.and_then(|block| block.column(values.at.start.column - block.range.at.start.column));
        let label = name(workbook, &drawn.name)
            .or_else(|| column.map(|column| column.header.clone()))
            .unwrap_or_default();
        if categories.is_none() {
            categories = reference(workbook, &drawn.categories)
                .map(|range| binding(&range, None))
                .or_else(|| Some(axis(block?, &values)).flatten());
            block_title = block.and_then(|block| block.columns.first()).map(|column| column.header.clone());
        }
        let header = column.map(|column| column.header.clone());
        series.push(DataSeries {
            label: short(&label, 60),
            values: binding(&values, header),
            aggregate: None,
        });
    }
    if series.is_empty() {
        return None;
    }
    let title = match (chart.title.trim(), series.as_slice(), block_title) {
        ("", [only], Some(axis)) if !only.label.is_empty() => format!("{} / {axis}", only.label),
        ("", [only], None) => only.label.clone(),
        ("", _, _) => sheet.to_owned(),
        (title, _, _) => title.to_owned(),
    };
    let title = short(&title, 80);
    Some(ChartView {
        id: ids.fresh(&format!("{title} chart"), "chart"),
        title,
        kind: chart.kind,
        categories,
        series,
    })
}

/// A chart of a calculated block: its first column across, its numbers up.
pub(crate) fn of_block(block: &Block, title: &str, ids: &mut Ids) -> Option<ChartView> {
    let data = block.data.as_ref()?;
    let axis = block.columns.first().filter(|column| !is_number(column) || column.sequence)?;
    let numbers: Vec<&BlockColumn> = block
        .columns
        .iter()
        .filter(|column| column.offset != axis.offset && is_number(column))
        .take(5)
        .collect();
    if numbers.is_empty() || data.at.rows() < 2 {
        return None;
    }
    let cells = |column: &BlockColumn| {
        let at = data.at.start.column + column.offset;
        let range =
            RangeAt { start: CellAt::new(data.at.start.row, at), end: CellAt::new(data.at.end.row, at) };
        binding(&RangeRef::new(data.sheet.clone(), range), Some(column.header.clone()))
    };
    let series = numbers.iter().map(|column| DataSeries {
        label: short(&column.header, 60),
        values: cells(column),
        aggregate: None,
    });
    let kind = if axis.sequence || data.at.rows() > MANY { ChartKind::Line } else { ChartKind::Bar };
    let title = short(title, 80);
    Some(ChartView {
        id: ids.fresh(&format!("{title} chart"), "chart"),
        title,
        kind,
        categories: Some(cells(axis)),
        series: series.collect(),
    })
}

/// Charts of a list: its first amount by its first category, and how its rows spread over another.
pub(crate) fn of_list(published: &Published<'_>, german: bool, most: usize, ids: &mut Ids) -> Vec<ChartView> {
    let by = if german { "nach" } else { "by" };
    let column =
        |column: &str| Binding::Column { table: published.table.id.clone(), column: column.to_owned() };
    let categories = published.categories();
    let amounts = published.amounts();
    let mut charts = Vec::new();
    if let (Some(category), Some(amount)) =
        (categories.iter().find(|column| column.formula.is_none()).or(categories.first()), amounts.first())
    {
        let title = short(&format!("{} {by} {}", amount.title, category.title), 80);
        let values = DataSeries {
            label: amount.title.clone(),
            values: column(&amount.id),
            aggregate: Some(Aggregate::Sum),
        };
        let id = ids.fresh(&title, "chart");
        charts.push(ChartView {
            id,
            title,
            kind: ChartKind::Bar,
            categories: Some(column(&category.id)),
            series: vec![values],
        });
    }
    let used = charts.first().and_then(|chart| chart.categories.clone());
    let other = categories.iter().rev().find(|category| Some(column(&category.id)) != used);
    if let Some(category) = other {
        let title = short(&format!("{} {by} {}", published.table.title, category.title), 80);
        let label = if german { "Anzahl" } else { "Count" };
        let values = DataSeries {
            label: label.to_owned(),
            values: column(&category.id),
            aggregate: Some(Aggregate::Count),
        };
        let id = ids.fresh(&title, "chart");
        charts.push(ChartView {
            id,
            title,
            kind: ChartKind::Pie,
            categories: Some(column(&category.id)),
            series: vec![values],
        });
    }
    charts.truncate(most);
    charts
}

fn is_number(column: &BlockColumn) -> bool {
    use gridkeep_model::ColumnType as T;
    matches!(column.column_type, T::Integer | T::Decimal { .. } | T::Double)
}

/// The column of categories that stands beside the values: the block's first, unless it is the values themselves.
fn axis(block: &Block, values: &RangeRef) -> Option<Binding> {
    let column = block.columns.first()?;
    let at = block.range.at.start.column + column.offset;
    if (values.at.start.column..=values.at.end.column).contains(&at) || values.at.columns() > 1 {
        return None;
    }
    let range =
        RangeAt { start: CellAt::new(values.at.start.row, at), end: CellAt::new(values.at.end.row, at) };
    Some(binding(&RangeRef::new(values.sheet.clone(), range), Some(column.header.clone())))
}

fn block_at<'a>(analysis: &'a Analysis, range: &RangeRef) -> Option<&'a Block> {
    let sheet = analysis.sheets.iter().find(|sheet| *sheet.name == *range.sheet)?;
    sheet.blocks.iter().find(|block| block.data.as_ref().is_some_and(|data| data.at.contains(range.at.start)))
}

/// The range a chart's reference means; the sheet must exist.
fn reference(workbook: &Workbook, text: &str) -> Option<RangeRef> {
    let reference = single_reference(text)?;
    let sheet = workbook.sheet(reference.sheet.as_deref()?)?;
    Some(RangeRef::new(sheet.name.clone(), reference.range(CellAt::new(1, 1))?))
}

/// The name of a series: the text of the cell it refers to, or the text itself.
fn name(workbook: &Workbook, text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let Some(range) = reference(workbook, text) else {
        return Some(text.trim_matches('"').to_owned()).filter(|text| !text.contains('!'));
    };
    let value = workbook.sheet(&range.sheet)?.value(range.at.start);
    value.as_text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A binding of a range.
pub(crate) fn binding(range: &RangeRef, label: Option<String>) -> Binding {
    Binding::Range { sheet: range.sheet.to_string(), range: range.at.to_string(), label }
}
