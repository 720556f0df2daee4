//! What stands behind the entities of a page: the link to the next one or, on the last one, to later changes.

use gridkeep_model::Value;
use gridkeep_odata::{
    bind::{delta_fingerprint, delta_query, next_query, skip_token},
    json::Writer,
};
use gridkeep_store::Head;

use super::{asked::Asked, delta::Base};

/// What a page's links are made of, on its own: it goes to the thread that reads the page.
pub(super) struct Ending {
    root: String,
    path: String,
    query: String,
    /// The fingerprint of the query.
    print: u64,
    /// How many entities are still wanted behind the page; `None` for all.
    left: Option<u64>,
    /// From where changes are to be tracked, if they are.
    base: Option<Base>,
}

/// Where a page has ended.
#[derive(Default)]
pub(super) struct Ended {
    /// The keys of its last row, when there are more.
    pub(super) next: Option<Vec<Value>>,
    /// Where the log stood.
    pub(super) head: Option<Head>,
    /// How many entities fewer than asked it was made to have.
    pub(super) cut: u64,
}

impl Ending {
    /// Of a page of the service at this root.
    pub(super) fn new(root: &str, asked: &Asked, print: u64, left: Option<u64>, base: Option<Base>) -> Self {
        let (path, query) = (asked.path().to_owned(), asked.query().to_owned());
        Self { root: root.to_owned(), path, query, print, left, base }
    }

    /// Whether it must be known where the log stood.
    pub(super) const fn tracks(&self) -> bool {
        matches!(self.base, Some(Base::Now))
    }

    /// Ends the payload of a page.
    pub(super) fn write(&self, writer: &mut Writer, Ended { next, head, cut }: Ended) {
        let Self { root, path, query, .. } = self;
        let left = self.left.map(|left| left + cut);
        let since = self.base.map(|base| base.since(head));
        let token = |since: gridkeep_odata::bind::Since| since.write(delta_fingerprint(query));
        let next = next.filter(|_| left != Some(0)).map(|after| {
            let more = next_query(query, &skip_token(&after, left, self.print));
            let since = since.map(|since| format!("&$deltatoken={}", token(since)));
            format!("{root}{path}?{more}{}", since.unwrap_or_default())
        });
        let delta = since.filter(|_| next.is_none());
        let delta = delta.map(|since| format!("{root}{path}?{}", delta_query(query, &token(since))));
        writer.end_collection(next.as_deref(), delta.as_deref());
    }
}
