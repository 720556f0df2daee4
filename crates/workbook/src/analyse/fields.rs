//! Inputs and outputs: the single cells that people enter and the ones they look at.

use std::collections::{BTreeSet, HashMap, HashSet};

use gridkeep_model::{CellAt, CellRef, CellValue, RangeAt, definition::FieldKind};

use super::{
    book::{Book, Origin, Spot},
    choices,
    headings::section_of,
    labels::{self, Label},
    number_format::look,
    report::{Block, BlockKind, Input, LabelledCell, Output, SheetAnalysis},
    values::cell_kind,
};

/// More inputs or outputs are no app for people.
const MAX_FIELDS: usize = 80;
/// Ranges up to this size may stand for a handful of inputs.
const SMALL_RANGE: u64 = 60;
/// A formula copied more often than this is a column, not a result.
const MAX_COPIES: u32 = 12;

/// A place in the workbook.
type Place = (usize, CellAt);

/// All inputs, in reading order.
pub(crate) fn inputs(book: &Book<'_>, sheets: &[SheetAnalysis]) -> Vec<Input> {
    let named = book.named_cells();
    let mut places: BTreeSet<Place> = BTreeSet::new();
    for (sheet, analysis) in sheets.iter().enumerate().filter(|(_, sheet)| sheet.visible) {
        let reads = &book.reads[sheet];
        let small: Vec<RangeAt> =
            reads.ranges.keys().copied().filter(|range| range.len() <= SMALL_RANGE).take(2_000).collect();
        let free = |at: CellAt| !within_rows(&analysis.blocks, at);
        let found = reads.single.keys().filter(|at| free(**at));
        places.extend(
            found
                .filter(|at| is_input(book, sheet, **at, named.contains_key(&(sheet, **at))))
                .map(|at| (sheet, *at)),
        );
        let here = named.keys().filter(|(target, at)| *target == sheet && free(*at));
        places.extend(here.filter(|(_, at)| is_input(book, sheet, *at, true)));
        for rule in &book.surfaces[sheet].sheet.validations {
            let cells = rule.ranges.iter().filter(|range| range.len() <= 12).flat_map(|range| range.cells());
            places.extend(
                cells.filter(|at| free(*at) && is_input(book, sheet, *at, false)).map(|at| (sheet, at)),
            );
        }
        for block in analysis.blocks.iter().filter(|block| block.header_row.is_none()) {
            let surface = &book.surfaces[sheet];
            let numbers =
                surface.range(block.range.at).filter(|spot| !spot.calculated() && spot.words().is_none());
            let covered = numbers.filter(|spot| small.iter().any(|range| range.contains(spot.at)));
            places.extend(
                covered
                    .filter(|spot| labels::label_left(surface, spot.at).is_some())
                    .map(|spot| (sheet, spot.at)),
            );
            places
                .extend(neighbours(book, sheet, analysis, block, &places).into_iter().map(|at| (sheet, at)));
        }
    }
    places.into_iter().take(MAX_FIELDS).map(|(sheet, at)| input(book, sheets, &named, sheet, at)).collect()
}

/// How many formulas read one of the inputs by its own address, name or a range around it.
pub(crate) fn fed(book: &Book<'_>, inputs: &[Input]) -> u64 {
    let mut by_sheet: HashMap<usize, Vec<CellAt>> = HashMap::new();
    for input in inputs {
        if let Some(sheet) = book.sheet(&input.value.cell.sheet) {
            by_sheet.entry(sheet).or_default().push(input.value.cell.at);
        }
    }
    if by_sheet.is_empty() {
        return 0;
    }
    let mut fed = 0;
    for (sheet, surface) in book.surfaces.iter().enumerate() {
        for spot in &surface.spots {
            let Origin::Formula(pattern) = spot.origin else { continue };
            let mut ranges = book.ranges(pattern, sheet, spot.at).into_iter();
            fed += u64::from(ranges.any(|(target, range)| {
                range.len() <= 10_000
                    && by_sheet.get(&target).is_some_and(|cells| cells.iter().any(|at| range.contains(*at)))
            }));
        }
    }
    fed
}

