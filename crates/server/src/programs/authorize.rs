//! `POST /api/oauth/question` and `POST /api/oauth/answer`: what our page at `/oauth/authorize` asks the person, and what
//! they said.

use axum::extract::State;
use gridkeep_model::ChallengeId;
use gridkeep_store::{Consent, NewCode};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asker, Wish},
    client::OWN,
    form::Parameters,
    issuer::Issuer,
    step_up::{Begun, Places, UNMET},
};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    extract::Json,
    secret::Token,
    session::{InBrowser, MaybePerson, OwnSession},
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
    /// The security checkpoint that it came to and cannot go on without (RFC 9470), to be looked at and approved by whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    checkpoint: Option<ChallengeId>,
    /// Whoever is signed in came to it: others, who might approve it for them, do not go on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<bool>,
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
    places: Places,
    State(site): State<Site>,
    MaybePerson(person): MaybePerson,
    issuer: Issuer,
    Json(Question { parameters }): Json<Question>,
) -> Result<Json<ProgramQuestion>, ApiError> {
    let parameters = Parameters::new(parameters).ok_or(ApiError::UnknownProgram)?;
    let asker = Asker::find(&parameters, &places.logins).await?;
    let mut wish = asker.wish(&parameters, &site);
    let mut mine = None;
    if let Ok(Wish { checkpoint: Some(id), .. }) = wish {
        match Begun::find(id, &asker, &places).await? {
            Some(begun) => mine = Some(person.is_some_and(|person| begun.is_of(person.id))),
            // Nobody is shown what another program wants approved.
            None => wish = Err(UNMET),
        }
    }
    let (scheme, rest) = asker.redirect.split_once(':').unwrap_or_default();
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    let here = scheme == "http";
    Ok(Json(ProgramQuestion {
        own: asker.program.id == OWN,
        writes: wish.as_ref().is_ok_and(|wish| wish.scope != crate::session::READ),
        here,
        mine,
        checkpoint: wish.as_ref().ok().and_then(|wish| wish.checkpoint),
        place: host.filter(|_| scheme == "https").unwrap_or(scheme).to_owned(),
        location: wish.err().map(|error| asker.answer(&issuer, "error", error)),
        name: asker.program.name,
    }))
}

/// Lets the program in, or not: says where it hears of it. Where it wants the person to have proven lately who they are (`max_age`, or
/// `acr_values=checkpoint`), they do that first: `proofRequired`. Where it names the checkpoint that it came to (`acr_values=checkpoint:ID`),
/// they approve that first, and it goes on at the place it is let into now; otherwise it hears `unmet_authentication_requirements`.
#[utoipa::path(post, path = "/api/oauth/answer", tag = "programs", request_body = Answer,
    responses((status = 200, body = ProgramAnswer)))]
pub(super) async fn answer(
    places: Places,
    State(site): State<Site>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    issuer: Issuer,
    InBrowser(OwnSession { session, .. }): InBrowser,
    Json(Answer { parameters, allow }): Json<Answer>,
) -> Result<Json<ProgramAnswer>, ApiError> {
    let parameters = Parameters::new(parameters).ok_or(ApiError::UnknownProgram)?;
    let asker = Asker::find(&parameters, &places.logins).await?;
    let Wish { scope, challenge, mut proof, max_age, checkpoint } = match asker.wish(&parameters, &site) {
        Ok(wish) => wish,
        Err(error) => return Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "error", error) })),
    };
    if !allow {
        return Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "error", "access_denied") }));
    }
    if let Some(checkpoint) = checkpoint {
        let begun = Begun::find(checkpoint, &asker, &places).await?;
        // What they proved for it is newer than whatever age is asked for beside it.
        match begun.filter(|begun| begun.is_approved_for(session.account) && begun.takes(proof.as_deref())) {
            Some(begun) => proof = begun.key.or(proof),
            None => return Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "error", UNMET) })),
        }
    } else if let Some(age) = max_age {
        let age = SignedDuration::from_secs(age.into()).max(ON_THE_WAY);
        if time.now().duration_since(session.authenticated) > age {
            return Err(ApiError::ProofRequired);
        }
    }
    let code = Token::new(&chance);
    let consent = Consent {
        tenant: places.logins.tenant(),
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
        checkpoint,
        expires: time.after(LIFE),
        forgotten: time.after(REMEMBERED),
    };
    places.logins.keep_code(new).await?;
    Ok(Json(ProgramAnswer { location: asker.answer(&issuer, "code", code.expose()) }))
}
