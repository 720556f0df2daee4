//! System query options: their names, where each may stand, and their values.

use super::{
    ast::{Alias, Compute, Format, Levels, OrderBy, QueryOptions, Spanned},
    parser::{Parser, Result},
};
use crate::{Error, ErrorKind};

/// Where options stand, and so which of them there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Behind a navigation property of `$expand`.
    Expand,
    /// Behind its `/$ref`.
    Ref,
    /// Behind a `/$count`.
    Count,
    /// Behind a property of `$select`.
    Select,
    /// Behind `*` of `$expand`.
    Star,
}

/// A system query option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Apply,
    Compute,
    Count,
    Deltatoken,
    Expand,
    Filter,
    Format,
    Id,
    Index,
    Levels,
    Orderby,
    Schemaversion,
    Search,
    Select,
    Skip,
    Skiptoken,
    Top,
}

const NAMES: [(System, &str); 17] = [
    (System::Apply, "apply"),
    (System::Compute, "compute"),
    (System::Count, "count"),
    (System::Deltatoken, "deltatoken"),
    (System::Expand, "expand"),
    (System::Filter, "filter"),
    (System::Format, "format"),
    (System::Id, "id"),
    (System::Index, "index"),
    (System::Levels, "levels"),
    (System::Orderby, "orderby"),
    (System::Schemaversion, "schemaversion"),
    (System::Search, "search"),
    (System::Select, "select"),
    (System::Skip, "skip"),
    (System::Skiptoken, "skiptoken"),
    (System::Top, "top"),
];

impl System {
    /// From its name in any case, without `$`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(system, _)| *system)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(system, _)| *system == self).map_or("", |(_, name)| name)
    }

    /// Whether 4.01 lets it stand without `$`.
    pub(crate) fn implicit(self) -> bool {
        !matches!(self, Self::Deltatoken | Self::Skiptoken)
    }

    /// Whether it may stand there.
    fn fits(self, within: Within) -> bool {
        use System::{Apply, Compute, Count, Expand, Filter, Levels, Orderby, Search, Select, Skip, Top};
        match within {
            Within::Expand => matches!(
                self,
                Apply | Compute | Count | Expand | Filter | Levels | Orderby | Search | Select | Skip | Top
            ),
            Within::Ref => matches!(self, Count | Filter | Orderby | Search | Skip | Top),
            Within::Count => matches!(self, Filter | Search),
            Within::Select => {
                matches!(self, Compute | Count | Filter | Orderby | Search | Select | Skip | Top)
            }
            Within::Star => self == Levels,
        }
    }
}

