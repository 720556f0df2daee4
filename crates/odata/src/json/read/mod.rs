//! Payloads of requests, read by the types of the metadata (OData-JSON 4.01).
//!
//! What does not fit is refused with the path of the member and its place in the text: wrong types, members that come
//! twice or that the type does not have, nesting and sizes beyond the limits. Annotations and control information that
//! mean nothing in a request are passed over, as section 4.6 wants it. Names of control information are known with and
//! without `odata.` in either version.

mod change;
mod control;
mod instance;
mod path;
pub(crate) mod tokens;
mod typed;

use std::borrow::Cow;

pub use change::Change;
pub use instance::{Content, Instance, Member};
use path::Path;
pub(crate) use tokens::{Kind, Tokens};

use crate::{
    Error, ErrorKind, Span,
    edm::{Edm, Parameter, QName, StructuredType, TypeKind, TypeRef},
};

/// What a payload may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Its length.
    pub bytes: usize,
    /// Objects and arrays inside each other.
    pub depth: usize,
    /// Values in all.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 32, values: 1_000_000 }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// Reads payloads. What it gives borrows from the payload where it can.
#[derive(Debug)]
pub struct Reader<'e, 'a> {
    edm: &'e Edm,
    tokens: Tokens<'a>,
    path: Path,
}

impl<'e, 'a> Reader<'e, 'a> {
    /// Of a whole body. `offset` is where it begins in what the client sent: places in errors count from there.
    pub fn new(edm: &'e Edm, body: &'a [u8], offset: usize, limits: Limits) -> Result<Self> {
        if body.len() > limits.bytes {
            let message = format!("The payload is longer than {} bytes", limits.bytes);
            return Err(Error::new(ErrorKind::TooLarge, "TOO_LARGE", message));
        }
        let tokens = Tokens::new(body, offset, limits.depth, limits.values)?;
        Ok(Self { edm, tokens, path: Path::default() })
    }

