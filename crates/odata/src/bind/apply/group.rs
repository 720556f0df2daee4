//! `groupby` and `aggregate` (sections 3.2.1 and 3.2.3).

use gridkeep_model::{
    Value,
    query::{Aggregate as Reduced, Each, Group, MAX_COPIES, Measure, Operator, Step},
};

use super::{column, computed, flow::Flow, form::Form, is_key, kept, malformed, refused};
use crate::{
    Error, ErrorKind, Span,
    bind::{Kind, Typed, path::names},
    syntax::ast::{Aggregate, Apply, GroupBy, Path, Rollup, Root, TransformationKind},
};

/// A property to group by.
type Key = (String, Typed, Span);

impl Flow<'_> {
    pub(super) fn groupby(&mut self, by: &[GroupBy], rest: Option<&Apply>, at: Span) -> Result<(), Error> {
        let groupings = self.groupings(by, at)?;
        if let [keys] = groupings.as_slice() {
            return self.grouped(keys, rest);
        }
        self.settle();
        let mut ends = Vec::with_capacity(groupings.len());
        for keys in &groupings {
            let mut end = Flow { steps: Vec::new(), ..self.clone() };
            end.grouped(keys, rest)?;
            ends.push(end);
        }
        self.put_together(ends, at)
    }

    /// Each list of keys that rows are grouped by: several where levels are rolled up, the finest first (section 3.2.3.2).
    fn groupings(&self, by: &[GroupBy], at: Span) -> Result<Vec<Vec<Key>>, Error> {
        let mut all: Vec<Vec<Key>> = vec![Vec::new()];
        for item in by {
            let levels: Vec<Vec<Key>> = match item {
                GroupBy::Path(path) => vec![self.keys_of(path)?],
                GroupBy::Rollup(Rollup::Levels(paths)) => {
                    let everything = paths.first().is_some_and(Path::is_all);
                    let keys = paths.iter().skip(everything.into()).map(|path| self.keys_of(path));
                    let keys = keys.collect::<Result<Vec<_>, _>>()?;
                    let least = usize::from(!everything);
                    (least..=keys.len()).rev().map(|length| keys[..length].concat()).collect()
                }
                GroupBy::Rollup(Rollup::Named(_)) => return Err(refused(at, "rollup of named hierarchies")),
                GroupBy::Recursive(..) => return Err(refused(at, "rolluprecursive")),
            };
            if all.len().saturating_mul(levels.len()) > MAX_COPIES {
                let message = format!("rollup makes at most {MAX_COPIES} groupings here");
                return Err(Error::new(ErrorKind::TooLarge, "TOO_LARGE", message).at(at.start..at.end));
            }
            let with = |keys: &Vec<Key>| {
                let own = |level: &Vec<Key>| keys.iter().chain(level).cloned().collect::<Vec<Key>>();
                levels.iter().map(own).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(with).collect();
        }
        for keys in &mut all {
            let mut names: Vec<String> = Vec::new();
            // The same property again changes nothing.
            keys.retain(|(name, ..)| {
                let new = !names.contains(name);
                names.push(name.clone());
                new
            });
        }
        Ok(all)
    }

    /// What rows are grouped by for a path: its value, and behind navigation properties whether those lead anywhere.
    pub(super) fn keys_of(&self, path: &Path) -> Result<Vec<Key>, Error> {
        let at = path.at.0;
        let name = names(path).filter(|_| path.root == Root::Instance);
        let name = name.ok_or_else(|| refused(at, "groups by this path"))?;
        let has = |name: &str| self.forms.iter().all(|form| form.has(self.scope.set, name));
        let mut keys = Vec::new();
        for (end, _) in name.match_indices('/') {
            let there = presence(&name[..end]);
            if let Some((_, typed)) = self.scope.computed.iter().find(|(known, _)| *known == there) {
                keys.push((there, typed.clone(), at));
            } else if !self.scope.grouped {
                let segments = keys.len() + 1;
                let id =
                    self.scope.entity(path, segments)?.ok_or_else(|| refused(at, "groups by this path"))?;
                let there_is = id.compare(Operator::Ne, Value::Null.into());
                keys.push((there, Typed::new(there_is, Kind::Boolean), at));
            }
        }
        let typed = self.scope.path(path, None)?;
        if is_key(&typed) {
            return Err(refused(at, "groups by the key"));
        }
        let mixed = self.forms.iter().any(|form| form.entity) && self.forms.iter().any(|form| !form.entity);
        if keys.is_empty() && !has(&name) || !keys.is_empty() && mixed {
            return Err(refused(at, "groups by a property that not all have"));
        }
        keys.push((name, typed, at));
        Ok(keys)
    }

    fn grouped(&mut self, keys: &[Key], rest: Option<&Apply>) -> Result<(), Error> {
        let only = match rest.map(|rest| rest.steps.as_slice()) {
            None => return self.reduced(keys, Vec::new()),
            Some([only]) => &only.kind,
            Some(_) => return self.each(keys, rest),
        };
        match only {
            TransformationKind::Aggregate(all) if !self.by_ways_only(all)? => {
                let all = all.iter().map(|one| self.reduction(one)).collect::<Result<_, _>>()?;
                self.reduced(keys, all)
            }
            _ => self.each(keys, rest),
        }
    }

    /// Whether one of these must go by ways, and so all of them.
    fn by_ways_only(&self, all: &[Aggregate]) -> Result<bool, Error> {
        for one in all {
            if self.has_ways(one)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same transformations for each group.
    fn each(&mut self, keys: &[Key], rest: Option<&Apply>) -> Result<(), Error> {
        self.settle();
        for (name, typed, _) in keys {
            self.own_column(name, typed.clone());
        }
        let mut inner = Flow { steps: Vec::new(), ..self.clone() };
        for (name, typed, _) in keys {
            if inner.within.iter().all(|(known, _)| known != name) {
                inner.within.push((name.clone(), typed.kind));
            }
        }
        if let Some(rest) = rest {
            inner.sequence(rest)?;
        }
        // Entities show what they were grouped by along navigation properties.
        let paths = keys.iter().map(|(name, ..)| name).filter(|name| name.contains(['/', PRESENT]));
        for name in paths {
            for form in inner.forms.iter_mut().filter(|form| !form.names.contains(name)) {
                form.names.push(name.clone());
            }
        }
        let by = keys.iter().map(|(name, ..)| column(name)).collect();
        let outer = std::mem::take(&mut self.steps);
        let within = std::mem::take(&mut self.within);
        let steps = std::mem::take(&mut inner.steps);
        *self = Flow { steps: outer, within, ..inner };
        self.steps.push(Step::Each(Each { by, steps }));
        Ok(())
    }

    /// `aggregate(...)`: one row of all.
    pub(super) fn aggregate(&mut self, all: &[Aggregate]) -> Result<(), Error> {
        if !self.by_ways_only(all)? {
            let all = all.iter().map(|one| self.reduction(one)).collect::<Result<_, _>>()?;
            return self.reduced(&[], all);
        }
        self.settle();
        // Each goes its own way; then all come together in one row, in which each is the largest of itself and nulls.
        let mut ways = Vec::with_capacity(all.len());
        let mut found = Vec::with_capacity(all.len());
        for one in all {
            let mut way = Flow { steps: Vec::new(), ..self.clone() };
            way.by_ways(one)?;
            let (name, kind) = way.last()?;
            ways.push(way.steps);
            let measure = Measure::Max(kept(&name, kind).expr);
            found.push((name, kind, measure, one.at.0));
        }
        self.steps.push(Step::Concat(ways));
        self.reduced(&[], found)
    }

    /// One row of each group.
    pub(super) fn reduced(
        &mut self,
        keys: &[Key],
        all: Vec<(String, Kind, Measure, Span)>,
    ) -> Result<(), Error> {
        let own = |name: &String| keys.iter().any(|(key, ..)| key == name);
        let mut known: Vec<(String, Kind)> =
            self.within.iter().filter(|(name, _)| !own(name)).cloned().collect();
        let mut group = Group::default();
        for (name, typed, _) in keys {
            known.push((name.clone(), typed.kind));
            group.by.push(computed(name, typed.expr.clone()));
        }
        for (name, kind, measure, at) in all {
            if known.iter().any(|(other, _)| *other == name) {
                let message = format!("two values of a group are called {name}");
                return Err(malformed(at, "NAME_TAKEN", message));
            }
            group.aggregates.push(Reduced { name: column(&name), measure });
            known.push((name, kind));
        }
        self.order.clear();
        self.ordered = false;
        self.stored = false;
        self.steps.push(Step::Group(group));
        self.forms = vec![Form::group(known.iter().map(|(name, _)| name.clone()).collect())];
        self.form_column = None;
        self.scope.grouped = true;
        self.scope.computed = known
            .into_iter()
            .map(|(name, kind)| {
                let typed = kept(&name, kind);
                (name, typed)
            })
            .collect();
        Ok(())
    }
}

/// Tells whether navigation properties lead anywhere. No property is called so.
pub(in crate::bind) fn presence(path: &str) -> String {
    format!("{path}{PRESENT}")
}

/// Ends the name of what tells whether a row is there.
pub(super) const PRESENT: char = '?';
