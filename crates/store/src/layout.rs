//! The registry of row tables: which physical columns a published table has, and which of them are in use.
//!
//! **Architecture Invariant:** a physical column keeps its type for ever. A column that a version drops is hidden, not
//! lost: going back to the old version finds it again. Physical names are `r<number>`, `c<number>` and `f<number>` (the
//! folded form of a text); nothing a person typed gets into one.

use gridkeep_model::{AppId, Column, ColumnType, TableSchema, Value, data, query::fold};
use rust_decimal::Decimal;
use sea_query::Value as Bound;
use serde::{Deserialize, Serialize};

use crate::{Reader, StoreError, dialect::Physical};

/// A published table as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The published table's id.
    pub(crate) table: String,
    /// Of the physical table.
    pub(crate) number: i64,
    /// All columns there ever were.
    pub(crate) columns: Columns,
}

/// What [`Layout`] keeps as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Columns {
    /// Those in use, in the schema's order.
    pub(crate) active: Vec<PhysicalColumn>,
    /// Those of other versions.
    pub(crate) hidden: Vec<PhysicalColumn>,
    /// Numbers of columns that have an index together: rows with one value of the first stand in the order of the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) pairs: Vec<(u32, u32)>,
}

/// A physical column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalColumn {
    pub(crate) number: u32,
    /// The published column's id.
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) column_type: ColumnType,
    /// Whether an index keeps its order.
    pub(crate) indexed: bool,
}

impl PhysicalColumn {
    /// Its name in SQL.
    pub(crate) fn name(&self) -> String {
        format!("c{}", self.number)
    }

    /// Whether an index may keep its order: bytes have none, and an index of PostgreSQL's has no room for long ones.
    pub(crate) fn has_order(&self) -> bool {
        self.column_type != ColumnType::Binary
    }

    /// The name of its folded twin, which only texts have.
    pub(crate) fn folded(&self) -> Option<String> {
        (self.column_type == ColumnType::Text).then(|| format!("f{}", self.number))
    }

    /// The value as it is bound, checked against the column. Both databases refuse the same.
    pub(crate) fn bind(&self, value: &Value) -> Result<Bound, StoreError> {
        let refuse = |problem| StoreError::Value { column: self.id.clone(), problem };
        Ok(match (self.column_type, value) {
            (_, Value::Null) => Bound::String(None),
            (ColumnType::Text, Value::Text(text)) => {
                if text.contains('\0') {
                    return Err(refuse("contains a zero character"));
                }
                text.as_str().into()
            }
            (ColumnType::Integer, Value::Integer(integer)) => (*integer).into(),
            (ColumnType::Decimal { scale }, Value::Decimal(number)) => {
                scaled(*number, scale).ok_or_else(|| refuse("does not fit the column's places"))?.into()
            }
            (ColumnType::Double, Value::Double(double)) => {
                if !double.is_finite() {
                    return Err(refuse("is not finite"));
                }
                // SQLite keeps no negative zero.
                (double + 0.0).into()
            }
            (ColumnType::Boolean, Value::Boolean(boolean)) => (*boolean).into(),
            (ColumnType::Date, Value::Date(date)) if date.year() > 0 => (*date).into(),
            (ColumnType::Time, Value::Time(time)) if time.subsec_nanosecond() % 1_000 == 0 => (*time).into(),
            (ColumnType::DateTime, Value::DateTime(moment))
                if moment.year() > 0 && moment.subsec_nanosecond() % 1_000 == 0 =>
            {
                (*moment).into()
            }
            (ColumnType::Date | ColumnType::Time | ColumnType::DateTime, _) => {
                return Err(refuse("is no date or time of this column"));
            }
            (ColumnType::Guid, Value::Guid(id)) => (*id).into(),
            (ColumnType::Duration, Value::Duration(duration)) => {
                let micros = data::duration::micros(*duration);
                micros.ok_or_else(|| refuse("is no duration in microseconds of 64 bits"))?.into()
            }
            (ColumnType::Binary, Value::Binary(bytes)) => {
                if bytes.len() > data::MAX_BINARY {
                    return Err(refuse("has too many bytes"));
                }
                bytes.as_slice().into()
            }
            _ => return Err(refuse("is of another type")),
        })
    }

