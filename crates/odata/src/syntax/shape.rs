//! `$select` and `$expand`: which parts of an instance an answer has.

use super::{
    ast::{Expand, ExpandKind, Path, PathSegment, PathSegmentKind, Root, Select, SelectKind, Suffix},
    options::Within,
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// Items of `$select`, one or more.
    pub(crate) fn select(&mut self) -> Result<Vec<Select>> {
        let mut items = Vec::new();
        loop {
            self.element(items.len())?;
            let start = self.pos;
            let kind = self.select_item()?;
            items.push(Select { kind, at: self.at(start) });
            if !self.comma() {
                return Ok(items);
            }
        }
    }

    fn select_item(&mut self) -> Result<SelectKind> {
        if self.eat("*") {
            return Ok(SelectKind::All);
        }
        let start = self.pos;
        let mut segments = Vec::new();
        loop {
            self.element(segments.len())?;
            segments.push(self.step("a property, `*` or a name")?);
            if self.eat(".*") {
                if segments.len() > 1 || self.text[start..].starts_with('@') {
                    self.pos -= 2;
                    return Err(self.expected("`,` or the end"));
                }
                return Ok(SelectKind::Operations(self.text[start..self.pos - 2].to_owned()));
            }
            if !self.eat("/") {
                break;
            }
        }
        let path = Path { root: Root::Instance, segments, at: self.at(start) };
        let (mut options, mut parameters) = (Box::default(), Vec::new());
        if self.peek() == b'(' {
            if self.parameters_follow() {
                self.pos += 1;
                loop {
                    self.element(parameters.len())?;
                    parameters.push(self.identifier("the name of a parameter")?.value);
                    if !self.comma() {
                        break;
                    }
                }
                self.close()?;
            } else {
                options = self.nested(Within::Select)?;
            }
        }
        Ok(SelectKind::Path { path, options, parameters })
    }

    /// Whether what stands in the parentheses ahead is a list of names, not options.
    fn parameters_follow(&self) -> bool {
        let inside = &self.rest()[1..];
        let word = super::lexical::identifier(inside).unwrap_or(0);
        word > 0 && matches!(inside.as_bytes().get(word), Some(b',' | b')'))
    }

    /// A name or annotation as a step of a path.
    fn step(&mut self, what: &str) -> Result<PathSegment> {
        let start = self.pos;
        let kind =
            if self.peek() == b'@' { self.annotation()? } else { PathSegmentKind::Name(self.name(what)?) };
        Ok(PathSegment { kind, parens: Vec::new(), at: self.at(start) })
    }

    /// Items of `$expand`, one or more.
    pub(crate) fn expand(&mut self) -> Result<Vec<Expand>> {
        if self.expands == self.limits.expand {
            let words = format!("`$expand` is nested deeper than {} levels", self.limits.expand);
            return Err(self.error(ErrorKind::TooLarge, "LIMIT", &words, self.pos).about("$expand"));
        }
        self.expands += 1;
        let mut items = Vec::new();
        loop {
            self.element(items.len())?;
            items.push(self.expand_item()?);
            if !self.comma() {
                break;
            }
        }
        self.expands -= 1;
        Ok(items)
    }

    fn expand_item(&mut self) -> Result<Expand> {
        let start = self.pos;
        if self.eat("$value") {
            let options = Box::default();
            return Ok(Expand { kind: ExpandKind::Value, suffix: Suffix::None, options, at: self.at(start) });
        }
        let mut segments = Vec::new();
        let mut suffix = Suffix::None;
        let mut star = false;
        loop {
            if self.eat("*") {
                star = true;
                if self.eat("/$ref") {
                    suffix = Suffix::Ref;
                }
                break;
            }
            self.element(segments.len())?;
            segments.push(self.step("a navigation property or `*`")?);
            if self.eat("/$ref") {
                suffix = Suffix::Ref;
            } else if self.eat("/$count") {
                suffix = Suffix::Count;
            } else if self.eat("/") {
                continue;
            }
            break;
        }
        let path = Path { root: Root::Instance, segments, at: self.at(start) };
        let within = match (star, suffix) {
            (true, Suffix::None) => Some(Within::Star),
            (true, _) => None,
            (false, Suffix::None) => Some(Within::Expand),
            (false, Suffix::Ref) => Some(Within::Ref),
            (false, Suffix::Count) => Some(Within::Count),
        };
        let options = match within.filter(|_| self.peek() == b'(') {
            Some(within) => self.nested(within)?,
            None => Box::default(),
        };
        let kind = if star {
            ExpandKind::All((!path.segments.is_empty()).then_some(path))
        } else {
            ExpandKind::Path(path)
        };
        Ok(Expand { kind, suffix, options, at: self.at(start) })
    }
}
