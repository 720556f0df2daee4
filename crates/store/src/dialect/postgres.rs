//! PostgreSQL through the synchronous `postgres` crate: one schema a database, one bounded pool a server.
//!
//! **Architecture Invariant:** writers of one schema take turns, across processes too, by an advisory lock held to the end
//! of the commit: the same meaning as SQLite's one writer, without deadlocks.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, atomic::AtomicBool},
};

use bytes::BytesMut;
use gridkeep_model::{
    ColumnType, Value,
    data::{NARROW_SCALE, duration},
};
use jiff::civil;
use postgres::{
    Client, Row, Statement,
    binary_copy::BinaryCopyInWriter,
    types::{FromSql, IsNull, ToSql, Type},
};
use rust_decimal::Decimal;
use sea_query::Value as Bound;
use uuid::Uuid;

use super::{
    Cells, Each, Interrupt, Kind, Link, Migration, NextRow, Physical, Running, check, pool::Ticket,
    postgres_words::PostgresWords, steps,
};
use crate::{Durability, StoreError, laid::Insert, shown::Held, sql::Words};

/// What PostgreSQL counts moments from.
const EPOCH: civil::DateTime = civil::DateTime::constant(2000, 1, 1, 0, 0, 0, 0);
/// Statements kept ready on one connection.
const STATEMENTS: usize = 256;
/// Values of one statement: its protocol counts them in 16 bits.
const PARAMETERS: usize = 16_000;
/// Rows of a stream fetched at once.
const FETCH: usize = 512;

/// One connection, looking at one schema.
pub(crate) struct Postgres {
    /// `None` only while it is dropped.
    client: Option<Client>,
    schema: String,
    statements: HashMap<String, Statement>,
    in_transaction: bool,
    stopped: Arc<AtomicBool>,
    _ticket: Ticket,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The client ends its connection on a runtime of its own, which must not happen on a thread that runs another.
        if let Some(client) = self.client.take() {
            std::thread::spawn(move || drop(client));
        }
    }
}

impl Postgres {
    pub(super) fn new(client: Client, ticket: Ticket) -> Self {
        Self {
            client: Some(client),
            schema: String::new(),
            statements: HashMap::new(),
            in_transaction: false,
            stopped: Arc::default(),
            _ticket: ticket,
        }
    }

    /// The schema it looks at.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// Turns to another schema, whose statements are others and whose commits may wait for something else.
    pub(super) fn look_at(&mut self, schema: &str, durability: Durability) -> Result<(), StoreError> {
        if self.schema != schema {
            self.statements.clear();
            let synchronous = match durability {
                // As the server's own operator wants it.
                Durability::Full => "RESET synchronous_commit",
                Durability::Normal => "SET synchronous_commit TO off",
            };
            self.batch(&format!(
                "SET search_path TO {schema}; SET client_min_messages TO warning; {synchronous}"
            ))?;
            schema.clone_into(&mut self.schema);
        }
        Ok(())
    }

    fn client(&mut self) -> Result<&mut Client, StoreError> {
        self.client.as_mut().ok_or(StoreError::Busy)
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        check(&self.stopped)?;
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(sql)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Our small binder: how each value is sent to PostgreSQL.
#[derive(Debug)]
struct Binder<'a>(&'a Bound);

impl ToSql for Binder<'_> {
    fn to_sql(
        &self,
        wanted: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Bound::String(Some(text)) => text.to_sql_checked(wanted, out),
            Bound::Bytes(Some(bytes)) => bytes.to_sql_checked(wanted, out),
            Bound::Uuid(Some(id)) => id.to_sql_checked(wanted, out),
            Bound::Bool(Some(boolean)) => boolean.to_sql_checked(wanted, out),
            Bound::Int(Some(number)) => i64::from(*number).to_sql_checked(wanted, out),
            Bound::BigInt(Some(number)) => number.to_sql_checked(wanted, out),
            Bound::BigUnsigned(Some(number)) => {
                i64::try_from(*number).unwrap_or(i64::MAX).to_sql_checked(wanted, out)
            }
            Bound::Double(Some(number)) => number.to_sql_checked(wanted, out),
            Bound::Decimal(Some(number)) => number.to_sql_checked(wanted, out),
            Bound::JiffDate(Some(date)) => date.to_sql_checked(wanted, out),
            Bound::JiffTime(Some(time)) => time.to_sql_checked(wanted, out),
            // The client's own conversion goes through nanoseconds, which end in the year 2262.
            Bound::JiffDateTime(Some(moment)) if *wanted == Type::TIMESTAMP => {
                let since = moment.duration_since(EPOCH).as_micros();
                out.extend_from_slice(&i64::try_from(since)?.to_be_bytes());
                Ok(IsNull::No)
            }
            Bound::JiffDateTime(Some(moment)) => moment.to_sql_checked(wanted, out),
            _ => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each value checks its own type.
        true
    }

