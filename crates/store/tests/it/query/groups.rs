//! Groups and their aggregates.

use super::{
    random::{TYPES, Tape, numeric},
    *,
};
use gridkeep_model::query::{Aggregate, Arithmetic, Computed, Function, Group, Measure, Step};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

pub(super) fn by(name: &str, expr: Expr) -> Computed {
    Computed { name: name.into(), expr }
}

pub(super) fn of(name: &str, measure: Measure) -> Aggregate {
    Aggregate { name: name.into(), measure }
}

pub(super) fn all(group: Group) -> Query {
    Query {
        table: "all".into(),
        steps: vec![Step::Group(group)],
        page: Page::first(1_000),
        count: true,
        ..Query::unlimited()
    }
}

#[test]
fn aggregates_are_exact() {
    bench(|bench| {
        let column = |id: &str| Expr::column(id);
        let sum = |of: Expr| Group { aggregates: vec![self::of("x", Measure::Sum(of))], ..Group::default() };
        let value = |query: &Query| bench.check(query).rows[0].values[0].to_json();
        // Far more than 64 bits of cents.
        assert_eq!(value(&all(sum(column("money")))), json!("2767011611056433042.10"));
        // Integers beyond 64 bits have no sum, decimals of 28 digits neither.
        let large = Expr::from(Value::Integer(i64::MAX));
        assert_eq!(value(&all(sum(large))), json!(null));
        let tenth = Expr::from(Value::Decimal("0.1".parse().unwrap()));
        assert_eq!(value(&all(sum(tenth))), json!("12.0"));
        assert_eq!(value(&all(sum(Value::Double(0.1).into()))), json!(12.0));
        // Of no rows there is one group, with nothing in it.
        let nothing = Query { filter: Some(Value::Boolean(false).into()), ..all(sum(column("money"))) };
        assert_eq!(value(&nothing), json!(null));
        assert_eq!(bench.check(&nothing).total, Some(1));
        let count = Group { aggregates: vec![of("n", Measure::Count)], ..Group::default() };
        assert_eq!(value(&all(count)), json!(120));
        let third =
            Group { aggregates: vec![of("x", Measure::Average(column("integer")))], ..Group::default() };
        let few = column("integer").one_of([0, 1, 10].map(Value::Integer));
        let mean = Query { filter: Some(few), ..all(third) };
        bench.check(&mean);
    });
}

#[test]
fn groups_are_rows_of_their_own() {
    bench(|bench| {
        let column = |id: &str| Expr::column(id);
        for (id, column_type, _) in columns() {
            let mut aggregates =
                vec![of("count", Measure::Count), of("different", Measure::CountDistinct(column("text")))];
            if numeric(*column_type) && *id != "double" {
                aggregates.push(of("sum", Measure::Sum(column(id))));
                aggregates.push(of("mean", Measure::Average(column(id))));
            }
            if !matches!(column_type, ColumnType::Text | ColumnType::Boolean | ColumnType::Binary) {
                aggregates.push(of("least", Measure::Min(column(id))));
                aggregates.push(of("most", Measure::Max(column(id))));
            }
            let of_each = Group { by: vec![by("key", column(id))], aggregates: aggregates.clone() };
            let query = all(of_each.clone());
            let found = bench.check(&query);
            assert_eq!(found.next, None);
            for descending in [false, true] {
                let key = ordered(*column_type).then(|| Order::column("key", !descending));
                let order = [Order::column("count", descending)].into_iter().chain(key).collect();
                let page = Page { limit: 5, offset: 2, after: None };
                bench.check(&Query { order, page, columns: Some(vec!["count".into()]), ..query.clone() });
            }
            let many = column("count").compare(Operator::Gt, Value::Integer(3).into());
            let mut having = all(of_each);
            having.steps.push(Step::Filter(many));
            let twice = by("twice", column("count").arithmetic(Arithmetic::Mul, Value::Integer(2).into()));
            bench.check(&Query { compute: vec![twice], ..having });
            let of_all = Group { by: vec![by("open", column("boolean"))], aggregates };
            bench.check(&all(of_all));
        }
        // Distinct values, without any aggregate; by what is calculated; by related rows.
        let year = column("date").call(Function::Year, []);
        let lower = column("text").call(Function::ToLower, []);
        let half = column("money").arithmetic(Arithmetic::DivBy, Value::Integer(2).into());
        let length = column("text").call(Function::Length, []);
        for expr in [year, lower, half, length, Value::Integer(7).into(), Expr::id()] {
            bench.check(&all(Group { by: vec![by("x", expr.clone())], ..Group::default() }));
            let two = vec![by("x", expr), by("y", column("boolean"))];
            let aggregates = vec![of("sum", Measure::Sum(column("fine")))];
            let large =
                column("sum").compare(Operator::Ge, Value::Decimal("0.1000000001".parse().unwrap()).into());
            let mut query = all(Group { by: two, aggregates });
            query.steps.push(Step::Filter(large));
            bench.check(&query);
        }
        bench.check(&all(Group::default()));
    });
}

