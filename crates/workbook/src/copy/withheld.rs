//! Which cells hold rows of published tables, and what is left of them.

use gridkeep_engine::{refs::shift, rows::source_range};
use gridkeep_model::{
    AppDefinition, CellAt, CellRef, CellValue, RangeAt, Workbook,
    definition::TableDefinition,
    workbook::{Cell, Formula},
};

/// Cells to blank, as edits of a workbook take them.
pub type BlankCells = Vec<(CellRef, CellValue)>;

/// Ranges whose values do not travel.
pub(super) struct Withheld {
    places: Vec<Place>,
}

struct Place {
    sheet: usize,
    range: RangeAt,
    /// Formulas that fill a column which the table does not have: logic, not data. By column.
    patterns: Vec<(u32, String)>,
}

impl Withheld {
    /// The data rows of all tables.
    pub(super) fn of(workbook: &Workbook, definition: &AppDefinition) -> Self {
        Self { places: definition.tables.iter().filter_map(|table| place(workbook, table)).collect() }
    }

    /// Withholds one more range, whatever is in it.
    pub(super) fn add(&mut self, sheet: usize, range: RangeAt) {
        self.places.push(Place { sheet, range, patterns: Vec::new() });
    }

    pub(super) fn covers(&self, sheet: usize, range: RangeAt) -> bool {
        self.places.iter().any(|place| {
            place.sheet == sheet && place.range.contains(range.start) && place.range.contains(range.end)
        })
    }

    pub(super) fn meets(&self, sheet: usize, range: RangeAt) -> bool {
        self.places.iter().any(|place| place.sheet == sheet && place.range.intersects(&range))
    }

    /// What is left of a cell; `None` for nothing.
    pub(super) fn left(&self, sheet: usize, cell: &Cell) -> Option<Cell> {
        let mut places =
            self.places.iter().filter(|place| place.sheet == sheet && place.range.contains(cell.at));
        if places.all(|place| place.keeps(cell)) { Some(cell.clone()) } else { None }
    }
}

impl Place {
    fn keeps(&self, cell: &Cell) -> bool {
        let Some(formula) = &cell.formula else { return false };
        let pattern = self.patterns.iter().find(|(column, _)| *column == cell.at.column);
        pattern.is_some_and(|(_, pattern)| {
            let by = i64::from(cell.at.row) - i64::from(self.range.start.row);
            shift(pattern, by, 0).is_some_and(|moved| same(&moved, formula.text()))
        })
    }
}

fn place(workbook: &Workbook, table: &TableDefinition) -> Option<Place> {
    let source = source_range(workbook, &table.source)?;
    let sheet = workbook.sheets.iter().position(|sheet| sheet.is_named(&source.sheet))?;
    let range = source.at;
    let published = |column: u32| {
        table.columns.iter().any(|own| range.start.column.checked_add(own.offset) == Some(column))
    };
    let first = |column: u32| {
        let cell = workbook.sheets[sheet].cell(CellAt::new(range.start.row, column))?;
        let text = cell.formula.as_ref().map(Formula::text)?;
        // One that reads nothing of its row is somebody's entry, such as `=120+35`.
        let moves = shift(text, 1, 0).is_some_and(|moved| !same(&moved, text));
        moves.then(|| (column, text.to_owned()))
    };
    let columns = range.start.column..=range.end.column;
    let patterns = columns.filter(|column| !published(*column)).filter_map(first).collect();
    Some(Place { sheet, range, patterns })
}

/// Whether two formulas differ in nothing but spaces.
fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    letters(a) == letters(b)
}

/// Cells within the rows of published tables that belong to no published column and hold entries: what the maker left out
/// of the app.
pub fn unpublished_cells(workbook: &Workbook, definition: &AppDefinition) -> BlankCells {
    let mut cells = BlankCells::new();
    for table in &definition.tables {
        let Some(place) = place(workbook, table) else { continue };
        let sheet = &workbook.sheets[place.sheet];
        let published = |column: u32| {
            table.columns.iter().any(|own| place.range.start.column.checked_add(own.offset) == Some(column))
        };
        let left_out =
            sheet.range(place.range).filter(|cell| !published(cell.at.column) && !place.keeps(cell));
        cells.extend(left_out.map(|cell| (CellRef::new(sheet.name.clone(), cell.at), CellValue::Blank)));
    }
    cells
}
