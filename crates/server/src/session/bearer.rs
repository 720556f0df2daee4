//! Programs that act for somebody: the access token a request shows, whom it stands for, and what they may do with it.
//!
//! **Architecture Invariant:** whoever shows a token acts by it alone, without cookies, within what it is for and only where
//! programs may go ([`reach`]). A token is a signed claim that a family exists; that it still does, and whose it is, is read
//! from the control database, and kept no longer than its mark: who ends a program's place ends its tokens.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    extract::{MatchedPath, OriginalUri},
    http::{HeaderMap, HeaderName, Method, header::AUTHORIZATION, request::Parts},
};
use gridkeep_identity::{
    access::{Algorithm, Claims, Confirmation, Keys},
    dpop::{self, Proof},
};
use gridkeep_model::{SessionId, TenantId};
use gridkeep_store::{Family, Mark};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretBox;
use uuid::Uuid;

use super::{Logins, Person};
use crate::{
    chance::{Chance, Time},
    error::{ApiError, Challenge},
    secret::TokenHash,
    site::{Site, TENANTS},
};

/// Where a proof of possession stands (RFC 9449 section 4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// For whom our tokens are.
const AUDIENCE: &str = "gridkeep";
/// Programs' places that are kept ready.
const KNOWN: usize = 10_000;
/// Proofs remembered at once.
const PROOFS: usize = 100_000;
/// Proofs are remembered in two lots, each for so long: no proof holds for longer.
const LOT: SignedDuration = SignedDuration::from_secs(2 * dpop::WINDOW.as_secs());

/// What a program may do.
pub const READ: &str = "read";
/// What it may do beyond.
pub const WRITE: &str = "write";

/// Makes and checks access tokens; clones share it. One for all tenants of a server.
#[derive(Clone)]
pub struct Bearers(Arc<Inner>);

struct Inner {
    secret: SecretBox<[u8; 32]>,
    algorithm: Algorithm,
    /// How long an access token lives.
    life: SignedDuration,
    site: Site,
    time: Time,
    keys: RwLock<Arc<Keys>>,
    proofs: Mutex<Proofs>,
    known: Mutex<Known>,
}

/// Ids of proofs that were shown, those of the lot before too.
struct Proofs {
    began: Timestamp,
    seen: HashSet<[u8; 32]>,
    before: HashSet<[u8; 32]>,
}

/// What was found of programs' places at a mark.
#[derive(Default)]
struct Known {
    mark: Option<Mark>,
    places: HashMap<(TenantId, SessionId), Arc<ByProgram>>,
}

/// A program that acts for somebody.
#[derive(Debug, Clone)]
pub struct ByProgram {
    /// For whom.
    pub person: Person,
    /// Its place.
    pub session: SessionId,
    /// Whether it may change anything.
    pub writes: bool,
    /// Until when what is known of it holds, as long as nothing is changed.
    pub until: Timestamp,
    tenant: TenantId,
    program: String,
    proof: Option<String>,
}

impl ByProgram {
    /// By which what is kept ready for it is found.
    pub fn hash(&self) -> TokenHash {
        let text = format!("program {} {}", self.session, self.writes);
        let digest = aws_lc_rs::digest::digest(&SHA256, text.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest.as_ref());
        TokenHash(hash)
    }
}

/// A token as a request shows it.
struct Shown<'a> {
    token: &'a str,
    /// With the scheme of those that are bound to a key.
    bound: bool,
}

impl Bearers {
    /// Derives keys from this secret; tokens live so long.
    pub fn new(
        secret: SecretBox<[u8; 32]>,
        (algorithm, life): (Algorithm, SignedDuration),
        site: Site,
        time: Time,
    ) -> anyhow::Result<Self> {
        let now = time.now();
        let keys = Keys::at(&secret, algorithm, now, (&site.link(""), AUDIENCE))?;
        let proofs = Proofs { began: now, seen: HashSet::new(), before: HashSet::new() };
        Ok(Self(Arc::new(Inner {
            secret,
            algorithm,
            life,
            site,
            time,
            keys: RwLock::new(Arc::new(keys)),
            proofs: Mutex::new(proofs),
            known: Mutex::default(),
        })))
    }

