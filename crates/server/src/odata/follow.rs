//! From a path along navigation properties to the very entities it means.

use gridkeep_model::{
    Operation, Query, Row, RowId, Value,
    query::{Expr, Page, Part},
};
use gridkeep_odata::{
    bind::{Call, EntityKey, EntityPart, Related, Target},
    project::{Navigation, SetSource},
};

use super::{
    changes::{own_value, values_of},
    dispatch::{Service, readable},
    refusal::Refusal,
    row_key::id_of,
};
use crate::error::ApiError;

/// What a path has come to.
pub(super) enum Followed<'a> {
    /// This.
    There(Target<'a>, Option<Origin<'a>>),
    /// A navigation property to one that leads nowhere is what the path ends with, or a reference behind it.
    Nowhere(Origin<'a>, EntityPart<'a>),
}

/// The entity whose navigation property was the last step.
#[derive(Clone)]
pub(super) struct Origin<'a> {
    pub(super) set: &'a SetSource,
    pub(super) row: Row,
    pub(super) navigation: &'a Navigation,
    /// What relates others to it.
    pub(super) value: Value,
}

impl Service {
    /// Goes along the navigation properties of a path.
    pub(super) async fn followed<'a>(&self, found: Target<'a>) -> Result<Followed<'a>, Refusal> {
        self.followed_behind(found, &[]).await
    }

    /// The same behind what an atomicity group has done so far.
    pub(super) async fn followed_behind<'a>(
        &self,
        found: Target<'a>,
        before: &[Operation],
    ) -> Result<Followed<'a>, Refusal> {
        let mut found = found;
        let mut origin = None;
        while let Target::Related(related) = found {
            let Related { set, key, navigation, then } = *related;
            readable(set)?;
            let start = self.start_behind(set, &key, &navigation.link.here(), before).await?;
            let (row, value) = start.ok_or(ApiError::NotFound)?;
            let condition = navigation.link.condition(&value);
            let here = Origin { set, row, navigation, value };
            found = match then {
                Target::Collection { set, filter, part } => {
                    let filter = Some(match filter {
                        Some(filter) => condition.and(filter),
                        None => condition,
                    });
                    Target::Collection { set, filter, part }
                }
                Target::Entity { set, key, part } => {
                    let Some(row) = self.only(set, condition.and(key.condition())).await? else {
                        let ends = matches!(part, EntityPart::Whole | EntityPart::Ref);
                        return if ends && !navigation.many {
                            Ok(Followed::Nowhere(here, part))
                        } else {
                            Err(ApiError::NotFound.into())
                        };
                    };
                    Target::Entity { set, key: EntityKey::Row(row), part }
                }
                Target::Related(mut next) => {
                    let condition = condition.and(next.key.condition());
                    let row = self.only(next.set, condition).await?.ok_or(ApiError::NotFound)?;
                    next.key = EntityKey::Row(row);
                    Target::Related(next)
                }
                Target::Operation(call) => Target::Operation(self.called(call, condition).await?),
                other => other,
            };
            origin = Some(here);
        }
        Ok(Followed::There(found, origin))
    }

    /// A call on what a path has come to.
    async fn called<'a>(&self, call: Call<'a>, condition: Expr) -> Result<Call<'a>, Refusal> {
        let bound = match call.bound.map(|bound| *bound) {
            Some(Target::Entity { set, key, part }) => {
                let row = self.only(set, condition.and(key.condition())).await?.ok_or(ApiError::NotFound)?;
                Some(Target::Entity { set, key: EntityKey::Row(row), part })
            }
            Some(Target::Collection { set, filter, part }) => {
                let filter = Some(match filter {
                    Some(filter) => condition.and(filter),
                    None => condition,
                });
                Some(Target::Collection { set, filter, part })
            }
            other => other,
        };
        Ok(Call { bound: bound.map(Box::new), ..call })
    }

    /// The row a step begins at, and what relates others to it.
    pub(super) async fn start(
        &self,
        set: &SetSource,
        key: &EntityKey,
        part: &Part,
    ) -> Result<Option<(Row, Value)>, Refusal> {
        let columns = match part {
            Part::Column(id) => vec![id.clone()],
            Part::Id | Part::Version => Vec::new(),
        };
        let query = Query {
            table: set.table.clone(),
            filter: Some(key.condition()),
            columns: Some(columns),
            page: Page::first(1),
            ..Query::default()
        };
        Ok(self.read_rows(query).await?.into_iter().next().map(|row| {
            let value = match part {
                Part::Column(_) => row.values.first().cloned().unwrap_or(Value::Null),
                Part::Id | Part::Version => Value::Guid(row.id.uuid()),
            };
            (row, value)
        }))
    }

    /// The same behind operations that are not run yet.
    pub(super) async fn start_behind(
        &self,
        set: &SetSource,
        key: &EntityKey,
        part: &Part,
        before: &[Operation],
    ) -> Result<Option<(Row, Value)>, Refusal> {
        let mut found = self.start(set, key, part).await?;
        let id = match &found {
            _ if before.is_empty() => return Ok(found),
            Some((row, _)) => row.id,
            None => match id_of(set, key) {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        for operation in
            before.iter().filter(|one| one.row() == Some(id) && one.table() == Some(set.table.as_str()))
        {
            let given = own_value(set, id, &values_of(operation), part);
            match operation {
                Operation::Insert { .. } => {
                    let row = Row { id, version: 1, values: Vec::new() };
                    found = Some((row, given.unwrap_or(Value::Null)));
                }
                Operation::Update { .. } => {
                    if let Some((row, value)) = &mut found {
                        row.version += 1;
                        *value = given.unwrap_or_else(|| value.clone());
                    }
                }
                Operation::Delete { .. } | Operation::Call { .. } => found = None,
            }
        }
        Ok(found)
    }

    /// The id of the row a condition finds; of several the smallest, as everywhere along a way to one.
    pub(super) async fn only(&self, set: &SetSource, condition: Expr) -> Result<Option<RowId>, Refusal> {
        let query = Query {
            table: set.table.clone(),
            filter: Some(condition),
            columns: Some(Vec::new()),
            page: Page::first(1),
            ..Query::default()
        };
        Ok(self.read_rows(query).await?.first().map(|row| row.id))
    }

    /// The rows that a query finds.
    pub(super) async fn read_rows(&self, query: Query) -> Result<Vec<Row>, Refusal> {
        let (app, query) = (self.caller.grant.app.id, self.seen(query));
        Ok(self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?.rows)
    }
}
