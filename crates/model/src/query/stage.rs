//! [`Step`]s checked and taken apart into stages, each one plain `SELECT` over the table or an earlier stage. What
//! `store` makes statements of; in memory the steps are followed as they are.

use super::{
    At, Computed, Each, Expr, Group, Groups, MAX_DEPTH, Measure, Node, QueryError, Rank, Reduce, Step, Type,
    Typed, Until,
    check::{Checker, converted},
    group::{Aggregate, column_type},
    rank,
    sight::View,
};
use crate::{Column, ColumnType, TableSchema, Value};

/// Stages of one query.
const MAX_STAGES: usize = 400;

/// One of the stages of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The stage whose rows it is over, by its place; `None` for those of the table that the filter keeps.
    pub from: Option<usize>,
    /// What is done to them.
    pub what: What,
    /// What they look like then. Columns that stay keep their places.
    pub schema: TableSchema,
}

/// What a stage does.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// [`Step::Filter`]
    Filter(Typed),
    /// Adds values.
    Compute(Vec<Typed>),
    /// [`Step::Group`]
    Group(Groups),
    /// Sorts by these, then as before.
    Order(Vec<(Typed, bool)>),
    /// Sorts by these columns, texts too that are in one place of an order, then as before.
    Regroup(Vec<usize>),
    /// [`Step::Part`]
    Part {
        /// Rows to leave out.
        skip: u64,
        /// Rows to keep behind those.
        take: Option<u64>,
    },
    /// Adds a value that depends on other rows.
    Window {
        /// What it is.
        over: Over,
        /// Columns that are the same in all the rows it depends on.
        within: Vec<usize>,
        /// Their order, before the one they are in.
        order: Vec<(Typed, bool)>,
    },
    /// Drops all columns but the first ones, which the schema has.
    Keep,
    /// [`Step::Concat`]: of each part the stage, and what becomes of its columns.
    Concat(Vec<(Option<usize>, Vec<Typed>)>),
}

/// A value that depends on other rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    /// The row's number, from 1.
    Number,
    /// The sum up to the row.
    SumTo(Typed),
    /// The sum of all.
    SumAll(Typed),
    /// The largest integer of the rows before.
    MaxBefore(Typed),
}

/// Where the stages have come to, within the groups of [`Step::Each`].
#[derive(Clone)]
struct Place<'p> {
    at: Option<usize>,
    within: &'p [String],
    /// The stage whose groups there are.
    entry: Option<usize>,
    /// Whether a group may have lost all its rows since.
    emptied: bool,
}

/// Takes steps apart.
pub(super) struct Stages<'t, 'a: 't> {
    view: View<'a>,
    table: &'t TableSchema,
    all: Vec<Stage>,
    depth: usize,
}

