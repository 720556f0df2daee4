//! Pages whose entities are written as their rows are found: from the database's own memory into the payload, with nothing
//! in between.
//!
//! **Architecture Invariant:** what is written this way is, byte for byte, what [`Face`] writes of the same rows.

use std::{borrow::Cow, sync::Arc};

use gridkeep_model::{AppId, Query, Value};
use gridkeep_odata::{
    json::{EntityHead, Fact, KeyForm, Mark, Scalar, Writer, key_predicate},
    project::Form,
};
use gridkeep_store::{Feed, Held, Onlooker, Outlet, Reader, Seen, Shown, StoreError};

use super::{
    cells::{Address, Cell, Key, Place},
    dispatch::Service,
    ending::{Ended, Ending},
    parts::Payload,
    refusal::Refusal,
    sheet::Sheet,
    short,
};
use crate::error::ApiError;

/// From this size on, in bytes, what is written goes out while the rest is read.
const PART: usize = 512 << 10;
/// Room that a row usually takes, in bytes.
const ROW: usize = 256;

/// How the entities of a page are written, on its own: it goes to the thread that reads them.
pub(super) struct Straight {
    sheet: Arc<Sheet>,
    ending: Ending,
}

impl Straight {
    /// By a sheet.
    pub(super) const fn new(sheet: Arc<Sheet>, ending: Ending) -> Self {
        Self { sheet, ending }
    }

    /// Writes a page while it is read; what does not go out on the way is the answer.
    fn page(
        &self,
        reader: &mut Reader<'_>,
        (app, query): (AppId, &Query),
        outlet: Option<&mut Outlet<Vec<u8>, ApiError>>,
    ) -> Result<Vec<u8>, ApiError> {
        let head = if self.ending.tracks() { reader.head(app)? } else { None };
        // Of a long page a part has room, and the row that fills it.
        let room = (ROW * (2 + query.page.limit as usize)).min(PART + PART / 16);
        let writer = Writer::over(Vec::with_capacity(room), self.sheet.style);
        let first = writer.mark();
        let mut lines = Lines { sheet: &self.sheet, writer, first, id: String::new(), once: false, outlet };
        let Shown { next, .. } = reader.show(app, query, &mut lines)?;
        let Lines { mut writer, .. } = lines;
        self.ending.write(&mut writer, Ended { next, head, cut: 0 });
        Ok(writer.finish())
    }
}

/// Writes the rows it is shown.
struct Lines<'a> {
    sheet: &'a Sheet,
    writer: Writer,
    first: Mark,
    /// The id of an entity, where it must be said.
    id: String,
    /// What was written stays.
    once: bool,
    outlet: Option<&'a mut Outlet<Vec<u8>, ApiError>>,
}

impl Onlooker for Lines<'_> {
    fn begin(&mut self, total: Option<u64>, once: bool) {
        self.once = once;
        self.writer.begin_collection(Some(&self.sheet.context), total);
        self.first = self.writer.mark();
    }

    fn again(&mut self) {
        self.writer.rewind(self.first);
    }

    fn row(&mut self, row: &Seen<'_>) -> Result<(), StoreError> {
        let (cells, writer) = (&self.sheet.cells, &mut self.writer);
        if let Some(ids) = &self.sheet.ids {
            writer.begin_object();
            writer.row_id(ids, row.id()?.uuid());
        } else if cells.id_needed {
            self.id.clear();
            self.id.push_str(&self.sheet.root);
            cells.address.push(row, &mut self.id)?;
            writer.begin_entity(&EntityHead { id: Some(Fact::Needed(&self.id)), ..EntityHead::default() });
        } else {
            writer.begin_object();
        }
        writer.row_etag(row.version()?);
        for cell in &cells.own {
            cell.show(writer, row)?;
        }
        writer.end_object();
        if self.once
            && writer.buffered() >= PART
            && let Some(outlet) = self.outlet.take()
            && outlet.is_open()
        {
            outlet.give(writer.take())?;
            self.outlet = Some(outlet);
        }
        Ok(())
    }
}

impl Address {
    /// Appends that of a row, behind the service's root.
    pub(super) fn push(&self, row: &Seen<'_>, text: &mut String) -> Result<(), StoreError> {
        text.push_str(&self.set);
        match &self.key {
            Key::Row => {
                text.push('(');
                text.push_str(row.id()?.uuid().hyphenated().encode_lower(&mut [0; 36]));
                text.push(')');
            }
            Key::Columns(columns) => {
                let mut values = Vec::with_capacity(columns.len());
                for (name, place) in columns {
                    values.push((name.as_str(), row.value(*place)?));
                }
                let key: Vec<_> = values.iter().map(|(name, value)| (*name, Scalar::from(value))).collect();
                text.push_str(&key_predicate(&key, KeyForm::Url));
            }
            Key::None => {}
        }
        Ok(())
    }
}

impl Cell {
    /// Writes the property of a row that is being shown.
    pub(super) fn show(&self, writer: &mut Writer, row: &Seen<'_>) -> Result<(), StoreError> {
        match self {
            Self::One(column, Place::Value(index, form)) => match row.held(*index)? {
                // Dates and times stand in JSON as they are kept.
                Held::Text(text) | Held::Iso(text) => writer.cell_text(column, text),
                held => writer.cell(column, &of_held(held, form)),
            },
            Self::One(column, place) => writer.cell(column, &place.seen(row)?),
            // Whoever has streams is not shown this way.
            Self::Stream(..) => {}
            Self::Complex(column, kind, parts, places) => {
                let mut there = false;
                for place in places {
                    there |= row.held(*place)? != Held::Value(Value::Null);
                }
                if !there {
                    writer.cell(column, &Scalar::Null);
                    return Ok(());
                }
                writer.member(column.name());
                let kind = Some(Fact::Computable(kind));
                writer.begin_entity(&EntityHead { kind, ..EntityHead::default() });
                for (column, place) in parts {
                    writer.cell(column, &place.seen(row)?);
                }
                writer.end_object();
            }
        }
        Ok(())
    }
}

impl Place {
    fn seen<'s>(&self, row: &Seen<'s>) -> Result<Scalar<'s>, StoreError> {
        Ok(match self {
            Self::Id => Scalar::Guid(row.id()?.uuid()),
            Self::Version => Scalar::Integer(i32::try_from(row.version()?).unwrap_or(i32::MAX)),
            Self::Value(index, form) => of_held(row.held(*index)?, form),
        })
    }
}

fn of_held<'s>(held: Held<'s>, form: &Form) -> Scalar<'s> {
    match held {
        Held::Text(text) | Held::Iso(text) => Scalar::Text(Cow::Borrowed(text)),
        Held::Binary(bytes) => Scalar::Binary(Cow::Borrowed(bytes)),
        Held::Value(value) if matches!(form, Form::Plain) => Scalar::from(value),
        Held::Value(value) => form.scalar(&value).into_owned(),
    }
}

impl Service {
    /// Writes a page as it is read.
    pub(super) async fn write_straight(&self, query: Query, straight: Straight) -> Result<Payload, Refusal> {
        let (app, query) = (self.caller.grant.app.id, self.seen(query));
        if short::is_short(&query) {
            let read = move |reader: &mut Reader<'_>| straight.page(reader, (app, &query), None);
            return Ok(Payload::new(self.tenancy.read_short(read).await?, None));
        }
        let read = move |reader: &mut Reader<'_>, outlet: &mut Outlet<Vec<u8>, ApiError>| {
            straight.page(reader, (app, &query), Some(outlet))
        };
        let Feed { first, rest } = self.tenancy.feed(read).await?;
        Ok(Payload::new(first, rest))
    }
}