    /// The keys of this moment.
    pub fn keys(&self) -> Result<Arc<Keys>, ApiError> {
        let now = self.0.time.now();
        let keys = Arc::clone(&self.0.keys.read().unwrap_or_else(PoisonError::into_inner));
        if keys.are_current(now) {
            return Ok(keys);
        }
        let issuer = self.0.site.link("");
        let made = Keys::at(&self.0.secret, self.0.algorithm, now, (&issuer, AUDIENCE));
        let made = Arc::new(made.map_err(ApiError::internal)?);
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&made);
        Ok(made)
    }

    /// How long an access token lives.
    pub fn life(&self) -> SignedDuration {
        self.0.life
    }

    /// An access token of a program's place, from this issuer.
    pub fn issue(&self, family: &Family, issuer: String, chance: &Chance) -> Result<String, ApiError> {
        let keys = self.keys()?;
        let now = self.0.time.now();
        let until = now.saturating_add(self.0.life).unwrap_or(now).min(family.session.ends);
        let consent = &family.consent;
        let claims = Claims {
            iss: issuer,
            aud: keys.audience().to_owned(),
            sub: family.account.id.uuid(),
            jti: Uuid::from_bytes(chance.bytes()),
            iat: now.as_second(),
            exp: until.as_second(),
            tenant: consent.tenant.uuid(),
            sid: family.session.id.uuid(),
            client_id: consent.program.clone(),
            scope: consent.scope.clone(),
            cnf: consent.proof.clone().map(|jkt| Confirmation { jkt }),
        };
        keys.sign(&claims).map_err(ApiError::internal)
    }

    /// What a token says that holds at this moment, whoever has it.
    pub fn read(&self, token: &str) -> Result<Claims, ApiError> {
        let claims = self.keys()?.verify(token, self.0.time.now());
        claims.map_err(|refused| {
            tracing::info!(error.cause = %refused, "access token refused");
            ApiError::InvalidToken(Challenge::Bearer)
        })
    }

    /// The proof a request brings, if it brings one: for this very request, and not remembered. Whoever makes proofs without having
    /// anything to prove by them costs no room: see [`Self::remember`].
    pub fn proof(&self, parts: &Parts, token: Option<&str>) -> Result<Option<Proof>, ApiError> {
        let Some(text) = only(&parts.headers, &DPOP, Challenge::Proof)? else { return Ok(None) };
        let path = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.path(), |uri| uri.path());
        let now = self.0.time.now();
        let is_own = |origin: &str| self.0.site.is_own_origin(origin);
        let request = dpop::Request { method: parts.method.as_str(), is_own: &is_own, path, token, now };
        let proof = dpop::verify(text, &request).map_err(|refused| {
            tracing::info!(error.cause = %refused, "proof of possession refused");
            ApiError::InvalidToken(Challenge::Proof)
        })?;
        let proofs = self.0.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if proofs.seen.contains(&proof.id) || proofs.before.contains(&proof.id) {
            return Err(ApiError::InvalidToken(Challenge::Proof));
        }
        drop(proofs);
        Ok(Some(proof))
    }

    /// Remembers a proof here: see [`Logins::remember_proof`].
    fn remember(&self, id: [u8; 32]) -> Result<(), ApiError> {
        let mut proofs = self.0.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.turn(self.0.time.now());
        if proofs.before.contains(&id) || proofs.seen.contains(&id) {
            return Err(ApiError::InvalidToken(Challenge::Proof));
        }
        if proofs.seen.len() >= PROOFS {
            // None is forgotten before its time: it could be shown once more.
            return Err(ApiError::Overloaded);
        }
        proofs.seen.insert(id);
        Ok(())
    }
}

impl Proofs {
    fn turn(&mut self, now: Timestamp) {
        let age = now.duration_since(self.began);
        if age < LOT {
            return;
        }
        self.before = std::mem::take(&mut self.seen);
        if age >= LOT + LOT {
            self.before = HashSet::new();
        }
        self.began = now;
    }
}

