//! The people of a tenant as its administrators look through them.
//!
//! **Architecture Invariant:** what is said of somebody is of this tenant: when they were last here, not elsewhere, and who let them in
//! here.

use gridkeep_model::{AccountId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Account, Control, StoreError, TenantRole,
    control::{ACCOUNT_HERE, ACCOUNT_WIDTH, read_account},
    dialect::{Cells, Link},
    membership::{holds_words, read_role},
};

/// Somebody who belongs to a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub account: Account,
    /// What they are to it.
    pub role: TenantRole,
    /// Since when.
    pub since: Timestamp,
    /// When they were last here; `None` when they never were.
    pub seen: Option<Timestamp>,
    /// What whoever invited them was called, where somebody did.
    pub invited_by: Option<String>,
}

/// In which order members come; those who are alike in it come by their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MemberOrder {
    /// By address.
    #[default]
    Address,
    /// By name, whatever its case.
    Name,
    /// Whoever came last first.
    Newest,
    /// Whoever was here last first, whoever never was last.
    Seen,
    /// Whoever was not here for the longest time first, before them whoever never was.
    Unseen,
}

/// Which members are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// Part of a name or address, in any case; all when empty.
    pub words: String,
    /// Only those who are this.
    pub role: Option<TenantRole>,
    /// Only these.
    pub among: Option<Vec<AccountId>>,
    /// None of these.
    pub but: Vec<AccountId>,
    /// In which order.
    pub order: MemberOrder,
    /// Only those behind this account.
    pub after: Option<AccountId>,
    /// How many at most.
    pub most: u32,
}

impl MemberOrder {
    /// What is compared, of an account and its membership under these names, and whether the greatest comes first.
    fn key(
        self,
        link: &dyn Link,
        (account, membership): (&str, &str),
        values: &mut Vec<Bound>,
    ) -> (String, bool) {
        match self {
            Self::Address => (format!("{account}.email"), false),
            Self::Name => (link.folded(&format!("{account}.name"), values), false),
            Self::Newest => (format!("{membership}.created"), true),
            Self::Seen => (format!("COALESCE({membership}.seen, 0)"), true),
            Self::Unseen => (format!("COALESCE({membership}.seen, 0)"), false),
        }
    }
}

/// The last who let them in here by an invitation to the tenant itself.
const INVITED_BY: &str =
    "(SELECT i.sender_name FROM invitations i WHERE i.account = a.id AND i.tenant = m.tenant
    AND i.app IS NULL AND i.state = 'accepted' ORDER BY i.decided DESC LIMIT 1)";

fn read_member(cells: &dyn Cells) -> Result<Member, StoreError> {
    let role = read_role(cells, ACCOUNT_WIDTH)?.ok_or_else(|| StoreError::corrupt("role", "none"))?;
    let seen = ACCOUNT_WIDTH + 2;
    Ok(Member {
        account: read_account(cells, 0)?,
        role,
        since: cells.moment(ACCOUNT_WIDTH + 1)?,
        seen: cells.maybe::<i64>(seen)?.map(|_| cells.moment(seen)).transpose()?,
        invited_by: cells.maybe(ACCOUNT_WIDTH + 3)?,
    })
}

/// Where the ids stand among the values they are added to.
fn places(ids: &[AccountId], values: &mut Vec<Bound>) -> String {
    let first = values.len() + 1;
    values.extend(ids.iter().map(|id| Bound::from(id.uuid())));
    (first..=values.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

impl Control {
    /// Members of a tenant, and how many there are in all that are sought.
    pub async fn members(&self, tenant: TenantId, sought: Sought) -> Result<(Vec<Member>, u64), StoreError> {
        if sought.among.as_ref().is_some_and(Vec::is_empty) {
            return Ok((Vec::new(), 0));
        }
        self.database()
            .read(move |link| {
                let mut values: Vec<Bound> = vec![tenant.uuid().into()];
                let mut from =
                    "FROM memberships m JOIN accounts a ON a.id = m.account WHERE m.tenant = $1".to_owned();
                if !sought.words.trim().is_empty() {
                    let found = holds_words(link, &sought.words, ["a.email", "a.name"], &mut values);
                    from = format!("{from} AND {found}");
                }
                if let Some(role) = sought.role {
                    values.push(role.word().into());
                    from = format!("{from} AND m.role = ${}", values.len());
                }
                if let Some(among) = &sought.among {
                    from = format!("{from} AND a.id IN ({})", places(among, &mut values));
                }
                if !sought.but.is_empty() {
                    from = format!("{from} AND a.id NOT IN ({})", places(&sought.but, &mut values));
                }
                let count: Option<i64> =
                    link.first(&format!("SELECT count(*) {from}"), &values, |cells| cells.get(0))?;
                let (key, last_first) = sought.order.key(link, ("a", "m"), &mut values);
                let (sign, way) = if last_first { ("<", "DESC") } else { (">", "ASC") };
                let mut behind = String::new();
                if let Some(after) = sought.after {
                    values.push(after.uuid().into());
                    let last = values.len();
                    let (other, _) = sought.order.key(link, ("b", "n"), &mut values);
                    // What is compared may be the same of several: the id goes with it.
                    behind = format!(
                        "AND ({key}, a.id) {sign} (SELECT {other}, b.id FROM accounts b
                         JOIN memberships n ON n.account = b.id AND n.tenant = $1 WHERE b.id = ${last})"
                    );
                }
                let sql = format!(
                    "SELECT {ACCOUNT_HERE}, m.role, m.created, m.seen, {INVITED_BY} {from} {behind}
                     ORDER BY {key} {way}, a.id {way} LIMIT {}",
                    sought.most
                );
                let members = link.all(&sql, &values, read_member)?;
                Ok((members, count.unwrap_or_default().max(0) as u64))
            })
            .await
    }

    /// What somebody is called from now on.
    pub async fn rename_account(&self, id: AccountId, name: String) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET name = $1 WHERE id = $2";
        self.execute(sql, vec![name.into(), id.uuid().into()]).await.map(drop)
    }

    /// A member of a tenant.
    pub async fn member(&self, tenant: TenantId, account: AccountId) -> Result<Option<Member>, StoreError> {
        self.database()
            .read(move |link| {
                let sql = format!(
                    "SELECT {ACCOUNT_HERE}, m.role, m.created, m.seen, {INVITED_BY}
                     FROM memberships m JOIN accounts a ON a.id = m.account
                     WHERE m.tenant = $1 AND m.account = $2"
                );
                link.first(&sql, &[tenant.uuid().into(), account.uuid().into()], read_member)
            })
            .await
    }
}
