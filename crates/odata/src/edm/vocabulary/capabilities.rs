//! Terms of the Capabilities vocabulary: what a service does and what it does not.
//!
//! What is not said is offered; a restriction therefore names what is withheld. [`Annotation::with`] says what the
//! constructors have no parameter for.

use super::{Vocabulary::Capabilities, navigations, properties, record, texts};
use crate::edm::{Annotation, Expression};

/// How much of the standard a service keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the levels of OData-Protocol, section 12")]
pub enum Conformance {
    Minimal,
    Intermediate,
    Advanced,
}

/// How much of the standard a service keeps.
pub fn conformance_level(level: Conformance) -> Annotation {
    let member = match level {
        Conformance::Minimal => "Minimal",
        Conformance::Intermediate => "Intermediate",
        Conformance::Advanced => "Advanced",
    };
    Capabilities.say("ConformanceLevel", Capabilities.members("ConformanceLevelType", &[member]))
}

fn tag(term: &str, holds: bool) -> Annotation {
    Capabilities.say(term, Expression::Bool(holds))
}

fn restriction(term: &str, values: impl IntoIterator<Item = (&'static str, Expression)>) -> Annotation {
    Capabilities.say(term, record(values))
}

/// Types of media of payloads.
pub fn supported_formats<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Annotation {
    Capabilities.say("SupportedFormats", texts(all))
}

/// Types of media of metadata.
pub fn supported_metadata_formats<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Annotation {
    Capabilities.say("SupportedMetadataFormats", texts(all))
}

/// Ways of compressing requests.
pub fn acceptable_encodings<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Annotation {
    Capabilities.say("AcceptableEncodings", texts(all))
}

/// Whether `Prefer: respond-async` is kept.
pub fn asynchronous_requests_supported(holds: bool) -> Annotation {
    tag("AsynchronousRequestsSupported", holds)
}

/// Whether batches may go on after a request that failed.
pub fn batch_continue_on_error_supported(holds: bool) -> Annotation {
    tag("BatchContinueOnErrorSupported", holds)
}

/// Whether there is `$batch`.
pub fn batch_supported(holds: bool) -> Annotation {
    tag("BatchSupported", holds)
}

/// What `$batch` can do.
pub fn batch_support(holds: bool) -> Annotation {
    restriction("BatchSupport", [("Supported", Expression::Bool(holds))])
}

/// Whether there is `$crossjoin`.
pub fn cross_join_supported(holds: bool) -> Annotation {
    tag("CrossJoinSupported", holds)
}

/// Whether a key may be a segment of a path.
pub fn key_as_segment_supported(holds: bool) -> Annotation {
    tag("KeyAsSegmentSupported", holds)
}

/// Whether there is `/$query`.
pub fn query_segment_supported(holds: bool) -> Annotation {
    tag("QuerySegmentSupported", holds)
}

/// Whether annotations may stand in expressions.
pub fn annotation_values_in_query_supported(holds: bool) -> Annotation {
    tag("AnnotationValuesInQuerySupported", holds)
}

/// Whether single entities may be read by their keys.
pub fn indexable_by_key(holds: bool) -> Annotation {
    tag("IndexableByKey", holds)
}

/// Whether there is `$top`.
pub fn top_supported(holds: bool) -> Annotation {
    tag("TopSupported", holds)
}

/// Whether there is `$skip`.
pub fn skip_supported(holds: bool) -> Annotation {
    tag("SkipSupported", holds)
}

/// Whether there is `$compute`.
pub fn compute_supported(holds: bool) -> Annotation {
    tag("ComputeSupported", holds)
}

/// Names of the functions that filters may use.
pub fn filter_functions<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Annotation {
    Capabilities.say("FilterFunctions", texts(all))
}

/// Whether changes can be followed.
pub fn change_tracking(holds: bool) -> Annotation {
    restriction("ChangeTracking", [("Supported", Expression::Bool(holds))])
}

/// Whether there is `$count`.
pub fn count_restrictions(countable: bool) -> Annotation {
    restriction("CountRestrictions", [("Countable", Expression::Bool(countable))])
}

/// Whether there is `$select`.
pub fn select_support(holds: bool) -> Annotation {
    restriction("SelectSupport", [("Supported", Expression::Bool(holds))])
}

/// Whether there is `$filter`, and the properties it may not use.
pub fn filter_restrictions<T: Into<String>>(
    filterable: bool,
    non_filterable: impl IntoIterator<Item = T>,
) -> Annotation {
    but(
        "FilterRestrictions",
        ("Filterable", filterable),
        ("NonFilterableProperties", properties(non_filterable)),
    )
}

/// Whether there is `$orderby`, and the properties it may not use.
pub fn sort_restrictions<T: Into<String>>(
    sortable: bool,
    non_sortable: impl IntoIterator<Item = T>,
) -> Annotation {
    but("SortRestrictions", ("Sortable", sortable), ("NonSortableProperties", properties(non_sortable)))
}

/// Whether there is `$expand`, and the navigation properties it may not use.
pub fn expand_restrictions<T: Into<String>>(
    expandable: bool,
    non_expandable: impl IntoIterator<Item = T>,
) -> Annotation {
    but(
        "ExpandRestrictions",
        ("Expandable", expandable),
        ("NonExpandableProperties", navigations(non_expandable)),
    )
}

/// Whether there is `$search`, and what its expressions may not hold: members of `SearchExpressions` such as `OR`.
pub fn search_restrictions(searchable: bool, unsupported: &[&str]) -> Annotation {
    let said = restriction("SearchRestrictions", [("Searchable", Expression::Bool(searchable))]);
    if unsupported.is_empty() {
        return said;
    }
    said.with("UnsupportedExpressions", Capabilities.members("SearchExpressions", unsupported))
}

/// Whether entities may be read.
pub fn read_restrictions(readable: bool) -> Annotation {
    restriction("ReadRestrictions", [("Readable", Expression::Bool(readable))])
}

/// Whether entities may be added, and the properties that may not be given.
pub fn insert_restrictions<T: Into<String>>(
    insertable: bool,
    non_insertable: impl IntoIterator<Item = T>,
) -> Annotation {
    but(
        "InsertRestrictions",
        ("Insertable", insertable),
        ("NonInsertableProperties", properties(non_insertable)),
    )
}

/// Whether entities may be changed, and the properties that may not.
pub fn update_restrictions<T: Into<String>>(
    updatable: bool,
    non_updatable: impl IntoIterator<Item = T>,
) -> Annotation {
    but("UpdateRestrictions", ("Updatable", updatable), ("NonUpdatableProperties", properties(non_updatable)))
}

/// Whether entities may be removed.
pub fn delete_restrictions(deletable: bool) -> Annotation {
    restriction("DeleteRestrictions", [("Deletable", Expression::Bool(deletable))])
}

/// Whether an entity may be added together with related ones.
pub fn deep_insert_support(holds: bool) -> Annotation {
    restriction("DeepInsertSupport", [("Supported", Expression::Bool(holds))])
}

/// Whether an entity may be changed together with related ones.
pub fn deep_update_support(holds: bool) -> Annotation {
    restriction("DeepUpdateSupport", [("Supported", Expression::Bool(holds))])
}

/// What holds for paths through some navigation properties, each with its path and what is said of it by property of
/// `NavigationPropertyRestriction`.
pub fn navigation_restrictions<'a, V>(restricted: impl IntoIterator<Item = (&'a str, V)>) -> Annotation
where
    V: IntoIterator<Item = (&'static str, Expression)>,
{
    let one = |(path, values): (&str, V)| {
        let kind = crate::edm::PathKind::NavigationProperty;
        let path = ("NavigationProperty", Expression::Path(kind, path.to_owned()));
        record(std::iter::once(path).chain(values))
    };
    let all = Expression::Collection(restricted.into_iter().map(one).collect());
    restriction("NavigationRestrictions", [("RestrictedProperties", all)])
}

/// What is offered, but for some; nothing is said of the exceptions when there are none.
fn but(term: &str, offered: (&'static str, bool), except: (&'static str, Expression)) -> Annotation {
    let said = restriction(term, [(offered.0, Expression::Bool(offered.1))]);
    if except.1 == Expression::Collection(Vec::new()) { said } else { said.with(except.0, except.1) }
}

/// How a change is asked for by `UpdateMethod`: members of `HttpMethod` such as `PATCH`.
pub fn http_methods(methods: &[&str]) -> Expression {
    Capabilities.members("HttpMethod", methods)
}
