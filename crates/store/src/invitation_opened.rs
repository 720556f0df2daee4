//! Invitations of people who came without the link that was mailed: an app that names their address opens for them all the same.

use gridkeep_model::{AccountId, AppId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, Invitation, StoreError,
    dialect::{Link, millis},
    invitation::{COLUMNS, admit, read_invitation},
};

/// The invitation to an app of the address that an account has proven, while it holds, unless they asked for it themselves.
fn open_to(
    own: &mut dyn Link,
    (tenant, app): (TenantId, AppId),
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM accounts a JOIN invitations i ON i.address = a.email JOIN tenants t ON t.id = i.tenant
         WHERE a.id = $1 AND a.confirmed IS NOT NULL AND i.tenant = $2 AND i.app = $3 AND i.state = 'open' AND i.link IS NULL AND i.role = 'guest'
         AND (i.expires IS NULL OR i.expires > $4) AND t.ending IS NULL"
    );
    own.first(
        &sql,
        &[account.uuid().into(), tenant.uuid().into(), app.uuid().into(), millis(now)],
        read_invitation,
    )
}

impl Control {
    /// Lets an account join by the invitation that an app's naming its proven address goes with, now that it has opened the app;
    /// `None` when there is none that is open. Its link and mails end.
    pub async fn accept_opened(
        &self,
        place: (TenantId, AppId),
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        if self.database().read(move |own| open_to(own, place, account, now)).await?.is_none() {
            return Ok(None);
        }
        self.database()
            .write(move |own| {
                let Some(invitation) = open_to(own, place, account, now)? else { return Ok(None) };
                admit(own, &invitation, account, now)?;
                Ok(Some(invitation))
            })
            .await
    }
}
