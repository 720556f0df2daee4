//! Reads filters and what stands in brackets of a path (RFC 7644 section 3.4.2.2, figure 1): letter by letter, in one pass, with a
//! bound on depth.

use super::{
    LONGEST_FILTER, Refused,
    filter::{Filter, Literal, Operator},
    path::{Found, Name, find},
    quoted,
    schema::{Attribute, Kind, Resource, named},
};

/// Brackets within brackets.
const DEEPEST: usize = 20;

/// Where names are looked for.
#[derive(Clone, Copy)]
enum Among {
    /// In the resource.
    Resource,
    /// In the parts of a list's elements.
    Parts(&'static Attribute),
}

/// Reads a text from its front.
pub(super) struct Parser<'a> {
    resource: Resource,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(resource: Resource, text: &'a str) -> Self {
        Self { resource, text, at: 0, depth: 0 }
    }

    /// A whole filter.
    pub(super) fn whole(mut self) -> Result<Filter, Refused> {
        if self.text.len() > LONGEST_FILTER {
            return Err(Refused::Filter(format!("a filter has at most {LONGEST_FILTER} bytes")));
        }
        let filter = self.either(Among::Resource)?;
        if self.is_at_end() { Ok(filter) } else { Err(self.wrong("and, or or the end")) }
    }

    /// A condition on the elements of a list, behind its opening bracket, with the closing one.
    pub(super) fn within(&mut self, list: &'static Attribute) -> Result<Filter, Refused> {
        if self.text.len() > LONGEST_FILTER {
            return Err(Refused::Filter(format!("a filter has at most {LONGEST_FILTER} bytes")));
        }
        let filter = self.either(Among::Parts(list))?;
        if self.eat(']') { Ok(filter) } else { Err(self.wrong("]")) }
    }

    /// A point and a name.
    pub(super) fn part(&mut self) -> Option<&'a str> {
        if self.rest().starts_with('.') {
            self.at += 1;
            self.word()
        } else {
            None
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip();
        self.rest().is_empty()
    }

    pub(super) fn eat(&mut self, letter: char) -> bool {
        self.skip();
        let found = self.rest().starts_with(letter);
        self.at += if found { letter.len_utf8() } else { 0 };
        found
    }

    /// A name, with its schema and its part.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.skip();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-$:.".contains(letter);
        let rest = self.rest();
        let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    /// This word, in whatever case, if it comes next.
    fn keyword(&mut self, word: &str) -> bool {
        let before = self.at;
        if self.word().is_some_and(|own| own.eq_ignore_ascii_case(word)) {
            return true;
        }
        self.at = before;
        false
    }

    fn wrong(&self, expected: &str) -> Refused {
        Refused::Filter(format!("expected {expected} at position {} of the filter", self.at + 1))
    }

    fn either(&mut self, among: Among) -> Result<Filter, Refused> {
        let mut left = self.both(among)?;
        while self.keyword("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both(among)?));
        }
        Ok(left)
    }

    fn both(&mut self, among: Among) -> Result<Filter, Refused> {
        let mut left = self.one(among)?;
        while self.keyword("and") {
            left = Filter::And(Box::new(left), Box::new(self.one(among)?));
        }
        Ok(left)
    }

    fn one(&mut self, among: Among) -> Result<Filter, Refused> {
        let before = self.at;
        let negated = self.keyword("not");
        if self.eat('(') {
            if self.depth == DEEPEST {
                return Err(Refused::Filter(format!("brackets are at most {DEEPEST} deep")));
            }
            self.depth += 1;
            let inner = self.either(among)?;
            self.depth -= 1;
            if !self.eat(')') {
                return Err(self.wrong(")"));
            }
            return Ok(if negated { Filter::Not(Box::new(inner)) } else { inner });
        }
        // Something may be called `not`: nothing here is.
        self.at = before;
        let word = self.word().ok_or_else(|| self.wrong("the name of an attribute"))?;
        let name = self.name(among, word)?;
        if self.rest().starts_with('[') {
            self.at += 1;
            return self.elements(name);
        }
        self.comparison(name)
    }

