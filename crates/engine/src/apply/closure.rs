//! The part of a workbook that some formulas and ranges read, by themselves and by what they read in turn.
//!
//! **Architecture Invariant:** in doubt everything: where a text does not tell what is read, the workbook stays whole.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use gridkeep_model::{CellAt, CellRef, RangeAt, RangeRef, Workbook, definition::Binding, workbook::Sheet};

use crate::refs::{Scan, TableUse, scan};

/// Following costs a look at every cell of every range; from here on everything is cheaper.
const MAX_LOOKS: usize = 20_000_000;

/// What is to be calculated with.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Formulas and the cells where they stand, whatever the workbook has there.
    pub(super) formulas: Vec<(CellRef, &'a str)>,
    /// Ranges whose values are read.
    pub(super) bindings: Vec<&'a Binding>,
}

/// The workbook with only the cells that are read, or as it is.
pub(super) fn part<'a>(workbook: &'a Workbook, wanted: &Wanted<'_>) -> Cow<'a, Workbook> {
    let mut closure = Closure::new(workbook);
    if closure.follow(wanted).is_none() {
        return Cow::Borrowed(workbook);
    }
    let sheets = workbook.sheets.iter().zip(&closure.kept).map(|(sheet, kept)| {
        let cells = sheet.cells().iter().filter(|cell| kept.contains(&cell.at)).cloned().collect();
        let mut part = Sheet::new(sheet.name.clone(), cells);
        part.hidden_rows.clone_from(&sheet.hidden_rows);
        part
    });
    Cow::Owned(Workbook {
        sheets: sheets.collect(),
        names: workbook.names.clone(),
        tables: workbook.tables.clone(),
        formats: workbook.formats.clone(),
        date_1904: workbook.date_1904,
        iterative: workbook.iterative,
        external_links: workbook.external_links.clone(),
        ..Workbook::default()
    })
}

/// Which of these blocks are read; a block's formula that reads its own row does not count. In doubt all of them.
pub(super) fn reads(workbook: &Workbook, wanted: &Wanted<'_>, blocks: &[Option<RangeRef>]) -> Vec<bool> {
    let mut closure = Closure { blocks, read: vec![false; blocks.len()], ..Closure::new(workbook) };
    match closure.follow(wanted) {
        Some(()) => closure.read,
        None => vec![true; blocks.len()],
    }
}

/// Everything reached so far. Following gives `None` where it cannot go on.
struct Closure<'a> {
    workbook: &'a Workbook,
    /// Positions of sheets by lower-case name.
    sheets: HashMap<String, usize>,
    /// Formulas with results beyond their own cell, by sheet.
    arrays: Vec<Vec<(CellAt, RangeAt)>>,
    /// Cells that are read, by sheet.
    kept: Vec<HashSet<CellAt>>,
    /// Cells of these whose formulas have not been followed yet.
    queue: Vec<(usize, CellAt)>,
    ranges: HashSet<RangeRef>,
    names: HashSet<String>,
    looks: usize,
    blocks: &'a [Option<RangeRef>],
    /// Whether each block is read.
    read: Vec<bool>,
}

impl<'a> Closure<'a> {
    fn new(workbook: &'a Workbook) -> Self {
        let sheets = &workbook.sheets;
        let arrays = |sheet: &Sheet| {
            let array = |cell: &gridkeep_model::workbook::Cell| {
                Some((cell.at, cell.formula.as_ref()?.array_range()?))
            };
            sheet.cells().iter().filter_map(array).collect()
        };
        Self {
            workbook,
            sheets: sheets.iter().enumerate().map(|(at, sheet)| (sheet.name.to_lowercase(), at)).collect(),
            arrays: sheets.iter().map(arrays).collect(),
            kept: vec![HashSet::new(); sheets.len()],
            queue: Vec::new(),
            ranges: HashSet::new(),
            names: HashSet::new(),
            looks: 0,
            blocks: &[],
            read: Vec::new(),
        }
    }

    fn follow(&mut self, wanted: &Wanted<'_>) -> Option<()> {
        for (cell, formula) in &wanted.formulas {
            self.formula(formula, cell)?;
        }
        let nowhere = CellRef::new("", CellAt::new(1, 1));
        for binding in &wanted.bindings {
            match binding {
                Binding::Name { name } => self.name(name)?,
                Binding::Cell { sheet, cell, .. } => {
                    if let Ok(at) = cell.parse() {
                        self.range(RangeRef::new(sheet.as_str(), RangeAt::cell(at)), &nowhere)?;
                    }
                }
                Binding::Range { sheet, range, .. } => {
                    if let Ok(at) = range.parse() {
                        self.range(RangeRef::new(sheet.as_str(), at), &nowhere)?;
                    }
                }
                Binding::Column { .. } => {}
            }
        }
        while let Some((index, at)) = self.queue.pop() {
            let sheet = self.workbook.sheets.get(index)?;
            if let Some(formula) = sheet.cell(at).and_then(|cell| cell.formula.as_ref()) {
                self.formula(formula.text(), &CellRef::new(sheet.name.clone(), at))?;
            }
        }
        Some(())
    }

