//! The one expression tree: conditions, orders and computed values, over columns the schema knows.
//!
//! Its meaning is that of OData 4.01 (URL conventions, section 5.1.1), with one answer wherever the standard leaves a choice:
//! - `Eq` and `Ne` are true or false, also with null (`null eq null` is true); `Gt`, `Ge`, `Lt`, `Le` with null are false.
//! - `And`, `Or`, `Not` are three-valued; everything else with a null operand is null. A filter keeps rows where it is true.
//! - Text is ordered by [`super::sort_key`] and equal only when it is the same; functions on text regard case.
//! - Decimals are exact, at a scale known before anything runs: the larger one for sum, difference and remainder, both
//!   together for a product, at least [`QUOTIENT_SCALE`] for a quotient, which is rounded half away from zero.
//! - What has no result is null, on every database: a division by zero, a number beyond 64 bits ([`ColumnType::Integer`]), 28
//!   digits ([`ColumnType::Decimal`]) or the finite doubles, a duration beyond 64 bits of microseconds, a moment outside the
//!   years 1 to 9999, a cast that does not succeed.
//! - Bytes are equal or not; they are neither smaller nor larger, and nothing is ordered by them.

use uuid::Uuid;

use super::Operator;
use crate::{ColumnType, RowId, Value};

/// Places of a decimal quotient and average, unless an operand has more.
pub const QUOTIENT_SCALE: u8 = 12;

/// An expression over a row, and over the rows of the enclosing [`Expr::Any`], [`Expr::All`] and [`Expr::Count`].
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A constant. The moment `now` is one too: whoever asks knows the time.
    Literal(Value),
    /// A part of a row.
    Field(Field),
    /// Logical not.
    Not(Box<Expr>),
    /// Arithmetic minus, of a number or duration.
    Negate(Box<Expr>),
    /// All of them; true when empty.
    And(Vec<Expr>),
    /// Any of them; false when empty.
    Or(Vec<Expr>),
    /// One compared with another of its type; numbers of all kinds compare with each other.
    Compare(Operator, Box<Expr>, Box<Expr>),
    /// Two numbers make a third; moments and durations go together as OData says (section 5.1.1.2).
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// Equal to one of these, as by [`Operator::Eq`].
    In(Box<Expr>, Vec<Expr>),
    /// A function of its arguments.
    Call(Function, Vec<Expr>),
    /// The value behind the first condition that is true; null when none is.
    Case(Vec<(Expr, Expr)>),
    /// As another type; null when that does not succeed. Numbers that lose places are rounded half away from zero; a double
    /// becomes a decimal or text by its first 15 significant digits.
    Cast(Box<Expr>, ColumnType),
    /// Whether a related row exists, for which the condition is true.
    Any(Related, Option<Box<Expr>>),
    /// Whether the condition is true for every related row; true when there is none.
    All(Related, Box<Expr>),
    /// How many related rows there are, for which the condition is true.
    Count(Related, Option<Box<Expr>>),
}

/// A part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The row's id.
    Id,
    /// The row's version, an integer.
    Version,
    /// The column with this id.
    Column(String),
}

/// A part of a row in reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Which row: 0 is that of the innermost [`Related`] (or of the query's table outside of any), 1 the one around it.
    pub scope: usize,
    /// To-one relations from there; null when they lead nowhere. Of several rows the one with the smallest ids along the
    /// way counts.
    pub path: Vec<Relation>,
    /// What of it.
    pub part: Part,
}

/// Related rows: all that a path of relations leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// From which row, as [`Field::scope`].
    pub scope: usize,
    /// At least one relation; the condition is about the rows of the last one, which become scope 0 in it.
    pub path: Vec<Relation>,
}

/// How rows of another table belong to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// [`crate::TableSchema::id`] of the other table.
    pub table: String,
    /// Parts of this row and of the other that must be equal and not null; of one type, the other one indexed.
    pub on: Vec<(Part, Part)>,
    /// What else the other row must fulfil, such as being visible to the person who asks. In it scope 0 is the other row,
    /// and this row is scope 1.
    pub only: Option<Box<Expr>>,
}

/// Two numbers make a third: a double when one is, otherwise a decimal when one is, otherwise an integer. Beside them:
/// durations are added, subtracted, multiplied with and divided by numbers, added to and subtracted from dates and
/// date-times; the difference of two dates or date-times is a duration. A date and part of a day is that date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient; that of integers is cut towards zero.
    Div,
    /// Quotient, of integers too as a decimal.
    DivBy,
    /// Remainder, with the sign of the dividend.
    Mod,
}

