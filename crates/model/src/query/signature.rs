//! What functions take and give.

use super::{Function, Type};
use crate::ColumnType;

/// The type of a function's result, for arguments of these types.
pub(super) fn result(function: Function, types: &[Type]) -> Option<Type> {
    use ColumnType as C;
    use Function as F;
    let column = |ty: Type, any: &[ColumnType]| {
        ty == Type::Null || matches!(ty, Type::Column(ty) if any.contains(&ty))
    };
    let (texts, result): (&[&[ColumnType]], _) = match function {
        F::Contains | F::StartsWith | F::EndsWith | F::MatchesPattern | F::Finds | F::Begins => {
            (&[&[C::Text], &[C::Text]], C::Boolean)
        }
        F::IndexOf => (&[&[C::Text], &[C::Text]], C::Integer),
        F::Length => (&[&[C::Text]], C::Integer),
        F::Substring if types.len() == 2 => (&[&[C::Text], &[C::Integer]], C::Text),
        F::Substring => (&[&[C::Text], &[C::Integer], &[C::Integer]], C::Text),
        F::ToLower | F::ToUpper | F::Trim => (&[&[C::Text]], C::Text),
        F::Concat => (&[&[C::Text], &[C::Text]], C::Text),
        F::Year | F::Month | F::Day => (&[&[C::Date, C::DateTime]], C::Integer),
        F::Hour | F::Minute | F::Second => (&[&[C::Time, C::DateTime]], C::Integer),
        F::FractionalSeconds => (&[&[C::Time, C::DateTime]], C::Decimal { scale: 6 }),
        F::Date => (&[&[C::DateTime]], C::Date),
        F::Time => (&[&[C::DateTime]], C::Time),
        F::TotalSeconds => (&[&[C::Duration]], C::Decimal { scale: 6 }),
        F::Has => (&[&[C::Integer], &[C::Integer]], C::Boolean),
        F::Within => (&[&[C::Integer], &[C::Integer], &[C::Integer]], C::Integer),
        F::Single => (&[&[C::Double]], C::Double),
        F::Round | F::Floor | F::Ceiling => {
            let [ty] = types else { return None };
            return match ty {
                Type::Column(C::Decimal { .. }) => Some(Type::Column(C::Decimal { scale: 0 })),
                ty if ty.is_number() || *ty == Type::Null => Some(*ty),
                _ => None,
            };
        }
    };
    let fits = texts.len() == types.len() && types.iter().zip(texts).all(|(ty, any)| column(*ty, any));
    fits.then_some(Type::Column(result))
}
