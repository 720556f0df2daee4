//! Changes of a collection since a client last looked (OData-Protocol 4.01, section 11.3).
//!
//! A delta token is a place in the app's change log. What has changed since is read again through the same query: what it
//! still finds is there, what it does not find is gone from the collection, whatever the reason.

use std::collections::BTreeMap;

use gridkeep_model::{Query, Row, RowId, Value, query::Expr, query::Page};
use gridkeep_odata::{
    Error, ErrorKind,
    bind::{PageLimits, Read, Since, delta_fingerprint, delta_query},
    header::{Metadata, Preferences, Version},
    json::{Context, Reason, Removed, Scalar, Style, Target, Writer},
    project::{MemberSource, SetSource},
    syntax::ast::QueryOptions,
};
use gridkeep_store::{ChangeKind, Head};

use super::{
    answer::Answer,
    asked::Asked,
    dispatch::{Service, Understood},
    metadata::format_of,
    refusal::Refusal,
    rows::Face,
};
use crate::error::ApiError;

/// Entries of the log that one answer is about, at most.
const MOST_CHANGES: u32 = 500;

/// From where changes are to be tracked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Base {
    /// From the moment of this read.
    Now,
    /// From that of the first page.
    First(Since),
}

impl Base {
    /// As a place in the log.
    pub(super) fn since(self, head: Option<Head>) -> Since {
        match (self, head) {
            (Self::First(since), _) => since,
            (Self::Now, Some(Head { epoch, sequence })) => Since { epoch, sequence },
            (Self::Now, None) => Since { epoch: uuid::Uuid::nil(), sequence: 0 },
        }
    }
}

/// What a read of the log has come to.
struct Log {
    /// The rows that changed, in the order of their last change, with what that was.
    changed: Vec<(RowId, ChangeKind)>,
    rows: BTreeMap<RowId, Row>,
    since: Since,
    more: bool,
}

impl Service {
    /// Where the changes after this place are to be found.
    pub(super) fn delta_link(&self, asked: &Asked, since: Since) -> String {
        let token = since.write(delta_fingerprint(asked.query()));
        format!("{}{}?{}", self.root, asked.path(), delta_query(asked.query(), &token))
    }

