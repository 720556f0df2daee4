//! Related entities within an entity of an answer.

use gridkeep_model::{Row, Value};
use gridkeep_odata::{
    bind::{Expansion, RelatedRead, fingerprint, next_query, skip_token},
    json::{Name, Scalar, SelectItem, Style, Writer},
};

use super::{
    dispatch::Service,
    expand::{Branch, keys},
    made::Faces,
    rows::{Face, selected},
};

/// How the entities of a navigation property are written.
pub(super) struct Nested<'a> {
    name: Name,
    /// The way to its entities.
    path: String,
    many: bool,
    count: Option<usize>,
    related: Option<Related<'a>>,
}

/// The entities themselves.
struct Related<'a> {
    read: &'a RelatedRead<'a>,
    face: Face<'a>,
    /// What `$apply` made of them instead.
    made: Option<Faces<'a>>,
}

impl<'a> Related<'a> {
    fn new(service: &Service, expansion: &'a Expansion<'a>, read: &'a RelatedRead<'a>, style: Style) -> Self {
        let shape = &read.read.shape;
        let face = Face::new(service, expansion.set, shape, style);
        let made = read.read.made.as_ref();
        let made = made.map(|made| Faces::new(service, &face, shape, made, style));
        Self { read, face, made }
    }
}

impl<'a> Nested<'a> {
    /// Of what is expanded.
    pub(super) fn all(service: &Service, expanded: &'a [Expansion<'a>], style: Style) -> Vec<Self> {
        let one = |expansion: &'a Expansion<'a>| Self {
            name: Name::new(&expansion.navigation.property),
            path: path_of(expansion),
            many: expansion.navigation.many,
            count: expansion.count,
            related: expansion
                .related
                .as_ref()
                .map(|related| Related::new(service, expansion, related, style)),
        };
        expanded.iter().map(one).collect()
    }

    /// Writes what was read for a row, the one at this place among its like; `address` is that of its entity, the service's
    /// root apart.
    pub(super) fn write(
        &self,
        writer: &mut Writer,
        row: &Row,
        (place, branch): (usize, Option<&Branch>),
        (root, address): (&str, &str),
    ) {
        let count = match self.count.and_then(|index| row.values.get(index)) {
            Some(Value::Integer(count)) => u64::try_from(*count).ok(),
            _ => None,
        };
        let Some(Related { read: related, face, made }) = &self.related else {
            return writer.expanded_count(self.name.plain(), count.unwrap_or_default());
        };
        let Some(branch) = branch else { return };
        let own = branch.of.get(place).map(Vec::as_slice).unwrap_or_default();
        let one = |writer: &mut Writer, place: usize| {
            let row = &branch.rows[place];
            if related.refs {
                writer.reference(None, &face.id(row));
            } else if let Some(made) = made {
                made.write(writer, row, (place, &branch.nested));
            } else {
                face.write_with(writer, row, None, (place, &branch.nested));
            }
        };
        if self.many {
            writer.begin_expanded(&self.name, count);
            for place in own {
                one(writer, *place);
            }
            let last = own.last().map(|place| &branch.rows[*place]);
            let next = last.filter(|_| branch.more.get(place) == Some(&true)).map(|last| {
                let query = related.alone(address);
                let print = fingerprint(&query);
                let left = related.top.map(|top| top.saturating_sub(own.len() as u64));
                let query = next_query(&query, &skip_token(&keys(related, last, own.len()), left, print));
                let suffix = if related.refs { "/$ref" } else { "" };
                format!("{root}{address}/{}{suffix}?{query}", self.path)
            });
            writer.end_expanded(&self.name, next.as_deref());
        } else {
            writer.member(&self.name);
            match own.first() {
                Some(place) => one(writer, *place),
                None => writer.scalar(&Scalar::Null),
            }
        }
    }
}

/// The navigation property, and the type its entities are to be of.
fn path_of(expansion: &Expansion<'_>) -> String {
    let cast = expansion.cast.iter().map(|kind| format!("/{kind}"));
    std::iter::once(expansion.navigation.property.clone()).chain(cast).collect()
}

/// What a context says of expansions. The next level of one that goes on in itself is not said again.
pub(super) fn expanded_items(expanded: &[Expansion<'_>]) -> Vec<SelectItem> {
    let item = |expansion: &Expansion<'_>| {
        let related = expansion.related.as_ref()?;
        let property = &expansion.navigation.property;
        let mut nested = if related.refs { Vec::new() } else { selected(&related.read.shape) };
        if expansion.recursive {
            nested.retain(|item| item.path != *property || item.nested.is_none());
        }
        Some(SelectItem::expanded(path_of(expansion), expansion.recursive, nested))
    };
    expanded.iter().filter_map(item).collect()
}
