//! Terms of the Validation vocabulary: what values are accepted.

use super::{Vocabulary::Validation, record, text};
use crate::edm::{Annotation, Expression};

/// The regular expression that a text must match.
pub fn pattern(expression: impl Into<String>) -> Annotation {
    Validation.say("Pattern", text(expression))
}

/// The smallest value.
pub fn minimum(value: Expression) -> Annotation {
    Validation.say("Minimum", value)
}

/// The largest value.
pub fn maximum(value: Expression) -> Annotation {
    Validation.say("Maximum", value)
}

/// The value itself is none of those accepted; said of a minimum or maximum.
pub fn exclusive() -> Annotation {
    Validation.say("Exclusive", Expression::Bool(true))
}

/// The number of which a value is a multiple.
pub fn multiple_of(value: Expression) -> Annotation {
    Validation.say("MultipleOf", value)
}

/// The only values accepted.
pub fn allowed_values(values: impl IntoIterator<Item = Expression>) -> Annotation {
    let all = values.into_iter().map(|value| record([("Value", value)]));
    Validation.say("AllowedValues", Expression::Collection(all.collect()))
}

/// A condition, and what is said to people where it does not hold.
pub fn constraint(condition: Expression, failure: &str) -> Annotation {
    Validation.say("Constraint", record([("FailureMessage", text(failure)), ("Condition", condition)]))
}

/// Most items of a collection.
pub fn max_items(count: i64) -> Annotation {
    Validation.say("MaxItems", Expression::Int(count))
}

/// Fewest items of a collection.
pub fn min_items(count: i64) -> Annotation {
    Validation.say("MinItems", Expression::Int(count))
}

/// The types derived from the declared one that are accepted, by qualified name.
pub fn derived_type_constraint<T: Into<String>>(types: impl IntoIterator<Item = T>) -> Annotation {
    Validation.say("DerivedTypeConstraint", super::texts(types))
}
