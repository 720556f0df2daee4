//! Companies' sign-in: a tenant's own providers say who its people are.
//!
//! **Architecture Invariant:** whoever a provider vouches for comes in by one door, [`Company::admit`], whatever the protocol. A
//! provider opens accounts that were made for its own identities or that their owners linked, and a session through it is good at
//! its tenant only; see ADR 0035. A protocol hands over what was proven ([`Said`]) and decides nothing.

mod admit;
mod kept;
mod rules;

pub use admit::{Admittance, Newcomer};
pub use kept::Company;
pub use rules::{Outcome, Rules, Said};
