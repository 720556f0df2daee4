//! Whole numbers: divisors, multiples, permutations.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::adapter::{Argument, Body, Context, Definition, Outcome};

/// Beyond this a double no longer counts one by one.
const LARGEST: f64 = 9_007_199_254_740_992.0;

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition { name: "GCD", arguments: (1, 255), body: Body::Whole(gcd) },
    Definition { name: "LCM", arguments: (1, 255), body: Body::Whole(lcm) },
    Definition { name: "PERMUT", arguments: (2, 2), body: Body::Scalar(permut) },
    Definition { name: "PERMUTATIONA", arguments: (2, 2), body: Body::Scalar(permutationa) },
];

fn gcd(context: &Context, arguments: &[Argument]) -> Outcome {
    let numbers = whole_numbers(context, arguments)?;
    Ok(LiteralValue::Number(numbers.into_iter().fold(0, divisor) as f64))
}

fn lcm(context: &Context, arguments: &[Argument]) -> Outcome {
    let mut multiple = 1_u128;
    for number in whole_numbers(context, arguments)? {
        if number == 0 {
            return Ok(LiteralValue::Number(0.0));
        }
        let step = u128::from(number / divisor((multiple % u128::from(number)) as u64, number));
        multiple *= step;
        if multiple >= LARGEST as u128 {
            return Err(ExcelErrorKind::Num);
        }
    }
    Ok(LiteralValue::Number(multiple as f64))
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// Numbers cut to whole ones. Blank cells are left out, but one must be filled; an argument left out is `#N/A`.
fn whole_numbers(context: &Context, arguments: &[Argument]) -> Result<Vec<u64>, ExcelErrorKind> {
    let mut numbers = Vec::new();
    for argument in arguments {
        if matches!(argument, Argument::Missing) {
            return Err(ExcelErrorKind::Na);
        }
        for value in argument.values() {
            if matches!(value, LiteralValue::Empty) {
                continue;
            }
            if matches!(value, LiteralValue::Boolean(_)) {
                return Err(ExcelErrorKind::Value);
            }
            let number = context.number(value)?.trunc();
            if !(0.0..LARGEST).contains(&number) {
                return Err(ExcelErrorKind::Num);
            }
            numbers.push(number as u64);
        }
    }
    if numbers.is_empty() { Err(ExcelErrorKind::Value) } else { Ok(numbers) }
}

fn permut(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, chosen) = (context.number(&arguments[0])?.trunc(), context.number(&arguments[1])?.trunc());
    if number <= 0.0 || chosen < 0.0 || number < chosen {
        return Err(ExcelErrorKind::Num);
    }
    let mut product = 1.0;
    let mut factor = number;
    while factor > number - chosen {
        product *= factor;
        if !f64::is_finite(product) {
            return Err(ExcelErrorKind::Num);
        }
        factor -= 1.0;
    }
    Ok(LiteralValue::Number(product))
}

fn permutationa(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, chosen) = (context.number(&arguments[0])?.trunc(), context.number(&arguments[1])?.trunc());
    if number < 0.0 || chosen < 0.0 {
        return Err(ExcelErrorKind::Num);
    }
    Ok(LiteralValue::Number(number.powf(chosen)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("GCD(24,36)", "12");
        check("GCD(5.9,0)", "5");
        check("GCD(-1,2)", "#NUM!");
        check("GCD(\"8\",12)", "4");
        check("GCD(TRUE,2)", "#VALUE!");
        check("GCD(A1:A3)", "1");
        check("GCD(A1:A4)", "#VALUE!");
        check("LCM(4,6)", "12");
        check("LCM(A1:A3,A5:A7)", "6");
        check("LCM(0,7)", "0");
        check("LCM(9007199254740991,2)", "#NUM!");
        check("PERMUT(5,2)", "20");
        check("PERMUTATIONA(3,2)", "9");
        check("PERMUTATIONA(0,0)", "1");
    }
}
