//! Arithmetic with moments and durations (OData-URL 4.01, section 5.1.1.2).
//!
//! **Architecture Invariant:** durations are whole microseconds of 64 bits; what is finer is rounded half away from zero,
//! what is beyond them, before the year 1 or after 9999 has no result.

use jiff::{SignedDuration, Span, civil};
use rust_decimal::Decimal;

use super::{Arithmetic, Type, number};
use crate::{
    ColumnType, Value,
    data::duration::{DAY, from_micros, micros},
};

/// The type of a result, when at least one side is a moment or a duration; `None` when the two do not go together.
pub(super) fn result(operator: Arithmetic, left: Type, right: Type) -> Option<Type> {
    use Arithmetic as A;
    use ColumnType as C;
    let is_number = |ty: Type| ty == Type::Null || ty.is_number();
    let fits = match (operator, left, right) {
        (A::Add | A::Sub, Type::Column(C::Date | C::DateTime), Type::DURATION)
        | (A::Add, Type::Column(C::Date | C::DateTime), Type::Null) => return Some(left),
        (A::Add | A::Sub, Type::DURATION | Type::Null, Type::DURATION)
        | (A::Add | A::Sub, Type::DURATION, Type::Null)
        | (A::Sub, Type::Null, Type::Column(C::Date | C::DateTime)) => true,
        (A::Sub, Type::Column(C::Date | C::DateTime), other) => other == left || other == Type::Null,
        (A::Mul | A::Div | A::DivBy, Type::DURATION, other) | (A::Mul, other, Type::DURATION) => {
            is_number(other)
        }
        _ => false,
    };
    fits.then_some(Type::DURATION)
}

/// The result; `None` when there is none.
pub(super) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value) -> Option<Value> {
    use Arithmetic as A;
    use Value as V;
    Some(match (operator, left, right) {
        (A::Add, V::Duration(left), V::Duration(right)) => {
            length(micros(*left)?.checked_add(micros(*right)?)?)
        }
        (A::Sub, V::Duration(left), V::Duration(right)) => {
            length(micros(*left)?.checked_sub(micros(*right)?)?)
        }
        (A::Add | A::Sub, V::DateTime(moment), V::Duration(by)) => {
            V::DateTime(shifted(operator, *moment, *by)?)
        }
        (A::Add | A::Sub, V::Date(date), V::Duration(by)) => {
            V::Date(shifted(operator, date.at(0, 0, 0, 0), *by)?.date())
        }
        (A::Sub, V::DateTime(left), V::DateTime(right)) => V::Duration(left.duration_since(*right)),
        (A::Sub, V::Date(left), V::Date(right)) => V::Duration(left.duration_since(*right)),
        (A::Mul, V::Duration(duration), number) | (A::Mul, number, V::Duration(duration)) => {
            length(product(micros(*duration)?, number)?)
        }
        (A::Div | A::DivBy, V::Duration(duration), number) => length(quotient(micros(*duration)?, number)?),
        _ => return None,
    })
}

/// [`super::Function::TotalSeconds`]
pub(super) fn total_seconds(duration: SignedDuration) -> Option<Value> {
    micros(duration).map(|micros| Value::Decimal(Decimal::new(micros, 6)))
}

/// [`super::Expr::Negate`]
pub(super) fn negate(duration: SignedDuration) -> Option<Value> {
    micros(duration)?.checked_neg().map(length)
}

fn length(micros: i64) -> Value {
    Value::Duration(from_micros(micros))
}

fn shifted(operator: Arithmetic, moment: civil::DateTime, by: SignedDuration) -> Option<civil::DateTime> {
    let by = i128::from(micros(by)?);
    let of_day = moment.time().duration_since(civil::Time::midnight()).as_micros();
    let moved = if operator == Arithmetic::Add { of_day + by } else { of_day - by };
    // The crate's own sum ends where nanoseconds of 64 bits do, after 292 years.
    let days = Span::new().try_days(i64::try_from(moved.div_euclid(DAY.into())).ok()?).ok()?;
    let rest = SignedDuration::from_micros(moved.rem_euclid(DAY.into()) as i64);
    let date = moment.date().checked_add(days).ok().filter(|date| date.year() > 0)?;
    Some(date.to_datetime(civil::Time::midnight().checked_add(rest).ok()?))
}

fn product(micros: i64, by: &Value) -> Option<i64> {
    match by {
        Value::Integer(integer) => micros.checked_mul(*integer),
        Value::Decimal(decimal) => i64::try_from(exact_product(micros, *decimal)?).ok(),
        Value::Double(double) => whole(number::doubles(Arithmetic::Mul, micros as f64, *double)?),
        _ => None,
    }
}

fn quotient(micros: i64, by: &Value) -> Option<i64> {
    let (mantissa, scale) = match by {
        Value::Integer(integer) => (i128::from(*integer), 0),
        Value::Decimal(decimal) => (decimal.mantissa(), decimal.scale()),
        Value::Double(double) => {
            return whole(number::doubles(Arithmetic::Div, micros as f64, *double)?);
        }
        _ => return None,
    };
    i64::try_from(number::quotient(micros.into(), mantissa, scale)?).ok()
}

