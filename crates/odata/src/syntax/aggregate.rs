//! The expressions of `aggregate`, in `$apply` and behind a collection in an expression.

use super::{
    ast::{
        Aggregate, AggregateFrom, AggregateMethod, AggregateOf, ExprKind, Path, PathSegment, PathSegmentKind,
        Root,
    },
    parser::{Parser, Result},
};

impl Parser<'_> {
    /// One aggregate expression; in `$apply` it is named, in an expression it is not.
    pub(crate) fn aggregate(&mut self, named: bool) -> Result<Aggregate> {
        let start = self.pos;
        let mut of = self.aggregated()?;
        let custom = matches!(of, AggregateOf::Custom(_));
        let mut from = Vec::new();
        while self.keyword("from") {
            self.element(from.len())?;
            let by = self.grouping()?;
            let method = self.with()?;
            if method.is_none() && !custom {
                return Err(self.expected("`with` and a method"));
            }
            from.push(AggregateFrom { by, method });
        }
        let aliased = named && (!custom || !from.is_empty() || self.alias_follows());
        let alias = if aliased { Some(self.alias()?) } else { None };
        if let AggregateOf::Custom(path) = &mut of
            && let Some(odd) = path.segments.iter().find(|s| !matches!(s.kind, PathSegmentKind::Name(_)))
        {
            let words = "a custom aggregate is named by a path of names";
            return Err(crate::Error::new(crate::ErrorKind::Malformed, "SYNTAX", words).at(odd.at.0));
        }
        Ok(Aggregate { of, from, alias, at: self.at(start) })
    }

    fn alias_follows(&mut self) -> bool {
        let before = self.pos;
        let found = self.keyword("as");
        self.pos = before;
        found
    }

    fn aggregated(&mut self) -> Result<AggregateOf> {
        let start = self.pos;
        if self.eat("$count") {
            let segment =
                PathSegment { kind: PathSegmentKind::Count(None), parens: Vec::new(), at: self.at(start) };
            let path = Path { root: Root::Instance, segments: vec![segment], at: self.at(start) };
            return Ok(AggregateOf::Count(path));
        }
        let value = self.expression()?;
        if let Some(method) = self.with()? {
            return Ok(AggregateOf::Value(value, method));
        }
        match value.kind {
            ExprKind::Path(path) if counts(&path) => Ok(AggregateOf::Count(path)),
            ExprKind::Path(path) if path.root == Root::Instance => Ok(AggregateOf::Custom(path)),
            _ => Err(self.expected("`with` and a method")),
        }
    }

    /// `with` and a method, if it follows.
    fn with(&mut self) -> Result<Option<AggregateMethod>> {
        if !self.keyword("with") {
            return Ok(None);
        }
        let before = self.pos;
        let name = self.name("a method")?;
        if name.namespace.is_some() {
            return Ok(Some(AggregateMethod::Custom(name)));
        }
        let method = AggregateMethod::parse(&name.name);
        if method.is_none() {
            self.pos = before;
            return Err(self.expected("`sum`, `min`, `max`, `average`, `countdistinct` or a qualified name"));
        }
        Ok(method)
    }

    /// Properties to group by, one or more.
    fn grouping(&mut self) -> Result<Vec<Path>> {
        let mut paths = Vec::new();
        loop {
            self.element(paths.len())?;
            paths.push(self.names()?);
            if !self.comma() {
                return Ok(paths);
            }
        }
    }

    /// A path of nothing but names.
    pub(crate) fn names(&mut self) -> Result<Path> {
        let start = self.pos;
        let mut segments = Vec::new();
        loop {
            self.element(segments.len())?;
            let at = self.pos;
            let name = self.name("a property")?;
            let kind = PathSegmentKind::Name(name);
            segments.push(PathSegment { kind, parens: Vec::new(), at: self.at(at) });
            if !self.eat("/") {
                return Ok(Path { root: Root::Instance, segments, at: self.at(start) });
            }
        }
    }
}

/// Whether the path ends with a plain `$count`.
fn counts(path: &Path) -> bool {
    path.root == Root::Instance
        && path.segments.last().is_some_and(|last| matches!(last.kind, PathSegmentKind::Count(None)))
}
