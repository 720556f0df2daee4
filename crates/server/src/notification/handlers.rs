//! `/api/handlers`: who is told of what happens, for owners and administrators.
//!
//! **Architecture Invariant:** whoever changes one has just shown who they are, and comes past the gate of gates: what happens here is
//! told elsewhere, all of it and from then on, and the heads that are kept elsewhere are what a rewritten log is found by.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use gridkeep_model::HandlerId;
use gridkeep_store::{Backlog, BucketKey, Handler, HandlerKind};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::{
    Teller,
    view::{HandlerView, MadeView},
};
use crate::{
    audit::{Auditor, HEAD_SIGNED},
    error::ApiError,
    extract::{Json, Path},
    factors::Fresh,
    gates::{AtGate, Operation},
    language::Language,
    noted,
    session::Email,
};

/// Most handlers of a tenant.
const MOST: usize = 20;
/// Most events that one names.
const EVENTS: usize = 20;

/// A handler to be, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewEventHandler)]
pub(super) struct NewHandler {
    /// One line.
    name: String,
    /// `mail`, `webhook` or `bucket`.
    kind: String,
    /// A mail address; or an address of the public network, by https: of a bucket, with the folder that objects come into.
    target: String,
    /// Names of events; all when there are none. A bucket keeps signed heads of the log and nothing else.
    #[serde(default)]
    events: Vec<String>,
    enabled: bool,
    /// Makes another secret, which is shown once.
    #[serde(default)]
    new_secret: bool,
    /// Of a bucket: with what it is written to. The key itself may be left out where it stays the same.
    #[serde(default)]
    bucket: Option<NewKey>,
}

/// What a bucket that speaks S3 is written to with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewBucketKey)]
struct NewKey {
    /// The name of the key.
    id: String,
    /// The region of the bucket, such as `eu-central-1`.
    region: String,
    /// The key.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    key: Option<SecretString>,
}

impl NewKey {
    /// As it is kept; `None` where it is none.
    fn sealed(
        self,
        teller: &Teller,
        handler: HandlerId,
        before: Option<&BucketKey>,
    ) -> Result<Option<BucketKey>, ApiError> {
        let plain = |text: &str, most, others: &[u8]| {
            (1..=most).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
        };
        if !plain(&self.id, 128, b"-_.+/=@") || !plain(&self.region, 40, b"-") {
            return Ok(None);
        }
        let sealed = match (&self.key, before) {
            (Some(key), _) => {
                let fits = key.expose_secret().bytes().all(|byte| byte.is_ascii_graphic());
                if !fits || !(1..=256).contains(&key.expose_secret().len()) {
                    return Ok(None);
                }
                teller.seal(handler, key)?
            }
            // A key that was given for another name is not that one's.
            (None, Some(before)) if before.id == self.id => before.sealed.clone(),
            (None, _) => return Ok(None),
        };
        Ok(Some(BucketKey { id: self.id, region: self.region, sealed }))
    }
}

/// Whether objects may come to be beneath an address: of letters that need no escape, so that what is signed is what is sent.
fn is_folder(target: &str) -> bool {
    let Some((_, path)) = target.split_once("://") else { return false };
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte))
}

impl NewHandler {
    /// The handler that it says, if it may be one.
    fn checked(
        self,
        teller: &Teller,
        before: Option<Handler>,
        language: Language,
    ) -> Result<Handler, ApiError> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
            return Err(ApiError::InvalidName);
        }
        let wrong = |place: &str| ApiError::InvalidRequest(format!("body: {place}"));
        let kind = HandlerKind::of(&self.kind).ok_or_else(|| wrong("kind"))?;
        let target = self.target.trim();
        let target = match kind {
            HandlerKind::Mail => Email::new(target)?.to_string(),
            HandlerKind::Webhook if target.len() <= 500 && teller.takes(target) => target.to_owned(),
            HandlerKind::Bucket if target.len() <= 500 && is_folder(target) && teller.takes(target) => {
                target.trim_end_matches('/').to_owned()
            }
            HandlerKind::Webhook | HandlerKind::Bucket => return Err(wrong("target")),
        };
        let named = |name: &String| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if self.events.len() > EVENTS || !self.events.iter().all(named) {
            return Err(wrong("events"));
        }
        let id = before.as_ref().map_or_else(|| teller.id(), |before| before.id);
        let (events, key) = if kind == HandlerKind::Bucket {
            let own = before.as_ref().filter(|before| before.target == target);
            let own = own.and_then(|before| before.key.as_ref());
            let key = self.bucket.ok_or_else(|| wrong("bucket"))?.sealed(teller, id, own)?;
            (vec![HEAD_SIGNED.to_owned()], Some(key.ok_or_else(|| wrong("bucket"))?))
        } else {
            (self.events, None)
        };
        let secret = before.as_ref().map_or(1, |before| before.secret + u32::from(self.new_secret));
        Ok(Handler {
            id,
            name: name.to_owned(),
            kind,
            target,
            events,
            enabled: self.enabled,
            secret,
            language: language.tag().to_owned(),
            key,
            created: before.map_or_else(|| teller.time().now(), |before| before.created),
        })
    }
}

/// What the log says of a handler.
fn note(handler: &Handler) {
    noted::about(handler.id.to_string());
    noted::fact("name", handler.name.as_str());
    noted::fact("kind", handler.kind.word());
    noted::fact("enabled", handler.enabled);
    noted::fact("events", handler.events.clone());
    if let Some(key) = &handler.key {
        noted::fact("region", key.region.as_str());
    }
    if handler.kind == HandlerKind::Mail {
        noted::personal("target", None, handler.target.as_str());
    } else {
        noted::fact("target", origin(&handler.target));
    }
}