impl<'t, 'a: 't> Stages<'t, 'a> {
    pub(super) fn new(view: View<'a>, table: &'t TableSchema) -> Self {
        Self { view, table, all: Vec::new(), depth: 0 }
    }

    /// All of a query's.
    pub(super) fn all(mut self, steps: &[Step]) -> Result<Vec<Stage>, QueryError> {
        super::step::copies(steps, 0)?;
        self.steps(steps, Place { at: None, within: &[], entry: None, emptied: false })?;
        Ok(self.all)
    }

    fn schema(&self, at: Option<usize>) -> TableSchema {
        at.map_or_else(|| self.table.clone(), |at| self.all[at].schema.clone())
    }

    fn check<T>(
        &self,
        at: Option<usize>,
        check: impl FnOnce(&mut Checker<'_, 'a>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        match at {
            None => check(&mut Checker::new(self.view, self.table)),
            Some(at) => check(&mut Checker::of_groups(self.view, &self.all[at].schema)),
        }
    }

    fn push(
        &mut self,
        from: Option<usize>,
        what: What,
        schema: TableSchema,
    ) -> Result<Option<usize>, QueryError> {
        if self.all.len() >= MAX_STAGES {
            return Err(QueryError::Size);
        }
        self.all.push(Stage { from, what, schema });
        Ok(Some(self.all.len() - 1))
    }

    fn steps<'p>(&mut self, steps: &[Step], mut place: Place<'p>) -> Result<Place<'p>, QueryError> {
        if self.depth > MAX_DEPTH {
            return Err(QueryError::Size);
        }
        self.depth += 1;
        for step in steps {
            place = self.step(step, place)?;
        }
        self.depth -= 1;
        Ok(place)
    }

    fn step<'p>(&mut self, step: &Step, mut place: Place<'p>) -> Result<Place<'p>, QueryError> {
        let at = place.at;
        match step {
            Step::Filter(condition) => {
                let condition = self.check(at, |checker| checker.condition(condition))?;
                place.at = self.push(at, What::Filter(condition), self.schema(at))?;
                place.emptied = true;
            }
            Step::Compute(all) => place.at = self.compute(at, all)?,
            Step::Group(group) => self.group(group, &mut place)?,
            Step::Each(each) => self.each(each, &mut place)?,
            Step::Order(keys) => {
                let keys = self.check(at, |checker| {
                    keys.iter().map(|key| Ok((checker.key(&key.expr)?, key.descending))).collect()
                })?;
                place.at = self.push(at, What::Order(keys), self.schema(at))?;
            }
            Step::Part { skip, take } => {
                if place.within.is_empty() {
                    place.at = self.push(at, What::Part { skip: *skip, take: *take }, self.schema(at))?;
                } else {
                    let number = Over::Number;
                    self.numbered(&mut place, number, Vec::new(), *skip, *take)?;
                }
                place.emptied |= *skip > 0 || *take == Some(0);
            }
            Step::Rank(rank) => self.rank(rank, &mut place)?,
            Step::Concat(all) => {
                let mut ends = Vec::with_capacity(all.len());
                let mut emptied = true;
                for steps in all {
                    let end = self.steps(steps, place.clone())?;
                    emptied &= end.emptied;
                    ends.push(end.at);
                }
                place.at = self.concat(&ends)?;
                place.emptied = emptied;
            }
        }
        Ok(place)
    }

    fn compute(&mut self, at: Option<usize>, all: &[Computed]) -> Result<Option<usize>, QueryError> {
        let mut schema = self.schema(at);
        let typed = self.check(at, |checker| {
            all.iter().map(|computed| checker.expr(&computed.expr)).collect::<Result<Vec<_>, _>>()
        })?;
        for (Computed { name, .. }, typed) in all.iter().zip(&typed) {
            add(&mut schema, name, column_type(typed.ty))?;
        }
        self.push(at, What::Compute(typed), schema)
    }

    fn group(&mut self, group: &Group, place: &mut Place<'_>) -> Result<(), QueryError> {
        let own = |name: &String| group.by.iter().any(|by| by.name == *name);
        let kept = place.within.iter().filter(|name| !own(name));
        let kept: Vec<Computed> = kept.map(|name| column(name)).collect();
        let all = Group { by: kept.iter().chain(&group.by).cloned().collect(), ..group.clone() };
        let groups = self.groups(place.at, &all)?;
        let empty = place.emptied && group.by.is_empty() && !place.within.is_empty();
        let schema = groups.schema.clone();
        place.at = self.push(place.at, What::Group(groups), schema)?;
        if empty {
            self.fill(kept, place)?;
            place.emptied = false;
        }
        Ok(())
    }

    fn groups(&self, at: Option<usize>, group: &Group) -> Result<Groups, QueryError> {
        let schema = self.schema(at);
        self.check(at, |checker| group.check(&schema, checker))
    }

    /// A row of nothing for each group that lost all its rows.
    fn fill(&mut self, by: Vec<Computed>, place: &mut Place<'_>) -> Result<(), QueryError> {
        let schema = self.schema(place.at);
        let keys = Group { by: by.clone(), ..Group::default() };
        let keys = self.groups(place.entry, &keys)?;
        let key_schema = keys.schema.clone();
        let there = self.push(place.entry, What::Group(keys), key_schema)?;
        let Some(Stage { what: What::Group(groups), .. }) = place.at.map(|at| &self.all[at]) else {
            return Ok(());
        };
        let counts: Vec<bool> = groups.aggregates.iter().map(|(reduce, ..)| reduce.counts()).collect();
        let fields = |width: usize| (0..width).map(|index| field(&schema, index));
        let mut nothing: Vec<Typed> = fields(by.len()).collect();
        for (counted, column) in counts.iter().zip(schema.columns.iter().skip(by.len())) {
            let value = if *counted { Value::Integer(0) } else { Value::Null };
            nothing.push(Typed::literal(value, Type::Column(column.column_type)));
        }
        let parts = vec![(place.at, fields(schema.columns.len()).collect()), (there, nothing)];
        place.at = self.push(place.at, What::Concat(parts), schema.clone())?;
        // What is there is more than nothing.
        let best = schema.columns.iter().skip(by.len()).map(|column| Aggregate {
            name: column.id.clone(),
            measure: Measure::Max(Expr::column(&column.id)),
        });
        let groups = self.groups(place.at, &Group { aggregates: best.collect(), by })?;
        place.at = self.push(place.at, What::Group(groups), schema)?;
        Ok(())
    }

    fn each(&mut self, each: &Each, place: &mut Place<'_>) -> Result<(), QueryError> {
        let mut within = place.within.to_vec();
        for name in &each.by {
            self.check(place.at, |checker| checker.expr(&Expr::column(name)))?;
            if !within.contains(name) {
                within.push(name.clone());
            }
        }
        let entry = Place { at: place.at, within: &within, entry: place.at, emptied: false };
        let at = self.steps(&each.steps, entry)?.at;
        let schema = self.schema(at);
        let by: Vec<usize> =
            within.iter().filter_map(|name| schema.column(name).map(|(index, _)| index)).collect();
        place.at = self.push(at, What::Regroup(by), schema)?;
        place.emptied = true;
        Ok(())
    }

    /// Numbers the rows of each group, and keeps those behind so many, up to so many.
    fn numbered(
        &mut self,
        place: &mut Place<'_>,
        over: Over,
        order: Vec<(Typed, bool)>,
        skip: u64,
        take: Option<u64>,
    ) -> Result<(), QueryError> {
        let kept = self.schema(place.at);
        let at = self.window(place, over, order, rank::NUMBER, ColumnType::Integer)?;
        let bound = |operator, number: u64| {
            let number = Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
            Expr::column(rank::NUMBER).compare(operator, number.into())
        };
        let mut within = Vec::new();
        if skip > 0 {
            within.push(bound(super::Operator::Gt, skip));
        }
        if let Some(take) = take {
            within.push(bound(super::Operator::Le, skip.saturating_add(take)));
        }
        let condition = self.check(at, |checker| checker.condition(&Expr::And(within)))?;
        let at = self.push(at, What::Filter(condition), self.schema(at))?;
        place.at = self.push(at, What::Keep, kept)?;
        Ok(())
    }

    fn window(
        &mut self,
        place: &Place<'_>,
        over: Over,
        order: Vec<(Typed, bool)>,
        name: &str,
        ty: ColumnType,
    ) -> Result<Option<usize>, QueryError> {
        let mut schema = self.schema(place.at);
        let within = place.within.iter().filter_map(|name| schema.column(name).map(|(index, _)| index));
        let within = within.collect();
        add(&mut schema, name, ty)?;
        self.push(place.at, What::Window { over, within, order }, schema)
    }

    fn rank(&mut self, ranked: &Rank, place: &mut Place<'_>) -> Result<(), QueryError> {
        rank::check(&ranked.until)?;
        let by = self.check(place.at, |checker| checker.key(&ranked.by))?;
        if rank::nothing_is_enough(&ranked.until) {
            place.at = self.push(place.at, What::Filter(Typed::truth(false)), self.schema(place.at))?;
            place.emptied = true;
            return Ok(());
        }
        let order = vec![(by.clone(), ranked.descending)];
        if let Until::Count(count) = &ranked.until {
            return self.numbered(place, Over::Number, order, 0, Some(*count));
        }
        if !by.ty.is_number() && by.ty != Type::Null {
            return Err(QueryError::Type("only numbers are ranked by their sum"));
        }
        let kept = self.schema(place.at);
        let integer = matches!(by.ty, Type::INTEGER | Type::Null);
        place.at = self.compute(place.at, &[rank::value(&ranked.by, integer)])?;
        let schema = self.schema(place.at);
        let last = schema.columns.len() - 1;
        let (value, ty) = (field(&schema, last), schema.columns[last].column_type);
        if matches!(ranked.until, Until::Percent(_)) {
            place.at = self.window(place, Over::SumAll(value.clone()), Vec::new(), rank::TOTAL, ty)?;
        }
        place.at = self.window(place, Over::SumTo(value), order.clone(), rank::SUM, ty)?;
        place.at = self.compute(place.at, &[rank::enough(&ranked.until)?])?;
        let schema = self.schema(place.at);
        let enough = field(&schema, schema.columns.len() - 1);
        place.at = self.window(place, Over::MaxBefore(enough), order, rank::BEFORE, ColumnType::Integer)?;
        let before = Expr::column(rank::BEFORE);
        let is_zero = before.clone().compare(super::Operator::Eq, Value::Integer(0).into());
        let wanted = before.is_null().or(is_zero);
        let condition = self.check(place.at, |checker| checker.condition(&wanted))?;
        place.at = self.push(place.at, What::Filter(condition), self.schema(place.at))?;
        place.at = self.push(place.at, What::Keep, kept)?;
        Ok(())
    }

    fn concat(&mut self, ends: &[Option<usize>]) -> Result<Option<usize>, QueryError> {
        let schemas: Vec<TableSchema> = ends.iter().map(|end| self.schema(*end)).collect();
        let schema = united(&schemas)?;
        let part = |(end, own): (&Option<usize>, &TableSchema)| {
            let value = |column: &Column| {
                let ty = Type::Column(column.column_type);
                own.column(&column.id).map_or_else(
                    || Typed::literal(Value::Null, ty),
                    |(index, _)| converted(field(own, index), ty),
                )
            };
            (*end, schema.columns.iter().map(value).collect())
        };
        let parts = ends.iter().zip(&schemas).map(part).collect();
        self.push(None, What::Concat(parts), schema)
    }
}

