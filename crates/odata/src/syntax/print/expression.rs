//! Expressions, with as few parentheses as their operators need.

use base64::{Engine, engine::general_purpose::URL_SAFE};

use super::Printer;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Literal, TypeName, UnaryOp};

impl Printer {
    /// The expression, in parentheses unless it binds more tightly than `least`.
    pub(super) fn expr(&mut self, expr: &Expr, least: u8) {
        let strength = strength(&expr.kind);
        if strength <= least {
            self.put("(");
        }
        self.bare(&expr.kind, strength);
        if strength <= least {
            self.put(")");
        }
    }

    fn bare(&mut self, kind: &ExprKind, strength: u8) {
        match kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Path(path) => self.path(path),
            ExprKind::Call(method, arguments) => {
                self.put(method.name());
                self.bracketed("(", arguments, ")");
            }
            ExprKind::Unary(UnaryOp::Not, of) => {
                self.put("not ");
                self.expr(of, BinaryOp::UNARY - 1);
            }
            ExprKind::Unary(UnaryOp::Negate, of) => {
                self.put("-");
                let before = self.out.len();
                self.expr(of, BinaryOp::UNARY - 1);
                // What would read as one number with the sign keeps apart from it.
                if self.out[before..].starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == 'I') {
                    self.out.insert_str(before, "%20");
                }
            }
            ExprKind::Binary(op, left, right) => {
                self.expr(left, strength - 1);
                self.put(" ");
                self.put(op.word());
                self.put(" ");
                self.expr(right, strength);
            }
            ExprKind::Logical(op, terms) => {
                let between = format!(" {} ", op.word());
                self.list(terms, &between, |printer, term| printer.expr(term, strength));
            }
            ExprKind::List(items) => self.bracketed("(", items, ")"),
            ExprKind::Array(items) => self.bracketed("[", items, "]"),
            ExprKind::Object(members) => {
                self.put("{");
                self.list(members, ",", |printer, (name, value)| {
                    printer.json_string(name);
                    printer.put(":");
                    printer.expr(value, 0);
                });
                self.put("}");
            }
            ExprKind::Case(branches) => {
                self.put("case(");
                self.list(branches, ",", |printer, (condition, value)| {
                    printer.expr(condition, 0);
                    // The space keeps a number before the colon from reading as a time.
                    printer.put(" :");
                    printer.expr(value, 0);
                });
                self.put(")");
            }
            ExprKind::Cast(of, kind) => self.typed("cast(", of.as_deref(), kind),
            ExprKind::IsOf(of, kind) => self.typed("isof(", of.as_deref(), kind),
        }
    }

    fn bracketed(&mut self, open: &str, items: &[Expr], close: &str) {
        self.put(open);
        self.list(items, ",", |printer, item| printer.expr(item, 0));
        self.put(close);
    }

    fn typed(&mut self, open: &str, of: Option<&Expr>, kind: &TypeName) {
        self.put(open);
        if let Some(of) = of {
            self.expr(of, 0);
            self.put(",");
        }
        if kind.collection {
            self.put("Collection(");
        }
        self.name(&kind.name);
        self.put(if kind.collection { "))" } else { ")" });
    }

    fn json_string(&mut self, text: &str) {
        self.put("\"");
        for c in text.chars() {
            match c {
                '"' => self.data("\\\""),
                '\\' => self.data("\\\\"),
                c => self.data(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.put("\"");
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.put("null"),
            Literal::Boolean(value) => self.put(if *value { "true" } else { "false" }),
            Literal::Integer(text)
            | Literal::Decimal(text)
            | Literal::Double(text)
            | Literal::Guid(text)
            | Literal::Date(text)
            | Literal::TimeOfDay(text)
            | Literal::DateTimeOffset(text) => self.data(text),
            Literal::Duration(text) => {
                self.put("duration");
                self.quoted(text);
            }
            Literal::String(text) => self.quoted(text),
            Literal::Enum { kind, members } => {
                self.name(kind);
                self.put("'");
                self.list(members, ",", |printer, member| printer.data(member));
                self.put("'");
            }
            Literal::Binary(bytes) => {
                self.put("binary'");
                self.data(&URL_SAFE.encode(bytes));
                self.put("'");
            }
        }
    }
}

/// How tightly an expression binds.
fn strength(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Logical(op, _) => op.strength(),
        ExprKind::Binary(op, ..) => op.strength(),
        ExprKind::Unary(..) => BinaryOp::UNARY,
        _ => u8::MAX,
    }
}