    /// The changes of a collection since a delta token.
    pub(super) async fn changes(
        &self,
        request: Understood<'_>,
        set: &SetSource,
        filter: Option<Expr>,
    ) -> Result<Answer, Refusal> {
        let Understood { asked, now, .. } = request;
        let (version, format) = (asked.version()?, asked.json(format_of(request))?);
        if !self.tracks(set) {
            return Err(Refusal::Gone);
        }
        if format.metadata == Metadata::None {
            let message = "changes need the ids of entities: metadata must be minimal or full";
            return Err(Error::new(ErrorKind::NotAcceptable, "NOT_ACCEPTABLE", message)
                .about("Accept")
                .into());
        }
        let (base, plain) = tracked(request, &asked.preferences()?)?;
        let since = base.ok_or(Refusal::Gone)?.since(None);
        let options = plain.unwrap_or_default();
        let limits = PageLimits::preferring(asked.preferences()?.max_page_size());
        let Read { query, shape, .. } = Read::of(self.ground(set, now), filter, &options, limits, 0)?;
        if !shape.expanded.is_empty() {
            let message = "changes of related entities are not offered here";
            return Err(Error::new(ErrorKind::Unsupported, "UNSUPPORTED_OPTION", message)
                .about("$expand")
                .into());
        }
        let (app, most) = (self.caller.grant.app.id, limits.size.min(MOST_CHANGES));
        let (table, query) = (set.table.clone(), self.seen(query));
        let log = self
            .tenancy
            .read(move |reader| {
                let head = reader.head(app)?.ok_or(ApiError::NotFound)?;
                if head.epoch != since.epoch || head.sequence < since.sequence {
                    return Ok(None);
                }
                let changes = reader.changes(app, since.sequence, most)?;
                let last = changes.last().map_or(head.sequence, |change| change.sequence);
                let more = changes.len() as u32 == most && last < head.sequence;
                let mut changed: Vec<(RowId, ChangeKind)> = Vec::new();
                for change in changes.into_iter().filter(|change| change.table == table) {
                    // Other columns: what is known of each row is no longer all of it.
                    let Some(row) = change.row else { return Ok(None) };
                    changed.retain(|(known, _)| *known != row);
                    changed.push((row, change.kind));
                }
                let ids = changed.iter().map(|(id, _)| Value::Guid(id.uuid()));
                let these = Expr::id().one_of(ids);
                let filter = Some(match query.filter {
                    Some(filter) => filter.and(these),
                    None => these,
                });
                let page = Page { limit: most, ..Page::default() };
                let found = if changed.is_empty() {
                    Vec::new()
                } else {
                    reader.rows(app, &Query { filter, page, ..query })?.rows
                };
                let rows = found.into_iter().map(|row| (row.id, row)).collect();
                Ok(Some(Log { changed, rows, since: Since { sequence: last, ..since }, more }))
            })
            .await?;
        let log = log.ok_or(Refusal::Gone)?;
        let style = Style::new(version, format, asked.preferences()?.omit_values());
        let face = Face::new(self, set, &shape, style);
        let mut writer = Writer::new(style);
        let context = Context::new(Target::Delta(set.name.clone())).select(super::rows::selected(&shape));
        writer.begin_collection(Some(&context.url(&self.root, version)), None);
        for (id, kind) in &log.changed {
            if let Some(row) = log.rows.get(id) {
                face.write(&mut writer, row, None);
                continue;
            }
            let reason = if *kind == ChangeKind::Delete { Reason::Deleted } else { Reason::Changed };
            let address = self.address(set, *id);
            writer.begin_removed(&Removed { id: &address, reason, set: &set.name, elsewhere: false });
            // 4.01 lets the key stand beside the id; in 4.0 nothing may.
            if version == Version::V4_01
                && let [key] = set.key.as_slice()
                && set.member(key).is_some_and(|member| member.source == MemberSource::RowId)
            {
                writer.key(key);
                writer.scalar(&Scalar::Guid(id.uuid()));
            }
            writer.end_object();
        }
        let link = self.delta_link(asked, log.since);
        if log.more {
            writer.end_collection(Some(&link), None);
        } else {
            writer.end_collection(None, Some(&link));
        }
        Ok(Answer::json(format, version, writer.finish()))
    }
}

impl Service {
    /// Whether changes of a set can be told to whoever asks. Of what is gone only the row's id is known: not whether it was
    /// ever seen by somebody who does not see all rows.
    pub(super) fn tracks(&self, set: &SetSource) -> bool {
        tracks(set) && !self.caller.grant.rights.sees_some_rows(&set.table)
    }
}

/// Whether changes of a set can be told: of what is gone only the row's id is known.
fn tracks(set: &SetSource) -> bool {
    set.manner.only.is_none()
        && set
            .key
            .iter()
            .all(|key| set.member(key).is_some_and(|member| member.source == MemberSource::RowId))
}

/// Whether a page's read tracks changes, and its options without what only says so.
pub(super) fn tracked(
    request: Understood<'_>,
    preferences: &Preferences,
) -> Result<(Option<Base>, Option<QueryOptions>), Refusal> {
    let Some(token) = &request.options.deltatoken else {
        return Ok((preferences.track_changes().then_some(Base::Now), None));
    };
    let since = since(request, &token.value).ok_or(Refusal::Gone)?;
    let plain = QueryOptions { deltatoken: None, ..request.options.clone() };
    Ok((Some(Base::First(since)), Some(plain)))
}

/// The place a request's token stands for.
fn since(request: Understood<'_>, token: &str) -> Option<Since> {
    Since::read(token, delta_fingerprint(request.asked.query()))
}
