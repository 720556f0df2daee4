//! How much a URL may ask for before it is refused.
//!
//! **Architecture Invariant:** each parser counts against these from its first byte, so that the cost of a hostile text
//! is bounded by the limits and not by the text.

/// Bounds on one URL. What goes beyond is answered `TooLarge`, with the bound in the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole URL, or of a query that came as a body.
    pub length: usize,
    /// Nesting of calls, lambdas, lists, options and operators, and so the height of every tree. Never more than [`Limits::DEEPEST`].
    pub depth: usize,
    /// Parentheses open at once in one expression. They cost no stack, so there may be more of them.
    pub parentheses: usize,
    /// Nodes of all expressions together: literals, paths, segments, operators, items.
    pub nodes: usize,
    /// Elements of one list, array, object or argument list.
    pub list: usize,
    /// Nesting of `$expand`.
    pub expand: usize,
}

impl Limits {
    /// Deeper than this is refused whatever `depth` says: it is what a thread's stack surely holds.
    pub const DEEPEST: usize = 100;

    /// The depth that counts.
    pub(crate) fn depth(&self) -> usize {
        self.depth.min(Self::DEEPEST)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { length: 128 * 1024, depth: 50, parentheses: 1_000, nodes: 20_000, list: 5_000, expand: 10 }
    }
}
