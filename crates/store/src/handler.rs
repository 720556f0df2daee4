//! Who is told of events: mailboxes, programs, and buckets that keep signed heads of the log.

use gridkeep_model::HandlerId;
use jiff::Timestamp;

use crate::{
    Reader, RowWork, StoreError,
    dialect::{Cells, millis},
};

/// How a handler is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerKind {
    /// By mail.
    Mail,
    /// By a signed request.
    Webhook,
    /// By an object in a bucket that speaks S3.
    Bucket,
}

impl HandlerKind {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Bucket => "bucket",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Mail, Self::Webhook, Self::Bucket].into_iter().find(|kind| kind.word() == word)
    }
}

/// What a bucket is written to with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketKey {
    /// The name of the key, as requests say it.
    pub id: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The key, sealed.
    pub sealed: Vec<u8>,
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
    /// The mail address, or the address requests go to; of a bucket, the beginning of the addresses of its objects.
    pub target: String,
    /// Of which events; of all when empty.
    pub events: Vec<String>,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Goes into its secret.
    pub secret: u32,
    /// The language of its mails.
    pub language: String,
    /// Of a bucket.
    pub key: Option<BucketKey>,
    /// When it was made.
    pub created: Timestamp,
}

const HANDLER: &str =
    "SELECT id, name, kind, target, events, enabled, secret, language, created, key_id, region, sealed
    FROM handlers";

fn read_handler(cells: &dyn Cells) -> Result<Handler, StoreError> {
    let kind: String = cells.get(2)?;
    let events: String = cells.get(4)?;
    let key = match (cells.maybe(9)?, cells.maybe(10)?, cells.maybe(11)?) {
        (Some(id), Some(region), Some(sealed)) => Some(BucketKey { id, region, sealed }),
        _ => None,
    };
    Ok(Handler {
        id: HandlerId::from_uuid(cells.get(0)?),
        name: cells.get(1)?,
        kind: HandlerKind::of(&kind).ok_or_else(|| StoreError::corrupt("handler", kind))?,
        target: cells.get(3)?,
        events: events.split_whitespace().map(str::to_owned).collect(),
        enabled: cells.get(5)?,
        secret: cells.small(6)?,
        language: cells.get(7)?,
        key,
        created: cells.moment(8)?,
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
}

impl RowWork<'_> {
    /// Makes a handler, or changes it.
    pub fn put_handler(&mut self, handler: &Handler) -> Result<(), StoreError> {
        let sql = "INSERT INTO handlers (id, name, kind, target, events, enabled, secret, language, created,
            key_id, region, sealed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, target = excluded.target,
            events = excluded.events, enabled = excluded.enabled, secret = excluded.secret, language = excluded.language,
            key_id = excluded.key_id, region = excluded.region, sealed = excluded.sealed";
        let key = handler.key.as_ref();
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
            key.map(|key| key.id.clone()).into(),
            key.map(|key| key.region.clone()).into(),
            key.map(|key| key.sealed.clone()).into(),
        ];
        self.link.execute(sql, &values).map(drop)
    }

    /// Ends a handler with its deliveries; `false` when there is none.
    pub fn delete_handler(&mut self, id: HandlerId) -> Result<bool, StoreError> {
        self.link.execute("DELETE FROM deliveries WHERE handler = $1", &[id.uuid().into()])?;
        Ok(self.link.execute("DELETE FROM handlers WHERE id = $1", &[id.uuid().into()])? > 0)
    }
}
