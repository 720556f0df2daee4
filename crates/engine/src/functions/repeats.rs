//! Formulas that calculate something once for every element of an array: an array where a function takes one value, such as
//! the criteria of `SUM(SUMIFS(a,b,{1,2}))`, and LAMBDA's helpers. The engine beneath has no such repetition, but it has the
//! names of LET: each becomes a call of ours that looks like a LET and is calculated as often as needed.
//!
//! **Architecture Invariant:** people never see the calls: [`restore`] gives back what they wrote.

use formualizer::parse::parser::{ASTNode, ASTNodeType, ReferenceType};

use super::repeated::Kind;
use crate::{intersect::is_multi, provider::plain_name};

/// What our own local names begin with.
const LOCAL: &str = "GRIDKEEP_";

/// Puts our calls in place. Returns whether there was anything to repeat. Run after implicit intersection: what is an array
/// then is meant as one. `single` tells of a defined name whether it stands for one cell or constant.
pub(crate) fn replace_repeats(node: &mut ASTNode, single: &dyn Fn(&str) -> bool) -> bool {
    let mut pass = Pass { single, names: 0, changed: false };
    pass.visit(node);
    pass.changed
}

struct Pass<'a> {
    single: &'a dyn Fn(&str) -> bool,
    /// Local names given so far.
    names: usize,
    changed: bool,
}

impl Pass<'_> {
    fn visit(&mut self, node: &mut ASTNode) {
        match &mut node.node_type {
            ASTNodeType::UnaryOp { expr, .. } => self.visit(expr),
            ASTNodeType::BinaryOp { left, right, .. } => {
                self.visit(left);
                self.visit(right);
            }
            ASTNodeType::Call { callee, args } => {
                self.visit(callee);
                self.visit_all(args);
                let callee = std::mem::replace(&mut **callee, ASTNode::new(ASTNodeType::Omitted, None));
                let args = std::mem::take(args);
                node.node_type = self.called(callee, args).node_type;
                self.changed = true;
            }
            ASTNodeType::Function { name, args } => {
                self.visit_all(args);
                let name = plain_name(name);
                let replaced = match Kind::of_helper(&name) {
                    Some(kind) => self.helper(kind, args),
                    None => self.lifted(&name, args),
                };
                if let Some(replaced) = replaced {
                    node.node_type = replaced;
                    self.changed = true;
                }
            }
            ASTNodeType::Array(_)
            | ASTNodeType::Literal(_)
            | ASTNodeType::Omitted
            | ASTNodeType::Reference { .. } => {}
        }
    }

    fn visit_all(&mut self, nodes: &mut [ASTNode]) {
        for node in nodes {
            self.visit(node);
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("{LOCAL}{}", self.names)
    }

    /// `SUMIFS(a,b,{1,2})` becomes `EACH(n,{1,2},SUMIFS(a,b,n))`.
    fn lifted(&mut self, name: &str, args: &mut Vec<ASTNode>) -> Option<ASTNodeType> {
        let multi: Vec<usize> = (0..args.len())
            .filter(|index| takes_one(name, *index) && is_multi(&args[*index], self.single))
            .collect();
        if multi.is_empty() {
            return None;
        }
        let mut call = Vec::with_capacity(2 * multi.len() + 1);
        for index in multi {
            let local = self.name();
            call.push(reference(&local));
            call.push(std::mem::replace(&mut args[index], reference(&local)));
        }
        call.push(function(name, std::mem::take(args)));
        Some(ASTNodeType::Function { name: Kind::Each.name().into(), args: call })
    }

    /// `LAMBDA(x,x+1)(a)` becomes `LET(n,LAMBDA(x,x+1),n(a))`: the engine beneath calls names only.
    fn called(&mut self, callee: ASTNode, args: Vec<ASTNode>) -> ASTNode {
        let name = self.name();
        function("LET", vec![reference(&name), callee, function(&name, args)])
    }

    /// `MAP(a,LAMBDA(x,x+1))` becomes `ours(x,a,x+1)`. `None` when the arguments are not as many as Excel wants.
    fn helper(&mut self, kind: Kind, args: &mut Vec<ASTNode>) -> Option<ASTNodeType> {
        if !kind.takes(args.len()) {
            return None;
        }
        let lambda = args.pop()?;
        let values = std::mem::take(args);
        let (names, body) = if let Some(names) = parameters(&lambda, &values) {
            let ASTNodeType::Function { args: mut parts, .. } = lambda.node_type else { return None };
            (names, parts.pop()?)
        } else {
            let names: Vec<String> = values.iter().map(|_| self.name()).collect();
            let args = names.iter().map(|name| reference(name)).collect();
            let body = match local_name(&lambda) {
                Some(name) => function(name, args),
                None => self.called(lambda, args),
            };
            (names, body)
        };
        let pairs = names.iter().zip(values).flat_map(|(name, value)| [reference(name), value]);
        let args = pairs.chain([body]).collect();
        Some(ASTNodeType::Function { name: kind.name().into(), args })
    }
}

