//! The log changed behind the server's back, and the command that finds it: on both databases, beside a server and without one.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use gridkeep_kit::{Kept, Tampering};
use gridkeep_model::KeyOwner;
use gridkeep_objects::RootKeys;
use gridkeep_server::{tenancy::StoreKeys, tenant_name::DEFAULT};
use gridkeep_store::{Backend, Durability, Store, StoreConfig, StoreLimits};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    kit::{PASSWORD, databases},
    program::{Program, Said, audit},
};

/// A server's folder, its database, and where its tenant's log is.
struct Log {
    data: PathBuf,
    database: Option<String>,
    tenant: String,
    key: [u8; 32],
}

impl Log {
    /// Of a server that was started once and does not run.
    async fn of(data: &Path, database: Option<String>) -> Self {
        let root = Arc::new(RootKeys::open(&data.join("root.key")).unwrap());
        let backend = match &database {
            Some(url) => Backend::Postgres { url: url.clone() },
            None => Backend::Sqlite { folder: data.join("database") },
        };
        let keys = Arc::new(StoreKeys(Arc::clone(&root)));
        let config =
            StoreConfig { backend, keys, durability: Durability::Full, limits: StoreLimits::default() };
        let store = Store::open(config).await.unwrap();
        let tenant = store.control().tenant_named(DEFAULT).await.unwrap().unwrap();
        store.close().await.unwrap();
        let key = root.unwrap(KeyOwner::Tenant(tenant.id), &tenant.wrapped_key.0).unwrap();
        let key = *key.database_key().unwrap().expose_secret();
        Self { data: data.to_owned(), database, tenant: tenant.id.uuid().simple().to_string(), key }
    }

    fn file(&self) -> PathBuf {
        self.data.join("database").join("tenants").join(format!("{}.db", self.tenant))
    }

    /// Does something with it as whoever rules over the database.
    fn with(&self, what: impl FnOnce(Kept<'_>)) {
        match &self.database {
            Some(url) => what(Kept::Schema { url, name: &format!("t_{}", self.tenant) }),
            None => what(Kept::File { path: &self.file(), key: &self.key }),
        }
    }

    /// The folder as it is now, and the database, elsewhere.
    fn copy(&self, to: &Path, postgres: Option<&gridkeep_kit::Postgres>) -> Self {
        let copied = Command::new("cp").arg("-a").arg(&self.data).arg(to).status().unwrap();
        assert!(copied.success());
        let database = self.database.as_ref().map(|url| postgres.unwrap().copy(url));
        Self { data: to.to_owned(), database, tenant: self.tenant.clone(), key: self.key }
    }

    fn audit(&self, arguments: &[&str]) -> Said {
        audit(&self.data, self.database.as_deref(), arguments)
    }

    fn start(&self) -> Program {
        Program::start(&self.data, self.database.as_deref())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_finds_every_tampering_on_both_databases() {
    let (all, postgres) = databases();
    for database in all {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        Program::start(&data, database.as_deref()).stop();
        let log = Log::of(&data, database).await;
        if log.database.is_none() {
            // Empty as it is, it is made anew so that others than the store can open it, too.
            for file in [log.file(), log.file().with_extension("db-wal"), log.file().with_extension("db-shm")]
            {
                let _ = std::fs::remove_file(file);
            }
            log.with(|kept| kept.make());
        }
        let program = log.start();
        let mut ada = program.browser();
        let person = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
        ada.post("/api/accounts", person).await.expect(201);
        for name in ["North", "South", "West", "East"] {
            ada.post("/api/groups", json!({"name": name})).await.expect(201);
        }
        program.stop();
        log.with(|kept| kept.remember());
        let program = log.start();
        let mut ada = program.browser();
        ada.post("/api/session", json!({"email": "ada@example.com", "password": PASSWORD})).await.expect(200);
        for name in ["Up", "Down"] {
            ada.post("/api/groups", json!({"name": name})).await.expect(201);
        }
        program.stop();
        let signed = log.audit(&["sign"]);
        assert!(signed.code == Some(0) && signed.out.contains("\"size\":6"), "{signed:?}");
        let head = folder.path().join("head.json");
        std::fs::write(&head, &signed.out).unwrap();
        let head = head.to_str().unwrap();

        // Beside the server that writes it, too; what only it does is left to it.
        let program = log.start();
        let said = log.audit(&["verify", "--head", head]);
        assert!(said.code == Some(0) && said.out.contains("6 rows are whole"), "{said:?}");
        let mut ada = program.browser();
        ada.post("/api/session", json!({"email": "ada@example.com", "password": PASSWORD})).await.expect(200);
        ada.post("/api/groups", json!({"name": "Beside"})).await.expect(201);
        let said = log.audit(&["verify"]);
        assert!(said.code == Some(0) && said.out.contains("7 rows are whole"), "{said:?}");
        assert_eq!(log.audit(&["prove", "2", "--head", head]).code, Some(0));
        if log.database.is_none() {
            let said = log.audit(&["sign"]);
            assert!(said.code == Some(1) && said.err.contains("it signs a head itself"), "{said:?}");
        }
        ada.post("/api/groups", json!({"name": "After"})).await.expect(201);
        program.stop();

        for (how, expect) in [
            (Tampering::Edit(3), "row 3: does not say what it said when it was written"),
            (Tampering::Remove(3), "row 3: gone"),
            (Tampering::Swap(3), "row 3: does not follow the row before it"),
        ] {
            let copy = log.copy(&folder.path().join(format!("{how:?}")), postgres.as_ref());
            copy.with(|kept| kept.tamper(how));
            let said = copy.audit(&["verify"]);
            assert!(said.code == Some(2) && said.out.contains(expect), "{how:?}: {said:?}");
            assert!(said.err.contains("is not what it was"), "{said:?}");
            assert_eq!(
                copy.audit(&["prove", "3"]).code,
                Some(if how == Tampering::Remove(3) { 1 } else { 2 })
            );
        }
        // What was cut off with all that tells of it is found by a head that was kept elsewhere, and by nothing else.
        let copy = log.copy(&folder.path().join("cut"), postgres.as_ref());
        copy.with(|kept| kept.tamper(Tampering::Cut));
        let said = copy.audit(&["verify"]);
        assert!(said.code == Some(2) && said.out.contains("cut off"), "{said:?}");
        std::fs::remove_dir_all(copy.data.join("heads")).unwrap();
        let said = copy.audit(&["verify"]);
        assert!(said.code == Some(0) && said.out.contains("4 rows are whole"), "{said:?}");
        let said = copy.audit(&["verify", "--head", head]);
        let words = "rows 5 to 6: cut off after a head was signed that has them";
        assert!(said.code == Some(2) && said.out.contains(words), "{said:?}");
    }
}
