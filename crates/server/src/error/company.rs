//! What a company's sign-in asks for that is not there.

use axum::http::StatusCode;

/// What is asked for and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompanyRefusal {
    /// People with such an address come through their company here.
    #[error("company required")]
    Required,
    /// Nobody could come through the company: no provider is open.
    #[error("no open provider")]
    NoOpenProvider,
    /// No owner could come in but through the company.
    #[error("no owner with a passkey")]
    NoOwnerWithPasskey,
    /// The passkey is the last by which an owner comes in but through the company.
    #[error("last passkey of an owner")]
    LastPasskey,
    /// They are the last owner who comes in but through the company.
    #[error("last owner with a passkey")]
    LastOwnerWithPasskey,
    /// A SAML provider without its metadata.
    #[error("no metadata")]
    NoMetadata,
    /// It gives no answer.
    #[error("company unreachable")]
    Unreachable,
    /// Not so long ago, and in this browser, nobody with the account's address came through the company.
    #[error("not the same person")]
    AnotherPerson,
    /// A domain has not the record that proves it.
    #[error("domain not proven")]
    DomainNotProven,
}

impl CompanyRefusal {
    /// As programs read it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Required => "companyRequired",
            Self::NoOpenProvider => "noOpenProvider",
            Self::NoOwnerWithPasskey => "noOwnerWithPasskey",
            Self::LastPasskey => "lastPasskey",
            Self::LastOwnerWithPasskey => "lastOwnerWithPasskey",
            Self::NoMetadata => "noMetadata",
            Self::Unreachable => "companyUnreachable",
            Self::AnotherPerson => "anotherPerson",
            Self::DomainNotProven => "domainNotProven",
        }
    }

    /// As HTTP has it.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Required => StatusCode::FORBIDDEN,
            Self::LastPasskey | Self::LastOwnerWithPasskey | Self::AnotherPerson => StatusCode::CONFLICT,
            Self::Unreachable => StatusCode::BAD_GATEWAY,
            Self::NoOpenProvider | Self::NoOwnerWithPasskey | Self::NoMetadata | Self::DomainNotProven => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        }
    }
}
