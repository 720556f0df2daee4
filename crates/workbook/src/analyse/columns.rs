//! Describes the columns of a block: type, unit, formula, category, and whether one could name a row.

use std::collections::HashMap;

use gridkeep_model::{CellAt, ColumnType, RangeAt, definition::FieldKind};

use super::{
    book::{Book, Origin, Spot},
    choices, formula, labels,
    number_format::{Look, Shows, look},
    report::{BlockColumn, ColumnFormula, ReasonText},
    values::Tally,
    words::{self, mentions},
};

/// What a column's cells hold, counted in one pass.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    tally: Tally,
    patterns: HashMap<u32, u32>,
    constants: u32,
    spilled: u32,
    styles: HashMap<u32, u32>,
    looks: HashMap<u32, Look>,
    example: Option<CellAt>,
    example_pattern: u32,
    all: u32,
}

impl Scan {
    /// Takes one cell into account.
    pub(crate) fn add(&mut self, book: &Book<'_>, spot: &Spot) {
        self.all += 1;
        *self.styles.entry(spot.style).or_default() += 1;
        let look = self.looks.entry(spot.style).or_insert_with(|| look(book.format(spot.style)));
        let date = matches!(spot.origin, Origin::Formula(id) if book.patterns[id as usize].date);
        let shows = if date && look.shows == Shows::Anything { Shows::Date } else { look.shows };
        self.tally.add(&spot.value, shows);
        match spot.origin {
            Origin::Constant => self.constants += 1,
            Origin::Spilled => self.spilled += 1,
            Origin::Formula(pattern) => {
                let count = self.patterns.entry(pattern).or_default();
                *count += 1;
                if self.example.is_none() || (self.example_pattern != pattern && *count * 2 > self.all) {
                    (self.example, self.example_pattern) = (Some(spot.at), pattern);
                }
            }
        }
    }

    /// Whether it has no cell at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.all == 0
    }

    /// Whether it is typed and only counts the rows.
    pub(crate) fn counts_up(&self) -> bool {
        self.constants == self.all && self.tally.sequence()
    }

    fn calculated(&self) -> bool {
        self.all > 0 && self.constants * 2 < self.all
    }

    /// The formula that (nearly) all cells share, and a cell that holds it.
    fn formula(&self) -> Option<(u32, CellAt)> {
        let (&pattern, &count) =
            self.patterns.iter().max_by_key(|(pattern, count)| (**count, std::cmp::Reverse(**pattern)))?;
        (self.spilled == 0 && count * 20 >= self.all * 19 && pattern == self.example_pattern)
            .then_some((pattern, self.example?))
    }
}

