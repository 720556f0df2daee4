//! Transactions, and other guarded operations, that wait for somebody to prove that they are there.
//!
//! **Architecture Invariant:** a state is left once: every step is an `UPDATE` that names the state it leaves, so that of many who
//! come at once exactly one goes on. One that is over is never found open, whether it was marked so or not. Of one that was left for
//! good nothing is kept of what was asked for; of what waited and somebody else ended, or time did, whoever began it is told in a few
//! words, until they have read them.

use gridkeep_model::{AccountId, AppId, ChallengeId, SessionId};
use jiff::{SignedDuration, Timestamp};
use sea_query::Value as Bound;

use crate::{
    Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// Open challenges of one session; one more cancels the oldest.
pub const MOST_OPEN: usize = 5;
/// What may wait of one account.
pub const MOST_WAITING: u64 = 200;
/// How long it is remembered what became of one.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);
/// What may be begun within an hour in one session, or by all keys of an account, that is not done: nobody who means it gives up so
/// often.
pub const MOST_IN_VAIN: u64 = 300;
const IN_VAIN: SignedDuration = SignedDuration::from_hours(1);

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Names it.
    pub id: ChallengeId,
    /// Who began it.
    pub account: AccountId,
    /// Where; `None` where nobody was there.
    pub session: Option<SessionId>,
    /// Of which app; `None` when it is not about one.
    pub app: Option<AppId>,
    /// How far it is.
    pub state: PendingState,
    /// All that is to be done, and what the person was shown: JSON. Nothing of one that is over.
    pub content: Option<String>,
    /// SHA-256 of the canonical content.
    pub hash: [u8; 32],
    /// SHA-256 of what was asked for, by which the same request is known again.
    pub request: [u8; 32],
    /// Random: no two challenges have the same content.
    pub nonce: [u8; 32],
    /// Proofs that were tried.
    pub tries: u64,
    /// When it was begun.
    pub created: Timestamp,
    /// From then on it is over.
    pub expires: Timestamp,
    /// Who approved it and how, until it is done: JSON.
    pub approval: Option<String>,
    /// Of what waits: what whoever began it is told it was, when it is over by somebody else's doing or by time. JSON.
    pub summary: Option<String>,
    /// What somebody else said when they approved it, or turned it down: JSON.
    pub verdict: Option<String>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PendingState {
    /// Whoever began it is asked.
    Open,
    /// It came without its person.
    Waiting,
    /// It may be done, once.
    Approved,
    /// It was done.
    Done,
    /// It was not done, and will not be.
    Failed,
    /// Somebody did not want it.
    Cancelled,
}

impl PendingState {
    const ALL: [Self; 6] =
        [Self::Open, Self::Waiting, Self::Approved, Self::Done, Self::Failed, Self::Cancelled];

    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it is over for good.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

const PENDING: &str = "SELECT id, account, session, app, state, content, hash, request, nonce, tries, created, expires, \
    approval, summary, verdict FROM pending";

fn read_pending(cells: &dyn Cells) -> Result<Pending, StoreError> {
    let bytes = |index| {
        <[u8; 32]>::try_from(cells.get::<Vec<u8>>(index)?)
            .map_err(|_| StoreError::corrupt("pending transaction", "a hash of another length"))
    };
    let word = cells.get::<String>(4)?;
    let state = PendingState::ALL.into_iter().find(|state| state.word() == word);
    Ok(Pending {
        id: ChallengeId::from_uuid(cells.get(0)?),
        account: AccountId::from_uuid(cells.get(1)?),
        session: cells.maybe(2)?.map(SessionId::from_uuid),
        app: cells.maybe(3)?.map(AppId::from_uuid),
        state: state.ok_or_else(|| StoreError::corrupt("state of a pending transaction", &word))?,
        content: Some(cells.get::<String>(5)?).filter(|content| !content.is_empty()),
        hash: bytes(6)?,
        request: bytes(7)?,
        nonce: bytes(8)?,
        tries: cells.count(9)?,
        created: cells.moment(10)?,
        expires: cells.moment(11)?,
        approval: cells.maybe(12)?,
        summary: cells.maybe(13)?,
        verdict: cells.maybe(14)?,
    })
}

impl Reader<'_> {
    /// One, whatever became of it.
    pub fn pending(&mut self, id: ChallengeId) -> Result<Option<Pending>, StoreError> {
        self.link.first(&format!("{PENDING} WHERE id = $1"), &[id.uuid().into()], read_pending)
    }

    /// What somebody began that waits, for them or for others, or that others approved for them to carry on; the oldest first,
    /// from behind this one on.
    pub fn own_waiting(
        &mut self,
        account: AccountId,
        now: Timestamp,
        (after, most): (Option<ChallengeId>, u64),
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = format!(
            "{PENDING} WHERE account = $1 AND summary IS NOT NULL AND state IN ('waiting', 'approved') AND expires > $2
            AND id > $3 ORDER BY id LIMIT $4"
        );
        let after = after.map_or_else(uuid::Uuid::nil, ChallengeId::uuid);
        self.link.all(&sql, &[account.uuid().into(), millis(now), after.into(), most.into()], read_pending)
    }

    /// What this account approved of what others began and nobody has carried on: the oldest first, from behind this one on.
    pub fn given(
        &mut self,
        approver: AccountId,
        now: Timestamp,
        (after, most): (Option<ChallengeId>, u64),
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = format!(
            "{PENDING} WHERE approver = $1 AND state = 'approved' AND summary IS NOT NULL AND expires > $2
            AND id > $3 ORDER BY id LIMIT $4"
        );
        let after = after.map_or_else(uuid::Uuid::nil, ChallengeId::uuid);
        self.link.all(&sql, &[approver.uuid().into(), millis(now), after.into(), most.into()], read_pending)
    }

    /// What somebody began that waited and is over by others' doing, or by time, and that they have not put away; the newest
    /// first.
    pub fn told_ends(
        &mut self,
        account: AccountId,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = format!(
            "{PENDING} WHERE account = $1 AND summary IS NOT NULL
            AND (state IN ('done', 'failed', 'cancelled') OR expires <= $2) ORDER BY id DESC LIMIT $3"
        );
        self.link.all(&sql, &[account.uuid().into(), millis(now), most.into()], read_pending)
    }

    /// Whether somebody was answered of anything but this that they have neither put away nor carried on.
    pub fn has_answers(&mut self, account: AccountId, but: ChallengeId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM pending WHERE account = $1 AND summary IS NOT NULL AND verdict IS NOT NULL AND id <> $2
            LIMIT 1";
        Ok(self.link.first(sql, &[account.uuid().into(), but.uuid().into()], |_| Ok(()))?.is_some())
    }

    /// The one of this account that waited for the same request, and that somebody else approved.
    pub fn approved_alike(
        &mut self,
        account: AccountId,
        request: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Pending>, StoreError> {
        let sql = format!(
            "{PENDING} WHERE account = $1 AND summary IS NOT NULL AND state = 'approved' AND request = $2
            AND expires > $3 ORDER BY id LIMIT 1"
        );
        self.link.first(&sql, &[account.uuid().into(), request.to_vec().into(), millis(now)], read_pending)
    }

    /// What anybody but them began and waits for somebody, the oldest first, from behind this one on.
    pub fn others_waiting(
        &mut self,
        account: AccountId,
        now: Timestamp,
        (after, most): (Option<ChallengeId>, u64),
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = format!(
            "{PENDING} WHERE state IN ('open', 'waiting') AND id > $1 AND account <> $2 AND expires > $3
            ORDER BY id LIMIT $4"
        );
        let after = after.map_or_else(uuid::Uuid::nil, ChallengeId::uuid);
        self.link.all(&sql, &[after.into(), account.uuid().into(), millis(now), most.into()], read_pending)
    }

    /// Of which apps the next so many are that anybody but them began and that wait for somebody.
    pub fn apps_waiting(
        &mut self,
        account: AccountId,
        now: Timestamp,
        (after, most): (Option<ChallengeId>, u64),
    ) -> Result<Vec<AppId>, StoreError> {
        let sql =
            "SELECT DISTINCT app FROM (SELECT app FROM pending WHERE state IN ('open', 'waiting') AND id > $1
            AND account <> $2 AND expires > $3 ORDER BY id LIMIT $4) AS next WHERE app IS NOT NULL";
        let after = after.map_or_else(uuid::Uuid::nil, ChallengeId::uuid);
        let values = [after.into(), account.uuid().into(), millis(now), most.into()];
        self.link.all(sql, &values, |cells| Ok(AppId::from_uuid(cells.get(0)?)))
    }

    /// Whether anything is kept of what was asked for and is over, by nobody's doing.
    pub fn keeps_expired(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM pending WHERE content <> '' AND expires <= $1 LIMIT 1";
        Ok(self.link.first(sql, &[millis(now)], |_| Ok(()))?.is_some())
    }

    /// The one of this account that waits, not begun by anybody present, for the same request.
    pub fn pending_alike(
        &mut self,
        account: AccountId,
        request: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Pending>, StoreError> {
        let sql =
            format!("{PENDING} WHERE account = $1 AND state = 'waiting' AND request = $2 AND expires > $3");
        self.link.first(&sql, &[account.uuid().into(), request.to_vec().into(), millis(now)], read_pending)
    }

    /// What was approved in this session and is not done yet.
    pub fn approved_in(
        &mut self,
        account: AccountId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Vec<ChallengeId>, StoreError> {
        let sql = "SELECT id FROM pending WHERE account = $1 AND state = 'approved' AND session = $2 AND expires > $3
            ORDER BY id";
        let values = [account.uuid().into(), session.uuid().into(), millis(now)];
        self.link.all(sql, &values, |cells| Ok(ChallengeId::from_uuid(cells.get(0)?)))
    }

    /// How many of this account wait, or were approved by others and are not carried on.
    pub fn count_waiting(&mut self, account: AccountId, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM pending WHERE account = $1 AND summary IS NOT NULL
            AND state IN ('waiting', 'approved') AND expires > $2";
        let found = self.link.first(sql, &[account.uuid().into(), millis(now)], |cells| cells.count(0))?;
        Ok(found.unwrap_or(0))
    }
}

impl RowWork<'_> {
    /// Keeps one, and forgets what became of those of long ago. Where its session has as many open as it may, the oldest are
    /// cancelled. `false` when its session, or where there is none the keys of its account, began as many lately that are not
    /// done as they may: nothing is kept, and whoever is signed in elsewhere goes on.
    pub fn put_pending(&mut self, new: &Pending) -> Result<bool, StoreError> {
        let old = new.created.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.link.execute("DELETE FROM pending WHERE expires <= $1", &[millis(old)])?;
        self.forget_expired(new.created)?;
        let since = new.created.saturating_sub(IN_VAIN).unwrap_or(Timestamp::MIN);
        let sql = "SELECT count(*) FROM pending WHERE account = $1 AND created > $2 AND state <> 'done'
            AND session IS NOT DISTINCT FROM $3";
        let session = Bound::Uuid(new.session.map(SessionId::uuid));
        let values = [new.account.uuid().into(), millis(since), session];
        if self.link.first(sql, &values, |cells| cells.count(0))?.unwrap_or(0) >= MOST_IN_VAIN {
            return Ok(false);
        }
        if let Some(session) = new.session {
            let sql = "SELECT id FROM pending WHERE account = $1 AND state = 'open' AND session = $2 AND expires > $3
                ORDER BY created DESC, id DESC";
            let values = [new.account.uuid().into(), session.uuid().into(), millis(new.created)];
            let open: Vec<ChallengeId> =
                self.link.all(sql, &values, |cells| Ok(ChallengeId::from_uuid(cells.get(0)?)))?;
            for id in open.into_iter().skip(MOST_OPEN - 1) {
                self.turn_pending(id, PendingState::Open, PendingState::Cancelled, new.created)?;
            }
        }
        let sql = "INSERT INTO pending (id, account, session, app, state, content, hash, request, nonce, tries, created,
                expires, summary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let values = [
            new.id.uuid().into(),
            new.account.uuid().into(),
            Bound::Uuid(new.session.map(SessionId::uuid)),
            Bound::Uuid(new.app.map(AppId::uuid)),
            new.state.word().into(),
            new.content.clone().unwrap_or_default().into(),
            new.hash.to_vec().into(),
            new.request.to_vec().into(),
            new.nonce.to_vec().into(),
            0_i64.into(),
            millis(new.created),
            millis(new.expires),
            Bound::String(new.summary.clone()),
        ];
        self.link.execute(sql, &values)?;
        Ok(true)
    }

    /// Of those whose time is over nothing is kept of what was asked for.
    pub fn forget_expired(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE pending SET content = '', approval = NULL WHERE content <> '' AND expires <= $1";
        self.link.execute(sql, &[millis(now)])
    }

    /// Takes one from a state to another; `false` when it is in another by now, or over. With its end, what was asked for goes,
    /// and all that whoever began it would be told: see [`Self::tell_pending`].
    pub fn turn_pending(
        &mut self,
        id: ChallengeId,
        from: PendingState,
        to: PendingState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = if to.is_end() {
            "UPDATE pending SET state = $1, content = '', approval = NULL, summary = NULL, verdict = NULL
            WHERE id = $2 AND state = $3 AND expires > $4"
        } else {
            "UPDATE pending SET state = $1 WHERE id = $2 AND state = $3 AND expires > $4"
        };
        let values = [to.word().into(), id.uuid().into(), from.word().into(), millis(now)];
        Ok(self.link.execute(sql, &values)? > 0)
    }

    /// Counts a try before it is looked at; `false` when there were as many as there may be, or it waits for nobody.
    pub fn try_pending(&mut self, id: ChallengeId, most: u64, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET tries = tries + 1 WHERE id = $1 AND state IN ('open', 'waiting') AND tries < $2
            AND expires > $3";
        Ok(self.link.execute(sql, &[id.uuid().into(), most.into(), millis(now)])? > 0)
    }

    /// Of one that waited and that somebody else approved or turned down: keeps what whoever began it is told of it.
    pub fn tell_pending(
        &mut self,
        pending: &Pending,
        verdict: &str,
        approver: AccountId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE pending SET summary = $1, verdict = $2, approver = $3 WHERE id = $4";
        let summary = Bound::String(pending.summary.clone());
        let values = [summary, verdict.into(), approver.uuid().into(), pending.id.uuid().into()];
        self.link.execute(sql, &values).map(drop)
    }

    /// Whoever began one that is over has read what became of it; `false` where there is nothing of it to be read.
    pub fn put_away_pending(&mut self, id: ChallengeId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET summary = NULL, verdict = NULL WHERE id = $1 AND summary IS NOT NULL
            AND (state IN ('done', 'failed', 'cancelled') OR expires <= $2)";
        Ok(self.link.execute(sql, &[id.uuid().into(), millis(now)])? > 0)
    }

    /// Lets one be done once until then; `false` when it is in another state by now, or over.
    pub fn approve_pending(
        &mut self,
        id: ChallengeId,
        approval: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET state = 'approved', approval = $1, expires = $2
            WHERE id = $3 AND state IN ('open', 'waiting') AND expires > $4";
        let values = [approval.into(), millis(until), id.uuid().into(), millis(now)];
        Ok(self.link.execute(sql, &values)? > 0)
    }

    /// Lets one wait longer for its person; `false` when it waits no more.
    pub fn extend_pending(
        &mut self,
        id: ChallengeId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET expires = $1 WHERE id = $2 AND state = 'open' AND expires > $3";
        Ok(self.link.execute(sql, &[millis(until), id.uuid().into(), millis(now)])? > 0)
    }

    /// Hands what was approved to another session of its account: whoever began it goes on there. `false` when it is no more, or over.
    pub fn hand_over_pending(
        &mut self,
        id: ChallengeId,
        account: AccountId,
        to: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET session = $1 WHERE id = $2 AND account = $3 AND state = 'approved' AND expires > $4";
        let values = [to.uuid().into(), id.uuid().into(), account.uuid().into(), millis(now)];
        Ok(self.link.execute(sql, &values)? > 0)
    }

    /// Forgets all that somebody began, whatever became of it: they go, or their name does. What they approved for others is approved no more, and what
    /// others are told may name them.
    pub fn forget_pendings(&mut self, account: AccountId) -> Result<(), StoreError> {
        let own = account.uuid();
        self.link.execute("DELETE FROM pending WHERE account = $1", &[own.into()])?;
        let sql = "UPDATE pending SET state = 'failed', content = '', approval = NULL, summary = NULL, verdict = NULL
            WHERE state = 'approved' AND approver = $1";
        self.link.execute(sql, &[own.into()])?;
        self.forget_answers()
    }

    /// What is told of all that is over may name anybody: nobody is told of it any more.
    fn forget_answers(&mut self) -> Result<(), StoreError> {
        let sql =
            "UPDATE pending SET summary = NULL, verdict = NULL WHERE summary IS NOT NULL AND content = ''";
        self.link.execute(sql, &[]).map(drop)
    }
}
