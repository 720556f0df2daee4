//! Takes wishes for mails, writes them when their time has come, and has them carried away.

use std::{sync::Arc, time::Duration};

use gridkeep_identity::email::{Email, is_twin};
use gridkeep_model::{AccountId, MailId};
use gridkeep_store::{
    Control, InvitationState, LinkPurpose, LoginFilter, LoginResult, Mail, MailBounds, MailPurpose,
    MailState, MailStatus, MailedLink,
};
use jiff::SignedDuration;
use tokio::sync::Notify;

use super::{
    Carrier,
    carrier::Carried,
    letter::Letter,
    security::Security,
    unmeetable,
    written::{Matter, write},
};
use crate::{
    agent::Device,
    chance::{Chance, Time},
    error::ApiError,
    language::Language,
    secret::Token,
    site::Site,
    tenancy::Tenants,
    tenant_name::called,
};

/// How long links work: ASVS 5.0 section 6.4 wants them short.
const CONFIRM: SignedDuration = SignedDuration::from_hours(24);
const RESET: SignedDuration = SignedDuration::from_mins(30);
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What a mail waits between tries, in minutes; from then on it is given up.
const WAITS: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 720];
/// How long one try may take until somebody else may try.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// Mails of a purpose about one account that an address gets in an hour, however many ask, and of a purpose in all; those beyond
/// wait.
const AN_HOUR: (u64, u64) = (5, 20);
const CROWDED: SignedDuration = SignedDuration::from_mins(20);
/// Invitations that an address gets in a day, into one tenant and in all; those beyond wait, and are looked at again then.
const INVITED_A_DAY: (u64, u64) = (5, 20);
const INVITED_LATER: SignedDuration = SignedDuration::from_hours(1);
/// Invitations that are written before whoever else waits is looked at.
const FED: usize = 64;
/// How long mails that are done are listed.
const LISTED: SignedDuration = SignedDuration::from_hours(5 * 24);
/// One: a try may take as long as it is held.
const AT_ONCE: u32 = 1;
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A mail that somebody wants to be sent.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it is about.
    pub purpose: MailPurpose,
    /// Whom it goes to.
    pub address: Email,
    /// Whose account it is about.
    pub account: Option<AccountId>,
    /// Its language.
    pub language: Language,
}

/// The post office. Cheap to clone.
#[derive(Clone)]
pub struct Post(Arc<Inner>);

struct Inner {
    control: Control,
    tenants: Tenants,
    site: Site,
    carrier: Carrier,
    time: Time,
    chance: Chance,
    /// Invitations that a tenant sends in an hour.
    invited_an_hour: u64,
    wake: Notify,
}

impl Post {
    /// Sends by this carrier, and so many invitations of a tenant in an hour.
    pub fn new(
        control: Control,
        tenants: Tenants,
        site: Site,
        (carrier, invited_an_hour): (Carrier, u64),
        time: Time,
        chance: Chance,
    ) -> Self {
        let wake = Notify::new();
        Self(Arc::new(Inner { control, tenants, site, carrier, time, chance, invited_an_hour, wake }))
    }

    pub(super) fn carrier(&self) -> &Carrier {
        &self.0.carrier
    }

    /// Says that there is something to send: invitations are noted elsewhere.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Notes mails to be sent; they survive whatever happens next.
    pub async fn ask(&self, wishes: Vec<Wish>) -> Result<(), ApiError> {
        let inner = &self.0;
        let mails = wishes.into_iter().map(|wish| Mail {
            id: inner.chance.with(|rng| MailId::new(inner.time.clock(), rng)),
            purpose: wish.purpose,
            address: wish.address.to_string(),
            account: wish.account,
            invitation: None,
            language: wish.language.tag().to_owned(),
            created: inner.time.now(),
        });
        inner.control.queue_mails(mails.collect()).await?;
        self.wake();
        Ok(())
    }

    /// The newest mails and what became of them.
    pub async fn list(&self, most: u32) -> Result<Vec<(Mail, MailState)>, ApiError> {
        Ok(self.0.control.mails(most).await?)
    }

