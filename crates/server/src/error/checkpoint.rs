//! A challenge as whoever is asked, and the program that asks for them, reads it.

use gridkeep_model::{
    ChallengeId,
    checkpoint::{CommentRule, Method},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::noun;

/// Why nobody could change gates any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmeetable {
    /// Whoever puts the gate of gates has none of the ways that it takes.
    ByYou,
    /// Nobody who is left has.
    ByNobody,
    /// A second one approves, and there is none.
    Alone,
}

/// What somebody is to approve. The words are the server's, made of its own values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Challenge)]
pub struct ChallengeView {
    /// Names it: for `/api/checkpoints/challenges/{challenge}` and the header `Checkpoint`.
    #[schema(value_type = String, format = Uuid)]
    pub challenge: ChallengeId,
    /// `open` while whoever began it is asked, `waiting` where it came without them; later `approved`, `done`, `failed` or
    /// `cancelled`.
    pub state: &'static str,
    /// The app's name; nothing where it is not about one.
    pub app: Option<String>,
    /// What is done, in words: an action's or a table's title.
    pub action: String,
    /// The gate that authenticates.
    pub first_gate: String,
    /// All gates it comes to, with what each says.
    pub gates: Vec<GateMessage>,
    /// SHA-256 of all that is approved, in hexadecimal; sent back with the proof.
    pub content_hash: String,
    /// How it can be proven, of what the gate allows.
    #[schema(value_type = Vec<noun::Method>)]
    pub methods: Vec<Method>,
    /// The user name of whoever is asked; `null` when they are to type it.
    pub username: Option<String>,
    /// Whether a comment is asked for.
    #[schema(value_type = noun::CommentRule)]
    pub comment: CommentRule,
    /// Somebody else is to approve it.
    pub four_eyes: bool,
    /// Proofs that may still be tried.
    pub tries_left: u64,
    /// Until when it can be approved.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The moment at the server, for whoever counts down.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The page of it, for people whom a program asks.
    pub link: String,
    /// Approving does it at once; otherwise the request is sent again with the header `Checkpoint`.
    pub executes: bool,
    /// What somebody else said to it, who approved it or turned it down.
    pub answer: Option<AnswerView>,
    /// The request, where it has nothing but its address: whoever began it can send it again from anywhere.
    pub request: Option<RequestView>,
    /// A program was answered that acts for somebody: it asks for fresh authentication (RFC 9470).
    #[serde(skip)]
    pub bearer: bool,
}

/// What somebody else said who approved it, or turned it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeAnswer)]
pub struct AnswerView {
    /// Their address.
    pub by: String,
    /// What they said to it.
    pub comment: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// They had approved it, and took that back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// A request without a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeRequest)]
pub struct RequestView {
    /// `GET` or another.
    pub method: String,
    /// Its path in the tenant, and what it asks for.
    pub path: String,
}

/// What a gate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateMessage {
    /// The gate's id.
    pub gate: String,
    /// What it says.
    pub message: String,
}
