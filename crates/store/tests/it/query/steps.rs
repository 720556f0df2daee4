//! Steps: what they make of rows is the same in memory and on both databases, in the same order.

use super::{
    groups::{by, of},
    random::{Tape, numeric},
    *,
};
use gridkeep_model::query::{
    Aggregate, Arithmetic, Computed, Each, Function, Group, MAX_GROUPS, Measure, Rank, Step, Until,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

fn through(steps: impl Into<Vec<Step>>) -> Query {
    Query {
        table: "all".into(),
        steps: steps.into(),
        page: Page::first(1_000),
        count: true,
        ..Query::unlimited()
    }
}

fn column(id: &str) -> Expr {
    Expr::column(id)
}

fn grouped(keys: &[&str], aggregates: Vec<Aggregate>) -> Step {
    Step::Group(Group { by: keys.iter().map(|key| by(key, column(key))).collect(), aggregates })
}

fn each(keys: &[&str], steps: impl Into<Vec<Step>>) -> Step {
    Step::Each(Each { by: keys.iter().map(|key| (*key).to_owned()).collect(), steps: steps.into() })
}

fn top(count: u64, by: &str) -> Step {
    Step::Rank(Rank { by: column(by), descending: true, until: Until::Count(count) })
}

fn counted() -> Vec<Aggregate> {
    vec![of("n", Measure::Count), of("sum", Measure::Sum(column("fine")))]
}

const NOTHING: Step = Step::Filter(Expr::Literal(Value::Boolean(false)));

#[test]
fn parts_of_rows_keep_their_order() {
    bench(|bench| {
        let sorted = |id: &str, descending| Step::Order(vec![Order::column(id, descending)]);
        for (id, column_type, _) in columns().iter().filter(|(_, column_type, _)| ordered(*column_type)) {
            for descending in [false, true] {
                let part = Step::Part { skip: 7, take: Some(20) };
                let found = bench.check(&through([sorted(id, descending), part.clone()]));
                assert_eq!(found.rows.len(), 20);
                // The same as of a plain page, but where rows are in one place.
                let page = Page { limit: 20, offset: 7, after: None };
                let order =
                    vec![Order::column(*id, descending), Order { expr: Expr::id(), descending: false }];
                let plain = Query { table: "all".into(), order, page, ..Query::unlimited() };
                assert_eq!(bench.check(&plain).rows, found.rows, "{id}");
                for until in [Until::Count(13), Until::Count(0), Until::Count(u64::MAX)] {
                    let rank = |by| Step::Rank(Rank { by, descending, until: until.clone() });
                    bench.check(&through([rank(column(id))]));
                    bench.check(&through([sorted("text", true), rank(column(id)), part.clone()]));
                    bench.check(&through([each(&["boolean"], [rank(column(id))])]));
                }
                if numeric(*column_type) {
                    for amount in ["0.5", "-1", "0", "37.5", "100", "1000000000000"] {
                        let number = || Value::Decimal(amount.parse().unwrap());
                        let mut untils = vec![Until::Sum(number()), Until::Sum(Value::Double(1e17))];
                        if !matches!(amount, "0" | "-1") {
                            untils.push(Until::Percent(number()));
                            untils.push(Until::Percent(Value::Double(33.3)));
                        }
                        for until in untils {
                            let rank = Step::Rank(Rank { by: column(id), descending, until });
                            bench.check(&through([rank.clone()]));
                            bench.check(&through([sorted("time", false), each(&["boolean"], [rank])]));
                        }
                    }
                }
            }
        }
        bench.check(&through([Step::Part { skip: u64::MAX, take: None }]));
        bench.check(&through([Step::Part { skip: 3, take: Some(0) }]));
    });
}

#[test]
fn groups_are_grouped_again() {
    bench(|bench| {
        let both = grouped(&["boolean", "integer"], counted());
        let again = grouped(
            &["boolean"],
            vec![
                of("groups", Measure::Count),
                of("most", Measure::Max(column("sum"))),
                of("mean", Measure::Average(column("n"))),
            ],
        );
        let found = bench.check(&through([both.clone(), again.clone()]));
        assert_eq!(found.rows.len(), 2);
        bench.check(&through([both.clone(), again, grouped(&[], vec![of("n", Measure::Count)])]));
        let twice = by("twice", column("n").arithmetic(Arithmetic::Mul, Value::Integer(2).into()));
        let half = by("half", column("sum").arithmetic(Arithmetic::DivBy, Value::Integer(2).into()));
        let note = by("note", column("boolean").compare(Operator::Eq, Value::Boolean(true).into()));
        let many = Step::Filter(column("twice").compare(Operator::Ge, Value::Integer(8).into()));
        let by_half = Step::Order(vec![Order::column("half", true)]);
        let steps = [both.clone(), Step::Compute(vec![twice, half, note]), many, by_half, top(5, "half")];
        bench.check(&through(steps.clone()));
        let page = Page { limit: 2, offset: 1, after: None };
        let order = vec![Order::column("integer", true)];
        bench.check(&Query { page, order, columns: Some(vec!["half".into()]), ..through(steps) });
        // Groups of the rows of groups.
        bench.check(&through([each(&["boolean"], [grouped(&["integer"], counted())])]));
        bench.check(&through([each(&["boolean"], [grouped(&["integer"], counted()), top(2, "n")])]));
        let most = grouped(&[], vec![of("most", Measure::Max(column("n")))]);
        bench.check(&through([each(&["boolean"], [grouped(&["integer"], counted()), most])]));
    });
}

#[test]
fn every_group_has_its_row() {
    bench(|bench| {
        let all = || grouped(&[], counted());
        let whole = bench.check(&through([grouped(&["integer"], vec![])])).rows.len();
        for dropped in [NOTHING, Step::Part { skip: 4, take: None }, Step::Part { skip: 0, take: Some(0) }] {
            let found = bench.check(&through([each(&["integer"], [dropped.clone(), all()])]));
            assert_eq!(found.rows.len(), whole);
            let sets = vec![vec![all()], vec![dropped.clone()], vec![]];
            bench.check(&through([each(&["integer"], [Step::Concat(sets)])]));
            let inner = each(&["boolean"], [dropped.clone(), all()]);
            bench.check(&through([each(&["integer"], [inner.clone()])]));
            bench.check(&through([each(&["text"], [inner, grouped(&[], vec![of("n", Measure::Count)])])]));
        }
        let few = Step::Filter(column("text").compare(Operator::Eq, text("apple").into()));
        let found = bench.check(&through([each(&["integer"], [few, all()])]));
        let counts = found.rows.iter().map(|row| row.values[1].clone());
        assert!(counts.clone().any(|count| count == Value::Integer(0)));
        assert_eq!(found.rows.len(), whole);
        // Of no rows there are no groups, but one of all.
        assert_eq!(bench.check(&through([NOTHING, each(&["integer"], [all()])])).rows.len(), 0);
        assert_eq!(bench.check(&through([NOTHING, all()])).rows.len(), 1);
    });
}

#[test]
fn sequences_stand_one_behind_the_other() {
    bench(|bench| {
        let total = grouped(&[], counted());
        let number = |number: i64| Step::Compute(vec![by("part", Value::Integer(number).into())]);
        let sets = vec![
            vec![grouped(&["text", "boolean"], counted()), number(0)],
            vec![grouped(&["text"], counted()), number(1)],
            vec![total.clone(), number(2)],
        ];
        let rollup = Step::Concat(sets);
        let found = bench.check(&through([rollup.clone()]));
        assert_eq!(found.rows.last().unwrap().values[0], Value::Null);
        bench.check(&through([rollup.clone(), Step::Order(vec![Order::column("text", true)])]));
        bench.check(&through([rollup.clone(), top(9, "sum"), Step::Part { skip: 1, take: Some(4) }]));
        bench.check(&through([rollup, grouped(&["part"], vec![of("rows", Measure::Count)])]));
        // Rows and groups, with numbers of different types under one name.
        let mixed = Step::Concat(vec![
            vec![top(3, "money"), Step::Compute(vec![by("x", column("money"))])],
            vec![grouped(&["boolean"], vec![of("x", Measure::Count)])],
            vec![Step::Compute(vec![by("x", column("fine"))])],
        ]);
        let found = bench.check(&through([mixed.clone()]));
        assert_eq!(found.rows[0].version, 1);
        bench.check(&through([mixed.clone(), Step::Order(vec![Order::column("x", true)])]));
        bench.check(&through([mixed, grouped(&["text"], vec![of("x", Measure::Sum(column("x")))])]));
        bench.check(&through([each(
            &["boolean"],
            [Step::Concat(vec![vec![top(1, "money")], vec![grouped(&[], counted())]])],
        )]));
        let doubled = Step::Concat(vec![vec![], vec![]]);
        let found = bench.check(&through([doubled.clone(), doubled]));
        assert_eq!(found.total, Some(480));
    });
}

#[test]
fn what_steps_cannot_is_refused() {
    bench(|bench| {
        let twice = Step::Concat(vec![vec![], vec![]]);
        let text =
            Step::Rank(Rank { by: column("text"), descending: true, until: Until::Sum(Value::Integer(1)) });
        let share =
            |value| Step::Rank(Rank { by: column("money"), descending: true, until: Until::Percent(value) });
        let unlike = [
            vec![Step::Compute(vec![by("x", column("text"))])],
            vec![Step::Compute(vec![by("x", column("date"))])],
        ];
        let cases = [
            (vec![twice; 7], "too long"),
            (vec![text], "only numbers"),
            (vec![share(Value::Integer(0))], "more than 0"),
            (vec![share(Value::Text("1".into()))], "no number"),
            (vec![Step::Concat(unlike.to_vec())], "different types"),
            (vec![Step::Compute(vec![by("text", column("text"))])], "two values"),
            (vec![Step::Compute(vec![by("a", column("text")), by("a", column("text"))])], "two values"),
            (vec![each(&["nothing"], [])], "no column"),
            (vec![grouped(&["text"], vec![]), Step::Filter(column("money").is_null())], "no column"),
        ];
        for (steps, expect) in cases {
            let query = through(steps);
            let error = query.select(&bench.tables()).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
            for world in &bench.worlds {
                let error = bench.ask(world, &query).unwrap_err().to_string();
                assert!(error.contains(expect), "{error}");
            }
        }
    });
}

/// What rows look like behind steps; `None` when those are refused.
type Look<'l> = &'l dyn Fn(Vec<Step>) -> Option<TableSchema>;

impl Tape<'_> {
    fn sequence(&mut self, look: Look<'_>, depth: usize) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for _ in 0..=self.next(4) {
            let Some(now) = look(steps.clone()) else { break };
            let before = steps.clone();
            let look = |step: Step| look(before.iter().cloned().chain([step]).collect());
            steps.push(self.step(&now, &look, depth));
        }
        steps
    }

    fn own(&mut self, now: &TableSchema) -> (Expr, ColumnType) {
        let column = self.pick(&now.columns).clone();
        (Expr::column(column.id), column.column_type)
    }

    fn calculated(&mut self, now: &TableSchema) -> (Expr, ColumnType) {
        let (expr, ty) = self.own(now);
        match ty {
            ty if numeric(ty) && self.next(2) == 0 => {
                let operator = *self.pick(&[Arithmetic::Add, Arithmetic::Mul, Arithmetic::DivBy]);
                (expr.arithmetic(operator, Value::Integer(2).into()), ty)
            }
            ColumnType::Text if self.next(2) == 0 => (expr.call(Function::Length, []), ColumnType::Integer),
            ColumnType::Date if self.next(2) == 0 => (expr.call(Function::Year, []), ColumnType::Integer),
            _ => (expr, ty),
        }
    }

    fn step(&mut self, now: &TableSchema, look: &dyn Fn(Step) -> Option<TableSchema>, depth: usize) -> Step {
        let name = |start: &str| format!("{start}{}", now.columns.len());
        let kind = self.next(if depth > 0 { 10 } else { 8 });
        match kind {
            1 => {
                let (expr, ty) = self.own(now);
                let operator = *self.pick(&OPERATORS);
                Step::Filter(expr.compare(operator, self.value(ty)))
            }
            2 => {
                let (expr, _) = self.calculated(now);
                Step::Compute(vec![Computed { name: name("v"), expr }])
            }
            3 | 4 => {
                let mut group = Group::default();
                for number in 0..self.next(3) {
                    let (expr, _) = self.calculated(now);
                    group.by.push(by(&format!("{}_{number}", name("g")), expr));
                }
                for number in 0..=self.next(3) {
                    let (expr, ty) = self.calculated(now);
                    let ordered = !matches!(ty, ColumnType::Text | ColumnType::Boolean);
                    let measure = match self.next(6) {
                        0 if numeric(ty) => Measure::Sum(expr),
                        1 if numeric(ty) => Measure::Average(expr),
                        2 if ordered => Measure::Min(expr),
                        3 if ordered => Measure::Max(expr),
                        4 => Measure::CountDistinct(expr),
                        _ => Measure::Count,
                    };
                    group.aggregates.push(of(&format!("{}_{number}", name("a")), measure));
                }
                Step::Group(group)
            }
            5 => {
                let descending = self.next(2) == 0;
                Step::Order(vec![Order { expr: self.calculated(now).0, descending }])
            }
            6 => Step::Part {
                skip: self.next(4) as u64,
                take: if self.next(2) == 0 { None } else { Some(self.next(50) as u64) },
            },
            7 => {
                let (by, ty) = self.calculated(now);
                let until = match self.next(4) {
                    0 | 1 if numeric(ty) => Until::Percent(Value::Integer(1 + self.next(99) as i64)),
                    2 if numeric(ty) => Until::Sum(Value::Integer(self.next(100_000) as i64)),
                    _ => Until::Count(self.next(40) as u64),
                };
                Step::Rank(Rank { by, descending: self.next(2) == 0, until })
            }
            8 => {
                let keys: Vec<String> =
                    (0..=self.next(2)).map(|_| self.pick(&now.columns).id.clone()).collect();
                let around = |steps| Step::Each(Each { by: keys.clone(), steps });
                let steps = self.sequence(&|steps| look(around(steps)), depth - 1);
                around(steps)
            }
            9 => {
                let around = |steps| Step::Concat(vec![steps]);
                let parts =
                    (0..2 + self.next(2)).map(|_| self.sequence(&|steps| look(around(steps)), depth - 1));
                Step::Concat(parts.collect())
            }
            _ => {
                let (expr, _) = self.own(now);
                Step::Filter(!expr.is_null())
            }
        }
    }
}

