//! How far a [`Rank`] by sums goes: the same expressions decide it in memory and in a database.

use super::{Arithmetic, Computed, Expr, Operator, QueryError, Until};
use crate::{ColumnType, Value};

/// The value of a row, its sum up to a row, and that of all rows. No column of a table is called so.
pub(super) const VALUE: &str = "=value";
pub(super) const SUM: &str = "=sum";
pub(super) const TOTAL: &str = "=total";
/// 0 as long as it is not enough.
pub(super) const ENOUGH: &str = "=enough";
/// The largest of those before a row.
pub(super) const BEFORE: &str = "=before";
/// A row's number.
pub(super) const NUMBER: &str = "=number";

/// What of a row is added: its number, 0 for none; integers as decimals, whose sums have more digits.
pub(super) fn value(by: &Expr, integer: bool) -> Computed {
    let zero = || Expr::from(Value::Integer(0));
    let present = by.clone().compare(Operator::Ne, Value::Null.into());
    let expr = Expr::Case(vec![(present, by.clone()), (Value::Boolean(true).into(), zero())]);
    let expr = if integer { Expr::Cast(Box::new(expr), ColumnType::Decimal { scale: 0 }) } else { expr };
    Computed { name: VALUE.to_owned(), expr }
}

/// 0 while rows are still to be added, otherwise 1: also when a sum has more digits than are held.
pub(super) fn enough(until: &Until) -> Result<Computed, QueryError> {
    let column = |name: &str| Expr::column(name);
    let zero = || Expr::from(Value::Integer(0));
    let more = match until {
        Until::Count(_) => return Err(QueryError::Type("a count is no sum")),
        Until::Sum(sum) => column(SUM).compare(Operator::Lt, sum.clone().into()),
        Until::Percent(percent) => {
            let part = || column(SUM).arithmetic(Arithmetic::Mul, Value::Integer(100).into());
            let wanted = || column(TOTAL).arithmetic(Arithmetic::Mul, percent.clone().into());
            let total = |operator| column(TOTAL).compare(operator, zero());
            let below = total(Operator::Gt).and(part().compare(Operator::Lt, wanted()));
            let above = total(Operator::Lt).and(part().compare(Operator::Gt, wanted()));
            Expr::Or(vec![below, above, total(Operator::Eq)])
        }
    };
    let one = Expr::from(Value::Integer(1));
    let expr = Expr::Case(vec![(more, zero()), (Value::Boolean(true).into(), one)]);
    Ok(Computed { name: ENOUGH.to_owned(), expr })
}

/// Whether not even the first row is wanted: nothing is enough.
pub(super) fn nothing_is_enough(until: &Until) -> bool {
    match until {
        Until::Count(count) => *count == 0,
        Until::Sum(sum) => match sum {
            Value::Double(sum) => *sum <= 0.0,
            sum => !Value::Integer(0).compare(Operator::Lt, sum),
        },
        Until::Percent(_) => false,
    }
}

/// Refuses amounts that are no numbers.
pub(super) fn check(until: &Until) -> Result<(), QueryError> {
    match until {
        Until::Count(_) => Ok(()),
        Until::Sum(number) | Until::Percent(number) => {
            let held = super::fit::literal(number)?;
            if !held.ty.is_number() {
                return Err(QueryError::Type("the amount of a ranking is no number"));
            }
            let positive = match number {
                Value::Double(number) => *number > 0.0,
                number => Value::Integer(0).compare(Operator::Lt, number),
            };
            if matches!(until, Until::Percent(_)) && !positive {
                return Err(QueryError::Type("a share is more than 0 percent"));
            }
            Ok(())
        }
    }
}
