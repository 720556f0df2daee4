//! An app as the portal sees it.

use gridkeep_model::{AppId, definition::Role};
use gridkeep_store::App;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{http::SERVICES, noun, site::Site};

/// Who may open an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Audience {
    /// Only its maker.
    Prototype,
    /// The people named.
    Private,
    /// Anybody with the link.
    Public,
}

/// A published app.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = App)]
pub(super) struct AppCard {
    #[schema(value_type = String, format = Uuid)]
    id: AppId,
    name: String,
    description: String,
    icon: String,
    accent: String,
    audience: Audience,
    /// What the person who asks is to it.
    #[schema(value_type = noun::Role)]
    role: Role,
    /// The version people get.
    version: u32,
    /// How many versions there are.
    versions: u32,
    /// The workbook's file name.
    file_name: String,
    /// Who is named; only its maker sees them.
    people: Vec<PersonCard>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// The address to share.
    link: String,
    /// Where programs find the app as an OData service, with a slash at the end.
    service: String,
}

/// A person an app names.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppPerson)]
pub(super) struct PersonCard {
    pub(super) email: String,
    /// Once they have an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

impl AppCard {
    pub(super) fn new(app: App, role: Role, people: Vec<PersonCard>, site: &Site) -> Self {
        Self {
            id: app.id,
            name: app.current.name,
            description: app.current.description,
            icon: app.current.icon,
            accent: app.current.accent,
            audience: app.audience.into(),
            role,
            version: app.current.version,
            versions: app.versions,
            file_name: app.current.file_name,
            people,
            updated_at: app.updated,
            link: link(site, app.id),
            service: site.link(&format!("{SERVICES}{}/{}/", site.tenant(), app.id)),
        }
    }
}

/// Where people open an app.
pub(super) fn link(site: &Site, app: AppId) -> String {
    site.page(&format!("/app/{app}"))
}

impl From<gridkeep_store::Audience> for Audience {
    fn from(audience: gridkeep_store::Audience) -> Self {
        match audience {
            gridkeep_store::Audience::Prototype => Self::Prototype,
            gridkeep_store::Audience::Private => Self::Private,
            gridkeep_store::Audience::Public => Self::Public,
        }
    }
}

impl From<Audience> for gridkeep_store::Audience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Prototype => Self::Prototype,
            Audience::Private => Self::Private,
            Audience::Public => Self::Public,
        }
    }
}
