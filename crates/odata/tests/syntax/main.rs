//! URLs as text, from outside: trees come back from their print, mistakes have places, hostile text is cheap.
#![expect(clippy::unwrap_used, reason = "tests fail at once")]

mod hostile;
mod mistakes;
mod outlines;
mod precedence;
mod trees;
