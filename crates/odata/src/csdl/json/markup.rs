//! JSON, written: members in the order they come, values that end in the order they began.

/// A document being written.
#[derive(Default)]
pub(super) struct Markup {
    out: String,
    /// A comma is due before the next member or item.
    comma: bool,
}

impl Markup {
    fn before(&mut self) {
        if std::mem::replace(&mut self.comma, true) {
            self.out.push(',');
        }
    }

    fn quoted(&mut self, text: &str) {
        // Writing text as JSON cannot fail.
        self.out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    /// The name of a member, whose value comes next.
    pub(super) fn name(&mut self, name: &str) {
        self.before();
        self.quoted(name);
        self.out.push(':');
        self.comma = false;
    }

    /// Begins an object or an array: `{` or `[`.
    pub(super) fn open(&mut self, bracket: char) {
        self.before();
        self.out.push(bracket);
        self.comma = false;
    }

    /// Ends it: `}` or `]`.
    pub(super) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.comma = true;
    }

    /// A value or item, as it is.
    pub(super) fn raw(&mut self, json: &str) {
        self.before();
        self.out.push_str(json);
    }

    /// A text as a value or item.
    pub(super) fn string(&mut self, text: &str) {
        self.before();
        self.quoted(text);
    }

    /// A member that is a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.string(text);
    }

    /// A member that is a text or absent.
    pub(super) fn maybe(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A member that is a number.
    pub(super) fn number(&mut self, name: &str, number: &str) {
        self.value(name, number);
    }

    /// A member that is written as it is.
    pub(super) fn value(&mut self, name: &str, json: &str) {
        self.name(name);
        self.raw(json);
    }

    /// A member that is there when it is true.
    pub(super) fn when(&mut self, name: &str, value: bool) {
        if value {
            self.value(name, "true");
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }
}
