//! The server's own operations at a gate: the export of all data, an erasure, a change of gates, PINs or identity providers.
//!
//! **Architecture Invariant:** there is one door for all of them. What was approved is compared with what is asked for, lets it
//! through once, and stands in the log before it is done.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{
        header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING},
        request::Parts,
    },
};
use gridkeep_model::{AccountId, ChallengeId, checkpoint::plain};
use gridkeep_store::{MOST_WAITING, Pending, PendingState, RowWork};
use jiff::{SignedDuration, tz::Offset};
use serde_json::{Value as Json, json};

use super::{
    Active, Approval, Content, Deed, Entitled, Gates, Kept, Log, Passed,
    approval::proofs,
    content::{challenge, hashed, hex, keep},
};
use crate::{
    error::{ApiError, RequestView},
    http::is_own_page,
    language::Language,
    session::{Logins, Person, Presence},
    site::Site,
};

/// Gates of the server's own operations.
pub(crate) const BUILT_IN: [&str; 5] =
    ["CHECKPOINT_CONFIG", "ERASURE", "EXPORT_ALL", "PIN_CHANGE", "PROVIDER_CONFIG"];
/// Characters of what is said in place of a gate's own message.
const LONGEST: usize = 2_000;

/// How a request is there, and what it says was approved: for operations of the server's own.
pub(crate) struct AtGate {
    pub(super) gates: Gates,
    logins: Logins,
    presence: Presence,
    approved: Vec<ChallengeId>,
    /// Whether a challenge may be kept for it. A page of another origin can have a browser follow an address, and what it makes there takes
    /// the place of what somebody is about to approve.
    may_ask: bool,
    /// The request, where it has nothing but its address.
    request: Option<RequestView>,
    language: Language,
}

/// A request without a body: all of it is in its address, which whoever began it may send again from anywhere.
fn bodiless(parts: &Parts) -> Option<RequestView> {
    let has_body = parts.headers.contains_key(CONTENT_TYPE)
        || parts.headers.contains_key(TRANSFER_ENCODING)
        || parts.headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    let path = parts.uri.path_and_query()?.as_str();
    let view = RequestView { method: parts.method.to_string(), path: path.to_owned() };
    (!has_body && path.len() <= LONGEST).then_some(view)
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
        let may_ask = !matches!(presence, Presence::Browser(_)) || is_own_page(&parts.headers);
        let logins = Logins::from_ref(state);
        Ok(Self {
            gates: Gates::from_ref(state),
            logins,
            presence,
            approved: proofs(&parts.headers)?,
            may_ask,
            request: bodiless(parts),
            language: Language::of(&parts.headers),
        })
    }
}

/// An operation as it comes to the gates.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// As the log has it; also the gate that asks, where it is one of [`BUILT_IN`].
    name: &'static str,
    /// What people read of it where it has no gate of its own.
    title: Option<String>,
    /// What its gate's message shows as `&EVENT`.
    about: String,
    /// All that it would do: compared when it is asked for again, and in the log. Nothing that is somebody's.
    what: Json,
    /// Who may approve it for somebody else.
    needs: Entitled,
    /// The hash of what is compared and is not to be in the log: secrets, addresses of people.
    bound: Option<[u8; 32]>,
    /// Gates of apps that ask too, and what they say: their own messages are about rows.
    also: Vec<(String, String)>,
    /// Whom it is about: its words name them.
    subject: Option<AccountId>,
}

impl Operation {
    /// One that the gate of its name asks about.
    pub(crate) fn new(name: &'static str, about: impl Into<String>, what: Json) -> Self {
        Self {
            name,
            title: None,
            about: about.into(),
            what,
            needs: Entitled::default(),
            bound: None,
            also: Vec::new(),
            subject: None,
        }
    }

    /// With whom it is about: what the log says of it in clear is theirs, and is erased with them.
    pub(crate) fn subject(self, account: AccountId) -> Self {
        Self { subject: Some(account), ..self }
    }

    /// What people read of it, where its name is no gate's.
    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// One that only these may do, and approve.
    pub(crate) fn needs(self, needs: Entitled) -> Self {
        Self { needs, ..self }
    }

    /// With what is compared when it is asked for again and is not to be in the log.
    pub(crate) fn bound(self, to: &Json) -> Result<Self, ApiError> {
        Ok(Self { bound: Some(hashed(b"gridkeep-bound-1\0", to)?), ..self })
    }

