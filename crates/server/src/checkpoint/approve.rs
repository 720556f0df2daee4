//! `POST /api/checkpoints/challenges/{challenge}/approve`: somebody proves that they are there, for this very content.
//!
//! **Architecture Invariant:** a try is counted before it is looked at, in a commit of its own; what was approved is done in the
//! commit that uses the approval up. One that is turned away before (solve this puzzle first, come back later) was not looked at and is
//! none of the challenge's: what turns it away counts by itself.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_model::{
    AccountId, ChallengeId, Outcome,
    checkpoint::{CommentRule, Method, plain},
};
use gridkeep_store::{MailPurpose, PendingState};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json_;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::{Checkpoints, challenge::Found};
use crate::{
    defence::{Attempt, Visitor},
    distribution::AppGrant,
    error::ApiError,
    extract::{Json, Path},
    gates::{Approval, Deed, Log, MOST_TRIES, MOST_TRIES_WAITING, answered, hex},
    language::Language,
    noun,
    session::{InBrowser, OwnSession, Person, Reserved},
};

/// How long an approved request may be repeated.
const REPEATED: SignedDuration = SignedDuration::from_secs(120);
/// Characters of a comment.
const LONGEST: usize = 2_000;

/// What somebody proves, and says to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewApproval {
    /// The hash of what was shown.
    content_hash: String,
    /// The user name, where it is to be typed.
    username: Option<String>,
    comment: Option<String>,
    /// The account's password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// The account's PIN.
    #[schema(value_type = Option<String>, format = Password)]
    pin: Option<SecretString>,
    /// What the browser gave for the options of `.../passkey`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Json_>,
    /// They came back from `.../company`.
    #[serde(default)]
    company: bool,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Approved {
    /// `done`, or `approved` where the request is to be repeated with the header `Checkpoint`.
    state: &'static str,
    /// What came of the transaction, for whoever began it.
    #[schema(value_type = Option<noun::Outcome>)]
    outcome: Option<Outcome>,
    /// Until when the request can be repeated.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A proof of one kind.
enum Proof {
    Password(SecretString),
    Pin(SecretString),
    Passkey(Json_),
    Company,
}

/// What was proven, as the log says it.
#[derive(Default)]
struct Proven {
    /// RFC 8176, with blanks between.
    amr: String,
    acr: Option<String>,
    /// When, where somebody else says so.
    authenticated: Option<Timestamp>,
}

/// Approves what a challenge is about. A proof that is not right costs one of its few tries (`checkpointDenied`, with
/// `triesLeft`). Where the content has changed meanwhile nothing is done, and the answer is a new challenge.
#[utoipa::path(post, path = "/api/checkpoints/challenges/{challenge}/approve", tag = "checkpoint",
    params(("challenge" = String, Path)), request_body = NewApproval,
    responses((status = 200, body = Approved), (status = 409, body = Approved, description = "It was refused.")))]
