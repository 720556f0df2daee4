//! Groups that a company's directory manages: who is in them it says, also of people who may not come in for a while.
//!
//! **Architecture Invariant:** who is in such a group ([`crate::Belonging`]) is in it by the directory's word and may come in.

use gridkeep_model::{AccountId, GroupId, ProviderId};
use jiff::Timestamp;

use crate::{
    Reader, StoreError, Work,
    dialect::{Cells, millis},
};

/// A group as a directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// Its identity.
    pub id: GroupId,
    /// What people call it.
    pub name: String,
    /// Its id in the directory.
    pub external: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// Since when it is there.
    pub created: Timestamp,
    /// When it changed last.
    pub changed: Timestamp,
}

const GROUP: &str = "SELECT g.id, g.name, d.external, d.version, g.created, d.changed
    FROM directory_groups d JOIN people_groups g ON g.id = d.id WHERE d.provider = $1";

fn read_group(cells: &dyn Cells) -> Result<DirectoryGroup, StoreError> {
    Ok(DirectoryGroup {
        id: GroupId::from_uuid(cells.get(0)?),
        name: cells.get(1)?,
        external: cells.maybe(2)?,
        version: cells.get(3)?,
        created: cells.moment(4)?,
        changed: cells.moment(5)?,
    })
}

impl Reader<'_> {
    /// The groups of a provider's directory, the oldest first.
    pub fn directory_groups(&mut self, provider: ProviderId) -> Result<Vec<DirectoryGroup>, StoreError> {
        self.link.all(&format!("{GROUP} ORDER BY g.id"), &[provider.uuid().into()], read_group)
    }

    /// One of them.
    pub fn directory_group(
        &mut self,
        provider: ProviderId,
        id: GroupId,
    ) -> Result<Option<DirectoryGroup>, StoreError> {
        let sql = format!("{GROUP} AND g.id = $2");
        self.link.first(&sql, &[provider.uuid().into(), id.uuid().into()], read_group)
    }

    /// Who is in a group, as the directory says.
    pub fn directory_members(&mut self, id: GroupId) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT account FROM directory_members WHERE group_id = $1 ORDER BY account";
        self.link.all(sql, &[id.uuid().into()], |cells| Ok(AccountId::from_uuid(cells.get(0)?)))
    }

    /// The groups somebody is in, as the directory says.
    pub fn directory_groups_of(
        &mut self,
        provider: ProviderId,
        account: AccountId,
    ) -> Result<Vec<DirectoryGroup>, StoreError> {
        let sql = format!(
            "{GROUP} AND g.id IN (SELECT m.group_id FROM directory_members m WHERE m.account = $2) ORDER BY g.folded"
        );
        self.link.all(&sql, &[provider.uuid().into(), account.uuid().into()], read_group)
    }

    /// The providers whose directories manage groups.
    pub fn directing_providers(&mut self) -> Result<Vec<ProviderId>, StoreError> {
        let sql = "SELECT DISTINCT provider FROM directory_groups";
        self.link.all(sql, &[], |cells| Ok(ProviderId::from_uuid(cells.get(0)?)))
    }
}

impl Work<'_> {
    /// Keeps a group as a directory has it, its people aside; `false` when another group has its name.
    pub fn put_directory_group(
        &mut self,
        provider: ProviderId,
        group: &DirectoryGroup,
    ) -> Result<bool, StoreError> {
        if !self.put_group(group.id, &group.name, group.created)? {
            return Ok(false);
        }
        let sql = "INSERT INTO directory_groups (id, provider, external, version, changed) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET external = excluded.external, version = excluded.version, changed = excluded.changed";
        self.link.execute(
            sql,
            &[
                group.id.uuid().into(),
                provider.uuid().into(),
                group.external.clone().into(),
                group.version.into(),
                millis(group.changed),
            ],
        )?;
        Ok(true)
    }

    /// Puts people into a group of a directory; each with whether they may come in.
    pub fn add_directory_members(
        &mut self,
        id: GroupId,
        accounts: &[(AccountId, bool)],
    ) -> Result<(), StoreError> {
        for (account, active) in accounts {
            let tables: &[&str] =
                if *active { &["directory_members", "group_members"] } else { &["directory_members"] };
            for table in tables {
                let sql = format!(
                    "INSERT INTO {table} (group_id, account) VALUES ($1, $2) ON CONFLICT (group_id, account) DO NOTHING"
                );
                self.link.execute(&sql, &[id.uuid().into(), account.uuid().into()])?;
            }
        }
        Ok(())
    }

    /// Takes people out of a group of a directory.
    pub fn remove_directory_members(
        &mut self,
        id: GroupId,
        accounts: &[AccountId],
    ) -> Result<(), StoreError> {
        for account in accounts {
            for table in ["directory_members", "group_members"] {
                let sql = format!("DELETE FROM {table} WHERE group_id = $1 AND account = $2");
                self.link.execute(&sql, &[id.uuid().into(), account.uuid().into()])?;
            }
        }
        Ok(())
    }

    /// Puts somebody into the groups a directory says they are in, now that they may come in.
    pub fn activate_directory_member(&mut self, account: AccountId) -> Result<(), StoreError> {
        let sql = "INSERT INTO group_members (group_id, account)
            SELECT m.group_id, m.account FROM directory_members m WHERE m.account = $1
            ON CONFLICT (group_id, account) DO NOTHING";
        self.link.execute(sql, &[account.uuid().into()]).map(drop)
    }

    /// Forgets that a directory knew somebody.
    pub fn forget_directory_member(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.link
            .execute("DELETE FROM directory_members WHERE account = $1", &[account.uuid().into()])
            .map(drop)
    }

    /// Leaves the groups of a provider's directory to the tenant's administrators: it says nothing of them any more.
    pub fn release_directory(&mut self, provider: ProviderId) -> Result<(), StoreError> {
        self.link
            .execute("DELETE FROM directory_groups WHERE provider = $1", &[provider.uuid().into()])
            .map(drop)
    }
}
