//! Every operator on every type.

use super::*;
use gridkeep_model::query::Function;

fn column(id: &str) -> Expr {
    Expr::column(id)
}

#[test]
fn every_operator_answers_alike_for_every_value_of_every_type() {
    bench(|bench| {
        for (id, column_type, values) in columns() {
            for value in values {
                let all = if ordered(*column_type) { &OPERATORS[..] } else { &OPERATORS[..2] };
                for operator in all.iter().copied() {
                    let compare = column(id).compare(operator, value.clone().into());
                    bench.all(!compare.clone());
                    bench.all(compare);
                }
            }
            bench.all(column(id).is_null());
            bench.all(!column(id).is_null());
            bench.all(column(id).compare(Operator::Ne, Value::Null.into()));
            bench.all(column(id).compare(Operator::Ge, Value::Null.into()));
            let some = || values.iter().step_by(2).cloned().chain([Value::Null]);
            bench.all(column(id).one_of(some()));
            bench.all(!column(id).one_of(some()));
            bench.all(column(id).one_of(values.iter().step_by(2).cloned()));
            bench.all(!column(id).one_of(values.iter().step_by(2).cloned()));
            bench.all(column(id).one_of([]));
            for descending in [false, true].into_iter().filter(|_| ordered(*column_type)) {
                let order = vec![Order::column(*id, descending)];
                let page = Page { limit: 1_000, ..Page::default() };
                let query = Query { table: "all".into(), order, page, ..Query::unlimited() };
                bench.check(&query);
                bench.check(&Query {
                    page: Page { limit: 7, offset: 30, after: None },
                    count: true,
                    ..query
                });
            }
        }
    });
}

#[test]
fn searches_answer_alike() {
    bench(|bench| {
        for needle in [
            "", "a", "A", "apple", "STRASSE", "straß", "ss", "οδοσ", "ΟΔΟΣ", "%", "_", "\\", "'", "i", "FI",
            "💶", "xxa", "Straße", "Ap", "e", "PIE",
        ] {
            let functions = [
                Function::Finds,
                Function::Begins,
                Function::Contains,
                Function::StartsWith,
                Function::EndsWith,
            ];
            for function in functions {
                let call = column("text").call(function, [needle.into()]);
                bench.all(!call.clone());
                bench.all(call);
                bench.all(Expr::from(needle).call(function, [column("text")]));
            }
            let at = column("text").call(Function::IndexOf, [needle.into()]);
            bench.all(at.compare(Operator::Ge, Value::Integer(0).into()));
        }
        for start in ["x".repeat(63), "x".repeat(64), "x".repeat(80), format!("{}A", "x".repeat(80))] {
            bench.all(column("text").call(Function::Begins, [start.as_str().into()]));
            bench.all(column("text").call(Function::StartsWith, [start.as_str().into()]));
        }
        bench.all(Expr::is_row(bench.rows[17].id));
        bench.all(Expr::And(vec![]));
        bench.all(Expr::Or(vec![]));
        bench.all(!Expr::Or(vec![]));
    });
}

#[test]
fn what_does_not_fit_is_refused_alike() {
    bench(|bench| {
        let deep = (0..1_000).fold(Expr::And(vec![]), |filter, _| !filter);
        let wide = Expr::Or(vec![column("text").is_null(); 2_000]);
        let of = |column: &str, value: Value| Expr::column(column).compare(Operator::Eq, value.into());
        let cases = [
            (deep, "too long or too deep"),
            (wide, "too long or too deep"),
            (of("nowhere", Value::Integer(1)), "no column"),
            (of("text\" OR 1=1 --", text("x")), "no column"),
            (of("integer", text("1")), "do not compare"),
            (of("double", Value::Double(f64::NAN)), "not finite"),
            (of("text", text("a\0b")), "zero character"),
            (column("text"), "no boolean"),
            (column("bytes").compare(Operator::Gt, Value::Binary(vec![1]).into()), "an order of bytes"),
            (of("guid", text("01234567-89ab-cdef-0123-456789abcdef")), "do not compare"),
            (of("length", Value::Integer(1)), "do not compare"),
            (of("length", Value::Duration(jiff::SignedDuration::new(0, 1))), "microseconds"),
            (of("bytes", Value::Binary(vec![0; (1 << 20) + 1])), "too many bytes"),
            (column("text").call(Function::MatchesPattern, [column("text")]), "not a constant"),
            (column("text").call(Function::MatchesPattern, ["(a)\\1".into()]), "back-reference"),
        ];
        for (filter, expect) in cases {
            let query = Query { table: "all".into(), filter: Some(filter), ..Query::unlimited() };
            let error = query.select(&bench.tables()).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
            for world in &bench.worlds {
                let error = bench.ask(world, &query).unwrap_err().to_string();
                assert!(error.contains(expect), "{error}");
            }
        }
        let order = vec![Order::column("bytes", false)];
        let query = Query { table: "all".into(), order, ..Query::unlimited() };
        assert!(query.select(&bench.tables()).unwrap_err().to_string().contains("an order of bytes"));
        // The largest that is allowed is answered.
        let many = (0..1_600).map(|number| of("integer", Value::Integer(number)));
        bench.all(Expr::Or(many.collect()));
        let deepest = (0..60).fold(of("boolean", Value::Boolean(true)), |filter, _| {
            Expr::Or(vec![!filter, column("boolean").is_null()])
        });
        assert!(
            Query { table: "all".into(), filter: Some(deepest), ..Query::unlimited() }
                .select(&bench.tables())
                .is_err()
        );
        let nested = (0..30).fold(of("boolean", Value::Boolean(true)), |filter, _| {
            Expr::Or(vec![!filter, column("boolean").is_null()])
        });
        bench.all(nested);
    });
}
