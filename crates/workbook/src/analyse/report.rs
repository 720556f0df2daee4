//! What the analysis found, as data: for proposals, for the editor, and for people who wonder why.

use gridkeep_model::{
    CellRef, ColumnType, RangeRef,
    definition::{FieldKind, Validation},
};
use serde::{Deserialize, Serialize};

use super::references::BlockReference;

/// A sentence for people, in both languages of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReasonText {
    /// English.
    pub en: String,
    /// German.
    pub de: String,
}

impl ReasonText {
    /// A sentence in both languages.
    pub fn new(en: impl Into<String>, de: impl Into<String>) -> Self {
        Self { en: en.into(), de: de.into() }
    }
}

/// What a workbook is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// The language of labels and headers: `en` or `de`.
    pub language: String,
    /// Cells that hold a formula.
    pub formulas: u64,
    /// Sheets in the order of their tabs.
    pub sheets: Vec<SheetAnalysis>,
    /// Columns whose values stand for rows of another block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<BlockReference>,
    /// Cells to enter something into, in reading order.
    pub inputs: Vec<Input>,
    /// Formulas that read at least one of the inputs directly.
    pub fed: u64,
    /// Cells that show a result, in reading order.
    pub outputs: Vec<Output>,
}

/// What a sheet is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SheetAnalysis {
    /// Its name.
    pub name: String,
    /// Whether its tab is shown.
    pub visible: bool,
    /// The title above everything else, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Headings within the sheet, top to bottom.
    pub sections: Vec<Section>,
    /// Blocks of cells that belong together, top to bottom.
    pub blocks: Vec<Block>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Its words.
    pub title: String,
    /// Where they are.
    pub cell: CellRef,
}

/// What a block of cells is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum BlockKind {
    /// Headers and typed rows: people's records.
    List,
    /// Headers and prepared rows, some cells to fill in and some calculated: positions of a quote.
    Entry,
    /// Headers and rows that formulas fill: a schedule, a summary.
    Calculated,
    /// Labels with a value beside each.
    Pairs,
    /// Anything else.
    Loose,
}

/// Cells that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// All of it: headers, rows, totals.
    pub range: RangeRef,
    /// The workbook's table (list object) it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The row with the headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// The rows below the headers, without totals; prepared but empty rows belong to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<RangeRef>,
    /// Rows in which somebody typed something.
    pub rows: u32,
    /// Rows at the end that are prepared and not yet filled in.
    pub spare_rows: u32,
    /// The row with the totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals_row: Option<u32>,
    /// Formulas elsewhere look values up in it.
    pub lookup: bool,
    /// Columns, left to right; empty without headers.
    pub columns: Vec<BlockColumn>,
    /// Offsets of columns that could name a row, best first.
    pub keys: Vec<u32>,
}

impl Block {
    /// Headers and typed rows alone, as a published table wants them; `None` without headers.
    pub fn published_range(&self) -> Option<RangeRef> {
        let mut range = self.data.clone()?;
        range.at.start.row = self.header_row?;
        let last = range.at.end.row.saturating_sub(self.spare_rows);
        range.at.end.row = last.max(range.at.start.row + 1);
        Some(range)
    }

    /// The header and the rows of one column.
    pub fn column(&self, offset: u32) -> Option<&BlockColumn> {
        self.columns.iter().find(|column| column.offset == offset)
    }
}

/// A column of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlockColumn {
    /// Offset within the block, from 0.
    pub offset: u32,
    /// Its header, or its letter when it has none.
    pub header: String,
    /// How its values are best kept.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// How its values are best entered.
    pub kind: FieldKind,
    /// The unit, from the header's brackets or the number format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The number format of most of its cells, unless General.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Filled cells.
    pub filled: u32,
    /// Different values.
    pub distinct: u32,
    /// No value occurs twice.
    pub unique: bool,
    /// Most texts look like codes: short, without blanks, with a digit.
    pub code_like: bool,
    /// Length of the longest text, counted up to a little over a line.
    pub longest: u32,
    /// Counts up by one from row to row.
    pub sequence: bool,
    /// Short text with few different values, as a category has; a list could be suggested for it.
    pub category: bool,
    /// Texts that stand for yes and no, when those are the column's only ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes_no: Option<(String, String)>,
    /// Some or all cells are calculated.
    pub calculated: bool,
    /// The one formula that fills the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<ColumnFormula>,
    /// What its data validation accepts.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
    /// What people should know of it.
    pub notes: Vec<ReasonText>,
}

/// The formula of a computed column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ColumnFormula {
    /// As it reads in the first data row, without `=`.
    pub text: String,
    /// It needs nothing but its own row and fixed cells outside the block, so that one row can be calculated alone.
    pub computable: bool,
}

/// A cell to enter something into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// What it is.
    #[serde(flatten)]
    pub value: LabelledCell,
    /// How many formulas read it by its own address or name.
    pub readers: u32,
    /// Nothing is in it yet.
    pub blank: bool,
    /// What its data validation accepts.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
}

/// A cell that shows a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// What it is.
    #[serde(flatten)]
    pub value: LabelledCell,
    /// No other formula reads it.
    pub last: bool,
}

/// A single cell with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LabelledCell {
    /// Where.
    pub cell: CellRef,
    /// The defined name that means exactly this cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The label beside or above it, as the workbook spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The label for people: without colon, asterisk and unit.
    pub title: String,
    /// The heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// How it is best entered or shown.
    pub kind: FieldKind,
    /// The unit, from the label's brackets, the number format or the cell beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A sentence beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}
