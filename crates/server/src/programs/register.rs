//! `GET`, `POST /api/programs` and `DELETE /api/programs/{program}`: which programs may ask people, for administrators.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::Program;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::client::is_address;
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    extract::{Json, Path},
    factors::Fresh,
    noted,
    secret::hex,
    session::{Logins, OwnSession, Person},
};

/// Longest name, in characters.
const LONGEST_NAME: usize = 80;
/// Most addresses of one program.
const MOST_ADDRESSES: usize = 10;
/// Most programs.
const MOST: usize = 200;

/// A program that may ask people to let it in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Program)]
pub(super) struct ProgramCard {
    /// What it calls itself (`client_id`).
    id: String,
    name: String,
    redirects: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Program> for ProgramCard {
    fn from(program: Program) -> Self {
        let Program { id, name, redirects, created } = program;
        Self { id, name, redirects, created_at: created }
    }
}

/// A program to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProgram {
    /// What people read, 1 to 80 characters.
    name: String,
    /// Where answers may go, 1 to 10 addresses.
    redirects: Vec<String>,
}

/// Programs are the server's, which its first tenant's policy guards: [`Person`] stands beside what is one's own alone, which does not
/// look at it. Who runs the server is asked before a fresh proof: others are not told that one is wanted.
fn administrator(person: &Person) -> Result<(), ApiError> {
    // Whoever does not run the server need not know that there is such a page.
    if person.runs_server { Ok(()) } else { Err(ApiError::NotFound) }
}

/// The programs that were registered; Gridkeep's own is not among them.
#[utoipa::path(get, path = "/api/programs", tag = "programs", responses((status = 200, body = Vec<ProgramCard>)))]
pub(super) async fn list(
    State(logins): State<Logins>,
    person: Person,
    _: OwnSession,
) -> Result<Json<Vec<ProgramCard>>, ApiError> {
    administrator(&person)?;
    Ok(Json(logins.programs().await?.into_iter().map(ProgramCard::from).collect()))
}

/// Registers a program. It gets an id and no secret.
#[utoipa::path(post, path = "/api/programs", tag = "programs", request_body = NewProgram,
    responses((status = 201, body = ProgramCard)))]
pub(super) async fn add(
    State(logins): State<Logins>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    person: Person,
    fresh: Result<Fresh, ApiError>,
    Json(NewProgram { name, redirects }): Json<NewProgram>,
) -> Result<(StatusCode, Json<ProgramCard>), ApiError> {
    administrator(&person)?;
    fresh?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    if redirects.is_empty()
        || redirects.len() > MOST_ADDRESSES
        || !redirects.iter().all(|address| is_address(address))
    {
        return Err(ApiError::InvalidRedirect);
    }
    noted::fact("after", json!({"name": name, "redirects": redirects}));
    let program = Program { id: hex(&chance.bytes::<16>()), name, redirects, created: time.now() };
    noted::about(program.id.as_str());
    if !logins.register(program.clone(), MOST).await? {
        return Err(ApiError::TooManyPrograms(MOST));
    }
    Ok((StatusCode::CREATED, Json(program.into())))
}

/// Forgets a program and ends all it was let into.
#[utoipa::path(delete, path = "/api/programs/{program}", tag = "programs", params(("program" = String, Path)),
    responses((status = 204, description = "It acts for nobody any more.")))]
pub(super) async fn remove(
    State(logins): State<Logins>,
    person: Person,
    fresh: Result<Fresh, ApiError>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    administrator(&person)?;
    fresh?;
    if let Some(Program { name, redirects, .. }) =
        logins.programs().await?.into_iter().find(|own| own.id == id)
    {
        noted::fact("before", json!({"name": name, "redirects": redirects}));
    }
    if logins.unregister(&id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
