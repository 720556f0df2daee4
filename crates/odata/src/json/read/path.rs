//! Where in a payload the reader is, as people write it: `Items/0/Price`.

use super::Tokens;
use crate::Span;

/// A member, by the place of its name, or an item.
#[derive(Debug, Clone, Copy)]
enum Step {
    Member(Span),
    Item(usize),
}

/// The members and items that are open. It becomes a text only when something is wrong; on the way out of an error
/// nothing leaves, so that the path is what the error is about.
#[derive(Debug, Default)]
pub(super) struct Path(Vec<Step>);

impl Path {
    pub(super) fn enter(&mut self, name: Span) {
        self.0.push(Step::Member(name));
    }

    pub(super) fn enter_item(&mut self, index: usize) {
        self.0.push(Step::Item(index));
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// The path; `None` at the root.
    pub(super) fn text(&self, tokens: &Tokens<'_>) -> Option<String> {
        let step = |step: &Step| match step {
            Step::Item(index) => index.to_string(),
            Step::Member(name) => {
                // Of `Orders@odata.bind` it is the property.
                let name = tokens.text_of(*name).trim_matches('"');
                crate::header::excerpt(name.split('@').next().unwrap_or(name))
            }
        };
        (!self.0.is_empty()).then(|| self.0.iter().map(step).collect::<Vec<_>>().join("/"))
    }
}
