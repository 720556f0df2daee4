//! Invitations: who was invited into what, and what became of it.
//!
//! **Architecture Invariant:** of an address and a place one invitation is open at most; making another one changes it. Whoever accepts
//! one has shown both its newest link and that the address is theirs, and joins in the commit that uses the link: of many who come at
//! once, one gets in. What belongs to it in the tenant's own database is given after that ([`Control::unsettled`]).

use gridkeep_model::{AccountId, AppId, GroupId, InvitationId, InvitationJobId, JoinLinkId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;
use uuid::Uuid;

use crate::{
    Control, StoreError, TenantRole,
    dialect::{Cells, Link, millis},
    join_link::count,
    mailed_link::{LinkPurpose, MailedLink, Proven, link_of, prove, take},
    membership::{raise, read_role, role_in},
};

/// What was decided about an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// Nothing yet.
    Open,
    /// Somebody joined by it.
    Accepted,
    /// Whoever held its link wanted nothing of it.
    Declined,
    /// It was taken back.
    Revoked,
}

/// What became of the newest mail of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationMail {
    /// There is none: somebody joined by a link.
    None,
    /// It is not written yet: so many go out at once.
    Waiting,
    /// Its list was stopped before it went out.
    Held,
    /// It waits for its first or next try.
    Queued,
    /// The server it was given to took it.
    Sent,
    /// The server it was given to refused it for good.
    Bounced,
    /// It was given up.
    Failed,
    /// No server was there to send it: it is read here.
    Kept,
}

impl InvitationState {
    const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Declined, Self::Revoked];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
}

impl InvitationMail {
    const ALL: [Self; 8] = [
        Self::None,
        Self::Waiting,
        Self::Held,
        Self::Queued,
        Self::Sent,
        Self::Bounced,
        Self::Failed,
        Self::Kept,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
            Self::Kept => "kept",
        }
    }
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its identity.
    pub id: InvitationId,
    /// The tenant it leads to.
    pub tenant: TenantId,
    /// The app it is to; `None` for the tenant itself.
    pub app: Option<AppId>,
    /// Whom it is for.
    pub address: String,
    /// What whoever invites calls them; may be empty.
    pub name: String,
    /// What they become to the tenant.
    pub role: TenantRole,
    /// The groups they will be in.
    pub groups: Vec<GroupId>,
    /// Who invites, while they have an account.
    pub sender: Option<AccountId>,
    /// What they were called then.
    pub sender_name: String,
    /// The language of its mail, as a BCP 47 tag.
    pub language: String,
    /// The link by which they asked for it themselves.
    pub link: Option<JoinLinkId>,
    /// The list it stands on.
    pub job: Option<InvitationJobId>,
    /// What was decided.
    pub state: InvitationState,
    /// What became of its newest mail.
    pub mail: InvitationMail,
    /// What the mail server said of it.
    pub answer: Option<String>,
    /// When its mail was last asked for.
    pub asked: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// From when on its link opens nothing; `None` while none was sent.
    pub expires: Option<Timestamp>,
    /// When it was decided.
    pub decided: Option<Timestamp>,
    /// Who accepted it.
    pub account: Option<AccountId>,
}

/// An invitation to be.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its identity, unless the address has an open one.
    pub id: InvitationId,
    /// The tenant it leads to.
    pub tenant: TenantId,
    /// The app it is to.
    pub app: Option<AppId>,
    /// Whom it is for, as [`crate::normalise_email`] has it.
    pub address: String,
    /// What whoever invites calls them; may be empty.
    pub name: String,
    /// What they become to the tenant.
    pub role: TenantRole,
    /// The groups they will be in.
    pub groups: Vec<GroupId>,
    /// Who invites.
    pub sender: AccountId,
    /// What they are called.
    pub sender_name: String,
    /// The language of its mail.
    pub language: String,
    /// The link by which they ask for it themselves.
    pub link: Option<JoinLinkId>,
    /// The list it stands on.
    pub job: Option<InvitationJobId>,
    /// Now.
    pub created: Timestamp,
}

/// What became of an invitation to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// It is a new one.
    New(InvitationId),
    /// The address had an open one, which is as wanted now and mailed again.
    Again(InvitationId),
    /// The address had an open one, which is mailed no second time for now.
    Open(InvitationId),
}

impl Invited {
    /// The invitation that is open now.
    pub const fn id(self) -> InvitationId {
        match self {
            Self::New(id) | Self::Again(id) | Self::Open(id) => id,
        }
    }
}

