//! Invitations as the portal sees them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gridkeep_model::{AppId, GroupId, InvitationId, InvitationJobId};
use gridkeep_store::{Invitation, InvitationJob, Standing, TenantRole};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use crate::{error::ApiError, session::RoleView, tenancy::Tenancy};

/// What an invitation gives, as the log has it: whom it is for is nobody's yet.
pub(super) fn said(role: TenantRole, groups: &[GroupId], app: Option<AppId>) -> Json {
    json!({"role": role.word(), "groups": groups, "app": app})
}

/// Something with a name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = InvitedInto)]
pub(super) struct Named {
    /// Its id.
    id: String,
    /// What people call it.
    name: String,
}

/// An invitation, as whoever invites sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitationCard)]
pub(super) struct InvitationCard {
    #[schema(value_type = String, format = Uuid)]
    id: InvitationId,
    /// Whom it is for.
    email: String,
    /// What whoever invites calls them; may be empty.
    name: String,
    role: RoleView,
    groups: Vec<Named>,
    /// The app it is to; null for the tenant itself.
    app: Option<Named>,
    /// Who invites, by name.
    sender: String,
    /// They asked for it themselves, by a link that was handed on.
    by_link: bool,
    /// The list it stands on.
    #[schema(value_type = Option<String>, format = Uuid)]
    job: Option<InvitationJobId>,
    /// `queued`, `sent`, `kept` (no server sends mails: it is read in the outbox), `held` (its list was stopped), `bounced`, `failed`,
    /// `accepted`, `declined`, `expired` or `revoked`.
    status: &'static str,
    /// What the mail server said.
    answer: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When its mail was last asked for.
    #[schema(value_type = String, format = DateTime)]
    asked: Timestamp,
    /// When its link ends; null while none was sent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// When it was accepted, declined or taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided: Option<Timestamp>,
}

/// A list of people who were invited at once, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitationJob)]
pub(super) struct JobCard {
    #[schema(value_type = String, format = Uuid)]
    id: InvitationJobId,
    /// Who invited, by name.
    sender: String,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// It sends nothing until somebody goes on with it.
    stopped: bool,
    /// How many people.
    total: u64,
    /// How many of them stand at what: see the status of an invitation.
    standings: BTreeMap<&'static str, u64>,
}

impl From<InvitationJob> for JobCard {
    fn from(job: InvitationJob) -> Self {
        Self {
            id: job.id,
            sender: job.sender_name,
            created: job.created,
            stopped: job.stopped.is_some(),
            total: job.standings.values().sum(),
            standings: job.standings.into_iter().map(|(standing, count)| (standing.word(), count)).collect(),
        }
    }
}

/// The names of groups and apps; those that are gone have none.
pub(super) async fn names(
    tenancy: &Tenancy,
    apps: BTreeSet<AppId>,
) -> Result<(HashMap<GroupId, String>, HashMap<AppId, String>), ApiError> {
    tenancy
        .read(move |reader| {
            let groups = reader.groups()?.into_iter().map(|group| (group.id, group.name)).collect();
            let mut named = HashMap::new();
            for id in apps {
                if let Some(app) = reader.app(id)? {
                    named.insert(id, app.current.name);
                }
            }
            Ok((groups, named))
        })
        .await
}

/// Those groups that are there.
pub(super) fn named_groups(groups: &[GroupId], names: &HashMap<GroupId, String>) -> Vec<Named> {
    let known = groups.iter().filter_map(|id| Some((id, names.get(id)?)));
    known.map(|(id, name)| Named { id: id.to_string(), name: name.clone() }).collect()
}

/// An app, by its name while it is there.
pub(super) fn named_app(app: Option<AppId>, names: &HashMap<AppId, String>) -> Option<Named> {
    app.map(|id| Named { id: id.to_string(), name: names.get(&id).cloned().unwrap_or_default() })
}

/// Invitations as whoever invites sees them.
pub(super) async fn cards(
    tenancy: &Tenancy,
    all: Vec<(Invitation, Standing)>,
) -> Result<Vec<InvitationCard>, ApiError> {
    let apps = all.iter().filter_map(|(invitation, _)| invitation.app).collect();
    let (groups, apps) = names(tenancy, apps).await?;
    let cards = all.into_iter().map(|(one, standing)| InvitationCard {
        id: one.id,
        groups: named_groups(&one.groups, &groups),
        app: named_app(one.app, &apps),
        email: one.address,
        name: one.name,
        role: one.role.into(),
        sender: one.sender_name,
        by_link: one.link.is_some(),
        job: one.job,
        status: standing.word(),
        answer: one.answer,
        created: one.created,
        asked: one.asked,
        expires: one.expires,
        decided: one.decided,
    });
    Ok(cards.collect())
}