    /// Sends as long as the server runs.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.work_off().await {
                tracing::warn!(error.code = error.code(), "mails could not be sent");
            }
            // Waking early or late changes nothing: what is due is decided by the clock that was injected.
            let _ = tokio::time::timeout(LOOK_EVERY, self.0.wake.notified()).await;
        }
    }

    /// Tries all mails that are due, and forgets those that are long done; answers how many were tried.
    pub async fn work_off(&self) -> Result<usize, ApiError> {
        let inner = &self.0;
        let mut tried = 0;
        loop {
            let taken = inner.control.take_mails(AT_ONCE, inner.time.now(), inner.time.after(HELD)).await?;
            if taken.is_empty() {
                // Last, so that a long list keeps nobody's new password waiting.
                if self.feed().await? > 0 {
                    continue;
                }
                let before = inner.time.now().saturating_sub(LISTED).map_err(ApiError::internal)?;
                for id in inner.control.forget_mails(before).await? {
                    inner.carrier.forget(id).await;
                }
                return Ok(tried);
            }
            for (mail, state) in taken {
                tried += 1;
                let id = mail.id;
                // One that cannot be written keeps no other one waiting; it is tried again when its time comes.
                if let Err(error) = self.send(mail, state).await {
                    tracing::warn!(mail.id = %id, error.code = error.code(), "mail could not be written");
                }
            }
        }
    }

    /// Notes the mails of invitations whose turn it is.
    async fn feed(&self) -> Result<usize, ApiError> {
        let (inner, now) = (&self.0, self.0.time.now());
        let ids = (0..FED).map(|_| inner.chance.with(|rng| MailId::new(inner.time.clock(), rng))).collect();
        let ago = |hours| now.saturating_sub(SignedDuration::from_hours(hours)).map_err(ApiError::internal);
        let bounds = MailBounds {
            of_tenant: inner.invited_an_hour,
            to_address: INVITED_A_DAY,
            hour: ago(1)?,
            day: ago(24)?,
            later: inner.time.after(INVITED_LATER),
        };
        Ok(inner.control.feed_invitations(ids, now, bounds).await?)
    }

    async fn send(&self, mail: Mail, state: MailState) -> Result<(), ApiError> {
        let inner = &self.0;
        if state.tries > WAITS.len() as i64 + 1 {
            let failed = MailState { status: MailStatus::Failed, due: None, ..state };
            return Ok(inner.control.settle_mail(mail.id, failed).await?);
        }
        let hour =
            inner.time.now().saturating_sub(SignedDuration::from_hours(1)).map_err(ApiError::internal)?;
        // Invitations were counted when they were noted.
        let counted = mail.purpose == MailPurpose::Invitation;
        if !counted && inner.control.is_crowded(&mail, hour, AN_HOUR).await? {
            let later = MailState { tries: state.tries - 1, due: Some(inner.time.after(CROWDED)), ..state };
            return Ok(inner.control.settle_mail(mail.id, later).await?);
        }
        let Some(letter) = self.write(&mail).await? else {
            return Ok(inner.control.drop_mail(mail.id).await?);
        };
        let carried = inner.carrier.carry(mail.id, &mail.address, &letter, &mail.language).await;
        let done = |status| MailState { status, due: None, answer: None, text: None, ..state.clone() };
        let settled = match carried {
            Carried::Sent => done(MailStatus::Sent),
            Carried::Kept => {
                MailState { text: Some((letter.subject.clone(), letter.text())), ..done(MailStatus::Kept) }
            }
            Carried::Refused(answer) => MailState { answer: Some(answer), ..done(MailStatus::Bounced) },
            Carried::Later(answer) => {
                let wait = WAITS.get((state.tries - 1).max(0) as usize);
                let due = wait.map(|minutes| inner.time.after(SignedDuration::from_mins(*minutes)));
                let status = if due.is_some() { MailStatus::Queued } else { MailStatus::Failed };
                MailState { due, answer: Some(answer), ..done(status) }
            }
        };
        tracing::info!(
            mail.id = %mail.id,
            mail.purpose = mail.purpose.word(),
            mail.status = settled.status.word(),
            mail.tries = settled.tries,
            "mail tried"
        );
        Ok(inner.control.settle_mail(mail.id, settled).await?)
    }

    /// What a mail says; `None` when there is nobody to say it to, or enough was said.
    async fn write(&self, mail: &Mail) -> Result<Option<Letter>, ApiError> {
        let inner = &self.0;
        let language = Language::of_definition(&mail.language);
        let place = inner.site.link("");
        let say = |matter: &Matter<'_>| Some(write(matter, &place, language));
        // A server's first workspace has no name: it is called as people type the server's address.
        let unnamed = || place.split_once("://").map_or(&*place, |(_, host)| host).to_owned();
        let account = match mail.account {
            Some(id) => inner.control.account(id).await?,
            None => None,
        };
        // Whoever claims an address names the account too.
        let owner = account.as_ref().map(|account| unlinked(&account.name));
        let security = inner.site.link("/account/security");
        let say_security =
            |change| say(&Matter::Security { change, name: owner.as_deref()?, link: &security });
        let waiting = inner.site.link("/waiting");
        let say_waiting = |change| say(&Matter::Security { change, name: owner.as_deref()?, link: &waiting });
        Ok(match mail.purpose {
            MailPurpose::Confirm => {
                let Some(account) = account.filter(|own| own.confirmed.is_none()) else { return Ok(None) };
                let email = Email::kept(account.email.clone());
                if inner.control.account_by_email(&account.email).await?.is_some() {
                    say(&Matter::Taken { sign_in: &inner.site.link("/sign-in") })
                } else if inner.control.is_taken(&account.email, email.skeleton(), is_twin).await? {
                    say(&Matter::Twin)
                } else {
                    let link = self.link(mail, LinkPurpose::Confirm, Some(account.id), CONFIRM).await?;
                    let link = inner.site.link(&link);
                    say(&Matter::Confirm { link: &link })
                }
            }
            MailPurpose::Reset => {
                let proven = inner.control.account_by_email(&mail.address).await?.map(|(account, _)| account);
                // Whoever has not proven an address yet, and has no session any more, has no other way back.
                let found = match proven {
                    Some(account) => Some(account),
                    None => inner.control.claim(&mail.address).await?,
                };
                let Some(account) = found else { return Ok(None) };
                let link = self.link(mail, LinkPurpose::Reset, Some(account.id), RESET).await?;
                let link = inner.site.link(&link);
                say(&Matter::Reset { name: &unlinked(&account.name), link: &link })
            }
            MailPurpose::PasswordChanged => {
                let Some(account) = account else { return Ok(None) };
                let forgot = inner.site.link("/forgot-password");
                say(&Matter::PasswordChanged { name: &unlinked(&account.name), forgot: &forgot })
            }
            MailPurpose::NewBrowser => {
                let Some(account) = account else { return Ok(None) };
                // Noted just before the mail was asked for.
                let filter = LoginFilter {
                    account: Some(account.id),
                    result: Some(LoginResult::NewBrowser),
                    until: mail.created.checked_add(SignedDuration::from_millis(1)).ok(),
                    ..LoginFilter::default()
                };
                let Some(event) = inner.control.logins(filter, 1).await?.into_iter().next() else {
                    return Ok(None);
                };
                say(&Matter::NewBrowser {
                    name: &unlinked(&account.name),
                    when: &event.at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
                    browser: &Device::of(event.agent.as_deref()).told().unwrap_or_else(|| "?".to_owned()),
                    network: event.network.as_deref().unwrap_or("-"),
                    account: &inner.site.link("/account"),
                })
            }
            MailPurpose::FactorAdded => say_security(Security::Added),
            MailPurpose::FactorRemoved => say_security(Security::Removed),
            MailPurpose::RecoveryCodesMade => say_security(Security::CodesMade),
            MailPurpose::RecoveryCodeUsed => say_security(Security::CodeUsed),
            MailPurpose::FactorsReset => say_security(Security::Reset),
            MailPurpose::CompanyLinked => say_security(Security::Linked),
            MailPurpose::PinSet => say_security(Security::PinSet),
            MailPurpose::PinRemoved => say_security(Security::PinRemoved),
            MailPurpose::PinDisabled => say_security(Security::PinDisabled),
            MailPurpose::ApprovalWaits => say_waiting(Security::ApprovalWaits),
            MailPurpose::ApprovalAnswered => say_waiting(Security::ApprovalAnswered),
            MailPurpose::GatesUnmeetable => {
                let Some(account) = account else { return Ok(None) };
                unmeetable::write((&inner.control, &inner.tenants, &inner.site), &account, unlinked).await?
            }
            MailPurpose::InvitationDeclined => {
                let Some(account) = account else { return Ok(None) };
                // Noted just before the mail was asked for.
                let found = inner.control.last_declined(account.id, mail.created).await?;
                let Some(invitation) = found else { return Ok(None) };
                // Whoever belongs to the tenant no longer hears nothing of it.
                if inner.control.role_of(invitation.tenant, account.id).await?.is_none() {
                    return Ok(None);
                }
                let Some(tenancy) = inner.tenants.get(invitation.tenant).await? else { return Ok(None) };
                let (name, page) = if let Some(id) = invitation.app {
                    let Some(app) = tenancy.read(move |reader| Ok(reader.app(id)?)).await? else {
                        return Ok(None);
                    };
                    (Some(app.current.name), format!("/apps/{id}/invitations"))
                } else {
                    let info = inner.control.tenant(invitation.tenant).await?;
                    (info.and_then(called), "/invitations".to_owned())
                };
                let to = name.map_or_else(unnamed, |name| unlinked(&name));
                let link = inner.site.at(tenancy.place()).page(&page);
                say(&Matter::Declined {
                    name: &unlinked(&account.name),
                    guest: &invitation.address,
                    to: &to,
                    link: &link,
                })
            }
            MailPurpose::Invitation => {
                let Some(id) = mail.invitation else { return Ok(None) };
                let found = inner.control.invitation(id).await?;
                // Decided before it was sent.
                let Some(invitation) = found.filter(|own| own.state == InvitationState::Open) else {
                    return Ok(None);
                };
                let Some(tenancy) = inner.tenants.get(invitation.tenant).await? else { return Ok(None) };
                let asked = invitation.link.is_some();
                let name = if let Some(id) = invitation.app {
                    let address = mail.address.clone();
                    let app = tenancy
                        .read(move |reader| {
                            let named = asked || reader.is_named(id, &address)?;
                            Ok(reader.app(id)?.filter(|_| named))
                        })
                        .await?;
                    // Taken back before it was sent.
                    let Some(app) = app else { return Ok(None) };
                    Some(app.current.name)
                } else {
                    let info = inner.control.tenant(invitation.tenant).await?;
                    info.and_then(called)
                };
                let link = self.link(mail, LinkPurpose::Invitation, None, INVITATION).await?;
                let link = inner.site.at(tenancy.place()).page(&link);
                let to = name.map_or_else(unnamed, |name| unlinked(&name));
                if asked {
                    say(&Matter::Joining { to: &to, link: &link })
                } else {
                    let sender = unlinked(&invitation.sender_name);
                    say(&Matter::Invitation { sender: &sender, to: &to, link: &link })
                }
            }
        })
    }

    /// The path of a new link, which ends those of the same kind before it. The token stands behind the `#`: browsers send it to nobody
    /// when they open a page.
    async fn link(
        &self,
        mail: &Mail,
        purpose: LinkPurpose,
        account: Option<AccountId>,
        lifetime: SignedDuration,
    ) -> Result<String, ApiError> {
        let inner = &self.0;
        let token = Token::new(&inner.chance);
        let link = MailedLink {
            token: token.hash().0,
            purpose,
            account,
            address: mail.address.clone(),
            invitation: mail.invitation,
            created: inner.time.now(),
            expires: inner.time.after(lifetime),
        };
        inner.control.create_link(link).await?;
        let page = match purpose {
            LinkPurpose::Confirm => "confirm",
            LinkPurpose::Reset => "new-password",
            LinkPurpose::Invitation => "invitation",
        };
        Ok(format!("/{page}#{}", token.expose()))
    }
}

/// A name without what mail programs make a link of: a sender chooses it, and the mail comes from this server.
fn unlinked(name: &str) -> String {
    let word = |word: &str| {
        let mut parts = word.split(['.', '/', ':']).filter(|part| !part.is_empty());
        let is_address = parts.next().is_some() && parts.any(|part| part.chars().count() > 1);
        if is_address { word.replace(['.', '/', ':'], " ") } else { word.to_owned() }
    };
    name.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::unlinked;

    #[test]
    fn names_become_no_links() {
        let check = |name: &str, expect: &str| assert_eq!(unlinked(name), expect, "{name}");
        check("Dr. Ada Lovelace", "Dr. Ada Lovelace");
        check("J.R. Smith", "J.R. Smith");
        check("Claim at evil.example", "Claim at evil example");
        check("https://evil.example/x", "https   evil example x");
        check("Stock: north", "Stock: north");
    }
}
