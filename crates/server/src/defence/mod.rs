//! What stands between a server on the internet and those who guess: counted tries, puzzles, browsers that are known, and a
//! log of who signed in.
//!
//! **Architecture Invariant:** all of it lives in the control database, so that several servers count as one. Nobody can be
//! locked out by strangers: whoever signs in with a browser they have used before is counted apart from everybody else. What
//! is asked of somebody depends on what was tried, never on whether there is such an account.

mod arrivals;
mod company;
mod refused;
mod throttle;
mod visitor;

pub use arrivals::{Arrivals, Login};
pub use company::{Exchange, Fault};
pub use throttle::{Attempt, SIGN_IN, Throttle, WORK};
pub use visitor::Visitor;
