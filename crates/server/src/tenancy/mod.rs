//! The tenant this server serves, its database and its files; and the keys of both.
//!
//! One tenant now, `default`. Rooms ask for a [`Tenancy`] and a [`Vault`], so that choosing one by host or session becomes a
//! matter of their extractors.

mod keys;
mod sweep;
mod tenant;
mod vault;

pub use keys::{StoreKeys, identity_key};
pub use sweep::{Garbage, sweep_objects, unreferenced};
pub use tenant::Tenancy;
pub use vault::{Vault, VaultError};
