//! What has been invited, for the rooms that invite and those that let in.
//!
//! **Architecture Invariant:** whoever invites is answered alike whether the address has an account or not: nothing here looks. An
//! invitation is worth what whoever made it may still give, and opens nothing at another tenant's place.

mod joining;

use gridkeep_model::{AccountId, AppId, GroupId, InvitationId, InvitationJobId};
use gridkeep_store::{
    Control, Invitation, InvitationFilter, InvitationJob, InvitationMail, Invited, NewInvitation, Resent,
    Standing, TenantRole,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    chance::{Chance, Time},
    error::ApiError,
    language::Language,
    mail::Post,
    session::{Email, Person},
    tenancy::Tenancy,
    tenant_name::called,
};

pub use joining::{NewJoinLink, Offer, fits};

/// How soon an address is mailed the same invitation again.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// How long it is known what became of an invitation.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Invitations noted in one commit.
const AT_ONCE: usize = 200;

/// The invitations of a tenant. Cheap to clone.
#[derive(Clone)]
pub struct Invitations {
    control: Control,
    tenancy: Tenancy,
    post: Post,
    time: Time,
    chance: Chance,
}

/// Somebody to be invited.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Their address.
    pub address: Email,
    /// What whoever invites calls them; may be empty.
    pub name: String,
    /// What they become.
    pub role: TenantRole,
    /// The groups they will be in.
    pub groups: Vec<GroupId>,
    /// What they are written to in; as whoever invites where nothing is said.
    pub language: Option<Language>,
}

impl Invitations {
    /// Of a tenant.
    pub fn new(control: Control, tenancy: Tenancy, post: Post, time: Time, chance: Chance) -> Self {
        Self { control, tenancy, post, time, chance }
    }

    /// Those of another tenant.
    #[must_use]
    pub fn at(&self, tenancy: Tenancy) -> Self {
        Self { tenancy, ..self.clone() }
    }

    fn before_again(&self) -> Result<Timestamp, ApiError> {
        self.time.now().saturating_sub(AGAIN).map_err(ApiError::internal)
    }

    fn new_one(
        &self,
        by: &Person,
        guest: Guest,
        app: Option<AppId>,
        job: Option<InvitationJobId>,
        language: Language,
    ) -> NewInvitation {
        NewInvitation {
            id: self.chance.with(|rng| InvitationId::new(self.time.clock(), rng)),
            tenant: self.tenancy.id(),
            app,
            address: guest.address.to_string(),
            name: guest.name,
            role: guest.role,
            groups: guest.groups,
            sender: by.id,
            sender_name: by.name.clone(),
            language: guest.language.unwrap_or(language).tag().to_owned(),
            link: None,
            job,
            created: self.time.now(),
        }
    }

    /// Invites somebody into the tenant, or changes what they were invited as; mails them unless that was just done.
    pub async fn invite(
        &self,
        by: &Person,
        guest: Guest,
        language: Language,
    ) -> Result<InvitationId, ApiError> {
        let new = self.new_one(by, guest, None, None, language);
        let invited = self.control.invite(vec![new], Some(self.before_again()?)).await?;
        self.post.wake();
        invited.first().map(|one| one.id()).ok_or(ApiError::NotFound)
    }

    /// Invites people into an app that names them.
    pub async fn invite_to_app(
        &self,
        by: &Person,
        app: AppId,
        addresses: Vec<Email>,
        language: Language,
    ) -> Result<Vec<InvitationId>, ApiError> {
        let guest = |address| Guest {
            address,
            name: String::new(),
            role: TenantRole::Guest,
            groups: Vec::new(),
            language: None,
        };
        let new =
            addresses.into_iter().map(|address| self.new_one(by, guest(address), Some(app), None, language));
        let invited = self.control.invite(new.collect(), Some(self.before_again()?)).await?;
        self.post.wake();
        Ok(invited.into_iter().map(Invited::id).collect())
    }

