//! Coupon dates and accrued interest: COUPDAYS and its kin, ACCRINT.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::{
    adapter::{Body, Context, Definition, Outcome},
    calendar::{Basis, Day, Schedule, days_us},
};

const fn coupon(name: &'static str, call: fn(&Context, &[LiteralValue]) -> Outcome) -> Definition {
    Definition { name, arguments: (3, 4), body: Body::Scalar(call) }
}

pub(super) const FUNCTIONS: &[Definition] = &[
    coupon("COUPDAYBS", |context, arguments| {
        let (day, schedule, basis) = coupon_arguments(context, arguments)?;
        number(basis.days(schedule.around(day).0, day))
    }),
    coupon("COUPDAYS", |context, arguments| {
        let (day, schedule, basis) = coupon_arguments(context, arguments)?;
        number(schedule.period_days(day, basis))
    }),
    coupon("COUPDAYSNC", |context, arguments| {
        let (day, schedule, basis) = coupon_arguments(context, arguments)?;
        let (before, after) = schedule.around(day);
        number(match basis {
            Basis::Us30Of360 => days_us(before, after, true) - days_us(before, day, false),
            _ => basis.days(day, after),
        })
    }),
    coupon("COUPNCD", |context, arguments| {
        let (day, schedule, _) = coupon_arguments(context, arguments)?;
        date(context, schedule.around(day).1)
    }),
    coupon("COUPPCD", |context, arguments| {
        let (day, schedule, _) = coupon_arguments(context, arguments)?;
        date(context, schedule.around(day).0)
    }),
    coupon("COUPNUM", |context, arguments| {
        let (day, schedule, _) = coupon_arguments(context, arguments)?;
        number(schedule.count(day) as f64)
    }),
    Definition { name: "ACCRINT", arguments: (6, 8), body: Body::Scalar(accrint) },
];

#[expect(clippy::unnecessary_wraps, reason = "the end of every function here")]
fn number(number: f64) -> Outcome {
    Ok(LiteralValue::Number(number))
}

fn date(context: &Context, day: Day) -> Outcome {
    number(day.serial() as f64 - if context.date_1904 { 1462.0 } else { 0.0 })
}

/// Financial functions take no booleans for numbers.
pub(super) fn plain(context: &Context, value: &LiteralValue) -> Result<f64, ExcelErrorKind> {
    match value {
        LiteralValue::Boolean(_) => Err(ExcelErrorKind::Value),
        value => context.number(value),
    }
}

pub(super) fn day(context: &Context, value: &LiteralValue) -> Result<Day, ExcelErrorKind> {
    let serial = plain(context, value)?;
    Day::of(if context.date_1904 { serial + 1462.0 } else { serial })
}

pub(super) fn basis(context: &Context, value: Option<&LiteralValue>) -> Result<Basis, ExcelErrorKind> {
    Basis::of(value.map_or(Ok(0.0), |value| plain(context, value))?)
}

fn coupon_arguments(
    context: &Context,
    arguments: &[LiteralValue],
) -> Result<(Day, Schedule, Basis), ExcelErrorKind> {
    let settlement = day(context, &arguments[0])?;
    let maturity = day(context, &arguments[1])?;
    let schedule = Schedule::new(maturity, plain(context, &arguments[2])?)?;
    let basis = basis(context, arguments.get(3))?;
    if settlement >= maturity {
        return Err(ExcelErrorKind::Num);
    }
    Ok((settlement, schedule, basis))
}

/// par × rate / frequency × the sum, over the coupon periods from issue to settlement, of each period's accrued share.
fn accrint(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let issue = day(context, &arguments[0])?;
    let first = day(context, &arguments[1])?;
    let settlement = day(context, &arguments[2])?;
    let (rate, par) = (plain(context, &arguments[3])?, plain(context, &arguments[4])?);
    let schedule = Schedule::new(first, plain(context, &arguments[5])?)?;
    let basis = basis(context, arguments.get(6))?;
    let from_issue = arguments.get(7).map_or(Ok(1.0), |method| context.number(method))? != 0.0;
    if rate <= 0.0 || par <= 0.0 || issue >= settlement {
        return Err(ExcelErrorKind::Num);
    }
    let (months, last) = (schedule.months(), first.is_last_of_month());
    let regular = first.plus_months(-months, last);
    let mut front = regular;
    if settlement > first && from_issue {
        let mut next = first;
        while next < settlement {
            (front, next) = (next, next.plus_months(months, last));
        }
    }
    let from = issue.max(front);
    let mut share = basis.days(from, settlement) / schedule.period_days(regular, basis);
    while front > issue {
        let end = front;
        front = front.plus_months(-months, last);
        share += if issue <= front {
            f64::from(u8::from(from_issue))
        } else {
            let length = match basis {
                Basis::Us30Of360 => days_us(front, end, true),
                Basis::ActualOf365 => 365.0 / schedule.frequency as f64,
                basis => basis.period(front, end),
            };
            basis.days(issue, end) / length
        };
    }
    number(par * rate / schedule.frequency as f64 * share)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("COUPDAYS(DATE(2020,1,1),DATE(2021,1,1),1,1)", "366");
        check("COUPDAYS(DATE(2020,1,1),DATE(2021,1,1),2,0)", "180");
        check("COUPDAYSNC(DATE(2020,1,1),DATE(2021,1,1),1,2)", "366");
        check("COUPDAYBS(DATE(2020,2,1),DATE(2021,1,1),1,4)", "30");
        check("COUPNCD(DATE(2020,1,1),DATE(2021,1,1),2)", "44013");
        check("COUPPCD(DATE(2020,5,1),DATE(2021,1,31),4)", "43951");
        check("COUPNUM(DATE(2020,1,1),DATE(2021,1,1),2)", "2");
        check("COUPNUM(DATE(2021,1,1),DATE(2021,1,1),2)", "#NUM!");
        check("COUPNUM(DATE(2020,1,1),DATE(2021,1,1),3)", "#NUM!");
        check("ACCRINT(39508,39691,39569,0.1,1000,2,0)", "16.66666667");
        check("ACCRINT(DATE(2008,3,5),DATE(2008,8,31),DATE(2008,5,1),0.1,1000,2,0,FALSE)", "15.55555556");
    }
}
