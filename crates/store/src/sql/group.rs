//! Groups: a subquery whose columns are named like those of a table, so that what is asked of groups is written as what is
//! asked of rows.

use gridkeep_model::query::{Groups, Type};

use super::{Scope, Select, TEXT, Writer};
use crate::layout::{Columns, Layout, PhysicalColumn};

impl Layout {
    /// The rows of groups, as the subquery names them.
    pub(crate) fn of_groups(groups: &Groups) -> Self {
        let column = |(number, column): (u32, &gridkeep_model::Column)| PhysicalColumn {
            number,
            id: column.id.clone(),
            column_type: column.column_type,
            indexed: false,
        };
        let active = (1..).zip(&groups.schema.columns).map(column).collect();
        Self { table: groups.schema.id.clone(), number: 0, columns: Columns { active, hidden: Vec::new() } }
    }
}

impl<'a> Select<'a> {
    /// ` FROM (SELECT ... GROUP BY ...) AS t`
    pub(super) fn grouped(&self, writer: &mut Writer<'a>, group: &Groups) {
        let outer = Scope { alias: "t".to_owned(), layout: self.table };
        let outer = std::mem::replace(&mut writer.scopes, vec![outer]);
        writer.grouped = false;
        writer.push(" FROM (SELECT ");
        let (mut word, mut places) = ("", 0);
        for (by, column) in group.by.iter().zip(&self.layout().columns.active) {
            writer.push(word);
            word = ", ";
            places += 1;
            let words = writer.words;
            words.uniform(writer, by);
            if by.ty == Type::Column(TEXT) {
                writer.push(words.collation());
            }
            writer.push(&format!(" AS {}", column.name()));
        }
        for (by, column) in group.by.iter().zip(&self.layout().columns.active) {
            let Some(folded) = column.folded() else { continue };
            writer.push(word);
            places += 1;
            if by.is_null() {
                writer.plain(by);
            } else {
                writer.folded(by);
            }
            writer.push(writer.words.collation());
            writer.push(&format!(" AS {folded}"));
        }
        let aggregates = self.layout().columns.active.iter().skip(group.by.len());
        for ((reduce, of, ty), column) in group.aggregates.iter().zip(aggregates) {
            writer.push(word);
            word = ", ";
            let words = writer.words;
            words.aggregate(writer, *reduce, of.as_ref(), *ty);
            writer.push(&format!(" AS {}", column.name()));
        }
        if places == 0 {
            // Without keys it is one group only because something is aggregated, be it constants.
            writer.push(word);
            writer.push("count(*) AS c0");
        }
        writer.push(&format!(" FROM {} AS t", self.table.name()));
        if let Some(filter) = &self.plan.filter {
            writer.push(" WHERE ");
            writer.condition(filter, false);
        }
        if places > 0 {
            let places: Vec<String> = (1..=places).map(|place: usize| place.to_string()).collect();
            writer.push(&format!(" GROUP BY {}", places.join(", ")));
        }
        writer.push(") AS t");
        writer.scopes = outer;
        writer.grouped = true;
    }

    /// What makes the order of groups total: the values they are grouped by, texts too that are in one place of an order.
    pub(super) fn group_order(writer: &mut Writer<'_>, layout: &Layout, group: &Groups) {
        let mut keys = Vec::new();
        for column in layout.columns.active.iter().take(group.by.len()) {
            let nulls = writer.words.nulls(false);
            if let Some(folded) = column.folded() {
                keys.push(format!("substr(t.{folded}, 1, {}){nulls}", super::SORT_KEY_CHARS));
            }
            keys.push(format!("t.{}{nulls}", column.name()));
        }
        // There is only one when they are grouped by nothing.
        writer.push(&if keys.is_empty() { "(SELECT 1)".to_owned() } else { keys.join(", ") });
    }
}