pub(super) async fn approve(
    checkpoints: Checkpoints,
    person: Person,
    InBrowser(own): InBrowser,
    visitor: Visitor,
    language: Language,
    Path(id): Path<ChallengeId>,
    Json(request): Json<NewApproval>,
) -> Result<Response, ApiError> {
    let own = OwnSession { person, ..own };
    let found = checkpoints.find(id, &own).await?;
    let now = checkpoints.time().now();
    if found.is_over(now) || request.content_hash != hex(&found.pending.hash) {
        return Err(ApiError::CheckpointOver);
    }
    let is_own = found.pending.account == own.person.id;
    if is_own && (found.settings.four_eyes || found.kept.content.settings.four_eyes) {
        // Somebody else is to look at it.
        return Err(ApiError::Forbidden);
    }
    let comment = comment(&found, request.comment.as_deref())?;
    let (method, proof) = match (request.password, request.pin, request.passkey, request.company) {
        (Some(password), None, None, false) => (Method::Password, Proof::Password(password)),
        (None, Some(pin), None, false) => (Method::Pin, Proof::Pin(pin)),
        (None, None, Some(passkey), false) => (Method::Passkey, Proof::Passkey(passkey)),
        (None, None, None, true) => (Method::Company, Proof::Company),
        _ => return Err(ApiError::InvalidRequest("body: one of password, pin, passkey, company".to_owned())),
    };
    let rule = found.kept.content.rule();
    if !rule.methods.contains(&method) {
        return Err(ApiError::InvalidRequest("body: a method that the gate does not take".to_owned()));
    }
    // A PIN that holds no longer says so itself.
    let offered = if method == Method::Pin {
        checkpoints.may_type(&own).await?
    } else {
        checkpoints.ways(&own).await?.contains(&method)
    };
    if !offered {
        // Before anything is counted: no session uses up tries of what is not its own.
        return Err(ApiError::InvalidRequest("body: a method that is not yours here".to_owned()));
    }
    let most = if found.pending.state == PendingState::Waiting { MOST_TRIES_WAITING } else { MOST_TRIES };
    let retyped = rule.retype_username || found.settings.retype_username;
    if method == Method::Pin {
        checkpoints.pin_waits(&own).await?;
    }
    // Where so many are hashed that none would be looked at, none is counted either.
    let place = match method {
        Method::Password | Method::Pin => Some(checkpoints.passwords().reserve()?),
        Method::Passkey | Method::Company => None,
    };
    // A password is guessed here as slowly as it is to sign in, and so is a name.
    let guessed = retyped || method == Method::Password;
    let attempt = if guessed { Some(checkpoints.attempt(&own, &visitor).await?) } else { None };
    let counted = checkpoints.tenancy().change(move |work| Ok(work.try_pending(id, most, now)?));
    if !counted.await? {
        if let Some(attempt) = attempt {
            attempt.never_was().await?;
        }
        return Err(ApiError::CheckpointOver);
    }
    let left = most.saturating_sub(found.pending.tries + 1);
    if retyped && !is_name(request.username.as_deref().unwrap_or_default(), own.person.email.as_str()) {
        checkpoints.deny(&found, &own, (Some(method), "user name"), left, &visitor).await?;
        return Err(if left == 0 { ApiError::CheckpointDenied(0) } else { ApiError::WrongUsername });
    }
    let proven =
        checkpoints.proven((&found, &own), (proof, comment.as_deref()), (attempt, place), language).await;
    let proven = match proven {
        Ok(Some(proven)) => proven,
        Ok(None) => {
            checkpoints.deny(&found, &own, (Some(method), "proof"), left, &visitor).await?;
            return Err(ApiError::CheckpointDenied(left));
        }
        Err(error @ (ApiError::PinDisabled | ApiError::TooManyTries(_))) => {
            checkpoints.deny(&found, &own, (Some(method), error.code()), left, &visitor).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let approval = Approval {
        approver: own.person.id,
        address: own.person.email.to_string(),
        session: own.session.id,
        method,
        acr: proven.acr,
        amr: proven.amr,
        authenticated: proven.authenticated,
        comment,
        network: visitor.visit.address.map(|address| address.to_string()),
        device: visitor.visit.agent.clone(),
        at: checkpoints.time().now(),
    };
    let transaction = matches!(found.kept.content.deed, Deed::Transaction { .. });
    if transaction && (!found.kept.repeats || found.pending.state == PendingState::Waiting) {
        return checkpoints.execute(found, approval, &own).await;
    }
    // Whoever began what waits need not be there: they have as long again as it might wait.
    let waited = found.pending.state == PendingState::Waiting;
    let hours = found.kept.content.settings.wait_hours;
    let lasts = if waited { SignedDuration::from_hours(hours.into()) } else { REPEATED };
    let until = checkpoints.time().after(lasts);
    let said = serde_json::to_string(&approval).map_err(ApiError::internal)?;
    let (pending, kept) = (found.pending.clone(), found.kept.clone());
    let (chance, visit) = (checkpoints.gates().chance().clone(), visitor.visit.clone());
    let approved = move |work: &mut gridkeep_store::RowWork<'_>| {
        if !work.approve_pending(id, &said, now, until)? {
            return Ok(None);
        }
        let first = approval.answers(work, &pending)?;
        // Whether it is used or not.
        let log = Log { pending: &pending, kept: &kept, chance: &chance, now };
        let by = (approval.approver, approval.address.as_str());
        log.noted(work, "checkpoint.approved", by, (Some(approval.method), "approved"), &visit)?;
        Ok(Some(first))
    };
    let first = checkpoints.tenancy().change(approved).await?.ok_or(ApiError::CheckpointOver)?;
    checkpoints.tell_answer(first, found.pending.account, found.kept.language).await;
    Ok(Json(Approved { state: "approved", outcome: None, expires_at: Some(until) }).into_response())
}

impl Checkpoints {
    /// Looks at a proof; `None` when it is not right.
    async fn proven(
        &self,
        (found, own): (&Found, &OwnSession),
        (proof, comment): (Proof, Option<&str>),
        (attempt, place): (Option<Attempt>, Option<Reserved>),
        language: Language,
    ) -> Result<Option<Proven>, ApiError> {
        let attempt = match (&proof, attempt) {
            // The name was right, and no password is tried.
            (Proof::Pin(_) | Proof::Passkey(_) | Proof::Company, Some(attempt)) => {
                attempt.never_was().await?;
                None
            }
            (_, attempt) => attempt,
        };
        let (right, amr) = match proof {
            Proof::Password(password) => (self.password(own, password, (attempt, place)).await?, "pwd"),
            Proof::Pin(pin) => (self.pin(own, (pin, place), language).await?, "pin"),
            Proof::Passkey(json) => {
                let content = super::passkey::content(found, own, comment);
                (self.passkey(own, json, content, found.pending.expires).await?, "hwk")
            }
            Proof::Company => {
                let shown = self.shown_there(found, own, comment).await?;
                return Ok(shown.map(|proof| Proven {
                    amr: proof.amr.unwrap_or_default(),
                    acr: proof.acr,
                    authenticated: Some(proof.authenticated),
                }));
            }
        };
        Ok(right.then(|| Proven { amr: amr.to_owned(), ..Proven::default() }))
    }

    /// Does what was approved, in the name of whoever began it.
    async fn execute(
        &self,
        found: Found,
        approval: Approval,
        own: &OwnSession,
    ) -> Result<Response, ApiError> {
        let Found { pending, kept, other, .. } = found;
        let Some(app) = pending.app else { return Err(ApiError::NotFound) };
        let person = if pending.account == own.person.id {
            own.person.clone()
        } else {
            // What they may do now counts, not what they might when they began it.
            self.logins().person(pending.account).await?.ok_or(ApiError::CheckpointOver)?
        };
        let presence = pending.session.map_or_else(Default::default, |session| {
            if kept.program {
                crate::session::Presence::Program(session)
            } else {
                crate::session::Presence::Browser(session)
            }
        });
        let grant = AppGrant::decide(self.definitions(), app, Some(person)).await;
        let grant = AppGrant { presence, ..grant.map_err(|_| ApiError::CheckpointOver)? };
        let outcome = self.executor().commit(&grant, (pending.id, &kept), approval, other).await?;
        let done = matches!(outcome, Outcome::Applied { .. });
        let shown = (pending.account == own.person.id || !done).then_some(outcome);
        let status = if done { StatusCode::OK } else { StatusCode::CONFLICT };
        let state = if done { "done" } else { "failed" };
        Ok((status, Json(Approved { state, outcome: shown, expires_at: None })).into_response())
    }

    /// Tells whoever began something by mail, in their language, that others answered, where that is the first they are told. It is no
    /// part of the answer: they find it in the list, too.
    pub(super) async fn tell_answer(&self, first: bool, account: AccountId, language: Language) {
        if !first {
            return;
        }
        let told = async {
            let Some(person) = self.logins().person(account).await? else { return Ok(()) };
            self.gates().announce(MailPurpose::ApprovalAnswered, &person, language).await
        };
        if let Err::<(), ApiError>(error) = told.await {
            tracing::warn!(error.code = error.code(), "nobody was told of an answer");
        }
    }

    /// Writes down a try that was not right; after the last one the challenge is over, and whoever began it is told, unless somebody
    /// else has answered meanwhile.
    async fn deny(
        &self,
        found: &Found,
        own: &OwnSession,
        (method, why): (Option<Method>, &'static str),
        left: u64,
        visitor: &Visitor,
    ) -> Result<(), ApiError> {
        let (account, language) = (found.pending.account, found.kept.language);
        let (pending, kept) = (found.pending.clone(), found.kept.clone());
        let (own, visit) = (own.person.clone(), visitor.visit.clone());
        let (chance, now) = (self.gates().chance().clone(), self.time().now());
        let deny = move |work: &mut gridkeep_store::RowWork<'_>| {
            let by = (own.id, own.email.as_str());
            let ended =
                left == 0 && work.turn_pending(pending.id, pending.state, PendingState::Failed, now)?;
            let first = ended && answered(work, &pending, by, None, now)?;
            let log = Log { pending: &pending, kept: &kept, chance: &chance, now };
            log.noted(work, "checkpoint.denied", by, (method, why), &visit)?;
            Ok(first)
        };
        let first = self.tenancy().change(deny).await?;
        self.tell_answer(first, account, language).await;
        Ok(())
    }
}

/// What somebody says, as it is kept.
pub(super) fn said(given: Option<&str>) -> Result<Option<String>, ApiError> {
    let given = given.map(|text| plain(text, LONGEST + 1)).filter(|text| !text.is_empty());
    if given.as_deref().is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(ApiError::InvalidRequest("comment: at most 2000 characters".to_owned()));
    }
    Ok(given)
}

