//! How long somebody stays signed in.

use jiff::{SignedDuration, Timestamp};

/// How long somebody stays signed in.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// Without coming back.
    pub idle: SignedDuration,
    /// Whatever they do.
    pub longest: SignedDuration,
}

impl Default for Lifetime {
    /// A month, and two weeks without coming back.
    fn default() -> Self {
        Self::days(14, 30)
    }
}

impl Lifetime {
    /// So many days without coming back, and so many in any case.
    pub fn days(idle: u16, longest: u16) -> Self {
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        Self { idle: days(idle), longest: days(longest) }
    }

    /// When a session that was begun now ends in any case.
    pub(super) fn ends(self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.longest).unwrap_or(Timestamp::MAX)
    }

    /// When a session that is used now ends unless it is used again.
    pub(super) fn expires(self, now: Timestamp, ends: Timestamp) -> Timestamp {
        now.saturating_add(self.idle).unwrap_or(Timestamp::MAX).min(ends)
    }
}
