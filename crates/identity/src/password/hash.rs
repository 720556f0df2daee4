//! How passwords are kept: argon2id, or PBKDF2 where only approved algorithms may be used; both with a pepper that no
//! database holds.
//!
//! Hashes are PHC strings. Which pepper made one stands in it as `keyid`, so that peppers can be changed: an older one still
//! verifies, and the hash is made anew when its password is seen next.

use std::num::NonZeroU32;

use argon2::{
    Algorithm, Argon2, Params, ParamsBuilder, PasswordHasher, Version,
    password_hash::phc::{Output, PasswordHash},
};
use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac, pbkdf2};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretBox};

use super::{NewPassword, Password};

/// Fewest iterations of PBKDF2-HMAC-SHA256 (ASVS 5.0 appendix C).
pub(super) const ITERATIONS: u32 = 600_000;
/// A stored hash that asks for more is not ours: it would only take the server's memory and time.
const MOST_MEMORY: u32 = 1 << 20;
const MOST_PASSES: u32 = 16;
pub(super) const MOST_ITERATIONS: u32 = 10_000_000;
const OUTPUT: usize = 32;
/// The name of PBKDF2 in PHC strings.
pub(super) const PBKDF2: &str = "pbkdf2-sha256";

/// What an argon2id hashing costs, in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// The least that production may use: 19 MiB, two passes (ASVS 5.0 appendix C).
    pub const FLOOR: Self = Self { memory: 19 * 1024, passes: 2 };

    /// Whether this is at least the floor: as dear a guess, and not much less memory.
    pub const fn is_enough(self) -> bool {
        self.memory >= Self::FLOOR.memory && self.passes >= Self::FLOOR.passes
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 64 * 1024, passes: 3 }
    }
}

/// How new hashes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RFC 9106.
    Argon2id(Cost),
    /// PBKDF2-HMAC-SHA256 with so many iterations (SP 800-132), for where FIPS 140-3 rules.
    Pbkdf2(u32),
}

/// A key that goes into every hash and is kept apart from the hashes.
pub struct Pepper {
    id: [u8; 4],
    key: SecretBox<[u8; 32]>,
}

impl Pepper {
    /// The key and what hashes made with it name it by.
    pub fn new(id: [u8; 4], key: SecretBox<[u8; 32]>) -> Self {
        Self { id, key }
    }
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Another password.
    Wrong,
    /// This password.
    Right {
        /// The hash is of an older scheme, cost or pepper: keep a new one.
        outdated: bool,
    },
}

/// A hash could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is no hash of a known scheme, or asks for more than any of ours.
    #[error("a stored hash is of no known form")]
    Unknown,
    /// It names a pepper that is not there: the key file is another one.
    #[error("a stored hash was made with a pepper that is not there")]
    Pepper,
    /// The parameters of new hashes are none.
    #[error("the cost of hashing is out of bounds")]
    Cost,
}

/// Makes and checks hashes. Both take the time and memory of their scheme: not for a thread that others wait for.
pub struct Hasher {
    scheme: Scheme,
    /// The first one makes new hashes.
    peppers: Vec<Pepper>,
}

impl Hasher {
    /// New hashes are of this scheme and the first of these peppers; without any, of none.
    pub fn new(scheme: Scheme, peppers: Vec<Pepper>) -> Result<Self, HashError> {
        let hasher = Self { scheme, peppers };
        if let Scheme::Argon2id(cost) = scheme {
            hasher.params(cost)?;
        }
        Ok(hasher)
    }

    /// What new hashes are made by.
    pub(super) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The hash to keep, made with this salt.
    pub fn hash(&self, password: &NewPassword, salt: [u8; 16]) -> Result<String, HashError> {
        self.make(&password.0, salt)
    }

    /// The hash of a password that was just proven right, to be kept instead of an outdated one.
    pub fn renew(&self, password: &Password, salt: [u8; 16]) -> Result<String, HashError> {
        self.make(password, salt)
    }

    fn make(&self, password: &Password, salt: [u8; 16]) -> Result<String, HashError> {
        match self.scheme {
            Scheme::Argon2id(cost) => {
                let argon2 = keyed(Algorithm::Argon2id, self.params(cost)?, self.peppers.first())?;
                let hash = argon2.hash_password_with_salt(password.bytes(), &salt);
                hash.map(|hash| hash.to_string()).map_err(|_| HashError::Cost)
            }
            Scheme::Pbkdf2(iterations) => {
                let pepper = self.peppers.first();
                let output = derive(password.bytes(), pepper, iterations, &salt).ok_or(HashError::Cost)?;
                let keyid = pepper.map(|pepper| format!(",keyid={}", STANDARD_NO_PAD.encode(pepper.id)));
                let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
                Ok(format!(
                    "${PBKDF2}$i={iterations},l={OUTPUT}{}${salt}${output}",
                    keyid.unwrap_or_default()
                ))
            }
        }
    }

