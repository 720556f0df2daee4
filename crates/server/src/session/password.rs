//! Passwords: which are accepted, how they are kept and checked.
//!
//! Length alone, no composition rules (NIST SP 800-63B-4 section 3.1.1.2: 15 characters for a single factor); argon2id with
//! 64 MiB, 3 passes, 1 lane. Hashing runs on few blocking threads at a time: each takes that memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{chance::Chance, error::ApiError};

/// Fewest characters of a password.
const SHORTEST: usize = 15;
/// Most characters of a password; nothing is ever cut off.
const LONGEST: usize = 256;
/// Hashings that may wait their turn before people are told to come back.
const WAITING: usize = 32;

/// A password that was accepted.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Checks a password somebody chose; `context` holds words it may not consist of: their name, their address.
    pub fn new(password: SecretString, context: &[&str]) -> Result<Self, ApiError> {
        let text = password.expose_secret();
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(ApiError::PasswordTooShort(SHORTEST));
        }
        if length > LONGEST {
            return Err(ApiError::PasswordTooLong(LONGEST));
        }
        if is_easy(text, context) {
            return Err(ApiError::PasswordTooEasy);
        }
        Ok(Self(password))
    }
}

/// Few different characters, one short piece repeated, a row of the keyboard, or what everybody knows of the person.
fn is_easy(text: &str, context: &[&str]) -> bool {
    let lower: Vec<char> = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let mut different = lower.clone();
    different.sort_unstable();
    different.dedup();
    let repeats = |piece: usize| lower.iter().enumerate().all(|(index, c)| *c == lower[index % piece]);
    let known = ["password", "passwort", "gridkeep", "qwertzuiop", "qwertyuiop", "123456789", "letmein"];
    let mut rest: String = lower.iter().collect();
    for word in known.iter().copied().chain(context.iter().copied()) {
        let word = word.to_lowercase();
        if word.chars().count() >= 3 {
            rest = rest.replace(&word, "");
        }
    }
    different.len() < 5
        || (1..=lower.len() / 2).take(8).any(repeats)
        || rest.chars().filter(|c| c.is_alphabetic()).count() < 3 && rest.chars().count() < 8
}

/// Hashes passwords and checks them, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// Verified when there is no such account, so that the answer takes as long.
    dummy: Arc<str>,
    chance: Chance,
}

impl Passwords {
    /// At most this many hashings at once.
    pub fn new(at_once: usize, cost: Cost, chance: Chance) -> Self {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params());
        // Costs nothing at start: only the parameters matter for the time it takes to verify against it.
        let parameters = argon2.params();
        let dummy = format!(
            "$argon2id$v=19$m={},t={},p={}$AAAAAAAAAAAAAAAAAAAAAA${}",
            parameters.m_cost(),
            parameters.t_cost(),
            parameters.p_cost(),
            "A".repeat(43)
        );
        Self {
            argon2,
            places: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::default(),
            dummy: dummy.into(),
            chance,
        }
    }

    /// The hash to keep, as a PHC string.
    pub async fn hash(&self, password: NewPassword) -> Result<String, ApiError> {
        let salt: [u8; 16] = self.chance.bytes();
        let argon2 = self.argon2.clone();
        self.run(move || {
            let hash = argon2.hash_password_with_salt(password.0.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| ApiError::internal(error.to_string()))
        })
        .await?
    }

    /// Whether the password belongs to this hash; with no hash it takes as long and answers no.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, ApiError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let argon2 = self.argon2.clone();
        self.run(move || {
            let parsed = PasswordHash::new(&hash).map_err(|error| ApiError::internal(error.to_string()))?;
            // An overlong password is no password of ours; its hashing would only cost time.
            let text = password.expose_secret();
            let text = if text.chars().count() > LONGEST { "" } else { text };
            Ok(argon2.verify_password(text.as_bytes(), &parsed).is_ok() && known && !text.is_empty())
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let _waiting = Waiting::enter(&self.waiting).ok_or(ApiError::Overloaded)?;
        let place = self.places.clone().acquire_owned().await.map_err(ApiError::internal)?;
        let run = move || {
            let result = work();
            drop(place);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(ApiError::internal)
    }
}

/// What a hashing costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 64 * 1024, passes: 3 }
    }
}

impl Cost {
    fn params(self) -> Params {
        Params::new(self.memory.max(64), self.passes.max(1), 1, None).expect("costs within argon2's bounds")
    }
}

/// Counts who waits; also gives the place back when a request is given up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let guard = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(guard)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemRng;

    #[test]
    fn length_and_ease_decide() {
        let check = |text: &str, expect: Option<&str>| {
            let found = NewPassword::new(text.into(), &["ada@example.com", "ada", "Ada Lovelace"]);
            assert_eq!(found.err().map(|error| error.code()), expect, "{text}");
        };
        check("correct horse battery staple", None);
        check("Ein Satz mit fünf Wörtern", None);
        check("fourteen chars", Some("passwordTooShort"));
        check(&"x".repeat(20), Some("passwordTooEasy"));
        check(&"abcde".repeat(4), Some("passwordTooEasy"));
        check("passwordpassword1", Some("passwordTooEasy"));
        check("ada@example.com1", Some("passwordTooEasy"));
        check("gridkeep 123456789", Some("passwordTooEasy"));
        check(&"wörter sind gut ".repeat(17), Some("passwordTooLong"));
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let passwords = Passwords::new(1, Cost { memory: 64, passes: 1 }, Chance::new(Box::new(SystemRng)));
        let hash =
            passwords.hash(NewPassword::new("correct horse battery".into(), &[]).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse batterx".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse battery".into(), None).await.unwrap());
    }
}
