//! Proofs of who somebody is: how each is made, what it is worth and when it is refused.
//!
//! **Architecture Invariant:** protocol only. Nothing here stores, sends or waits; time and chance are parameters, and what
//! a proof needs to know of earlier ones (the last step of a one-time code, the identifiers of tokens seen) is handed in
//! and given back. Secrets are in `secrecy` types or never leave the value that holds them.

pub mod access;
pub mod dpop;
pub mod email;
mod jws;
pub mod oidc;
pub mod one_time;
pub mod passkey;
pub mod password;
pub mod pkce;
pub mod recovery;
pub mod saml;
pub mod scim;
pub mod work;
