//! That a check takes as long whatever hash is kept: one that came from elsewhere, one of our own, or none.
//!
//! **Architecture Invariant:** as long as hashes from elsewhere are kept, every check by a stranger does the work of both schemes, and as
//! many iterations as the dearest of them asks for. What is left of that after the check itself depends on the stored hash's scheme
//! alone, never on what was typed.

use std::hint::black_box;

use super::{
    Hasher, Password, Scheme,
    hash::{PBKDF2, derive},
};

/// What is done besides the check itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rest {
    /// One hashing by the scheme of new hashes.
    own: bool,
    /// Iterations of PBKDF2.
    iterations: u32,
}

/// The iterations that a hash in PHC form, or its beginning, asks for; `None` when it is not PBKDF2's.
pub fn iterations(stored: &str) -> Option<u32> {
    let mut parts = stored.split('$').skip(1);
    if parts.next() != Some(PBKDF2) {
        return None;
    }
    parts.next()?.split(',').find_map(|pair| pair.strip_prefix("i="))?.parse().ok()
}

fn rest(scheme: Scheme, stored: Option<u32>, imported: u32) -> Rest {
    if imported == 0 {
        return Rest { own: false, iterations: 0 };
    }
    let done = stored.unwrap_or(0);
    match scheme {
        Scheme::Argon2id(_) => Rest { own: stored.is_some(), iterations: imported.saturating_sub(done) },
        Scheme::Pbkdf2(own) => Rest { own: false, iterations: imported.max(own).saturating_sub(done) },
    }
}

impl Hasher {
    /// Does what a check against this hash left undone of what a check against any takes, where hashes of up to so many iterations
    /// came from elsewhere; nothing when that is 0.
    pub fn even(&self, password: &Password, stored: &str, imported: u32) {
        let Rest { own, iterations } = rest(self.scheme(), iterations(stored), imported);
        if own {
            // What becomes of it is known: it is nobody's.
            let _ = black_box(self.verify(password, &self.nobody()));
        }
        black_box(derive(password.bytes(), None, iterations, b"no account has it"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Cost;

    #[test]
    fn every_check_comes_to_the_same_work() {
        let argon = Scheme::Argon2id(Cost { memory: 64, passes: 1 });
        // What a check does by itself: hashings by argon2, iterations.
        let check = |scheme: Scheme, imported: u32, expect: (u32, u32)| {
            let own = match scheme {
                Scheme::Argon2id(_) => None,
                Scheme::Pbkdf2(own) => Some(own),
            };
            // Nobody's hash and new ones are of the scheme; those from elsewhere of PBKDF2.
            for stored in [own, Some(600_000), Some(imported)] {
                let Rest { own, iterations } = rest(scheme, stored, imported);
                let argon = u32::from(own) + u32::from(stored.is_none());
                assert_eq!(
                    (argon, iterations + stored.unwrap_or(0)),
                    expect,
                    "{scheme:?} {stored:?} {imported}"
                );
            }
        };
        check(argon, 600_000, (1, 600_000));
        check(argon, 1_000_000, (1, 1_000_000));
        check(Scheme::Pbkdf2(600_000), 1_000_000, (0, 1_000_000));
        check(Scheme::Pbkdf2(1_000_000), 1_000_000, (0, 1_000_000));
        // Nothing came from elsewhere: nothing more is done.
        assert_eq!(rest(argon, None, 0), Rest { own: false, iterations: 0 });
    }

    #[test]
    fn iterations_are_read_from_the_beginning_of_a_hash() {
        let check = |text: &str, expect: Option<u32>| assert_eq!(iterations(text), expect, "{text}");
        check("$pbkdf2-sha256$i=600000,l=32", Some(600_000));
        check("$pbkdf2-sha256$i=10000000,l=", Some(10_000_000));
        check("$pbkdf2-sha256$i=600000,l=32,keyid=AAAA$c2FsdHNhbHQ$AAAA", Some(600_000));
        check("$argon2id$v=19$m=65536,t=3,p=1", None);
        check("$pbkdf2-sha256$l=32", None);
        check("", None);
    }
}
