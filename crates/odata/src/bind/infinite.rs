//! Comparisons with `INF`, `-INF` and `NaN`, which no property ever is: what they come to is known beforehand.

use gridkeep_model::{
    Value,
    query::{Expr, Operator},
};

use super::{Kind, Scope, Typed, expression::mismatch};
use crate::{
    Error,
    syntax::ast::{self, ExprKind, Literal},
};

/// Whether it is one of these, and which.
fn special(expr: &ast::Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Double(text)) if matches!(text.as_str(), "INF" | "-INF" | "NaN") => {
            Some(text)
        }
        _ => None,
    }
}

impl Scope<'_> {
    /// A comparison with one of these; `None` for every other.
    pub(super) fn with_infinity(
        &self,
        whole: &ast::Expr,
        operator: Operator,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Result<Option<Typed>, Error> {
        let (operator, other, limit) = match (special(left), special(right)) {
            (None, Some(limit)) => (operator, left, limit),
            (Some(limit), None) => (operator.flipped(), right, limit),
            _ => return Ok(None),
        };
        let Typed { expr, kind } = self.expression(other, Some(Kind::Double))?;
        if !(kind.is_number() || kind == Kind::Null) {
            return Err(mismatch(whole, Kind::Double, kind));
        }
        let smaller = matches!(operator, Operator::Lt | Operator::Le);
        let holds = match (operator, limit) {
            (Operator::Eq, _) | (_, "NaN") if operator != Operator::Ne => Value::Boolean(false).into(),
            (Operator::Ne, _) => Value::Boolean(true).into(),
            (_, limit) if smaller == (limit == "INF") => expr.compare(Operator::Ne, Value::Null.into()),
            _ => Expr::from(Value::Boolean(false)),
        };
        Ok(Some(Typed::new(holds, Kind::Boolean)))
    }
}