    /// By which the same is known again: what a program began and what its person began stay apart, since neither carries on what
    /// the other began.
    fn request(&self, presence: Presence) -> Result<[u8; 32], ApiError> {
        let Self { name, what, bound, .. } = self;
        let domain: &[u8] = match presence {
            Presence::Program(_) => b"gridkeep-program-operation-1\0",
            Presence::Browser(_) | Presence::Absent => b"gridkeep-operation-1\0",
        };
        hashed(domain, &json!([name, what, bound.map(|bound| hex(&bound))]))
    }

    /// With gates of apps that ask too, by their ids, and what they say.
    pub(crate) fn also(self, also: Vec<(String, String)>) -> Self {
        Self { also, ..self }
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
        self.let_through(person, Operation::new(name, about, what)).await
    }

    /// The same for one that several gates ask about: one proof is for all of them.
    pub(crate) async fn let_through(
        &self,
        person: impl Into<Option<&Person>>,
        operation: Operation,
    ) -> Result<(), ApiError> {
        let asking = Arc::new(Asking {
            gates: self.gates.clone(),
            presence: self.presence,
            approved: self.approved.clone(),
            may_ask: self.may_ask,
            sent: self.request.clone(),
            language: self.language,
            person: person.into().cloned(),
            operation,
        });
        let mut fit = BTreeMap::new();
        loop {
            let (asks, known) = (Arc::clone(&asking), fit.clone());
            match self.gates.tenancy().change(move |work| asks.ask(work, &known)).await? {
                Answer::Through => return Ok(()),
                Answer::Asked(challenge) => return Err(*challenge),
                // One more each time: what is known is not asked for again.
                Answer::Approver(id, approver) => {
                    let approver = self.logins.person(approver).await?;
                    fit.insert(id, approver.is_some_and(|by| asking.operation.needs.is(&by)));
                }
            }
        }
    }
}

/// Of what others approved, whether whoever did may approve it as they are now.
type Fit = BTreeMap<ChallengeId, bool>;

/// What becomes of an operation.
enum Answer {
    /// It is let through.
    Through,
    /// It is to be approved.
    Asked(Box<ApiError>),
    /// What this account approved would let it through, if they may approve it: which another database tells.
    Approver(ChallengeId, AccountId),
}

struct Asking {
    gates: Gates,
    presence: Presence,
    approved: Vec<ChallengeId>,
    may_ask: bool,
    sent: Option<RequestView>,
    language: Language,
    person: Option<Person>,
    operation: Operation,
}

impl Asking {
    /// What becomes of it. Nothing is read of it but the gates where none asks.
    fn ask(&self, work: &mut RowWork<'_>, fit: &Fit) -> Result<Answer, ApiError> {
        let active = self.gates.active(work)?;
        let Operation { name, also, .. } = &self.operation;
        if !active.gates.contains_key(*name) && !also.iter().any(|(id, _)| active.gates.contains_key(id)) {
            return Ok(Answer::Through);
        }
        let person = self.person.as_ref().ok_or(ApiError::CheckpointForbidden)?;
        let now = self.gates.time().now();
        let request = self.operation.request(self.presence)?;
        let session = self.presence.session();
        let approved = match self.presence {
            // A program that knows of no checkpoints has had its person asked anew (RFC 9470).
            Presence::Program(place) if self.approved.is_empty() => {
                work.approved_in(person.id, place, now)?
            }
            _ => self.approved.clone(),
        };
        let mut over = false;
        for id in approved {
            let own = |pending: &Pending| {
                pending.account == person.id && session.is_some() && pending.session == session
            };
            let Some(pending) = work.pending(id)?.filter(own) else { continue };
            if pending.request != request || pending.app.is_some() {
                continue;
            }
            let used = match self.uses(work, &pending, (&active, person), fit) {
                // Another that it names may do.
                Err(ApiError::CheckpointOver) => {
                    over = true;
                    None
                }
                used => used?,
            };
            if let Some(answer) = used {
                return Ok(answer);
            }
        }
        if over {
            return Err(ApiError::CheckpointOver);
        }
        if session.is_none() || !self.may_ask {
            return Err(ApiError::CheckpointForbidden);
        }
        if let Presence::Browser(_) = self.presence
            && let Some(known) = work.approved_alike(person.id, &request, now)?
            && !Kept::of(&known)?.program
            && let Some(answer) = self.uses(work, &known, (&active, person), fit)?
        {
            return Ok(answer);
        }
        let content = self.content(&active, person, now);
        let rule = content.provable()?;
        let waits = content.settings.four_eyes;
        if waits {
            if let Some(known) = work.pending_alike(person.id, &request, now)? {
                let kept = Kept::of(&known)?;
                if kept.content.still(&self.content(&active, person, known.created)) {
                    return self.asked(&known, &kept);
                }
                work.turn_pending(known.id, PendingState::Waiting, PendingState::Cancelled, now)?;
            }
            if work.count_waiting(person.id, now)? >= MOST_WAITING {
                return Err(ApiError::TooManyWaiting);
            }
        }
        let lifetime = if waits {
            SignedDuration::from_hours(content.settings.wait_hours.into())
        } else {
            SignedDuration::from_secs(rule.ttl_seconds.into())
        };
        let nonce = self.gates.chance().bytes();
        let hash = content.hash(&nonce)?;
        let kept = Kept {
            subject: self.operation.subject,
            content,
            about: Vec::new(),
            repeats: true,
            program: matches!(self.presence, Presence::Program(_)),
            app: None,
            action: self.operation.title.clone().unwrap_or_else(|| (*name).to_owned()),
            user: person.email.to_string(),
            request: self.sent.clone(),
            language: self.language,
        };
        let pending = Pending {
            id: self.gates.new_id(),
            account: person.id,
            session,
            app: None,
            state: if waits { PendingState::Waiting } else { PendingState::Open },
            content: Some(serde_json::to_string(&kept).map_err(ApiError::internal)?),
            hash,
            request,
            nonce,
            tries: 0,
            created: now,
            expires: self.gates.time().after(lifetime),
            approval: None,
            summary: waits.then(|| kept.summary()).transpose()?,
            verdict: None,
        };
        keep(work, &pending)?;
        self.asked(&pending, &kept)
    }

