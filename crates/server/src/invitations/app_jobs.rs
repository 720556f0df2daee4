//! `/api/apps/{app}/invitations/jobs`: lists of people who are invited into one app, for its makers: looked through first, then sent.
//!
//! **Architecture Invariant:** whoever is invited is a guest of that app and of nothing else, and what they may do there is given in the
//! commit that names them. What somebody was given before is not changed by a list.

use std::collections::{BTreeMap, BTreeSet};

use axum::{extract::State, http::StatusCode};
use bytes::Bytes;
use gridkeep_model::rights::Grant;
use gridkeep_store::{App, Audience, Subject};
use serde_json::json;

use super::{
    guests::{Guests, Known, Place},
    jobs::{MOST_JOBS, Preview, checked},
    view::JobCard,
};
use crate::{
    chance::Time,
    distribution::{MOST_PEOPLE, MakerGrant},
    error::ApiError,
    extract::{Body, Json},
    invited::Invitations,
    language::Language,
    noted, noun,
    tenancy::Tenancy,
};

/// Looks a list through and says what is wrong with which line. Nothing is sent. Cells are address, rights (`view`, `submit`, `edit`,
/// `administer`, or what all have whom the app names), language (`en`, `de`), in any order where the first line names them.
#[utoipa::path(post, path = "/api/apps/{app}/invitations/check", tag = "invitations", operation_id = "check_list_of_app",
    params(("app" = String, Path)), request_body(content = noun::File, content_type = "text/csv"),
    responses((status = 200, body = Preview)))]
pub(super) async fn check(
    State(tenancy): State<Tenancy>,
    MakerGrant { app, .. }: MakerGrant,
    Body(body): Body,
) -> Result<Json<Preview>, ApiError> {
    Ok(Json(Preview::of(look_through(&tenancy, &app, body).await?, Vec::new())))
}

/// Names everybody on a list whose line is good in the app, and invites them; mails go out in their turn.
#[utoipa::path(post, path = "/api/apps/{app}/invitations/jobs", tag = "invitations", operation_id = "begin_list_of_app",
    params(("app" = String, Path)), request_body(content = noun::File, content_type = "text/csv"),
    responses((status = 201, body = JobCard)))]
pub(super) async fn begin(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    Body(body): Body,
) -> Result<(StatusCode, Json<JobCard>), ApiError> {
    if !person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    if app.audience == Audience::Prototype {
        return Err(ApiError::InvalidRequest("audience".to_owned()));
    }
    let lines = look_through(&tenancy, &app, body).await?.good;
    if lines.is_empty() {
        return Err(ApiError::InvalidRequest("lines".to_owned()));
    }
    let mut levels: BTreeMap<String, u64> = BTreeMap::new();
    for line in &lines {
        let given = serde_json::to_value(line.level).map_err(ApiError::internal)?;
        *levels.entry(given.as_str().unwrap_or("usual").to_owned()).or_default() += 1;
    }
    noted::fact("after", json!({"invited": levels, "app": app.id}));
    let (id, by) = (app.id, person.id);
    let named: Vec<_> = lines.iter().map(|line| (line.guest.address.to_string(), line.level)).collect();
    tenancy
        .write(move |work| {
            let before: BTreeSet<String> = work.people(id)?.into_iter().collect();
            for (address, level) in named.iter().filter(|(address, _)| !before.contains(address)) {
                match level {
                    Some(level) => {
                        let grant = Grant { level: *level, ..Grant::default() };
                        work.put_grant(id, &Subject::Person(address.clone()), &grant, by, time.clock())?;
                    }
                    None => drop(work.name_person(id, address, time.clock())?),
                }
            }
            if work.people(id)?.len() > MOST_PEOPLE {
                return Err(ApiError::TooManyPeople(MOST_PEOPLE));
            }
            Ok(())
        })
        .await?;
    let guests = lines.into_iter().map(|line| line.guest).collect();
    let job = invitations.invite_all(&person, Some(id), guests, language).await?;
    noted::about(job.to_string());
    Ok((StatusCode::CREATED, Json(invitations.job(job).await?.into())))
}

/// The lists of people who were invited into the app at once, the newest first, and how far each is.
#[utoipa::path(get, path = "/api/apps/{app}/invitations/jobs", tag = "invitations", operation_id = "lists_of_app",
    params(("app" = String, Path)), responses((status = 200, body = Vec<JobCard>)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    MakerGrant { app, .. }: MakerGrant,
) -> Result<Json<Vec<JobCard>>, ApiError> {
    let jobs = invitations.jobs(Some(app.id), MOST_JOBS).await?;
    Ok(Json(jobs.into_iter().map(JobCard::from).collect()))
}

/// A list as it is read against whom the app names: nothing else is told to its makers.
async fn look_through(tenancy: &Tenancy, app: &App, body: Bytes) -> Result<Guests, ApiError> {
    let id = app.id;
    let there = tenancy.read(move |reader| Ok(reader.people(id)?)).await?;
    let place = Place::App { room: MOST_PEOPLE.saturating_sub(there.len()) };
    checked(body, Known { there, invited: Vec::new(), place }).await
}