/// The parameters of a LAMBDA that is written out, when they can be bound as they are: as many as values, and none of them
/// means something else in one of the values.
fn parameters(lambda: &ASTNode, values: &[ASTNode]) -> Option<Vec<String>> {
    let ASTNodeType::Function { name, args } = &lambda.node_type else { return None };
    if plain_name(name) != "LAMBDA" || args.len() != values.len() + 1 {
        return None;
    }
    let mut names: Vec<String> = Vec::with_capacity(values.len());
    for parameter in &args[..values.len()] {
        let name = local_name(parameter)?;
        if names.iter().any(|other| other.eq_ignore_ascii_case(name))
            || values.iter().any(|value| mentions(value, name))
        {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

/// Whether a function takes one value here and gives one, so that it is to be repeated for an array. Functions that the
/// engine beneath lifts over arrays itself are not among them.
fn takes_one(name: &str, index: usize) -> bool {
    match name {
        "COUNTIF" | "SUMIF" | "AVERAGEIF" | "LARGE" | "SMALL" => index == 1,
        "COUNTIFS" => !index.is_multiple_of(2),
        "SUMIFS" | "AVERAGEIFS" | "MAXIFS" | "MINIFS" => index >= 2 && index.is_multiple_of(2),
        "VLOOKUP" | "HLOOKUP" | "MATCH" | "XLOOKUP" | "XMATCH" | "RANK" | "RANK.EQ" => index == 0,
        _ => false,
    }
}

/// What people wrote, out of one of our calls; nothing happens to other calls.
pub(super) fn restore(name: &str, args: &mut Vec<ASTNode>) -> Option<ASTNodeType> {
    if name == "LET" && args.first().is_some_and(is_ours) {
        let (called, callee) = (args.pop()?, args.pop()?);
        let ASTNodeType::Function { args, .. } = called.node_type else { return None };
        return Some(ASTNodeType::Call { callee: Box::new(callee), args });
    }
    let kind = Kind::of_name(name)?;
    let mut body = args.pop()?;
    let mut pairs = std::mem::take(args).into_iter();
    let (mut names, mut values) = (Vec::new(), Vec::new());
    while let (Some(name), Some(value)) = (pairs.next(), pairs.next()) {
        names.push(name);
        values.push(value);
    }
    let Some(helper) = kind.helper() else {
        for (name, value) in names.iter().zip(&values) {
            substitute(&mut body, local_name(name)?, value);
        }
        return Some(body.node_type);
    };
    let ours = names.iter().any(is_ours);
    values.push(match body.node_type {
        ASTNodeType::Function { name, .. } if ours => reference(&name),
        ASTNodeType::Call { callee, .. } if ours => *callee,
        node_type => function("LAMBDA", names.into_iter().chain([ASTNode::new(node_type, None)]).collect()),
    });
    Some(ASTNodeType::Function { name: helper.into(), args: values })
}

fn is_ours(name: &ASTNode) -> bool {
    local_name(name).is_some_and(|name| name.starts_with(LOCAL))
}

fn substitute(node: &mut ASTNode, name: &str, value: &ASTNode) {
    if local_name(node).is_some_and(|own| own.eq_ignore_ascii_case(name)) {
        *node = value.clone();
        return;
    }
    children(node, &mut |child| substitute(child, name, value));
}

fn children(node: &mut ASTNode, visit: &mut dyn FnMut(&mut ASTNode)) {
    match &mut node.node_type {
        ASTNodeType::UnaryOp { expr, .. } => visit(expr),
        ASTNodeType::BinaryOp { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ASTNodeType::Call { callee, args } => {
            visit(callee);
            args.iter_mut().for_each(visit);
        }
        ASTNodeType::Function { args, .. } => args.iter_mut().for_each(visit),
        _ => {}
    }
}

fn mentions(node: &ASTNode, name: &str) -> bool {
    match &node.node_type {
        ASTNodeType::UnaryOp { expr, .. } => mentions(expr, name),
        ASTNodeType::BinaryOp { left, right, .. } => mentions(left, name) || mentions(right, name),
        ASTNodeType::Call { callee, args } => {
            mentions(callee, name) || args.iter().any(|argument| mentions(argument, name))
        }
        ASTNodeType::Function { name: called, args } => {
            called.eq_ignore_ascii_case(name) || args.iter().any(|argument| mentions(argument, name))
        }
        _ => local_name(node).is_some_and(|own| own.eq_ignore_ascii_case(name)),
    }
}

fn local_name(node: &ASTNode) -> Option<&str> {
    match &node.node_type {
        ASTNodeType::Reference { reference: ReferenceType::NamedRange(name), .. } => Some(name),
        _ => None,
    }
}

fn reference(name: &str) -> ASTNode {
    let reference = ReferenceType::NamedRange(name.to_owned());
    ASTNode::new(ASTNodeType::Reference { original: name.to_owned(), reference }, None)
}

fn function(name: &str, args: Vec<ASTNode>) -> ASTNode {
    ASTNode::new(ASTNodeType::Function { name: name.to_owned(), args }, None)
}

#[cfg(test)]
mod tests {
    use formualizer::parse::canonical_formula;

    use super::*;

    #[test]
    fn what_is_repeated_comes_back_as_written() {
        let check = |formula: &str, expect: &str| {
            let mut ast = crate::refs::parse(formula, 200).expect("a readable formula");
            let changed = replace_repeats(&mut ast, &|_| false);
            let ours = canonical_formula(&ast).trim_start_matches('=').to_owned();
            assert_eq!((ours.as_str(), changed), (expect, formula != expect), "{formula}");
            assert_eq!(super::super::restore_joins(&ours), formula);
        };
        check("SUMIF(A1:A9, B1)", "SUMIF(A1:A9, B1)");
        check("COUNTIF(A1:A9, @B1:B9)", "COUNTIF(A1:A9, @B1:B9)");
        check(
            "SUM(COUNTIF(A1:A9, B1:B2))",
            "SUM(GRIDKEEP.EACH(GRIDKEEP_1, B1:B2, COUNTIF(A1:A9, GRIDKEEP_1)))",
        );
        check(
            "SUMIFS(A1:A9, B1:B9, {1, 2}, C1:C9, D1, E1:E9, UNIQUE(D1:D9))",
            "GRIDKEEP.EACH(GRIDKEEP_1, {1, 2}, GRIDKEEP_2, UNIQUE(D1:D9), \
             SUMIFS(A1:A9, B1:B9, GRIDKEEP_1, C1:C9, D1, E1:E9, GRIDKEEP_2))",
        );
        check("MATCH(A1, B1:B9, 0)", "MATCH(A1, B1:B9, 0)");
        check("MAP(A1:A9, LAMBDA(x, x + 1))", "GRIDKEEP.MAP(x, A1:A9, x + 1)");
        check("MAP(A1:A9, DOUBLE)", "GRIDKEEP.MAP(GRIDKEEP_1, A1:A9, DOUBLE(GRIDKEEP_1))");
        check(
            "MAP(x, LAMBDA(x, x + 1))",
            "GRIDKEEP.MAP(GRIDKEEP_1, x, LET(GRIDKEEP_2, LAMBDA(x, x + 1), GRIDKEEP_2(GRIDKEEP_1)))",
        );
        check("LAMBDA(x, x + 1)(A1)", "LET(GRIDKEEP_1, LAMBDA(x, x + 1), GRIDKEEP_1(A1))");
        check("REDUCE(0, A1:A9, LAMBDA(a, b, a + b))", "GRIDKEEP.REDUCE(a, 0, b, A1:A9, a + b)");
        check("MAP(A1:A9)", "MAP(A1:A9)");
    }
}
