//! Single expressions and what they must be, in memory and on both databases.

use super::*;
use gridkeep_model::query::{Arithmetic, Computed, Field, Function, QUOTIENT_SCALE, Related};
use rust_decimal::Decimal;

/// An expression of a constant that only a row knows, so that nothing is calculated beforehand.
fn opaque(value: &Value) -> Expr {
    let is_there = Expr::id().compare(Operator::Ne, Value::Null.into());
    let exists = Expr::column("text").is_null().or(is_there).or(!Expr::column("text").is_null());
    Expr::Case(vec![(exists, value.clone().into()), (Expr::column("boolean"), value.clone().into())])
}

impl Bench {
    /// What an expression is for the first row, alike everywhere.
    fn value(&self, expr: Expr) -> Value {
        let compute = vec![Computed { name: "x".into(), expr }];
        let (table, columns, page) = ("all".into(), Some(vec![]), Page::first(1));
        let mut found = self.check(&Query { table, columns, compute, page, ..Query::unlimited() });
        found.rows.remove(0).values.remove(0)
    }

    /// Checks an operation of constants, calculated beforehand and for a row.
    fn is(&self, operation: impl Fn(Vec<Expr>) -> Expr, arguments: &[Value], expect: &Value) {
        let plain = operation(arguments.iter().cloned().map(Expr::from).collect());
        let of_row = operation(arguments.iter().map(opaque).collect());
        for expr in [plain, of_row] {
            let found = self.value(expr.clone());
            assert_eq!(found, *expect, "{expr:?}");
            // Decimals are equal at any scale; what people see is not.
            assert_eq!(found.to_json(), expect.to_json(), "{expr:?}");
        }
    }

    /// Checks a function of constants, and that it is null when one of them is.
    fn calls<const N: usize>(&self, function: Function, arguments: [Value; N], expect: Value) {
        let blank = |index: usize| {
            let mut arguments = arguments.clone();
            arguments[index] = Value::Null;
            (arguments, Value::Null)
        };
        let blanks: Vec<_> = (0..N).map(blank).collect();
        for (arguments, expect) in blanks.into_iter().chain([(arguments, expect)]) {
            self.is(|arguments| Expr::Call(function, arguments), &arguments, &expect);
        }
    }
}

fn number(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().unwrap())
}

fn integer(integer: i64) -> Value {
    Value::Integer(integer)
}

fn double(double: f64) -> Value {
    Value::Double(double)
}

fn parsed(ty: ColumnType, text: &str) -> Value {
    Value::from_json(ty, &text.into()).unwrap()
}

#[test]
fn numbers_are_exact_or_null() {
    use Arithmetic::{Add, Div, DivBy, Mod, Mul, Sub};
    bench(|bench| {
        let null = Value::Null;
        let check = |operator: Arithmetic, left: Value, right: Value, expect: Value| {
            let of = |mut sides: Vec<Expr>| {
                let right = sides.remove(1);
                sides.remove(0).arithmetic(operator, right)
            };
            bench.is(of, &[left, right], &expect);
        };
        check(Add, integer(1), integer(2), integer(3));
        check(Add, integer(i64::MAX), integer(1), null.clone());
        check(Sub, integer(i64::MIN), integer(1), null.clone());
        check(Mul, integer(1 << 40), integer(1 << 40), null.clone());
        check(Div, integer(-7), integer(2), integer(-3));
        check(Mod, integer(-7), integer(2), integer(-1));
        check(Div, integer(i64::MIN), integer(-1), null.clone());
        check(Mod, integer(i64::MIN), integer(-1), integer(0));
        check(Div, integer(1), integer(0), null.clone());
        check(Mod, integer(1), integer(0), null.clone());
        check(DivBy, integer(1), integer(3), number("0.333333333333"));
        check(DivBy, integer(-2), integer(3), number("-0.666666666667"));
        check(Div, number("1"), integer(8), number("0.125000000000"));
        check(Add, number("0.1"), number("0.2"), number("0.3"));
        check(Add, number("0.10"), integer(2), number("2.10"));
        check(Sub, number("92233720368547758.07"), number("-0.001"), number("92233720368547758.071"));
        check(Mul, number("0.1"), number("0.10"), number("0.010"));
        check(Mul, number("92233720368547758.07"), number("92233720368547758.07"), null.clone());
        check(Div, number("92233720368547758.07"), number("0.000000001"), null.clone());
        check(Div, number("1.00"), number("0.0"), null.clone());
        check(Mod, number("-7.25"), number("0.5"), number("-0.25"));
        check(Mod, number("1000000000000000000"), number("0.000000007"), number("0.000000006"));
        check(Mod, number("0.000000007"), number("9999999999999999999999999999"), number("0.000000007"));
        check(Mod, number("1"), number("0.0"), null.clone());
        check(Add, number("0.1"), double(0.2), double(0.1 + 0.2));
        check(Mul, double(1e200), double(1e200), null.clone());
        check(Mul, double(1e-200), double(1e-200), double(0.0));
        check(Mul, double(-1e-200), double(1e-200), double(0.0));
        check(Div, double(1e-200), double(1e200), double(0.0));
        check(Div, double(1e200), double(1e-200), null.clone());
        check(Div, double(1.0), double(0.0), null.clone());
        check(Mod, double(5.5), double(-2.0), double(1.5));
        check(Mod, double(1e-200), double(1e200), double(1e-200));
        check(Add, double(1e308), double(1e308), null.clone());
        check(Add, null.clone(), integer(1), null.clone());
        assert_eq!(QUOTIENT_SCALE, 12);
    });
}

