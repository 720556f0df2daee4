//! Bonds with an odd first or last period: ODDFPRICE, ODDFYIELD, ODDLPRICE, ODDLYIELD.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::{
    accrual::{basis, day, plain},
    adapter::{Body, Context, Definition, Outcome},
    calendar::{Basis, Day, Schedule, days_us},
};

const fn bond(
    name: &'static str,
    arguments: (usize, usize),
    call: fn(&Context, &[LiteralValue]) -> Outcome,
) -> Definition {
    Definition { name, arguments, body: Body::Scalar(call) }
}

pub(super) const FUNCTIONS: &[Definition] = &[
    bond("ODDFPRICE", (8, 9), |context, arguments| {
        let (bond, yearly) = OddFirst::new(context, arguments, true)?;
        Ok(LiteralValue::Number(bond.price(yearly)))
    }),
    bond("ODDFYIELD", (8, 9), |context, arguments| {
        let (bond, price) = OddFirst::new(context, arguments, false)?;
        solve(bond.rate, |yearly| bond.price(yearly) - price).map(LiteralValue::Number)
    }),
    bond("ODDLPRICE", (7, 8), |context, arguments| odd_last(context, arguments, true)),
    bond("ODDLYIELD", (7, 8), |context, arguments| odd_last(context, arguments, false)),
];

struct OddFirst {
    settlement: Day,
    issue: Day,
    first: Day,
    to_first: Schedule,
    to_maturity: Schedule,
    rate: f64,
    redemption: f64,
    basis: Basis,
}

impl OddFirst {
    /// The bond, and its yield or price.
    fn new(
        context: &Context,
        arguments: &[LiteralValue],
        yields: bool,
    ) -> Result<(Self, f64), ExcelErrorKind> {
        let settlement = day(context, &arguments[0])?;
        let maturity = day(context, &arguments[1])?;
        let (issue, first) = (day(context, &arguments[2])?, day(context, &arguments[3])?);
        let rate = plain(context, &arguments[4])?;
        let given = plain(context, &arguments[5])?;
        let redemption = plain(context, &arguments[6])?;
        let frequency = plain(context, &arguments[7])?;
        let (to_first, to_maturity) = (Schedule::new(first, frequency)?, Schedule::new(maturity, frequency)?);
        let basis = basis(context, arguments.get(8))?;
        let dates = issue < first && first <= maturity && settlement < maturity;
        if !dates || rate < 0.0 || given < 0.0 || (!yields && given == 0.0) || redemption <= 0.0 {
            return Err(ExcelErrorKind::Num);
        }
        let bond = Self { settlement, issue, first, to_first, to_maturity, rate, redemption, basis };
        Ok((bond, given))
    }

    fn price(&self, yearly: f64) -> f64 {
        let frequency = self.to_first.frequency as f64;
        let coupon = 100.0 * self.rate / frequency;
        let factor = yearly / frequency + 1.0;
        let days = |from: Day, to: Day| self.basis.days(from, to).max(0.0);
        let period = self.to_first.period_days(self.settlement, self.basis);
        let first_period = days(self.issue, self.first);
        if first_period < period {
            let coupons = self.to_maturity.count(self.settlement);
            let wait = days(self.settlement, self.first) / period;
            let later: f64 = (2..=coupons).map(|n| coupon / factor.powf(n as f64 - 1.0 + wait)).sum();
            return self.redemption / factor.powf(coupons as f64 - 1.0 + wait)
                + coupon * first_period / period / factor.powf(wait)
                + later
                - days(self.issue, self.settlement) / period * coupon;
        }
        let (mut periods, mut accrued) = (0.0, 0.0);
        let mut late = self.first;
        for index in (1..=self.to_first.count(self.issue)).rev() {
            let early = late.plus_months(-self.to_first.months(), false);
            let length = if self.basis == Basis::ActualOfActual { days(early, late) } else { period };
            let counted = if index > 1 { length } else { days(self.issue, late) };
            periods += counted / length;
            accrued += days(self.issue.max(early), self.settlement.min(late)) / length;
            late = early;
        }
        let (before, after) = self.to_first.around(self.settlement);
        let wait = match self.basis {
            Basis::ActualOf360 | Basis::ActualOf365 => days(self.settlement, after),
            basis => period - basis.days(before, self.settlement),
        } / period;
        let skipped = whole_periods(self.first, self.settlement, self.to_first.months());
        let coupons = self.to_maturity.count(self.first);
        let later: f64 = (1..=coupons).map(|n| coupon / factor.powf(n as f64 + skipped + wait)).sum();
        self.redemption / factor.powf(wait + skipped + coupons as f64)
            + coupon * periods / factor.powf(skipped + wait)
            + later
            - coupon * accrued
    }
}

