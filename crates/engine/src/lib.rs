//! The formula engine behind our own trait, and everything that must give the same answer in browser, device and server:
//! number formats, validation, `apply`, and an app at work.
//!
//! **Architecture Invariant:** nobody outside this crate sees `formualizer`. No I/O, no async, no clock of its own: the
//! moment and the seed come in with [`LoadOptions`], so that the same workbook gives the same answer everywhere.

mod calculator;
mod engine;
mod error;
mod functions;
mod intersect;
mod load;
mod options;
mod provider;
mod value;
mod watch;

pub mod app;
pub mod apply;

pub mod compare;
pub mod format;
pub mod refs;
pub mod rows;
pub mod typed;

pub use engine::{Engine, Recalculation};
pub use error::EngineError;
pub use load::{load, load_cancellable};
pub use options::{Cancel, Limits, LoadOptions, Locale};
