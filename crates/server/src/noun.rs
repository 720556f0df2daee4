//! How the nouns of `model`, `engine` and `workbook` enter the OpenAPI document.
//!
//! Those crates describe themselves with `schemars` (JSON Schema 2020-12, which is what OpenAPI 3.1 speaks), endpoints with
//! `utoipa`. Here each noun gets a stand-in that `utoipa` sees as a reference, and [`definitions`] gives the schema behind it.

use std::borrow::Cow;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value as Json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type},
};

/// Stands for a file's bytes.
#[derive(Debug)]
pub enum File {}

impl PartialSchema for File {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for File {}

macro_rules! nouns {
    ($(#[$group:meta])* $collect:ident: $($name:ident => $noun:ty),* $(,)?) => {
        $(
            #[doc = concat!("Stands for [`", stringify!($noun), "`].")]
            #[derive(Debug)]
            pub enum $name {}

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    RefOr::Ref(Ref::from_schema_name(stringify!($name)))
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )*

        $(#[$group])*
        fn $collect(generator: &mut SchemaGenerator) {
            $(include::<$noun>(generator, stringify!($name));)*
        }
    };
}

nouns! {
    /// What the server answers with, and what goes both ways: every field that is always written is required.
    answers:
    AppDefinition => gridkeep_model::AppDefinition,
    ImportReport => gridkeep_model::ImportReport,
    Outcome => gridkeep_model::Outcome,
    Problem => gridkeep_model::transaction::Problem,
    Reason => gridkeep_model::transaction::Reason,
    RowsPage => gridkeep_model::query::RowsPage,
    Transaction => gridkeep_model::Transaction,
    Role => gridkeep_model::definition::Role,
    Grant => gridkeep_model::rights::Grant,
    Level => gridkeep_model::rights::Level,
    RowsOf => gridkeep_model::rights::RowsOf,
    Gate => gridkeep_model::checkpoint::Gate,
    CommentRule => gridkeep_model::checkpoint::CommentRule,
    Method => gridkeep_model::checkpoint::Method,
    GateSettings => gridkeep_model::checkpoint::GateSettings,
    Outline => gridkeep_model::workbook::Outline,
    Proposal => gridkeep_workbook::Proposal,
    DefinitionProblem => gridkeep_workbook::DefinitionProblem,
    Rebound => gridkeep_workbook::Rebound,
    AppView => gridkeep_engine::app::AppView,
    FileComparison => gridkeep_engine::compare::Comparison,
}

nouns! {
    /// What only comes in: fields with a default may be left out.
    requests:
    RowsRequest => gridkeep_model::query::RowsRequest,
}

/// The schemas of all nouns and of what they are made of, by name.
pub fn definitions() -> Map<String, Json> {
    let settings =
        || SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings().for_serialize().into_generator();
    answers(&mut generator);
    let mut all = generator.take_definitions(true);
    let mut generator = settings().for_deserialize().into_generator();
    requests(&mut generator);
    for (name, schema) in generator.take_definitions(true) {
        all.entry(name).or_insert(schema);
    }
    all
}

/// Adds a noun's schema under the stand-in's name; the two names must be the same for the references to hold.
fn include<T: JsonSchema>(generator: &mut SchemaGenerator, name: &str) {
    let schema = generator.subschema_for::<T>();
    if T::schema_name() != name {
        generator.definitions_mut().insert(name.to_owned(), schema.into());
    }
}
