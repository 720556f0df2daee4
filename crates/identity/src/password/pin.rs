//! Short secrets of digits, for what is asked within a session and counted.
//!
//! **Architecture Invariant:** a PIN is never a password: it has five tries, whoever counts them.

use secrecy::{ExposeSecret, SecretString};

use super::{NewPassword, Password};

/// Fewest and most digits.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=12;
/// Those that are tried first, beside sequences, repetitions and dates (lists of leaked PINs).
const KNOWN: [&str; 24] = [
    "112233", "123321", "159753", "147258", "258456", "789456", "456789", "147852", "159357", "102030",
    "520520", "131313", "696969", "246810", "135790", "314159", "271828", "142536", "741852", "963852",
    "852456", "007007", "778899", "998877",
];

impl NewPassword {
    /// A PIN somebody chose: 6 to 12 digits that are not guessed first. `None` when it is none.
    pub fn pin(text: &SecretString) -> Option<Self> {
        let digits = text.expose_secret();
        let good = DIGITS.contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !is_row(digits.as_bytes())
            && !is_repeated(digits.as_bytes())
            && !is_date(digits)
            && !KNOWN.contains(&digits);
        if good { Password::typed(text).map(Self) } else { None }
    }
}

/// Digits that follow one another, up or down, also past 9.
fn is_row(digits: &[u8]) -> bool {
    let step = |by: u8| digits.windows(2).all(|two| (two[1] - b'0') == (two[0] - b'0' + by) % 10);
    step(1) || step(9)
}

/// The same one to four digits again and again, or each doubled in a row.
fn is_repeated(digits: &[u8]) -> bool {
    let again = |length: usize| digits.iter().zip(&digits[length..]).all(|(one, other)| one == other);
    let mut kinds: Vec<u8> = digits.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    (1..=4).any(|length| length * 2 <= digits.len() && again(length)) || kinds.len() < 3
}

/// A day of somebody's life, in the orders people write it.
fn is_date(digits: &str) -> bool {
    let number =
        |from: usize, length: usize| digits.get(from..from + length).and_then(|part| part.parse().ok());
    let day = |from| number(from, 2).is_some_and(|day: u32| (1..=31).contains(&day));
    let month = |from| number(from, 2).is_some_and(|month: u32| (1..=12).contains(&month));
    let year = |from| number(from, 4).is_some_and(|year: u32| (1900..=2099).contains(&year));
    match digits.len() {
        6 => (day(0) && month(2)) || (month(0) && day(2)) || (month(2) && day(4)),
        8 => {
            ((day(0) && month(2)) || (month(0) && day(2))) && year(4)
                || year(0) && ((month(4) && day(6)) || (day(4) && month(6)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_no_pin() {
        let check = |text: &str, expect: bool| {
            assert_eq!(NewPassword::pin(&text.to_owned().into()).is_some(), expect, "{text}");
        };
        for good in ["482915", "907361", "59382047", "860475193264"] {
            check(good, true);
        }
        for bad in [
            "48291",
            "4829157361045",
            "48291a",
            "４８２９１５",
            "",
            "123456",
            "987654",
            "890123",
            "111111",
            "121212",
            "123123",
            "447744",
            "112233",
            "240591",
            "052491",
            "910524",
            "24051991",
            "19910524",
            "159753",
            "12341234",
        ] {
            check(bad, false);
        }
    }
}
