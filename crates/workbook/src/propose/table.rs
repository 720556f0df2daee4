//! From a block to a published table, and what of it a list shows, searches and filters.

use gridkeep_model::{
    ColumnType,
    definition::{
        Choices, ColumnDefinition, Component, FieldKind, Screen, ScreenKind, Sort, TableAccess,
        TableDefinition, TableSource, Validation,
    },
};

use super::{
    files::{self, FileHeading},
    text::{Ids, short},
};
use crate::analyse::{
    Block, BlockColumn,
    words::{self, mentions},
};

/// Columns shown beneath the title.
const SHOWN: usize = 4;
/// Columns offered as filters.
const FILTERS: usize = 4;

/// Headers of what names a row.
const TITLE: [&str; 28] = [
    "name",
    "title",
    "item",
    "task",
    "product",
    "description",
    "subject",
    "customer",
    "candidate",
    "event",
    "project",
    "article",
    "requirement",
    "titel",
    "artikel",
    "aufgabe",
    "produkt",
    "bezeichnung",
    "beschreibung",
    "betreff",
    "kunde",
    "projekt",
    "ereignis",
    "firma",
    "company",
    "student",
    "anforderung",
    "what",
];

/// A published table together with the columns it came from.
pub(crate) struct Published<'a> {
    /// For the definition.
    pub(crate) table: TableDefinition,
    /// The block it came from.
    pub(crate) block: &'a Block,
    /// The columns, in the same order as the table's.
    pub(crate) columns: Vec<&'a BlockColumn>,
}

/// The table of a block with headers; `None` without any.
pub(crate) fn publish<'a>(block: &'a Block, title: &str, ids: &mut Ids) -> Option<Published<'a>> {
    let range = block.published_range()?;
    let source = match &block.table {
        Some(name) => TableSource::Table { name: name.clone() },
        None => TableSource::Range { sheet: range.sheet.to_string(), range: range.at.to_string() },
    };
    let mut column_ids = Ids::default();
    let columns: Vec<&BlockColumn> = block.columns.iter().collect();
    let defined: Vec<ColumnDefinition> =
        columns.iter().map(|column| define(column, &mut column_ids)).collect();
    let key = block
        .keys
        .first()
        .and_then(|offset| defined.iter().find(|column| column.offset == *offset))
        .map(|column| column.id.clone());
    let table = TableDefinition {
        id: ids.fresh(title, "table"),
        title: short(title, 60),
        source,
        columns: defined,
        key,
        access: TableAccess::default(),
        gates: Vec::new(),
    };
    Some(Published { table, block, columns })
}

fn define(column: &BlockColumn, ids: &mut Ids) -> ColumnDefinition {
    let formula =
        column.formula.as_ref().filter(|formula| formula.computable).map(|formula| formula.text.clone());
    let mut validation = if formula.is_some() { Validation::default() } else { column.validation.clone() };
    let mut kind = column.kind;
    if formula.is_none()
        && validation.choices.is_none()
        && let Some((yes, no)) = &column.yes_no
    {
        validation.choices = Some(Choices::List { values: vec![yes.clone(), no.clone()] });
        validation.open = true;
        kind = FieldKind::Choice;
    }
    if formula.is_some() && kind == FieldKind::Choice {
        kind = FieldKind::Text;
    }
    let plain = column.filled == 0 && !column.calculated && validation.choices.is_none();
    let file = files::heading(&column.header).filter(|_| plain && formula.is_none());
    if let Some(file) = file.filter(|_| column.column_type == ColumnType::Text) {
        kind = FieldKind::File;
        let required = validation.required;
        validation = Validation { required, pictures: file == FileHeading::Picture, ..Validation::default() };
    }
    ColumnDefinition {
        id: ids.fresh(&column.header, "column"),
        title: short(&column.header, 80),
        offset: column.offset,
        column_type: column.column_type,
        kind,
        unit: column.unit.clone(),
        format: column.format.clone(),
        validation,
        formula,
        refers: None,
        filled: None,
        read_only: false,
    }
}

