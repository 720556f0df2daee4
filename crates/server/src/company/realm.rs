//! `POST /api/company/realm`: where people of an address's domain sign in.

use axum::extract::State;
use gridkeep_model::ProviderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Company;
use crate::{
    error::ApiError,
    extract::Json,
    session::{Email, Logins},
    site::{Place, Site},
    tenant_name::DEFAULT,
};

/// Whose address it is, as far as they have said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RealmQuestion {
    email: String,
}

/// A way through a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompanyWay)]
pub(super) struct Way {
    #[schema(value_type = String, format = Uuid)]
    provider: ProviderId,
    /// `oidc` or `saml`: how the sign-in begins.
    kind: &'static str,
    /// What people call it.
    name: String,
    /// What people call its workspace.
    workspace: String,
    /// Where that is: the sign-in begins there.
    link: String,
}

/// The ways through companies for a domain. Depends on the domain alone: whether anybody has an account with the address makes no
/// difference.
#[utoipa::path(post, path = "/api/company/realm", tag = "company", operation_id = "company_realm",
    request_body = RealmQuestion, responses((status = 200, body = Vec<Way>)))]
pub(super) async fn realm(
    State(company): State<Company>,
    State(logins): State<Logins>,
    State(site): State<Site>,
    Json(question): Json<RealmQuestion>,
) -> Result<Json<Vec<Way>>, ApiError> {
    let Ok(email) = Email::new(&question.email) else { return Ok(Json(Vec::new())) };
    // At the root people may be of any tenant.
    let only = (site.tenant() != DEFAULT).then(|| logins.tenant());
    let realms = company.control().realms(&email.domain(), only).await?;
    let ways = realms.into_iter().map(|realm| {
        let place = if realm.place == DEFAULT { Place::root(DEFAULT) } else { Place::of(&realm.place) };
        Way {
            provider: realm.provider,
            kind: realm.kind.word(),
            name: realm.name,
            workspace: realm.title,
            link: site.at(place).page("/"),
        }
    });
    Ok(Json(ways.collect()))
}
