//! `cargo xtask gallery`: each workbook of a folder becomes an app, and a picture of it in a phone's window goes to
//! docs/gallery for the README.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{cargo::Profile, journeys::npm, setup, shell::root, wasm, web};

/// Which workbooks.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder with workbooks; those of ../shared unless given
    folder: Option<PathBuf>,
}

/// Builds what is needed and takes the pictures.
pub(crate) fn main(options: &Options) -> Result<()> {
    let shared = || gridkeep_kit::shared().map(|shared| shared.join("data/workbooks"));
    let folder = options.folder.clone().or_else(shared).context("name a folder with workbooks")?;
    let folder = folder.canonicalize()?;
    let pictures = root().join("docs/gallery");
    fs::create_dir_all(&pictures)?;
    let program = Profile::Debug.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    setup::packages(&[setup::CHROMIUM])?;
    setup::modules("testing/journeys")?;
    npm(&["test", "--", "--config", "gallery.config.ts"])
        .variable("GRIDKEEP_PROGRAM", program)
        .variable("GRIDKEEP_GALLERY_FROM", folder)
        .variable("GRIDKEEP_GALLERY_TO", pictures)
        .check()
}