impl Logins {
    /// Makes and checks access tokens.
    pub fn bearers(&self) -> &Bearers {
        &self.bearers
    }

    /// Remembers a proof that a token, a code or a refresh token came with: it counts once, at all servers of a database that several
    /// may have. What this server knows costs no look there.
    pub async fn remember_proof(&self, id: [u8; 32]) -> Result<(), ApiError> {
        self.bearers.remember(id)?;
        if !self.control.is_shared() {
            return Ok(());
        }
        let now = self.time.now();
        let until = now.saturating_add(LOT).map_err(ApiError::internal)?;
        let is_first = self.control.spend_once(once(id), now, until).await?;
        if is_first { Ok(()) } else { Err(ApiError::InvalidToken(Challenge::Proof)) }
    }

    /// The program behind a request, if it shows an access token; refused when that is no good, whatever else is shown.
    pub async fn program(&self, parts: &Parts) -> Result<Option<Arc<ByProgram>>, ApiError> {
        let Some(Shown { token, bound }) = shown(&parts.headers)? else { return Ok(None) };
        let refused = || ApiError::InvalidToken(if bound { Challenge::Dpop } else { Challenge::Bearer });
        let claims = self.bearers.read(token).map_err(|_| refused())?;
        // Whoever steals a bound token must not show it as one that is not, nor the other way round.
        let issued_here = claims.tenant == self.tenant.uuid() && self.issues(&claims.iss);
        if claims.cnf.is_some() != bound || !issued_here {
            return Err(refused());
        }
        let mut proven = None;
        if let Some(confirmation) = &claims.cnf {
            let proof = self.bearers.proof(parts, Some(token))?.filter(|proof| proof.key == confirmation.jkt);
            proven = Some(proof.ok_or(ApiError::InvalidToken(Challenge::Proof))?.id);
        }
        let found = self.known(SessionId::from_uuid(claims.sid)).await?.ok_or_else(refused)?;
        let same = found.person.id.uuid() == claims.sub
            && found.tenant.uuid() == claims.tenant
            && found.program == claims.client_id
            && found.proof.as_ref() == claims.cnf.as_ref().map(|cnf| &cnf.jkt);
        if !same {
            return Err(refused());
        }
        if let Some(id) = proven {
            self.remember_proof(id).await?;
        }
        // A refresh may have asked for less than the family has.
        let writes = found.writes && claims.scope.split(' ').any(|scope| scope == WRITE);
        if writes == found.writes {
            return Ok(Some(found));
        }
        Ok(Some(Arc::new(ByProgram { writes, ..Arc::unwrap_or_clone(found) })))
    }

    /// Whether this is what the tenant is called as an issuer: the host itself, or the tenant's name or id behind it.
    fn issues(&self, issuer: &str) -> bool {
        let base = self.bearers.0.site.link("");
        match issuer.strip_prefix(&base) {
            Some("") => self.tenant == self.home,
            Some(rest) => rest
                .strip_prefix(TENANTS)
                .is_some_and(|name| *name == *self.name || name.parse() == Ok(self.tenant)),
            None => false,
        }
    }

    /// A program's place, if it is not over.
    async fn known(&self, id: SessionId) -> Result<Option<Arc<ByProgram>>, ApiError> {
        // Before anything is read: what changes while it is read ends it.
        let mark = self.mark();
        let now = self.time.now();
        let key = (self.tenant, id);
        if mark.is_some() {
            let known = self.bearers.0.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.mark == mark
                && let Some(found) = known.places.get(&key)
                && now < found.until
            {
                return Ok(Some(Arc::clone(found)));
            }
        }
        let Some(family) = self.control.family(id, now).await? else { return Ok(None) };
        let Some(person) = self.person(family.account.id).await? else { return Ok(None) };
        let person = Person { passkey_since: family.session.passkey_since, ..person };
        let company = family.session.company.as_ref();
        let Some(person) = self.within(person, company) else { return Ok(None) };
        // What the tenant asks for is asked of programs too: they have shown what their person had when they let them in.
        let Some(person) = self.admit(person, &family.session.methods).await? else { return Ok(None) };
        let consent = family.consent;
        let found = Arc::new(ByProgram {
            person,
            session: id,
            writes: consent.scope.split(' ').any(|scope| scope == WRITE),
            until: family.session.expires,
            tenant: consent.tenant,
            program: consent.program,
            proof: consent.proof,
        });
        if mark.is_some() {
            let mut known = self.bearers.0.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.mark != mark || known.places.len() >= KNOWN {
                *known = Known { mark, places: HashMap::new() };
            }
            known.places.insert(key, Arc::clone(&found));
        }
        Ok(Some(found))
    }
}

