//! What a payload gives, as values of columns in the form operations carry.

use std::collections::BTreeMap;

use gridkeep_model::{RowId, Value};
use serde_json::Value as Json;

use super::argument;
use crate::{
    Error, ErrorKind, Span,
    edm::{Primitive, TypeName, TypeRef},
    json::{self, Content, Instance, Scalar, enum_value},
    project::{Form, Member, MemberSource, Projection, SetSource},
    syntax::{
        ast::{At, Literal},
        utf8,
    },
};

/// What an entity of a payload gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// The row's id, where the client chose it.
    pub id: Option<RowId>,
    /// Values by column id.
    pub values: BTreeMap<String, Json>,
    /// Values that only a new row takes, by column id.
    pub once: BTreeMap<String, Json>,
    /// It is about a property: there must be an entity that has it.
    pub part: bool,
}

impl Given {
    /// From an entity. What is calculated is passed over, as the standard wants it (OData-Protocol 4.01, section 11.4.2).
    pub fn of(projection: &Projection, set: &SetSource, entity: &Instance<'_>) -> Result<Self, Error> {
        let mut given = Self::default();
        let set = entity.kind.as_ref().and_then(|kind| set.of_kind(kind)).unwrap_or(set);
        if let Some(kinds) = &set.manner.kinds {
            given.once.insert(kinds.column.clone(), kinds.own.as_str().into());
        }
        for found in &entity.members {
            let Some(member) = set.member(&found.name) else {
                return Err(unsupported(found, "properties beyond those of the metadata"));
            };
            given.take(projection, set, &[member], found)?;
        }
        Ok(given)
    }

    /// Takes the value of a property, which a path of members leads to.
    fn take(
        &mut self,
        projection: &Projection,
        set: &SetSource,
        path: &[&Member],
        found: &json::Member<'_>,
    ) -> Result<(), Error> {
        let Some(Member { source, writable, immutable, .. }) = path.last() else { return Ok(()) };
        match (source, &found.content) {
            (MemberSource::RowId, Content::Scalar(Scalar::Guid(id))) if !set.manner.keys_made => {
                self.id = Some(RowId::from_uuid(*id));
            }
            (MemberSource::Column { id, .. }, Content::Scalar(scalar)) if *writable => {
                let value =
                    value(projection, set, path, scalar).ok_or_else(|| unsupported(found, "INF and NaN"))?;
                let into = if *immutable { &mut self.once } else { &mut self.values };
                into.insert(id.clone(), value);
            }
            // What the service makes is passed over.
            (
                MemberSource::RowId | MemberSource::Version | MemberSource::Column { .. },
                Content::Scalar(_),
            ) => {}
            (MemberSource::Complex { members }, Content::Scalar(Scalar::Null)) => {
                self.values.extend(members.iter().flat_map(Member::ids).map(|id| (id.clone(), Json::Null)));
            }
            (MemberSource::Complex { .. }, Content::Complex(instance)) => {
                let whole = path[0];
                for inner in &instance.members {
                    let part = whole.part(&inner.name);
                    let part =
                        part.ok_or_else(|| unsupported(inner, "properties beyond those of the metadata"))?;
                    self.take(projection, set, &[whole, part], inner)?;
                }
            }
            _ => return Err(unsupported(found, "values of this shape")),
        }
        Ok(())
    }

    /// One property's value. What is calculated or names the entity cannot be set.
    pub fn property(
        projection: &Projection,
        set: &SetSource,
        path: &[&Member],
        content: &Content<'_>,
    ) -> Result<Self, Error> {
        let name = path.iter().map(|member| member.property.as_str()).collect::<Vec<_>>().join("/");
        let refused = |kind, code, what: &str| {
            Err(Error::new(kind, code, format!("{name} {what}")).about(name.clone()))
        };
        let settable = path.last().is_some_and(|member| {
            member.writable && !member.immutable && !matches!(member.source, MemberSource::RowId)
        });
        if !settable {
            return refused(ErrorKind::Malformed, "READ_ONLY", "cannot be set");
        }
        let found =
            json::Member { name: name.as_str().into(), span: Span::default(), content: content.clone() };
        let mut given = Self { part: true, ..Self::default() };
        match given.take(projection, set, path, &found) {
            Ok(()) => Ok(given),
            Err(_) => refused(ErrorKind::Unsupported, "UNSUPPORTED_VALUE", "cannot have this value"),
        }
    }

