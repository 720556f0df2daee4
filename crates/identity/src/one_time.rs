//! One-time codes of an authenticator app (TOTP, RFC 6238: SHA-1, 30 seconds, six digits, which is all that apps agree on).
//!
//! **Architecture Invariant:** a step is worth one sign-in. [`OneTime::check`] gives the step it accepted and refuses it and
//! all before it from then on; whoever calls keeps it in the same commit that lets somebody in.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use gridkeep_model::Rng;
use jiff::Timestamp;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};

/// Bytes of a secret (RFC 4226 section 4, R6: 160 bits recommended).
pub const SECRET: usize = 20;
const DIGITS: usize = 6;
const PERIOD: u64 = 30;
/// Steps a phone's clock may be off, either way (RFC 6238 section 5.2: one for the network's delay).
const DRIFT: u64 = 1;

/// What an authenticator app and the server share.
pub struct OneTime(SecretBox<[u8; SECRET]>);

/// The step a code was accepted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub u64);

impl OneTime {
    /// Of a new secret.
    pub fn generate(rng: &mut dyn Rng) -> Self {
        let mut secret = SecretBox::new(Box::new([0; SECRET]));
        rng.fill(secret.expose_secret_mut());
        Self(secret)
    }

    /// Of these bytes; `None` when there are more or fewer than [`SECRET`].
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let secret: [u8; SECRET] = bytes.try_into().ok()?;
        Some(Self(SecretBox::new(Box::new(secret))))
    }

    /// The secret, for a keeper that encrypts it.
    pub fn expose(&self) -> &[u8; SECRET] {
        self.0.expose_secret()
    }

    /// What an app can be given by hand: base32 (RFC 4648 section 6), which needs no padding at this length.
    pub fn words(&self) -> SecretString {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut words = String::with_capacity(SECRET / 5 * 8);
        for five in self.expose().chunks(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            words.extend((0..8).rev().map(|at| char::from(LETTERS[(bits >> (5 * at) & 31) as usize])));
        }
        words.into()
    }

    /// What a QR code holds: `otpauth://totp/ISSUER:ACCOUNT?secret=...` (the form that apps read).
    pub fn address(&self, issuer: &str, account: &str) -> SecretString {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let words = self.words();
        let secret = words.expose_secret();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        )
        .into()
    }

    /// The code of this moment, for whoever stands in for the app.
    pub fn code(&self, now: Timestamp) -> String {
        self.code_of(step(now))
    }

    /// The step of a code that holds now, a step before or one after; `None` for any other, and for one whose step or a
    /// later one was accepted before. Takes as long whatever the code is.
    pub fn check(&self, code: &str, now: Timestamp, accepted: Option<Step>) -> Option<Step> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
        if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let now = step(now);
        // A later step first: where two steps have the same code, the one that was not used yet counts.
        let steps = (now.saturating_sub(DRIFT)..=now.saturating_add(DRIFT)).rev();
        steps.fold(None, |found, step| {
            let same = verify_slices_are_equal(self.code_of(step).as_bytes(), digits.as_bytes()).is_ok();
            let new = accepted < Some(Step(step));
            found.or((same && new).then_some(Step(step)))
        })
    }

    /// RFC 4226 section 5.3.
    fn code_of(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.expose());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let four = tag.iter().skip(at).take(4).fold(0_u32, |four, byte| four << 8 | u32::from(*byte));
        format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
    }
}

impl std::fmt::Debug for OneTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTime(..)")
    }
}

/// Keeps what a URI's path takes as it is, and nothing else.
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn step(moment: Timestamp) -> u64 {
    moment.as_second().max(0).cast_unsigned() / PERIOD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> OneTime {
        OneTime::of(b"12345678901234567890").unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn rfc_6238_appendix_b() {
        let all = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in all {
            assert_eq!(shared().code(at(second)), code);
        }
    }

    #[test]
    fn a_step_is_worth_one_sign_in() {
        let check = |code: &str, second: i64, accepted: Option<u64>, expect: Option<u64>| {
            let found = shared().check(code, at(second), accepted.map(Step));
            assert_eq!(found, expect.map(Step), "{code} {second} {accepted:?}");
        };
        check("287082", 59, None, Some(1));
        check("287 082", 59, Some(0), Some(1));
        check("287082", 59, Some(1), None);
        check("287082", 59, Some(2), None);
        // A phone whose clock is half a minute off, either way, and no more.
        check("287082", 89, None, Some(1));
        check("287082", 0, None, Some(1));
        check("287082", 90, None, None);
        check("287083", 59, None, None);
        check("87082", 59, None, None);
        check("2870822", 59, None, None);
        check("２８７０８２", 59, None, None);
        check("+87082", 59, None, None);
        check("", 59, None, None);
    }

    #[test]
    fn the_address_holds_what_apps_read() {
        let address = shared().address("Grid & keep", "ada@example.com");
        assert_eq!(
            address.expose_secret(),
            "otpauth://totp/Grid%20%26%20keep:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Grid%20%26%20keep&algorithm=SHA1&digits=6&period=30"
        );
        assert!(OneTime::of(b"short").is_none());
        assert_eq!(format!("{:?}", shared()), "OneTime(..)");
    }
}
