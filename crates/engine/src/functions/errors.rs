//! Tests for errors: an error from whatever depth is an answer here, never passed on.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::adapter::{Body, Context, Definition, Outcome};

const fn test(name: &'static str, call: fn(&Context, &[LiteralValue]) -> Outcome) -> Definition {
    Definition { name, arguments: (1, 1), body: Body::Scalar(call) }
}

pub(super) const FUNCTIONS: &[Definition] = &[
    test("ISERROR", |_, arguments| boolean(kind(arguments).is_some())),
    test("ISERR", |_, arguments| boolean(kind(arguments).is_some_and(|kind| kind != ExcelErrorKind::Na))),
    test("ISNA", |_, arguments| boolean(kind(arguments) == Some(ExcelErrorKind::Na))),
];

fn kind(arguments: &[LiteralValue]) -> Option<ExcelErrorKind> {
    match &arguments[0] {
        LiteralValue::Error(error) => Some(error.kind),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of every function here")]
fn boolean(boolean: bool) -> Outcome {
    Ok(LiteralValue::Boolean(boolean))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("ISERROR(1/0)", "TRUE");
        check("ISERROR(VLOOKUP(1,NoSuchName,2))", "TRUE");
        check("ISERROR(NoSuchName)", "TRUE");
        check("ISERROR(A1)", "FALSE");
        check("ISERR(NA())", "FALSE");
        check("ISERR(\"a\"+1)", "TRUE");
        check("ISNA(VLOOKUP(9,A1:A3,1,FALSE))", "TRUE");
        check("ISNA(\"#N/A\")", "FALSE");
        check("SUMPRODUCT(--ISERROR(1/(A1:A3-2)))", "1");
        check("IFERROR(VLOOKUP(1,NoSuchName,2),\"none\")", "none");
        check("IFNA(VLOOKUP(9,A1:A3,1,FALSE),\"none\")", "none");
    }
}
