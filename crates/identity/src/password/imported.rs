//! Hashes that come from elsewhere: PBKDF2-HMAC-SHA256 with enough iterations, as a PHC string or in the form that Django
//! keeps.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

use super::hash::{ITERATIONS, MOST_ITERATIONS, PBKDF2};

/// A hash in the form that is kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported(String);

/// Why a hash cannot be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is no PBKDF2-HMAC-SHA256 in a known form.
    #[error("no PBKDF2-HMAC-SHA256 hash in PHC or Django form")]
    Form,
    /// Fewer iterations than are safe, or more than can be waited for.
    #[error("{0} iterations; 600,000 to 10,000,000 are taken over")]
    Iterations(u32),
    /// Its salt has fewer than 8 bytes or more than 48, or its output is not of 32 bytes.
    #[error("a salt of 8 to 48 bytes and an output of 32 are taken over")]
    Length,
}

impl Imported {
    /// Reads `$pbkdf2-sha256$i=600000,l=32$salt$hash` (PHC) or `pbkdf2_sha256$600000$salt$hash` (Django).
    pub fn new(text: &str) -> Result<Self, ImportError> {
        let parts: Vec<&str> = text.trim().split('$').collect();
        let (iterations, salt, output) = match parts[..] {
            ["", PBKDF2, params, salt, output] => {
                let iterations = params.split(',').find_map(|pair| pair.strip_prefix("i="));
                let salt = STANDARD_NO_PAD.decode(salt).map_err(|_| ImportError::Form)?;
                (iterations, salt, STANDARD_NO_PAD.decode(output))
            }
            ["pbkdf2_sha256", iterations, salt, output] => {
                (Some(iterations), salt.as_bytes().to_vec(), STANDARD.decode(output))
            }
            _ => return Err(ImportError::Form),
        };
        let iterations: u32 = iterations.and_then(|text| text.parse().ok()).ok_or(ImportError::Form)?;
        let output = output.map_err(|_| ImportError::Form)?;
        if !(ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(ImportError::Iterations(iterations));
        }
        if !(8..=48).contains(&salt.len()) || output.len() != 32 {
            return Err(ImportError::Length);
        }
        let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
        Ok(Self(format!("${PBKDF2}$i={iterations},l=32${salt}${output}")))
    }

    /// The hash to keep.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::{Cost, Hasher, Password, Scheme, Verdict};

    #[test]
    fn known_forms_are_taken_over() {
        let check = |text: &str, expect: Result<&str, ImportError>| {
            let found = Imported::new(text);
            assert_eq!(found.as_ref().map(Imported::as_str).map_err(|error| *error), expect, "{text}");
        };
        let output = "A".repeat(43);
        let kept = format!("$pbkdf2-sha256$i=600000,l=32$c2FsdHNhbHQ${output}");
        check(&kept, Ok(&kept));
        check(&format!(" pbkdf2_sha256$600000$saltsalt${output}=\n"), Ok(&kept));
        check(&format!("pbkdf2_sha256$29000$saltsalt${output}="), Err(ImportError::Iterations(29_000)));
        check(&format!("pbkdf2_sha256$600000$salt${output}="), Err(ImportError::Length));
        check("pbkdf2_sha256$600000$saltsalt$AAAA", Err(ImportError::Length));
        check("pbkdf2_sha256$many$saltsalt$AAAA", Err(ImportError::Form));
        check("$2b$12$abcdefghijklmnopqrstuu", Err(ImportError::Form));
        check("", Err(ImportError::Form));
    }

    #[test]
    fn a_hash_of_python_opens_here() {
        // hashlib.pbkdf2_hmac('sha256', b'correct horse battery staple', b'saltsalt', 600000)
        let text = "pbkdf2_sha256$600000$saltsalt$6D8i3mWpDvn1bnBr8MMhDK+ZDrrpW8aJelSXYdVThi8=";
        let imported = Imported::new(text).unwrap();
        let hasher = Hasher::new(Scheme::Argon2id(Cost { memory: 64, passes: 1 }), Vec::new()).unwrap();
        let check = |typed: &str, expect: Verdict| {
            let typed = Password::typed(&typed.to_owned().into()).unwrap();
            assert_eq!(hasher.verify(&typed, imported.as_str()).unwrap(), expect);
        };
        check("correct horse battery staple", Verdict::Right { outdated: true });
        check("correct horse battery", Verdict::Wrong);
    }
}
