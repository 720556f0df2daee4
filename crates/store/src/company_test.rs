//! What came of testing providers, whichever server whoever tested comes back to.
//!
//! **Architecture Invariant:** it is one provider's, and is over after a while whether somebody looked at it or not. What it says is sealed
//! by whoever keeps it.

use gridkeep_model::ProviderId;
use jiff::Timestamp;

use crate::{Control, StoreError, dialect::millis};

/// Results of one provider that are kept at once.
const MOST: usize = 20;

impl Control {
    /// Keeps what came of a test of a provider until it expires; `false` when there is no such provider.
    pub async fn keep_company_test(
        &self,
        provider: ProviderId,
        token: [u8; 32],
        result: Vec<u8>,
        (now, expires): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                link.execute("DELETE FROM company_tests WHERE expires <= $1", &[millis(now)])?;
                let sql = "SELECT token FROM company_tests WHERE provider = $1 ORDER BY expires DESC, token";
                let own: Vec<Vec<u8>> = link.all(sql, &[provider.uuid().into()], |cells| cells.get(0))?;
                for old in own.into_iter().skip(MOST - 1) {
                    link.execute("DELETE FROM company_tests WHERE token = $1", &[old.into()])?;
                }
                let sql = "INSERT INTO company_tests (token, provider, result, expires)
                    SELECT $1, p.id, $2, $3 FROM identity_providers p WHERE p.id = $4";
                let values =
                    [token.to_vec().into(), result.clone().into(), millis(expires), provider.uuid().into()];
                Ok(link.execute(sql, &values)? > 0)
            })
            .await
    }

    /// What came of a test of this provider, as it was sealed.
    pub async fn company_test(
        &self,
        provider: ProviderId,
        token: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT result FROM company_tests WHERE token = $1 AND provider = $2 AND expires > $3";
        let values = [token.to_vec().into(), provider.uuid().into(), millis(now)];
        self.database().read(move |link| link.first(sql, &values, |cells| cells.get(0))).await
    }

    /// Forgets results whose time is over; answers how many.
    pub async fn forget_company_tests(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.execute("DELETE FROM company_tests WHERE expires <= $1", vec![millis(now)]).await
    }
}
