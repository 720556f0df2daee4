//! What rows look like that transformations made: not all need have the same properties.

use super::{column, flow::Flow, group::PRESENT};
use crate::{
    Error, ErrorKind,
    bind::{
        Shape, Shown,
        options::{name_of, type_of},
    },
    project::{MemberSource, SetSource},
    syntax::ast::QueryOptions,
};

/// The annotation that stands in a context for properties that are not the same in all rows.
const ANY_STRUCTURE: &str = "@Core.AnyStructure";

/// What some of the rows look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// They are entities of the set, with all its properties.
    pub(super) entity: bool,
    /// Their other properties.
    pub(super) names: Vec<String>,
}

/// How the rows of an answer are shown that transformations made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Place of the value that tells a row's face, by its place here; `None` where there is one face only.
    pub which: Option<usize>,
    /// Rows along navigation properties that some are grouped by: the path, such as `Order/Customer`, and the place of the
    /// value that tells whether it leads anywhere. What is shown of them is named by longer paths.
    pub related: Vec<(String, usize)>,
    /// The faces.
    pub faces: Vec<MadeFace>,
}

/// What some of the rows show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFace {
    /// They are no entities, but groups of them.
    pub transient: bool,
    /// Places among [`Shape::shown`].
    pub shown: Vec<usize>,
}

impl Form {
    pub(super) const fn entity() -> Self {
        Self { entity: true, names: Vec::new() }
    }

    pub(super) const fn group(names: Vec<String>) -> Self {
        Self { entity: false, names }
    }

    /// The column that tells which one a row has.
    pub(super) fn column(number: usize) -> String {
        format!("=form{number}")
    }

    /// Whether such rows have a property.
    pub(super) fn has(&self, set: &SetSource, name: &str) -> bool {
        self.entity && set.member(name).is_some() || self.names.iter().any(|own| own == name)
    }
}

impl Flow<'_> {
    /// What is shown of the rows, how, and from which columns.
    pub(super) fn shape<'s>(
        &self,
        set: &'s SetSource,
        options: &QueryOptions,
    ) -> Result<(Shape<'s>, Made, Vec<String>), Error> {
        let (mut all, mut selected) = (options.select.is_empty(), Vec::new());
        for item in &options.select {
            match name_of(item)? {
                None => all = true,
                Some(name) if self.forms.iter().any(|form| form.has(set, name)) => {
                    if !selected.iter().any(|known| known == name) {
                        selected.push(name.to_owned());
                    }
                }
                Some(name) => {
                    let message = format!("what $apply makes has no {name}");
                    return Err(Error::new(ErrorKind::Malformed, "UNKNOWN_PROPERTY", message)
                        .at(item.at.0.start..item.at.0.end)
                        .about(name));
                }
            }
        }
        // What rows are grouped by along navigation properties is expanded, whatever is selected.
        let wanted =
            |name: &str| all || name.contains(['/', PRESENT]) || selected.iter().any(|known| known == name);
        let (mut shown, mut columns) = (Vec::new(), Vec::new());
        let entities = self.forms.iter().any(|form| form.entity);
        for member in set.members.iter().filter(|member| entities && wanted(&member.property)) {
            match &member.source {
                MemberSource::RowId => shown.push(Shown::Id(member)),
                MemberSource::Version => shown.push(Shown::Version(member)),
                MemberSource::Column { id, .. } => {
                    shown.push(Shown::Column(member, columns.len()));
                    columns.push(id.clone());
                }
                // Rows that were transformed say nothing of contents.
                MemberSource::Stream { .. } => {}
                MemberSource::Complex { members } => {
                    let mut parts = Vec::new();
                    for part in members {
                        parts.extend(part.ids().map(|id| {
                            columns.push(id.clone());
                            (part, columns.len() - 1)
                        }));
                    }
                    let places = parts.iter().map(|(_, place)| *place).collect();
                    shown.push(Shown::Complex { member, parts, places });
                }
            }
        }
        let (own, own_columns) = (shown.len(), columns.clone());
        let dynamic = |name: &String| self.forms.iter().any(|form| form.names.contains(name));
        let others = self.scope.computed.iter().filter(|(name, _)| dynamic(name) && wanted(name));
        let (present, others): (Vec<_>, Vec<_>) = others.partition(|(name, _)| name.ends_with(PRESENT));
        for (index, (name, typed)) in others.into_iter().enumerate() {
            shown.push(Shown::Computed {
                name: name.clone(),
                kind: type_of(self.scope.projection, typed.kind),
                index,
            });
            columns.push(column(name));
        }
        let related = present.into_iter().map(|(name, _)| {
            columns.push(column(name));
            (name.trim_end_matches(PRESENT).to_owned(), columns.len() - 1)
        });
        let related = related.collect();
        let which = self.form_column.map(|number| {
            columns.push(Form::column(number));
            columns.len() - 1
        });
        let face = |form: &Form| {
            let has = |(place, shown): (usize, &Shown<'_>)| match shown {
                Shown::Computed { name, .. } => form.names.contains(name).then_some(place),
                _ => (form.entity && place < own).then_some(place),
            };
            MadeFace { transient: !form.entity, shown: shown.iter().enumerate().filter_map(has).collect() }
        };
        let made = Made { which, related, faces: self.forms.iter().map(face).collect() };
        let selected = self.selected(all, selected);
        Ok((Shape { shown, selected, columns: own_columns, ..Shape::default() }, made, columns))
    }

    /// The properties that a context names: those that all rows have (section 3.1.1).
    fn selected(&self, all: bool, selected: Vec<String>) -> Option<Vec<String>> {
        let set = self.scope.set;
        let common = |name: &String| self.forms.iter().all(|form| form.has(set, name));
        let dynamic = self.scope.computed.iter().map(|(name, _)| name).filter(|name| {
            let own = self.forms.iter().any(|form| form.names.contains(*name));
            own && common(name) && !name.ends_with(PRESENT)
        });
        let mut names: Vec<String> = if !all {
            let expanded = dynamic.filter(|name| name.contains('/')).cloned();
            selected.into_iter().filter(|name| common(name)).chain(expanded).collect()
        } else if self.forms.iter().all(|form| form.entity) {
            let dynamic: Vec<String> = dynamic.cloned().collect();
            if dynamic.is_empty() {
                return None;
            }
            std::iter::once("*".to_owned()).chain(dynamic).collect()
        } else {
            dynamic.cloned().collect()
        };
        if names.is_empty() {
            names.push(ANY_STRUCTURE.to_owned());
        }
        Some(nested(names))
    }
}

/// `Customer/Name` and `Customer/City` become `Customer(Name,City)`, where the first of them was.
fn nested(names: Vec<String>) -> Vec<String> {
    let mut items: Vec<(String, Vec<String>)> = Vec::new();
    for name in names {
        let Some((first, rest)) = name.split_once('/') else {
            items.push((name, Vec::new()));
            continue;
        };
        match items.iter_mut().find(|(known, inner)| known == first && !inner.is_empty()) {
            Some((_, inner)) => inner.push(rest.to_owned()),
            None => items.push((first.to_owned(), vec![rest.to_owned()])),
        }
    }
    let item = |(name, inner): (String, Vec<String>)| {
        if inner.is_empty() { name } else { format!("{name}({})", nested(inner).join(",")) }
    };
    items.into_iter().map(item).collect()
}
