//! `cargo xtask pictures NAME`: the pictures of a walk-through, taken by walking through it; they go to `docs/NAME`.

use std::fs;

use anyhow::Result;

use crate::{cargo::Profile, journeys::npm, setup, shell::root, wasm, web};

/// Which walk-through.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Its name
    walk: Walk,
}

/// Those there are.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Walk {
    /// `docs/checkpoints.md`: a guarded approval, from the gate to the log
    Checkpoint,
}

impl Walk {
    /// Its specification in `testing/journeys/pictures`, and its folder in `docs`.
    const fn places(self) -> (&'static str, &'static str) {
        match self {
            Self::Checkpoint => ("checkpoint", "checkpoints"),
        }
    }
}

/// Builds what is needed and takes the pictures.
pub(crate) fn main(options: &Options) -> Result<()> {
    let (walk, folder) = options.walk.places();
    let pictures = root().join("docs").join(folder);
    fs::create_dir_all(&pictures)?;
    let program = Profile::Debug.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    setup::packages(&[setup::CHROMIUM])?;
    setup::modules("testing/journeys")?;
    npm(&["test", "--", "--config", "pictures.config.ts", walk])
        .variable("GRIDKEEP_PROGRAM", program)
        .variable("GRIDKEEP_PICTURES_TO", &pictures)
        .check()
}
