//! What `$select` leaves of each entity, and the columns that it takes (OData-URL 4.01, section 5.1.4).

use super::{
    Ground, Shape, Shown, ShownKind, ShownKinds, Typed, casts, is_type, kind_named, options::type_of,
};
use crate::{
    Error, ErrorKind, Span,
    edm::QName,
    project::{Member, MemberSource, OperationSource, SetSource},
    syntax::ast::{Path, PathSegmentKind, QueryOptions, Root, Select, SelectKind},
};

/// What is selected: without `$select` everything and every computed value.
pub(super) fn shape<'a>(
    ground: Ground<'a>,
    options: &QueryOptions,
    compute: &[(String, Typed)],
) -> Result<Shape<'a>, Error> {
    let set = ground.set;
    let mut picked = Picked { all: options.select.is_empty(), ..Picked::default() };
    let mut selected: Option<Vec<String>> = None;
    for item in &options.select {
        let names = selected.get_or_insert_default();
        match &item.kind {
            SelectKind::All => picked.all = true,
            SelectKind::Operations(namespace) => {
                picked.operations.extend(operations(ground, item, namespace)?);
                names.push(format!("{namespace}.*"));
            }
            SelectKind::Path { path, options, .. } if let Some(name) = operation(ground, path) => {
                if **options != QueryOptions::default() {
                    return Err(misplaced(item, format!("{name} has no properties")));
                }
                picked.operations.push(name.to_string());
                names.push(name.to_string());
            }
            SelectKind::Path { path, options, .. } => {
                let before = picked.items.len();
                if !computed(&mut picked, path, options, compute) {
                    pick(ground, &mut picked, item, path, options)?;
                }
                for picked in &picked.items[before..] {
                    if !names.contains(&picked.text) {
                        names.push(picked.text.clone());
                    }
                }
            }
        }
    }
    if picked.all
        && let Some(names) = &mut selected
    {
        names.insert(0, "*".to_owned());
    }
    let mut columns = Columns::default();
    let mut shown = Vec::new();
    for member in &set.members {
        shown.extend(columns.show(&picked, set, member));
    }
    let kinds = kinds(set, &picked, &mut columns);
    let media = set.manner.media.as_ref().map(|media| columns.take(&media.column));
    if !picked.operations.is_empty() {
        // Whether they can be called may depend on any of them.
        for (id, _) in set.columns() {
            columns.take(id);
        }
    }
    // What names the entity is read even if it is not shown.
    let mut key = Vec::new();
    for property in &set.key {
        if let Some(Member { source: MemberSource::Column { id, .. }, property, .. }) = set.member(property) {
            key.push((property.as_str(), columns.take(id)));
        }
    }
    let mut index = 0;
    for (name, typed) in compute {
        if selected.as_ref().is_none_or(|names| names.contains(name)) {
            shown.push(Shown::Computed {
                name: name.clone(),
                kind: type_of(ground.projection, typed.kind),
                index,
            });
            index += 1;
        }
    }
    let operations = picked.operations;
    Ok(Shape { shown, selected, operations, columns: columns.0, key, kinds, media, expanded: Vec::new() })
}

/// The operation bound to a set's entities that a path names, qualified.
fn operation<'a>(ground: Ground<'a>, path: &Path) -> Option<&'a QName> {
    let ([segment], Root::Instance) = (path.segments.as_slice(), &path.root) else { return None };
    let PathSegmentKind::Name(name) = &segment.kind else { return None };
    let (namespace, plain) = (name.namespace.as_deref()?, segment.parens.is_empty());
    let mut all = bound(ground).filter(|known| known.namespace == namespace && known.name == name.name);
    all.next().filter(|_| plain)
}

