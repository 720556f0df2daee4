//! What SQLite says in its own way: few functions of its own, and for the rest those of `model` itself, called from SQL as
//! `gk('<operation>|<types>><type>', ...)`, see `sqlite_functions`.
//!
//! A stored decimal of few places is an integer, scaled by its column; any other a number of 128 bits whose bytes compare
//! as it does.

use std::fmt::Write;

use gridkeep_model::{
    ColumnType, Value,
    data::NARROW_SCALE,
    query::{Function, Node, Reduce, Type, Typed},
};

use super::sqlite_functions::{letter, name};
use crate::sql::{Operation, Words, Writer};

/// SQLite's way.
pub(crate) struct SqliteWords;

impl Words for SqliteWords {
    fn nulls(&self, _: bool) -> &'static str {
        ""
    }

    fn bound_type(&self, _: Type) -> Option<&'static str> {
        None
    }

    fn position(&self) -> &'static str {
        "instr"
    }

    fn collation(&self) -> &'static str {
        ""
    }

    fn operation(&self, writer: &mut Writer<'_>, operation: Operation, arguments: &[&Typed], ty: Type) {
        let first = arguments.first().map_or(Type::Null, |argument| argument.ty);
        let moment = first == Type::Column(ColumnType::DateTime);
        let own = match operation {
            Operation::Call(function) => native(function, moment),
            _ => None,
        };
        if let Some((before, behind)) = own {
            return around(writer, before, arguments, behind);
        }
        if operation == Operation::Call(Function::Concat) {
            let [left, right] = arguments else { return };
            around(writer, "(", &[*left], " || ");
            return around(writer, "", &[*right], ")");
        }
        let mut signature = format!("gk('{}|", name(operation));
        for argument in arguments {
            letter(argument.ty, &mut signature);
        }
        signature.push('>');
        letter(ty, &mut signature);
        signature.push_str("', ");
        around(writer, &signature, arguments, ")");
    }

    fn comparable(&self, writer: &mut Writer<'_>, number: &Typed, _: &Typed) {
        let scale = number.ty.scale().unwrap_or(0);
        around(writer, &format!("gk_key({scale}, "), &[number], ")");
    }

    fn compare_plainly(&self, writer: &Writer<'_>, left: &Typed, right: &Typed) -> bool {
        match (left.ty.scale(), right.ty.scale()) {
            // Of many places they have one form, stored or calculated.
            (Some(own), Some(other)) if own == other && own > NARROW_SCALE => true,
            (Some(own), Some(other)) => own == other && is_narrow(writer, left) && is_narrow(writer, right),
            _ => true,
        }
    }

    fn uniform(&self, writer: &mut Writer<'_>, value: &Typed) {
        // A field of a stage has either form.
        let field = matches!(value.node, Node::Field(..));
        let decimal = matches!(value.ty, Type::Column(ColumnType::Decimal { .. }));
        if decimal && (field || is_narrow(writer, value)) {
            around(writer, "gk_wide(", &[value], ")");
        } else {
            writer.plain(value);
        }
    }

    fn aggregate(&self, writer: &mut Writer<'_>, reduce: Reduce, of: Option<&Typed>, ty: Type) {
        let Some(of) = of else { return writer.push("count(*)") };
        let before = match reduce {
            Reduce::Count => return writer.push("count(*)"),
            Reduce::CountDistinct => "count(DISTINCT ".to_owned(),
            Reduce::Min if of.ty == Type::TEXT => "gk_min(".to_owned(),
            Reduce::Max if of.ty == Type::TEXT => "gk_max(".to_owned(),
            Reduce::Min => "min(".to_owned(),
            Reduce::Max => "max(".to_owned(),
            Reduce::Sum | Reduce::Average => {
                let mut before = format!("{}('", if reduce == Reduce::Sum { "gk_sum" } else { "gk_average" });
                letter(of.ty, &mut before);
                before.push('>');
                letter(ty, &mut before);
                before.push_str("', ");
                before
            }
        };
        writer.push(&before);
        self.uniform(writer, of);
        writer.push(")");
    }

    fn extreme_folded(&self, writer: &mut Writer<'_>, reduce: Reduce, of: &Typed) {
        writer.push("gk_fold(");
        self.aggregate(writer, reduce, Some(of), of.ty);
        writer.push(")");
    }

    fn running(&self, writer: &mut Writer<'_>, of: &Typed) {
        self.aggregate(writer, Reduce::Sum, Some(of), of.ty);
        writer.push(" OVER w");
    }

    fn fold(&self, writer: &mut Writer<'_>, text: &Typed) {
        around(writer, "gk_fold(", &[text], ")");
    }

    fn matches(&self, writer: &mut Writer<'_>, text: &Typed, pattern: &str) {
        writer.push("gk_matches(");
        writer.bind(pattern, Type::TEXT);
        around(writer, ", ", &[text], ")");
    }
}

/// Whether an integer or decimal is a plain integer of 64 bits in SQL.
fn is_narrow(writer: &Writer<'_>, number: &Typed) -> bool {
    match (&number.node, number.ty) {
        (_, Type::INTEGER) => true,
        (_, Type::Column(ColumnType::Decimal { scale })) if scale > NARROW_SCALE => false,
        (Node::Literal(Value::Decimal(literal)), _) => i64::try_from(literal.mantissa()).is_ok(),
        // Related rows are stored, those of groups are calculated; either form may come where groups are about.
        (Node::Field(..), _) => !writer.grouped,
        _ => false,
    }
}

/// Functions SQLite has itself, or that parts of a text written by us make.
fn native(function: Function, moment: bool) -> Option<(&'static str, &'static str)> {
    use Function as F;
    Some(match function {
        F::Length => ("length(", ")"),
        F::IndexOf => ("(instr(", ") - 1)"),
        F::Year => ("CAST(substr(", ", 1, 4) AS INTEGER)"),
        F::Month => ("CAST(substr(", ", 6, 2) AS INTEGER)"),
        F::Day => ("CAST(substr(", ", 9, 2) AS INTEGER)"),
        F::Hour if moment => ("CAST(substr(", ", 12, 2) AS INTEGER)"),
        F::Hour => ("CAST(substr(", ", 1, 2) AS INTEGER)"),
        F::Minute if moment => ("CAST(substr(", ", 15, 2) AS INTEGER)"),
        F::Minute => ("CAST(substr(", ", 4, 2) AS INTEGER)"),
        F::Second if moment => ("CAST(substr(", ", 18, 2) AS INTEGER)"),
        F::Second => ("CAST(substr(", ", 7, 2) AS INTEGER)"),
        F::Date => ("substr(", ", 1, 10)"),
        F::Time => ("substr(", ", 12)"),
        _ => return None,
    })
}

fn around(writer: &mut Writer<'_>, before: &str, arguments: &[&Typed], behind: &str) {
    writer.push(before);
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            writer.push(", ");
        }
        writer.plain(argument);
    }
    writer.push(behind);
}

/// The scale as it stands in a signature.
pub(super) fn scale(scale: u8, signature: &mut String) {
    // Writing to a text never fails.
    let _ = write!(signature, "d{scale}");
}
