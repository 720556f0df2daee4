//! Which part of a collection: `$top` and `$skip` are the client's wish, the page's size is ours.

use gridkeep_model::query::Page;

use super::{Kind, token};
use crate::{Error, ErrorKind, syntax::ast::QueryOptions};

/// How large pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Entities of one answer: what the client prefers, bounded by what the service gives at most.
    pub size: u32,
}

impl PageLimits {
    /// The most entities one answer has.
    pub const MOST: u32 = 10_000;
    /// How many it has when the client says nothing.
    const USUAL: u32 = 1_000;

    /// With the page size that a client prefers (`Prefer: maxpagesize`).
    pub fn preferring(size: Option<u64>) -> Self {
        let wanted = size.map_or(Self::USUAL, |size| u32::try_from(size).unwrap_or(Self::MOST));
        Self { size: wanted.clamp(1, Self::MOST) }
    }
}

impl Default for PageLimits {
    fn default() -> Self {
        Self::preferring(None)
    }
}

/// The page, and how many entities are wanted after it.
pub(super) fn page(
    options: &QueryOptions,
    limits: PageLimits,
    kinds: &[Kind],
    fingerprint: u64,
) -> Result<(Page, Option<u64>), Error> {
    let mut top = options.top.as_ref().map(|top| top.value);
    let mut offset = options.skip.as_ref().map_or(0, |skip| skip.value);
    let mut after = None;
    if let Some(text) = &options.skiptoken {
        let token = token::read(&text.value, kinds, fingerprint).ok_or_else(|| {
            let message =
                "this $skiptoken does not belong to this request; follow the nextLink as it was given";
            Error::new(ErrorKind::Malformed, "INVALID_SKIPTOKEN", message)
                .at(text.at.0.start..text.at.0.end)
                .about("$skiptoken")
        })?;
        (after, top, offset) = (Some(token.after), token.left, 0);
    }
    let limit = top.map_or(limits.size, |top| u32::try_from(top).unwrap_or(u32::MAX).min(limits.size));
    let left = top.map(|top| top - u64::from(limit));
    // Beyond what a database counts nothing is found anyway.
    Ok((Page { limit, offset: offset.min(i64::MAX as u64), after }, left))
}
