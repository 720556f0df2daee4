//! Collections: pages of entities, references to them, and how many there are.

use axum::http::{HeaderName, StatusCode};
use gridkeep_model::{Query, Row, query::Expr};
use gridkeep_odata::{
    Error, ErrorKind,
    bind::{PageLimits, Read, Shape, delta_fingerprint, fingerprint, next_query, skip_token},
    header::{Metadata, Offer, Omit, Preference, negotiate},
    json::{Context, EntityHead, Fact, KeyForm, SelectItem, Style, Target, Writer},
    project::SetSource,
};

use super::{
    answer::Answer,
    cells::{Cells, context},
    delta::{tracked, tracks},
    dispatch::{Service, Understood},
    entity::etag_of,
    expand::{Branch, Harvest},
    made::Faces,
    media::{self, Stored},
    metadata::format_of,
    nested::{Nested, expanded_items},
    refusal::Refusal,
};

/// An entity and how it is written, worked out once for all rows of an answer.
pub(super) struct Face<'a> {
    pub(super) cells: Cells,
    nested: Vec<Nested<'a>>,
    /// Navigation properties that full metadata says the addresses of.
    links: Vec<&'a str>,
    /// They are groups, not entities: without id and ETag.
    transient: bool,
    root: String,
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
            transient: false,
            root: service.root.clone(),
        }
    }

    /// One of the kinds of rows that transformations made, with what it has of these properties.
    pub(super) fn part(&self, places: &[usize], transient: bool) -> Self {
        Self {
            cells: self.cells.picked(places),
            nested: Vec::new(),
            links: Vec::new(),
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
        if !self.nested.is_empty() {
            let address = self.id(row);
            for (index, nested) in self.nested.iter().enumerate() {
                let branch = branches.get(index).and_then(Option::as_ref);
                nested.write(writer, row, (place, branch), &address);
            }
        }
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
        let Read { query, shape, made, left, .. } =
            Read::of(self.ground(set, now), filter, options, limits, print)?;
        if refs && made.is_some() {
            let message = "what $apply makes of entities has no references";
            return Err(Error::new(ErrorKind::Malformed, "NO_REFERENCES", message).about("$apply").into());
        }
        let Harvest { found, head, branches, cut } =
            self.harvest(query, &shape.expanded, limits.size).await?;
        let left = left.map(|left| left + cut);
        let wants_more = left != Some(0);
        // Changes of related entities are not told.
        let tracks = made.is_none() && !refs && shape.expanded.is_empty() && tracks(set);
        let since = base.filter(|_| tracks).map(|base| base.since(head));
        let next = found.next.filter(|_| wants_more).map(|after| {
            let token = skip_token(&after, left, print);
            let more = next_query(asked.query(), &token);
            let since =
                since.map(|since| format!("&$deltatoken={}", since.write(delta_fingerprint(asked.query()))));
            format!("{}{}?{more}{}", self.root, asked.path(), since.unwrap_or_default())
        });
        let delta = since.filter(|_| next.is_none()).map(|since| self.delta_link(asked, since));
        // Room for what rows usually take, so that a long page is not moved again and again.
        let mut writer = Writer::over(Vec::with_capacity(512 + 256 * found.rows.len()), style);
        if refs {
            writer.begin_collection(Some(&Context::new(Target::Refs).url(&self.root, version)), found.total);
            let face = Face::new(self, set, &shape, style);
            for row in &found.rows {
                writer.reference(None, &face.id(row));
            }
        } else {
            let context = context(set, true).select(selected(&shape));
            writer.begin_collection(Some(&context.url(&self.root, version)), found.total);
            let face = Face::new(self, set, &shape, style);
            match &made {
                None => {
                    for (index, row) in found.rows.iter().enumerate() {
                        face.write_with(&mut writer, row, None, (index, &branches));
                    }
                }
                Some(made) => Faces::new(&face, &shape, made, style).write(&mut writer, &found.rows),
            }
        }
        writer.end_collection(next.as_deref(), delta.as_deref());
        let applied = preferences.applied(|preference| match preference {
            Preference::MaxPageSize(_) => Some(Preference::MaxPageSize(limits.size.into())),
            Preference::TrackChanges if since.is_some() => Some(Preference::TrackChanges),
            Preference::OmitValues(Omit::Nulls) => Some(Preference::OmitValues(Omit::Nulls)),
            _ => None,
        });
        let answer = Answer::json(format, version, writer.finish());
        Ok(match applied {
            Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
            None => answer,
        })
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
        let count = self.tenancy.read(move |reader| Ok(reader.count(app, &query)?)).await?;
        Ok(Answer::new(StatusCode::OK, "text/plain", count.to_string()))
    }
}