    /// Invites a list of people into the tenant, or into an app that names them: those who are not invited already. It goes on when
    /// whoever asked is gone.
    pub async fn invite_all(
        &self,
        by: &Person,
        app: Option<AppId>,
        guests: Vec<Guest>,
        language: Language,
    ) -> Result<InvitationJobId, ApiError> {
        let job = self.chance.with(|rng| InvitationJobId::new(self.time.clock(), rng));
        let new = guests.into_iter().map(|guest| self.new_one(by, guest, app, Some(job), language));
        let new: Vec<NewInvitation> = new.collect();
        let (own, sender, name) = (self.clone(), by.id, by.name.clone());
        let noted = tokio::spawn(async move {
            let (tenant, now) = (own.tenancy.id(), own.time.now());
            own.control.create_invitation_job(tenant, (job, app), (sender, name), now).await?;
            for some in new.chunks(AT_ONCE) {
                own.control.invite(some.to_vec(), None).await?;
            }
            own.post.wake();
            Ok::<_, ApiError>(())
        });
        noted.await.map_err(ApiError::internal)??;
        Ok(job)
    }

    /// An invitation of the tenant.
    pub async fn get(&self, id: InvitationId) -> Result<Option<Invitation>, ApiError> {
        let found = self.control.invitation(id).await?;
        Ok(found.filter(|invitation| invitation.tenant == self.tenancy.id()))
    }

    /// Some of the tenant's invitations, the newest first, and how many are sought in all.
    pub async fn list(
        &self,
        filter: InvitationFilter,
    ) -> Result<(Vec<(Invitation, Standing)>, u64), ApiError> {
        Ok(self.control.invitations(self.tenancy.id(), filter, self.time.now()).await?)
    }

    /// The one into the tenant that is open for an address.
    pub async fn open_for(&self, address: &Email) -> Result<Option<Invitation>, ApiError> {
        Ok(self.control.open_invitation(self.tenancy.id(), address.as_str(), self.time.now()).await?)
    }

    /// What an invitation stands at now.
    pub fn standing(&self, invitation: &Invitation) -> Standing {
        use gridkeep_store::InvitationState::{Accepted, Declined, Open, Revoked};
        let over = invitation.expires.is_some_and(|expires| expires <= self.time.now());
        match (invitation.state, invitation.mail) {
            (Accepted, _) => Standing::Accepted,
            (Declined, _) => Standing::Declined,
            (Revoked, _) => Standing::Revoked,
            (Open, _) if over => Standing::Expired,
            (Open, InvitationMail::None | InvitationMail::Waiting | InvitationMail::Queued) => {
                Standing::Queued
            }
            (Open, InvitationMail::Held) => Standing::Held,
            (Open, InvitationMail::Sent) => Standing::Sent,
            (Open, InvitationMail::Kept) => Standing::Kept,
            (Open, InvitationMail::Bounced) => Standing::Bounced,
            (Open, InvitationMail::Failed) => Standing::Failed,
        }
    }

    /// Mails an open invitation once more, which ends the links before; refused when it was just mailed.
    pub async fn resend(&self, id: InvitationId, by: &Person) -> Result<(), ApiError> {
        let (before, now) = (self.before_again()?, self.time.now());
        let sender = (by.id, by.name.clone());
        match self.control.resend_invitation((self.tenancy.id(), id), sender, (before, now)).await? {
            Resent::Done => {
                self.post.wake();
                Ok(())
            }
            Resent::JustNow(asked) => {
                let rest = AGAIN.as_secs() - now.duration_since(asked).as_secs();
                Err(ApiError::TooManyTries(rest.max(1).unsigned_abs()))
            }
            Resent::Absent => Err(ApiError::NotFound),
        }
    }

    /// Takes an invitation back. Whom an app names for it is named no longer.
    pub async fn revoke(&self, invitation: &Invitation) -> Result<(), ApiError> {
        let (id, now) = (invitation.id, self.time.now());
        if !self.control.revoke_invitation(self.tenancy.id(), id, now).await? {
            return Err(ApiError::NotFound);
        }
        if let (Some(app), None) = (invitation.app, invitation.link) {
            let person = gridkeep_store::Subject::Person(invitation.address.clone());
            self.tenancy.write(move |work| Ok(work.remove_grant(app, &person)?)).await?;
        }
        Ok(())
    }