/// All outputs, in reading order.
pub(crate) fn outputs(book: &Book<'_>, sheets: &[SheetAnalysis]) -> Vec<Output> {
    let named = book.named_cells();
    let mut found: Vec<Output> = Vec::new();
    let mut bare: Vec<Output> = Vec::new();
    for (sheet, analysis) in sheets.iter().enumerate().filter(|(_, sheet)| sheet.visible) {
        for spot in &book.surfaces[sheet].spots {
            let Origin::Formula(pattern) = spot.origin else { continue };
            let known = &book.patterns[pattern as usize];
            if known.echo
                || known.link
                || known.count > MAX_COPIES
                || spot.value.is_blank()
                || within_rows(&analysis.blocks, spot.at)
            {
                continue;
            }
            let label = result_label(book, sheet, &analysis.blocks, spot.at);
            let labelled = label.is_some();
            let value = labelled_cell(book, analysis, &named, sheet, spot.at, label);
            let output = Output { value, last: !book.reads[sheet].reads(spot.at) };
            if labelled { &mut found } else { &mut bare }.push(output);
        }
    }
    bare.retain(|output| output.last);
    if found.is_empty() {
        found = bare;
    }
    found.truncate(MAX_FIELDS);
    found
}

/// Whether a cell belongs to the headers or rows of a block with headers, where cells are not seen one by one.
fn within_rows(blocks: &[Block], at: CellAt) -> bool {
    blocks.iter().any(|block| {
        let few = block.kind == BlockKind::Calculated
            && block.data.as_ref().is_some_and(|data| data.at.rows() <= 2);
        let data = block.data.as_ref().filter(|data| !few || at.row < data.at.start.row);
        data.is_some_and(|data| {
            let header = block.header_row.unwrap_or(data.at.start.row);
            RangeAt { start: CellAt::new(header, data.at.start.column), end: data.at.end }.contains(at)
        })
    })
}

/// Whether somebody could enter something here: no formula, and words beside it that say what (or a name).
fn is_input(book: &Book<'_>, sheet: usize, at: CellAt, named: bool) -> bool {
    let surface = &book.surfaces[sheet];
    let left = || labels::label_left(surface, at).is_some();
    match surface.spot(at) {
        None => left() && surface.merged(at).is_none_or(|range| range.start == at),
        Some(spot) if spot.calculated() => false,
        Some(spot) if spot.words().is_some() => named || left(),
        Some(_) => true,
    }
}

/// Cells of a block of pairs that nothing reads, in the column where its other values are: a customer's name, a blank
/// to fill in.
fn neighbours(
    book: &Book<'_>,
    sheet: usize,
    analysis: &SheetAnalysis,
    block: &Block,
    places: &BTreeSet<Place>,
) -> Vec<CellAt> {
    let (range, surface) = (block.range.at, &book.surfaces[sheet]);
    let start = (sheet, range.start);
    let known: Vec<CellAt> = places
        .range(start..=(sheet, range.end))
        .map(|place| place.1)
        .filter(|at| range.contains(*at))
        .collect();
    let blank_row = |row: u32| {
        surface
            .range(RangeAt::new(CellAt::new(row, range.start.column), CellAt::new(row, range.end.column)))
            .count()
            == 1
    };
    let mut columns: HashMap<u32, u32> = HashMap::new();
    for at in &known {
        *columns.entry(at.column).or_default() += 2;
    }
    if columns.is_empty() {
        let constants =
            surface.range(range).filter(|spot| spot.at.column > range.start.column && !spot.calculated());
        for spot in constants {
            *columns.entry(spot.at.column).or_default() += 1;
        }
        // Without any input, only a form with blanks is worth showing.
        let blanks = (range.start.row..=range.end.row).filter(|row| blank_row(*row)).count();
        if blanks < 2 || range.rows() > 200 {
            return Vec::new();
        }
    }
    let Some((&column, _)) =
        columns.iter().max_by_key(|(column, count)| (**count, std::cmp::Reverse(**column)))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for row in range.start.row..=range.end.row.min(range.start.row + 200) {
        let at = CellAt::new(row, column);
        let heading = analysis.sections.iter().any(|section| section.cell.at.row == row);
        let Some(label) = labels::label_left(surface, at).filter(|label| range.contains(label.at)) else {
            continue;
        };
        let words_first = surface.range(RangeAt::new(CellAt::new(row, range.start.column), at)).next();
        let first = words_first.is_some_and(|spot| spot.at == label.at);
        let open = surface.spot(at).is_none_or(|spot| !spot.calculated());
        if !heading && first && open && surface.merged(at).is_none_or(|merged| merged.start == at) {
            found.push(at);
        }
    }
    found
}

