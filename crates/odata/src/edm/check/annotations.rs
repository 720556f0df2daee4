//! Annotations, as far as they need no vocabulary: where they stand, and each only once (OData-CSDL 4.01, section 14.2).

use std::collections::HashSet;

use super::Check;
use crate::edm::{Annotation, vocabulary::place::places};

impl Check<'_> {
    pub(super) fn annotations(&mut self) {
        let (places, nowhere) = places(self.edm, &self.index);
        for target in nowhere {
            self.found(&target, "TARGET", "the target of annotations is not in this model");
        }
        for place in &places {
            self.once(&place.at, place.said);
        }
    }

    fn once(&mut self, at: &str, said: &[Annotation]) {
        let mut known = HashSet::new();
        for one in said {
            let name =
                (self.index.full(&one.term.namespace), one.term.name.as_str(), one.qualifier.as_deref());
            let at = format!("{at}@{}", one.term);
            if !known.insert(name) {
                self.found(&at, "ANNOTATION", "the same is said twice, and no qualifier tells the two apart");
            }
            self.once(&at, &one.annotations);
        }
    }
}
