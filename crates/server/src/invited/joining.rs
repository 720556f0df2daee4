//! Letting people in: by the invitation that went to their address, or by a link that was handed on.
//!
//! **Architecture Invariant:** a link alone lets nobody in. By an invitation's joins whose address it went to, signed in to the account
//! that has the address; by a link that was handed on, whose address is proven.

use gridkeep_identity::email::is_twin;
use gridkeep_model::{AccountId, AppId, GroupId, InvitationId, JoinLinkId, domain};
use gridkeep_store::{
    Acceptance, App, Audience, Invitation, JoinLink, Joined, MailPurpose, NewInvitation, TenantRole,
};
use jiff::Timestamp;

use super::Invitations;
use crate::{
    error::ApiError,
    language::Language,
    mail::Wish,
    secret::Token,
    session::{Email, Person},
    site::Site,
    tenancy::Tenants,
};

/// Mails that were asked for with one link and that nobody has answered yet.
const MOST_ASKED: u64 = 500;
/// Invitations that somebody is shown.
const MOST_WAITING: u32 = 20;
/// Links of a tenant that are listed.
const MOST_LINKS: u32 = 200;

/// What an invitation or a link is to.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The app; `None` for the tenant itself.
    pub app: Option<App>,
    /// What people call it; nothing for a server's only tenant.
    pub name: Option<String>,
}

/// A link to be.
#[derive(Debug, Clone)]
pub struct NewJoinLink {
    /// The app it leads to.
    pub app: Option<AppId>,
    /// What people become.
    pub role: TenantRole,
    /// The groups they will be in.
    pub groups: Vec<GroupId>,
    /// What whoever makes it calls it.
    pub name: String,
    /// Domains of the addresses that may join.
    pub domains: Vec<String>,
    /// How many may join.
    pub most: u32,
    /// From when on it lets nobody in.
    pub expires: Timestamp,
}

impl Invitations {
    /// The invitation that a link opens at this place, and what it is to.
    pub async fn opened(&self, token: &Token) -> Result<(Invitation, Offer), ApiError> {
        let found = self.control.invitation_of(token.hash().0, self.time.now()).await?;
        let invitation = found.filter(|own| own.tenant == self.tenancy.id()).ok_or(ApiError::LinkOver)?;
        let asked = invitation.link.is_some();
        let named = (!asked).then(|| invitation.address.clone());
        let offer = self.offer(invitation.app, invitation.sender, invitation.role, named).await?;
        Ok((invitation, offer))
    }

    /// What is offered, if it still may be: an app by naming somebody or by its owner, the tenant by whoever rules over its people.
    async fn offer(
        &self,
        app: Option<AppId>,
        sender: Option<AccountId>,
        role: TenantRole,
        named: Option<String>,
    ) -> Result<Offer, ApiError> {
        let by = match sender {
            Some(sender) => self.control.role_of(self.tenancy.id(), sender).await?,
            None => None,
        };
        let rules = by >= Some(TenantRole::Administrator);
        let Some(id) = app else {
            if rules && by >= Some(role) {
                return Ok(Offer { app: None, name: self.title().await? });
            }
            return Err(ApiError::LinkOver);
        };
        let by_name = named.is_some();
        let app = self
            .tenancy
            .read(move |reader| {
                let is_named = match named {
                    Some(address) => reader.is_named(id, &address)?,
                    None => true,
                };
                Ok(reader.app(id)?.filter(|_| is_named))
            })
            .await?;
        let app = app.filter(|app| app.audience != Audience::Prototype || by_name);
        let app = app.filter(|app| by_name || rules || Some(app.owner) == sender);
        let app = app.ok_or(ApiError::LinkOver)?;
        Ok(Offer { name: Some(app.current.name.clone()), app: Some(app) })
    }