/// What became of an invitation that was to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The account has joined.
    Done(Box<Invitation>),
    /// Another account has the address, or one that nobody can tell from it.
    Taken,
    /// There is no such link, or no longer.
    NoLink,
}

/// What became of an invitation that was to be mailed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// It will be.
    Done,
    /// It was, just before: since when.
    JustNow(Timestamp),
    /// There is none that is open.
    Absent,
}

pub(crate) const COLUMNS: &str =
    "i.id, i.tenant, i.app, i.address, i.name, i.role, i.belongs, i.sender, i.sender_name, i.language, i.link,
    i.job, i.state, i.mail, i.answer, i.asked, i.created, i.expires, i.decided, i.account";

pub(crate) fn read_invitation(cells: &dyn Cells) -> Result<Invitation, StoreError> {
    let id = |index: usize| cells.maybe::<Uuid>(index);
    let moment = |index: usize| cells.maybe::<i64>(index)?.map(|_| cells.moment(index)).transpose();
    let (state, mail): (String, String) = (cells.get(12)?, cells.get(13)?);
    let known = InvitationState::ALL.into_iter().find(|own| own.word() == state);
    let state = known.ok_or_else(|| StoreError::corrupt("invitation", state))?;
    let known = InvitationMail::ALL.into_iter().find(|own| own.word() == mail);
    let mail = known.ok_or_else(|| StoreError::corrupt("invitation", mail))?;
    Ok(Invitation {
        id: InvitationId::from_uuid(cells.get(0)?),
        tenant: TenantId::from_uuid(cells.get(1)?),
        app: id(2)?.map(AppId::from_uuid),
        address: cells.get(3)?,
        name: cells.get(4)?,
        role: read_role(cells, 5)?.ok_or_else(|| StoreError::corrupt("role", "none"))?,
        groups: read_groups(&cells.get::<String>(6)?)?,
        sender: id(7)?.map(AccountId::from_uuid),
        sender_name: cells.get(8)?,
        language: cells.get(9)?,
        link: id(10)?.map(JoinLinkId::from_uuid),
        job: id(11)?.map(InvitationJobId::from_uuid),
        state,
        mail,
        answer: cells.maybe(14)?,
        asked: cells.moment(15)?,
        created: cells.moment(16)?,
        expires: moment(17)?,
        decided: moment(18)?,
        account: id(19)?.map(AccountId::from_uuid),
    })
}

pub(crate) fn read_groups(text: &str) -> Result<Vec<GroupId>, StoreError> {
    let ids = text.split_whitespace().map(str::parse::<GroupId>);
    ids.collect::<Result<_, _>>().map_err(|error| StoreError::corrupt("groups of an invitation", error))
}

