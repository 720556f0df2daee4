//! Days, months and the day counts of bonds.
//!
//! The counts and the coupon schedule follow the open description in fsprojects/ExcelFinancialFunctions, as IronCalc's
//! `financial` functions do (both Apache-2.0 or MIT).

use formualizer::common::ExcelErrorKind;

use crate::format::date::civil;

/// A calendar day; ordered as time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::struct_field_names, reason = "a day of a month is a day")]
pub(super) struct Day {
    pub(super) year: i64,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl Day {
    /// The day of a serial number of the 1900 system, its fraction cut off.
    pub(super) fn of(serial: f64) -> Result<Self, ExcelErrorKind> {
        if !(1.0..2_958_466.0).contains(&serial) {
            return Err(ExcelErrorKind::Num);
        }
        let (year, month, day) = civil(serial.floor() as i64);
        Ok(Self { year, month, day })
    }

    /// Its serial number in the 1900 system.
    pub(super) fn serial(self) -> i64 {
        let (year, month) = if self.month > 2 {
            (self.year, i64::from(self.month) - 3)
        } else {
            (self.year - 1, i64::from(self.month) + 9)
        };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468 + 25_569;
        if days <= 60 { days - 1 } else { days }
    }

    pub(super) fn month_length(self) -> u32 {
        match self.month {
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    pub(super) fn is_last_of_month(self) -> bool {
        self.day >= self.month_length()
    }

    fn is_last_of_february(self) -> bool {
        self.month == 2 && self.is_last_of_month()
    }

    /// Months later, the day cut to the month's length, or the month's last when asked.
    pub(super) fn plus_months(self, months: i64, last: bool) -> Self {
        let total = self.year * 12 + i64::from(self.month) - 1 + months;
        let mut day =
            Self { year: total.div_euclid(12), month: total.rem_euclid(12) as u32 + 1, day: self.day };
        let length = day.month_length();
        day.day = if last { length } else { day.day.min(length) };
        day
    }
}

/// How days are counted between two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    Us30Of360,
    ActualOfActual,
    ActualOf360,
    ActualOf365,
    Eu30Of360,
}

impl Basis {
    pub(super) fn of(number: f64) -> Result<Self, ExcelErrorKind> {
        match number.floor() {
            0.0 => Ok(Self::Us30Of360),
            1.0 => Ok(Self::ActualOfActual),
            2.0 => Ok(Self::ActualOf360),
            3.0 => Ok(Self::ActualOf365),
            4.0 => Ok(Self::Eu30Of360),
            _ => Err(ExcelErrorKind::Num),
        }
    }

    /// Days from one date to another, as counted above the line of a fraction.
    pub(super) fn days(self, from: Day, to: Day) -> f64 {
        match self {
            Self::Us30Of360 => days_us(from, to, false),
            Self::Eu30Of360 => {
                days_360((from.year, from.month, from.day.min(30)), (to.year, to.month, to.day.min(30)))
            }
            _ => actual(from, to),
        }
    }

    /// Days of a period, as counted below the line.
    pub(super) fn period(self, from: Day, to: Day) -> f64 {
        match self {
            Self::ActualOf360 => days_us(from, to, false),
            Self::ActualOf365 => {
                let cut = |day: Day| if day.month == 2 { Day { day: day.day.min(28), ..day } } else { day };
                let moved = Day { year: to.year, ..cut(from) };
                ((to.year - from.year) * 365) as f64 + actual(moved, cut(to))
            }
            _ => self.days(from, to),
        }
    }
}

pub(super) fn actual(from: Day, to: Day) -> f64 {
    (to.serial() - from.serial()) as f64
}

/// 30/360 as in the US; `both` also moves the end of February and 31st days of the second date.
pub(super) fn days_us(from: Day, to: Day, both: bool) -> f64 {
    let (mut first, mut second) = (from.day, to.day);
    if to.is_last_of_february() && (from.is_last_of_february() || both) {
        second = 30;
    }
    if second == 31 && (first >= 30 || both) {
        second = 30;
    }
    if first == 31 || from.is_last_of_february() {
        first = 30;
    }
    days_360((from.year, from.month, first), (to.year, to.month, second))
}

fn days_360(from: (i64, u32, u32), to: (i64, u32, u32)) -> f64 {
    let months = (to.0 - from.0) * 12 + i64::from(to.1) - i64::from(from.1);
    (months * 30 + i64::from(to.2) - i64::from(from.2)) as f64
}

/// The dates on which a bond pays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub(super) maturity: Day,
    pub(super) frequency: i64,
}

impl Schedule {
    pub(super) fn new(maturity: Day, frequency: f64) -> Result<Self, ExcelErrorKind> {
        match frequency.floor() {
            times @ (1.0 | 2.0 | 4.0) => Ok(Self { maturity, frequency: times as i64 }),
            _ => Err(ExcelErrorKind::Num),
        }
    }

    pub(super) fn months(self) -> i64 {
        12 / self.frequency
    }

    /// The last coupon date on or before a day and the first after it.
    pub(super) fn around(self, day: Day) -> (Day, Day) {
        let last = self.maturity.is_last_of_month();
        let (mut front, mut trailing) = (self.maturity, self.maturity);
        while front > day {
            trailing = front;
            front = front.plus_months(-self.months(), last);
        }
        (front, trailing)
    }

    /// Coupons after a day, up to and including the maturity.
    pub(super) fn count(self, day: Day) -> i64 {
        let months = |day: Day| day.year * 12 + i64::from(day.month);
        (months(self.maturity) - months(self.around(day).1)) / self.months() + 1
    }

    /// Days in the coupon period around a day.
    pub(super) fn period_days(self, day: Day, basis: Basis) -> f64 {
        match basis {
            Basis::ActualOfActual => {
                let (before, after) = self.around(day);
                actual(before, after)
            }
            Basis::ActualOf365 => 365.0 / self.frequency as f64,
            _ => 360.0 / self.frequency as f64,
        }
    }
}
