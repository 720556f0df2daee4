//! `$apply` (OData Extension for Data Aggregation 4.0, section 3).

use super::{At, Compute, Expr, Name, OrderBy, Path, Search, Spanned};

/// Transformations, each over what the one before it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apply {
    /// One or more.
    pub steps: Vec<Transformation>,
}

/// One transformation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformation {
    /// What it does.
    pub kind: TransformationKind,
    /// Its place.
    pub at: At,
}

/// What a transformation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransformationKind {
    /// `aggregate(...)`
    Aggregate(Vec<Aggregate>),
    /// `compute(...)`
    Compute(Vec<Compute>),
    /// `concat(a,b)`
    Concat(Vec<Apply>),
    /// `groupby((...),...)`
    GroupBy(Vec<GroupBy>, Option<Apply>),
    /// `join(...)`, `outerjoin(...)`
    Join {
        /// Whether instances without any partner stay.
        outer: bool,
        /// The collection that is joined.
        property: Path,
        /// The name it gets.
        alias: Spanned<String>,
        /// What is done to the partners first.
        apply: Option<Apply>,
    },
    /// `nest(...)`
    Nest(Vec<ApplyAs>),
    /// `addnested(path,...)`
    AddNested(Path, Vec<ApplyAs>),
    /// `filter(...)`
    Filter(Expr),
    /// `search(...)`
    Search(Search),
    /// `identity`
    Identity,
    /// `orderby(...)`
    OrderBy(Vec<OrderBy>),
    /// `top(n)`
    Top(u64),
    /// `skip(n)`
    Skip(u64),
    /// `topcount(amount,by)` and its five sisters
    Ranked(Ranking, Expr, Expr),
    /// `ancestors(...)`, `descendants(...)`
    Relatives {
        /// Up, not down.
        ancestors: bool,
        /// Which hierarchy.
        hierarchy: Hierarchy,
        /// Whose relatives.
        start: Apply,
        /// How many steps at most.
        distance: Option<u64>,
        /// Whether the start stays.
        keep_start: bool,
    },
    /// `traverse(...)`
    Traverse {
        /// Which hierarchy.
        hierarchy: Hierarchy,
        /// Parents before children.
        preorder: bool,
        /// What is done first.
        start: Option<Apply>,
        /// The order of siblings.
        orderby: Vec<OrderBy>,
    },
    /// A function of the service: `Custom.condense()`.
    Custom(Path),
}

/// How `topcount` and its sisters choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the transformation of its name")]
pub enum Ranking {
    TopCount,
    TopSum,
    TopPercent,
    BottomCount,
    BottomSum,
    BottomPercent,
}

/// The rankings with their names.
const RANKINGS: [(Ranking, &str); 6] = [
    (Ranking::TopCount, "topcount"),
    (Ranking::TopSum, "topsum"),
    (Ranking::TopPercent, "toppercent"),
    (Ranking::BottomCount, "bottomcount"),
    (Ranking::BottomSum, "bottomsum"),
    (Ranking::BottomPercent, "bottompercent"),
];

impl Ranking {
    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        RANKINGS.iter().find(|(_, known)| *known == name).map(|(ranking, _)| *ranking)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        RANKINGS.iter().find(|(ranking, _)| *ranking == self).map_or("", |(_, name)| name)
    }
}

/// One expression of `aggregate`; also the whole of `/aggregate(...)` in an expression, then without an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// What is aggregated.
    pub of: AggregateOf,
    /// Steps in between: `from Time with average`.
    pub from: Vec<AggregateFrom>,
    /// The name of the result; a custom aggregate may keep its own.
    pub alias: Option<Spanned<String>>,
    /// Its place.
    pub at: At,
}

/// What is aggregated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AggregateOf {
    /// `Amount mul Rate with sum`
    Value(Expr, AggregateMethod),
    /// `$count`, `Sales/$count`: the path ends with a `Count` segment.
    Count(Path),
    /// `Forecast`: a custom aggregate.
    Custom(Path),
}

/// `from Time,Product/Name with average`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateFrom {
    /// Grouped by these.
    pub by: Vec<Path>,
    /// And then aggregated so; only a custom aggregate may leave it out.
    pub method: Option<AggregateMethod>,
}

/// How values become one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum AggregateMethod {
    Sum,
    Min,
    Max,
    Average,
    CountDistinct,
    /// One of the service's own.
    Custom(Name),
}

impl AggregateMethod {
    /// One of the standard's, from its name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "average" => Self::Average,
            "countdistinct" => Self::CountDistinct,
            _ => return None,
        })
    }
}

/// `filter(Amount gt 3) as FilteredSales`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyAs {
    /// What is done.
    pub apply: Apply,
    /// The name of the result.
    pub alias: Spanned<String>,
}

/// An element that is grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// A property.
    Path(Path),
    /// `rollup(...)`
    Rollup(Rollup),
    /// `rolluprecursive(...)`
    Recursive(Hierarchy, Option<Apply>),
}

/// Levels that subtotals are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollup {
    /// One property: the qualifier of a levelled hierarchy.
    Named(String),
    /// Two or more properties, coarsest first.
    Levels(Vec<Path>),
}

/// A recursive hierarchy: `$root/Units,Hierarchy,Unit/ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// All its nodes.
    pub nodes: Path,
    /// Which hierarchy.
    pub qualifier: String,
    /// Where the instances name their node.
    pub node: Path,
}