/// Rounded half away from zero. The whole product may be beyond 128 bits, so what is behind the point is multiplied digit
/// by digit, the last one first.
fn exact_product(micros: i64, by: Decimal) -> Option<i128> {
    let size = i128::from(micros.unsigned_abs());
    let unit = 10_i128.pow(by.scale());
    let (whole, mut places) = (by.mantissa().abs() / unit, by.mantissa().abs() % unit);
    let (mut carry, mut tenths) = (0, 0);
    for _ in 0..by.scale() {
        let sum = carry + size * (places % 10);
        (carry, tenths, places) = (sum / 10, sum % 10, places / 10);
    }
    let product = size.checked_mul(whole)?.checked_add(carry + i128::from(tenths >= 5))?;
    Some(product * i128::from(micros.signum()) * by.mantissa().signum())
}

fn whole(number: f64) -> Option<i64> {
    match super::cast(Value::Double(number), ColumnType::Integer) {
        Value::Integer(integer) => Some(integer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_and_durations_are_calculated_with() {
        use ColumnType as C;
        let value = |(ty, text): (ColumnType, &str)| {
            Value::from_json(ty, &serde_json::Value::String(text.to_owned()))
                .or_else(|_| Value::from_json(ty, &serde_json::from_str(text).unwrap()))
                .unwrap()
        };
        let check = |left, operator, right, expect: &str| {
            let (left, right) = (value(left), value(right));
            let known = result(operator, Type::of(&left), Type::of(&right));
            let found = arithmetic(operator, &left, &right);
            if let Some(found) = &found {
                assert_eq!(known, Some(Type::of(found)), "{left:?} {operator:?} {right:?}");
            }
            let shown = found.map_or("null".to_owned(), |value| value.to_json().as_str().unwrap().to_owned());
            assert_eq!(shown, expect, "{left:?} {operator:?} {right:?}");
        };
        let (add, sub, mul, div) = (Arithmetic::Add, Arithmetic::Sub, Arithmetic::Mul, Arithmetic::Div);
        let (length, day, moment) = (C::Duration, C::Date, C::DateTime);
        check((length, "PT1H"), add, (length, "PT30M"), "PT1H30M");
        check((length, "PT1H"), sub, (length, "P1D"), "-PT23H");
        check((moment, "2026-02-28T23:00:00"), add, (length, "PT1H0.5S"), "2026-03-01T00:00:00.5");
        check((moment, "2026-03-01T00:00:00"), sub, (length, "PT0.000001S"), "2026-02-28T23:59:59.999999");
        check((moment, "2026-03-01T00:00:00"), sub, (moment, "2026-02-28T23:59:59.5"), "PT0.5S");
        check((moment, "9999-12-31T00:00:00"), sub, (moment, "0001-01-01T00:00:00"), "P3652058D");
        check((moment, "0001-01-01T00:00:00"), sub, (length, "PT1S"), "null");
        check((moment, "9999-12-31T23:59:59"), add, (length, "PT1S"), "null");
        check((moment, "2026-03-01T00:00:00"), add, (length, "P106751991D"), "null");
        check((day, "2026-03-01"), add, (length, "P1DT23H"), "2026-03-02");
        check((day, "2026-03-01"), sub, (length, "PT1H"), "2026-02-28");
        check((day, "2026-03-01"), sub, (day, "2026-02-01"), "P28D");
        check((length, "PT1H"), mul, (C::Integer, "3"), "PT3H");
        check((C::Integer, "-2"), mul, (length, "PT1H"), "-PT2H");
        check((length, "PT1S"), mul, (C::Decimal { scale: 7 }, "0.0000005"), "PT0.000001S");
        check((length, "PT1S"), mul, (C::Decimal { scale: 7 }, "-0.0000004"), "PT0S");
        check((length, "P100000000D"), mul, (C::Decimal { scale: 1 }, "1.1"), "null");
        check((length, "PT1H"), mul, (C::Double, "1.5"), "PT1H30M");
        check((length, "PT1H"), div, (C::Integer, "7"), "PT8M34.285714S");
        check((length, "PT1H"), Arithmetic::DivBy, (C::Decimal { scale: 1 }, "0.5"), "PT2H");
        check((length, "PT1H"), div, (C::Integer, "0"), "null");
        check((length, "PT1H"), div, (C::Double, "0"), "null");
        check((length, "PT1H"), Arithmetic::Mod, (C::Integer, "2"), "null");
        assert_eq!(result(add, Type::DURATION, Type::Column(moment)), None);
        assert_eq!(result(sub, Type::Column(day), Type::Column(moment)), None);
        assert_eq!(result(mul, Type::DURATION, Type::DURATION), None);
        assert_eq!(result(div, Type::INTEGER, Type::DURATION), None);
    }

    proptest! {
        #[test]
        fn products_are_exact(micros in any::<i32>(), mantissa in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_u32..13) {
            let by = Decimal::new(mantissa, scale);
            let exact = number::rescale(i128::from(micros) * i128::from(mantissa), scale as u8, 0);
            prop_assert_eq!(exact_product(micros.into(), by), exact);
        }
    }
}
