//! The folder of measurements and data next to the project.

use std::path::{Path, PathBuf};

/// Where `../shared` is: `GRIDKEEP_SHARED`, beside the project, or beside the folder of its worktrees. Absent, it says
/// `skipped: ../shared is absent` and the test returns.
pub fn shared() -> Option<PathBuf> {
    let found = std::env::var_os("GRIDKEEP_SHARED").map_or_else(beside, |path| Some(PathBuf::from(path)));
    let found = found.filter(|path| path.is_dir());
    if found.is_none() {
        crate::skip("../shared is absent");
    }
    found
}

fn beside() -> Option<PathBuf> {
    // testing/kit -> the workspace's root.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    [root.join("../shared"), root.join("../../shared")].into_iter().find(|path| path.is_dir())
}
