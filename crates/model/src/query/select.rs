//! What a [`Query`] means, in memory: the preview's answer, and the judge of both databases.
//!
//! **Architecture Invariant:** `store` gives the same rows in the same order on every database; its tests compare it
//! with [`Query::select`]. Text is ordered and compared (`<`, `>`) by [`sort_key`], equal only when it is the same.

use std::cmp::Ordering;

use super::{Filter, Operator, Query};
use crate::{Row, TableSchema, Value};

/// How many characters of a text decide its place in an order. Bounded, so that a database can index it.
pub const SORT_KEY_CHARS: usize = 64;

/// Text without regard to case, for searching: upper, then lower case of each character, so that `ß` is `ss`
/// and both Greek sigmas are one.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What text is ordered by: the first [`SORT_KEY_CHARS`] characters of its folded form.
pub fn sort_key(text: &str) -> String {
    fold(text).chars().take(SORT_KEY_CHARS).collect()
}

impl Value {
    /// The order of two values of one column: null first, text by [`sort_key`], everything else by size.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Text(left), Self::Text(right)) => sort_key(left).cmp(&sort_key(right)),
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Decimal(left), Self::Decimal(right)) => left.cmp(right),
            (Self::Double(left), Self::Double(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Date(left), Self::Date(right)) => left.cmp(right),
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            (Self::DateTime(left), Self::DateTime(right)) => left.cmp(right),
            _ => Ordering::Equal,
        }
    }

    /// Whether a comparison with another value of the same column holds; never with null.
    pub fn compare(&self, operator: Operator, other: &Self) -> bool {
        if self.is_null() || other.is_null() {
            return false;
        }
        match operator {
            Operator::Eq => self == other,
            Operator::Ne => self != other,
            Operator::Gt => self.order(other).is_gt(),
            Operator::Ge => self.order(other).is_ge(),
            Operator::Lt => self.order(other).is_lt(),
            Operator::Le => self.order(other).is_le(),
        }
    }
}

impl Filter {
    /// Whether it keeps this row. A column the schema does not have counts as null.
    pub fn keeps(&self, schema: &TableSchema, row: &Row) -> bool {
        let value = |id: &str| schema.column(id).map_or(&Value::Null, |(index, _)| &row.values[index]);
        let folded = |id: &str| match value(id) {
            Value::Text(text) => Some(fold(text)),
            _ => None,
        };
        match self {
            Self::And(all) => all.iter().all(|filter| filter.keeps(schema, row)),
            Self::Or(any) => any.iter().any(|filter| filter.keeps(schema, row)),
            Self::Not(filter) => !filter.keeps(schema, row),
            Self::Id(id) => row.id == *id,
            Self::Compare { column, operator, value: other } => value(column).compare(*operator, other),
            Self::IsNull(column) => value(column).is_null(),
            Self::In { column, values } => {
                values.iter().any(|other| value(column).compare(Operator::Eq, other))
            }
            Self::Contains { column, text } => {
                folded(column).is_some_and(|found| found.contains(&fold(text)))
            }
            Self::StartsWith { column, text } => {
                folded(column).is_some_and(|found| found.starts_with(&fold(text)))
            }
        }
    }
}

impl Query {
    /// The order of two rows. The id is the last key, descending when the key before it is.
    pub fn compare(&self, schema: &TableSchema, left: &Row, right: &Row) -> Ordering {
        let directed = |descending: bool, order: Ordering| if descending { order.reverse() } else { order };
        for key in &self.order {
            let Some((index, _)) = schema.column(&key.column) else { continue };
            let order = left.values[index].order(&right.values[index]);
            if order.is_ne() {
                return directed(key.descending, order);
            }
        }
        directed(self.order.last().is_some_and(|key| key.descending), left.id.cmp(&right.id))
    }

    /// The rows it asks for, and how many the filter keeps in all when it asks for the count.
    pub fn select(&self, schema: &TableSchema, rows: &[Row]) -> (Vec<Row>, Option<u64>) {
        let keeps = |row: &&Row| self.filter.as_ref().is_none_or(|filter| filter.keeps(schema, row));
        let mut kept: Vec<&Row> = rows.iter().filter(keeps).collect();
        let total = self.count.then_some(kept.len() as u64);
        kept.sort_by(|left, right| self.compare(schema, left, right));
        let skip = usize::try_from(self.page.offset).unwrap_or(usize::MAX);
        let page = kept.into_iter().skip(skip).take(self.page.limit as usize).cloned().collect();
        (page, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_finds_what_people_expect() {
        let check = |text: &str, expect: &str| assert_eq!(fold(text), expect);
        check("Straße", "strasse");
        check("STRASSE", "strasse");
        check("Übung", "übung");
        check("ΟΔΟΣ οδος", "οδοσ οδοσ");
        check("100%_A", "100%_a");
        check("", "");
        assert_eq!(sort_key(&"ä".repeat(100)).chars().count(), SORT_KEY_CHARS);
    }

    #[test]
    fn comparisons_with_null_never_hold() {
        for operator in [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le] {
            assert!(!Value::Null.compare(operator, &Value::Integer(1)), "{operator:?}");
            assert!(!Value::Integer(1).compare(operator, &Value::Null), "{operator:?}");
        }
        assert!(Value::Text("apple".into()).compare(Operator::Lt, &Value::Text("Banana".into())));
        assert!(Value::Text("a".into()).compare(Operator::Ne, &Value::Text("A".into())));
    }
}
