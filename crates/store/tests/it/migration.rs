//! A database of another program: newer ones and changed ones are refused, in words.

use gridkeep_store::{Backend, Store, StoreError};

use crate::world::{Place, config, open, places};

/// Runs a statement on the control database behind the store's back.
fn tinker(place: &Place, sql: &str) {
    match place.backend() {
        Backend::Sqlite { folder } => {
            let connection = rusqlite::Connection::open(folder.join("control.db")).unwrap();
            // The key of `TestKeys` for the control database, and the format of new files.
            let key = format!(
                "PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
                "07".repeat(32)
            );
            connection.execute_batch(&format!("{key}; {sql}")).unwrap();
        }
        Backend::Postgres { url } => {
            let sql = format!("SET search_path TO gridkeep_control; {sql}");
            let run = move || {
                postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
            };
            std::thread::spawn(run).join().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_and_changed_databases_are_refused() {
    for place in places() {
        drop(open(&place).await);
        drop(open(&place).await);
        tinker(&place, "INSERT INTO migrations (number, name, checksum) VALUES (99, '0099_future', 1)");
        let newer = Store::open(config(place.backend())).await.err().unwrap();
        assert!(matches!(newer, StoreError::Newer { found, known, .. } if found == known + 1), "{newer}");
        assert!(newer.to_string().ends_with("use a newer Gridkeep"), "{newer}");
        tinker(
            &place,
            "DELETE FROM migrations WHERE number = 99; UPDATE migrations SET checksum = checksum + 1",
        );
        let changed = Store::open(config(place.backend())).await.err().unwrap();
        assert!(matches!(changed, StoreError::MigrationChanged { .. }), "{changed}");
        tinker(&place, "UPDATE migrations SET checksum = checksum - 1");
        drop(open(&place).await);
    }
}

#[test]
fn both_databases_take_the_same_steps() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |database: &str, kind: &str| {
        let folder = std::fs::read_dir(root.join(database).join(kind)).unwrap();
        let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    for kind in ["control", "tenant"] {
        assert_eq!(names("sqlite", kind), names("postgres", kind));
    }
}
