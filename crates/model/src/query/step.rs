//! What rows become before they are shown: the transformations of OData's `$apply`, one after the other.
//!
//! **Architecture Invariant:** between two steps the rows are in a total order that the data alone decides: at first by
//! their ids. So the same query divides them the same way each time, on every database.

use super::{Computed, Expr, Group, MAX_DEPTH, Order, QueryError};
use crate::Value;

/// How often the rows of a table may be read for one query: sequences of [`Step::Concat`], multiplied along the way.
pub const MAX_COPIES: usize = 64;
/// Groups a query may make of its rows.
pub const MAX_GROUPS: usize = 250_000;

/// One transformation of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Those a condition is true for.
    Filter(Expr),
    /// With values added behind those they have.
    Compute(Vec<Computed>),
    /// One row of each group.
    Group(Group),
    /// The rows of each group by themselves, one group after the other.
    Each(Each),
    /// In another order; where it does not decide, the one they had stays.
    Order(Vec<Order>),
    /// Some of them by their place in the order.
    Part {
        /// Not the first ones.
        skip: u64,
        /// No more than these.
        take: Option<u64>,
    },
    /// The largest or smallest of them, in the order they had.
    Rank(Rank),
    /// The rows of several sequences of steps, one sequence after the other. What a row of one has not is null.
    Concat(Vec<Vec<Self>>),
}

/// The same steps for each group of rows. [`Step::Group`] inside keeps the values they are grouped by, and always makes
/// a row of each group when it has no values of its own to group by.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Each {
    /// Columns the rows have, which are the same in all rows of a group.
    pub by: Vec<String>,
    /// What is done to a group's rows.
    pub steps: Vec<Step>,
}

/// The rows with the largest or smallest values, from the outermost one on until enough are found.
#[derive(Debug, Clone, PartialEq)]
pub struct Rank {
    /// Their values; null is the smallest.
    pub by: Expr,
    /// From the largest one on.
    pub descending: bool,
    /// When it is enough.
    pub until: Until,
}

/// When enough rows are found. For sums the values must be numbers, and null counts as 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Until {
    /// So many are.
    Count(u64),
    /// Their values come to this number or more.
    Sum(Value),
    /// Their values come to so many percent of those of all or more: a number above 0. Of a sum of 0 there is no share,
    /// and all rows are kept.
    Percent(Value),
}

impl Step {
    /// Shows all expressions in it.
    pub(super) fn expressions<'a>(&'a self, show: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Filter(condition) => show(condition),
            Self::Compute(all) => all.iter().for_each(|computed| show(&computed.expr)),
            Self::Group(group) => group.expressions(show),
            Self::Each(each) => each.steps.iter().for_each(|step| step.expressions(show)),
            Self::Order(keys) => keys.iter().for_each(|key| show(&key.expr)),
            Self::Part { .. } => {}
            Self::Rank(rank) => show(&rank.by),
            Self::Concat(all) => all.iter().flatten().for_each(|step| step.expressions(show)),
        }
    }

    /// How often its rows are read, within [`MAX_COPIES`].
    fn copies(&self, depth: usize) -> Result<usize, QueryError> {
        match self {
            Self::Each(each) => copies(&each.steps, depth),
            Self::Concat(all) => {
                let all = all.iter().map(|steps| copies(steps, depth));
                all.sum::<Result<usize, _>>()
            }
            _ => Ok(1),
        }
    }
}

/// How often rows are read for these steps. Fails beyond [`MAX_COPIES`], and where they go too deep.
pub(super) fn copies(steps: &[Step], depth: usize) -> Result<usize, QueryError> {
    if depth > MAX_DEPTH {
        return Err(QueryError::Size);
    }
    let mut product: usize = 1;
    for step in steps {
        product = product.saturating_mul(step.copies(depth + 1)?);
        if product > MAX_COPIES {
            return Err(QueryError::Size);
        }
    }
    Ok(product)
}
