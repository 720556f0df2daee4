//! Who signed in or tried to, when, how and from where.
//!
//! **Architecture Invariant:** events are only added, and deleted when their time is over. An address is kept only where what
//! was typed is one: people type passwords into the wrong field.

use gridkeep_model::{AccountId, ApiKeyId, LoginEventId};
use jiff::Timestamp;
use sea_query::Value as Bound;
use uuid::Uuid;

use crate::{
    Control, StoreError,
    dialect::{Cells, Link, millis},
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$own:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$own])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As it is kept and shown to programs.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// What a word means.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.word() == word)
            }
        }
    };
}

words!(
    /// How somebody showed who they are.
    LoginMethod {
        /// A new account.
        SignUp = "signUp",
        /// A password.
        Password = "password",
        /// A password and a one-time code.
        OneTimeCode = "oneTimeCode",
        /// A password and a recovery code.
        RecoveryCode = "recoveryCode",
        /// A passkey.
        Passkey = "passkey",
        /// The company's sign-in.
        Company = "company",
        /// A link to set a new password.
        Reset = "reset",
        /// The password in use, to set a new one or to prove the address.
        Change = "change",
        /// An API key.
        ApiKey = "apiKey",
        /// A program that was let in.
        Program = "program",
    }
);

words!(
    /// What came of it.
    LoginResult {
        /// They are in.
        Done = "done",
        /// They are in, with a browser that is new to the account.
        NewBrowser = "newBrowser",
        /// The first of two steps is done.
        Half = "half",
        /// It was wrong.
        Wrong = "wrong",
        /// It was wrong, and the next ones have to wait.
        Slowed = "slowed",
        /// They have signed out, or were.
        Ended = "ended",
    }
);

/// Somebody's signing in, or trying to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginEvent {
    /// Its identity, ordered by time.
    pub id: LoginEventId,
    /// When.
    pub at: Timestamp,
    /// Whose account, as far as there is one.
    pub account: Option<AccountId>,
    /// The address that was given, in lower case.
    pub address: Option<String>,
    /// The API key.
    pub api_key: Option<ApiKeyId>,
    /// How.
    pub method: LoginMethod,
    /// What came of it.
    pub result: LoginResult,
    /// The IP address it came from.
    pub network: Option<String>,
    /// What the browser or program calls itself.
    pub agent: Option<String>,
    /// How often: tries that failed alike within an hour are one event.
    pub times: u32,
    /// When last.
    pub last: Timestamp,
}

/// Which events are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// Those with the same hash.
    pub own: [u8; 32],
    /// Those with this one, where there are too many of nobody's account; the network is still told.
    pub network: [u8; 32],
    /// Those with this one, where there are twice as many.
    pub crowd: [u8; 32],
    /// From when on they are counted.
    pub since: Timestamp,
    /// How many are too many.
    pub most: u64,
}

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this address.
    pub address: Option<String>,
    /// With this result.
    pub result: Option<LoginResult>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Before this one, for the next page.
    pub before: Option<LoginEventId>,
}

const COLUMNS: &str = "id, at, account, address, api_key, method, result, network, agent, times, last";

fn read(cells: &dyn Cells) -> Result<LoginEvent, StoreError> {
    let word = |index: usize| cells.get::<String>(index);
    let unknown = |word: String| StoreError::corrupt("a login event", word);
    let (method, result) = (word(5)?, word(6)?);
    let at = cells.moment(1)?;
    Ok(LoginEvent {
        id: LoginEventId::from_uuid(cells.get(0)?),
        at,
        account: cells.maybe::<Uuid>(2)?.map(AccountId::from_uuid),
        address: cells.maybe(3)?,
        api_key: cells.maybe::<Uuid>(4)?.map(ApiKeyId::from_uuid),
        method: LoginMethod::of(&method).ok_or_else(|| unknown(method))?,
        result: LoginResult::of(&result).ok_or_else(|| unknown(result))?,
        network: cells.maybe(7)?,
        agent: cells.maybe(8)?,
        times: cells.small(9)?,
        last: if cells.maybe::<i64>(10)?.is_some() { cells.moment(10)? } else { at },
    })
}