    /// A hash that no password opens and that takes as long to check as a new one: for accounts that are not there.
    pub fn nobody(&self) -> String {
        let (salt, output) = ("A".repeat(22), "A".repeat(43));
        match self.scheme {
            Scheme::Argon2id(Cost { memory, passes }) => {
                format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${output}")
            }
            Scheme::Pbkdf2(iterations) => format!("${PBKDF2}$i={iterations},l={OUTPUT}${salt}${output}"),
        }
    }

    /// Whether this password made this hash.
    pub fn verify(&self, password: &Password, stored: &str) -> Result<Verdict, HashError> {
        let parsed = PasswordHash::new(stored).map_err(|_| HashError::Unknown)?;
        let salt = parsed.salt.as_ref().ok_or(HashError::Unknown)?;
        let expected = parsed.hash.as_ref().ok_or(HashError::Unknown)?;
        let (right, current) = if parsed.algorithm.as_str() == PBKDF2 {
            let iterations = parsed.params.get_decimal("i").ok_or(HashError::Unknown)?;
            if !(1..=MOST_ITERATIONS).contains(&iterations) {
                return Err(HashError::Unknown);
            }
            let pepper = match parsed.params.get_str("keyid") {
                Some(id) => Some(self.pepper(&STANDARD_NO_PAD.decode(id).map_err(|_| HashError::Unknown)?)?),
                None => None,
            };
            let found = derive(password.bytes(), pepper, iterations, salt).ok_or(HashError::Unknown)?;
            (equal(&found, expected), self.scheme == Scheme::Pbkdf2(iterations) && self.is_current(pepper))
        } else {
            let algorithm = Algorithm::new(parsed.algorithm).map_err(|_| HashError::Unknown)?;
            let params = Params::try_from(&parsed).map_err(|_| HashError::Unknown)?;
            let cost = Cost { memory: params.m_cost(), passes: params.t_cost() };
            if cost.memory > MOST_MEMORY || cost.passes > MOST_PASSES || params.p_cost() > 16 {
                return Err(HashError::Unknown);
            }
            let pepper = if params.keyid().is_empty() { None } else { Some(self.pepper(params.keyid())?) };
            let ours = params.p_cost() == 1 && algorithm == Algorithm::Argon2id;
            let argon2 = keyed(algorithm, params, pepper)?;
            let mut found = vec![0; expected.len()];
            argon2.hash_password_into(password.bytes(), salt, &mut found).map_err(|_| HashError::Unknown)?;
            let current = ours && self.scheme == Scheme::Argon2id(cost) && self.is_current(pepper);
            (equal(&found, expected), current)
        };
        Ok(if right { Verdict::Right { outdated: !current } } else { Verdict::Wrong })
    }

    fn params(&self, cost: Cost) -> Result<Params, HashError> {
        let mut builder = ParamsBuilder::new();
        builder.m_cost(cost.memory).t_cost(cost.passes).p_cost(1).output_len(OUTPUT);
        if let Some(pepper) = self.peppers.first() {
            builder.keyid(argon2::KeyId::new(&pepper.id).map_err(|_| HashError::Cost)?);
        }
        builder.build().map_err(|_| HashError::Cost)
    }

    fn pepper(&self, id: &[u8]) -> Result<&Pepper, HashError> {
        self.peppers.iter().find(|pepper| pepper.id == id).ok_or(HashError::Pepper)
    }

    fn is_current(&self, pepper: Option<&Pepper>) -> bool {
        pepper.map(|pepper| pepper.id) == self.peppers.first().map(|pepper| pepper.id)
    }
}

/// Argon2 with a pepper as its secret (RFC 9106 section 3.1), or without one.
fn keyed(algorithm: Algorithm, params: Params, pepper: Option<&Pepper>) -> Result<Argon2<'_>, HashError> {
    let Some(pepper) = pepper else { return Ok(Argon2::new(algorithm, Version::V0x13, params)) };
    let key = pepper.key.expose_secret();
    Argon2::new_with_secret(key, algorithm, Version::V0x13, params).map_err(|_| HashError::Cost)
}

fn equal(found: &[u8], expected: &Output) -> bool {
    verify_slices_are_equal(found, expected.as_bytes()).is_ok()
}

