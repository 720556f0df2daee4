//! Paths, of expressions and of the URL.

use super::Printer;
use crate::syntax::ast::{
    Lambda, Name, Parens, ParensKind, Path, PathSegment, PathSegmentKind, Resource, ResourcePath, Root,
    Segment, SegmentKind,
};

impl Printer {
    pub(super) fn name(&mut self, name: &Name) {
        if let Some(namespace) = &name.namespace {
            self.data(namespace);
            self.put(".");
        }
        self.data(&name.name);
    }

    pub(super) fn path(&mut self, path: &Path) {
        let root = match &path.root {
            Root::Instance => "",
            Root::It => "$it",
            Root::This => "$this",
            Root::These => "$these",
            Root::Service => "$root",
            Root::Variable(name) => name,
            Root::Alias(name) => {
                self.put("@");
                name
            }
        };
        match root.strip_prefix('$') {
            Some(word) => {
                self.put("$");
                self.put(word);
            }
            None => self.data(root),
        }
        for (index, segment) in path.segments.iter().enumerate() {
            if index > 0 || path.root != Root::Instance {
                self.put("/");
            }
            self.segment(segment);
        }
    }

    fn segment(&mut self, segment: &PathSegment) {
        match &segment.kind {
            PathSegmentKind::Name(name) => self.name(name),
            PathSegmentKind::Annotation { term, qualifier } => {
                self.put("@");
                self.name(term);
                if let Some(qualifier) = qualifier {
                    self.put("#");
                    self.data(qualifier);
                }
            }
            PathSegmentKind::Count(options) => {
                self.put("$count");
                if let Some(options) = options {
                    self.nested(options);
                }
            }
            PathSegmentKind::Filter(filter) => {
                self.put("$filter(");
                self.expr(filter, 0);
                self.put(")");
            }
            PathSegmentKind::Any(None) => self.put("any()"),
            PathSegmentKind::Any(Some(lambda)) => self.lambda("any(", lambda),
            PathSegmentKind::All(lambda) => self.lambda("all(", lambda),
            PathSegmentKind::Aggregate(aggregate) => {
                self.put("aggregate(");
                self.aggregate(aggregate);
                self.put(")");
            }
        }
        self.parens(&segment.parens);
    }

    fn lambda(&mut self, open: &str, lambda: &Lambda) {
        self.put(open);
        self.data(&lambda.variable);
        self.put(":");
        self.expr(&lambda.predicate, 0);
        self.put(")");
    }

    fn parens(&mut self, parens: &[Parens]) {
        for parens in parens {
            self.put("(");
            match &parens.kind {
                ParensKind::Empty => {}
                ParensKind::Key(key) => self.expr(key, 0),
                ParensKind::Named(arguments) => self.list(arguments, ",", |printer, argument| {
                    printer.data(&argument.name);
                    printer.put("=");
                    printer.expr(&argument.value, 0);
                }),
            }
            self.put(")");
        }
    }

    pub(super) fn resource(&mut self, resource: &Resource) {
        let typed = |printer: &mut Self, kind: &Option<Name>| {
            if let Some(kind) = kind {
                printer.put("/");
                printer.name(kind);
            }
        };
        match resource {
            Resource::Service => {}
            Resource::Metadata => self.put("$metadata"),
            Resource::Batch => self.put("$batch"),
            Resource::Entity(kind) => {
                self.put("$entity");
                typed(self, kind);
            }
            Resource::All(kind) => {
                self.put("$all");
                typed(self, kind);
            }
            Resource::Crossjoin { sets, query } => {
                self.put("$crossjoin(");
                self.list(sets, ",", Self::name);
                self.put(if *query { ")/$query" } else { ")" });
            }
            Resource::Path(path) => self.resource_path(path),
        }
    }

    pub(super) fn resource_path(&mut self, path: &ResourcePath) {
        self.list(&path.segments, "/", Self::resource_segment);
    }

    pub(super) fn resource_segment(&mut self, segment: &Segment) {
        match &segment.kind {
            SegmentKind::Name(name) => self.name(name),
            SegmentKind::Text => self.data(&segment.text),
            SegmentKind::Filter(filter) => {
                self.put("$filter(");
                self.expr(filter, 0);
                self.put(")");
            }
            SegmentKind::Count => self.put("$count"),
            SegmentKind::Ref => self.put("$ref"),
            SegmentKind::Value => self.put("$value"),
            SegmentKind::Each => self.put("$each"),
            SegmentKind::Query => self.put("$query"),
        }
        self.parens(&segment.parens);
    }
}
