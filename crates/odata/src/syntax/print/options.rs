//! Query options, in one order always.

use super::Printer;
use crate::syntax::ast::{
    Compute, Expand, ExpandKind, Format, Levels, OrderBy, QueryOptions, Search, Select, SelectKind, Suffix,
};

impl Printer {
    /// The options with a separator between them: `&` behind `?`, `;` inside parentheses.
    pub(super) fn options(&mut self, options: &QueryOptions, separator: &str) {
        let start = self.out.len();
        if let Some(apply) = &options.apply {
            self.option(start, separator, "$apply=");
            self.apply(apply);
        }
        if !options.compute.is_empty() {
            self.option(start, separator, "$compute=");
            self.compute(&options.compute);
        }
        if let Some(filter) = &options.filter {
            self.option(start, separator, "$filter=");
            self.expr(filter, 0);
        }
        if let Some(search) = &options.search {
            self.option(start, separator, "$search=");
            self.search(&search.value, 0);
        }
        if !options.orderby.is_empty() {
            self.option(start, separator, "$orderby=");
            self.orderby(&options.orderby);
        }
        if !options.select.is_empty() {
            self.option(start, separator, "$select=");
            self.list(&options.select, ",", Self::select);
        }
        if !options.expand.is_empty() {
            self.option(start, separator, "$expand=");
            self.list(&options.expand, ",", Self::expand);
        }
        self.scalars(options, start, separator);
        for alias in &options.aliases {
            self.option(start, separator, "@");
            self.data(&alias.name);
            self.put("=");
            self.expr(&alias.value, 0);
        }
        for custom in &options.custom {
            self.option(start, separator, "");
            self.data(&custom.name);
            if let Some(value) = &custom.value {
                self.put("=");
                self.out.push_str(value);
            }
        }
    }

    /// The options with numbers and texts for values.
    fn scalars(&mut self, options: &QueryOptions, start: usize, separator: &str) {
        let numbers = [
            ("$count=", options.count.as_ref().map(|count| count.value.to_string())),
            ("$skip=", options.skip.as_ref().map(|skip| skip.value.to_string())),
            ("$top=", options.top.as_ref().map(|top| top.value.to_string())),
            ("$index=", options.index.as_ref().map(|index| index.value.to_string())),
            (
                "$levels=",
                options.levels.as_ref().map(|levels| match levels.value {
                    Levels::Number(number) => number.to_string(),
                    Levels::Max => "max".to_owned(),
                }),
            ),
            (
                "$format=",
                options.format.as_ref().map(|format| match &format.value {
                    Format::Json => "json".to_owned(),
                    Format::Xml => "xml".to_owned(),
                    Format::Atom => "atom".to_owned(),
                    Format::Media(media) => media.clone(),
                }),
            ),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                self.option(start, separator, name);
                self.data(&value);
            }
        }
        let texts = [
            ("$skiptoken=", &options.skiptoken),
            ("$deltatoken=", &options.deltatoken),
            ("$id=", &options.id),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                self.option(start, separator, name);
                self.data(&value.value);
            }
        }
        if let Some(version) = &options.schemaversion {
            self.option(start, separator, "$schemaversion=");
            self.put(&version.value);
        }
    }

    fn option(&mut self, start: usize, separator: &str, name: &str) {
        if self.out.len() > start {
            self.put(separator);
        }
        self.put(name);
    }

    /// The options in parentheses, if there are any.
    pub(super) fn nested(&mut self, options: &QueryOptions) {
        let before = self.out.len();
        self.put("(");
        let inside = self.out.len();
        self.options(options, ";");
        if self.out.len() == inside {
            self.out.truncate(before);
        } else {
            self.put(")");
        }
    }

    pub(super) fn compute(&mut self, items: &[Compute]) {
        self.list(items, ",", |printer, item| {
            printer.expr(&item.value, 0);
            printer.put(" as ");
            printer.data(&item.alias.value);
        });
    }

    pub(super) fn orderby(&mut self, items: &[OrderBy]) {
        self.list(items, ",", |printer, item| {
            printer.expr(&item.value, 0);
            if item.descending {
                printer.put(" desc");
            }
        });
    }

    fn select(&mut self, item: &Select) {
        match &item.kind {
            SelectKind::All => self.put("*"),
            SelectKind::Operations(namespace) => {
                self.data(namespace);
                self.put(".*");
            }
            SelectKind::Path { path, options, parameters } => {
                self.path(path);
                if parameters.is_empty() {
                    self.nested(options);
                } else {
                    self.put("(");
                    self.list(parameters, ",", |printer, name| printer.data(name));
                    self.put(")");
                }
            }
        }
    }

    fn expand(&mut self, item: &Expand) {
        match &item.kind {
            ExpandKind::Value => self.put("$value"),
            ExpandKind::All(None) => self.put("*"),
            ExpandKind::All(Some(path)) => {
                self.path(path);
                self.put("/*");
            }
            ExpandKind::Path(path) => self.path(path),
        }
        match item.suffix {
            Suffix::None => {}
            Suffix::Ref => self.put("/$ref"),
            Suffix::Count => self.put("/$count"),
        }
        self.nested(&item.options);
    }

    /// A search expression, in parentheses unless it binds more tightly than `least`.
    pub(super) fn search(&mut self, search: &Search, least: u8) {
        let (strength, terms, between) = match search {
            Search::Or(terms) => (1, terms, " OR "),
            Search::And(terms) => (2, terms, " AND "),
            Search::Not(of) => {
                self.put("NOT ");
                return self.search(of, 2);
            }
            // As operands these would read as operators.
            Search::Word(word) if matches!(word.as_str(), "AND" | "OR" | "NOT") => {
                return self.put(&format!("({word})"));
            }
            Search::Word(word) => return self.data(word),
            Search::Phrase(phrase) => {
                self.put("\"");
                self.data(phrase);
                return self.put("\"");
            }
            Search::Text(text) => return self.quoted(text),
        };
        if strength <= least {
            self.put("(");
        }
        self.list(terms, between, |printer, term| printer.search(term, strength));
        if strength <= least {
            self.put(")");
        }
    }
}
