//! Numbers as [`super::Expr`] means them: integers of 64 bits, decimals of 28 digits at a known scale, finite doubles.
//!
//! **Architecture Invariant:** nothing wraps, nothing is rounded unless said so, and what has no result is `None`. SQLite
//! calls these very functions; PostgreSQL's own ones are tested to agree.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::Arithmetic;

/// The largest scale of a decimal.
pub const MAX_SCALE: u8 = 28;
/// No decimal has a mantissa of this size or beyond.
const LIMIT: i128 = 10_i128.pow(28);

/// The power of ten; `None` beyond 128 bits.
fn power(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(exponent.into())
}

/// The decimal with this mantissa and scale, when it has at most 28 digits.
pub fn decimal(mantissa: i128, scale: u8) -> Option<Decimal> {
    (scale <= MAX_SCALE && mantissa.abs() < LIMIT)
        .then(|| Decimal::from_i128_with_scale(mantissa, scale.into()))
}

/// The mantissa of a decimal at another scale, rounded half away from zero when places are lost.
pub fn rescale(mantissa: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        return mantissa.checked_mul(power(to - from)?);
    }
    let Some(by) = power(from - to) else { return Some(0) };
    let (whole, rest) = (mantissa / by, mantissa % by);
    let up = i128::from(rest.abs() >= by - rest.abs());
    Some(whole + up * mantissa.signum())
}

/// The largest mantissa at this scale that is not above the decimal, and whether it is the same number.
pub(super) fn floor(number: Decimal, scale: u8) -> Option<(i128, bool)> {
    let from = number.scale() as u8;
    if scale >= from {
        return Some((number.mantissa().checked_mul(power(scale - from)?)?, true));
    }
    let by = power(from - scale)?;
    let whole = number.mantissa().div_euclid(by);
    Some((whole, number.mantissa() % by == 0))
}

/// What decimals of any scale are ordered by: their whole part, cut downwards, and what is above it, of 10²⁸.
pub fn key(number: Decimal) -> (i128, i128) {
    let by = power(number.scale() as u8).unwrap_or(1);
    let (whole, part) = (number.mantissa().div_euclid(by), number.mantissa().rem_euclid(by));
    (whole, part * (LIMIT / by))
}

/// The order of two decimals of any scale.
pub fn order(left: Decimal, right: Decimal) -> Ordering {
    if left.scale() == right.scale() {
        return left.mantissa().cmp(&right.mantissa());
    }
    key(left).cmp(&key(right))
}

/// Integers, by all operators but [`Arithmetic::DivBy`].
pub fn integers(operator: Arithmetic, left: i64, right: i64) -> Option<i64> {
    match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Sub => left.checked_sub(right),
        Arithmetic::Mul => left.checked_mul(right),
        Arithmetic::Div | Arithmetic::DivBy => left.checked_div(right),
        // The smallest integer has no remainder problem, only Rust's has.
        Arithmetic::Mod if right == -1 => Some(0),
        Arithmetic::Mod => left.checked_rem(right),
    }
}

/// Doubles. The remainder is what the quotient, cut towards zero, leaves: the same few operations everywhere.
pub fn doubles(operator: Arithmetic, left: f64, right: f64) -> Option<f64> {
    let result = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Sub => left - right,
        Arithmetic::Mul => left * right,
        Arithmetic::Div | Arithmetic::DivBy => left / right,
        Arithmetic::Mod => left - right * (left / right).trunc(),
    };
    result.is_finite().then_some(result + 0.0)
}

/// The scale of a result; `None` when it would be too large.
pub fn scale(operator: Arithmetic, left: u8, right: u8) -> Option<u8> {
    let scale = match operator {
        Arithmetic::Add | Arithmetic::Sub | Arithmetic::Mod => left.max(right),
        Arithmetic::Mul => left.checked_add(right)?,
        Arithmetic::Div | Arithmetic::DivBy => left.max(right).max(super::QUOTIENT_SCALE),
    };
    (scale <= MAX_SCALE).then_some(scale)
}

