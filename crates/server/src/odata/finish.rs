//! What a change that was made is answered with.

use axum::http::{
    HeaderName, StatusCode,
    header::{ETAG, LOCATION},
};
use gridkeep_model::{Operation, Row, Value};
use gridkeep_odata::{
    bind::EntityKey,
    header::{ETag, Preference, Return},
    json::{KeyForm, Style, Writer},
    project::SetSource,
};

use super::{
    answer::Answer,
    cells::Address,
    dispatch::{Service, Understood},
    entity::{etag_of, omitted},
    handler::nothing,
    metadata::format_of,
    refusal::Refusal,
    whole::ROOM,
};
use crate::executor::Written;

/// What a change does to the entity it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Made,
    Changed,
    /// It is gone, or it is not known what became of it.
    Other,
}

impl Done {
    pub(super) const fn by(operation: &Operation) -> Self {
        match operation {
            Operation::Insert { .. } => Self::Made,
            Operation::Update { .. } => Self::Changed,
            Operation::Delete { .. } | Operation::Call { .. } => Self::Other,
        }
    }
}

impl Service {
    /// The answer to a change that was made: the entity or nothing, as preferred. Who may not read the set gets nothing.
    pub(super) async fn finish(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        done: Done,
        row: &Written,
    ) -> Result<Answer, Refusal> {
        let (usual, status) = match done {
            Done::Made => (Return::Representation, StatusCode::CREATED),
            Done::Changed => (Return::Minimal, StatusCode::OK),
            Done::Other => return Ok(nothing()),
        };
        let preferences = request.asked.preferences()?;
        let wanted = preferences.returns().unwrap_or(usual);
        let returned = if set.rights.read { wanted } else { Return::Minimal };
        let options = request.options;
        let plain = options.select.is_empty() && options.compute.is_empty() && options.expand.is_empty();
        let made = status == StatusCode::CREATED;
        let answer = if returned == Return::Minimal {
            let etag = ETag::weak(row.version.unwrap_or_default().to_string());
            let answer = nothing().with(ETAG, &etag.to_string());
            if made {
                let location = self.location(request, set, row)?;
                answer.with(LOCATION, &location).with(HeaderName::from_static("odata-entityid"), &location)
            } else {
                answer
            }
        } else if plain && made {
            self.show_made(request, set, row)?
        } else if plain {
            let shape = self.shape(request, set)?;
            let row = self.stored(set, &shape.columns, row);
            self.show(request, set, &row, status, (&shape, &[]))?
        } else {
            let answer = self.whole(request, set, &EntityKey::Row(row.id), status).await?;
            if made { answer.with(LOCATION, &self.location(request, set, row)?) } else { answer }
        };
        let applied = preferences.applied(|preference| match preference {
            Preference::Return(wanted) if *wanted == returned => Some(Preference::Return(returned)),
            omit if returned == Return::Representation => omitted(omit),
            _ => None,
        });
        Ok(match applied {
            Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
            None => answer,
        })
    }

    /// All of an entity that was made, and where it is.
    fn show_made(&self, request: Understood<'_>, set: &SetSource, row: &Written) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let style = Style::new(version, format, request.asked.preferences()?.omit_values());
        let status = StatusCode::CREATED;
        let (answer, place) = if let Some(whole) = self.known_whole(request, set, style)? {
            let row = self.stored(set, whole.columns(), row);
            let mut writer = Writer::over(Vec::with_capacity(ROOM), style);
            whole.face.write(&mut writer, &row, Some(&whole.context));
            let answer = Answer { status, ..Answer::json(format, version, writer.finish()) };
            let place = whole.face.cells.address.of(&row, KeyForm::Url);
            (answer.with(ETAG, &etag_of(&row).to_string()), place)
        } else {
            let shape = self.shape(request, set)?;
            let row = self.stored(set, &shape.columns, row);
            let place = Address::new(set, &shape).of(&row, KeyForm::Url);
            (self.show(request, set, &row, status, (&shape, &[]))?, place)
        };
        Ok(answer.with(LOCATION, &format!("{}{place}", self.root)))
    }

    /// The address of an entity that was made.
    fn location(&self, request: Understood<'_>, set: &SetSource, row: &Written) -> Result<String, Refusal> {
        let place = if let Some(whole) = self.known_whole(request, set, Style::default())? {
            whole.face.cells.address.of(&self.stored(set, whole.columns(), row), KeyForm::Url)
        } else {
            let shape = self.shape(request, set)?;
            Address::new(set, &shape).of(&self.stored(set, &shape.columns, row), KeyForm::Url)
        };
        Ok(format!("{}{place}", self.root))
    }

    /// A row as it was written, with these columns: no need to read it again.
    fn stored(&self, set: &SetSource, columns: &[String], row: &Written) -> Row {
        let own = self.definition.table(&set.table).map(|table| table.columns.as_slice()).unwrap_or_default();
        let value = |id: &String| {
            let place = own.iter().position(|column| column.id == *id);
            place.and_then(|place| row.values.get(place)).cloned().unwrap_or(Value::Null)
        };
        let values = columns.iter().map(value).collect();
        Row { id: row.id, version: row.version.unwrap_or_default(), values }
    }
}
