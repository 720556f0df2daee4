//! Conditions. Where only their being true matters, null may stand for false, which leaves comparisons as indexes like
//! them; where it is turned round or shown, a comparison is made two-valued.

use gridkeep_model::{
    Value,
    query::{At, Function, Node, Operator, SORT_KEY_CHARS, Type, Typed, fold, sort_key},
};

use super::{TEXT, Writer, key_of};

/// Parts up to which a chain is written flat; longer ones become a balanced tree, since parsers count depth.
const FLAT: usize = 16;

impl Writer<'_> {
    /// A boolean. `exact`: its three values matter, not only whether it is true.
    pub(super) fn condition(&mut self, typed: &Typed, exact: bool) {
        match &typed.node {
            Node::Literal(Value::Null) if !exact => self.push("FALSE"),
            Node::Not(inner) => {
                self.push("(NOT ");
                self.condition(inner, true);
                self.push(")");
            }
            Node::And(all) => self.joined(all, " AND ", exact),
            Node::Or(any) => self.joined(any, " OR ", exact),
            Node::IsNull(inner) => {
                // A text is null when its key is, and the index is on the key.
                if inner.ty == Type::Column(TEXT) && self.column(inner).is_some() {
                    self.text_key(inner);
                } else {
                    self.plain(inner);
                }
                self.push(" IS NULL");
            }
            Node::IsTrue(inner) => {
                self.push("(");
                self.condition(inner, false);
                self.push(") IS TRUE");
            }
            Node::Compare(operator, left, right) => self.compare(*operator, left, right, exact),
            Node::In(needle, values) => self.one_of(needle, values, exact),
            Node::Any(joins, condition) => self.any(joins, condition.as_deref()),
            Node::Call(function, arguments) => self.test(*function, arguments),
            Node::Matches(text, pattern) => self.words.matches(self, text, pattern.sql()),
            _ => self.value(typed),
        }
    }

    fn joined(&mut self, parts: &[Typed], word: &str, exact: bool) {
        self.push("(");
        if parts.len() > FLAT {
            let (left, right) = parts.split_at(parts.len() / 2);
            self.joined(left, word, exact);
            self.push(word);
            self.joined(right, word, exact);
        } else {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    self.push(word);
                }
                self.condition(part, exact);
            }
        }
        self.push(")");
    }

    fn compare(&mut self, operator: Operator, left: &Typed, right: &Typed, exact: bool) {
        let nullable = left.nullable || right.nullable;
        let both = left.nullable && right.nullable;
        match operator {
            Operator::Eq if both || (exact && nullable) => self.sides(left, " IS NOT DISTINCT FROM ", right),
            Operator::Eq if left.ty == Type::Column(TEXT) => self.same_text(left, right),
            Operator::Eq => self.sides(left, " = ", right),
            Operator::Ne if nullable => self.sides(left, " IS DISTINCT FROM ", right),
            Operator::Ne => self.sides(left, " <> ", right),
            _ => {
                if exact && nullable {
                    self.push("(");
                }
                self.ordered(operator, left, right);
                if exact && nullable {
                    self.push(") IS TRUE");
                }
            }
        }
    }

    /// Both sides as they are, or as numbers of different scales compare.
    fn sides(&mut self, left: &Typed, word: &str, right: &Typed) {
        let numbers = left.ty.scale().is_some() && right.ty.scale().is_some();
        if numbers && !self.words.compare_plainly(self, left, right) {
            self.words.comparable(self, left, right);
            self.push(word);
            self.words.comparable(self, right, left);
        } else {
            self.plain(left);
            self.push(word);
            self.plain(right);
        }
    }

    /// Equal texts have equal keys: an index on the key finds them.
    fn same_text(&mut self, left: &Typed, right: &Typed) {
        let indexed = self.column(left).is_some_and(|(scope, column)| self.plus(scope, column).is_empty());
        if let Some(key) = key_of(right).filter(|_| indexed) {
            self.push("(");
            self.text_key(left);
            self.push(" = ");
            self.bind(key, Type::TEXT);
            self.push(" AND ");
            self.plain(left);
            self.push(" = ");
            self.plain(right);
            self.push(")");
        } else {
            self.plain(left);
            self.push(" = ");
            self.plain(right);
        }
    }

    fn ordered(&mut self, operator: Operator, left: &Typed, right: &Typed) {
        let word = match operator {
            Operator::Gt => " > ",
            Operator::Ge => " >= ",
            Operator::Lt => " < ",
            _ => " <= ",
        };
        if left.ty == Type::Column(TEXT) {
            self.text_key(left);
            self.push(word);
            self.text_key(right);
        } else {
            self.sides(left, word, right);
        }
    }

    /// What a text is ordered by.
    pub(crate) fn text_key(&mut self, text: &Typed) {
        if let Some(key) = key_of(text) {
            self.bind(key, Type::TEXT);
            self.push(self.words.collation());
        } else if let Some((scope, column)) = self.column(text) {
            let (plus, alias) = (self.plus(scope, column), scope.alias.clone());
            let folded = column.folded().unwrap_or_default();
            self.push(&format!("{plus}substr({alias}.{folded}, 1, {SORT_KEY_CHARS})"));
        } else {
            self.push("substr(");
            self.folded(text);
            self.push(&format!(", 1, {SORT_KEY_CHARS})"));
            self.push(self.words.collation());
        }
    }

    /// The folded form of a text.
    pub(crate) fn folded(&mut self, text: &Typed) {
        match (&text.node, text.as_literal()) {
            (_, Some(Value::Text(text))) => self.bind(fold(text), Type::TEXT),
            (_, Some(_)) => self.plain(text),
            (Node::Field(scope, path, At::Column(index)), _) => {
                self.field(*scope, path, At::Column(*index), true);
            }
            _ => self.words.fold(self, text),
        }
    }

    fn one_of(&mut self, needle: &Typed, values: &[Typed], exact: bool) {
        let plain =
            |value: &Typed| value.as_literal().is_some() && self.words.compare_plainly(self, needle, value);
        if !values.iter().all(plain) {
            let alternatives = values.iter().map(|value| Typed {
                node: Node::Compare(Operator::Eq, Box::new(needle.clone()), Box::new(value.clone())),
                ty: Type::BOOLEAN,
                nullable: false,
            });
            let alternatives: Vec<Typed> = alternatives.collect();
            return self.joined(&alternatives, " OR ", exact);
        }
        let two_valued = exact && needle.nullable;
        self.push("(");
        if needle.ty == Type::Column(TEXT) && self.column(needle).is_some() {
            self.text_key(needle);
            self.list(values, |writer, value| {
                let key = key_of(value).unwrap_or_default();
                writer.bind(key, Type::TEXT);
            });
            self.push(" AND ");
        }
        self.plain(needle);
        self.list(values, Self::plain);
        self.push(if two_valued { ") IS TRUE" } else { ")" });
    }

    fn list(&mut self, values: &[Typed], mut write: impl FnMut(&mut Self, &Typed)) {
        self.push(" IN (");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, value);
        }
        self.push(")");
    }

    /// A function whose result is a boolean; null when an argument is.
    fn test(&mut self, function: Function, arguments: &[Typed]) {
        match (function, arguments) {
            (Function::Contains, [text, part]) => self.found(|writer| {
                writer.plain(text);
                writer.push(", ");
                writer.plain(part);
            }),
            (Function::Finds, [text, part]) => self.found(|writer| {
                writer.folded(text);
                writer.push(", ");
                writer.folded(part);
            }),
            (Function::StartsWith, [text, start]) => self.starts(text, start, false),
            (Function::Begins, [text, start]) => self.starts(text, start, true),
            _ => {
                let arguments: Vec<&Typed> = arguments.iter().collect();
                self.words.operation(self, super::Operation::Call(function), &arguments, Type::BOOLEAN);
            }
        }
    }

    fn found(&mut self, sides: impl FnOnce(&mut Self)) {
        self.push(self.words.position());
        self.push("(");
        sides(self);
        self.push(") > 0");
    }

    fn starts(&mut self, text: &Typed, start: &Typed, folded: bool) {
        let side =
            |writer: &mut Self, side: &Typed| if folded { writer.folded(side) } else { writer.plain(side) };
        let Some(Value::Text(literal)) = start.as_literal() else {
            self.push("substr(");
            side(self, text);
            self.push(", 1, length(");
            side(self, start);
            self.push(")) = ");
            return side(self, start);
        };
        let form = if folded { fold(literal) } else { literal.clone() };
        self.push("(");
        if self.column(text).is_some() && !literal.is_empty() {
            // The key's order narrows it down to a range an index can walk.
            let key = sort_key(literal);
            if let Some(end) = next_prefix(&key) {
                self.text_key(text);
                self.push(" < ");
                self.bind(end, Type::TEXT);
                self.push(" AND ");
            }
            self.text_key(text);
            self.push(" >= ");
            self.bind(key, Type::TEXT);
            self.push(" AND ");
        }
        // `substr` of a constant length, so that the statement's text stays the same for texts of one length.
        self.push("substr(");
        side(self, text);
        self.push(&format!(", 1, {}) = ", form.chars().count()));
        self.bind(form, Type::TEXT);
        self.push(")");
    }
}

/// The first text after all those that start with this one.
fn next_prefix(start: &str) -> Option<String> {
    let mut characters: Vec<char> = start.chars().collect();
    while let Some(last) = characters.pop() {
        // The gap of the surrogates is stepped over.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
