//! Expressions over a row of a set: names resolved, literals typed, what does not fit refused with its place.

use gridkeep_model::{
    Value,
    query::{Expr, Operator},
};

use super::{Kind, MOST_NODES, Scope, function, literal};
use crate::{
    Error, ErrorKind,
    syntax::ast::{self, BinaryOp, ExprKind, Literal, LogicalOp, UnaryOp},
};

/// An expression and the kind of its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The expression.
    pub expr: Expr,
    /// The kind of its value.
    pub kind: Kind,
}

impl Typed {
    pub(super) fn new(expr: Expr, kind: Kind) -> Self {
        Self { expr, kind }
    }
}

impl Scope<'_> {
    /// A condition: an expression that is true, false or null.
    pub fn condition(&self, expr: &ast::Expr) -> Result<Expr, Error> {
        single(expr)?;
        let typed = self.expression(expr, Some(Kind::Boolean))?;
        match typed.kind {
            Kind::Boolean | Kind::Null => Ok(typed.expr),
            other => Err(mismatch(expr, Kind::Boolean, other)),
        }
    }

    /// An expression of any kind. `expected` tells what a text literal stands for.
    pub fn expression(&self, expr: &ast::Expr, expected: Option<Kind>) -> Result<Typed, Error> {
        self.spend(expr)?;
        match &expr.kind {
            ExprKind::Literal(written) => {
                if let Some(found) = self.enum_literal(written, expected, expr.at) {
                    return found;
                }
                let (value, kind) = literal::value(written, expected, expr.at)?;
                Ok(Typed::new(Expr::Literal(value), kind))
            }
            ExprKind::Path(path) => self.path(path, expected),
            ExprKind::Call(method, arguments) => function::call(self, expr, *method, arguments),
            ExprKind::Unary(UnaryOp::Not, operand) => {
                Ok(Typed::new(Expr::Not(Box::new(self.condition(operand)?)), Kind::Boolean))
            }
            ExprKind::Unary(UnaryOp::Negate, operand) => self.negated(operand),
            ExprKind::Logical(operator, terms) => {
                let terms = terms.iter().map(|term| self.condition(term)).collect::<Result<_, _>>()?;
                let expr = if *operator == LogicalOp::And { Expr::And(terms) } else { Expr::Or(terms) };
                Ok(Typed::new(expr, Kind::Boolean))
            }
            ExprKind::Binary(operator, left, right) => self.binary(expr, *operator, left, right),
            ExprKind::Case(branches) => self.case(expr, branches, expected),
            ExprKind::Cast(Some(operand), name) => self.cast(operand, name),
            ExprKind::IsOf(Some(operand), name) if is_instance(operand) && self.is_it() => {
                let whole = ExprKind::IsOf(None, name.clone());
                self.expression(&ast::Expr { kind: whole, at: expr.at }, expected)
            }
            ExprKind::IsOf(Some(operand), name) => self.is_of(operand, name),
            ExprKind::IsOf(None, name) => {
                if let Some(condition) = self.is_kind(&name.name).filter(|_| !name.collection) {
                    return Ok(Typed::new(condition, Kind::Boolean));
                }
                let same = self.is_own_type(&name.name) && !name.collection;
                Ok(Typed::new(Expr::Literal(Value::Boolean(same)), Kind::Boolean))
            }
            ExprKind::List(_) | ExprKind::Array(_) | ExprKind::Object(_) | ExprKind::Cast(None, _) => {
                Err(unsupported(expr, "collections, objects and casts of whole entities in this place"))
            }
        }
    }

    fn spend(&self, expr: &ast::Expr) -> Result<(), Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| {
            let message = format!("an expression has at most {MOST_NODES} parts here, aliases replaced");
            Error::new(ErrorKind::TooLarge, "TOO_LARGE", message).at(expr.at.0.start..expr.at.0.end)
        })?;
        self.left.set(left);
        Ok(())
    }

    fn binary(
        &self,
        whole: &ast::Expr,
        operator: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Result<Typed, Error> {
        let comparison = match operator {
            BinaryOp::Eq => Operator::Eq,
            BinaryOp::Ne => Operator::Ne,
            BinaryOp::Gt => Operator::Gt,
            BinaryOp::Ge => Operator::Ge,
            BinaryOp::Lt => Operator::Lt,
            BinaryOp::Le => Operator::Le,
            BinaryOp::In => return self.one_of(left, right),
            BinaryOp::Has => return self.has(left, right),
            arithmetic => return self.arithmetic(whole, arithmetic, left, right),
        };
        // Collections can be compared with each other, but with nothing else.
        match (single(left), single(right)) {
            (Err(error), Ok(())) | (Ok(()), Err(error)) => return Err(error),
            _ => {}
        }
        if let Operator::Eq | Operator::Ne = comparison
            && let (ExprKind::Path(path), ExprKind::Literal(Literal::Null))
            | (ExprKind::Literal(Literal::Null), ExprKind::Path(path)) = (&left.kind, &right.kind)
        {
            return self.against_null(comparison, path);
        }
        if let Some(typed) = self.with_infinity(whole, comparison, left, right)? {
            return Ok(typed);
        }
        let (left, right) = self.pair(whole, left, right)?;
        let ordered = !matches!(comparison, Operator::Eq | Operator::Ne);
        if ordered && (left.kind == Kind::Binary || right.kind == Kind::Binary) {
            return Err(unsupported(whole, "comparisons of bytes but for eq and ne"));
        }
        let (left, right) = (left.expr, right.expr);
        Ok(Typed::new(left.compare(comparison, right), Kind::Boolean))
    }

    /// Two operands that can be compared. A text literal becomes what the other operand is.
    fn pair(&self, whole: &ast::Expr, left: &ast::Expr, right: &ast::Expr) -> Result<(Typed, Typed), Error> {
        let (left, right) = if is_text(left) || is_integer(left) {
            let right = self.expression(right, None)?;
            (self.expression(left, Some(right.kind))?, right)
        } else {
            let left = self.expression(left, None)?;
            let right = self.expression(right, Some(left.kind))?;
            (left, right)
        };
        if left.kind.meets(right.kind) {
            Ok((left, right))
        } else {
            Err(mismatch(whole, left.kind, right.kind))
        }
    }

    /// What the alias that is all of an expression stands for; anything else as it is.
    fn behind_alias<'e>(&'e self, expr: &'e ast::Expr) -> &'e ast::Expr {
        let ExprKind::Path(ast::Path { root: ast::Root::Alias(name), segments, .. }) = &expr.kind else {
            return expr;
        };
        let alias = self.aliases.iter().find(|alias| alias.name == *name).filter(|_| segments.is_empty());
        alias.map_or(expr, |alias| &alias.value)
    }

    fn one_of(&self, left: &ast::Expr, right: &ast::Expr) -> Result<Typed, Error> {
        let (ExprKind::List(items) | ExprKind::Array(items)) = &self.behind_alias(right).kind else {
            return Err(unsupported(right, "collections of the model behind `in`"));
        };
        let left = self.expression(left, None)?;
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let typed = self.expression(item, Some(left.kind))?;
            if !typed.kind.meets(left.kind) {
                return Err(mismatch(item, left.kind, typed.kind));
            }
            all.push(typed.expr);
        }
        Ok(Typed::new(Expr::In(Box::new(left.expr), all), Kind::Boolean))
    }

    fn case(
        &self,
        whole: &ast::Expr,
        branches: &[(ast::Expr, ast::Expr)],
        expected: Option<Kind>,
    ) -> Result<Typed, Error> {
        let mut kind = Kind::Null;
        let mut bound = Vec::with_capacity(branches.len());
        for (condition, value) in branches {
            let value = self.expression(value, expected)?;
            kind = kind.joined(value.kind).ok_or_else(|| mismatch(whole, kind, value.kind))?;
            bound.push((self.condition(condition)?, value.expr));
        }
        Ok(Typed::new(Expr::Case(bound), kind))
    }
}

/// `$it`, by itself.
fn is_instance(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.root == ast::Root::It && path.segments.is_empty())
}

fn is_integer(expr: &ast::Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Integer(_)))
}

pub(super) fn is_text(expr: &ast::Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::String(_)))
}

pub(super) fn mismatch(at: &ast::Expr, expected: Kind, found: Kind) -> Error {
    let message = format!("{} and {} do not go together", expected.name(), found.name());
    Error::new(ErrorKind::Malformed, "TYPE_MISMATCH", message).at(at.at.0.start..at.at.0.end)
}

/// A collection or an object where one value stands is a mistake, whatever it holds.
pub(super) fn single(expr: &ast::Expr) -> Result<(), Error> {
    if let ExprKind::List(_) | ExprKind::Array(_) | ExprKind::Object(_) = &expr.kind {
        let message = "a collection or an object is no single value";
        return Err(
            Error::new(ErrorKind::Malformed, "NOT_SINGLE", message).at(expr.at.0.start..expr.at.0.end)
        );
    }
    Ok(())
}

pub(super) fn unsupported(at: &ast::Expr, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_EXPRESSION", format!("{what} are not offered here"))
        .at(at.at.0.start..at.at.0.end)
}
