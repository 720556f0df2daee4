//! Which passwords people may choose.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::zxcvbn;

use super::{LONGEST, Password};

/// What everybody tries first and no English dictionary holds.
const KNOWN: [&str; 12] = [
    "gridkeep",
    "passwort",
    "kennwort",
    "geheim",
    "willkommen",
    "hallo",
    "sommer",
    "winter",
    "qwertz",
    "schatz",
    "excel",
    "tabelle",
];
/// Fewer guesses than ten to this power are too few, however the hash is made: a list of guesses finds it.
const GUESSES: f64 = 8.0;

/// What a password stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing: the password is the only proof.
    Nothing,
    /// A second factor that is always asked for.
    Factor,
}

impl Beside {
    /// Fewest characters (SP 800-63B-4 section 3.1.1.2).
    pub const fn shortest(self) -> usize {
        match self {
            Self::Nothing => 15,
            Self::Factor => 8,
        }
    }
}

/// A password that was accepted.
#[derive(Debug, Clone)]
pub struct NewPassword(pub(super) Password);

/// Why a password was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Fewer characters than this.
    #[error("fewer than {0} characters")]
    TooShort(usize),
    /// More characters than this.
    #[error("more than {0} characters")]
    TooLong(usize),
    /// It is made of what is known of the person or of this place.
    #[error("made of known words")]
    Context,
    /// It stands on lists of guesses, or is made of what does.
    #[error("easily guessed")]
    Common,
}

impl NewPassword {
    /// Checks a password somebody chose; `context` holds words it may not consist of: name, address, tenant, app.
    pub fn choose(text: &SecretString, beside: Beside, context: &[&str]) -> Result<Self, Weakness> {
        let password = Password::typed(text).ok_or(Weakness::TooLong(LONGEST))?;
        let text = password.0.expose_secret();
        if text.chars().count() < beside.shortest() {
            return Err(Weakness::TooShort(beside.shortest()));
        }
        let words = words(context);
        if rest(text, &words) < 4 {
            return Err(Weakness::Context);
        }
        let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
        if zxcvbn(text, &inputs).guesses_log10() < GUESSES {
            return Err(Weakness::Common);
        }
        Ok(Self(password))
    }

    /// Whether it would do by itself too, without a second factor.
    pub fn stands_alone(&self) -> bool {
        self.0.0.expose_secret().chars().count() >= Beside::Nothing.shortest()
    }
}

/// The context's words, each by itself and in parts, in small letters; words of fewer than three letters are in everything.
fn words(context: &[&str]) -> Vec<String> {
    let whole = context.iter().copied().chain(KNOWN);
    let mut words: Vec<String> = whole
        .flat_map(|word| std::iter::once(word).chain(word.split(|c: char| !c.is_alphanumeric())))
        .map(|word| word.nfkc().flat_map(char::to_lowercase).take(100).collect::<String>())
        .filter(|word| word.chars().count() >= 3)
        .collect();
    // The longest first, so that a part does not break up the whole.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words.truncate(64);
    words
}

/// How many different characters are left when the known words, digits in a row and what is no letter are taken away.
fn rest(text: &str, words: &[String]) -> usize {
    let mut rest = text.to_lowercase();
    for word in words {
        rest = rest.replace(word.as_str(), " ");
    }
    let mut left: Vec<char> =
        rest.chars().filter(|c| !c.is_whitespace() && !c.is_ascii_punctuation()).collect();
    left.sort_unstable();
    left.dedup();
    left.len()
}

#[cfg(test)]
mod tests {
    use super::{
        Beside::{Factor, Nothing},
        *,
    };

    #[test]
    fn length_and_guessability_decide() {
        let check = |text: &str, beside: Beside, expect: Option<Weakness>| {
            let context = ["ada@example.com", "Ada Lovelace", "Expense report"];
            let found = NewPassword::choose(&text.to_owned().into(), beside, &context);
            if let Ok(chosen) = &found {
                assert_eq!(chosen.stands_alone(), text.chars().count() >= 15, "{text}");
            }
            assert_eq!(found.err(), expect, "{text}");
        };
        check("correct horse battery staple", Nothing, None);
        check("Ein Satz mit fünf Wörtern", Nothing, None);
        check("七つの海を越えて行く船と人々の物語", Nothing, None);
        check("fourteen chars", Nothing, Some(Weakness::TooShort(15)));
        check("tr0ub4d&r-x", Factor, None);
        check("short7!", Factor, Some(Weakness::TooShort(8)));
        check("password", Factor, Some(Weakness::Common));
        check("P@ssw0rd1", Factor, Some(Weakness::Common));
        check("iloveyou2", Factor, Some(Weakness::Common));
        check("Passwort123", Factor, Some(Weakness::Context));
        check(&"x".repeat(20), Nothing, Some(Weakness::Context));
        check(&"abcde".repeat(4), Nothing, Some(Weakness::Common));
        check("passwordpassword1", Nothing, Some(Weakness::Common));
        check("qwertyuiopasdfghjkl", Nothing, Some(Weakness::Common));
        check("ada@example.com1", Nothing, Some(Weakness::Context));
        check("Lovelace-Ada-1815", Nothing, Some(Weakness::Context));
        check("gridkeep expense report", Nothing, Some(Weakness::Context));
        check(&"wörter sind gut ".repeat(17), Nothing, Some(Weakness::TooLong(256)));
    }
}
