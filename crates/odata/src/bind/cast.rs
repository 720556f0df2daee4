//! `cast` and `isof` of primitive values (OData-URL 4.01, section 5.1.1.8): what does not succeed is null.

use gridkeep_model::{
    ColumnType, Value,
    query::{Expr, Function, Operator},
};

use super::{Kind, Scope, Typed, expression::unsupported, options::type_of, path::Reached};
use crate::{
    Error, ErrorKind,
    edm::{self, Primitive},
    syntax::ast::{self, ExprKind, PathSegmentKind, TypeName},
};

/// Places of a decimal that a cast makes.
const CAST_SCALE: u8 = 9;

impl Scope<'_> {
    /// `cast(operand,name)`
    pub(super) fn cast(&self, operand: &ast::Expr, name: &TypeName) -> Result<Typed, Error> {
        let (primitive, kind) = target(name)?;
        let typed = self.expression(operand, None)?;
        let column = match kind {
            // A decimal keeps its places.
            Kind::Decimal if typed.kind == Kind::Decimal => return Ok(typed),
            Kind::Boolean => ColumnType::Boolean,
            Kind::Integer => ColumnType::Integer,
            Kind::Decimal => ColumnType::Decimal { scale: CAST_SCALE },
            Kind::Double => ColumnType::Double,
            Kind::Date => ColumnType::Date,
            Kind::Time => ColumnType::Time,
            Kind::DateTime => ColumnType::DateTime,
            Kind::Text | Kind::Null | Kind::Enumeration(_) => ColumnType::Text,
            Kind::Guid => ColumnType::Guid,
            Kind::Duration => ColumnType::Duration,
            Kind::Binary => ColumnType::Binary,
        };
        if let Kind::Enumeration(place) = typed.kind {
            return match primitive {
                Primitive::String => self.members(&typed.expr, place, operand),
                _ => Err(unsupported(operand, "casts of enumerations but to text")),
            };
        }
        if !possible(typed.kind, kind) {
            return Ok(Typed::new(Value::Null.into(), kind));
        }
        let cast = Expr::Cast(Box::new(typed.expr), column);
        let cast = match (primitive, integer_range(primitive)) {
            (_, Some((low, high))) => {
                cast.call(Function::Within, [Value::Integer(low).into(), Value::Integer(high).into()])
            }
            (Primitive::Single, None) => cast.call(Function::Single, []),
            _ => cast,
        };
        Ok(Typed::new(cast, kind))
    }

    /// `isof(operand,name)`: whether the value is there and of this very type.
    pub(super) fn is_of(&self, operand: &ast::Expr, name: &TypeName) -> Result<Typed, Error> {
        let (primitive, _) = target(name)?;
        let typed = self.expression(operand, None)?;
        let declared = match self.declared(operand)? {
            Some(declared) => Some(declared),
            None => match type_of(self.projection, typed.kind).name {
                edm::TypeName::Primitive(primitive) => Some(primitive),
                edm::TypeName::Named(_) => None,
            },
        };
        let is = Expr::Literal(Value::Boolean(declared == Some(primitive)));
        let present = typed.expr.compare(Operator::Ne, Value::Null.into());
        Ok(Typed::new(is.and(present), Kind::Boolean))
    }

    /// The type that the metadata gives the property a path ends with.
    fn declared(&self, operand: &ast::Expr) -> Result<Option<Primitive>, Error> {
        let ExprKind::Path(path) = &operand.kind else { return Ok(None) };
        let mut way = path.clone();
        let Some(last) = way.segments.pop() else { return Ok(None) };
        let PathSegmentKind::Name(name) = &last.kind else { return Ok(None) };
        let Reached::Row(way) = self.reach(&way, None)? else { return Ok(None) };
        let structure = self.projection.edm.structured(&way.set.entity_type);
        let properties = structure.map_or(&[][..], |structure| &structure.properties);
        let property = properties.iter().find(|property| property.name == name.name);
        Ok(property.and_then(|property| match property.kind.name {
            edm::TypeName::Primitive(primitive) => Some(primitive),
            edm::TypeName::Named(_) => None,
        }))
    }
}

/// The smallest and the largest number of an integer type narrower than 64 bits.
pub(super) fn integer_range(primitive: Primitive) -> Option<(i64, i64)> {
    Some(match primitive {
        Primitive::Byte => (0, 255),
        Primitive::SByte => (i8::MIN.into(), i8::MAX.into()),
        Primitive::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Primitive::Int32 => (i32::MIN.into(), i32::MAX.into()),
        _ => return None,
    })
}

fn possible(from: Kind, to: Kind) -> bool {
    match (from, to) {
        (Kind::Null | Kind::Text, _)
        | (_, Kind::Text)
        | (Kind::Date, Kind::DateTime)
        | (Kind::DateTime, Kind::Date | Kind::Time) => true,
        (from, to) => from == to || (from.is_number() && to.is_number()),
    }
}

/// The type that a name is of.
fn target(name: &TypeName) -> Result<(Primitive, Kind), Error> {
    let (full, at) = (name.name.to_string(), name.name.at.0);
    let unsupported = || {
        let message = format!("values of type {full} are not offered here");
        Error::new(ErrorKind::Unsupported, "UNSUPPORTED_TYPE", message).at(at.start..at.end)
    };
    if name.collection {
        return Err(unsupported());
    }
    let unknown = || {
        let message = format!("there is no type {full}");
        Error::new(ErrorKind::Malformed, "UNKNOWN_TYPE", message).at(at.start..at.end)
    };
    let primitive = Primitive::parse(&full).ok_or_else(unknown)?;
    let kind = Kind::of_primitive(primitive).ok_or_else(unsupported)?;
    Ok((primitive, kind))
}
