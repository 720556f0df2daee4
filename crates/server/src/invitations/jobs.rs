//! `/api/invitations/jobs`: lists of people who are invited at once: looked through first, then sent, stopped, gone on with. Those
//! into an app begin in [`super::app_jobs`].

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use bytes::Bytes;
use gridkeep_model::{GroupId, InvitationJobId, definition::Role, rights::Level};
use gridkeep_store::InvitationJob;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    guests::{Guests, Known, Place, read},
    view::{JobCard, named_groups},
};
use crate::{
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::{Body, Json, Parameters, Path},
    gates::AtGate,
    invited::{Guest, Invitations},
    language::Language,
    noted, noun,
    people::Ruler,
    session::{Person, RoleView},
    tenancy::Tenancy,
};

/// Lists that are shown.
pub(super) const MOST_JOBS: u32 = 20;
/// Problems in one answer, and people who are shown of those to be invited.
const SHOWN: (usize, usize) = (200, 5);

/// How to read a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// What whoever has no role in the list becomes; a member when absent.
    #[serde(default)]
    role: Option<RoleView>,
}

/// A line that invites nobody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuestProblem)]
pub(super) struct ProblemView {
    /// Its number in the list, from 1.
    line: u64,
    /// `address`, `twin`, `duplicate`, `role`, `roleTooHigh`, `group`, `level`, `language`, `member`, `named`, `full`, `invited`, `name`,
    /// `tooMany` or `unreadable`.
    wrong: &'static str,
    /// The cell it is about.
    text: String,
    /// What it is at odds with: another address, the number of a line before, the most lines there may be.
    other: Option<String>,
}

/// Somebody who would be invited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuestView)]
pub(super) struct GuestView {
    line: u64,
    email: String,
    name: String,
    role: RoleView,
    groups: Vec<super::view::Named>,
    /// How much they may do in the app, where the list says so: `view`, `submit`, `edit` or `administer`.
    #[schema(value_type = Option<noun::Level>)]
    level: Option<Level>,
    /// What they are written to in, where the list says so: `en` or `de`.
    language: Option<&'static str>,
}

/// What a list would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GuestList)]
pub(super) struct Preview {
    /// How many would be invited.
    good: usize,
    /// The first of them.
    guests: Vec<GuestView>,
    /// How many lines invite nobody.
    bad: usize,
    /// The first of those.
    problems: Vec<ProblemView>,
    /// How many lines there are of each kind of problem.
    kinds: BTreeMap<&'static str, usize>,
}

impl Preview {
    /// Of a list that was read.
    pub(super) fn of(found: Guests, groups: Vec<(GroupId, String)>) -> Self {
        let names = groups.into_iter().collect();
        let mut kinds = BTreeMap::new();
        for own in &found.problems {
            *kinds.entry(own.wrong.word()).or_default() += 1;
        }
        let guests = found.good.iter().take(SHOWN.1).map(|line| GuestView {
            line: line.number,
            email: line.guest.address.to_string(),
            name: line.guest.name.clone(),
            role: line.guest.role.into(),
            groups: named_groups(&line.guest.groups, &names),
            level: line.level,
            language: line.guest.language.map(Language::tag),
        });
        let guests = guests.collect();
        let (good, bad) = (found.good.len(), found.problems.len());
        let problems = found.problems.into_iter().take(SHOWN.0).map(|own| ProblemView {
            line: own.line,
            wrong: own.wrong.word(),
            text: own.text,
            other: own.other,
        });
        Self { good, guests, bad, problems: problems.collect(), kinds }
    }
}

/// Looks a list through and says what is wrong with which line. Nothing is sent. Cells are address, name, role, groups, with commas,
/// semicolons or tabs between, in any order where the first line names them; it may name one of languages, too.
#[utoipa::path(post, path = "/api/invitations/check", tag = "invitations", operation_id = "check_list",
    params(("role" = Option<RoleView>, Query, description = "What whoever has no role in the list becomes.")),
    request_body(content = noun::File, content_type = "text/csv"), responses((status = 200, body = Preview)))]
pub(super) async fn check(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    ruler: Ruler,
    Parameters(how): Parameters<How>,
    Body(body): Body,
) -> Result<Json<Preview>, ApiError> {
    let (found, groups) = look_through(&invitations, &tenancy, &ruler, how, body).await?;
    Ok(Json(Preview::of(found, groups)))
}

/// Invites everybody on a list whose line is good; mails go out in their turn, and nobody who is invited already is mailed again.
#[utoipa::path(post, path = "/api/invitations/jobs", tag = "invitations", operation_id = "begin_list",
    params(("role" = Option<RoleView>, Query, description = "What whoever has no role in the list becomes.")),
    request_body(content = noun::File, content_type = "text/csv"), responses((status = 201, body = JobCard)))]