/// The host that an address leads to: what is behind it may be a secret, and the log is for ever.
fn origin(target: &str) -> &str {
    let host = target.find("://").map_or(0, |at| at + 3);
    target[host..].find(['/', '?', '#']).map_or(target, |end| &target[..host + end])
}

/// What of a request is approved and is not to be in the log.
fn hidden(new: &NewHandler) -> Json_ {
    let key = new.bucket.as_ref().and_then(|bucket| bucket.key.as_ref());
    json!([new.target, key.map(ExposeSecret::expose_secret)])
}

/// What the log says of a handler that is approved.
fn shown(handler: &Handler) -> Json_ {
    let open = handler.kind != HandlerKind::Mail;
    json!({
        "name": handler.name, "kind": handler.kind.word(), "enabled": handler.enabled, "events": handler.events,
        "target": open.then(|| origin(&handler.target)), "secret": handler.secret,
        "key": handler.key.as_ref().map(|key| json!({"id": key.id, "region": key.region})),
    })
}

/// A change of handlers as it comes to the gate of gates: what is sent elsewhere is all of the log.
fn operation(about: &str, what: Json_) -> Operation {
    Operation::new("CHECKPOINT_CONFIG", about, what)
}

/// Who is told of events, for owners and administrators.
#[utoipa::path(get, path = "/api/handlers", tag = "audit", operation_id = "handlers",
    responses((status = 200, body = Vec<HandlerView>)))]
pub(super) async fn list(
    State(teller): State<Teller>,
    _auditor: Auditor,
) -> Result<Json<Vec<HandlerView>>, ApiError> {
    let read = teller.tenancy().read(|reader| {
        let handlers = reader.handlers()?;
        handlers.into_iter().map(|own| Ok(HandlerView::new(reader.backlog(own.id)?, own))).collect()
    });
    Ok(Json(read.await?))
}

/// Lets somebody be told of events. The secret that requests are signed with (Standard Webhooks) is shown this once.
#[utoipa::path(post, path = "/api/handlers", tag = "audit", operation_id = "add_handler", request_body = NewHandler,
    responses((status = 201, body = MadeView)))]
pub(super) async fn add(
    State(teller): State<Teller>,
    Auditor(person): Auditor,
    _fresh: Fresh,
    at: AtGate,
    headers: HeaderMap,
    Json(new): Json<NewHandler>,
) -> Result<(StatusCode, Json<MadeView>), ApiError> {
    let hidden = hidden(&new);
    let handler = new.checked(&teller, None, Language::of(&headers))?;
    let asks = operation(&handler.name, json!({"addHandler": shown(&handler)})).bound(&hidden)?;
    at.let_through(&person, asks).await?;
    note(&handler);
    let kept = handler.clone();
    let added = teller.tenancy().write(move |work| {
        if work.handlers()?.len() >= MOST {
            return Err(ApiError::TooManyHandlers(MOST));
        }
        Ok(work.put_handler(&kept)?)
    });
    added.await?;
    let secret = teller.secret(&handler);
    Ok((
        StatusCode::CREATED,
        Json(MadeView { handler: HandlerView::new(Backlog::default(), handler), secret }),
    ))
}

/// Changes who is told, of what, and whether.
#[utoipa::path(put, path = "/api/handlers/{handler}", tag = "audit", operation_id = "change_handler",
    params(("handler" = String, Path)), request_body = NewHandler, responses((status = 200, body = MadeView)))]
pub(super) async fn change(
    State(teller): State<Teller>,
    Auditor(person): Auditor,
    _fresh: Fresh,
    at: AtGate,
    Path(id): Path<HandlerId>,
    headers: HeaderMap,
    Json(new): Json<NewHandler>,
) -> Result<Json<MadeView>, ApiError> {
    let before = teller.tenancy().read(move |reader| Ok(reader.handler(id)?)).await?;
    let before = before.ok_or(ApiError::NotFound)?;
    let number = before.secret;
    let hidden = hidden(&new);
    let handler = new.checked(&teller, Some(before), Language::of(&headers))?;
    let asks = operation(&handler.name, json!({"handler": id, "becomes": shown(&handler)})).bound(&hidden)?;
    at.let_through(&person, asks).await?;
    note(&handler);
    let kept = handler.clone();
    let changed = teller.tenancy().write(move |work| {
        // Removed meanwhile, it does not come back.
        if work.handler(id)?.is_none() {
            return Err(ApiError::NotFound);
        }
        work.put_handler(&kept)?;
        Ok(work.backlog(id)?)
    });
    let backlog = changed.await?;
    let secret = teller.secret(&handler).filter(|_| handler.secret != number);
    Ok(Json(MadeView { handler: HandlerView::new(backlog, handler), secret }))
}

/// Ends a handler, with what waits for it.
#[utoipa::path(delete, path = "/api/handlers/{handler}", tag = "audit", operation_id = "remove_handler",
    params(("handler" = String, Path)), responses((status = 204, description = "Nobody is told there any more.")))]
pub(super) async fn remove(
    State(teller): State<Teller>,
    Auditor(person): Auditor,
    _fresh: Fresh,
    at: AtGate,
    Path(id): Path<HandlerId>,
) -> Result<StatusCode, ApiError> {
    let before = teller.tenancy().read(move |reader| Ok(reader.handler(id)?)).await?;
    let before = before.ok_or(ApiError::NotFound)?;
    at.let_through(&person, operation(&before.name, json!({"removeHandler": id}))).await?;
    let removed = teller
        .tenancy()
        .write(move |work| if work.delete_handler(id)? { Ok(()) } else { Err(ApiError::NotFound) });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
