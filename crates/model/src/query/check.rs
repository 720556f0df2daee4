//! [`Expr`] to [`Typed`]: finds names, decides types, calculates constants, and brings comparisons of a column with a
//! constant into the form an index can answer.

use super::{
    Arithmetic, At, Expr, Field, Function, Join, Joins, Node, Operator, Part, Pattern, QueryError, Related,
    Relation, Type, Typed, cast, eval, fit, moment, number, sight, sight::View, signature,
};
use crate::{ColumnType, TableSchema, Value};

/// Nodes all expressions of a query may have together.
pub const MAX_NODES: usize = 5_000;
/// How deep an expression may go.
pub const MAX_DEPTH: usize = 64;

/// Finds a table's schema.
pub type Schemas<'a> = &'a dyn Fn(&str) -> Option<&'a TableSchema>;

/// Checks the expressions of one query, within its limits.
pub(super) struct Checker<'s, 'a: 's> {
    view: View<'a>,
    left: usize,
    /// The tables whose rows are in reach, innermost last.
    scopes: Vec<&'s TableSchema>,
    depth: usize,
    /// Whether columns are stored: then they hold numbers of 64 bits only.
    stored: bool,
}

impl<'s, 'a: 's> Checker<'s, 'a> {
    pub(super) fn new(view: View<'a>, table: &'s TableSchema) -> Self {
        Self { view, left: MAX_NODES, scopes: vec![table], depth: 0, stored: true }
    }

    /// For expressions over groups, whose values are calculated.
    pub(super) fn of_groups(view: View<'a>, groups: &'s TableSchema) -> Self {
        Self { stored: false, ..Self::new(view, groups) }
    }

    /// Which rows of a table are seen; `None` for all. What decides that is no part of what is asked, and has limits of
    /// its own.
    pub(super) fn only(&self, table: &str) -> Result<Option<Typed>, QueryError> {
        let Some((view, schema, only)) = self.view.only(table)? else { return Ok(None) };
        let only = Checker::new(view, schema).condition(only)?;
        Ok(Some(only).filter(|only| only.as_literal() != Some(&Value::Boolean(true))))
    }

    /// An expression that must be a condition.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<Typed, QueryError> {
        let typed = self.expr(expr)?;
        match typed.ty {
            Type::BOOLEAN => Ok(typed),
            Type::Null => Ok(Typed::literal(Value::Null, Type::BOOLEAN)),
            Type::Column(_) => Err(QueryError::Type("a condition is no boolean")),
        }
    }

    /// What rows are ordered or ranked by.
    pub(super) fn key(&mut self, expr: &Expr) -> Result<Typed, QueryError> {
        let typed = self.expr(expr)?;
        if typed.ty == Type::BINARY { Err(QueryError::Unsupported("an order of bytes")) } else { Ok(typed) }
    }

    /// Any expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Typed, QueryError> {
        self.left = self.left.checked_sub(1).ok_or(QueryError::Size)?;
        if self.depth > MAX_DEPTH {
            return Err(QueryError::Size);
        }
        self.depth += 1;
        let typed = self.node(expr)?;
        self.depth -= 1;
        Ok(eval::fold(typed))
    }

    fn node(&mut self, expr: &Expr) -> Result<Typed, QueryError> {
        Ok(match expr {
            Expr::Literal(value) => fit::literal(value)?,
            Expr::Field(field) => self.field(field)?,
            Expr::Not(inner) => self.condition(inner)?.negated(),
            Expr::Negate(inner) => {
                let inner = self.expr(inner)?;
                match inner.ty {
                    Type::Null => inner,
                    ty if ty.is_number() || ty == Type::DURATION => {
                        Typed { node: Node::Negate(Box::new(inner)), ty, nullable: true }
                    }
                    Type::Column(_) => {
                        return Err(QueryError::Type("only a number or duration can be negated"));
                    }
                }
            }
            Expr::And(all) => self.joined(all, true)?,
            Expr::Or(any) => self.joined(any, false)?,
            Expr::Compare(operator, left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                compare(*operator, left, right, self.stored)?
            }
            Expr::Arithmetic(operator, left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                arithmetic(*operator, left, right)?
            }
            Expr::In(needle, values) => {
                let needle = self.expr(needle)?;
                let values = values.iter().map(|value| self.expr(value)).collect::<Result<Vec<_>, _>>()?;
                one_of(needle, values, self.stored)?
            }
            Expr::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| self.expr(argument));
                let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
                call(*function, arguments)?
            }
            Expr::Case(branches) => self.case(branches)?,
            Expr::Cast(inner, to) => {
                let inner = self.expr(inner)?;
                if let ColumnType::Decimal { scale } = to
                    && *scale > number::MAX_SCALE
                {
                    return Err(QueryError::Type("a decimal has at most 28 places"));
                }
                if !cast::possible(inner.ty, *to) {
                    return Err(QueryError::Type("a cast between these types is not known"));
                }
                converted(inner, Type::Column(*to))
            }
            Expr::Any(related, condition) => {
                let (joins, condition) = self.related(related, condition.as_deref())?;
                Typed::condition(Node::Any(joins, condition.map(Box::new)))
            }
            Expr::All(related, condition) => {
                let (joins, condition) = self.related(related, Some(condition))?;
                let unless = condition.map(|condition| Box::new(is_true(condition).negated()));
                Typed::condition(Node::Any(joins, unless)).negated()
            }
            Expr::Count(related, condition) => {
                let (joins, condition) = self.related(related, condition.as_deref())?;
                let node = Node::Count(joins, condition.map(Box::new));
                Typed { node, ty: Type::INTEGER, nullable: false }
            }
        })
    }

    fn scope(&self, up: usize) -> Result<&'s TableSchema, QueryError> {
        let at = self.scopes.len().checked_sub(up + 1).ok_or(QueryError::Scope)?;
        Ok(self.scopes[at])
    }

    fn field(&mut self, field: &Field) -> Result<Typed, QueryError> {
        let table = self.scope(field.scope)?;
        let (path, table) = self.path(table, &field.path)?;
        let (at, ty) = part(table, &field.part)?;
        let nullable = !path.is_empty() || matches!(at, At::Column(_));
        Ok(Typed { node: Node::Field(field.scope, path, at), ty, nullable })
    }

    /// The joins, and the table they lead to.
    fn path(
        &mut self,
        from: &'s TableSchema,
        path: &[Relation],
    ) -> Result<(Vec<Join>, &'s TableSchema), QueryError> {
        let (mut joins, mut table) = (Vec::with_capacity(path.len()), from);
        for relation in path {
            self.left = self.left.checked_sub(1 + relation.on.len()).ok_or(QueryError::Size)?;
            let other = self.table(&relation.table)?;
            let mut on = Vec::with_capacity(relation.on.len());
            for (here, there) in &relation.on {
                let ((here, ty), (there, other_ty)) = (part(table, here)?, part(other, there)?);
                if ty != other_ty {
                    return Err(QueryError::Type("a relation joins columns of different types"));
                }
                on.push((here, there, ty));
            }
            // Scopes further out are out of reach of a relation's own condition.
            let outer = std::mem::replace(&mut self.scopes, vec![table, other]);
            let only = relation.only.as_deref().map(|only| self.condition(only)).transpose();
            self.scopes = outer;
            let only = both(only?, self.only(&other.id)?);
            joins.push(Join { table: other.id.clone(), on, only: only.map(Box::new) });
            table = other;
        }
        Ok((joins, table))
    }

    fn table(&self, id: &str) -> Result<&'s TableSchema, QueryError> {
        (self.view.seen)(id).ok_or_else(|| QueryError::UnknownTable(id.to_owned()))
    }

    fn related(
        &mut self,
        related: &Related,
        condition: Option<&Expr>,
    ) -> Result<(Joins, Option<Typed>), QueryError> {
        let table = self.scope(related.scope)?;
        let (path, other) = self.path(table, &related.path)?;
        if path.is_empty() {
            return Err(QueryError::Type("a path to related rows is empty"));
        }
        self.scopes.push(other);
        let condition = condition.map(|condition| self.condition(condition)).transpose();
        self.scopes.pop();
        // A condition that is always true says nothing.
        let condition = condition?.filter(|condition| condition.as_literal() != Some(&Value::Boolean(true)));
        Ok((Joins { scope: related.scope, path }, condition))
    }

    /// Flat, without the constants that change nothing.
    fn joined(&mut self, parts: &[Expr], all: bool) -> Result<Typed, QueryError> {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            let typed = self.condition(part)?;
            match typed.node {
                Node::Literal(Value::Boolean(truth)) if truth == all => {}
                Node::Literal(Value::Boolean(_)) => return Ok(Typed::truth(!all)),
                Node::And(inner) if all => flat.extend(inner),
                Node::Or(inner) if !all => flat.extend(inner),
                _ => flat.push(typed),
            }
        }
        let Some(last) = flat.pop() else { return Ok(Typed::truth(all)) };
        if flat.is_empty() {
            return Ok(last);
        }
        flat.push(last);
        let nullable = flat.iter().any(|part| part.nullable);
        let node = if all { Node::And(flat) } else { Node::Or(flat) };
        Ok(Typed { node, ty: Type::BOOLEAN, nullable })
    }

    fn case(&mut self, branches: &[(Expr, Expr)]) -> Result<Typed, QueryError> {
        let mut typed = Vec::with_capacity(branches.len());
        let mut ty = Type::Null;
        for (condition, value) in branches {
            let (condition, value) = (self.condition(condition)?, self.expr(value)?);
            ty = ty.common(value.ty).ok_or(QueryError::Type("the values of a case have different types"))?;
            typed.push((condition, value));
        }
        if typed.is_empty() || ty == Type::Null {
            return Ok(Typed::literal(Value::Null, ty));
        }
        let typed = typed.into_iter().map(|(condition, value)| (condition, converted(value, ty))).collect();
        Ok(Typed { node: Node::Case(typed), ty, nullable: true })
    }
}

