//! Links that let people join: handed on as text or drawn as a QR code.
//!
//! **Architecture Invariant:** only a token's hash is stored. A link counts whoever joins by it in the commit that lets them in, and only
//! accounts that have proven their address; an account counts once.

use gridkeep_model::{AccountId, AppId, GroupId, InvitationId, JoinLinkId, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Control, StoreError, TenantRole,
    dialect::{Cells, Link, millis},
    invitation::{at_app, groups_text, read_groups},
    membership::{find_account_in, raise, read_role},
};

/// A link, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinLink {
    /// Its identity.
    pub id: JoinLinkId,
    /// The tenant it leads to.
    pub tenant: TenantId,
    /// The app it leads to; `None` for the tenant itself.
    pub app: Option<AppId>,
    /// What people become to the tenant.
    pub role: TenantRole,
    /// The groups they will be in.
    pub groups: Vec<GroupId>,
    /// What whoever made it calls it; may be empty.
    pub name: String,
    /// Domains of the addresses that may join; all when empty.
    pub domains: Vec<String>,
    /// How many may join.
    pub most: u32,
    /// How many have.
    pub used: u32,
    /// Who made it.
    pub sender: AccountId,
    /// When.
    pub created: Timestamp,
    /// From when on it lets nobody in.
    pub expires: Timestamp,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

impl JoinLink {
    /// Whether it lets somebody in.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires > now && self.used < self.most
    }
}

/// What became of somebody who came by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// They have joined.
    Done,
    /// They had, by this very link.
    Before,
    /// It lets nobody in, or no more.
    Over,
    /// Their address is not proven.
    Unproven,
}

const COLUMNS: &str =
    "id, tenant, app, role, belongs, name, domains, most, used, sender, created, expires, revoked";

fn read_link(cells: &dyn Cells) -> Result<JoinLink, StoreError> {
    let words: String = cells.get(6)?;
    Ok(JoinLink {
        id: JoinLinkId::from_uuid(cells.get(0)?),
        tenant: TenantId::from_uuid(cells.get(1)?),
        app: cells.maybe::<Uuid>(2)?.map(AppId::from_uuid),
        role: read_role(cells, 3)?.ok_or_else(|| StoreError::corrupt("role", "none"))?,
        groups: read_groups(&cells.get::<String>(4)?)?,
        name: cells.get(5)?,
        domains: words.split_whitespace().map(str::to_owned).collect(),
        most: cells.small(7)?,
        used: cells.small(8)?,
        sender: AccountId::from_uuid(cells.get(9)?),
        created: cells.moment(10)?,
        expires: cells.moment(11)?,
        revoked: cells.maybe::<i64>(12)?.map(|_| cells.moment(12)).transpose()?,
    })
}

/// Counts one more who joins by a link; `false` when it lets nobody in any more.
pub(crate) fn count(own: &mut dyn Link, id: JoinLinkId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE join_links SET used = used + 1
        WHERE id = $1 AND used < most AND revoked IS NULL AND expires > $2";
    Ok(own.execute(sql, &[id.uuid().into(), millis(now)])? > 0)
}