/// The operations of a schema that are bound to a set's entities, each once.
fn operations(ground: Ground<'_>, item: &Select, namespace: &str) -> Result<Vec<String>, Error> {
    if ground.projection.edm.schemas.iter().all(|schema| schema.namespace != namespace) {
        let (at, message) = (item.at.0, format!("there is no schema {namespace}"));
        return Err(Error::new(ErrorKind::Malformed, "UNKNOWN_NAMESPACE", message).at(at.start..at.end));
    }
    let mut names: Vec<String> = Vec::new();
    for name in bound(ground).filter(|name| name.namespace == namespace).map(ToString::to_string) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Operations that are called on one of a set's entities.
fn bound(ground: Ground<'_>) -> impl Iterator<Item = &QName> {
    let on_it = move |source: &&OperationSource| {
        source.bound.as_ref().is_some_and(|to| !to.collection && to.entity_type == ground.set.entity_type)
    };
    ground.projection.operations.iter().filter(on_it).map(|source| &source.name)
}

/// What the entities of derived types show beyond the others.
fn kinds<'a>(set: &'a SetSource, picked: &Picked<'a>, columns: &mut Columns) -> Option<ShownKinds<'a>> {
    let kinds = set.manner.kinds.as_ref().filter(|kinds| !kinds.derived.is_empty())?;
    let mut derived = Vec::new();
    for kind in &kinds.derived {
        let more = kind.members.iter().filter(|member| set.member(&member.property).is_none());
        let shown = more.filter_map(|member| columns.show(picked, kind, member)).collect();
        let text = kind.manner.kinds.as_ref().map(|kinds| kinds.own.clone()).unwrap_or_default();
        derived.push(ShownKind { set: kind, text, shown });
    }
    Some(ShownKinds { at: columns.take(&kinds.column), derived })
}

/// What the items of `$select` name.
#[derive(Default)]
struct Picked<'a> {
    all: bool,
    items: Vec<Item<'a>>,
    /// Qualified names.
    operations: Vec<String>,
}

struct Item<'a> {
    /// As the context says it.
    text: String,
    /// The set of the type that has the property; `None` for what is computed and for navigation properties.
    set: Option<&'a SetSource>,
    property: String,
    part: Option<String>,
}

impl Picked<'_> {
    /// Whether all of a property is shown, or else which parts of it.
    fn of(&self, set: &SetSource, member: &Member) -> Option<Vec<&str>> {
        if self.all {
            return Some(Vec::new());
        }
        let items = self.items.iter().filter(|item| {
            item.set.is_some_and(|own| {
                own.entity_type == set.entity_type || set.of_kind(&own.entity_type).is_some()
            }) && item.property == member.property
        });
        let parts: Vec<Option<&str>> = items.map(|item| item.part.as_deref()).collect();
        if parts.is_empty() {
            return None;
        }
        Some(parts.into_iter().collect::<Option<Vec<&str>>>().unwrap_or_default())
    }
}

/// Columns that are asked for, each once.
#[derive(Default)]
struct Columns(Vec<String>);

impl Columns {
    fn take(&mut self, id: &str) -> usize {
        self.0.iter().position(|known| known == id).unwrap_or_else(|| {
            self.0.push(id.to_owned());
            self.0.len() - 1
        })
    }

    fn show<'a>(&mut self, picked: &Picked<'_>, set: &SetSource, member: &'a Member) -> Option<Shown<'a>> {
        let parts = picked.of(set, member)?;
        Some(match &member.source {
            MemberSource::RowId => Shown::Id(member),
            MemberSource::Version => Shown::Version(member),
            MemberSource::Column { id, .. } => Shown::Column(member, self.take(id)),
            MemberSource::Stream { column } => Shown::Stream(member, self.take(column)),
            MemberSource::Complex { members } => {
                let all = members.iter().filter_map(|part| match &part.source {
                    MemberSource::Column { id, .. } => Some((part, self.take(id))),
                    _ => None,
                });
                // All are read: only together they tell whether the value is null.
                let all: Vec<(&Member, usize)> = all.collect();
                let places = all.iter().map(|(_, place)| *place).collect();
                let wanted = |part: &Member| parts.is_empty() || parts.contains(&part.property.as_str());
                let parts = all.into_iter().filter(|(part, _)| wanted(part)).collect();
                Shown::Complex { member, parts, places }
            }
        })
    }
}

/// A computed value is selected by its name.
fn computed(
    picked: &mut Picked<'_>,
    path: &Path,
    options: &QueryOptions,
    compute: &[(String, Typed)],
) -> bool {
    let [segment] = path.segments.as_slice() else { return false };
    let PathSegmentKind::Name(name) = &segment.kind else { return false };
    let is = name.namespace.is_none()
        && *options == QueryOptions::default()
        && compute.iter().any(|(known, _)| *known == name.name);
    if is {
        picked.items.push(Item {
            text: name.name.clone(),
            set: None,
            property: name.name.clone(),
            part: None,
        });
    }
    is
}

