//! Checks a definition against itself and against its workbook, before anything is published.
//!
//! **Architecture Invariant:** what passes here can be shown by the client and served by the row service without further
//! checks of ids, columns or addresses.

mod actions;
mod files;
mod problem;
mod references;
mod screens;
mod tables;

use std::collections::HashSet;

use gridkeep_model::{
    AppDefinition, CellAt, RangeAt, Workbook,
    definition::{Binding, Choices, FieldKind, SCHEMA_VERSION, Validation},
    workbook::Sheet,
};

pub use problem::{DefinitionProblem, ProblemCode};

use crate::analyse::{ReasonText, formula::single_reference};

/// Icons of the client's set.
pub const ICONS: [&str; 14] = [
    "calculator",
    "list",
    "form",
    "chart",
    "table",
    "money",
    "calendar",
    "box",
    "people",
    "check",
    "clock",
    "star",
    "map",
    "gear",
];
/// Characters of a name or label.
const MAX_LABEL: usize = 80;
/// Characters of a paragraph.
const MAX_TEXT: usize = 2_000;
/// Screens, tables, components of a screen.
const MAX_PARTS: usize = 60;
/// Cells that one component shows.
const MAX_CELLS: u64 = 20_000;
/// More problems are not listed: the definition is not meant for this workbook.
const MAX_PROBLEMS: usize = 200;

/// Everything wrong with a definition, in the order of the definition; nothing when it can be published.
pub fn validate(definition: &AppDefinition, workbook: &Workbook) -> Vec<DefinitionProblem> {
    let mut check = Check { definition, workbook, problems: Vec::new(), ids: HashSet::new() };
    check.head();
    for (index, table) in definition.tables.iter().enumerate() {
        check.table(&format!("tables/{index}"), index, table);
    }
    for (index, screen) in definition.screens.iter().enumerate() {
        check.screen(&format!("screens/{index}"), index, screen);
    }
    check.actions();
    check.problems.truncate(MAX_PROBLEMS);
    check.problems
}

/// A definition being checked.
struct Check<'a> {
    definition: &'a AppDefinition,
    workbook: &'a Workbook,
    problems: Vec<DefinitionProblem>,
    /// Ids of components and fields seen so far.
    ids: HashSet<&'a str>,
}

impl<'a> Check<'a> {
    fn add(&mut self, path: &str, code: ProblemCode, en: impl Into<String>, de: impl Into<String>) {
        self.problems.push(DefinitionProblem {
            path: path.to_owned(),
            code,
            message: ReasonText::new(en, de),
        });
    }

    fn head(&mut self) {
        let definition = self.definition;
        if definition.schema_version == 0 || definition.schema_version > SCHEMA_VERSION {
            self.add(
                "schemaVersion",
                ProblemCode::SchemaVersion,
                format!(
                    "Version {} of the format is not known here; the newest is {SCHEMA_VERSION}",
                    definition.schema_version
                ),
                format!(
                    "Version {} des Formats ist hier nicht bekannt; die neueste ist {SCHEMA_VERSION}",
                    definition.schema_version
                ),
            );
        }
        self.label("name", &definition.name);
        self.text("description", &definition.description);
        self.icon("icon", &definition.icon);
        let accent = definition
            .accent
            .strip_prefix('#')
            .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if !accent {
            self.add(
                "accent",
                ProblemCode::Format,
                "The colour must look like #1d4ed8",
                "Die Farbe muss aussehen wie #1d4ed8",
            );
        }
        let language = &definition.language;
        let parts = language
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !parts || language.len() < 2 || language.len() > 35 {
            self.add(
                "language",
                ProblemCode::Format,
                "The language must be a tag such as en or de",
                "Die Sprache muss ein Kürzel wie en oder de sein",
            );
        }
        if definition.screens.is_empty() {
            self.add(
                "screens",
                ProblemCode::Missing,
                "The app has no screen",
                "Die App hat keinen Bildschirm",
            );
        }
        self.most("screens", definition.screens.len(), MAX_PARTS);
        self.most("tables", definition.tables.len(), MAX_PARTS);
    }

