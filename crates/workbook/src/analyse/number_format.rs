//! What a number format says about the values beneath it: dates, times, shares, money, units and decimal places.

/// What values of this format look like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// The kind of value it shows.
    pub(crate) shows: Shows,
    /// Decimal places, when the format fixes them.
    pub(crate) places: Option<u8>,
    /// The unit or currency it writes beside the number.
    pub(crate) unit: Option<String>,
}

/// The kind of value that a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shows {
    /// Whatever is there.
    #[default]
    Anything,
    /// A number.
    Number,
    /// A number with a currency.
    Money,
    /// A share of one.
    Percent,
    /// A day.
    Date,
    /// A time of day or a duration.
    Time,
    /// Both.
    DateTime,
    /// Text, whatever is typed.
    Text,
}

const CURRENCIES: [&str; 22] = [
    "€", "$", "£", "¥", "₹", "₽", "₺", "EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK",
    "AUD", "CAD", "CNY", "INR", "Fr.",
];

/// Whether this is how people write a currency.
pub(crate) fn is_currency(unit: &str) -> bool {
    CURRENCIES.contains(&unit) || CURRENCIES.iter().any(|known| unit.ends_with(known) && unit.len() <= 4)
}

/// Reads a number format code (ECMA-376 part 1, section 18.8.31); only its first section matters.
pub(crate) fn look(format: &str) -> Look {
    if format.is_empty() || format.eq_ignore_ascii_case("General") {
        return Look::default();
    }
    let (mut literal, mut currency) = (String::new(), None);
    let (mut date, mut time, mut month, mut percent, mut text, mut digits) =
        (false, false, false, false, false, false);
    let (mut places, mut behind_point) = (0_u8, false);
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => literal.extend(chars.by_ref().take_while(|&c| c != '"')),
            '\\' => literal.extend(chars.next()),
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                if let Some(symbol) = inside.strip_prefix('$') {
                    let symbol = symbol.split('-').next().unwrap_or_default();
                    if !symbol.is_empty() {
                        currency = Some(symbol.to_owned());
                    }
                } else if inside.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    time = true;
                }
            }
            '0' | '#' | '?' => {
                digits = true;
                places += u8::from(behind_point && places < 30);
            }
            '.' if digits => behind_point = true,
            '%' => percent = true,
            '@' => text = true,
            '€' | '$' | '£' | '¥' => currency = Some(c.to_string()),
            'd' | 'D' | 'y' | 'Y' => date = true,
            'h' | 'H' | 's' | 'S' => time = true,
            'm' | 'M' => month = true,
            'E' | 'e' if digits => return Look { shows: Shows::Number, places: None, unit: None },
            _ => {}
        }
    }
    // `m` is a month beside days and years or alone, and minutes beside hours and seconds.
    let date = date || (month && !time);
    let shows = match (date, time) {
        (true, true) => Shows::DateTime,
        (true, false) => Shows::Date,
        (false, true) => Shows::Time,
        _ if percent => Shows::Percent,
        _ if text => Shows::Text,
        _ if currency.is_some() || (digits && is_currency(literal.trim())) => Shows::Money,
        _ if digits => Shows::Number,
        _ => Shows::Anything,
    };
    let literal = literal.trim();
    let named = digits
        && !literal.is_empty()
        && literal.chars().count() <= 12
        && literal.chars().any(char::is_alphabetic);
    let unit = match shows {
        Shows::Money => currency.or_else(|| Some(literal.to_owned())),
        Shows::Number if named => Some(literal.to_owned()),
        _ => None,
    };
    Look { shows, places: (digits && !date && !time).then_some(places), unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_tell_what_they_show() {
        let check = |format: &str, shows: Shows, places: Option<u8>, unit: Option<&str>| {
            assert_eq!(look(format), Look { shows, places, unit: unit.map(str::to_owned) }, "{format}");
        };
        check("General", Shows::Anything, None, None);
        check("0", Shows::Number, Some(0), None);
        check("#,##0.00 \"EUR\"", Shows::Money, Some(2), Some("EUR"));
        check("#,##0.00 €", Shows::Money, Some(2), Some("€"));
        check("[$€-2]\\ #,##0.00;[Red]\\-0", Shows::Money, Some(2), Some("€"));
        check("[$CHF]\\ #,##0.00", Shows::Money, Some(2), Some("CHF"));
        check("_-* #,##0.00_-", Shows::Number, Some(2), None);
        check("0.00%", Shows::Percent, Some(2), None);
        check("0.00\\ %", Shows::Percent, Some(2), None);
        check("0.0 \"km\"", Shows::Number, Some(1), Some("km"));
        check("dd.mm.yyyy", Shows::Date, None, None);
        check("mmm", Shows::Date, None, None);
        check("d-mmm-yy", Shows::Date, None, None);
        check("[$-409]m/d/yyyy\\ h:mm\\ AM/PM;@", Shows::DateTime, None, None);
        check("m/d/yy h:mm", Shows::DateTime, None, None);
        check("hh:mm", Shows::Time, None, None);
        check("[h]:mm", Shows::Time, None, None);
        check("mm:ss", Shows::Time, None, None);
        check("@", Shows::Text, None, None);
        check("0.00E+00", Shows::Number, None, None);
        check("yyyy\\-mm\\-dd;@", Shows::Date, None, None);
        check("[Red]0", Shows::Number, Some(0), None);
        check("\"", Shows::Anything, None, None);
    }
}
