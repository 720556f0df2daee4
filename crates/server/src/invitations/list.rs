//! `GET /api/invitations`: who is invited into the tenant and its apps, and what became of it.

use axum::extract::State;
use gridkeep_model::{AppId, InvitationId, InvitationJobId};
use gridkeep_store::{InvitationFilter, Standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{InvitationCard, cards};
use crate::{
    error::ApiError,
    extract::{Json, Parameters},
    invited::Invitations,
    people::Ruler,
    tenancy::Tenancy,
};

/// Invitations in one answer.
const PAGE: u32 = 50;
/// Longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// Which to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    search: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    job: Option<InvitationJobId>,
    #[serde(default)]
    after: Option<InvitationId>,
}

/// Some of the invitations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvitationsPage {
    invitations: Vec<InvitationCard>,
    /// How many there are in all, of those that are looked for.
    count: u64,
    /// There are more behind the last one.
    more: bool,
}

/// Who is invited into the tenant and its apps, for its administrators: 50 at a time, the newest first.
#[utoipa::path(get, path = "/api/invitations", tag = "invitations",
    params(("search" = Option<String>, Query, description = "Part of a name or address."),
        ("status" = Option<String>, Query, description = "Only those of this status."),
        ("job" = Option<String>, Query, description = "Only those of this list."),
        ("after" = Option<String>, Query, description = "The last one of the page before.")),
    responses((status = 200, body = InvitationsPage)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    _: Ruler,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<InvitationsPage>, ApiError> {
    page(&invitations, &tenancy, wanted, None).await
}

/// A page of what is wanted, of one app where one is named.
pub(super) async fn page(
    invitations: &Invitations,
    tenancy: &Tenancy,
    wanted: Wanted,
    app: Option<AppId>,
) -> Result<Json<InvitationsPage>, ApiError> {
    let standing = match wanted.status.filter(|word| !word.is_empty()) {
        Some(word) => {
            let known = Standing::ALL.into_iter().find(|one| one.word() == word);
            Some(known.ok_or_else(|| ApiError::InvalidRequest("status".to_owned()))?)
        }
        None => None,
    };
    let filter = InvitationFilter {
        app,
        words: wanted.search.chars().take(LONGEST).collect(),
        standing,
        job: wanted.job,
        after: wanted.after,
        // One more than is shown says whether there are more.
        most: PAGE + 1,
    };
    let (mut all, count) = invitations.list(filter).await?;
    let more = all.len() > PAGE as usize;
    all.truncate(PAGE as usize);
    Ok(Json(InvitationsPage { invitations: cards(tenancy, all).await?, count, more }))
}
