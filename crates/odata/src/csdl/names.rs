//! Which short name stands for which namespace in a document.

use std::collections::HashMap;

use crate::edm::{Edm, QName};

/// Aliases of a document's own and included schemas.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Alias by namespace.
    aliases: HashMap<String, String>,
    /// Aliased name of the entity container.
    container: Option<String>,
}

impl Names {
    pub(super) fn of(edm: &Edm) -> Self {
        let own = edm.schemas.iter().map(|schema| (&schema.namespace, &schema.alias));
        let included = edm.references.iter().flat_map(|reference| &reference.includes);
        let all = own.chain(included.map(|include| (&include.namespace, &include.alias)));
        let aliases =
            all.filter_map(|(namespace, alias)| Some((namespace.clone(), alias.clone()?))).collect();
        let mut names = Self { aliases, container: None };
        names.container = edm.container().map(|(schema, container)| {
            let mut name = QName::new(&schema.namespace, &container.name);
            names.shorten(&mut name);
            name.to_string()
        });
        names
    }

    /// The alias in place of the namespace, where there is one: a 4.01 document must not mix the two (section 5.1).
    pub(super) fn shorten(&self, name: &mut QName) {
        if let Some(alias) = self.aliases.get(&name.namespace) {
            name.namespace.clone_from(alias);
        }
    }

    /// The same for every qualified name within a path. What stands in quotes is a value.
    pub(super) fn shorten_path(&self, path: &mut String) {
        let mut out = String::with_capacity(path.len());
        let mut quoted = false;
        let mut token = 0;
        for (at, c) in path.char_indices() {
            if c == '\'' {
                quoted = !quoted;
            }
            if !quoted && matches!(c, '/' | '(' | ')' | ',' | '@' | '#' | '=' | ' ' | '\'') {
                self.push(&path[token..at], &mut out);
                out.push(c);
                token = at + c.len_utf8();
            }
        }
        self.push(&path[token..], &mut out);
        *path = out;
    }

    fn push(&self, token: &str, out: &mut String) {
        match token.rsplit_once('.').and_then(|(namespace, name)| Some((self.aliases.get(namespace)?, name)))
        {
            Some((alias, name)) => {
                out.push_str(alias);
                out.push('.');
                out.push_str(name);
            }
            None => out.push_str(token),
        }
    }

    /// The path of a set or singleton: just its name where it is in the document's own container.
    pub(super) fn shorten_target(&self, target: &mut String) {
        self.shorten_path(target);
        let own =
            self.container.as_deref().and_then(|container| target.strip_prefix(container)?.strip_prefix('/'));
        if let Some(name) = own.filter(|name| !name.contains('/')) {
            *target = name.to_owned();
        }
    }
}
