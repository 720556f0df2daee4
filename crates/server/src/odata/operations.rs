//! Operations that a program brings along with a projection it has made itself.
//!
//! **Architecture Invariant:** such an operation reads through `model::Query` and changes rows only by the operations it
//! answers, which the executor runs as one transaction, or as several where one cannot hold them.

use std::sync::Arc;

use futures::future::BoxFuture;
use gridkeep_model::{Operation, Query, Row, RowId, query::Found};
use gridkeep_odata::{bind::Argument, json::Item, project::SetSource};

use crate::{distribution::AppGrant, error::ApiError, tenancy::Tenancy};

/// What runs the operations of a projection that name no part of an app, [`gridkeep_odata::project::Runs::Own`].
pub trait Operations: Send + Sync {
    /// Runs one. A function answers without [`Done::operations`].
    fn run<'a>(&'a self, call: OwnCall<'a>) -> BoxFuture<'a, Result<Done, OwnError>>;
}

/// A call, its arguments typed by the metadata.
#[derive(Debug)]
pub struct OwnCall<'a> {
    /// The name in [`gridkeep_odata::project::Runs::Own`].
    pub name: &'a str,
    /// What it is called on.
    pub bound: Bound<'a>,
    /// By parameter; those that were left out are not among them.
    pub arguments: &'a [Argument],
    /// The rows as they are now.
    pub rows: &'a OwnRows,
}

impl OwnCall<'_> {
    /// The argument of this parameter.
    pub fn argument(&self, name: &str) -> Option<&Item<'static>> {
        self.arguments.iter().find(|(own, _)| own == name).map(|(_, item)| item)
    }
}

/// What an operation is called on.
#[derive(Debug)]
pub enum Bound<'a> {
    /// Nothing: it stands at the root.
    Nothing,
    /// An entity of a set: its row with all columns in the order of the set's members.
    Entity(&'a SetSource, Row),
    /// Entities of a set: those the query finds.
    Collection(&'a SetSource, Box<Query>),
}

/// What an operation has come to.
#[derive(Debug, Default)]
pub struct Done {
    /// What an action changes, all of it or nothing; more than a transaction holds
    /// ([`MOST_OPERATIONS`](crate::executor::MOST_OPERATIONS)) in several, one after the other.
    pub operations: Vec<Operation>,
    /// What it answers.
    pub answer: Answered,
}

/// What an operation answers; it must be what the metadata says it returns.
#[derive(Debug, Default)]
pub enum Answered {
    /// Nothing, or null.
    #[default]
    Nothing,
    /// A primitive or complex value, or a collection of such.
    Value(Item<'static>),
    /// The entity of this row.
    Row(RowId),
    /// Entities: table, filter, order and page are heeded. Whatever options and path segments ask then is about those; with
    /// a page of its own ([`Query::page`] other than the default) there can be [`MOST_ENTITIES`] of them.
    Rows(Box<Query>),
}

/// The most entities of an answer that is itself a page.
pub const MOST_ENTITIES: u32 = 2_000;

/// Why an operation gave up.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The arguments mean nothing: 400, with a code and a sentence.
    #[error("{1}")]
    Refused(&'static str, String),
    /// Something failed.
    #[error(transparent)]
    Server(#[from] ApiError),
}

/// The rows that an operation may read: those that whoever calls it sees.
#[derive(Clone)]
pub struct OwnRows {
    pub(super) tenancy: Tenancy,
    pub(super) grant: Arc<AppGrant>,
}

impl std::fmt::Debug for OwnRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnRows").field("app", &self.grant.app.id).finish_non_exhaustive()
    }
}

impl OwnRows {
    /// A page of rows, whatever the query's own sight is.
    pub async fn rows(&self, query: Query) -> Result<Found, ApiError> {
        let (app, query) = (self.grant.app.id, self.grant.seen(query));
        self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await
    }
}

/// For projections whose operations are all parts of an app.
#[derive(Debug, Clone, Copy)]
pub struct NoOperations;

impl Operations for NoOperations {
    fn run<'a>(&'a self, call: OwnCall<'a>) -> BoxFuture<'a, Result<Done, OwnError>> {
        let unknown = format!("nothing runs the operation {}", call.name);
        Box::pin(async move { Err(ApiError::internal(unknown).into()) })
    }
}
