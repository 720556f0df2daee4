//! What a failure of the database means to people.

use gridkeep_model::query::QueryError;
use gridkeep_store::StoreError;

use super::ApiError;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Overloaded,
            StoreError::TimedOut => Self::TimedOut,
            StoreError::UnknownApp(_) => Self::NotFound,
            StoreError::Stale { .. } => Self::PublishedMeanwhile,
            // What was asked cannot be: which part, in words without any data.
            StoreError::Filter(QueryError::Unsupported(what)) => Self::NotOffered(what),
            StoreError::Filter(error) => Self::InvalidRequest(error.to_string()),
            error => Self::internal(error),
        }
    }
}
