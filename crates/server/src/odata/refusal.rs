//! Why a request is not answered with what it asked for, as OData says it (OData-JSON 4.01, section 21).

use axum::http::{
    HeaderName, StatusCode,
    header::{ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
};
use gridkeep_model::{
    data::ValueError,
    transaction::{Problem, Reason},
};
use gridkeep_odata::{
    Error, ErrorKind,
    json::{ErrorBody, ErrorDetail},
    project::SetSource,
};

use serde_json::json;

use super::answer::Answer;
use crate::{
    error::{ApiError, ChallengeView, ProblemDetails},
    language::Language,
};

/// A refusal.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request itself is wrong.
    Request(Error),
    /// The server's own reason.
    Server(ApiError),
    /// The resource does not take this method; these it takes.
    Method(&'static str),
    /// The entity is not what `If-Match` or `If-None-Match` expects.
    Precondition,
    /// A change without saying of which version.
    PreconditionRequired,
    /// What the delta token stands for is history no longer kept.
    Gone,
    /// Another request of the batch failed.
    Dependency,
    /// Reads of one moment, over all pages and requests of a batch, are not offered.
    Isolation,
    /// Credentials are needed.
    Credentials,
    /// The transaction was refused.
    Problems {
        /// Why.
        problems: Vec<Problem>,
        /// Columns and the properties they are: (table, column, property).
        names: Vec<(String, String, String)>,
    },
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error {
            // What a query may not be is found where it is answered, in words without any data.
            ApiError::InvalidRequest(words) => {
                Error::new(ErrorKind::Malformed, "INVALID_QUERY", words).into()
            }
            ApiError::NotOffered(what) => {
                Error::new(ErrorKind::Unsupported, "NOT_OFFERED", format!("{what}: not offered here")).into()
            }
            error => Self::Server(error),
        }
    }
}

impl Refusal {
    /// A refused transaction about this set.
    pub(super) fn problems(problems: Vec<Problem>, set: &SetSource) -> Self {
        let names = set
            .columns()
            .into_iter()
            .map(|(column, property)| (set.table.clone(), column.to_owned(), property));
        Self::Problems { problems, names: names.collect() }
    }

    /// An argument that a calculator does not accept.
    pub(super) fn argument(parameter: &str, reason: Reason) -> Self {
        let problem = Problem::new(0, Some(parameter), reason);
        Self::Problems { problems: vec![problem], names: Vec::new() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Request(error) => match error.kind {
                ErrorKind::Malformed | ErrorKind::TooLarge => StatusCode::BAD_REQUEST,
                ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
                ErrorKind::NotFound => StatusCode::NOT_FOUND,
                ErrorKind::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
                ErrorKind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            },
            Self::Server(error) => error.status(),
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Precondition | Self::Isolation => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::Gone => StatusCode::GONE,
            Self::Dependency => StatusCode::FAILED_DEPENDENCY,
            Self::Credentials => StatusCode::UNAUTHORIZED,
            Self::Problems { problems, .. } => status_of(problems),
        }
    }

    /// Notes what only the log may know: within a batch nobody else does.
    pub(super) fn log(&self) {
        if let Self::Server(error @ ApiError::Internal(cause)) = self {
            tracing::error!(error.code = error.code(), error.cause = %cause, "request of a batch failed");
        }
    }

