//! Finds one binding again: by name, by its label at the same place, or by its label anywhere it stands once.

use gridkeep_model::{CellAt, RangeAt, definition::Binding};

use crate::{
    analyse::{Book, labels, labels::Label},
    validate::resolve,
};

/// Both workbooks, and how sheets are called in the new one.
pub(super) struct Finder<'a> {
    pub(super) old: Book<'a>,
    pub(super) new: Book<'a>,
    /// The one sheet that was renamed, when exactly one is missing and exactly one is new.
    renamed: Option<(String, usize)>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(old: Book<'a>, new: Book<'a>) -> Self {
        let names = |book: &Book<'_>, other: &Book<'_>| -> Vec<String> {
            let sheets = book.workbook.sheets.iter().map(|sheet| sheet.name.to_string());
            sheets.filter(|name| other.sheet(name).is_none()).collect()
        };
        let renamed = match (names(&old, &new).as_slice(), names(&new, &old).as_slice()) {
            ([gone], [come]) => new.sheet(come).map(|index| (gone.to_lowercase(), index)),
            _ => None,
        };
        Self { old, new, renamed }
    }

    /// The sheet of the new workbook that was called so in the old one.
    pub(super) fn sheet(&self, name: &str) -> Option<usize> {
        let renamed = || {
            self.renamed.as_ref().filter(|(gone, _)| *gone == name.to_lowercase()).map(|(_, index)| *index)
        };
        self.new.sheet(name).or_else(renamed)
    }

    /// Where the binding is in the new workbook.
    pub(super) fn find(&self, binding: &Binding) -> Option<Binding> {
        match binding {
            Binding::Name { name } => {
                if resolve(self.new.workbook, name).is_some() {
                    return Some(binding.clone());
                }
                let (sheet, range) = resolve(self.old.workbook, name)?;
                let (sheet, range, label) = self.place(&sheet.name, range, None)?;
                Some(bound(&self.new, sheet, range, Some(label?), range.len() == 1))
            }
            Binding::Cell { sheet, cell, label } => {
                let (sheet, range, label) =
                    self.place(sheet, RangeAt::cell(cell.parse().ok()?), label.as_deref())?;
                Some(bound(&self.new, sheet, range, label, true))
            }
            Binding::Range { sheet, range, label } => {
                let (sheet, range, label) = self.place(sheet, range.parse().ok()?, label.as_deref())?;
                Some(bound(&self.new, sheet, range, label, false))
            }
            Binding::Column { .. } => Some(binding.clone()),
        }
    }

    /// The same cells in the new workbook, and the label that says so.
    fn place(
        &self,
        sheet: &str,
        range: RangeAt,
        wanted: Option<&str>,
    ) -> Option<(usize, RangeAt, Option<String>)> {
        let old_sheet = self.old.sheet(sheet);
        let beside = old_sheet.and_then(|sheet| label(&self.old, sheet, range, wanted));
        let wanted = wanted.map(str::to_owned).or_else(|| beside.as_ref().map(|label| label.text.clone()));
        let here = self.sheet(sheet);
        let Some(text) = wanted else {
            // Without any label only an unchanged kind of cell at the same address is the same.
            let alike = here.filter(|&new| old_sheet.is_some_and(|old| self.alike(old, new, range.start)))?;
            return Some((alike, range, None));
        };
        if let Some(new) = here
            && label(&self.new, new, range, Some(&text)).is_some_and(|found| same(&found.text, &text))
        {
            return Some((new, self.grown(old_sheet, new, range, range.start), Some(text)));
        }
        let label_at = beside.filter(|label| same(&label.text, &text))?.at;
        let (new, found) = here.and_then(|sheet| self.only(sheet, &text)).or_else(|| {
            let mut all = (0..self.new.surfaces.len()).filter_map(|sheet| self.only(sheet, &text));
            all.next().filter(|_| all.next().is_none())
        })?;
        let shift = |own: u32, from: u32, to: u32| {
            u32::try_from(i64::from(own) + i64::from(to) - i64::from(from)).ok().filter(|n| *n > 0)
        };
        let start = CellAt::new(
            shift(range.start.row, label_at.row, found.row)?,
            shift(range.start.column, label_at.column, found.column)?,
        );
        let end = CellAt::new(start.row + range.rows() - 1, start.column + range.columns() - 1);
        let moved = RangeAt { start, end };
        Some((new, self.grown(old_sheet, new, range, moved.start), Some(text)))
    }

    /// The one cell of a sheet with this text.
    fn only(&self, sheet: usize, text: &str) -> Option<(usize, CellAt)> {
        let mut found = self.new.surfaces[sheet]
            .spots
            .iter()
            .filter(|spot| spot.words().is_some_and(|words| same(words, text)));
        let first = found.next()?;
        found.next().is_none().then_some((sheet, first.at))
    }

    fn alike(&self, old: usize, new: usize, at: CellAt) -> bool {
        let kind = |book: &Book<'_>, sheet: usize| {
            book.surfaces[sheet].spot(at).map(|spot| (spot.calculated(), std::mem::discriminant(&spot.value)))
        };
        kind(&self.old, old).is_some() && kind(&self.old, old) == kind(&self.new, new)
    }

    /// A range that ended where its block ended does so again; others keep their size.
    fn grown(&self, old_sheet: Option<usize>, new: usize, range: RangeAt, start: CellAt) -> RangeAt {
        let size = CellAt::new(start.row + range.rows() - 1, start.column + range.columns() - 1);
        let Some(old) = old_sheet.filter(|_| range.rows() > 1) else { return RangeAt { start, end: size } };
        let moved = RangeAt { start, end: size };
        if last_row(&self.old, old, range) != range.end.row {
            return moved;
        }
        let last = last_row(&self.new, new, moved).max(start.row);
        RangeAt { start, end: CellAt::new(last, size.column) }
    }
}