#[test]
fn what_groups_cannot_is_refused() {
    bench(|bench| {
        let key = vec![by("key", Expr::column("text"))];
        let after = Page { after: Some(vec![Value::Guid(uuid::Uuid::nil())]), ..Page::default() };
        let group = Group { by: key.clone(), ..Group::default() };
        let mut having = all(group.clone());
        having.steps.push(Step::Filter(Expr::column("money").is_null()));
        let sum = vec![of("x", Measure::Sum(Expr::column("text")))];
        let cases = [
            (Query { page: after, ..all(group.clone()) }, "a page behind a row"),
            (having, "no column"),
            (all(Group { aggregates: sum, ..group }), "of another type"),
        ];
        for (query, expect) in cases {
            let error = query.select(&bench.tables()).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
            for world in &bench.worlds {
                assert!(bench.ask(world, &query).unwrap_err().to_string().contains(expect));
            }
        }
    });
}

impl Tape<'_> {
    fn group(&mut self) -> Query {
        let reach = &["all"];
        let filter = (self.next(2) > 0).then(|| self.expr(ColumnType::Boolean, 3, reach));
        let mut names: Vec<(String, Option<ColumnType>)> = Vec::new();
        let mut group = Group::default();
        let mut sorted = Vec::new();
        for number in 0..self.next(3) {
            let ty = *self.pick(&TYPES);
            sorted.extend(ordered(ty).then(|| format!("k{number}")));
            group.by.push(by(&format!("k{number}"), self.expr(ty, 2, reach)));
            names.push((format!("k{number}"), Some(ty).filter(|ty| ordered(*ty))));
        }
        for number in 0..self.next(4) {
            let ty = *self.pick(&TYPES);
            let expr = self.expr(ty, 2, reach);
            let ordered = !matches!(ty, ColumnType::Text | ColumnType::Boolean | ColumnType::Binary);
            let measure = match self.next(6) {
                0 if numeric(ty) => Measure::Sum(expr),
                1 if numeric(ty) => Measure::Average(expr),
                2 if ordered => Measure::Min(expr),
                3 if ordered => Measure::Max(expr),
                4 => Measure::CountDistinct(expr),
                _ => Measure::Count,
            };
            let is_number = !matches!(measure, Measure::Min(_) | Measure::Max(_)) || numeric(ty);
            group.aggregates.push(of(&format!("a{number}"), measure));
            names.push((format!("a{number}"), is_number.then_some(ColumnType::Integer)));
            sorted.push(format!("a{number}"));
        }
        let mut having = None;
        let compared = names.iter().find_map(|(name, ty)| Some((name.clone(), (*ty)?)));
        if let Some((name, ty)) = compared
            && self.next(2) == 0
        {
            let operator = *self.pick(&OPERATORS);
            having = Some(Step::Filter(Expr::column(name).compare(operator, self.value(ty))));
        }
        let order = sorted.iter().take(self.next(3)).map(|name| Order::column(name, name.len() % 2 == 0));
        let order = order.collect();
        let mut query = Query { filter, order, ..all(group) };
        query.steps.extend(having);
        query
    }
}

#[test]
fn any_group_answers_as_in_memory() {
    bench(|bench| {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
        let config =
            Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
        let counts = std::cell::Cell::new((0, 0));
        TestRunner::new(config)
            .run(&prop::collection::vec(any::<u32>(), 0..200), |tape| {
                let query = Tape { left: &tape }.group();
                let (answered, refused) = counts.get();
                if query.select(&bench.tables()).is_err() {
                    counts.set((answered, refused + 1));
                    return Ok(());
                }
                bench.check(&query);
                counts.set((answered + 1, refused));
                Ok(())
            })
            .unwrap();
        let (answered, refused) = counts.get();
        assert!(answered > 4 * refused, "{answered} answered, {refused} refused");
    });
}
