//! Where in a payload the reader is, as people write it: `Items/0/Price`.

/// The members and items that are open. Leaving is not needed on the way out of an error: the path is then what it is about.
#[derive(Debug, Default)]
pub(super) struct Path {
    text: String,
    marks: Vec<usize>,
}

/// Longer names are cut off in errors.
const MAX_NAME: usize = 64;

impl Path {
    pub(super) fn enter(&mut self, name: &str) {
        self.mark();
        self.text.extend(name.chars().filter(|character| !character.is_control()).take(MAX_NAME));
    }

    pub(super) fn enter_item(&mut self, index: usize) {
        self.mark();
        self.text.push_str(itoa::Buffer::new().format(index));
    }

    fn mark(&mut self) {
        self.marks.push(self.text.len());
        if !self.text.is_empty() {
            self.text.push('/');
        }
    }

    pub(super) fn leave(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.text.truncate(mark);
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(self.text.as_str())
    }
}
