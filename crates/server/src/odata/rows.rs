//! Collections: pages of entities, references to them, and how many there are.

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode};
use bytes::Bytes;
use gridkeep_model::{Query, Row, query::Expr};
use gridkeep_odata::{
    Error, ErrorKind,
    bind::{Made, PageLimits, Read, Shape, fingerprint},
    header::{JsonFormat, Metadata, Offer, Omit, Preference, Preferences, Version, negotiate},
    json::{Context, EntityHead, Fact, KeyForm, SelectItem, Style, Target, Writer},
    project::SetSource,
    syntax::ast::Select,
};

use super::{
    answer::Answer,
    cells::{Cells, context},
    delta::tracked,
    dispatch::{Service, Understood},
    ending::{Ended, Ending},
    entity::etag_of,
    expand::{Branch, Harvest},
    made::Faces,
    media,
    metadata::format_of,
    nested::{Nested, expanded_items},
    offers::Offered,
    parts::Payload,
    refusal::Refusal,
    sheet::{Sheet, Sheets},
    straight::Straight,
};
use crate::files::Stored;

/// An entity and how it is written, worked out once for all rows of an answer.
pub(super) struct Face<'a> {
    pub(super) cells: Cells,
    nested: Vec<Nested<'a>>,
    /// Navigation properties that full metadata says the addresses of.
    links: Vec<&'a str>,
    /// Actions that full metadata says of them.
    pub(super) offers: Vec<Offered>,
    /// They are groups, not entities: without id and ETag.
    transient: bool,
    pub(super) root: String,
}

impl<'a> Face<'a> {
    /// Of the entities of a set, in this shape.
    pub(super) fn new(service: &Service, set: &'a SetSource, shape: &'a Shape<'a>, style: Style) -> Self {
        let wanted = |name: &&str| {
            shape
                .selected
                .as_ref()
                .is_none_or(|names| names.iter().any(|known| known == name || known == "*"))
        };
        let named = set.navigations.iter().map(|navigation| navigation.property.as_str());
        let full = style.metadata == Metadata::Full;
        Self {
            cells: Cells::new(service, set, shape, &style),
            nested: Nested::all(service, &shape.expanded, style),
            links: if full { named.filter(wanted).collect() } else { Vec::new() },
            offers: Vec::new(),
            transient: false,
            root: service.root.clone(),
        }
    }

    /// The same, borrowing nothing; `None` when it shows more than an entity's own properties.
    pub(super) fn on_its_own(self) -> Option<Face<'static>> {
        self.is_plain().then_some(Face {
            cells: self.cells,
            nested: Vec::new(),
            links: Vec::new(),
            offers: Vec::new(),
            transient: false,
            root: self.root,
        })
    }

    /// Whether it shows nothing but an entity's own properties.
    pub(super) fn is_plain(&self) -> bool {
        self.nested.is_empty() && self.links.is_empty() && !self.transient
    }

    /// One of the kinds of rows that transformations made, with what it has of these properties.
    pub(super) fn part(&self, places: &[usize], transient: bool, nested: Vec<Nested<'a>>) -> Self {
        Self {
            cells: self.cells.picked(places),
            nested,
            links: Vec::new(),
            offers: Vec::new(),
            transient,
            root: self.root.clone(),
        }
    }

    /// The address of an entity.
    pub(super) fn id(&self, row: &Row) -> String {
        format!("{}{}", self.root, self.cells.address.of(row, KeyForm::Url))
    }

    /// Writes an entity.
    pub(super) fn write(&self, writer: &mut Writer, row: &Row, context: Option<&str>) {
        self.write_with(writer, row, context, (0, &[]));
    }

    /// Writes an entity with what was read along with it; it is the one at this place among its like.
    pub(super) fn write_with(
        &self,
        writer: &mut Writer,
        row: &Row,
        context: Option<&str>,
        along: (usize, &[Option<Branch>]),
    ) {
        self.begin(writer, row, context, along);
        writer.end_object();
    }

    /// The same, still open.
    pub(super) fn begin(
        &self,
        writer: &mut Writer,
        row: &Row,
        context: Option<&str>,
        (place, branches): (usize, &[Option<Branch>]),
    ) {
        let full = writer.style().metadata == Metadata::Full;
        if self.transient {
            writer.begin_entity(&EntityHead { transient: true, ..EntityHead::default() });
            return self.cells.write(writer, row);
        }
        let needed = self.cells.id_needed;
        let id = (full || needed).then(|| self.id(row));
        let fact = if needed { Fact::Needed } else { Fact::Computable };
        let head = EntityHead {
            context,
            kind: Some(self.cells.kind(row)),
            id: id.as_deref().map(fact),
            ..EntityHead::default()
        };
        match self.cells.media {
            None => writer.begin_entity(&head),
            Some(at) => {
                let stored = row.values.get(at).and_then(Stored::of);
                let link = format!("{}/$value", self.id(row));
                let link = Some(Fact::Needed(&link));
                media::said(stored.as_ref(), link, &etag_of(row).to_string(), |media| {
                    writer.begin_entity(&EntityHead { media: Some(*media), ..head });
                });
            }
        }
        writer.row_etag(row.version);
        for name in &self.links {
            let link = format!("{}/{name}", self.id(row));
            let association = format!("{link}/$ref");
            writer.navigation(name, Some(Fact::Computable(&association)), Some(Fact::Computable(&link)));
        }
        self.cells.write(writer, row);
        for offer in &self.offers {
            offer.write(writer, place, &self.id(row));
        }
        if !self.nested.is_empty() {
            let address = self.cells.address.of(row, KeyForm::Url);
            for (index, nested) in self.nested.iter().enumerate() {
                let branch = branches.get(index).and_then(Option::as_ref);
                nested.write(writer, row, (place, branch), (&self.root, &address));
            }
        }
    }
}