    /// Appends the value and, for a text, its folded form.
    pub(crate) fn bind_into(&self, value: &Value, values: &mut Vec<Bound>) -> Result<(), StoreError> {
        values.push(self.bind(value)?);
        match (self.column_type, value) {
            (ColumnType::Text, Value::Text(text)) => values.push(fold(text).into()),
            (ColumnType::Text, _) => values.push(Bound::String(None)),
            _ => {}
        }
        Ok(())
    }
}

/// The number at exactly this scale, if a column of it can hold the number.
fn scaled(number: Decimal, scale: u8) -> Option<Decimal> {
    let mut scaled = number;
    scaled.rescale(u32::from(scale));
    let fits =
        scaled == number && scaled.scale() == u32::from(scale) && data::holds(scale, scaled.mantissa());
    fits.then_some(scaled)
}

impl Layout {
    /// The physical table's name in SQL.
    pub(crate) fn name(&self) -> String {
        format!("r{}", self.number)
    }

    /// The column with this id that is in use.
    pub(crate) fn column(&self, id: &str) -> Result<&PhysicalColumn, StoreError> {
        let unknown = || StoreError::UnknownColumn { table: self.table.clone(), column: id.to_owned() };
        self.columns.active.iter().find(|column| column.id == id).ok_or_else(unknown)
    }

    /// What the table looks like from outside.
    pub(crate) fn schema(&self) -> TableSchema {
        let column =
            |column: &PhysicalColumn| Column { id: column.id.clone(), column_type: column.column_type };
        TableSchema { id: self.table.clone(), columns: self.columns.active.iter().map(column).collect() }
    }

    /// Names and kinds of all physical columns of a row, in the order values are bound: id, version, then each column
    /// with its folded twin.
    pub(crate) fn physical(&self) -> (Vec<String>, Vec<Physical>) {
        let (mut names, mut kinds) =
            (vec!["id".to_owned(), "version".to_owned()], vec![Physical::Id, Physical::Count]);
        for column in &self.columns.active {
            names.push(column.name());
            kinds.push(Physical::Value(column.column_type));
            if let Some(folded) = column.folded() {
                names.push(folded);
                kinds.push(Physical::Folded);
            }
        }
        (names, kinds)
    }

    /// Refuses a row that has not one value a column.
    pub(crate) fn check_width(&self, values: &[Value]) -> Result<(), StoreError> {
        let columns = self.columns.active.len();
        if values.len() == columns {
            return Ok(());
        }
        Err(StoreError::RowWidth { table: self.table.clone(), columns, values: values.len() })
    }
}

impl Reader<'_> {
    pub(crate) fn find_layout(&mut self, app: AppId, table: &str) -> Result<Option<Layout>, StoreError> {
        let sql = "SELECT number, layout FROM row_tables WHERE app = $1 AND table_id = $2";
        let found = self.link.first(sql, &[app.uuid().into(), table.into()], |cells| {
            Ok((cells.get::<i64>(0)?, cells.get::<String>(1)?))
        })?;
        let Some((number, json)) = found else { return Ok(None) };
        let columns =
            serde_json::from_str(&json).map_err(|error| StoreError::corrupt("table layout", error))?;
        Ok(Some(Layout { table: table.to_owned(), number, columns }))
    }

    /// What a table looks like at the moment; `None` when it was never made.
    pub fn schema(&mut self, app: AppId, table: &str) -> Result<Option<TableSchema>, StoreError> {
        Ok(self.find_layout(app, table)?.map(|layout| layout.schema()))
    }
}
