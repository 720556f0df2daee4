//! What people read when something did not work: what happened and what they can do, in English and German.

use super::ApiError;
use crate::language::Language;

/// Title and detail.
pub(super) fn of(error: &ApiError, language: Language) -> (&'static str, String) {
    match language {
        Language::English => english(error),
        Language::German => german(error),
    }
}

fn english(error: &ApiError) -> (&'static str, String) {
    let (title, detail) = match error {
        ApiError::NotFound => (
            "Not found",
            "There is nothing here, or it is not shared with you. Check the link or ask the maker.",
        ),
        ApiError::MethodNotAllowed => ("Not possible", "This address does not understand that request."),
        ApiError::SignInRequired => ("Please sign in", "Sign in to go on."),
        ApiError::Forbidden => {
            ("Not allowed", "You may see this but not change it. Ask the maker of the app.")
        }
        ApiError::WrongCredentials => ("Not signed in", "E-mail address or password is wrong."),
        ApiError::TooManyTries(seconds) => {
            return (
                "Too many tries",
                format!("Too many tries failed. Wait {} and try again.", minutes(*seconds)),
            );
        }
        ApiError::WorkRequired(_) => (
            "A moment more",
            "There were many tries lately. Your browser has to solve a puzzle first; reload the page if it does not by itself.",
        ),
        ApiError::WrongProof => {
            ("Not accepted", "That was not right, or it was used before. Try again with a new code.")
        }
        ApiError::StepOver => {
            ("Please sign in again", "This took too long or too many tries. Sign in again.")
        }
        ApiError::ProofRequired => {
            ("Is it you?", "Confirm who you are with your password or a passkey to change this.")
        }
        ApiError::NewPasswordNeeded => (
            "Set a new password",
            "Your password is too short without a second factor. Set a longer one by mail: use “Forgot your password?”.",
        ),
        ApiError::LongerPasswordFirst => (
            "Change your password first",
            "Without a second factor your password is too short. Choose one of at least 15 characters first.",
        ),
        ApiError::TooManyFactors(limit) => {
            return (
                "Too many",
                format!("You can have at most {limit} passkeys and apps. Remove one you no longer need."),
            );
        }
        ApiError::InvalidFactorName => ("Name missing", "Enter a name of 1 to 60 characters."),
        ApiError::EmailTaken => {
            ("Address in use", "There is an account with this e-mail address already. Sign in instead.")
        }
        ApiError::SignUpClosed => {
            ("Sign-up is closed", "New accounts are not accepted here. Ask your administrator to invite you.")
        }
        ApiError::ConfirmFirst => (
            "Confirm your address first",
            "Others can be invited once your own address is confirmed. Open the link in the mail that went there.",
        ),
        ApiError::LinkOver => (
            "Link no longer works",
            "This link was used, replaced by a newer one, or is too old. Ask for a new one.",
        ),
        ApiError::InvalidEmail => {
            ("Not an e-mail address", "Enter an e-mail address such as name@example.com.")
        }
        ApiError::InvalidName => ("Name missing", "Enter a name of 1 to 100 characters."),
        ApiError::PasswordTooShort(minimum) => {
            return (
                "Password too short",
                format!("Use at least {minimum} characters. A few words in a row are easy to remember."),
            );
        }
        ApiError::PasswordTooLong(maximum) => {
            return ("Password too long", format!("Use at most {maximum} characters."));
        }
        ApiError::PasswordOfContext => (
            "Password too easy",
            "Little but your name, your address or common words is in this password. Use other words.",
        ),
        ApiError::PasswordTooEasy => (
            "Password too easy",
            "This password is on lists that guessers use. Take four or five words that do not belong together.",
        ),
        ApiError::ForeignRequest => (
            "Request refused",
            "This request did not come from Gridkeep's own pages. Open Gridkeep and try again.",
        ),
        ApiError::InvalidRequest(_) => ("Not understood", "The request is not complete or not well formed."),
        ApiError::NotOffered(_) => ("Not offered", "This is not offered here."),
        ApiError::UnsupportedMediaType => ("Not understood", "The request must be sent as JSON."),
        ApiError::TooLarge(limit) => {
            return ("Too large", format!("At most {} can be sent here.", size(*limit, ".")));
        }
        ApiError::NotAPicture => (
            "Not a picture",
            "Only pictures can be sent here: JPEG, PNG, WebP, GIF, AVIF or HEIC. Choose another file.",
        ),
        ApiError::FilesFull(limit) => {
            let limit = size(usize::try_from(*limit).unwrap_or(usize::MAX), ".");
            return (
                "No room left",
                format!(
                    "All photos and files together may have {limit}. What is removed makes room a day later."
                ),
            );
        }
        ApiError::EmptyFile => ("Empty file", "The file has no content. Choose another one."),
        ApiError::UnreadableWorkbook(unreadable) => {
            return ("File not readable", unreadable.english.clone());
        }
        ApiError::AnalysisTimedOut => (
            "Takes too long",
            "Reading and calculating this workbook took too long. Remove sheets the app does not need and try again.",
        ),
        ApiError::AnalysisFailed => (
            "File not readable",
            "This workbook could not be read. Save it anew in your spreadsheet program and try again.",
        ),
        ApiError::UploadsFull => {
            ("No room right now", "Too many workbooks are being worked on. Try again in a minute.")
        }
        ApiError::InvalidDefinition(_) => (
            "App not complete",
            "The app does not fit its workbook in the places listed. Correct them and try again.",
        ),
        ApiError::InvalidQuery(_) => {
            ("Not understood", "The list asks for a column or value the table does not have.")
        }
        ApiError::TooManyOperations(limit) => {
            return ("Too many changes", format!("At most {limit} rows can be changed at once."));
        }
        ApiError::TransactionReused => (
            "Sent twice",
            "A change with this number was received before with other content. Nothing was changed.",
        ),
        ApiError::TooManyPeople(limit) => {
            return ("Too many people", format!("At most {limit} people can be named for one app."));
        }
        ApiError::TooManyKeys(limit) => {
            return (
                "Too many API keys",
                format!("You can have at most {limit} keys for one app. Revoke one you no longer need."),
            );
        }
        ApiError::NameTaken => ("Name in use", "Something else has this name already. Choose another."),
        ApiError::NoAccount => (
            "No account with this address",
            "Nobody has made an account and confirmed this address yet. Ask them to, then add them.",
        ),
        ApiError::LastOwner => {
            ("The only owner", "A workspace keeps an owner. Make somebody else an owner first.")
        }
        ApiError::TooManyTenants(most) => {
            return ("Too many workspaces", format!("One person owns at most {most} workspaces."));
        }
        ApiError::PublishedMeanwhile => (
            "Changed meanwhile",
            "The app was published or deleted meanwhile. Open it again and repeat your change.",
        ),
        ApiError::RowsNotPublishable(_) => (
            "Rows not publishable",
            "The rows of this table could not be taken over. Look at the place named.",
        ),
        ApiError::Overloaded => ("Very busy", "The server is busy. Try again in a moment."),
        ApiError::TimedOut => ("Takes too long", "The answer took too long. Try again in a moment."),
        ApiError::Internal(_) => {
            ("Something went wrong", "That is our fault, not yours. Nothing was changed; try again.")
        }
    };
    (title, detail.to_owned())
}