/// How a page is to be written.
struct Wanted<'a> {
    set: &'a SetSource,
    shape: &'a Shape<'a>,
    style: Style,
    /// Related entities of each.
    most: u32,
    ending: Ending,
    /// `$select`, where that alone decides what is shown.
    select: Option<&'a [Select]>,
}

/// The answer that a page is.
fn paged(
    payload: Payload,
    (format, version): (JsonFormat, Version),
    preferences: &Preferences,
    limits: PageLimits,
    tracked: bool,
) -> Answer {
    let applied = preferences.applied(|preference| match preference {
        Preference::MaxPageSize(_) => Some(Preference::MaxPageSize(limits.size.into())),
        Preference::TrackChanges if tracked => Some(Preference::TrackChanges),
        Preference::OmitValues(Omit::Nulls) => Some(Preference::OmitValues(Omit::Nulls)),
        _ => None,
    });
    let answer = Answer::json(format, version, Bytes::new()).of(payload);
    match applied {
        Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
        None => answer,
    }
}

/// The select list of a context.
pub(super) fn selected(shape: &Shape<'_>) -> Vec<SelectItem> {
    let expanded = expanded_items(&shape.expanded);
    let names = shape.selected.iter().flatten();
    let names = names.filter(|name| expanded.iter().all(|item| item.path != **name));
    names.map(SelectItem::selected).chain(expanded.iter().cloned()).collect()
}

impl Service {
    /// A page of a collection, or of references to its entities.
    pub(super) async fn rows(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        filter: Option<Expr>,
        refs: bool,
    ) -> Result<Answer, Refusal> {
        let Understood { asked, options, now } = request;
        let (version, format) = (asked.version()?, asked.json(format_of(request))?);
        let preferences = asked.preferences()?;
        let (base, plain) = tracked(request, &preferences)?;
        let options = plain.as_ref().unwrap_or(options);
        let omit = preferences.omit_values().filter(|omit| *omit == Omit::Nulls);
        let style = Style::new(version, format, omit);
        let limits = PageLimits::preferring(preferences.max_page_size());
        let print = fingerprint(asked.query());
        if !refs
            && Sheets::fit(options)
            && let Some(sheet) = self.sheets.find(set, &options.select, (style, &self.root))
        {
            let ground = self.ground(set, now);
            let Read { query, left, .. } =
                Read::shaped(ground, filter, options, limits, print, &sheet.columns)?;
            let base = base.filter(|_| self.tracks(set));
            let ending = Ending::new(&self.root, asked, print, left, base);
            let payload = self.write_straight(query, Straight::new(sheet, ending)).await?;
            return Ok(paged(payload, (format, version), &preferences, limits, base.is_some()));
        }
        let Read { query, shape, made, left, .. } =
            Read::of(self.ground(set, now), filter, options, limits, print)?;
        if refs && made.is_some() {
            let message = "what $apply makes of entities has no references";
            return Err(Error::new(ErrorKind::Malformed, "NO_REFERENCES", message).about("$apply").into());
        }
        // Changes of related entities are not told.
        let tracks = made.is_none() && !refs && shape.expanded.is_empty() && self.tracks(set);
        let base = base.filter(|_| tracks);
        let ending = Ending::new(&self.root, asked, print, left, base);
        let select = Sheets::fit(options).then_some(options.select.as_slice());
        let wanted = Wanted { set, shape: &shape, style, most: limits.size, ending, select };
        let payload = match &made {
            _ if refs => Box::pin(self.write_refs(query, wanted)).await?,
            None => self.write_entities(query, wanted).await?,
            Some(made) => Box::pin(self.write_made(query, wanted, made)).await?,
        };
        Ok(paged(payload, (format, version), &preferences, limits, base.is_some()))
    }

