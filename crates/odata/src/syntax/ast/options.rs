//! Query options, of the whole URL or nested in `$expand`, `$select` and `/$count` (ABNF section 2).

use super::{Apply, At, Expr, Path, Search, Spanned};

/// Everything behind `?`, or inside the parentheses of an item. Names were matched in any case, with or without `$`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the system query option of its name")]
pub struct QueryOptions {
    pub filter: Option<Expr>,
    pub search: Option<Spanned<Search>>,
    pub apply: Option<Apply>,
    pub compute: Vec<Compute>,
    pub select: Vec<Select>,
    pub expand: Vec<Expand>,
    pub orderby: Vec<OrderBy>,
    pub top: Option<Spanned<u64>>,
    pub skip: Option<Spanned<u64>>,
    pub count: Option<Spanned<bool>>,
    pub index: Option<Spanned<i64>>,
    /// Only within `$expand`.
    pub levels: Option<Spanned<Levels>>,
    pub format: Option<Spanned<Format>>,
    pub skiptoken: Option<Spanned<String>>,
    pub deltatoken: Option<Spanned<String>>,
    pub schemaversion: Option<Spanned<String>>,
    /// An absolute or relative URL.
    pub id: Option<Spanned<String>>,
    /// `@name=value`
    pub aliases: Vec<Alias>,
    /// Everything else; `name=value` may be a parameter of a function import, see [`Custom::parameter`].
    pub custom: Vec<Custom>,
    /// System options that were given more than once, which a request must not do; the first of each is kept.
    pub repeated: Vec<Spanned<&'static str>>,
}

/// `$levels`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// This many, at least one.
    Number(u64),
    /// As many as there are.
    Max,
}

/// `$format`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `json`
    Json,
    /// `xml`
    Xml,
    /// `atom`
    Atom,
    /// A media type with its parameters.
    Media(String),
}

/// `expression as Name`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compute {
    /// What is computed.
    pub value: Expr,
    /// The name it gets.
    pub alias: Spanned<String>,
}

/// An item of `$orderby`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// What is compared.
    pub value: Expr,
    /// Highest first.
    pub descending: bool,
}

/// An item of `$select`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// What it names.
    pub kind: SelectKind,
    /// Its place.
    pub at: At,
}

/// What an item of `$select` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectKind {
    /// `*`
    All,
    /// `Namespace.*`: all operations of the schema.
    Operations(String),
    /// A property, navigation property, annotation or operation, perhaps behind complex properties and types.
    Path {
        /// Names and annotations only.
        path: Path,
        /// Nested options, empty when there are none.
        options: Box<QueryOptions>,
        /// Names of the parameters that tell overloads of a function apart: `Model.Fn(a,b)`.
        parameters: Vec<String>,
    },
}

/// An item of `$expand`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expand {
    /// What it names.
    pub kind: ExpandKind,
    /// `/$ref` or `/$count` behind it.
    pub suffix: Suffix,
    /// Nested options, empty when there are none.
    pub options: Box<QueryOptions>,
    /// Its place.
    pub at: At,
}

/// What an item of `$expand` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpandKind {
    /// `$value`: the media stream of the entity.
    Value,
    /// `*`, perhaps behind complex properties and types.
    All(Option<Path>),
    /// A navigation property, stream or annotation, behind complex properties and types; a type may follow.
    Path(Path),
}

/// What of the related entities is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffix {
    /// Themselves.
    None,
    /// `/$ref`: only their ids.
    Ref,
    /// `/$count`: only how many there are.
    Count,
}

/// `@name=value`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// Its name, without `@`.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Its place.
    pub at: At,
}

/// An option that the standard does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// Its name, decoded.
    pub name: String,
    /// Its value as it came, still percent-encoded; `None` without `=`.
    pub value: Option<String>,
    /// Its place.
    pub at: At,
    /// Where the value begins.
    pub value_at: At,
}
