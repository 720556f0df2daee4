//! Hashes passwords and checks them, a few at a time: each takes its memory and a core for a while.
//!
//! What makes a password acceptable and how it is hashed is `identity`'s; here is who waits how long, and that an account
//! which is not there takes as long as one that is.
//!
//! **Architecture Invariant:** however many come at once, so many are hashed, so many wait for it, and the rest is told when to
//! come back. Whoever goes away gives their place back.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use gridkeep_identity::password::{
    Beside, Cost, Hasher, NewPassword, Password, Pepper, Scheme, Verdict, Weakness,
};
use gridkeep_store::Kept;
use rayon::{ThreadPool, ThreadPoolBuilder};
use secrecy::SecretString;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::turns::Turns;
use crate::{
    chance::{Chance, Time},
    error::ApiError,
};

/// Hashings that may wait their turn before people are told to come back.
const WAITING: usize = 32;
/// Strangers that are looked at at once: each costs the database something before their turn comes, and the rest of the server a
/// place.
const AT_THE_DOOR: usize = 48;
/// The file of a data folder that says what hashing costs on this machine.
pub const COST_FILE: &str = "password-cost";

/// What the password of an account stands beside.
pub const fn beside(factor: bool) -> Beside {
    if factor { Beside::Factor } else { Beside::Nothing }
}

/// Checks a password somebody chose; `context` holds words it may not consist of: their name, their address.
fn choose(password: &SecretString, beside: Beside, context: &[&str]) -> Result<NewPassword, ApiError> {
    NewPassword::choose(password, beside, context).map_err(|weakness| match weakness {
        Weakness::TooShort(least) => ApiError::PasswordTooShort(least),
        Weakness::TooLong(most) => ApiError::PasswordTooLong(most),
        Weakness::Context => ApiError::PasswordOfContext,
        Weakness::Common => ApiError::PasswordTooEasy,
    })
}

/// Hashes and checks. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    hasher: Arc<Hasher>,
    threads: Arc<ThreadPool>,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    door: Arc<Semaphore>,
    turns: Arc<Turns>,
    time: Time,
    /// The most iterations that a hash from elsewhere asks for.
    imported: Arc<AtomicU32>,
    chance: Chance,
}

/// What a check found.
pub enum Checked {
    /// Another password, or nobody's.
    Wrong,
    /// This password; with the hash to keep instead when the one that is kept is outdated.
    Right(Option<String>),
}

impl Passwords {
    /// At most this many hashings at once.
    pub fn new(
        at_once: usize,
        scheme: Scheme,
        peppers: Vec<Pepper>,
        (time, chance): (Time, Chance),
    ) -> anyhow::Result<Self> {
        Ok(Self {
            hasher: Arc::new(Hasher::new(scheme, peppers)?),
            threads: Arc::new(threads(at_once)?),
            places: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::default(),
            door: Arc::new(Semaphore::new(AT_THE_DOOR)),
            turns: Arc::new(Turns::new(at_once, WAITING)),
            time,
            imported: Arc::default(),
            chance,
        })
    }

    /// Checks a password somebody chose; `context` holds words it may not consist of: their name, their address. Looking for
    /// patterns in a long one takes a core for a while.
    pub async fn choose(
        &self,
        password: &SecretString,
        beside: Beside,
        context: &[&str],
    ) -> Result<NewPassword, ApiError> {
        let password = password.clone();
        let context: Vec<String> = context.iter().map(|word| (*word).to_owned()).collect();
        let chosen =
            move || choose(&password, beside, &context.iter().map(String::as_str).collect::<Vec<_>>());
        self.run(chosen).await?
    }

    /// A hash that no password has, for accounts that come by no password.
    pub fn nobody(&self) -> String {
        self.hasher.nobody()
    }

    /// A new password as it is kept.
    pub async fn keep(&self, password: NewPassword) -> Result<Kept, ApiError> {
        let alone = password.stands_alone();
        Ok(Kept { hash: self.hash(password).await?, alone })
    }

    /// The hash to keep, as a PHC string.
    pub async fn hash(&self, password: NewPassword) -> Result<String, ApiError> {
        let salt: [u8; 16] = self.chance.bytes();
        let hasher = Arc::clone(&self.hasher);
        self.run(move || hasher.hash(&password, salt).map_err(ApiError::internal)).await?
    }

    /// There are hashes from elsewhere that ask for at most so many iterations; none when 0.
    pub fn expect_imported(&self, iterations: u32) {
        self.imported.store(iterations, Ordering::Relaxed);
    }

    /// Whether the password belongs to this hash; with no hash it takes as long and answers no.
    pub async fn check(&self, typed: SecretString, hash: Option<String>) -> Result<Checked, ApiError> {
        self.check_at(self.reserve()?, typed, hash).await
    }

