//! What becomes of each event at each handler.
//!
//! **Architecture Invariant:** an event is handed to the handlers there are when it is spread, each in a delivery of its own. Whoever
//! takes one up holds it for a while: several servers do not send it twice at once, and one that dies does not lose it. None of
//! this touches the work that told of it. A handler gets events in the order of their commits, as long as none fails.

use gridkeep_model::{EventId, HandlerId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Handler, Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// Events that are spread in one work.
const SPREAD: u32 = 100;

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
    /// How often somebody had it sent again.
    pub again: u64,
}

/// An event, and where it has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it says, as JSON.
    pub body: String,
    /// When it happened.
    pub at: Timestamp,
    /// What became of it at each handler, the oldest first.
    pub deliveries: Vec<Delivery>,
}

const DELIVERY: &str =
    "SELECT d.event, d.handler, e.name, e.sequence, e.body, e.created, d.state, d.tries, d.due, d.answer, d.again
    FROM deliveries d JOIN events e ON e.id = d.event";

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
        again: cells.count(10)?,
    })
}

impl Reader<'_> {
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
        let sql = format!("{DELIVERY} WHERE d.handler = $1 ORDER BY d.number DESC LIMIT {most}");
        self.link.all(&sql, &[id.uuid().into()], read_delivery)
    }

    /// The newest events of this name, and what became of each at every handler that was told.
    pub fn told(&mut self, name: &str, most: u32) -> Result<Vec<Told>, StoreError> {
        let sql =
            format!("SELECT id, body, created FROM events WHERE name = $1 ORDER BY number DESC LIMIT {most}");
        let events = self.link.all(&sql, &[name.into()], |cells| {
            Ok((cells.get::<Uuid>(0)?, cells.get::<String>(1)?, cells.moment(2)?))
        })?;
        let told = events.into_iter().map(|(id, body, at)| {
            let sql = format!("{DELIVERY} WHERE d.event = $1 ORDER BY d.handler");
            Ok(Told { body, at, deliveries: self.link.all(&sql, &[id.into()], read_delivery)? })
        });
        told.collect()
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
    /// Hands events that are new to the handlers that want them; whether there are more.
    pub fn spread_events(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let sql =
            format!("SELECT id, name, number FROM events WHERE NOT spread ORDER BY number LIMIT {SPREAD}");
        let events = self
            .link
            .all(&sql, &[], |cells| Ok((cells.get::<Uuid>(0)?, cells.get::<String>(1)?, cells.count(2)?)))?;
        if events.is_empty() {
            return Ok(false);
        }
        let handlers: Vec<Handler> = self.handlers()?.into_iter().filter(|handler| handler.enabled).collect();
        for (event, name, number) in &events {
            for handler in &handlers {
                if !handler.events.is_empty() && !handler.events.contains(name) {
                    continue;
                }
                let sql =
                    "INSERT INTO deliveries (event, handler, state, tries, due, answer, changed, number)
                    VALUES ($1, $2, 'waiting', 0, $3, NULL, $4, $5) ON CONFLICT (event, handler) DO NOTHING";
                let values =
                    [(*event).into(), handler.id.uuid().into(), millis(now), millis(now), (*number).into()];
                self.link.execute(sql, &values)?;
            }
            self.link
                .execute("UPDATE events SET spread = $1 WHERE id = $2", &[true.into(), (*event).into()])?;
        }
        Ok(events.len() == SPREAD as usize)
    }

    /// Takes up deliveries of a handler that are due, in the order of their commits, and holds them until `held`.
    pub fn take_deliveries(
        &mut self,
        handler: HandlerId,
        most: u32,
        now: Timestamp,
        held: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "{DELIVERY} WHERE d.handler = $1 AND d.state = 'waiting' AND d.due <= $2 ORDER BY d.due, d.number LIMIT {most}"
        );
        let mut taken = self.link.all(&sql, &[handler.uuid().into(), millis(now)], read_delivery)?;
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

    /// Lets a delivery be tried once more, from the beginning, unless that was done so often; `None` when there is none.
    pub fn deliver_again(
        &mut self,
        (event, handler): (EventId, HandlerId),
        most: u32,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        let sql = "SELECT again FROM deliveries WHERE event = $1 AND handler = $2";
        let own = [event.uuid().into(), handler.uuid().into()];
        let Some(again) = self.link.first(sql, &own, |cells| cells.count(0))? else { return Ok(None) };
        if again >= u64::from(most) {
            return Ok(Some(false));
        }
        let sql = "UPDATE deliveries SET state = 'waiting', tries = $1, due = $2, changed = $3, again = $4
            WHERE event = $5 AND handler = $6";
        let [event, handler] = own;
        let values = [0_i64.into(), millis(now), millis(now), (again + 1).into(), event, handler];
        Ok(Some(self.link.execute(sql, &values)? > 0))
    }

    /// Forgets events of before then, with what became of them.
    pub fn forget_events(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.link.execute("DELETE FROM events WHERE spread AND created < $1", &[millis(before)])
    }
}
