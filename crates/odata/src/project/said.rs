//! What projections say of themselves, in the terms of the OASIS vocabularies (Core, Capabilities, Validation, Measures, Aggregation).

use super::{Navigation, SetSource};
use crate::{
    bind::MAX_LEVELS,
    edm::{
        Annotation, Expression, Include, PathKind, PropertyValue, QName, Record, Reference,
        vocabulary::capabilities::{self, Conformance},
    },
};

const VOCABULARIES: [&str; 5] = ["Core", "Capabilities", "Validation", "Measures", "Aggregation"];
/// What `$apply` may be made of.
const TRANSFORMATIONS: [&str; 16] = [
    "aggregate",
    "bottomcount",
    "bottompercent",
    "bottomsum",
    "compute",
    "concat",
    "filter",
    "groupby",
    "identity",
    "orderby",
    "search",
    "skip",
    "top",
    "topcount",
    "toppercent",
    "topsum",
];

/// The vocabularies, as a metadata document refers to them.
pub fn references() -> Vec<Reference> {
    let reference = |name: &str| Reference {
        uri: format!("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.{name}.V1.xml"),
        includes: vec![Include {
            namespace: format!("Org.OData.{name}.V1"),
            alias: Some(name.to_owned()),
            annotations: Vec::new(),
        }],
        ..Reference::default()
    };
    VOCABULARIES.map(reference).into()
}

fn term(vocabulary: &str, name: &str, value: Option<Expression>) -> Annotation {
    Annotation::new(QName::new(vocabulary, name), value)
}

fn record(properties: Vec<PropertyValue>) -> Expression {
    Expression::Record(Record { properties, ..Record::default() })
}

fn flag(vocabulary: &str, name: &str, property: &str, holds: bool) -> Annotation {
    term(vocabulary, name, Some(record(vec![PropertyValue::new(property, Expression::Bool(holds))])))
}

/// What people call it.
pub fn description(text: &str) -> Annotation {
    term("Core", "Description", Some(Expression::String(text.to_owned())))
}

/// The version of a schema.
pub fn schema_version(version: &str) -> Annotation {
    term("Core", "SchemaVersion", Some(Expression::String(version.to_owned())))
}

/// Calculated by the service, never given.
pub fn computed() -> Annotation {
    term("Core", "Computed", Some(Expression::Bool(true)))
}

/// Given by the client or else by the service.
pub fn computed_default() -> Annotation {
    term("Core", "ComputedDefaultValue", Some(Expression::Bool(true)))
}

/// Never changed after it was given.
pub fn immutable() -> Annotation {
    term("Core", "Immutable", Some(Expression::Bool(true)))
}

/// The media type of a property's bytes.
pub fn media_type(name: &str) -> Annotation {
    term("Core", "MediaType", Some(Expression::String(name.to_owned())))
}

/// The media types that a stream may be of.
pub fn acceptable_media_types(names: &[&str]) -> Annotation {
    let names = names.iter().map(|name| Expression::String((*name).to_owned())).collect();
    term("Core", "AcceptableMediaTypes", Some(Expression::Collection(names)))
}

/// What [`media_type`] said among these.
pub fn media_type_of(annotations: &[Annotation]) -> Option<&str> {
    annotations.iter().find_map(|said| match &said.value {
        Some(Expression::String(name)) if said.term.name == "MediaType" => Some(name.as_str()),
        _ => None,
    })
}

/// What people are told about it.
pub fn long_description(text: &str) -> Annotation {
    term("Core", "LongDescription", Some(Expression::String(text.to_owned())))
}

/// An operation that can be called on every entity, whatever its values.
pub fn operation_available() -> Annotation {
    term("Core", "OperationAvailable", Some(Expression::Bool(true)))
}

/// A parameter that may be left out.
pub fn optional_parameter() -> Annotation {
    term("Core", "OptionalParameter", Some(record(Vec::new())))
}

/// A property that names an entity as well as the key does.
pub fn alternate_key(property: &str) -> Annotation {
    let reference = record(vec![
        PropertyValue::new("Name", Expression::Path(PathKind::Property, property.to_owned())),
        PropertyValue::new("Alias", Expression::String(property.to_owned())),
    ]);
    let key = record(vec![PropertyValue::new("Key", Expression::Collection(vec![reference]))]);
    term("Core", "AlternateKeys", Some(Expression::Collection(vec![key])))
}