/// OData's canonical functions (section 5.1.1.5 and following), and ours for search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// (text, text): the first contains the second.
    Contains,
    /// (text, text)
    StartsWith,
    /// (text, text)
    EndsWith,
    /// (text, text): where the second begins in the first, in characters from 0; -1 when it does not occur.
    IndexOf,
    /// (text): in characters.
    Length,
    /// (text, integer) or (text, integer, integer): from this character on, so many. Negative: counted from the end.
    Substring,
    /// (text): each character by itself.
    ToLower,
    /// (text): each character by itself.
    ToUpper,
    /// (text): without Unicode white space at both ends.
    Trim,
    /// (text, text)
    Concat,
    /// (text, literal text): a part of the text fits the pattern, a regular expression without look-around and
    /// back-references.
    MatchesPattern,
    /// (text, text): contains, without regard to case; what people search with.
    Finds,
    /// (text, text): starts with, without regard to case.
    Begins,
    /// (date or date-time)
    Year,
    /// (date or date-time)
    Month,
    /// (date or date-time)
    Day,
    /// (time or date-time)
    Hour,
    /// (time or date-time)
    Minute,
    /// (time or date-time)
    Second,
    /// (time or date-time): as a decimal with six places.
    FractionalSeconds,
    /// (date-time)
    Date,
    /// (date-time)
    Time,
    /// (number): half away from zero.
    Round,
    /// (number)
    Floor,
    /// (number)
    Ceiling,
    /// (duration): as a decimal with six places.
    TotalSeconds,
    /// (integer, integer): all bits of the second are set in the first; for enumerations with flags.
    Has,
    /// (integer, integer, integer): the first, null unless it is between the others; what a cast to a narrower type does.
    Within,
    /// (double): the nearest one of 32 bits; null beyond them.
    Single,
}

impl Expr {
    /// A column of the row itself.
    pub fn column(id: impl Into<String>) -> Self {
        Self::Field(Field { scope: 0, path: Vec::new(), part: Part::Column(id.into()) })
    }

    /// The row's own id.
    pub const fn id() -> Self {
        Self::Field(Field { scope: 0, path: Vec::new(), part: Part::Id })
    }

    /// The row with this id.
    pub fn is_row(id: RowId) -> Self {
        Self::id().compare(Operator::Eq, id.uuid().into())
    }

    /// This compared with that.
    pub fn compare(self, operator: Operator, other: Self) -> Self {
        Self::Compare(operator, Box::new(self), Box::new(other))
    }

    /// Whether it is null.
    pub fn is_null(self) -> Self {
        self.compare(Operator::Eq, Value::Null.into())
    }

    /// This and that number.
    pub fn arithmetic(self, operator: Arithmetic, other: Self) -> Self {
        Self::Arithmetic(operator, Box::new(self), Box::new(other))
    }

    /// Whether it is one of these values.
    pub fn one_of(self, values: impl IntoIterator<Item = Value>) -> Self {
        Self::In(Box::new(self), values.into_iter().map(Self::Literal).collect())
    }

    /// A function of this and further arguments.
    pub fn call(self, function: Function, others: impl IntoIterator<Item = Self>) -> Self {
        Self::Call(function, std::iter::once(self).chain(others).collect())
    }

    /// Both; flat, however many are joined.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), other) => {
                all.push(other);
                Self::And(all)
            }
            (this, other) => Self::And(vec![this, other]),
        }
    }

    /// One of both; flat, however many are joined.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Or(mut any), Self::Or(more)) => {
                any.extend(more);
                Self::Or(any)
            }
            (Self::Or(mut any), other) => {
                any.push(other);
                Self::Or(any)
            }
            (this, other) => Self::Or(vec![this, other]),
        }
    }
}

impl std::ops::Not for Expr {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl From<Value> for Expr {
    fn from(value: Value) -> Self {
        Self::Literal(value)
    }
}

impl From<Uuid> for Expr {
    fn from(id: Uuid) -> Self {
        Self::Literal(Value::Guid(id))
    }
}

impl From<Field> for Expr {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::Literal(Value::Text(text.to_owned()))
    }
}