/// Both conditions, flat; what is always true says nothing.
pub(super) fn both(one: Option<Typed>, other: Option<Typed>) -> Option<Typed> {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (one, other) => return one.or(other),
    };
    let never = |typed: &Typed| matches!(typed.as_literal(), Some(Value::Boolean(false) | Value::Null));
    if never(&one) || never(&other) {
        return Some(Typed::truth(false));
    }
    let nullable = one.nullable || other.nullable;
    let mut all = Vec::new();
    for typed in [one, other] {
        match typed.node {
            Node::And(parts) => all.extend(parts),
            Node::Literal(_) => {}
            _ => all.push(typed),
        }
    }
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Typed { node: Node::And(all), ty: Type::BOOLEAN, nullable }),
    }
}

fn part(table: &TableSchema, part: &Part) -> Result<(At, Type), QueryError> {
    Ok(match part {
        Part::Id => (At::Id, Type::GUID),
        Part::Version => (At::Version, Type::INTEGER),
        Part::Column(id) => {
            let unknown = || QueryError::UnknownColumn { table: table.id.clone(), column: id.clone() };
            let (index, column) = table.column(id).filter(|_| !sight::is_masked(id)).ok_or_else(unknown)?;
            (At::Column(index), Type::Column(column.column_type))
        }
    })
}

