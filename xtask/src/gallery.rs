//! `cargo xtask gallery`: each workbook of a folder becomes an app, and a picture of it in a phone's window goes to
//! docs/gallery for the README.

use std::{fmt::Write as _, fs, path::PathBuf};

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
        .variable("GRIDKEEP_GALLERY_TO", &pictures)
        .check()?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&pictures)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".png").map(str::to_owned));
    }
    names.sort();
    fs::write(pictures.join("README.md"), page(&names))?;
    Ok(())
}

/// The page that shows all pictures, four in a row.
fn page(names: &[String]) -> String {
    let mut page = "# Gallery\n\nEach workbook was dropped into the portal, its best suggestion published as it was, and the app opened by \
                    somebody else in\na phone's window; the expense report is the portal's own sample, with an expense open and what can be done with it. Taken by\n\
                    `cargo xtask gallery`.\n"
        .to_owned();
    for row in names.chunks(4) {
        let cells =
            |cell: fn(&str) -> String| row.iter().map(|name| cell(name)).collect::<Vec<_>>().join(" | ");
        let (heads, lines) = (cells(|name| format!("{name}.xlsx")), cells(|_| "---".to_owned()));
        let pictures = cells(|name| format!("![The app made from {name}]({name}.png)"));
        _ = write!(page, "\n| {heads} |\n| {lines} |\n| {pictures} |\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_four_in_a_row() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let page = page(&names);
        assert!(page.ends_with("\n| e.xlsx |\n| --- |\n| ![The app made from e](e.png) |\n"), "{page}");
        assert_eq!(page.matches(".png").count(), 5);
    }
}
