//! A whole query checked: what `store` makes statements of.

use std::collections::BTreeSet;

use super::{
    Computed, Expr, Field, MAX_DEPTH, MAX_NODES, Query, QueryError, Relation, Schemas, Type, Typed,
    check::{Checker, both},
    group::column_type,
    sight::{View, is_masked},
    stage::{Stage, Stages},
};
use crate::{Column, ColumnType, TableSchema, Value};

/// A query whose names are found and whose types are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The rows to keep; `None` for all.
    pub filter: Option<Typed>,
    /// What becomes of those rows; what follows is about the last stage, or about the rows when there is none.
    pub stages: Vec<Stage>,
    /// Positions of the columns to read.
    pub columns: Vec<usize>,
    /// Values to add.
    pub computed: Vec<Typed>,
    /// Keys, and whether each descends; the row's id follows, as the last one goes.
    pub order: Vec<(Typed, bool)>,
    /// The keys the page begins behind, with the id, each of its key's type.
    pub after: Option<Vec<Value>>,
    /// What the rows look like.
    pub schema: TableSchema,
}

impl Query {
    /// The ids of all tables it looks at. Fails when it is too large.
    pub fn tables(&self) -> Result<BTreeSet<&str>, QueryError> {
        let mut tables = Named { tables: BTreeSet::from([self.table.as_str()]), left: MAX_NODES };
        super::step::copies(&self.steps, 0)?;
        for expr in self.expressions() {
            tables.expr(expr, 0)?;
        }
        for only in tables.tables.clone().into_iter().filter_map(|table| self.sight.only(table)) {
            tables.left = MAX_NODES;
            tables.expr(only, 0)?;
        }
        Ok(tables.tables)
    }

    fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let mut steps = Vec::new();
        self.steps.iter().for_each(|step| step.expressions(&mut |expr| steps.push(expr)));
        let computed = self.compute.iter().map(|computed| &computed.expr);
        self.filter.iter().chain(steps).chain(computed).chain(self.order.iter().map(|key| &key.expr))
    }

    /// Checks it against the schemas of its tables.
    pub fn plan(&self, schemas: Schemas<'_>) -> Result<Plan, QueryError> {
        self.viewed(schemas, |view| self.planned(view))
    }

    /// Shows the tables as the query may look at them.
    pub(super) fn viewed<T>(
        &self,
        schemas: Schemas<'_>,
        show: impl FnOnce(View<'_>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        self.tables()?;
        let masks = self.sight.masks(schemas);
        let all = finds(|id| schemas(id));
        let seen = finds(|id| {
            let schema = schemas(id).filter(|_| self.sight.sees(id))?;
            Some(masks.get(id).unwrap_or(schema))
        });
        show(View::new(&seen, &all, &self.sight))
    }

    /// Checks it against the tables in view.
    pub(super) fn planned(&self, view: View<'_>) -> Result<Plan, QueryError> {
        let table = (view.seen)(&self.table).ok_or_else(|| QueryError::UnknownTable(self.table.clone()))?;
        let mut checker = Checker::new(view, table);
        let filter = self.filter.as_ref().map(|filter| checker.condition(filter)).transpose()?;
        let filter = filter.filter(|filter| filter.as_literal() != Some(&Value::Boolean(true)));
        let filter = both(filter, checker.only(&self.table)?);
        let stages = Stages::new(view, table).all(&self.steps)?;
        let last = stages.last().map(|stage| stage.schema.clone());
        let table = last.as_ref().unwrap_or(table);
        if last.is_some() {
            if self.page.after.is_some() {
                return Err(QueryError::Unsupported("a page behind a row that steps made"));
            }
            checker = Checker::of_groups(view, table);
        }
        let columns = self.positions(table)?;
        let mut schema = TableSchema { id: table.id.clone(), columns: Vec::new() };
        schema.columns.extend(columns.iter().map(|index| table.columns[*index].clone()));
        let mut computed = Vec::with_capacity(self.compute.len());
        for Computed { name, expr } in &self.compute {
            let typed = checker.expr(expr)?;
            let column_type = column_type(typed.ty);
            schema.columns.push(Column { id: name.clone(), column_type });
            computed.push(typed);
        }
        let mut order = Vec::with_capacity(self.order.len());
        for key in &self.order {
            order.push((checker.key(&key.expr)?, key.descending));
        }
        let after = self.page.after.as_deref().map(|after| keys(after, &order)).transpose()?;
        Ok(Plan { filter, stages, columns, computed, order, after, schema })
    }

    fn positions(&self, table: &TableSchema) -> Result<Vec<usize>, QueryError> {
        let Some(columns) = &self.columns else {
            let shown = |place: &usize| !is_masked(&table.columns[*place].id);
            return Ok((0..table.columns.len()).filter(shown).collect());
        };
        let position = |id: &String| {
            let unknown = || QueryError::UnknownColumn { table: table.id.clone(), column: id.clone() };
            table.column(id).filter(|_| !is_masked(id)).map(|(index, _)| index).ok_or_else(unknown)
        };
        columns.iter().map(position).collect()
    }
}

