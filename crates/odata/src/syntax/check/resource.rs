//! The path of the URL, and one name as a step of any path.

use super::{Check, Mode, States, refuse, some};
use crate::syntax::{
    Class, Kind,
    ast::{Name, Parens, ParensKind, Resource, ResourcePath, Segment, SegmentKind},
    lexical,
    parser::Result,
};

impl Check<'_> {
    pub(super) fn resource(&self, resource: &Resource) -> Result<()> {
        match resource {
            Resource::Service
            | Resource::Metadata
            | Resource::Batch
            | Resource::Entity(None)
            | Resource::All(None) => Ok(()),
            Resource::Entity(Some(kind)) | Resource::All(Some(kind)) => {
                let known = self.qualified(kind) && self.is(Class::EntityType, kind);
                if known { Ok(()) } else { refuse(&format!("`{kind}`"), kind.at.0) }
            }
            Resource::Crossjoin { sets, .. } => {
                match sets.iter().find(|set| !self.is(Class::EntitySet, set)) {
                    Some(set) => refuse(&format!("`{set}`"), set.at.0),
                    None => Ok(()),
                }
            }
            Resource::Path(path) => self.resource_path(path),
        }
    }

    fn resource_path(&self, path: &ResourcePath) -> Result<()> {
        let mut states = States::NONE;
        for (index, segment) in path.segments.iter().enumerate() {
            states = match &segment.kind {
                SegmentKind::Name(name) if index == 0 => self.start(name, &segment.parens, Mode::Resource),
                _ => self.resource_step(states, segment)?,
            };
            some(states, || format!("`{}`", segment.text), segment.at.0)?;
        }
        Ok(())
    }

    fn resource_step(&self, from: States, segment: &Segment) -> Result<States> {
        Ok(match &segment.kind {
            SegmentKind::Name(name) => {
                self.step(from, name, &segment.parens, Mode::Resource).and(self.key(from, &segment.text))
            }
            SegmentKind::Text => self.key(from, &segment.text).and(ordinal(from, &segment.text)),
            SegmentKind::Filter(filter) => {
                self.expr(filter)?;
                keyed(from.only(States::COLLECTION), &segment.parens)
            }
            SegmentKind::Count => ends(from.has(States::COLLECTION)),
            SegmentKind::Ref => ends(from.has(States::ENTITY.and(States::ENTITY_AS).and(States::SET))),
            SegmentKind::Value => {
                ends(from.has(States::ENTITY.and(States::ENTITY_AS).and(States::PRIMITIVE)))
            }
            SegmentKind::Each if from.has(States::COLLECTION) => States::EACH,
            SegmentKind::Each => States::NONE,
            SegmentKind::Query => {
                ends(!from.without(States::END.and(States::EACH).and(States::STREAM)).is_empty())
            }
        })
    }

    /// The first name of a path from the root of the service.
    pub(super) fn start(&self, name: &Name, parens: &[Parens], mode: Mode) -> States {
        let mut states = States::NONE;
        if name.namespace.is_some() {
            return states;
        }
        if self.is(Class::EntitySet, name) {
            states = states.and(keyed(States::ENTITIES, parens));
        }
        if self.is(Class::Singleton, name) && parens.is_empty() {
            states = states.and(States::ENTITY);
        }
        if mode == Mode::Resource && self.is(Class::ActionImport, name) && parens.is_empty() {
            states = states.and(States::END);
        }
        states.and(self.called(name, parens, mode, Class::FunctionImport))
    }

    /// A name behind what the path may have come to.
    pub(super) fn step(&self, from: States, name: &Name, parens: &[Parens], mode: Mode) -> States {
        let mut states = States::NONE;
        if !self.qualified(name) {
            return states;
        }
        let through = matches!(mode, Mode::Aggregate | Mode::Shape) && from.has(States::MANY);
        if (from.has(States::ONE) || through) && name.namespace.is_none() {
            for kind in Kind::ALL {
                let single = !matches!(kind, Kind::Entities | Kind::Complexes | Kind::Primitives);
                if (single || mode != Mode::Group) && self.is(Class::Property(kind), name) {
                    states = states.and(keyed(States::of(kind), parens));
                }
            }
        }
        states = states.and(self.cast(from, name, parens, mode));
        let bound = from.has(States::BINDS) && mode != Mode::Group;
        if bound {
            states = states.and(self.called(name, parens, mode, Class::Function));
        }
        if bound
            && matches!(mode, Mode::Resource | Mode::Shape)
            && parens.is_empty()
            && self.is(Class::Action, name)
        {
            states = states.and(States::END);
        }
        states
    }

    /// A type behind what the path may have come to.
    fn cast(&self, from: States, name: &Name, parens: &[Parens], mode: Mode) -> States {
        let mut states = States::NONE;
        let ends = matches!(mode, Mode::Resource | Mode::Aggregate | Mode::Shape);
        let entity = self.is(Class::EntityType, name);
        let complex = self.is(Class::ComplexType, name);
        let single = parens.is_empty();
        if from.has(States::INSTANCE) && single && (entity || complex) {
            let one = if mode == Mode::Aggregate { States::ENTITY_AS } else { States::ONE_MUST };
            states = states.and(one);
        }
        if from.has(States::ENTITY) && entity && single {
            states = states.and(if ends { States::ENTITY_AS } else { States::ONE_MUST });
        }
        if from.has(States::ENTITIES) && entity {
            let many = if ends || !single { States::ENTITIES_AS } else { States::MANY_MUST };
            states = states.and(keyed(many, parens));
        }
        if from.has(States::COMPLEX) && complex && single {
            states = states.and(if mode == Mode::Group { States::ONE_MUST } else { States::COMPLEX_AS });
        }
        if from.has(States::COMPLEXES) && complex && single {
            states = states.and(States::COMPLEXES_AS);
        }
        states
    }

    /// A function of this name with what is in parentheses behind it.
    fn called(&self, name: &Name, parens: &[Parens], mode: Mode, class: fn(Kind) -> Class) -> States {
        let mut states = States::NONE;
        for kind in Kind::ALL {
            if !self.is(class(kind), name) {
                continue;
            }
            states = states.and(match parens.split_first() {
                Some((first, more)) if !matches!(first.kind, ParensKind::Key(_)) => {
                    keyed(States::of(kind), more)
                }
                None if matches!(mode, Mode::Resource | Mode::Shape) => States::CALLED,
                _ => States::NONE,
            });
        }
        states
    }

    /// A key as a segment of its own.
    fn key(&self, from: States, text: &str) -> States {
        let fits = from.has(States::SET.and(States::KEYED)) && self.names.may_be(Class::Key, text);
        if fits { States::ENTITY.and(States::KEYED) } else { States::NONE }
    }

    pub(super) fn is(&self, class: Class, name: &Name) -> bool {
        self.names.may_be(class, &name.name)
    }

    /// Whether the name's namespace, if it has one, may be one.
    pub(super) fn qualified(&self, name: &Name) -> bool {
        let mut parts = name.namespace.iter().flat_map(|namespace| namespace.split('.'));
        parts.all(|part| self.names.may_be(Class::Namespace, part))
    }
}

/// What there is behind a key, if there is one.
fn keyed(states: States, parens: &[Parens]) -> States {
    match parens {
        [] => states,
        [one] if !matches!(one.kind, ParensKind::Empty) && states.has(States::SET) => States::ENTITY,
        _ => States::NONE,
    }
}

/// One of an ordered collection, by its position.
fn ordinal(from: States, text: &str) -> States {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || lexical::digits(digits.as_bytes()) != digits.len() {
        return States::NONE;
    }
    let complex = from.has(States::COMPLEXES.and(States::COMPLEXES_AS));
    let primitive = from.has(States::PRIMITIVES);
    let one = if complex { States::COMPLEX } else { States::NONE };
    one.and(if primitive { States::PRIMITIVE } else { States::NONE })
}

fn ends(fits: bool) -> States {
    if fits { States::END } else { States::NONE }
}
