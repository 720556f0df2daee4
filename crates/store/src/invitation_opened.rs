//! Invitations of people who came without the link that was mailed: an app that names their address opens for them all the same.

use gridkeep_model::{AccountId, AppId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, Invitation, StoreError,
    dialect::Link,
    invitation::{COLUMNS, admit, read_invitation},
};

/// The open invitation to an app of the address that an account has proven, unless they asked for it themselves.
fn open_to(
    own: &mut dyn Link,
    (tenant, app): (TenantId, AppId),
    account: AccountId,
) -> Result<Option<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM accounts a JOIN invitations i ON i.address = a.email
         WHERE a.id = $1 AND a.confirmed IS NOT NULL AND i.tenant = $2 AND i.app = $3 AND i.state = 'open' AND i.link IS NULL AND i.role = 'guest'"
    );
    own.first(&sql, &[account.uuid().into(), tenant.uuid().into(), app.uuid().into()], read_invitation)
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
        if self.database().read(move |own| open_to(own, place, account)).await?.is_none() {
            return Ok(None);
        }
        self.database()
            .write(move |own| {
                let Some(invitation) = open_to(own, place, account)? else { return Ok(None) };
                admit(own, &invitation, account, now)?;
                Ok(Some(invitation))
            })
            .await
    }
}
