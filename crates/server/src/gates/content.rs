//! What somebody approves: all that is to be done and all that they were shown, as one value with one hash.
//!
//! **Architecture Invariant:** the hash covers tenant, person, app and its version, operations, the rows as they will be with the
//! versions they were, the gates with their rules, and the words. What is done afterwards is what is kept here, not what is sent.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use aws_lc_rs::digest::{Context, SHA256};
use gridkeep_engine::apply::Changes;
use gridkeep_model::{
    AccountId, AppDefinition, AppId, Operation, RowChange, RowId, TenantId, Transaction, Value,
    canonical::canonical,
    checkpoint::{CommentRule, Gate, GateSettings, Rule},
};
use gridkeep_store::{Pending, PendingState, RowWork, TenantRole};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::{
    error::{AnswerView, ApiError, ChallengeView, GateMessage, RequestView},
    language::Language,
    session::Person,
};

/// Proofs that may be tried for what somebody present began.
pub(crate) const MOST_TRIES: u64 = 3;
/// And for what waits for days.
pub(crate) const MOST_TRIES_WAITING: u64 = 20;

/// What is approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) deed: Deed,
    pub(crate) gates: Vec<Passed>,
    pub(crate) settings: GateSettings,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Deed {
    /// A transaction of an app.
    Transaction {
        app: AppId,
        version: u32,
        transaction: Transaction,
        /// What it relies on, as the executor keeps it.
        guards: Json,
        /// Each row that it changes: the version it had, and its values then.
        rows: Vec<Json>,
    },
    /// One of the server's own operations, and what it is about.
    Operation {
        name: String,
        what: Json,
        /// Who may approve it for somebody else.
        #[serde(default, skip_serializing_if = "Entitled::is_any_administrator")]
        needs: Entitled,
    },
}

/// What somebody must be to approve an operation of the server's own: what they could not do themselves they cannot approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Entitled {
    /// The tenant's administrators, who are makers of all its apps.
    #[default]
    Administrators,
    /// Its owners.
    Owners,
    /// Administrators who run the server.
    Server,
}

impl Entitled {
    /// Whoever may rule over somebody of this role.
    pub(crate) fn over(role: TenantRole) -> Self {
        if role == TenantRole::Owner { Self::Owners } else { Self::Administrators }
    }

    /// Whether this person is.
    pub(crate) fn is(self, person: &Person) -> bool {
        person.administers()
            && match self {
                Self::Administrators => true,
                Self::Owners => person.role == Some(TenantRole::Owner),
                Self::Server => person.runs_server,
            }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    fn is_any_administrator(&self) -> bool {
        *self == Self::Administrators
    }
}

/// A gate that was come to, with its rules and its words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Passed {
    pub(crate) gate: Gate,
    pub(crate) message: String,
    /// As whoever began it reads it, where their rights keep values of it from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) withheld: Option<String>,
}

/// Values of a row that messages show: whoever approves for somebody else reads all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) table: String,
    pub(crate) row: RowId,
    pub(crate) columns: Vec<String>,
}

/// The content and what is kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) content: Content,
    /// What the messages show of rows.
    #[serde(default)]
    pub(crate) about: Vec<About>,
    /// The request is to be repeated for its answer.
    pub(crate) repeats: bool,
    /// Began by a program that acts for somebody.
    pub(crate) program: bool,
    /// The app's name.
    pub(crate) app: Option<String>,
    /// What is done, in words.
    pub(crate) action: String,
    /// The address of whoever began it.
    pub(crate) user: String,
    /// The language in which they are told what others answered.
    #[serde(default)]
    pub(crate) language: Language,
    /// Whom an operation is about: its words name them, and go with what is theirs.
    #[serde(default)]
    pub(crate) subject: Option<AccountId>,
    /// An operation's request, where it has nothing but its address.
    #[serde(default)]
    pub(crate) request: Option<RequestView>,
}

/// What whoever began something that waits is told it was, when it is over by others' doing or by time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Summary {
    app: Option<String>,
    action: String,
    gates: Vec<GateMessage>,
}

impl Content {
    /// SHA-256 of the canonical content and chance: whoever reads the hash cannot try what they may not read.
    pub(crate) fn hash(&self, nonce: &[u8; 32]) -> Result<[u8; 32], ApiError> {
        let content = serde_json::to_value(self).map_err(ApiError::internal)?;
        hashed(&[b"gridkeep-checkpoint-2\0".as_slice(), nonce].concat(), &content)
    }