impl Parser<'_> {
    /// `(option;option)`; the cursor is at the parenthesis.
    pub(crate) fn nested(&mut self, within: Within) -> Result<Box<QueryOptions>> {
        // Twice: options take more of the stack than anything else but transformations.
        self.down()?;
        let outside = self.enter()?;
        self.expect("(")?;
        let mut options = Box::<QueryOptions>::default();
        let mut count = 0;
        loop {
            self.element(count)?;
            count += 1;
            self.space();
            self.nested_option(within, &mut options)?;
            self.space();
            if !self.eat(";") {
                break;
            }
        }
        if !self.eat(")") {
            return Err(self.expected("`;` or `)`"));
        }
        self.leave(outside);
        self.up();
        match options.repeated.first() {
            Some(twice) => Err(repeated(twice)),
            None => Ok(options),
        }
    }

    fn nested_option(&mut self, within: Within, options: &mut QueryOptions) -> Result<()> {
        let start = self.pos;
        if self.peek() == b'@' && matches!(within, Within::Expand | Within::Select) {
            self.pos += 1;
            let name = self.identifier("the name of an alias")?.value;
            self.expect("=")?;
            let value = self.expression()?;
            if options.aliases.iter().any(|alias| alias.name == name) {
                let words = format!("`@{name}` is there more than once");
                return Err(self.error(ErrorKind::Malformed, "DUPLICATE_OPTION", &words, start));
            }
            options.aliases.push(Alias { name, value, at: self.at(start) });
            return Ok(());
        }
        let dollar = self.eat("$");
        let system = System::parse(self.word()).filter(|system| system.fits(within));
        let Some(system) = system else {
            self.pos = start + usize::from(dollar);
            return Err(self.expected("a query option that may stand here"));
        };
        self.pos += system.name().len();
        self.expect("=")?;
        self.system(system, options, start)
    }

    /// The value of a system option; `start` is where its name began.
    pub(crate) fn system(&mut self, system: System, options: &mut QueryOptions, start: usize) -> Result<()> {
        let fresh = match system {
            System::Apply => self.apply().map(|value| set(&mut options.apply, value)),
            System::Compute => self.compute().map(|value| extend(&mut options.compute, value)),
            System::Expand => self.expand().map(|value| extend(&mut options.expand, value)),
            System::Filter => self.expression().map(|value| set(&mut options.filter, value)),
            System::Orderby => self.orderby().map(|value| extend(&mut options.orderby, value)),
            System::Select => self.select().map(|value| extend(&mut options.select, value)),
            _ => self.scalar(system, options),
        }?;
        if !fresh {
            options.repeated.push(Spanned { value: system.name(), at: self.at(start) });
        }
        Ok(())
    }

    /// The value of an option whose value has no options inside; says whether it is the first of its name.
    fn scalar(&mut self, system: System, options: &mut QueryOptions) -> Result<bool> {
        let start = self.pos;
        Ok(match system {
            System::Search => {
                self.space();
                let value = self.search()?;
                set(&mut options.search, self.spanned(value, start))
            }
            System::Count => {
                let value = self.boolean()?;
                set(&mut options.count, self.spanned(value, start))
            }
            System::Top => {
                let value = self.unsigned()?;
                set(&mut options.top, self.spanned(value, start))
            }
            System::Skip => {
                let value = self.unsigned()?;
                set(&mut options.skip, self.spanned(value, start))
            }
            System::Index => {
                let value = self.signed_number()?;
                set(&mut options.index, self.spanned(value, start))
            }
            System::Levels => {
                let value = self.levels()?;
                set(&mut options.levels, self.spanned(value, start))
            }
            System::Format => {
                let value = self.format()?;
                set(&mut options.format, self.spanned(value, start))
            }
            System::Schemaversion => set(&mut options.schemaversion, self.version()?),
            System::Deltatoken => set(&mut options.deltatoken, self.token()?),
            System::Skiptoken => set(&mut options.skiptoken, self.token()?),
            System::Id => set(&mut options.id, self.token()?),
            System::Apply
            | System::Compute
            | System::Expand
            | System::Filter
            | System::Orderby
            | System::Select => false,
        })
    }

    fn spanned<T>(&self, value: T, start: usize) -> Spanned<T> {
        Spanned { value, at: self.at(start) }
    }

    fn boolean(&mut self) -> Result<bool> {
        let word = self.word();
        let value = word.eq_ignore_ascii_case("true");
        if !value && !word.eq_ignore_ascii_case("false") {
            return Err(self.expected("`true` or `false`"));
        }
        self.pos += word.len();
        Ok(value)
    }

    fn signed_number(&mut self) -> Result<i64> {
        let start = self.pos;
        let negative = self.eat("-");
        let value = i64::try_from(self.unsigned()?);
        let value =
            value.map_err(|_| self.error(ErrorKind::Malformed, "RANGE", "the number is too large", start))?;
        Ok(if negative { -value } else { value })
    }

    fn version(&mut self) -> Result<Spanned<String>> {
        let text = self.rest();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if text != "*" && (text.is_empty() || !text.chars().all(plain)) {
            return Err(self.expected("`*` or a version"));
        }
        Ok(self.all())
    }

    /// Everything that is left.
    fn all(&mut self) -> Spanned<String> {
        let start = self.pos;
        self.pos = self.text.len();
        Spanned { value: self.text[start..].to_owned(), at: self.at(start) }
    }

    fn token(&mut self) -> Result<Spanned<String>> {
        if self.done() { Err(self.expected("a value")) } else { Ok(self.all()) }
    }

    fn levels(&mut self) -> Result<Levels> {
        let word = self.word();
        if word.eq_ignore_ascii_case("max") {
            self.pos += word.len();
            return Ok(Levels::Max);
        }
        if self.peek() == b'0' {
            return Err(self.expected("a number of levels from 1, or `max`"));
        }
        self.unsigned().map(Levels::Number)
    }

    fn format(&mut self) -> Result<Format> {
        let text = self.rest();
        let format = match text.to_ascii_lowercase().as_str() {
            "json" => Format::Json,
            "xml" => Format::Xml,
            "atom" => Format::Atom,
            _ if text.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty()) => {
                Format::Media(text.to_owned())
            }
            _ => return Err(self.expected("`json`, `xml`, `atom` or a media type")),
        };
        self.pos = self.text.len();
        Ok(format)
    }

    /// `expression as Name`, one or more.
    pub(crate) fn compute(&mut self) -> Result<Vec<Compute>> {
        let mut items = Vec::new();
        loop {
            self.element(items.len())?;
            let value = self.expression()?;
            let alias = self.alias()?;
            items.push(Compute { value, alias });
            if !self.comma() {
                return Ok(items);
            }
        }
    }

    /// `as Name`
    pub(crate) fn alias(&mut self) -> Result<Spanned<String>> {
        if !self.keyword("as") {
            return Err(self.expected("`as` and a name"));
        }
        self.identifier("a name")
    }

    /// `expression desc`, one or more.
    pub(crate) fn orderby(&mut self) -> Result<Vec<OrderBy>> {
        let mut items = Vec::new();
        loop {
            self.element(items.len())?;
            let value = self.expression()?;
            let before = self.pos;
            self.space();
            let word = self.word().to_ascii_lowercase();
            let known = self.pos > before && matches!(word.as_str(), "asc" | "desc");
            self.pos = if known { self.pos + word.len() } else { before };
            items.push(OrderBy { value, descending: known && word == "desc" });
            if !self.comma() {
                return Ok(items);
            }
        }
    }
}

/// That an option is there twice.
pub(crate) fn repeated(option: &Spanned<&'static str>) -> Error {
    let words = format!("`${}` is there more than once", option.value);
    Error::new(ErrorKind::Malformed, "DUPLICATE_OPTION", words)
        .at(option.at.0)
        .about(format!("${}", option.value))
}

/// Sets what is not set yet; says whether it did.
fn set<T>(slot: &mut Option<T>, value: T) -> bool {
    let fresh = slot.is_none();
    if fresh {
        *slot = Some(value);
    }
    fresh
}

/// Fills what is still empty; says whether it did.
fn extend<T>(slot: &mut Vec<T>, values: Vec<T>) -> bool {
    let fresh = slot.is_empty();
    if fresh {
        *slot = values;
    }
    fresh
}