/// A closure that finds schemas, told how long what it finds lives.
fn finds<'x, F: Fn(&str) -> Option<&'x TableSchema>>(find: F) -> F {
    find
}

/// The keys of a page, each of the type of its expression, and a row's id.
fn keys(after: &[Value], order: &[(Typed, bool)]) -> Result<Vec<Value>, QueryError> {
    let Some((id @ Value::Guid(_), keys)) = after.split_last() else { return Err(QueryError::After) };
    if keys.len() != order.len() {
        return Err(QueryError::After);
    }
    let mut typed = Vec::with_capacity(after.len());
    for (value, (key, _)) in keys.iter().zip(order) {
        let held = super::fit::literal(value)?;
        let same = match (key.ty, held.ty) {
            (_, Type::Null) => Value::Null,
            (ty, held) if ty == held => value.clone(),
            (Type::Column(to @ ColumnType::Decimal { .. }), Type::Column(ColumnType::Decimal { .. })) => {
                super::cast(value.clone(), to)
            }
            _ => return Err(QueryError::After),
        };
        if same.order(value).is_ne() {
            return Err(QueryError::After);
        }
        typed.push(same);
    }
    typed.push(id.clone());
    Ok(typed)
}

impl Plan {
    /// Whether the row's id descends.
    pub fn descends(&self) -> bool {
        self.order.last().is_some_and(|(_, descending)| *descending)
    }
}

/// Collects the tables an expression names, within the limits of a query.
struct Named<'a> {
    tables: BTreeSet<&'a str>,
    left: usize,
}

impl<'a> Named<'a> {
    fn expr(&mut self, expr: &'a Expr, depth: usize) -> Result<(), QueryError> {
        self.left = self.left.checked_sub(1).ok_or(QueryError::Size)?;
        if depth > MAX_DEPTH {
            return Err(QueryError::Size);
        }
        let depth = depth + 1;
        match expr {
            Expr::Literal(_) => {}
            Expr::Field(Field { path, .. }) => self.path(path, depth)?,
            Expr::Not(inner) | Expr::Negate(inner) | Expr::Cast(inner, _) => self.expr(inner, depth)?,
            Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => {
                for part in all {
                    self.expr(part, depth)?;
                }
            }
            Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) => {
                self.expr(left, depth)?;
                self.expr(right, depth)?;
            }
            Expr::In(needle, values) => {
                self.expr(needle, depth)?;
                for value in values {
                    self.expr(value, depth)?;
                }
            }
            Expr::Case(branches) => {
                for (condition, value) in branches {
                    self.expr(condition, depth)?;
                    self.expr(value, depth)?;
                }
            }
            Expr::Any(related, condition) | Expr::Count(related, condition) => {
                self.path(&related.path, depth)?;
                if let Some(condition) = condition {
                    self.expr(condition, depth)?;
                }
            }
            Expr::All(related, condition) => {
                self.path(&related.path, depth)?;
                self.expr(condition, depth)?;
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &'a [Relation], depth: usize) -> Result<(), QueryError> {
        for relation in path {
            self.left = self.left.checked_sub(1 + relation.on.len()).ok_or(QueryError::Size)?;
            self.tables.insert(&relation.table);
            if let Some(only) = &relation.only {
                self.expr(only, depth)?;
            }
        }
        Ok(())
    }
}
