//! Who may see and who may change. Deny by default: an empty list means only the maker.

use serde::{Deserialize, Serialize};

/// How somebody stands to an app. Ordered by what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Anybody with the link of a public app.
    Guest,
    /// A named person of a private app.
    Member,
    /// Who made the app, and the tenant's administrators.
    Maker,
}

/// Roles that may see or edit something. A maker may always do both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Access {
    /// Roles that may see it.
    pub see: Vec<Role>,
    /// Roles that may change it.
    pub edit: Vec<Role>,
}

impl Default for Access {
    fn default() -> Self {
        Self { see: vec![Role::Guest, Role::Member], edit: vec![Role::Guest, Role::Member] }
    }
}

impl Access {
    /// Whether this role may see it.
    pub fn may_see(&self, role: Role) -> bool {
        role == Role::Maker || self.see.contains(&role)
    }

    /// Whether this role may change it; what nobody may see nobody may change.
    pub fn may_edit(&self, role: Role) -> bool {
        self.may_see(role) && (role == Role::Maker || self.edit.contains(&role))
    }
}

/// Rights on a published table's rows. A maker may always do all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableAccess {
    /// Roles that may read rows.
    pub see: Vec<Role>,
    /// Roles that may add rows.
    pub insert: Vec<Role>,
    /// Roles that may change rows.
    pub update: Vec<Role>,
    /// Roles that may delete rows.
    pub delete: Vec<Role>,
}

impl Default for TableAccess {
    fn default() -> Self {
        let both = || vec![Role::Guest, Role::Member];
        Self {
            see: both(),
            insert: vec![Role::Member],
            update: vec![Role::Member],
            delete: vec![Role::Member],
        }
    }
}