fn german(error: &ApiError) -> (&'static str, String) {
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
        ApiError::TooManyTries(seconds) => {
            return (
                "Zu viele Versuche",
                format!("Zu viele Versuche sind fehlgeschlagen. Warten Sie {}.", german_minutes(*seconds)),
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
        ApiError::ProofRequired => (
            "Sind Sie es?",
            "Bestätigen Sie mit Ihrem Passwort oder einem Passkey, wer Sie sind, um das zu ändern.",
        ),
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
        ApiError::NameTaken => {
            ("Name vergeben", "Etwas anderes heißt schon so. Wählen Sie einen anderen Namen.")
        }
        ApiError::NoAccount => (
            "Kein Konto mit dieser Adresse",
            "Noch hat niemand ein Konto angelegt und diese Adresse bestätigt. Bitten Sie darum, dann fügen Sie die Person hinzu.",
        ),
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

fn minutes(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn german_minutes(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} Sekunden"),
        _ => format!("{} Minuten", seconds.div_ceil(60)),
    }
}

/// Bytes as people write them, `2.5 MB`, with the language's decimal mark.
fn size(bytes: usize, mark: &str) -> String {
    let (unit, divisor) = if bytes < 1024 * 1024 { ("kB", 1024) } else { ("MB", 1024 * 1024) };
    let tenths = bytes * 10 / divisor;
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        tenth => format!("{}{mark}{tenth} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_waits_read_well() {
        assert_eq!(size(25 * 1024 * 1024, "."), "25 MB");
        assert_eq!(size(1_600_000, ","), "1,5 MB");
        assert_eq!(size(64 * 1024, "."), "64 kB");
        assert_eq!(minutes(30), "30 seconds");
        assert_eq!(german_minutes(3600), "60 Minuten");
    }
}
