//! Terms of the Aggregation vocabulary: what `$apply` can do.

use super::{Vocabulary::Aggregation, record, text, texts};
use crate::edm::{Annotation, Expression, PathKind};

/// The transformations that `$apply` offers, such as `groupby`.
pub fn apply_supported<T: Into<String>>(transformations: impl IntoIterator<Item = T>) -> Annotation {
    Aggregation.say("ApplySupported", record([("Transformations", texts(transformations))]))
}

/// The same for every set of a container.
pub fn apply_supported_defaults<T: Into<String>>(transformations: impl IntoIterator<Item = T>) -> Annotation {
    Aggregation.say("ApplySupportedDefaults", record([("Transformations", texts(transformations))]))
}

/// Properties by which entities may be grouped, as a value of `GroupableProperties`.
pub fn groupable<T: Into<String>>(paths: impl IntoIterator<Item = T>) -> Expression {
    super::properties(paths)
}

/// Properties that may be aggregated, each with its methods, as a value of `AggregatableProperties`.
pub fn aggregatable<'a>(all: impl IntoIterator<Item = (&'a str, &'a [&'a str])>) -> Expression {
    let one = |(path, methods): (&str, &[&str])| {
        let path = ("Property", Expression::Path(PathKind::Property, path.to_owned()));
        let methods = texts(methods.iter().copied());
        record([path, ("SupportedAggregationMethods", methods)])
    };
    Expression::Collection(all.into_iter().map(one).collect())
}

/// An aggregate with a name and the type of its result.
pub fn custom_aggregate(name: &str, kind: &str) -> Annotation {
    Aggregation.say("CustomAggregate", text(kind)).qualified(name)
}
