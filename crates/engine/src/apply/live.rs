//! Rows of the tables that formulas read, kept in the cells of the engine that calculates them.
//!
//! **Architecture Invariant:** while a transaction runs, those cells hold what it would read: rows as they are stored, and over
//! them what it has done so far. What it leaves behind is looked up again before the next one, so that a transaction that
//! was not kept is not seen by others.

use std::collections::BTreeSet;

use gridkeep_model::{
    CellAt, CellRef, CellValue, RangeAt, RangeRef, Row, RowId, Value,
    definition::{ColumnDefinition, TableDefinition},
    transaction::Reason,
};

use crate::{
    Engine, EngineError, refs,
    rows::{Back, Inserted},
};

/// Rows of one table that formulas may read. More would take an engine that costs more than what it is for.
pub const MOST_READ: usize = 20_000;

/// The tables that formulas read.
#[derive(Default)]
pub(super) struct Live {
    tables: Vec<LiveTable>,
    /// Where places of the workbook are since rows were added.
    pub(super) inserted: Inserted,
    /// Rows that may be others than their cells say.
    doubtful: BTreeSet<(String, RowId)>,
    /// Tables whose rows have changed since somebody asked.
    changed: BTreeSet<String>,
}

struct LiveTable {
    id: String,
    /// The data rows, in the places of the workbook.
    block: RangeRef,
    /// Offsets of the columns.
    columns: Vec<u32>,
    /// Positions of those with files, which formulas see nothing of.
    files: Vec<usize>,
    /// Formulas by offset, for the first row; cells hold what they gave for each row.
    formulas: Vec<(u32, String)>,
    back: Back,
    /// By age, as they stand below each other; cells below the last are blank.
    rows: Vec<RowId>,
    /// Rows of the block now.
    size: u32,
    /// Why its rows cannot be read.
    wrong: Option<Reason>,
}

/// A row's cells by column; `None` is a row of blanks.
type Cells = Option<Vec<CellValue>>;