impl Control {
    /// Keeps a link.
    pub async fn create_join_link(&self, link: JoinLink, token: [u8; 32]) -> Result<(), StoreError> {
        let sql = "INSERT INTO join_links (id, token, tenant, app, role, belongs, name, domains, most, used, sender, created,
            expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)";
        let values = vec![
            link.id.uuid().into(),
            token.to_vec().into(),
            link.tenant.uuid().into(),
            link.app.map(AppId::uuid).into(),
            link.role.word().into(),
            groups_text(&link.groups).into(),
            link.name.into(),
            link.domains.join(" ").into(),
            i64::from(link.most).into(),
            link.sender.uuid().into(),
            millis(link.created),
            millis(link.expires),
        ];
        self.execute(sql, values).await.map(drop)
    }

    /// A link by its token, whether or not it still lets people in.
    pub async fn join_link(&self, token: [u8; 32]) -> Result<Option<JoinLink>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM join_links WHERE token = $1");
        self.database().read(move |own| own.first(&sql, &[token.to_vec().into()], read_link)).await
    }

    /// A link by its id.
    pub async fn join_link_by_id(&self, id: JoinLinkId) -> Result<Option<JoinLink>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM join_links WHERE id = $1");
        self.database().read(move |own| own.first(&sql, &[id.uuid().into()], read_link)).await
    }

    /// The links of a tenant, or of an app of it, the newest first, at most so many; those of all its apps too when no app is
    /// named.
    pub async fn join_links(
        &self,
        tenant: TenantId,
        app: Option<AppId>,
        most: u32,
    ) -> Result<Vec<JoinLink>, StoreError> {
        let mut values = vec![tenant.uuid().into()];
        let at = app.map(|app| at_app("app", Some(app), &mut values));
        let sql = format!(
            "SELECT {COLUMNS} FROM join_links WHERE tenant = $1 AND {} ORDER BY id DESC LIMIT {most}",
            at.as_deref().unwrap_or("1 = 1")
        );
        self.database().read(move |own| own.all(&sql, &values, read_link)).await
    }

    /// Lets nobody in by a link of a tenant any more, nor by the mails that were asked for with it; `false` when there is none.
    pub async fn revoke_join_link(
        &self,
        tenant: TenantId,
        id: JoinLinkId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE join_links SET revoked = $1 WHERE id = $2 AND tenant = $3 AND revoked IS NULL";
        Ok(self.execute(sql, vec![millis(now), id.uuid().into(), tenant.uuid().into()]).await? > 0)
    }

    /// Lets an account join by a link, and notes it as an invitation that is accepted, of this id. What the link is for, and which
    /// domains it lets in, is looked at before.
    pub async fn join(
        &self,
        link: JoinLinkId,
        account: AccountId,
        (id, now): (InvitationId, Timestamp),
        (sender_name, language): (String, String),
    ) -> Result<Joined, StoreError> {
        self.database()
            .write(move |own| {
                let counts = count(own, link, now)?;
                // The link's row is this commit's from here on: the same account cannot come twice at once.
                let sql = "SELECT 1 FROM invitations WHERE link = $1 AND account = $2 AND state = 'accepted'";
                let before = own.first(sql, &[link.uuid().into(), account.uuid().into()], |_| Ok(()))?;
                let take_back = "UPDATE join_links SET used = used - 1 WHERE id = $1";
                if before.is_some() {
                    if counts {
                        own.execute(take_back, &[link.uuid().into()])?;
                    }
                    return Ok(Joined::Before);
                }
                if !counts {
                    return Ok(Joined::Over);
                }
                let sql = format!("SELECT {COLUMNS} FROM join_links WHERE id = $1");
                let found = own.first(&sql, &[link.uuid().into()], read_link)?;
                let person = match &found {
                    Some(found) => find_account_in(own, found.tenant, account)?,
                    None => None,
                };
                let person = person.map(|(person, _)| person).filter(|person| person.confirmed.is_some());
                let (Some(found), Some(person)) = (found, person) else {
                    own.execute(take_back, &[link.uuid().into()])?;
                    return Ok(Joined::Unproven);
                };
                // What was mailed for the same is done with.
                let sql = "UPDATE invitations SET state = 'revoked', decided = $1 WHERE link = $2 AND address = $3 AND state = 'open'";
                own.execute(sql, &[millis(now), link.uuid().into(), person.email.as_str().into()])?;
                own.execute(
                    "INSERT INTO invitations (id, tenant, app, address, name, role, belongs, sender, sender_name, language, link,
                        state, mail, asked, due, created, decided, account)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'accepted', 'none', $12, $12, $12, $12, $13)",
                    &[
                        id.uuid().into(),
                        found.tenant.uuid().into(),
                        found.app.map(AppId::uuid).into(),
                        person.email.into(),
                        person.name.into(),
                        found.role.word().into(),
                        groups_text(&found.groups).into(),
                        found.sender.uuid().into(),
                        sender_name.into(),
                        language.into(),
                        link.uuid().into(),
                        millis(now),
                        account.uuid().into(),
                    ],
                )?;
                raise(own, found.tenant, account, found.role, now)?;
                Ok(Joined::Done)
            })
            .await
    }

    /// How many invitations that were asked for with a link are open, and their own links not over.
    pub async fn asked_by_link(&self, link: JoinLinkId, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM invitations WHERE link = $1 AND state = 'open'
            AND (expires IS NULL OR expires > $2)";
        let values = [link.uuid().into(), millis(now)];
        let found = self.database().read(move |own| own.first(sql, &values, |cells| cells.count(0))).await?;
        Ok(found.unwrap_or_default())
    }
}
