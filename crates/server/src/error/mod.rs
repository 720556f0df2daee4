//! What an endpoint answers instead of its result: one error type for the whole server.
//!
//! **Architecture Invariant:** an [`ApiError`] tells a person what to do and a program which code it was, and never what
//! went on inside. Absent and forbidden look alike. The outermost layer ([`crate::http::boundary`]) turns it into
//! `application/problem+json` (RFC 9457) in the person's language and logs it, once.

mod checkpoint;
mod company;
mod german;
mod headers;
mod identity;
mod import;
mod problem;
mod saml;
mod store;
mod told;
mod words;

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use gridkeep_identity::{saml::BadProvider, work::Puzzle};
use gridkeep_store::FactorPolicy;
use gridkeep_workbook::DefinitionProblem;

pub use checkpoint::{AnswerView, ChallengeView, GateMessage, RequestView, Unmeetable};
pub use company::CompanyRefusal;
pub use import::NotImportable;
pub use problem::ProblemDetails;
pub(crate) use problem::PuzzleView;
pub use told::Words;

/// Why a request was not answered with its result.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It does not exist, or not for this person.
    #[error("not found")]
    NotFound,
    /// The path is known, the method is not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Somebody must sign in first.
    #[error("sign-in required")]
    SignInRequired,
    /// The person may see it but not do this.
    #[error("forbidden")]
    Forbidden,
    /// Unknown account or wrong password; deliberately not told apart.
    #[error("wrong credentials")]
    WrongCredentials,
    /// An access token, or the proof that goes with it, that is no good; deliberately not told why.
    #[error("invalid token")]
    InvalidToken(Challenge),
    /// A program was allowed less than it asks for.
    #[error("insufficient scope")]
    InsufficientScope,
    /// A program that nobody knows asks to be let in, or one whose answer would go elsewhere.
    #[error("unknown program")]
    UnknownProgram,
    /// As many programs are registered as can be.
    #[error("too many programs")]
    TooManyPrograms(usize),
    /// An address that no program's answer may go to.
    #[error("invalid redirect address")]
    InvalidRedirect,
    /// Metadata of a SAML provider that is of no use.
    #[error("bad metadata: {0}")]
    BadMetadata(BadProvider),
    /// Too many failed tries; seconds to wait.
    #[error("too many tries")]
    TooManyTries(u64),
    /// It happened too often to be let happen without a puzzle's solution.
    #[error("work required")]
    WorkRequired(Box<Puzzle>),
    /// A code, recovery code or passkey that is not right.
    #[error("wrong proof")]
    WrongProof,
    /// No second step is waited for, or no longer.
    #[error("step over")]
    StepOver,
    /// The tenant asks for a second factor that was not shown.
    #[error("second factor required")]
    FactorRequired(FactorPolicy),
    /// Somebody is to prove anew who they are.
    #[error("proof required")]
    ProofRequired,
    /// A gate's message shows what is not there; which parameter.
    #[error("unknown parameter")]
    UnknownParameter(String),
    /// Gates could be changed by nobody any more.
    #[error("nobody could meet the gate of gates")]
    CheckpointUnmeetable(Unmeetable),
    /// Whoever does this proves first that they are there, for this very content.
    #[error("security checkpoint required")]
    CheckpointRequired(Box<ChallengeView>),
    /// It came without its person, and waits for them.
    #[error("waits for a security checkpoint")]
    CheckpointWaiting(Box<ChallengeView>),
    /// It came without its person, and a gate lets nothing of that through; or nobody could be asked.
    #[error("a security checkpoint forbids it")]
    CheckpointForbidden,
    /// The gates it comes to take no proof in common: nobody can approve it. Which.
    #[error("nobody can approve it")]
    CheckpointImpossible(String),
    /// As much of somebody waits as may.
    #[error("too much waits for a security checkpoint")]
    TooManyWaiting,
    /// As much was begun lately and not approved as may be.
    #[error("too many security checkpoints came to nothing")]
    TooManyChallenges,
    /// A challenge that waits for nobody any more.
    #[error("checkpoint over")]
    CheckpointOver,
    /// A proof that was not right; how many more may be tried.
    #[error("checkpoint denied")]
    CheckpointDenied(u64),
    /// Another user name than that of whoever is asked.
    #[error("wrong user name")]
    WrongUsername,
    /// A PIN that had all its tries.
    #[error("PIN disabled")]
    PinDisabled,
    /// A PIN that is guessed first.
    #[error("PIN too easy")]
    PinTooEasy,
    /// Somebody came through their company, and this is their account's: it wants a proof of their own.
    #[error("own proof required")]
    OwnProofRequired,
    /// A company's sign-in asks for what is not there.
    #[error("{0}")]
    Company(#[from] CompanyRefusal),
    /// A tenant has as many providers as allowed.
    #[error("too many providers")]
    TooManyProviders(usize),
    /// A tenant has as many handlers of events as allowed.
    #[error("too many handlers")]
    TooManyHandlers(usize),
    /// An event was sent again to a handler as often as allowed.
    #[error("sent too often")]
    SentTooOften(u32),
    /// The password is too short without a second factor, which is gone.
    #[error("new password needed")]
    NewPasswordNeeded,
    /// The password is too short to be the only proof.
    #[error("longer password first")]
    LongerPasswordFirst,
    /// Somebody has as many second factors as allowed.
    #[error("too many second factors")]
    TooManyFactors(usize),
    /// Empty or overlong name of a second factor.
    #[error("invalid name of a second factor")]
    InvalidFactorName,
    /// An account with this address exists.
    #[error("e-mail taken")]
    EmailTaken,
    /// New accounts are not accepted by themselves.
    #[error("sign-up closed")]
    SignUpClosed,
    /// The person's own address is to be proven first.
    #[error("confirm first")]
    ConfirmFirst,
    /// A link that was mailed opens nothing any more, or never did.
    #[error("link over")]
    LinkOver,
    /// No e-mail address.
    #[error("invalid e-mail")]
    InvalidEmail,
    /// Empty or overlong name.
    #[error("invalid name")]
    InvalidName,
    /// Shorter than this many characters.
    #[error("password too short")]
    PasswordTooShort(usize),
    /// Longer than this many characters.
    #[error("password too long")]
    PasswordTooLong(usize),
    /// Made of the person's name or address, or of words everybody tries.
    #[error("password made of known words")]
    PasswordOfContext,
    /// Too easily guessed.
    #[error("password too easily guessed")]
    PasswordTooEasy,
    /// A state-changing request without `x-gridkeep`, or from another origin.
    #[error("request from elsewhere")]
    ForeignRequest,
    /// The request cannot be read; where.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// Right, yet not to be had here: what.
    #[error("not offered: {0}")]
    NotOffered(&'static str),
    /// Not `application/json` where JSON is expected.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// The body is larger than this many bytes.
    #[error("body too large")]
    TooLarge(usize),
    /// No picture, where only pictures are taken.
    #[error("no picture")]
    NotAPicture,
    /// All files together would be more than this many bytes.
    #[error("no room for files")]
    FilesFull(u64),
    /// The uploaded file has no bytes.
    #[error("empty file")]
    EmptyFile,
    /// The file cannot be used as a workbook.
    #[error("unreadable workbook: {0}")]
    UnreadableWorkbook(Box<Unreadable>),
    /// Reading and calculating took longer than allowed.
    #[error("analysis timed out")]
    AnalysisTimedOut,
    /// Reading or calculating broke down.
    #[error("analysis broke down")]
    AnalysisFailed,
    /// Uploads of all people together take all the room there is.
    #[error("no room for uploads")]
    UploadsFull,
    /// The definition does not fit the workbook.
    #[error("invalid definition")]
    InvalidDefinition(Vec<DefinitionProblem>),
    /// A rows request names what the table does not have.
    #[error("invalid query")]
    InvalidQuery(Box<gridkeep_model::transaction::Problem>),
    /// This many operations are too many.
    #[error("too many operations")]
    TooManyOperations(usize),
    /// A file cannot be imported as it is.
    #[error("not importable: {0}")]
    NotImportable(#[from] NotImportable),
    /// A transaction id came again with other content.
    #[error("transaction id reused")]
    TransactionReused,
    /// More people were named than an app can have.
    #[error("too many people")]
    TooManyPeople(usize),
    /// Somebody has as many API keys for an app as allowed.
    #[error("too many API keys")]
    TooManyKeys(usize),
    /// Something else is called so.
    #[error("name taken")]
    NameTaken,
    /// Whoever has the address belongs to the tenant.
    #[error("already a member")]
    AlreadyMember,
    /// People cannot tell the address from another one of the tenant.
    #[error("twin of an address")]
    TwinAddress,
    /// A link that was handed on is for addresses of other domains.
    #[error("foreign domain")]
    ForeignDomain,
    /// As many links let people in as can.
    #[error("too many links")]
    TooManyLinks(usize),
    /// A company's directory says what becomes of the group.
    #[error("the company's directory manages the group")]
    GroupOfDirectory,
    /// A tenant would be left without an owner.
    #[error("last owner")]
    LastOwner,
    /// Somebody owns as many tenants as allowed.
    #[error("too many tenants")]
    TooManyTenants(usize),
    /// Somebody else published meanwhile.
    #[error("published meanwhile")]
    PublishedMeanwhile,
    /// Rows that cannot be taken over or written back, and where.
    #[error("rows cannot be published: {}", .0.english)]
    RowsNotPublishable(Box<Words>),
    /// So many sign in that there is no place to wait in; seconds until there will be one.
    #[error("crowded")]
    Crowded(u64),
    /// More requests than the server takes at once.
    #[error("overloaded")]
    Overloaded,
    /// The answer took longer than allowed.
    #[error("timed out")]
    TimedOut,
    /// Something broke; only the log knows what.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How credentials that were refused are to be shown (RFC 6750 section 3, RFC 9449 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// As a bearer token.
    Bearer,
    /// As a token bound to a key.
    Dpop,
    /// With a proof that holds.
    Proof,
}

/// Why and where a file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{code}")]
pub struct Unreadable {
    /// Stable code of the reason.
    pub code: &'static str,
    /// The reason in words, in English.
    pub english: String,
    /// The reason in words, in German.
    pub german: String,
    /// File, part or cell, in English.
    pub place: Option<String>,
    /// The same in German.
    pub place_german: Option<String>,
}

impl ApiError {
    /// Wraps an error whose details stay in the log.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The HTTP status (RFC 9110 section 15).
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignInRequired | Self::WrongCredentials | Self::WrongProof | Self::InvalidToken(_) => {
                StatusCode::UNAUTHORIZED
            }
            Self::InsufficientScope
            | Self::Forbidden
            | Self::ConfirmFirst
            | Self::ForeignDomain
            | Self::SignUpClosed
            | Self::ForeignRequest
            | Self::ProofRequired
            | Self::FactorRequired(_)
            | Self::OwnProofRequired
            | Self::NewPasswordNeeded
            | Self::CheckpointForbidden
            | Self::CheckpointImpossible(_)
            | Self::PinDisabled
            | Self::WorkRequired(_) => StatusCode::FORBIDDEN,
            Self::CheckpointRequired(challenge) => {
                if challenge.bearer {
                    StatusCode::UNAUTHORIZED
                } else {
                    StatusCode::FORBIDDEN
                }
            }
            Self::CheckpointWaiting(_) => StatusCode::ACCEPTED,
            Self::CheckpointDenied(_) => StatusCode::UNAUTHORIZED,
            Self::LinkOver | Self::StepOver | Self::CheckpointOver => StatusCode::GONE,
            Self::TooManyTries(_) | Self::TooManyChallenges => StatusCode::TOO_MANY_REQUESTS,
            Self::EmailTaken
            | Self::AlreadyMember
            | Self::NameTaken
            | Self::GroupOfDirectory
            | Self::LastOwner
            | Self::TransactionReused
            | Self::PublishedMeanwhile
            | Self::LongerPasswordFirst => StatusCode::CONFLICT,
            Self::InvalidRequest(_) | Self::InvalidQuery(_) | Self::UnknownProgram => StatusCode::BAD_REQUEST,
            Self::NotOffered(_) => StatusCode::NOT_IMPLEMENTED,
            Self::UnsupportedMediaType | Self::NotAPicture => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::FilesFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidEmail
            | Self::InvalidName
            | Self::PasswordTooShort(_)
            | Self::PasswordTooLong(_)
            | Self::PasswordOfContext
            | Self::PasswordTooEasy
            | Self::InvalidFactorName
            | Self::TooManyFactors(_)
            | Self::EmptyFile
            | Self::UnreadableWorkbook(_)
            | Self::AnalysisTimedOut
            | Self::AnalysisFailed
            | Self::InvalidDefinition(_)
            | Self::TooManyOperations(_)
            | Self::NotImportable(_)
            | Self::TooManyPeople(_)
            | Self::TooManyKeys(_)
            | Self::TooManyTenants(_)
            | Self::TwinAddress
            | Self::TooManyLinks(_)
            | Self::TooManyPrograms(_)
            | Self::TooManyProviders(_)
            | Self::TooManyHandlers(_)
            | Self::SentTooOften(_)
            | Self::InvalidRedirect
            | Self::BadMetadata(_)
            | Self::UnknownParameter(_)
            | Self::CheckpointUnmeetable(_)
            | Self::WrongUsername
            | Self::PinTooEasy
            | Self::TooManyWaiting
            | Self::RowsNotPublishable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Company(refusal) => refusal.status(),
            Self::UploadsFull | Self::Crowded(_) | Self::Overloaded | Self::TimedOut => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code that programs go by.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "notFound",
            Self::MethodNotAllowed => "methodNotAllowed",
            Self::SignInRequired => "signInRequired",
            Self::Forbidden => "forbidden",
            Self::WrongCredentials => "wrongCredentials",
            Self::InvalidToken(_) => "invalidToken",
            Self::InsufficientScope => "insufficientScope",
            Self::UnknownProgram => "unknownProgram",
            Self::TooManyPrograms(_) => "tooManyPrograms",
            Self::InvalidRedirect => "invalidRedirect",
            Self::BadMetadata(_) => "badMetadata",
            Self::TooManyTries(_) => "tooManyTries",
            Self::WorkRequired(_) => "workRequired",
            Self::WrongProof => "wrongProof",
            Self::StepOver => "stepOver",
            Self::ProofRequired => "proofRequired",
            Self::FactorRequired(_) => "factorRequired",
            Self::UnknownParameter(_) => "unknownParameter",
            Self::CheckpointUnmeetable(_) => "checkpointUnmeetable",
            Self::CheckpointRequired(_) => "SECURITY_CHECKPOINT_REQUIRED",
            Self::CheckpointWaiting(_) => "SECURITY_CHECKPOINT_WAITING",
            Self::CheckpointForbidden => "SECURITY_CHECKPOINT_FORBIDDEN",
            Self::CheckpointImpossible(_) => "checkpointImpossible",
            Self::TooManyWaiting => "tooManyWaiting",
            Self::TooManyChallenges => "tooManyChallenges",
            Self::CheckpointOver => "checkpointOver",
            Self::CheckpointDenied(_) => "checkpointDenied",
            Self::WrongUsername => "wrongUsername",
            Self::PinDisabled => "pinDisabled",
            Self::PinTooEasy => "pinTooEasy",
            Self::OwnProofRequired => "ownProofRequired",
            Self::Company(refusal) => refusal.code(),
            Self::TooManyProviders(_) => "tooManyProviders",
            Self::TooManyHandlers(_) => "tooManyHandlers",
            Self::SentTooOften(_) => "sentTooOften",
            Self::NewPasswordNeeded => "newPasswordNeeded",
            Self::LongerPasswordFirst => "longerPasswordFirst",
            Self::TooManyFactors(_) => "tooManyFactors",
            Self::InvalidFactorName => "invalidFactorName",
            Self::EmailTaken => "emailTaken",
            Self::SignUpClosed => "signUpClosed",
            Self::ConfirmFirst => "confirmFirst",
            Self::LinkOver => "linkOver",
            Self::InvalidEmail => "invalidEmail",
            Self::InvalidName => "invalidName",
            Self::PasswordTooShort(_) => "passwordTooShort",
            Self::PasswordTooLong(_) => "passwordTooLong",
            Self::PasswordOfContext => "passwordOfContext",
            Self::PasswordTooEasy => "passwordTooEasy",
            Self::ForeignRequest => "foreignRequest",
            Self::InvalidRequest(_) => "invalidRequest",
            Self::NotOffered(_) => "notOffered",
            Self::UnsupportedMediaType => "unsupportedMediaType",
            Self::TooLarge(_) => "tooLarge",
            Self::NotAPicture => "notAPicture",
            Self::FilesFull(_) => "filesFull",
            Self::EmptyFile => "emptyFile",
            Self::UnreadableWorkbook(_) => "unreadableWorkbook",
            Self::AnalysisTimedOut => "analysisTimedOut",
            Self::AnalysisFailed => "analysisFailed",
            Self::UploadsFull => "uploadsFull",
            Self::InvalidDefinition(_) => "invalidDefinition",
            Self::InvalidQuery(_) => "invalidQuery",
            Self::TooManyOperations(_) => "tooManyOperations",
            Self::NotImportable(why) => why.code(),
            Self::TransactionReused => "transactionReused",
            Self::TooManyPeople(_) => "tooManyPeople",
            Self::TooManyKeys(_) => "tooManyKeys",
            Self::NameTaken => "nameTaken",
            Self::AlreadyMember => "alreadyMember",
            Self::TwinAddress => "twinAddress",
            Self::ForeignDomain => "foreignDomain",
            Self::TooManyLinks(_) => "tooManyLinks",
            Self::GroupOfDirectory => "groupOfDirectory",
            Self::LastOwner => "lastOwner",
            Self::TooManyTenants(_) => "tooManyTenants",
            Self::PublishedMeanwhile => "publishedMeanwhile",
            Self::RowsNotPublishable(_) => "rowsNotPublishable",
            Self::Crowded(_) => "crowded",
            Self::Overloaded => "overloaded",
            Self::TimedOut => "timedOut",
            Self::Internal(_) => "internal",
        }
    }
}

impl IntoResponse for ApiError {
    /// The bare status; the boundary finds the error among the extensions and writes the body.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(value) = self.challenge().and_then(|challenge| HeaderValue::try_from(&*challenge).ok()) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
