//! How operators group (OData-URL 4.01, section 5.1.1.16), shown by a print with all parentheses.

use gridkeep_odata::syntax::{
    Limits,
    ast::{Expr, ExprKind},
};

/// The expression with each operation in brackets.
fn grouped(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Binary(op, left, right) => {
            format!("[{} {} {}]", grouped(left), op.word(), grouped(right))
        }
        ExprKind::Logical(op, terms) => {
            let terms: Vec<String> = terms.iter().map(grouped).collect();
            format!("[{}]", terms.join(&format!(" {} ", op.word())))
        }
        ExprKind::Unary(op, of) => format!("[{op:?} {}]", grouped(of)),
        _ => expr.to_string(),
    }
}

#[test]
fn operators_group_as_the_standard_says() {
    let check = |text: &str, expect: &str| {
        assert_eq!(grouped(&Expr::parse(text, &Limits::default()).unwrap()), expect, "{text}");
    };
    check("a or b and c", "[a or [b and c]]");
    check("a and b or c and d", "[[a and b] or [c and d]]");
    check("a and b and c", "[a and b and c]");
    check("(a or b) and c", "[[a or b] and c]");
    check("a and (b and c)", "[a and b and c]");
    check("(a or b) or (c or d and (e and f))", "[a or b or c or [d and e and f]]");
    check("not a and b", "[[Not a] and b]");
    check("not a eq b", "[[Not a] eq b]");
    check("not a in (1,2)", "[Not [a in (1,2)]]");
    check("not a has M.E'X'", "[Not [a has M.E'X']]");
    check("not (a eq b)", "[Not [a eq b]]");
    check("not not a", "[Not [Not a]]");
    check("a eq b ne c", "[[a eq b] ne c]");
    check("a gt 1 eq b lt 2", "[[a gt 1] eq [b lt 2]]");
    check("a add b mul c sub d", "[[a add [b mul c]] sub d]");
    check("a sub b sub c", "[[a sub b] sub c]");
    check("a divby b mod c div d", "[[[a divby b] mod c] div d]");
    check("a mul -b", "[a mul [Negate b]]");
    check("-a mul b", "[[Negate a] mul b]");
    check("a sub -5", "[a sub -5]");
    check("- 5", "[Negate 5]");
    check("A EQ 1 AND B Ne 2", "[[A eq 1] and [B ne 2]]");
    check("not eq 1", "[not eq 1]");
    check("eq eq and and or ge or", "[[eq eq and] and [or ge or]]");
    check("null eq a", "[null eq a]");
    check("cast(a,'Edm.String') eq isof('M.T')", "[cast(a,Edm.String) eq isof(M.T)]");
    check("case(a gt 10:11,true:0) eq 1", "[case(a%20gt%2010%20:11,true%20:0) eq 1]");
    check("case(a gt 10:11:12:13) eq 1", "[case(a%20gt%2010:11:12%20:13) eq 1]");
}
