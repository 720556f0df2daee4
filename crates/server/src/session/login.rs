//! Accounts and sessions, as the control database keeps them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::http::HeaderValue;
use gridkeep_identity::{email::is_twin, password::iterations};
use gridkeep_model::{AccountId, SessionId, TenantId};
use gridkeep_store::{
    Account, Company, Consent, Control, Invitation, Joins, Kept, LinkPurpose, Mark, Membership, NewAccount,
    Proven, Provers, Session, TenantRole,
};
use jiff::{SignedDuration, Timestamp};

use super::{Bearers, Cookie, Email, Lifetime, OwnSession, Person, SessionView, Visit, policy::Asked};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    secret::Token,
    site::Site,
};

/// How long a claim of an address waits for its proof, where nothing came of the account.
const CLAIMED: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How exactly the last use of a session is noted.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(15);

/// Who may sign in, and who has, and what they are to one tenant.
#[derive(Clone)]
pub struct Logins {
    pub(super) control: Control,
    /// The tenant that is asked at.
    pub(super) tenant: TenantId,
    /// What it is called in addresses.
    pub(super) name: Arc<str>,
    /// The server's first, which whoever runs the server owns.
    pub(super) home: TenantId,
    pub(super) time: Time,
    pub(super) chance: Chance,
    pub(super) asked: Asked,
    lifetime: Lifetime,
    pub(super) bearers: Bearers,
}

/// Somebody who has shown who they are, and is to be signed in.
pub struct Entry<'a> {
    /// Who.
    pub person: Person,
    /// How they have shown it (RFC 8176), with blanks between; such as [`PASSWORD`].
    pub methods: &'a str,
    /// The password's hash that was checked, where one was: when it is another by now, nobody is signed in.
    pub password: Option<&'a str>,
    /// Where they are.
    pub visit: Visit,
    /// The tenant's provider that vouches for them, where none of the proofs is their own.
    pub company: Option<Vouching>,
}

/// What a provider says of a session that it vouches for.
pub struct Vouching {
    /// What that is worth.
    pub company: Company,
    /// When they showed who they are, at the provider; nobody knows when `None`.
    pub authenticated: Option<Timestamp>,
    /// The session ends then at the latest.
    pub until: Option<Timestamp>,
}

/// A password was typed, as RFC 8176 calls it.
pub const PASSWORD: &str = "pwd";
/// A one-time code was typed, also a recovery code.
pub const ONE_TIME: &str = "otp";
/// A passkey was shown. Whether its key can be copied is not told apart: who made it is not asked.
pub const PASSKEY: &str = "hwk";

/// An account to be.
pub struct NewPerson {
    /// The address it claims.
    pub email: Email,
    /// What others read.
    pub name: String,
    /// The password's hash.
    pub password: String,
}

/// An account with the hash of its password.
pub(super) struct Known {
    pub(super) person: Person,
    pub(super) password: String,
}

impl Logins {
    /// As this control database has them.
    pub fn new(
        control: Control,
        (home, name): (TenantId, &str),
        time: Time,
        chance: Chance,
        lifetime: Lifetime,
        bearers: Bearers,
    ) -> Self {
        let (tenant, name, asked) = (home, name.into(), Asked::default());
        Self { control, tenant, name, home, time, chance, asked, lifetime, bearers }
    }

    /// The same accounts, and what they are to another tenant, called so.
    #[must_use]
    pub fn at(&self, tenant: TenantId, name: &str) -> Self {
        Self { tenant, name: name.into(), ..self.clone() }
    }

    /// The administrators and owners, and how each could prove at a gate that they are there.
    pub async fn provers(&self) -> Result<Provers, ApiError> {
        Ok(self.control.provers(self.tenant).await?)
    }

    /// Whether it is the server's first.
    pub fn is_home(&self) -> bool {
        self.tenant == self.home
    }

    /// The tenant they are at.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What was found out of accounts and sessions at a mark holds as long as the mark is the same; `None` when nothing is
    /// known to.
    pub fn mark(&self) -> Option<Mark> {
        self.control.mark()
    }

    /// Whether nobody has an account yet.
    pub async fn is_first_run(&self) -> Result<bool, ApiError> {
        Ok(self.control.is_empty().await?)
    }

