//! Brings a database to the version this program knows, at opening, in one transaction.
//!
//! **Architecture Invariant:** a migration that was applied never changes: its checksum is kept and compared. A database
//! from a newer program is refused, not guessed at.

use gridkeep_model::domain;
use uuid::Uuid;

use crate::{
    StoreError,
    dialect::{Db, Kind, Link, Migration},
};

pub(crate) fn migrate(db: &mut Db, kind: Kind) -> Result<(), StoreError> {
    let link = db.link();
    link.begin_write()?;
    let migrated = apply(db, kind);
    let link = db.link();
    match migrated {
        Ok(()) => link.batch("COMMIT"),
        Err(error) => {
            // The first error says more than a failing rollback would.
            let _ = link.batch("ROLLBACK");
            Err(error)
        }
    }
}

/// Whether a database that is only read is at the current version.
pub(crate) fn is_current(db: &mut Db, kind: Kind) -> Result<(), StoreError> {
    match missing(db, kind)?.first() {
        None => Ok(()),
        Some(migration) => {
            Err(StoreError::Older { database: db.link().name(), migration: migration.name.to_owned() })
        }
    }
}

fn apply(db: &mut Db, kind: Kind) -> Result<(), StoreError> {
    db.link().prepare_migrations()?;
    let missing = missing(db, kind)?;
    let link = db.link();
    let done = link.migrations(kind).len() - missing.len();
    for (number, migration) in missing.iter().enumerate() {
        link.batch(migration.sql)?;
        link.execute(
            "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)",
            &[((done + number) as i64 + 1).into(), migration.name.into(), checksum(migration.sql).into()],
        )?;
    }
    if kind == Kind::Control && !missing.is_empty() {
        settle_domains(link)?;
    }
    Ok(())
}

/// The steps that are still to be done; those that were are compared.
fn missing(db: &mut Db, kind: Kind) -> Result<&'static [Migration], StoreError> {
    let link = db.link();
    let applied = link.all("SELECT name, checksum FROM migrations ORDER BY number", &[], |cells| {
        Ok((cells.get::<String>(0)?, cells.get::<i64>(1)?))
    })?;
    let known = link.migrations(kind);
    if applied.len() > known.len() {
        let (found, known) = (applied.len() as u32, known.len() as u32);
        return Err(StoreError::Newer { database: link.name(), found, known });
    }
    for (migration, (name, sum)) in known.iter().zip(&applied) {
        if name != migration.name || *sum != checksum(migration.sql) {
            return Err(StoreError::MigrationChanged { database: link.name(), migration: name.clone() });
        }
    }
    Ok(&known[applied.len()..])
}

/// Domains are kept in the form in which they are compared; no SQL knows it.
fn settle_domains(link: &mut dyn Link) -> Result<(), StoreError> {
    let all = link.all("SELECT tenant, domain FROM company_domains", &[], |cells| {
        Ok((cells.get::<Uuid>(0)?, cells.get::<String>(1)?))
    })?;
    for (tenant, kept) in all {
        let Some(settled) = domain::ascii(&kept).filter(|settled| *settled != kept) else { continue };
        let values = [settled.as_ref().into(), tenant.into(), kept.as_str().into()];
        // Who named it in both ways keeps the one that was there in this form, with what was shown and asked for by either: a
        // requirement ends by nobody's typing.
        let sql = "UPDATE company_domains SET required = company_domains.required OR o.required,
                verified = CASE WHEN o.verified IS NULL OR company_domains.verified < o.verified
                    THEN company_domains.verified ELSE o.verified END,
                required_since = CASE WHEN o.required_since IS NULL
                    OR company_domains.required_since < o.required_since
                    THEN company_domains.required_since ELSE o.required_since END
            FROM company_domains o
            WHERE company_domains.domain = $1 AND company_domains.tenant = $2 AND o.tenant = $2 AND o.domain = $3";
        if link.execute(sql, &values)? > 0 {
            let sql = "DELETE FROM company_domains WHERE tenant = $1 AND domain = $2";
            link.execute(sql, &[tenant.into(), kept.as_str().into()])?;
        } else {
            let sql = "UPDATE company_domains SET domain = $1 WHERE tenant = $2 AND domain = $3";
            link.execute(sql, &values)?;
        }
    }
    Ok(())
}

/// FNV-1a over the statements: against accidents, not against attackers.
fn checksum(sql: &str) -> i64 {
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    sql.bytes().fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
}
