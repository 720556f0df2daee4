//! `gridkeep doctor`: looks after everything a server needs, changes nothing, and says what to mend.

use std::{
    fmt::Display,
    io::{ErrorKind, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::bail;

use crate::{
    config::Config,
    files::{Contents, Lost},
    print::words,
    site::Site,
    start::{self, Start},
    state::AppState,
    tenancy::unreferenced,
    tenant_name::DEFAULT,
};

/// Lost files that are named one by one.
const LISTED: usize = 20;

/// What was found, for people: a line each.
struct Report {
    out: std::io::Stdout,
    broken: usize,
}

/// Checks folder, keys, database, workbooks, web pages and address. Fails when something must be mended.
pub fn doctor(config: &Config) -> anyhow::Result<()> {
    let mut report = Report { out: std::io::stdout(), broken: 0 };
    let to_open = folder(&mut report, config)?;
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
    let mut config = config.clone();
    if let Err(error) = Site::new(&config.base_url()) {
        report.bad("base URL", &error)?;
        // The rest does not depend on it.
        config.base_url = None;
    }
    if to_open {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(databases(&mut report, &config))?;
    }
    if report.broken > 0 {
        bail!("{} to mend", report.broken);
    }
    Ok(())
}

/// Whether there is something to open in the folder.
fn folder(report: &mut Report, config: &Config) -> anyhow::Result<bool> {
    let data = &config.data;
    let metadata = match std::fs::metadata(data) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            report.bad("data folder", &format!("{} is a file", data.display()))?;
            return Ok(false);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            report.good("data folder", &format!("{} will be made at the first start", data.display()))?;
            return Ok(false);
        }
        Err(error) => {
            report.bad("data folder", &format!("{}: {error}", data.display()))?;
            return Ok(false);
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        report.good("data folder", &data.display())?;
    } else {
        report.bad(
            "data folder",
            &format!("others can look into it (mode {mode:o}): chmod 700 {}", data.display()),
        )?;
    }
    let there = |name: &str| data.join(name).exists();
    if !there("root.key") {
        if there("database") || there("objects") {
            let words = "root.key is not there: without it nothing in the folder can be read; put it back";
            report.bad("root key", &words)?;
        } else {
            report.good("root key", &"will be made at the first start")?;
        }
        return Ok(false);
    }
    Ok(config.database.is_some() || database_files(report, &data.join("database"))?)
}

/// Whether the embedded database's files are there: opening would make what is not, and all would seem well.
fn database_files(report: &mut Report, folder: &Path) -> anyhow::Result<bool> {
    for name in ["control.key", "control.db"] {
        if !folder.join(name).is_file() {
            let words = format!("{} is not there: put it back from a backup", folder.join(name).display());
            report.bad("database", &words)?;
            return Ok(false);
        }
    }
    let tenants = folder.join("tenants");
    let is_database = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "db");
    let found = std::fs::read_dir(&tenants).is_ok_and(|mut all| all.any(|one| one.is_ok_and(is_database)));
    if !found {
        let words = format!("{} holds no database: put it back from a backup", tenants.display());
        report.bad("database", &words)?;
    }
    Ok(found)
}

async fn databases(report: &mut Report, config: &Config) -> anyhow::Result<()> {
    let house = match start::open_as_it_is(Start::of(config)?).await {
        Ok(house) => house,
        Err(error) => return report.bad("keys and database", &words(&error)),
    };
    report.good("keys and database", &"they open")?;
    for info in house.tenants().all().await? {
        if info.ending.is_some() {
            report.good("tenant", &format!("{} has ended; a server erases it", info.name))?;
            continue;
        }
        let several = info.name != DEFAULT;
        match house.room(info.id).await {
            Ok(Some(room)) => {
                if several {
                    report.good("tenant", &info.name)?;
                }
                workbooks(report, &room.state).await?;
            }
            Ok(None) => {}
            Err(error) => {
                let cause =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                report.bad("tenant", &format!("{}: {cause}", info.name))?;
            }
        }
    }
    Ok(())
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
    contents(report, state).await?;
    match state.tenancy.read(|reader| Ok(reader.waiting()?)).await?.len() {
        0 => {}
        many => report.good(
            "tables",
            &format!(
                "{many} with rows that follow a change later; a server goes on with them when it starts"
            ),
        )?,
    }
    let garbage = unreferenced(&state.tenancy, &state.vault, &state.time).await?;
    let files = match garbage.files() {
        0 => "nothing".to_owned(),
        1 => "one file nobody refers to; a server deletes it when it starts, and daily".to_owned(),
        many => format!("{many} files nobody refers to; a server deletes them when it starts, and daily"),
    };
    report.good("left over", &files)
}

/// Contents without rows, and rows without contents. Said only where there are any.
async fn contents(report: &mut Report, state: &AppState) -> anyhow::Result<()> {
    let Contents { known, lost, unheld } = state.files.check(&state.definitions).await?;
    for Lost { app, table, column, row, file } in lost.iter().take(LISTED) {
        let words =
            format!("{app}, {table}, row {row}, {column}: “{file}” is not there; put it back from a backup");
        report.bad("file", &words)?;
    }
    if lost.len() > LISTED {
        report.bad("files", &format!("{} more that rows refer to are not there", lost.len() - LISTED))?;
    }
    if known > 0 {
        report.good("files", &format!("{known} looked for"))?;
    }
    match unheld {
        0 => Ok(()),
        1 => report.good("files without rows", &"one; a server deletes it when it is a day old"),
        many => report
            .good("files without rows", &format!("{many}; a server deletes them when they are a day old")),
    }
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
