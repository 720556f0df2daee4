//! Whom a tenant's providers do not let in any more, and letting them in again.
//!
//! **Architecture Invariant:** whoever was taken out does not come in again by signing in: neither with the account they had, which is
//! locked, nor as somebody new where the account is gone. Only whoever rules over people says otherwise, or the directory that took
//! them out, by naming them again.

use gridkeep_model::{AccountId, OutsideId, ProviderId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, StoreError,
    dialect::{Cells, Link},
    membership::TenantRole,
    outside::{belong, block},
};

/// Most that are listed.
const MOST: usize = 500;

/// Somebody who is not let in any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Who they are to the provider.
    pub id: OutsideId,
    /// What people call the provider.
    pub provider: String,
    /// Their account's address and name; `None` where a directory took them out for good.
    pub account: Option<(String, String)>,
    /// What the directory or the provider calls them.
    pub known_as: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

/// Whether a directory took somebody out for good.
pub(crate) fn is_dismissed(
    link: &mut dyn Link,
    provider: ProviderId,
    (issuer, subject): (&str, &str),
    external: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM dismissed_identities WHERE provider = $1
        AND (issuer = $2 AND subject = $3 OR external = $4) LIMIT 1";
    let values = [provider.uuid().into(), issuer.into(), subject.into(), external.into()];
    Ok(link.first(sql, &values, |_| Ok(()))?.is_some())
}

impl Control {
    /// Whom a tenant's providers let in no more, the last first: whom an administrator removed, and whom a directory took out for good.
    /// Whom a directory knows, and does not let in, is its own to let in again.
    pub async fn removed_people(&self, tenant: TenantId) -> Result<Vec<Removed>, StoreError> {
        let locked = format!(
            "SELECT o.id, p.name, o.external, o.blocked, a.email, a.name FROM outside_identities o
             JOIN identity_providers p ON p.id = o.provider JOIN accounts a ON a.id = o.account
             WHERE p.tenant = $1 AND o.blocked IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.tenant = $1 AND m.account = o.account)
               AND NOT EXISTS (SELECT 1 FROM directory_users u WHERE u.provider = o.provider AND u.account = o.account
                    AND NOT u.active)
             ORDER BY o.blocked DESC, o.id LIMIT {MOST}"
        );
        let gone = format!(
            "SELECT d.id, p.name, COALESCE(d.external, d.subject), d.at FROM dismissed_identities d
             JOIN identity_providers p ON p.id = d.provider WHERE p.tenant = $1 ORDER BY d.at DESC, d.id LIMIT {MOST}"
        );
        let read = |cells: &dyn Cells| {
            Ok(Removed {
                id: OutsideId::from_uuid(cells.get(0)?),
                provider: cells.get(1)?,
                account: None,
                known_as: cells.maybe(2)?,
                at: cells.moment(3)?,
            })
        };
        let values = [tenant.uuid().into()];
        let found = self.database().read(move |link| {
            let mut all = link.all(&locked, &values, |cells| {
                Ok(Removed { account: Some((cells.get(4)?, cells.get(5)?)), ..read(cells)? })
            })?;
            all.extend(link.all(&gone, &values, read)?);
            Ok::<_, StoreError>(all)
        });
        let mut all = found.await?;
        all.sort_by_key(|removed| (std::cmp::Reverse(removed.at), removed.id));
        all.truncate(MOST);
        Ok(all)
    }

    /// Lets somebody in again: whoever has an account belongs to the tenant as a member, for anybody else the provider's rules say what
    /// they become. `false` when there is nobody of this id to be let in.
    pub async fn let_in_again(
        &self,
        tenant: TenantId,
        id: OutsideId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT o.account FROM outside_identities o JOIN identity_providers p ON p.id = o.provider
                    WHERE p.tenant = $1 AND o.id = $2 AND o.blocked IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.tenant = $1 AND m.account = o.account)
                      AND NOT EXISTS (SELECT 1 FROM directory_users u WHERE u.provider = o.provider
                            AND u.account = o.account AND NOT u.active)";
                let values = [tenant.uuid().into(), id.uuid().into()];
                let found = link.first(sql, &values, |cells| Ok(AccountId::from_uuid(cells.get(0)?)))?;
                if let Some(account) = found {
                    block(link, tenant, account, None)?;
                    belong(link, (tenant, account), TenantRole::Member, None, now)?;
                    return Ok(true);
                }
                let sql = "DELETE FROM dismissed_identities WHERE provider IN
                    (SELECT p.id FROM identity_providers p WHERE p.tenant = $1) AND id = $2";
                Ok(link.execute(sql, &values)? > 0)
            })
            .await
    }
}