    /// Takes what was approved, so that nobody else takes it; `None` where it lets this through no more.
    fn uses(
        &self,
        work: &mut RowWork<'_>,
        pending: &Pending,
        (active, person): (&Active, &Person),
        fit: &Fit,
    ) -> Result<Option<Answer>, ApiError> {
        let (id, now) = (pending.id, self.gates.time().now());
        let fits = fit.get(&id).copied();
        if fits == Some(false) {
            work.turn_pending(id, PendingState::Approved, PendingState::Failed, now)?;
            return Ok(None);
        }
        let approval = pending.approval.as_deref().filter(|_| pending.state == PendingState::Approved);
        let approval = approval.ok_or(ApiError::CheckpointOver)?;
        let approval: Approval = serde_json::from_str(approval).map_err(ApiError::internal)?;
        if fits.is_none() && approval.approver != pending.account {
            return Ok(Some(Answer::Approver(id, approval.approver)));
        }
        if !work.turn_pending(id, PendingState::Approved, PendingState::Done, now)? {
            return Err(ApiError::CheckpointOver);
        }
        let kept = Kept::of(pending)?;
        if kept.content.still(&self.content(active, person, pending.created)) {
            let log = Log { pending, kept: &kept, chance: self.gates.chance(), now };
            log.passed(work, &approval, None)?;
            return Ok(Some(Answer::Through));
        }
        work.turn_pending(id, PendingState::Done, PendingState::Failed, now)?;
        Ok(None)
    }

    fn asked(&self, pending: &Pending, kept: &Kept) -> Result<Answer, ApiError> {
        let link = self.gates.link(pending.id);
        let shown = Box::new(challenge((pending, kept), true, self.gates.time().now(), link)?);
        Ok(Answer::Asked(Box::new(match pending.state {
            PendingState::Waiting => ApiError::CheckpointWaiting(shown),
            _ => ApiError::CheckpointRequired(shown),
        })))
    }

    fn content(&self, active: &Active, person: &Person, at: jiff::Timestamp) -> Content {
        let Operation { name, about, what, also, .. } = &self.operation;
        let moment = Offset::UTC.to_datetime(at);
        let values = [
            ("ACTION", (*name).to_owned()),
            ("EVENT", about.clone()),
            ("USER", person.email.to_string()),
            ("DATE", moment.date().to_string()),
            ("TIME", format!("{:02}:{:02} UTC", moment.hour(), moment.minute())),
            ("COUNT", "1".to_owned()),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value)).into();
        let own = active.gates.get(*name);
        let own = own.map(|(gate, template)| Passed {
            gate: gate.clone(),
            message: template.render(&values),
            withheld: None,
        });
        let others = also.iter().filter_map(|(id, message)| {
            let (gate, _) = active.gates.get(id)?;
            Some(Passed { gate: gate.clone(), message: plain(message, LONGEST), withheld: None })
        });
        let gates: Vec<Passed> = own.into_iter().chain(others).collect();
        Content {
            tenant: self.gates.tenancy().id(),
            account: person.id,
            deed: Deed::Operation {
                name: (*name).to_owned(),
                what: what.clone(),
                needs: self.operation.needs,
            },
            gates,
            settings: active.settings.clone(),
        }
    }
}