    fn formula(&mut self, formula: &str, cell: &CellRef) -> Option<()> {
        let Scan { ranges, names, tables, reads_more, .. } = scan(formula, &cell.sheet);
        if reads_more {
            return None;
        }
        for range in ranges {
            self.range(range, cell)?;
        }
        for used in &tables {
            self.table(used, cell)?;
        }
        names.iter().try_for_each(|name| self.name(name))
    }

    fn range(&mut self, range: RangeRef, from: &CellRef) -> Option<()> {
        let Some(&index) = self.sheets.get(&range.sheet.to_lowercase()) else { return Some(()) };
        let at = range.at;
        for (block, read) in self.blocks.iter().zip(&mut self.read) {
            let Some(block) = block.as_ref().filter(|block| block.at.intersects(&at)) else { continue };
            let on_it = |sheet: &str| self.sheets.get(&sheet.to_lowercase()) == Some(&index);
            let own_row = on_it(&from.sheet)
                && block.at.contains(from.at)
                && (at.start.row, at.end.row) == (from.at.row, from.at.row);
            *read |= on_it(&block.sheet) && !own_row;
        }
        if !self.ranges.insert(range) {
            return Some(());
        }
        let within = self.workbook.sheets[index].range(at).map(|cell| cell.at);
        let reaching = self.arrays[index].iter().filter(|(_, filled)| filled.intersects(&at));
        for cell in within.chain(reaching.map(|(anchor, _)| *anchor)) {
            self.looks += 1;
            if self.kept[index].insert(cell) {
                self.queue.push((index, cell));
            }
        }
        (self.looks <= MAX_LOOKS).then_some(())
    }

    fn table(&mut self, used: &TableUse, cell: &CellRef) -> Option<()> {
        let workbook = self.workbook;
        let table = if used.table.is_empty() {
            let own = self.sheets.get(&cell.sheet.to_lowercase()).copied();
            workbook.tables.iter().find(|table| Some(table.sheet) == own && table.range.contains(cell.at))
        } else {
            workbook.table(&used.table)
        };
        let Some((table, sheet)) = table.and_then(|table| Some((table, workbook.sheets.get(table.sheet)?)))
        else {
            return Some(());
        };
        let mut at = table.range;
        if used.this_row {
            (at.start.row, at.end.row) = (cell.at.row, cell.at.row);
        }
        self.range(RangeRef::new(sheet.name.clone(), at), cell)
    }

