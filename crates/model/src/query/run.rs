//! What [`Step`]s mean: followed one by one over rows in memory, the judge of the stages that databases run.

use std::collections::BTreeMap;

use super::{
    Computed, Each, Expr, Group, MAX_GROUPS, Operator, QueryError, Rank, Step, Tables, Type, Typed, Until,
    cast,
    check::Checker,
    eval::Scopes,
    group::{Exact, column_type},
    rank,
    sight::View,
    stage::{add, united},
    sum::Sum,
};
use crate::{Column, Row, RowId, TableSchema, Value};

/// Rows in their order.
#[derive(Clone)]
pub(super) struct Set {
    pub(super) schema: TableSchema,
    pub(super) rows: Vec<Row>,
    /// Whether they are still those of a table.
    stored: bool,
}

/// The values of the groups that rows belong to.
type Within<'w> = &'w [(Column, Value)];

/// Follows steps.
pub(super) struct Run<'t, 'a: 't> {
    pub(super) tables: &'t Tables<'t>,
    pub(super) view: View<'a>,
}

impl<'t, 'a: 't> Run<'t, 'a> {
    /// From the rows of a table to what a query is about.
    pub(super) fn all(&self, schema: TableSchema, rows: Vec<Row>, steps: &[Step]) -> Result<Set, QueryError> {
        self.steps(steps, Set { schema, rows, stored: true }, &[])
    }

    fn steps(&self, steps: &[Step], set: Set, within: Within<'_>) -> Result<Set, QueryError> {
        steps.iter().try_fold(set, |set, step| self.step(step, set, within))
    }

    fn typed<T>(
        &self,
        set: &Set,
        check: impl FnOnce(&mut Checker<'_, 'a>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        if set.stored {
            check(&mut Checker::new(self.view, &set.schema))
        } else {
            check(&mut Checker::of_groups(self.view, &set.schema))
        }
    }

    fn expr(&self, set: &Set, expr: &Expr) -> Result<Typed, QueryError> {
        self.typed(set, |checker| checker.expr(expr))
    }

    fn value(&self, row: &Row, typed: &Typed) -> Value {
        Scopes::new(self.tables, row).value(typed)
    }

    fn step(&self, step: &Step, mut set: Set, within: Within<'_>) -> Result<Set, QueryError> {
        match step {
            Step::Filter(condition) => {
                let condition = self.typed(&set, |checker| checker.condition(condition))?;
                set.rows.retain(|row| Scopes::new(self.tables, row).holds(&condition));
                Ok(set)
            }
            Step::Compute(all) => self.compute(all, set),
            Step::Group(group) => self.group(group, &set, within),
            Step::Each(each) => self.each(each, &set, within),
            Step::Order(keys) => {
                let keys = keys
                    .iter()
                    .map(|key| Ok((self.typed(&set, |checker| checker.key(&key.expr))?, key.descending)));
                let keys: Vec<(Typed, bool)> = keys.collect::<Result<_, QueryError>>()?;
                let by = |left: &Row, right: &Row| {
                    let orders = keys.iter().map(|(key, descending)| {
                        let order = self.value(left, key).order(&self.value(right, key));
                        if *descending { order.reverse() } else { order }
                    });
                    orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
                };
                set.rows.sort_by(by);
                Ok(set)
            }
            Step::Part { skip, take } => {
                let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
                let take = take.map_or(usize::MAX, whole);
                set.rows = set.rows.into_iter().skip(whole(*skip)).take(take).collect();
                Ok(set)
            }
            Step::Rank(rank) => self.rank(rank, set),
            Step::Concat(all) => {
                let sets = all.iter().map(|steps| self.steps(steps, set.clone(), within));
                concat(sets.collect::<Result<Vec<_>, _>>()?)
            }
        }
    }

    fn compute(&self, all: &[Computed], mut set: Set) -> Result<Set, QueryError> {
        let mut schema = set.schema.clone();
        let mut typed = Vec::with_capacity(all.len());
        for Computed { name, expr } in all {
            let value = self.expr(&set, expr)?;
            add(&mut schema, name, column_type(value.ty))?;
            typed.push(value);
        }
        for row in &mut set.rows {
            let values: Vec<Value> = typed.iter().map(|typed| self.value(row, typed)).collect();
            row.values.extend(values);
        }
        Ok(Set { schema, stored: false, ..set })
    }

    /// Groups of one group's rows know what that was.
    fn group(&self, group: &Group, set: &Set, within: Within<'_>) -> Result<Set, QueryError> {
        let own = |name: &str| group.by.iter().any(|by| by.name == name);
        let kept: Vec<&(Column, Value)> = within.iter().filter(|(column, _)| !own(&column.id)).collect();
        let groups = self.typed(set, |checker| group.check(&set.schema, checker))?;
        let mut rows = groups.rows(set.rows.iter().map(|row| Scopes::new(self.tables, row)));
        if rows.len() > MAX_GROUPS {
            return Err(QueryError::Groups);
        }
        let mut schema = TableSchema { id: set.schema.id.clone(), columns: Vec::new() };
        for column in kept.iter().map(|(column, _)| column).chain(&groups.schema.columns) {
            add(&mut schema, &column.id, column.column_type)?;
        }
        for row in &mut rows {
            let mut values: Vec<Value> = kept.iter().map(|(_, value)| value.clone()).collect();
            values.append(&mut row.values);
            row.values = values;
        }
        Ok(Set { schema, rows, stored: false })
    }

    fn each(&self, each: &Each, set: &Set, within: Within<'_>) -> Result<Set, QueryError> {
        let mut columns: Vec<(usize, Column)> = Vec::new();
        let outer = within.iter().map(|(column, _)| &column.id);
        for name in outer.chain(&each.by) {
            self.expr(set, &Expr::column(name))?;
            let Some((index, column)) = set.schema.column(name) else { continue };
            if columns.iter().all(|(known, _)| *known != index) {
                columns.push((index, column.clone()));
            }
        }
        let mut groups: BTreeMap<Exact, Vec<Row>> = BTreeMap::new();
        for row in &set.rows {
            let key = columns.iter().map(|(index, _)| row.values[*index].clone()).collect();
            groups.entry(Exact(key)).or_default().push(row.clone());
        }
        if groups.len() > MAX_GROUPS {
            return Err(QueryError::Groups);
        }
        let run = |values: Vec<Value>, rows: Vec<Row>| {
            let within: Vec<(Column, Value)> =
                columns.iter().map(|(_, column)| column.clone()).zip(values).collect();
            self.steps(&each.steps, Set { rows, ..set.clone() }, &within)
        };
        // What no rows become says what rows look like.
        let mut all = run(vec![Value::Null; columns.len()], Vec::new())?;
        all.rows.clear();
        all.stored = false;
        for (Exact(values), rows) in groups {
            all.rows.extend(run(values, rows)?.rows);
        }
        Ok(all)
    }

    fn rank(&self, ranked: &Rank, mut set: Set) -> Result<Set, QueryError> {
        rank::check(&ranked.until)?;
        let by = self.typed(&set, |checker| checker.key(&ranked.by))?;
        let mut order: Vec<(usize, Value)> =
            set.rows.iter().enumerate().map(|(index, row)| (index, self.value(row, &by))).collect();
        order.sort_by(|(_, left), (_, right)| {
            let order = left.order(right);
            if ranked.descending { order.reverse() } else { order }
        });
        let wanted = match &ranked.until {
            _ if rank::nothing_is_enough(&ranked.until) => 0,
            Until::Count(count) => usize::try_from(*count).unwrap_or(usize::MAX),
            until => {
                if !by.ty.is_number() && by.ty != Type::Null {
                    return Err(QueryError::Type("only numbers are ranked by their sum"));
                }
                self.until(until, &by, order.iter().map(|(_, value)| value))?
            }
        };
        let mut kept = vec![false; set.rows.len()];
        order.iter().take(wanted).for_each(|(index, _)| kept[*index] = true);
        let mut kept = kept.into_iter();
        set.rows.retain(|_| kept.next().unwrap_or(false));
        Ok(set)
    }

    /// How many of these values are enough.
    fn until<'v>(
        &self,
        until: &Until,
        by: &Typed,
        values: impl Iterator<Item = &'v Value> + Clone,
    ) -> Result<usize, QueryError> {
        let integer = matches!(by.ty, Type::INTEGER | Type::Null);
        let ty = if integer { Type::Column(crate::ColumnType::Decimal { scale: 0 }) } else { by.ty };
        let column_type = column_type(ty);
        let number = |value: &Value| {
            let value = if value.is_null() { Value::Integer(0) } else { value.clone() };
            cast(value, column_type)
        };
        let total = |values: &mut dyn Iterator<Item = Value>| {
            let mut sum = Sum::default();
            values.for_each(|value| sum.add(&value));
            sum.result(false, ty)
        };
        let all = total(&mut values.clone().map(number));
        let column = |id: &str| Column { id: id.to_owned(), column_type };
        let schema = TableSchema { id: String::new(), columns: vec![column(rank::SUM), column(rank::TOTAL)] };
        let enough = rank::enough(until)?.expr;
        let enough = Checker::of_groups(self.view, &schema).expr(&enough)?;
        let mut sum = Sum::default();
        let mut found = 0;
        for value in values {
            found += 1;
            sum.add(&number(value));
            let values = vec![sum.clone().result(false, ty), all.clone()];
            let row = Row { id: RowId::from_uuid(uuid::Uuid::nil()), version: 0, values };
            if !self.value(&row, &enough).compare(Operator::Eq, &Value::Integer(0)) {
                break;
            }
        }
        Ok(found)
    }
}

/// One set after the other.
fn concat(sets: Vec<Set>) -> Result<Set, QueryError> {
    let schemas: Vec<TableSchema> = sets.iter().map(|set| set.schema.clone()).collect();
    let schema = united(&schemas)?;
    let mut rows = Vec::new();
    for set in sets {
        let places: Vec<Option<usize>> = schema
            .columns
            .iter()
            .map(|column| set.schema.column(&column.id).map(|(index, _)| index))
            .collect();
        for row in set.rows {
            let value = |(place, column): (&Option<usize>, &Column)| {
                place.map_or(Value::Null, |index| {
                    let value = row.values[index].clone();
                    if set.schema.columns[index].column_type == column.column_type {
                        value
                    } else {
                        cast(value, column.column_type)
                    }
                })
            };
            let values = places.iter().zip(&schema.columns).map(value).collect();
            rows.push(Row { values, ..row });
        }
    }
    Ok(Set { schema, rows, stored: false })
}
