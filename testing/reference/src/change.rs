//! What the actions of the model change.
//!
//! **Architecture Invariant:** an action answers operations and writes nothing itself. Data go back to the seed by what
//! differs from it: rows that are as they were stay untouched, and a version never goes back.

use std::collections::{BTreeMap, HashMap};

use gridkeep_model::{Operation, Query, Row, RowId, Value, definition::TableDefinition, query::Expr};
use gridkeep_odata::json::Scalar;
use gridkeep_server::odata::{Answered, Done, OwnCall, OwnError, OwnRows};

use crate::{
    run::{
        PRODUCTS, Running, all, amount, called_on, conjunction, number, percentage, price, product, refused,
    },
    seed,
};

/// `InStock` of the product's states.
const IN_STOCK: i64 = 1;
/// `Discontinued`.
const DISCONTINUED: i64 = 4;
/// The rating of a product that was reviewed without one.
const REVIEWED: i64 = 3;
/// What prices stay below.
const MOST: f64 = 1e12;

impl Running {
    /// What an action comes to; none of another operation.
    pub(crate) async fn changed(&self, call: &OwnCall<'_>) -> Result<Option<Done>, OwnError> {
        let (operations, answer) = match call.name {
            "ApplyDiscount" => {
                let part = percentage(call, "percentage")? / 100.0;
                let row = product(call, &["price"]).await?;
                (vec![update(&row, "price", (number(&row, 0) * (1.0 - part)).into())], Answered::Row(row.id))
            }
            "IncreasePrice" => {
                let more = amount(call, "amount")?;
                let row = product(call, &["price"]).await?;
                let price = number(&row, 0) + more;
                if price > MOST {
                    return Err(refused("The price would be absurd"));
                }
                (vec![update(&row, "price", price.into())], Answered::Nothing)
            }
            "Activate" => (activated(call).await?, Answered::Nothing),
            "CalculateDiscount" => {
                let part = percentage(call, "percentage")? / 100.0;
                let off = price(call).await? * part;
                (Vec::new(), Answered::Value(Scalar::Double(off).into()))
            }
            "MarkAllAsReviewed" => (reviewed(call).await?, Answered::Nothing),
            "Process" => {
                let operations = processed(call).await?;
                let count = count(operations.len());
                (operations, count)
            }
            "ResetAllPrices" => (self.prices(call.rows).await?, Answered::Nothing),
            "ResetProducts" => {
                (self.seeded(call.rows, |table| table == PRODUCTS).await?.0, Answered::Nothing)
            }
            "Reseed" => {
                let (operations, rows) = self.seeded(call.rows, |_| true).await?;
                (operations, count(rows))
            }
            _ => return Ok(None),
        };
        Ok(Some(Done { operations, answer }))
    }