    /// The same at a place that was reserved: whoever has one is not turned away.
    pub async fn check_at(
        &self,
        place: Reserved,
        typed: SecretString,
        hash: Option<String>,
    ) -> Result<Checked, ApiError> {
        self.checked(place, typed, hash, 0).await
    }

    /// The same for a stranger, who is not to tell by the time whether the hash came from elsewhere.
    pub async fn check_stranger(
        &self,
        typed: SecretString,
        hash: Option<String>,
    ) -> Result<Checked, ApiError> {
        self.checked(self.reserve()?, typed, hash, self.imported.load(Ordering::Relaxed)).await
    }

    async fn checked(
        &self,
        place: Reserved,
        typed: SecretString,
        hash: Option<String>,
        imported: u32,
    ) -> Result<Checked, ApiError> {
        let salt: [u8; 16] = self.chance.bytes();
        let hasher = Arc::clone(&self.hasher);
        self.run_at(place, move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| hasher.nobody());
            // An overlong password is nobody's; what takes its place costs as long, and opens nothing either.
            let password = Password::typed(&typed);
            let typed = password.clone().or_else(|| Password::typed(&SecretString::default()));
            let Some(typed) = typed else { return Ok(Checked::Wrong) };
            match hasher.verify(&typed, &hash).map_err(ApiError::internal)? {
                Verdict::Right { outdated } if known && password.is_some() => {
                    let renewed = outdated.then(|| hasher.renew(&typed, salt)).transpose();
                    Ok(Checked::Right(renewed.map_err(ApiError::internal)?))
                }
                Verdict::Right { .. } | Verdict::Wrong => {
                    hasher.even(&typed, &hash, imported);
                    Ok(Checked::Wrong)
                }
            }
        })
        .await?
    }

    /// Lets a stranger in as far as the queue, for as long as this is held; asked for before anything is done for them.
    pub fn enter(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        if self.waiting.load(Ordering::Relaxed) >= WAITING {
            return Err(self.later());
        }
        Arc::clone(&self.door).try_acquire_owned().map_err(|_| self.later())
    }

    /// Keeps a place in the queue, for those of whom something is counted before their turn comes.
    pub fn reserve(&self) -> Result<Reserved, ApiError> {
        let place = Reserved(Arc::clone(&self.waiting));
        if place.0.fetch_add(1, Ordering::Relaxed) < WAITING { Ok(place) } else { Err(self.later()) }
    }

    /// Turns somebody away, with when to come back.
    fn later(&self) -> ApiError {
        ApiError::Crowded(self.turns.next(self.time.now(), &self.chance))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        self.run_at(self.reserve()?, work).await
    }

    async fn run_at<T: Send + 'static>(
        &self,
        _reserved: Reserved,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = self.places.clone().acquire_owned().await.map_err(ApiError::internal)?;
        let (tell, told) = oneshot::channel();
        let (turns, time) = (Arc::clone(&self.turns), self.time.clone());
        self.threads.spawn(move || {
            let begun = time.now();
            let result = work();
            turns.took(time.now().duration_since(begun));
            drop(place);
            // Whoever asked may have gone.
            let _ = tell.send(result);
        });
        told.await.map_err(ApiError::internal)
    }
}

/// Threads of their own, since a thread that gave way cannot take it back.
fn threads(at_once: usize) -> anyhow::Result<ThreadPool> {
    let threads = ThreadPoolBuilder::new()
        .num_threads(at_once.max(1))
        .thread_name(|number| format!("passwords-{number}"))
        .start_handler(|_| give_way())
        // Whoever waits for it is told.
        .panic_handler(|_| tracing::error!("hashing a password failed"));
    Ok(threads.build()?)
}

/// Lets this thread have what others leave; elsewhere than on Linux it would be the whole server's priority.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(19) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
}

/// The cost that `gridkeep calibrate-password` found for this machine, else the default one.
pub fn kept_cost(data: &Path) -> anyhow::Result<Cost> {
    let file = data.join(COST_FILE);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Cost::default()),
        Err(error) => {
            return Err(anyhow::Error::new(error).context(format!("cannot read {}", file.display())));
        }
    };
    let number = |name: &str| {
        let pair = text.split([',', '\n']).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
        pair.and_then(|number| number.parse().ok())
    };
    match (number("m"), number("t")) {
        (Some(memory), Some(passes)) => Ok(Cost { memory, passes }),
        _ => anyhow::bail!("{} does not read m=KIB,t=PASSES: calibrate again, or delete it", file.display()),
    }
}

/// A place in the queue, of who waits or is being served; it is given back with whatever holds it, also when a request is given up.
#[derive(Debug)]
pub struct Reserved(Arc<AtomicUsize>);

impl Drop for Reserved {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::chance::{SystemClock, SystemRng};

    const WORDS: &str = "correct horse battery staple";