fn column(name: &str) -> Computed {
    Computed { name: name.to_owned(), expr: Expr::column(name) }
}

fn field(schema: &TableSchema, index: usize) -> Typed {
    let ty = Type::Column(schema.columns[index].column_type);
    Typed { node: Node::Field(0, Vec::new(), At::Column(index)), ty, nullable: true }
}

/// Adds a column that is not there yet.
pub(super) fn add(schema: &mut TableSchema, name: &str, column_type: ColumnType) -> Result<(), QueryError> {
    if schema.column(name).is_some() {
        return Err(QueryError::Taken(name.to_owned()));
    }
    schema.columns.push(Column { id: name.to_owned(), column_type });
    Ok(())
}

/// The columns of all: those of the first, then what others have besides, each of a type that holds the values of all.
pub(super) fn united(all: &[TableSchema]) -> Result<TableSchema, QueryError> {
    let mut united: Option<TableSchema> = None;
    for schema in all {
        let Some(united) = &mut united else {
            united = Some(schema.clone());
            continue;
        };
        for column in &schema.columns {
            let Some(known) = united.columns.iter_mut().find(|known| known.id == column.id) else {
                united.columns.push(column.clone());
                continue;
            };
            let common = Type::Column(known.column_type).common(Type::Column(column.column_type));
            let common = common.ok_or(QueryError::Type("values of one name have different types"))?;
            known.column_type = column_type(common);
        }
    }
    united.ok_or(QueryError::Type("nothing is put together"))
}

impl Reduce {
    /// Whether of nothing it is 0.
    pub(super) const fn counts(self) -> bool {
        matches!(self, Self::Count | Self::CountDistinct)
    }
}
