//! Prints how fast the store is on this machine: durable transactions a second for many callers, and lists of 50 of
//! 100,000 rows, filtered and sorted. `cargo run --release -p gridkeep-store --example measure [postgres://...]`
#![expect(clippy::print_stdout, reason = "figures are what it is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails stops")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{
    AccountId, AppId, Clock, Column, ColumnType, KeyOwner, Outcome, RowChange, RowId, TableSchema, TenantId,
    TransactionId, Value,
    query::{Expr, Function, Operator, Order, Page, Query},
};
use gridkeep_store::{
    Audience, Backend, DatabaseKey, Durability, KeyError, Keys, NewApp, NewVersion, Store, StoreConfig,
    StoreError, StoreLimits, Tenant, WrappedKey,
};

const ROWS: u64 = 100_000;
const TIME: Duration = Duration::from_secs(2);

struct PlainKeys;

impl Keys for PlainKeys {
    fn create(&self, _: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError> {
        Ok((WrappedKey(vec![]), DatabaseKey::new(Box::new([7; 32]).into())))
    }

    fn open(&self, _: KeyOwner, _: &WrappedKey) -> Result<DatabaseKey, KeyError> {
        Ok(DatabaseKey::new(Box::new([7; 32]).into()))
    }

    fn rewrap(&self, _: KeyOwner, _: &WrappedKey) -> Result<Option<WrappedKey>, KeyError> {
        Ok(None)
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::TempDir::new_in(".").unwrap();
    let backend = match std::env::args().nth(1) {
        Some(url) => Backend::Postgres { url },
        None => Backend::Sqlite { folder: folder.path().to_owned() },
    };
    let (durability, limits) = (Durability::Full, StoreLimits::default());
    let config = StoreConfig { backend, keys: Arc::new(PlainKeys), durability, limits };
    let store = Store::open(config).await.unwrap();
    let (clock, mut rng) = (Arc::new(StepClock::default()), SeededRng::new(std::process::id().into()));
    let tenant = store.create_tenant(TenantId::new(&*clock, &mut rng), "Measure", clock.now()).await.unwrap();
    let app = AppId::new(&*clock, &mut rng);
    prepare(&tenant, app, &clock, &mut rng).await;
    for callers in [1, 16, 64, 256] {
        commits(&tenant, app, callers).await;
    }
    let name = |descending| vec![Order::column("name", descending)];
    let open = Expr::column("status").compare(Operator::Eq, "open".into());
    let found = Expr::column("name").call(Function::Finds, ["7 bo".into()]);
    let cases = [
        ("sorted by an indexed text", None, name(false), 0),
        ("filtered by a status, sorted by an indexed text", Some(open.clone()), name(true), 0),
        ("the same at row 10,000", Some(open.clone()), name(false), 10_000),
        ("sorted by a number without index", None, vec![Order::column("weight", true)], 0),
        ("a text contained, in one row of a hundred", Some(found), name(false), 0),
        ("filtered by a status, as they came", Some(open.clone()), vec![], 0),
    ];
    for (title, filter, order, offset) in cases {
        for count in [false, true] {
            let page = Page { limit: 50, offset, after: None };
            let (filter, order) = (filter.clone(), order.clone());
            let query = Query { table: "goods".into(), filter, order, page, count, ..Query::unlimited() };
            lists(&tenant, app, title, &query).await;
        }
    }
    for (title, order) in [("name", name(false)), ("name, the last first", name(true)), ("age", vec![])] {
        let page = Page { limit: 50, offset: 50_000, after: None };
        let query = Query { table: "goods".into(), order, page, ..Query::unlimited() };
        let asked = query.clone();
        let half = tenant.read(move |reader| reader.rows(app, &asked)).await;
        let after = half.map_err(|error: StoreError| error).unwrap().next;
        let behind = Query { page: Page { limit: 50, offset: 0, after }, ..query };
        lists(&tenant, app, &format!("by {title}, behind row 50,000"), &behind).await;
    }
}

async fn prepare(tenant: &Tenant, app: AppId, clock: &Arc<StepClock>, rng: &mut SeededRng) {
    let column = |id: &str, column_type| Column { id: id.into(), column_type };
    let columns = vec![
        column("name", ColumnType::Text),
        column("status", ColumnType::Text),
        column("price", ColumnType::Decimal { scale: 2 }),
        column("pieces", ColumnType::Integer),
        column("weight", ColumnType::Double),
        column("since", ColumnType::Date),
    ];
    let schema = TableSchema { id: "goods".into(), columns };
    let mut rows = Vec::new();
    for number in 0..ROWS {
        let random = rng.next();
        let status = ["open", "closed", "waiting", "lost"][(random % 4) as usize];
        let values = vec![
            Value::Text(format!("{} bolt of kind {}", random % 1000, number % 977)),
            Value::Text(status.into()),
            Value::decimal(&format!("{}.{:02}", random % 10_000, random % 100), 2).unwrap(),
            Value::Integer((random % 500) as i64),
            Value::Double((random % 100_000) as f64 / 7.0),
            Value::from_json(ColumnType::Date, &"2026-11-21".into()).unwrap(),
        ];
        rows.push((RowId::new(&**clock, rng), values));
    }
    let (start, clock) = (Instant::now(), Arc::clone(clock));
    let owner = AccountId::from_uuid(app.uuid());
    let work = tenant.write(move |work| {
        work.create_app(&NewApp { id: app, owner, audience: Audience::Private }, &*clock)?;
        let json = serde_json::json!({"schemaVersion": 1, "name": "M", "icon": "i", "accent": "#000000",
            "language": "en", "screens": []});
        let definition = serde_json::from_value(json).unwrap();
        let new =
            NewVersion { app, definition: &definition, workbook: "w", file_name: "f", created_by: owner };
        work.publish(&new, &*clock)?;
        work.create_table(app, &schema, &["name", "status", "price"])?;
        work.insert_rows(app, "goods", rows)
    });
    work.await.map_err(|error: StoreError| error).unwrap();
    println!("{ROWS} rows published, three indexes, one commit: {:.2} s", start.elapsed().as_secs_f64());
}

async fn commits(tenant: &Tenant, app: AppId, callers: u64) {
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let tenant = tenant.clone();
            tokio::spawn(async move {
                let clock = StepClock::default();
                let mut rng =
                    SeededRng::new(start.elapsed().as_nanos() as u64 ^ (caller << 32) ^ callers << 48);
                let mut done = 0_u64;
                while start.elapsed() < TIME {
                    let (row, id) = (RowId::new(&clock, &mut rng), TransactionId::new(&clock, &mut rng));
                    let values = vec![Value::Text("customer name here".into()), Value::Text("open".into())];
                    let values = values.into_iter().chain(std::iter::repeat_n(Value::Null, 4)).collect();
                    let change = RowChange::Insert { table: "goods".into(), id: row, values };
                    let work = tenant.write(move |work| {
                        work.recall(app, id, &[0; 32])?;
                        let sequence = work.apply(app, 1, &[change])?;
                        let outcome = Outcome::Applied { sequence, rows: vec![] };
                        work.remember(app, id, &[0; 32], &outcome, &StepClock::default())
                    });
                    work.await.map_err(|error: StoreError| error).unwrap();
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    let rate = done as f64 / start.elapsed().as_secs_f64();
    println!("{callers:>3} callers: {rate:.0} durable transactions a second");
}

async fn lists(tenant: &Tenant, app: AppId, title: &str, query: &Query) {
    let start = Instant::now();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (tenant, query) = (tenant.clone(), query.clone());
            tokio::spawn(async move {
                let mut done = 0_u64;
                while start.elapsed() < TIME {
                    let query = query.clone();
                    let read = tenant.read(move |reader| reader.rows(app, &query));
                    let found = read.await.map_err(|error: StoreError| error).unwrap();
                    assert_eq!(found.rows.len(), 50);
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    let rate = done as f64 / start.elapsed().as_secs_f64();
    let count = if query.count { ", with the count" } else { "" };
    println!("50 rows, {title}{count}: {rate:.0} lists a second");
}
