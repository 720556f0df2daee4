//! `General`: as many digits as eleven characters hold.

use super::{digits::Digits, separators};
use crate::Locale;

/// A number as the format `General` shows it: at most eleven characters and the sign.
pub fn general(value: f64, locale: Locale) -> String {
    let digits = Digits::of(value);
    if digits.is_zero() {
        return "0".into();
    }
    let magnitude = digits.exponent - 1;
    let text = match magnitude {
        -4..=-1 => fixed(&digits, 9),
        0..=10 => {
            // The point takes one of the eleven characters.
            let places = 9 - magnitude;
            fixed(&digits, places.max(0))
        }
        -9..=-5 => {
            let text = fixed(&digits, 12);
            if text.len() <= 11 { text } else { scientific(&digits) }
        }
        _ => scientific(&digits),
    };
    let (point, _) = separators(locale);
    let text = if point == '.' { text } else { text.replace('.', &point.to_string()) };
    if value < 0.0 { format!("-{text}") } else { text }
}

fn fixed(digits: &Digits, places: i32) -> String {
    let digits = digits.clone().rounded(places);
    let whole = digits.whole();
    let whole = if whole.is_empty() { "0" } else { &whole };
    let places = digits.places();
    if places == 0 { whole.to_owned() } else { format!("{whole}.{}", digits.fraction(places)) }
}

fn scientific(digits: &Digits) -> String {
    let exponent = digits.exponent - 1;
    let mantissa = digits.clone().shifted(-exponent).rounded(5);
    // Rounding may have made ten of nine and something.
    let (mantissa, exponent) =
        if mantissa.exponent > 1 { (mantissa.shifted(-1), exponent + 1) } else { (mantissa, exponent) };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}E{sign}{:02}", fixed(&mantissa, 5), exponent.abs())
}