/// PBKDF2-HMAC-SHA256 of the password; with a pepper, of the password keyed by it.
pub(super) fn derive(
    password: &[u8],
    pepper: Option<&Pepper>,
    iterations: u32,
    salt: &[u8],
) -> Option<[u8; OUTPUT]> {
    let iterations = NonZeroU32::new(iterations)?;
    let mut output = [0; OUTPUT];
    match pepper {
        Some(pepper) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, pepper.key.expose_secret());
            let keyed = hmac::sign(&key, password);
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, keyed.as_ref(), &mut output);
        }
        None => pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, &mut output),
    }
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Beside;

    const SMALL: Cost = Cost { memory: 64, passes: 1 };

    fn pepper(number: u8) -> Pepper {
        Pepper::new([number; 4], SecretBox::new(Box::new([number; 32])))
    }

    fn typed(text: &str) -> Password {
        Password::typed(&text.to_owned().into()).unwrap()
    }

    fn chosen() -> NewPassword {
        NewPassword::choose(&"correct horse battery staple".to_owned().into(), Beside::Nothing, &[]).unwrap()
    }

    #[test]
    fn a_password_opens_its_own_hash_only_and_outdated_ones_are_told() {
        let check = |made: (Scheme, &[u8]), asked: (Scheme, &[u8]), expect: Result<Verdict, &str>| {
            let hasher = |(scheme, peppers): (Scheme, &[u8])| {
                Hasher::new(scheme, peppers.iter().map(|number| pepper(*number)).collect()).unwrap()
            };
            let stored = hasher(made).hash(&chosen(), [7; 16]).unwrap();
            let right = hasher(asked).verify(&typed("correct horse battery staple"), &stored);
            assert_eq!(right.map_err(|error| error.to_string()), expect.map_err(str::to_owned), "{stored}");
            if let Ok(wrong) = hasher(asked).verify(&typed("correct horse battery stapler"), &stored) {
                assert_eq!(wrong, Verdict::Wrong);
            }
        };
        let (argon, dearer) = (Scheme::Argon2id(SMALL), Scheme::Argon2id(Cost { memory: 128, passes: 1 }));
        let (pbkdf2, more) = (Scheme::Pbkdf2(10), Scheme::Pbkdf2(11));
        let (current, outdated) =
            (Ok(Verdict::Right { outdated: false }), Ok(Verdict::Right { outdated: true }));
        for (scheme, other) in [(argon, dearer), (pbkdf2, more), (argon, pbkdf2), (pbkdf2, argon)] {
            check((scheme, &[]), (scheme, &[]), current);
            check((scheme, &[1]), (scheme, &[1]), current);
            check((scheme, &[1]), (scheme, &[2, 1]), outdated);
            check((scheme, &[]), (scheme, &[1]), outdated);
            check((scheme, &[1]), (other, &[1]), outdated);
            check(
                (scheme, &[1]),
                (scheme, &[2]),
                Err("a stored hash was made with a pepper that is not there"),
            );
        }
    }

    #[test]
    fn nobody_costs_as_much_and_opens_for_nobody() {
        for scheme in [Scheme::Argon2id(SMALL), Scheme::Pbkdf2(10)] {
            let hasher = Hasher::new(scheme, vec![pepper(1)]).unwrap();
            assert_eq!(hasher.verify(&typed(""), &hasher.nobody()).unwrap(), Verdict::Wrong);
        }
    }

    #[test]
    fn what_is_no_hash_of_ours_is_refused_before_it_costs_anything() {
        let hasher = Hasher::new(Scheme::Argon2id(SMALL), Vec::new()).unwrap();
        let end = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for stored in [
            "",
            "plain text",
            "$2b$12$abcdefghijklmnopqrstuu",
            &format!("$argon2id$v=19$m=4194304,t=1,p=1{end}"),
            &format!("$argon2id$v=19$m=64,t=400,p=1{end}"),
            &format!("$pbkdf2-sha256$i=4000000000,l=32{end}"),
            &format!("$pbkdf2-sha256$i=0,l=32{end}"),
            &format!("$scrypt$ln=1{end}"),
        ] {
            assert!(matches!(hasher.verify(&typed("x"), stored), Err(HashError::Unknown)), "{stored}");
        }
    }

    #[test]
    fn rfc_vectors_hold() {
        // RFC 7914 section 11: PBKDF2-HMAC-SHA256, first 32 of 64 bytes.
        let found = derive(b"passwd", None, 1, b"salt").unwrap();
        assert_eq!(found[..4], [0x55, 0xac, 0x04, 0x6e]);
        let found = derive(b"Password", None, 80_000, b"NaCl").unwrap();
        assert_eq!(found[..4], [0x4d, 0xdc, 0xd8, 0xf6]);
    }
}
