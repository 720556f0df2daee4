//! `gridkeep tenant`: makes, lists and removes tenants of a server that does not run.

use std::{io::Write, sync::Arc};

use anyhow::{Context, bail};
use gridkeep_store::{Durability, audit::NewEntry};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    by_command::note,
    chance::{Chance, SystemClock, SystemRng, Time},
    company::domain,
    config::{Place, TenantCommand},
    start,
    tenancy::Tenants,
    tenant_name::{DEFAULT, TenantName, title},
};

/// Does it.
pub fn run(command: TenantCommand) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            TenantCommand::Create { name, title, owner, place } => create(&place, &name, title, &owner).await,
            TenantCommand::List { place } => list(&place).await,
            TenantCommand::VerifyDomain { name, domain, place } => verify(&place, &name, &domain).await,
            TenantCommand::Remove { name, confirm, place } => remove(&place, &name, &confirm).await,
        }
    })
}

/// What a command works with, where no server runs.
pub(crate) struct Opened {
    pub(crate) tenants: Tenants,
    store: gridkeep_store::Store,
    pub(crate) time: Time,
    pub(crate) chance: Chance,
}

pub(crate) async fn open(place: &Place) -> anyhow::Result<Opened> {
    if !place.data.join("root.key").exists() {
        bail!("{} is no folder of a server yet: start one first", place.data.display());
    }
    let (_, objects, store) = start::databases(&place.data, place.database.clone(), Durability::Full).await?;
    let (time, chance) = (Time::new(Arc::new(SystemClock)), Chance::new(Box::new(SystemRng)));
    let tenants = Tenants::new(store.clone(), objects, time.clone(), chance.clone());
    Ok(Opened { tenants, store, time, chance })
}

async fn create(place: &Place, name: &str, called: Option<String>, owner: &str) -> anyhow::Result<()> {
    let rules = "a name is 3 to 40 small letters, digits and single hyphens, and begins with a letter";
    let checked = TenantName::new(name).context(rules)?;
    let called =
        title(called.as_deref().unwrap_or(name)).context("a title is one line of at most 80 characters")?;
    let Opened { tenants, store, time, chance } = open(place).await?;
    let account = store.control().account_by_email(owner).await?;
    let Some((account, _)) = account else { bail!("nobody has proven the address {owner}") };
    let Some(id) = tenants.found(&checked, &called, Some(account.id)).await? else {
        bail!("there is a tenant {name} already");
    };
    let said = |entry: NewEntry| {
        entry.about(name).fact("title", called.as_str()).personal("owner", Some(account.id), owner)
    };
    note(&tenants.home().await?, (&time, &chance), "config.tenants.added", said).await?;
    Ok(writeln!(std::io::stdout(), "{id}  {name}  {called}")?)
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let Opened { tenants, .. } = open(place).await?;
    let mut out = std::io::stdout();
    for info in tenants.all().await? {
        let ending = if info.ending.is_some() { "  (to be erased)" } else { "" };
        writeln!(out, "{}  {}  {}{ending}", info.id, info.name, info.title)?;
    }
    Ok(())
}

async fn verify(place: &Place, name: &str, named: &str) -> anyhow::Result<()> {
    let Opened { tenants, store, time, chance } = open(place).await?;
    let domain = domain(named).with_context(|| format!("{named} is no domain of mail addresses"))?;
    let tenant = store.control().tenant_named(name).await?;
    let Some(tenant) = tenant else { bail!("there is no tenant {name}") };
    if !store.control().verify_company_domain(tenant.id, &domain, Timestamp::now()).await? {
        bail!(
            "{name} has not named the domain {domain}: its administrators do so under “Identity providers”"
        );
    }
    let Some(tenancy) = tenants.get(tenant.id).await? else { bail!("there is no tenant {name}") };
    let said = |entry: NewEntry| entry.about(domain.as_str()).fact("after", json!({"verified": true}));
    note(&tenancy, (&time, &chance), "config.domains.checked", said).await?;
    Ok(writeln!(std::io::stdout(), "{domain} is {name}'s")?)
}

async fn remove(place: &Place, name: &str, confirm: &str) -> anyhow::Result<()> {
    if name != confirm {
        bail!("say --confirm {name} to remove it with all that is in it");
    }
    if name == DEFAULT {
        bail!("the first tenant stays as long as the server does");
    }
    let Opened { tenants, time, chance, .. } = open(place).await?;
    let all = tenants.all().await?;
    let Some(info) = all.into_iter().find(|info| info.name == name) else {
        bail!("there is no tenant {name}")
    };
    tenants.end(info.id).await?;
    // In the first tenant's log: with the tenant its own goes.
    let said = |entry: NewEntry| entry.about(name).fact("tenant", info.id.to_string());
    note(&tenants.home().await?, (&time, &chance), "config.tenants.ended", said).await?;
    if !tenants.erase(info.id).await? {
        bail!("somebody works with {name}; a server erases it as soon as nobody does");
    }
    Ok(writeln!(std::io::stdout(), "{name} is gone")?)
}