    /// One property's value from a raw one: bytes of a binary property, the text of any other.
    pub fn raw(
        projection: &Projection,
        set: &SetSource,
        kind: &TypeRef,
        path: &[&Member],
        body: &[u8],
    ) -> Result<Self, Error> {
        let name = path.iter().map(|member| member.property.as_str()).collect::<Vec<_>>().join("/");
        let scalar = if kind.name == TypeName::Primitive(Primitive::Binary) {
            let bytes = Scalar::Binary(body.into());
            let fits = bytes.check(&kind.facets);
            let too_long = || {
                let message = format!("{name} is longer than accepted here");
                Error::new(ErrorKind::Malformed, "INVALID_VALUE", message)
            };
            fits.map(|()| bytes).map_err(|_| too_long())
        } else {
            let literal = Literal::String(utf8(body)?.to_owned());
            argument::scalar(&projection.edm, kind, &literal, At::default())
        };
        // There is one value in the text: its place says nothing.
        let about = |error| Error { code: "INVALID_VALUE", span: None, target: Some(name.clone()), ..error };
        Self::property(projection, set, path, &Content::Scalar(scalar.map_err(about)?))
    }

    /// With null for every column that was not given: a whole entity in place of another.
    #[must_use]
    pub fn whole(mut self, set: &SetSource) -> Self {
        self.rest(&set.members);
        for derived in set.derived() {
            self.rest(&derived.members);
        }
        self
    }

    /// With null for every column of these that was not given.
    pub fn rest(&mut self, members: &[Member]) {
        for member in members.iter().filter(|member| member.writable && !member.immutable) {
            // The content of a stream is replaced at its own address.
            if member.stream().is_some() {
                continue;
            }
            for id in member.ids() {
                self.values.entry(id.clone()).or_insert(Json::Null);
            }
        }
    }

    /// The values of a new row.
    pub fn new_row(self) -> BTreeMap<String, Json> {
        let mut values = self.values;
        values.extend(self.once);
        values
    }
}

/// A value in the form operations carry, that of an enumeration as its number.
fn value(projection: &Projection, set: &SetSource, path: &[&Member], scalar: &Scalar<'_>) -> Option<Json> {
    let Scalar::Enum(text) = scalar else { return json(scalar) };
    let names: Vec<&str> = path.iter().map(|member| member.property.as_str()).collect();
    match projection.form(&projection.property(set, &names)?.kind) {
        Form::Enumeration(kind) => enum_value(&kind, text).map(Json::from),
        _ => None,
    }
}

fn unsupported(member: &json::Member<'_>, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_VALUE", format!("{what} are not offered here"))
        .at(member.span.start..member.span.end)
        .about(member.name.clone())
}

/// A value in the form operations carry; `None` where that form has none.
pub(super) fn json(scalar: &Scalar<'_>) -> Option<Json> {
    Some(match scalar {
        Scalar::Null => Json::Null,
        Scalar::Boolean(boolean) => (*boolean).into(),
        Scalar::Integer(integer) => (*integer).into(),
        Scalar::Int64(integer) => (*integer).into(),
        Scalar::Decimal(decimal) => decimal.to_string().into(),
        Scalar::LongDecimal(text) | Scalar::Text(text) | Scalar::Enum(text) => text.as_ref().into(),
        // By its shortest digits: 0.1 stays what a filter for 0.1 finds.
        Scalar::Single(single) => serde_json::Number::from_f64(single.to_string().parse().ok()?)?.into(),
        Scalar::Double(double) => serde_json::Number::from_f64(*double)?.into(),
        Scalar::Date(date) => date.to_string().into(),
        Scalar::TimeOfDay(time) => time.to_string().into(),
        Scalar::DateTimeOffset(moment) => moment.to_string().into(),
        Scalar::Guid(id) => id.to_string().into(),
        Scalar::Duration(duration) => gridkeep_model::data::duration::text(*duration).into(),
        Scalar::Binary(bytes) => Value::Binary(bytes.to_vec()).to_json(),
    })
}