/// Whole periods between the settlement and the first coupon.
fn whole_periods(first: Day, settlement: Day, months: i64) -> f64 {
    let last = if !first.is_last_of_month() && first.month != 2 && first.day > 28 {
        settlement.is_last_of_month()
    } else {
        first.is_last_of_month()
    };
    let start = settlement.plus_months(0, last);
    let mut periods = f64::from(u8::from(settlement < start));
    let mut front = start.plus_months(months, last);
    while front < first {
        periods += 1.0;
        front = front.plus_months(months, last);
    }
    periods
}

fn odd_last(context: &Context, arguments: &[LiteralValue], prices: bool) -> Outcome {
    let settlement = day(context, &arguments[0])?;
    let maturity = day(context, &arguments[1])?;
    let last_interest = day(context, &arguments[2])?;
    let rate = plain(context, &arguments[3])?;
    let given = plain(context, &arguments[4])?;
    let redemption = plain(context, &arguments[5])?;
    let schedule = Schedule::new(maturity, plain(context, &arguments[6])?)?;
    let basis = basis(context, arguments.get(7))?;
    let dates = last_interest < maturity && settlement < maturity;
    if !dates || rate < 0.0 || given < 0.0 || (!prices && given == 0.0) || redemption <= 0.0 {
        return Err(ExcelErrorKind::Num);
    }
    let days = |from: Day, to: Day| basis.days(from, to).max(0.0);
    let both = |from: Day, to: Day| match basis {
        Basis::Us30Of360 => days_us(from, to, true).max(0.0),
        _ => days(from, to),
    };
    let frequency = schedule.frequency as f64;
    let (mut periods, mut accrued, mut left) = (0.0, 0.0, 0.0);
    let mut early = last_interest;
    let count = schedule.count(last_interest);
    for index in 1..=count {
        let late = early.plus_months(schedule.months(), false);
        let length = both(early, late);
        let counted = if index < count { length } else { both(early, maturity) };
        let passed = match () {
            () if late < settlement => counted,
            () if early < settlement => days(early, settlement),
            () => 0.0,
        };
        left += days(settlement.max(early), maturity.min(late)) / length;
        periods += counted / length;
        accrued += passed / length;
        early = late;
    }
    let coupon = 100.0 * rate / frequency;
    let paid = periods * coupon + redemption;
    Ok(LiteralValue::Number(if prices {
        paid / (left * given / frequency + 1.0) - accrued * coupon
    } else {
        let cost = accrued * coupon + given;
        (paid - cost) / cost * frequency / left
    }))
}

/// The root of a falling function, by Newton's method from a guess.
fn solve(guess: f64, difference: impl Fn(f64) -> f64) -> Result<f64, ExcelErrorKind> {
    const STEP: f64 = 1e-5;
    let mut root = guess;
    for _ in 0..100 {
        let slope = (difference(root + STEP) - difference(root - STEP)) / (2.0 * STEP);
        let next = root - difference(root) / slope;
        if !next.is_finite() || next <= -1.0 {
            break;
        }
        if (next - root).abs() < 1e-12 {
            return Ok(next);
        }
        root = next;
    }
    Err(ExcelErrorKind::Num)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        let dates = "DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1)";
        check(&format!("ODDFPRICE({dates},0.0785,0.0625,100,2,1)"), "113.5977175");
        check(&format!("ODDFYIELD({dates},0.0575,84.5,100,2,0)"), "0.077245542");
        let dates = "DATE(2008,2,7),DATE(2008,6,15),DATE(2007,10,15)";
        check(&format!("ODDLPRICE({dates},0.0375,0.0405,100,2,0)"), "99.87828601");
        check(
            "ODDLYIELD(DATE(2008,4,20),DATE(2008,6,15),DATE(2007,12,24),0.0375,99.875,100,2,0)",
            "0.045192236",
        );
        check("ODDLYIELD(DATE(2008,7,20),DATE(2008,6,15),DATE(2007,12,24),0.0375,99.875,100,2,0)", "#NUM!");
    }
}
