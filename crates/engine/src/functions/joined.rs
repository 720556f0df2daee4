//! Everything that makes long texts of short ones, `&` included: stopped at what a cell can hold, before the memory is gone.
//!
//! **Architecture Invariant:** no text longer than a cell's 32,767 characters is ever built.

use formualizer::{
    common::{ExcelErrorKind, LiteralValue},
    parse::parser::{ASTNode, ASTNodeType},
};

use super::{
    adapter::{Argument, Body, Context, Definition, Outcome, text_of},
    guard::GUARD,
    repeats,
};

/// What `&` becomes when a formula is loaded; people never see it.
const JOIN: &str = "GRIDKEEP.JOIN";

/// What all names begin with that people never see.
const OURS: &str = "GRIDKEEP";

/// The most characters a cell holds.
const LIMIT: usize = 32_767;

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition { name: JOIN, arguments: (2, 16_384), body: Body::Scalar(join) },
    Definition { name: "CONCATENATE", arguments: (1, 255), body: Body::Scalar(join) },
    Definition { name: "CONCAT", arguments: (1, 255), body: Body::Whole(concat) },
    Definition { name: "TEXTJOIN", arguments: (3, 255), body: Body::Whole(text_join) },
    Definition { name: "SUBSTITUTE", arguments: (3, 4), body: Body::Scalar(substitute) },
    Definition { name: "REPT", arguments: (2, 2), body: Body::Scalar(rept) },
];

/// Puts our function in the place of `&`. Returns whether there was one.
pub(crate) fn replace_joins(node: &mut ASTNode) -> bool {
    match &mut node.node_type {
        ASTNodeType::BinaryOp { op, left, right } if op.as_str() == "&" => {
            replace_joins(left);
            replace_joins(right);
            let nothing = || ASTNode::new(ASTNodeType::Omitted, None);
            let mut args = Vec::with_capacity(2);
            for child in [left, right] {
                let child = std::mem::replace(&mut **child, nothing());
                match child.node_type {
                    // `a&b&c` is one call.
                    ASTNodeType::Function { name, args: inner } if name == JOIN => args.extend(inner),
                    _ => args.push(child),
                }
            }
            node.node_type = ASTNodeType::Function { name: JOIN.into(), args };
            true
        }
        ASTNodeType::BinaryOp { left, right, .. } => {
            let left = replace_joins(left);
            replace_joins(right) || left
        }
        ASTNodeType::UnaryOp { expr, .. } => replace_joins(expr),
        ASTNodeType::Function { args, .. } => replace_all(args),
        ASTNodeType::Call { callee, args } => {
            let callee = replace_joins(callee);
            replace_all(args) || callee
        }
        ASTNodeType::Array(_)
        | ASTNodeType::Literal(_)
        | ASTNodeType::Omitted
        | ASTNodeType::Reference { .. } => false,
    }
}

fn replace_all(nodes: &mut [ASTNode]) -> bool {
    let mut any = false;
    for node in nodes {
        any |= replace_joins(node);
    }
    any
}

/// The formula as people wrote it, with `&` and without any call that we put there.
pub(crate) fn restore_joins(formula: &str) -> String {
    if !formula.contains(OURS) {
        return formula.to_owned();
    }
    let Ok(mut ast) = crate::refs::parse(formula, usize::MAX >> 1) else { return formula.to_owned() };
    restore(&mut ast);
    formualizer::parse::canonical_formula(&ast).trim_start_matches('=').to_owned()
}

fn restore(node: &mut ASTNode) {
    match &mut node.node_type {
        ASTNodeType::BinaryOp { left, right, .. } => {
            restore(left);
            restore(right);
        }
        ASTNodeType::UnaryOp { expr, .. } => restore(expr),
        ASTNodeType::Call { callee, args } => {
            restore(callee);
            args.iter_mut().for_each(restore);
        }
        ASTNodeType::Function { name, args } => {
            args.iter_mut().for_each(restore);
            let Ok(op) = formualizer::parse::BinaryOperator::try_from("&") else { return };
            if name == GUARD && args.len() == 1 {
                node.node_type = args.remove(0).node_type;
            } else if name == JOIN {
                let joined = std::mem::take(args).into_iter().reduce(|left, right| {
                    let (left, right) = (Box::new(left), Box::new(right));
                    ASTNode::new(ASTNodeType::BinaryOp { op, left, right }, None)
                });
                if let Some(joined) = joined {
                    node.node_type = joined.node_type;
                }
            } else if let Some(repeated) = repeats::restore(name, args) {
                node.node_type = repeated;
            }
        }
        _ => {}
    }
}

/// A text that grows up to what a cell holds.
#[derive(Default)]
struct Growing {
    text: String,
    characters: usize,
}