    fn name(&self, among: Among, word: &str) -> Result<Name, Refused> {
        let unknown = || Refused::Filter(format!("there is no attribute {} to ask for", quoted(word)));
        match among {
            Among::Resource => match find(self.resource, word) {
                Some(Found::Attribute(name)) => Ok(name),
                _ => Err(unknown()),
            },
            Among::Parts(list) => {
                let part = named(list.parts, word).ok_or_else(unknown)?;
                Ok(Name { extension: None, attribute: part, part: None })
            }
        }
    }

    /// `emails[type eq "work"]`, or with a comparison behind, as one directory writes it: `emails[type eq "work"].value eq "a"`.
    fn elements(&mut self, name: Name) -> Result<Filter, Refused> {
        let list = name.attribute;
        if !list.list || list.parts.is_empty() || name.part.is_some() {
            return Err(Refused::Filter(format!("{} is no list of parts", quoted(list.name))));
        }
        let inner = self.within(list)?;
        let inner = match self.part() {
            None => inner,
            Some(part) => {
                let name = self.name(Among::Parts(list), part)?;
                Filter::And(Box::new(inner), Box::new(self.comparison(name)?))
            }
        };
        Ok(Filter::Elements(name, Box::new(inner)))
    }

    fn comparison(&mut self, name: Name) -> Result<Filter, Refused> {
        let word = self.word().ok_or_else(|| self.wrong("an operator"))?;
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(name));
        }
        let operator = Operator::of_word(word).ok_or_else(|| {
            Refused::Filter(format!(
                "{} is no operator, at position {} of the filter",
                quoted(word),
                self.at + 1
            ))
        })?;
        // What is asked of a list of parts is asked of their values.
        let name = match named(name.leaf().parts, "value") {
            Some(value) if name.part.is_none() && name.attribute.list => Name { part: Some(value), ..name },
            _ => name,
        };
        let literal = self.literal()?;
        let wrong = |what: &str| Err(Refused::Filter(format!("{} {what}", quoted(name.leaf().name))));
        let literal = match (name.leaf().kind, literal) {
            (Kind::Complex, _) => return wrong("has parts, ask for one of them"),
            (_, Literal::Null) if matches!(operator, Operator::Equal | Operator::NotEqual) => Literal::Null,
            (_, Literal::Null) => return wrong("cannot be compared with null in this way"),
            (Kind::Boolean, literal) => {
                if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                    return wrong("is true or false: ask with eq or ne");
                }
                match literal {
                    Literal::Text(text) if text.eq_ignore_ascii_case("true") => Literal::Boolean(true),
                    Literal::Text(text) if text.eq_ignore_ascii_case("false") => Literal::Boolean(false),
                    Literal::Boolean(value) => Literal::Boolean(value),
                    _ => return wrong("is true or false"),
                }
            }
            (Kind::Moment, Literal::Text(text)) => {
                if matches!(operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith) {
                    return wrong("is a moment, no text");
                }
                match text.parse() {
                    Ok(moment) => Literal::Moment(moment),
                    Err(_) => return wrong("is a moment, such as 2026-11-22T12:00:00Z"),
                }
            }
            (Kind::Text | Kind::Reference, Literal::Text(text)) => Literal::Text(text),
            _ => return wrong("is a text, in quotation marks"),
        };
        Ok(Filter::Compare(name, operator, literal))
    }

    fn literal(&mut self) -> Result<Literal, Refused> {
        self.skip();
        let rest = self.rest();
        if !rest.starts_with('"') {
            return match self.word() {
                Some("true") => Ok(Literal::Boolean(true)),
                Some("false") => Ok(Literal::Boolean(false)),
                Some("null") => Ok(Literal::Null),
                // Numbers are of no attribute's kind.
                Some(_) => Ok(Literal::Other),
                None => Err(self.wrong("a value")),
            };
        }
        // The end is the first quotation mark that no backslash stands before.
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = !escaped && *letter == '"';
            escaped = !escaped && *letter == '\\';
            ends
        });
        let Some((end, _)) = end else { return Err(self.wrong("the end of a text")) };
        let text = serde_json::from_str(&rest[..=end]).map_err(|_| self.wrong("a text as JSON has it"))?;
        self.at += end + 1;
        Ok(Literal::Text(text))
    }
}