    /// Whether this, which was approved, is what there would be to approve now. Of gates that were switched off meanwhile the
    /// approval stands; of those that were switched on or changed it does not.
    pub(crate) fn still(&self, now: &Self) -> bool {
        self.tenant == now.tenant
            && self.account == now.account
            && self.deed == now.deed
            && now.gates.iter().all(|gate| self.gates.contains(gate))
            && (now.gates.is_empty() || self.settings == now.settings)
    }

    /// Whether the same was asked and shown before, but for ids of rows that were made for each request.
    pub(crate) fn alike(&self, now: &Self) -> bool {
        let version = |deed: &Deed| match deed {
            Deed::Transaction { version, .. } => Some(*version),
            Deed::Operation { .. } => None,
        };
        version(&self.deed) == version(&now.deed) && self.gates == now.gates && self.settings == now.settings
    }

    /// What its gates ask together.
    pub(crate) fn rule(&self) -> Rule {
        Rule::of(self.gates.iter().map(|passed| &passed.gate), &self.settings)
    }

    /// Refuses what nobody could approve: of gates that take nothing in common.
    pub(crate) fn provable(&self) -> Result<Rule, ApiError> {
        let rule = self.rule();
        if rule.methods.is_empty() {
            let gates: BTreeSet<&str> = self.gates.iter().map(|passed| passed.gate.id.as_str()).collect();
            return Err(ApiError::CheckpointImpossible(Vec::from_iter(gates).join(", ")));
        }
        Ok(rule)
    }

    /// The gate that authenticates.
    pub(crate) fn first(&self) -> Result<&Gate, ApiError> {
        let first = self.gates.first().ok_or_else(|| ApiError::internal("a challenge without a gate"))?;
        Ok(&first.gate)
    }
}

impl Kept {
    /// What is kept of one that is not over.
    pub(crate) fn of(pending: &Pending) -> Result<Self, ApiError> {
        let content = pending.content.as_deref().ok_or(ApiError::CheckpointOver)?;
        serde_json::from_str(content).map_err(ApiError::internal)
    }

    /// What whoever began it is told it was.
    pub(crate) fn summary(&self) -> Result<String, ApiError> {
        let said = Summary { app: self.app.clone(), action: self.action.clone(), gates: self.shown_to(true) };
        serde_json::to_string(&said).map_err(ApiError::internal)
    }

    /// What its gates say to whoever began it, or to others.
    fn shown_to(&self, began: bool) -> Vec<GateMessage> {
        // Equal words are one line for whoever reads them: how many lines there are tells nothing of what is kept from them.
        let mut said = BTreeSet::new();
        let shown = self.content.gates.iter().filter_map(|Passed { gate, message, withheld }| {
            let shown = withheld.as_ref().filter(|_| began).unwrap_or(message);
            let line = GateMessage { gate: gate.id.clone(), message: shown.clone() };
            said.insert((&gate.id, shown)).then_some(line)
        });
        shown.collect()
    }
}

/// Keeps what waits; refused where whoever began it begins too much that they do not finish.
pub(crate) fn keep(work: &mut RowWork<'_>, pending: &Pending) -> Result<(), ApiError> {
    if work.put_pending(pending)? { Ok(()) } else { Err(ApiError::TooManyChallenges) }
}