/// As what a proof is used up: among other things that are tried or used once, it is none of those.
fn once(id: [u8; 32]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(b"gridkeep proof of possession ");
    context.update(&id);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn shown(headers: &HeaderMap) -> Result<Option<Shown<'_>>, ApiError> {
    let Some(text) = only(headers, &AUTHORIZATION, Challenge::Bearer)? else { return Ok(None) };
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let shown = |bound| Ok(Some(Shown { token: rest.trim(), bound }));
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => shown(false),
        "dpop" => shown(true),
        _ => Ok(None),
    }
}

/// A header that may be there once.
fn only<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    challenge: Challenge,
) -> Result<Option<&'a str>, ApiError> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(ApiError::InvalidToken(challenge));
    }
    first.map(|text| text.to_str().map_err(|_| ApiError::InvalidToken(challenge))).transpose()
}

/// Where programs that may read may go, with GET.
const READABLE: [&str; 13] = [
    "/api/session",
    "/api/apps",
    "/api/apps/{app}",
    "/api/apps/{app}/actions",
    "/api/apps/{app}/client",
    "/api/apps/{app}/export.xlsx",
    "/api/apps/{app}/qr.svg",
    "/api/apps/{app}/tables/{table}/export.csv",
    "/api/apps/{app}/tables/{table}/rows/{row}/files/{column}",
    "/api/apps/{app}/tables/{table}/snapshot",
    "/api/apps/{app}/versions",
    "/api/apps/{app}/versions/{version}/original",
    "/api/apps/{app}/versions/{version}/workbook",
];
/// Where they ask for a page of rows, with POST.
const ROWS: &str = "/api/apps/{app}/tables/{table}/rows";
/// Where those go that may change something, with POST.
const WRITABLE: [&str; 4] = [
    "/api/apps/{app}/tables/{table}/files",
    "/api/apps/{app}/tables/{table}/import",
    "/api/apps/{app}/tables/{table}/import/preview",
    "/api/apps/{app}/transactions",
];

/// Where programs may go: to apps and their rows, and to who one is. All else, one's account, what apps are and who may do what
/// with them, is for people in a browser.
pub(super) fn reach(parts: &Parts, by: &ByProgram) -> Result<(), ApiError> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // A tenant's place has the same routes.
    let route = route.find("/api/").map_or("", |at| &route[at..]);
    match parts.method {
        Method::GET | Method::HEAD if READABLE.contains(&route) => Ok(()),
        Method::POST if route == ROWS => Ok(()),
        Method::POST if WRITABLE.contains(&route) && by.writes => Ok(()),
        Method::POST if WRITABLE.contains(&route) => Err(ApiError::InsufficientScope),
        _ => Err(ApiError::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_remembered_for_as_long_as_any_holds() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut proofs = Proofs { began: at(0), seen: HashSet::from([[1; 32]]), before: HashSet::new() };
        proofs.turn(at(119));
        assert!(proofs.seen.contains(&[1; 32]));
        proofs.turn(at(120));
        assert!(proofs.seen.is_empty() && proofs.before.contains(&[1; 32]));
        proofs.turn(at(239));
        assert!(proofs.before.contains(&[1; 32]));
        proofs.turn(at(240));
        assert!(proofs.before.is_empty());
        proofs.seen.insert([2; 32]);
        proofs.turn(at(1_000));
        assert!(proofs.seen.is_empty() && proofs.before.is_empty());
    }
}