pub(crate) fn groups_text(groups: &[GroupId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The condition that says which app, or that there is none, and what it is to be given.
pub(crate) fn at_app(column: &str, app: Option<AppId>, values: &mut Vec<Bound>) -> String {
    match app {
        Some(app) => {
            values.push(app.uuid().into());
            format!("{column} = ${}", values.len())
        }
        None => format!("{column} IS NULL"),
    }
}

/// The open invitation of an address into a place: there is one at most (`invitations_open`), by which it is found.
pub(crate) fn open_one(
    own: &mut dyn Link,
    tenant: TenantId,
    app: Option<AppId>,
    address: &str,
) -> Result<Option<Invitation>, StoreError> {
    let mut values = vec![tenant.uuid().into(), address.into()];
    let at = at_app("i.app", app, &mut values);
    let sql = format!(
        "SELECT {COLUMNS} FROM invitations i WHERE i.tenant = $1 AND i.address = $2 AND i.state = 'open' AND {at}"
    );
    own.first(&sql, &values, read_invitation)
}

fn invite_one(
    own: &mut dyn Link,
    new: &NewInvitation,
    again: Option<Timestamp>,
) -> Result<Invited, StoreError> {
    let inserted = own.execute(
        "INSERT INTO invitations (id, tenant, app, address, name, role, belongs, sender, sender_name, language, link, job,
            state, mail, asked, due, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', 'waiting', $13, $13, $13)
         ON CONFLICT DO NOTHING",
        &[
            new.id.uuid().into(),
            new.tenant.uuid().into(),
            new.app.map(AppId::uuid).into(),
            new.address.as_str().into(),
            new.name.as_str().into(),
            new.role.word().into(),
            groups_text(&new.groups).into(),
            new.sender.uuid().into(),
            new.sender_name.as_str().into(),
            new.language.as_str().into(),
            new.link.map(JoinLinkId::uuid).into(),
            new.job.map(InvitationJobId::uuid).into(),
            millis(new.created),
        ],
    )?;
    if inserted > 0 {
        return Ok(Invited::New(new.id));
    }
    let Some(open) = open_one(own, new.tenant, new.app, &new.address)? else {
        // Decided by somebody else in this moment.
        return Err(StoreError::Exists("an invitation".to_owned()));
    };
    let over = open.expires.is_some_and(|expires| expires <= new.created);
    if new.link.is_some() && open.link != new.link {
        // Whoever holds a link that is handed on renews nothing that somebody was named for by others.
        if !over {
            return Ok(Invited::Open(open.id));
        }
        decide(own, open.id, InvitationState::Revoked, new.created)?;
        return invite_one(own, new, None);
    }
    // What somebody else would be is not for whoever is less to change.
    let beyond = open.role > TenantRole::Guest && Some(open.role) > role_in(own, new.tenant, new.sender)?;
    if new.link.is_none() && beyond {
        return Ok(Invited::Open(open.id));
    }
    // What somebody asks for by a link takes nothing from what they were named.
    if new.link.is_none() && (again.is_some() || over) {
        own.execute(
            "UPDATE invitations SET role = $1, belongs = $2, sender = $3, sender_name = $4, language = $5, link = NULL,
                job = $6, name = CASE WHEN $7 = '' THEN name ELSE $7 END WHERE id = $8",
            &[
                new.role.word().into(),
                groups_text(&new.groups).into(),
                new.sender.uuid().into(),
                new.sender_name.as_str().into(),
                new.language.as_str().into(),
                new.job.map(InvitationJobId::uuid).into(),
                new.name.as_str().into(),
                open.id.uuid().into(),
            ],
        )?;
    }
    if over || again.is_some_and(|before| open.asked <= before) {
        ask_again(own, open.id, new.created)?;
        return Ok(Invited::Again(open.id));
    }
    Ok(Invited::Open(open.id))
}

/// Lets an open invitation be mailed once more. Its last link goes on until the new one is written.
pub(crate) fn ask_again(own: &mut dyn Link, id: InvitationId, now: Timestamp) -> Result<(), StoreError> {
    own.execute("DELETE FROM mails WHERE invitation = $1 AND due IS NOT NULL", &[id.uuid().into()])?;
    let sql = "UPDATE invitations SET mail = 'waiting', answer = NULL, asked = $1, due = $1, expires = NULL
        WHERE id = $2 AND state = 'open'";
    own.execute(sql, &[millis(now), id.uuid().into()])?;
    Ok(())
}

/// Ends the links of an invitation, and the mails that are still to come.
fn silence(own: &mut dyn Link, id: InvitationId) -> Result<(), StoreError> {
    own.execute("DELETE FROM mailed_links WHERE invitation = $1", &[id.uuid().into()])?;
    own.execute("DELETE FROM mails WHERE invitation = $1 AND due IS NOT NULL", &[id.uuid().into()])?;
    Ok(())
}

pub(crate) fn decide(
    own: &mut dyn Link,
    id: InvitationId,
    state: InvitationState,
    now: Timestamp,
) -> Result<(), StoreError> {
    silence(own, id)?;
    let sql = "UPDATE invitations SET state = $1, decided = $2, mail = CASE WHEN mail IN ('waiting', 'held', 'queued')
        THEN 'none' ELSE mail END WHERE id = $3";
    own.execute(sql, &[state.word().into(), millis(now), id.uuid().into()])?;
    Ok(())
}

/// The invitation that a link opens, while both hold.
pub(crate) fn opened(
    own: &mut dyn Link,
    token: [u8; 32],
    now: Timestamp,
) -> Result<Option<(MailedLink, Invitation)>, StoreError> {
    let Some(link) = link_of(own, LinkPurpose::Invitation, token, now)? else { return Ok(None) };
    let Some(id) = link.invitation else { return Ok(None) };
    let sql = format!(
        "SELECT {COLUMNS} FROM invitations i JOIN tenants t ON t.id = i.tenant
         WHERE i.id = $1 AND i.state = 'open' AND t.ending IS NULL"
    );
    let found = own.first(&sql, &[id.uuid().into()], read_invitation)?;
    Ok(found.map(|invitation| (link, invitation)))
}

/// Uses the link of an open invitation up. `false` when somebody else did, or when the link by which they asked for it is used
/// up, over or taken back.
pub(crate) fn use_up(
    own: &mut dyn Link,
    token: [u8; 32],
    invitation: &Invitation,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if take(own, LinkPurpose::Invitation, token, now)?.is_none() {
        return Ok(false);
    }
    match invitation.link {
        Some(link) => count(own, link, now),
        None => Ok(true),
    }
}

/// Lets an account join by an invitation whose link is used up.
pub(crate) fn admit(
    own: &mut dyn Link,
    invitation: &Invitation,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    decide(own, invitation.id, InvitationState::Accepted, now)?;
    // Who has joined by the link before is counted with that once.
    let sql = "UPDATE invitations SET account = $1, link = CASE WHEN EXISTS (SELECT 1 FROM invitations o
        WHERE o.link = invitations.link AND o.account = $1 AND o.state = 'accepted') THEN NULL ELSE link END WHERE id = $2";
    own.execute(sql, &[account.uuid().into(), invitation.id.uuid().into()])?;
    raise(own, invitation.tenant, account, invitation.role, now)
}

/// The invitation of an address that a link opens.
pub(crate) fn opened_by(
    own: &mut dyn Link,
    token: [u8; 32],
    email: &str,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    Ok(opened(own, token, now)?.map(|(_, invitation)| invitation).filter(|own| own.address == email))
}

impl Control {
    /// Keeps invitations, whose mails are sent when their turn comes. An address that has an open one to the same place: without
    /// `again` it stays as it is, unless it has expired; with it, it becomes as wanted, and is mailed once more when the last mail
    /// was asked for before that moment.
    pub async fn invite(
        &self,
        new: Vec<NewInvitation>,
        again: Option<Timestamp>,
    ) -> Result<Vec<Invited>, StoreError> {
        self.database().write(move |own| new.iter().map(|new| invite_one(own, new, again)).collect()).await
    }

    /// An invitation.
    pub async fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM invitations i WHERE i.id = $1");
        self.database().read(move |own| own.first(&sql, &[id.uuid().into()], read_invitation)).await
    }

    /// The invitation that a link opens, while both hold; they go on doing so.
    pub async fn invitation_of(
        &self,
        token: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let found = self.database().read(move |own| opened(own, token, now)).await?;
        Ok(found.map(|(_, invitation)| invitation))
    }

    /// Lets an account join by the invitation that went to its address, which it proves; `is_twin` as in
    /// [`Control::prove_address`].
    pub async fn accept_invitation(
        &self,
        token: [u8; 32],
        account: AccountId,
        now: Timestamp,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Acceptance, StoreError> {
        self.database()
            .write(move |own| {
                let Some((_, invitation)) = opened(own, token, now)? else { return Ok(Acceptance::NoLink) };
                match prove(own, account, &invitation.address, now, &is_twin)? {
                    Proven::Done(_) => {}
                    Proven::Taken => return Ok(Acceptance::Taken),
                    Proven::NoLink => return Ok(Acceptance::NoLink),
                }
                if !use_up(own, token, &invitation, now)? {
                    return Ok(Acceptance::NoLink);
                }
                admit(own, &invitation, account, now)?;
                Ok(Acceptance::Done(Box::new(invitation)))
            })
            .await
    }

    /// Lets an open invitation of a tenant be mailed once more, in somebody's name, unless it was asked for after that moment.
    pub async fn resend_invitation(
        &self,
        (tenant, id): (TenantId, InvitationId),
        (sender, name): (AccountId, String),
        (before, now): (Timestamp, Timestamp),
    ) -> Result<Resent, StoreError> {
        self.database()
            .write(move |own| {
                let sql = "SELECT asked FROM invitations WHERE id = $1 AND tenant = $2 AND state = 'open'";
                let asked =
                    own.first(sql, &[id.uuid().into(), tenant.uuid().into()], |cells| cells.moment(0))?;
                let Some(asked) = asked else { return Ok(Resent::Absent) };
                if asked > before {
                    return Ok(Resent::JustNow(asked));
                }
                let sql = "UPDATE invitations SET sender = $1, sender_name = $2 WHERE id = $3";
                own.execute(sql, &[sender.uuid().into(), name.into(), id.uuid().into()])?;
                ask_again(own, id, now)?;
                Ok(Resent::Done)
            })
            .await
    }
}
