//! Context URLs: what a payload is, as the fragment behind `$metadata` (OData-Protocol 4.01, section 10).
//!
//! Key values in paths are canonical and not percent-encoded, as section 10 wants it.

use std::fmt;

use crate::{Error, ErrorKind, edm::QName, header::Version};

/// What a payload describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The service document: no fragment at all.
    Service,
    /// Entities of a set or of a contained collection, by path: `Customers`, `Customers('ALFKI')/Orders`.
    Set(String),
    /// One entity of such a set.
    Entity(String),
    /// Changes to such a set.
    Delta(String),
    /// An entity that left such a set, in delta payloads.
    DeletedEntity(String),
    /// A relationship that came, from such a set.
    Link(String),
    /// A relationship that went.
    DeletedLink(String),
    /// A singleton, or the target of a contained navigation property to one, by path.
    Singleton(String),
    /// A property of an entity, by path: `Customers(1)/Addresses`.
    Property(String),
    /// A value of a type: `Edm.String`, `Model.Address`, and entities that belong to no set.
    Type(String),
    /// Several of them.
    Collection(String),
    /// A reference.
    Ref,
    /// References.
    Refs,
    /// All entities (`$all`).
    All,
    /// Combinations of entities (`$crossjoin`).
    Crossjoin,
}

/// One name of a select list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectItem {
    /// A property, path, `*`, operation or annotation: `Address/Country`, `Model.VipCustomer/Rating`, `Model.*`.
    pub path: String,
    /// Expanded through all levels: `DirectReports+(…)`.
    pub recursive: bool,
    /// What is selected of an expanded property; empty means all.
    pub nested: Option<Vec<SelectItem>>,
}

impl SelectItem {
    /// A selected name.
    pub fn selected(path: impl Into<String>) -> Self {
        Self { path: path.into(), recursive: false, nested: None }
    }

    /// An expanded navigation property with what is selected of it.
    pub fn expanded(path: impl Into<String>, recursive: bool, nested: Vec<Self>) -> Self {
        Self { path: path.into(), recursive, nested: Some(nested) }
    }
}

/// A context, to be put behind the address of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// What it is.
    pub target: Target,
    /// A type derived from the target's, which all of it has.
    pub cast: Option<QName>,
    /// What is there of it; `None` means all that is there by default.
    pub select: Option<Vec<SelectItem>>,
}

impl Context {
    /// Of this, with everything.
    pub const fn new(target: Target) -> Self {
        Self { target, cast: None, select: None }
    }

    /// With a select list; an empty one means everything.
    #[must_use]
    pub fn select(self, items: Vec<SelectItem>) -> Self {
        Self { select: (!items.is_empty()).then_some(items), ..self }
    }

    /// With a derived type.
    #[must_use]
    pub fn cast(self, kind: QName) -> Self {
        Self { cast: Some(kind), ..self }
    }

    /// The whole URL: `root` ends in a slash and may be empty, for a relative one. A 4.0 answer does not name expanded
    /// properties of which nothing is selected (section 10.9).
    pub fn url(&self, root: &str, version: Version) -> String {
        let shown = match (version, &self.select) {
            (Version::V4_0, Some(items)) => {
                let select = Some(without_plain_expands(items)).filter(|items| !items.is_empty());
                Self { select, ..self.clone() }
            }
            _ => self.clone(),
        };
        match shown.target {
            Target::Service => format!("{root}$metadata"),
            _ => format!("{root}$metadata{shown}"),
        }
    }

    /// Reads a context URL or its fragment, by syntax alone: payloads name their kind by it.
    pub fn parse(url: &str) -> Result<Self, Error> {
        if url.len() > MAX_LENGTH {
            let message = format!("A context URL has at most {MAX_LENGTH} bytes");
            return Err(Error::new(ErrorKind::TooLarge, "BAD_CONTEXT", message).about("@context"));
        }
        let Some((_, fragment)) = url.split_once('#') else {
            return if url.ends_with("$metadata") {
                Ok(Self::new(Target::Service))
            } else {
                Err(refuse(url.len(), "Expected `#` and what the payload is"))
            };
        };
        Parser { text: fragment, at: 0, offset: url.len() - fragment.len() }.context()
    }
}