#[test]
fn moments_and_durations_go_together() {
    use Arithmetic::{Add, Div, DivBy, Mul, Sub};
    use ColumnType as C;
    bench(|bench| {
        let check = |operator: Arithmetic, left: &Value, right: &Value, expect: Value| {
            let of = |mut sides: Vec<Expr>| {
                let right = sides.remove(1);
                sides.remove(0).arithmetic(operator, right)
            };
            bench.is(of, &[left.clone(), right.clone()], &expect);
        };
        let length = |text: &str| parsed(C::Duration, text);
        let (day, moment) = (|text: &str| parsed(C::Date, text), |text: &str| parsed(C::DateTime, text));
        check(Add, &length("PT1H"), &length("-PT1H0.000001S"), length("-PT0.000001S"));
        let (most, least) = (length("P106751991DT4H54.775807S"), length("-P106751991DT4H54.775808S"));
        check(Add, &most, &length("PT0.000001S"), Value::Null);
        check(Sub, &least, &length("PT0.000001S"), Value::Null);
        check(Sub, &length("PT0S"), &least, Value::Null);
        check(
            Add,
            &moment("2024-02-28T23:59:59.999999"),
            &length("PT0.000001S"),
            moment("2024-02-29T00:00:00"),
        );
        check(Sub, &moment("0001-01-01T00:00:00.000001"), &length("PT0.000002S"), Value::Null);
        check(
            Add,
            &moment("0001-01-01T00:00:00"),
            &length("P3652058DT23H59M59.999999S"),
            moment("9999-12-31T23:59:59.999999"),
        );
        check(Add, &moment("9999-12-31T23:59:59.999999"), &length("PT0.000001S"), Value::Null);
        for far in [&most, &least] {
            check(Add, &moment("2026-11-21T08:30:00"), far, Value::Null);
            check(Sub, &moment("2026-11-21T08:30:00"), far, Value::Null);
            check(Sub, &day("2026-11-21"), far, Value::Null);
        }
        check(
            Sub,
            &moment("9999-12-31T23:59:59.999999"),
            &moment("0001-01-01T00:00:00"),
            length("P3652058DT23H59M59.999999S"),
        );
        check(Sub, &moment("2026-11-21T08:30:00"), &moment("2026-11-21T08:30:00.25"), length("-PT0.25S"));
        check(Add, &day("2024-02-28"), &length("P1DT23H59M59.999999S"), day("2024-02-29"));
        check(Sub, &day("2024-03-01"), &length("PT0.000001S"), day("2024-02-29"));
        check(Sub, &day("9999-12-31"), &day("0001-01-01"), length("P3652058D"));
        check(Sub, &day("2024-03-01"), &day("2024-03-02"), length("-P1D"));
        check(Mul, &length("PT1H"), &integer(-3), length("-PT3H"));
        check(Mul, &integer(2), &length("PT0.5S"), length("PT1S"));
        check(Mul, &most, &integer(2), Value::Null);
        check(Mul, &length("PT0.000001S"), &number("0.5"), length("PT0.000001S"));
        check(Mul, &length("-PT0.000001S"), &number("0.5"), length("-PT0.000001S"));
        check(Mul, &length("PT0.000001S"), &number("0.4999999999999999999999999999"), length("PT0S"));
        check(Mul, &most, &number("0.9999999999999999999999999999"), most.clone());
        check(Mul, &most, &number("1.0000000000000000001"), Value::Null);
        check(
            Mul,
            &length("P100DT0.000001S"),
            &number("1.000000000000000000000000001"),
            length("P100DT0.000001S"),
        );
        check(Mul, &length("PT1H"), &double(0.25), length("PT15M"));
        check(Mul, &length("PT1H"), &double(1e300), Value::Null);
        check(Div, &length("PT1H"), &integer(7), length("PT8M34.285714S"));
        check(DivBy, &length("-PT1H"), &integer(7), length("-PT8M34.285714S"));
        check(Div, &least, &integer(-1), Value::Null);
        check(Div, &length("PT1H"), &number("0.0000000000000000000000000001"), Value::Null);
        check(Div, &length("PT1H"), &number("-2.5"), length("-PT24M"));
        check(Div, &length("PT1H"), &double(-2.5), length("-PT24M"));
        check(Div, &length("PT1H"), &integer(0), Value::Null);
        check(Div, &length("PT1H"), &number("0.0"), Value::Null);
        check(Div, &length("PT1H"), &double(0.0), Value::Null);
        let negated = |mut of: Vec<Expr>| Expr::Negate(Box::new(of.remove(0)));
        bench.is(negated, &[length("PT1H")], &length("-PT1H"));
        bench.is(negated, std::slice::from_ref(&least), &Value::Null);
        bench.is(negated, &[most], &length("-P106751991DT4H54.775807S"));
        for (operator, left, right) in [
            (Add, "length", "moment"),
            (Sub, "date", "moment"),
            (Mul, "length", "length"),
            (Add, "guid", "length"),
        ] {
            let wrong = Expr::column(left).arithmetic(operator, Expr::column(right)).is_null();
            let query = Query { table: "all".into(), filter: Some(wrong), ..Query::unlimited() };
            assert!(query.select(&bench.tables()).is_err(), "{left} {operator:?} {right}");
        }
    });
}