/// The hash of a JSON value in its canonical form.
pub(crate) fn hashed(domain: &[u8], value: &Json) -> Result<[u8; 32], ApiError> {
    let text = canonical(value)
        .map_err(|_| ApiError::InvalidRequest("a number beyond 2^53 cannot be approved".to_owned()))?;
    let mut context = Context::new(&SHA256);
    context.update(domain);
    context.update(text.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Ok(hash)
}

/// What makes two requests the same: what is asked of which app, whatever ids new rows were given for it.
pub(crate) fn request_of(app: AppId, operations: &[Operation], guards: &Json) -> Result<[u8; 32], ApiError> {
    let new = operations.iter().filter_map(|operation| match operation {
        Operation::Insert { id, .. } => Some(id.to_string()),
        _ => None,
    });
    let new: HashMap<String, usize> = new.zip(0..).collect();
    let mut asked = serde_json::to_value((operations, guards)).map_err(ApiError::internal)?;
    renumber(&mut asked, &new);
    // As text: numbers beyond what canonical JSON knows are compared too.
    hashed(b"gridkeep-request-1\0", &json!([app.to_string(), asked.to_string()]))
}

/// Names new rows by their order.
fn renumber(value: &mut Json, new: &HashMap<String, usize>) {
    match value {
        Json::String(text) => {
            if let Some(index) = new.get(text.as_str()) {
                *value = json!({ "newRow": index });
            }
        }
        Json::Array(all) => all.iter_mut().for_each(|one| renumber(one, new)),
        Json::Object(all) => all.values_mut().for_each(|one| renumber(one, new)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The rows that operations change, as they are approved: without what the executor fills in when it is done.
pub(crate) fn rows(definition: &AppDefinition, changes: &Changes) -> Vec<Json> {
    let own = changes.rows.iter().take(changes.operations.len());
    own.map(|change| {
        let (event, table, id, version, values) = match change {
            RowChange::Insert { table, id, values } => ("insert", table, id, 0, values.as_slice()),
            RowChange::Update { table, id, base_version, values } => {
                ("update", table, id, *base_version, values.as_slice())
            }
            RowChange::Delete { table, id, base_version } => ("delete", table, id, *base_version, [].as_slice()),
        };
        let columns = definition.table(table).map(|table| table.columns.as_slice()).unwrap_or_default();
        let said = columns.iter().zip(values).filter(|(column, _)| column.filled.is_none());
        let said: Map<String, Json> = said.map(|(column, value)| (column.id.clone(), plain(value))).collect();
        json!({"event": event, "table": table, "row": id.to_string(), "version": version.to_string(), "values": said})
    })
    .collect()
}

/// A value's JSON; whole numbers that not every reader holds as text.
pub(crate) fn plain(value: &Value) -> Json {
    match value {
        Value::Integer(number) if number.unsigned_abs() > 1 << 53 => number.to_string().into(),
        value => value.to_json(),
    }
}

/// A challenge as whoever is asked reads it: whoever began it, by their rights, or somebody who may read all of it.
pub(crate) fn challenge(
    (pending, kept): (&Pending, &Kept),
    began: bool,
    now: Timestamp,
    link: String,
) -> Result<ChallengeView, ApiError> {
    let first = kept.content.first()?;
    let settings = &kept.content.settings;
    let most = if pending.state == PendingState::Waiting { MOST_TRIES_WAITING } else { MOST_TRIES };
    let rule = kept.content.rule();
    let waited = pending.state == PendingState::Waiting;
    let transaction = matches!(kept.content.deed, Deed::Transaction { .. });
    Ok(ChallengeView {
        challenge: pending.id,
        state: if !pending.state.is_end() && pending.expires <= now {
            "expired"
        } else {
            pending.state.word()
        },
        app: kept.app.clone(),
        action: kept.action.clone(),
        first_gate: first.id.clone(),
        gates: kept.shown_to(began),
        content_hash: hex(&pending.hash),
        methods: rule.methods.into_iter().collect(),
        username: (!rule.retype_username).then(|| kept.user.clone()),
        comment: rule.comment,
        four_eyes: settings.four_eyes,
        tries_left: most.saturating_sub(pending.tries),
        expires_at: pending.expires,
        now,
        link,
        executes: transaction && (!kept.repeats || waited),
        answer: answer(pending)?,
        request: kept.request.clone().filter(|_| began),
        bearer: kept.program,
    })
}

/// What somebody else said to it.
fn answer(pending: &Pending) -> Result<Option<AnswerView>, ApiError> {
    pending.verdict.as_deref().map(serde_json::from_str).transpose().map_err(ApiError::internal)
}

/// A challenge that is over, for whoever began it: what became of it, and nothing of what was asked for but the words that it waited
/// under, as long as they have not put them away.
pub(crate) fn ended(pending: &Pending, now: Timestamp, link: String) -> Result<ChallengeView, ApiError> {
    let summary = pending.summary.as_deref().map(serde_json::from_str).transpose();
    let Summary { app, action, gates } = summary.map_err(ApiError::internal)?.unwrap_or_default();
    Ok(ChallengeView {
        challenge: pending.id,
        state: if pending.state.is_end() { pending.state.word() } else { "expired" },
        app,
        action,
        first_gate: gates.first().map(|first| first.gate.clone()).unwrap_or_default(),
        gates,
        content_hash: hex(&pending.hash),
        methods: Vec::new(),
        username: None,
        comment: CommentRule::None,
        four_eyes: false,
        tries_left: 0,
        expires_at: pending.expires,
        now,
        link,
        executes: false,
        answer: answer(pending)?,
        request: None,
        bearer: false,
    })
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
