//! Letting in whom a tenant's provider vouches for.
//!
//! **Architecture Invariant:** whose account it is, is decided by provider, issuer and subject, in the commit that makes the account
//! where there is none: many at once are one. The same commit counts it: whoever is not let in takes nobody's room.

use gridkeep_model::{AccountId, OutsideId, ProviderId, TenantId};
use jiff::Timestamp;

use crate::{
    Account, Control, NewAccount, Origin, Outside, StoreError,
    app::normalise_email,
    dialect::{Link, millis},
    membership::{TenantRole, find_account_in, read_role, role_in},
    newcomer::insert_account,
    outside::{belong, insert, of_external, of_subject, vouch},
    removed::is_dismissed,
    tally::Tally,
};

/// Somebody a provider vouches for, who wants in.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The provider, and its tenant.
    pub provider: ProviderId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who they are to it.
    pub issuer: String,
    /// Who they are to the issuer.
    pub subject: String,
    /// What a directory that may have provisioned them calls them.
    pub external: Option<String>,
    /// The account to be made, or brought up to date where it was made for this identity; without an address, or at another than
    /// before, it stays as it is.
    pub account: NewAccount,
    /// A name for the identity, should it be new.
    pub id: OutsideId,
    /// What they become who are new; nobody new is let in when `None`.
    pub newcomers: Option<TenantRole>,
    /// What they are from now on whose account was made for this identity; as before when `None`. Owners stay owners.
    pub role: Option<TenantRole>,
    /// The provider's word counts for the address, within the tenant.
    pub vouched: bool,
    /// Whether the provider told an address at all.
    pub addressed: bool,
    /// Whoever is new is not let in where somebody of the tenant has proven the address that the provider vouches for and is not known
    /// to it yet: they say first whether that is them.
    pub asks: bool,
    /// How many are let in who are new; as many as come when `None`.
    pub room: Option<Allowance>,
}

/// How many may be new within a while. Counted are those whose account is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted: the while has a name of its own.
    pub what: [u8; 32],
    /// The most.
    pub most: u32,
    /// When the count may be forgotten.
    pub until: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// They are in.
    Done(Box<LetIn>),
    /// Nobody of the tenant, and nobody new is let in.
    Unknown,
    /// They were removed or locked out.
    Blocked,
    /// They are new, and somebody of the tenant has their address already.
    Twin,
    /// They are new, and there is no room for more.
    Full,
}

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetIn {
    /// Whose account it is, its address proven as far as the tenant is concerned.
    pub account: Account,
    /// What they are to the tenant.
    pub role: TenantRole,
    /// Who they are to the provider.
    pub outside: Outside,
    /// The account has just been made.
    pub new: bool,
}

impl Control {
    /// Lets in whom a provider vouches for, makes their account where they have none, and says whose it is: all in one commit.
    pub async fn admit(&self, admission: Admission) -> Result<Admitted, StoreError> {
        self.database().write(move |link| admit(link, admission)).await
    }
}

