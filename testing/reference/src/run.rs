//! What the operations of the model do, by name. Functions are here, actions in `change`.
//!
//! **Architecture Invariant:** arguments that mean nothing are refused with 400 before anything is read.

use std::sync::Arc;

use futures::future::BoxFuture;
use gridkeep_model::{
    AppDefinition, Query, Row, Value,
    query::{Expr, Function, Operator, Order, Page},
};
use gridkeep_odata::json::{Item, Scalar};
use gridkeep_server::{
    error::ApiError,
    odata::{Answered, Bound, Done, MOST_ENTITIES, Operations, OwnCall, OwnError, OwnRows},
};

/// The table of the products.
pub(crate) const PRODUCTS: &str = "products";
/// Products of the list of the dearest where nobody says how many.
const TOP: i64 = 10;
/// Products that are shown as related to another.
const RELATED: u32 = 5;
/// More than any price or rate is.
const ABSURD: f64 = 1e12;
/// Rows that are read at once.
const BATCH: u32 = 1_000;

/// Runs the operations of the model.
pub(crate) struct Running {
    pub(crate) definition: Arc<AppDefinition>,
}

impl Operations for Running {
    fn run<'a>(&'a self, call: OwnCall<'a>) -> BoxFuture<'a, Result<Done, OwnError>> {
        Box::pin(async move {
            match self.changed(&call).await? {
                Some(done) => Ok(done),
                None => Ok(Done { answer: answered(&call).await?, ..Done::default() }),
            }
        })
    }
}

async fn answered(call: &OwnCall<'_>) -> Result<Answered, OwnError> {
    let value = match call.name {
        "GetTopProducts" => return top(call).await,
        "GetProductStats" => return stats(call).await,
        "GetAveragePrice" => {
            let prices = prices(call).await?;
            average(&prices).map_or(Scalar::Null, Scalar::Double)
        }
        "GetRelatedProducts" => return related(call).await,
        "FindProducts" => return find(call),
        "GetTotalPrice" => {
            let rate = amount(call, "taxRate")?;
            Scalar::Double(price(call).await? * (1.0 + rate))
        }
        "CalculatePrice" => {
            let discount = percentage(call, "discount")?;
            let tax = if call.argument("tax").is_some() { amount(call, "tax")? } else { 0.0 };
            Scalar::Double(price(call).await? * (1.0 - discount / 100.0) * (1.0 + tax / 100.0))
        }
        "GetInfo" => {
            let format = text(call, "format")?;
            let row = product(call, &["name", "price"]).await?;
            let (name, price) = (row.values.first().and_then(as_text).unwrap_or_default(), number(&row, 1));
            Scalar::Text(format!("{name}: {price:.2} (as {format})").into())
        }
        "Calculate" => {
            let result = match call.argument("value") {
                Some(_) => integer(call, "value")?.checked_mul(2),
                None => integer(call, "a")?.checked_add(integer(call, "b")?),
            };
            Scalar::Int64(result.ok_or_else(|| refused("The result is beyond Edm.Int64"))?)
        }
        "Convert" => Scalar::Text(match call.argument("input") {
            Some(_) => format!("String: {}", text(call, "input")?).into(),
            None => format!("Number: {}", integer(call, "number")?).into(),
        }),
        name => {
            return Err(OwnError::Server(ApiError::internal(format!("no {name}"))));
        }
    };
    Ok(Answered::Value(value.into()))
}

/// The dearest products of those called on, also of one category.
async fn top(call: &OwnCall<'_>) -> Result<Answered, OwnError> {
    let count = if call.argument("count").is_some() { integer(call, "count")? } else { TOP };
    let count = u32::try_from(count).ok().filter(|count| *count <= MOST_ENTITIES);
    let count = count.ok_or_else(|| refused(&format!("count is a number from 0 to {MOST_ENTITIES}")))?;
    let mut query = called_on(call);
    if call.argument("category").is_some() {
        let named = Expr::column("name").compare(Operator::Eq, text(call, "category")?.into());
        let found = call
            .rows
            .rows(Query { table: "categories".to_owned(), filter: Some(named), ..Query::default() })
            .await?;
        let within =
            Expr::column("category_id").one_of(found.rows.iter().map(|row| Value::Guid(row.id.uuid())));
        query.filter = Some(conjunction(query.filter, within));
    }
    query.order = vec![Order::column("price", true)];
    // Read here and answered by their ids: a page of as many as the trait's default would be none of its own.
    let page = Query { columns: Some(Vec::new()), page: Page::first(count), ..query.clone() };
    let ids = call.rows.rows(page).await?.rows.into_iter().map(|row| Value::Guid(row.id.uuid()));
    query.filter = Some(Expr::id().one_of(ids));
    Ok(Answered::Rows(Box::new(query)))
}

async fn stats(call: &OwnCall<'_>) -> Result<Answered, OwnError> {
    let prices = prices(call).await?;
    let total = Scalar::Int64(i64::try_from(prices.len()).unwrap_or(i64::MAX));
    let or_null = |value: Option<f64>| value.map_or(Scalar::Null, Scalar::Double);
    let members = [
        ("totalProducts", total),
        ("averagePrice", or_null(average(&prices))),
        ("maxPrice", or_null(prices.iter().copied().reduce(f64::max))),
        ("minPrice", or_null(prices.iter().copied().reduce(f64::min))),
    ];
    let members = members.map(|(name, value)| (name.into(), value.into())).into();
    Ok(Answered::Value(Item::Complex { kind: None, members }))
}