    /// What brings tables back to the seed, and how many rows they then have.
    async fn seeded(
        &self,
        rows: &OwnRows,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(Vec<Operation>, usize), OwnError> {
        let (mut deletes, mut others, mut count) = (Vec::new(), Vec::new(), 0);
        for (name, seed) in seed::rows(&self.definition) {
            let Some(table) = self.definition.table(&name).filter(|table| wanted(&table.id)) else {
                continue;
            };
            count += seed.len();
            let columns = table.columns.iter().map(|column| column.id.clone()).collect();
            let query = Query { table: name, columns: Some(columns), ..Query::default() };
            let mut known: HashMap<RowId, Row> =
                all(rows, query).await?.into_iter().map(|row| (row.id, row)).collect();
            for (id, values) in seed {
                others.extend(restored(table, id, &values, known.remove(&id).as_ref()));
            }
            deletes.extend(known.into_values().map(|row| Operation::Delete {
                table: table.id.clone(),
                id: row.id,
                base_version: row.version,
            }));
        }
        // What nobody else may have alike is free before it is taken again.
        deletes.extend(others);
        Ok((deletes, count))
    }

    /// What gives the products of the seed that are still there their prices again.
    async fn prices(&self, rows: &OwnRows) -> Result<Vec<Operation>, OwnError> {
        let place = self
            .definition
            .table(PRODUCTS)
            .and_then(|table| table.columns.iter().position(|column| column.id == "price"));
        let seed = seed::rows(&self.definition).into_iter().filter(|(table, _)| table == PRODUCTS);
        let seed = seed.flat_map(|(_, rows)| rows);
        let seed: HashMap<RowId, Value> =
            seed.filter_map(|(id, values)| Some((id, values.get(place?)?.clone()))).collect();
        let columns = Some(vec!["price".to_owned()]);
        let query = Query { table: PRODUCTS.to_owned(), columns, ..Query::default() };
        let changed = |row: Row| {
            let price = seed.get(&row.id).filter(|price| row.values.first() != Some(price))?;
            Some(update(&row, "price", price.to_json()))
        };
        Ok(all(rows, query).await?.into_iter().filter_map(changed).collect())
    }
}

/// In stock and no longer discontinued.
async fn activated(call: &OwnCall<'_>) -> Result<Vec<Operation>, OwnError> {
    let row = product(call, &["status"]).await?;
    let status = match row.values.first() {
        Some(Value::Integer(status)) => *status,
        _ => 0,
    };
    Ok(vec![update(&row, "status", (status & !DISCONTINUED | IN_STOCK).into())])
}

/// Those without a rating get the middle one.
async fn reviewed(call: &OwnCall<'_>) -> Result<Vec<Operation>, OwnError> {
    let query = called_on(call);
    let filter = Some(conjunction(query.filter, Expr::column("rating").is_null()));
    let rows = all(call.rows, Query { filter, columns: Some(Vec::new()), ..query }).await?;
    Ok(rows.iter().map(|row| update(row, "rating", REVIEWED.into())).collect())
}

/// What is not cheaper than a price becomes cheaper by a percentage.
async fn processed(call: &OwnCall<'_>) -> Result<Vec<Operation>, OwnError> {
    let part = percentage(call, "percentage")? / 100.0;
    let least = match call.argument("minPrice") {
        Some(item) if !item.is_null() => amount(call, "minPrice")?,
        _ => 0.0,
    };
    let query = Query { columns: Some(vec!["price".to_owned()]), ..called_on(call) };
    let rows = all(call.rows, query).await?;
    let fits = |row: &&Row| number(row, 0) >= least;
    Ok(rows
        .iter()
        .filter(fits)
        .map(|row| update(row, "price", (number(row, 0) * (1.0 - part)).into()))
        .collect())
}

fn count(rows: usize) -> Answered {
    Answered::Value(Scalar::Integer(i32::try_from(rows).unwrap_or(i32::MAX)).into())
}

/// A product with another value.
fn update(row: &Row, column: &str, value: serde_json::Value) -> Operation {
    let values = BTreeMap::from([(column.to_owned(), value)]);
    Operation::Update { table: PRODUCTS.to_owned(), id: row.id, base_version: row.version, values }
}

/// What makes a row what it was in the seed; what the service fills itself stays.
fn restored(table: &TableDefinition, id: RowId, values: &[Value], known: Option<&Row>) -> Option<Operation> {
    let columns = table.columns.iter().zip(values).enumerate();
    let columns = columns.filter(|(_, (column, _))| column.is_entered());
    let differs = |place: usize, value: &Value| known.is_none_or(|row| row.values.get(place) != Some(value));
    let given: BTreeMap<_, _> = columns
        .filter(|(place, (_, value))| differs(*place, value))
        .map(|(_, (column, value))| (column.id.clone(), value.to_json()))
        .collect();
    let table = table.id.clone();
    match known {
        None => Some(Operation::Insert { table, id, values: given }),
        Some(_) if given.is_empty() => None,
        Some(row) => Some(Operation::Update { table, id, base_version: row.version, values: given }),
    }
}
