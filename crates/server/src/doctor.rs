//! `gridkeep doctor`: looks after everything a server needs, changes nothing, and says what to mend.

use std::{fmt::Display, io::Write, net::TcpListener, os::unix::fs::PermissionsExt, path::Path};

use anyhow::bail;

use crate::{
    config::Config,
    start::{self, Start},
    state::AppState,
    tenancy::unreferenced,
};

/// What was found, for people: a line each.
struct Report {
    out: std::io::Stdout,
    broken: usize,
}

/// Checks folder, keys, database, workbooks, web pages and address. Fails when something must be mended.
pub fn doctor(config: &Config) -> anyhow::Result<()> {
    let mut report = Report { out: std::io::stdout(), broken: 0 };
    let folder_is_there = folder(&mut report, &config.data)?;
    match &config.web {
        Some(web) if web.join("index.html").is_file() && web.join("client.html").is_file() => {
            report.good("web pages", &web.display())?;
        }
        Some(web) => {
            report.bad("web pages", &format!("no build in {}: run `cargo xtask web`", web.display()))?;
        }
        None => report.bad("web pages", &"start with --web DIR")?,
    }
    match TcpListener::bind(config.listen) {
        Ok(_) => report.good("address", &config.listen)?,
        Err(error) => report.bad("address", &format!("{} cannot be listened on: {error}", config.listen))?,
    }
    if folder_is_there {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(databases(&mut report, config))?;
    }
    if report.broken > 0 {
        bail!("{} to mend", report.broken);
    }
    Ok(())
}

fn folder(report: &mut Report, data: &Path) -> anyhow::Result<bool> {
    if !data.is_dir() {
        report.good("data folder", &format!("{} will be made at the first start", data.display()))?;
        return Ok(false);
    }
    let mode = std::fs::metadata(data)?.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        report.good("data folder", &data.display())?;
    } else {
        report.bad(
            "data folder",
            &format!("others can look into it (mode {mode:o}): chmod 700 {}", data.display()),
        )?;
    }
    if !data.join("root.key").is_file() {
        report.bad("root key", &"root.key is not there: without it nothing in the folder can be read")?;
        return Ok(false);
    }
    Ok(true)
}

async fn databases(report: &mut Report, config: &Config) -> anyhow::Result<()> {
    let state = match start::open(Start::of(config)?).await {
        Ok(state) => state,
        Err(error) => return report.bad("keys and database", &format!("{error:#}")),
    };
    report.good("keys and database", &"they open")?;
    workbooks(report, &state).await
}

/// Every workbook of every version is read, decrypted and so verified.
async fn workbooks(report: &mut Report, state: &AppState) -> anyhow::Result<()> {
    let stored = state
        .tenancy
        .read(|reader| {
            let mut stored = Vec::new();
            for app in reader.apps()? {
                for version in reader.versions(app.id)? {
                    stored.push((app.current.name.clone(), version));
                }
            }
            Ok(stored)
        })
        .await?;
    let count = stored.len();
    for (app, version) in stored {
        if let Err(error) = state.vault.get(&version.workbook).await {
            let cause =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            report.bad("workbook", &format!("{app}, version {}: {cause}", version.version))?;
        }
    }
    report.good("workbooks", &format!("{count} looked through"))?;
    let garbage = unreferenced(&state.tenancy, &state.vault, &state.time).await?;
    report.good("left over", &format!("{} files, deleted at the next start", garbage.len()))
}

impl Report {
    fn good(&mut self, what: &str, how: &dyn Display) -> anyhow::Result<()> {
        Ok(writeln!(self.out, "good  {what}: {how}")?)
    }

    fn bad(&mut self, what: &str, how: &dyn Display) -> anyhow::Result<()> {
        self.broken += 1;
        Ok(writeln!(self.out, "mend  {what}: {how}")?)
    }
}