/// The expression as this type, which it can become.
pub(super) fn converted(typed: Typed, to: Type) -> Typed {
    if typed.ty == to {
        return typed;
    }
    let Type::Column(_) = to else { return typed };
    if typed.is_null() {
        return Typed::literal(Value::Null, to);
    }
    eval::fold(Typed { node: Node::Cast(Box::new(typed)), ty: to, nullable: true })
}

fn is_true(condition: Typed) -> Typed {
    if condition.nullable {
        eval::fold(Typed::condition(Node::IsTrue(Box::new(condition))))
    } else {
        condition
    }
}

fn compare(operator: Operator, left: Typed, right: Typed, stored: bool) -> Result<Typed, QueryError> {
    let common = left.ty.common(right.ty).ok_or(QueryError::Type("values of these types do not compare"))?;
    if left.is_null() || right.is_null() {
        let other = if left.is_null() { right } else { left };
        let is_null = || {
            let typed = if other.nullable {
                Typed::condition(Node::IsNull(Box::new(other)))
            } else {
                Typed::truth(false)
            };
            eval::fold(typed)
        };
        return Ok(match operator {
            Operator::Eq => is_null(),
            Operator::Ne => is_null().negated(),
            _ => Typed::truth(false),
        });
    }
    if common == Type::BINARY && !matches!(operator, Operator::Eq | Operator::Ne) {
        return Err(QueryError::Unsupported("an order of bytes"));
    }
    let (left, right) = sides(left, right, common);
    if matches!(left.node, Node::Literal(_)) {
        return Ok(fit::comparison(operator.flipped(), right, left, stored));
    }
    Ok(fit::comparison(operator, left, right, stored))
}

/// Doubles both, when one is; other numbers compare at any scale.
fn sides(left: Typed, right: Typed, common: Type) -> (Typed, Typed) {
    if common == Type::DOUBLE { (converted(left, common), converted(right, common)) } else { (left, right) }
}

