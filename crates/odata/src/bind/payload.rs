//! What a payload gives, as values of columns in the form operations carry.

use std::collections::BTreeMap;

use gridkeep_model::{RowId, Value};
use serde_json::Value as Json;

use super::argument;
use crate::{
    Error, ErrorKind,
    edm::{Edm, Primitive, TypeName, TypeRef},
    json::{Content, Instance, Scalar},
    project::{Member, MemberSource, SetSource},
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
    /// It is about a property: there must be an entity that has it.
    pub part: bool,
}

impl Given {
    /// From an entity. What is calculated is passed over, as the standard wants it (OData-Protocol 4.01, section 11.4.2).
    pub fn of(set: &SetSource, entity: &Instance<'_>) -> Result<Self, Error> {
        let mut given = Self::default();
        for member in &entity.members {
            let unsupported = |what: &str| {
                Error::new(
                    ErrorKind::Unsupported,
                    "UNSUPPORTED_VALUE",
                    format!("{what} are not offered here"),
                )
                .at(member.span.start..member.span.end)
                .about(member.name.clone())
            };
            let Some(Member { source, writable, .. }) = set.member(&member.name) else {
                return Err(unsupported("properties beyond those of the metadata"));
            };
            let Content::Scalar(scalar) = &member.content else {
                return Err(unsupported("values of this shape"));
            };
            match source {
                MemberSource::RowId => {
                    if let Scalar::Guid(id) = scalar {
                        given.id = Some(RowId::from_uuid(*id));
                    }
                }
                MemberSource::Column { id, .. } if *writable => {
                    let value = json(scalar).ok_or_else(|| unsupported("INF and NaN"))?;
                    given.values.insert(id.clone(), value);
                }
                MemberSource::Column { .. } => {}
            }
        }
        Ok(given)
    }

    /// One property's value. What is calculated or names the entity cannot be set.
    pub fn property(member: &Member, scalar: &Scalar<'_>) -> Result<Self, Error> {
        let refused = |kind, code, what: &str| {
            Err(Error::new(kind, code, format!("{} {what}", member.property)).about(member.property.clone()))
        };
        match &member.source {
            MemberSource::Column { id, .. } if member.writable => match json(scalar) {
                Some(value) => {
                    Ok(Self { values: BTreeMap::from([(id.clone(), value)]), part: true, id: None })
                }
                None => refused(ErrorKind::Unsupported, "UNSUPPORTED_VALUE", "cannot be INF or NaN"),
            },
            _ => refused(ErrorKind::Malformed, "READ_ONLY", "cannot be set"),
        }
    }

    /// One property's value from a raw one: bytes of a binary property, the text of any other.
    pub fn raw(edm: &Edm, kind: &TypeRef, member: &Member, body: &[u8]) -> Result<Self, Error> {
        let scalar = if kind.name == TypeName::Primitive(Primitive::Binary) {
            let bytes = Scalar::Binary(body.into());
            let fits = bytes.check(&kind.facets);
            let too_long = || {
                let message = format!("{} is longer than accepted here", member.property);
                Error::new(ErrorKind::Malformed, "INVALID_VALUE", message)
            };
            fits.map(|()| bytes).map_err(|_| too_long())
        } else {
            let literal = Literal::String(utf8(body)?.to_owned());
            argument::scalar(edm, kind, &literal, At::default())
        };
        // There is one value in the text: its place says nothing.
        let about = |error| Error {
            code: "INVALID_VALUE",
            span: None,
            target: Some(member.property.clone()),
            ..error
        };
        Self::property(member, &scalar.map_err(about)?)
    }

    /// With null for every column that was not given: a whole entity in place of another.
    #[must_use]
    pub fn whole(mut self, set: &SetSource) -> Self {
        for member in set.members.iter().filter(|member| member.writable) {
            if let MemberSource::Column { id, .. } = &member.source {
                self.values.entry(id.clone()).or_insert(Json::Null);
            }
        }
        self
    }
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
