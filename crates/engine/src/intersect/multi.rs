//! Whether an expression gives more than one value, as far as its text tells.

use formualizer::parse::{
    UnaryOperator,
    parser::{ASTNode, ASTNodeType},
};

use super::{ALWAYS_MULTI, CLASSES, Class, PASS_THROUGH, is_reference_operator, reference_is_multi};
use crate::provider::plain_name;

/// Functions newer than the table of classes that give one value whatever they are given.
const NEWER_SINGLE: &[&str] = &["CONCAT", "TEXTJOIN", "MAXIFS", "MINIFS", "ISOMITTED", "ARRAYTOTEXT"];

/// In doubt it does. Run after implicit intersection; `single` tells of a defined name whether it stands for one cell or
/// constant.
pub(crate) fn is_multi(node: &ASTNode, single: &dyn Fn(&str) -> bool) -> bool {
    match &node.node_type {
        ASTNodeType::Array(rows) => rows.iter().map(Vec::len).sum::<usize>() > 1,
        ASTNodeType::Reference { reference, .. } => reference_is_multi(reference, single),
        ASTNodeType::UnaryOp { op, expr } => match op {
            UnaryOperator::ImplicitIntersection => false,
            UnaryOperator::Spill => true,
            _ => is_multi(expr, single),
        },
        ASTNodeType::BinaryOp { op, left, right } => {
            is_reference_operator(*op) || is_multi(left, single) || is_multi(right, single)
        }
        ASTNodeType::Function { name, args } => {
            let name = plain_name(name);
            let name = name.as_str();
            match CLASSES.get(name) {
                Some(classes) => {
                    let lifts = |index| classes.parameter(index).value || PASS_THROUGH.contains(&name);
                    classes.result == Class::Array
                        || ALWAYS_MULTI.contains(&name)
                        || args.iter().enumerate().any(|(index, arg)| lifts(index) && is_multi(arg, single))
                }
                None => !NEWER_SINGLE.contains(&name),
            }
        }
        ASTNodeType::Call { .. } => true,
        ASTNodeType::Literal(_) | ASTNodeType::Omitted => false,
    }
}

#[cfg(test)]
mod tests {
    use formualizer::parse::parser::parse;

    use super::*;

    #[test]
    fn more_than_one_value_is_seen() {
        let check = |formula: &str, expect: bool| {
            let ast = parse(format!("={formula}")).expect("a readable formula");
            assert_eq!(is_multi(&ast, &|name| name == "Rate"), expect, "{formula}");
        };
        check("A1", false);
        check("A1:A9", true);
        check("A:A", true);
        check("@A1:A9", false);
        check("{1,2}", true);
        check("{1}", false);
        check("Rate", false);
        check("Rates", true);
        check("\">\"&A1", false);
        check("\">\"&A1:A9", true);
        check("-A1:A9", true);
        check("SUM(A1:A9)", false);
        check("TEXT(A1,\"0\")", false);
        check("LEFT(A1:A9,2)", true);
        check("ROW(A1:A9)", true);
        check("ROW(INDIRECT(\"1:9\"))", true);
        check("IF(A1,B1,C1)", false);
        check("UNIQUE(A1:A9)", true);
        check("_xlfn.TEXTJOIN(\",\",TRUE,A1:A9)", false);
        check("A1#", true);
    }
}
