//! The server's own operations at a gate: the export of all data, an erasure, a change of gates, PINs or identity providers.
//!
//! **Architecture Invariant:** there is one door for all of them. What was approved is compared with what is asked for, lets it
//! through once, and stands in the log before it is done.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::ChallengeId;
use gridkeep_store::{MOST_WAITING, Pending, PendingState, RowWork};
use jiff::{SignedDuration, tz::Offset};
use serde_json::{Value as Json, json};

use super::{
    Active, Approval, Content, Deed, Gates, Kept, Log, Passed,
    approval::proofs,
    content::{challenge, hashed},
};
use crate::{
    error::ApiError,
    session::{Logins, Person, Presence},
    site::Site,
};

/// How a request is there, and what it says was approved: for operations of the server's own.
pub(crate) struct AtGate {
    gates: Gates,
    presence: Presence,
    approved: Vec<ChallengeId>,
}

impl<S: Send + Sync> FromRequestParts<S> for AtGate
where
    Gates: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let presence = Presence::from_request_parts(parts, state).await?;
        Ok(Self { gates: Gates::from_ref(state), presence, approved: proofs(&parts.headers)? })
    }
}

impl AtGate {
    /// Lets an operation through where no gate of its name is active, or where it was approved; otherwise answers with the
    /// challenge. `about` is what its message shows as `&EVENT`, `what` all that it would do.
    pub(crate) async fn pass(
        &self,
        person: impl Into<Option<&Person>>,
        name: &'static str,
        about: &str,
        what: Json,
    ) -> Result<(), ApiError> {
        let asking = Asking {
            gates: self.gates.clone(),
            presence: self.presence,
            approved: self.approved.clone(),
            person: person.into().cloned(),
            name,
            about: about.to_owned(),
            what,
        };
        match self.gates.tenancy().change(move |work| asking.ask(work)).await? {
            None => Ok(()),
            Some(asked) => Err(*asked),
        }
    }
}

struct Asking {
    gates: Gates,
    presence: Presence,
    approved: Vec<ChallengeId>,
    person: Option<Person>,
    name: &'static str,
    about: String,
    what: Json,
}

impl Asking {
    /// What is asked, if anything is.
    fn ask(&self, work: &mut RowWork<'_>) -> Result<Option<Box<ApiError>>, ApiError> {
        let active = self.gates.active(work)?;
        if !active.gates.contains_key(self.name) {
            return Ok(None);
        }
        let person = self.person.as_ref().ok_or(ApiError::CheckpointForbidden)?;
        let now = self.gates.time().now();
        let request = hashed(b"gridkeep-operation-1\0", &json!([self.name, self.what]))?;
        for id in &self.approved {
            let session = self.presence.session();
            let own = |pending: &Pending| {
                pending.account == person.id && session.is_some() && pending.session == session
            };
            let Some(pending) = work.pending(*id)?.filter(own) else { continue };
            if pending.request != request || pending.app.is_some() {
                continue;
            }
            if !work.turn_pending(*id, PendingState::Approved, PendingState::Done, now)? {
                return Err(ApiError::CheckpointOver);
            }
            let kept = Kept::of(&pending)?;
            let log = Log { pending: &pending, kept: &kept, chance: self.gates.chance(), now };
            let content = self.content(&active, person, pending.created)?;
            if kept.content.still(&content) {
                let approval = pending.approval.as_deref().ok_or(ApiError::CheckpointOver)?;
                let approval: Approval = serde_json::from_str(approval).map_err(ApiError::internal)?;
                log.passed(work, &approval, None)?;
                return Ok(None);
            }
            work.turn_pending(*id, PendingState::Done, PendingState::Failed, now)?;
        }
        if self.presence.session().is_none() {
            return Err(ApiError::CheckpointForbidden);
        }
        let content = self.content(&active, person, now)?;
        let waits = content.settings.four_eyes;
        if waits && work.count_waiting(person.id, now)? >= MOST_WAITING {
            return Err(ApiError::TooManyWaiting);
        }
        let lifetime = if waits {
            SignedDuration::from_hours(content.settings.wait_hours.into())
        } else {
            SignedDuration::from_secs(content.first()?.ttl_seconds.into())
        };
        let hash = content.hash()?;
        let kept = Kept {
            content,
            repeats: true,
            program: matches!(self.presence, Presence::Program(_)),
            app: None,
            action: self.name.to_owned(),
            user: person.email.to_string(),
        };
        let pending = Pending {
            id: self.gates.new_id(),
            account: person.id,
            session: self.presence.session(),
            app: None,
            state: if waits { PendingState::Waiting } else { PendingState::Open },
            content: serde_json::to_string(&kept).map_err(ApiError::internal)?,
            hash,
            request,
            nonce: self.gates.chance().bytes(),
            tries: 0,
            created: now,
            expires: self.gates.time().after(lifetime),
            approval: None,
            outcome: None,
        };
        work.put_pending(&pending)?;
        let shown = Box::new(challenge(&pending, &kept, now, self.gates.link(pending.id))?);
        Ok(Some(Box::new(if waits {
            ApiError::CheckpointWaiting(shown)
        } else {
            ApiError::CheckpointRequired(shown)
        })))
    }

    fn content(&self, active: &Active, person: &Person, at: jiff::Timestamp) -> Result<Content, ApiError> {
        let (gate, template) = active.gates.get(self.name).ok_or(ApiError::CheckpointOver)?;
        let moment = Offset::UTC.to_datetime(at);
        let values = [
            ("ACTION", self.name.to_owned()),
            ("EVENT", self.about.clone()),
            ("USER", person.email.to_string()),
            ("DATE", moment.date().to_string()),
            ("TIME", format!("{:02}:{:02} UTC", moment.hour(), moment.minute())),
            ("COUNT", "1".to_owned()),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value)).into();
        Ok(Content {
            tenant: self.gates.tenancy().id(),
            account: person.id,
            deed: Deed::Operation { name: self.name.to_owned(), what: self.what.clone() },
            gates: vec![Passed { gate: gate.clone(), message: template.render(&values) }],
            settings: active.settings.clone(),
        })
    }
}
