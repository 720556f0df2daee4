//! Who is told of events, and what becomes of each event at each of them.
//!
//! **Architecture Invariant:** an event is handed to the handlers there are when it is spread, each in a delivery of its own. Whoever
//! takes one up holds it for a while: several servers do not send it twice at once, and one that dies does not lose it. None of
//! this touches the work that told of it.

use gridkeep_model::{EventId, HandlerId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// Events that are spread in one work.
const SPREAD: u32 = 100;

/// How a handler is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerKind {
    /// By mail.
    Mail,
    /// By a signed request.
    Webhook,
}

impl HandlerKind {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Mail, Self::Webhook].into_iter().find(|kind| kind.word() == word)
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// Its identity.
    pub id: HandlerId,
    /// What people call it.
    pub name: String,
    /// How it is told.
    pub kind: HandlerKind,
    /// The mail address, or the address requests go to.
    pub target: String,
    /// Of which events; of all when empty.
    pub events: Vec<String>,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Goes into its secret.
    pub secret: u32,
    /// The language of its mails.
    pub language: String,
    /// When it was made.
    pub created: Timestamp,
}

/// How deliveries of a handler stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// So many wait.
    pub waiting: u64,
    /// So many were given up.
    pub dead: u64,
}

/// What becomes of an event at a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for its first or next try.
    Waiting,
    /// The handler has it.
    Done,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        let found = [Self::Waiting, Self::Done, Self::Dead].into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| StoreError::corrupt("delivery", word))
    }
}

/// An event on its way to a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event.
    pub event: EventId,
    /// Who is told.
    pub handler: HandlerId,
    /// The event's name.
    pub name: String,
    /// The row of the log it is about.
    pub sequence: Option<u64>,
    /// What else it says, as JSON.
    pub body: String,
    /// When it happened.
    pub at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub tries: u64,
    /// When it is tried next.
    pub due: Option<Timestamp>,
    /// What was said at the last try.
    pub answer: Option<String>,
}

const HANDLER: &str =
    "SELECT id, name, kind, target, events, enabled, secret, language, created FROM handlers";
const DELIVERY: &str =
    "SELECT d.event, d.handler, e.name, e.sequence, e.body, e.created, d.state, d.tries, d.due, d.answer
    FROM deliveries d JOIN events e ON e.id = d.event";

fn read_handler(cells: &dyn Cells) -> Result<Handler, StoreError> {
    let kind: String = cells.get(2)?;
    let events: String = cells.get(4)?;
    Ok(Handler {
        id: HandlerId::from_uuid(cells.get(0)?),
        name: cells.get(1)?,
        kind: HandlerKind::of(&kind).ok_or_else(|| StoreError::corrupt("handler", kind))?,
        target: cells.get(3)?,
        events: events.split_whitespace().map(str::to_owned).collect(),
        enabled: cells.get(5)?,
        secret: cells.small(6)?,
        language: cells.get(7)?,
        created: cells.moment(8)?,
    })
}

fn read_delivery(cells: &dyn Cells) -> Result<Delivery, StoreError> {
    let sequence = cells.maybe::<i64>(3)?.map(|_| cells.count(3)).transpose()?;
    let due = cells.maybe::<i64>(8)?.map(|_| cells.moment(8)).transpose()?;
    Ok(Delivery {
        event: EventId::from_uuid(cells.get(0)?),
        handler: HandlerId::from_uuid(cells.get(1)?),
        name: cells.get(2)?,
        sequence,
        body: cells.get(4)?,
        at: cells.moment(5)?,
        state: DeliveryState::of(&cells.get::<String>(6)?)?,
        tries: cells.count(7)?,
        due,
        answer: cells.maybe(9)?,
    })
}

impl Reader<'_> {
    /// All handlers, the oldest first.
    pub fn handlers(&mut self) -> Result<Vec<Handler>, StoreError> {
        self.link.all(&format!("{HANDLER} ORDER BY created, id"), &[], read_handler)
    }

    /// A handler.
    pub fn handler(&mut self, id: HandlerId) -> Result<Option<Handler>, StoreError> {
        self.link.first(&format!("{HANDLER} WHERE id = $1"), &[id.uuid().into()], read_handler)
    }

    /// How deliveries of a handler stand.
    pub fn backlog(&mut self, id: HandlerId) -> Result<Backlog, StoreError> {
        let sql =
            "SELECT state, count(*) FROM deliveries WHERE handler = $1 AND state <> 'done' GROUP BY state";
        let mut backlog = Backlog::default();
        let counts = self.link.all(sql, &[id.uuid().into()], |cells| {
            Ok((DeliveryState::of(&cells.get::<String>(0)?)?, cells.count(1)?))
        })?;
        for (state, count) in counts {
            match state {
                DeliveryState::Waiting => backlog.waiting = count,
                DeliveryState::Dead => backlog.dead = count,
                DeliveryState::Done => {}
            }
        }
        Ok(backlog)
    }

    /// The newest deliveries of a handler.
    pub fn deliveries(&mut self, id: HandlerId, most: u32) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("{DELIVERY} WHERE d.handler = $1 ORDER BY d.event DESC LIMIT {most}");
        self.link.all(&sql, &[id.uuid().into()], read_delivery)
    }

    /// So many deliveries of a handler were done since then.
    pub fn delivered_since(&mut self, id: HandlerId, since: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM deliveries WHERE handler = $1 AND changed >= $2 AND state = 'done'";
        let count = self.link.first(sql, &[id.uuid().into(), millis(since)], |cells| cells.count(0))?;
        Ok(count.unwrap_or(0))
    }

    /// Whether anything is to be done for handlers by then.
    pub fn is_told_due(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM events WHERE NOT spread)
            OR EXISTS (SELECT 1 FROM deliveries WHERE state = 'waiting' AND due <= $1)";
        Ok(self.link.first(sql, &[millis(now)], |_| Ok(()))?.is_some())
    }
}

