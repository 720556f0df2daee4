//! Paths inside expressions.

use super::{
    ast::{Argument, Expr, ExprKind, Lambda, Parens, ParensKind, Path, PathSegment, PathSegmentKind, Root},
    options::Within,
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// A path: its root and its segments.
    pub(crate) fn path(&mut self) -> Result<Path> {
        let start = self.pos;
        let (root, mut segments) = self.root()?;
        while self.peek() == b'/' {
            self.pos += 1;
            self.element(segments.len())?;
            segments.push(self.segment()?);
        }
        if root == Root::Service && segments.is_empty() {
            return Err(self.expected("`/` and an entity set"));
        }
        Ok(Path { root, segments, at: self.at(start) })
    }

    fn root(&mut self) -> Result<(Root, Vec<PathSegment>)> {
        let start = self.pos;
        if self.peek() == b'$' {
            self.pos += 1;
            let word = self.word();
            self.pos += word.len();
            let root = match word {
                "it" => Root::It,
                "this" => Root::This,
                "these" => Root::These,
                "root" => Root::Service,
                _ => {
                    self.pos = start;
                    return Err(self.expected("`$it`, `$this`, `$these` or `$root`"));
                }
            };
            return Ok((root, Vec::new()));
        }
        if self.peek() == b'@' {
            let segment = self.segment()?;
            return Ok(match segment.kind {
                PathSegmentKind::Annotation { term, qualifier: None } if term.namespace.is_none() => {
                    (Root::Alias(term.name), Vec::new())
                }
                _ => (Root::Instance, vec![segment]),
            });
        }
        let word = self.word();
        let ends = !matches!(self.bytes().get(word.len()), Some(b'.' | b'('));
        if ends && self.scope.iter().any(|variable| variable == word) {
            self.pos += word.len();
            return Ok((Root::Variable(word.to_owned()), Vec::new()));
        }
        let name = self.name("a name")?;
        let parens = self.all_parens(false)?;
        let segment = PathSegment { kind: PathSegmentKind::Name(name), parens, at: self.at(start) };
        Ok((Root::Instance, vec![segment]))
    }

    /// One segment behind `/`, or an annotation.
    fn segment(&mut self) -> Result<PathSegment> {
        let start = self.pos;
        let mut parens = Vec::new();
        let kind = match self.peek() {
            b'@' => self.annotation()?,
            b'$' if self.eat("$count") => match self.peek() {
                b'(' => PathSegmentKind::Count(Some(self.nested(Within::Count)?)),
                _ => PathSegmentKind::Count(None),
            },
            b'$' if self.eat("$filter(") => {
                let filter = self.filter_inside()?;
                parens = self.all_parens(false)?;
                filter
            }
            b'$' => return Err(self.expected("a name, `$count` or `$filter(`")),
            _ => {
                let name = self.name("a name")?;
                let called = self.peek() == b'(' && name.namespace.is_none();
                let known = if called { self.collective(&name.name)? } else { None };
                if known.is_none() {
                    parens = self.all_parens(false)?;
                }
                known.unwrap_or(PathSegmentKind::Name(name))
            }
        };
        Ok(PathSegment { kind, parens, at: self.at(start) })
    }

    /// `@Core.Messages#qualifier`
    pub(crate) fn annotation(&mut self) -> Result<PathSegmentKind> {
        self.expect("@")?;
        let term = self.name("a term")?;
        Ok(PathSegmentKind::Annotation { term, qualifier: self.qualifier()? })
    }

    fn filter_inside(&mut self) -> Result<PathSegmentKind> {
        let outside = self.enter()?;
        self.space();
        let filter = Box::new(self.expression()?);
        self.close()?;
        self.leave(outside);
        Ok(PathSegmentKind::Filter(filter))
    }

    /// `any`, `all` or `aggregate` with the parenthesis next; `None` for other names.
    fn collective(&mut self, name: &str) -> Result<Option<PathSegmentKind>> {
        if name.eq_ignore_ascii_case("any") {
            return Ok(Some(PathSegmentKind::Any(self.lambda()?)));
        }
        if name.eq_ignore_ascii_case("all") {
            let lambda = self.lambda()?;
            if lambda.is_none() {
                self.pos -= 1;
            }
            return lambda.map(PathSegmentKind::All).map(Some).ok_or_else(|| self.expected("a variable"));
        }
        if name != "aggregate" {
            return Ok(None);
        }
        let outside = self.enter()?;
        self.pos += 1;
        self.space();
        let aggregate = Box::new(self.aggregate(false)?);
        self.close()?;
        self.leave(outside);
        Ok(Some(PathSegmentKind::Aggregate(aggregate)))
    }

    /// `()` or `(x:...)`
    fn lambda(&mut self) -> Result<Option<Lambda>> {
        self.expect("(")?;
        self.space();
        if self.eat(")") {
            return Ok(None);
        }
        let variable = self.identifier("a variable")?.value;
        self.space();
        self.expect(":")?;
        self.space();
        self.scope.push(variable.clone());
        let outside = self.enter()?;
        let predicate = Box::new(self.expression()?);
        self.leave(outside);
        self.scope.pop();
        self.close()?;
        Ok(Some(Lambda { variable, predicate }))
    }

    /// All pairs of parentheses that follow. In the path of a URL (`plain`) values are literals or aliases.
    pub(crate) fn all_parens(&mut self, plain: bool) -> Result<Vec<Parens>> {
        let mut found = Vec::new();
        while self.peek() == b'(' {
            self.element(found.len())?;
            let start = self.pos;
            let outside = self.enter()?;
            let kind = self.parens(plain)?;
            self.leave(outside);
            found.push(Parens { kind, at: self.at(start) });
        }
        Ok(found)
    }

    fn parens(&mut self, plain: bool) -> Result<ParensKind> {
        self.pos += 1;
        self.space();
        if self.eat(")") {
            return Ok(ParensKind::Empty);
        }
        let word = self.word();
        if word.is_empty() || self.bytes().get(word.len()) != Some(&b'=') {
            let key = self.plain("a key")?;
            self.close()?;
            return Ok(ParensKind::Key(Box::new(key)));
        }
        let mut arguments: Vec<Argument> = Vec::new();
        let mut known = std::collections::HashSet::new();
        loop {
            self.element(arguments.len())?;
            let start = self.pos;
            let name = self.identifier("a name")?.value;
            let at = self.at(start);
            if !known.insert(name.clone()) {
                let words = format!("`{name}` is there twice");
                return Err(self.error(ErrorKind::Malformed, "DUPLICATE", &words, start));
            }
            self.expect("=")?;
            let value = if plain { self.plain("a literal or an alias")? } else { self.expression()? };
            arguments.push(Argument { name, value, at });
            if !self.comma() {
                break;
            }
        }
        self.close()?;
        Ok(ParensKind::Named(arguments))
    }

    /// A literal or an alias.
    fn plain(&mut self, what: &str) -> Result<Expr> {
        let start = self.pos;
        self.node()?;
        let kind = if self.eat("@") {
            let name = self.identifier("the name of an alias")?.value;
            ExprKind::Path(Path { root: Root::Alias(name), segments: Vec::new(), at: self.at(start) })
        } else {
            match self.literal()? {
                Some(literal) => ExprKind::Literal(literal),
                None => return Err(self.expected(what)),
            }
        };
        Ok(Expr { kind, at: self.at(start) })
    }
}
