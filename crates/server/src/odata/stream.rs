//! Contents as they are: the stream of a property and that of a media entity, read, replaced and removed.
//!
//! **Architecture Invariant:** a content is stored before a row refers to it, and never changes. A change is one operation
//! of the executor, like any other; what no row refers to any more is swept (`files`).

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{
    Method, StatusCode,
    header::{
        ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
        CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
    },
};
use gridkeep_model::{
    AppDefinition, Operation, RowId,
    definition::{ColumnDefinition, TableDefinition},
};
use gridkeep_odata::{
    bind::{CollectionPart, EntityKey, EntityPart, Given, Target},
    header::{MediaType, Offer, RequestBody, Return},
    project::{Media, SetSource},
};
use serde_json::Value as Json;

use super::{
    answer::{Answer, Coming},
    asked::Asked,
    dispatch::{Service, Understood, not_offered},
    entity::etag_of,
    handler::{BODY_LIMIT, nothing},
    media::{file_name, slug},
    metadata::format_of,
    refusal::Refusal,
    write::{Pending, Prepared},
};
use crate::{
    error::ApiError,
    files::{POLICY, Place, Stored, Wanted, disposition, wanted},
    http::whole,
};

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
        Ok(tagged(self.content(request.asked, row.id, &stored).await?))
    }

    /// A stored content, or the part that `Range` asks for.
    async fn content(&self, asked: &Asked, row: RowId, stored: &Stored) -> Result<Answer, Refusal> {
        let size = stored.size;
        // Only of a GET are there parts (RFC 9110, section 14.2), and ETags here are weak: what names one gets it all.
        let range = asked.header("range").filter(|_| asked.method == Method::GET && !asked.within);
        let answer = |status| {
            let answer = Answer::empty(status).with(ACCEPT_RANGES, "bytes");
            answer.with(CONTENT_SECURITY_POLICY, POLICY).with(X_CONTENT_TYPE_OPTIONS, "nosniff")
        };
        let (answer, part) = match wanted(range, asked.header("if-range"), None, size) {
            Wanted::Whole => (answer(StatusCode::OK), 0..size),
            Wanted::Part(part) => {
                let place = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                (answer(StatusCode::PARTIAL_CONTENT).with(CONTENT_RANGE, &place), part)
            }
            Wanted::Outside => {
                let answer = answer(StatusCode::RANGE_NOT_SATISFIABLE);
                return Ok(answer.with(CONTENT_RANGE, &format!("bytes */{size}")));
            }
        };
        let mut answer = answer.with(CONTENT_TYPE, &stored.media_type);
        answer.headers.insert(CONTENT_DISPOSITION, disposition(stored));
        let length = part.end - part.start;
        if asked.method == Method::HEAD {
            return Ok(answer.with(CONTENT_LENGTH, &length.to_string()));
        }
        if asked.within && length > BODY_LIMIT as u64 {
            return Err(ApiError::NotOffered("a content this long within another answer").into());
        }
        let app = self.caller.grant.app.id;
        let content = self.files.read(app, row, &stored.object, part).await?.ok_or(ApiError::NotFound)?;
        let body = Body::from_stream(content);
        if asked.within {
            return Ok(Answer { body: whole(body, BODY_LIMIT).await?, ..answer });
        }
        Ok(Answer { content: Coming::new(body), ..answer.with(CONTENT_LENGTH, &length.to_string()) })
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
                self.store(asked, (&set.table, *id), &kind, media, values).await?;
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
            self.store(request.asked, (&set.table, *id), &kind, media, values).await?;
        }
        Ok(prepared)
    }

    /// Stores the body as the content of a row, and notes it among the row's values.
    async fn store(
        &self,
        asked: &Asked,
        (table, row): (&str, RowId),
        kind: &MediaType,
        media: &Media,
        values: &mut BTreeMap<String, Json>,
    ) -> Result<(), Refusal> {
        let table = values_of(&self.definition, table, &media.column).ok_or_else(not_offered)?;
        let place = Place::of(self.caller.grant.app.id, table.0, table.1, row);
        let about = (kind.to_string(), file_name(&asked.headers).or_else(|| slug(&asked.headers)));
        let stored = asked.sent.keep(&self.files, place, &asked.body, about).await?;
        values.insert(media.column.clone(), stored.object.into());
        if let Some(column) = &media.content_type {
            values.insert(column.clone(), stored.media_type.into());
        }
        if let Some(column) = &media.size {
            values.insert(column.clone(), stored.size.into());
        }
        Ok(())
    }
}

/// A table and one of its columns.
fn values_of<'a>(
    definition: &'a AppDefinition,
    table: &str,
    column: &str,
) -> Option<(&'a TableDefinition, &'a ColumnDefinition)> {
    let table = definition.table(table)?;
    Some((table, table.column(column)?))
}

/// Whether a request to this target may bring a content.
pub(super) fn takes_content(target: &Target<'_>) -> bool {
    match target {
        Target::Entity { part, .. } => column_of(*part).is_some(),
        Target::Collection { set, part: CollectionPart::Entities, .. } => set.manner.media.is_some(),
        Target::Related(related) => takes_content(related.last()),
        _ => false,
    }
}