fn insert(link: &mut dyn Link, event: &LoginEvent, fold: Option<[u8; 32]>) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO login_events ({COLUMNS}, fold) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    );
    let values: [Bound; 12] = [
        event.id.uuid().into(),
        millis(event.at),
        event.account.map(AccountId::uuid).into(),
        event.address.clone().into(),
        event.api_key.map(ApiKeyId::uuid).into(),
        event.method.word().into(),
        event.result.word().into(),
        event.network.clone().into(),
        event.agent.clone().into(),
        i64::from(event.times).into(),
        millis(event.last),
        fold.map(|fold| fold.to_vec()).into(),
    ];
    link.execute(&sql, &values).map(drop)
}

/// Counts an event among those with this hash, if there is one.
fn again(link: &mut dyn Link, event: &LoginEvent, fold: [u8; 32]) -> Result<bool, StoreError> {
    let sql = "UPDATE login_events SET times = times + $1, last = $2 WHERE fold = $3";
    let values = [i64::from(event.times).into(), millis(event.last), fold.to_vec().into()];
    Ok(link.execute(sql, &values)? > 0)
}

impl Control {
    /// Keeps an event, or counts it among those it is one with. Of nobody's account there are so many of a method in a time: whoever
    /// makes up addresses or keys fills no log, and hides nobody else's behind it.
    pub async fn note_login(&self, event: LoginEvent, fold: Option<Fold>) -> Result<(), StoreError> {
        self.database()
            .change(move |link| {
                let Some(Fold { own, network, crowd, since, most }) = fold else {
                    return insert(link, &event, None);
                };
                if again(link, &event, own)? {
                    return Ok(());
                }
                // Asked in any case: the time tells nobody whether there is such an account.
                let sql = "SELECT count(*) FROM login_events
                    WHERE at >= $1 AND method = $2 AND fold IS NOT NULL AND account IS NULL";
                let values = [millis(since), event.method.word().into()];
                let there = link.first(sql, &values, |cells| cells.count(0))?.unwrap_or_default();
                if event.account.is_some() || there < most {
                    return insert(link, &event, Some(own));
                }
                let nobody = LoginEvent { address: None, api_key: None, agent: None, ..event.clone() };
                let (fold, nobody) = if there < 2 * most {
                    (network, nobody)
                } else {
                    (crowd, LoginEvent { network: None, ..nobody })
                };
                if again(link, &event, network)? || again(link, &event, fold)? {
                    return Ok(());
                }
                insert(link, &nobody, Some(fold))
            })
            .await
    }

    /// The newest events of these, at most so many.
    pub async fn logins(&self, filter: LoginFilter, most: u32) -> Result<Vec<LoginEvent>, StoreError> {
        let mut values: Vec<Bound> = Vec::new();
        let mut conditions = Vec::new();
        let mut ask = |condition: &str, value: Option<Bound>| {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{condition} ${}", values.len()));
            }
        };
        ask("account =", filter.account.map(|account| account.uuid().into()));
        ask("address =", filter.address.map(Into::into));
        ask("result =", filter.result.map(|result| result.word().into()));
        ask("at >=", filter.from.map(millis));
        ask("at <", filter.until.map(millis));
        ask("id <", filter.before.map(|id| id.uuid().into()));
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let sql = format!("SELECT {COLUMNS} FROM login_events{filter} ORDER BY id DESC LIMIT {most}");
        self.database().read(move |link| link.all(&sql, &values, read)).await
    }

    /// Deletes events from before then, a few thousand at a time; how many there were.
    pub async fn forget_logins(&self, before: Timestamp) -> Result<u64, StoreError> {
        let sql =
            "DELETE FROM login_events WHERE id IN (SELECT id FROM login_events WHERE at < $1 LIMIT 5000)";
        let mut all = 0;
        loop {
            let some = self.database().change(move |link| link.execute(sql, &[millis(before)])).await?;
            all += some;
            if some < 5_000 {
                return Ok(all);
            }
        }
    }
}