fn without_plain_expands(items: &[SelectItem]) -> Vec<SelectItem> {
    let keep = |item: &SelectItem| match &item.nested {
        None => Some(item.clone()),
        Some(nested) => {
            let nested = without_plain_expands(nested);
            (!nested.is_empty()).then(|| SelectItem { nested: Some(nested), ..item.clone() })
        }
    };
    items.iter().filter_map(keep).collect()
}

/// The fragment, with its `#`.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, suffix) = match &self.target {
            Target::Service => return Ok(()),
            Target::Set(path) | Target::Singleton(path) | Target::Property(path) | Target::Type(path) => {
                (path.clone(), "")
            }
            Target::Entity(path) => (path.clone(), "/$entity"),
            Target::Delta(path) => (path.clone(), "/$delta"),
            Target::DeletedEntity(path) => (path.clone(), "/$deletedEntity"),
            Target::Link(path) => (path.clone(), "/$link"),
            Target::DeletedLink(path) => (path.clone(), "/$deletedLink"),
            Target::Collection(name) => (format!("Collection({name})"), ""),
            Target::Ref => ("$ref".to_owned(), ""),
            Target::Refs => ("Collection($ref)".to_owned(), ""),
            Target::All => ("Collection(Edm.EntityType)".to_owned(), ""),
            Target::Crossjoin => ("Collection(Edm.ComplexType)".to_owned(), ""),
        };
        write!(f, "#{start}")?;
        if let Some(cast) = &self.cast {
            write!(f, "/{cast}")?;
        }
        if let Some(items) = &self.select {
            write_list(f, items)?;
        }
        f.write_str(suffix)
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, items: &[SelectItem]) -> fmt::Result {
    f.write_str("(")?;
    for (index, item) in items.iter().enumerate() {
        let (comma, plus) = (if index > 0 { "," } else { "" }, if item.recursive { "+" } else { "" });
        write!(f, "{comma}{}{plus}", item.path)?;
        if let Some(nested) = &item.nested {
            write_list(f, nested)?;
        }
    }
    f.write_str(")")
}

fn refuse(at: usize, message: &str) -> Error {
    Error::new(ErrorKind::Malformed, "BAD_CONTEXT", message).at(at..at).about("@context")
}

