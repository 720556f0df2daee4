//! How long it takes to know who asks: an access token, a proof of possession, a session among 100,000.
//!
//! Everything in this process, without HTTP: what a request pays before its own work begins.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use gridkeep_identity::access::{Algorithm, Claims, Keys};
use gridkeep_kit::SeededRng;
use gridkeep_model::{AccountId, Clock, KeyOwner, Rng, SessionId, TenantId};
use gridkeep_store::{
    Backend, Control, DatabaseKey, Durability, Joins, KeyError, Keys as DatabaseKeys, MOST_SESSIONS,
    NewAccount, Session, Store, StoreConfig, StoreLimits, WrappedKey,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretBox;
use tempfile::TempDir;
use uuid::Uuid;

use crate::figures::{figure, median};

/// Sessions there are.
const SESSIONS: usize = 100_000;
/// Checks of each kind.
const CHECKS: usize = 20_000;

/// Prints how long each check takes.
pub(super) fn run() -> Result<()> {
    for (name, algorithm, goal) in
        [("HS256", Algorithm::Hs256, "<= 20 us"), ("EdDSA", Algorithm::EdDsa, "<= 100 us")]
    {
        let (made, checked) = tokens(algorithm)?;
        figure(&format!("access token, {name}: made"), microseconds(made), "");
        figure(&format!("access token, {name}: checked"), microseconds(checked), goal);
    }
    tokio::runtime::Runtime::new()?.block_on(sessions())
}

fn microseconds(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1_000_000.0)
}

/// How long making and checking a token takes, in the middle.
fn tokens(algorithm: Algorithm) -> Result<(Duration, Duration)> {
    let now = Timestamp::now();
    let secret = SecretBox::new(Box::new([7; 32]));
    let keys = Keys::at(&secret, algorithm, now, ("https://apps.example.com", "gridkeep"))?;
    let claims = |number: usize| Claims {
        iss: keys.issuer().to_owned(),
        aud: keys.audience().to_owned(),
        sub: Uuid::from_u128(1),
        jti: Uuid::from_u128(number as u128),
        iat: now.as_second(),
        exp: now.as_second() + 300,
        tenant: Uuid::from_u128(2),
        sid: Uuid::from_u128(3),
        client_id: "gridkeep".to_owned(),
        scope: "read write".to_owned(),
        cnf: None,
    };
    let (mut made, mut checked) = (Vec::new(), Vec::new());
    for number in 0..CHECKS {
        let claims = claims(number);
        let started = Instant::now();
        let token = keys.sign(&claims)?;
        made.push(started.elapsed());
        let started = Instant::now();
        let found = black_box(keys.verify(&token, now))?;
        checked.push(started.elapsed());
        ensure!(found == claims, "another token");
    }
    Ok((median(made), median(checked)))
}

async fn sessions() -> Result<()> {
    let folder = TempDir::new()?;
    let config = StoreConfig {
        backend: Backend::Sqlite { folder: folder.path().to_owned() },
        keys: Arc::new(OneKey),
        durability: Durability::Normal,
        limits: StoreLimits::default(),
    };
    let store = Store::open(config).await?;
    let control = store.control().clone();
    let mut rng = SeededRng::new(7);
    let now = Timestamp::now();
    let tenant = TenantId::new(&Standing(now), &mut rng);
    store.create_tenant(tenant, "Home", now).await?;
    let tokens = fill(&control, &mut rng, now).await?;
    let mut times = Vec::new();
    for number in 0..CHECKS {
        // Far apart from each other, as those of many people are.
        let token = tokens[number * 7_919 % tokens.len()];
        let started = Instant::now();
        let found = black_box(control.session(token, tenant, now).await)?;
        times.push(started.elapsed());
        ensure!(found.is_some(), "no such session");
    }
    times.sort_unstable();
    let late = times[times.len() * 99 / 100];
    figure(&format!("session among {SESSIONS}: checked"), microseconds(median(times)), "<= 100 us");
    figure("session: 99 of 100 within", microseconds(late), "");
    Ok(())
}

/// Signs people in, each at as many places as one can be.
async fn fill(control: &Control, rng: &mut SeededRng, now: Timestamp) -> Result<Vec<[u8; 32]>> {
    let clock = Standing(now);
    let ends = now.checked_add(SignedDuration::from_hours(24))?;
    let mut tokens = Vec::with_capacity(SESSIONS);
    for person in 0..SESSIONS / MOST_SESSIONS {
        let email = format!("p{person}@example.com");
        let account = NewAccount {
            id: AccountId::new(&clock, rng),
            skeleton: email.clone(),
            email,
            name: "Somebody".to_owned(),
            password: "$argon2id$...".to_owned(),
            created: now,
        };
        let account = control.create_account(account, Joins::default()).await?.id;
        let mut waiting = Vec::new();
        for _ in 0..MOST_SESSIONS {
            let mut token = [0; 32];
            rng.fill(&mut token);
            tokens.push(token);
            let session = Session {
                id: SessionId::new(&clock, rng),
                token: Some(token),
                account,
                methods: "pwd".to_owned(),
                authenticated: now,
                address: Some("192.0.2.1".to_owned()),
                agent: Some(
                    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                ),
                created: now,
                expires: ends,
                ends,
                seen: now,
                company: None,
                passkey_since: None,
            };
            let control = control.clone();
            waiting.push(tokio::spawn(async move { control.create_session(session).await }));
        }
        for begun in waiting {
            begun.await?.context("a session was not begun")?;
        }
    }
    Ok(tokens)
}

struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Keys that are wrapped by nothing: what is measured is not how they are kept.
struct OneKey;

impl DatabaseKeys for OneKey {
    fn create(&self, owner: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError> {
        let wrapped = WrappedKey(Vec::new());
        let key = self.open(owner, &wrapped)?;
        Ok((wrapped, key))
    }

    fn open(&self, _: KeyOwner, _: &WrappedKey) -> Result<DatabaseKey, KeyError> {
        Ok(DatabaseKey::new(SecretBox::new(Box::new([7; 32]))))
    }

    fn rewrap(&self, _: KeyOwner, _: &WrappedKey) -> Result<Option<WrappedKey>, KeyError> {
        Ok(None)
    }
}
