//! npm packages of a folder, installed when its lock file has changed.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::shell::{find, root, run};

/// Installs the npm packages of this folder exactly as its lock file names them, unless they are there.
pub(crate) fn modules(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("{} is missing", lock.display()))?;
    let stamp = folder.join("node_modules/.gridkeep-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if find("npm").is_none() {
        bail!("npm is missing: install Node.js 20 or newer, which brings it");
    }
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]).directory(&folder).check()?;
    fs::write(stamp, wanted)?;
    Ok(())
}
