//! Programs that people let in, as the control database keeps them: codes, and families of refresh tokens.

use gridkeep_identity::pkce::Challenge;
use gridkeep_model::SessionId;
use gridkeep_store::{Consent, Family, NewCode, Program, Redeemed, Refresh, Session};
use jiff::SignedDuration;

use super::{Lifetime, Logins, Visit};
use crate::{error::ApiError, secret::Token};

/// How long a program stays let in: a month without coming back, and a quarter of a year in any case.
fn lifetime() -> Lifetime {
    Lifetime::days(30, 90)
}

/// How long a program may still come back to a place that it has left for another.
const LEFT: SignedDuration = SignedDuration::from_hours(24);

/// A code that a program came with, and what it showed of itself.
pub struct Granted {
    /// The code.
    pub code: Token,
    /// The session to be.
    pub session: SessionId,
    /// SHA-256 of its first refresh token.
    pub refresh: [u8; 32],
    /// Which program says it is.
    pub program: String,
    /// What only whoever asked knows.
    pub verifier: String,
    /// Where it says the answer went.
    pub redirect: Option<String>,
    /// The thumbprint of the key it has proven.
    pub proof: Option<String>,
    /// Where it is.
    pub visit: Visit,
}

/// What a program shows with a refresh token.
pub struct Shown {
    /// Which program says it is.
    pub program: String,
    /// The thumbprint of the key it has proven.
    pub proof: Option<String>,
    /// What it asks for, if not for all it was allowed.
    pub scope: Option<&'static str>,
}

impl Logins {
    /// An id for a session to be.
    pub fn new_id(&self) -> SessionId {
        self.chance.with(|rng| SessionId::new(self.time.clock(), rng))
    }

    /// Keeps a code.
    pub async fn keep_code(&self, code: NewCode) -> Result<(), ApiError> {
        Ok(self.control.create_code(code, self.time.now()).await?)
    }

    /// Lets a program in with a code.
    pub async fn redeem(&self, granted: Granted) -> Result<Redeemed, ApiError> {
        let Granted { code, session, refresh, program, verifier, redirect, proof, visit } = granted;
        let now = self.time.now();
        if !self.control.knows_code(code.hash().0, now).await? {
            return Ok(Redeemed::Refused(None));
        }
        let ends = lifetime().ends(now);
        let begin = Session {
            id: session,
            token: None,
            // These are the code's to say.
            account: gridkeep_model::AccountId::from_uuid(uuid::Uuid::nil()),
            methods: String::new(),
            authenticated: now,
            address: visit.address.map(|address| address.to_string()),
            agent: visit.agent,
            created: now,
            expires: lifetime().expires(now, ends),
            ends,
            seen: now,
            company: None,
            passkey_since: None,
        };
        let (tenant, proven) = (self.tenant, proof.clone());
        let redeemed = self.control.redeem_code(code.hash().0, begin, refresh, proof, move |code| {
            let Consent { program: own, tenant: at, proof: bound, .. } = &code.consent;
            *own == program
                && *at == tenant
                && redirect.is_none_or(|redirect| redirect == code.redirect)
                && bound.as_ref().is_none_or(|bound| proven.as_ref() == Some(bound))
                && Challenge::kept(code.challenge).is_met_by(&verifier)
        });
        Ok(redeemed.await?)
    }

    /// Exchanges a refresh token, the first of these hashes, for the second.
    pub async fn refresh(
        &self,
        session: SessionId,
        (token, next): ([u8; 32], [u8; 32]),
        shown: Shown,
        again: SignedDuration,
    ) -> Result<Redeemed, ApiError> {
        let now = self.time.now();
        let refresh = Refresh {
            session,
            token,
            next,
            now,
            again_since: now.saturating_sub(again).unwrap_or(now),
            expires: lifetime().expires(now, jiff::Timestamp::MAX),
        };
        let tenant = self.tenant;
        let refreshed = self.control.refresh(refresh, move |consent| {
            consent.program == shown.program
                && consent.tenant == tenant
                && consent.proof == shown.proof
                && shown.scope.is_none_or(|scope| {
                    scope.split(' ').all(|word| consent.scope.split(' ').any(|own| own == word))
                })
        });
        Ok(refreshed.await?)
    }

    /// A program's place that is not over.
    pub async fn family(&self, session: SessionId) -> Result<Option<Family>, ApiError> {
        Ok(self.control.family(session, self.time.now()).await?)
    }

    /// Ends a program's place within a day, unless the program comes back to it: it has another one.
    pub async fn leave_behind(&self, session: SessionId, program: &str) -> Result<(), ApiError> {
        Ok(self.control.shorten_family(session, program, self.time.after(LEFT)).await?)
    }

    /// Ends a program's place, as the program wishes.
    pub async fn give_up(&self, session: SessionId, program: &str) -> Result<(), ApiError> {
        Ok(self.control.end_family(session, program).await?)
    }

    /// The programs that were registered.
    pub async fn programs(&self) -> Result<Vec<Program>, ApiError> {
        Ok(self.control.programs().await?)
    }

    /// A program that was registered.
    pub async fn registered(&self, id: &str) -> Result<Option<Program>, ApiError> {
        Ok(self.control.program(id).await?)
    }

    /// Registers a program, unless there are so many.
    pub async fn register(&self, program: Program, most: usize) -> Result<bool, ApiError> {
        Ok(self.control.add_program(program, most).await?)
    }

    /// Forgets a program and ends all it was let into.
    pub async fn unregister(&self, id: &str) -> Result<bool, ApiError> {
        Ok(self.control.remove_program(id).await?)
    }
}
