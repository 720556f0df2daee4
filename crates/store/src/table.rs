//! Making row tables and changing them from one version of an app to the next.
//!
//! **Architecture Invariant:** changing a table loses nothing: a dropped column is hidden, a column of a new type is a new
//! physical one with the converted values. What cannot be converted exactly is said, and nothing is changed.

use gridkeep_model::{AppId, Column, ColumnType, RowId, TableSchema, Value, data::ValueError};
use rust_decimal::Decimal;
use sea_query::{Alias, ColumnDef, Table};

use crate::{
    ChangeKind, StoreError, Work,
    change::NewChange,
    dialect::Physical,
    layout::{Columns, Layout, PhysicalColumn},
    sql::order_key,
};

/// Rows converted at once when a column changes its type.
const CHUNK: u32 = 500;

/// A column whose values do not fit its new type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconvertible {
    /// The table's id.
    pub table: String,
    /// The column's id.
    pub column: String,
    /// The type it has.
    pub from: ColumnType,
    /// The type it should get.
    pub to: ColumnType,
    /// How many rows do not fit.
    pub rows: u64,
    /// One of them.
    pub example: RowId,
}

impl Work<'_> {
    /// Makes a table, or makes it fit this schema when it is there: columns are added, hidden, found again and converted.
    /// `indexed` names the columns whose order or values screens ask for. When values cannot be converted, the answer
    /// says which, and the caller lets the work fail.
    pub fn put_table(
        &mut self,
        app: AppId,
        schema: &TableSchema,
        indexed: &[&str],
    ) -> Result<Result<(), Vec<Unconvertible>>, StoreError> {
        let Some(old) = self.find_layout(app, &schema.id)? else {
            self.create_table(app, schema, indexed)?;
            return Ok(Ok(()));
        };
        let mut new = self.fitting(&old, schema)?;
        let problems = self.convert(&old, &mut new)?;
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        self.index(&mut new, indexed)?;
        if new != old {
            self.keep(&new)?;
            if new.schema() != old.schema() {
                let change = NewChange { table: new.number, row: None, kind: ChangeKind::Table, version: 0 };
                self.log(app, &[change])?;
            }
        }
        Ok(Ok(()))
    }

    /// Makes a table that is not there yet. `indexed` as for [`Work::put_table`].
    pub fn create_table(
        &mut self,
        app: AppId,
        schema: &TableSchema,
        indexed: &[&str],
    ) -> Result<(), StoreError> {
        if self.find_layout(app, &schema.id)?.is_some() {
            return Err(StoreError::Exists(format!("table {:?}", schema.id)));
        }
        let sql = "INSERT INTO row_tables (app, table_id, layout) VALUES ($1, $2, '{}') RETURNING number";
        let values = [app.uuid().into(), schema.id.as_str().into()];
        let number = self.link.first(sql, &values, |cells| cells.get(0))?.unwrap_or(0);
        let active = (1..).zip(&schema.columns).map(|(number, column)| physical(number, column)).collect();
        let columns = Columns { active, ..Columns::default() };
        let mut layout = Layout { table: schema.id.clone(), number, columns };
        let mut create = Table::create();
        create.table(Alias::new(layout.name()));
        create.col(self.column("id", Physical::Id).not_null().primary_key());
        create.col(self.column("version", Physical::Count).not_null());
        for column in &layout.columns.active {
            for definition in self.definitions(column) {
                create.col(definition);
            }
        }
        let sql = create.to_string(sea_query::SqliteQueryBuilder);
        let suffix = self.link.table_suffix();
        self.link.batch(&format!("{sql} {suffix}"))?;
        self.index(&mut layout, indexed)?;
        self.keep(&layout)
    }

    /// Drops all row tables of an app.
    pub(crate) fn drop_tables(&mut self, app: AppId) -> Result<(), StoreError> {
        let sql = "SELECT number FROM row_tables WHERE app = $1";
        let numbers = self.link.all(sql, &[app.uuid().into()], |cells| cells.get::<i64>(0))?;
        for number in numbers {
            self.link.batch(&format!("DROP TABLE r{number}"))?;
        }
        Ok(())
    }

    fn column(&self, name: &str, kind: Physical) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        column.custom(Alias::new(self.link.physical_type(kind)));
        column
    }

    /// The column, and its folded twin when it is a text.
    fn definitions(&self, column: &PhysicalColumn) -> Vec<ColumnDef> {
        let mut definitions = vec![self.column(&column.name(), Physical::Value(column.column_type))];
        definitions.extend(column.folded().map(|name| self.column(&name, Physical::Folded)));
        definitions
    }

    pub(crate) fn keep(&mut self, layout: &Layout) -> Result<(), StoreError> {
        let json = serde_json::to_string(&layout.columns)
            .map_err(|error| StoreError::corrupt("table layout", error))?;
        let sql = "UPDATE row_tables SET layout = $1 WHERE number = $2";
        self.link.execute(sql, &[json.into(), layout.number.into()]).map(drop)
    }

    /// The layout that fits the schema, with the physical columns it needs added.
    fn fitting(&mut self, old: &Layout, schema: &TableSchema) -> Result<Layout, StoreError> {
        let mut unused: Vec<PhysicalColumn> =
            old.columns.active.iter().chain(&old.columns.hidden).cloned().collect();
        let mut next = unused.iter().map(|column| column.number).max().unwrap_or(0) + 1;
        let mut active = Vec::with_capacity(schema.columns.len());
        for column in &schema.columns {
            let same =
                |known: &PhysicalColumn| known.id == column.id && known.column_type == column.column_type;
            if let Some(at) = unused.iter().position(same) {
                active.push(unused.remove(at));
                continue;
            }
            let added = physical(next, column);
            next += 1;
            for definition in self.definitions(&added) {
                // One column a statement: SQLite knows no other.
                let mut alter = Table::alter();
                alter.table(Alias::new(old.name())).add_column(definition);
                self.link.batch(&alter.to_string(sea_query::SqliteQueryBuilder))?;
            }
            active.push(added);
        }
        let columns = Columns { active, hidden: unused, pairs: old.columns.pairs.clone() };
        Ok(Layout { table: old.table.clone(), number: old.number, columns })
    }

    /// Fills columns that changed their type from those that had their id before.
    fn convert(&mut self, old: &Layout, new: &mut Layout) -> Result<Vec<Unconvertible>, StoreError> {
        let mut problems = Vec::new();
        for to in &new.columns.active {
            let Some(from) = old.columns.active.iter().find(|from| from.id == to.id) else { continue };
            if from.number == to.number {
                continue;
            }
            problems.extend(self.convert_column(old, from, to)?);
        }
        Ok(problems)
    }

    fn convert_column(
        &mut self,
        layout: &Layout,
        from: &PhysicalColumn,
        to: &PhysicalColumn,
    ) -> Result<Option<Unconvertible>, StoreError> {
        let mut problem: Option<Unconvertible> = None;
        let name = layout.name();
        let read = format!("SELECT id, {} FROM {name} WHERE id > $1 ORDER BY id LIMIT {CHUNK}", from.name());
        let write = match to.folded() {
            Some(folded) => format!("UPDATE {name} SET {} = $1, {folded} = $2 WHERE id = $3", to.name()),
            None => format!("UPDATE {name} SET {} = $1 WHERE id = $2", to.name()),
        };
        let mut last = uuid::Uuid::nil();
        loop {
            let rows = self.link.all(&read, &[last.into()], |cells| {
                Ok((cells.get::<uuid::Uuid>(0)?, cells.value(1, from.column_type)?))
            })?;
            let Some((id, _)) = rows.last() else { return Ok(problem) };
            last = *id;
            for (id, value) in rows {
                let Ok(converted) = convert(&value, to.column_type) else {
                    let example = RowId::from_uuid(id);
                    problem
                        .get_or_insert_with(|| Unconvertible {
                            table: layout.table.clone(),
                            column: to.id.clone(),
                            from: from.column_type,
                            to: to.column_type,
                            rows: 0,
                            example,
                        })
                        .rows += 1;
                    continue;
                };
                let mut values = Vec::with_capacity(3);
                to.bind_into(&converted, &mut values)?;
                values.push(id.into());
                self.link.execute(&write, &values)?;
            }
        }
    }

    /// Makes the indexes that are wanted and drops the others.
    fn index(&mut self, layout: &mut Layout, indexed: &[&str]) -> Result<(), StoreError> {
        for id in indexed {
            layout.column(id)?;
        }
        let (name, nulls) = (layout.name(), self.link.nulls_first());
        let Columns { active, hidden, .. } = &mut layout.columns;
        let wanted = active
            .iter_mut()
            .map(|column| (column.has_order() && indexed.contains(&column.id.as_str()), column));
        for (wanted, column) in wanted.chain(hidden.iter_mut().map(|column| (false, column))) {
            if wanted == column.indexed {
                continue;
            }
            let index = format!("{name}_{}", column.name());
            let sql = if wanted {
                // sea-query has no words for nulls in an index.
                format!("CREATE INDEX {index} ON {name} ({}{nulls}, id)", order_key(column))
            } else {
                format!("DROP INDEX {index}")
            };
            self.link.batch(&sql)?;
            column.indexed = wanted;
        }
        Ok(())
    }
}