/// The description of one column of the block whose rows are `data`; `cells` is the column itself.
pub(crate) fn describe(
    book: &Book<'_>,
    sheet: usize,
    data: RangeAt,
    cells: RangeAt,
    offset: u32,
    header: String,
    scan: &Scan,
) -> BlockColumn {
    let style = scan
        .styles
        .iter()
        .max_by_key(|(style, count)| (**count, std::cmp::Reverse(**style)))
        .map_or(0, |(style, _)| *style);
    let format = book.format(style);
    let look = look(format);
    let calculated = scan.calculated();
    let mut found = scan.tally.kind(&header, &look, calculated);
    let mut notes = std::mem::take(&mut found.notes);
    let formula = scan.formula().and_then(|(pattern, example)| {
        let text = book.workbook.sheets[sheet].cell(example)?.formula.as_ref()?.text();
        let text = formula::copied(text, example, cells.start)?;
        Some(ColumnFormula { text, computable: computable(book, sheet, data, pattern, example) })
    });
    // Products and sums that happen to be whole today need not be tomorrow.
    let may_break = |formula: &ColumnFormula| {
        formula.text.contains(['*', '/'])
            || ["SUM", "AVERAGE"].iter().any(|name| formula.text.to_uppercase().contains(name))
    };
    if found.column_type == ColumnType::Integer && formula.as_ref().is_some_and(may_break) {
        (found.column_type, found.kind) = (ColumnType::Decimal { scale: 2 }, FieldKind::Number);
    }
    if let Some(formula) = &formula
        && scan.constants > 0
    {
        notes.push(ReasonText::new(
            format!("{} cells hold a typed value instead of the formula {}", scan.constants, formula.text),
            format!(
                "{} Zellen enthalten einen getippten Wert statt der Formel {}",
                scan.constants, formula.text
            ),
        ));
    }
    if calculated && formula.as_ref().is_none_or(|formula| !formula.computable) {
        notes.push(ReasonText::new(
            "Its formulas need more than their own row; in a list today's values are kept",
            "Die Formeln brauchen mehr als die eigene Zeile; in einer Liste bleiben die heutigen Werte",
        ));
    }
    let validation = choices::of_column(book, sheet, cells);
    let (_, bracket_unit) = labels::tidy(&header);
    let numeric = !matches!(found.column_type, ColumnType::Text | ColumnType::Boolean);
    let kind = if validation.choices.is_some() && found.column_type == ColumnType::Text {
        FieldKind::Choice
    } else {
        found.kind
    };
    BlockColumn {
        offset,
        column_type: found.column_type,
        kind,
        unit: look.unit.or(bracket_unit).filter(|_| numeric),
        format: (!format.eq_ignore_ascii_case("General") && numeric).then(|| format.to_owned()),
        filled: scan.tally.filled,
        distinct: scan.tally.distinct(),
        sequence: scan.tally.sequence(),
        category: scan.tally.category(),
        yes_no: scan.tally.yes_no(),
        calculated,
        formula,
        validation,
        notes,
        unique: scan.tally.unique() && scan.tally.filled > 0,
        code_like: scan.tally.code_like(),
        longest: scan.tally.longest() as u32,
        header,
    }
}

/// Whether one row is enough to calculate the formula: it reads its own row within the block and, besides, only fixed
/// cells outside that do not themselves depend on the block.
fn computable(book: &Book<'_>, sheet: usize, data: RangeAt, id: u32, at: CellAt) -> bool {
    let pattern = &book.patterns[id as usize];
    if pattern.unsteady {
        return false;
    }
    let columns = data.start.column..=data.end.column;
    let outside = |target: usize, range: RangeAt| {
        (target != sheet || !range.intersects(&data)) && !depends(book, target, range, sheet, data)
    };
    let plain = pattern.references.iter().all(|(target, reference)| {
        let Some(range) = reference.range(at) else { return false };
        let target = target.unwrap_or(sheet);
        if target == sheet && reference.own_row() {
            return columns.contains(&range.start.column) && columns.contains(&range.end.column);
        }
        reference.fixed_rows() && outside(target, range)
    });
    let named = pattern.named.iter().all(|&(target, range)| outside(target, range));
    let tables = pattern.tables.iter().all(|&(target, range, own_row)| {
        if own_row { target == sheet && range.intersects(&data) } else { outside(target, range) }
    });
    plain && named && tables
}

/// Whether formulas in `range` read the rows of the block directly.
fn depends(book: &Book<'_>, target: usize, range: RangeAt, sheet: usize, data: RangeAt) -> bool {
    let surface = &book.surfaces[target];
    let formulas = surface.range(range).filter_map(|spot| match spot.origin {
        Origin::Formula(pattern) => Some((pattern, spot.at)),
        _ => None,
    });
    formulas.take(64).any(|(pattern, at)| {
        book.ranges(pattern, target, at).iter().any(|&(read, range)| read == sheet && range.intersects(&data))
    })
}

/// Offsets of columns that could name a row, best first: typed, filled in every row, never twice, and made like an
/// identifier (by header or by look).
pub(crate) fn keys(columns: &[BlockColumn], rows: u32) -> Vec<u32> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for column in columns {
        let typed =
            !column.calculated && matches!(column.column_type, ColumnType::Text | ColumnType::Integer);
        if rows < 2 || !typed || !column.unique || column.filled < rows || column.kind == FieldKind::LongText
        {
            continue;
        }
        let named = mentions(&column.header, &words::IDENTIFIER);
        if named || column.code_like {
            let rank = u32::from(!named) * 2 + u32::from(column.sequence);
            found.push((rank, column.offset));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, offset)| offset).collect()
}
