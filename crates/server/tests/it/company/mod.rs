//! Companies' sign-in.

mod door;
mod saml;