    fn most(&mut self, path: &str, number: usize, most: usize) {
        if number > most {
            self.add(
                path,
                ProblemCode::Length,
                format!("{number} are too many; at most {most}"),
                format!("{number} sind zu viele; höchstens {most}"),
            );
        }
    }

    /// A name or label: 1 to [`MAX_LABEL`] characters.
    fn label(&mut self, path: &str, text: &str) {
        let length = text.chars().count();
        if text.trim().is_empty() {
            self.add(path, ProblemCode::Length, "Some words are needed here", "Hier werden Worte gebraucht");
        } else if length > MAX_LABEL {
            self.too_long(path, length, MAX_LABEL);
        }
    }

    /// A heading: may be empty.
    fn heading(&mut self, path: &str, text: &str) {
        let length = text.chars().count();
        if length > MAX_LABEL {
            self.too_long(path, length, MAX_LABEL);
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        let length = text.chars().count();
        if length > MAX_TEXT {
            self.too_long(path, length, MAX_TEXT);
        }
    }

    fn too_long(&mut self, path: &str, length: usize, most: usize) {
        self.add(
            path,
            ProblemCode::Length,
            format!("{length} characters are too many; at most {most}"),
            format!("{length} Zeichen sind zu viele; höchstens {most}"),
        );
    }

    fn icon(&mut self, path: &str, icon: &str) {
        if !ICONS.contains(&icon) {
            self.add(
                path,
                ProblemCode::Format,
                format!("There is no icon “{icon}”"),
                format!("Das Symbol „{icon}“ gibt es nicht"),
            );
        }
    }

    /// A letter, then lower-case letters, digits and `_`, at most 40 characters.
    fn id(&mut self, path: &str, id: &str) {
        let good = id.len() <= 40
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !good {
            self.add(
                path,
                ProblemCode::Format,
                format!("“{}” is no id: a letter, then lower-case letters, digits and _, at most 40", shown(id)),
                format!("„{}“ ist keine Kennung: ein Buchstabe, dann Kleinbuchstaben, Ziffern und _, höchstens 40", shown(id)),
            );
        }
    }

    /// The id of a component or field: well made and used once in the app.
    fn own_id(&mut self, path: &str, id: &'a str) {
        self.id(path, id);
        if !self.ids.insert(id) {
            self.duplicate(path, id);
        }
    }

    fn duplicate(&mut self, path: &str, id: &str) {
        self.add(
            path,
            ProblemCode::Duplicate,
            format!("“{}” is used twice", shown(id)),
            format!("„{}“ kommt zweimal vor", shown(id)),
        );
    }

    /// Two columns with these titles show the same one of the workbook.
    fn same_column(&mut self, path: &str, one: &str, other: &str) {
        let (one, other) = (shown(one), shown(other));
        self.add(
            path,
            ProblemCode::Duplicate,
            format!("“{one}” and “{other}” show the same column of the workbook"),
            format!("„{one}“ und „{other}“ zeigen dieselbe Spalte der Arbeitsmappe"),
        );
    }

    fn sheet(&mut self, path: &str, name: &str) -> Option<&'a Sheet> {
        let sheet = self.workbook.sheet(name);
        if sheet.is_none() {
            self.add(
                path,
                ProblemCode::UnknownSheet,
                format!("The workbook has no sheet “{}”", shown(name)),
                format!("Die Arbeitsmappe hat kein Blatt „{}“", shown(name)),
            );
        }
        sheet
    }

    /// The cells a binding means; adds a problem when there are none. Columns of tables are not cells.
    fn cells(&mut self, path: &str, binding: &Binding) -> Option<(&'a Sheet, RangeAt)> {
        match binding {
            Binding::Name { name } => {
                let found = resolve(self.workbook, name);
                if found.is_none() {
                    self.add(
                        path,
                        ProblemCode::UnknownName,
                        format!("The workbook has no name “{}” that stands for cells", shown(name)),
                        format!("Die Arbeitsmappe hat keinen Namen „{}“, der für Zellen steht", shown(name)),
                    );
                }
                found
            }
            Binding::Cell { sheet, cell, .. } => {
                let sheet = self.sheet(path, sheet)?;
                let at: Option<CellAt> = cell.parse().ok();
                if at.is_none() {
                    self.no_address(path, cell);
                }
                Some((sheet, RangeAt::cell(at?)))
            }
            Binding::Range { sheet, range, .. } => {
                let sheet = self.sheet(path, sheet)?;
                let at: Option<RangeAt> = range.parse().ok();
                if at.is_none() {
                    self.no_address(path, range);
                }
                Some((sheet, at?))
            }
            Binding::Column { .. } => {
                self.add(
                    path,
                    ProblemCode::WrongBinding,
                    "A column of a table cannot be bound here",
                    "Eine Tabellenspalte kann hier nicht angebunden werden",
                );
                None
            }
        }
    }