impl Published<'_> {
    fn pairs(&self) -> impl Iterator<Item = (&ColumnDefinition, &BlockColumn)> {
        self.table.columns.iter().zip(self.columns.iter().copied())
    }

    /// Columns that somebody enters.
    pub(crate) fn entered(&self) -> Vec<String> {
        self.table
            .columns
            .iter()
            .filter(|column| column.formula.is_none())
            .map(|column| column.id.clone())
            .collect()
    }

    /// The column that names a row for people: by its header, else the first text that is neither code nor category.
    pub(crate) fn title_column(&self) -> String {
        let text = |column: &ColumnDefinition| column.column_type == ColumnType::Text && !column.is_file();
        let best = self
            .pairs()
            .filter(|(column, _)| text(column))
            .map(|(column, found)| {
                let mut points = 0_i32;
                points += if mentions(&found.header, &TITLE) { 4 } else { 0 };
                points += if found.distinct * 2 > found.filled { 2 } else { -2 };
                points += if found.distinct <= 1 { -4 } else { 0 };
                points -= i32::from(found.code_like) + i32::from(found.filled == 0) * 6;
                points -=
                    i32::from(found.calculated) * 2 + i32::from(mentions(&found.header, &words::PROSE)) * 3;
                (points, column)
            })
            .max_by_key(|(points, column)| (*points, std::cmp::Reverse(column.offset)));
        let key = self.table.key.clone();
        match best {
            Some((points, column)) if points > 0 || key.is_none() && points > -4 => column.id.clone(),
            _ => key.unwrap_or_else(|| {
                self.table.columns.first().map_or(String::new(), |column| column.id.clone())
            }),
        }
    }

    /// Columns with few different values.
    pub(crate) fn categories(&self) -> Vec<&ColumnDefinition> {
        self.pairs()
            .filter(|(column, found)| {
                found.category || matches!(column.kind, FieldKind::Choice | FieldKind::Boolean)
            })
            .map(|(column, _)| column)
            .collect()
    }

    /// Columns worth adding up: amounts first.
    pub(crate) fn amounts(&self) -> Vec<&ColumnDefinition> {
        let numeric = |column: &ColumnDefinition, found: &BlockColumn| {
            let number = matches!(
                column.column_type,
                ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double
            );
            let rate = mentions(
                &found.header,
                &[
                    "year",
                    "month",
                    "jahr",
                    "monat",
                    "index",
                    "rate",
                    "kurs",
                    "price",
                    "preis",
                    "einzelpreis",
                    "min",
                    "max",
                ],
            );
            number
                && !found.sequence
                && !rate
                && found.filled > 0
                && column.kind != FieldKind::Percent
                && !mentions(&found.header, &words::IDENTIFIER)
        };
        let mut amounts: Vec<_> = self.pairs().filter(|(column, found)| numeric(column, found)).collect();
        amounts.sort_by_key(|(column, found)| {
            let money = mentions(&found.header, &words::MONEY) || column.kind == FieldKind::Currency;
            (std::cmp::Reverse(u8::from(column.formula.is_some()) * 2 + u8::from(money)), column.offset)
        });
        amounts.into_iter().map(|(column, _)| column).collect()
    }

    /// The screen with the list of its rows and their details.
    pub(crate) fn list_screen(&self, icon: &'static str, ids: &mut Ids) -> Screen {
        let title_column = self.title_column();
        let mut ranked: Vec<_> = self
            .pairs()
            .filter(|(column, found)| {
                let offered = matches!(column.kind, FieldKind::Choice | FieldKind::File);
                column.id != title_column && (found.filled > 0 || offered)
            })
            .collect();
        ranked.sort_by_key(|(column, found)| (std::cmp::Reverse(self.weight(column, found)), column.offset));
        let mut columns: Vec<&ColumnDefinition> =
            ranked.iter().take(SHOWN).map(|(column, _)| *column).collect();
        columns.sort_by_key(|column| column.offset);
        let text = |column: &&ColumnDefinition| column.column_type == ColumnType::Text && !column.is_file();
        let list = Component::List {
            id: ids.fresh(&format!("{} list", self.table.title), "list"),
            table: self.table.id.clone(),
            title_column,
            columns: columns.iter().map(|column| column.id.clone()).collect(),
            filters: self.categories().iter().take(FILTERS).map(|column| column.id.clone()).collect(),
            search: self.table.columns.iter().filter(text).take(8).map(|column| column.id.clone()).collect(),
            sort: self.sort(),
            detail: self.table.columns.iter().map(|column| column.id.clone()).collect(),
        };
        Screen {
            id: ids.fresh(&self.table.title, "screen"),
            title: self.table.title.clone(),
            icon: icon.to_owned(),
            kind: ScreenKind::List,
            components: vec![list],
            visible_when: None,
            access: gridkeep_model::definition::Access::default(),
        }
    }

    /// How much a column tells in a list.
    fn weight(&self, column: &ColumnDefinition, found: &BlockColumn) -> i32 {
        let mut weight = 0;
        weight += 4 * i32::from(self.table.key.as_ref() == Some(&column.id));
        weight +=
            4 * i32::from(mentions(&found.header, &["status", "state", "due", "fällig", "total", "summe"]));
        weight += 3 * i32::from(found.category || column.kind == FieldKind::Choice);
        weight += 3 * i32::from(matches!(column.column_type, ColumnType::Date | ColumnType::DateTime));
        weight += 2 * i32::from(column.formula.is_some());
        weight += 3 * i32::from(column.is_file());
        weight += 2 * i32::from(
            mentions(&found.header, &words::MONEY)
                || column.kind == FieldKind::Currency
                || mentions(&found.header, &words::QUANTITY),
        );
        weight -= 4 * i32::from(column.kind == FieldKind::LongText)
            + 2 * i32::from(found.distinct <= 1 && found.filled > 3);
        weight
    }

    /// Newest first when rows are dated and have no key, else by what names them.
    fn sort(&self) -> Option<Sort> {
        let date = self.pairs().find(|(column, found)| {
            matches!(column.column_type, ColumnType::Date | ColumnType::DateTime)
                && column.formula.is_none()
                && found.filled > 0
        });
        match (&self.table.key, date) {
            (Some(key), _) => Some(Sort { column: key.clone(), descending: false }),
            (None, Some((column, _))) => Some(Sort { column: column.id.clone(), descending: true }),
            (None, None) => None,
        }
    }

    /// The screen that adds a row; `None` when nothing can be entered, or nobody may.
    pub(crate) fn form_screen(&self, german: bool, ids: &mut Ids) -> Option<Screen> {
        let columns = self.entered();
        if columns.is_empty() || self.table.access.insert.is_empty() {
            return None;
        }
        let title =
            if german { format!("Neu: {}", self.table.title) } else { format!("New: {}", self.table.title) };
        let form = Component::Form {
            id: ids.fresh(&format!("{} form", self.table.title), "form"),
            table: self.table.id.clone(),
            columns,
            submit_label: None,
        };
        Some(Screen {
            id: ids.fresh(&format!("new {}", self.table.title), "screen"),
            title: short(&title, 60),
            icon: "form".to_owned(),
            kind: ScreenKind::Form,
            components: vec![form],
            visible_when: None,
            access: gridkeep_model::definition::Access::default(),
        })
    }
}
