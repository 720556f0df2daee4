//! `$apply`: transformations of rows, one after the other (OData Extension for Data Aggregation 4.0, section 3).
//!
//! As long as they only choose, sort and add values they are those of a plain read, with its pages. From the first one
//! on that changes what the rows are they become [`Step`]s, and everything else of the request is about what those make.
//! What is not offered is refused with its name and place.

mod concat;
mod flow;
mod form;
mod group;
mod measure;
mod rank;

use gridkeep_model::{
    Value,
    query::{Computed, Expr, Order, Query, Step},
};

use self::flow::Flow;
pub use self::form::{Made, MadeFace};
pub(super) use self::group::presence;
use super::{
    Ground, Kind, PageLimits, Read, Typed,
    expand::{Nest, expand},
    options::joined,
    page,
};
use crate::{
    Error, ErrorKind, Span,
    syntax::ast::{Apply, QueryOptions},
};

/// What transformations have come to.
pub(super) enum Applied<'a> {
    /// Rows that are no longer, or not only, those of the set.
    Made(Box<Read<'a>>),
    /// The set's own rows.
    Plain(Plain),
}

/// A choice of a set's rows.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) conditions: Vec<Expr>,
    /// Values added to each.
    pub(super) computed: Vec<(String, Typed)>,
    /// Their order, behind the one that is asked for.
    pub(super) order: Vec<(Order, Kind)>,
}

/// Follows the transformations; behind those that change what the rows are, the other options too.
pub(super) fn applied<'a>(
    ground: Ground<'a>,
    filter: Option<Expr>,
    apply: &Apply,
    options: &QueryOptions,
    (limits, fingerprint): (PageLimits, u64),
    nest: &Nest<'a>,
) -> Result<Applied<'a>, Error> {
    let set = ground.set;
    let mut flow = Flow::new(ground, filter, &nest.aliases);
    flow.scope.it = nest.it.clone();
    flow.sequence(apply)?;
    if flow.is_plain() {
        let Flow { conditions, scope, order, .. } = flow;
        return Ok(Applied::Plain(Plain { conditions, computed: scope.computed, order }));
    }
    let grouped = flow.forms.iter().all(|form| !form.entity);
    if grouped && let Some(item) = options.expand.first() {
        return Err(refused(item.at.0, "$expand of what is no entity any more"));
    }
    if let Some(filter) = &options.filter {
        let condition = flow.scope.condition(filter)?;
        flow.steps.push(Step::Filter(condition));
    }
    if let Some(search) = &options.search {
        let condition = flow.scope.search(&search.value);
        flow.steps.push(Step::Filter(condition));
    }
    flow.compute(&options.compute)?;
    let order = flow.keys(&options.orderby)?.into_iter().map(|(order, _)| order).collect();
    let (mut page, left) = page::page(options, limits, &[Kind::Integer], fingerprint)?;
    // What steps make has no key: the next page counts from the first row.
    if let Some([Value::Integer(start)]) = page.after.take().as_deref() {
        page.offset = u64::try_from(*start).unwrap_or(0);
    }
    let (mut shape, made, columns) = flow.shape(set, options)?;
    let mut query = Query {
        table: set.table.clone(),
        filter: joined(flow.conditions),
        steps: flow.steps,
        columns: Some(columns),
        compute: Vec::new(),
        order,
        page,
        count: options.count.as_ref().is_some_and(|count| count.value),
        ..Query::default()
    };
    shape.expanded = expand(ground, options, nest, &mut query)?;
    Ok(Applied::Made(Box::new(Read { set, query, shape, made: Some(made), left, kinds: Vec::new() })))
}

/// The column that keeps a property which is none of the set's own. No column of a table is called so.
fn column(name: &str) -> String {
    format!(":{name}")
}

fn computed(name: &str, expr: Expr) -> Computed {
    Computed { name: column(name), expr }
}

/// Whether it is the id of the row itself, which is no value of steps.
fn is_key(typed: &Typed) -> bool {
    let id = |expr: &Expr| *expr == Expr::id();
    match &typed.expr {
        Expr::Case(branches) => branches.iter().any(|(_, value)| id(value)),
        expr => id(expr),
    }
}

/// A property in its column.
fn kept(name: &str, kind: Kind) -> Typed {
    Typed::new(Expr::column(column(name)), kind)
}

fn refused(at: Span, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "UNSUPPORTED_APPLY", format!("{what}: not offered here"))
        .at(at.start..at.end)
        .about("$apply")
}

fn malformed(at: Span, code: &'static str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, code, message).at(at.start..at.end).about("$apply")
}