#[test]
fn functions_mean_what_odata_says() {
    use ColumnType as C;
    use Function as F;
    bench(|bench| {
        let yes = || Value::Boolean(true);
        let no = || Value::Boolean(false);
        bench.calls(F::Contains, [text("Straße"), text("aß")], yes());
        bench.calls(F::Contains, [text("Straße"), text("AẞE")], no());
        bench.calls(F::Contains, [text("a%b"), text("%")], yes());
        bench.calls(F::Contains, [text("ab"), text("%")], no());
        bench.calls(F::StartsWith, [text("äb"), text("ä")], yes());
        bench.calls(F::StartsWith, [text("äb"), text("Ä")], no());
        bench.calls(F::EndsWith, [text("ab💶"), text("b💶")], yes());
        bench.calls(F::EndsWith, [text("ab"), text("")], yes());
        bench.calls(F::EndsWith, [text("b"), text("ab")], no());
        bench.calls(F::Finds, [text("STRASSE"), text("aß")], yes());
        bench.calls(F::Begins, [text("ΟΔΟΣ"), text("οδο")], yes());
        bench.calls(F::IndexOf, [text("äb💶c"), text("c")], integer(3));
        bench.calls(F::IndexOf, [text("abc"), text("x")], integer(-1));
        bench.calls(F::IndexOf, [text("abc"), text("")], integer(0));
        bench.calls(F::Length, [text("äb💶")], integer(3));
        bench.calls(F::Length, [text("")], integer(0));
        bench.calls(F::Substring, [text("äb💶c"), integer(1)], text("b💶c"));
        bench.calls(F::Substring, [text("äb💶c"), integer(1), integer(2)], text("b💶"));
        bench.calls(F::Substring, [text("äb💶c"), integer(-2)], text("💶c"));
        bench.calls(F::Substring, [text("abc"), integer(-9), integer(2)], text("ab"));
        bench.calls(F::Substring, [text("abc"), integer(1), integer(-1)], text(""));
        bench.calls(F::Substring, [text("abc"), integer(i64::MAX), integer(i64::MAX)], text(""));
        bench.calls(F::Substring, [text("abc"), integer(i64::MIN), integer(i64::MAX)], text("abc"));
        bench.calls(F::ToLower, [text("ÄẞΣİ A")], text("äßσi̇ a"));
        bench.calls(F::ToUpper, [text("äßﬁıa")], text("ÄSSFIIA"));
        bench.calls(F::Trim, [text("\t\u{a0}\u{2003} a b \u{3000}\n")], text("a b"));
        bench.calls(F::Concat, [text("ä"), text("")], text("ä"));
        let (date, time) = (parsed(C::Date, "2024-02-29"), parsed(C::Time, "08:30:59"));
        let moment = parsed(C::DateTime, "0001-12-31T23:59:58");
        bench.calls(F::Year, [date.clone()], integer(2024));
        bench.calls(F::Month, [date.clone()], integer(2));
        bench.calls(F::Day, [date.clone()], integer(29));
        bench.calls(F::Year, [moment.clone()], integer(1));
        bench.calls(F::Day, [moment.clone()], integer(31));
        bench.calls(F::Hour, [time.clone()], integer(8));
        bench.calls(F::Minute, [time.clone()], integer(30));
        bench.calls(F::Second, [time], integer(59));
        bench.calls(F::Hour, [moment.clone()], integer(23));
        bench.calls(F::Second, [moment.clone()], integer(58));
        bench.calls(F::FractionalSeconds, [moment.clone()], number("0.000000"));
        bench.calls(F::Date, [moment.clone()], parsed(C::Date, "0001-12-31"));
        bench.calls(F::Time, [moment], parsed(C::Time, "23:59:58"));
        bench.calls(F::Round, [number("2.5")], number("3"));
        bench.calls(F::Round, [number("-2.5")], number("-3"));
        bench.calls(F::Floor, [number("-0.1")], number("-1"));
        bench.calls(F::Ceiling, [number("-0.9")], number("0"));
        bench.calls(F::Round, [double(0.499_999_999_999_999_94)], double(0.0));
        bench.calls(F::Round, [double(-2.5)], double(-3.0));
        bench.calls(F::Round, [double(4_503_599_627_370_497.0)], double(4_503_599_627_370_497.0));
        bench.calls(F::Floor, [double(-0.5)], double(-1.0));
        bench.calls(F::Ceiling, [double(-0.5)], double(0.0));
        bench.calls(F::Round, [integer(7)], integer(7));
        let half = parsed(C::DateTime, "2026-11-21T08:30:59.5");
        bench.calls(F::Second, [half.clone()], integer(59));
        bench.calls(F::FractionalSeconds, [half.clone()], number("0.500000"));
        bench.calls(F::Time, [half.clone()], parsed(C::Time, "08:30:59.5"));
        bench.calls(F::Date, [half], parsed(C::Date, "2026-11-21"));
        bench.calls(F::TotalSeconds, [parsed(C::Duration, "-PT1H0.5S")], number("-3600.500000"));
        bench.calls(
            F::TotalSeconds,
            [parsed(C::Duration, "P106751991DT4H54.775807S")],
            number("9223372036854.775807"),
        );
        bench.calls(F::Within, [integer(255), integer(0), integer(255)], integer(255));
        bench.calls(F::Within, [integer(256), integer(0), integer(255)], Value::Null);
        bench.calls(F::Within, [integer(-1), integer(0), integer(255)], Value::Null);
        bench.calls(F::Single, [double(0.1)], double(f64::from(0.1_f32)));
        bench.calls(F::Single, [double(-16_777_217.0)], double(-16_777_216.0));
        bench.calls(F::Single, [double(1e39)], Value::Null);
        bench.calls(F::Single, [double(1e-60)], double(0.0));
        bench.calls(F::Single, [double(f64::from(f32::MAX))], double(f64::from(f32::MAX)));
        bench.calls(F::Has, [integer(6), integer(2)], yes());
        bench.calls(F::Has, [integer(4), integer(6)], no());
    });
}

