//! Trees back to text, percent-encoded, as links need them.
//!
//! **Architecture Invariant:** what is printed here is read back as the very same tree. Data is encoded wherever a
//! character could mean something, so no value can end its quotes, its option or the URL.

mod apply;
mod expression;
mod options;
mod path;

use std::fmt;

use super::ast::{Expr, QueryOptions, Request, Resource, ResourcePath, Search};

/// Text of a URL as it grows.
#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    /// Text of the grammar; white space, quotation marks, brackets and braces become escapes.
    fn put(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                ' ' => self.out.push_str("%20"),
                '"' => self.out.push_str("%22"),
                '#' => self.out.push_str("%23"),
                '[' => self.out.push_str("%5B"),
                ']' => self.out.push_str("%5D"),
                '{' => self.out.push_str("%7B"),
                '}' => self.out.push_str("%7D"),
                c => self.out.push(c),
            }
        }
    }

    /// Data: everything but letters, digits and `-._~:` becomes escapes.
    fn data(&mut self, text: &str) {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
                self.out.push(char::from(byte));
            } else {
                let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
                self.out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }

    /// `'...'`
    fn quoted(&mut self, text: &str) {
        self.out.push('\'');
        for (index, part) in text.split('\'').enumerate() {
            if index > 0 {
                self.out.push_str("''");
            }
            self.data(part);
        }
        self.out.push('\'');
    }

    /// Items with a separator between them.
    fn list<T>(&mut self, items: &[T], separator: &str, mut print: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(separator);
            }
            print(self, item);
        }
    }
}

/// Prints a tree into a formatter.
fn print(f: &mut fmt::Formatter<'_>, with: impl FnOnce(&mut Printer)) -> fmt::Result {
    let mut printer = Printer::default();
    with(&mut printer);
    f.write_str(&printer.out)
}

/// The URL, relative to the root of the service.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| {
            printer.resource(&self.resource);
            let before = printer.out.len();
            printer.options(&self.options, "&");
            if printer.out.len() > before {
                printer.out.insert(before, '?');
            }
            if let Some(context) = &self.context {
                printer.out.push('#');
                printer.out.push_str(context);
            }
        })
    }
}

/// The path of a URL, percent-encoded.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| printer.resource(self))
    }
}

/// The path of a URL, percent-encoded.
impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| printer.resource_path(self))
    }
}

/// What stands behind `?`, percent-encoded.
impl fmt::Display for QueryOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| printer.options(self, "&"))
    }
}

/// The expression, percent-encoded.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| printer.expr(self, 0))
    }
}

/// The search expression, percent-encoded.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, |printer| printer.search(self, 0))
    }
}