#[test]
fn any_steps_answer_as_in_memory() {
    bench(|bench| {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(250);
        let config =
            Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
        let counts = std::cell::Cell::new((0, 0));
        TestRunner::new(config)
            .run(&prop::collection::vec(any::<u32>(), 0..120), |tape| {
                let look = |steps: Vec<Step>| {
                    let found = through(steps).select(&bench.tables()).ok()?;
                    (!found.schema.columns.is_empty()).then_some(found.schema)
                };
                let query = through(Tape { left: &tape }.sequence(&look, 2));
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

#[test]
fn too_many_groups_are_refused() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for place in places() {
        let world = runtime.block_on(World::new(&place));
        let many = i64::try_from(MAX_GROUPS).unwrap() + 1;
        let row = |number: i64| Row {
            id: RowId::from_uuid(uuid::Uuid::from_u128(number.unsigned_abs().into())),
            version: 1,
            values: vec![Value::Integer(number), Value::Integer(number % 7)],
        };
        let rows: Vec<Row> = (1..=many).map(row).collect();
        let schema = schema("many", &[("number", ColumnType::Integer), ("rest", ColumnType::Integer)]);
        runtime.block_on(world.table(&schema, &[], rows));
        let ask = |steps: Vec<Step>, limit| {
            let query = Query {
                table: "many".into(),
                steps,
                page: Page::first(limit),
                count: true,
                ..Query::unlimited()
            };
            let app = world.app;
            runtime.block_on(world.tenant.read(move |reader| reader.rows(app, &query)))
        };
        let found = ask(vec![grouped(&["rest"], vec![of("n", Measure::Count)])], 10).unwrap();
        assert_eq!(found.total, Some(7));
        let found = ask(vec![top(3, "number")], 10).unwrap();
        assert_eq!(found.rows[2].values[0], Value::Integer(many));
        for steps in
            [vec![grouped(&["number"], vec![])], vec![each(&["rest"], [grouped(&["number"], vec![])])]]
        {
            let error = ask(steps, 10).unwrap_err().to_string();
            assert!(error.contains("more than 250000 groups"), "{error}");
        }
    }
}
