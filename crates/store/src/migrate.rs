//! Brings a database to the version this program knows, at opening, in one transaction.
//!
//! **Architecture Invariant:** a migration that was applied never changes: its checksum is kept and compared. A database
//! from a newer program is refused, not guessed at.

use crate::{
    StoreError,
    dialect::{Db, Kind},
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

fn apply(db: &mut Db, kind: Kind) -> Result<(), StoreError> {
    let link = db.link();
    link.prepare_migrations()?;
    let applied = link.all("SELECT name, checksum FROM migrations ORDER BY number", &[], |cells| {
        Ok((cells.get::<String>(0)?, cells.get::<i64>(1)?))
    })?;
    let known = link.migrations(kind);
    if applied.len() > known.len() {
        let (found, known) = (applied.len() as u32, known.len() as u32);
        return Err(StoreError::Newer { database: link.name(), found, known });
    }
    for (number, migration) in known.iter().enumerate() {
        let checksum = checksum(migration.sql);
        match applied.get(number) {
            Some((name, sum)) if name == migration.name && *sum == checksum => {}
            Some((name, _)) => {
                return Err(StoreError::MigrationChanged { database: link.name(), migration: name.clone() });
            }
            None => {
                link.batch(migration.sql)?;
                link.execute(
                    "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    &[(number as i64 + 1).into(), migration.name.into(), checksum.into()],
                )?;
            }
        }
    }
    Ok(())
}

/// FNV-1a over the statements: against accidents, not against attackers.
fn checksum(sql: &str) -> i64 {
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    sql.bytes().fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
}
