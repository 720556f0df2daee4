//! Who may make tenants on this server.

use crate::{error::ApiError, session::Person};

/// Who may make tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Founders {
    /// Nobody: there is one tenant.
    Nobody,
    /// Whoever runs the server.
    Server,
    /// Whoever has proven their address.
    Anybody,
}

impl Founders {
    /// Whether somebody may; where nobody else may, that it is possible at all is told to nobody.
    pub fn admit(self, person: &Person) -> Result<(), ApiError> {
        match self {
            Self::Anybody if !person.confirmed => Err(ApiError::ConfirmFirst),
            Self::Anybody => Ok(()),
            Self::Server if person.runs_server => Ok(()),
            Self::Server | Self::Nobody => Err(ApiError::NotFound),
        }
    }
}