    /// The answer in this language. What went on inside stays with the log.
    pub(super) fn answer(&self, language: Language) -> Answer {
        let words = |code: &'static str, english: &'static str, german: &'static str| ErrorBody {
            code: code.into(),
            message: if language == Language::German { german.into() } else { english.into() },
            ..ErrorBody::default()
        };
        let body = match self {
            Self::Request(error) => ErrorBody::from(error),
            Self::Server(error) => {
                let details = ProblemDetails::new(error, language);
                ErrorBody {
                    code: error.code().into(),
                    message: details.detail().to_owned().into(),
                    ..ErrorBody::default()
                }
            }
            Self::Method(_) => words(
                "methodNotAllowed",
                "This resource does not take this method; Allow says which it takes.",
                "Diese Ressource nimmt diese Methode nicht an; welche sie annimmt, steht in Allow.",
            ),
            Self::Precondition => words(
                "preconditionFailed",
                "The entity has changed since, or is not there. Read it again and repeat the change.",
                "Die Entität hat sich seither geändert oder ist nicht da. Lesen Sie sie neu und wiederholen Sie die Änderung.",
            ),
            Self::PreconditionRequired => words(
                "preconditionRequired",
                "A change must say which version it is based on: send If-Match with the entity's ETag, or with * for any.",
                "Eine Änderung muss sagen, auf welcher Fassung sie beruht: If-Match mit dem ETag der Entität senden, oder mit * für jede.",
            ),
            Self::Gone => words(
                "deltaTokenExpired",
                "Changes since then are no longer known one by one. Read the collection again.",
                "Die Änderungen seither sind nicht mehr einzeln bekannt. Lesen Sie die Sammlung neu.",
            ),
            Self::Dependency => words(
                "failedDependency",
                "Another request of the batch failed, so this one was not done.",
                "Eine andere Anfrage des Stapels ist gescheitert, darum wurde diese nicht ausgeführt.",
            ),
            Self::Isolation => words(
                "isolationNotOffered",
                "Snapshot isolation is not offered here. Send the request without the header Isolation.",
                "Eine Momentaufnahme (snapshot) wird hier nicht geboten. Senden Sie die Anfrage ohne Kopfzeile Isolation.",
            ),
            Self::Credentials => words(
                "credentialsRequired",
                "An API key of the app is needed, as bearer token, as password or as X-API-Key.",
                "Es wird ein API-Schlüssel der App gebraucht: als Bearer-Token, als Passwort oder als X-API-Key.",
            ),
            Self::Problems { problems, names } => refused(problems, names, language),
        };
        let mut json = body.to_json();
        if let Self::Server(
            ApiError::CheckpointRequired(challenge) | ApiError::CheckpointWaiting(challenge),
        ) = self
        {
            json = asked(&json, challenge);
        }
        let mut answer = Answer::new(self.status(), "application/json", json);
        let mut header = |name: HeaderName, value: &str| answer = answer.clone().with(name, value);
        match self {
            Self::Method(allowed) => header(ALLOW, allowed),
            Self::Request(error) if error.code == "CONTENT_ENCODING" => header(ACCEPT_ENCODING, "identity"),
            Self::Credentials | Self::Server(ApiError::WrongCredentials | ApiError::SignInRequired) => {
                header(WWW_AUTHENTICATE, "Basic realm=\"Gridkeep\", charset=\"UTF-8\"");
            }
            Self::Server(error) => {
                if let Some(challenge) = error.challenge() {
                    header(WWW_AUTHENTICATE, &challenge);
                }
                if let Some(seconds) = error.retry_after() {
                    header(RETRY_AFTER, &seconds.to_string());
                }
            }
            _ => {}
        }
        answer
    }
}

/// The challenge within the error: what each gate says as a detail, the whole for programs that know it.
fn asked(body: &[u8], challenge: &ChallengeView) -> Vec<u8> {
    let mut body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let details = challenge.gates.iter().map(|said| json!({"code": said.gate, "message": said.message}));
    body["error"]["details"] = details.collect();
    body["error"]["innererror"] = json!({"checkpoint": challenge});
    body.to_string().into_bytes()
}

fn status_of(problems: &[Problem]) -> StatusCode {
    let any = |wanted: fn(&Reason) -> bool| problems.iter().any(|problem| wanted(&problem.reason));
    if any(|reason| matches!(reason, Reason::Conflict { .. })) {
        StatusCode::PRECONDITION_FAILED
    } else if any(|reason| *reason == Reason::Forbidden) {
        StatusCode::FORBIDDEN
    } else if any(|reason| matches!(reason, Reason::NotFound | Reason::UnknownAction)) {
        StatusCode::NOT_FOUND
    } else if any(|reason| matches!(reason, Reason::Duplicate | Reason::IdTaken | Reason::NotNow { .. })) {
        StatusCode::CONFLICT
    } else {
        StatusCode::BAD_REQUEST
    }
}

/// Every problem as a detail; the first one speaks for all.
fn refused(
    problems: &[Problem],
    names: &[(String, String, String)],
    language: Language,
) -> ErrorBody<'static> {
    let target = |problem: &Problem| {
        let column = problem.column.as_deref()?;
        let known = names.iter().find(|(_, own, _)| own == column);
        Some(known.map_or_else(|| column.to_owned(), |(_, _, property)| property.clone()))
    };
    let mut details = problems.iter().map(|problem| {
        let (code, mut message) = words(&problem.reason, language);
        if let Some(step) = problem.within.as_ref().and_then(|within| within.step) {
            let word = if language == Language::German { "Schritt" } else { "Step" };
            message = format!("{word} {}: {message}", step + 1);
        }
        ErrorDetail { code: code.into(), message: message.into(), target: target(problem).map(Into::into) }
    });
    let first = details.next().unwrap_or_default();
    let rest: Vec<_> = details.collect();
    ErrorBody {
        code: first.code.clone(),
        message: first.message.clone(),
        target: first.target.clone(),
        details: if rest.is_empty() { Vec::new() } else { std::iter::once(first).chain(rest).collect() },
        ..ErrorBody::default()
    }
}

