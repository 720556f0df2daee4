//! The browser's face of the engine: workbook bytes in, JSON texts in and out. Runs in a dedicated worker.
//!
//! **Architecture Invariant:** thin. A method parses its parameters, calls one function of `engine` or `workbook`, and
//! serialises what that gives; what a browser calculates is what a server calculates.

mod cells;
pub mod failure;
mod rows;
mod workbench;

use wasm_bindgen::prelude::wasm_bindgen;

pub use workbench::Workbench;

/// Makes a panic an error that says where and why, instead of the engine's bare `unreachable`. The module is of no use
/// after that: its worker must be replaced.
#[wasm_bindgen]
pub fn init_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let failure = failure::Failure::new("crashed", panic.to_string());
        wasm_bindgen::throw_val(failure.into());
    }));
}
