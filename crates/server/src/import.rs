//! `gridkeep import-accounts`: takes over people with the passwords they have elsewhere.
//!
//! **Architecture Invariant:** a line is taken over whole or refused with its number and reason; no password's hash is ever printed.

use std::{io::Write, path::Path};

use anyhow::{Context, Result, bail, ensure};
use gridkeep_identity::{
    email::{Email, is_twin},
    password::Imported,
};
use gridkeep_model::AccountId;
use gridkeep_store::{Control, Durability, Joins, NewAccount, TenantRole, audit::NewEntry};

use crate::{
    by_command::note,
    chance::{Chance, SystemClock, SystemRng, Time},
    start::databases,
    tenancy::{Tenancy, Tenants},
};

/// Longest line of the file, in bytes: what is longer is no list of people.
const LONGEST: usize = 4_096;

/// A line of the file.
#[derive(Debug, serde::Deserialize)]
struct Line {
    email: String,
    name: String,
    /// PBKDF2-HMAC-SHA256 in PHC or Django form.
    password: String,
    #[serde(default)]
    role: Option<String>,
}

/// Reads people from a CSV file with the columns `email`, `name`, `password` and perhaps `role`. Fails when a line was refused;
/// the others are taken over all the same.
pub fn import(data: &Path, database: Option<String>, file: &Path) -> Result<()> {
    let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file);
    let mut reader = reader.with_context(|| format!("cannot read {}", file.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    ensure!(data.is_dir(), "{} is no folder of a server", data.display());
    let (_, objects, store) = runtime.block_on(databases(data, database, Durability::Full))?;
    let (time, chance) = (Time::new(std::sync::Arc::new(SystemClock)), Chance::new(Box::new(SystemRng)));
    let control = store.control();
    // The first one of all would own the server.
    ensure!(
        !runtime.block_on(control.is_empty())?,
        "make the first account in the browser: it owns the server"
    );
    let tenants = Tenants::new(store.clone(), objects, time.clone(), chance.clone());
    let tenancy = runtime.block_on(tenants.home())?;
    let (mut taken, mut refused) = (0_u64, 0);
    let mut out = std::io::stdout();
    for line in reader.deserialize() {
        let number = line.as_ref().map_or_else(place, |_| None);
        let number = number.unwrap_or(taken + refused + 2);
        let kept = line
            .map_err(|error| anyhow::Error::msg(reason(&error)))
            .and_then(|line| runtime.block_on(keep(line, control, &tenancy, &time, &chance)));
        match kept {
            Ok(()) => taken += 1,
            Err(error) => {
                refused += 1;
                writeln!(out, "line {number}: {error}")?;
            }
        }
    }
    if taken > 0 {
        let said = |entry: NewEntry| entry.fact("taken", taken);
        runtime.block_on(note(&tenancy, (&time, &chance), "config.people.listed", said))?;
    }
    writeln!(out, "{taken} taken over, {refused} refused")?;
    if refused > 0 {
        bail!("{refused} of {} lines were refused", taken + refused);
    }
    Ok(())
}

async fn keep(line: Line, control: &Control, tenancy: &Tenancy, time: &Time, chance: &Chance) -> Result<()> {
    let Line { email, name, password, role } = line;
    ensure!(email.len() + name.len() + password.len() <= LONGEST, "longer than {LONGEST} bytes");
    let email = Email::new(&email)?;
    let length = name.chars().count();
    ensure!(
        (1..=100).contains(&length) && !name.chars().any(char::is_control),
        "a name has 1 to 100 characters"
    );
    let password = Imported::new(&password)?;
    let role = match role.as_deref() {
        None | Some("") => TenantRole::Member,
        Some(word) => TenantRole::of_word(word)
            .filter(|role| *role < TenantRole::Owner)
            .with_context(|| "a role is guest, member, maker or administrator")?,
    };
    let created = time.now();
    let new = NewAccount {
        id: chance.with(|rng| AccountId::new(time.clock(), rng)),
        skeleton: email.skeleton(),
        email: email.to_string(),
        name,
        password: password.as_str().to_owned(),
        created,
    };
    let joins = Joins { home: None, others: Some((tenancy.id(), role)) };
    let account = control.import_account(new, joins, is_twin).await?;
    account.with_context(|| "the address has an account, or looks like one that has").map(drop)
}

/// The line of the file that could not be read.
fn place(error: &csv::Error) -> Option<u64> {
    error.position().map(csv::Position::line)
}

/// What is wrong with it, without what stands in it.
fn reason(error: &csv::Error) -> &'static str {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8",
        csv::ErrorKind::UnequalLengths { .. } => "another number of columns than the first line",
        csv::ErrorKind::Deserialize { .. } => "the columns email, name and password are needed",
        _ => "cannot be read",
    }
}
