//! The body of an error answer (RFC 9457, problem details).

use gridkeep_identity::work::Puzzle;
use gridkeep_workbook::DefinitionProblem;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, ChallengeView, words};
use crate::{language::Language, noun};

/// An error as a person and a program read it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails<'a> {
    /// Always `about:blank`: the code says more than a link would.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    problem_type: &'static str,
    /// A few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// One or two sentences for the person.
    detail: String,
    /// The stable code, such as `notFound`.
    #[schema(example = "notFound")]
    code: &'static str,
    /// A finer code, where there is one: why a workbook is unreadable.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Where: a file's part, a cell, a field of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    /// What is wrong with a definition.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<noun::DefinitionProblem>)]
    problems: &'a [DefinitionProblem],
    /// What is wrong with a rows request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<noun::Problem>)]
    problem: Option<&'a gridkeep_model::transaction::Problem>,
    /// What is to be solved; its solution goes into the header `x-gridkeep-work` of the same request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PuzzleView>)]
    puzzle: Option<&'a Puzzle>,
    /// What is to be approved first.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<&'a ChallengeView>,
    /// Proofs that may still be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u64>,
}

/// A puzzle (ALTCHA, version 1): find the number, at most `maxnumber`, for which SHA-256 of `salt` and the number is `challenge`.
#[expect(dead_code, reason = "describes what `Puzzle` says")]
#[derive(ToSchema)]
#[schema(as = Puzzle)]
pub(crate) struct PuzzleView {
    /// Always `SHA-256`.
    algorithm: String,
    /// Hexadecimal.
    challenge: String,
    /// The largest number to try.
    maxnumber: u32,
    /// What stands before the number.
    salt: String,
    /// The server's signature, hexadecimal.
    signature: String,
}

impl<'a> ProblemDetails<'a> {
    /// The sentences for the person.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The error in this language.
    pub fn new(error: &'a ApiError, language: Language) -> Self {
        let (title, detail) = words::of(error, language);
        let status = error.status().as_u16();
        let code = error.code();
        let (reason, place) = match error {
            ApiError::UnreadableWorkbook(unreadable) => {
                let place = match language {
                    Language::English => &unreadable.place,
                    Language::German => &unreadable.place_german,
                };
                (Some(unreadable.code), place.as_deref())
            }
            ApiError::InvalidRequest(place) | ApiError::UnknownParameter(place) => {
                (None, Some(place.as_str()))
            }
            ApiError::RowsNotPublishable(place) => (None, Some(place.told(language))),
            _ => (None, None),
        };
        let problems = match error {
            ApiError::InvalidDefinition(problems) => problems.as_slice(),
            _ => &[],
        };
        let problem = match error {
            ApiError::InvalidQuery(problem) => Some(problem.as_ref()),
            _ => None,
        };
        let puzzle = match error {
            ApiError::WorkRequired(puzzle) => Some(puzzle.as_ref()),
            _ => None,
        };
        let checkpoint = match error {
            ApiError::CheckpointRequired(challenge) | ApiError::CheckpointWaiting(challenge) => {
                Some(challenge.as_ref())
            }
            _ => None,
        };
        let tries_left = match error {
            ApiError::CheckpointDenied(left) => Some(*left),
            _ => None,
        };
        Self {
            problem_type: "about:blank",
            title,
            status,
            detail,
            code,
            reason,
            place,
            problems,
            problem,
            puzzle,
            checkpoint,
            tries_left,
        }
    }
}
