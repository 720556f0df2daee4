//! Types derived from a set's own: segments that narrow it (OData-URL 4.01, section 4.11).

use super::{casts, is_type, kind_named};
use crate::{
    project::SetSource,
    syntax::ast::{Parens, Segment, SegmentKind},
};

/// The part of a set that the types at the beginning of the rest narrow it to, and the key behind the last of them.
pub(super) fn narrowed<'a, 's>(
    mut set: &'a SetSource,
    rest: &mut Vec<&'s Segment>,
) -> (&'a SetSource, Option<&'s Parens>) {
    while let Some(segment) = rest.first()
        && let SegmentKind::Name(name) = &segment.kind
        && casts(set, name)
        && let Some(kind) = kind_named(set, name)
    {
        let key = match segment.parens.as_slice() {
            [] => None,
            // A cast to the type all its entities have changes nothing, and no key follows it.
            [parens] if !is_type(set, name) => Some(parens),
            _ => break,
        };
        set = kind;
        rest.remove(0);
        if key.is_some() {
            return (set, key);
        }
    }
    (set, None)
}