    /// What a defined name means on whichever sheet, or the table that is called so.
    fn name(&mut self, name: &str) -> Option<()> {
        if !self.names.insert(name.to_lowercase()) {
            return Some(());
        }
        let workbook = self.workbook;
        for known in workbook.names.iter().filter(|known| known.name.to_lowercase() == name.to_lowercase()) {
            let Some(sheet) = workbook.sheets.get(known.sheet.unwrap_or(0)) else { continue };
            self.formula(&known.refers_to, &CellRef::new(sheet.name.clone(), CellAt::new(1, 1)))?;
        }
        match workbook.table(name).and_then(|table| Some((table, workbook.sheets.get(table.sheet)?))) {
            Some((table, sheet)) => {
                let nowhere = CellRef::new("", CellAt::new(1, 1));
                self.range(RangeRef::new(sheet.name.clone(), table.range), &nowhere)
            }
            None => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::{
        CellValue,
        workbook::{Cell, DefinedName, Formula, Table, TableColumn},
    };

    use super::*;

    fn workbook() -> Workbook {
        let cell = |address: &str, formula: &str| Cell {
            at: address.parse().expect("an address"),
            value: CellValue::Number(1.0),
            formula: (!formula.is_empty()).then(|| Formula::Plain(formula.into())),
            style: 0,
        };
        let mut data = Sheet::new(
            "Data",
            vec![cell("A1", ""), cell("A2", ""), cell("B2", "A2*2"), cell("C2", "SUM(Lists!A1:A2)*Rate")],
        );
        let range = "E1:E3".parse().expect("a range");
        data.put(Cell { formula: Some(Formula::Array("A1:A3*2".into(), range)), ..cell("E1", "") });
        data.put(cell("E3", ""));
        let lists =
            vec![cell("A1", "B1+1"), cell("A2", ""), cell("B1", ""), cell("C1", "A1"), cell("D1", "")];
        let name = |name: &str, refers_to: &str| DefinedName {
            name: name.into(),
            sheet: None,
            refers_to: refers_to.into(),
            hidden: false,
        };
        Workbook {
            sheets: vec![data, Sheet::new("Lists", lists), Sheet::new("Other", vec![cell("A1", "Data!A1")])],
            names: vec![
                name("Rate", "Factor*2"),
                name("Factor", "Lists!$D$1"),
                name("Moving", "OFFSET(Lists!$A$1,0,0)"),
            ],
            tables: vec![Table {
                name: "T".into(),
                sheet: 0,
                range: "A1:B2".parse().expect("a range"),
                has_headers: true,
                has_totals: false,
                columns: ["a", "b"]
                    .map(|name| TableColumn { name: name.into(), formula: None })
                    .into_iter()
                    .collect(),
            }],
            ..Workbook::default()
        }
    }

    #[test]
    fn only_what_is_read_is_kept() {
        let workbook = workbook();
        let check = |formula: &str, binding: Option<Binding>, expect: &str| {
            let at = CellRef::new("Data", "F2".parse().expect("an address"));
            let formulas = if formula.is_empty() { Vec::new() } else { vec![(at, formula)] };
            let part = part(&workbook, &Wanted { formulas, bindings: binding.iter().collect() });
            let shown = match part {
                Cow::Borrowed(_) => "everything".to_owned(),
                Cow::Owned(part) => {
                    let cells = part.sheets.iter().flat_map(|sheet| {
                        sheet.cells().iter().map(|cell| CellRef::new(sheet.name.clone(), cell.at).to_string())
                    });
                    cells.collect::<Vec<_>>().join(" ")
                }
            };
            assert_eq!(shown, expect, "{formula} {binding:?}");
        };
        check("1+1", None, "");
        check("B2", None, "Data!A2 Data!B2");
        check("A3+Lists!C1", None, "Lists!A1 Lists!B1 Lists!C1");
        check("C2", None, "Data!C2 Lists!A1 Lists!B1 Lists!D1 Lists!A2");
        check("E2", None, "Data!A1 Data!E1 Data!A2");
        check("SUM(T[a])", None, "Data!A1 Data!A2 Data!B2");
        check("ROWS(T)", None, "Data!A1 Data!A2 Data!B2");
        check("NoSuchName+Nowhere!A1", None, "");
        check("INDIRECT(\"A1\")", None, "everything");
        check("SUM(Moving)", None, "everything");
        check("SUM(A1:INDEX(A:A,2))", None, "everything");
        check("SUM(Data:Other!A1)", None, "everything");
        let range = |range: &str| Binding::Range { sheet: "lists".into(), range: range.into(), label: None };
        check("", Some(range("A1:A9")), "Lists!A1 Lists!B1 Lists!A2");
        check("", Some(range("C1:C1")), "Lists!A1 Lists!B1 Lists!C1");
        check("", Some(Binding::Name { name: "factor".into() }), "Lists!D1");
        check("", Some(Binding::Name { name: "T".into() }), "Data!A1 Data!A2 Data!B2");
        check(
            "A1",
            Some(Binding::Cell { sheet: "Other".into(), cell: "A1".into(), label: None }),
            "Data!A1 Other!A1",
        );
    }

    #[test]
    fn blocks_that_are_read_are_told_from_own_rows() {
        let workbook = workbook();
        let block = |sheet: &str, range: &str| Some(RangeRef::new(sheet, range.parse().expect("a range")));
        let blocks = [block("Data", "A2:F9"), block("lists", "A1:B2"), None];
        let check = |formula: &str, expect: [bool; 3]| {
            let at = CellRef::new("Data", "F2".parse().expect("an address"));
            let wanted = Wanted { formulas: vec![(at, formula)], ..Wanted::default() };
            assert_eq!(reads(&workbook, &wanted, &blocks), expect, "{formula}");
        };
        check("A2*2", [false; 3]);
        check("B2", [false; 3]);
        check("A3", [true, false, false]);
        check("Lists!C1", [false, true, false]);
        check("SUM(Lists!C:C)", [false, true, false]);
        check("Rate", [false; 3]);
        check("C2", [false, true, false]);
        check("Other!A1", [false; 3]);
        check("SUM(A:A)", [true, false, false]);
        check("T[@a]", [false; 3]);
        check("SUM(T[a])", [true, false, false]);
        check("OFFSET(A1,1,1)", [true; 3]);
    }
}
