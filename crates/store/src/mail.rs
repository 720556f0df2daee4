//! Mails to send and mails sent.
//!
//! **Architecture Invariant:** a mail is kept before anybody is told that it will come, and tried until it is sent or given
//! up. Whoever takes it up holds it for a while: several servers do not send it twice, and one that dies does not lose it.

use gridkeep_model::{AccountId, InvitationId, MailId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Control, StoreError,
    dialect::{Cells, millis},
};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailPurpose {
    /// Asks whether an address is somebody's.
    Confirm,
    /// Lets somebody set a new password.
    Reset,
    /// Says that the password was changed.
    PasswordChanged,
    /// Says that somebody signed in with a browser that is new to the account.
    NewBrowser,
    /// Lets somebody into a tenant or an app.
    Invitation,
    /// Says that a second factor was added.
    FactorAdded,
    /// Says that a second factor was removed.
    FactorRemoved,
    /// Says that recovery codes were made.
    RecoveryCodesMade,
    /// Says that a recovery code let somebody in.
    RecoveryCodeUsed,
    /// Says that an administrator took away all second factors.
    FactorsReset,
    /// Says that a company's sign-in was linked with the account.
    CompanyLinked,
    /// Says that a PIN was set.
    PinSet,
    /// Says that a PIN was removed.
    PinRemoved,
    /// Says that a PIN had all its tries.
    PinDisabled,
    /// Says that changes which came without somebody wait for their approval.
    ApprovalWaits,
    /// Says that somebody else approved or turned down what one began.
    ApprovalAnswered,
    /// Says that somebody declined an invitation.
    InvitationDeclined,
    /// Says that nobody can change gates any more.
    GatesUnmeetable,
}

impl MailPurpose {
    const ALL: [Self; 18] = [
        Self::Confirm,
        Self::Reset,
        Self::PasswordChanged,
        Self::NewBrowser,
        Self::Invitation,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesMade,
        Self::RecoveryCodeUsed,
        Self::FactorsReset,
        Self::CompanyLinked,
        Self::PinSet,
        Self::PinRemoved,
        Self::PinDisabled,
        Self::ApprovalWaits,
        Self::ApprovalAnswered,
        Self::InvitationDeclined,
        Self::GatesUnmeetable,
    ];

    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
            Self::PasswordChanged => "passwordChanged",
            Self::NewBrowser => "newBrowser",
            Self::Invitation => "invitation",
            Self::FactorAdded => "factorAdded",
            Self::FactorRemoved => "factorRemoved",
            Self::RecoveryCodesMade => "recoveryCodesMade",
            Self::RecoveryCodeUsed => "recoveryCodeUsed",
            Self::FactorsReset => "factorsReset",
            Self::CompanyLinked => "companyLinked",
            Self::PinSet => "pinSet",
            Self::PinRemoved => "pinRemoved",
            Self::PinDisabled => "pinDisabled",
            Self::ApprovalWaits => "approvalWaits",
            Self::ApprovalAnswered => "approvalAnswered",
            Self::InvitationDeclined => "invitationDeclined",
            Self::GatesUnmeetable => "gatesUnmeetable",
        }
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStatus {
    /// It waits for its first or next try.
    Queued,
    /// The server it was given to took it.
    Sent,
    /// The server it was given to refused its receiver.
    Bounced,
    /// It was given up.
    Failed,
    /// No server was there to send it: it is read here.
    Kept,
}

impl MailStatus {
    const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::Bounced, Self::Failed, Self::Kept];

    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
            Self::Kept => "kept",
        }
    }
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its identity.
    pub id: MailId,
    /// What it is about.
    pub purpose: MailPurpose,
    /// Whom it goes to.
    pub address: String,
    /// Whose account it is about.
    pub account: Option<AccountId>,
    /// The invitation it is about; noted by [`Control::feed_invitations`].
    pub invitation: Option<InvitationId>,
    /// Its language, as a BCP 47 tag.
    pub language: String,
    /// When it was made.
    pub created: Timestamp,
}

/// What is known of a mail that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailState {
    /// What became of it.
    pub status: MailStatus,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next; `None` when it is done.
    pub due: Option<Timestamp>,
    /// What the last try said.
    pub answer: Option<String>,
    /// Subject and text, where it is read here.
    pub text: Option<(String, String)>,
}

const COLUMNS: &str =
    "id, purpose, address, account, invitation, language, created, status, tries, due, answer, subject, body";

fn read_mail(cells: &dyn Cells) -> Result<(Mail, MailState), StoreError> {
    let id = |index: usize| cells.maybe::<Uuid>(index);
    let (purpose, status): (String, String) = (cells.get(1)?, cells.get(7)?);
    let known = MailPurpose::ALL.into_iter().find(|own| own.word() == purpose);
    let purpose = known.ok_or_else(|| StoreError::corrupt("mail", purpose))?;
    let known = MailStatus::ALL.into_iter().find(|own| own.word() == status);
    let status = known.ok_or_else(|| StoreError::corrupt("mail", status))?;
    let mail = Mail {
        id: MailId::from_uuid(cells.get(0)?),
        purpose,
        address: cells.get(2)?,
        account: id(3)?.map(AccountId::from_uuid),
        invitation: id(4)?.map(InvitationId::from_uuid),
        language: cells.get(5)?,
        created: cells.moment(6)?,
    };
    let state = MailState {
        status,
        tries: cells.get(8)?,
        due: cells.maybe::<i64>(9)?.map(|_| cells.moment(9)).transpose()?,
        answer: cells.maybe(10)?,
        text: cells.maybe(11)?.zip(cells.maybe(12)?),
    };
    Ok((mail, state))
}

