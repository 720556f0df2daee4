//! Calendar dates as the serial numbers of a workbook.

use jiff::civil::{Date, DateTime, Time};

/// The serial number of an ISO 8601 date, time or both, as `t="d"` cells hold them; `None` for anything else.
pub(crate) fn serial(text: &str, date_1904: bool) -> Option<f64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    if let Some(time) =
        text.strip_prefix('T').or_else(|| text.as_bytes().get(2).filter(|&&b| b == b':').map(|_| text))
    {
        return time.parse::<Time>().ok().map(fraction);
    }
    if text.len() <= 10 {
        return days(text.parse().ok()?, date_1904);
    }
    let moment: DateTime = text.parse().ok()?;
    Some(days(moment.date(), date_1904)? + fraction(moment.time()))
}

/// The serial number of a day. Excel counts a 29 February 1900 that never was, so days before it are one less.
pub(crate) fn days(date: Date, date_1904: bool) -> Option<f64> {
    let epoch = if date_1904 { Date::constant(1904, 1, 1) } else { Date::constant(1899, 12, 30) };
    let days = date.since((jiff::Unit::Day, epoch)).ok()?.get_days();
    let days = if !date_1904 && days <= 60 { days - 1 } else { days };
    (days >= 0).then(|| f64::from(days))
}

/// The time of day as a part of a day.
pub(crate) fn fraction(time: Time) -> f64 {
    let seconds =
        f64::from(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()));
    (seconds + f64::from(time.subsec_nanosecond()) / 1e9) / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_serials() {
        let check = |text: &str, date_1904: bool, expect: Option<f64>| {
            assert_eq!(serial(text, date_1904), expect, "{text}");
        };
        check("1900-01-01", false, Some(1.0));
        check("1900-02-28", false, Some(59.0));
        check("1900-03-01", false, Some(61.0));
        check("2026-11-21", false, Some(46_347.0));
        check("2026-11-21T12:00:00Z", false, Some(46_347.5));
        check("2026-11-21T06:00:00.000", true, Some(44_885.25));
        check("06:00:00", false, Some(0.25));
        check("T18:00", false, Some(0.75));
        check("yesterday", false, None);
        check("1066-10-14", false, None);
    }
}
