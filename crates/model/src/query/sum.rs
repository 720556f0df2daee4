//! Sums that do not depend on the order of what is added.

use std::fmt::Write;

use super::{Type, group::summed, number};
use crate::Value;

/// Digits in one limb of [`Digits`].
const LIMB: usize = 9;
const BASE: i64 = 1_000_000_000;
/// Limbs before the point: doubles have at most 309 digits there, and 2⁶⁴ of them 20 more.
const WHOLE: usize = 38;
/// Limbs behind it: the smallest double begins at place 324 and has 15 digits.
const PART: usize = 39;

/// The sum of integers, of decimals of one scale, or of doubles; and how many there were.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    count: i64,
    scale: u8,
    /// `None` beyond 128 bits.
    mantissa: Option<i128>,
    doubles: Option<Box<Digits>>,
}

/// A decimal number long enough for any sum of doubles, the highest limb first; limbs may be negative.
#[derive(Debug, Clone)]
struct Digits {
    limbs: [i64; WHOLE + PART],
    added: u32,
}

impl Sum {
    /// Adds a number; null is none.
    pub fn add(&mut self, value: &Value) {
        let (mantissa, scale) = match value {
            Value::Integer(integer) => (i128::from(*integer), 0),
            Value::Decimal(number) => (number.mantissa(), number.scale() as u8),
            Value::Double(double) => {
                self.count += 1;
                let digits = self
                    .doubles
                    .get_or_insert_with(|| Box::new(Digits { limbs: [0; WHOLE + PART], added: 0 }));
                return digits.add(*double);
            }
            _ => return,
        };
        let before = if self.count == 0 { Some(0) } else { self.mantissa };
        self.count += 1;
        self.scale = scale;
        self.mantissa = before.and_then(|sum| sum.checked_add(mantissa));
    }

    /// The sum or average of this type; null of no numbers.
    pub fn result(self, average: bool, ty: Type) -> Value {
        if let Some(digits) = self.doubles {
            let sum = digits.to_double();
            let result = if average { sum / self.count as f64 } else { sum };
            return if sum.is_finite() { Value::Double(result + 0.0) } else { Value::Null };
        }
        self.mantissa.map_or(Value::Null, |sum| summed(sum, self.count, average, self.scale, ty))
    }
}

impl Digits {
    fn add(&mut self, double: f64) {
        let text = number::digits(double.abs());
        let sign = if double < 0.0 { -1 } else { 1 };
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        for (index, chunk) in whole.as_bytes().rchunks(LIMB).enumerate() {
            self.limbs[WHOLE - 1 - index] += sign * limb(chunk);
        }
        for (index, chunk) in part.as_bytes().chunks(LIMB).enumerate() {
            let missing = u32::try_from(LIMB - chunk.len()).unwrap_or(0);
            self.limbs[WHOLE + index] += sign * limb(chunk) * 10_i64.pow(missing);
        }
        self.added += 1;
        if self.added == 1 << 30 {
            // Long before a limb is full.
            self.carry();
        }
    }

    /// Brings all limbs but the highest between 0 and the base.
    fn carry(&mut self) {
        self.added = 0;
        for index in (1..self.limbs.len()).rev() {
            let carry = self.limbs[index].div_euclid(BASE);
            self.limbs[index] -= carry * BASE;
            self.limbs[index - 1] += carry;
        }
    }

    fn to_double(mut self: Box<Self>) -> f64 {
        self.carry();
        let negative = self.limbs[0] < 0;
        if negative {
            self.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            self.carry();
        }
        let mut text = String::from(if negative { "-" } else { "" });
        for (index, limb) in self.limbs.iter().enumerate() {
            if index == WHOLE {
                text.push('.');
            }
            // Writing to a text never fails.
            let _ = write!(text, "{limb:09}");
        }
        text.parse().unwrap_or(f64::INFINITY)
    }
}

fn limb(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_doubles_does_not_matter() {
        let check = |values: &[f64], expect: Value| {
            let sum = |values: &mut dyn Iterator<Item = &f64>| {
                let mut sum = Sum::default();
                values.for_each(|value| sum.add(&Value::Double(*value)));
                sum.result(false, Type::DOUBLE)
            };
            assert_eq!(sum(&mut values.iter()), expect, "{values:?}");
            assert_eq!(sum(&mut values.iter().rev()), expect, "{values:?}");
        };
        check(&[0.1, 0.2], Value::Double(0.3));
        check(&[1e300, 1.0, -1e300], Value::Double(1.0));
        check(&[1e-300, -1.0], Value::Double(-1.0));
        check(&[5e-300, 5e-324], Value::Double(5e-300));
        check(&[-2.5, -2.5], Value::Double(-5.0));
        check(&[f64::MAX, f64::MAX], Value::Null);
        check(&[1e308, 1e308, -1e308], Value::Double(1e308));
        check(&[], Value::Null);
    }
}