impl RowWork<'_> {
    /// Makes a handler, or changes it.
    pub fn put_handler(&mut self, handler: &Handler) -> Result<(), StoreError> {
        let sql = "INSERT INTO handlers (id, name, kind, target, events, enabled, secret, language, created)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, target = excluded.target,
            events = excluded.events, enabled = excluded.enabled, secret = excluded.secret, language = excluded.language";
        let values = [
            handler.id.uuid().into(),
            handler.name.as_str().into(),
            handler.kind.word().into(),
            handler.target.as_str().into(),
            handler.events.join(" ").into(),
            handler.enabled.into(),
            i64::from(handler.secret).into(),
            handler.language.as_str().into(),
            millis(handler.created),
        ];
        self.link.execute(sql, &values).map(drop)
    }

    /// Ends a handler with its deliveries; `false` when there is none.
    pub fn delete_handler(&mut self, id: HandlerId) -> Result<bool, StoreError> {
        self.link.execute("DELETE FROM deliveries WHERE handler = $1", &[id.uuid().into()])?;
        Ok(self.link.execute("DELETE FROM handlers WHERE id = $1", &[id.uuid().into()])? > 0)
    }

    /// Hands events that are new to the handlers that want them; whether there are more.
    pub fn spread_events(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = format!("SELECT id, name FROM events WHERE NOT spread ORDER BY id LIMIT {SPREAD}");
        let events =
            self.link.all(&sql, &[], |cells| Ok((cells.get::<Uuid>(0)?, cells.get::<String>(1)?)))?;
        if events.is_empty() {
            return Ok(false);
        }
        let handlers: Vec<Handler> = self.handlers()?.into_iter().filter(|handler| handler.enabled).collect();
        for (event, name) in &events {
            for handler in &handlers {
                if !handler.events.is_empty() && !handler.events.contains(name) {
                    continue;
                }
                let sql = "INSERT INTO deliveries (event, handler, state, tries, due, answer, changed)
                    VALUES ($1, $2, 'waiting', 0, $3, NULL, $4) ON CONFLICT (event, handler) DO NOTHING";
                let values = [(*event).into(), handler.id.uuid().into(), millis(now), millis(now)];
                self.link.execute(sql, &values)?;
            }
            self.link
                .execute("UPDATE events SET spread = $1 WHERE id = $2", &[true.into(), (*event).into()])?;
        }
        Ok(events.len() == SPREAD as usize)
    }

    /// Takes up deliveries that are due, and holds them until `held`.
    pub fn take_deliveries(
        &mut self,
        most: u32,
        now: Timestamp,
        held: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "{DELIVERY} WHERE d.state = 'waiting' AND d.due <= $1 ORDER BY d.due, d.event LIMIT {most}"
        );
        let mut taken = self.link.all(&sql, &[millis(now)], read_delivery)?;
        for delivery in &mut taken {
            delivery.tries += 1;
            let sql =
                "UPDATE deliveries SET tries = $1, due = $2, changed = $3 WHERE event = $4 AND handler = $5";
            let values = [
                delivery.tries.into(),
                millis(held),
                millis(now),
                delivery.event.uuid().into(),
                delivery.handler.uuid().into(),
            ];
            self.link.execute(sql, &values)?;
        }
        Ok(taken)
    }

    /// Says what came of a try.
    pub fn settle_delivery(&mut self, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET state = $1, tries = $2, due = $3, answer = $4, changed = $5
            WHERE event = $6 AND handler = $7";
        let values = [
            delivery.state.word().into(),
            delivery.tries.into(),
            delivery.due.map(Timestamp::as_millisecond).into(),
            delivery.answer.clone().into(),
            millis(now),
            delivery.event.uuid().into(),
            delivery.handler.uuid().into(),
        ];
        self.link.execute(sql, &values).map(drop)
    }

    /// Lets a delivery be tried once more, from the beginning; `false` when there is none.
    pub fn deliver_again(
        &mut self,
        event: EventId,
        handler: HandlerId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE deliveries SET state = 'waiting', tries = $1, due = $2, changed = $3
            WHERE event = $4 AND handler = $5";
        let values = [0_i64.into(), millis(now), millis(now), event.uuid().into(), handler.uuid().into()];
        Ok(self.link.execute(sql, &values)? > 0)
    }

    /// Forgets events of before then, with what became of them.
    pub fn forget_events(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.link.execute("DELETE FROM events WHERE spread AND created < $1", &[millis(before)])
    }
}