    /// The session this token opens and whose it is; `None` when it is over or there never was one.
    pub async fn find(&self, token: &Token) -> Result<Option<OwnSession>, ApiError> {
        let now = self.time.now();
        let found = self.control.session(token.hash().0, self.tenant, now).await?;
        let Some((session, account, presence)) = found else {
            return Ok(None);
        };
        let role = presence.map(|here| here.role);
        let person = Person { passkey_since: session.passkey_since, ..person(account, role) };
        let Some(person) = self.within(person, session.company.as_ref()) else {
            return Ok(None);
        };
        let long_ago = |seen: Timestamp| now.duration_since(seen) > NOTED_EVERY;
        // Whoever goes from one tenant to another was at each.
        let here = presence.is_some_and(|here| here.seen.is_none_or(long_ago));
        if here || long_ago(session.seen) {
            let expires = self.lifetime.expires(now, session.ends);
            self.control.see_session(&session, self.tenant, now, expires).await?;
        }
        Ok(Some(OwnSession { person, session }))
    }

    /// Begins a session; the token is the person's alone.
    async fn begin(
        &self,
        person: &Person,
        methods: &str,
        visit: Visit,
        vouching: Option<Vouching>,
    ) -> Result<Token, ApiError> {
        let token = Token::new(&self.chance);
        let now = self.time.now();
        let mut ends = self.lifetime.ends(now);
        let mut authenticated = now;
        let company = vouching.map(|vouching| {
            ends = vouching.until.map_or(ends, |until| until.min(ends));
            // Somebody may have been signed in there for days.
            authenticated = vouching.authenticated.unwrap_or(Timestamp::UNIX_EPOCH).min(now);
            vouching.company
        });
        let session = Session {
            id: self.chance.with(|rng| SessionId::new(self.time.clock(), rng)),
            token: Some(token.hash().0),
            account: person.id,
            methods: methods.to_owned(),
            authenticated,
            address: visit.address.map(|address| address.to_string()),
            agent: visit.agent,
            created: now,
            expires: self.lifetime.expires(now, ends),
            ends,
            seen: now,
            company,
            passkey_since: person.passkey_since,
        };
        self.control.create_session(session).await?;
        Ok(token)
    }

    /// Ends a session, if there is one.
    pub async fn end(&self, token: &Token) -> Result<(), ApiError> {
        Ok(self.control.end_session(token.hash().0).await?)
    }

    /// Where somebody is signed in, the last used first.
    pub(super) async fn sessions(
        &self,
        account: AccountId,
    ) -> Result<Vec<(Session, Option<Consent>)>, ApiError> {
        let mut programs: HashMap<_, _> = self.control.families_of(account).await?.into_iter().collect();
        let all = self.control.sessions_of(account, self.time.now()).await?;
        let all = all.into_iter().map(|session| {
            let consent = programs.remove(&session.id);
            (session, consent)
        });
        // Of a program whose tenant is gone nothing is left to be seen.
        Ok(all.filter(|(session, consent)| session.token.is_some() || consent.is_some()).collect())
    }

    /// Ends one of somebody's sessions; `false` when they have none of this id.
    pub(super) async fn end_one(&self, account: AccountId, id: SessionId) -> Result<bool, ApiError> {
        Ok(self.control.end_session_of(account, id).await?)
    }

    /// Ends all of somebody's sessions but one.
    pub(super) async fn end_others(&self, account: AccountId, but: SessionId) -> Result<(), ApiError> {
        Ok(self.control.end_other_sessions(account, but).await?)
    }

    /// The account with this address.
    pub(super) async fn account(&self, email: &Email) -> Result<Option<Known>, ApiError> {
        let found = self.control.account_by_email(email.as_str()).await?;
        let Some((account, password)) = found else { return Ok(None) };
        Ok(Some(Known { person: self.at_tenant(account).await?, password }))
    }

    /// The most iterations that a hash which came from elsewhere asks for; 0 when there is none.
    pub async fn imported(&self) -> Result<u32, ApiError> {
        let hashes = self.control.hashes_like("$pbkdf2-sha256$").await?;
        Ok(hashes.iter().filter_map(|hash| iterations(hash)).max().unwrap_or_default())
    }

