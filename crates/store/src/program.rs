//! Programs that act for people: which there are, the codes they are let in with, and their families of refresh tokens.
//!
//! **Architecture Invariant:** only hashes of codes and tokens are stored. A code begins one session, whoever comes with it
//! how often; of all refresh tokens of a family one is good. Whoever comes with a code or token that was used ends what came
//! of it, in the commit that noticed.

use gridkeep_model::{AccountId, ChallengeId, SessionId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;
use uuid::Uuid;

use crate::{
    Account, Control, Session, StoreError,
    control::{ACCOUNT, read_account},
    dialect::{Cells, Link, millis},
    session::{SESSION, SESSION_WIDTH, insert_session, read_session},
};

/// A program that an administrator has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// What it calls itself to us (`client_id`).
    pub id: String,
    /// What people read.
    pub name: String,
    /// The addresses answers may go to.
    pub redirects: Vec<String>,
    /// When it was registered.
    pub created: Timestamp,
}

/// What somebody let a program do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// At which tenant.
    pub tenant: TenantId,
    /// Which program.
    pub program: String,
    /// What the person was told it is called.
    pub name: String,
    /// What it may do, with blanks between.
    pub scope: String,
    /// The thumbprint of the key it must prove, where it has one.
    pub proof: Option<String>,
}

/// A code to be redeemed, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// SHA-256 of the code.
    pub code: [u8; 32],
    /// The session in which the person said yes.
    pub session: SessionId,
    /// To what.
    pub consent: Consent,
    /// Where the answer went.
    pub redirect: String,
    /// SHA-256 of what whoever redeems it must know.
    pub challenge: [u8; 32],
    /// The checkpoint that the person approved on the way, for the program to go on.
    pub checkpoint: Option<ChallengeId>,
    /// Until when it can be redeemed.
    pub expires: Timestamp,
    /// Until when it is known that it was.
    pub forgotten: Timestamp,
}

/// A code that is being redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// To what the person said yes.
    pub consent: Consent,
    /// Where the answer went.
    pub redirect: String,
    /// SHA-256 of what whoever redeems it must know.
    pub challenge: [u8; 32],
    /// The checkpoint that the person approved on the way.
    pub checkpoint: Option<ChallengeId>,
}

/// A program's place: its session, and what it may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The session, which no browser has.
    pub session: Session,
    /// Whose it is.
    pub account: Account,
    /// What the program may do.
    pub consent: Consent,
}

/// What became of a code or a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// This is whom it lets in, and of a code what was approved on the way.
    Done(Box<Family>, Option<ChallengeId>),
    /// It is none, over, or not for who came with it; nothing has changed. Whose it is, as far as it is anybody's.
    Refused(Option<AccountId>),
    /// It was used before: what had come of it has ended.
    Replayed(AccountId),
}

/// A refresh token that is being exchanged.
pub struct Refresh {
    /// The session its family is.
    pub session: SessionId,
    /// Its SHA-256.
    pub token: [u8; 32],
    /// SHA-256 of the one to come.
    pub next: [u8; 32],
    /// Now.
    pub now: Timestamp,
    /// The one before is taken once more by whoever has proven the family's key, when it was exchanged after this.
    pub again_since: Timestamp,
    /// When the family ends unless it is used again.
    pub expires: Timestamp,
}

const CONSENT: &str = "f.tenant, f.program, f.name, f.scope, f.proof";

fn read_consent(cells: &dyn Cells, at: usize) -> Result<Consent, StoreError> {
    Ok(Consent {
        tenant: TenantId::from_uuid(cells.get(at)?),
        program: cells.get(at + 1)?,
        name: cells.get(at + 2)?,
        scope: cells.get(at + 3)?,
        proof: cells.maybe(at + 4)?,
    })
}

fn hash(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::corrupt("code", "a hash of another length"))
}

impl Control {
    /// The programs that were registered, by name.
    pub async fn programs(&self) -> Result<Vec<Program>, StoreError> {
        let sql = "SELECT id, name, redirects, created FROM programs ORDER BY name, id";
        self.database().read(move |link| link.all(sql, &[], read_program)).await
    }

    /// A program by what it calls itself.
    pub async fn program(&self, id: &str) -> Result<Option<Program>, StoreError> {
        let sql = "SELECT id, name, redirects, created FROM programs WHERE id = $1";
        let values = [id.into()];
        self.database().read(move |link| link.first(sql, &values, read_program)).await
    }

