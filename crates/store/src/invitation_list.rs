//! Invitations as lists: what each stands at, lists of people who were invited at once, and what is to be mailed next.
//!
//! **Architecture Invariant:** an invitation's mail is noted in the commit that says so: however often somebody goes on where others
//! stopped, none is mailed twice. Each tenant sends so many in an hour, and an address gets so many in a day; the rest wait.

use std::collections::BTreeMap;

use gridkeep_model::{AccountId, AppId, InvitationId, InvitationJobId, MailId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;
use uuid::Uuid;

use crate::{
    Control, Invitation, StoreError,
    dialect::{Link, millis},
    invitation::{COLUMNS, at_app, open_one, read_invitation},
    membership::holds_words,
};

/// What an invitation stands at, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its mail is on its way.
    Queued,
    /// Its mail was sent.
    Sent,
    /// Nobody sends mails: it is read here.
    Kept,
    /// Its list was stopped before it was mailed.
    Held,
    /// The mail server refused its mail for good.
    Bounced,
    /// Its mail was given up.
    Failed,
    /// Somebody joined.
    Accepted,
    /// Whoever held the link wanted nothing of it.
    Declined,
    /// Its link has ended.
    Expired,
    /// It was taken back.
    Revoked,
}

impl Standing {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Sent,
        Self::Kept,
        Self::Held,
        Self::Bounced,
        Self::Failed,
        Self::Accepted,
        Self::Declined,
        Self::Expired,
        Self::Revoked,
    ];

    /// As it is shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Kept => "kept",
            Self::Held => "held",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The standing of the row `i` at the moment `$1`.
const STANDING: &str = "CASE WHEN i.state <> 'open' THEN i.state WHEN i.expires <= $1 THEN 'expired'
    WHEN i.mail IN ('waiting', 'queued', 'none') THEN 'queued' ELSE i.mail END";

/// Which invitations are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvitationFilter {
    /// Only those to this app.
    pub app: Option<AppId>,
    /// Part of an address or a name, in any case; all when empty.
    pub words: String,
    /// Only those that stand at this.
    pub standing: Option<Standing>,
    /// Only those of this list.
    pub job: Option<InvitationJobId>,
    /// Only those behind this one.
    pub after: Option<InvitationId>,
    /// How many at most.
    pub most: u32,
}

/// A list of people who were invited at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationJob {
    /// Its identity.
    pub id: InvitationJobId,
    /// The app they are invited into; `None` for the tenant itself.
    pub app: Option<AppId>,
    /// Who invited, by name.
    pub sender_name: String,
    /// When.
    pub created: Timestamp,
    /// Since when it sends nothing.
    pub stopped: Option<Timestamp>,
    /// How many of it stand at what.
    pub standings: BTreeMap<Standing, u64>,
}

/// Which lists are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    One(InvitationJobId),
    /// The newest of an app, or of the tenant itself.
    Of(Option<AppId>),
}

/// How many mails of invitations go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailBounds {
    /// Of a tenant in an hour.
    pub of_tenant: u64,
    /// To an address in a day, of one tenant and of all.
    pub to_address: (u64, u64),
    /// From when on an hour, a day, and when one that is too many is looked at again.
    pub hour: Timestamp,
    /// See above.
    pub day: Timestamp,
    /// See above.
    pub later: Timestamp,
}

fn read_standing(word: &str) -> Result<Standing, StoreError> {
    let known = Standing::ALL.into_iter().find(|own| own.word() == word);
    known.ok_or_else(|| StoreError::corrupt("invitation", word))
}

fn jobs(
    own: &mut dyn Link,
    tenant: TenantId,
    lists: Lists,
    (most, now): (u32, Timestamp),
) -> Result<Vec<InvitationJob>, StoreError> {
    let mut values = vec![tenant.uuid().into()];
    let which = match lists {
        Lists::One(id) => {
            values.push(id.uuid().into());
            "id = $2".to_owned()
        }
        Lists::Of(app) => at_app("app", app, &mut values),
    };
    let sql = format!(
        "SELECT id, sender_name, created, stopped, app FROM invitation_jobs WHERE tenant = $1 AND {which}
         ORDER BY id DESC LIMIT {most}"
    );
    let mut all = own.all(&sql, &values, |cells| {
        Ok(InvitationJob {
            id: InvitationJobId::from_uuid(cells.get(0)?),
            sender_name: cells.get(1)?,
            created: cells.moment(2)?,
            stopped: cells.maybe::<i64>(3)?.map(|_| cells.moment(3)).transpose()?,
            app: cells.maybe(4)?.map(AppId::from_uuid),
            standings: BTreeMap::new(),
        })
    })?;
    for job in &mut all {
        let sql = format!("SELECT {STANDING}, count(*) FROM invitations i WHERE i.job = $2 GROUP BY 1");
        let counts = own.all(&sql, &[millis(now), job.id.uuid().into()], |cells| {
            Ok((read_standing(&cells.get::<String>(0)?)?, cells.count(1)?))
        })?;
        job.standings = counts.into_iter().collect();
    }
    Ok(all)
}

