//! Killed while it writes, a store comes back with the old or the new, never with half of it.
//!
//! The child is this very test program, told by its environment to publish one version after the other. It says on a pipe
//! when a version is on the disk and when it is in the middle of the next one, and stands still where it was told to:
//! there the parent kills it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use gridkeep_kit::StepClock;
use gridkeep_model::{AccountId, AppId, ColumnType, RowId, TenantId, Value};
use gridkeep_store::{App, Audience, Head, NewApp, NewVersion, Store, StoreError};
use tempfile::TempDir;
use uuid::Uuid;

use crate::world::{Place, config, definition, open, schema};

const CHILD: &str = "GRIDKEEP_TEST_CRASH_FOLDER";
/// The line after which the child stands still.
const LAST: &str = "GRIDKEEP_TEST_CRASH_LAST";
const ROWS: u64 = 500;

fn app() -> AppId {
    AppId::from_uuid(Uuid::from_u128(7))
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(8))
}

/// Publishes one version after the other, each with a table of its own, and says how far it is.
async fn publish_for_ever(store: Store) -> Result<(), StoreError> {
    let tenant = store.tenant(tenant()).await?.unwrap();
    let last = std::env::var(LAST).unwrap();
    let said = move |what: String| {
        let mut out = std::io::stdout();
        writeln!(out, "{what}").and_then(|()| out.flush()).unwrap();
        if what == last {
            // Ends when the parent does, should that be first.
            std::io::stdin().read_line(&mut String::new()).unwrap();
            std::process::abort();
        }
    };
    // The test runner may have begun a line.
    said(String::new());
    for version in 1_u64.. {
        let told = said.clone();
        tenant
            .write(move |work| {
                if version == 1 {
                    let owner = AccountId::from_uuid(Uuid::from_u128(9));
                    let new = NewApp { id: app(), owner, audience: Audience::Public };
                    work.create_app(&new, &StepClock::default())?;
                }
                let definition = definition(&format!("Version {version}"));
                let created_by = AccountId::from_uuid(Uuid::from_u128(9));
                let new = NewVersion {
                    app: app(),
                    definition: &definition,
                    workbook: "w",
                    file_name: "f",
                    created_by,
                };
                work.publish(&new, &StepClock::default())?;
                let table = schema(&format!("t{version}"), &[("n", ColumnType::Integer)]);
                work.create_table(app(), &table, &["n"])?;
                let row = |number: u64| {
                    if number == ROWS / 2 {
                        told(format!("writing {version}"));
                    }
                    let id = RowId::from_uuid(Uuid::from_u128(u128::from(number) + 1));
                    (id, vec![Value::Integer(number as i64)])
                };
                work.insert_rows(app(), &table.id, (0..ROWS).map(row))
            })
            .await
            .map_err(|error: StoreError| error)?;
        said(format!("done {version}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_publish_it_has_the_old_or_the_new() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let backend = gridkeep_store::Backend::Sqlite { folder: folder.into() };
        let store = Store::open(config(backend)).await.unwrap();
        publish_for_ever(store).await.unwrap();
        return;
    }
    let place = Place::Folder(TempDir::new().unwrap());
    let store = open(&place).await;
    store.create_tenant(tenant(), "Crash", jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    drop(store);
    let Place::Folder(folder) = &place else { return };
    for (round, last_line) in
        ["writing 1", "done 1", "writing 3", "done 4", "writing 5"].into_iter().enumerate()
    {
        // Each round begins anew, in a folder of its own.
        let copy = TempDir::new().unwrap();
        let copied =
            Command::new("cp").arg("-a").arg(folder.path()).arg(copy.path().join("data")).status().unwrap();
        assert!(copied.success());
        let data = copy.path().join("data");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::killed_in_the_middle_of_a_publish_it_has_the_old_or_the_new",
                "--nocapture",
            ])
            .env(CHILD, &data)
            .env(LAST, last_line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut done = 0_u64;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(version) = line.strip_prefix("done ") {
                done = version.parse().unwrap();
            }
            if line == last_line {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let store = Store::open(config(gridkeep_store::Backend::Sqlite { folder: data })).await.unwrap();
        let tenant = store.tenant(tenant()).await.unwrap().unwrap();
        let read = tenant.read(move |reader| {
            let (found, head) = (reader.app(app())?, reader.head(app())?);
            let versions = found.as_ref().map_or(0, |found: &App| u64::from(found.versions));
            let mut rows = Vec::new();
            for version in 1..=versions + 1 {
                let table = format!("t{version}");
                if reader.schema(app(), &table)?.is_some() {
                    let query = gridkeep_model::Query { table, ..gridkeep_model::Query::unlimited() };
                    rows.push(reader.count(app(), &query)?);
                }
            }
            Ok::<_, StoreError>((versions, head.map_or(0, |head: Head| head.sequence), rows))
        });
        let (versions, head, rows) = read.await.unwrap();
        // What was said to be done is there, and nothing of the one in the middle.
        assert_eq!(versions, done, "round {round}");
        assert_eq!(rows, vec![ROWS; versions as usize], "round {round}");
        assert_eq!(head, versions * ROWS, "round {round}");
    }
}
