//! Fields, cards and grids of cells that stay in the workbook.

use gridkeep_model::definition::{
    Access, Binding, Component, Field, FieldKind, FieldMode, GridColumn, Screen, ScreenKind, Validation,
};

use super::{
    charts::binding,
    text::{Ids, short},
};
use crate::analyse::{Block, Input, LabelledCell, Output, SheetAnalysis};

/// A grid with more cells than this is too much for a phone.
pub(crate) const MAX_GRID: u64 = 3_000;
/// More columns than this do not fit.
const MAX_GRID_COLUMNS: usize = 12;

/// The sections of inputs, in reading order; a section ends where the heading or the sheet changes.
pub(crate) fn input_sections(inputs: &[&Input], ids: &mut Ids) -> Vec<Component> {
    let title = |input: &Input| input.value.section.clone().unwrap_or_default();
    let groups = inputs.chunk_by(|a, b| title(a) == title(b) && a.value.cell.sheet == b.value.cell.sheet);
    let section = |group: &[&Input]| {
        let title = title(group[0]);
        let fields: Vec<Field> = group
            .iter()
            .map(|input| field(&input.value, FieldMode::Write, input.validation.clone(), ids))
            .collect();
        let id = ids.fresh(if title.is_empty() { "inputs" } else { &title }, "inputs");
        Component::Fields { id, title: short(&title, 60), fields, visible_when: None }
    };
    groups.map(section).collect()
}

/// One section with results.
pub(crate) fn results(outputs: &[&Output], title: &str, ids: &mut Ids) -> Component {
    let fields = outputs
        .iter()
        .map(|output| field(&output.value, FieldMode::Read, Validation::default(), ids))
        .collect();
    Component::Fields { id: ids.fresh(title, "results"), title: title.to_owned(), fields, visible_when: None }
}

/// One figure, large.
pub(crate) fn card(output: &Output, ids: &mut Ids) -> Component {
    let id = ids.fresh(&format!("{} card", output.value.title), "card");
    Component::Card { id, field: Box::new(field(&output.value, FieldMode::Read, Validation::default(), ids)) }
}

fn field(cell: &LabelledCell, mode: FieldMode, validation: Validation, ids: &mut Ids) -> Field {
    let bound = match &cell.name {
        Some(name) => Binding::Name { name: name.clone() },
        None => Binding::Cell {
            sheet: cell.cell.sheet.to_string(),
            cell: cell.cell.at.to_string(),
            label: cell.label.clone(),
        },
    };
    Field {
        id: ids.fresh(&cell.title, "field"),
        label: short(&cell.title, 80),
        binding: bound,
        kind: cell.kind,
        unit: cell.unit.clone(),
        format: None,
        help: cell.help.as_deref().map(|help| short(help, 200)),
        validation,
        mode,
        visible_when: None,
        access: Access::default(),
    }
}

/// A block as a grid: calculated and counting columns are only shown, the others are entered when `entered`.
pub(crate) fn grid(block: &Block, title: &str, entered: bool, ids: &mut Ids) -> Option<Component> {
    let data = block.data.as_ref().filter(|data| data.at.len() <= MAX_GRID)?;
    let columns: Vec<GridColumn> = block
        .columns
        .iter()
        .take(MAX_GRID_COLUMNS)
        .map(|column| {
            let write = entered && !column.calculated && !column.sequence;
            let kind = if !write && column.kind == FieldKind::Choice { FieldKind::Text } else { column.kind };
            GridColumn {
                label: short(&column.header, 80),
                offset: column.offset,
                kind,
                unit: column.unit.clone(),
                mode: if write { FieldMode::Write } else { FieldMode::Read },
                validation: if write { column.validation.clone() } else { Validation::default() },
            }
        })
        .collect();
    let header = block.columns.first().map(|column| column.header.clone());
    let id = ids.fresh(&format!("{title} grid"), "grid");
    Some(Component::Grid {
        id,
        title: short(title, 60),
        binding: binding(data, header),
        columns,
        visible_when: None,
    })
}

/// A screen for everybody.
pub(crate) fn screen(
    title: &str,
    icon: &str,
    kind: ScreenKind,
    components: Vec<Component>,
    ids: &mut Ids,
) -> Screen {
    Screen {
        id: ids.fresh(title, "screen"),
        title: short(title, 60),
        icon: icon.to_owned(),
        kind,
        components,
        visible_when: None,
        access: Access::default(),
    }
}

/// Names that programs give to sheets.
const NUMBERED: [&str; 5] = ["sheet", "tabelle", "table", "blatt", ""];

/// What people call a block: its table's own name, the heading it stands under, or its sheet.
pub(crate) fn block_title(sheet: &SheetAnalysis, block: &Block, app: &str) -> String {
    let generic = |name: &str| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        matches!(stem.to_lowercase().as_str(), "table" | "tabelle" | "tbl")
    };
    let lists = sheet.blocks.iter().filter(|block| block.header_row.is_some()).count();
    if let Some(table) = block.table.as_ref().filter(|table| lists > 1 && !generic(table)) {
        return crate::analyse::words::spaced(table);
    }
    let above = sheet.sections.iter().rfind(|section| section.cell.at.row < block.header_row.unwrap_or(0));
    if let Some(section) = above.filter(|section| lists > 1 && Some(&section.title) != sheet.title.as_ref()) {
        return short(&section.title, 60);
    }
    let stem = sheet.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ').to_lowercase();
    if super::text::says_nothing(&sheet.name) && NUMBERED.contains(&stem.as_str()) {
        return sheet.title.clone().unwrap_or_else(|| app.to_owned());
    }
    let camel =
        sheet.name.chars().zip(sheet.name.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    if camel && !sheet.name.contains(' ') {
        crate::analyse::words::spaced(&sheet.name)
    } else {
        sheet.name.clone()
    }
}