#[test]
fn casts_succeed_or_are_null() {
    use ColumnType as C;
    bench(|bench| {
        let check = |value: Value, to: ColumnType, expect: Value| {
            bench.is(|mut value| Expr::Cast(Box::new(value.remove(0)), to), &[value], &expect);
        };
        let (null, money) = (Value::Null, C::Decimal { scale: 2 });
        check(integer(7), C::Text, text("7"));
        check(number("7.50"), C::Text, text("7.50"));
        check(double(1e20), C::Text, text("100000000000000000000"));
        check(double(1e-5), C::Text, text("0.00001"));
        check(double(1.5), C::Text, text("1.5"));
        check(double(-0.0), C::Text, text("0"));
        check(Value::Boolean(true), C::Text, text("true"));
        check(parsed(C::Date, "0001-01-01"), C::Text, text("0001-01-01"));
        check(parsed(C::Time, "08:30:00"), C::Text, text("08:30:00"));
        check(parsed(C::DateTime, "2026-11-21T08:30:00"), C::Text, text("2026-11-21T08:30:00"));
        check(parsed(C::Date, "2026-11-21"), C::DateTime, parsed(C::DateTime, "2026-11-21T00:00:00"));
        check(text("-007"), C::Integer, integer(-7));
        check(text("9223372036854775808"), C::Integer, null.clone());
        check(text("7.0"), C::Integer, null.clone());
        check(text(" 7"), C::Integer, null.clone());
        check(text("+12.345"), money, number("12.35"));
        check(text("-12.345"), money, number("-12.35"));
        check(text("1e3"), money, null.clone());
        check(text("1."), money, null.clone());
        check(text("999999999999999999999999999"), money, null.clone());
        check(text("1.5"), C::Double, double(1.5));
        check(text(&format!("1{}", "0".repeat(320))), C::Double, null.clone());
        check(text(&format!("0.{}1", "0".repeat(350))), C::Double, double(0.0));
        check(text("true"), C::Boolean, Value::Boolean(true));
        check(text("TRUE"), C::Boolean, null.clone());
        check(text("2024-02-29"), C::Date, parsed(C::Date, "2024-02-29"));
        for wrong in ["2023-02-29", "0000-01-01", "2024-2-29", "2024-02-29 ", "20240229", "2024-13-01"] {
            check(text(wrong), C::Date, null.clone());
        }
        check(text("23:59:59"), C::Time, parsed(C::Time, "23:59:59"));
        check(text("23:59:59.999999"), C::Time, parsed(C::Time, "23:59:59.999999"));
        check(text("23:59:59.50"), C::Time, parsed(C::Time, "23:59:59.5"));
        for wrong in ["24:00:00", "23:59:60", "23:59", "23:59:59.", "23:59:59.1234567", "23:59:60.5"] {
            check(text(wrong), C::Time, null.clone());
        }
        let moment = "2024-02-29T08:30:00.000001";
        check(text(moment), C::DateTime, parsed(C::DateTime, moment));
        check(parsed(C::DateTime, moment), C::Text, text(moment));
        check(parsed(C::Time, "08:30:00.25"), C::Text, text("08:30:00.25"));
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        check(text(&id.to_uppercase()), C::Guid, parsed(C::Guid, id));
        check(parsed(C::Guid, id), C::Text, text(id));
        for wrong in
            ["", &id[1..], &id.replace('-', ""), &id.replace('e', "g"), &format!("{{{id}}}"), &"-".repeat(36)]
        {
            check(text(wrong), C::Guid, null.clone());
        }
        for length in [
            "PT0S",
            "P1D",
            "-PT1H",
            "PT1M",
            "PT1S",
            "PT0.000001S",
            "P1DT1.5S",
            "P400DT2H3M4.56S",
            "-P106751991DT4H54.775808S",
            "P106751991DT4H54.775807S",
        ] {
            check(parsed(C::Duration, length), C::Text, text(length));
            check(text(length), C::Duration, parsed(C::Duration, length));
        }
        check(text("+P0DT90M0.5000000000S"), C::Duration, parsed(C::Duration, "PT1H30M0.5S"));
        for wrong in [
            "",
            "P",
            "PT",
            "P1DT",
            "-P",
            "P1Y",
            "PT1.S",
            "PT.5S",
            "PT1D",
            "PT0.0000001S",
            "1D",
            "pt1s",
            "P106751991DT4H54.775808S",
            "P99999999999999999999999999D",
        ] {
            check(text(wrong), C::Duration, null.clone());
        }
        for bytes in ["", "AA", "__4", "-_8A", &"AbC9".repeat(50)] {
            check(parsed(C::Binary, bytes), C::Text, text(bytes));
            check(text(bytes), C::Binary, parsed(C::Binary, bytes));
        }
        for wrong in ["A", "AB", "AAB", "AA==", "A A=", "A\nAA", "/+4", "ä"] {
            check(text(wrong), C::Binary, null.clone());
        }
        check(text("2024-02-29T08:30:00"), C::DateTime, parsed(C::DateTime, "2024-02-29T08:30:00"));
        check(text("2024-02-29 08:30:00"), C::DateTime, null.clone());
        check(number("2.5"), C::Integer, integer(3));
        check(number("-9223372036854775809"), C::Integer, null.clone());
        check(number("12.345"), money, number("12.35"));
        check(integer(i64::MAX), C::Decimal { scale: 10 }, null.clone());
        check(double(2.5), C::Integer, integer(3));
        check(double(1e19), C::Integer, null.clone());
        check(double(0.1), money, number("0.10"));
        check(double(1e300), money, null.clone());
        check(double(1e-300), money, number("0.00"));
        check(number("0.1"), C::Double, double(0.1));
        check(integer(i64::MAX), C::Double, double(9_223_372_036_854_775_807.0));
    });
}

