//! Python packages of a folder, in an environment of their own below `target/tools`, installed when what is wanted has changed.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::shell::{root, run, target};

/// The Python of an environment with what this folder's `requirements.txt` names, version by version.
pub(crate) fn python(folder: &str) -> Result<PathBuf> {
    let list = root().join(folder).join("requirements.txt");
    let wanted = fs::read(&list).with_context(|| format!("{} is missing", list.display()))?;
    let own = target().join("tools").join(folder.replace('/', "-"));
    let (python, stamp) = (own.join("bin/python"), own.join(".gridkeep-requirements"));
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("setup: Python packages of {folder} are missing; they are needed for its tests");
    if own.exists() {
        fs::remove_dir_all(&own)?;
    }
    run("python3", ["-m", "venv"]).argument(&own).check()?;
    run(&python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .argument(&list)
        .check()?;
    fs::write(stamp, wanted)?;
    Ok(python)
}