    postgres::types::to_sql_checked!();
}

/// The statement that adds so many rows.
fn rows_of(insert: &Insert, rows: usize) -> String {
    let mut sql = insert.head.clone();
    for row in 0..rows {
        for column in 0..insert.width {
            let before = match (row, column) {
                (0, 0) => "(",
                (_, 0) => "), (",
                _ => ", ",
            };
            sql.push_str(before);
            sql.push('$');
            sql.push_str(&(row * insert.width + column + 1).to_string());
        }
    }
    sql.push(')');
    sql.push_str(Insert::TAIL);
    sql
}

fn binders(values: &[Bound]) -> Vec<Binder<'_>> {
    values.iter().map(Binder).collect()
}

fn refs<'a>(binders: &'a [Binder<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    binders.iter().map(|binder| binder as &(dyn ToSql + Sync)).collect()
}

impl Link for Postgres {
    fn execute(&mut self, sql: &str, values: &[Bound]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        Ok(self.client()?.execute(&statement, &refs(&binders(values)))?)
    }

    fn insert(&mut self, insert: &Insert, rows: &[Vec<Bound>]) -> Result<usize, StoreError> {
        let mut left = rows;
        while !left.is_empty() {
            // A few sizes, so that their statements stay prepared.
            let size =
                [64, 16, 4].into_iter().find(|size| *size <= left.len() && size * insert.width <= PARAMETERS);
            let (now, later) = left.split_at(size.unwrap_or(1));
            let written = match now {
                [one] => self.execute(&insert.one, one)?,
                many => {
                    let values: Vec<Binder<'_>> = many.iter().flatten().map(Binder).collect();
                    let statement = self.prepare(&rows_of(insert, many.len()))?;
                    self.client()?.execute(&statement, &refs(&values))?
                }
            };
            if written < now.len() as u64 {
                return Ok(rows.len() - left.len());
            }
            left = later;
        }
        Ok(rows.len())
    }

    fn query(&mut self, sql: &str, values: &[Bound], each: Each<'_>) -> Result<(), StoreError> {
        let statement = self.prepare(sql)?;
        for row in self.client()?.query(&statement, &refs(&binders(values)))? {
            if let ControlFlow::Break(()) = each(&PostgresRow(&row))? {
                break;
            }
        }
        Ok(())
    }

    fn query_within(
        &mut self,
        _steps: Option<u64>,
        sql: &str,
        values: &[Bound],
        each: Each<'_>,
    ) -> Result<bool, StoreError> {
        self.query(sql, values, each).map(|()| true)
    }

