//! `$apply`: transformations. Their names are case-sensitive, unlike those of functions.

use super::{
    ast::{
        Apply, ApplyAs, GroupBy, Hierarchy, Name, Path, PathSegment, PathSegmentKind, Ranking, Rollup, Root,
        Spanned, Transformation, TransformationKind,
    },
    lexical,
    parser::{Parser, Result},
};

impl Parser<'_> {
    /// Transformations with `/` between them.
    pub(crate) fn apply(&mut self) -> Result<Apply> {
        let mut steps = Vec::new();
        loop {
            self.element(steps.len())?;
            let start = self.pos;
            // Twice, for the stack that it takes.
            self.down()?;
            let outside = self.enter()?;
            let kind = self.transformation()?;
            self.leave(outside);
            self.up();
            steps.push(Transformation { kind, at: self.at(start) });
            if !self.eat("/") {
                return Ok(Apply { steps });
            }
        }
    }

    fn transformation(&mut self) -> Result<TransformationKind> {
        let length = lexical::name(self.rest()).unwrap_or(0);
        let name = &self.rest()[..length];
        if name == "identity" {
            self.pos += length;
            return Ok(TransformationKind::Identity);
        }
        if name.contains('.') {
            let path = self.names()?;
            let mut path = Path { at: path.at, ..path };
            if self.peek() != b'(' {
                return Err(self.expected("`(`"));
            }
            if let Some(last) = path.segments.last_mut() {
                last.parens = self.all_parens(false)?;
            }
            return Ok(TransformationKind::Custom(path));
        }
        let ranking = Ranking::parse(name);
        if name == "expand" {
            let start = self.pos;
            self.pos += length;
            return Err(
                self.unsupported("`expand` is not supported in `$apply`; `addnested` took its place", start)
            );
        }
        if ranking.is_none() && !is_transformation(name) {
            return Err(self.expected("a transformation"));
        }
        self.pos += length;
        self.expect("(")?;
        self.space();
        let kind = match (ranking, name) {
            (Some(ranking), _) => {
                let amount = self.expression()?;
                self.separator()?;
                TransformationKind::Ranked(ranking, amount, self.expression()?)
            }
            (None, "aggregate") => {
                TransformationKind::Aggregate(self.listed(|parser| parser.aggregate(true))?)
            }
            (None, "compute") => TransformationKind::Compute(self.compute()?),
            (None, "concat") => {
                let parts = self.listed(Self::apply)?;
                if parts.len() < 2 {
                    return Err(self.expected("`,` and another sequence of transformations"));
                }
                TransformationKind::Concat(parts)
            }
            (None, "groupby") => self.groupby()?,
            (None, "join" | "outerjoin") => self.join(name == "outerjoin")?,
            (None, "nest") => TransformationKind::Nest(self.listed(Self::apply_as)?),
            (None, "addnested") => {
                let path = self.names()?;
                self.separator()?;
                TransformationKind::AddNested(path, self.listed(Self::apply_as)?)
            }
            (None, "filter") => TransformationKind::Filter(self.expression()?),
            (None, "search") => TransformationKind::Search(self.search()?),
            (None, "orderby") => TransformationKind::OrderBy(self.orderby()?),
            (None, "top") => TransformationKind::Top(self.unsigned()?),
            (None, "skip") => TransformationKind::Skip(self.unsigned()?),
            (None, "traverse") => self.traverse()?,
            (None, _) => self.relatives(name == "ancestors")?,
        };
        self.close()?;
        Ok(kind)
    }

    /// Items with commas between them, one or more.
    fn listed<T>(&mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.element(items.len())?;
            items.push(item(self)?);
            if !self.comma() {
                return Ok(items);
            }
        }
    }

    fn separator(&mut self) -> Result<()> {
        if self.comma() { Ok(()) } else { Err(self.expected("`,`")) }
    }

    fn apply_as(&mut self) -> Result<ApplyAs> {
        let apply = self.apply()?;
        Ok(ApplyAs { apply, alias: self.alias()? })
    }

    fn join(&mut self, outer: bool) -> Result<TransformationKind> {
        let start = self.pos;
        let property = if self.peek() == b'@' { self.path()? } else { self.names()? };
        if matches!(property.root, Root::Alias(_)) {
            self.pos = start;
            return Err(self.expected("a property or a qualified annotation"));
        }
        let alias: Spanned<String> = self.alias()?;
        let apply = if self.comma() { Some(self.apply()?) } else { None };
        Ok(TransformationKind::Join { outer, property, alias, apply })
    }

    fn groupby(&mut self) -> Result<TransformationKind> {
        self.expect("(")?;
        self.space();
        let elements = self.listed(Self::group)?;
        self.close()?;
        let apply = if self.comma() { Some(self.apply()?) } else { None };
        Ok(TransformationKind::GroupBy(elements, apply))
    }

    fn group(&mut self) -> Result<GroupBy> {
        if self.eat("rolluprecursive(") {
            self.space();
            let hierarchy = self.hierarchy()?;
            let start = if self.comma() { Some(self.apply()?) } else { None };
            self.close()?;
            return Ok(GroupBy::Recursive(hierarchy, start));
        }
        if self.eat("rollup(") {
            self.space();
            let start = self.pos;
            let everything = self.eat("$all");
            if everything && !self.comma() {
                return Err(self.expected("`,` and a finer level"));
            }
            let all = everything.then(|| self.everything(start));
            let mut levels = self.listed(Self::names)?;
            self.close()?;
            if let Some(all) = all {
                levels.insert(0, all);
                return Ok(GroupBy::Rollup(Rollup::Levels(levels)));
            }
            if levels.len() > 1 {
                return Ok(GroupBy::Rollup(Rollup::Levels(levels)));
            }
            let name = levels.pop().and_then(|path| alone(&path));
            if name.is_none() {
                self.pos -= 1;
            }
            let name = name.ok_or_else(|| self.expected("`,` and a finer level"))?;
            return Ok(GroupBy::Rollup(Rollup::Named(name)));
        }
        self.names().map(GroupBy::Path)
    }

    /// `$all`: the level above all others, as the first committee specification wrote it.
    fn everything(&self, start: usize) -> Path {
        let at = self.at(start);
        let name = Name { namespace: None, name: "$all".to_owned(), at };
        let segment = PathSegment { kind: PathSegmentKind::Name(name), parens: Vec::new(), at };
        Path { root: Root::Instance, segments: vec![segment], at }
    }

    /// `$root/Units,Hierarchy,Unit/ID`
    fn hierarchy(&mut self) -> Result<Hierarchy> {
        if !self.rest().starts_with("$root/") {
            return Err(self.expected("`$root/`"));
        }
        let nodes = self.path()?;
        self.separator()?;
        let qualifier = self.identifier("the qualifier of a hierarchy")?.value;
        self.separator()?;
        let node = self.names()?;
        Ok(Hierarchy { nodes, qualifier, node })
    }

    fn relatives(&mut self, ancestors: bool) -> Result<TransformationKind> {
        let hierarchy = self.hierarchy()?;
        self.separator()?;
        let start = self.apply()?;
        let (mut distance, mut keep_start) = (None, false);
        if self.comma() {
            if self.peek().is_ascii_digit() {
                distance = Some(self.unsigned()?);
                keep_start = self.comma();
            } else {
                keep_start = true;
            }
            if keep_start {
                self.expect("keep start")?;
            }
        }
        Ok(TransformationKind::Relatives { ancestors, hierarchy, start, distance, keep_start })
    }

    fn traverse(&mut self) -> Result<TransformationKind> {
        let hierarchy = self.hierarchy()?;
        self.separator()?;
        let preorder = self.eat("preorder");
        if !preorder && !self.eat("postorder") {
            return Err(self.expected("`preorder` or `postorder`"));
        }
        let (mut start, mut orderby) = (None, Vec::new());
        let mut more = self.comma();
        if more && self.transformation_follows() {
            start = Some(self.apply()?);
            more = self.comma();
        }
        if more {
            orderby = self.orderby()?;
        }
        Ok(TransformationKind::Traverse { hierarchy, preorder, start, orderby })
    }

    /// Whether a transformation stands ahead and not a path to sort by.
    fn transformation_follows(&self) -> bool {
        let length = lexical::name(self.rest()).unwrap_or(0);
        let name = &self.rest()[..length];
        let call = self.bytes().get(length) == Some(&b'(');
        let known = is_transformation(name) || Ranking::parse(name).is_some() || name.contains('.');
        name == "identity" || (call && known && name != "concat")
    }
}

/// The identifier that is all of the path.
fn alone(path: &Path) -> Option<String> {
    match path.segments.as_slice() {
        [PathSegment { kind: PathSegmentKind::Name(name), .. }] if name.namespace.is_none() => {
            Some(name.name.clone())
        }
        _ => None,
    }
}

fn is_transformation(name: &str) -> bool {
    matches!(
        name,
        "addnested"
            | "aggregate"
            | "ancestors"
            | "compute"
            | "concat"
            | "descendants"
            | "filter"
            | "groupby"
            | "join"
            | "nest"
            | "orderby"
            | "outerjoin"
            | "search"
            | "skip"
            | "top"
            | "traverse"
    )
}