impl Growing {
    fn push(&mut self, text: &str) -> Result<(), ExcelErrorKind> {
        self.characters += text.chars().count();
        if self.characters > LIMIT {
            return Err(ExcelErrorKind::Value);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn push_value(&mut self, value: &LiteralValue) -> Result<(), ExcelErrorKind> {
        match value {
            LiteralValue::Error(error) => Err(error.kind),
            LiteralValue::Text(text) => self.push(text),
            other => self.push(&text_of(other)?),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the end of every function here")]
    fn done(self) -> Outcome {
        Ok(LiteralValue::Text(self.text))
    }
}

fn join(_: &Context, arguments: &[LiteralValue]) -> Outcome {
    let mut joined = Growing::default();
    arguments.iter().try_for_each(|value| joined.push_value(value))?;
    joined.done()
}

fn concat(_: &Context, arguments: &[Argument]) -> Outcome {
    let mut joined = Growing::default();
    arguments.iter().flat_map(Argument::values).try_for_each(|value| joined.push_value(value))?;
    joined.done()
}

fn text_join(context: &Context, arguments: &[Argument]) -> Outcome {
    let mut separators = Vec::new();
    for value in arguments[0].values() {
        separators.push(text_of(value)?);
    }
    if separators.is_empty() {
        separators.push(String::new());
    }
    let ignore = match arguments[1].values().next() {
        None => false,
        Some(LiteralValue::Text(text)) => match text.to_uppercase().as_str() {
            "TRUE" => true,
            "FALSE" => false,
            _ => return Err(ExcelErrorKind::Value),
        },
        Some(value) => context.number(value)? != 0.0,
    };
    let mut joined = Growing::default();
    let mut count = 0;
    for argument in &arguments[2..] {
        let missing = matches!(argument, Argument::Missing).then_some(&LiteralValue::Empty);
        for value in argument.values().chain(missing) {
            let is_empty = matches!(value, LiteralValue::Empty)
                || matches!(value, LiteralValue::Text(text) if text.is_empty());
            if ignore && is_empty {
                continue;
            }
            if count > 0 {
                joined.push(&separators[(count - 1) % separators.len()])?;
            }
            joined.push_value(value)?;
            count += 1;
        }
    }
    joined.done()
}

fn rept(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let text = text_of(&arguments[0])?;
    let count = context.number(&arguments[1])?;
    let times = count.trunc();
    if times < 0.0 || text.chars().count() as f64 * times > LIMIT as f64 {
        return Err(ExcelErrorKind::Value);
    }
    // Without any text, any number of times is none.
    Ok(LiteralValue::Text(if text.is_empty() { text } else { text.repeat(times as usize) }))
}

fn substitute(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (text, old, new) = (text_of(&arguments[0])?, text_of(&arguments[1])?, text_of(&arguments[2])?);
    let which = match arguments.get(3) {
        None => None,
        Some(value) => match context.number(value)?.trunc() {
            which if which < 1.0 => return Err(ExcelErrorKind::Value),
            which => Some(which),
        },
    };
    if old.is_empty() {
        return Ok(LiteralValue::Text(text));
    }
    let mut replaced = Growing::default();
    let mut pieces = text.split(old.as_str());
    replaced.push(pieces.next().unwrap_or_default())?;
    for (index, piece) in pieces.enumerate() {
        let hit = which.is_none_or(|which| (index + 1) as f64 == which);
        replaced.push(if hit { &new } else { &old })?;
        replaced.push(piece)?;
    }
    replaced.done()
}

#[cfg(test)]
mod tests {
    use super::{super::testing::check, *};

    #[test]
    fn excels_cases() {
        check("\"a\"&1&TRUE&A9", "a1TRUE");
        check("\"a\"&1/0", "#DIV/0!");
        check("0.1+0.2&\"\"", "0.3");
        check("1/3&\"\"", "0.333333333333333");
        check("1E21&\"\"", "1E+21");
        check("1E20&\"\"", "100000000000000000000");
        check("1E-10&\"\"", "1E-10");
        check("CONCATENATE(\"a\",A1,\"b\")", "a1b");
        check("CONCAT(A1:A4,\"!\")", "123x!");
        check("TEXTJOIN(\"-\",TRUE,A1:A5,\"\",\"y\")", "1-2-3-x-y");
        check("TEXTJOIN(\"-\",FALSE,A4:A5,\"y\")", "x--y");
        check("SUBSTITUTE(\"banana\",\"a\",\"o\")", "bonono");
        check("SUBSTITUTE(\"banana\",\"a\",\"o\",2)", "banona");
        check("SUBSTITUTE(\"banana\",\"\",\"o\")", "banana");
        check("SUBSTITUTE(\"banana\",\"a\",\"o\",0)", "#VALUE!");
        check("REPT(\"ab\",2.9)", "abab");
        check("REPT(\"a\",-1)", "#VALUE!");
        check("REPT(\"a\",32768)", "#VALUE!");
        check("LEN(REPT(\"a\",32767))", "32767");
    }

    #[test]
    fn joins_come_back() {
        let mut ast = crate::refs::parse("A1&\"x\"&SUM(B1&C1)", 100).expect("reads");
        assert!(replace_joins(&mut ast));
        let formula = formualizer::parse::canonical_formula(&ast);
        assert_eq!(formula, "=GRIDKEEP.JOIN(A1, \"x\", SUM(GRIDKEEP.JOIN(B1, C1)))");
        assert_eq!(restore_joins("GRIDKEEP.GUARD(SUM(A1))"), "SUM(A1)");
        assert_eq!(restore_joins(&formula), "A1 & \"x\" & SUM(B1 & C1)");
    }
}
