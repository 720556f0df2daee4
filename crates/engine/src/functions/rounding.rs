//! FLOOR, CEILING and their many variants.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::adapter::{Body, Context, Definition, Outcome};

const fn scalar(
    name: &'static str,
    arguments: (usize, usize),
    call: fn(&Context, &[LiteralValue]) -> Outcome,
) -> Definition {
    Definition { name, arguments, body: Body::Scalar(call) }
}

pub(super) const FUNCTIONS: &[Definition] = &[
    scalar("FLOOR", (2, 2), floor),
    scalar("CEILING", (2, 2), ceiling),
    scalar("FLOOR.MATH", (1, 3), floor_math),
    scalar("CEILING.MATH", (1, 3), ceiling_math),
    scalar("FLOOR.PRECISE", (1, 2), floor_precise),
    scalar("CEILING.PRECISE", (1, 2), ceiling_precise),
    scalar("ISO.CEILING", (1, 2), ceiling_precise),
];

fn floor(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step) = (context.number(&arguments[0])?, context.number(&arguments[1])?);
    if number == 0.0 {
        return Ok(LiteralValue::Number(0.0));
    }
    if step == 0.0 {
        return Err(ExcelErrorKind::Div);
    }
    if number > 0.0 && step < 0.0 {
        return Err(ExcelErrorKind::Num);
    }
    // With both negative the quotient is positive and goes towards zero, as Excel does.
    multiple(quotient(number, step).floor(), step)
}

fn ceiling(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step) = (context.number(&arguments[0])?, context.number(&arguments[1])?);
    if number == 0.0 || step == 0.0 {
        return Ok(LiteralValue::Number(0.0));
    }
    if number > 0.0 && step < 0.0 {
        return Err(ExcelErrorKind::Num);
    }
    multiple(quotient(number, step).ceil(), step)
}

fn floor_math(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step, towards_zero) = math(context, arguments)?;
    let up = towards_zero && number < 0.0;
    directed(number, step, up)
}

fn ceiling_math(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step, away_from_zero) = math(context, arguments)?;
    let up = !(away_from_zero && number < 0.0);
    directed(number, step, up)
}

fn floor_precise(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step) = precise(context, arguments)?;
    directed(number, step, false)
}

fn ceiling_precise(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let (number, step) = precise(context, arguments)?;
    directed(number, step, true)
}

fn precise(context: &Context, arguments: &[LiteralValue]) -> Result<(f64, f64), ExcelErrorKind> {
    let number = context.number(&arguments[0])?;
    let step = arguments.get(1).map_or(Ok(1.0), |step| context.number(step))?;
    Ok((number, step.abs()))
}

fn math(context: &Context, arguments: &[LiteralValue]) -> Result<(f64, f64, bool), ExcelErrorKind> {
    let number = context.number(&arguments[0])?;
    // A significance left out between two commas is 1, not 0.
    let step = match arguments.get(1) {
        None => 1.0,
        Some(LiteralValue::Empty) if arguments.len() > 2 => 1.0,
        Some(step) => context.number(step)?.abs(),
    };
    let mode = arguments.get(2).map_or(Ok(0.0), |mode| context.number(mode))?;
    Ok((number, step, mode != 0.0))
}

fn directed(number: f64, step: f64, up: bool) -> Outcome {
    if number == 0.0 || step == 0.0 {
        return Ok(LiteralValue::Number(0.0));
    }
    let quotient = quotient(number, step);
    multiple(if up { quotient.ceil() } else { quotient.floor() }, step)
}

/// The quotient, without the last bit's noise: 7.1 / 0.1 is 71.
fn quotient(number: f64, step: f64) -> f64 {
    let quotient = number / step;
    let nearest = quotient.round();
    if nearest != 0.0 && (quotient - nearest).abs() <= 4.0 * f64::EPSILON * nearest.abs() {
        nearest
    } else {
        quotient
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of every function here")]
fn multiple(count: f64, step: f64) -> Outcome {
    // No negative zero in a cell.
    Ok(LiteralValue::Number(count * step + 0.0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("FLOOR(7.9,0.21)", "7.77");
        check("FLOOR(7.1,0.1)", "7.1");
        check("FLOOR(-10,0.21)", "-10.08");
        check("FLOOR(-10,-0.21)", "-9.87");
        check("FLOOR(10,-1)", "#NUM!");
        check("FLOOR(10,0)", "#DIV/0!");
        check("FLOOR(0,0)", "0");
        check("FLOOR(10,\"2024-01-10\")", "0");
        check("FLOOR(10,\" 8 \")", "8");
        check("FLOOR(10,\"--8\")", "#VALUE!");
        check("CEILING(10,0)", "0");
        check("CEILING(-7.1,2)", "-6");
        check("CEILING(-7.1,-2)", "-8");
        check("FLOOR.MATH(-7.1,2)", "-8");
        check("FLOOR.MATH(-7.1,2,1)", "-6");
        check("FLOOR.MATH(7.9)", "7");
        check("CEILING.MATH(-7.1,2,1)", "-8");
        check("CEILING.MATH(-7.1,-2)", "-6");
        check("FLOOR.PRECISE(-7.1,-2)", "-8");
        check("ISO.CEILING(7.1)", "8");
        check("SUMPRODUCT(FLOOR.MATH(A1:A3,2))", "4");
    }
}
