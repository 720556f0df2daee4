//! What becomes of changes that come without their person, at the gates they come to: `Gridkeep.V1.OfflinePolicy`.
//!
//! **Architecture Invariant:** a client that queues changes offline learns it from the metadata, before it queues one; a place that
//! asks nobody says nothing.

use std::collections::BTreeMap;

use super::{Projection, Runs};
use crate::edm::{Annotation, Edm, Expression, Primitive, QName, Schema, Term, TypeRef};

/// The vocabulary of our own.
const VOCABULARY: &str = "Gridkeep.V1";
const TERM: &str = "OfflinePolicy";

/// Policies by the ids of tables and of actions: `forbid`, `defer` or `deviceSigned`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    /// Of entity sets: for rows that are added, changed or removed by hand.
    pub tables: BTreeMap<String, &'static str>,
    /// Of actions.
    pub actions: BTreeMap<String, &'static str>,
}

impl Projection {
    /// The metadata, with what it says of these policies.
    pub fn guarded(&self, policies: &Policies) -> Edm {
        let mut edm = self.edm.clone();
        let mut said = false;
        let mut say = |annotations: &mut Vec<Annotation>, policy: &str| {
            let value = Some(Expression::String(policy.to_owned()));
            annotations.push(Annotation::new(QName::new(VOCABULARY, TERM), value));
            said = true;
        };
        for schema in &mut edm.schemas {
            for set in schema.container.iter_mut().flat_map(|container| &mut container.sets) {
                let source = self.sets.iter().find(|source| source.name == set.name);
                if let Some(policy) = source.and_then(|source| policies.tables.get(&source.table)) {
                    say(&mut set.annotations, policy);
                }
            }
            // Overloads have one name; all of one action's are guarded alike.
            for operation in &mut schema.operations {
                let source = self.operations.iter().find(|source| source.name.name == operation.name);
                let Some(Runs::Action(action)) = source.map(|source| &source.runs) else { continue };
                if let Some(policy) = policies.actions.get(&action.action) {
                    say(&mut operation.annotations, policy);
                }
            }
        }
        if said {
            edm.schemas.push(vocabulary());
        }
        edm
    }
}

fn vocabulary() -> Schema {
    let words = "What becomes of a change that comes without its person, from a program's key or a device's outbox: \
        forbid (it is refused), defer (it waits until its author approves it) or deviceSigned (a key of the device has signed it).";
    let term = Term {
        name: TERM.to_owned(),
        kind: TypeRef::primitive(Primitive::String),
        base: None,
        default: None,
        applies_to: ["EntitySet", "Action"].map(str::to_owned).into(),
        annotations: vec![super::said::description(words)],
    };
    Schema { namespace: VOCABULARY.to_owned(), terms: vec![term], ..Schema::default() }
}
