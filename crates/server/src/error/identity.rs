//! What identity refuses, as the API says it.

use gridkeep_identity::email::EmailError;

use super::ApiError;

impl From<EmailError> for ApiError {
    fn from(_: EmailError) -> Self {
        Self::InvalidEmail
    }
}