    /// One entity of this type or one derived from it, for POST, PATCH and PUT.
    pub fn entity(self, kind: &QName) -> Result<Instance<'a>> {
        self.whole(|reader| {
            let kind = reader.structured(kind)?;
            reader.instance(kind)
        })
    }

    /// Entities as `{"value": […]}`: a PUT to a collection, or changes to one (section 15), which may be removals and
    /// links as well.
    pub fn changes(self, kind: &QName) -> Result<Vec<Change<'a>>> {
        self.whole(|reader| {
            let kind = reader.structured(kind)?;
            reader.value_member(|reader| reader.items(|reader| reader.change(kind)))
        })
    }

    /// A property on its own: a complex value is the object itself, anything else `{"value": …}` (section 7).
    pub fn property(self, kind: &TypeRef) -> Result<Content<'a>> {
        self.whole(|reader| {
            let complex = !kind.collection && reader.named_structure(kind).is_some();
            if complex { reader.content(kind) } else { reader.value_member(|reader| reader.content(kind)) }
        })
    }

    /// References, as POST and PUT to `$ref` carry them: one object with an id, or `{"value": […]}` of such.
    pub fn references(self) -> Result<Vec<Cow<'a, str>>> {
        self.whole(|reader| {
            let mut ahead = reader.tokens.clone();
            let (mut first, mut collection) = (true, false);
            ahead.begin_object()?;
            while let Some((name, _)) = ahead.member(&mut first)? {
                collection |= name == "value";
                ahead.skip()?;
            }
            if collection {
                return reader.value_member(|reader| reader.items(Self::reference));
            }
            reader.reference().map(|id| vec![id])
        })
    }

    /// The parameters of an action by name (section 18): the binding one is not among them. No body is an empty one.
    pub fn parameters(mut self, parameters: &[Parameter]) -> Result<Vec<Member<'a>>> {
        if self.tokens.is_blank() {
            return Self::check_all_given(parameters, &[]).map(|()| Vec::new());
        }
        self.whole(|reader| {
            let mut given: Vec<Member<'a>> = Vec::new();
            reader.members(|reader, name, span| {
                let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
                    let message = format!("The action has no parameter `{}`", crate::header::excerpt(&name));
                    return refuse("UNKNOWN_PARAMETER", message, span);
                };
                let content = reader.content(&parameter.kind)?;
                given.push(Member { name, span, content });
                Ok(())
            })?;
            Self::check_all_given(parameters, &given).map(|()| given)
        })
    }

    /// The names of the members at the root, without annotations: what an overload of an action is chosen by.
    pub fn names(mut self) -> Result<Vec<Cow<'a, str>>> {
        if self.tokens.is_blank() {
            return Ok(Vec::new());
        }
        self.whole(|reader| {
            let mut names = Vec::new();
            reader.members(|reader, name, _| {
                names.push(name);
                reader.tokens.skip().map(drop)
            })?;
            Ok(names)
        })
    }

    fn check_all_given(parameters: &[Parameter], given: &[Member<'_>]) -> Result<()> {
        let missing = parameters.iter().find(|parameter| {
            let optional = parameter.kind.nullable
                || parameter.kind.collection
                || parameter.annotations.iter().any(|it| it.term.name == "OptionalParameter");
            !optional && !given.iter().any(|member| member.name == parameter.name)
        });
        missing.map_or(Ok(()), |parameter| {
            let message = format!("Parameter `{}` is missing", parameter.name);
            Err(Error::new(ErrorKind::Malformed, "MISSING_PARAMETER", message).about(&parameter.name))
        })
    }

    /// Reads the payload to its end; an error without a target is about the member that was being read.
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let found = read(&mut self).and_then(|found| self.tokens.end().map(|()| found));
        found.map_err(|error| match (&error.target, self.path.text(&self.tokens)) {
            (None, Some(path)) => error.about(path),
            _ => error,
        })
    }

    /// Each member of an object, passing over annotations and control information; refuses names that come twice.
    fn members(&mut self, mut read: impl FnMut(&mut Self, Cow<'a, str>, Span) -> Result<()>) -> Result<()> {
        let mut seen = control::Seen::default();
        let mut first = true;
        self.object()?;
        while let Some((name, span)) = self.tokens.member(&mut first)? {
            if !seen.add(name.clone()) {
                return twice(&name, span);
            }
            if name.ends_with("@expressionUrl") || name.ends_with("@odata.expressionUrl") {
                let message = "Values given as expressions are not supported";
                let error = Error::new(ErrorKind::Unsupported, "EXPRESSION_URL", message);
                return Err(error.at(span.start..span.end));
            }
            if name.contains('@') {
                self.tokens.skip()?;
                continue;
            }
            self.path.enter(span);
            read(self, name, span)?;
            self.path.leave();
        }
        Ok(())
    }

    /// The value of member `value`, which must be there and be the only one.
    fn value_member<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let start = self.tokens.place();
        let mut found = None;
        self.members(|reader, name, span| {
            if name != "value" {
                let message =
                    format!("Expected only `value` here, found `{}`", crate::header::excerpt(&name));
                return refuse("UNKNOWN_MEMBER", message, span);
            }
            found = Some(read(reader)?);
            Ok(())
        })?;
        match found {
            Some(found) => Ok(found),
            None => {
                refuse("MISSING_VALUE", "Expected an object with a member `value`", self.tokens.since(start))
            }
        }
    }

    /// Each item of an array.
    fn items<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let kind = self.tokens.kind()?;
        if kind != Kind::Array {
            return self.expected("an array", kind);
        }
        let (mut items, mut first) = (Vec::new(), true);
        self.tokens.begin_array()?;
        while self.tokens.item(&mut first)? {
            self.path.enter_item(items.len());
            items.push(read(self)?);
            self.path.leave();
        }
        Ok(items)
    }

    fn reference(&mut self) -> Result<Cow<'a, str>> {
        let start = self.tokens.place();
        let (mut id, mut first) = (None, true);
        let mut seen = control::Seen::default();
        self.object()?;
        while let Some((name, span)) = self.tokens.member(&mut first)? {
            if !seen.add(name.clone()) {
                return twice(&name, span);
            }
            if matches!(&*name, "@id" | "@odata.id") {
                id = Some(self.text()?);
            } else if name.contains('@') {
                self.tokens.skip()?;
            } else {
                return refuse("UNKNOWN_MEMBER", "A reference has an id and nothing else", span);
            }
        }
        match id {
            Some(id) => Ok(id),
            None => refuse("MISSING_ID", "A reference needs an @id", self.tokens.since(start)),
        }
    }

    // What the parts share.

    fn object(&mut self) -> Result<()> {
        match self.tokens.kind()? {
            Kind::Object => self.tokens.begin_object(),
            other => self.expected("an object", other),
        }
    }

    fn text(&mut self) -> Result<Cow<'a, str>> {
        match self.tokens.kind()? {
            Kind::String => self.tokens.string(),
            other => self.expected("a string", other),
        }
    }

    fn expected<T>(&self, what: &str, found: Kind) -> Result<T> {
        let place = self.tokens.place();
        refuse(
            "WRONG_TYPE",
            format!("Expected {what}, found {}", found.name()),
            Span { start: place, end: place + 1 },
        )
    }

    fn structured(&self, name: &QName) -> Result<&'e StructuredType> {
        self.edm.structured(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Malformed,
                "UNKNOWN_TYPE",
                format!("There is no entity or complex type {name}"),
            )
        })
    }

    fn is_entity(kind: &StructuredType) -> bool {
        matches!(kind.kind, TypeKind::Entity { .. })
    }
}

fn refuse<T>(code: &'static str, message: impl Into<String>, span: Span) -> Result<T> {
    Err(Error { span: Some(span), ..Error::new(ErrorKind::Malformed, code, message) })
}

fn twice<T>(name: &str, span: Span) -> Result<T> {
    refuse("DUPLICATE_MEMBER", format!("`{}` is given twice", crate::header::excerpt(name)), span)
}
