//! Entities shown as a whole: how is worked out once, not once for each that is read or made.
//!
//! **Architecture Invariant:** what is kept is a projection's, which is that of one version of an app for one role and never
//! changes: nobody is shown by it what their own projection has not. What is written so is, byte for byte, what [`Face`] writes of
//! the entity's row.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{StatusCode, header::ETAG};
use gridkeep_model::{
    AppId, Query,
    query::{Expr, Page},
};
use gridkeep_odata::{
    bind::{EntityKey, Read, Shape},
    edm::QName,
    header::ETag,
    json::{EntityHead, Fact, Style, Writer},
    project::SetSource,
    syntax::ast::QueryOptions,
};
use gridkeep_store::{Onlooker, Reader, Seen, StoreError};

use super::{
    answer::Answer,
    cells::context,
    dispatch::{Service, Understood},
    metadata::format_of,
    refusal::Refusal,
    rows::{Face, selected},
    sheet::Sheet,
    short,
};
use crate::error::ApiError;

/// Sets, styles and addresses that are kept worked out.
const KEPT: usize = 64;
/// Room that an entity usually takes, in bytes.
pub(super) const ROOM: usize = 512;

/// How entities are shown as a whole, of one projection; clones share it.
#[derive(Clone, Default)]
pub(super) struct Wholes(Arc<Mutex<Vec<Arc<Whole>>>>);

impl fmt::Debug for Wholes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wholes").finish_non_exhaustive()
    }
}

/// How the entities of a set are shown as a whole.
pub(super) struct Whole {
    set: String,
    /// Derived types go by the name of the set that they are in.
    kind: QName,
    style: Style,
    /// Asks for what a row must hold for it, whichever row.
    query: Query,
    pub(super) context: String,
    pub(super) face: Face<'static>,
    /// Whether it is written as its row is found.
    straight: bool,
}

impl Whole {
    fn is(&self, set: &SetSource, style: Style, root: &str) -> bool {
        self.style == style
            && self.set == set.name
            && self.kind == set.entity_type
            // A tenant has two names in addresses.
            && self.face.root == root
    }

    /// What a row must hold for it, in order.
    pub(super) fn columns(&self) -> &[String] {
        self.query.columns.as_deref().unwrap_or_default()
    }

    /// Asks for the entity with this key.
    fn asked(&self, key: &EntityKey) -> Query {
        let condition = key.condition();
        let filter = Some(match self.query.filter.clone() {
            Some(own) => Expr::And(vec![condition, own]),
            None => condition,
        });
        Query { filter, ..self.query.clone() }
    }

    /// Reads and writes the entity, with its version.
    fn read(
        &self,
        reader: &mut Reader<'_>,
        (app, query): (AppId, &Query),
    ) -> Result<Option<(u64, Vec<u8>)>, ApiError> {
        let writer = Writer::over(Vec::with_capacity(ROOM), self.style);
        let mut one = One { whole: self, writer, version: None };
        reader.show(app, query, &mut one)?;
        Ok(one.version.map(|version| (version, one.writer.finish())))
    }
}

/// Writes the row it is shown.
struct One<'a> {
    whole: &'a Whole,
    writer: Writer,
    version: Option<u64>,
}

impl Onlooker for One<'_> {
    fn begin(&mut self, _: Option<u64>, _: bool) {}

    fn again(&mut self) {
        self.writer = Writer::over(Vec::with_capacity(ROOM), self.whole.style);
        self.version = None;
    }

    fn row(&mut self, row: &Seen<'_>) -> Result<(), StoreError> {
        let Whole { face, context, .. } = self.whole;
        let writer = &mut self.writer;
        let mut id = String::new();
        if face.cells.id_needed {
            id.push_str(&face.root);
            face.cells.address.push(row, &mut id)?;
        }
        let id = face.cells.id_needed.then_some(Fact::Needed(id.as_str()));
        writer.begin_entity(&EntityHead { context: Some(context), id, ..EntityHead::default() });
        let version = row.version()?;
        writer.row_etag(version);
        for cell in &face.cells.own {
            cell.show(writer, row)?;
        }
        writer.end_object();
        self.version = Some(version);
        Ok(())
    }
}

impl Service {
    /// All of an entity, written as its row is found; `None` where more than that is asked for, or where its row is needed
    /// on its own.
    pub(super) async fn whole_straight(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        key: &EntityKey,
        status: StatusCode,
    ) -> Result<Option<Answer>, Refusal> {
        let QueryOptions { format, aliases, custom, .. } = request.options;
        let plain = QueryOptions {
            format: format.clone(),
            aliases: aliases.clone(),
            custom: custom.clone(),
            ..QueryOptions::default()
        };
        if *request.options != plain {
            return Ok(None);
        }
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let style = Style::new(version, format, request.asked.preferences()?.omit_values());
        let Some(whole) = self.known_whole(request, set, style)?.filter(|whole| whole.straight) else {
            return Ok(None);
        };
        let known = if status == StatusCode::OK { request.asked.if_none_match()? } else { None };
        let (app, query) = (self.caller.grant.app.id, self.seen(whole.asked(key)));
        let short = short::is_short(&query);
        let read = move |reader: &mut Reader<'_>| whole.read(reader, (app, &query));
        let (row, body) = short::read(&self.tenancy, short, read).await?.ok_or(ApiError::NotFound)?;
        let etag = ETag::weak(row.to_string());
        let answer = if known.is_some_and(|condition| condition.fits(Some(&etag))) {
            Answer::empty(StatusCode::NOT_MODIFIED)
        } else {
            Answer { status, ..Answer::json(format, version, body) }
        };
        Ok(Some(answer.with(ETAG, &etag.to_string())))
    }

    /// The shape of all of an entity.
    pub(super) fn shape<'a>(
        &'a self,
        request: Understood<'_>,
        set: &'a SetSource,
    ) -> Result<Shape<'a>, Refusal> {
        let everything = QueryOptions::default();
        Ok(Read::one(self.ground(set, request.now), Expr::And(Vec::new()), &everything)?.shape)
    }

    /// How the entities of a set are shown as a whole; `None` where that is worked out for each.
    pub(super) fn known_whole(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        style: Style,
    ) -> Result<Option<Arc<Whole>>, Refusal> {
        let kept = || self.wholes.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().iter().find(|whole| whole.is(set, style, &self.root)).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let shape = self.shape(request, set)?;
        let context = context(set, false).select(selected(&shape)).url(&self.root, style.version);
        let query = Query {
            table: set.table.clone(),
            filter: set.condition(),
            columns: Some(shape.columns.clone()),
            page: Page::first(1),
            ..Query::default()
        };
        let face = Face::new(self, set, &shape, style);
        let straight = Sheet::fits(&face, style);
        let Some(face) = face.on_its_own() else { return Ok(None) };
        let (set, kind) = (set.name.clone(), set.entity_type.clone());
        let whole = Arc::new(Whole { set, kind, style, query, context, face, straight });
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.push(Arc::clone(&whole));
        Ok(Some(whole))
    }
}
