//! `POST /api/oauth/question` and `POST /api/oauth/answer`: what our page at `/oauth/authorize` asks the person, and what
//! they said.

use axum::extract::State;
use gridkeep_store::{Consent, NewCode};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asker, Wish},
    client::OWN,
    form::Parameters,
    issuer::Issuer,
};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    extract::Json,
    secret::Token,
    session::{InBrowser, Logins, OwnSession},
    site::Site,
};

/// How long a code can be redeemed.
const LIFE: SignedDuration = SignedDuration::from_secs(60);
/// What somebody proved on this very page is as old as it takes them to say yes.
const ON_THE_WAY: SignedDuration = SignedDuration::from_mins(1);
/// How long it is known afterwards that it was.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(15);

/// The parameters a program sent the person with, by name and in order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    parameters: Vec<(String, String)>,
}

/// The same, and what the person said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    parameters: Vec<(String, String)>,
    allow: bool,
}

/// What to ask the person, or where to send them at once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProgramQuestion {
    /// What the program is called.
    name: String,
    /// It is Gridkeep's own.
    own: bool,
    /// It wants to change rows, too.
    writes: bool,
    /// The answer stays on the person's own machine.
    here: bool,
    /// Where the answer goes: a host, or the program's own scheme.
    place: String,
    /// The request itself is wrong: the program is told so here, and nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgramAnswer {
    location: String,
}

/// Who asks for what. A program that is not known, or another's address, is a 400 that sends nobody anywhere.
#[utoipa::path(post, path = "/api/oauth/question", tag = "programs", request_body = Question,
    responses((status = 200, body = ProgramQuestion)))]
pub(super) async fn ask(
    State(logins): State<Logins>,
    State(site): State<Site>,
    issuer: Issuer,
    Json(Question { parameters }): Json<Question>,
) -> Result<Json<ProgramQuestion>, ApiError> {
    let parameters = Parameters::new(parameters).ok_or(ApiError::UnknownProgram)?;
    let asker = Asker::find(&parameters, &logins).await?;
    let wish = asker.wish(&parameters, &site);
    let (scheme, rest) = asker.redirect.split_once(':').unwrap_or_default();
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    let here = scheme == "http";
    Ok(Json(ProgramQuestion {
        own: asker.program.id == OWN,
        writes: wish.as_ref().is_ok_and(|wish| wish.scope != crate::session::READ),
        here,
        place: host.filter(|_| scheme == "https").unwrap_or(scheme).to_owned(),
        location: wish.err().map(|error| asker.answer(&issuer, "error", error)),
        name: asker.program.name,
    }))
}

/// Lets the program in, or not: says where it hears of it. Where it wants the person to have proven lately who they are (`max_age`, or
/// `acr_values=checkpoint`), they do that first: `proofRequired`.
#[utoipa::path(post, path = "/api/oauth/answer", tag = "programs", request_body = Answer,
    responses((status = 200, body = ProgramAnswer)))]
pub(super) async fn answer(
    State(logins): State<Logins>,
    State(site): State<Site>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    issuer: Issuer,
    InBrowser(OwnSession { session, .. }): InBrowser,
    Json(Answer { parameters, allow }): Json<Answer>,
) -> Result<Json<ProgramAnswer>, ApiError> {
    let parameters = Parameters::new(parameters).ok_or(ApiError::UnknownProgram)?;
    let asker = Asker::find(&parameters, &logins).await?;
    let Wish { scope, challenge, proof, max_age } = match asker.wish(&parameters, &site) {
        Ok(wish) => wish,
        Err(error) => return Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "error", error) })),
    };
    if !allow {
        return Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "error", "access_denied") }));
    }
    if let Some(age) = max_age {
        let age = SignedDuration::from_secs(age.into()).max(ON_THE_WAY);
        if time.now().duration_since(session.authenticated) > age {
            return Err(ApiError::ProofRequired);
        }
    }
    let code = Token::new(&chance);
    let consent = Consent {
        tenant: logins.tenant(),
        program: asker.program.id.clone(),
        name: asker.program.name.clone(),
        scope: scope.to_owned(),
        proof,
    };
    let new = NewCode {
        code: code.hash().0,
        session: session.id,
        consent,
        redirect: asker.redirect.clone(),
        challenge: challenge.hash(),
        expires: time.after(LIFE),
        forgotten: time.after(REMEMBERED),
    };
    logins.keep_code(new).await?;
    Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "code", code.expose()) }))
}
