//! Expressions: operators by their strength, operands, built-in functions.
//!
//! **Architecture Invariant:** `and` and `or` are lists however long they are, and every other chain of operators counts
//! towards the depth, so that no tree is deeper than the limit says.

use super::{
    ast::{BinaryOp, Expr, ExprKind, LogicalOp, Method, TypeName, UnaryOp},
    lexical,
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Result<Expr> {
        self.enter(|parser| parser.logical(LogicalOp::Or))
    }

    /// Terms of one logical operator.
    fn logical(&mut self, op: LogicalOp) -> Result<Expr> {
        let start = self.pos;
        let mut terms = vec![self.term(op)?];
        while self.logical_word(op)? {
            self.node()?;
            terms.push(self.term(op)?);
        }
        Ok(match terms.len() {
            1 => terms.swap_remove(0),
            _ => Expr { kind: ExprKind::Logical(op, terms), at: self.at(start) },
        })
    }

    fn term(&mut self, op: LogicalOp) -> Result<Expr> {
        match op {
            LogicalOp::Or => self.logical(LogicalOp::And),
            LogicalOp::And => self.binary(0),
        }
    }

    fn logical_word(&mut self, op: LogicalOp) -> Result<bool> {
        let before = self.pos;
        if self.space() && self.word().eq_ignore_ascii_case(op.word()) {
            self.pos += op.word().len();
            return self.space().then_some(true).ok_or_else(|| self.expected("white space"));
        }
        self.pos = before;
        Ok(false)
    }

    /// Operators that bind at least this tightly.
    fn binary(&mut self, least: u8) -> Result<Expr> {
        let (start, above) = (self.pos, self.deepest);
        self.deepest = self.depth();
        let mut left = self.unary()?;
        loop {
            let before = self.pos;
            let op = if self.space() { BinaryOp::parse(self.word()) } else { None };
            let Some(op) = op.filter(|op| op.strength() > least) else {
                self.pos = before;
                break;
            };
            self.pos += op.word().len();
            if !self.space() {
                return Err(self.expected("white space"));
            }
            self.node()?;
            self.sink(self.deepest + 1)?;
            let right = self.enter(|parser| match op {
                BinaryOp::In if parser.peek() == b'(' => parser.apart(Self::members),
                _ => parser.binary(op.strength()),
            })?;
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), at: self.at(start) };
        }
        self.deepest = self.deepest.max(above);
        Ok(left)
    }

    /// What stands in parentheses on the right of `in`: literals, or one expression.
    fn members(&mut self) -> Result<Expr> {
        let start = self.pos;
        self.pos += 1;
        self.space();
        let mut items = Vec::new();
        if self.peek() != b')' {
            items.push(self.expression()?);
            while is_literal(&items[0]) && self.comma() {
                self.element(items.len())?;
                let at = self.pos;
                let Some(literal) = self.literal()? else { return Err(self.expected("a literal")) };
                items.push(Expr { kind: ExprKind::Literal(literal), at: self.at(at) });
            }
        }
        self.close()?;
        let at = self.at(start);
        if items.len() == 1 && !is_literal(&items[0]) {
            return Ok(Expr { at, ..items.swap_remove(0) });
        }
        Ok(Expr { kind: ExprKind::List(items), at })
    }

    fn unary(&mut self) -> Result<Expr> {
        let start = self.pos;
        self.node()?;
        if let Some(literal) = self.literal()? {
            return Ok(Expr { kind: ExprKind::Literal(literal), at: self.at(start) });
        }
        let op = if self.eat("-") {
            self.space();
            UnaryOp::Negate
        } else if self.negation() {
            UnaryOp::Not
        } else {
            return self.operand();
        };
        let operand = self.enter(|parser| parser.binary(BinaryOp::UNARY))?;
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(operand)), at: self.at(start) })
    }

    /// `not` before an operand; before an operator it is a property of that name.
    fn negation(&mut self) -> bool {
        let before = self.pos;
        if self.word().eq_ignore_ascii_case("not") {
            self.pos += 3;
            if self.space() {
                let length = self.word().len();
                let spaced = matches!(self.bytes().get(length), Some(b' ' | b'\t'));
                if !(spaced && BinaryOp::parse(self.word()).is_some()) {
                    return true;
                }
            }
        }
        self.pos = before;
        false
    }

    fn operand(&mut self) -> Result<Expr> {
        let start = self.pos;
        if let Some(json) = self.json()? {
            return Ok(json);
        }
        if self.eat("(") {
            self.space();
            let inner = self.apart(Self::expression)?;
            self.close()?;
            return Ok(Expr { at: self.at(start), ..inner });
        }
        if matches!(self.peek(), b'$' | b'@') {
            return self.path_expression();
        }
        let Some(length) = lexical::name(self.rest()) else { return Err(self.expected("an expression")) };
        let name = &self.rest()[..length];
        if self.bytes().get(length) == Some(&b'(')
            && let Some(call) = self.call(name)?
        {
            return Ok(call);
        }
        self.path_expression()
    }

    fn path_expression(&mut self) -> Result<Expr> {
        let path = self.path()?;
        Ok(Expr { at: path.at, kind: ExprKind::Path(path) })
    }

    /// A built-in function; `None` when this name is none of them.
    fn call(&mut self, name: &str) -> Result<Option<Expr>> {
        let start = self.pos;
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_str(), "geo.distance" | "geo.length" | "geo.intersects") {
            self.pos += name.len();
            return Err(self.unsupported(&format!("the function `{lower}` is not supported"), start));
        }
        if matches!(lower.as_str(), "any" | "all") {
            return Err(self.expected(&format!("a collection before `{lower}`")));
        }
        let method = Method::parse(name);
        if method.is_none() && !matches!(lower.as_str(), "case" | "cast" | "isof") {
            return Ok(None);
        }
        self.pos += name.len() + 1;
        self.space();
        let kind = self.enter(|parser| {
            parser.apart(|parser| match (method, lower.as_str()) {
                (Some(method), _) => parser.arguments(method, start),
                (None, "case") => parser.case(),
                (None, "cast") => parser.typed().map(|(of, kind)| ExprKind::Cast(of, kind)),
                (None, _) => parser.typed().map(|(of, kind)| ExprKind::IsOf(of, kind)),
            })
        })?;
        Ok(Some(Expr { kind, at: self.at(start) }))
    }

    fn arguments(&mut self, method: Method, start: usize) -> Result<ExprKind> {
        let (least, most) = method.arity();
        let mut arguments = Vec::new();
        self.space();
        if self.peek() != b')' {
            loop {
                if arguments.len() == most {
                    let words = format!("`{}` takes no more than {most} arguments", method.name());
                    return Err(self.error(ErrorKind::Malformed, "ARGUMENTS", &words, start));
                }
                arguments.push(self.expression()?);
                if !self.comma() {
                    break;
                }
            }
        }
        self.close()?;
        if arguments.len() < least {
            let words = format!("`{}` takes at least {least} arguments", method.name());
            return Err(self.error(ErrorKind::Malformed, "ARGUMENTS", &words, start));
        }
        if method == Method::IsDefined && !matches!(arguments[0].kind, ExprKind::Path(_)) {
            let words = "`isdefined` takes a path";
            return Err(self.error(ErrorKind::Malformed, "ARGUMENTS", words, start));
        }
        Ok(ExprKind::Call(method, arguments))
    }

    fn case(&mut self) -> Result<ExprKind> {
        let mut branches = Vec::new();
        loop {
            self.element(branches.len())?;
            self.condition = true;
            let condition = self.expression()?;
            self.condition = false;
            self.space();
            self.expect(":")?;
            self.space();
            branches.push((condition, self.expression()?));
            if !self.comma() {
                break;
            }
        }
        self.close()?;
        Ok(ExprKind::Case(branches))
    }

    /// What is inside `cast(...)` and `isof(...)`.
    fn typed(&mut self) -> Result<(Option<Box<Expr>>, TypeName)> {
        let before = self.pos;
        if let Ok(kind) = self.type_name() {
            self.space();
            if self.eat(")") {
                return Ok((None, kind));
            }
        }
        self.pos = before;
        let of = self.expression()?;
        if !self.comma() {
            return Err(self.expected("`,` and a type"));
        }
        let kind = self.type_name()?;
        self.close()?;
        Ok((Some(Box::new(of)), kind))
    }

    /// `Model.Customer`, `Collection(Edm.String)`
    pub(crate) fn type_name(&mut self) -> Result<TypeName> {
        if self.eat("Collection(") {
            let name = self.name("a type")?;
            self.expect(")")?;
            return Ok(TypeName { name, collection: true });
        }
        Ok(TypeName { name: self.name("a type")?, collection: false })
    }
}

pub(crate) fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(_))
}
