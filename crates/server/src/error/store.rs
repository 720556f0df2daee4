//! What a failure of the database means to people.

use gridkeep_store::StoreError;

use super::ApiError;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Overloaded,
            StoreError::TimedOut => Self::TimedOut,
            StoreError::UnknownApp(_) => Self::NotFound,
            StoreError::Stale { .. } => Self::PublishedMeanwhile,
            error => Self::internal(error),
        }
    }
}
