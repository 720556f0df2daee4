//! Apps of a tenant: who owns one, who may use it, and its versions.
//!
//! **Architecture Invariant:** a version never changes once it is written; a rollback only points at another one.

use gridkeep_model::{AccountId, AppDefinition, AppId, clock::Clock};
use jiff::Timestamp;

use crate::{
    Reader, StoreError, Work,
    dialect::{Cells, millis},
};

/// Who may open an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Only its maker.
    Prototype,
    /// The people named.
    Private,
    /// Anybody with the link.
    Public,
}

/// An app and its current version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its identity, which is also its link.
    pub id: AppId,
    /// Who made it.
    pub owner: AccountId,
    /// Who may open it.
    pub audience: Audience,
    /// How many versions there are.
    pub versions: u32,
    /// When it was first published.
    pub created: Timestamp,
    /// When a version, its audience or its people last changed.
    pub updated: Timestamp,
    /// What people get.
    pub current: AppVersion,
}

/// A version of an app, without its definition, which may be long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppVersion {
    /// Counts from 1.
    pub version: u32,
    /// [`AppDefinition::name`]
    pub name: String,
    /// [`AppDefinition::description`]
    pub description: String,
    /// [`AppDefinition::icon`]
    pub icon: String,
    /// [`AppDefinition::accent`]
    pub accent: String,
    /// Id of the workbook in the object store.
    pub workbook: String,
    /// The workbook's file name.
    pub file_name: String,
    /// Who published it.
    pub created_by: AccountId,
    /// When.
    pub created: Timestamp,
}

/// An app to be.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Its identity.
    pub id: AppId,
    /// Who makes it.
    pub owner: AccountId,
    /// Who may open it.
    pub audience: Audience,
}

/// A version to be published.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// The app.
    pub app: AppId,
    /// What it looks like.
    pub definition: &'a AppDefinition,
    /// Id of the workbook in the object store.
    pub workbook: &'a str,
    /// The workbook's file name.
    pub file_name: &'a str,
    /// Who publishes it.
    pub created_by: AccountId,
}

impl Audience {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prototype => "prototype",
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    fn read(text: &str) -> Result<Self, StoreError> {
        [Self::Prototype, Self::Private, Self::Public]
            .into_iter()
            .find(|audience| audience.word() == text)
            .ok_or_else(|| StoreError::corrupt("audience", text))
    }
}

/// The columns of [`read_version`], from `v`.
const VERSION: &str =
    "v.version, v.name, v.description, v.icon, v.accent, v.workbook, v.file_name, v.created_by, v.created";

fn read_version(cells: &dyn Cells, at: usize) -> Result<AppVersion, StoreError> {
    Ok(AppVersion {
        version: cells.small(at)?,
        name: cells.get(at + 1)?,
        description: cells.get(at + 2)?,
        icon: cells.get(at + 3)?,
        accent: cells.get(at + 4)?,
        workbook: cells.get(at + 5)?,
        file_name: cells.get(at + 6)?,
        created_by: AccountId::from_uuid(cells.get(at + 7)?),
        created: cells.moment(at + 8)?,
    })
}

fn read_app(cells: &dyn Cells) -> Result<App, StoreError> {
    Ok(App {
        id: AppId::from_uuid(cells.get(0)?),
        owner: AccountId::from_uuid(cells.get(1)?),
        audience: Audience::read(&cells.get::<String>(2)?)?,
        versions: cells.small(3)?,
        created: cells.moment(4)?,
        updated: cells.moment(5)?,
        current: read_version(cells, 6)?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT a.id, a.owner, a.audience, (SELECT count(*) FROM app_versions n WHERE n.app = a.id), a.created, a.updated,
            {VERSION}
         FROM apps a JOIN app_versions v ON v.app = a.id AND v.version = a.version {condition}"
    )
}

impl Reader<'_> {
    /// The app with this id; one without a version is not there yet.
    pub fn app(&mut self, id: AppId) -> Result<Option<App>, StoreError> {
        self.link.first(&select("WHERE a.id = $1"), &[id.uuid().into()], read_app)
    }

    /// All apps, the last changed first.
    pub fn apps(&mut self) -> Result<Vec<App>, StoreError> {
        self.link.all(&select("ORDER BY a.updated DESC, a.id"), &[], read_app)
    }

    /// The apps somebody made or is named in, the last changed first. A prototype is its maker's alone.
    pub fn apps_of(&mut self, account: AccountId, email: &str) -> Result<Vec<App>, StoreError> {
        let condition = "WHERE a.owner = $1 OR (a.audience <> 'prototype'
            AND a.id IN (SELECT p.app FROM app_people p WHERE p.email = $2)) ORDER BY a.updated DESC, a.id";
        let email = normalise_email(email);
        self.link.all(&select(condition), &[account.uuid().into(), email.into()], read_app)
    }

    /// E-mail addresses of the people an app names, in order.
    pub fn people(&mut self, app: AppId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT email FROM app_people WHERE app = $1 ORDER BY email";
        self.link.all(sql, &[app.uuid().into()], |cells| cells.get(0))
    }

    /// Whether an app names this person.
    pub fn is_named(&mut self, app: AppId, email: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM app_people WHERE app = $1 AND email = $2";
        let values = [app.uuid().into(), normalise_email(email).into()];
        Ok(self.link.first(sql, &values, |_| Ok(()))?.is_some())
    }

    /// All versions of an app, the newest first.
    pub fn versions(&mut self, app: AppId) -> Result<Vec<AppVersion>, StoreError> {
        let sql = format!("SELECT {VERSION} FROM app_versions v WHERE v.app = $1 ORDER BY v.version DESC");
        self.link.all(&sql, &[app.uuid().into()], |cells| read_version(cells, 0))
    }

    /// One version of an app.
    pub fn version(&mut self, app: AppId, version: u32) -> Result<Option<AppVersion>, StoreError> {
        let sql = format!("SELECT {VERSION} FROM app_versions v WHERE v.app = $1 AND v.version = $2");
        let values = [app.uuid().into(), i64::from(version).into()];
        self.link.first(&sql, &values, |cells| read_version(cells, 0))
    }

    /// The definition of a version, as the JSON it was published with.
    pub fn definition(&mut self, app: AppId, version: u32) -> Result<Option<String>, StoreError> {
        let sql = "SELECT definition FROM app_versions WHERE app = $1 AND version = $2";
        self.link.first(sql, &[app.uuid().into(), i64::from(version).into()], |cells| cells.get(0))
    }
}