    /// The hash that is kept of the password of this address: for tests, and for whoever looks what is outdated.
    pub async fn password_hash(&self, email: &Email) -> Result<Option<String>, ApiError> {
        Ok(self.account(email).await?.map(|known| known.password))
    }

    /// Keeps another hash of the same password, unless the password was changed meanwhile.
    pub(super) async fn renew_password(
        &self,
        id: AccountId,
        outdated: &str,
        renewed: &str,
    ) -> Result<(), ApiError> {
        self.control.renew_password(id, outdated, renewed).await?;
        Ok(())
    }

    /// Whose account this is, if it is still there.
    pub async fn person(&self, id: AccountId) -> Result<Option<Person>, ApiError> {
        let found = self.control.account_in(self.tenant, id).await?;
        Ok(found.map(|(account, role)| person(account, role)))
    }

    /// An account, with what it is to the tenant.
    async fn at_tenant(&self, account: Account) -> Result<Person, ApiError> {
        let role = self.control.account_in(self.tenant, account.id).await?.and_then(|(_, role)| role);
        Ok(person(account, role))
    }

    /// The tenants somebody belongs to.
    pub async fn memberships(&self, id: AccountId) -> Result<Vec<Membership>, ApiError> {
        Ok(self.control.memberships(id).await?)
    }

    /// Makes an account that joins a tenant, or none; the first one owns the server's first. With the token of an invitation
    /// that went to its address, the address is proven, and it joins by that too. All of it is one commit.
    pub async fn create(
        &self,
        new: NewPerson,
        joins: Option<(TenantId, TenantRole)>,
        invitation: Option<&Token>,
    ) -> Result<(Person, Option<Invitation>), ApiError> {
        let id = self.chance.with(|rng| AccountId::new(self.time.clock(), rng));
        let created = self.time.now();
        let NewPerson { email, name, password } = new;
        let new =
            NewAccount { id, skeleton: email.skeleton(), email: email.to_string(), name, password, created };
        let joins = Joins { home: Some(self.home), others: joins };
        let (account, invitation) = match invitation {
            Some(token) => {
                let made = self.control.create_invited(new, joins, token.hash().0, is_twin).await?;
                let (account, invitation) = made.ok_or(ApiError::LinkOver)?;
                (account, Some(invitation))
            }
            None => (self.control.create_account(new, joins).await?, None),
        };
        Ok((self.at_tenant(account).await?, invitation))
    }

    /// Erases accounts that claimed an address a while ago which nobody has proven, and that nothing came of; how many.
    pub async fn forget_claims(&self) -> Result<u64, ApiError> {
        let before = self.time.now().saturating_sub(CLAIMED).map_err(ApiError::internal)?;
        Ok(self.control.forget_claims(before).await?)
    }

    /// Signs somebody in: begins a session and says who is in it, as a cookie and an answer. The one way in, however they have
    /// shown who they are.
    pub async fn enter(&self, site: &Site, entry: Entry<'_>) -> Result<(HeaderValue, SessionView), ApiError> {
        let Entry { person, methods, password, visit, company } = entry;
        let person = self
            .within(person, company.as_ref().map(|own| &own.company))
            .ok_or(ApiError::WrongCredentials)?;
        let token = self.begin(&person, methods, visit, company).await?;
        // Looked at once the session is there: whoever sets another password ends those that are.
        if password.is_some() && self.password(person.id).await?.as_deref() != password {
            self.end(&token).await?;
            return Err(ApiError::WrongCredentials);
        }
        let cookie = Cookie::Session.keep(site, &token, Some(self.lifetime.longest.as_secs()));
        let needs = self.needs(&person, methods).await?;
        let workspace = if person.role.is_some() { self.title().await? } else { None };
        Ok((cookie, SessionView::new(Some(person), false).needing(needs).at(workspace)))
    }

    /// Whose address a link proves, while it holds.
    pub async fn confirm_link(&self, token: &Token) -> Result<Option<AccountId>, ApiError> {
        let link = self.control.link(LinkPurpose::Confirm, token.hash().0, self.time.now()).await?;
        Ok(link.and_then(|link| link.account))
    }