    async fn write_refs(&self, query: Query, wanted: Wanted<'_>) -> Result<Payload, Refusal> {
        let Wanted { set, shape, style, most, ending, .. } = wanted;
        let Harvest { found, head, cut, .. } =
            self.harvest(query, &shape.expanded, (most, ending.tracks())).await?;
        let mut writer = Writer::new(style);
        let context = Context::new(Target::Refs).url(&self.root, style.version);
        writer.begin_collection(Some(&context), found.total);
        let face = Face::new(self, set, shape, style);
        for row in &found.rows {
            writer.reference(None, &face.id(row));
        }
        ending.write(&mut writer, Ended { next: found.next, head, cut });
        Ok(Payload::new(writer.finish(), None))
    }

    async fn write_entities(&self, query: Query, wanted: Wanted<'_>) -> Result<Payload, Refusal> {
        let Wanted { set, shape, style, most, ending, select } = wanted;
        let context = context(set, true).select(selected(shape)).url(&self.root, style.version);
        let mut face = Face::new(self, set, shape, style);
        if shape.operations.is_empty() && Sheet::fits(&face, style) {
            let sheet = Arc::new(Sheet::new(face, style, context, shape.columns.clone()));
            if let Some(select) = select {
                self.sheets.keep(set, select, &sheet);
            }
            return self.write_straight(query, Straight::new(sheet, ending)).await;
        }
        let harvest = self.harvest(query, &shape.expanded, (most, ending.tracks()));
        let Harvest { found, head, branches, cut } = Box::pin(harvest).await?;
        face.offers = self.offers(set, shape, style, &found.rows).await?;
        let mut writer = Writer::new(style);
        writer.begin_collection(Some(&context), found.total);
        for (index, row) in found.rows.iter().enumerate() {
            face.write_with(&mut writer, row, None, (index, &branches));
        }
        ending.write(&mut writer, Ended { next: found.next, head, cut });
        Ok(Payload::new(writer.finish(), None))
    }

    /// What transformations made of entities.
    async fn write_made(&self, query: Query, wanted: Wanted<'_>, made: &Made) -> Result<Payload, Refusal> {
        let Wanted { set, shape, style, most, ending, .. } = wanted;
        let Harvest { found, head, branches, cut } =
            self.harvest(query, &shape.expanded, (most, ending.tracks())).await?;
        let context = context(set, true).select(selected(shape)).url(&self.root, style.version);
        let mut writer = Writer::new(style);
        writer.begin_collection(Some(&context), found.total);
        let face = Face::new(self, set, shape, style);
        let faces = Faces::new(self, &face, shape, made, style);
        for (index, row) in found.rows.iter().enumerate() {
            faces.write(&mut writer, row, (index, &branches));
        }
        ending.write(&mut writer, Ended { next: found.next, head, cut });
        Ok(Payload::new(writer.finish(), None))
    }

    /// How many entities there are, as plain text whatever `Accept` says: OpenUI5 asks for a count as for everything else,
    /// `application/json`, and the protocol knows but one form of it (OData-Protocol 4.01, section 11.2.10).
    pub(super) async fn count(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        filter: Option<Expr>,
    ) -> Result<Answer, Refusal> {
        let Understood { options, now, .. } = request;
        if let Some(format) = format_of(request) {
            negotiate(&[Offer::Media("text", "plain")], None, Some(format))?;
        }
        let Read { query, .. } = Read::of(self.ground(set, now), filter, options, PageLimits::default(), 0)?;
        let app = self.caller.grant.app.id;
        // Paging and order mean nothing for a count (OData-URL 4.01, section 4.8).
        let query =
            Query { table: query.table, filter: query.filter, steps: query.steps, ..Query::default() };
        let query = self.seen(query);
        let count = self.tenancy.read(move |reader| Ok(reader.count(app, &query)?)).await?;
        Ok(Answer::new(StatusCode::OK, "text/plain", count.to_string()))
    }
}