fn one_of(needle: Typed, values: Vec<Typed>, stored: bool) -> Result<Typed, QueryError> {
    let (mut kept, mut null) = (Vec::with_capacity(values.len()), false);
    let wrong = QueryError::Type("a value of the list is of another type");
    let mut common = needle.ty;
    for value in &values {
        common = common.common(value.ty).ok_or_else(|| wrong.clone())?;
    }
    let needle = if common == Type::DOUBLE { converted(needle, common) } else { needle };
    for value in values {
        if value.is_null() {
            null = true;
            continue;
        }
        let value = if common == Type::DOUBLE { converted(value, common) } else { value };
        let Some(value) = fit::equal(&needle, value, stored) else { continue };
        kept.push(value);
    }
    if needle.is_null() {
        // Null is only in a list that has null in it.
        let rest = kept.into_iter().map(|value| Typed::condition(Node::IsNull(Box::new(value))));
        let mut any: Vec<_> = rest.map(eval::fold).collect();
        any.push(Typed::truth(null));
        return Ok(any_of(any));
    }
    let mut any = Vec::new();
    if null && needle.nullable {
        any.push(Typed::condition(Node::IsNull(Box::new(needle.clone()))));
    }
    if !kept.is_empty() {
        any.push(Typed::condition(Node::In(Box::new(needle), kept)));
    }
    Ok(any_of(any))
}

fn any_of(mut any: Vec<Typed>) -> Typed {
    if any.iter().any(|part| part.as_literal() == Some(&Value::Boolean(true))) {
        return Typed::truth(true);
    }
    any.retain(|part| part.as_literal().is_none());
    match any.len() {
        0 => Typed::truth(false),
        1 => any.swap_remove(0),
        _ => Typed::condition(Node::Or(any)),
    }
}

fn arithmetic(operator: Arithmetic, left: Typed, right: Typed) -> Result<Typed, QueryError> {
    if let Some(ty) = moment::result(operator, left.ty, right.ty) {
        if left.is_null() || right.is_null() {
            return Ok(Typed::literal(Value::Null, ty));
        }
        let node = Node::Arithmetic(operator, Box::new(left), Box::new(right));
        return Ok(Typed { node, ty, nullable: true });
    }
    let is_number = |ty: Type| ty == Type::Null || ty.is_number();
    if !is_number(left.ty) || !is_number(right.ty) {
        return Err(QueryError::Type("arithmetic is for numbers, moments and durations that go together"));
    }
    let Some(common) = left.ty.common(right.ty).filter(|ty| *ty != Type::Null) else {
        return Ok(Typed::literal(Value::Null, Type::INTEGER));
    };
    let ty = match (common.scale(), operator) {
        (None, _) => Type::DOUBLE,
        (Some(_), operator) if common == Type::INTEGER && operator != Arithmetic::DivBy => Type::INTEGER,
        _ => {
            let scale = number::scale(operator, left.ty.scale().unwrap_or(0), right.ty.scale().unwrap_or(0));
            let scale = scale.ok_or(QueryError::Type("a product of more than 28 places"))?;
            Type::Column(ColumnType::Decimal { scale })
        }
    };
    if left.is_null() || right.is_null() {
        return Ok(Typed::literal(Value::Null, ty));
    }
    let (left, right) = sides(left, right, common);
    let node = Node::Arithmetic(operator, Box::new(left), Box::new(right));
    Ok(Typed { node, ty, nullable: true })
}

fn call(function: Function, mut arguments: Vec<Typed>) -> Result<Typed, QueryError> {
    let types: Vec<Type> = arguments.iter().map(|argument| argument.ty).collect();
    let ty = signature::result(function, &types)
        .ok_or(QueryError::Type("a function does not take these arguments"))?;
    if arguments.iter().any(Typed::is_null) {
        return Ok(Typed::literal(Value::Null, ty));
    }
    let fails = matches!(function, Function::Within | Function::Single);
    let nullable = fails || arguments.iter().any(|argument| argument.nullable);
    if function == Function::MatchesPattern {
        let Some(Value::Text(pattern)) = arguments.pop().and_then(|pattern| pattern.as_literal().cloned())
        else {
            return Err(QueryError::Unsupported("a pattern that is not a constant"));
        };
        let pattern = Pattern::parse(&pattern).map_err(QueryError::Unsupported)?;
        let text = arguments.pop().ok_or(QueryError::Size)?;
        return Ok(Typed { node: Node::Matches(Box::new(text), pattern), ty, nullable });
    }
    Ok(Typed { node: Node::Call(function, arguments), ty, nullable })
}
