//! OpenID Connect as a relying party: what a provider says of itself, how it is asked who somebody is, and when its answer
//! counts (OpenID Connect Core 1.0, Discovery 1.0; RFC 7636, RFC 9207, RFC 9700).
//!
//! **Architecture Invariant:** a token counts only when a key of the provider's own set signed it, by an algorithm of a fixed list that
//! the provider's settings name; never by what the token says of its key. What is expected (issuer, audience, nonce, age) is handed in.

mod client_key;
mod discovery;
mod flow;
mod keys;
mod token;

pub use client_key::ClientKey;
pub use discovery::{Metadata, NoMetadata};
pub use flow::{Answer, Ask, Back, ClientProof, Redeem, answer, merge, redeemed};
pub use keys::{Algorithm, KeySet};
pub use token::{Expected, Refused, Verified, verify};
