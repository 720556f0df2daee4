//! Somebody else's client: `scim2-tester` (PyPI) asks everything the two RFCs say of what the service says of itself.

use std::process::Command;

use serde_json::json;

use super::acme;
use crate::kit::World;

/// Where the client's Python is: `cargo xtask test` makes it from `testing/scim/requirements.txt`.
const PYTHON: &str = "GRIDKEEP_SCIM_TESTER";

#[tokio::test(flavor = "multi_thread")]
async fn the_tester_finds_nothing() {
    let Ok(python) = std::env::var(PYTHON) else {
        gridkeep_kit::skip(&format!("{PYTHON} names no Python with scim2-tester"));
        return;
    };
    let world = World::start().await;
    let (_, _, directory) = acme(&world, json!({ "newcomers": "member" })).await;
    let address = format!("http://{}/t/acme/scim/v2", world.address);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testing/scim/tester.py");
    let token = directory.token.clone();
    let run = move || Command::new(python).arg(script).arg(address).env("SCIM_TOKEN", token).output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(" checks"), "{said}");
}