fn input(
    book: &Book<'_>,
    sheets: &[SheetAnalysis],
    named: &HashMap<Place, &str>,
    sheet: usize,
    at: CellAt,
) -> Input {
    let spot = book.surfaces[sheet].spot(at);
    let label = labels::label_of(&book.surfaces[sheet], at);
    let mut value = labelled_cell(book, &sheets[sheet], named, sheet, at, label);
    let validation = choices::of_cell(book, sheet, at);
    if validation.choices.is_some() && matches!(value.kind, FieldKind::Text | FieldKind::LongText) {
        value.kind = FieldKind::Choice;
    }
    Input {
        value,
        readers: book.reads[sheet].single.get(&at).copied().unwrap_or(0),
        blank: spot.is_none_or(|spot| spot.value.is_blank()),
        validation,
    }
}

/// The label of a result: beside it, above it, or for totals the row's label with the column's header.
fn result_label(book: &Book<'_>, sheet: usize, blocks: &[Block], at: CellAt) -> Option<Label> {
    let surface = &book.surfaces[sheet];
    let under = blocks.iter().find(|block| block.range.at.contains(at) && block.header_row.is_some());
    if let Some(block) = under {
        let header =
            block.column(at.column - block.range.at.start.column).map(|column| column.header.clone());
        let left =
            surface.row(at.row).iter().find(|spot| block.range.at.contains(spot.at)).and_then(Spot::words);
        let single = surface.row(at.row).iter().filter(|spot| block.range.at.contains(spot.at)).count() <= 2;
        return match (left, header.filter(|_| left.is_none() || !single)) {
            (Some(left), Some(header)) if left != header => {
                Some(Label { text: format!("{left} {header}"), at })
            }
            (Some(text), _) => Some(Label { text: text.to_owned(), at }),
            (None, Some(text)) => Some(Label { text, at }),
            (None, None) => None,
        };
    }
    labels::label_of(surface, at)
}

fn labelled_cell(
    book: &Book<'_>,
    analysis: &SheetAnalysis,
    named: &HashMap<Place, &str>,
    sheet: usize,
    at: CellAt,
    label: Option<Label>,
) -> LabelledCell {
    let surface = &book.surfaces[sheet];
    let spot = surface.spot(at);
    let name = named.get(&(sheet, at)).map(|name| (*name).to_owned());
    let style = spot.map_or_else(|| surface.sheet.cell(at).map_or(0, |cell| cell.style), |spot| spot.style);
    let format = book.format(style);
    let tidied = label.as_ref().map(|label| labels::tidy(&label.text));
    let (beside_unit, help) = labels::beside(surface, at);
    let title = match (&tidied, &name) {
        (Some((title, _)), _) if !title.is_empty() => title.clone(),
        (_, Some(name)) => super::words::spaced(name),
        _ => at.to_string(),
    };
    let value = spot.map_or(&CellValue::Blank, |spot| &spot.value);
    let kind = cell_kind(value, format);
    let numeric = matches!(kind, FieldKind::Number | FieldKind::Integer | FieldKind::Currency);
    let unit = look(format).unit.or(tidied.and_then(|(_, unit)| unit)).or(beside_unit);
    let header_rows: Vec<u32> = analysis.blocks.iter().filter_map(|block| block.header_row).collect();
    LabelledCell {
        cell: CellRef::new(surface.sheet.name.clone(), at),
        name,
        label: label.map(|label| label.text),
        title,
        section: section_of(&analysis.sections, analysis.title.as_deref(), &header_rows, at.row),
        kind,
        unit: unit.filter(|_| numeric),
        help,
    }
}

/// Inputs without those that only name what is elsewhere: kept apart so that proposals can ask for the ones that matter.
pub(crate) fn distinct_titles(inputs: &mut [Input]) {
    let mut seen: HashSet<String> = HashSet::new();
    for input in inputs.iter_mut() {
        if !seen.insert(input.value.title.to_lowercase())
            && let Some(section) = &input.value.section
        {
            input.value.title = format!("{} ({section})", input.value.title);
        }
    }
}