/// A column, or one of the related row.
fn reached(relation: Relation, id: &str) -> Expr {
    Field { scope: 0, path: vec![relation], part: Part::Column(id.into()) }.into()
}

#[test]
fn null_decides_nothing_but_equality() {
    bench(|bench| {
        let null = || Expr::from(Value::Null);
        let truth = |expr: Expr| bench.value(expr);
        let (yes, no) = (Value::Boolean(true), Value::Boolean(false));
        let column = || opaque(&Value::Null);
        assert_eq!(truth(null().compare(Operator::Eq, null())), yes);
        assert_eq!(truth(column().compare(Operator::Eq, null())), yes);
        assert_eq!(truth(Expr::from(Value::Boolean(true)).compare(Operator::Ne, null())), yes);
        assert_eq!(truth(null().compare(Operator::Ge, null())), no);
        assert_eq!(truth(Expr::And(vec![null(), Value::Boolean(false).into()])), no);
        assert_eq!(truth(Expr::And(vec![null(), Value::Boolean(true).into()])), Value::Null);
        assert_eq!(truth(Expr::Or(vec![null(), Value::Boolean(true).into()])), yes);
        assert_eq!(truth(!null()), Value::Null);
        assert_eq!(truth(Expr::In(Box::new(null()), vec![Value::Integer(1).into()])), no);
        assert_eq!(truth(Expr::In(Box::new(null()), vec![null()])), yes);
        assert_eq!(truth(Expr::Case(vec![(null(), Value::Integer(1).into())])), Value::Null);
        // A condition that is null keeps nothing, turned round or not.
        let unknown = Expr::column("text").call(Function::Contains, [null()]);
        assert_eq!(bench.all(unknown.clone()).total, Some(0));
        assert_eq!(bench.all(!unknown).total, Some(0));
        // The boolean column itself.
        let (of, not) = (bench.all(Expr::column("boolean")), bench.all(!Expr::column("boolean")));
        let blank = bench.all(Expr::column("boolean").is_null());
        assert_eq!(of.rows.len() + not.rows.len() + blank.rows.len(), 120);
        // Two columns.
        for operator in OPERATORS {
            for (left, right) in [
                ("money", "fine"),
                ("integer", "money"),
                ("double", "fine"),
                ("date", "date"),
                ("long", "fine"),
                ("long", "long"),
                ("integer", "long"),
                ("length", "length"),
                ("guid", "guid"),
            ] {
                let compare = Expr::column(left).compare(operator, Expr::column(right));
                bench.all(compare.clone());
                bench.all(!compare);
            }
            let texts = Expr::column("text").compare(operator, reached(by_number(), "note"));
            bench.all(texts.clone());
            bench.all(!texts);
        }
    });
}

