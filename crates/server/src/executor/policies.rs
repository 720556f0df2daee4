//! What becomes of changes that come without their person, by the gates that an app names: for its metadata.

use gridkeep_model::{
    AppDefinition,
    checkpoint::{GateSettings, Rule},
    definition::GateUse,
};
use gridkeep_odata::project::Policies;
use gridkeep_store::Reader;

use super::{Executor, reached::is_gated};
use crate::{error::ApiError, gates::Active};

impl Executor {
    /// The strictest of the gates that ask now, for each table and action that names any.
    pub(crate) async fn policies(&self, definition: &AppDefinition) -> Result<Policies, ApiError> {
        if !is_gated(definition) {
            return Ok(Policies::default());
        }
        let gates = self.gates.clone();
        let active = self.tenancy.read(move |reader: &mut Reader<'_>| Ok(gates.active(reader)?)).await?;
        let tables = definition.tables.iter().map(|table| (&table.id, &table.gates));
        let actions = definition.actions.iter().map(|action| (&action.id, &action.gates));
        Ok(Policies { tables: strictest(&active, tables), actions: strictest(&active, actions) })
    }
}

fn strictest<'a, C: FromIterator<(String, &'static str)>>(
    active: &Active,
    places: impl Iterator<Item = (&'a String, &'a Vec<GateUse>)>,
) -> C {
    let policy = |(id, named): (&String, &Vec<GateUse>)| {
        let gates: Vec<_> =
            named.iter().filter_map(|named| active.gates.get(&named.gate)).map(|(gate, _)| gate).collect();
        let rule = Rule::of(gates.iter().copied(), &GateSettings::default());
        (!gates.is_empty()).then(|| (id.clone(), rule.offline.word()))
    };
    places.filter_map(policy).collect()
}
