//! `GET /api/account/sessions`: where one is signed in.

use axum::extract::State;
use gridkeep_model::SessionId;
use gridkeep_store::{Consent, Session};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{InBrowser, Logins, OwnSession, WRITE};
use crate::{agent::Device, error::ApiError, extract::Json};

/// A place where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedInPlace)]
pub(super) struct Place {
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// This very one.
    current: bool,
    /// The program, by its name; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<String>,
    /// The system it runs on, by its name; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'static str>,
    /// The network address they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// A program that acts for one, rather than a browser: whether it may change anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    writes: Option<bool>,
    /// How they showed who they are (RFC 8176).
    methods: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    signed_in_at: Timestamp,
    /// To about a quarter of an hour.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// When it ends in any case.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

impl Place {
    fn new(session: Session, consent: Option<Consent>, current: SessionId) -> Self {
        let Device { program, system } = Device::of(session.agent.as_deref());
        let writes = consent.as_ref().map(|consent| consent.scope.split(' ').any(|word| word == WRITE));
        Self {
            id: session.id,
            current: session.id == current,
            program: consent.map(|consent| consent.name).or_else(|| program.map(str::to_owned)),
            system,
            writes,
            address: session.address,
            methods: session.methods.split(' ').map(str::to_owned).collect(),
            signed_in_at: session.created,
            seen_at: session.seen,
            ends_at: session.ends,
        }
    }
}

/// Where one is signed in, this place first, then the last used. Whoever came through a company sees what came of that only.
#[utoipa::path(get, path = "/api/account/sessions", tag = "session",
    responses((status = 200, body = Vec<Place>)))]
pub(super) async fn list(
    State(logins): State<Logins>,
    InBrowser(OwnSession { person, session }): InBrowser,
) -> Result<Json<Vec<Place>>, ApiError> {
    let mut all = logins.sessions_beside(person.id, &session).await?;
    all.sort_by_key(|(other, _)| other.id != session.id);
    Ok(Json(all.into_iter().map(|(other, consent)| Place::new(other, consent, session.id)).collect()))
}