impl Control {
    /// The invitation into a tenant itself that is open for an address, as addresses are kept; none that has ended.
    pub async fn open_invitation(
        &self,
        tenant: TenantId,
        address: &str,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let address = address.to_owned();
        let found = self.database().read(move |own| open_one(own, tenant, None, &address));
        Ok(found.await?.filter(|invitation| invitation.expires.is_none_or(|expires| expires > now)))
    }

    /// Invitations of a tenant with what each stands at, the newest first, and how many there are in all that are sought.
    pub async fn invitations(
        &self,
        tenant: TenantId,
        filter: InvitationFilter,
        now: Timestamp,
    ) -> Result<(Vec<(Invitation, Standing)>, u64), StoreError> {
        self.database()
            .read(move |own| {
                let mut values = vec![millis(now), tenant.uuid().into()];
                let mut which = String::new();
                if let Some(app) = filter.app {
                    which = format!(" AND {}", at_app("i.app", Some(app), &mut values));
                }
                if let Some(job) = filter.job {
                    values.push(job.uuid().into());
                    which = format!("{which} AND i.job = ${}", values.len());
                }
                if !filter.words.trim().is_empty() {
                    let found = holds_words(own, &filter.words, ["i.address", "i.name"], &mut values);
                    which = format!("{which} AND {found}");
                }
                if let Some(standing) = filter.standing {
                    values.push(standing.word().into());
                    which = format!("{which} AND {STANDING} = ${}", values.len());
                }
                let from = format!("FROM invitations i WHERE i.created <= $1 AND i.tenant = $2{which}");
                let count = own.first(&format!("SELECT count(*) {from}"), &values, |cells| cells.count(0))?;
                let mut behind = String::new();
                if let Some(after) = filter.after {
                    values.push(after.uuid().into());
                    behind = format!(" AND i.id < ${}", values.len());
                }
                let sql = format!(
                    "SELECT {COLUMNS}, {STANDING} {from}{behind} ORDER BY i.id DESC LIMIT {}",
                    filter.most
                );
                let found = own.all(&sql, &values, |cells| {
                    Ok((read_invitation(cells)?, read_standing(&cells.get::<String>(20)?)?))
                })?;
                Ok((found, count.unwrap_or_default()))
            })
            .await
    }

    /// The addresses that are invited into a tenant and whose links have not ended.
    pub async fn invited_addresses(
        &self,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT address FROM invitations WHERE tenant = $1 AND app IS NULL AND state = 'open'
            AND (expires IS NULL OR expires > $2)";
        let values = [tenant.uuid().into(), millis(now)];
        self.database().read(move |own| own.all(sql, &values, |cells| cells.get(0))).await
    }

