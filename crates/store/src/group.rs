//! Groups of a tenant's people, and what else is known of each of them: attributes such as `Region`, which grants ask for.
//!
//! **Architecture Invariant:** both are read in the transaction that decides by them, and changing them ends the tenant's mark:
//! nobody goes on with what somebody belonged to before.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{AccountId, GroupId};
use jiff::Timestamp;

use crate::{
    Reader, StoreError, Work,
    app::normalise_email,
    dialect::{Cells, millis},
};

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its identity.
    pub id: GroupId,
    /// What people call it; no two of a tenant alike, in whatever case.
    pub name: String,
    /// How many belong to it.
    pub members: u64,
    /// A company's directory says who does.
    pub directed: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// What somebody belongs to, and what is known of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belonging {
    /// Their groups, by name.
    pub groups: Vec<(GroupId, String)>,
    /// Their attributes.
    pub attributes: BTreeMap<String, String>,
}

fn read_group(cells: &dyn Cells) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId::from_uuid(cells.get(0)?),
        name: cells.get(1)?,
        created: cells.moment(2)?,
        members: cells.count(3)?,
        directed: cells.get(4)?,
    })
}

const GROUP: &str = "SELECT g.id, g.name, g.created,
    (SELECT count(*) FROM group_members m WHERE m.group_id = g.id),
    EXISTS (SELECT 1 FROM directory_groups d WHERE d.id = g.id) FROM people_groups g";

impl Reader<'_> {
    /// What somebody belongs to in this tenant.
    pub fn belonging(&mut self, account: AccountId) -> Result<Belonging, StoreError> {
        let sql = "SELECT g.id, g.name FROM group_members m JOIN people_groups g ON g.id = m.group_id
            WHERE m.account = $1 ORDER BY g.folded";
        let groups = self.link.all(sql, &[account.uuid().into()], |cells| {
            Ok((GroupId::from_uuid(cells.get(0)?), cells.get(1)?))
        })?;
        let sql = "SELECT name, value FROM person_attributes WHERE account = $1";
        let attributes =
            self.link.all(sql, &[account.uuid().into()], |cells| Ok((cells.get(0)?, cells.get(1)?)))?;
        Ok(Belonging { groups, attributes: attributes.into_iter().collect() })
    }

    /// All groups, by name.
    pub fn groups(&mut self) -> Result<Vec<Group>, StoreError> {
        self.link.all(&format!("{GROUP} ORDER BY g.folded"), &[], read_group)
    }

    /// A group.
    pub fn group(&mut self, id: GroupId) -> Result<Option<Group>, StoreError> {
        self.link.first(&format!("{GROUP} WHERE g.id = $1"), &[id.uuid().into()], read_group)
    }

    /// The accounts of a group.
    pub fn group_members(&mut self, id: GroupId) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT account FROM group_members WHERE group_id = $1 ORDER BY account";
        self.link.all(sql, &[id.uuid().into()], |cells| Ok(AccountId::from_uuid(cells.get(0)?)))
    }

    /// Names of attributes that anybody has.
    pub fn attribute_names(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT name FROM person_attributes ORDER BY name";
        self.link.all(sql, &[], |cells| cells.get(0))
    }
}

