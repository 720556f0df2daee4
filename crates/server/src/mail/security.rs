//! What people are told when how their account is protected was changed.

use super::letter::{Letter, Part};
use crate::language::Language;

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// A second factor was added.
    Added,
    /// A second factor was removed.
    Removed,
    /// Recovery codes were made.
    CodesMade,
    /// A recovery code let somebody in.
    CodeUsed,
    /// An administrator took away all second factors.
    Reset,
    /// A company's sign-in was linked.
    Linked,
    /// A PIN was set.
    PinSet,
    /// A PIN was removed.
    PinRemoved,
    /// A PIN had all its tries.
    PinDisabled,
    /// Changes that came without somebody wait for their approval.
    ApprovalWaits,
    /// Somebody else approved or turned down what one began.
    ApprovalAnswered,
}

/// Writes it: to whom, of which place, and where they see to it.
pub(super) fn write(change: Security, (name, place, link): (&str, &str, &str), language: Language) -> Letter {
    let (subject, said) = match language {
        Language::English => match change {
            Security::Added => (
                "A second factor was added",
                "a passkey or an authenticator app was added to your account at PLACE.",
            ),
            Security::Removed => (
                "A second factor was removed",
                "a passkey or an authenticator app was removed from your account at PLACE.",
            ),
            Security::CodesMade => (
                "New recovery codes",
                "recovery codes for your account at PLACE were made. Older ones no longer work.",
            ),
            Security::CodeUsed => (
                "A recovery code was used",
                "somebody signed in to your account at PLACE with your password and a recovery code.",
            ),
            Security::Reset => (
                "Your second factors were reset",
                "an administrator removed all passkeys, authenticator apps and recovery codes from your account at PLACE \
                 and signed you out everywhere. Sign in with your password and set them up again.",
            ),
            Security::Linked => (
                "A company’s sign-in was linked",
                "a company’s sign-in was linked with your account at PLACE: whoever signs in there as you comes into that \
                 company’s workspace by it. You can remove it in your account.",
            ),
            Security::PinSet => ("A PIN was set", "a PIN for approving was set for your account at PLACE."),
            Security::PinRemoved => {
                ("Your PIN was removed", "the PIN for approving was removed from your account at PLACE.")
            }
            Security::PinDisabled => (
                "Your PIN no longer holds",
                "a wrong PIN was typed five times for your account at PLACE. The PIN no longer holds; set a new one.",
            ),
            Security::ApprovalWaits => (
                "Changes wait for your approval",
                "changes that a program made in your name at PLACE have not been done yet: they wait for your approval. Open the \
                 portal to approve or discard them; what is not approved in time is not done.",
            ),
            Security::ApprovalAnswered => (
                "What you asked for was answered",
                "somebody else approved or turned down what you asked for at PLACE, or took back that they had approved it. Open “Waiting \
                 for you” in the portal to see what became of it: some of what is approved is done only once you carry on there.",
            ),
        },
        Language::German => match change {
            Security::Added => (
                "Ein zweiter Faktor kam hinzu",
                "zu Ihrem Konto bei PLACE kam ein Passkey oder eine Authentifizierungs-App hinzu.",
            ),
            Security::Removed => (
                "Ein zweiter Faktor wurde entfernt",
                "von Ihrem Konto bei PLACE wurde ein Passkey oder eine Authentifizierungs-App entfernt.",
            ),
            Security::CodesMade => (
                "Neue Wiederherstellungscodes",
                "für Ihr Konto bei PLACE wurden Wiederherstellungscodes erstellt. Ältere gelten nicht mehr.",
            ),
            Security::CodeUsed => (
                "Ein Wiederherstellungscode wurde verwendet",
                "jemand hat sich bei PLACE mit Ihrem Passwort und einem Wiederherstellungscode angemeldet.",
            ),
            Security::Reset => (
                "Ihre zweiten Faktoren wurden zurückgesetzt",
                "die Verwaltung hat alle Passkeys, Authentifizierungs-Apps und Wiederherstellungscodes Ihres Kontos bei \
                 PLACE entfernt und Sie überall abgemeldet. Melden Sie sich mit Ihrem Passwort an, und richten Sie sie neu ein.",
            ),
            Security::Linked => (
                "Eine Firmenanmeldung wurde verknüpft",
                "mit Ihrem Konto bei PLACE wurde die Anmeldung eines Unternehmens verknüpft: Wer sich dort als Sie anmeldet, \
                 kommt damit in den Arbeitsbereich dieses Unternehmens. Sie können sie in Ihrem Konto entfernen.",
            ),
            Security::PinSet => {
                ("Eine PIN wurde gesetzt", "für Ihr Konto bei PLACE wurde eine PIN zum Bestätigen gesetzt.")
            }
            Security::PinRemoved => (
                "Ihre PIN wurde entfernt",
                "von Ihrem Konto bei PLACE wurde die PIN zum Bestätigen entfernt.",
            ),
            Security::PinDisabled => (
                "Ihre PIN gilt nicht mehr",
                "für Ihr Konto bei PLACE wurde fünfmal eine falsche PIN eingegeben. Die PIN gilt nicht mehr; setzen Sie eine neue.",
            ),
            Security::ApprovalWaits => (
                "Änderungen warten auf Ihre Bestätigung",
                "Änderungen, die ein Programm bei PLACE in Ihrem Namen gemacht hat, sind noch nicht geschehen: Sie warten auf Ihre \
                 Bestätigung. Im Portal können Sie sie bestätigen oder verwerfen; was nicht rechtzeitig bestätigt ist, geschieht nicht.",
            ),
            Security::ApprovalAnswered => (
                "Ihre Anfrage wurde beantwortet",
                "jemand anders hat bei PLACE bestätigt oder abgelehnt, worum Sie gebeten haben, oder eine Bestätigung zurückgenommen. Unter \
                 „Wartet auf Sie“ im Portal sehen Sie, was daraus wurde: Manches, was bestätigt ist, geschieht erst, wenn Sie dort fortfahren.",
            ),
        },
    };
    let hello = match language {
        Language::English => format!("Hello {name},"),
        Language::German => format!("Guten Tag {name},"),
    };
    let waits = matches!(change, Security::ApprovalWaits | Security::ApprovalAnswered);
    let (warning, words) = match (language, waits) {
        (Language::English, false) => (
            "If it was not you, change your password at once, and tell whoever runs this server.",
            "Look at your account’s security",
        ),
        (Language::English, true) => (
            "If you did not ask for it, change your password at once, and tell whoever runs this server.",
            "Look at what waits",
        ),
        (Language::German, false) => (
            "Waren Sie es nicht, ändern Sie sofort Ihr Passwort, und sagen Sie es denen, die diesen Server betreiben.",
            "Sicherheit Ihres Kontos ansehen",
        ),
        (Language::German, true) => (
            "Haben Sie nicht darum gebeten, ändern Sie sofort Ihr Passwort, und sagen Sie es denen, die diesen Server betreiben.",
            "Ansehen, was wartet",
        ),
    };
    let parts = vec![
        Part::Text(hello),
        Part::Text(said.replace("PLACE", place)),
        Part::Text(warning.to_owned()),
        Part::Link(words.to_owned(), link.to_owned()),
    ];
    Letter { subject: subject.to_owned(), parts }
}
