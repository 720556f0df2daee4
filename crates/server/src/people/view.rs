//! People and groups as the portal sees them.

use std::collections::BTreeMap;

use gridkeep_model::{AccountId, GroupId};
use gridkeep_store::{Belonging, Group, Member};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::session::RoleView;

/// Somebody who belongs to the tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TenantPerson)]
pub(super) struct PersonCard {
    #[schema(value_type = String, format = Uuid)]
    id: AccountId,
    email: String,
    name: String,
    role: RoleView,
    /// The address is proven.
    confirmed: bool,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When they were last at this tenant; null when they never were.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen: Option<Timestamp>,
    /// What whoever invited them was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_by: Option<String>,
    groups: Vec<GroupName>,
    /// What else is known, such as `Region`.
    attributes: BTreeMap<String, String>,
}

/// A group by its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupName {
    #[schema(value_type = String, format = Uuid)]
    id: GroupId,
    name: String,
}

/// A group of people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Group)]
pub(super) struct GroupCard {
    #[schema(value_type = String, format = Uuid)]
    id: GroupId,
    name: String,
    /// How many belong to it.
    members: u64,
    /// A company's directory says who does: nobody else changes it.
    directed: bool,
}

impl PersonCard {
    pub(super) fn new(member: Member, belonging: Belonging) -> Self {
        let Member { account, role, since, seen, invited_by } = member;
        Self {
            id: account.id,
            email: account.email,
            name: account.name,
            role: role.into(),
            confirmed: account.confirmed.is_some(),
            since,
            seen,
            invited_by,
            groups: belonging.groups.into_iter().map(|(id, name)| GroupName { id, name }).collect(),
            attributes: belonging.attributes,
        }
    }
}

impl From<Group> for GroupCard {
    fn from(Group { id, name, members, directed, .. }: Group) -> Self {
        Self { id, name, members, directed }
    }
}
