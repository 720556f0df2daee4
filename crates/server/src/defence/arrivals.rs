//! Who came in and who tried to, noted; and the browsers people come with, so that they are told of new ones.

use std::sync::Arc;

use axum::http::HeaderValue;
use gridkeep_identity::email::Email;
use gridkeep_model::{AccountId, ApiKeyId, LoginEventId};
use gridkeep_store::{Control, Fold, LoginEvent, LoginFilter, LoginMethod, LoginResult, MailPurpose};
use jiff::{SignedDuration, Timestamp};

use super::{
    Throttle, Visitor,
    refused::{Count, Line, Refused},
};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    http::{Cookie, Visit},
    language::Language,
    mail::{Post, Wish},
    secret::Token,
    site::Site,
};

/// How long a browser that nobody signs in with stays known: as long as browsers keep a cookie at most.
pub(super) const KNOWN: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Failed tries to be nobody in an hour by one method, of which each is told apart; as many networks are behind that.
const MOST_OF_NOBODY: u64 = 500;
/// In seconds.
const HOUR: i64 = 3_600;

/// The log of sign-ins. Cheap to clone.
#[derive(Clone)]
pub struct Arrivals {
    control: Control,
    throttle: Throttle,
    post: Post,
    time: Time,
    chance: Chance,
    kept: SignedDuration,
    refused: Arc<Refused>,
}

/// Somebody's signing in, or trying to.
#[derive(Debug, Clone)]
pub struct Login<'a> {
    /// Whose account, as far as there is one.
    pub account: Option<AccountId>,
    /// The address that was given.
    pub address: Option<&'a Email>,
    /// How.
    pub method: LoginMethod,
}

impl Arrivals {
    /// Kept so long.
    pub fn new(
        control: Control,
        throttle: Throttle,
        post: Post,
        time: Time,
        chance: Chance,
        kept: SignedDuration,
    ) -> Self {
        Self { control, throttle, post, time, chance, kept, refused: Arc::default() }
    }

    /// Notes what came of it.
    pub async fn note(
        &self,
        login: Login<'_>,
        result: LoginResult,
        visitor: &Visitor,
    ) -> Result<(), ApiError> {
        self.noted(login, None, result, visitor.visit.clone()).await
    }

    /// Notes that a program came in somebody's name, with a key of theirs or because they let it in.
    pub async fn note_program(
        &self,
        account: AccountId,
        address: &Email,
        key: Option<ApiKeyId>,
        visit: Visit,
    ) -> Result<(), ApiError> {
        let method = if key.is_some() { LoginMethod::ApiKey } else { LoginMethod::Program };
        let login = Login { account: Some(account), address: Some(address), method };
        self.noted(login, key, LoginResult::Done, visit).await
    }

    async fn noted(
        &self,
        login: Login<'_>,
        api_key: Option<ApiKeyId>,
        result: LoginResult,
        visit: Visit,
    ) -> Result<(), ApiError> {
        let at = self.time.now();
        let event = LoginEvent {
            id: self.new_id(),
            at,
            account: login.account,
            address: login.address.map(ToString::to_string),
            api_key,
            method: login.method,
            result,
            network: visit.address.map(|address| address.to_string()),
            agent: visit.agent,
            times: 1,
            last: at,
        };
        self.keep(event).await
    }

    fn new_id(&self) -> LoginEventId {
        self.chance.with(|rng| LoginEventId::new(self.time.clock(), rng))
    }

    /// Keeps an event; what failed alike within an hour is one.
    async fn keep(&self, event: LoginEvent) -> Result<(), ApiError> {
        let failed = matches!(event.result, LoginResult::Wrong | LoginResult::Slowed);
        let fold = if failed { Some(self.fold(&event)?) } else { None };
        Ok(self.control.note_login(event, fold).await?)
    }