    fn stream(&mut self, sql: &str, values: &[Bound], each: Each<'_>) -> Result<(), StoreError> {
        let declare = format!("DECLARE gk_stream NO SCROLL CURSOR FOR {sql}");
        self.client()?.execute(&declare, &refs(&binders(values)))?;
        let fetch = self.prepare_fetch()?;
        loop {
            let rows = self.client()?.query(&fetch, &[])?;
            for row in &rows {
                if let ControlFlow::Break(()) = each(&PostgresRow(row))? {
                    return self.batch("CLOSE gk_stream");
                }
            }
            if rows.len() < FETCH {
                return self.batch("CLOSE gk_stream");
            }
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        if matches!(sql, "COMMIT" | "ROLLBACK") {
            self.in_transaction = false;
        }
        Ok(self.client()?.batch_execute(sql)?)
    }

    fn bulk(
        &mut self,
        table: &str,
        columns: &[String],
        types: &[Physical],
        next: NextRow<'_>,
    ) -> Result<u64, StoreError> {
        let sql = format!("COPY {table} ({}) FROM STDIN BINARY", columns.join(", "));
        let types: Vec<Type> = types.iter().map(|physical| wire_type(*physical)).collect();
        let mut writer = BinaryCopyInWriter::new(self.client()?.copy_in(&sql)?, &types);
        let mut values = Vec::with_capacity(columns.len());
        while next(&mut values)? {
            writer.write_raw(values.iter().map(Binder))?;
            values.clear();
        }
        Ok(writer.finish()?)
    }

    fn move_head(&mut self, app: Uuid, by: i64) -> Result<Option<i64>, StoreError> {
        let sql = "UPDATE heads SET sequence = sequence + $1 WHERE app = $2 RETURNING sequence";
        let link: &mut dyn Link = self;
        link.first(sql, &[by.into(), app.into()], |cells| cells.get(0))
    }

    fn begin_write(&mut self) -> Result<(), StoreError> {
        let schema = self.schema.clone();
        self.batch(&format!("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('{schema}', 0))"))?;
        self.in_transaction = true;
        Ok(())
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        self.in_transaction = true;
        Ok(())
    }

    fn hurry(&mut self, _most: Option<u64>) {}

    fn is_open(&self) -> bool {
        self.in_transaction
    }

    fn is_sound(&mut self) -> bool {
        // After a statement that failed, noticed or not, all others fail, and a commit would undo everything in silence.
        self.in_transaction && self.batch("SELECT").is_ok()
    }

    fn is_healthy(&self) -> bool {
        !self.in_transaction && self.client.as_ref().is_some_and(|client| !client.is_closed())
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let running = Running::Postgres(self.client.as_ref()?.cancel_token());
        Some(Interrupt { stopped: Arc::clone(&self.stopped), running })
    }

    fn words(&self) -> &'static dyn Words {
        &PostgresWords
    }

    fn folded(&self, text: &str, values: &mut Vec<Bound>) -> String {
        super::postgres_words::folded(text, values)
    }

    fn physical_type(&self, physical: Physical) -> String {
        let name = match physical {
            Physical::Id | Physical::Value(ColumnType::Guid) => "uuid",
            Physical::Count | Physical::Value(ColumnType::Integer | ColumnType::Duration) => "bigint",
            Physical::Value(ColumnType::Decimal { scale }) => {
                let digits = if scale > NARROW_SCALE { 28 } else { 19 };
                return format!("numeric({digits}, {scale})");
            }
            Physical::Value(ColumnType::Binary) => "bytea",
            Physical::Value(ColumnType::Double) => "double precision",
            Physical::Value(ColumnType::Boolean) => "boolean",
            Physical::Value(ColumnType::Date) => "date",
            Physical::Value(ColumnType::Time) => "time",
            Physical::Value(ColumnType::DateTime) => "timestamp",
            Physical::Folded | Physical::Value(ColumnType::Text) => "text COLLATE \"C\"",
        };
        name.to_owned()
    }

    fn table_suffix(&self) -> &'static str {
        ""
    }

    fn nulls_first(&self) -> &'static str {
        " NULLS FIRST"
    }

    fn explain(&self) -> (&'static str, usize) {
        ("EXPLAIN", 0)
    }

    fn about_rows(&mut self, _table: &str) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn analyse(&mut self, table: &str) -> Result<(), StoreError> {
        self.batch(&format!("ANALYZE {table}"))
    }

    fn migrations(&self, kind: Kind) -> &'static [Migration] {
        match kind {
            Kind::Control => steps::CONTROL.1,
            Kind::Tenant => steps::TENANT.1,
        }
    }

    fn prepare_migrations(&mut self) -> Result<(), StoreError> {
        let schema = self.schema.clone();
        self.batch(&format!(
            "CREATE SCHEMA IF NOT EXISTS {schema};
             CREATE TABLE IF NOT EXISTS migrations (
                number bigint NOT NULL PRIMARY KEY, name text NOT NULL, checksum bigint NOT NULL
             )"
        ))
    }

    fn name(&self) -> String {
        format!("schema {}", self.schema)
    }
}