fn pick<'a>(
    ground: Ground<'a>,
    picked: &mut Picked<'a>,
    item: &Select,
    path: &Path,
    options: &QueryOptions,
) -> Result<(), Error> {
    if path.root != Root::Instance {
        return Err(unsupported(item));
    }
    let (mut set, mut text) = (ground.set, String::new());
    let mut segments = path.segments.iter().peekable();
    // Types come first.
    while let Some(PathSegmentKind::Name(name)) = segments.peek().map(|segment| &segment.kind)
        && (name.namespace.is_some() || casts(set, name))
    {
        if !is_type(set, name) {
            set = kind_named(set, name).ok_or_else(|| unknown(set, item.at.0, &name.to_string()))?;
            text = format!("{}/", set.entity_type);
        }
        segments.next();
    }
    let Some(first) = segments.next() else { return Err(unsupported(item)) };
    let PathSegmentKind::Name(name) = &first.kind else { return Err(unsupported(item)) };
    let name = &name.name;
    text.push_str(name);
    let leads = || set.navigation(name).and_then(|one| ground.projection.target(one)).is_some();
    let Some(member) = set.member(name) else {
        if leads() && segments.next().is_none() {
            if *options != QueryOptions::default() {
                let message = format!("options of {name} belong to $expand");
                return Err(misplaced(item, message));
            }
            picked.items.push(Item { text, set: None, property: name.clone(), part: None });
            return Ok(());
        }
        return Err(unknown(set, item.at.0, name));
    };
    let mut push = |part: Option<String>| {
        let text = part.as_ref().map_or_else(|| text.clone(), |part| format!("{text}/{part}"));
        picked.items.push(Item { text, set: Some(set), property: name.clone(), part });
    };
    let part = |name: &str| match member.part(name) {
        Some(part) => Ok(part.property.clone()),
        None => Err(unknown(set, item.at.0, name)),
    };
    let plain = QueryOptions { select: Vec::new(), ..options.clone() } == QueryOptions::default();
    match (segments.next().map(|segment| &segment.kind), options.select.as_slice()) {
        _ if !plain => return Err(nested(item, name, options)),
        (None, []) => push(None),
        (Some(PathSegmentKind::Name(second)), [])
            if second.namespace.is_none() && segments.next().is_none() =>
        {
            push(Some(part(&second.name)?));
        }
        (None, nested) if matches!(member.source, MemberSource::Complex { .. }) => {
            for inner in nested {
                match super::options::name_of(inner)? {
                    None => push(None),
                    Some(name) => push(Some(part(name)?)),
                }
            }
        }
        _ if !matches!(member.source, MemberSource::Complex { .. }) => {
            return Err(misplaced(item, format!("{name} has no properties")));
        }
        _ => return Err(unsupported(item)),
    }
    Ok(())
}

/// Of options behind a property, which is no collection.
fn nested(item: &Select, name: &str, options: &QueryOptions) -> Error {
    let QueryOptions { filter, search, orderby, top, skip, count, .. } = options;
    let many = filter.is_some()
        || search.is_some()
        || !orderby.is_empty()
        || top.is_some()
        || skip.is_some()
        || count.is_some();
    if many { misplaced(item, format!("{name} is no collection")) } else { unsupported(item) }
}

fn misplaced(item: &Select, message: String) -> Error {
    let at = item.at.0;
    Error::new(ErrorKind::Malformed, "MISPLACED_OPTION", message).at(at.start..at.end).about("$select")
}

fn unknown(set: &SetSource, at: Span, name: &str) -> Error {
    let message = format!("{} has no property {name}", set.name);
    Error::new(ErrorKind::Malformed, "UNKNOWN_PROPERTY", message).at(at.start..at.end).about(name)
}

fn unsupported(item: &Select) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_SELECT", "only properties can be selected here").at(item
        .at
        .0
        .start
        ..item.at.0.end)
}
