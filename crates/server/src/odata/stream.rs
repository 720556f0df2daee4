//! Contents as they are: the stream of a property and that of a media entity, read, replaced and removed.
//!
//! **Architecture Invariant:** a content is stored before a row refers to it, and never changes. A change is one operation
//! of the executor, like any other; what it no longer refers to is left where it is.

use std::collections::BTreeMap;

use axum::http::{
    Method, StatusCode,
    header::{CONTENT_SECURITY_POLICY, ETAG},
};
use gridkeep_model::{Operation, RowId};
use gridkeep_odata::{
    bind::{EntityKey, EntityPart, Given},
    header::{MediaType, Offer, RequestBody, Return},
    project::{Media, SetSource},
};
use serde_json::Value as Json;

use super::{
    answer::Answer,
    asked::Asked,
    dispatch::{Service, Understood, not_offered},
    entity::etag_of,
    handler::nothing,
    media::{Stored, slug},
    metadata::format_of,
    refusal::Refusal,
    write::{Pending, Prepared},
};
use crate::error::ApiError;

/// Somebody else's content is data to us, never a page of ours.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// The type of a content that says none (RFC 9110, section 8.3).
const BYTES: &str = "application/octet-stream";

/// The column of the stream that a part of an entity is, if it is one.
pub(super) fn column_of(part: EntityPart<'_>) -> Option<&str> {
    match part {
        EntityPart::Property(member) | EntityPart::Value(member) => member.stream(),
        EntityPart::Media(media) => Some(&media.column),
        _ => None,
    }
}

/// Whether a body is a content and not an entity in JSON; what says no type is neither.
pub(super) fn is_content(asked: &Asked) -> bool {
    let kind = asked.header("content-type").map(RequestBody::parse);
    matches!(kind, Some(Ok(RequestBody::Other(_) | RequestBody::Multipart { .. })))
}

impl Service {
    /// The content of a stream.
    pub(super) async fn stream(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        column: &str,
    ) -> Result<Answer, Refusal> {
        let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
        let etag = etag_of(&row);
        let place = set.all_columns().iter().position(|known| known == column);
        let stored = place.and_then(|place| row.values.get(place)).and_then(Stored::of);
        let tagged = |answer: Answer| answer.with(ETAG, &etag.to_string());
        let Some(stored) = stored else { return Ok(tagged(nothing())) };
        let media = MediaType::parse(&stored.media_type)?;
        let offer = Offer::Media(&media.kind, &media.subtype);
        request.asked.representation(&[offer], format_of(request))?;
        if let Some(condition) = request.asked.if_none_match()?
            && condition.fits(Some(&etag))
        {
            return Ok(tagged(Answer::empty(StatusCode::NOT_MODIFIED)));
        }
        let content = self.vault.stream(self.caller.grant.app.id, row.id, &stored.object).await?;
        let content = content.ok_or(ApiError::NotFound)?;
        let answer = Answer::new(StatusCode::OK, &stored.media_type, content);
        Ok(tagged(answer).with(CONTENT_SECURITY_POLICY, POLICY))
    }

    /// Another content, or none.
    pub(super) async fn change_stream<'a>(
        &self,
        request: Understood<'_>,
        set: &'a SetSource,
        key: &EntityKey,
        part: EntityPart<'a>,
        pending: &Pending,
    ) -> Result<Prepared<'a>, Refusal> {
        let method = &request.asked.method;
        let (EntityPart::Property(member) | EntityPart::Value(member)) = part else {
            let EntityPart::Media(media) = part else { return Err(not_offered()) };
            // The content goes with its entity.
            if *method != Method::PUT {
                return Err(Refusal::Method("GET, HEAD, PUT, OPTIONS"));
            }
            return self.put_content(request, set, key, media, pending).await;
        };
        if *method != Method::PUT && *method != Method::DELETE {
            return Err(Refusal::Method("GET, HEAD, PUT, DELETE, OPTIONS"));
        }
        if !member.writable {
            return Err(ApiError::Forbidden.into());
        }
        let media = Media {
            column: column_of(part).unwrap_or_default().to_owned(),
            name: None,
            content_type: None,
            size: None,
        };
        self.put_content(request, set, key, &media, pending).await
    }

    async fn put_content<'a>(
        &self,
        request: Understood<'_>,
        set: &'a SetSource,
        key: &EntityKey,
        media: &Media,
        pending: &Pending,
    ) -> Result<Prepared<'a>, Refusal> {
        let asked = request.asked;
        // What could not be answered afterwards is refused before; usually nothing is answered, in whatever type.
        asked.version()?;
        if asked.preferences()?.returns() == Some(Return::Representation) {
            asked.json(format_of(request))?;
        }
        let kind = asked.header("content-type").unwrap_or(BYTES);
        let kind = MediaType::parse(kind)?;
        let given = Given { part: true, ..Given::default() };
        let mut prepared = self.change(request, set, key, pending, Some(given)).await?;
        if let Operation::Update { id, values, .. } = &mut prepared.operation {
            if asked.method == Method::DELETE {
                values.insert(media.column.clone(), Json::Null);
            } else {
                self.store(asked, *id, &kind, media, values).await?;
            }
        }
        Ok(prepared)
    }

    /// A new media entity whose content is the body (OData-Protocol 4.01, section 11.4.7.1).
    pub(super) async fn insert_media<'a>(
        &self,
        request: Understood<'_>,
        set: &'a SetSource,
        media: &Media,
    ) -> Result<Prepared<'a>, Refusal> {
        let kind = MediaType::parse(request.asked.header("content-type").unwrap_or(BYTES))?;
        let mut given = Given::default();
        if let (Some(column), Some(name)) = (&media.name, slug(&request.asked.headers)) {
            given.values.insert(column.clone(), name.into());
        }
        let mut prepared = self.insert(set, given)?;
        if let Operation::Insert { id, values, .. } = &mut prepared.operation {
            self.store(request.asked, *id, &kind, media, values).await?;
        }
        Ok(prepared)
    }

    /// Stores the body as the content of a row, and notes it among the row's values.
    async fn store(
        &self,
        asked: &Asked,
        row: RowId,
        kind: &MediaType,
        media: &Media,
        values: &mut BTreeMap<String, Json>,
    ) -> Result<(), Refusal> {
        let object = self.vault.put_stream(self.caller.grant.app.id, row, &asked.body).await?;
        let stored = Stored { object, media_type: kind.to_string(), size: asked.body.len() as u64 };
        let text = serde_json::to_string(&stored).map_err(ApiError::internal)?;
        values.insert(media.column.clone(), text.into());
        if let Some(column) = &media.content_type {
            values.insert(column.clone(), stored.media_type.into());
        }
        if let Some(column) = &media.size {
            values.insert(column.clone(), stored.size.into());
        }
        Ok(())
    }
}