impl Postgres {
    /// Not kept ready: the cursor it names is another one each time.
    fn prepare_fetch(&mut self) -> Result<Statement, StoreError> {
        Ok(self.client()?.prepare(&format!("FETCH {FETCH} FROM gk_stream"))?)
    }
}

fn wire_type(physical: Physical) -> Type {
    match physical {
        Physical::Id | Physical::Value(ColumnType::Guid) => Type::UUID,
        Physical::Count | Physical::Value(ColumnType::Integer | ColumnType::Duration) => Type::INT8,
        Physical::Value(ColumnType::Binary) => Type::BYTEA,
        Physical::Value(ColumnType::Decimal { .. }) => Type::NUMERIC,
        Physical::Value(ColumnType::Double) => Type::FLOAT8,
        Physical::Value(ColumnType::Boolean) => Type::BOOL,
        Physical::Value(ColumnType::Date) => Type::DATE,
        Physical::Value(ColumnType::Time) => Type::TIME,
        Physical::Value(ColumnType::DateTime) => Type::TIMESTAMP,
        Physical::Folded | Physical::Value(ColumnType::Text) => Type::TEXT,
    }
}

struct PostgresRow<'a>(&'a Row);

impl PostgresRow<'_> {
    fn get<'b, T: FromSql<'b>>(&'b self, index: usize) -> Result<Option<T>, StoreError> {
        Ok(self.0.try_get(index)?)
    }
}

impl Cells for PostgresRow<'_> {
    fn integer(&self, index: usize) -> Result<Option<i64>, StoreError> {
        self.get(index)
    }

    fn text(&self, index: usize) -> Result<Option<String>, StoreError> {
        self.get(index)
    }

    fn bytes(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(index)
    }

    fn boolean(&self, index: usize) -> Result<Option<bool>, StoreError> {
        self.get(index)
    }

    fn uuid(&self, index: usize) -> Result<Option<Uuid>, StoreError> {
        self.get(index)
    }

    fn value(&self, index: usize, column_type: ColumnType) -> Result<Value, StoreError> {
        let value = match column_type {
            ColumnType::Text => self.get(index)?.map(Value::Text),
            ColumnType::Integer => self.get(index)?.map(Value::Integer),
            ColumnType::Decimal { scale } => self.get::<Decimal>(index)?.map(|mut number| {
                number.rescale(u32::from(scale));
                Value::Decimal(number)
            }),
            ColumnType::Double => self.get(index)?.map(Value::Double),
            ColumnType::Boolean => self.get(index)?.map(Value::Boolean),
            ColumnType::Date => self.get::<civil::Date>(index)?.map(Value::Date),
            ColumnType::Time => self.get::<civil::Time>(index)?.map(Value::Time),
            ColumnType::DateTime => self.get::<civil::DateTime>(index)?.map(Value::DateTime),
            ColumnType::Guid => self.get(index)?.map(Value::Guid),
            ColumnType::Duration => {
                self.get::<i64>(index)?.map(|micros| Value::Duration(duration::from_micros(micros)))
            }
            ColumnType::Binary => self.get(index)?.map(Value::Binary),
        };
        Ok(value.unwrap_or(Value::Null))
    }

    fn held(&self, index: usize, column_type: ColumnType) -> Result<Held<'_>, StoreError> {
        let borrowed = match column_type {
            ColumnType::Text => self.get(index)?.map(Held::Text),
            ColumnType::Binary => self.get(index)?.map(Held::Binary),
            _ => Some(Held::Value(self.value(index, column_type)?)),
        };
        Ok(borrowed.unwrap_or(Held::Value(Value::Null)))
    }
}