    /// What an address is invited to, wherever, and whose links have not ended; the newest first, at most so many.
    pub async fn invitations_to(
        &self,
        address: &str,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations i JOIN tenants t ON t.id = i.tenant
             WHERE i.address = $1 AND i.state = 'open' AND i.expires > $2 AND t.ending IS NULL
             ORDER BY i.id DESC LIMIT {most}"
        );
        let values = [address.into(), millis(now)];
        self.database().read(move |own| own.all(&sql, &values, read_invitation)).await
    }

    /// The addresses that the members of a tenant have proven, or that its company vouches for.
    pub async fn member_addresses(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT a.email FROM memberships m JOIN accounts a ON a.id = m.account
            WHERE m.tenant = $1 AND COALESCE(a.confirmed, m.vouched) IS NOT NULL";
        self.database().read(move |own| own.all(sql, &[tenant.uuid().into()], |cells| cells.get(0))).await
    }

    /// Begins a list of people who are invited at once.
    pub async fn create_invitation_job(
        &self,
        tenant: TenantId,
        (id, app): (InvitationJobId, Option<AppId>),
        (sender, name): (AccountId, String),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO invitation_jobs (id, tenant, sender, sender_name, created, app)
            VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            id.uuid().into(),
            tenant.uuid().into(),
            sender.uuid().into(),
            name.into(),
            millis(now),
            Bound::Uuid(app.map(AppId::uuid)),
        ];
        self.execute(sql, values).await.map(drop)
    }

    /// The lists into an app, or into the tenant itself, the newest first, at most so many.
    pub async fn invitation_jobs(
        &self,
        tenant: TenantId,
        app: Option<AppId>,
        (most, now): (u32, Timestamp),
    ) -> Result<Vec<InvitationJob>, StoreError> {
        self.database().read(move |own| jobs(own, tenant, Lists::Of(app), (most, now))).await
    }

    /// A list of a tenant.
    pub async fn invitation_job(
        &self,
        tenant: TenantId,
        id: InvitationJobId,
        now: Timestamp,
    ) -> Result<Option<InvitationJob>, StoreError> {
        Ok(self.database().read(move |own| jobs(own, tenant, Lists::One(id), (1, now))).await?.pop())
    }

    /// Mails nobody more of a list; a mail that is being sent in this moment is. `false` when there is none.
    pub async fn stop_invitation_job(
        &self,
        tenant: TenantId,
        id: InvitationJobId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |own| {
                let sql = "UPDATE invitation_jobs SET stopped = $1 WHERE id = $2 AND tenant = $3";
                if own.execute(sql, &[millis(now), id.uuid().into(), tenant.uuid().into()])? == 0 {
                    return Ok(false);
                }
                let sql = "DELETE FROM mails WHERE status = 'queued' AND tries = 0
                    AND invitation IN (SELECT i.id FROM invitations i WHERE i.job = $1)";
                own.execute(sql, &[id.uuid().into()])?;
                let sql = "UPDATE invitations SET mail = 'held' WHERE job = $1 AND state = 'open' AND (mail = 'waiting'
                    OR (mail = 'queued' AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.invitation = invitations.id AND m.due IS NOT NULL)))";
                own.execute(sql, &[id.uuid().into()])?;
                Ok(true)
            })
            .await
    }

    /// Goes on with a list that was stopped, and tries again what was given up; nobody who was mailed is mailed again. `false` when
    /// there is none.
    pub async fn resume_invitation_job(
        &self,
        tenant: TenantId,
        id: InvitationJobId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |own| {
                let sql = "UPDATE invitation_jobs SET stopped = NULL WHERE id = $1 AND tenant = $2";
                if own.execute(sql, &[id.uuid().into(), tenant.uuid().into()])? == 0 {
                    return Ok(false);
                }
                let sql = "UPDATE invitations SET mail = 'waiting', answer = NULL, asked = $1, due = $1, expires = NULL
                    WHERE job = $2 AND state = 'open' AND mail IN ('held', 'failed')";
                own.execute(sql, &[millis(now), id.uuid().into()])?;
                Ok(true)
            })
            .await
    }

    /// Notes the mails of the invitations whose turn it is, at most as many as there are ids, each tenant its share; answers how
    /// many.
    pub async fn feed_invitations(
        &self,
        ids: Vec<MailId>,
        now: Timestamp,
        bounds: MailBounds,
    ) -> Result<usize, StoreError> {
        self.database()
            .write(move |own| {
                let sql = "SELECT tenant FROM invitations WHERE mail = 'waiting' AND due <= $1 GROUP BY tenant
                    ORDER BY min(due), tenant";
                let tenants = own.all(sql, &[millis(now)], |cells| cells.get::<Uuid>(0))?;
                let share = (ids.len() / tenants.len().max(1)).max(1);
                let mut ids = ids.into_iter();
                let mut fed = 0;
                for tenant in tenants {
                    let sql = "SELECT count(*) FROM mails WHERE purpose = 'invitation' AND tenant = $1 AND created > $2";
                    let values = [tenant.into(), millis(bounds.hour)];
                    let sent = own.first(sql, &values, |cells| cells.count(0))?.unwrap_or_default();
                    let room = bounds.of_tenant.saturating_sub(sent).min(share as u64);
                    let sql = format!(
                        "SELECT {COLUMNS} FROM invitations i WHERE i.tenant = $1 AND i.mail = 'waiting' AND i.due <= $2
                         ORDER BY i.due, i.id LIMIT {room}"
                    );
                    for invitation in own.all(&sql, &[tenant.into(), millis(now)], read_invitation)? {
                        let of_invitation = invitation.id.uuid();
                        if is_crowded(own, &invitation, bounds)? {
                            let sql = "UPDATE invitations SET due = $1 WHERE id = $2";
                            own.execute(sql, &[millis(bounds.later), of_invitation.into()])?;
                            continue;
                        }
                        let Some(id) = ids.next() else { return Ok(fed) };
                        own.execute(
                            "INSERT INTO mails (id, purpose, address, tenant, app, sender, language, status, tries, due, created,
                                invitation) VALUES ($1, 'invitation', $2, $3, $4, $5, $6, 'queued', 0, $7, $7, $8)",
                            &[
                                id.uuid().into(),
                                invitation.address.into(),
                                tenant.into(),
                                invitation.app.map(AppId::uuid).into(),
                                invitation.sender_name.into(),
                                invitation.language.into(),
                                millis(now),
                                of_invitation.into(),
                            ],
                        )?;
                        own.execute("UPDATE invitations SET mail = 'queued' WHERE id = $1", &[of_invitation.into()])?;
                        fed += 1;
                    }
                }
                Ok(fed)
            })
            .await
    }
}

/// Whether an address got as many invitations lately as it is to get.
fn is_crowded(own: &mut dyn Link, invitation: &Invitation, bounds: MailBounds) -> Result<bool, StoreError> {
    let sql = "SELECT tenant FROM mails WHERE address = $1 AND purpose = 'invitation' AND created > $2";
    let values = [invitation.address.as_str().into(), millis(bounds.day)];
    let tenants = own.all(sql, &values, |cells| cells.maybe::<Uuid>(0))?;
    let same = tenants.iter().filter(|tenant| **tenant == Some(invitation.tenant.uuid())).count() as u64;
    Ok(same >= bounds.to_address.0 || tenants.len() as u64 >= bounds.to_address.1)
}