    fn at_once(number: usize, scheme: Scheme) -> Passwords {
        let both = (Time::new(Arc::new(SystemClock)), Chance::new(Box::new(SystemRng)));
        Passwords::new(number, scheme, Vec::new(), both).unwrap()
    }

    fn passwords(scheme: Scheme) -> Passwords {
        at_once(1, scheme)
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let small = Scheme::Argon2id(Cost { memory: 64, passes: 1 });
        let hash = passwords(small).hash(choose(&WORDS.into(), Beside::Nothing, &[]).unwrap()).await.unwrap();
        let check = async |scheme, typed: &str, hash: Option<&String>, expect: &str| {
            let found = passwords(scheme).check(typed.into(), hash.cloned()).await.unwrap();
            let found = match found {
                Checked::Wrong => "wrong",
                Checked::Right(None) => "right",
                Checked::Right(Some(renewed)) => {
                    let again = passwords(scheme).check(typed.into(), Some(renewed)).await.unwrap();
                    assert!(matches!(again, Checked::Right(None)));
                    "renewed"
                }
            };
            assert_eq!(found, expect, "{typed}");
        };
        check(small, WORDS, Some(&hash), "right").await;
        check(small, "correct horse battery stapler", Some(&hash), "wrong").await;
        check(small, WORDS, None, "wrong").await;
        check(small, "", Some(&hash), "wrong").await;
        check(small, &WORDS.repeat(20), Some(&hash), "wrong").await;
        check(Scheme::Argon2id(Cost { memory: 128, passes: 1 }), WORDS, Some(&hash), "renewed").await;
        check(Scheme::Pbkdf2(10), WORDS, Some(&hash), "renewed").await;
    }

    #[tokio::test]
    async fn a_stranger_is_answered_the_same_where_hashes_came_from_elsewhere() {
        let elsewhere = passwords(Scheme::Pbkdf2(900));
        let passwords = passwords(Scheme::Argon2id(Cost { memory: 64, passes: 1 }));
        passwords.expect_imported(1_000);
        let own = passwords.hash(choose(&WORDS.into(), Beside::Nothing, &[]).unwrap()).await.unwrap();
        let elsewhere = elsewhere.hash(choose(&WORDS.into(), Beside::Nothing, &[]).unwrap()).await.unwrap();
        for (hash, typed, right) in [
            (Some(&own), WORDS, true),
            (Some(&own), "other", false),
            (Some(&elsewhere), WORDS, true),
            (Some(&elsewhere), "other", false),
            (None, WORDS, false),
        ] {
            let found = passwords.check_stranger(typed.into(), hash.cloned()).await.unwrap();
            assert_eq!(matches!(found, Checked::Right(_)), right, "{hash:?} {typed}");
        }
    }

    #[tokio::test]
    async fn whoever_does_not_fit_is_told_so_and_whoever_leaves_makes_room() {
        let small = Scheme::Argon2id(Cost { memory: 64, passes: 1 });
        let passwords = at_once(0, small);
        let check = || Box::pin(passwords.check(WORDS.into(), None));
        let mut waiting: Vec<_> = (0..WAITING).map(|_| check()).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        assert!(matches!(passwords.enter(), Err(ApiError::Crowded(_))));
        assert!(matches!(check().await, Err(ApiError::Crowded(_))));
        waiting.pop();
        let inside: Vec<_> = (0..AT_THE_DOOR).map(|_| passwords.enter().unwrap()).collect();
        assert!(matches!(passwords.enter(), Err(ApiError::Crowded(_))));
        drop(inside);
        drop(passwords.enter().unwrap());
        let mut next = check();
        assert!((&mut next).now_or_never().is_none());
        assert!(matches!(check().await, Err(ApiError::Crowded(_))));
    }

    #[tokio::test]
    async fn hashing_gives_way_and_its_failure_is_told() {
        let passwords = passwords(Scheme::Argon2id(Cost { memory: 64, passes: 1 }));
        #[cfg(target_os = "linux")]
        {
            let priority = || rustix::process::getpriority_process(None).unwrap();
            let own = priority();
            assert_eq!(passwords.run(priority).await.unwrap(), 19);
            assert_eq!(priority(), own);
        }
        assert!(passwords.run(|| -> () { panic!("on purpose") }).await.is_err());
        assert_eq!(passwords.run(|| 1).await.unwrap(), 1);
    }

    #[test]
    fn the_cost_of_this_machine_is_read_or_said_to_be_wrong() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kept_cost(folder.path()).unwrap(), Cost::default());
        let check = |text: &str, expect: Option<Cost>| {
            std::fs::write(folder.path().join(COST_FILE), text).unwrap();
            assert_eq!(kept_cost(folder.path()).ok(), expect, "{text}");
        };
        check("m=32768,t=2\n", Some(Cost { memory: 32_768, passes: 2 }));
        check("m=32768", None);
        check("", None);
    }
}
