//! `gridkeep audit`: verifies the log of a tenant, and proves rows of it, beside a server or without one.
//!
//! **Architecture Invariant:** whoever only looks writes nothing: where a server has the folder, its databases are read beside it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use gridkeep_store::{
    Durability, StoreError,
    audit::{hex, tree::extends, tree::includes, unhex},
};
use serde_json::json;

use crate::{
    audit::{Audit, Report, Signer, read_heads},
    chance::{Chance, SystemClock, SystemRng, Time},
    config::{AuditCommand, Place},
    start::{self, HEADS},
    tenancy::{Tenants, identity_key},
    tenant_name::DEFAULT,
};

/// The log is not what it was.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

/// Does it.
pub fn run(command: AuditCommand) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            AuditCommand::Verify { head, tenant, place } => verify(&place, tenant.as_deref(), &head).await,
            AuditCommand::Sign { tenant, place } => sign(&place, tenant.as_deref()).await,
            AuditCommand::Prove { row, head, tenant, place } => {
                prove(&place, tenant.as_deref(), row, head.as_deref()).await
            }
        }
    })
}

/// What a command does with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Look,
    Write,
}

async fn open(place: &Place, tenant: Option<&str>, task: Task) -> anyhow::Result<Audit> {
    if !place.data.join("root.key").exists() {
        bail!("{} is no folder of a server yet: start one first", place.data.display());
    }
    let opened = start::databases(&place.data, place.database.clone(), Durability::Full).await;
    let (root, objects, store) = match opened {
        Err(error) if is_in_use(&error) && task == Task::Look => {
            start::databases_beside(&place.data, place.database.clone()).await?
        }
        opened => opened?,
    };
    let identity = identity_key(&root, store.control()).await?;
    let signer = Signer::new(&identity.purpose_key("audit heads")?)?;
    let (time, chance) = (Time::new(Arc::new(SystemClock)), Chance::new(Box::new(SystemRng)));
    let tenants = Tenants::new(store.clone(), objects, time.clone(), chance.clone());
    let name = tenant.unwrap_or(DEFAULT);
    let Some(id) = tenants.find(name).await? else { bail!("there is no tenant {name}") };
    let Some(tenancy) = tenants.get(id).await? else { bail!("there is no tenant {name}") };
    Ok(Audit::new(tenancy, signer, place.data.join(HEADS), time, chance))
}

/// Whether a server has the folder.
fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::InUse { .. }))
}

fn heads_of(file: &Path) -> anyhow::Result<Vec<crate::audit::SignedHead>> {
    let (heads, unread) = read_heads(file).with_context(|| format!("cannot read {}", file.display()))?;
    if heads.is_empty() || unread > 0 {
        bail!("{} holds no signed heads", file.display());
    }
    Ok(heads)
}

async fn verify(place: &Place, tenant: Option<&str>, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut given = Vec::new();
    for file in files {
        given.extend(heads_of(file)?);
    }
    let audit = open(place, tenant, Task::Look).await?;
    let own = audit.file();
    if own.exists() {
        let (heads, unread) = read_heads(&own).with_context(|| format!("cannot read {}", own.display()))?;
        if unread > 0 {
            return Err(Broken(format!("{unread} lines of {} are no signed heads", own.display())).into());
        }
        given.extend(heads);
    }
    let report = audit.verify(given).await?;
    let mut out = std::io::stdout();
    for fault in &report.faults {
        writeln!(out, "{}", fault.words())?;
    }
    let Report { size, root, erased, heads, unsigned, faults, more } = report;
    let found = faults.len() as u64 + more;
    if found > 0 {
        let shown = if more > 0 { format!(" ({more} more than are shown)") } else { String::new() };
        return Err(
            Broken(format!("the log of {size} rows is not what it was: {found} faults{shown}")).into()
        );
    }
    writeln!(out, "{size} rows are whole and in their places; {heads} signed heads agree")?;
    if unsigned > 0 {
        writeln!(out, "{unsigned} rows at the end wait for a head")?;
    }
    if erased > 0 {
        writeln!(out, "{erased} personal values were erased with their people")?;
    }
    Ok(writeln!(out, "root {root}")?)
}

async fn sign(place: &Place, tenant: Option<&str>) -> anyhow::Result<()> {
    let audit = match open(place, tenant, Task::Write).await {
        Err(error) if is_in_use(&error) => {
            return Err(error.context("a server uses this folder: it signs a head itself, within 5 minutes"));
        }
        opened => opened?,
    };
    let head = match audit.sign().await? {
        Some(head) => head,
        None => audit.last_head().await?.context("the log has no rows yet")?,
    };
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&head)?)?)
}

async fn prove(place: &Place, tenant: Option<&str>, row: u64, file: Option<&Path>) -> anyhow::Result<()> {
    let earlier =
        file.map(heads_of).transpose()?.and_then(|heads| heads.into_iter().max_by_key(|head| head.size));
    let audit = open(place, tenant, Task::Look).await?;
    let Some(proof) = audit.prove(row).await? else { bail!("there is no row {row}") };
    if proof.status == "broken" {
        return Err(Broken(format!("row {row} is not the one that was written: verify the log")).into());
    }
    let Some(head) = &proof.head else {
        bail!("row {row} waits for a signed head: a server makes one within 5 minutes")
    };
    let hash =
        |text: &str| unhex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).unwrap_or_default();
    let path: Vec<[u8; 32]> = proof.path.iter().map(|step| hash(step)).collect();
    if !includes(&hash(&proof.hash), row.saturating_sub(1), head.size, &path, &hash(&head.root)) {
        return Err(Broken(format!("row {row} is not in the log that was signed")).into());
    }
    let consistency = match &earlier {
        None => None,
        Some(earlier) => {
            if !audit.signed(earlier) {
                return Err(Broken("the head was not signed by this server for this log".to_owned()).into());
            }
            let (one, other) = if earlier.size <= head.size { (earlier, head) } else { (head, earlier) };
            let steps = audit.consistency(one.size, other.size).await?;
            let good = steps.as_ref().is_some_and(|steps| {
                extends((one.size, &hash(&one.root)), (other.size, &hash(&other.root)), steps)
            });
            if !good {
                let words =
                    format!("the log of {} rows is not the beginning of that of {}", one.size, other.size);
                return Err(Broken(words).into());
            }
            let steps: Vec<String> = steps.unwrap_or_default().iter().map(|step| hex(step)).collect();
            Some(json!({"from": one, "to": other, "path": steps}))
        }
    };
    let answer = json!({
        "row": row,
        "leaf": proof.leaf,
        "hash": proof.hash,
        "inclusion": {"index": row - 1, "size": head.size, "path": proof.path},
        "head": head,
        "consistency": consistency,
    });
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&answer)?)?)
}