impl Live {
    pub(super) fn add(&mut self, table: &TableDefinition, block: RangeRef, back: Back) {
        let columns = table.columns.iter().map(|column| column.offset).collect();
        let formula = |column: &ColumnDefinition| Some((column.offset, column.formula.clone()?));
        self.tables.push(LiveTable {
            id: table.id.clone(),
            size: block.at.rows(),
            block,
            columns,
            files: (0..table.columns.len()).filter(|at| table.columns[*at].is_file()).collect(),
            formulas: table.columns.iter().filter_map(formula).collect(),
            back,
            rows: Vec::new(),
            wrong: None,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.tables.iter().map(|table| &table.id)
    }

    /// Why one of these tables cannot be read.
    pub(super) fn wrong(&self, read: &BTreeSet<String>) -> Option<&Reason> {
        self.tables.iter().filter(|table| read.contains(&table.id)).find_map(|table| table.wrong.as_ref())
    }

    /// A row may be another than its cells say.
    pub(super) fn touch(&mut self, table: &str, id: RowId) {
        if self.place(table).is_some() {
            self.doubtful.insert((table.to_owned(), id));
        }
    }

    /// Rows to look up, each with its table.
    pub(super) fn doubtful(&self) -> Vec<(String, RowId)> {
        self.doubtful.iter().cloned().collect()
    }

    /// They have been looked up.
    pub(super) fn trust(&mut self) {
        self.doubtful.clear();
    }

    pub(super) fn take_changed(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.changed)
    }

    /// Takes all rows of a table.
    pub(super) fn set_rows(&mut self, engine: &mut dyn Engine, table: &str, rows: &[Row]) {
        let Some(at) = self.place(table) else { return };
        self.doubtful.retain(|(own, _)| own != table);
        let own = &mut self.tables[at];
        own.wrong = None;
        if rows.len() > MOST_READ {
            own.wrong = Some(Reason::TooManyToRead { table: table.to_owned(), maximum: MOST_READ });
            return;
        }
        let mut sorted: Vec<&Row> = rows.iter().collect();
        sorted.sort_by_key(|row| row.id);
        own.rows = sorted.iter().map(|row| row.id).collect();
        let mut cells: Vec<Cells> = sorted.iter().map(|row| Some(own.cells(&row.values))).collect();
        let written = self.grow(engine, at);
        cells.resize(cells.len().max(self.tables[at].size as usize), None);
        let written = written.and_then(|()| self.write(engine, at, 0, cells));
        self.note(at, written);
    }

    /// Puts a row where it belongs, or takes it out. It stays in doubt until it is looked up again.
    pub(super) fn put(&mut self, engine: &mut dyn Engine, table: &str, id: RowId, values: Option<&[Value]>) {
        let Some(at) = self.place(table) else { return };
        self.doubtful.insert((table.to_owned(), id));
        let written = self.replace(engine, at, id, values);
        self.note(at, written);
    }

    /// A row of the table is another than before the transaction.
    pub(super) fn note_change(&mut self, table: &str) {
        if self.place(table).is_some() {
            self.changed.insert(table.to_owned());
        }
    }

    /// Puts a row in its place with the table's formulas; gives its first cell. `None` for tables that nothing reads.
    pub(super) fn calculate(
        &mut self,
        engine: &mut dyn Engine,
        table: &str,
        id: RowId,
        values: &[Value],
    ) -> Result<Option<CellRef>, EngineError> {
        let Some(at) = self.place(table) else { return Ok(None) };
        self.put(engine, table, id, Some(values));
        let own = &self.tables[at];
        let Ok(row) = own.rows.binary_search(&id) else { return Ok(None) };
        for (offset, formula) in &own.formulas {
            if let Some(moved) = refs::shift(formula, row as i64, 0) {
                engine.set_formula(&self.cell(at, row, *offset), &moved)?;
            }
        }
        Ok(Some(self.cell(at, row, 0)))
    }

    fn place(&self, table: &str) -> Option<usize> {
        self.tables.iter().position(|own| own.id == table)
    }

    /// The first cell of a table's rows, as it is now.
    fn first(&self, at: usize) -> CellRef {
        let block = &self.tables[at].block;
        self.inserted.moved_cell(&CellRef::new(block.sheet.clone(), block.at.start))
    }

    fn cell(&self, at: usize, row: usize, offset: u32) -> CellRef {
        let first = self.first(at);
        CellRef::new(first.sheet, CellAt::new(first.at.row + row as u32, first.at.column + offset))
    }

    fn replace(
        &mut self,
        engine: &mut dyn Engine,
        at: usize,
        id: RowId,
        values: Option<&[Value]>,
    ) -> Result<(), EngineError> {
        let own = &mut self.tables[at];
        let cells = values.map(|values| own.cells(values));
        let count = own.rows.len();
        match (own.rows.binary_search(&id), cells) {
            (Ok(row), Some(cells)) => self.write(engine, at, row, vec![Some(cells)]),
            (Ok(row), None) => {
                own.rows.remove(row);
                let mut tail = self.read(engine, at, row + 1, count);
                tail.push(None);
                self.write(engine, at, row, tail)
            }
            (Err(row), Some(cells)) => {
                own.rows.insert(row, id);
                // Rows are added before the last, which thereby moves.
                let from = if own.size as usize > count { row } else { row.min(count.saturating_sub(1)) };
                let mut tail = self.read(engine, at, from, count);
                tail.insert(row - from, Some(cells));
                self.grow(engine, at)?;
                self.write(engine, at, from, tail)
            }
            (Err(_), None) => Ok(()),
        }
    }

    /// Makes room for all rows. Before the last one, so that what reads the table reads the new ones too; one row alone cannot
    /// be widened that way, and is read further only by what reads whole columns.
    fn grow(&mut self, engine: &mut dyn Engine, at: usize) -> Result<(), EngineError> {
        let first = self.first(at);
        let own = &self.tables[at];
        let count = (own.rows.len() as u32).saturating_sub(own.size);
        if count == 0 {
            return Ok(());
        }
        let last = first.at.row + own.size - 1;
        let before = if own.size > 1 { last } else { last + 1 };
        // In their cells formulas are led to where rows come to stand. Rows of tables beside this one are parted.
        let mut entered = Vec::with_capacity(self.tables.len());
        for table in 0..self.tables.len() {
            let (start, own) = (self.first(table), &self.tables[table]);
            let rows = start.at.row..start.at.row + own.size;
            let parted =
                table != at && start.sheet == first.sheet && rows.contains(&before) && start.at.row < before;
            let size = if parted { own.size } else { 1 };
            entered.push((self.read(engine, table, 0, size as usize), parted));
            for (offset, formula) in &self.tables[table].formulas {
                engine.set_formula(&self.cell(table, 0, *offset), formula)?;
            }
        }
        engine.insert_rows(&first.sheet, before, count)?;
        self.tables[at].size += count;
        self.inserted.push(first.sheet, before, count);
        for (table, (mut rows, parted)) in entered.into_iter().enumerate() {
            if parted {
                self.tables[table].size += count;
                rows.resize(self.tables[table].size as usize, None);
            }
            let cells: Vec<u32> = self.tables[table].formulas.iter().map(|(offset, _)| *offset).collect();
            for (index, offset) in cells.into_iter().enumerate() {
                let cell = self.cell(table, 0, offset);
                self.tables[table].formulas[index].1 = engine.formula(&cell).unwrap_or_default();
            }
            self.write(engine, table, 0, rows)?;
        }
        Ok(())
    }

    /// The cells of rows from one up to another.
    fn read(&self, engine: &dyn Engine, at: usize, from: usize, to: usize) -> Vec<Cells> {
        let (first, own) = (self.first(at).at, &self.tables[at]);
        let column = |offset: u32| first.column + offset;
        let last = own.columns.iter().map(|offset| column(*offset)).max().unwrap_or(first.column);
        let row = |row: usize| first.row + row as u32;
        let range = RangeAt::new(CellAt::new(row(from), first.column), CellAt::new(row(to.max(1) - 1), last));
        let found =
            if from < to { engine.range(&RangeRef::new(own.block.sheet.clone(), range)) } else { Vec::new() };
        let cell = |row: usize, offset: u32| {
            found.get(row).and_then(|row| row.get(offset as usize)).cloned().unwrap_or_default()
        };
        let cells = |row: usize| own.columns.iter().map(|offset| cell(row, *offset)).collect();
        (0..to.saturating_sub(from)).map(|row| Some(cells(row))).collect()
    }

    /// Writes rows below each other, from one on, where they are others.
    fn write(
        &self,
        engine: &mut dyn Engine,
        at: usize,
        from: usize,
        rows: Vec<Cells>,
    ) -> Result<(), EngineError> {
        let before = self.read(engine, at, from, from + rows.len());
        let mut cells = Vec::new();
        for (row, (new, old)) in (from..).zip(rows.into_iter().zip(before)) {
            for (position, offset) in self.tables[at].columns.iter().enumerate() {
                let value = new.as_ref().and_then(|new| new.get(position)).cloned().unwrap_or_default();
                let place = self.cell(at, row, *offset);
                let same = old.as_ref().and_then(|old| old.get(position)) == Some(&value);
                if !same || engine.formula(&place).is_some() {
                    cells.push((place, value));
                }
            }
        }
        engine.set(&cells)
    }

    fn note(&mut self, at: usize, written: Result<(), EngineError>) {
        if let Err(error) = written {
            self.tables[at].wrong = Some(Reason::Calculation { error: error.to_string() });
        }
    }
}

impl LiveTable {
    fn cells(&self, values: &[Value]) -> Vec<CellValue> {
        let cell = |(position, value): (usize, &Value)| {
            if self.files.contains(&position) { CellValue::Blank } else { self.back.cell(position, value) }
        };
        values.iter().enumerate().map(cell).collect()
    }
}

#[cfg(test)]
mod tests;
