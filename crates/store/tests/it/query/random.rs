//! Random expressions of every type over random rows: memory, SQLite and PostgreSQL give the same rows, values and order.

use super::*;
use gridkeep_model::query::{Arithmetic, Computed, Field, Function, Related};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// Decides what comes next; at its end, always for the simplest. Shrinks as the numbers do.
pub(super) struct Tape<'a> {
    pub(super) left: &'a [u32],
}

/// The tables in reach, innermost last.
type Reach<'a> = &'a [&'a str];

pub(super) const TYPES: [ColumnType; 13] = [
    ColumnType::Boolean,
    ColumnType::Integer,
    ColumnType::Text,
    ColumnType::Decimal { scale: 2 },
    ColumnType::Double,
    ColumnType::Date,
    ColumnType::DateTime,
    ColumnType::Time,
    ColumnType::Decimal { scale: 9 },
    ColumnType::Decimal { scale: 18 },
    ColumnType::Guid,
    ColumnType::Duration,
    ColumnType::Binary,
];

impl Tape<'_> {
    pub(super) fn next(&mut self, below: usize) -> usize {
        let Some((first, rest)) = self.left.split_first() else { return 0 };
        self.left = rest;
        *first as usize % below
    }

    pub(super) fn pick<'b, T>(&mut self, from: &'b [T]) -> &'b T {
        &from[self.next(from.len())]
    }

    pub(super) fn value(&mut self, ty: ColumnType) -> Expr {
        if self.next(12) == 11 {
            return Value::Null.into();
        }
        let values: Vec<&Value> =
            columns().iter().filter(|(_, own, _)| same(*own, ty)).flat_map(|(_, _, values)| values).collect();
        let own = match ty {
            ColumnType::Integer => {
                let values = [0, 1, -1, 2, 3, 7, 10, i64::MAX, i64::MIN, -7].map(Value::Integer);
                Some(self.pick(&values).clone())
            }
            ColumnType::Decimal { .. } => {
                let texts = [
                    "0.1",
                    "3",
                    "-0.5",
                    "0.001",
                    "12.345",
                    "-7",
                    "1000000000000",
                    "9999999999999999.999999999999",
                ];
                Some(Value::Decimal(self.pick(&texts).parse().unwrap()))
            }
            ColumnType::Double => {
                let values = [0.5, -2.5, 3.0, 1e308, 5e-324, -0.0, 1e20, 123_456.789].map(Value::Double);
                Some(self.pick(&values).clone())
            }
            ColumnType::Text => {
                let texts = [
                    "a",
                    " x ",
                    "\u{a0}ä\u{2003}",
                    "ẞß",
                    "12",
                    "-0.5",
                    "2026-11-21",
                    "08:30:00",
                    "true",
                    "1e5",
                    "+007",
                    "08:30:00.25",
                    "-P1DT0.5S",
                    "01234567-89ab-cdef-0123-456789abcdef",
                    "AAAB",
                ];
                Some(text(self.pick::<&str>(&texts)))
            }
            _ => None,
        };
        match own {
            Some(own) if self.next(2) == 1 => own.into(),
            _ => (*self.pick(&values)).clone().into(),
        }
    }

    /// A column of this type of a row in reach.
    fn column(&mut self, ty: ColumnType, reach: Reach<'_>) -> Option<Expr> {
        let scope = self.next(reach.len());
        let mut at = reach[reach.len() - 1 - scope];
        let mut path = Vec::new();
        if at == "all" && self.next(5) == 4 {
            path.push(if self.next(2) == 0 { by_text() } else { by_number() });
            at = "related";
        }
        let table = if at == "all" { table() } else { related_table() };
        let columns: Vec<_> = table.columns.iter().filter(|column| same(column.column_type, ty)).collect();
        if columns.is_empty() {
            return None;
        }
        let part = Part::Column(self.pick(&columns).id.clone());
        Some(Field { scope, path, part }.into())
    }

    fn leaf(&mut self, ty: ColumnType, reach: Reach<'_>) -> Expr {
        if self.next(3) < 2
            && let Some(column) = self.column(ty, reach)
        {
            return column;
        }
        self.value(ty)
    }

    pub(super) fn expr(&mut self, ty: ColumnType, depth: usize, reach: Reach<'_>) -> Expr {
        if depth == 0 || self.next(4) == 0 {
            return self.leaf(ty, reach);
        }
        let depth = depth - 1;
        match self.next(8) {
            0 => {
                let mut branches =
                    vec![(self.expr(ColumnType::Boolean, depth, reach), self.expr(ty, depth, reach))];
                if self.next(2) == 1 {
                    branches.push((Value::Boolean(true).into(), self.expr(ty, depth, reach)));
                }
                return Expr::Case(branches);
            }
            1 => {
                let from = self.castable(ty);
                return Expr::Cast(Box::new(self.expr(from, depth, reach)), ty);
            }
            _ => {}
        }
        match ty {
            ColumnType::Boolean => self.condition(depth, reach),
            ColumnType::Integer => self.integer(depth, reach),
            ColumnType::Decimal { .. } | ColumnType::Double => self.number(ty, depth, reach),
            ColumnType::Text => self.text(depth, reach),
            ColumnType::Date | ColumnType::DateTime if self.next(2) == 0 => {
                let operator = *self.pick(&[Arithmetic::Add, Arithmetic::Sub]);
                let moment = self.expr(ty, depth, reach);
                moment.arithmetic(operator, self.expr(ColumnType::Duration, depth, reach))
            }
            ColumnType::Date | ColumnType::Time => {
                let function = if ty == ColumnType::Date { Function::Date } else { Function::Time };
                self.expr(ColumnType::DateTime, depth, reach).call(function, [])
            }
            ColumnType::Duration => self.duration(depth, reach),
            ColumnType::Guid if self.next(3) == 0 => {
                Field { scope: self.next(reach.len()), path: vec![], part: Part::Id }.into()
            }
            ColumnType::DateTime | ColumnType::Guid | ColumnType::Binary => self.leaf(ty, reach),
        }
    }

    fn duration(&mut self, depth: usize, reach: Reach<'_>) -> Expr {
        let duration = ColumnType::Duration;
        match self.next(5) {
            0 => Expr::Negate(Box::new(self.expr(duration, depth, reach))),
            1 => {
                let ty = *self.pick(&[ColumnType::Date, ColumnType::DateTime]);
                self.expr(ty, depth, reach).arithmetic(Arithmetic::Sub, self.expr(ty, depth, reach))
            }
            2 => {
                let operator = *self.pick(&[Arithmetic::Add, Arithmetic::Sub]);
                let left = self.expr(duration, depth, reach);
                left.arithmetic(operator, self.expr(duration, depth, reach))
            }
            _ => {
                let operator = *self.pick(&[Arithmetic::Mul, Arithmetic::Div, Arithmetic::DivBy]);
                let numbers = [ColumnType::Integer, ColumnType::Decimal { scale: 2 }, ColumnType::Double];
                let by = *self.pick(&numbers);
                let (left, by) = (self.expr(duration, depth, reach), self.expr(by, depth.min(1), reach));
                if operator == Arithmetic::Mul && self.next(2) == 0 {
                    return by.arithmetic(operator, left);
                }
                left.arithmetic(operator, by)
            }
        }
    }

    fn castable(&mut self, to: ColumnType) -> ColumnType {
        let numbers =
            [ColumnType::Integer, ColumnType::Decimal { scale: 2 }, ColumnType::Double, ColumnType::Text];
        match to {
            ColumnType::Text => *self.pick(&TYPES),
            ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double => *self.pick(&numbers),
            ColumnType::Date | ColumnType::Time => *self.pick(&[ColumnType::DateTime, ColumnType::Text]),
            ColumnType::DateTime => *self.pick(&[ColumnType::Date, ColumnType::Text]),
            ColumnType::Guid | ColumnType::Duration | ColumnType::Binary => {
                *self.pick(&[ColumnType::Text, to])
            }
            ColumnType::Boolean => ColumnType::Text,
        }
    }

    fn condition(&mut self, depth: usize, reach: Reach<'_>) -> Expr {
        let boolean = ColumnType::Boolean;
        match self.next(10) {
            0 => !self.expr(boolean, depth, reach),
            1 => Expr::And((0..=self.next(3)).map(|_| self.expr(boolean, depth, reach)).collect()),
            2 => Expr::Or((0..=self.next(3)).map(|_| self.expr(boolean, depth, reach)).collect()),
            3 => {
                let ty = *self.pick(&TYPES);
                let needle = self.expr(ty, depth, reach);
                Expr::In(Box::new(needle), (0..self.next(4)).map(|_| self.expr(ty, 0, reach)).collect())
            }
            4 => {
                let functions = [
                    Function::Contains,
                    Function::StartsWith,
                    Function::EndsWith,
                    Function::Finds,
                    Function::Begins,
                ];
                let function = *self.pick(&functions);
                let left = self.expr(ColumnType::Text, depth, reach);
                left.call(function, [self.expr(ColumnType::Text, depth, reach)])
            }
            5 => {
                let patterns = ["^A.*[el]$", "\\d+", "(a|ä|ß){1,2}x?", "^\\s|\\s$", "[^a-z ]"];
                let pattern = *self.pick(&patterns);
                self.expr(ColumnType::Text, depth, reach).call(Function::MatchesPattern, [pattern.into()])
            }
            6 | 7 if reach.len() < 3 => self.any(depth, reach),
            _ => {
                let ty = *self.pick(&TYPES);
                let other = match ty {
                    ty if numeric(ty) && self.next(3) == 0 => ColumnType::Integer,
                    ColumnType::Decimal { .. } => {
                        *self.pick(&[ty, ColumnType::Decimal { scale: 9 }, ColumnType::Decimal { scale: 18 }])
                    }
                    ty => ty,
                };
                let operators = if ordered(ty) { &OPERATORS[..] } else { &OPERATORS[..2] };
                let operator = *self.pick(operators);
                let left = self.expr(ty, depth, reach);
                left.compare(operator, self.expr(other, depth, reach))
            }
        }
    }

    fn related(&mut self, reach: Reach<'_>) -> (Related, &'static str) {
        let scope = self.next(reach.len());
        if reach[reach.len() - 1 - scope] == "related" {
            return (Related { scope, path: vec![back()] }, "all");
        }
        let relation = [by_text(), by_number(), by_id()][self.next(3)].clone();
        if self.next(4) == 3 {
            return (Related { scope, path: vec![relation, back()] }, "all");
        }
        (Related { scope, path: vec![relation] }, "related")
    }

    fn any(&mut self, depth: usize, reach: Reach<'_>) -> Expr {
        let (related, table) = self.related(reach);
        let inner: Vec<&str> = reach.iter().copied().chain([table]).collect();
        let condition = Box::new(self.expr(ColumnType::Boolean, depth.min(2), &inner));
        match self.next(3) {
            0 => Expr::Any(related, None),
            1 => Expr::Any(related, Some(condition)),
            _ => Expr::All(related, condition),
        }
    }

    fn integer(&mut self, depth: usize, reach: Reach<'_>) -> Expr {
        match self.next(7) {
            6 => {
                let limits = [Value::Integer(-1).into(), Value::Integer(10).into()];
                self.expr(ColumnType::Integer, depth, reach).call(Function::Within, limits)
            }
            0 => Expr::Negate(Box::new(self.expr(ColumnType::Integer, depth, reach))),
            1 => {
                let of_text = self.expr(ColumnType::Text, depth, reach);
                if self.next(2) == 0 {
                    return of_text.call(Function::Length, []);
                }
                of_text.call(Function::IndexOf, [self.expr(ColumnType::Text, depth, reach)])
            }
            2 => {
                let dates = [Function::Year, Function::Month, Function::Day];
                let times = [Function::Hour, Function::Minute, Function::Second];
                let (functions, ty) =
                    if self.next(2) == 0 { (dates, ColumnType::Date) } else { (times, ColumnType::Time) };
                let ty = *self.pick(&[ty, ColumnType::DateTime]);
                let function = *self.pick(&functions);
                self.expr(ty, depth, reach).call(function, [])
            }
            3 if reach.len() < 3 => {
                let (related, table) = self.related(reach);
                let inner: Vec<&str> = reach.iter().copied().chain([table]).collect();
                let condition = self.expr(ColumnType::Boolean, depth.min(2), &inner);
                Expr::Count(related, (self.next(2) == 0).then(|| Box::new(condition)))
            }
            _ => {
                let operators =
                    [Arithmetic::Add, Arithmetic::Sub, Arithmetic::Mul, Arithmetic::Div, Arithmetic::Mod];
                let operator = *self.pick(&operators);
                let left = self.expr(ColumnType::Integer, depth, reach);
                left.arithmetic(operator, self.expr(ColumnType::Integer, depth, reach))
            }
        }
    }

    fn number(&mut self, ty: ColumnType, depth: usize, reach: Reach<'_>) -> Expr {
        match self.next(6) {
            0 => Expr::Negate(Box::new(self.expr(ty, depth, reach))),
            1 => {
                let function = *self.pick(&[Function::Round, Function::Floor, Function::Ceiling]);
                self.expr(ty, depth, reach).call(function, [])
            }
            2 if ty == ColumnType::Double => self.expr(ty, depth, reach).call(Function::Single, []),
            2 if self.next(2) == 0 => {
                self.expr(ColumnType::Duration, depth, reach).call(Function::TotalSeconds, [])
            }
            2 => {
                let moment = *self.pick(&[ColumnType::Time, ColumnType::DateTime]);
                self.expr(moment, depth, reach).call(Function::FractionalSeconds, [])
            }
            _ => {
                let operators = [
                    Arithmetic::Add,
                    Arithmetic::Sub,
                    Arithmetic::Mul,
                    Arithmetic::Div,
                    Arithmetic::DivBy,
                    Arithmetic::Mod,
                ];
                let operator = *self.pick(&operators);
                // A product of products may have too many places.
                let (left, depth) = (self.expr(ty, depth.min(1), reach), depth.min(1));
                let other = if self.next(3) == 0 { ColumnType::Integer } else { ty };
                left.arithmetic(operator, self.expr(other, depth, reach))
            }
        }
    }

    fn text(&mut self, depth: usize, reach: Reach<'_>) -> Expr {
        let inner = self.expr(ColumnType::Text, depth, reach);
        match self.next(6) {
            0 => inner.call(Function::ToLower, []),
            1 => inner.call(Function::ToUpper, []),
            2 => inner.call(Function::Trim, []),
            3 => inner.call(Function::Concat, [self.expr(ColumnType::Text, depth, reach)]),
            _ => {
                let mut arguments = vec![self.expr(ColumnType::Integer, depth.min(1), reach)];
                if self.next(2) == 0 {
                    arguments.push(self.expr(ColumnType::Integer, depth.min(1), reach));
                }
                inner.call(Function::Substring, arguments)
            }
        }
    }

    fn query(&mut self) -> Query {
        let reach = &["all"];
        let filter = (self.next(4) > 0).then(|| self.expr(ColumnType::Boolean, 4, reach));
        let compute = (0..self.next(4)).map(|number| {
            let ty = *self.pick(&TYPES);
            Computed { name: format!("x{number}"), expr: self.expr(ty, 3, reach) }
        });
        let compute = compute.collect();
        let order = (0..self.next(3)).map(|_| {
            // The last has no order.
            let ty = *self.pick(&TYPES[..TYPES.len() - 1]);
            let expr = if self.next(2) == 0 { self.leaf(ty, reach) } else { self.expr(ty, 3, reach) };
            Order { expr, descending: self.next(2) == 1 }
        });
        let order = order.collect();
        let picked = self.next(4);
        let columns = (picked > 0).then(|| {
            columns().iter().step_by(picked).map(|(id, ..)| (*id).to_owned()).collect::<Vec<String>>()
        });
        let page = Page {
            limit: [1_000, 7, 0, 40][self.next(4)],
            offset: [0, 0, 20, 200][self.next(4)],
            after: None,
        };
        let count = self.next(2) == 0;
        Query { table: "all".into(), filter, columns, compute, order, page, count, ..Query::unlimited() }
    }
}

pub(super) fn numeric(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double)
}

/// Decimals of any scale are alike.
fn same(left: ColumnType, right: ColumnType) -> bool {
    let kind = |ty: ColumnType| {
        if let ColumnType::Decimal { .. } = ty { ColumnType::Decimal { scale: 0 } } else { ty }
    };
    kind(left) == kind(right)
}

#[test]
fn any_query_answers_as_in_memory() {
    bench(|bench| {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400);
        let config =
            Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
        let counts = std::cell::Cell::new((0, 0, 0));
        TestRunner::new(config)
            .run(&prop::collection::vec(any::<u32>(), 0..300), |tape| {
                let query = Tape { left: &tape }.query();
                let (answered, refused, kept) = counts.get();
                if query.select(&bench.tables()).is_err() {
                    // Only for a product with too many places.
                    counts.set((answered, refused + 1, kept));
                    return Ok(());
                }
                let found = bench.check(&query);
                counts.set((answered + 1, refused, kept + found.rows.len()));
                Ok(())
            })
            .unwrap();
        let (answered, refused, kept) = counts.get();
        assert!(answered > 10 * refused, "{answered} answered, {refused} refused");
        assert!(kept > answered, "{kept} rows in {answered} answers");
    });
}
