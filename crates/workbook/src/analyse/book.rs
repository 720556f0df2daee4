//! The workbook as the analysis sees it: every filled cell with its effective value, and every formula with what it reads.
//!
//! Formulas that are copies of each other share one [`Pattern`], so that 100,000 of them are understood as a handful.

use std::collections::{HashMap, HashSet};

use gridkeep_model::{
    CellAt, CellError, CellRef, CellValue, RangeAt, Workbook,
    workbook::{Formula, Sheet},
};

use super::{
    formula::{self, Piece, Reference},
    reads::Reads,
    structured::structured,
};

/// Where a cell's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Typed.
    Constant,
    /// Calculated by a formula of this pattern ([`Book::patterns`]).
    Formula(u32),
    /// Filled by an array formula in another cell.
    Spilled,
}

/// A filled cell.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// Where.
    pub(crate) at: CellAt,
    /// The constant, or the calculated value.
    pub(crate) value: CellValue,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Index of the number format.
    pub(crate) style: u32,
}

impl Spot {
    /// The text of a typed text cell that holds more than blanks.
    pub(crate) fn words(&self) -> Option<&str> {
        let text = self.value.as_text().map(str::trim).filter(|text| !text.is_empty())?;
        (self.origin == Origin::Constant).then_some(text)
    }

    /// Whether a formula fills it.
    pub(crate) fn calculated(&self) -> bool {
        self.origin != Origin::Constant
    }
}

/// A sheet's filled cells, row by row.
#[derive(Debug)]
pub(crate) struct Surface<'a> {
    /// The sheet itself.
    pub(crate) sheet: &'a Sheet,
    /// Filled cells, sorted.
    pub(crate) spots: Vec<Spot>,
}

impl Surface<'_> {
    /// The filled cell at a position.
    pub(crate) fn spot(&self, at: CellAt) -> Option<&Spot> {
        self.spots.binary_search_by_key(&at, |spot| spot.at).ok().map(|index| &self.spots[index])
    }

    /// The filled cells of a row, left to right.
    pub(crate) fn row(&self, row: u32) -> &[Spot] {
        let start = self.spots.partition_point(|spot| spot.at.row < row);
        let length = self.spots[start..].partition_point(|spot| spot.at.row == row);
        &self.spots[start..start + length]
    }

    /// The filled cells of a range, row by row.
    pub(crate) fn range(&self, range: RangeAt) -> impl Iterator<Item = &Spot> {
        let start = self.spots.partition_point(|spot| spot.at.row < range.start.row);
        let end = self.spots.partition_point(|spot| spot.at.row <= range.end.row);
        self.spots[start..end].iter().filter(move |spot| range.contains(spot.at))
    }

    /// The merged range that covers a position.
    pub(crate) fn merged(&self, at: CellAt) -> Option<RangeAt> {
        self.sheet.merged.iter().copied().find(|range| range.contains(at))
    }
}

/// What all copies of one formula have in common.
#[derive(Debug, Default)]
pub(crate) struct Pattern {
    /// References by address; the sheet is `None` for the formula's own.
    pub(crate) references: Vec<(Option<usize>, Reference)>,
    /// Ranges behind defined names.
    pub(crate) named: Vec<(usize, RangeAt)>,
    /// Structured references: table, columns (none for all) and whether only the own row is meant.
    pub(crate) tables: Vec<(usize, RangeAt, bool)>,
    /// It looks values up (VLOOKUP, INDEX, MATCH...).
    pub(crate) looks_up: bool,
    /// It depends on its place or on references made at run time (OFFSET, INDIRECT, ROW...).
    pub(crate) unsteady: bool,
    /// It only repeats another cell.
    pub(crate) echo: bool,
    /// It makes a date, whatever its number format says.
    pub(crate) date: bool,
    /// It makes a link.
    pub(crate) link: bool,
    /// How many cells hold it.
    pub(crate) count: u32,
}

/// The whole workbook.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    /// As read.
    pub(crate) workbook: &'a Workbook,
    /// One a sheet.
    pub(crate) surfaces: Vec<Surface<'a>>,
    /// Distinct formulas.
    pub(crate) patterns: Vec<Pattern>,
    /// One a sheet.
    pub(crate) reads: Vec<Reads>,
    /// Cells that hold a formula.
    pub(crate) formulas: u64,
    sheets: HashMap<String, usize>,
    names: HashMap<(Option<usize>, String), (usize, RangeAt)>,
}

/// Array formulas that fill more are not followed cell by cell.
const MAX_SPILL: u64 = 100_000;

