//! Literals (ABNF section 7). Numbers, dates and times keep their text, so that nothing is lost before the type is known.

use super::Name;

/// A literal value. The text in it has the form that its rule in the grammar asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// Digits with an optional sign; no plus sign is kept.
    Integer(String),
    /// Digits, a point and digits; exact.
    Decimal(String),
    /// A number with an exponent, or `INF`, `-INF`, `NaN`. It may also stand for a decimal: the text is as written.
    Double(String),
    /// `01234567-89ab-cdef-0123-456789abcdef`
    Guid(String),
    /// `2012-09-03`; the day may still be one its month does not have.
    Date(String),
    /// `11:22:33.4444444`
    TimeOfDay(String),
    /// `2012-09-03T23:59:00+01:00`
    DateTimeOffset(String),
    /// `duration'P6DT23H'`, its text without prefix and quotes. Without the prefix it is a `String`.
    Duration(String),
    /// `'O''Neil'` or, inside JSON, `"O'Neil"`: its content. It may stand for an enumeration or duration value as well.
    String(String),
    /// `Sales.Pattern'Yellow,4'`: the type and its members, each a name or a number.
    Enum {
        /// The enumeration type.
        kind: Name,
        /// Names or numbers.
        members: Vec<String>,
    },
    /// `binary'Zm9v'`: its bytes.
    Binary(Vec<u8>),
}
