//! Security checkpoints: gates that ask whoever runs a guarded transaction to prove that they are there.
//!
//! **Architecture Invariant:** what a person is shown is rendered by the server from its own values; a template with a parameter
//! that is not there is never shown as if it were complete.

mod gate;
mod template;

pub use gate::{CommentRule, Gate, GateSettings, Method, OfflinePolicy, Rule, is_gate_id};
pub use template::{Template, TemplateError, plain};
