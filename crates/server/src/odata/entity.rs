//! One entity: all of it, a reference to it, or one of its properties.

use axum::http::{StatusCode, header::ETAG};
use gridkeep_model::{
    ColumnType, Row, Value,
    query::{Expr, Query},
};
use gridkeep_odata::{
    bind::{EntityKey, EntityPart, PageLimits, Read},
    header::{ETag, Offer},
    json::{Context, Scalar, Style, Target, Writer},
    project::{Member, MemberSource, SetSource},
    syntax::ast::QueryOptions,
};

use super::{
    answer::Answer,
    dispatch::{Service, Understood},
    expand::{Branch, Harvest},
    handler::nothing,
    metadata::format_of,
    refusal::Refusal,
    rows::{Face, selected},
};
use crate::error::ApiError;

/// The ETag of a row.
pub(super) fn etag_of(row: &Row) -> ETag {
    ETag::weak(row.version.to_string())
}

impl Service {
    /// Reads an entity or a part of it.
    pub(super) async fn entity(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        part: EntityPart<'_>,
    ) -> Result<Answer, Refusal> {
        match part {
            EntityPart::Whole => self.whole(request, set, key, StatusCode::OK).await,
            EntityPart::Ref => {
                let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
                let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
                let mut writer = Writer::new(Style::new(version, format, None));
                let id = self.address(set, row.id);
                writer.reference(Some(&Context::new(Target::Ref).url(&self.root, version)), &id);
                Ok(Answer::json(format, version, writer.finish()))
            }
            EntityPart::Property(member) => self.property(request, set, key, member).await,
            EntityPart::Value(member) => {
                let binary = matches!(member.source, MemberSource::Column { kind: ColumnType::Binary, .. });
                let offer = if binary {
                    Offer::Media("application", "octet-stream")
                } else {
                    Offer::Media("text", "plain")
                };
                request.asked.representation(&[offer], format_of(request))?;
                let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
                let value = value_of(set, member, &row);
                Ok(match (text_of(&value), value) {
                    (_, Value::Binary(bytes)) => {
                        Answer::new(StatusCode::OK, "application/octet-stream", bytes)
                    }
                    (Some(text), _) => Answer::new(StatusCode::OK, "text/plain;charset=utf-8", text),
                    (None, _) => nothing(),
                }
                .with(ETAG, &etag_of(&row).to_string()))
            }
        }
    }

    /// All of an entity, as its own answer or as that of a change.
    pub(super) async fn whole(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        status: StatusCode,
    ) -> Result<Answer, Refusal> {
        let Read { query, shape, .. } =
            Read::one(self.ground(set, request.now), key.condition(), request.options)?;
        let related = PageLimits::preferring(request.asked.preferences()?.max_page_size()).size;
        let Harvest { found, branches, .. } = self.harvest(query, &shape.expanded, related).await?;
        let row = found.rows.first().ok_or(ApiError::NotFound)?;
        self.show_with(request, set, row, status, &branches)
    }

    /// Shows a row that was read or written with the columns of the request's shape.
    pub(super) fn show(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &Row,
        status: StatusCode,
    ) -> Result<Answer, Refusal> {
        self.show_with(request, set, row, status, &[])
    }

    fn show_with(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &Row,
        status: StatusCode,
        branches: &[Option<Branch>],
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let style = Style::new(version, format, request.asked.preferences()?.omit_values());
        let Read { shape, .. } =
            Read::one(self.ground(set, request.now), Expr::is_row(row.id), request.options)?;
        let etag = etag_of(row);
        // An entity's ETag says nothing of those it is shown with.
        if status == StatusCode::OK
            && shape.expanded.is_empty()
            && let Some(condition) = request.asked.if_none_match()?
            && condition.fits(Some(&etag))
        {
            return Ok(Answer::empty(StatusCode::NOT_MODIFIED).with(ETAG, &etag.to_string()));
        }
        let context = Context::new(Target::Entity(set.name.clone())).select(selected(&shape));
        let mut writer = Writer::new(style);
        let context = context.url(&self.root, version);
        Face::new(self, set, &shape, style).write_with(&mut writer, row, Some(&context), (0, branches));
        let answer = Answer { status, ..Answer::json(format, version, writer.finish()) };
        Ok(answer.with(ETAG, &etag.to_string()))
    }

    async fn property(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        member: &Member,
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
        let value = value_of(set, member, &row);
        let etag = etag_of(&row).to_string();
        if value.is_null() {
            return Ok(nothing().with(ETAG, &etag));
        }
        let place = format!("{}({})/{}", set.name, row.id, member.property);
        let context = Context::new(Target::Property(place)).url(&self.root, version);
        let mut writer = Writer::new(Style::new(version, format, None));
        writer.begin_property(Some(&context));
        writer.scalar(&Scalar::from(&value));
        writer.end_object();
        Ok(Answer::json(format, version, writer.finish()).with(ETAG, &etag))
    }

    /// The row of an entity, with all columns in the order of the members.
    pub(super) async fn row(
        &self,
        set: &SetSource,
        key: &EntityKey,
        request: Understood<'_>,
    ) -> Result<Option<Row>, Refusal> {
        let Read { query, .. } =
            Read::one(self.ground(set, request.now), key.condition(), &QueryOptions::default())?;
        self.first(query).await
    }

    async fn first(&self, query: Query) -> Result<Option<Row>, Refusal> {
        let app = self.caller.grant.app.id;
        let found = self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
        Ok(found.rows.into_iter().next())
    }
}

/// The value of a property in a row that has all columns.
fn value_of(set: &SetSource, member: &Member, row: &Row) -> Value {
    if member.source == MemberSource::RowId {
        return Value::Guid(row.id.uuid());
    }
    let mut columns = set.members.iter().filter(|member| member.source != MemberSource::RowId);
    let index = columns.position(|other| other.property == member.property);
    index.and_then(|index| row.values.get(index)).cloned().unwrap_or(Value::Null)
}

/// A value as plain text; `None` for null.
fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) => text.clone(),
        Value::DateTime(moment) => format!("{moment}Z"),
        other => match other.to_json() {
            serde_json::Value::String(text) => text,
            json => json.to_string(),
        },
    })
}
