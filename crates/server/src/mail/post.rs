//! Takes wishes for mails, writes them when their time has come, and has them carried away.

use std::{sync::Arc, time::Duration};

use gridkeep_identity::email::{Email, is_twin};
use gridkeep_model::{AccountId, AppId, MailId, TenantId};
use gridkeep_store::{
    Control, LinkPurpose, LoginFilter, LoginResult, Mail, MailPurpose, MailState, MailStatus, MailedLink,
};
use jiff::SignedDuration;
use tokio::sync::Notify;

use super::{
    Carrier,
    carrier::Carried,
    letter::Letter,
    security::Security,
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
};

/// How long links work: ASVS 5.0 section 6.4 wants them short.
const CONFIRM: SignedDuration = SignedDuration::from_hours(24);
const RESET: SignedDuration = SignedDuration::from_mins(30);
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What a mail waits between tries, in minutes; from then on it is given up.
const WAITS: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 720];
/// How long one try may take until somebody else may try.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// Mails of a purpose about one account or app that an address gets in an hour, however many ask, and of a purpose in all;
/// those beyond wait.
const AN_HOUR: (u64, u64) = (5, 20);
const CROWDED: SignedDuration = SignedDuration::from_mins(20);
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
    /// The app it is about.
    pub app: Option<(TenantId, AppId)>,
    /// Who sends it, by name, where somebody does.
    pub sender: Option<String>,
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
    wake: Notify,
}

impl Post {
    /// Sends by this carrier.
    pub fn new(
        control: Control,
        tenants: Tenants,
        site: Site,
        carrier: Carrier,
        time: Time,
        chance: Chance,
    ) -> Self {
        Self(Arc::new(Inner { control, tenants, site, carrier, time, chance, wake: Notify::new() }))
    }

    /// Notes mails to be sent; they survive whatever happens next.
    pub async fn ask(&self, wishes: Vec<Wish>) -> Result<(), ApiError> {
        let inner = &self.0;
        let mails = wishes.into_iter().map(|wish| Mail {
            id: inner.chance.with(|rng| MailId::new(inner.time.clock(), rng)),
            purpose: wish.purpose,
            address: wish.address.to_string(),
            account: wish.account,
            app: wish.app,
            sender: wish.sender,
            language: wish.language.tag().to_owned(),
            created: inner.time.now(),
        });
        inner.control.queue_mails(mails.collect()).await?;
        inner.wake.notify_one();
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

    async fn send(&self, mail: Mail, state: MailState) -> Result<(), ApiError> {
        let inner = &self.0;
        if state.tries > WAITS.len() as i64 + 1 {
            let failed = MailState { status: MailStatus::Failed, due: None, ..state };
            return Ok(inner.control.settle_mail(mail.id, failed).await?);
        }
        let hour =
            inner.time.now().saturating_sub(SignedDuration::from_hours(1)).map_err(ApiError::internal)?;
        if inner.control.is_crowded(&mail, hour, AN_HOUR).await? {
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
        let account = match mail.account {
            Some(id) => inner.control.account(id).await?,
            None => None,
        };
        let owner = account.as_ref().map(|account| account.name.clone());
        let security = inner.site.link("/account");
        let say_security =
            |change| say(&Matter::Security { change, name: owner.as_deref()?, link: &security });
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
                say(&Matter::Reset { name: &account.name, link: &link })
            }
            MailPurpose::PasswordChanged => {
                let Some(account) = account else { return Ok(None) };
                let forgot = inner.site.link("/forgot-password");
                say(&Matter::PasswordChanged { name: &account.name, forgot: &forgot })
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
                    name: &account.name,
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
            MailPurpose::Invitation => {
                let Some((tenant, id)) = mail.app else { return Ok(None) };
                let Some(tenancy) = inner.tenants.get(tenant).await? else { return Ok(None) };
                let address = mail.address.clone();
                let app = tenancy
                    .read(move |reader| {
                        let named = reader.is_named(id, &address)?;
                        Ok(reader.app(id)?.filter(|_| named))
                    })
                    .await?;
                // Taken back before it was sent.
                let Some(app) = app else { return Ok(None) };
                let link = self.link(mail, LinkPurpose::Invitation, None, INVITATION).await?;
                let link = inner.site.at(tenancy.place()).page(&link);
                let sender = mail.sender.as_deref().unwrap_or_default();
                say(&Matter::Invitation { sender, app: &app.current.name, link: &link })
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
            app: mail.app,
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
