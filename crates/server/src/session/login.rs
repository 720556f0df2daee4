//! Accounts and sessions, as the control database keeps them.

use std::collections::{BTreeSet, HashMap};

use gridkeep_model::AccountId;
use gridkeep_store::{Account, Control, Mark, NewAccount, Session};
use jiff::SignedDuration;

use super::{Email, Person};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    secret::Token,
    tenancy::Tenancy,
};

/// How long somebody stays signed in.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How exactly the last use of a session is noted.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(15);

/// Who may sign in, and who has.
#[derive(Clone)]
pub struct Logins {
    control: Control,
    time: Time,
    chance: Chance,
}

/// An account with the hash of its password.
pub(super) struct Known {
    pub(super) person: Person,
    pub(super) password: String,
}

impl Logins {
    /// As this control database has them.
    pub fn new(control: Control, time: Time, chance: Chance) -> Self {
        Self { control, time, chance }
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

    /// Whose session this token opens; `None` when it is over or there never was one.
    pub async fn find(&self, token: &Token) -> Result<Option<Person>, ApiError> {
        let now = self.time.now();
        let Some((session, account)) = self.control.session(token.hash().0, now).await? else {
            return Ok(None);
        };
        if now.duration_since(session.seen) > NOTED_EVERY {
            self.control.see_session(session.token, now, session.expires).await?;
        }
        Ok(Some(person(account)?))
    }

    /// Begins a session; the token is the person's alone.
    pub async fn begin(&self, account: AccountId) -> Result<Token, ApiError> {
        let token = Token::new(&self.chance);
        let now = self.time.now();
        let expires = self.time.after(LIFETIME);
        let session = Session { token: token.hash().0, account, created: now, expires, seen: now };
        self.control.create_session(session).await?;
        Ok(token)
    }

    /// Ends a session, if there is one.
    pub async fn end(&self, token: &Token) -> Result<(), ApiError> {
        Ok(self.control.end_session(token.hash().0).await?)
    }

    /// The account with this address.
    pub(super) async fn account(&self, email: &Email) -> Result<Option<Known>, ApiError> {
        let found = self.control.account_by_email(email.as_str()).await?;
        found.map(|(account, password)| Ok(Known { person: person(account)?, password })).transpose()
    }

    /// Whose account this is, if it is still there.
    pub async fn person(&self, id: AccountId) -> Result<Option<Person>, ApiError> {
        self.control.account(id).await?.map(person).transpose()
    }

    /// Makes an account, a member of the tenant; the first one its administrator.
    pub(super) async fn create(
        &self,
        tenancy: &Tenancy,
        email: Email,
        name: String,
        password: String,
    ) -> Result<Person, ApiError> {
        let id = self.chance.with(|rng| AccountId::new(self.time.clock(), rng));
        let created = self.time.now();
        let new = NewAccount { id, email: email.to_string(), name, password, created };
        let account = self.control.create_account(new).await?.ok_or(ApiError::EmailTaken)?;
        self.control.set_member(tenancy.id(), account.id, account.administrator, created).await?;
        person(account)
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

fn person(account: Account) -> Result<Person, ApiError> {
    let Account { id, email, name, administrator, .. } = account;
    Ok(Person { id, email: Email::new(&email).map_err(ApiError::internal)?, name, administrator })
}