/// Changes need the ETag of what they change.
pub fn optimistic_concurrency() -> Annotation {
    term("Core", "OptimisticConcurrency", Some(Expression::Collection(Vec::new())))
}

/// Whether entities may be read.
pub fn readable(holds: bool) -> Annotation {
    flag("Capabilities", "ReadRestrictions", "Readable", holds)
}

/// Whether entities may be added.
pub fn insertable(holds: bool) -> Annotation {
    flag("Capabilities", "InsertRestrictions", "Insertable", holds)
}

/// Whether entities may be changed.
pub fn updatable(holds: bool) -> Annotation {
    let properties = vec![
        PropertyValue::new("Updatable", Expression::Bool(holds)),
        // PATCH of the set with changes of several of its entities.
        PropertyValue::new("DeltaUpdateSupported", Expression::Bool(holds)),
    ];
    term("Capabilities", "UpdateRestrictions", Some(record(properties)))
}

/// Whether entities may be removed.
pub fn deletable(holds: bool) -> Annotation {
    flag("Capabilities", "DeleteRestrictions", "Deletable", holds)
}

/// Names of the schema need no namespace in addresses.
pub fn default_namespace() -> Annotation {
    term("Core", "DefaultNamespace", Some(Expression::Bool(true)))
}

/// What may be done along the navigation properties of a set; `None` where it has none. Paths along them go on as far as
/// there are more, keys behind collections included.
pub fn navigations(set: &SetSource, sets: &[SetSource]) -> Option<Annotation> {
    let flag = |term: &str, name: &str, holds: bool| {
        let said = record(vec![PropertyValue::new(name, Expression::Bool(holds))]);
        PropertyValue::new(term, said)
    };
    let restriction = |navigation: &Navigation| {
        let there = sets.iter().find(|one| one.name == navigation.set)?;
        let path = Expression::Path(PathKind::NavigationProperty, navigation.property.clone());
        let mut said = vec![
            PropertyValue::new("NavigationProperty", path),
            flag("ReadRestrictions", "Readable", there.rights.read),
            flag("UpdateRestrictions", "Updatable", there.rights.update),
            flag("DeleteRestrictions", "Deletable", there.rights.delete),
            PropertyValue::new("OptimisticConcurrencyControl", Expression::Bool(there.manner.etag_required)),
        ];
        if navigation.many {
            said.push(PropertyValue::new("IndexableByKey", Expression::Bool(true)));
            said.push(flag("InsertRestrictions", "Insertable", there.rights.insert));
        }
        Some(record(said))
    };
    let restricted: Vec<Expression> = set.navigations.iter().filter_map(restriction).collect();
    if restricted.is_empty() {
        return None;
    }
    let properties = vec![
        PropertyValue::new(
            "Navigability",
            Expression::EnumMember("Capabilities.NavigationType/Recursive".to_owned()),
        ),
        PropertyValue::new("RestrictedProperties", Expression::Collection(restricted)),
    ];
    Some(term("Capabilities", "NavigationRestrictions", Some(record(properties))))
}

/// What the service as a whole offers beyond reading and changing entities, and what it does not.
pub fn of_container() -> Vec<Annotation> {
    let plain = |name: &str, holds: bool| term("Capabilities", name, Some(Expression::Bool(holds)));
    vec![
        capabilities::conformance_level(Conformance::Advanced),
        plain("KeyAsSegmentSupported", true),
        plain("AsynchronousRequestsSupported", true),
        plain("CrossJoinSupported", false),
        plain("BatchSupported", true),
        batches(),
        plain("QuerySegmentSupported", true),
        term("Core", "ODataVersions", Some(Expression::String("4.0 4.01".to_owned()))),
        capabilities::deep_insert_support(true),
        capabilities::deep_update_support(true),
    ]
}

/// What batches may hold.
fn batches() -> Annotation {
    let holds = |name: &str, holds: bool| PropertyValue::new(name, Expression::Bool(holds));
    let formats = ["multipart/mixed", "application/json"].map(|name| Expression::String(name.to_owned()));
    let properties = vec![
        holds("Supported", true),
        holds("ContinueOnErrorSupported", true),
        holds("ReferencesInRequestBodiesSupported", true),
        holds("EtagReferencesSupported", true),
        // `if` behind other requests.
        holds("RequestDependencyConditionsSupported", false),
        PropertyValue::new("SupportedFormats", Expression::Collection(formats.into())),
    ];
    term("Capabilities", "BatchSupport", Some(record(properties)))
}

