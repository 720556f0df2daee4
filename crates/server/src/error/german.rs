//! The same as in [`super::words`], in German.

use gridkeep_store::FactorPolicy;

use super::{ApiError, Unmeetable, words::size};
use crate::language::Language;

/// Title and detail.
pub(super) fn german(error: &ApiError) -> (&'static str, String) {
    let (title, detail) = match error {
        ApiError::NotFound => (
            "Nicht gefunden",
            "Hier ist nichts, oder es ist nicht mit Ihnen geteilt. Prüfen Sie den Link oder fragen Sie, wer die App gemacht hat.",
        ),
        ApiError::MethodNotAllowed => ("Nicht möglich", "Diese Adresse versteht diese Anfrage nicht."),
        ApiError::SignInRequired => ("Bitte anmelden", "Melden Sie sich an, um fortzufahren."),
        ApiError::Forbidden => {
            ("Nicht erlaubt", "Sie dürfen das sehen, aber nicht ändern. Fragen Sie, wer die App gemacht hat.")
        }
        ApiError::WrongCredentials => ("Nicht angemeldet", "E-Mail-Adresse oder Passwort ist falsch."),
        ApiError::InvalidToken(_) => (
            "Nicht angemeldet",
            "Der Zugang des Programms ist beendet oder gilt hier nicht. Lassen Sie es noch einmal zu.",
        ),
        ApiError::InsufficientScope => {
            ("Nicht erlaubt", "Sie haben diesem Programm erlaubt zu lesen, nicht zu ändern.")
        }
        ApiError::UnknownProgram => (
            "Programm nicht bekannt",
            "Ein Programm möchte zugelassen werden, das hier nicht eingetragen ist, oder das die Antwort anderswohin möchte. Fahren Sie nicht fort, und fragen Sie, wer diesen Server betreibt.",
        ),
        ApiError::TooManyPrograms(limit) => {
            return (
                "Zu viele Programme",
                format!("Höchstens {limit} Programme können eingetragen werden. Entfernen Sie zuerst eines."),
            );
        }
        ApiError::InvalidRedirect => (
            "Adresse nicht erlaubt",
            "Antworten dürfen an https-Adressen gehen, an http://127.0.0.1 oder http://[::1] oder an ein eigenes Schema des Programms wie com.example.app:/.",
        ),
        ApiError::BadMetadata(why) => ("Metadaten nicht angenommen", super::saml::german(*why)),
        ApiError::TooManyTries(seconds) => {
            return (
                "Zu viele Versuche",
                format!("Zu viele Versuche sind fehlgeschlagen. Warten Sie {}.", minutes(*seconds)),
            );
        }
        ApiError::WorkRequired(_) => (
            "Einen Moment noch",
            "Es gab zuletzt viele Versuche. Ihr Browser muss erst eine Rechenaufgabe lösen; laden Sie die Seite neu, wenn er es nicht von selbst tut.",
        ),
        ApiError::WrongProof => (
            "Nicht angenommen",
            "Das war nicht richtig oder wurde schon verwendet. Versuchen Sie es mit einem neuen Code.",
        ),
        ApiError::StepOver => (
            "Bitte neu anmelden",
            "Das dauerte zu lange oder brauchte zu viele Versuche. Melden Sie sich neu an.",
        ),
        ApiError::FactorRequired(FactorPolicy::Passkey) => (
            "Ein Passkey ist nötig",
            "Fügen Sie Ihrem Konto einen Passkey hinzu. Haben Sie schon einen, melden Sie sich damit neu an.",
        ),
        ApiError::FactorRequired(_) => {
            ("Zweiter Faktor nötig", "Richten Sie ihn ein, oder melden Sie sich damit an.")
        }
        ApiError::ProofRequired => (
            "Sind Sie es?",
            "Bestätigen Sie mit Ihrem Passwort oder einem Passkey, wer Sie sind, um das zu ändern.",
        ),
        ApiError::OwnProofRequired => (
            "Nicht über die Firma",
            "Sie sind über Ihre Firma angemeldet. Was zu Ihrem Konto selbst gehört, ändern Sie nach einer Anmeldung mit dessen eigenem Passwort oder Passkey.",
        ),
        ApiError::CheckpointRequired(_) => (
            "Bestätigen Sie, dass Sie es sind",
            "Das geht erst, nachdem Sie genau diesen Inhalt bestätigt haben. Bis dahin ist nichts geschehen.",
        ),
        ApiError::CheckpointWaiting(_) => (
            "Wartet auf Ihre Bestätigung",
            "Das kam ohne Sie und ist noch nicht geschehen. Bestätigen Sie es im Portal unter „Wartet auf Sie“.",
        ),
        ApiError::CheckpointForbidden => (
            "Nur persönlich",
            "Das muss jemand bestätigen, der angemeldet ist. Tun Sie es selbst im Portal oder in der App.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::ByYou) => (
            "Sie könnten das nicht mehr ändern",
            "Die Prüfung CHECKPOINT_CONFIG nähme keinen der Nachweise an, die Sie haben. Wählen Sie einen davon, damit Prüfungen später geändert werden können.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::ByNobody) => (
            "Niemand könnte Prüfungen mehr ändern",
            "Niemand in der Verwaltung bliebe, der so bestätigen kann, wie die Prüfung CHECKPOINT_CONFIG es verlangt. Zuerst richtet jemand anders in der Verwaltung einen solchen Nachweis im eigenen Konto ein, oder die Prüfung nimmt einen anderen an.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::Alone) => (
            "Niemand könnte es für Sie bestätigen",
            "Nach dem Vier-Augen-Prinzip bestätigt eine zweite Administratorin oder ein zweiter Administrator Änderungen der Prüfungen, und es blieben keine zwei, die sich anmelden können. Benennen Sie zuerst jemanden, oder sorgen Sie für einen anderen Zugang.",
        ),
        ApiError::CheckpointImpossible(gates) => {
            return (
                "Niemand kann das bestätigen",
                format!(
                    "Die Sicherheitsprüfungen {gates} verlangen Nachweise, die nichts gemeinsam haben. Bitten Sie die Administratoren des Arbeitsbereichs, sie zu ändern."
                ),
            );
        }
        ApiError::TooManyWaiting => (
            "Zu viel wartet schon",
            "Zu viele Ihrer Änderungen warten auf Bestätigung. Bestätigen oder verwerfen Sie zuerst einige.",
        ),
        ApiError::TooManyChallenges => (
            "Zu viele unbeantwortet",
            "Zu viele Änderungen wurden innerhalb einer Stunde begonnen und nicht bestätigt. Warten Sie einige Minuten und wiederholen Sie diese.",
        ),
        ApiError::CheckpointOver => (
            "Nicht mehr offen",
            "Diese Bestätigung ist abgelaufen, schon verwendet oder abgebrochen. Wiederholen Sie Ihre Änderung.",
        ),
        ApiError::CheckpointDenied(left) => {
            return (
                "Nicht angenommen",
                match left {
                    0 => "Das war nicht richtig, und weitere Versuche gibt es hierfür nicht. Wiederholen Sie Ihre Änderung.".to_owned(),
                    1 => "Das war nicht richtig. Sie haben noch einen Versuch.".to_owned(),
                    left => format!("Das war nicht richtig. Sie haben noch {left} Versuche."),
                },
            );
        }
        ApiError::WrongUsername => (
            "Anderer Benutzername",
            "Das ist nicht der Name, unter dem Sie angemeldet sind: Ihre E-Mail-Adresse.",
        ),
        ApiError::PinDisabled => (
            "PIN gesperrt",
            "Nach fünf falschen Versuchen gilt Ihre PIN nicht mehr. Setzen Sie unter „Sicherheit“ eine neue, oder bestätigen Sie anders.",
        ),
        ApiError::PinTooEasy => (
            "PIN zu einfach",
            "Nehmen Sie mindestens sechs Ziffern, keine Reihe, keine Wiederholung und kein Datum.",
        ),
        ApiError::UnknownParameter(name) => {
            return (
                "Wert nicht verfügbar",
                format!(
                    "&{name} gibt es nicht überall, wo dieses Gate genannt ist. Ändern Sie die Meldung, oder lassen Sie es inaktiv."
                ),
            );
        }
        ApiError::Company(refusal) => refusal.german(),
        ApiError::SentTooOften(limit) => {
            return (
                "Zu oft gesendet",
                format!(
                    "Ein Ereignis wird höchstens {limit}-mal erneut gesendet. Seine Zeile im Protokoll bleibt."
                ),
            );
        }
        ApiError::TooManyHandlers(limit) => {
            return (
                "Zu viele Empfänger",
                format!(
                    "Ein Arbeitsbereich hat höchstens {limit} Empfänger von Ereignissen. Entfernen Sie zuerst einen."
                ),
            );
        }
        ApiError::TooManyProviders(limit) => {
            return (
                "Zu viele Anbieter",
                format!(
                    "Ein Arbeitsbereich hat höchstens {limit} Identitätsanbieter. Entfernen Sie zuerst einen."
                ),
            );
        }
        ApiError::NewPasswordNeeded => (
            "Setzen Sie ein neues Passwort",
            "Ohne zweiten Faktor ist Ihr Passwort zu kurz. Setzen Sie per Mail ein längeres: „Passwort vergessen?“.",
        ),
        ApiError::LongerPasswordFirst => (
            "Ändern Sie zuerst Ihr Passwort",
            "Ohne zweiten Faktor ist Ihr Passwort zu kurz. Wählen Sie zuerst eines mit mindestens 15 Zeichen.",
        ),
        ApiError::TooManyFactors(limit) => {
            return (
                "Zu viele",
                format!(
                    "Möglich sind höchstens {limit} Passkeys und Apps. Entfernen Sie, was Sie nicht mehr brauchen."
                ),
            );
        }
        ApiError::InvalidFactorName => ("Name fehlt", "Geben Sie einen Namen mit 1 bis 60 Zeichen ein."),
        ApiError::EmailTaken => (
            "Adresse vergeben",
            "Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich damit an.",
        ),
        ApiError::SignUpClosed => (
            "Keine neuen Konten",
            "Hier werden keine neuen Konten angenommen. Bitten Sie die Verwaltung um eine Einladung.",
        ),
        ApiError::ConfirmFirst => (
            "Bestätigen Sie zuerst Ihre Adresse",
            "Andere können Sie einladen, sobald Ihre eigene Adresse bestätigt ist. Öffnen Sie den Link in der Mail, die dorthin ging.",
        ),
        ApiError::LinkOver => (
            "Link gilt nicht mehr",
            "Dieser Link wurde verwendet, durch einen neueren ersetzt oder ist zu alt. Fordern Sie einen neuen an.",
        ),
        ApiError::InvalidEmail => {
            ("Keine E-Mail-Adresse", "Geben Sie eine E-Mail-Adresse wie name@example.com ein.")
        }
        ApiError::InvalidName => ("Name fehlt", "Geben Sie einen Namen mit 1 bis 100 Zeichen ein."),
        ApiError::PasswordTooShort(minimum) => {
            return (
                "Passwort zu kurz",
                format!(
                    "Nehmen Sie mindestens {minimum} Zeichen. Einige Wörter hintereinander merken sich leicht."
                ),
            );
        }
        ApiError::PasswordTooLong(maximum) => {
            return ("Passwort zu lang", format!("Nehmen Sie höchstens {maximum} Zeichen."));
        }
        ApiError::PasswordOfContext => (
            "Passwort zu einfach",
            "Dieses Passwort besteht fast nur aus Ihrem Namen, Ihrer Adresse oder gängigen Wörtern. Nehmen Sie andere Wörter.",
        ),
        ApiError::PasswordTooEasy => (
            "Passwort zu einfach",
            "Dieses Passwort steht auf Listen, mit denen geraten wird. Nehmen Sie vier oder fünf Wörter, die nicht zusammengehören.",
        ),
        ApiError::ForeignRequest => (
            "Anfrage abgelehnt",
            "Diese Anfrage kam nicht von Gridkeeps eigenen Seiten. Öffnen Sie Gridkeep und versuchen Sie es erneut.",
        ),
        ApiError::InvalidRequest(_) => {
            ("Nicht verstanden", "Die Anfrage ist unvollständig oder nicht wohlgeformt.")
        }
        ApiError::NotOffered(_) => ("Nicht geboten", "Das wird hier nicht geboten."),
        ApiError::UnsupportedMediaType => ("Nicht verstanden", "Die Anfrage muss als JSON gesendet werden."),
        ApiError::TooLarge(limit) => {
            return ("Zu groß", format!("Hierher können höchstens {} gesendet werden.", size(*limit, ",")));
        }
        ApiError::NotAPicture => (
            "Kein Bild",
            "Hierher können nur Bilder gesendet werden: JPEG, PNG, WebP, GIF, AVIF oder HEIC. Wählen Sie eine andere Datei.",
        ),
        ApiError::FilesFull(limit) => {
            let limit = size(usize::try_from(*limit).unwrap_or(usize::MAX), ",");
            return (
                "Kein Platz mehr",
                format!(
                    "Alle Fotos und Dateien zusammen dürfen {limit} haben. Entferntes macht einen Tag später Platz."
                ),
            );
        }
        ApiError::EmptyFile => ("Leere Datei", "Die Datei hat keinen Inhalt. Wählen Sie eine andere."),
        ApiError::UnreadableWorkbook(unreadable) => {
            return ("Datei nicht lesbar", unreadable.german.clone());
        }
        ApiError::AnalysisTimedOut => (
            "Dauert zu lange",
            "Das Lesen und Rechnen dieser Arbeitsmappe dauerte zu lange. Entfernen Sie Blätter, die die App nicht braucht, und versuchen Sie es erneut.",
        ),
        ApiError::AnalysisFailed => (
            "Datei nicht lesbar",
            "Diese Arbeitsmappe konnte nicht gelesen werden. Speichern Sie sie in Ihrer Tabellenkalkulation neu und versuchen Sie es erneut.",
        ),
        ApiError::UploadsFull => (
            "Gerade kein Platz",
            "Zu viele Arbeitsmappen sind in Arbeit. Versuchen Sie es in einer Minute erneut.",
        ),
        ApiError::InvalidDefinition(_) => (
            "App nicht vollständig",
            "Die App passt an den genannten Stellen nicht zu ihrer Arbeitsmappe. Berichtigen Sie sie und versuchen Sie es erneut.",
        ),
        ApiError::InvalidQuery(_) => {
            ("Nicht verstanden", "Die Liste verlangt eine Spalte oder einen Wert, den die Tabelle nicht hat.")
        }
        ApiError::TooManyOperations(limit) => {
            return (
                "Zu viele Änderungen",
                format!("Höchstens {limit} Zeilen können auf einmal geändert werden."),
            );
        }
        ApiError::NotImportable(why) => return why.words(Language::German),
        ApiError::TransactionReused => (
            "Zweimal gesendet",
            "Eine Änderung mit dieser Nummer kam schon mit anderem Inhalt an. Nichts wurde geändert.",
        ),
        ApiError::TooManyPeople(limit) => {
            return (
                "Zu viele Personen",
                format!("Für eine App können höchstens {limit} Personen genannt werden."),
            );
        }
        ApiError::TooManyKeys(limit) => {
            return (
                "Zu viele API-Schlüssel",
                format!(
                    "Für eine App sind höchstens {limit} eigene Schlüssel möglich. Widerrufen Sie einen nicht mehr benötigten."
                ),
            );
        }
        ApiError::GroupOfDirectory => (
            "Von Ihrer Firma verwaltet",
            "Diese Gruppe kommt aus dem Verzeichnis Ihrer Firma. Ändern Sie sie dort; was sie darf, bestimmen weiterhin Sie.",
        ),
        ApiError::NameTaken => {
            ("Name vergeben", "Etwas anderes heißt schon so. Wählen Sie einen anderen Namen.")
        }
        ApiError::AlreadyMember => (
            "Gehört schon dazu",
            "Wer diese Adresse hat, gehört zu diesem Arbeitsbereich. Ändern Sie die Person unter „Personen“.",
        ),
        ApiError::TwinAddress => (
            "Sieht aus wie eine andere Adresse",
            "Diese Adresse ist von einer, die zu diesem Arbeitsbereich gehört oder eingeladen ist, nicht zu unterscheiden. Tippen Sie sie Buchstabe für Buchstabe.",
        ),
        ApiError::ForeignDomain => (
            "Nicht für diese Adresse",
            "Dieser Link gilt für Adressen anderer Domänen. Nehmen Sie Ihre Adresse dort.",
        ),
        ApiError::TooManyLinks(most) => {
            return (
                "Zu viele Links",
                format!("Höchstens {most} Links können offen sein. Ziehen Sie zuerst einen zurück."),
            );
        }
        ApiError::LastOwner => (
            "Der einzige Inhaber",
            "Ein Arbeitsbereich behält einen Inhaber. Machen Sie zuerst jemand anderen dazu.",
        ),
        ApiError::TooManyTenants(most) => {
            return (
                "Zu viele Arbeitsbereiche",
                format!("Einer Person gehören höchstens {most} Arbeitsbereiche."),
            );
        }
        ApiError::PublishedMeanwhile => (
            "Inzwischen geändert",
            "Die App wurde inzwischen veröffentlicht oder gelöscht. Öffnen Sie sie neu und wiederholen Sie Ihre Änderung.",
        ),
        ApiError::RowsNotPublishable(_) => (
            "Zeilen nicht übernehmbar",
            "Die Zeilen dieser Tabelle konnten nicht übernommen werden. Sehen Sie an der genannten Stelle nach.",
        ),
        ApiError::Crowded(seconds) => {
            return (
                "Viele melden sich an",
                format!("Gerade melden sich viele Menschen an. Sie sind in etwa {seconds} s an der Reihe."),
            );
        }
        ApiError::Overloaded => {
            ("Sehr beschäftigt", "Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.")
        }
        ApiError::TimedOut => {
            ("Dauert zu lange", "Die Antwort dauerte zu lange. Versuchen Sie es gleich noch einmal.")
        }
        ApiError::Internal(_) => (
            "Etwas ging schief",
            "Das liegt an uns, nicht an Ihnen. Nichts wurde geändert; versuchen Sie es erneut.",
        ),
    };
    (title, detail.to_owned())
}

pub(super) fn minutes(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} Sekunden"),
        _ => format!("{} Minuten", seconds.div_ceil(60)),
    }
}
