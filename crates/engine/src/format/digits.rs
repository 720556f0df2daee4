//! Decimal digits of a double, as Excel sees them: fifteen significant ones.

/// A non-negative number as `0.d₁d₂d₃… × 10^exponent`, without leading or trailing zeros; zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) digits: Vec<u8>,
    pub(super) exponent: i32,
}

impl Digits {
    /// The digits of a number without its sign.
    pub(super) fn of(value: f64) -> Self {
        let text = format!("{:.14e}", value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        let exponent = exponent.parse::<i32>().unwrap_or(0) + 1;
        Self { digits, exponent }.trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.exponent = 0;
        }
        self
    }

    /// Rounded half away from zero to this many places behind the point.
    pub(super) fn rounded(mut self, places: i32) -> Self {
        let keep = self.exponent.saturating_add(places);
        if keep < 0 {
            return Self { digits: Vec::new(), exponent: 0 };
        }
        let keep = keep as usize;
        if keep >= self.digits.len() {
            return self;
        }
        let up = self.digits[keep] >= 5;
        self.digits.truncate(keep);
        if up {
            self.increment();
        }
        self.trimmed()
    }

    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.exponent += 1;
    }

    /// Times a power of ten.
    pub(super) fn shifted(mut self, powers: i32) -> Self {
        if !self.digits.is_empty() {
            self.exponent += powers;
        }
        self
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Digits before the point, without leading zeros; empty below one.
    pub(super) fn whole(&self) -> String {
        (0..self.exponent.max(0)).map(|index| self.digit(index)).collect()
    }

    /// This many digits behind the point.
    pub(super) fn fraction(&self, places: usize) -> String {
        (self.exponent..self.exponent + places as i32)
            .map(|index| if index < 0 { '0' } else { self.digit(index) })
            .collect()
    }

    fn digit(&self, index: i32) -> char {
        let digit = usize::try_from(index).ok().and_then(|index| self.digits.get(index));
        char::from(b'0' + digit.copied().unwrap_or(0))
    }

    /// How many places behind the point are filled.
    pub(super) fn places(&self) -> usize {
        (self.digits.len() as i32 - self.exponent).max(0) as usize
    }
}
