//! Which reads are expected to be short, and how they are read.
//!
//! **Architecture Invariant:** a read that may take long never runs on a thread that serves connections: what is tried there
//! looks at plain columns only, and its steps are bounded by the store.

use gridkeep_model::{Query, query::Expr};
use gridkeep_store::Reader;

use crate::{error::ApiError, tenancy::Tenancy};

/// Rows of a page that is short.
const ROWS: u64 = 100;
/// Parts of its filter.
const PARTS: usize = 32;

/// Runs a read, short or not.
pub(super) async fn read<T: Send + 'static>(
    tenancy: &Tenancy,
    short: bool,
    read: impl Fn(&mut Reader<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    if short { tenancy.read_short(read).await } else { tenancy.read(read).await }
}

/// Whether few rows are asked for, by columns and constants only.
pub(super) fn is_short(query: &Query) -> bool {
    let page = &query.page;
    let mut left = PARTS;
    let mut plain = |expr: &Expr| is_plain(expr, &mut left);
    !query.count
        && query.steps.is_empty()
        && query.compute.is_empty()
        && page.offset.saturating_add(page.limit.into()) <= ROWS
        && query.filter.iter().chain(query.order.iter().map(|key| &key.expr)).all(&mut plain)
}

/// Whether an expression only compares columns and constants.
fn is_plain(expr: &Expr, left: &mut usize) -> bool {
    *left = left.saturating_sub(1);
    *left > 0
        && match expr {
            Expr::Literal(_) => true,
            Expr::Field(field) => field.path.is_empty(),
            Expr::Not(inner) => is_plain(inner, left),
            Expr::And(all) | Expr::Or(all) => all.iter().all(|part| is_plain(part, left)),
            Expr::Compare(_, one, other) => is_plain(one, left) && is_plain(other, left),
            Expr::In(needle, values) => {
                is_plain(needle, left) && values.iter().all(|value| is_plain(value, left))
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::{
        Value,
        query::{Function, Operator, Order, Page},
    };

    use super::*;

    #[test]
    fn only_plain_filters_and_few_rows_are_short() {
        let equal = Expr::column("a").compare(Operator::Eq, Value::Integer(1).into());
        let check = |filter: Expr, page: Page, expect: bool| {
            let order = vec![Order::column("b", true)];
            let query = Query { table: "t".into(), filter: Some(filter), order, page, ..Query::unlimited() };
            assert_eq!(is_short(&query), expect, "{query:?}");
        };
        check(equal.clone(), Page::first(1), true);
        check(equal.clone().and(!equal.clone()), Page::first(100), true);
        check(equal.clone(), Page::first(101), false);
        check(equal.clone(), Page { offset: 100, ..Page::first(1) }, false);
        check(Expr::Or(vec![equal.clone(); 40]), Page::first(1), false);
        check(Expr::column("a").one_of((0..40).map(Value::Integer)), Page::first(1), false);
        let length = Expr::column("a").call(Function::Length, []);
        check(equal.and(length.compare(Operator::Gt, Value::Integer(1).into())), Page::first(1), false);
    }
}
