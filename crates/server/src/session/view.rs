//! A session as the web sees it.

use gridkeep_model::AccountId;
use gridkeep_store::TenantRole;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Needs, Person};

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    /// Nobody when null.
    account: Option<AccountView>,
    /// There is no account at all: whoever makes the first one owns the server.
    first_run: bool,
    /// The password was right, and a second step is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_step: Option<SecondStepView>,
    /// What is asked for here and was not shown: a second factor (`any` or `passkey`), or that the company vouches for them
    /// (`company`). Until then only the own account can be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
    /// What people call the tenant that is asked at, for those who belong to it; absent while nobody has named the server's first.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
}

/// The second step of a sign-in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingStep)]
struct SecondStepView {
    /// What it can be taken with: `passkey`, `totp`, `recovery`.
    ways: Vec<&'static str>,
}

/// What somebody is to a tenant; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TenantRole)]
pub enum RoleView {
    /// Opens the apps that name them.
    Guest,
    /// Belongs to the tenant.
    Member,
    /// Makes apps.
    Maker,
    /// Rules over people, groups and all apps.
    Administrator,
    /// Names owners, and ends the tenant.
    Owner,
}

impl From<TenantRole> for RoleView {
    fn from(role: TenantRole) -> Self {
        match role {
            TenantRole::Guest => Self::Guest,
            TenantRole::Member => Self::Member,
            TenantRole::Maker => Self::Maker,
            TenantRole::Administrator => Self::Administrator,
            TenantRole::Owner => Self::Owner,
        }
    }
}

impl From<RoleView> for TenantRole {
    fn from(role: RoleView) -> Self {
        match role {
            RoleView::Guest => Self::Guest,
            RoleView::Member => Self::Member,
            RoleView::Maker => Self::Maker,
            RoleView::Administrator => Self::Administrator,
            RoleView::Owner => Self::Owner,
        }
    }
}

/// An account, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
struct AccountView {
    #[schema(value_type = String, format = Uuid)]
    id: AccountId,
    email: String,
    name: String,
    /// What they are to this tenant; null when they do not belong to it.
    role: Option<RoleView>,
    /// May look into what is the server's, such as its mails.
    runs_server: bool,
    /// The address is proven. Until then nothing that is shared with it can be opened.
    confirmed: bool,
    /// They came through their company: what belongs to the account everywhere is not to be had this way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    through_company: bool,
}

impl SessionView {
    /// Somebody, or nobody, is signed in.
    pub fn new(person: Option<Person>, first_run: bool) -> Self {
        let account = person.map(|person| AccountView {
            id: person.id,
            email: person.email.to_string(),
            name: person.name,
            role: person.role.map(RoleView::from),
            runs_server: person.runs_server,
            confirmed: person.confirmed,
            through_company: person.through.is_some(),
        });
        Self { account, first_run, second_step: None, needs: None, workspace: None }
    }

    /// The same, at a tenant that has a name.
    pub(super) fn at(mut self, workspace: Option<String>) -> Self {
        self.workspace = workspace;
        self
    }

    /// The same, with what is asked for here and was not shown.
    pub(super) fn needing(mut self, needs: Option<Needs>) -> Self {
        self.needs = needs.map(Needs::word);
        self
    }

    /// Nobody yet: a second step is waited for, by one of these means.
    pub(super) const fn waiting(ways: Vec<&'static str>) -> Self {
        let second_step = Some(SecondStepView { ways });
        Self { account: None, first_run: false, second_step, needs: None, workspace: None }
    }
}