#[test]
fn constants_fit_the_column_they_are_compared_with() {
    bench(|bench| {
        for column in ["money", "fine", "integer", "long"] {
            for constant in [
                "9999999999.9999999999999999991",
                "0.0000000000000000005",
                "-9999999999.999999999999999999",
                "0.005",
                "0.0000000001",
                "-0.011",
                "0.01",
                "0.010",
                "1",
                "1.000",
                "92233720368547758.07",
                "92233720368547758.071",
                "-92233720368547758.081",
                "9007199254740990.5",
                "9999999999999999999999999999",
                "-9999999999999999999999999999",
                "9223372036.8547758071",
            ] {
                for operator in OPERATORS {
                    let compare = Expr::column(column).compare(operator, number(constant).into());
                    bench.all(!compare.clone());
                    bench.all(compare);
                    bench.all(Expr::from(number(constant)).compare(operator, Expr::column(column)));
                }
                bench.all(Expr::column(column).one_of([number(constant), integer(1), Value::Null]));
                bench.all(!Expr::column(column).one_of([number(constant), integer(1)]));
            }
            let half = Expr::column(column).arithmetic(Arithmetic::DivBy, integer(2).into());
            bench.all(half.compare(Operator::Gt, number("0.0049999").into()));
        }
        let parsed = |text: &str| Value::DateTime(text.parse().unwrap());
        for constant in ["2026-11-21T08:30:00.5", "2026-11-21T08:30:00.000001", "2026-11-21T08:30:00"] {
            for operator in OPERATORS {
                bench.all(Expr::column("moment").compare(operator, parsed(constant).into()));
            }
        }
        let found =
            bench.all(Expr::column("moment").compare(Operator::Gt, parsed("2026-11-21T08:30:00.5").into()));
        assert!(
            found.rows.iter().all(|row| row.values[8].compare(Operator::Ge, &parsed("2026-11-21T08:30:01")))
        );
    });
}

