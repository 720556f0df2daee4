//! `cargo xtask tidy`: the rules of the house that matter, as tests over source text and cargo's metadata.
//!
//! **Architecture Invariant:** a rule is a pure function from a [`Tree`] to findings, and has a test that shows it a
//! tree that breaks it. To bend a rule, mend its table here with the reason, in the same commit.

mod features;
mod floors;
mod heads;
mod length;
mod lexer;
mod messages;
mod migrations;
mod places;
mod sql;
mod switches;
mod tree;

use std::time::Instant;

use anyhow::{Result, bail};

use tree::Finding;
pub(crate) use tree::Tree;

/// Looks for places that break one rule.
type Rule = fn(&Tree) -> Vec<Finding>;

/// Each rule with the name that its findings carry.
const RULES: [(&str, Rule); 11] = [
    ("floors", floors::floors),
    ("quiet-crates", floors::quiet),
    ("server-features", features::features),
    ("sql-only-in-store", sql::sql),
    ("migrations", migrations::migrations),
    ("length", length::length),
    ("heads", heads::heads),
    ("no-allow", switches::allows),
    ("no-silent-tests", switches::silent_tests),
    ("no-machine-paths", places::places),
    ("messages", messages::messages),
];

/// Checks all rules over the working copy and prints each finding.
pub(crate) fn run() -> Result<()> {
    let started = Instant::now();
    let tree = Tree::read()?;
    let mut found = 0;
    for (rule, check) in RULES {
        for finding in check(&tree) {
            println!("tidy: {rule}: {finding}");
            found += 1;
        }
    }
    let (rules, files) = (RULES.len(), tree.files.len());
    println!(
        "tidy: {rules} rules over {files} files in {:.1} s: {found} found",
        started.elapsed().as_secs_f64()
    );
    if found > 0 {
        bail!("{found} places break a rule of the house");
    }
    Ok(())
}
