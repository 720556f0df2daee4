//! Patterns: the same matches everywhere, and none that takes long.

use super::*;
use gridkeep_model::query::{Computed, Function, Pattern};

/// A text that only a row knows, so that the database matches it.
fn of_row(value: &str) -> Expr {
    let there = Expr::id().compare(Operator::Ne, Value::Null.into());
    Expr::Case(vec![
        (Expr::column("text").is_null().or(there), value.into()),
        (Expr::column("boolean"), value.into()),
    ])
}

#[test]
fn patterns_match_alike_and_in_time() {
    bench(|bench| {
        let check = |text: &str, pattern: &str, expect: bool| {
            let expr = of_row(text).call(Function::MatchesPattern, [pattern.into()]);
            let compute = vec![Computed { name: "x".into(), expr }];
            let (table, page, columns) = ("all".into(), Page::first(1), Some(vec![]));
            let start = std::time::Instant::now();
            let found = bench.check(&Query { table, columns, compute, page, ..Query::unlimited() });
            assert_eq!(found.rows[0].values[0], Value::Boolean(expect), "{pattern:?} {text:.40?}");
            assert!(start.elapsed().as_secs() < 20, "{pattern:?} took {:?}", start.elapsed());
        };
        check("Apple\n", "^A.*e$", false);
        check("a\nb", "a.b", false);
        check("a\u{2028}b", "a[^x]b", true);
        check("a9\u{a0}", "\\w\\d\\s$", true);
        check("ä", "\\w", false);
        check("٣", "\\d", false);
        check("-]^", "^[\\]\\^-]+$", true);
        check("[:alpha:]", "^[[:alph]+\\]$", true);
        check("ab", "^(?:a|b){2}$", true);
        check("ab", "^(a|b|){3,}$", true);
        check("(?i)A", "\\(\\?i\\)a", false);
        check("***:x", "^\\*\\*\\*:x$", true);
        check("", "", true);
        check("x", "^$", false);
        check("\u{b}\t", "^\\s\\x09$", true);
        check("K\u{212a}", "^K\\u212a$", true);
        // Exponential, or nearly, for a matcher that goes back.
        let many = format!("{}!", "a".repeat(20_000));
        for pattern in [
            "^(a+)+$",
            "^(a|a)*$",
            "^(a|aa)+$",
            "(.*a){12}b",
            "^(a?){50}a{50}$",
            "([a-z]+)*=",
            "^(((a*)*)*)*$",
        ] {
            let expect = Pattern::parse(pattern).unwrap().is_match(&many);
            check(&many, pattern, expect);
        }
    });
}