/// What queries of a set may have. `tracked`: links to its changes are given, which takes entities named by the row's id.
pub fn queries(searchable: bool, tracked: bool) -> Vec<Annotation> {
    let transformations = TRANSFORMATIONS.map(|name| Expression::String(name.to_owned())).into();
    let transformations = PropertyValue::new("Transformations", Expression::Collection(transformations));
    vec![
        apply(transformations),
        term("Capabilities", "TopSupported", Some(Expression::Bool(true))),
        term("Capabilities", "SkipSupported", Some(Expression::Bool(true))),
        term("Capabilities", "ComputeSupported", Some(Expression::Bool(true))),
        flag("Capabilities", "CountRestrictions", "Countable", true),
        expandable(),
        flag("Capabilities", "ChangeTracking", "Supported", tracked),
        flag("Capabilities", "SearchRestrictions", "Searchable", searchable),
    ]
}

/// Whether changes of a set are told, said anew.
pub fn tracked(annotations: &mut [Annotation], tracked: bool) {
    let new = flag("Capabilities", "ChangeTracking", "Supported", tracked);
    for own in annotations.iter_mut().filter(|own| own.term == new.term) {
        own.clone_from(&new);
    }
}

/// What `$apply` takes. The vocabulary has but one word for rollup and its recursive sister, so the difference is said.
fn apply(transformations: PropertyValue) -> Annotation {
    let rollup = "Aggregation.RollupType/MultipleHierarchies".to_owned();
    let rollup = PropertyValue::new("Rollup", Expression::EnumMember(rollup));
    let from = PropertyValue::new("From", Expression::Bool(true));
    let supported = term("Aggregation", "ApplySupported", Some(record(vec![transformations, rollup, from])));
    let words = description("rolluprecursive and named hierarchies are not offered");
    Annotation { annotations: vec![words], ..supported }
}

/// Properties that nothing can be ordered by.
pub fn unsortable<'a>(properties: impl IntoIterator<Item = &'a str>) -> Annotation {
    let path = |name: &str| Expression::Path(PathKind::Property, name.to_owned());
    let paths = properties.into_iter().map(path).collect();
    let properties = PropertyValue::new("NonSortableProperties", Expression::Collection(paths));
    term("Capabilities", "SortRestrictions", Some(record(vec![properties])))
}

/// Properties that nothing can be filtered by.
pub fn unfilterable<'a>(properties: impl IntoIterator<Item = &'a str>) -> Annotation {
    let path = |name: &str| Expression::Path(PathKind::Property, name.to_owned());
    let paths = properties.into_iter().map(path).collect();
    let properties = PropertyValue::new("NonFilterableProperties", Expression::Collection(paths));
    term("Capabilities", "FilterRestrictions", Some(record(vec![properties])))
}

/// How far related entities may be read along.
fn expandable() -> Annotation {
    let levels = i64::try_from(MAX_LEVELS).unwrap_or(i64::MAX);
    let properties = vec![
        PropertyValue::new("Expandable", Expression::Bool(true)),
        PropertyValue::new("MaxLevels", Expression::Int(levels)),
    ];
    term("Capabilities", "ExpandRestrictions", Some(record(properties)))
}

/// The smallest value accepted.
pub fn minimum(value: f64) -> Annotation {
    term("Validation", "Minimum", Some(number(value)))
}

/// The largest value accepted.
pub fn maximum(value: f64) -> Annotation {
    term("Validation", "Maximum", Some(number(value)))
}

/// The only values accepted.
pub fn allowed_values(values: &[String]) -> Annotation {
    let value = |text: &String| record(vec![PropertyValue::new("Value", Expression::String(text.clone()))]);
    term("Validation", "AllowedValues", Some(Expression::Collection(values.iter().map(value).collect())))
}

/// The unit of a number: a currency where it is an ISO 4217 code.
pub fn unit(text: &str, currency: bool) -> Annotation {
    let code = currency && text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    term("Measures", if code { "ISOCurrency" } else { "Unit" }, Some(Expression::String(text.to_owned())))
}

fn number(value: f64) -> Expression {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        Expression::Int(value as i64)
    } else {
        Expression::Decimal(value.to_string())
    }
}