/// A reason as a code and in words.
fn words(reason: &Reason, language: Language) -> (&'static str, String) {
    let (code, english, german) = match reason {
        Reason::UnknownTable => {
            ("unknownTable", "There is no such table.".into(), "Diese Tabelle gibt es nicht.".into())
        }
        Reason::UnknownColumn => {
            ("unknownColumn", "There is no such property.".into(), "Diese Eigenschaft gibt es nicht.".into())
        }
        Reason::ReadOnly => {
            ("readOnly", "This property is calculated.".into(), "Diese Eigenschaft wird berechnet.".into())
        }
        Reason::Value { error: ValueError::WrongType } => {
            ("wrongType", "The value is of another type.".into(), "Der Wert ist von anderer Art.".into())
        }
        Reason::Value { error: ValueError::OutOfRange } => (
            "outOfRange",
            "The value is beyond what this property can hold.".into(),
            "Der Wert liegt außerhalb dessen, was diese Eigenschaft fasst.".into(),
        ),
        Reason::Value { error: ValueError::TooPrecise } => (
            "tooPrecise",
            "The value has more decimal places than this property keeps.".into(),
            "Der Wert hat mehr Nachkommastellen, als diese Eigenschaft behält.".into(),
        ),
        Reason::Required => ("required", "A value is required.".into(), "Ein Wert ist nötig.".into()),
        Reason::TooSmall { minimum } => (
            "tooSmall",
            format!("The smallest value accepted is {minimum}."),
            format!("Der kleinste zulässige Wert ist {minimum}."),
        ),
        Reason::TooLarge { maximum } => (
            "tooLarge",
            format!("The largest value accepted is {maximum}."),
            format!("Der größte zulässige Wert ist {maximum}."),
        ),
        Reason::TooLong { maximum } => (
            "tooLong",
            format!("At most {maximum} characters are accepted."),
            format!("Höchstens {maximum} Zeichen sind zulässig."),
        ),
        Reason::NotAChoice => (
            "notAChoice",
            "This is none of the values to choose from.".into(),
            "Das ist keiner der Werte, die zur Wahl stehen.".into(),
        ),
        Reason::Duplicate => (
            "duplicate",
            "Another entity has this key already.".into(),
            "Eine andere Entität hat diesen Schlüssel schon.".into(),
        ),
        Reason::NotFound => {
            ("notFound", "There is no such entity.".into(), "Diese Entität gibt es nicht.".into())
        }
        Reason::Conflict { .. } => (
            "conflict",
            "The entity has changed since.".into(),
            "Die Entität hat sich seither geändert.".into(),
        ),
        Reason::Forbidden => ("forbidden", "You may not do this.".into(), "Das dürfen Sie nicht.".into()),
        Reason::IdTaken => {
            ("idTaken", "The entity's id is taken.".into(), "Die Kennung der Entität ist vergeben.".into())
        }
        Reason::Calculation { error } => (
            "calculation",
            format!("A calculated value gave {error}."),
            format!("Ein berechneter Wert ergab {error}."),
        ),
        Reason::UnknownAction => {
            ("unknownAction", "There is no such action.".into(), "Diese Aktion gibt es nicht.".into())
        }
        Reason::UnknownParameter => (
            "unknownParameter",
            "The action has no such parameter.".into(),
            "Diesen Parameter hat die Aktion nicht.".into(),
        ),
        Reason::WrongRow => (
            "wrongRow",
            "The action is called on an entity of its set, or on none.".into(),
            "Die Aktion wird an einer Entität ihrer Menge aufgerufen, oder an keiner.".into(),
        ),
        Reason::NotNow { message: Some(message) } => ("notNow", message.clone(), message.clone()),
        Reason::NotNow { message: None } => (
            "notNow",
            "The condition for this action is not met.".into(),
            "Die Bedingung für diese Aktion ist nicht erfüllt.".into(),
        ),
        Reason::TooManyRows { maximum } => (
            "tooManyRows",
            format!("Actions of one transaction may change at most {maximum} rows."),
            format!("Aktionen einer Transaktion dürfen höchstens {maximum} Zeilen ändern."),
        ),
        Reason::TooManyToRead { table, maximum } => (
            "tooManyToRead",
            format!("Formulas read the table {table}, which has more than {maximum} rows."),
            format!("Formeln lesen die Tabelle {table}, die mehr als {maximum} Zeilen hat."),
        ),
    };
    (code, if language == Language::German { german } else { english })
}