impl Control {
    /// Keeps mails to be sent at once.
    pub async fn queue_mails(&self, mails: Vec<Mail>) -> Result<(), StoreError> {
        self.database()
            .write(move |own| {
                for mail in mails {
                    own.execute(
                        "INSERT INTO mails (id, purpose, address, account, language, status, tries, due, created, invitation)
                         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8)",
                        &[
                            mail.id.uuid().into(),
                            mail.purpose.word().into(),
                            mail.address.into(),
                            mail.account.map(AccountId::uuid).into(),
                            mail.language.into(),
                            MailStatus::Queued.word().into(),
                            millis(mail.created),
                            mail.invitation.map(InvitationId::uuid).into(),
                        ],
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// The mails that are due, the oldest first, at most so many; each is nobody else's until `held`, and counts as tried.
    pub async fn take_mails(
        &self,
        most: u32,
        now: Timestamp,
        held: Timestamp,
    ) -> Result<Vec<(Mail, MailState)>, StoreError> {
        self.database()
            .write(move |own| {
                let sql =
                    format!("SELECT {COLUMNS} FROM mails WHERE due <= $1 ORDER BY due, id LIMIT {most}");
                let mut taken = own.all(&sql, &[millis(now)], read_mail)?;
                for (mail, state) in &mut taken {
                    state.tries += 1;
                    let sql = "UPDATE mails SET due = $1, tries = $2 WHERE id = $3";
                    own.execute(sql, &[millis(held), state.tries.into(), mail.id.uuid().into()])?;
                }
                Ok(taken)
            })
            .await
    }

    /// Notes what became of a mail, and of the invitation it is of.
    pub async fn settle_mail(&self, id: MailId, state: MailState) -> Result<(), StoreError> {
        self.database()
            .write(move |own| {
                let (subject, body) = state.text.unzip();
                own.execute(
                    "UPDATE invitations SET mail = $1, answer = $2
                     WHERE state = 'open' AND id = (SELECT m.invitation FROM mails m WHERE m.id = $3)",
                    &[state.status.word().into(), state.answer.clone().into(), id.uuid().into()],
                )?;
                own.execute(
                    "UPDATE mails SET status = $1, tries = $2, due = $3, answer = $4, subject = $5, body = $6 WHERE id = $7",
                    &[
                        state.status.word().into(),
                        state.tries.into(),
                        state.due.map_or(sea_query::Value::BigInt(None), millis),
                        state.answer.into(),
                        subject.into(),
                        body.into(),
                        id.uuid().into(),
                    ],
                )?;
                Ok(())
            })
            .await
    }

    /// Whether its address was given as many others of its purpose since a moment: so many about the same account, or so many in
    /// all.
    pub async fn is_crowded(
        &self,
        mail: &Mail,
        since: Timestamp,
        (same, all): (u64, u64),
    ) -> Result<bool, StoreError> {
        let sql = "SELECT account FROM mails
            WHERE address = $1 AND purpose = $2 AND created > $3 AND id <> $4 AND due IS NULL";
        let values =
            [mail.address.as_str().into(), mail.purpose.word().into(), millis(since), mail.id.uuid().into()];
        let about = mail.account.map(AccountId::uuid);
        let read = |cells: &dyn Cells| cells.maybe::<Uuid>(0);
        let others = self.database().read(move |own| own.all(sql, &values, read)).await?;
        let alike = others.iter().filter(|other| **other == about).count() as u64;
        Ok(alike >= same || others.len() as u64 >= all)
    }

    /// Deletes a mail that turned out to have nobody to go to.
    pub async fn drop_mail(&self, id: MailId) -> Result<(), StoreError> {
        let sql = "DELETE FROM mails WHERE id = $1";
        self.database().write(move |own| own.execute(sql, &[id.uuid().into()])).await.map(drop)
    }

    /// The newest mails, at most so many.
    pub async fn mails(&self, most: u32) -> Result<Vec<(Mail, MailState)>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM mails ORDER BY created DESC, id DESC LIMIT {most}");
        self.database().read(move |own| own.all(&sql, &[], read_mail)).await
    }

    /// Deletes the mails made before a moment that are done with; answers which.
    pub async fn forget_mails(&self, before: Timestamp) -> Result<Vec<MailId>, StoreError> {
        let sql = "DELETE FROM mails WHERE created < $1 AND due IS NULL RETURNING id";
        let read = |cells: &dyn Cells| Ok(MailId::from_uuid(cells.get(0)?));
        self.database().write(move |own| own.all(sql, &[millis(before)], read)).await
    }
}
