//! Navigation properties: which rows belong to a row, and by what.

use gridkeep_model::{
    Value,
    query::{Expr, Field, Operator, Part, Related, Relation},
};

/// A navigation property, and where it leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Navigation {
    /// The property's name.
    pub property: String,
    /// Name of the set it leads to, [`super::SetSource::name`].
    pub set: String,
    /// To many.
    pub many: bool,
    /// What relates the rows.
    pub link: Link,
}

/// What relates the rows of a set to those of another.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// A column of the row here holds what finds the row there.
    Here {
        /// The column here.
        column: String,
        /// The part there that is equal: the row's id or a column.
        there: Part,
    },
    /// A column of the rows there holds what finds the row here.
    There {
        /// The column there.
        column: String,
        /// The part here that is equal.
        here: Part,
    },
    /// Rows of a table of their own join both, each by its row's id.
    Between {
        /// The table of pairs.
        table: String,
        /// Its column with the id of the row here.
        here: String,
        /// Its column with the id of the row there.
        there: String,
    },
}

impl Navigation {
    /// The way from a row to the related ones, whose table is `table`.
    pub fn path(&self, table: &str) -> Vec<Relation> {
        let relation = |table: &str, own: Part, other: Part| Relation {
            table: table.to_owned(),
            on: vec![(own, other)],
            only: None,
        };
        match &self.link {
            Link::Here { column, there } => {
                vec![relation(table, Part::Column(column.clone()), there.clone())]
            }
            Link::There { column, here } => {
                vec![relation(table, here.clone(), Part::Column(column.clone()))]
            }
            Link::Between { table: pairs, here, there } => vec![
                relation(pairs, Part::Id, Part::Column(here.clone())),
                relation(table, Part::Column(there.clone()), Part::Id),
            ],
        }
    }
}

impl Link {
    /// The part of the row here that decides which rows belong to it.
    pub fn here(&self) -> Part {
        match self {
            Self::Here { column, .. } => Part::Column(column.clone()),
            Self::There { here, .. } => here.clone(),
            Self::Between { .. } => Part::Id,
        }
    }

    /// The part of the rows there; across a table of pairs the one that its pairs name.
    pub fn there(&self) -> Part {
        match self {
            Self::Here { there, .. } => there.clone(),
            Self::There { column, .. } => Part::Column(column.clone()),
            Self::Between { .. } => Part::Id,
        }
    }

    /// What the rows there fulfil that belong to a row whose [`Link::here`] is this; none do when it is null.
    pub fn condition(&self, here: &Value) -> Expr {
        if here.is_null() {
            return Value::Boolean(false).into();
        }
        let equal = |part: Part| field(part).compare(Operator::Eq, here.clone().into());
        match self {
            Self::Here { there, .. } => equal(there.clone()),
            Self::There { column, .. } => equal(Part::Column(column.clone())),
            Self::Between { table, here, there } => {
                let pairs = Relation {
                    table: table.clone(),
                    on: vec![(Part::Id, Part::Column(there.clone()))],
                    only: Some(Box::new(equal(Part::Column(here.clone())))),
                };
                Expr::Any(Related { scope: 0, path: vec![pairs] }, None)
            }
        }
    }
}

fn field(part: Part) -> Expr {
    Expr::Field(Field { scope: 0, path: Vec::new(), part })
}
