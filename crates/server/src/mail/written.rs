//! What each mail says, in the languages there are.

use super::{
    letter::{Letter, Part},
    security::{self, Security},
};
use crate::language::Language;

/// What a letter is about, with all it needs to say.
#[derive(Debug, Clone)]
pub(super) enum Matter<'a> {
    /// Prove your address.
    Confirm { link: &'a str },
    /// Somebody wants an account with your address; you have one.
    Taken { sign_in: &'a str },
    /// Somebody wants an account with an address that looks like another's.
    Twin,
    /// Set a new password.
    Reset { name: &'a str, link: &'a str },
    /// Your password was changed.
    PasswordChanged { name: &'a str, forgot: &'a str },
    /// Somebody signed in with a browser that is new to your account.
    NewBrowser { name: &'a str, when: &'a str, browser: &'a str, network: &'a str, account: &'a str },
    /// Somebody invites you to an app or a tenant.
    Invitation { sender: &'a str, to: &'a str, link: &'a str },
    /// Somebody opened a link that was handed on, and says the address is theirs.
    Joining { to: &'a str, link: &'a str },
    /// Somebody declined your invitation.
    Declined { name: &'a str, guest: &'a str, to: &'a str, link: &'a str },
    /// How your account is protected was changed.
    Security { change: Security, name: &'a str, link: &'a str },
}

/// Writes it; `place` is where this server is.
pub(super) fn write(matter: &Matter<'_>, place: &str, language: Language) -> Letter {
    let text = |text: String| Part::Text(text);
    let link = |words: &str, address: &str| Part::Link(words.to_owned(), address.to_owned());
    let (subject, parts) = match (language, matter) {
        (_, Matter::Security { change, name, link }) => return security::write(*change, (name, place, link), language),
        (Language::English, Matter::Confirm { link: to }) => (
            "Confirm your address".to_owned(),
            vec![
                text(format!("Somebody, probably you, made an account with this address at {place}.")),
                link("Confirm that the address is yours", to),
                text("The link works once, within 24 hours. If it was not you, do nothing.".to_owned()),
            ],
        ),
        (Language::German, Matter::Confirm { link: to }) => (
            "Bestätigen Sie Ihre Adresse".to_owned(),
            vec![
                text(format!("Jemand, vermutlich Sie, hat mit dieser Adresse ein Konto bei {place} angelegt.")),
                link("Bestätigen, dass die Adresse Ihre ist", to),
                text("Der Link gilt einmal, 24 Stunden lang. Waren Sie es nicht, tun Sie nichts.".to_owned()),
            ],
        ),
        (Language::English, Matter::Taken { sign_in }) => (
            "You have an account already".to_owned(),
            vec![
                text(format!("Somebody, perhaps you, wanted a new account with this address at {place}.")),
                text("You have one already. Sign in with it, or set a new password there.".to_owned()),
                link("Sign in", sign_in),
                text("If it was not you, nothing has happened to your account.".to_owned()),
            ],
        ),
        (Language::German, Matter::Taken { sign_in }) => (
            "Sie haben schon ein Konto".to_owned(),
            vec![
                text(format!("Jemand, vielleicht Sie, wollte mit dieser Adresse ein neues Konto bei {place}.")),
                text("Sie haben schon eines. Melden Sie sich damit an, oder setzen Sie dort ein neues Passwort.".to_owned()),
                link("Anmelden", sign_in),
                text("Waren Sie es nicht, so ist mit Ihrem Konto nichts geschehen.".to_owned()),
            ],
        ),
        (Language::English, Matter::Twin) => (
            "This address cannot be used".to_owned(),
            vec![text(format!(
                "Somebody, probably you, made an account with this address at {place}. Its letters look like those of \
                 another address there, so it cannot be confirmed. Use another address."
            ))],
        ),
        (Language::German, Matter::Twin) => (
            "Diese Adresse kann nicht verwendet werden".to_owned(),
            vec![text(format!(
                "Jemand, vermutlich Sie, hat mit dieser Adresse ein Konto bei {place} angelegt. Ihre Buchstaben sehen aus \
                 wie die einer anderen Adresse dort, deshalb kann sie nicht bestätigt werden. Nehmen Sie eine andere."
            ))],
        ),
        (Language::English, Matter::Reset { name, link: to }) => (
            "Set a new password".to_owned(),
            vec![
                text(format!("Hello {name},")),
                text(format!("somebody, probably you, asked for a new password at {place}.")),
                link("Set a new password", to),
                text(
                    "The link works once, within 30 minutes. If it was not you, do nothing: your password stays as it is."
                        .to_owned(),
                ),
            ],
        ),
        (Language::German, Matter::Reset { name, link: to }) => (
            "Setzen Sie ein neues Passwort".to_owned(),
            vec![
                text(format!("Guten Tag {name},")),
                text(format!("jemand, vermutlich Sie, hat bei {place} um ein neues Passwort gebeten.")),
                link("Neues Passwort setzen", to),
                text(
                    "Der Link gilt einmal, 30 Minuten lang. Waren Sie es nicht, tun Sie nichts: Ihr Passwort bleibt, wie es ist."
                        .to_owned(),
                ),
            ],
        ),
        (Language::English, Matter::PasswordChanged { name, forgot }) => (
            "Your password was changed".to_owned(),
            vec![
                text(format!("Hello {name},")),
                text(format!("the password of your account at {place} was changed. Other devices were signed out.")),
                text("If it was not you, set a new one at once, and tell whoever runs this server.".to_owned()),
                link("Set a new password", forgot),
            ],
        ),
        (Language::German, Matter::PasswordChanged { name, forgot }) => (
            "Ihr Passwort wurde geändert".to_owned(),
            vec![
                text(format!("Guten Tag {name},")),
                text(format!(
                    "das Passwort Ihres Kontos bei {place} wurde geändert. Andere Geräte wurden abgemeldet."
                )),
                text(
                    "Waren Sie es nicht, setzen Sie sofort ein neues, und sagen Sie es denen, die diesen Server betreiben."
                        .to_owned(),
                ),
                link("Neues Passwort setzen", forgot),
            ],
        ),
        (Language::English, Matter::NewBrowser { name, when, browser, network, account }) => (
            "New sign-in to your account".to_owned(),
            vec![
                text(format!("Hello {name},")),
                text(format!("somebody, probably you, signed in at {place} with a browser that is new to your account.")),
                text(format!("{when}: {browser}, from {network}")),
                text("If it was not you, change your password at once: that signs everybody else out.".to_owned()),
                link("Open your account", account),
            ],
        ),
        (Language::German, Matter::NewBrowser { name, when, browser, network, account }) => (
            "Neue Anmeldung bei Ihrem Konto".to_owned(),
            vec![
                text(format!("Guten Tag {name},")),
                text(format!(
                    "jemand, vermutlich Sie, hat sich bei {place} mit einem Browser angemeldet, der für Ihr Konto neu ist."
                )),
                text(format!("{when}: {browser}, von {network}")),
                text("Waren Sie es nicht, ändern Sie sofort Ihr Passwort: das meldet alle anderen ab.".to_owned()),
                link("Ihr Konto öffnen", account),
            ],
        ),
        (Language::English, Matter::Invitation { sender, to: what, link: to }) => (
            format!("{sender} invites you to “{what}”"),
            vec![
                text(format!("{sender} invites you to “{what}” at {place}.")),
                link("Open the invitation", to),
                text("The link works within 7 days, once, and only for this address. There you can also decline.".to_owned()),
            ],
        ),
        (Language::German, Matter::Invitation { sender, to: what, link: to }) => (
            format!("{sender} lädt Sie zu „{what}“ ein"),
            vec![
                text(format!("{sender} lädt Sie zu „{what}“ bei {place} ein.")),
                link("Einladung öffnen", to),
                text("Der Link gilt 7 Tage lang, einmal und nur für diese Adresse. Dort können Sie auch ablehnen.".to_owned()),
            ],
        ),
        (Language::English, Matter::Joining { to: what, link: to }) => (
            format!("Join “{what}”"),
            vec![
                text(format!("Somebody, probably you, wants to join “{what}” at {place} with this address.")),
                link("Join", to),
                text("The link works within 7 days, once, and only for this address. If it was not you, do nothing.".to_owned()),
            ],
        ),
        (Language::German, Matter::Joining { to: what, link: to }) => (
            format!("Bei „{what}“ mitmachen"),
            vec![
                text(format!("Jemand, vermutlich Sie, möchte mit dieser Adresse bei „{what}“ auf {place} mitmachen.")),
                link("Mitmachen", to),
                text("Der Link gilt 7 Tage lang, einmal und nur für diese Adresse. Waren Sie es nicht, tun Sie nichts.".to_owned()),
            ],
        ),
        (Language::English, Matter::Declined { name, guest, to: what, link: to }) => (
            format!("{guest} declined your invitation"),
            vec![
                text(format!("Hello {name},")),
                text(format!("{guest} declined your invitation to “{what}” at {place}.")),
                link("Open the invitations", to),
            ],
        ),
        (Language::German, Matter::Declined { name, guest, to: what, link: to }) => (
            format!("{guest} hat Ihre Einladung abgelehnt"),
            vec![
                text(format!("Guten Tag {name},")),
                text(format!("{guest} hat Ihre Einladung zu „{what}“ bei {place} abgelehnt.")),
                link("Einladungen öffnen", to),
            ],
        ),
    };
    Letter { subject: subject.chars().filter(|c| !c.is_control()).take(200).collect(), parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_matter_is_written_in_both_languages() {
        let link = "https://apps.example/confirm#TOKEN";
        let matters = [
            Matter::Confirm { link },
            Matter::Taken { sign_in: link },
            Matter::Twin,
            Matter::Reset { name: "Ada", link },
            Matter::PasswordChanged { name: "Ada", forgot: link },
            Matter::NewBrowser {
                name: "Ada",
                when: "2026-11-21 12:00 UTC",
                browser: "Firefox, Linux",
                network: "192.0.2.1",
                account: link,
            },
            Matter::Invitation { sender: "Ada", to: "Stock\r\nBcc: eve@example.com", link },
            Matter::Joining { to: "Acme", link },
            Matter::Declined { name: "Ada", guest: "ben@example.com", to: "Acme", link },
            Matter::Security { change: Security::Added, name: "Ada", link },
            Matter::Security { change: Security::Removed, name: "Ada", link },
            Matter::Security { change: Security::CodesMade, name: "Ada", link },
            Matter::Security { change: Security::CodeUsed, name: "Ada", link },
            Matter::Security { change: Security::Reset, name: "Ada", link },
            Matter::Security { change: Security::Linked, name: "Ada", link },
            Matter::Security { change: Security::PinSet, name: "Ada", link },
            Matter::Security { change: Security::PinRemoved, name: "Ada", link },
            Matter::Security { change: Security::PinDisabled, name: "Ada", link },
            Matter::Security { change: Security::ApprovalWaits, name: "Ada", link },
            Matter::Security { change: Security::ApprovalAnswered, name: "Ada", link },
        ];
        let mut all = String::new();
        for matter in &matters {
            for language in [Language::English, Language::German] {
                let letter = write(matter, "apps.example", language);
                assert!(!letter.subject.chars().any(char::is_control));
                all = format!("{all}# {}\n\n{}\n", letter.subject, letter.text());
            }
        }
        insta::assert_snapshot!(all);
    }
}
