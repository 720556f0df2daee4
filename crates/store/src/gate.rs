//! A tenant's gates and what holds for all of them, as its administrators define them.
//!
//! **Architecture Invariant:** they change in a [`Work`], which ends the mark under which they are kept: a gate that was switched on
//! asks from the next transaction on. So does what is known of whether anybody can meet the gate of gates.

use gridkeep_model::{
    AccountId,
    checkpoint::{Gate, GateSettings},
    clock::Clock,
};
use jiff::Timestamp;

use crate::{
    Reader, StoreError, Work,
    dialect::{Cells, millis},
};

fn read_gate(cells: &dyn Cells) -> Result<Gate, StoreError> {
    serde_json::from_str(&cells.get::<String>(0)?).map_err(|error| StoreError::corrupt("gate", error))
}

impl Reader<'_> {
    /// All gates, by their ids.
    pub fn gates(&mut self) -> Result<Vec<Gate>, StoreError> {
        self.link.all("SELECT content FROM gates ORDER BY id", &[], read_gate)
    }

    /// A gate.
    pub fn gate(&mut self, id: &str) -> Result<Option<Gate>, StoreError> {
        self.link.first("SELECT content FROM gates WHERE id = $1", &[id.into()], read_gate)
    }

    /// What holds for all of them.
    pub fn gate_settings(&mut self) -> Result<GateSettings, StoreError> {
        let found =
            self.link.first("SELECT content FROM gate_settings", &[], |cells| cells.get::<String>(0))?;
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|error| StoreError::corrupt("settings of gates", error))
        };
        found.map_or_else(|| Ok(GateSettings::default()), read)
    }

    /// Since when nobody can meet the gate of gates, as far as it was noted.
    pub fn gates_unmet(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.link.first("SELECT since FROM gates_unmet", &[], |cells| cells.moment(0))
    }
}

impl Work<'_> {
    /// Makes a gate, or puts it in place of the one with its id.
    pub fn put_gate(&mut self, gate: &Gate, by: AccountId, clock: &dyn Clock) -> Result<(), StoreError> {
        let content = serde_json::to_string(gate).map_err(|error| StoreError::corrupt("gate", error))?;
        let sql = "INSERT INTO gates (id, content, changed, changed_by) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET content = excluded.content, changed = excluded.changed,
            changed_by = excluded.changed_by";
        let values = [gate.id.as_str().into(), content.into(), millis(clock.now()), by.uuid().into()];
        self.link.execute(sql, &values).map(drop)
    }

    /// Removes a gate; `false` when there is none.
    pub fn remove_gate(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.link.execute("DELETE FROM gates WHERE id = $1", &[id.into()])? > 0)
    }

    /// Says what holds for all gates.
    pub fn put_gate_settings(
        &mut self,
        settings: &GateSettings,
        by: AccountId,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(settings)
            .map_err(|error| StoreError::corrupt("settings of gates", error))?;
        let sql = "INSERT INTO gate_settings (single, content, changed, changed_by) VALUES (1, $1, $2, $3)
            ON CONFLICT (single) DO UPDATE SET content = excluded.content, changed = excluded.changed,
            changed_by = excluded.changed_by";
        let values = [content.into(), millis(clock.now()), by.uuid().into()];
        self.link.execute(sql, &values).map(drop)
    }

    /// Notes that nobody can meet the gate of gates; `false` when it is known.
    pub fn note_gates_unmet(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "INSERT INTO gates_unmet (single, since) VALUES (1, $1) ON CONFLICT (single) DO NOTHING";
        Ok(self.link.execute(sql, &[millis(now)])? > 0)
    }

    /// Notes that somebody can; `false` when it is known.
    pub fn forget_gates_unmet(&mut self) -> Result<bool, StoreError> {
        Ok(self.link.execute("DELETE FROM gates_unmet", &[])? > 0)
    }
}
