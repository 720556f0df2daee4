//! Actions said beside the entities they may be called on (OData-JSON 4.01, section 16).
//!
//! **Architecture Invariant:** an action is said where its condition holds for the entity as it was read, or where only its
//! arguments decide; what is not said may be called all the same, and is then refused in its own words.

use gridkeep_engine::apply::row_decides;
use gridkeep_model::{Row, Value};
use gridkeep_odata::{
    bind::Shape,
    header::Metadata,
    json::{Scalar, Style, Writer},
    project::{Runs, SetSource},
};

use super::{dispatch::Service, refusal::Refusal};

/// So many entities of an answer are looked at; beside the others only actions without a condition are said.
const MOST: usize = 1_000;

/// An action of a set's entities.
pub(super) struct Offered {
    /// Qualified, as it stands in the address.
    name: String,
    title: String,
    /// For which entities its condition holds; none has it when nothing is to be asked.
    holds: Option<Vec<bool>>,
}

impl Offered {
    /// Says it of the entity at this place, which has this address.
    pub(super) fn write(&self, writer: &mut Writer, place: usize, address: &str) {
        if self.holds.as_ref().is_some_and(|holds| !holds.get(place).is_some_and(|holds| *holds)) {
            return;
        }
        writer.key(&format!("#{}", self.name));
        writer.begin_object();
        // Otherwise all of it can be computed.
        if writer.style().metadata == Metadata::Full {
            writer.key("title");
            writer.scalar(&Scalar::Text(self.title.as_str().into()));
            writer.key("target");
            writer.scalar(&Scalar::Text(format!("{address}/{}", self.name).into()));
        }
        writer.end_object();
    }
}

impl Service {
    /// The actions of these entities, as far as full metadata says them: who selects properties wants no more but what
    /// is selected too, which may be any operation.
    pub(super) async fn offers(
        &self,
        set: &SetSource,
        shape: &Shape<'_>,
        style: Style,
        rows: &[Row],
    ) -> Result<Vec<Offered>, Refusal> {
        let wanted = &shape.operations;
        let said = match style.metadata {
            Metadata::Full => shape.selected.is_none() || !wanted.is_empty(),
            Metadata::Minimal => !wanted.is_empty(),
            Metadata::None => false,
        };
        if !said || rows.is_empty() {
            return Ok(Vec::new());
        }
        let (mut offers, mut asked): (Vec<Offered>, _) = (Vec::new(), Vec::new());
        for source in &self.projection.operations {
            let on_it =
                source.bound.as_ref().is_some_and(|to| !to.collection && to.entity_type == set.entity_type);
            let name = source.name.to_string();
            if !on_it || shape.selected.is_some() && !wanted.contains(&name) {
                continue;
            }
            let Runs::Action(action) = &source.runs else {
                // Overloads are said as one.
                if wanted.contains(&name) && offers.iter().all(|known| known.name != name) {
                    offers.push(Offered { name, title: source.name.name.clone(), holds: None });
                }
                continue;
            };
            let Some(action) = self.definition.action(&action.action) else { continue };
            if row_decides(action) {
                asked.push((offers.len(), action.id.clone()));
            }
            offers.push(Offered { name, title: action.title.clone(), holds: None });
        }
        // Where not all of a row is seen, what its conditions would say is not told.
        let all_seen = self.caller.grant.rights.sight().sees_columns(&set.table, None);
        if let Some(table) = self.definition.table(&set.table).filter(|_| all_seen && !asked.is_empty()) {
            // The values in the order of the table's columns.
            let places: Vec<Option<usize>> = table
                .columns
                .iter()
                .map(|column| shape.columns.iter().position(|known| *known == column.id))
                .collect();
            let value = |row: &Row, place: &Option<usize>| {
                place.and_then(|place| row.values.get(place)).cloned().unwrap_or(Value::Null)
            };
            let values = |row: &Row| places.iter().map(|place| value(row, place)).collect();
            let rows: Vec<Vec<Value>> = rows.iter().take(MOST).map(values).collect();
            let (places, actions): (Vec<usize>, Vec<String>) = asked.into_iter().unzip();
            let app = &self.caller.grant.app;
            let whole = self.definitions.current(app).await?;
            let held = self.calculators.conditions.hold(app, &whole, actions, rows).await?;
            for (place, holds) in places.into_iter().zip(held) {
                offers[place].holds = Some(holds);
            }
        }
        Ok(offers)
    }
}
