//! Names, tables and validations: the structure that people put over plain cells.

use crate::RangeAt;

/// A defined name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedName {
    /// As the workbook spells it.
    pub name: String,
    /// Index of the sheet it is visible in; `None` for the whole workbook.
    pub sheet: Option<usize>,
    /// What it stands for, as formula text without `=`: a reference, a constant or an expression.
    pub refers_to: String,
    /// Hidden from the user, as print areas and filters are.
    pub hidden: bool,
}

/// A table (list object).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The name that structured references use.
    pub name: String,
    /// Index of its sheet.
    pub sheet: usize,
    /// The whole range: headers, data and totals.
    pub range: RangeAt,
    /// Whether the first row holds headers.
    pub has_headers: bool,
    /// Whether the last row holds totals.
    pub has_totals: bool,
    /// Columns, left to right.
    pub columns: Vec<TableColumn>,
}

impl Table {
    /// The data rows alone; `None` when the table has none.
    pub fn data_range(&self) -> Option<RangeAt> {
        let mut range = self.range;
        range.start.row += u32::from(self.has_headers);
        range.end.row = range.end.row.checked_sub(u32::from(self.has_totals))?;
        (range.start.row <= range.end.row).then_some(range)
    }
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its header.
    pub name: String,
    /// The formula every row of the column is meant to hold, without `=`.
    pub formula: Option<String>,
}

/// A data validation (ECMA-376 part 1, section 18.3.1.32).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataValidation {
    /// The cells it rules.
    pub ranges: Vec<RangeAt>,
    /// What is checked.
    pub kind: ValidationKind,
    /// How the value is compared; of no meaning for lists and custom formulas.
    pub operator: ValidationOperator,
    /// First operand, as formula text without `=`; for a list either `"a,b,c"` in quotes or a reference.
    pub formula1: String,
    /// Second operand, for between and not between.
    pub formula2: String,
    /// Blank is accepted.
    pub allow_blank: bool,
    /// A wrong value is refused, not merely remarked upon.
    pub blocking: bool,
    /// What to tell the person; may be empty.
    pub error_message: String,
    /// A hint shown at the cell; may be empty.
    pub prompt: String,
}

/// What a [`DataValidation`] checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidationKind {
    /// Anything goes; only the prompt matters.
    Any,
    /// One of a list.
    List,
    /// A whole number.
    Whole,
    /// Any number.
    Decimal,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// The length of a text.
    TextLength,
    /// A formula that must be true.
    Custom,
}

/// How a [`DataValidation`] compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValidationOperator {
    /// Within both operands, ends included.
    #[default]
    Between,
    /// Outside both operands.
    NotBetween,
    /// Equal to the first operand.
    Equal,
    /// Not equal to the first operand.
    NotEqual,
    /// Greater than the first operand.
    GreaterThan,
    /// Less than the first operand.
    LessThan,
    /// Greater than or equal to the first operand.
    GreaterThanOrEqual,
    /// Less than or equal to the first operand.
    LessThanOrEqual,
}
