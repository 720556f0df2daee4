//! Expressions (ABNF section 4), with the precedence of OData-URL 4.01, section 5.1.1.16.

use super::{At, Literal, Path, TypeName};

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub at: At,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A path from the instance, a variable, an alias or the service's root; also a function call.
    Path(Path),
    /// A built-in function, with as many arguments as it takes.
    Call(Method, Vec<Expr>),
    /// Negation.
    Unary(UnaryOp, Box<Expr>),
    /// An operator between two; chains lean to the left.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Two or more terms between `and` or `or`; none of them is of the same operator, parentheses or not.
    Logical(LogicalOp, Vec<Expr>),
    /// `('a','b')`, only on the right of `in`; literals.
    List(Vec<Expr>),
    /// `[1,2 add 3]`
    Array(Vec<Expr>),
    /// `{"Name":"Value"}`, members in the order as written, none twice.
    Object(Vec<(String, Expr)>),
    /// `case(condition:value,...)`
    Case(Vec<(Expr, Expr)>),
    /// `cast(value,Type)`, or of the current instance.
    Cast(Option<Box<Expr>>, TypeName),
    /// `isof(value,Type)`, or of the current instance.
    IsOf(Option<Box<Expr>>, TypeName),
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// `and` and `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalOp {
    /// `and`
    And,
    /// `or`
    Or,
}

impl LogicalOp {
    /// As it is written.
    pub fn word(self) -> &'static str {
        if self == Self::And { "and" } else { "or" }
    }

    pub(crate) fn strength(self) -> u8 {
        if self == Self::And { 2 } else { 1 }
    }
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `eq`
    Eq,
    /// `ne`
    Ne,
    /// `gt`
    Gt,
    /// `ge`
    Ge,
    /// `lt`
    Lt,
    /// `le`
    Le,
    /// `add`
    Add,
    /// `sub`
    Sub,
    /// `mul`
    Mul,
    /// `div`: of integers an integer
    Div,
    /// `divby`: always exact
    DivBy,
    /// `mod`
    Mod,
    /// `has`
    Has,
    /// `in`: the right side is a `List`, an `Array` or a collection
    In,
}

/// The operators with their words and how tightly they bind.
const BINARY: [(BinaryOp, &str, u8); 14] = [
    (BinaryOp::Eq, "eq", 3),
    (BinaryOp::Ne, "ne", 3),
    (BinaryOp::Gt, "gt", 4),
    (BinaryOp::Ge, "ge", 4),
    (BinaryOp::Lt, "lt", 4),
    (BinaryOp::Le, "le", 4),
    (BinaryOp::Add, "add", 5),
    (BinaryOp::Sub, "sub", 5),
    (BinaryOp::Mul, "mul", 6),
    (BinaryOp::Div, "div", 6),
    (BinaryOp::DivBy, "divby", 6),
    (BinaryOp::Mod, "mod", 6),
    (BinaryOp::Has, "has", 8),
    (BinaryOp::In, "in", 8),
];

impl BinaryOp {
    /// How tightly `-` and `not` bind, between `mul` and `in`.
    pub(crate) const UNARY: u8 = 7;

    /// From its word in any case, as 4.01 allows.
    pub fn parse(word: &str) -> Option<Self> {
        BINARY.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(word)).map(|(op, ..)| *op)
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        BINARY.iter().find(|(op, ..)| *op == self).map_or("", |(_, word, _)| word)
    }

    pub(crate) fn strength(self) -> u8 {
        BINARY.iter().find(|(op, ..)| *op == self).map_or(0, |(.., strength)| *strength)
    }
}

/// The built-in functions, without `case`, `cast` and `isof`, which have their own shapes, and without those over
/// geography and geometry, which are not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the function of its name in OData-URL 4.01, section 5.1.1")]
pub enum Method {
    Ceiling,
    Concat,
    Contains,
    Date,
    Day,
    EndsWith,
    Floor,
    FractionalSeconds,
    HasSubsequence,
    HasSubset,
    Hour,
    IndexOf,
    IsDefined,
    Length,
    MatchesPattern,
    MaxDateTime,
    MinDateTime,
    Minute,
    Month,
    Now,
    Round,
    Second,
    StartsWith,
    Substring,
    Time,
    ToLower,
    TotalOffsetMinutes,
    TotalSeconds,
    ToUpper,
    Trim,
    Year,
}

/// The functions with their names and how many arguments they take.
const METHODS: [(Method, &str, usize, usize); 31] = [
    (Method::Ceiling, "ceiling", 1, 1),
    (Method::Concat, "concat", 2, 2),
    (Method::Contains, "contains", 2, 2),
    (Method::Date, "date", 1, 1),
    (Method::Day, "day", 1, 1),
    (Method::EndsWith, "endswith", 2, 2),
    (Method::Floor, "floor", 1, 1),
    (Method::FractionalSeconds, "fractionalseconds", 1, 1),
    (Method::HasSubsequence, "hassubsequence", 2, 2),
    (Method::HasSubset, "hassubset", 2, 2),
    (Method::Hour, "hour", 1, 1),
    (Method::IndexOf, "indexof", 2, 2),
    (Method::IsDefined, "isdefined", 1, 1),
    (Method::Length, "length", 1, 1),
    (Method::MatchesPattern, "matchesPattern", 2, 2),
    (Method::MaxDateTime, "maxdatetime", 0, 0),
    (Method::MinDateTime, "mindatetime", 0, 0),
    (Method::Minute, "minute", 1, 1),
    (Method::Month, "month", 1, 1),
    (Method::Now, "now", 0, 0),
    (Method::Round, "round", 1, 1),
    (Method::Second, "second", 1, 1),
    (Method::StartsWith, "startswith", 2, 2),
    (Method::Substring, "substring", 2, 3),
    (Method::Time, "time", 1, 1),
    (Method::ToLower, "tolower", 1, 1),
    (Method::TotalOffsetMinutes, "totaloffsetminutes", 1, 1),
    (Method::TotalSeconds, "totalseconds", 1, 1),
    (Method::ToUpper, "toupper", 1, 1),
    (Method::Trim, "trim", 1, 1),
    (Method::Year, "year", 1, 1),
];

impl Method {
    /// From its name in any case, as 4.01 allows.
    pub fn parse(name: &str) -> Option<Self> {
        METHODS.iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(name)).map(|(method, ..)| *method)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        METHODS.iter().find(|(method, ..)| *method == self).map_or("", |(_, name, ..)| name)
    }

    /// Fewest and most arguments.
    pub fn arity(self) -> (usize, usize) {
        METHODS
            .iter()
            .find(|(method, ..)| *method == self)
            .map_or((0, 0), |(.., least, most)| (*least, *most))
    }
}
