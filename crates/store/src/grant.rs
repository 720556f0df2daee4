//! Grants: what of an app is given to whom, beside the app and not in its versions.
//!
//! **Architecture Invariant:** a person has a grant of their own only where the app names them, and it goes with their name: to take
//! one away never leaves more than there was.

use std::collections::BTreeSet;

use gridkeep_model::{AccountId, AppId, GroupId, clock::Clock, rights::Grant};

use crate::{
    Reader, StoreError, Work,
    app::normalise_email,
    dialect::{Cells, millis},
};

/// To whom something is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Whoever has this address, whom the app names.
    Person(String),
    /// The members of a group of the tenant.
    Group(GroupId),
    /// All the app names who have no grant of their own.
    Members,
    /// Everybody else, in a public app.
    Guests,
}

impl Subject {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Group(_) => "group",
            Self::Members => "members",
            Self::Guests => "guests",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Person(email) => normalise_email(email),
            Self::Group(id) => id.to_string(),
            Self::Members | Self::Guests => String::new(),
        }
    }

    fn read(kind: &str, name: String) -> Result<Self, StoreError> {
        Ok(match kind {
            "person" => Self::Person(name),
            "group" => {
                Self::Group(name.parse().map_err(|_| StoreError::corrupt("subject of a grant", &name))?)
            }
            "members" => Self::Members,
            "guests" => Self::Guests,
            _ => return Err(StoreError::corrupt("subject of a grant", kind)),
        })
    }
}

fn read_grant(cells: &dyn Cells) -> Result<(Subject, Grant), StoreError> {
    let subject = Subject::read(&cells.get::<String>(0)?, cells.get(1)?)?;
    let grant = serde_json::from_str(&cells.get::<String>(2)?);
    Ok((subject, grant.map_err(|error| StoreError::corrupt("grant", error))?))
}

impl Reader<'_> {
    /// All grants of an app, in the order of their subjects.
    pub fn grants(&mut self, app: AppId) -> Result<Vec<(Subject, Grant)>, StoreError> {
        let sql = "SELECT kind, subject, content FROM app_grants WHERE app = $1 ORDER BY kind, subject";
        self.link.all(sql, &[app.uuid().into()], read_grant)
    }

    /// The grants of an app that may reach somebody with this address: their own, and those of no single person.
    pub fn grants_reaching(
        &mut self,
        app: AppId,
        email: Option<&str>,
    ) -> Result<Vec<(Subject, Grant)>, StoreError> {
        // Two looks along the key, whatever others have been given.
        let sql = "SELECT kind, subject, content FROM app_grants WHERE app = $1 AND kind = 'person' AND subject = $2
            UNION ALL SELECT kind, subject, content FROM app_grants
            WHERE app = $1 AND kind IN ('group', 'guests', 'members')";
        let email = email.map(normalise_email).unwrap_or_default();
        self.link.all(sql, &[app.uuid().into(), email.into()], read_grant)
    }

    /// The apps of which something is given to one of these groups.
    pub fn apps_of_groups(&mut self, groups: &[GroupId]) -> Result<BTreeSet<AppId>, StoreError> {
        let mut apps = BTreeSet::new();
        for group in groups {
            let sql = "SELECT app FROM app_grants WHERE kind = 'group' AND subject = $1";
            apps.extend(
                self.link
                    .all(sql, &[group.to_string().into()], |cells| Ok(AppId::from_uuid(cells.get(0)?)))?,
            );
        }
        Ok(apps)
    }
}

impl Work<'_> {
    /// Gives somebody this in an app, instead of what they had been given. A person is named thereby.
    pub fn put_grant(
        &mut self,
        app: AppId,
        subject: &Subject,
        grant: &Grant,
        by: AccountId,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let now = millis(clock.now());
        let touched = self
            .link
            .execute("UPDATE apps SET updated = $1 WHERE id = $2", &[now.clone(), app.uuid().into()])?;
        if touched == 0 {
            return Err(StoreError::UnknownApp(app));
        }
        if let Subject::Person(email) = subject {
            self.link.execute(
                "INSERT INTO app_people (app, email, added) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[app.uuid().into(), normalise_email(email).into(), now.clone()],
            )?;
        }
        let content = serde_json::to_string(grant).map_err(|error| StoreError::corrupt("grant", error))?;
        self.link.execute(
            "INSERT INTO app_grants (app, kind, subject, content, changed, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (app, kind, subject) DO UPDATE SET content = excluded.content, changed = excluded.changed,
                changed_by = excluded.changed_by",
            &[
                app.uuid().into(),
                subject.kind().into(),
                subject.name().into(),
                content.into(),
                now,
                by.uuid().into(),
            ],
        )?;
        Ok(())
    }

    /// Takes away what a subject was given: a person is no longer named, others have what they have without it. `false`
    /// when there was nothing.
    pub fn remove_grant(&mut self, app: AppId, subject: &Subject) -> Result<bool, StoreError> {
        let values = [app.uuid().into(), subject.kind().into(), subject.name().into()];
        let sql = "DELETE FROM app_grants WHERE app = $1 AND kind = $2 AND subject = $3";
        let mut gone = self.link.execute(sql, &values)?;
        if let Subject::Person(email) = subject {
            let sql = "DELETE FROM app_people WHERE app = $1 AND email = $2";
            gone += self.link.execute(sql, &[app.uuid().into(), normalise_email(email).into()])?;
        }
        Ok(gone > 0)
    }

    /// Leaves a person whom an app names with what everybody it names has.
    pub fn reset_grant(&mut self, app: AppId, email: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM app_grants WHERE app = $1 AND kind = 'person' AND subject = $2";
        Ok(self.link.execute(sql, &[app.uuid().into(), normalise_email(email).into()])? > 0)
    }

    /// Ends what was given to people an app no longer names.
    pub(crate) fn end_grants_of_others(&mut self, app: AppId) -> Result<(), StoreError> {
        let sql = "DELETE FROM app_grants WHERE app = $1 AND kind = 'person'
            AND subject NOT IN (SELECT email FROM app_people WHERE app = $1)";
        self.link.execute(sql, &[app.uuid().into()])?;
        Ok(())
    }
}
