//! Look-ups and conditional sums over an array of criteria, such as `SUM(SUMIFS(a,b,{1,2}))`: the functions beneath take one
//! criterion only, so these formulas are found and reported instead of being wrong in silence.

use formualizer::parse::{
    UnaryOperator,
    parser::{ASTNode, ASTNodeType, ReferenceType},
};

use crate::provider::plain_name;

/// The function of a formula, if any, whose criterion is an array. Run after implicit intersection: what is an array then is
/// meant as one.
pub(crate) fn array_criterion(node: &ASTNode, single: &dyn Fn(&str) -> bool) -> Option<String> {
    match &node.node_type {
        ASTNodeType::UnaryOp { expr, .. } => array_criterion(expr, single),
        ASTNodeType::BinaryOp { left, right, .. } => {
            array_criterion(left, single).or_else(|| array_criterion(right, single))
        }
        ASTNodeType::Function { name, args } => {
            let name = plain_name(name);
            let (first, step) = match name.as_str() {
                "COUNTIF" | "SUMIF" | "AVERAGEIF" | "LARGE" | "SMALL" => (1, usize::MAX),
                "COUNTIFS" => (1, 2),
                "SUMIFS" | "AVERAGEIFS" | "MAXIFS" | "MINIFS" => (2, 2),
                "VLOOKUP" | "HLOOKUP" | "MATCH" | "XLOOKUP" | "XMATCH" | "RANK" | "RANK.EQ" => {
                    (0, usize::MAX)
                }
                _ => (usize::MAX, usize::MAX),
            };
            let criteria = args.iter().skip(first).step_by(step);
            if criteria.clone().any(|argument| is_multi(argument, single)) {
                return Some(name);
            }
            args.iter().find_map(|argument| array_criterion(argument, single))
        }
        _ => None,
    }
}

/// Whether an expression gives more than one value, as far as its text tells.
fn is_multi(node: &ASTNode, single: &dyn Fn(&str) -> bool) -> bool {
    match &node.node_type {
        ASTNodeType::Array(rows) => rows.iter().map(Vec::len).sum::<usize>() > 1,
        ASTNodeType::Reference { reference, .. } => match reference {
            ReferenceType::Range { start_row, start_col, end_row, end_col, .. } => {
                start_row != end_row || start_col != end_col || start_row.is_none() || start_col.is_none()
            }
            ReferenceType::NamedRange(name) => !single(name),
            _ => false,
        },
        ASTNodeType::UnaryOp { op: UnaryOperator::ImplicitIntersection, .. } => false,
        ASTNodeType::UnaryOp { expr, .. } => is_multi(expr, single),
        ASTNodeType::BinaryOp { left, right, .. } => is_multi(left, single) || is_multi(right, single),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use formualizer::parse::parser::parse;

    use super::*;

    #[test]
    fn arrays_of_criteria_are_found() {
        let check = |formula: &str, expect: Option<&str>| {
            let ast = parse(format!("={formula}")).expect("a readable formula");
            assert_eq!(array_criterion(&ast, &|_| true).as_deref(), expect, "{formula}");
        };
        check("SUMIF(A1:A9,B1)", None);
        check("COUNTIF(A1:A9,@B1:B9)", None);
        check("SUM(COUNTIF(A1:A9,A1:A9))", Some("COUNTIF"));
        check("1+SUM(SUMIFS(A1:A9,B1:B9,{1,2}))", Some("SUMIFS"));
        check("MATCH(A1,B1:B9,0)", None);
    }
}
