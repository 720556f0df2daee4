//! `topcount` and its sisters (section 3.3.1).

use gridkeep_model::{
    Value,
    query::{Expr, Operator, Order, Rank, Step, Until, arithmetic, negate},
};

use super::{flow::Flow, malformed, refused};
use crate::{
    Error,
    bind::{Kind, Typed},
    syntax::ast::{self, Ranking},
};

impl Flow<'_> {
    pub(super) fn ranked(
        &mut self,
        ranking: Ranking,
        amount: &ast::Expr,
        by: &ast::Expr,
    ) -> Result<(), Error> {
        use Ranking as R;
        self.settle();
        let at = amount.at.0;
        let number = self.amount(amount)?;
        let above = |limit: i64, number: &Value| Value::Integer(limit).compare(Operator::Lt, &number.clone());
        let wrong = |what: &str| malformed(at, "OUT_OF_RANGE", format!("{} takes {what}", ranking.name()));
        let until = match ranking {
            R::TopCount | R::BottomCount => match number {
                Value::Integer(count) if count > 0 => Until::Count(count.unsigned_abs()),
                _ => return Err(wrong("a whole number above 0")),
            },
            R::TopPercent | R::BottomPercent => {
                let (positive, beyond) = match &number {
                    Value::Double(number) => (*number > 0.0, *number > 100.0),
                    number => (above(0, number), above(100, number)),
                };
                if !positive || beyond {
                    return Err(wrong("a number above 0, up to 100"));
                }
                Until::Percent(number)
            }
            R::TopSum | R::BottomSum => Until::Sum(number),
        };
        let Typed { expr, kind } = self.scope.expression(by, None)?;
        let counted = matches!(until, Until::Count(_));
        if !(counted || kind.is_number() || kind == Kind::Null) {
            let message = format!("{} ranks numbers, not {}", ranking.name(), kind.name());
            return Err(malformed(by.at.0, "TYPE_MISMATCH", message));
        }
        let descending = matches!(ranking, R::TopCount | R::TopSum | R::TopPercent);
        let order = (!self.ordered).then(|| Order { expr: expr.clone(), descending });
        self.steps.push(Step::Rank(Rank { by: expr, descending, until }));
        // In the order they are ranked by, unless another one was asked for (section 3.3.1 leaves the choice).
        self.steps.extend(order.map(|order| Step::Order(vec![order])));
        Ok(())
    }

    /// A number that is the same whatever row is looked at.
    fn amount(&self, amount: &ast::Expr) -> Result<Value, Error> {
        let typed = self.scope.expression(amount, None)?;
        let value =
            constant(&typed.expr).ok_or_else(|| refused(amount.at.0, "amounts that depend on the rows"))?;
        if typed.kind.is_number() && !value.is_null() {
            Ok(value)
        } else {
            Err(malformed(amount.at.0, "TYPE_MISMATCH", "a number is wanted here"))
        }
    }
}

/// The value of arithmetic with constants alone.
fn constant(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Literal(value) => Some(value.clone()),
        Expr::Negate(inner) => Some(negate(&constant(inner)?)),
        Expr::Arithmetic(operator, left, right) => {
            let (left, right) = (constant(left)?, constant(right)?);
            match (&left, &right) {
                (Value::Integer(_), Value::Integer(_)) => {
                    let ty = gridkeep_model::query::Type::INTEGER;
                    Some(arithmetic(*operator, left, right, ty))
                }
                _ => None,
            }
        }
        _ => None,
    }
}
