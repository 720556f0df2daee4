//! What holds between the parts of a batch, checked as each one comes.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Event, Limits, Part, reference};
use crate::{Error, ErrorKind, Span};

/// The parts so far.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) limits: Limits,
    /// Each id with its group.
    ids: HashMap<String, Option<String>>,
    groups: HashSet<String>,
    open: Option<String>,
    count: usize,
    parts: usize,
    pub(super) events: VecDeque<Event>,
}

impl Rules {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ids: HashMap::new(),
            groups: HashSet::new(),
            open: None,
            count: 0,
            parts: 0,
            events: VecDeque::new(),
        }
    }

    fn count(&mut self, span: Span) -> Result<(), Error> {
        self.count += 1;
        if self.count > self.limits.parts {
            let message = format!("The batch has more than {} requests and groups", self.limits.parts);
            return Err(Error::new(ErrorKind::TooLarge, "TOO_MANY_PARTS", message).at(span.start..span.end));
        }
        Ok(())
    }

    pub(super) fn begin(&mut self, group: &str, span: Span) -> Result<(), Error> {
        self.count(span)?;
        if !self.groups.insert(group.to_owned()) {
            return refuse(
                "GROUP_APART",
                format!("The requests of group `{group}` must stand together"),
                span,
            );
        }
        if self.ids.contains_key(group) {
            return refuse(
                "DUPLICATE_ID",
                format!("`{group}` is the id of a request and cannot name a group"),
                span,
            );
        }
        self.open = Some(group.to_owned());
        self.events.push_back(Event::Begin(group.to_owned()));
        Ok(())
    }

    pub(super) fn end(&mut self) {
        self.events.extend(self.open.take().map(Event::End));
    }

    /// Lets a part in; `span` is where it is named.
    pub(super) fn admit(&mut self, mut part: Part, span: Span) -> Result<(), Error> {
        if part.group != self.open {
            self.end();
            if let Some(group) = &part.group {
                self.begin(group, span)?;
            }
        }
        self.count(span)?;
        if part.url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()) == Some("$batch") {
            return refuse("NESTED_BATCH", "A batch must not contain another", span);
        }
        part.index = self.parts;
        self.parts += 1;
        if let Some(id) = reference::referenced(&part.url)
            && self.ids.contains_key(id)
        {
            let group = self.ids[id].as_deref().filter(|group| self.open.as_deref() != Some(group));
            let needed = group.unwrap_or(id);
            if !part.depends_on.iter().any(|known| known == needed) {
                part.depends_on.push(needed.to_owned());
            }
        }
        for needed in &part.depends_on {
            let apart = |group: &String| self.open.as_ref() != Some(group);
            let problem = match self.ids.get(needed) {
                Some(Some(group)) if apart(group) => {
                    format!("`{needed}` is in group `{group}`: depend on the group instead")
                }
                Some(_) => continue,
                None if self.open.as_ref() == Some(needed) => {
                    format!("It cannot depend on its own group `{needed}`")
                }
                None if self.groups.contains(needed) => continue,
                None if part.id.as_ref() == Some(needed) => {
                    format!("Request `{needed}` cannot depend on itself")
                }
                None => {
                    let shown = crate::header::excerpt(needed);
                    format!("It depends on `{shown}`, which does not come before it")
                }
            };
            return refuse("BAD_DEPENDENCY", problem, span);
        }
        if let Some(id) = &part.id {
            let taken = self.groups.contains(id) || self.ids.insert(id.clone(), part.group.clone()).is_some();
            if taken {
                return refuse("DUPLICATE_ID", format!("Id `{id}` is given twice"), span);
            }
        }
        self.events.push_back(Event::Part(Box::new(part)));
        Ok(())
    }
}

pub(super) fn refuse<T>(code: &'static str, message: impl Into<String>, span: Span) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Malformed, code, message).at(span.start..span.end))
}

pub(super) fn too_large<T>(message: String, span: Span) -> Result<T, Error> {
    Err(Error::new(ErrorKind::TooLarge, "TOO_LARGE", message).at(span.start..span.end))
}
