//! What cargo knows of the workspace and builds for this tool.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::shell::{run, target};

/// How the server is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickly, with checks: what tests use, since they have compiled most of it already.
    Debug,
    /// For speed.
    Release,
}

impl Profile {
    /// Builds `gridkeep` and gives its path.
    pub(crate) fn server(self) -> Result<PathBuf> {
        match self {
            Self::Debug => debug_program("gridkeep"),
            Self::Release => {
                let build =
                    ["build", "--locked", "--package", "gridkeep-server", "--bin", "gridkeep", "--release"];
                run("cargo", build).check()?;
                Ok(target().join("release/gridkeep"))
            }
        }
    }
}

/// Builds the workspace's programs as the tests do, the tests with them, and gives the path of one. All at once: for a package
/// alone, or without the tests, cargo turns on other features of the engine's dependencies and compiles them once more.
pub(crate) fn debug_program(name: &str) -> Result<PathBuf> {
    run("cargo", ["build", "--locked", "--workspace", "--bins", "--tests"]).check()?;
    Ok(target().join("debug").join(name))
}

/// The packages of the workspace and the resolved graph beneath them.
#[derive(Default)]
pub(crate) struct Metadata {
    /// Packages of the workspace by name.
    pub(crate) packages: Vec<Package>,
    /// Names of the packages each package needs at run time, by name: the whole graph, registries included.
    pub(crate) graph: BTreeMap<String, BTreeSet<String>>,
}

/// A package of the workspace.
#[derive(Default)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its manifest, relative to the workspace.
    pub(crate) manifest: String,
    /// Names of direct dependencies that go into the product, build scripts included.
    pub(crate) dependencies: BTreeSet<String>,
    /// Names of direct dependencies of tests only.
    pub(crate) dev_dependencies: BTreeSet<String>,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn read() -> Result<Self> {
        let text = run("cargo", ["metadata", "--format-version", "1", "--locked", "--filter-platform"]);
        let host = run("rustc", ["-vV"]).quietly().read()?;
        let host =
            host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
        Self::parse(&text.argument(host).quietly().read()?)
    }

    fn parse(text: &str) -> Result<Self> {
        let json: Json = serde_json::from_str(text)?;
        let root = words(&json["workspace_root"]);
        let members: BTreeSet<&str> = list(&json["workspace_members"]).filter_map(Json::as_str).collect();
        let mut metadata = Self::default();
        let mut names = BTreeMap::new();
        for package in list(&json["packages"]) {
            let id = words(&package["id"]);
            names.insert(id, words(&package["name"]).to_owned());
            if members.contains(id) {
                metadata.packages.push(member(package, root));
            }
        }
        for node in list(&json["resolve"]["nodes"]) {
            let into = metadata.graph.entry(names[words(&node["id"])].clone()).or_default();
            for dependency in list(&node["deps"]) {
                let normal = list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
                if let (true, Some(name)) = (normal, names.get(words(&dependency["pkg"]))) {
                    into.insert(name.clone());
                }
            }
        }
        Ok(metadata)
    }

    /// Everything this package needs at run time, itself left out, with the way to it (`a > b > c`).
    pub(crate) fn beneath(&self, package: &str) -> BTreeMap<String, String> {
        let mut ways = BTreeMap::new();
        let mut open = vec![(package.to_owned(), package.to_owned())];
        while let Some((name, way)) = open.pop() {
            for next in self.graph.get(&name).into_iter().flatten() {
                if next != package && !ways.contains_key(next) {
                    let way = format!("{way} > {next}");
                    ways.insert(next.clone(), way.clone());
                    open.push((next.clone(), way));
                }
            }
        }
        ways
    }
}

fn member(package: &Json, root: &str) -> Package {
    let manifest = words(&package["manifest_path"]);
    let mut found = Package {
        name: words(&package["name"]).to_owned(),
        manifest: manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/').to_owned(),
        ..Package::default()
    };
    for dependency in list(&package["dependencies"]) {
        let name = words(&dependency["name"]).to_owned();
        let into =
            if dependency["kind"] == "dev" { &mut found.dev_dependencies } else { &mut found.dependencies };
        into.insert(name);
    }
    found
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn words(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}
