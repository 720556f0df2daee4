//! Writes the JavaScript beside a WebAssembly module that lets a page load it: `gridkeep-glue MODULE FOLDER`.
//!
//! What `wasm-bindgen-cli` does, as a workspace member: its version is locked with everything else, and it compiles in
//! seconds instead of a minute. Apart from `xtask`, which must stay light.

use std::env;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let mut next = || arguments.next().context("usage: gridkeep-glue MODULE FOLDER");
    let (module, folder) = (next()?, next()?);
    let mut glue = Bindgen::new();
    glue.input_path(module).web(true)?.typescript(true);
    glue.remove_name_section(true).remove_producers_section(true);
    glue.generate(folder)
}
