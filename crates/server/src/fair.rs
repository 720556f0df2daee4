//! How much of what a server has in all one of its tenants may take.
//!
//! **Architecture Invariant:** however much one tenant asks for, something is left for the next. It may take as much as it leaves
//! free, so that alone it has half, and nobody has to say who gets what.

/// The rule. On a server with one tenant, that one may take everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fair {
    /// There is one tenant.
    One,
    /// There may be others at any time.
    Shared,
}

impl Fair {
    /// Whether a tenant may come to have so many of all, while others have theirs.
    pub const fn allows(self, own: usize, others: usize, all: usize) -> bool {
        let free = all.saturating_sub(others);
        match self {
            Self::One => own <= free,
            Self::Shared => own <= free.div_ceil(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_left_for_the_next() {
        let check = |fair: Fair, (own, others, all): (usize, usize, usize), expect: bool| {
            assert_eq!(fair.allows(own, others, all), expect, "{fair:?} {own} {others} {all}");
        };
        check(Fair::One, (16, 0, 16), true);
        check(Fair::One, (10, 7, 16), false);
        check(Fair::Shared, (8, 0, 16), true);
        check(Fair::Shared, (9, 0, 16), false);
        check(Fair::Shared, (4, 8, 16), true);
        check(Fair::Shared, (5, 8, 16), false);
        check(Fair::Shared, (1, 15, 16), true);
        check(Fair::Shared, (1, 16, 16), false);
        check(Fair::Shared, (0, 20, 16), true);
    }
}