#[test]
fn related_rows_are_found_alike() {
    bench(|bench| {
        let related = |relation: Relation| Related { scope: 0, path: vec![relation] };
        let open = || Expr::column("open");
        let more = Expr::column("amount").compare(Operator::Gt, reached_outer("money"));
        for relation in [by_text(), by_number(), by_id()] {
            for condition in
                [open(), !open(), more.clone(), Expr::column("note").compare(Operator::Ne, "a".into())]
            {
                let some = Expr::Any(related(relation.clone()), Some(Box::new(condition.clone())));
                let every = Expr::All(related(relation.clone()), Box::new(condition.clone()));
                let count = Expr::Count(related(relation.clone()), Some(Box::new(condition)));
                for filter in [some, every, count.compare(Operator::Gt, integer(1).into())] {
                    let (kept, other) = (bench.all(filter.clone()), bench.all(!filter));
                    assert_eq!(kept.rows.len() + other.rows.len(), 120);
                }
            }
            assert!(!bench.all(Expr::Any(related(relation.clone()), None)).rows.is_empty());
            let compare = reached(relation.clone(), "amount").compare(Operator::Ge, number("5").into());
            assert!(!bench.all(compare).rows.is_empty());
            bench.all(reached(relation.clone(), "key").is_null());
            // Through two relations, and by what the second has.
            let path = vec![relation.clone(), back()];
            let there_and_back: Expr = Field { scope: 0, path: path.clone(), part: Part::Id }.into();
            bench.all(there_and_back.compare(Operator::Ne, Expr::id()));
            let many = Related { scope: 0, path };
            bench.all(Expr::Count(many, None).compare(Operator::Ge, integer(3).into()));
            for descending in [false, true] {
                let order = vec![Order { expr: reached(relation.clone(), "note"), descending }];
                bench.check(&Query {
                    table: "all".into(),
                    order,
                    page: Page::first(50),
                    ..Query::unlimited()
                });
            }
        }
        // The relation's own condition counts everywhere: no closed row is seen.
        let closed = Expr::Any(
            related(by_number()),
            Some(Box::new(open().compare(Operator::Eq, Value::Boolean(false).into()))),
        );
        assert_eq!(bench.all(closed).total, Some(0));
        let unjoined = Relation { table: "related".into(), on: vec![], only: None };
        let all = Expr::Count(related(unjoined), None).compare(Operator::Eq, integer(60).into());
        assert_eq!(bench.all(all).total, Some(120));
    });
}

fn reached_outer(id: &str) -> Expr {
    Field { scope: 1, path: vec![], part: Part::Column(id.into()) }.into()
}
