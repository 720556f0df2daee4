//! The rows that all services hold: the same for every peer and every run.

use std::fmt::Write as _;

const STATES: [&str; 5] = ["open", "closed", "shipped", "cancelled", "draft"];
const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];
const WORDS: [&str; 12] = [
    "urgent", "deliver", "before", "noon", "gate", "fragile", "repeat", "invoice", "partial", "standard",
    "review", "return",
];
/// Numbers of orders that are inserted begin here, behind all that are there.
pub(super) const FIRST_NEW: u64 = 10_000_000;

/// A small generator of chance that gives the same numbers everywhere.
pub(super) struct Dice(u64);

impl Dice {
    /// With its own sequence for each seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below the limit (splitmix64).
    pub(super) const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// So many orders as CSV, numbered from 1.
pub(crate) fn csv(count: u64) -> String {
    let mut dice = Dice::new(1);
    let mut text = String::from("ID,Customer,Status,Amount,Date,Region,Notes\n");
    for number in 1..=count {
        let (customer, cents) = (dice.below(5_000), dice.below(1_000_000) + 100);
        let (state, region) = (STATES[dice.below(5) as usize], REGIONS[dice.below(5) as usize]);
        let (year, month, day) = (2023 + dice.below(3), dice.below(12) + 1, dice.below(28) + 1);
        _ = write!(text, "{number},Customer {customer:05},{state},{}.{:02}", cents / 100, cents % 100);
        _ = write!(text, ",{year}-{month:02}-{day:02},{region},");
        for index in 0..4 + dice.below(8) {
            let space = if index == 0 { "" } else { " " };
            _ = write!(text, "{space}{}", WORDS[dice.below(WORDS.len() as u64) as usize]);
        }
        text.push('\n');
    }
    text
}

/// A new order as JSON, its properties named as this service names them.
pub(super) fn json(number: u64, id: &str, dice: &mut Dice, out: &mut String) {
    let (customer, cents, day) = (dice.below(5_000), dice.below(1_000_000) + 100, dice.below(28) + 1);
    let state = STATES[dice.below(5) as usize];
    _ = write!(
        out,
        "{{\"{id}\":{number},\"Customer\":\"Customer {customer:05}\",\"Status\":\"{state}\",\
         \"Amount\":{}.{:02},\"Date\":\"2025-03-{day:02}\",\"Region\":\"West\",\
         \"Notes\":\"inserted by the load generator\"}}",
        cents / 100,
        cents % 100
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_the_same_every_time() {
        let text = csv(1_000);
        assert_eq!(text, csv(1_000));
        assert_eq!(text.lines().count(), 1_001);
        assert!(text.lines().all(|line| line.split(',').count() == 7));
        let mut out = String::new();
        json(7, "Id", &mut Dice::new(3), &mut out);
        let order: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(order["Id"], 7);
    }
}
