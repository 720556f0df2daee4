//! What people read when something did not work: what happened and what they can do, in English and German.

use gridkeep_store::FactorPolicy;

use super::{ApiError, Unmeetable, german::german, saml};
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
        ApiError::InvalidToken(_) => {
            ("Not signed in", "The program's access has ended or is not for this place. Let it in once more.")
        }
        ApiError::InsufficientScope => {
            ("Not allowed", "You have let this program read, and not change anything.")
        }
        ApiError::UnknownProgram => (
            "Program not known",
            "A program asked to be let in that is not registered here, or wants the answer elsewhere. Do not go on; ask whoever runs this server.",
        ),
        ApiError::TooManyPrograms(limit) => {
            return (
                "Too many programs",
                format!("At most {limit} programs can be registered. Remove one first."),
            );
        }
        ApiError::InvalidRedirect => (
            "Address not allowed",
            "Answers may go to https addresses, to http://127.0.0.1 or http://[::1], or to a scheme of the program's own such as com.example.app:/.",
        ),
        ApiError::BadMetadata(why) => ("Metadata not accepted", saml::english(*why)),
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
        ApiError::FactorRequired(FactorPolicy::Passkey) => (
            "A passkey is needed",
            "Add a passkey to your account. If you have one already, sign in again with it.",
        ),
        ApiError::FactorRequired(_) => {
            ("Second factor needed", "Set it up in your account, or sign in with it.")
        }
        ApiError::ProofRequired => {
            ("Is it you?", "Confirm who you are with your password or a passkey to change this.")
        }
        ApiError::OwnProofRequired => (
            "Not through your company",
            "You came through your company. What belongs to your account itself is changed after signing in with its own password or passkey.",
        ),
        ApiError::CheckpointRequired(_) => (
            "Confirm that it is you",
            "This is done only after you have approved this very content. Until then nothing has happened.",
        ),
        ApiError::CheckpointWaiting(_) => (
            "Waits for your approval",
            "It came without you and has not been done yet. Approve it in the portal under “Waiting for you”.",
        ),
        ApiError::CheckpointForbidden => (
            "Only in person",
            "Somebody who is signed in must approve this. Do it yourself in the portal or the app.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::ByYou) => (
            "You could not change it again",
            "The checkpoint CHECKPOINT_CONFIG would take none of the ways in which you can confirm. Choose one that you have, so that checkpoints can be changed later.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::ByNobody) => (
            "Nobody could change checkpoints any more",
            "No administrator would be left who can confirm in a way that the checkpoint CHECKPOINT_CONFIG takes. First another administrator sets up such a way in their account, or the checkpoint takes another one.",
        ),
        ApiError::CheckpointUnmeetable(Unmeetable::Alone) => (
            "Nobody could approve it for you",
            "With four eyes another administrator approves changes of checkpoints, and no two would be left who can sign in. Make somebody an administrator first, or let them in another way.",
        ),
        ApiError::CheckpointImpossible(gates) => {
            return (
                "Nobody can approve this",
                format!(
                    "The security checkpoints {gates} ask for ways of confirming that have nothing in common. Ask an administrator of the workspace to change them."
                ),
            );
        }
        ApiError::TooManyWaiting => (
            "Too much waits already",
            "Too many of your changes wait for approval. Approve or discard some first.",
        ),
        ApiError::TooManyChallenges => (
            "Too many unanswered",
            "Too many changes were begun within an hour and not approved. Wait some minutes, then repeat this one.",
        ),
        ApiError::CheckpointOver => (
            "No longer open",
            "This approval has expired, was used already or was cancelled. Repeat your change.",
        ),
        ApiError::CheckpointDenied(left) => {
            return (
                "Not accepted",
                match left {
                    0 => "That was not right, and there are no more tries for this. Repeat your change."
                        .to_owned(),
                    1 => "That was not right. You have one try left.".to_owned(),
                    left => format!("That was not right. You have {left} tries left."),
                },
            );
        }
        ApiError::WrongUsername => {
            ("Another user name", "This is not the name you are signed in with: your e-mail address.")
        }
        ApiError::PinDisabled => (
            "PIN disabled",
            "After five wrong tries your PIN no longer holds. Set a new one under “Security”, or approve in another way.",
        ),
        ApiError::PinTooEasy => {
            ("PIN too easy", "Use at least six digits, no sequence, no repetition and no date.")
        }
        ApiError::UnknownParameter(name) => {
            return (
                "Value not available",
                format!(
                    "&{name} is not there wherever this gate is named. Change the message, or leave it inactive."
                ),
            );
        }
        ApiError::Company(refusal) => refusal.english(),
        ApiError::SentTooOften(limit) => {
            return (
                "Sent too often",
                format!(
                    "An event is sent again at most {limit} times. The row of the log it is about stays."
                ),
            );
        }
        ApiError::TooManyHandlers(limit) => {
            return (
                "Too many handlers",
                format!("A workspace has at most {limit} handlers of events. Remove one first."),
            );
        }
        ApiError::TooManyProviders(limit) => {
            return (
                "Too many providers",
                format!("A workspace has at most {limit} identity providers. Remove one first."),
            );
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
        ApiError::NotImportable(why) => return why.words(Language::English),
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
        ApiError::GroupOfDirectory => (
            "Managed by your company",
            "This group comes from your company's directory. Change it there; what it may do is still yours to say.",
        ),
        ApiError::NameTaken => ("Name in use", "Something else has this name already. Choose another."),
        ApiError::AlreadyMember => (
            "Belongs already",
            "Whoever has this address belongs to this workspace. Change them under People.",
        ),
        ApiError::TwinAddress => (
            "Looks like another address",
            "This address cannot be told from one that belongs to this workspace or is invited. Type it letter by letter.",
        ),
        ApiError::ForeignDomain => {
            ("Not for this address", "This link is for addresses of other domains. Use your address there.")
        }
        ApiError::TooManyLinks(most) => {
            return ("Too many links", format!("At most {most} links can be open. Take one back first."));
        }
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
        ApiError::Crowded(seconds) => {
            return (
                "Many people sign in",
                format!("Many people are signing in right now. It will be your turn in about {seconds} s."),
            );
        }
        ApiError::Overloaded => ("Very busy", "The server is busy. Try again in a moment."),
        ApiError::TimedOut => ("Takes too long", "The answer took too long. Try again in a moment."),
        ApiError::Internal(_) => {
            ("Something went wrong", "That is our fault, not yours. Nothing was changed; try again.")
        }
    };
    (title, detail.to_owned())
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Bytes as people write them, `2.5 MB`, with the language's decimal mark.
pub(super) fn size(bytes: usize, mark: &str) -> String {
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
        assert_eq!(crate::error::german::minutes(3600), "60 Minuten");
    }
}