/// Products of the same category, without the one itself.
async fn related(call: &OwnCall<'_>) -> Result<Answered, OwnError> {
    let row = product(call, &["category_id"]).await?;
    let same = Expr::column("category_id").one_of(row.values.into_iter().filter(|value| !value.is_null()));
    let filter = conjunction(Some(same), !Expr::is_row(row.id));
    let order = vec![Order::column("name", false)];
    let page = Page::first(RELATED);
    let query = Query { table: PRODUCTS.to_owned(), filter: Some(filter), order, page, ..Query::default() };
    Ok(Answered::Rows(Box::new(query)))
}

/// Products whose name contains a text and that cost no more than this.
fn find(call: &OwnCall<'_>) -> Result<Answered, OwnError> {
    let name = Expr::column("name").call(Function::Finds, [text(call, "name")?.into()]);
    let most = Value::Double(amount(call, "maxPrice")?);
    let filter = name.and(Expr::column("price").compare(Operator::Le, most.into()));
    let query = Query { table: PRODUCTS.to_owned(), filter: Some(filter), ..Query::default() };
    Ok(Answered::Rows(Box::new(query)))
}

/// The products that an operation is called on: all of them at the root.
pub(crate) fn called_on(call: &OwnCall<'_>) -> Query {
    match &call.bound {
        Bound::Collection(_, query) => (**query).clone(),
        Bound::Entity(_, row) => whole(Some(Expr::is_row(row.id))),
        Bound::Nothing => whole(None),
    }
}

fn whole(filter: Option<Expr>) -> Query {
    Query { table: PRODUCTS.to_owned(), filter, ..Query::default() }
}

pub(crate) fn conjunction(one: Option<Expr>, other: Expr) -> Expr {
    match one {
        Some(one) => one.and(other),
        None => other,
    }
}

/// These columns of the product that is called on.
pub(crate) async fn product(call: &OwnCall<'_>, columns: &[&str]) -> Result<Row, OwnError> {
    let columns = Some(columns.iter().map(|id| (*id).to_owned()).collect());
    let found = call.rows.rows(Query { columns, page: Page::first(1), ..called_on(call) }).await?;
    Ok(found.rows.into_iter().next().ok_or(ApiError::NotFound)?)
}

pub(crate) async fn price(call: &OwnCall<'_>) -> Result<f64, OwnError> {
    Ok(number(&product(call, &["price"]).await?, 0))
}

/// All rows that a query finds.
pub(crate) async fn all(rows: &OwnRows, mut query: Query) -> Result<Vec<Row>, OwnError> {
    query.page = Page::first(BATCH);
    let mut all = Vec::new();
    loop {
        let found = rows.rows(query.clone()).await?;
        all.extend(found.rows);
        if found.next.is_none() {
            return Ok(all);
        }
        query.page.after = found.next;
    }
}

async fn prices(call: &OwnCall<'_>) -> Result<Vec<f64>, OwnError> {
    let query = Query { columns: Some(vec!["price".to_owned()]), ..called_on(call) };
    Ok(all(call.rows, query).await?.iter().map(|row| number(row, 0)).collect())
}

fn average(prices: &[f64]) -> Option<f64> {
    (!prices.is_empty()).then(|| prices.iter().sum::<f64>() / prices.len() as f64)
}

/// The number at this place of a row, which is not null in this model.
pub(crate) fn number(row: &Row, place: usize) -> f64 {
    match row.values.get(place) {
        Some(Value::Double(number)) => *number,
        _ => 0.0,
    }
}

fn as_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

pub(crate) fn refused(message: &str) -> OwnError {
    OwnError::Refused("INVALID_ARGUMENT", message.to_owned())
}

fn scalar<'a>(call: &'a OwnCall<'_>, name: &str) -> Option<&'a Scalar<'static>> {
    match call.argument(name) {
        Some(Item::Scalar(scalar)) => Some(scalar),
        _ => None,
    }
}

/// A finite number that is neither negative nor absurd.
pub(crate) fn amount(call: &OwnCall<'_>, name: &str) -> Result<f64, OwnError> {
    match scalar(call, name) {
        Some(Scalar::Double(number)) if (0.0..=ABSURD).contains(number) => Ok(*number),
        _ => Err(refused(&format!("{name} is a number from 0 to {ABSURD:e}"))),
    }
}

pub(crate) fn percentage(call: &OwnCall<'_>, name: &str) -> Result<f64, OwnError> {
    let number = amount(call, name)?;
    if number > 100.0 {
        return Err(refused(&format!("{name} is a number from 0 to 100")));
    }
    Ok(number)
}

fn integer(call: &OwnCall<'_>, name: &str) -> Result<i64, OwnError> {
    match scalar(call, name) {
        Some(Scalar::Int64(number)) => Ok(*number),
        _ => Err(refused(&format!("{name} is a whole number"))),
    }
}

fn text<'a>(call: &'a OwnCall<'_>, name: &str) -> Result<&'a str, OwnError> {
    match scalar(call, name) {
        Some(Scalar::Text(text)) => Ok(text),
        _ => Err(refused(&format!("{name} is a text"))),
    }
}
