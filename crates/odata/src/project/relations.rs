//! References between tables as navigation properties: to the one row that a column's value stands for, and back.
//!
//! **Architecture Invariant:** whoever may not read both tables is told of neither way.

use gridkeep_model::{AppDefinition, query::Part};

use super::{Link, MemberSource, NAMESPACE, Navigation, SetSource, names::Taken, said, table::Made};
use crate::edm;

/// Endings of a column's id that say it holds what finds a row: `customer_id` leads to the `Customer`.
const ENDINGS: [&str; 8] = ["_id", "_no", "_nr", "_number", "_nummer", "_code", "_key", "_ref"];

/// Adds both ways of every reference between tables that were made.
pub(super) fn relate(definition: &AppDefinition, made: &mut [Made]) {
    for (table, column, refers) in definition.references() {
        let place = |id: &str| made.iter().position(|one| one.source.table == id && one.source.rights.read);
        let (Some(from), Some(to)) = (place(&table.id), place(&refers.table)) else { continue };
        let property = |at: usize, column: &str| property(&made[at].source, column).map(ToOwned::to_owned);
        let (Some(own), Some(referenced)) = (property(from, &column.id), property(to, &refers.column)) else {
            continue;
        };
        let one = to_one(&column.id, &mut made[from].names);
        let many = to_many(&table.id, &column.id, &mut made[to].names);
        // A reference that may lead nowhere needs a property that may be null (CSDL 4.01, section 8.5).
        let constraints = if column.validation.required {
            Vec::new()
        } else {
            vec![edm::Constraint { property: own, referenced, annotations: Vec::new() }]
        };
        let there = Part::Column(refers.column.clone());
        let link = Link::Here { column: column.id.clone(), there: there.clone() };
        // In words of the app, by which either end is known: `Customer (Customers)` and back `Orders (Customer)`.
        let other = definition.table(&refers.table).map_or("", |other| other.title.as_str());
        let said = format!("{} ({other})", column.title);
        add(made, (from, to), Way { name: &one, partner: &many, many: false, constraints, link, said });
        let link = Link::There { column: column.id.clone(), here: there };
        let said = format!("{} ({})", table.title, column.title);
        let constraints = Vec::new();
        add(made, (to, from), Way { name: &many, partner: &one, many: true, constraints, link, said });
    }
}

/// One way along a reference.
struct Way<'a> {
    name: &'a str,
    partner: &'a str,
    many: bool,
    constraints: Vec<edm::Constraint>,
    link: Link,
    said: String,
}

fn add(made: &mut [Made], (from, to): (usize, usize), way: Way<'_>) {
    let target = made[to].source.name.clone();
    let navigation = edm::Navigation {
        name: way.name.to_owned(),
        target: edm::QName::new(NAMESPACE, made[to].entity_type.name.clone()),
        collection: way.many,
        nullable: !way.many,
        partner: Some(way.partner.to_owned()),
        contains: false,
        constraints: way.constraints,
        on_delete: None,
        annotations: vec![said::description(&way.said)],
    };
    let here = &mut made[from];
    here.entity_type.navigations.push(navigation);
    here.set.bindings.push(edm::PathBinding { path: way.name.to_owned(), target: target.clone() });
    here.source.navigations.push(Navigation {
        property: way.name.to_owned(),
        set: target,
        many: way.many,
        link: way.link,
    });
}

fn property<'a>(set: &'a SetSource, column: &str) -> Option<&'a str> {
    let holds =
        |member: &&super::Member| matches!(&member.source, MemberSource::Column { id, .. } if id == column);
    set.members.iter().find(holds).map(|member| member.property.as_str())
}

/// `customer_id` leads to the `Customer`; `customer`, which is a property itself, to the `CustomerRow`.
fn to_one(column: &str, names: &mut Taken) -> String {
    let plain = ENDINGS.iter().find_map(|ending| column.strip_suffix(ending)).unwrap_or(column);
    let row = format!("{column}_row");
    names.name(if names.is_free(plain) { plain } else { &row })
}

/// Rows of `orders` are the `Orders`; along a second column of theirs, the `OrdersByPayer`.
fn to_many(table: &str, column: &str, names: &mut Taken) -> String {
    let by = format!("{table}_by_{column}");
    names.name(if names.is_free(table) { table } else { &by })
}
