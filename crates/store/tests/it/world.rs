//! A store to test with: once on SQLite, once on PostgreSQL where that is installed.

use std::{path::Path, sync::Arc};

use gridkeep_kit::{Postgres, SeededRng, StepClock};
use gridkeep_model::{
    AccountId, AppDefinition, AppId, Clock, Column, ColumnType, Row, RowId, SessionId, TableSchema, TenantId,
    Value,
    query::{Order, Page, Query},
};
use gridkeep_store::{
    Audience, Backend, DatabaseKey, Durability, KeyError, KeyOwner, Keys, NewApp, NewVersion, Session, Store,
    StoreConfig, StoreError, StoreLimits, Tenant, WrappedKey,
};
use tempfile::TempDir;

/// Keys that are wrapped by standing beside their owner's name.
pub(crate) struct TestKeys;

impl Keys for TestKeys {
    fn create(&self, owner: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError> {
        let wrapped = WrappedKey(format!("{owner:?}").into_bytes());
        let key = self.open(owner, &wrapped)?;
        Ok((wrapped, key))
    }

    fn open(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<DatabaseKey, KeyError> {
        if wrapped.0 != format!("{owner:?}").into_bytes() {
            return Err(KeyError("another owner's".into()));
        }
        let mut key = [7; 32];
        key[0] = wrapped.0.len() as u8;
        Ok(DatabaseKey::new(Box::new(key).into()))
    }

    fn rewrap(&self, owner: KeyOwner, wrapped: &WrappedKey) -> Result<Option<WrappedKey>, KeyError> {
        self.open(owner, wrapped).map(|_| Some(wrapped.clone()))
    }
}

/// Where a test's databases are; removed when dropped.
pub(crate) enum Place {
    Folder(TempDir),
    /// The server lives as long as the test.
    Server {
        _postgres: Postgres,
        url: String,
    },
}

impl Place {
    pub(crate) fn backend(&self) -> Backend {
        match self {
            Self::Folder(folder) => Backend::Sqlite { folder: folder.path().to_owned() },
            Self::Server { url, .. } => Backend::Postgres { url: url.clone() },
        }
    }
}

/// The places a test runs at: SQLite, and PostgreSQL where it is installed.
pub(crate) fn places() -> Vec<Place> {
    let mut places = vec![Place::Folder(TempDir::new().unwrap())];
    places.extend(server());
    places
}

fn server() -> Option<Place> {
    let postgres = Postgres::start()?;
    let name = Postgres::fresh_name();
    let url = postgres.url().to_owned();
    let sql = format!("CREATE DATABASE {name}");
    // The synchronous client brings a runtime of its own.
    std::thread::spawn(move || {
        postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
    })
    .join()
    .unwrap();
    let url = postgres.database_url(&name);
    Some(Place::Server { _postgres: postgres, url })
}

pub(crate) fn config(backend: Backend) -> StoreConfig {
    let (durability, limits) = (Durability::Full, StoreLimits::default());
    StoreConfig { backend, keys: Arc::new(TestKeys), durability, limits }
}

pub(crate) async fn open(place: &Place) -> Store {
    Store::open(config(place.backend())).await.unwrap()
}

/// A store with one tenant and one app in it, and time and chance to go on with.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) tenant: Tenant,
    pub(crate) app: AppId,
    pub(crate) owner: AccountId,
    pub(crate) clock: Arc<StepClock>,
    pub(crate) rng: SeededRng,
}

impl World {
    pub(crate) async fn new(place: &Place) -> Self {
        Self::limited(place, StoreLimits::default()).await
    }

    pub(crate) async fn limited(place: &Place, limits: StoreLimits) -> Self {
        let store = Store::open(StoreConfig { limits, ..config(place.backend()) }).await.unwrap();
        let (clock, mut rng) = (Arc::new(StepClock::default()), SeededRng::default());
        let tenant = TenantId::new(&*clock, &mut rng);
        let tenant = store.create_tenant(tenant, "Test", clock.now()).await.unwrap();
        let (app, owner) = (AppId::new(&*clock, &mut rng), AccountId::new(&*clock, &mut rng));
        let world = Self { store, tenant, app, owner, clock, rng };
        world.publish("Stock", true).await;
        world
    }

    /// Publishes a version of the world's app.
    pub(crate) async fn publish(&self, name: &str, first: bool) -> u32 {
        let (app, owner, clock, definition) =
            (self.app, self.owner, Arc::clone(&self.clock), definition(name));
        self.tenant
            .write(move |work| {
                if first {
                    work.create_app(&NewApp { id: app, owner, audience: Audience::Private }, &*clock)?;
                }
                let version = NewVersion {
                    app,
                    definition: &definition,
                    workbook: "workbook-1",
                    file_name: "stock.xlsx",
                    created_by: owner,
                };
                work.publish(&version, &*clock)
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap()
    }

    /// Makes the table of a schema and fills it.
    pub(crate) async fn table(&self, schema: &TableSchema, indexed: &'static [&'static str], rows: Vec<Row>) {
        let (app, schema) = (self.app, schema.clone());
        let rows = rows.into_iter().map(|row| (row.id, row.values));
        let rows: Vec<_> = rows.collect();
        self.tenant
            .write(move |work| {
                work.create_table(app, &schema, indexed)?;
                work.insert_rows(app, &schema.id, rows)
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
    }

    pub(crate) fn row_id(&mut self) -> RowId {
        RowId::new(&*self.clock, &mut self.rng)
    }
}

pub(crate) fn definition(name: &str) -> AppDefinition {
    serde_json::from_value(serde_json::json!({
        "schemaVersion": 1, "name": name, "description": "", "icon": "box", "accent": "#336699", "language": "en",
        "screens": [], "tables": []
    }))
    .unwrap()
}

pub(crate) fn schema(table: &str, columns: &[(&str, ColumnType)]) -> TableSchema {
    let column =
        |(id, column_type): &(&str, ColumnType)| Column { id: (*id).to_owned(), column_type: *column_type };
    TableSchema { id: table.to_owned(), columns: columns.iter().map(column).collect() }
}

/// All rows of a table in the order of one column.
pub(crate) fn all(table: &str, order: &[(&str, bool)]) -> Query {
    let key = |(column, descending): &(&str, bool)| Order::column(*column, *descending);
    Query {
        table: table.to_owned(),
        order: order.iter().map(key).collect(),
        page: Page::first(1_000),
        count: true,
        ..Query::unlimited()
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn contains_bytes(path: &Path, needle: &[u8]) -> bool {
    std::fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle)
}

/// A session of an hour, named by a number, whose token hashes to as many of that number.
pub(crate) fn begin(account: AccountId, number: u8, now: jiff::Timestamp) -> Session {
    let ends = now + jiff::SignedDuration::from_hours(1);
    Session {
        id: SessionId::from_uuid(uuid::Uuid::from_bytes([number; 16])),
        token: Some([number; 32]),
        account,
        methods: "pwd".to_owned(),
        authenticated: now,
        address: Some("192.0.2.1".to_owned()),
        agent: None,
        created: now,
        expires: ends,
        ends,
        seen: now,
        company: None,
        passkey_since: None,
    }
}