pub(super) async fn begin(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    language: Language,
    ruler: Ruler,
    at: AtGate,
    Parameters(how): Parameters<How>,
    Body(body): Body,
) -> Result<(StatusCode, Json<JobCard>), ApiError> {
    if !ruler.person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    let (found, _) = look_through(&invitations, &tenancy, &ruler, how, body).await?;
    if found.good.is_empty() {
        return Err(ApiError::InvalidRequest("lines".to_owned()));
    }
    let guests: Vec<Guest> = found.good.into_iter().map(|line| line.guest).collect();
    ruler.invites(&at, guests.iter().map(|guest| (&guest.address, guest.role))).await?;
    let mut roles: BTreeMap<&str, u64> = BTreeMap::new();
    for guest in &guests {
        *roles.entry(guest.role.word()).or_default() += 1;
    }
    noted::fact("after", json!({"invited": roles}));
    let id = invitations.invite_all(&ruler.person, None, guests, language).await?;
    noted::about(id.to_string());
    Ok((StatusCode::CREATED, Json(invitations.job(id).await?.into())))
}

/// The lists of people who were invited into the tenant at once, the newest first, and how far each is.
#[utoipa::path(get, path = "/api/invitations/jobs", tag = "invitations", operation_id = "lists",
    responses((status = 200, body = Vec<JobCard>)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    _: Ruler,
) -> Result<Json<Vec<JobCard>>, ApiError> {
    Ok(Json(invitations.jobs(None, MOST_JOBS).await?.into_iter().map(JobCard::from).collect()))
}

/// Mails nobody more of a list, until somebody goes on with it.
#[utoipa::path(post, path = "/api/invitations/jobs/{job}/stop", tag = "invitations", operation_id = "stop_list",
    params(("job" = String, Path)), responses((status = 200, body = JobCard)))]
pub(super) async fn stop(
    State(invitations): State<Invitations>,
    State(definitions): State<Definitions>,
    person: Person,
    Path(id): Path<InvitationJobId>,
) -> Result<Json<JobCard>, ApiError> {
    let before = reached(&invitations, &definitions, &person, id).await?;
    noted::fact("before", json!({"stopped": before.stopped.is_some()}));
    invitations.stop(id).await?;
    noted::fact("after", json!({"stopped": true}));
    Ok(Json(invitations.job(id).await?.into()))
}

/// Goes on with a list that was stopped, and tries again what was given up; whoever was mailed is not mailed again.
#[utoipa::path(post, path = "/api/invitations/jobs/{job}/resume", tag = "invitations", operation_id = "resume_list",
    params(("job" = String, Path)), responses((status = 200, body = JobCard)))]
pub(super) async fn resume(
    State(invitations): State<Invitations>,
    State(definitions): State<Definitions>,
    person: Person,
    Path(id): Path<InvitationJobId>,
) -> Result<Json<JobCard>, ApiError> {
    let before = reached(&invitations, &definitions, &person, id).await?;
    if !person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    noted::fact("before", json!({"stopped": before.stopped.is_some()}));
    noted::fact("after", json!({"stopped": false}));
    invitations.resume(id).await?;
    Ok(Json(invitations.job(id).await?.into()))
}

/// A list as it is read against what is known of the tenant, and the tenant's groups.
async fn look_through(
    invitations: &Invitations,
    tenancy: &Tenancy,
    ruler: &Ruler,
    how: How,
    body: Bytes,
) -> Result<(Guests, Vec<(GroupId, String)>), ApiError> {
    let role = ruler.name(how.role.unwrap_or(RoleView::Member))?;
    let (members, invited) = invitations.known().await?;
    let groups: Vec<(GroupId, String)> = tenancy
        .read(|reader| Ok(reader.groups()?.into_iter().map(|group| (group.id, group.name)).collect()))
        .await?;
    let place = Place::Tenant { groups: groups.clone(), most: ruler.most, role };
    Ok((checked(body, Known { there: members, invited, place }).await?, groups))
}

/// A list as it is read against what is known.
pub(super) async fn checked(body: Bytes, known: Known) -> Result<Guests, ApiError> {
    tokio::task::spawn_blocking(move || read(&body, &known)).await.map_err(ApiError::internal)
}

/// A list that somebody may stop: administrators all, the makers of an app those into it. To everybody else it is not there.
async fn reached(
    invitations: &Invitations,
    definitions: &Definitions,
    person: &Person,
    id: InvitationJobId,
) -> Result<InvitationJob, ApiError> {
    let job = invitations.job(id).await?;
    if person.administers() {
        return Ok(job);
    }
    let app = job.app.ok_or(ApiError::NotFound)?;
    let grant = AppGrant::decide(definitions, app, Some(person.clone())).await?;
    if grant.role == Role::Maker { Ok(job) } else { Err(ApiError::NotFound) }
}
