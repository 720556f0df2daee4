//! Operators and parentheses around operands, by their strength.
//!
//! **Architecture Invariant:** nothing here calls itself: operators and parentheses that wait are a list, so neither a
//! long chain nor a deep nest of them costs stack; and how high a tree grows is known before it grows.

use super::{
    ast::{At, BinaryOp, Expr, ExprKind, LogicalOp, UnaryOp},
    parser::{Parser, Result},
};
use crate::Span;

/// What waits for its right side.
enum Pending {
    /// `(`, with what it interrupted: whether a condition of `case` was being read.
    Open(usize, bool),
    Unary(UnaryOp, At),
    Binary(BinaryOp),
    Logical(LogicalOp),
}

impl Pending {
    fn strength(&self) -> u8 {
        match self {
            Self::Open(..) => 0,
            Self::Unary(..) => BinaryOp::UNARY,
            Self::Binary(op) => op.strength(),
            Self::Logical(op) => op.strength(),
        }
    }
}

/// What was read so far of one expression.
#[derive(Default)]
struct Work {
    pending: Vec<Pending>,
    /// Operands, each with the height of its tree.
    values: Vec<(Expr, usize)>,
    /// How many parentheses are open.
    open: usize,
}

impl Parser<'_> {
    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Result<Expr> {
        self.down()?;
        let mut work = Work::default();
        loop {
            let listed =
                matches!(work.pending.last(), Some(Pending::Binary(BinaryOp::In))) && self.peek() == b'(';
            while !listed && self.prefix(&mut work)? {}
            self.value(&mut work, listed)?;
            while self.parenthesis(&mut work)? {}
            let Some(op) = self.operator()? else { break };
            self.settle(&mut work, op.strength())?;
            work.pending.push(op);
        }
        if work.open > 0 {
            return Err(self.expected("`)`"));
        }
        self.settle(&mut work, 1)?;
        self.up();
        work.values.pop().map(|(expr, _)| expr).ok_or_else(|| self.expected("an expression"))
    }

    /// Takes a parenthesis, a sign or `not`, if one is next.
    fn prefix(&mut self, work: &mut Work) -> Result<bool> {
        let start = self.pos;
        let op = match self.peek() {
            b'(' => {
                self.pos += 1;
                work.open += 1;
                self.parentheses(work.open)?;
                work.pending.push(Pending::Open(start, std::mem::replace(&mut self.condition, false)));
                self.space();
                return Ok(true);
            }
            b'-' if !self.signed() => {
                self.pos += 1;
                UnaryOp::Negate
            }
            _ if self.negation() => UnaryOp::Not,
            _ => return Ok(false),
        };
        self.node()?;
        work.pending.push(Pending::Unary(op, self.at(start)));
        self.space();
        Ok(true)
    }

    /// Takes `not` before an operand; before an operator it is a property of that name.
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

    /// Takes an operand, or what stands in parentheses behind `in`.
    fn value(&mut self, work: &mut Work, listed: bool) -> Result<()> {
        let depth = self.depth();
        let above = std::mem::replace(&mut self.deepest, depth);
        let value = if listed { self.members()? } else { self.operand()? };
        work.values.push((value, self.deepest - depth));
        self.deepest = self.deepest.max(above);
        Ok(())
    }

    /// Takes `)`, if one is next and open here.
    fn parenthesis(&mut self, work: &mut Work) -> Result<bool> {
        let before = self.pos;
        if work.open == 0 {
            return Ok(false);
        }
        self.space();
        if !self.eat(")") {
            self.pos = before;
            return Ok(false);
        }
        work.open -= 1;
        self.settle(work, 1)?;
        if let Some(Pending::Open(start, condition)) = work.pending.pop() {
            self.condition = condition;
            let at = self.at(start);
            if let Some((expr, _)) = work.values.last_mut() {
                expr.at = at;
            }
        }
        Ok(true)
    }

    /// Takes an operator with white space around it, if one is next.
    fn operator(&mut self) -> Result<Option<Pending>> {
        let before = self.pos;
        let word = if self.space() { self.word() } else { "" };
        let logical =
            [LogicalOp::And, LogicalOp::Or].into_iter().find(|op| op.word().eq_ignore_ascii_case(word));
        let found = match logical {
            Some(op) => Some(Pending::Logical(op)),
            None => BinaryOp::parse(word).map(Pending::Binary),
        };
        if found.is_none() {
            self.pos = before;
            return Ok(None);
        }
        self.pos += word.len();
        self.node()?;
        if self.space() { Ok(found) } else { Err(self.expected("white space")) }
    }

    /// Joins what waits and binds at least this tightly.
    fn settle(&mut self, work: &mut Work, least: u8) -> Result<()> {
        while work.pending.last().is_some_and(|top| top.strength() >= least) {
            let (Some(op), Some((right, above))) = (work.pending.pop(), work.values.pop()) else { break };
            let (expr, height) = match op {
                Pending::Open(..) => (right, above),
                Pending::Unary(op, at) => {
                    let at = join(at, right.at);
                    (Expr { kind: ExprKind::Unary(op, Box::new(right)), at }, above + 1)
                }
                Pending::Binary(op) => {
                    let Some((left, height)) = work.values.pop() else { break };
                    let at = join(left.at, right.at);
                    let kind = ExprKind::Binary(op, Box::new(left), Box::new(right));
                    (Expr { kind, at }, height.max(above) + 1)
                }
                Pending::Logical(op) => {
                    let Some((left, height)) = work.values.pop() else { break };
                    let height =
                        (height + usize::from(!is(&left, op))).max(above + usize::from(!is(&right, op)));
                    (logical(op, left, right), height)
                }
            };
            self.sink(self.depth() + height)?;
            work.values.push((expr, height));
        }
        Ok(())
    }
}

/// Both sides as one list: `(a and b) and c` says what `a and b and c` says.
fn logical(op: LogicalOp, left: Expr, right: Expr) -> Expr {
    let at = join(left.at, right.at);
    let same = is(&right, op);
    let mut terms = match left.kind {
        ExprKind::Logical(known, terms) if known == op => terms,
        kind => vec![Expr { kind, at: left.at }],
    };
    match right.kind {
        ExprKind::Logical(_, more) if same => terms.extend(more),
        kind => terms.push(Expr { kind, at: right.at }),
    }
    Expr { kind: ExprKind::Logical(op, terms), at }
}

fn is(expr: &Expr, op: LogicalOp) -> bool {
    matches!(expr.kind, ExprKind::Logical(known, _) if known == op)
}

fn join(first: At, last: At) -> At {
    At(Span { start: first.0.start, end: last.0.end })
}