/// Longer ones are not read.
const MAX_LENGTH: usize = 16 << 10;
/// Deepest nesting of select lists that is read.
const MAX_DEPTH: usize = 32;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    offset: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, message: &str) -> Result<T, Error> {
        Err(refuse(self.offset + self.at, message))
    }

    fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    fn end(&self, context: Context) -> Result<Context, Error> {
        if self.rest().is_empty() { Ok(context) } else { self.fail("Expected the end of the context") }
    }

    fn context(mut self) -> Result<Context, Error> {
        for (text, target) in [
            ("Collection($ref)", Target::Refs),
            ("$ref", Target::Ref),
            ("Collection(Edm.EntityType)", Target::All),
            ("Collection(Edm.ComplexType)", Target::Crossjoin),
        ] {
            if self.eat(text) {
                return self.end(Context::new(target));
            }
        }
        if self.eat("Collection(") {
            let name = self.qualified()?;
            if !self.eat(")") {
                return self.fail("Expected `)` after the type");
            }
            let select = self.select()?;
            return self.end(Context { target: Target::Collection(name), cast: None, select });
        }
        self.path()
    }

    /// A path of names, each with a key perhaps; then a select list and a suffix.
    fn path(mut self) -> Result<Context, Error> {
        let (mut path, mut cast, mut select) = (String::new(), None, None);
        let mut suffix = "";
        let mut last_key = false;
        loop {
            if let Some(known) = ["$entity", "$delta", "$deletedEntity", "$link", "$deletedLink"]
                .into_iter()
                .find(|known| self.rest() == *known)
            {
                self.at = self.text.len();
                suffix = known;
                break;
            }
            if select.is_some() {
                return self.fail("Expected $entity or $delta");
            }
            let name = self.name()?;
            if !path.is_empty() || cast.is_some() {
                // A cast in the middle belongs to the path.
                if let Some(previous) = cast.take() {
                    path = if path.is_empty() { format!("{previous}") } else { format!("{path}/{previous}") };
                }
            }
            match QName::parse(&name) {
                Some(kind) => cast = Some(kind),
                None if path.is_empty() => path = name,
                None => path = format!("{path}/{name}"),
            }
            last_key = false;
            if self.rest().starts_with('(') {
                if let Some(key) = self.key() {
                    path = format!("{path}{key}");
                    last_key = true;
                } else {
                    select = self.select()?;
                }
            }
            if !self.eat("/") {
                break;
            }
        }
        if last_key || path.is_empty() && !suffix.is_empty() {
            return self.fail("Expected a property after the key");
        }
        let target = match suffix {
            "$entity" => Target::Entity(path),
            "$delta" => Target::Delta(path),
            "$deletedEntity" => Target::DeletedEntity(path),
            "$link" => Target::Link(path),
            "$deletedLink" => Target::DeletedLink(path),
            _ if path.is_empty() => {
                let Some(kind) = cast.take() else { return self.fail("Expected a name") };
                Target::Type(kind.to_string())
            }
            _ => Target::Set(path),
        };
        self.end(Context { target, cast, select })
    }

    /// Letters, digits, underscores and dots.
    fn name(&mut self) -> Result<String, Error> {
        let fits = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
        let length = self.rest().find(|character| !fits(character)).unwrap_or(self.rest().len());
        let name = self.rest()[..length].to_owned();
        if name.split('.').any(|part| part.is_empty() || part.starts_with(|first: char| first.is_numeric())) {
            return self.fail("Expected a name");
        }
        self.at += length;
        Ok(name)
    }

    fn qualified(&mut self) -> Result<String, Error> {
        let name = self.name()?;
        if name.contains('.') { Ok(name) } else { self.fail("Expected a qualified type name") }
    }

    /// A key predicate with its parentheses, told from a select list by its value: a literal or `name=literal`.
    fn key(&mut self) -> Option<String> {
        let inside = self.rest().strip_prefix('(')?;
        let value = match inside.split_once('=') {
            Some((name, value)) if name.chars().all(|it| it.is_alphanumeric() || it == '_') => value,
            _ => inside,
        };
        let number_or_text =
            value.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '\'' | '-'));
        let guid = value.as_bytes().get(8) == Some(&b'-');
        let typed =
            value.find('\'').is_some_and(|quote| value.find([',', ')', '(']).is_some_and(|end| quote < end));
        if !number_or_text && !guid && !typed {
            return None;
        }
        let mut quoted = false;
        let length = self.rest().find(|character| {
            quoted ^= character == '\'';
            character == ')' && !quoted
        })?;
        let key = self.rest()[..=length].to_owned();
        self.at += length + 1;
        Some(key)
    }

    fn select(&mut self) -> Result<Option<Vec<SelectItem>>, Error> {
        if self.rest().starts_with('(') { self.list(0).map(Some) } else { Ok(None) }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<SelectItem>, Error> {
        self.eat("(");
        let mut items = Vec::new();
        if depth > MAX_DEPTH {
            return self.fail("The select list is nested too deep");
        }
        if self.eat(")") {
            return Ok(items);
        }
        loop {
            let path = self.item()?;
            let recursive = self.eat("+");
            let mut nested = None;
            if self.rest().starts_with('(') {
                nested = Some(self.list(depth + 1)?);
            }
            items.push(SelectItem { path, recursive, nested });
            if self.eat(")") {
                return Ok(items);
            }
            if !self.eat(",") {
                return self.fail("Expected `,` or `)` in the select list");
            }
        }
    }

    /// `*`, `Model.*`, a path of names, or an annotation with its qualifier.
    fn item(&mut self) -> Result<String, Error> {
        let start = self.at;
        loop {
            if self.eat("*") {
                break;
            }
            self.eat("@");
            let dotted = self
                .rest()
                .find(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.')));
            let end = dotted.unwrap_or(self.rest().len());
            if self.rest()[..end].ends_with('.') && self.rest()[end..].starts_with('*') {
                self.at += end + 1;
                break;
            }
            self.name()?;
            if self.eat("#") {
                self.name()?;
            }
            if !self.eat("/") {
                break;
            }
        }
        Ok(self.text[start..self.at].to_owned())
    }
}
