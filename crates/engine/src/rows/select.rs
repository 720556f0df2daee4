//! A [`Query`] over rows in memory, with the same meaning as in the databases.

use std::cmp::Ordering;

use gridkeep_model::{
    Query, Row, TableSchema, Value,
    query::{Filter, Operator},
};

/// The rows a query asks for, and how many match in all when it asks for that. Unknown columns count as null.
pub fn select(rows: &[Row], schema: &TableSchema, query: &Query) -> (Vec<Row>, Option<u64>) {
    let keeps = |row: &&Row| query.filter.as_ref().is_none_or(|filter| matches(filter, row, schema));
    let mut kept: Vec<&Row> = rows.iter().filter(keeps).collect();
    let total = query.count.then_some(kept.len() as u64);
    let keys: Vec<(Option<usize>, bool)> = query
        .order
        .iter()
        .map(|order| (schema.column(&order.column).map(|(index, _)| index), order.descending))
        .collect();
    kept.sort_by(|a, b| {
        for (index, descending) in &keys {
            let value = |row: &'_ Row| index.and_then(|index| row.values.get(index)).cloned();
            let order = compare_nullable(value(a).as_ref(), value(b).as_ref());
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        a.id.cmp(&b.id)
    });
    let offset = usize::try_from(query.page.offset).unwrap_or(usize::MAX);
    let page = kept.into_iter().skip(offset).take(query.page.limit as usize).cloned();
    (page.collect(), total)
}

fn matches(filter: &Filter, row: &Row, schema: &TableSchema) -> bool {
    let value = |column: &str| {
        schema.column(column).and_then(|(index, _)| row.values.get(index)).filter(|value| !value.is_null())
    };
    let text = |column: &str| match value(column) {
        Some(Value::Text(text)) => Some(text.to_lowercase()),
        _ => None,
    };
    match filter {
        Filter::And(all) => all.iter().all(|filter| matches(filter, row, schema)),
        Filter::Or(any) => any.iter().any(|filter| matches(filter, row, schema)),
        Filter::Not(inner) => !matches(inner, row, schema),
        Filter::Id(id) => row.id == *id,
        Filter::IsNull(column) => value(column).is_none(),
        Filter::Compare { column, operator, value: with } => {
            value(column).and_then(|value| compare(value, with)).is_some_and(|order| match operator {
                Operator::Eq => order == Ordering::Equal,
                Operator::Ne => order != Ordering::Equal,
                Operator::Gt => order == Ordering::Greater,
                Operator::Ge => order != Ordering::Less,
                Operator::Lt => order == Ordering::Less,
                Operator::Le => order != Ordering::Greater,
            })
        }
        Filter::In { column, values } => value(column)
            .is_some_and(|value| values.iter().any(|with| compare(value, with) == Some(Ordering::Equal))),
        Filter::Contains { column, text: part } => {
            text(column).is_some_and(|text| text.contains(&part.to_lowercase()))
        }
        Filter::StartsWith { column, text: part } => {
            text(column).is_some_and(|text| text.starts_with(&part.to_lowercase()))
        }
    }
}

/// Null comes first.
fn compare_nullable(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let (a, b) = (a.filter(|value| !value.is_null()), b.filter(|value| !value.is_null()));
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The order of two values of one type; `None` for null and for different types.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => a.total_cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use gridkeep_model::{
        Column, ColumnType, RowId,
        query::{Order, Page},
    };

    use super::*;

    #[test]
    fn queries_filter_sort_and_page() {
        let column = |id: &str, column_type| Column { id: id.into(), column_type };
        let schema = TableSchema {
            id: "t".into(),
            columns: vec![column("name", ColumnType::Text), column("n", ColumnType::Integer)],
        };
        let rows: Vec<Row> = [("Ärmel", Some(3)), ("bolt", None), ("Arm", Some(1))]
            .into_iter()
            .enumerate()
            .map(|(index, (name, n))| Row {
                id: RowId::from_uuid(uuid::Uuid::from_u128(index as u128)),
                version: 1,
                values: vec![Value::Text(name.into()), n.map_or(Value::Null, Value::Integer)],
            })
            .collect();
        let check = |filter: Option<Filter>, order: &[(&str, bool)], expect: &str| {
            let order = order
                .iter()
                .map(|(column, descending)| Order { column: (*column).into(), descending: *descending })
                .collect();
            let query =
                Query { filter, order, count: true, page: Page { limit: 2, offset: 0 }, ..Query::default() };
            let (found, total) = select(&rows, &schema, &query);
            let names = found.iter().map(|row| row.values[0].to_json().to_string()).collect::<Vec<_>>();
            assert_eq!(format!("{} of {}", names.join(" "), total.unwrap_or(0)), expect);
        };
        let contains = |text: &str| Filter::Contains { column: "name".into(), text: text.into() };
        let compare = |operator, value| Filter::Compare { column: "n".into(), operator, value };
        check(None, &[], "\"Ärmel\" \"bolt\" of 3");
        check(None, &[("n", false)], "\"bolt\" \"Arm\" of 3");
        check(None, &[("n", true)], "\"Ärmel\" \"Arm\" of 3");
        check(Some(contains("ärm")), &[], "\"Ärmel\" of 1");
        check(Some(compare(Operator::Ne, Value::Integer(3))), &[], "\"Arm\" of 1");
        check(
            Some(Filter::Not(Box::new(compare(Operator::Eq, Value::Integer(3))))),
            &[],
            "\"bolt\" \"Arm\" of 2",
        );
        check(Some(Filter::IsNull("n".into())), &[], "\"bolt\" of 1");
        check(Some(Filter::And(vec![])), &[("name", false)], "\"Arm\" \"bolt\" of 3");
        check(Some(Filter::Or(vec![])), &[], " of 0");
    }
}
