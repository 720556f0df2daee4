//! `gridkeep checkpoints`: switches the checkpoints of a tenant off, for whoever runs a server whose administrators are locked out.

use std::io::Write;

use anyhow::bail;
use gridkeep_model::AccountId;
use gridkeep_store::audit::NewEntry;

use crate::{
    by_command::noted,
    config::{CheckpointsCommand, Place},
    error::ApiError,
    tenant_name::DEFAULT,
    tenants_command::{Opened, open},
};

/// Does it.
pub fn run(command: CheckpointsCommand) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let CheckpointsCommand::Off { tenant, place } = command;
    runtime.block_on(off(&place, tenant.as_deref().unwrap_or(DEFAULT)))
}

async fn off(place: &Place, name: &str) -> anyhow::Result<()> {
    let Opened { tenants, time, chance, .. } = open(place).await?;
    let Some(id) = tenants.find(name).await? else { bail!("there is no tenant {name}") };
    let Some(tenancy) = tenants.get(id).await? else { bail!("there is no tenant {name}") };
    let nobody = AccountId::from_uuid(uuid::Uuid::nil());
    let off = tenancy.write(move |work| {
        let before = work.gate_settings()?;
        let mut after = before.clone();
        after.enabled = false;
        let said = |settings| serde_json::to_value(settings).map_err(ApiError::internal);
        let (was, is) = (said(&before)?, said(&after)?);
        let entry = |entry: NewEntry| entry.about("").fact("before", was).fact("after", is);
        work.put_gate_settings(&after, nobody, time.clock())?;
        // What could not be noted is not done.
        noted((&time, &chance), "config.checkpoints.changed", entry).add(work)?;
        Ok(())
    });
    off.await?;
    Ok(writeln!(
        std::io::stdout(),
        "no checkpoint of {name} asks any more; switch them on in the portal under \u{201c}Checkpoints\u{201d}"
    )?)
}
