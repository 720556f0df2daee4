//! Operands of expressions: literals, paths, lists, and the built-in functions.

use super::{
    ast::{Expr, ExprKind, Method, TypeName},
    lexical,
    parser::{Parser, Result},
};
use crate::ErrorKind;

impl Parser<'_> {
    /// What stands in parentheses on the right of `in`: literals, or one expression.
    pub(crate) fn members(&mut self) -> Result<Expr> {
        let start = self.pos;
        let outside = self.enter()?;
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
        self.leave(outside);
        let at = self.at(start);
        if items.len() == 1 && !is_literal(&items[0]) {
            return Ok(Expr { at, ..items.swap_remove(0) });
        }
        Ok(Expr { kind: ExprKind::List(items), at })
    }

    /// Anything without an operator around it.
    pub(crate) fn operand(&mut self) -> Result<Expr> {
        let start = self.pos;
        self.node()?;
        if let Some(literal) = self.literal()? {
            return Ok(Expr { kind: ExprKind::Literal(literal), at: self.at(start) });
        }
        if let Some(json) = self.json()? {
            return Ok(json);
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
        let outside = self.enter()?;
        let kind = match (method, lower.as_str()) {
            (Some(method), _) => self.arguments(method, start)?,
            (None, "case") => self.case()?,
            (None, "cast") => self.typed(ExprKind::Cast)?,
            (None, _) => self.typed(ExprKind::IsOf)?,
        };
        self.leave(outside);
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
    fn typed(&mut self, make: fn(Option<Box<Expr>>, TypeName) -> ExprKind) -> Result<ExprKind> {
        let before = self.pos;
        if let Ok(kind) = self.type_name() {
            self.space();
            if self.eat(")") {
                return Ok(make(None, kind));
            }
        }
        self.pos = before;
        let of = Box::new(self.expression()?);
        if !self.comma() {
            return Err(self.expected("`,` and a type"));
        }
        let kind = self.type_name()?;
        self.close()?;
        Ok(make(Some(of), kind))
    }

    /// `Model.Customer`, `Collection(Edm.String)`; some clients put it in quotes, as before version 4.
    fn type_name(&mut self) -> Result<TypeName> {
        let quoted = self.eat("'");
        let collection = self.eat("Collection(");
        let name = self.name("a type")?;
        if collection {
            self.expect(")")?;
        }
        if quoted {
            self.expect("'")?;
        }
        Ok(TypeName { name, collection })
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(_))
}
