//! Sign-in at a company's provider by SAML 2.0, as the side that asks (service provider): requests, answers, metadata.
//!
//! **Architecture Invariant:** only what is named here is accepted: web browser sign-on that we began, by redirect and POST,
//! with the keys of the settings. Nothing is decrypted, no key of a message is used, no address in a message is followed. Why
//! something was refused is for the log; whoever brought it is told nothing. See [ADR
//! 0036](../../../../docs/adr/0036-saml.md).

mod canonical;
mod der;
mod key;
mod metadata;
mod request;
mod response;
mod signature;
mod signer;
mod xml;

pub use self::{
    key::{BadKey, Key},
    metadata::{BadProvider, Provider, Service},
    request::{Request, RequestId},
    response::{Answer, Expected, LONGEST_LIFE, Person, SKEW, accept},
    signer::Signer,
    xml::Fault,
};

/// Why an answer was refused. For the log and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("{0}")]
    Form(Fault),
    /// It is no response as they are: parts are missing, doubled or where they do not belong.
    #[error("no response with one assertion")]
    Shape,
    /// Something in it is encrypted, which is not supported.
    #[error("encrypted: the provider must sign and not encrypt")]
    Encrypted,
    /// What it says is covered by no signature.
    #[error("unsigned")]
    Unsigned,
    /// None of the provider's keys signed it, or it was changed.
    #[error("a wrong signature")]
    Signature,
    /// What was signed is not the element that the signature stands in.
    #[error("a signature of something else")]
    Reference,
    /// It is signed, hashed or transformed in a way that is not accepted.
    #[error("an algorithm that is not accepted")]
    Algorithm,
    /// It is from somebody else.
    #[error("another issuer")]
    Issuer,
    /// It was sent to another place.
    #[error("another destination")]
    Destination,
    /// It answers no request of ours, or another one.
    #[error("not what was asked")]
    Unasked,
    /// The provider says no.
    #[error("the provider refused")]
    Status,
    /// It is for others.
    #[error("another audience")]
    Audience,
    /// It is for another place.
    #[error("another recipient")]
    Recipient,
    /// It has a condition that we do not know.
    #[error("an unknown condition")]
    Condition,
    /// It is too old, of the future, or says no time.
    #[error("of another time")]
    Time,
    /// Whoever brings it is not who it is about, for all it says.
    #[error("no bearer")]
    Confirmation,
    /// It is about nobody, or names them by what does not last.
    #[error("no lasting name of a person")]
    Subject,
    /// It names them by an address, and nobody said that those last.
    #[error(
        "a name that is an address: choose an attribute that names people for good, or say that addresses are never given to others"
    )]
    Address,
    /// It does not say how and when they proved who they are, or that was too long ago.
    #[error("no proof of its own time")]
    Proof,
    /// It was seen before.
    #[error("seen before")]
    Replay,
}

/// A text as XML has it between quotes or tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