    fn fold(&self, event: &LoginEvent) -> Result<Fold, ApiError> {
        let hour = event.at.as_second().div_euclid(HOUR) * HOUR;
        let since = Timestamp::from_second(hour).map_err(ApiError::internal)?;
        let (hour, account) = (hour.to_string(), event.account.map(|id| id.to_string()).unwrap_or_default());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (address, network, agent) = (text(&event.address), text(&event.network), text(&event.agent));
        // Of nobody, what a program calls itself makes no other line.
        let agent = if event.account.is_some() { agent } else { String::new() };
        let common = ["login", &hour, event.method.word(), event.result.word()];
        let own = self.throttle.hash(&[common.as_slice(), &[&account, &address, &network, &agent]].concat());
        let from = self.throttle.hash(&[common.as_slice(), &["from", &network]].concat());
        Ok(Fold { own, network: from, crowd: self.throttle.hash(&common), since, most: MOST_OF_NOBODY })
    }

    /// Counts a key or a token of a program that was refused; written down before long, and before anybody reads the log.
    pub fn refused(&self, method: LoginMethod, account: Option<AccountId>, visit: Visit) {
        self.refused.count(method, account, visit, self.time.now());
    }

    /// Writes down what was refused since the last time.
    pub async fn write_refused(&self) -> Result<(), ApiError> {
        for (Line { account, network, .. }, Count { method, times, last, agent }) in self.refused.take() {
            let address = match account {
                Some(id) => self.control.account(id).await?.map(|account| account.email),
                None => None,
            };
            let result = LoginResult::Wrong;
            let (id, api_key) = (self.new_id(), None);
            let event = LoginEvent {
                id,
                at: last,
                account,
                address,
                api_key,
                method,
                result,
                network,
                agent,
                times,
                last,
            };
            self.keep(event).await?;
        }
        Ok(())
    }

    /// Somebody is in: their browser is known from now on, by the cookie that this gives; when it is new to them they are
    /// told by mail. Of an account that only claims its address nothing is known and nobody told.
    pub async fn welcome(
        &self,
        account: AccountId,
        email: &Email,
        method: LoginMethod,
        (visitor, site, language): (&Visitor, &Site, Language),
    ) -> Result<HeaderValue, ApiError> {
        let token = visitor.browser.clone().unwrap_or_else(|| Token::new(&self.chance));
        let now = self.time.now();
        let forgotten = now.saturating_sub(KNOWN).map_err(ApiError::internal)?;
        let browser = self.throttle.browser(&token, email.as_str());
        let noted = self.control.know_browser(account, browser, now, forgotten).await?;
        let new = noted == Some(true);
        let result = if new { LoginResult::NewBrowser } else { LoginResult::Done };
        self.note(Login { account: Some(account), address: Some(email), method }, result, visitor).await?;
        // Who is flooded with them reads none of them.
        if new && self.throttle.tells(email.as_str()).await? {
            let (purpose, address) = (MailPurpose::NewBrowser, email.clone());
            let wish = Wish { purpose, address, account: Some(account), language };
            self.post.ask(vec![wish]).await?;
        }
        Ok(Cookie::Known.keep(site, &token, Some(KNOWN.as_secs())))
    }

    /// Trusts no browser of an account any more, and counts no tries: its owner has shown who they are by mail.
    pub async fn start_anew(&self, account: AccountId, email: &Email) -> Result<(), ApiError> {
        self.control.forget_browsers(account).await?;
        self.throttle.forget(email.as_str()).await
    }

    /// The newest events of these.
    pub async fn list(&self, filter: LoginFilter, most: u32) -> Result<Vec<LoginEvent>, ApiError> {
        self.write_refused().await?;
        Ok(self.control.logins(filter, most).await?)
    }

    /// Deletes what is older than it may become.
    pub async fn sweep(&self) -> Result<u64, ApiError> {
        let before = self.time.now().saturating_sub(self.kept).map_err(ApiError::internal)?;
        Ok(self.control.forget_logins(before).await?)
    }
}
