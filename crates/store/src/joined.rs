//! What whoever accepted an invitation is given in the tenant's database: being named by an app, groups.
//!
//! **Architecture Invariant:** giving it twice gives it once.

use gridkeep_model::{AccountId, AppId, GroupId, clock::Clock};

use crate::{StoreError, Work, app::normalise_email, dialect::millis};

impl Work<'_> {
    /// Names one more person in an app; `false` when it did already, or is not there.
    pub fn name_person(&mut self, app: AppId, email: &str, clock: &dyn Clock) -> Result<bool, StoreError> {
        let sql = "INSERT INTO app_people (app, email, added) SELECT a.id, $1, $2 FROM apps a WHERE a.id = $3
            ON CONFLICT DO NOTHING";
        let now = millis(clock.now());
        let named =
            self.link.execute(sql, &[normalise_email(email).into(), now.clone(), app.uuid().into()])?;
        if named > 0 {
            self.link.execute("UPDATE apps SET updated = $1 WHERE id = $2", &[now, app.uuid().into()])?;
        }
        Ok(named > 0)
    }

    /// Puts somebody into groups, beside those they are in; those that are not there are left out.
    pub fn add_groups_of(&mut self, account: AccountId, groups: &[GroupId]) -> Result<(), StoreError> {
        for group in groups {
            let sql = "INSERT INTO group_members (account, group_id)
                SELECT $1, g.id FROM people_groups g WHERE g.id = $2 ON CONFLICT DO NOTHING";
            self.link.execute(sql, &[account.uuid().into(), group.uuid().into()])?;
        }
        Ok(())
    }
}