fn physical(number: u32, column: &Column) -> PhysicalColumn {
    PhysicalColumn { number, id: column.id.clone(), column_type: column.column_type, indexed: false }
}

/// The value as another type, when that loses nothing.
fn convert(value: &Value, to: ColumnType) -> Result<Value, ValueError> {
    let wrong = ValueError::WrongType;
    Ok(match (value, to) {
        (Value::Null, _) => Value::Null,
        (Value::Text(text), ColumnType::Integer) => Value::Integer(text.trim().parse().map_err(|_| wrong)?),
        (Value::Text(text), ColumnType::Double) => {
            let number: f64 = text.trim().parse().map_err(|_| wrong)?;
            if number.is_finite() { Value::Double(number) } else { return Err(wrong) }
        }
        (Value::Text(text), ColumnType::Boolean) => Value::Boolean(text.trim().parse().map_err(|_| wrong)?),
        (Value::Text(text), _) if to != ColumnType::Text => {
            Value::from_json(to, &serde_json::Value::String(text.trim().to_owned()))?
        }
        (Value::Integer(integer), ColumnType::Decimal { scale }) => {
            Value::rounded(Decimal::from(*integer), scale)?
        }
        (Value::Integer(integer), ColumnType::Double) => {
            let double = *integer as f64;
            if double as i64 == *integer && integer.unsigned_abs() <= 1 << 53 {
                Value::Double(double)
            } else {
                return Err(ValueError::OutOfRange);
            }
        }
        (Value::Decimal(number), ColumnType::Decimal { scale }) => {
            Value::decimal(&number.to_string(), scale)?
        }
        (Value::Decimal(number), ColumnType::Integer) => {
            let whole = number.normalize();
            if whole.scale() > 0 {
                return Err(ValueError::TooPrecise);
            }
            Value::Integer(i64::try_from(whole.mantissa()).map_err(|_| ValueError::OutOfRange)?)
        }
        (Value::Decimal(number), ColumnType::Double) => {
            let double: f64 = number.to_string().parse().map_err(|_| wrong)?;
            let back = Value::decimal(&double.to_string(), number.scale() as u8)?;
            if back == *value { Value::Double(double) } else { return Err(ValueError::TooPrecise) }
        }
        (Value::Double(double), ColumnType::Integer) => {
            if double.fract() != 0.0 || double.abs() > 9_007_199_254_740_992.0 {
                return Err(ValueError::TooPrecise);
            }
            Value::Integer(*double as i64)
        }
        (Value::Double(double), ColumnType::Decimal { scale }) => Value::decimal(&double.to_string(), scale)?,
        (Value::Date(date), ColumnType::DateTime) => Value::DateTime(date.at(0, 0, 0, 0)),
        (Value::DateTime(moment), ColumnType::Date) if moment.time() == jiff::civil::Time::midnight() => {
            Value::Date(moment.date())
        }
        (_, ColumnType::Text) => match value {
            Value::Text(text) => Value::Text(text.clone()),
            value => Value::Text(match value.to_json() {
                serde_json::Value::String(text) => text,
                json => json.to_string(),
            }),
        },
        _ => return Err(wrong),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_change_only_without_loss() {
        let check = |from: ColumnType,
                     value: serde_json::Value,
                     to: ColumnType,
                     expect: Option<serde_json::Value>| {
            let value = Value::from_json(from, &value).unwrap();
            assert_eq!(convert(&value, to).ok().map(|value| value.to_json()), expect, "{value:?} to {to:?}");
        };
        let (text, integer, double) = (ColumnType::Text, ColumnType::Integer, ColumnType::Double);
        let money = ColumnType::Decimal { scale: 2 };
        check(text, json!("42"), integer, Some(json!(42)));
        check(text, json!("007a"), integer, None);
        check(text, json!("12.50"), money, Some(json!("12.50")));
        check(text, json!("12.505"), money, None);
        check(text, json!("2026-11-21"), ColumnType::Date, Some(json!("2026-11-21")));
        check(text, json!("true"), ColumnType::Boolean, Some(json!(true)));
        let (guid, length, bytes) = (ColumnType::Guid, ColumnType::Duration, ColumnType::Binary);
        let (id, long) = ("01234567-89ab-cdef-0123-456789abcdef", ColumnType::Decimal { scale: 18 });
        check(text, json!(format!(" {id}")), guid, Some(json!(id)));
        check(text, json!("none"), guid, None);
        check(guid, json!(id), text, Some(json!(id)));
        check(text, json!("PT90M"), length, Some(json!("PT1H30M")));
        check(text, json!("90"), length, None);
        check(length, json!("PT90M"), text, Some(json!("PT1H30M")));
        check(ColumnType::Integer, json!(90), length, None);
        check(text, json!("__4"), bytes, Some(json!("__4")));
        check(bytes, json!("__4"), text, Some(json!("__4")));
        check(money, json!("12.50"), long, Some(json!("12.500000000000000000")));
        check(money, json!("92233720368547758.07"), long, None);
        check(long, json!("12.5"), money, Some(json!("12.50")));
        check(long, json!("0.000000000000000001"), money, None);
        check(integer, json!(7), long, Some(json!("7.000000000000000000")));
        check(long, json!("0.1"), double, Some(json!(0.1)));
        check(long, json!("0.100000000000000001"), double, None);
        check(text, json!("NaN"), double, None);
        check(integer, json!(3), money, Some(json!("3.00")));
        check(integer, json!(3), text, Some(json!("3")));
        check(integer, json!(3), ColumnType::Boolean, None);
        check(money, json!("3.00"), integer, Some(json!(3)));
        check(money, json!("3.10"), integer, None);
        check(money, json!("3.10"), double, Some(json!(3.1)));
        check(money, json!("3.10"), ColumnType::Decimal { scale: 1 }, Some(json!("3.1")));
        check(double, json!(3.125), money, None);
        check(double, json!(3.5), ColumnType::Decimal { scale: 1 }, Some(json!("3.5")));
        check(double, json!(1e300), integer, None);
        check(
            ColumnType::Date,
            json!("2026-11-21"),
            ColumnType::DateTime,
            Some(json!("2026-11-21T00:00:00")),
        );
        check(ColumnType::DateTime, json!("2026-11-21T08:00:00"), ColumnType::Date, None);
        check(ColumnType::Date, json!("2026-11-21"), text, Some(json!("2026-11-21")));
        check(ColumnType::Boolean, json!(null), integer, Some(json!(null)));
    }
}