/// The last row, counted from the top of the range, before the first row that is blank in all its columns.
fn last_row(book: &Book<'_>, sheet: usize, range: RangeAt) -> u32 {
    let surface = &book.surfaces[sheet];
    let columns = range.start.column..=range.end.column;
    let mut row = range.start.row;
    while surface.row(row).iter().any(|spot| columns.contains(&spot.at.column)) {
        row += 1;
    }
    row.saturating_sub(1)
}

/// The label of a cell or range: the wanted words if they stand beside or above it, else whatever does.
fn label(book: &Book<'_>, sheet: usize, range: RangeAt, wanted: Option<&str>) -> Option<Label> {
    let surface = &book.surfaces[sheet];
    let (left, above) = (labels::label_left(surface, range.start), labels::label_above(surface, range.start));
    let fits = |label: &Label| wanted.is_some_and(|wanted| same(&label.text, wanted));
    // Totals carry both their row's label and their column's header.
    let both = wanted.is_some_and(|wanted| {
        left.as_ref().is_some_and(|left| wanted.to_lowercase().starts_with(&left.text.to_lowercase()))
    });
    match (left, above) {
        (_, Some(above)) if fits(&above) => Some(above),
        (Some(left), _) if fits(&left) => Some(left),
        (Some(left), _) if both => Some(Label { text: wanted.unwrap_or_default().to_owned(), at: left.at }),
        (left, above) if range.len() > 1 => above.or(left),
        (left, above) => left.or(above),
    }
}

/// Whether two labels say the same, punctuation and case aside.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.trim() == b.trim() || labels::tidy(a).0.to_lowercase() == labels::tidy(b).0.to_lowercase()
}

fn bound(book: &Book<'_>, sheet: usize, range: RangeAt, label: Option<String>, cell: bool) -> Binding {
    let sheet = book.surfaces[sheet].sheet.name.to_string();
    if cell {
        Binding::Cell { sheet, cell: range.start.to_string(), label }
    } else {
        Binding::Range { sheet, range: range.to_string(), label }
    }
}

/// A binding in words.
pub(super) fn words(binding: &Binding) -> String {
    match binding {
        Binding::Name { name } => name.clone(),
        Binding::Cell { sheet, cell: at, .. } | Binding::Range { sheet, range: at, .. } => {
            format!("{sheet}!{at}")
        }
        Binding::Column { table, column } => format!("{table}.{column}"),
    }
}