    /// Proves the address that a link went to.
    pub async fn confirm(&self, token: &Token) -> Result<Email, ApiError> {
        let proven = self.control.prove_address(token.hash().0, self.time.now(), is_twin).await?;
        match proven {
            Proven::Done(account) => Ok(Email::kept(account.email)),
            Proven::Taken => Err(ApiError::EmailTaken),
            Proven::NoLink => Err(ApiError::LinkOver),
        }
    }

    /// Whether somebody has proven this address.
    pub async fn is_known(&self, address: &str) -> Result<bool, ApiError> {
        Ok(self.control.account_by_email(address).await?.is_some())
    }

    /// Whose password a link may set.
    pub async fn reset_link(&self, token: &Token) -> Result<Option<Person>, ApiError> {
        let link = self.control.link(LinkPurpose::Reset, token.hash().0, self.time.now()).await?;
        match link.and_then(|link| link.account) {
            Some(id) => self.person(id).await,
            None => Ok(None),
        }
    }

    /// Sets the password that a link allows, and ends all sessions.
    pub async fn reset_password(&self, token: &Token, hash: Kept) -> Result<Option<Person>, ApiError> {
        let account = self.control.reset_password(token.hash().0, hash, self.time.now(), is_twin).await?;
        match account {
            Some(account) => self.at_tenant(account).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whose API key this is, by their account and when it was made; nobody's when their password was lost since.
    pub async fn key_owner(&self, id: AccountId, made: Timestamp) -> Result<Option<Person>, ApiError> {
        if self.key_ended(id, made).await?.is_some() { Ok(None) } else { self.person(id).await }
    }

    /// When an API key that was made then has ended, because its person's password was lost or they said so.
    pub async fn key_ended(&self, id: AccountId, made: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        Ok(self.control.keys_since(id).await?.filter(|since| made <= *since))
    }

    /// The hash of an account's password.
    pub async fn password(&self, id: AccountId) -> Result<Option<String>, ApiError> {
        Ok(self.control.password(id).await?)
    }

    /// Gives an account another password instead of this one, and ends its sessions but this one, and its keys if wished; `false` when it was another
    /// already.
    pub async fn change_password(
        &self,
        id: AccountId,
        (old, new): (String, Kept),
        but: SessionId,
        end_keys: bool,
    ) -> Result<bool, ApiError> {
        let keys = end_keys.then(|| self.time.now());
        Ok(self.control.change_password(id, (old, new), but, keys).await?)
    }

    /// Works out the skeletons of addresses that were kept before there were any.
    pub async fn complete(&self) -> Result<(), ApiError> {
        loop {
            let some = self.control.without_skeleton(1_000).await?;
            if some.is_empty() {
                return Ok(());
            }
            for account in some {
                let skeleton = Email::new(&account.email).map_or(account.email, |email| email.skeleton());
                self.control.set_skeleton(account.id, &skeleton).await?;
            }
        }
    }

    /// The names of those who have an account, by address.
    pub async fn names(&self, emails: BTreeSet<String>) -> Result<HashMap<String, String>, ApiError> {
        if emails.is_empty() {
            return Ok(HashMap::new());
        }
        let emails: Vec<String> = emails.into_iter().collect();
        let accounts = self.control.accounts_by_email(&emails).await?;
        Ok(accounts.into_iter().map(|account| (account.email, account.name)).collect())
    }

    /// The names of accounts that are still there.
    pub async fn names_of(&self, ids: BTreeSet<AccountId>) -> Result<HashMap<AccountId, String>, ApiError> {
        let mut names = HashMap::new();
        for id in ids {
            if let Some(account) = self.control.account(id).await? {
                names.insert(id, account.name);
            }
        }
        Ok(names)
    }
}

fn person(account: Account, role: Option<TenantRole>) -> Person {
    let Account { id, email, name, administrator, confirmed, .. } = account;
    let email = Email::kept(email);
    Person {
        id,
        email,
        name,
        role,
        runs_server: administrator,
        confirmed: confirmed.is_some(),
        through: None,
        passkey_since: None,
    }
}
