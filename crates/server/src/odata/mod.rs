//! Every published app as an OData 4.01 service, at `/odata/{tenant}/{app}/`.
//!
//! **Architecture Invariant:** this room only translates. What a URL and a payload mean is decided in `gridkeep-odata`; rows
//! are read through `model::Query` and changed through the [`Executor`](crate::executor::Executor); who may do what is the
//! [`AppGrant`](crate::distribution::AppGrant)'s to say, and the projection is made for its role.

mod answer;
mod asked;
mod batch;
mod calculate;
mod calculators;
mod caller;
mod cells;
mod changes;
mod deep;
mod delta;
mod dispatch;
mod ending;
mod ends;
mod entity;
mod expand;
mod finish;
mod follow;
mod handler;
mod later;
mod links;
mod made;
mod media;
mod metadata;
mod nested;
mod offers;
mod operate;
mod operations;
mod part;
mod parts;
mod refusal;
mod resolve;
mod rooms;
mod row_key;
mod rows;
mod sent;
mod served;
mod services;
mod sheet;
mod short;
mod straight;
mod stream;
mod turns;
mod whole;
mod write;

use axum::{Router, extract::FromRef, routing::any};

pub use calculators::Calculators;
pub use later::Later;
pub use operations::{
    Answered, Bound, Done, MOST_ENTITIES, NoOperations, Operations, OwnCall, OwnError, OwnRows,
};
pub use rooms::{Reach, Rooms};
pub use row_key::row_id;
pub use served::Served;
pub use services::Services;

/// The addresses of this room. They describe themselves (`$metadata`), so the OpenAPI document does not.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Rooms: FromRef<S>,
{
    Router::new()
        .route("/odata/{tenant}/{app}", any(handler::handle))
        .route("/odata/{tenant}/{app}/", any(handler::handle))
        .route("/odata/{tenant}/{app}/{*path}", any(handler::handle))
}
