//! Who showed anew at their company who they are.
//!
//! **Architecture Invariant:** a proof is one session's and for one purpose, and is taken once. It is newer than what the session knew
//! before: a provider that asks nobody anything repeats itself.

use gridkeep_model::SessionId;
use jiff::Timestamp;

use crate::{Control, StoreError, dialect::millis};

/// Proofs of one session that wait to be taken.
const MOST: usize = 20;

/// What somebody showed anew at their company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyProof {
    /// When, as the provider says.
    pub authenticated: Timestamp,
    /// How, in the provider's words (`acr`, an authentication context).
    pub acr: Option<String>,
    /// The same in the words of RFC 8176, with blanks between.
    pub amr: Option<String>,
}

impl Control {
    /// Keeps what somebody showed anew in a session, to be taken until it expires; `false` when the session is over, or knows of that
    /// moment or a later one already. The session is as fresh as that from now on.
    pub async fn keep_company_proof(
        &self,
        session: SessionId,
        (purpose, freshens): ([u8; 32], bool),
        proof: CompanyProof,
        (now, expires): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let id = session.uuid();
                let sql = "UPDATE sessions SET authenticated = CASE WHEN $1 THEN $2 ELSE authenticated END,
                        acr = CASE WHEN $1 THEN $3 ELSE acr END, amr = CASE WHEN $1 THEN $4 ELSE amr END
                    WHERE id = $5 AND authenticated < $2 AND expires > $6 AND provider IS NOT NULL";
                let (acr, amr) = (proof.acr.clone(), proof.amr.clone());
                let shown = millis(proof.authenticated);
                let values = [freshens.into(), shown, acr.into(), amr.into(), id.into(), millis(now)];
                if link.execute(sql, &values)? == 0 {
                    return Ok(false);
                }
                link.execute("DELETE FROM company_proofs WHERE expires <= $1", &[millis(now)])?;
                let sql =
                    "SELECT purpose FROM company_proofs WHERE session = $1 ORDER BY expires DESC, purpose";
                let own: Vec<Vec<u8>> = link.all(sql, &[id.into()], |cells| cells.get(0))?;
                for purpose in own.into_iter().skip(MOST - 1) {
                    let sql = "DELETE FROM company_proofs WHERE session = $1 AND purpose = $2";
                    link.execute(sql, &[id.into(), purpose.into()])?;
                }
                let sql = "INSERT INTO company_proofs (session, purpose, authenticated, acr, amr, expires)
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session, purpose) DO UPDATE SET
                        authenticated = excluded.authenticated, acr = excluded.acr, amr = excluded.amr,
                        expires = excluded.expires";
                let values = [
                    id.into(),
                    purpose.to_vec().into(),
                    millis(proof.authenticated),
                    proof.acr.into(),
                    proof.amr.into(),
                    millis(expires),
                ];
                link.execute(sql, &values)?;
                Ok(true)
            })
            .await
    }

    /// Takes what somebody showed anew in a session for a purpose; nobody takes it again.
    pub async fn take_company_proof(
        &self,
        session: SessionId,
        purpose: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<CompanyProof>, StoreError> {
        self.database()
            .write(move |link| {
                let values = [session.uuid().into(), purpose.to_vec().into(), millis(now)];
                let sql = "SELECT authenticated, acr, amr FROM company_proofs
                    WHERE session = $1 AND purpose = $2 AND expires > $3";
                let found = link.first(sql, &values, |cells| {
                    Ok(CompanyProof {
                        authenticated: cells.moment(0)?,
                        acr: cells.maybe(1)?,
                        amr: cells.maybe(2)?,
                    })
                })?;
                let [session, purpose, _] = values;
                let sql = "DELETE FROM company_proofs WHERE session = $1 AND purpose = $2";
                link.execute(sql, &[session, purpose])?;
                Ok(found)
            })
            .await
    }
}