    /// Registers a program, unless there are as many as this.
    pub async fn add_program(&self, program: Program, most: usize) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let known = link.all("SELECT 1 FROM programs", &[], |_| Ok(()))?.len();
                if known >= most {
                    return Ok(false);
                }
                let values = [
                    program.id.into(),
                    program.name.into(),
                    program.redirects.join("\n").into(),
                    millis(program.created),
                ];
                let sql = "INSERT INTO programs (id, name, redirects, created) VALUES ($1, $2, $3, $4)";
                link.execute(sql, &values)?;
                Ok(true)
            })
            .await
    }

    /// Forgets a program, and ends all it was let into; `false` when there is none.
    pub async fn remove_program(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.database()
            .write(move |link| {
                let values = [id.into()];
                let sql =
                    "DELETE FROM sessions WHERE id IN (SELECT session FROM families WHERE program = $1)";
                link.execute(sql, &values)?;
                link.execute("DELETE FROM codes WHERE program = $1", &values)?;
                Ok(link.execute("DELETE FROM programs WHERE id = $1", &values)? > 0)
            })
            .await
    }

    /// Keeps a code; those that need not be known any more are forgotten.
    pub async fn create_code(&self, code: NewCode, now: Timestamp) -> Result<(), StoreError> {
        self.database()
            .write(move |link| {
                link.execute("DELETE FROM codes WHERE forgotten <= $1", &[millis(now)])?;
                let Consent { tenant, program, name, scope, proof } = code.consent;
                link.execute(
                    "INSERT INTO codes (code, session, tenant, program, name, redirect, challenge, scope, proof, checkpoint, expires, forgotten)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                    &[
                        code.code.to_vec().into(),
                        code.session.uuid().into(),
                        tenant.uuid().into(),
                        program.into(),
                        name.into(),
                        code.redirect.into(),
                        code.challenge.to_vec().into(),
                        scope.into(),
                        proof.into(),
                        Bound::Uuid(code.checkpoint.map(ChallengeId::uuid)),
                        millis(code.expires),
                        millis(code.forgotten),
                    ],
                )?;
                Ok(())
            })
            .await
    }

    /// Whether there is such a code, used or not: what somebody made up is not worth a write.
    pub async fn knows_code(&self, code: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM codes WHERE code = $1 AND forgotten > $2";
        let values = [code.to_vec().into(), millis(now)];
        let found = self.database().read(move |link| link.first(sql, &values, |_| Ok(())));
        Ok(found.await?.is_some())
    }

    /// Redeems a code: begins this session, whose account is the code's, with this refresh token, if `fits` says that whoever
    /// came is who asked for it. What it says no to is used up as well.
    pub async fn redeem_code(
        &self,
        code: [u8; 32],
        begin: Session,
        refresh: [u8; 32],
        proof: Option<String>,
        fits: impl FnOnce(&Code) -> bool + Send + 'static,
    ) -> Result<Redeemed, StoreError> {
        self.database()
            .write(move |link| {
                let now = begin.created;
                let sql = format!(
                    "SELECT {CONSENT}, f.redirect, f.challenge, f.checkpoint, f.family, f.expires, {SESSION}, {ACCOUNT} FROM codes f
                     JOIN sessions s ON s.id = f.session JOIN accounts a ON a.id = s.account
                     WHERE f.code = $1 AND f.forgotten > $2 AND s.expires > $3"
                );
                let found = link.first(&sql, &[code.to_vec().into(), millis(now), millis(now)], |cells| {
                    let consent = read_consent(cells, 0)?;
                    let checkpoint = cells.maybe(7)?.map(ChallengeId::from_uuid);
                    let (redirect, challenge) = (cells.get(5)?, hash(cells.get(6)?)?);
                    let known = Code { consent, redirect, challenge, checkpoint };
                    let (family, expires) = (cells.maybe::<Uuid>(8)?, cells.moment(9)?);
                    let own = read_session(cells, 10)?;
                    Ok((known, family, expires, own, read_account(cells, 10 + SESSION_WIDTH)?))
                })?;
                let Some((known, family, expires, own, account)) = found else {
                    return Ok(Redeemed::Refused(None));
                };
                if let Some(family) = family {
                    link.execute("DELETE FROM sessions WHERE id = $1", &[family.into()])?;
                    return Ok(Redeemed::Replayed(account.id));
                }
                let sql = "UPDATE codes SET family = $1 WHERE code = $2";
                link.execute(sql, &[begin.id.uuid().into(), code.to_vec().into()])?;
                if expires <= now || !fits(&known) {
                    return Ok(Redeemed::Refused(Some(account.id)));
                }
                let session =
                    Session {
                    account: account.id,
                    methods: own.methods,
                    authenticated: own.authenticated,
                    // What a company's word is good for ends for programs too.
                    ends: if own.company.is_some() { begin.ends.min(own.ends) } else { begin.ends },
                    expires: if own.company.is_some() { begin.expires.min(own.ends) } else { begin.expires },
                    company: own.company,
                    passkey_since: own.passkey_since,
                    ..begin
                };
                insert_session(link, &session)?;
                let consent = Consent { proof, ..known.consent };
                link.execute(
                    "INSERT INTO families (session, tenant, program, name, scope, proof, refresh, rotated)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    &[
                        session.id.uuid().into(),
                        consent.tenant.uuid().into(),
                        consent.program.as_str().into(),
                        consent.name.as_str().into(),
                        consent.scope.as_str().into(),
                        consent.proof.clone().into(),
                        refresh.to_vec().into(),
                        millis(now),
                    ],
                )?;
                Ok(Redeemed::Done(Box::new(Family { session, account, consent }), known.checkpoint))
            })
            .await
    }

    /// A program's place that is not over.
    pub async fn family(&self, id: SessionId, now: Timestamp) -> Result<Option<Family>, StoreError> {
        self.database().read(move |link| find_family(link, id, now)).await
    }

    /// Exchanges a refresh token for the next one. Whoever calls has seen that the token is one of this family's, be it the
    /// newest or not: any but the newest ends the family, if `fits` says that whoever came is whom it is for. Anybody else uses
    /// nothing up: a thief must not end what they cannot have.
    pub async fn refresh(
        &self,
        refresh: Refresh,
        fits: impl FnOnce(&Consent) -> bool + Send + 'static,
    ) -> Result<Redeemed, StoreError> {
        self.database()
            .write(move |link| {
                let Refresh { session: id, token, next, now, again_since, expires } = refresh;
                let Some(family) = find_family(link, id, now)? else { return Ok(Redeemed::Refused(None)) };
                let whose = family.account.id;
                if !fits(&family.consent) {
                    return Ok(Redeemed::Refused(Some(whose)));
                }
                let sql = "SELECT refresh, before, rotated FROM families WHERE session = $1";
                let found = link.first(sql, &[id.uuid().into()], |cells| {
                    let before = cells.maybe::<Vec<u8>>(1)?.map(hash).transpose()?;
                    Ok((hash(cells.get(0)?)?, before, cells.moment(2)?))
                })?;
                let Some((newest, before, rotated)) = found else {
                    return Ok(Redeemed::Refused(Some(whose)));
                };
                // The answer was lost: whoever has the key asks again, and what was lost is replaced.
                let again = before == Some(token) && family.consent.proof.is_some() && rotated > again_since;
                if newest != token && !again {
                    link.execute("DELETE FROM sessions WHERE id = $1", &[id.uuid().into()])?;
                    return Ok(Redeemed::Replayed(whose));
                }
                // Asking again does not make the moment last longer.
                let since = if again { rotated } else { now };
                let sql = "UPDATE families SET refresh = $1, before = $2, rotated = $3 WHERE session = $4";
                link.execute(
                    sql,
                    &[next.to_vec().into(), token.to_vec().into(), millis(since), id.uuid().into()],
                )?;
                let expires = expires.min(family.session.ends);
                let sql = "UPDATE sessions SET seen = $1, expires = $2 WHERE id = $3";
                link.execute(sql, &[millis(now), millis(expires), id.uuid().into()])?;
                Ok(Redeemed::Done(Box::new(family), None))
            })
            .await
    }

    /// Lets a program's place end at this moment, where it would have later and nobody comes back to it.
    pub async fn shorten_family(
        &self,
        id: SessionId,
        program: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET expires = $1 WHERE expires > $1
            AND id IN (SELECT session FROM families WHERE session = $2 AND program = $3)";
        let values = [millis(until), id.uuid().into(), program.into()];
        self.database().write(move |link| link.execute(sql, &values)).await.map(drop)
    }

    /// Ends a program's place; the program itself asks for it.
    pub async fn end_family(&self, id: SessionId, program: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE id IN (SELECT session FROM families WHERE session = $1 AND program = $2)";
        let values = [id.uuid().into(), program.into()];
        self.database().write(move |link| link.execute(sql, &values)).await.map(drop)
    }

    /// The programs that act for somebody, by their sessions.
    pub async fn families_of(&self, account: AccountId) -> Result<Vec<(SessionId, Consent)>, StoreError> {
        let sql = format!(
            "SELECT f.session, {CONSENT} FROM families f JOIN sessions s ON s.id = f.session WHERE s.account = $1"
        );
        let values = [account.uuid().into()];
        self.database()
            .read(move |link| {
                link.all(&sql, &values, |cells| {
                    Ok((SessionId::from_uuid(cells.get(0)?), read_consent(cells, 1)?))
                })
            })
            .await
    }
}

fn find_family(link: &mut dyn Link, id: SessionId, now: Timestamp) -> Result<Option<Family>, StoreError> {
    let sql = format!(
        "SELECT {CONSENT}, {SESSION}, {ACCOUNT} FROM families f JOIN sessions s ON s.id = f.session
         JOIN accounts a ON a.id = s.account WHERE f.session = $1 AND s.expires > $2"
    );
    link.first(&sql, &[id.uuid().into(), millis(now)], |cells| {
        Ok(Family {
            consent: read_consent(cells, 0)?,
            session: read_session(cells, 5)?,
            account: read_account(cells, 5 + SESSION_WIDTH)?,
        })
    })
}

fn read_program(cells: &dyn Cells) -> Result<Program, StoreError> {
    let redirects: String = cells.get(2)?;
    Ok(Program {
        id: cells.get(0)?,
        name: cells.get(1)?,
        redirects: redirects.lines().map(str::to_owned).collect(),
        created: cells.moment(3)?,
    })
}