fn admit(link: &mut dyn Link, admission: Admission) -> Result<Admitted, StoreError> {
    let Admission { provider, tenant, issuer, subject, external, account: new, .. } = admission;
    let now = new.created;
    let sql = "SELECT most FROM identity_providers WHERE id = $1 AND tenant = $2 AND enabled";
    let values = [provider.uuid().into(), tenant.uuid().into()];
    let Some(most) = link.first(sql, &values, |cells| read_role(cells, 0))? else {
        return Ok(Admitted::Unknown);
    };
    let mut known = of_subject(link, provider, &issuer, &subject)?;
    // Where nobody said which claim a directory knows people by, it may know them by the subject.
    let external = external.unwrap_or_else(|| subject.clone());
    let named = of_external(link, provider, &external)?;
    let is_named = named.is_some();
    if known.is_none()
        && let Some(provisioned) = named
        && provisioned.subject.is_none()
    {
        // Whom a directory named comes for the first time.
        let sql = "UPDATE outside_identities SET issuer = $1, subject = $2 WHERE id = $3";
        let values = [issuer.as_str().into(), subject.as_str().into(), provisioned.id.uuid().into()];
        link.execute(sql, &values)?;
        known = Some(Outside { subject: Some((issuer.clone(), subject.clone())), ..provisioned });
    }
    let is_new = known.is_none();
    let (email, name) = (normalise_email(&new.email), new.name.clone());
    let (skeleton, addressed) = (new.skeleton.clone(), admission.addressed);
    let outside = match known {
        Some(known) if known.blocked.is_some() => return Ok(Admitted::Blocked),
        Some(known) => known,
        None => {
            if admission.newcomers.is_none() {
                return Ok(Admitted::Unknown);
            }
            if is_dismissed(link, provider, (&issuer, &subject), &external)? {
                return Ok(Admitted::Blocked);
            }
            if admission.asks && admission.vouched && has_member(link, (tenant, provider), &email)? {
                return Ok(Admitted::Twin);
            }
            if let Some(room) = admission.room
                && !has_room(link, room, now)?
            {
                return Ok(Admitted::Full);
            }
            let made = insert_account(link, new, None)?;
            let outside = Outside {
                id: admission.id,
                provider,
                account: made.id,
                subject: Some((issuer, subject)),
                external: (!is_named).then(|| external.clone()),
                origin: Origin::Made,
                blocked: None,
                created: now,
                seen: None,
            };
            insert(link, &outside)?;
            outside
        }
    };
    let account = outside.account;
    if outside.external.is_none() && !is_named {
        // So that a directory that names them later finds them here.
        let sql = "UPDATE outside_identities SET external = $1 WHERE id = $2";
        link.execute(sql, &[external.into(), outside.id.uuid().into()])?;
    }
    let sql = "UPDATE outside_identities SET seen = $1 WHERE id = $2";
    link.execute(sql, &[millis(now), outside.id.uuid().into()])?;
    if outside.origin != Origin::Linked {
        if let Some(newcomer) = admission.role.or(admission.newcomers) {
            belong(link, (tenant, account), newcomer, admission.role, now)?;
        }
        // Whoever set the provider up must not come by the mail of those who are more: a reset by it is a proof of one's own.
        if addressed && !is_new && role_in(link, tenant, account)? <= most {
            let sql = "UPDATE accounts SET email = $1, skeleton = $2, name = $3
                WHERE id = $4 AND confirmed IS NULL AND (email <> $1 OR name <> $3)";
            let values = [email.as_str().into(), skeleton.into(), name.into(), account.uuid().into()];
            link.execute(sql, &values)?;
        }
    }
    let Some((own, _)) = find_account_in(link, tenant, account)? else { return Ok(Admitted::Unknown) };
    // Where nothing is said of an address, what the directory says of it goes on.
    if addressed || !names_address(link, provider, account, &own.email)? {
        let vouched = admission.vouched && addressed && own.email == email;
        vouch(link, tenant, account, vouched.then_some(now))?;
    }
    // Removed, or linked by somebody who belongs to the tenant no longer.
    let Some((account, Some(role))) = find_account_in(link, tenant, account)? else {
        return Ok(Admitted::Unknown);
    };
    let outside = Outside { seen: Some(now), ..outside };
    Ok(Admitted::Done(Box::new(LetIn { account, role, outside, new: is_new })))
}

/// Whether somebody of the tenant, whom the provider does not know, has proven an address.
fn has_member(
    link: &mut dyn Link,
    (tenant, provider): (TenantId, ProviderId),
    email: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM accounts a JOIN memberships m ON m.account = a.id AND m.tenant = $1
        WHERE a.email = $2 AND a.confirmed IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM outside_identities o WHERE o.provider = $3 AND o.account = a.id)";
    let values = [tenant.uuid().into(), email.into(), provider.uuid().into()];
    Ok(link.first(sql, &values, |_| Ok(()))?.is_some())
}

/// Whether the provider's directory has somebody, and by this address.
fn names_address(
    link: &mut dyn Link,
    provider: ProviderId,
    account: AccountId,
    address: &str,
) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM directory_users WHERE provider = $1 AND account = $2 AND address = $3 AND active";
    let values = [provider.uuid().into(), account.uuid().into(), address.into()];
    Ok(link.first(sql, &values, |_| Ok(()))?.is_some())
}

/// Counts one more for whom there is room. Counted first: of many at once each sees those before.
fn has_room(link: &mut dyn Link, room: Allowance, now: Timestamp) -> Result<bool, StoreError> {
    let mut tally = Tally::within(link, now);
    tally.count(&room.what, room.until)?;
    let fits = tally.tries(&room.what)?.failures <= room.most;
    if !fits {
        tally.take_back(&room.what)?;
    }
    Ok(fits)
}
