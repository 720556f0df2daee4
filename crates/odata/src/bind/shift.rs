//! Expressions moved inwards: what was said of a row, said from within a lambda over others.

use gridkeep_model::query::{Expr, Field, Related};

/// The same expression where `by` more rows are around: what it calls row 0 is then row `by`.
pub(super) fn shifted(expr: &Expr, by: usize) -> Expr {
    if by == 0 { expr.clone() } else { Shift { by }.at(expr, 0) }
}

struct Shift {
    by: usize,
}

impl Shift {
    /// `inside` is how many rows of its own lambdas are around.
    fn at(&self, expr: &Expr, inside: usize) -> Expr {
        let one = |expr: &Expr| Box::new(self.at(expr, inside));
        let all = |many: &[Expr]| many.iter().map(|expr| self.at(expr, inside)).collect::<Vec<_>>();
        let scope = |scope: usize| if scope < inside { scope } else { scope + self.by };
        // A relation's own condition is about both its rows and nothing around them.
        let related = |related: &Related| Related { scope: scope(related.scope), path: related.path.clone() };
        let within = |condition: &Expr| Box::new(self.at(condition, inside + 1));
        match expr {
            Expr::Literal(value) => Expr::Literal(value.clone()),
            Expr::Field(field) => Expr::Field(Field { scope: scope(field.scope), ..field.clone() }),
            Expr::Not(inner) => Expr::Not(one(inner)),
            Expr::Negate(inner) => Expr::Negate(one(inner)),
            Expr::And(terms) => Expr::And(all(terms)),
            Expr::Or(terms) => Expr::Or(all(terms)),
            Expr::Compare(operator, left, right) => Expr::Compare(*operator, one(left), one(right)),
            Expr::Arithmetic(operator, left, right) => Expr::Arithmetic(*operator, one(left), one(right)),
            Expr::In(needle, values) => Expr::In(one(needle), all(values)),
            Expr::Call(function, arguments) => Expr::Call(*function, all(arguments)),
            Expr::Case(branches) => Expr::Case(
                branches
                    .iter()
                    .map(|(condition, value)| (self.at(condition, inside), self.at(value, inside)))
                    .collect(),
            ),
            Expr::Cast(inner, to) => Expr::Cast(one(inner), *to),
            Expr::Any(rows, condition) => Expr::Any(related(rows), condition.as_deref().map(within)),
            Expr::All(rows, condition) => Expr::All(related(rows), within(condition)),
            Expr::Count(rows, condition) => Expr::Count(related(rows), condition.as_deref().map(within)),
        }
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::query::{Part, Relation};

    use super::*;

    #[test]
    fn rows_of_its_own_lambdas_stay() {
        let field =
            |scope| Expr::Field(Field { scope, path: Vec::new(), part: Part::Column("a".to_owned()) });
        let lambda = |scope, condition| {
            let relation = Relation { table: "t".to_owned(), on: Vec::new(), only: None };
            Expr::Any(Related { scope, path: vec![relation] }, Some(Box::new(condition)))
        };
        let check = |expr: Expr, expect: Expr| assert_eq!(shifted(&expr, 2), expect);
        check(field(0), field(2));
        check(lambda(0, field(0).and(field(1))), lambda(2, field(0).and(field(3))));
        check(lambda(0, lambda(1, field(2))), lambda(2, lambda(3, field(4))));
    }
}
