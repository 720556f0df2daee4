//! Links as operations: which row holds a link, and what becomes of it.

use std::collections::BTreeMap;

use gridkeep_model::{
    Operation, Query, RowId, Value,
    query::{Expr, Operator, Page, Part},
};
use gridkeep_odata::project::{Link, SetSource};
use serde_json::Value as Json;

use super::{
    changes::{Changes, End, unfit, unrelated},
    deep::malformed,
    dispatch::readable,
    follow::Origin,
    refusal::Refusal,
};
use crate::{error::ApiError, executor::MOST_OPERATIONS};

impl Changes<'_> {
    /// The entity of a set that an id in a payload names. What the request is about is there, so 404 would mislead.
    pub(super) async fn end(&self, set: &SetSource, id: &str, part: &Part) -> Result<End, Refusal> {
        let shown: String = id.chars().take(100).collect();
        let gone = || malformed("UNKNOWN_ENTITY", format!("`{shown}` names an entity that is not there"));
        Ok(self.perhaps(set, id, part).await?.ok_or_else(gone)?)
    }

    /// The same, if it is there.
    pub(super) async fn perhaps(
        &self,
        set: &SetSource,
        id: &str,
        part: &Part,
    ) -> Result<Option<End>, Refusal> {
        let (named, key) = self.service.referred(id, self.before).await?;
        if named.name != set.name {
            let message = format!("an entity of {} was expected, not of {}", set.name, named.name);
            return Err(malformed("INVALID_ID", message).into());
        }
        readable(set)?;
        self.found(set, &key, part).await
    }

    /// Relates an entity, named by its id, to another.
    pub(super) async fn link(&mut self, origin: &Origin<'_>, id: &str) -> Result<(), Refusal> {
        let set = self.there(origin.navigation)?;
        let end = self.end(set, id, &origin.navigation.link.there()).await?;
        self.join(origin, set, &end).await
    }

    /// Ends a relation to an entity named by its id.
    pub(super) async fn unlink(&mut self, origin: &Origin<'_>, id: &str) -> Result<(), Refusal> {
        let set = self.there(origin.navigation)?;
        let end = self.perhaps(set, id, &origin.navigation.link.there()).await?;
        self.part(origin, set, &end.ok_or(ApiError::NotFound)?).await
    }

    /// Ends the relation to whatever a navigation property to one leads to.
    pub(super) fn clear(&mut self, origin: &Origin<'_>) -> Result<(), Refusal> {
        match &origin.navigation.link {
            Link::Here { column, .. } => {
                self.update(origin.set, (origin.row.id, origin.row.version), column, Json::Null)
            }
            _ => Err(unfit(&origin.navigation.property).into()),
        }
    }

    pub(super) async fn join(
        &mut self,
        origin: &Origin<'_>,
        set: &SetSource,
        end: &End,
    ) -> Result<(), Refusal> {
        let link = &origin.navigation.link;
        self.rely(origin.set, origin.row.id, &link.here(), &origin.value);
        self.rely(set, end.id, &link.there(), &end.value);
        match link {
            Link::Here { column, .. } => {
                let row = (origin.row.id, origin.row.version);
                self.update(origin.set, row, column, end.value.to_json())
            }
            Link::There { column, .. } => {
                if origin.value.is_null() {
                    return Err(unrelated(origin.set).into());
                }
                self.update(set, (end.id, end.version), column, origin.value.to_json())
            }
            Link::Between { .. } => match self.pair_of(origin, end.id).await? {
                Some(_) => Ok(()),
                None => self.pair(origin, end.id),
            },
        }
    }

    /// Ends a relation.
    pub(super) async fn part(
        &mut self,
        origin: &Origin<'_>,
        set: &SetSource,
        end: &End,
    ) -> Result<(), Refusal> {
        match &origin.navigation.link {
            Link::Here { .. } => self.clear(origin),
            Link::There { column, .. } if end.value == origin.value => {
                self.update(set, (end.id, end.version), column, Json::Null)
            }
            Link::There { .. } => Err(ApiError::NotFound.into()),
            Link::Between { table, .. } => {
                let (id, base_version) = self.pair_of(origin, end.id).await?.ok_or(ApiError::NotFound)?;
                self.push(Operation::Delete { table: table.clone(), id, base_version })
            }
        }
    }

    pub(super) async fn unlink_others(
        &mut self,
        origin: &Origin<'_>,
        set: &SetSource,
        kept: &[RowId],
    ) -> Result<(), Refusal> {
        let query = Query {
            table: set.table.clone(),
            filter: Some(origin.navigation.link.condition(&origin.value)),
            columns: Some(Vec::new()),
            page: Page::first(MOST_OPERATIONS as u32 + 1),
            ..Query::default()
        };
        for row in self.service.read_rows(query).await? {
            if !kept.contains(&row.id) {
                let end = End { id: row.id, version: row.version, value: origin.value.clone() };
                self.part(origin, set, &end).await?;
            }
        }
        Ok(())
    }

    /// A new row of the table of pairs.
    pub(super) fn pair(&mut self, origin: &Origin<'_>, other: RowId) -> Result<(), Refusal> {
        let Link::Between { table, here, there } = &origin.navigation.link else {
            return Err(unfit(&origin.navigation.property).into());
        };
        if !origin.set.rights.update {
            return Err(ApiError::Forbidden.into());
        }
        let values = BTreeMap::from([
            (here.clone(), origin.value.to_json()),
            (there.clone(), Value::Guid(other.uuid()).to_json()),
        ]);
        let id = self.service.new_row();
        self.push(Operation::Insert { table: table.clone(), id, values })
    }

    /// The pair that joins both.
    async fn pair_of(&self, origin: &Origin<'_>, other: RowId) -> Result<Option<(RowId, u64)>, Refusal> {
        let Link::Between { table, here, there } = &origin.navigation.link else { return Ok(None) };
        let equal = |column: &String, value: Value| Expr::column(column).compare(Operator::Eq, value.into());
        let both = equal(here, origin.value.clone()).and(equal(there, Value::Guid(other.uuid())));
        let query = Query {
            table: table.clone(),
            filter: Some(both),
            columns: Some(Vec::new()),
            page: Page::first(1),
            ..Query::default()
        };
        Ok(self.service.read_rows(query).await?.first().map(|row| (row.id, row.version)))
    }
}