    /// Takes back what is open of people whom an app names no longer.
    pub async fn forget_in_app(&self, app: AppId, addresses: Vec<String>) -> Result<(), ApiError> {
        if addresses.is_empty() {
            return Ok(());
        }
        let (tenant, now) = (self.tenancy.id(), self.time.now());
        Ok(self.control.revoke_invitations_of(tenant, Some(app), addresses, now).await?)
    }

    /// Takes back all that is open of somebody who was removed from the tenant.
    pub async fn forget_person(&self, address: String) -> Result<(), ApiError> {
        let (tenant, now) = (self.tenancy.id(), self.time.now());
        Ok(self.control.revoke_invitations_of(tenant, None, vec![address], now).await?)
    }

    /// The lists into the tenant itself, or into an app of it, the newest first.
    pub async fn jobs(&self, app: Option<AppId>, most: u32) -> Result<Vec<InvitationJob>, ApiError> {
        Ok(self.control.invitation_jobs(self.tenancy.id(), app, (most, self.time.now())).await?)
    }

    /// A list of the tenant.
    pub async fn job(&self, id: InvitationJobId) -> Result<InvitationJob, ApiError> {
        let found = self.control.invitation_job(self.tenancy.id(), id, self.time.now()).await?;
        found.ok_or(ApiError::NotFound)
    }

    /// Mails nobody more of a list.
    pub async fn stop(&self, id: InvitationJobId) -> Result<(), ApiError> {
        let stopped = self.control.stop_invitation_job(self.tenancy.id(), id, self.time.now()).await?;
        if stopped { Ok(()) } else { Err(ApiError::NotFound) }
    }

    /// Goes on with a list, and tries again what was given up.
    pub async fn resume(&self, id: InvitationJobId) -> Result<(), ApiError> {
        let resumed = self.control.resume_invitation_job(self.tenancy.id(), id, self.time.now()).await?;
        self.post.wake();
        if resumed { Ok(()) } else { Err(ApiError::NotFound) }
    }

    /// The addresses that belong to the tenant, proven, and those that are invited into it.
    pub async fn known(&self) -> Result<(Vec<String>, Vec<String>), ApiError> {
        let tenant = self.tenancy.id();
        let members = self.control.member_addresses(tenant).await?;
        Ok((members, self.control.invited_addresses(tenant, self.time.now()).await?))
    }

    /// What people call the tenant, if anybody has named it.
    pub async fn title(&self) -> Result<Option<String>, ApiError> {
        let found = self.control.tenant(self.tenancy.id()).await?;
        Ok(found.and_then(called))
    }

    /// Gives whoever accepted an invitation what belongs to it in the tenant's database.
    pub async fn settle(&self, invitation: &Invitation, account: AccountId) -> Result<(), ApiError> {
        // Removed in the meantime: nothing is theirs any more.
        let belongs = self.control.role_of(self.tenancy.id(), account).await?.is_some();
        let app = invitation.app.filter(|_| invitation.link.is_some());
        if belongs && (app.is_some() || !invitation.groups.is_empty()) {
            let (address, groups, time) =
                (invitation.address.clone(), invitation.groups.clone(), self.time.clone());
            self.tenancy
                .write(move |work| {
                    if let Some(app) = app {
                        work.name_person(app, &address, time.clock())?;
                    }
                    Ok(work.add_groups_of(account, &groups)?)
                })
                .await?;
        }
        Ok(self.control.settle_invitation(invitation.id, self.time.now()).await?)
    }

    /// Forgets what became of invitations long ago; answers how many.
    pub async fn sweep(&self) -> Result<u64, ApiError> {
        let before = self.time.now().saturating_sub(KEPT).map_err(ApiError::internal)?;
        Ok(self.control.forget_invitations(before).await?)
    }

    /// Gives what a crash kept from being given; of all tenants.
    pub async fn settle_all(&self, tenants: &crate::tenancy::Tenants) -> Result<(), ApiError> {
        for invitation in self.control.unsettled(100).await? {
            let Some(account) = invitation.account else {
                self.control.settle_invitation(invitation.id, self.time.now()).await?;
                continue;
            };
            if let Some(tenancy) = tenants.get(invitation.tenant).await? {
                self.at(tenancy).settle(&invitation, account).await?;
            }
        }
        Ok(())
    }
}