    /// What whoever has proven an address is invited to, wherever; with what it is to, and where an app is that names them.
    pub async fn waiting_for(
        &self,
        person: &Person,
        tenants: &Tenants,
        site: &Site,
    ) -> Result<Vec<(Invitation, Offer, Option<String>)>, ApiError> {
        // Proven everywhere: what a tenant's company vouches for says nothing elsewhere.
        let account = self.control.account(person.id).await?.filter(|account| account.confirmed.is_some());
        let Some(address) = account.map(|account| account.email) else { return Ok(Vec::new()) };
        let all = self.control.invitations_to(&address, MOST_WAITING, self.time.now()).await?;
        let mut found = Vec::new();
        for invitation in all {
            let Some(tenancy) = tenants.get(invitation.tenant).await? else { continue };
            let there = self.at(tenancy);
            let named = invitation.link.is_none().then(|| invitation.address.clone());
            let by_name = named.is_some();
            match there.offer(invitation.app, invitation.sender, invitation.role, named).await {
                Ok(offer) => {
                    // Being named is enough to open it; for all else there is the link in the mail.
                    let app = offer.app.as_ref().filter(|_| by_name);
                    let link =
                        app.map(|app| site.at(there.tenancy.place()).page(&format!("/app/{}", app.id)));
                    found.push((invitation, offer, link));
                }
                Err(ApiError::LinkOver) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Lets somebody who is signed in join by the invitation that went to their address, which proves it.
    pub async fn accept(&self, token: &Token, person: &Person) -> Result<Offer, ApiError> {
        let (invitation, offer) = self.opened(token).await?;
        if invitation.address != person.email.as_str() {
            return Err(ApiError::LinkOver);
        }
        let (now, hash) = (self.time.now(), token.hash().0);
        match self.control.accept_invitation(hash, person.id, now, is_twin).await? {
            Acceptance::Done(invitation) => {
                self.settle(&invitation, person.id).await?;
                Ok(offer)
            }
            Acceptance::Taken => Err(ApiError::EmailTaken),
            Acceptance::NoLink => Err(ApiError::LinkOver),
        }
    }

    /// Somebody has opened an app that names them: what they were invited by is accepted, whether they came by its link or not.
    pub async fn opened_by_name(&self, app: AppId, person: &Person) -> Result<(), ApiError> {
        let place = (self.tenancy.id(), app);
        match self.control.accept_opened(place, person.id, self.time.now()).await? {
            Some(invitation) => self.settle(&invitation, person.id).await,
            None => Ok(()),
        }
    }

    /// Notes that whoever holds an invitation's link wants nothing of it. What they have already stays theirs.
    pub async fn decline(&self, token: &Token) -> Result<(), ApiError> {
        // At another place it is not known.
        let (invitation, _) = self.opened(token).await?;
        if !self.control.decline_invitation(token.hash().0, self.time.now()).await? {
            return Err(ApiError::LinkOver);
        }
        // Whoever asked for it themselves, by a link that was handed on, was invited by nobody.
        let sender = match invitation.sender.filter(|_| invitation.link.is_none()) {
            Some(sender) => self.control.account(sender).await?,
            None => None,
        };
        if let Some(sender) = sender.filter(|sender| sender.confirmed.is_some()) {
            let language = Language::of_definition(&invitation.language);
            let (purpose, address) = (MailPurpose::InvitationDeclined, Email::kept(sender.email));
            self.post.ask(vec![Wish { purpose, address, account: Some(sender.id), language }]).await?;
        }
        Ok(())
    }

    /// Keeps a link; its token is whoever makes it alone's.
    pub async fn make_link(&self, by: &Person, new: NewJoinLink) -> Result<(JoinLink, Token), ApiError> {
        let token = Token::new(&self.chance);
        let NewJoinLink { app, role, groups, name, domains, most, expires } = new;
        let link = JoinLink {
            id: self.chance.with(|rng| JoinLinkId::new(self.time.clock(), rng)),
            tenant: self.tenancy.id(),
            app,
            role,
            groups,
            name,
            domains,
            most,
            used: 0,
            sender: by.id,
            created: self.time.now(),
            expires,
            revoked: None,
        };
        self.control.create_join_link(link.clone(), token.hash().0).await?;
        Ok((link, token))
    }

    /// The links of the tenant, or of one app of it, the newest first.
    pub async fn links(&self, app: Option<AppId>) -> Result<Vec<JoinLink>, ApiError> {
        Ok(self.control.join_links(self.tenancy.id(), app, MOST_LINKS).await?)
    }

    /// A link of the tenant.
    pub async fn link(&self, id: JoinLinkId) -> Result<Option<JoinLink>, ApiError> {
        let found = self.control.join_link_by_id(id).await?;
        Ok(found.filter(|link| link.tenant == self.tenancy.id()))
    }

    /// Lets nobody in by a link any more.
    pub async fn revoke_link(&self, id: JoinLinkId) -> Result<(), ApiError> {
        let gone = self.control.revoke_join_link(self.tenancy.id(), id, self.time.now()).await?;
        if gone { Ok(()) } else { Err(ApiError::NotFound) }
    }

    /// A link that was handed on, while it lets people in at this place, and what it is to.
    pub async fn handed_on(&self, token: &Token) -> Result<(JoinLink, Offer), ApiError> {
        let found = self.control.join_link(token.hash().0).await?;
        let here = found.filter(|link| link.tenant == self.tenancy.id() && link.holds(self.time.now()));
        let link = here.ok_or(ApiError::LinkOver)?;
        let offer = self.offer(link.app, Some(link.sender), link.role, None).await?;
        Ok((link, offer))
    }

    /// Lets somebody join by a link that was handed on, when their address is proven and may.
    pub async fn join(&self, token: &Token, person: &Person, language: Language) -> Result<Offer, ApiError> {
        let (link, offer) = self.handed_on(token).await?;
        if !person.confirmed {
            return Err(ApiError::ConfirmFirst);
        }
        if !fits(&link, &person.email) {
            return Err(ApiError::ForeignDomain);
        }
        let id = self.chance.with(|rng| InvitationId::new(self.time.clock(), rng));
        let sender = self.control.account(link.sender).await?.map(|account| account.name).unwrap_or_default();
        let words = (sender, language.tag().to_owned());
        match self.control.join(link.id, person.id, (id, self.time.now()), words).await? {
            Joined::Done => {
                if let Some(invitation) = self.control.invitation(id).await? {
                    self.settle(&invitation, person.id).await?;
                }
                Ok(offer)
            }
            Joined::Before => Ok(offer),
            Joined::Over => Err(ApiError::LinkOver),
            Joined::Unproven => Err(ApiError::ConfirmFirst),
        }
    }

    /// Mails an invitation to an address that somebody who holds a link says is theirs.
    pub async fn ask_by_link(
        &self,
        token: &Token,
        address: Email,
        language: Language,
    ) -> Result<(), ApiError> {
        let (link, _) = self.handed_on(token).await?;
        if !fits(&link, &address) {
            return Err(ApiError::ForeignDomain);
        }
        if self.control.asked_by_link(link.id, self.time.now()).await? >= MOST_ASKED {
            return Err(ApiError::TooManyTries(3_600));
        }
        let sender = self.control.account(link.sender).await?.ok_or(ApiError::LinkOver)?;
        let new = NewInvitation {
            id: self.chance.with(|rng| InvitationId::new(self.time.clock(), rng)),
            tenant: self.tenancy.id(),
            app: link.app,
            address: address.to_string(),
            name: String::new(),
            role: link.role,
            groups: link.groups,
            sender: sender.id,
            sender_name: sender.name,
            language: language.tag().to_owned(),
            link: Some(link.id),
            job: None,
            created: self.time.now(),
        };
        self.control.invite(vec![new], Some(self.before_again()?)).await?;
        self.post.wake();
        Ok(())
    }
}

/// Whether a link is for addresses of this domain.
pub fn fits(link: &JoinLink, address: &Email) -> bool {
    let own = address.domain();
    // Those of older links are as they were typed.
    let fits = |allowed: &String| domain::ascii(allowed).is_some_and(|allowed| allowed == own);
    link.domains.is_empty() || link.domains.iter().any(fits)
}