impl<'a> Book<'a> {
    /// Looks at every cell once. `calculate` gives the value of a cell that a formula fills.
    pub(crate) fn new(workbook: &'a Workbook, calculate: &dyn Fn(&CellRef) -> CellValue) -> Self {
        let sheets = workbook
            .sheets
            .iter()
            .enumerate()
            .map(|(index, sheet)| (sheet.name.to_lowercase(), index))
            .collect();
        let mut book = Book {
            workbook,
            surfaces: Vec::new(),
            patterns: Vec::new(),
            reads: workbook.sheets.iter().map(|_| Reads::default()).collect(),
            formulas: 0,
            sheets,
            names: HashMap::new(),
        };
        for name in &workbook.names {
            if let Some(reference) = formula::single_reference(&name.refers_to)
                && let Some(sheet) = reference.sheet.as_ref().and_then(|sheet| book.sheet(sheet))
                && let Some(range) = reference.range(CellAt::new(1, 1))
            {
                book.names.insert((name.sheet, name.name.to_lowercase()), (sheet, range));
            }
        }
        for index in 0..workbook.sheets.len() {
            let surface = book.surface(index, calculate);
            book.surfaces.push(surface);
        }
        book.read_apart();
        for (index, reads) in book.reads.iter_mut().enumerate() {
            reads.settle(workbook.sheets[index].used_range());
        }
        book
    }

    /// Index of the sheet of that name.
    pub(crate) fn sheet(&self, name: &str) -> Option<usize> {
        self.sheets.get(&name.to_lowercase()).copied()
    }

    /// The range behind a defined name, as seen from a sheet.
    pub(crate) fn name(&self, sheet: usize, name: &str) -> Option<(usize, RangeAt)> {
        let name = name.to_lowercase();
        let local = (Some(sheet), name);
        self.names.get(&local).or_else(|| self.names.get(&(None, local.1))).copied()
    }