/// The comment as it is kept, by the gate's rule.
pub(super) fn comment(found: &Found, given: Option<&str>) -> Result<Option<String>, ApiError> {
    let wrong = |what: &str| Err(ApiError::InvalidRequest(format!("comment: {what}")));
    let given = said(given)?;
    let mut rule = found.kept.content.rule().comment;
    if found.settings.comments_required {
        rule = CommentRule::Required;
    }
    match (given, rule) {
        (Some(_), CommentRule::None) => wrong("none is taken"),
        (None, CommentRule::Required) => wrong("is required"),
        (given, _) => Ok(given),
    }
}

/// Whether this is the name somebody is signed in with, in whatever case and form it is typed.
fn is_name(typed: &str, own: &str) -> bool {
    let folded = |text: &str| text.trim().nfkc().collect::<String>().to_lowercase();
    let (typed, own) = (folded(typed), folded(own));
    aws_lc_rs::constant_time::verify_slices_are_equal(typed.as_bytes(), own.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_typed_as_people_type_them() {
        let check =
            |typed: &str, expect: bool| assert_eq!(is_name(typed, "ann@example.com"), expect, "{typed}");
        check(" Ann@Example.com", true);
        check("ａｎｎ@example.com", true);
        check("bob@example.com", false);
        check("", false);
    }
}