impl Work<'_> {
    /// Makes a group, or gives one another name; `false` when another has it.
    pub fn put_group(&mut self, id: GroupId, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let folded = name.to_lowercase();
        let sql = "SELECT 1 FROM people_groups WHERE folded = $1 AND id <> $2";
        let taken = self.link.first(sql, &[folded.as_str().into(), id.uuid().into()], |_| Ok(()))?;
        if taken.is_some() {
            return Ok(false);
        }
        let sql = "INSERT INTO people_groups (id, name, folded, created) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded";
        self.link.execute(sql, &[id.uuid().into(), name.into(), folded.into(), millis(now)])?;
        Ok(true)
    }

    /// Ends a group, and what was granted to it; `false` when there is none.
    pub fn delete_group(&mut self, id: GroupId) -> Result<bool, StoreError> {
        self.link.execute("DELETE FROM group_members WHERE group_id = $1", &[id.uuid().into()])?;
        let sql = "DELETE FROM app_grants WHERE kind = 'group' AND subject = $1";
        self.link.execute(sql, &[id.to_string().into()])?;
        Ok(self.link.execute("DELETE FROM people_groups WHERE id = $1", &[id.uuid().into()])? > 0)
    }

    /// Who belongs to a group from now on.
    pub fn set_group_members(
        &mut self,
        id: GroupId,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<(), StoreError> {
        self.link.execute("DELETE FROM group_members WHERE group_id = $1", &[id.uuid().into()])?;
        for account in accounts {
            let sql = "INSERT INTO group_members (group_id, account) VALUES ($1, $2)";
            self.link.execute(sql, &[id.uuid().into(), account.uuid().into()])?;
        }
        Ok(())
    }

    /// Lets somebody belong to a group, who may belong to it already.
    pub fn join_group(&mut self, id: GroupId, account: AccountId) -> Result<(), StoreError> {
        let sql = "INSERT INTO group_members (group_id, account) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.link.execute(sql, &[id.uuid().into(), account.uuid().into()]).map(drop)
    }

    /// Lets somebody belong to a group no longer, who may not belong to it.
    pub fn leave_group(&mut self, id: GroupId, account: AccountId) -> Result<(), StoreError> {
        let sql = "DELETE FROM group_members WHERE group_id = $1 AND account = $2";
        self.link.execute(sql, &[id.uuid().into(), account.uuid().into()]).map(drop)
    }

    /// What is known of somebody from now on.
    pub fn set_attributes(
        &mut self,
        account: AccountId,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        self.link.execute("DELETE FROM person_attributes WHERE account = $1", &[account.uuid().into()])?;
        for (name, value) in attributes {
            let sql = "INSERT INTO person_attributes (account, name, value) VALUES ($1, $2, $3)";
            self.link.execute(sql, &[account.uuid().into(), name.as_str().into(), value.as_str().into()])?;
        }
        Ok(())
    }

    /// Which groups somebody is in from now on; those that are not there are left out, and of those that a directory manages it
    /// alone says so.
    pub fn set_groups_of(
        &mut self,
        account: AccountId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM group_members WHERE account = $1 AND group_id NOT IN (SELECT d.id FROM directory_groups d)";
        self.link.execute(sql, &[account.uuid().into()])?;
        for group in groups {
            let sql = "INSERT INTO group_members (account, group_id) SELECT $1, g.id FROM people_groups g WHERE g.id = $2
                AND g.id NOT IN (SELECT d.id FROM directory_groups d)";
            self.link.execute(sql, &[account.uuid().into(), group.uuid().into()])?;
        }
        Ok(())
    }

    /// Takes from somebody all that was given to them: groups, attributes, API keys, and what was given to the address that
    /// is proven to be theirs: being named by apps, grants. What they began and nobody approved yet goes too.
    pub fn forget_person(&mut self, account: AccountId, proven: Option<&str>) -> Result<(), StoreError> {
        if let Some(email) = proven.map(normalise_email) {
            self.link.execute("DELETE FROM app_people WHERE email = $1", &[email.as_str().into()])?;
            let sql = "DELETE FROM app_grants WHERE kind = 'person' AND subject = $1";
            self.link.execute(sql, &[email.into()])?;
        }
        self.link.execute("DELETE FROM api_keys WHERE account = $1", &[account.uuid().into()])?;
        self.link.execute("DELETE FROM group_members WHERE account = $1", &[account.uuid().into()])?;
        self.link.execute("DELETE FROM person_attributes WHERE account = $1", &[account.uuid().into()])?;
        self.forget_pendings(account)?;
        Ok(())
    }
}