/// Decimals of any scale.
pub fn decimals(operator: Arithmetic, left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left_scale, right_scale) = (left.scale() as u8, right.scale() as u8);
    let to = scale(operator, left_scale, right_scale)?;
    let (a, b) = (left.mantissa(), right.mantissa());
    // What overflows here is far beyond what the other operand could bring back.
    let sides = || Some((rescale(a, left_scale, to)?, rescale(b, right_scale, to)?));
    let mantissa = match operator {
        Arithmetic::Add => sides().and_then(|(a, b)| a.checked_add(b))?,
        Arithmetic::Sub => sides().and_then(|(a, b)| a.checked_sub(b))?,
        Arithmetic::Mul => a.checked_mul(b)?,
        Arithmetic::Div | Arithmetic::DivBy => quotient(a, b, u32::from(to - left_scale + right_scale))?,
        Arithmetic::Mod => remainder(a, left_scale, b, right_scale, to)?,
    };
    decimal(mantissa, to)
}

/// `a * 10^places / b`, rounded half away from zero, digit by digit: the product may be beyond 128 bits.
pub(super) fn quotient(a: i128, b: i128, places: u32) -> Option<i128> {
    let (dividend, divisor) = (a.abs(), b.abs());
    let mut whole = dividend.checked_div(divisor)?;
    let mut rest = dividend % divisor;
    for _ in 0..places {
        rest = rest.checked_mul(10)?;
        whole = whole.checked_mul(10)?.checked_add(rest / divisor)?;
        rest %= divisor;
    }
    if rest >= divisor - rest {
        whole = whole.checked_add(1)?;
    }
    Some(whole * a.signum() * b.signum())
}

fn remainder(a: i128, a_scale: u8, b: i128, b_scale: u8, to: u8) -> Option<i128> {
    if b == 0 {
        return None;
    }
    let Some(divisor) = rescale(b, b_scale, to) else {
        // Far beyond the dividend, which then has this very scale.
        return Some(a);
    };
    let mut rest = a % divisor;
    for _ in a_scale..to {
        // A divisor that was not rescaled, so there is room for a digit.
        rest = rest.checked_mul(10)? % divisor;
    }
    Some(rest)
}

/// [`super::Function::Round`]: half away from zero.
pub fn round(number: f64) -> f64 {
    number.round() + 0.0
}

/// The whole mantissa, by `part` of what is cut: a decimal's round, floor and ceiling.
pub(super) fn whole(number: Decimal, function: super::Function) -> Option<Decimal> {
    use super::Function;
    let scale = number.scale() as u8;
    let by = power(scale)?;
    let mantissa = number.mantissa();
    let whole = match function {
        Function::Floor => mantissa.div_euclid(by),
        Function::Ceiling => -(-mantissa).div_euclid(by),
        _ => rescale(mantissa, scale, 0)?,
    };
    decimal(whole, 0)
}

/// A double as a decimal: its first 15 significant digits, as spreadsheets show them, in plain notation. Every double of
/// 15 digits or fewer is itself; what is behind them differs between one program's shortest form and another's.
pub fn digits(double: f64) -> String {
    if double == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:.14e}", double.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let sign = if double < 0.0 { "-" } else { "" };
    let before = usize::try_from(point).unwrap_or(0);
    match digits.split_at_checked(before) {
        _ if point <= 0 => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Some((whole, part)) if !part.is_empty() => format!("{sign}{whole}.{part}"),
        _ => format!("{sign}{digits}{}", "0".repeat(before - digits.len())),
    }
}

/// The nearest number of 32 bits; `None` beyond them.
pub fn single(double: f64) -> Option<f64> {
    let single = double as f32;
    single.is_finite().then(|| f64::from(single) + 0.0)
}

/// The nearest double.
pub fn to_double(number: Decimal) -> f64 {
    // The crate's own conversion is not exact to the last bit; reading the text is.
    number.to_string().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_have_fifteen_digits() {
        let check = |double: f64, expect: &str| assert_eq!(digits(double), expect);
        check(0.0, "0");
        check(-0.0, "0");
        check(1.0, "1");
        check(-120.0, "-120");
        check(0.1, "0.1");
        check(0.1 + 0.2, "0.3");
        check(900_719_925_474_099.2, "900719925474099");
        check(1.25, "1.25");
        check(1e20, "100000000000000000000");
        check(123_456_789_012_345_678.0, "123456789012346000");
        check(-1e-5, "-0.00001");
        check(1.5e-7, "0.00000015");
        assert_eq!(digits(f64::MAX).len(), 309);
        assert!(digits(5e-324).ends_with("494065645841247"));
    }
}