    fn no_address(&mut self, path: &str, address: &str) {
        self.add(
            path,
            ProblemCode::OutOfRange,
            format!("“{}” is no address on a sheet", shown(address)),
            format!("„{}“ ist keine Adresse auf einem Blatt", shown(address)),
        );
    }

    /// The single cell a binding means.
    fn one_cell(&mut self, path: &str, binding: &Binding) -> Option<(&'a Sheet, CellAt)> {
        let (sheet, range) = self.cells(path, binding)?;
        if range.len() > 1 {
            self.add(
                path,
                ProblemCode::WrongBinding,
                "One cell is needed here, not a range",
                "Hier wird eine einzelne Zelle gebraucht, kein Bereich",
            );
            return None;
        }
        Some((sheet, range.start))
    }

    /// The cells of a grid, chart or list of choices.
    fn bounded(&mut self, path: &str, binding: &Binding) -> Option<(&'a Sheet, RangeAt)> {
        let (sheet, range) = self.cells(path, binding)?;
        let used = sheet.used_range().map_or(0, |used| used.end.row);
        let rows = u64::from(range.end.row.min(used.max(range.start.row)) - range.start.row + 1);
        if rows * u64::from(range.columns()) > MAX_CELLS {
            self.add(
                path,
                ProblemCode::Length,
                format!("{range} has too many cells; at most {MAX_CELLS}"),
                format!("{range} hat zu viele Zellen; höchstens {MAX_CELLS}"),
            );
            return None;
        }
        Some((sheet, range))
    }

    /// What a field or column accepts.
    fn validation(&mut self, path: &str, kind: FieldKind, validation: &Validation) {
        if let (Some(minimum), Some(maximum)) = (validation.minimum, validation.maximum)
            && minimum > maximum
        {
            self.add(
                path,
                ProblemCode::Contradiction,
                "The smallest value is above the largest",
                "Der kleinste Wert liegt über dem größten",
            );
        }
        if validation.max_length == Some(0) {
            self.add(path, ProblemCode::Contradiction, "No text is that short", "So kurz ist kein Text");
        }
        if let Some(message) = &validation.message {
            self.text(path, message);
        }
        match &validation.choices {
            Some(Choices::List { values }) if values.is_empty() => {
                self.add(
                    path,
                    ProblemCode::Missing,
                    "The list of choices is empty",
                    "Die Auswahlliste ist leer",
                );
            }
            Some(Choices::Range { binding }) => {
                self.bounded(&format!("{path}/choices"), binding);
            }
            None if kind == FieldKind::Choice => {
                self.add(
                    path,
                    ProblemCode::Missing,
                    "There is nothing to choose from",
                    "Es gibt nichts auszuwählen",
                );
            }
            _ => {}
        }
    }
}

/// The cells behind a defined name or table.
pub(crate) fn resolve<'a>(workbook: &'a Workbook, name: &str) -> Option<(&'a Sheet, RangeAt)> {
    let lower = name.to_lowercase();
    let mut names: Vec<_> =
        workbook.names.iter().filter(|known| known.name.to_lowercase() == lower).collect();
    names.sort_by_key(|known| known.sheet);
    for known in names {
        if let Some(reference) = single_reference(&known.refers_to)
            && let Some(sheet) = reference.sheet.as_deref().and_then(|sheet| workbook.sheet(sheet))
            && let Some(range) = reference.range(CellAt::new(1, 1))
        {
            return Some((sheet, range));
        }
    }
    let table = workbook.table(name)?;
    Some((workbook.sheets.get(table.sheet)?, table.data_range()?))
}

/// A piece of somebody's text, short enough for a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests;