impl Work<'_> {
    /// Makes an app without a version; it can be read once [`Work::publish`] gave it one in the same work.
    pub fn create_app(&mut self, app: &NewApp, clock: &dyn Clock) -> Result<(), StoreError> {
        let now = millis(clock.now());
        let taken = self.link.execute(
            "INSERT INTO apps (id, owner, audience, version, created, updated) VALUES ($1, $2, $3, 0, $4, $5)
             ON CONFLICT DO NOTHING",
            &[app.id.uuid().into(), app.owner.uuid().into(), app.audience.word().into(), now.clone(), now],
        )? == 0;
        if taken {
            return Err(StoreError::Exists(format!("app {}", app.id)));
        }
        // The first epoch is the app's own id; restoring a backup begins another one.
        let sql = "INSERT INTO heads (app, epoch, sequence) VALUES ($1, $2, 0)";
        self.link.execute(sql, &[app.id.uuid().into(), app.id.uuid().into()])?;
        Ok(())
    }

    /// Adds a version and makes it the current one; answers its number. Tables are the caller's next step, in the same
    /// work: [`Work::put_table`].
    pub fn publish(&mut self, new: &NewVersion<'_>, clock: &dyn Clock) -> Result<u32, StoreError> {
        let sql = "SELECT coalesce(max(version), 0) FROM app_versions WHERE app = $1";
        let last = self.link.first(sql, &[new.app.uuid().into()], |cells| cells.small(0))?;
        let version = last.unwrap_or(0) + 1;
        let definition = serde_json::to_string(new.definition)
            .map_err(|error| StoreError::corrupt("definition", error))?;
        self.point_at(new.app, version, clock)?;
        self.link.execute(
            "INSERT INTO app_versions
                (app, version, name, description, icon, accent, workbook, file_name, created_by, created, definition)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                new.app.uuid().into(),
                i64::from(version).into(),
                new.definition.name.as_str().into(),
                new.definition.description.as_str().into(),
                new.definition.icon.as_str().into(),
                new.definition.accent.as_str().into(),
                new.workbook.into(),
                new.file_name.into(),
                new.created_by.uuid().into(),
                millis(clock.now()),
                definition.into(),
            ],
        )?;
        Ok(version)
    }

    /// Makes an older (or newer) version the current one; `false` when there is none with this number. Tables are the
    /// caller's next step, in the same work: [`Work::put_table`] with that version's schemas.
    pub fn roll_back(&mut self, app: AppId, version: u32, clock: &dyn Clock) -> Result<bool, StoreError> {
        if self.version(app, version)?.is_none() {
            return Ok(false);
        }
        self.point_at(app, version, clock)?;
        Ok(true)
    }

    fn point_at(&mut self, app: AppId, version: u32, clock: &dyn Clock) -> Result<(), StoreError> {
        let sql = "UPDATE apps SET version = $1, updated = $2 WHERE id = $3";
        let values = [i64::from(version).into(), millis(clock.now()), app.uuid().into()];
        if self.link.execute(sql, &values)? == 0 { Err(StoreError::UnknownApp(app)) } else { Ok(()) }
    }

    /// Says who may open an app.
    pub fn set_audience(
        &mut self,
        app: AppId,
        audience: Audience,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE apps SET audience = $1, updated = $2 WHERE id = $3";
        let values = [audience.word().into(), millis(clock.now()), app.uuid().into()];
        if self.link.execute(sql, &values)? == 0 { Err(StoreError::UnknownApp(app)) } else { Ok(()) }
    }

    /// Names the people of an app, instead of those named before.
    pub fn set_people(&mut self, app: AppId, emails: &[String], clock: &dyn Clock) -> Result<(), StoreError> {
        let now = millis(clock.now());
        let touched = self
            .link
            .execute("UPDATE apps SET updated = $1 WHERE id = $2", &[now.clone(), app.uuid().into()])?;
        if touched == 0 {
            return Err(StoreError::UnknownApp(app));
        }
        self.link.execute("DELETE FROM app_people WHERE app = $1", &[app.uuid().into()])?;
        for email in emails {
            self.link.execute(
                "INSERT INTO app_people (app, email, added) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[app.uuid().into(), normalise_email(email).into(), now.clone()],
            )?;
        }
        self.end_grants_of_others(app)
    }

    /// Ends an app with its versions, people, rows and log; `false` when there is none. The workbooks in the object store
    /// are the caller's to delete: ask [`Reader::versions`] first.
    pub fn delete_app(&mut self, app: AppId) -> Result<bool, StoreError> {
        self.drop_tables(app)?;
        Ok(self.link.execute("DELETE FROM apps WHERE id = $1", &[app.uuid().into()])? > 0)
    }
}

/// An e-mail address as it is stored and looked for: without surrounding blanks, in lower case.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}
