//! One entity: all of it or a reference to it.

use axum::http::{HeaderName, StatusCode, header::ETAG};
use gridkeep_model::{Row, query::Query};
use gridkeep_odata::{
    bind::{EntityKey, EntityPart, PageLimits, Read, Shape},
    header::{ETag, Omit, Preference},
    json::{Context, KeyForm, Style, Target, Writer},
    project::SetSource,
    syntax::ast::QueryOptions,
};

use super::{
    answer::Answer,
    cells::context,
    dispatch::{Service, Understood, not_offered},
    expand::{Branch, Harvest},
    metadata::format_of,
    offers::Offered,
    refusal::Refusal,
    rows::{Face, selected},
    short, stream,
};
use crate::error::ApiError;

/// Nulls that were left out, as `Preference-Applied` says it.
pub(super) fn omitted(preference: &Preference) -> Option<Preference> {
    matches!(preference, Preference::OmitValues(Omit::Nulls)).then(|| preference.clone())
}

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
        if let Some(column) = stream::column_of(part) {
            return Box::pin(self.stream(request, set, key, column)).await;
        }
        match part {
            EntityPart::Media(_) => Err(not_offered()),
            EntityPart::Whole => {
                let answer = self.whole(request, set, key, StatusCode::OK).await?;
                let applied = request.asked.preferences()?.applied(omitted);
                Ok(match applied {
                    Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
                    None => answer,
                })
            }
            EntityPart::Ref => {
                let row = Box::pin(self.row(set, key, request)).await?.ok_or(ApiError::NotFound)?;
                let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
                let mut writer = Writer::new(Style::new(version, format, None));
                let id = format!("{}{}", self.root, Self::place_of(set, &row, KeyForm::Url));
                writer.reference(Some(&Context::new(Target::Ref).url(&self.root, version)), &id);
                Ok(Answer::json(format, version, writer.finish()))
            }
            EntityPart::Property(member) => Box::pin(self.property(request, set, key, &[member])).await,
            EntityPart::Part(whole, part) => Box::pin(self.property(request, set, key, &[whole, part])).await,
            EntityPart::Value(member) => Box::pin(self.plain_value(request, set, key, &[member])).await,
            EntityPart::PartValue(whole, part) => {
                Box::pin(self.plain_value(request, set, key, &[whole, part])).await
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
        if let Some(answer) = self.whole_straight(request, set, key, status).await? {
            return Ok(answer);
        }
        Box::pin(self.whole_read(request, set, key, status)).await
    }

    /// The same where its row is needed on its own.
    async fn whole_read(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        status: StatusCode,
    ) -> Result<Answer, Refusal> {
        let Read { query, shape, .. } =
            Read::one(self.ground(set, request.now), key.condition(), request.options)?;
        let related = PageLimits::preferring(request.asked.preferences()?.max_page_size()).size;
        let Harvest { found, branches, .. } = self.harvest(query, &shape.expanded, (related, false)).await?;
        let row = found.rows.first().ok_or(ApiError::NotFound)?;
        let format = request.asked.json(format_of(request))?;
        let style = Style::new(request.asked.version()?, format, None);
        let offers = self.offers(set, &shape, style, &found.rows).await?;
        self.show_with(request, set, row, status, (&shape, &branches, offers))
    }

    /// Shows a row that was read or written with the columns of this shape.
    pub(super) fn show(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &Row,
        status: StatusCode,
        (shape, branches): (&Shape<'_>, &[Option<Branch>]),
    ) -> Result<Answer, Refusal> {
        self.show_with(request, set, row, status, (shape, branches, Vec::new()))
    }

    fn show_with(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        row: &Row,
        status: StatusCode,
        (shape, branches, offers): (&Shape<'_>, &[Option<Branch>], Vec<Offered>),
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let style = Style::new(version, format, request.asked.preferences()?.omit_values());
        let etag = etag_of(row);
        // An entity's ETag says nothing of those it is shown with.
        if status == StatusCode::OK
            && shape.expanded.is_empty()
            && let Some(condition) = request.asked.if_none_match()?
            && condition.fits(Some(&etag))
        {
            return Ok(Answer::empty(StatusCode::NOT_MODIFIED).with(ETAG, &etag.to_string()));
        }
        let context = context(set, false).select(selected(shape));
        let mut writer = Writer::new(style);
        let context = context.url(&self.root, version);
        let mut face = Face::new(self, set, shape, style);
        face.offers = offers;
        face.write_with(&mut writer, row, Some(&context), (0, branches));
        let answer = Answer { status, ..Answer::json(format, version, writer.finish()) };
        Ok(answer.with(ETAG, &etag.to_string()))
    }

    /// The row of an entity, with [`SetSource::all_columns`].
    pub(super) async fn row(
        &self,
        set: &SetSource,
        key: &EntityKey,
        request: Understood<'_>,
    ) -> Result<Option<Row>, Refusal> {
        let Read { query, .. } =
            Read::one(self.ground(set, request.now), key.condition(), &QueryOptions::default())?;
        self.first(Query { columns: Some(set.all_columns()), ..query }).await
    }

    async fn first(&self, query: Query) -> Result<Option<Row>, Refusal> {
        let (app, query) = (self.caller.grant.app.id, self.seen(query));
        let read = move |reader: &mut gridkeep_store::Reader<'_>| Ok(reader.rows(app, &query)?);
        let found = short::read(&self.tenancy, true, read).await?;
        Ok(found.rows.into_iter().next())
    }
}
