//! Arithmetic, with numbers and with moments and durations (OData-URL 4.01, section 5.1.1.2).

use gridkeep_model::query::{Arithmetic, Expr};

use super::{
    Kind, Scope, Typed,
    expression::{is_text, mismatch},
};
use crate::{
    Error,
    syntax::ast::{self, BinaryOp},
};

impl Scope<'_> {
    /// `-operand`
    pub(super) fn negated(&self, operand: &ast::Expr) -> Result<Typed, Error> {
        let typed = self.expression(operand, None)?;
        if typed.kind.is_number() || matches!(typed.kind, Kind::Null | Kind::Duration) {
            return Ok(Typed::new(Expr::Negate(Box::new(typed.expr)), typed.kind));
        }
        Err(mismatch(operand, Kind::Decimal, typed.kind))
    }

    pub(super) fn arithmetic(
        &self,
        whole: &ast::Expr,
        operator: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Result<Typed, Error> {
        let arithmetic = match operator {
            BinaryOp::Add => Arithmetic::Add,
            BinaryOp::Sub => Arithmetic::Sub,
            BinaryOp::Mul => Arithmetic::Mul,
            BinaryOp::Div => Arithmetic::Div,
            BinaryOp::DivBy => Arithmetic::DivBy,
            _ => Arithmetic::Mod,
        };
        let (left, right) = self.operands(arithmetic, left, right)?;
        let kind = kind(arithmetic, left.kind, right.kind);
        let kind = kind.ok_or_else(|| mismatch(whole, left.kind, right.kind))?;
        Ok(Typed::new(left.expr.arithmetic(arithmetic, right.expr), kind))
    }

    /// Both sides. A text literal beside a moment or a duration stands for what goes together with it.
    fn operands(
        &self,
        operator: Arithmetic,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Result<(Typed, Typed), Error> {
        if is_text(left) {
            let right = self.expression(right, None)?;
            let expected = match (operator, right.kind) {
                (Arithmetic::Add | Arithmetic::Sub, Kind::Duration) => Some(Kind::Duration),
                (Arithmetic::Sub, Kind::Date | Kind::DateTime) => Some(right.kind),
                _ => None,
            };
            return Ok((self.expression(left, expected)?, right));
        }
        let left = self.expression(left, None)?;
        let expected = match (operator, left.kind) {
            (Arithmetic::Add | Arithmetic::Sub, Kind::Duration | Kind::Date | Kind::DateTime) => {
                Some(Kind::Duration)
            }
            _ => None,
        };
        let of_moment = operator == Arithmetic::Sub && matches!(left.kind, Kind::Date | Kind::DateTime);
        let right = match self.expression(right, expected) {
            // No duration: then a moment to count from.
            Err(_) if of_moment => self.expression(right, Some(left.kind))?,
            found => found?,
        };
        Ok((left, right))
    }
}

/// The kind of a result; `None` when the two do not go together.
fn kind(operator: Arithmetic, left: Kind, right: Kind) -> Option<Kind> {
    use Arithmetic as A;
    use Kind as K;
    let is_number = |kind: Kind| kind.is_number() || kind == K::Null;
    match (operator, left, right) {
        (A::Add | A::Sub, K::Date | K::DateTime, K::Duration) | (A::Add, K::Date | K::DateTime, K::Null) => {
            Some(left)
        }
        (A::Add | A::Sub, K::Duration | K::Null, K::Duration)
        | (A::Add | A::Sub, K::Duration, K::Null)
        | (A::Sub, K::Null, K::Date | K::DateTime) => Some(K::Duration),
        (A::Sub, K::Date | K::DateTime, other) => (other == left || other == K::Null).then_some(K::Duration),
        (A::Mul | A::Div | A::DivBy, K::Duration, other) | (A::Mul, other, K::Duration) => {
            is_number(other).then_some(K::Duration)
        }
        (A::DivBy, K::Integer, K::Integer) => Some(K::Decimal),
        (_, left, right) if is_number(left) && is_number(right) => left.joined(right),
        _ => None,
    }
}
