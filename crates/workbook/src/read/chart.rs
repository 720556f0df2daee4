//! A chart part: its kind, title and the references of its series (ECMA-376 part 1, section 21.2).

use gridkeep_model::workbook::{ChartKind, ChartSeries};

use super::{
    budget::Budget,
    formula,
    package::Package,
    xml::{Node, Xml},
};
use crate::error::Fault;

/// Reads a chart part. A chart of several kinds is told by its first.
pub(crate) fn read(
    package: &mut Package<'_>,
    part: &str,
    budget: &mut Budget<'_>,
) -> Result<(ChartKind, String, Vec<ChartSeries>), Fault> {
    let mut xml = package.xml(part)?;
    let (mut kind, mut title, mut series) = (None, String::new(), Vec::new());
    let mut in_plot = false;
    loop {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "plotArea" => in_plot = true,
                "legend" => in_plot = false,
                // Before the plot area it is the chart's title, within it that of an axis.
                "title" if !in_plot && series.is_empty() => title = label(&mut xml)?.0,
                "title" | "Fallback" => xml.skip()?,
                "ser" => {
                    budget.object(part)?;
                    let one = one_series(&mut xml)?;
                    budget.text(part, one.name.len() + one.categories.len() + one.values.len())?;
                    series.push(one);
                }
                name => {
                    if let Some(found) = kind_of(name).filter(|_| in_plot && kind.is_none()) {
                        kind = Some(found);
                    }
                }
            },
            Node::Eof => break,
            _ => {}
        }
    }
    budget.text(part, title.len())?;
    Ok((kind.unwrap_or(ChartKind::Other), title, series))
}

fn kind_of(element: &str) -> Option<ChartKind> {
    Some(match element {
        "barChart" | "bar3DChart" => ChartKind::Bar,
        "lineChart" | "line3DChart" => ChartKind::Line,
        "areaChart" | "area3DChart" => ChartKind::Area,
        "pieChart" | "pie3DChart" | "doughnutChart" | "ofPieChart" => ChartKind::Pie,
        "scatterChart" => ChartKind::Scatter,
        "radarChart" | "bubbleChart" | "stockChart" | "surfaceChart" | "surface3DChart" => ChartKind::Other,
        _ => return None,
    })
}

fn one_series(xml: &mut Xml<'_>) -> Result<ChartSeries, Fault> {
    let mut series = ChartSeries::default();
    let outside = xml.depth() - 1;
    while xml.depth() > outside {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "tx" => {
                    let (text, reference) = label(xml)?;
                    series.name = if reference.is_empty() { text } else { reference };
                }
                "cat" | "xVal" => series.categories = label(xml)?.1,
                "val" | "yVal" => series.values = label(xml)?.1,
                // Labels and error bars have references of their own.
                "dLbls" | "errBars" | "trendline" | "extLst" | "dPt" | "bubbleSize" => xml.skip()?,
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    Ok(series)
}

/// The text and the reference within the element that began last: rich text, or a reference and its cached text.
fn label(xml: &mut Xml<'_>) -> Result<(String, String), Fault> {
    let (mut text, mut reference) = (String::new(), String::new());
    let outside = xml.depth() - 1;
    while xml.depth() > outside {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "f" => reference = formula::plain(xml.text()?.trim()),
                "t" => xml.text_into(&mut text)?,
                "p" if !text.is_empty() => text.push(' '),
                // The cache of a category axis may be long; only a name's is a text of its own.
                "v" if text.is_empty() => xml.text_into(&mut text)?,
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    Ok((text.trim().to_owned(), reference))
}
