//! The tenants of this server, their databases and files; and the keys of both.
//!
//! **Architecture Invariant:** rooms ask for a [`Tenancy`] and a [`Vault`], which are one tenant's; what reaches another's is not in
//! their state.

mod founders;
mod keys;
mod sweep;
mod tenant;
mod tenants;
mod vault;

pub use founders::Founders;
pub use keys::{StoreKeys, identity_key};
pub use sweep::{Garbage, sweep_objects, unreferenced};
pub use tenant::Tenancy;
pub use tenants::Tenants;
pub use vault::{Vault, VaultError};
