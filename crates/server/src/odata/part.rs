//! One property of an entity: its value, a complex one or a part of it.

use axum::http::{StatusCode, header::ETAG};
use gridkeep_model::{ColumnType, Row, Value};
use gridkeep_odata::{
    bind::EntityKey,
    edm::TypeName,
    header::Offer,
    json::{Context, EntityHead, Fact, KeyForm, Scalar, Style, Target, Writer},
    project::{Form, Member, MemberSource, SetSource, said},
};

use super::{
    answer::Answer,
    cells::value_of,
    dispatch::{Service, Understood},
    entity::etag_of,
    handler::nothing,
    metadata::format_of,
    refusal::Refusal,
};
use crate::error::ApiError;

impl Service {
    /// A property, as JSON.
    pub(super) async fn property(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        path: &[&Member],
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
        let etag = etag_of(&row).to_string();
        let Some(member) = path.last() else { return Ok(nothing()) };
        let names = names(path);
        let place = format!("{}/{}", Self::place_of(set, &row, KeyForm::Canonical), names.join("/"));
        let context = Context::new(Target::Property(place)).url(&self.root, version);
        let mut writer = Writer::new(Style::new(version, format, None));
        if let MemberSource::Complex { members } = &member.source {
            if members.iter().all(|part| value_of(set, part, &row).is_null()) {
                return Ok(nothing().with(ETAG, &etag));
            }
            let kind = self.projection.property(set, &names).map(|property| &property.kind.name);
            let kind = match kind {
                Some(TypeName::Named(name)) => name.to_string(),
                _ => String::new(),
            };
            let kind = Some(Fact::Computable(kind.as_str()));
            writer.begin_entity(&EntityHead { context: Some(&context), kind, ..EntityHead::default() });
            for part in members {
                writer.key(&part.property);
                let value = value_of(set, part, &row);
                writer.scalar(&self.form(set, &[&member.property, &part.property]).scalar(&value));
            }
        } else {
            let value = value_of(set, member, &row);
            if value.is_null() {
                return Ok(nothing().with(ETAG, &etag));
            }
            writer.begin_property(Some(&context));
            writer.scalar(&self.form(set, &names).scalar(&value));
        }
        writer.end_object();
        Ok(Answer::json(format, version, writer.finish()).with(ETAG, &etag))
    }

    /// A property as plain text.
    pub(super) async fn plain_value(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        path: &[&Member],
    ) -> Result<Answer, Refusal> {
        let Some(member) = path.last() else { return Ok(nothing()) };
        if let MemberSource::Column { kind: ColumnType::Binary, .. } = member.source {
            return self.bytes(request, set, key, path).await;
        }
        request.asked.representation(&[Offer::Media("text", "plain")], format_of(request))?;
        let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
        let value = value_of(set, member, &row);
        Ok(match self.form(set, &names(path)).scalar(&value) {
            Scalar::Null => nothing(),
            scalar => Answer::new(StatusCode::OK, "text/plain;charset=utf-8", scalar.to_string()),
        }
        .with(ETAG, &etag_of(&row).to_string()))
    }

    /// A property of bytes, as they are, in the media type that the metadata says of it.
    async fn bytes(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        path: &[&Member],
    ) -> Result<Answer, Refusal> {
        let Some(member) = path.last() else { return Ok(nothing()) };
        let property = self.projection.property(set, &names(path));
        let media = property.and_then(|property| said::media_type_of(&property.annotations));
        let media = media.unwrap_or("application/octet-stream");
        let (main, sub) = media.split_once('/').unwrap_or((media, "*"));
        request.asked.representation(&[Offer::Media(main, sub)], format_of(request))?;
        let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
        Ok(match value_of(set, member, &row) {
            Value::Binary(bytes) => Answer::new(StatusCode::OK, media, bytes),
            _ => nothing(),
        }
        .with(ETAG, &etag_of(&row).to_string()))
    }

    /// How the values of a property look.
    fn form(&self, set: &SetSource, path: &[&str]) -> Form {
        let property = self.projection.property(set, path);
        property.map_or(Form::Plain, |property| self.projection.form(&property.kind))
    }

    /// The address, behind the root, of a row that has [`SetSource::all_columns`].
    pub(super) fn place_of(set: &SetSource, row: &Row, form: KeyForm) -> String {
        if set.manner.only.is_some() {
            return set.name.clone();
        }
        let mut key = Vec::new();
        let values: Vec<_> = set
            .key
            .iter()
            .filter_map(|property| set.member(property))
            .map(|member| (member.property.as_str(), value_of(set, member, row)))
            .collect();
        for (name, value) in &values {
            key.push((*name, Scalar::from(value)));
        }
        format!("{}{}", set.name, gridkeep_odata::json::key_predicate(&key, form))
    }
}

/// The names of a property and, behind it, of its part.
fn names<'a>(path: &[&'a Member]) -> Vec<&'a str> {
    path.iter().map(|member| member.property.as_str()).collect()
}