    /// Visible names of the workbook that mean exactly one cell.
    pub(crate) fn named_cells(&self) -> HashMap<(usize, CellAt), &'a str> {
        let mut cells = HashMap::new();
        for name in self.workbook.names.iter().filter(|name| !name.hidden && !name.name.starts_with("_xl")) {
            if let Some(&(sheet, range)) = self.names.get(&(name.sheet, name.name.to_lowercase()))
                && range.len() == 1
                && name.sheet.is_none()
            {
                cells.entry((sheet, range.start)).or_insert(name.name.as_str());
            }
        }
        cells
    }

    /// The number format of a cell.
    pub(crate) fn format(&self, style: u32) -> &'a str {
        self.workbook.formats.get(style as usize).map_or("General", |format| format)
    }

    /// The cells that a formula of this pattern reads from this place.
    pub(crate) fn ranges(&self, pattern: u32, sheet: usize, at: CellAt) -> Vec<(usize, RangeAt)> {
        let pattern = &self.patterns[pattern as usize];
        let mut ranges: Vec<_> = pattern
            .references
            .iter()
            .filter_map(|(target, reference)| Some((target.unwrap_or(sheet), reference.range(at)?)))
            .collect();
        ranges.extend(pattern.named.iter().copied());
        ranges.extend(pattern.tables.iter().map(|&(target, mut range, own_row)| {
            if own_row {
                (range.start.row, range.end.row) = (at.row, at.row);
            }
            (target, range)
        }));
        ranges
    }

    fn surface(&mut self, index: usize, calculate: &dyn Fn(&CellRef) -> CellValue) -> Surface<'a> {
        let sheet = &self.workbook.sheets[index];
        let mut keys: HashMap<String, u32> = HashMap::new();
        let mut spots = Vec::with_capacity(sheet.cells().len());
        let mut spills: Vec<(CellAt, RangeAt, u32)> = Vec::new();
        for cell in sheet.cells() {
            let Some(formula) = &cell.formula else {
                let blank = cell.value.as_text().map_or(cell.value.is_blank(), |text| text.trim().is_empty());
                if !blank {
                    spots.push(Spot {
                        at: cell.at,
                        value: cell.value.clone(),
                        origin: Origin::Constant,
                        style: cell.style,
                    });
                }
                continue;
            };
            self.formulas += 1;
            let pattern = self.pattern(index, formula, cell.at, &mut keys);
            if let Some(range) = formula.array_range().filter(|range| (2..=MAX_SPILL).contains(&range.len()))
            {
                spills.push((cell.at, range, cell.style));
            }
            let value = effective(calculate(&CellRef::new(sheet.name.clone(), cell.at)), &cell.value);
            spots.push(Spot { at: cell.at, value, origin: Origin::Formula(pattern), style: cell.style });
        }
        if !spills.is_empty() {
            let mut filled = HashMap::new();
            for (first, range, style) in spills {
                for at in range.cells().filter(|&at| at != first) {
                    let value = calculate(&CellRef::new(sheet.name.clone(), at));
                    let cell = sheet.cell(at).filter(|cell| cell.formula.is_none());
                    if sheet.cell(at).is_none() || cell.is_some() {
                        let value = cell.map_or(value.clone(), |cell| effective(value, &cell.value));
                        filled.insert(at, Spot { at, value, origin: Origin::Spilled, style });
                    }
                }
            }
            spots.retain(|spot| !filled.contains_key(&spot.at));
            spots.extend(filled.into_values().filter(|spot| !spot.value.is_blank()));
            spots.sort_unstable_by_key(|spot| spot.at);
        }
        Surface { sheet, spots }
    }

    /// The pattern of a formula, and a note of everything it reads.
    fn pattern(&mut self, sheet: usize, text: &Formula, at: CellAt, keys: &mut HashMap<String, u32>) -> u32 {
        let pieces = formula::cut(text.text(), at);
        let key = formula::key(&pieces);
        let id = keys.get(&key).copied().unwrap_or_else(|| {
            let id = self.patterns.len() as u32;
            let pattern = self.understand(sheet, at, &pieces);
            self.patterns.push(pattern);
            keys.insert(key, id);
            id
        });
        self.patterns[id as usize].count += 1;
        let looks_up = self.patterns[id as usize].looks_up;
        for (target, range) in self.ranges(id, sheet, at) {
            let reads = &mut self.reads[target];
            if range.len() == 1 {
                *reads.single.entry(range.start).or_default() += 1;
            } else {
                let readers = reads.ranges.entry(range).or_default();
                if *readers == 0 && looks_up {
                    reads.lookups.push(range);
                }
                *readers += 1;
            }
        }
        id
    }

    fn read_apart(&mut self) {
        let mut apart: Vec<(usize, CellAt)> = Vec::new();
        for (sheet, surface) in self.surfaces.iter().enumerate() {
            let mut known = HashSet::new();
            for spot in &surface.spots {
                let Origin::Formula(id) = spot.origin else { continue };
                let pattern = &self.patterns[id as usize];
                let alone = pattern.count == 1;
                if !alone && !known.insert(id) {
                    continue;
                }
                apart.extend(
                    pattern.named.iter().map(|(target, range)| (*target, *range)).filter_map(one_cell),
                );
                for (target, reference) in &pattern.references {
                    let target = target.unwrap_or(sheet);
                    let away = alone && (target != sheet || !reference.own_row());
                    if let Some(range) = reference.range(spot.at).filter(|_| away || reference.fixed_rows()) {
                        apart.extend(one_cell((target, range)));
                    }
                }
            }
        }
        for (sheet, at) in apart {
            self.reads[sheet].apart.insert(at);
        }
    }

    fn understand(&self, sheet: usize, at: CellAt, pieces: &[Piece<'_>]) -> Pattern {
        let mut pattern = Pattern::default();
        for piece in pieces {
            match piece {
                Piece::Reference(reference) => {
                    let target = reference.sheet.as_ref().map(|name| self.sheet(name));
                    match target {
                        None => pattern.references.push((None, reference.clone())),
                        Some(Some(target)) => pattern.references.push((Some(target), reference.clone())),
                        Some(None) => {}
                    }
                }
                Piece::Name(name) => {
                    if let Some(named) = self.name(sheet, name) {
                        pattern.named.push(named);
                    } else if let Some(table) = self.workbook.table(name)
                        && let Some(data) = table.data_range()
                    {
                        pattern.tables.push((table.sheet, data, false));
                    }
                }
                Piece::Table(name, inside) => {
                    let table = match *name {
                        "" => self.workbook.tables.iter().find(|t| t.sheet == sheet && t.range.contains(at)),
                        name => self.workbook.table(name),
                    };
                    if let Some(found) = table.and_then(|table| structured(table, inside)) {
                        pattern.tables.push(found);
                    }
                }
                Piece::Function(name) => {
                    let name = name.trim_start_matches("_xlfn.").trim_start_matches("_xlws.").to_uppercase();
                    pattern.looks_up |= matches!(
                        name.as_str(),
                        "VLOOKUP" | "HLOOKUP" | "LOOKUP" | "XLOOKUP" | "INDEX" | "MATCH" | "XMATCH"
                    );
                    pattern.unsteady |= matches!(
                        name.as_str(),
                        "OFFSET"
                            | "INDIRECT"
                            | "ROW"
                            | "CELL"
                            | "RAND"
                            | "RANDBETWEEN"
                            | "RANDARRAY"
                            | "SUBTOTAL"
                            | "AGGREGATE"
                    );
                    pattern.link |= name == "HYPERLINK";
                }
                Piece::External(_) | Piece::Text(_) => {}
            }
        }
        pattern.date = matches!(pieces.first(), Some(Piece::Function(name)) if matches!(name.to_uppercase().as_str(), "EDATE" | "EOMONTH" | "DATE" | "TODAY" | "WORKDAY"))
            && matches!(pieces.last(), Some(Piece::Text(")")));
        pattern.echo = matches!(pieces, [Piece::Reference(_) | Piece::Name(_) | Piece::Table(..)]);
        pattern
    }
}

fn one_cell((sheet, range): (usize, RangeAt)) -> Option<(usize, CellAt)> {
    (range.len() == 1).then_some((sheet, range.start))
}

/// What the engine calculated, or the file's own value where the engine could not.
fn effective(calculated: CellValue, cached: &CellValue) -> CellValue {
    let gave_up = matches!(
        calculated,
        CellValue::Blank
            | CellValue::Error(
                CellError::Name | CellError::Circular | CellError::Limit | CellError::Calc | CellError::Spill
            )
    );
    if gave_up && !cached.is_blank() { cached.clone() } else { calculated }
}
