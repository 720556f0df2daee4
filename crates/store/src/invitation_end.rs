//! How invitations end: declined, taken back, settled, forgotten.
//!
//! **Architecture Invariant:** with an invitation end its links and the mails that are still to come, in one commit.

use gridkeep_model::{AccountId, AppId, InvitationId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, Invitation, InvitationState, StoreError,
    dialect::millis,
    invitation::{COLUMNS, at_app, decide, opened, read_invitation},
};

impl Control {
    /// Notes that whoever holds a link wants nothing of its invitation; `false` when it opens none.
    pub async fn decline_invitation(&self, token: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        self.database()
            .write(move |own| match opened(own, token, now)? {
                Some((_, invitation)) => {
                    decide(own, invitation.id, InvitationState::Declined, now)?;
                    Ok(true)
                }
                None => Ok(false),
            })
            .await
    }

    /// The last invitation of this sender's that was declined by then.
    pub async fn last_declined(
        &self,
        sender: AccountId,
        until: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations i WHERE i.sender = $1 AND i.state = 'declined' AND i.decided <= $2
             ORDER BY i.decided DESC, i.id DESC LIMIT 1"
        );
        let values = [sender.uuid().into(), millis(until)];
        self.database().read(move |own| own.first(&sql, &values, read_invitation)).await
    }

    /// Takes an open invitation of a tenant back; `false` when there is none.
    pub async fn revoke_invitation(
        &self,
        tenant: TenantId,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |own| {
                let sql = "SELECT 1 FROM invitations WHERE id = $1 AND tenant = $2 AND state = 'open'";
                let there = own.first(sql, &[id.uuid().into(), tenant.uuid().into()], |_| Ok(()))?;
                if there.is_some() {
                    decide(own, id, InvitationState::Revoked, now)?;
                }
                Ok(there.is_some())
            })
            .await
    }

    /// Takes back what is open of an address: to one app, or to the tenant and all its apps.
    pub async fn revoke_invitations_of(
        &self,
        tenant: TenantId,
        app: Option<AppId>,
        addresses: Vec<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.database()
            .write(move |own| {
                for address in addresses {
                    let mut values = vec![tenant.uuid().into(), address.into()];
                    let at = app.map(|app| at_app("app", Some(app), &mut values));
                    let sql = format!(
                        "SELECT id FROM invitations WHERE tenant = $1 AND address = $2 AND state = 'open' AND {}",
                        at.as_deref().unwrap_or("1 = 1")
                    );
                    let all = own.all(&sql, &values, |cells| Ok(InvitationId::from_uuid(cells.get(0)?)))?;
                    for id in all {
                        decide(own, id, InvitationState::Revoked, now)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Accepted invitations whose people were not given yet what belongs to them, at most so many.
    pub async fn unsettled(&self, most: u32) -> Result<Vec<Invitation>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations i WHERE i.state = 'accepted' AND i.settled IS NULL
             ORDER BY i.decided LIMIT {most}"
        );
        self.database().read(move |own| own.all(&sql, &[], read_invitation)).await
    }

    /// Notes that whoever accepted was given what belongs to it.
    pub async fn settle_invitation(&self, id: InvitationId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE invitations SET settled = $1 WHERE id = $2";
        self.execute(sql, vec![millis(now), id.uuid().into()]).await.map(drop)
    }

    /// Forgets invitations that were decided, or ran out, before a moment, with their lists and links; answers how many.
    pub async fn forget_invitations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database()
            .write(move |own| {
                let before = [millis(before)];
                let gone = own.execute(
                    "DELETE FROM invitations WHERE coalesce(decided, expires, asked) < $1
                        AND (state <> 'accepted' OR settled IS NOT NULL)",
                    &before,
                )?;
                own.execute(
                    "DELETE FROM invitation_jobs WHERE created < $1
                        AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.job = invitation_jobs.id)",
                    &before,
                )?;
                own.execute("DELETE FROM join_links WHERE coalesce(revoked, expires) < $1", &before)?;
                Ok(gone)
            })
            .await
    }
}
