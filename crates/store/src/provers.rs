//! Who of those who rule over a tenant can prove at a gate that they are there.
//!
//! **Architecture Invariant:** there is one answer to who can meet a gate now, [`Provers`]: the page of gates shows it, and what is
//! taken away by hand is taken in a commit that asks it before and after. What nobody may be kept from goes through, and is shown.

use std::{collections::BTreeSet, sync::Arc};

use gridkeep_model::{
    AccountId, TenantId,
    checkpoint::{Gate, GateSettings, Method, Rule},
    domain::of_address,
};
use jiff::Timestamp;

use crate::{
    Control, StoreError,
    database::Database,
    dialect::Link,
    factor::FactorKind,
    glass::required,
    membership::{TenantRole, read_role},
    pin::PIN_TRIES,
};

/// How the hash ends of an account that comes by no password: no output is all zeros (`Hasher::nobody` of `gridkeep-identity`).
const NO_PASSWORD: &str = "%$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a gate asks of those who rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// One of these ways.
    methods: BTreeSet<Method>,
    /// Somebody else than whoever began it.
    four_eyes: bool,
}

/// Somebody who rules over a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prover {
    /// Who.
    pub account: AccountId,
    /// Their address.
    pub address: String,
    /// It is theirs, as far as the tenant is concerned.
    pub confirmed: bool,
    /// How they could prove that they are there, in a session that they could have.
    pub ways: BTreeSet<Method>,
}

/// All who rule over a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provers(Vec<Prover>);

/// Why nobody can meet a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Nobody has one of the ways that it takes.
    Way,
    /// One approves what another began, and there is but one.
    Second,
}

impl Lack {
    /// As it is shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Way => "way",
            Self::Second => "second",
        }
    }
}

impl Asked {
    /// Of a gate under these settings; `None` where it does not ask.
    pub fn of(gate: &Gate, settings: &GateSettings) -> Option<Self> {
        let methods = Rule::of([gate], settings).methods;
        (gate.active && settings.enabled).then_some(Self { methods, four_eyes: settings.four_eyes })
    }
}

impl Provers {
    /// All of them.
    pub fn all(&self) -> &[Prover] {
        &self.0
    }

    /// The same without one of them.
    #[must_use]
    pub fn without(mut self, account: AccountId) -> Self {
        self.0.retain(|prover| prover.account != account);
        self
    }

    /// Those who have one of the ways that a gate takes.
    pub fn able(&self, asked: &Asked) -> impl Iterator<Item = &Prover> {
        self.0.iter().filter(|prover| !prover.ways.is_disjoint(&asked.methods))
    }

    /// What is lacking for a gate to be met. With four eyes one who is able approves what any other began.
    pub fn lack(&self, asked: &Asked) -> Option<Lack> {
        if asked.four_eyes && self.0.len() < 2 {
            return Some(Lack::Second);
        }
        self.able(asked).next().is_none().then_some(Lack::Way)
    }

    /// As a database has them. `required` are the domains whose people come through the company, and since when.
    fn read(link: &mut dyn Link, tenant: TenantId) -> Result<Self, StoreError> {
        let required = required(link, tenant)?;
        let sql = "SELECT a.id, a.email, m.role, a.confirmed IS NOT NULL OR m.vouched IS NOT NULL,
                EXISTS (SELECT 1 FROM pins p WHERE p.account = a.id AND p.tries < $1),
                EXISTS (SELECT 1 FROM factors f WHERE f.account = a.id AND f.kind = $2 AND f.proven),
                (SELECT min(f.since) FROM factors f WHERE f.account = a.id AND f.kind = $2 AND f.proven),
                a.password NOT LIKE $3,
                EXISTS (SELECT 1 FROM outside_identities o JOIN identity_providers i ON i.id = o.provider
                    WHERE o.account = a.id AND o.blocked IS NULL AND o.subject IS NOT NULL
                      AND i.tenant = m.tenant AND i.enabled AND i.most IN ('administrator', 'owner'))
            FROM memberships m JOIN accounts a ON a.id = m.account
            WHERE m.tenant = $4 AND m.role IN ('administrator', 'owner') ORDER BY a.email, a.id";
        let values =
            [PIN_TRIES.into(), FactorKind::Passkey.word().into(), NO_PASSWORD.into(), tenant.uuid().into()];
        let all = link.all(sql, &values, |cells| {
            let known = Known {
                owner: read_role(cells, 2)? == Some(TenantRole::Owner),
                pin: cells.get(4)?,
                passkey: cells.get(5)?,
                passkey_since: cells.maybe::<i64>(6)?.map(|_| cells.moment(6)).transpose()?,
                password: cells.get(7)?,
                company: cells.get(8)?,
            };
            let address: String = cells.get(1)?;
            let domain = of_address(&address);
            let sent = required.iter().find(|(own, _)| *own == domain).map(|(_, since)| *since);
            Ok(Prover {
                account: AccountId::from_uuid(cells.get(0)?),
                address,
                confirmed: cells.get(3)?,
                ways: known.ways(sent),
            })
        });
        Ok(Self(all?))
    }
}

/// What is known of somebody's ways.
struct Known {
    owner: bool,
    pin: bool,
    passkey: bool,
    passkey_since: Option<Timestamp>,
    password: bool,
    company: bool,
}

impl Known {
    /// Which of them count, in one session or another: people who have to come through their company come otherwise only as owners,
    /// by a passkey of before, and what they type counts for nothing; nobody types anything where a company vouches for them.
    fn ways(&self, sent: Option<Timestamp>) -> BTreeSet<Method> {
        let breaks_glass =
            |since: Timestamp| self.owner && self.passkey_since.is_some_and(|own| own <= since);
        let alone = sent.is_none_or(breaks_glass) && (self.password || self.passkey);
        let types = alone && sent.is_none();
        let ways = [
            (Method::Company, self.company),
            (Method::Passkey, self.passkey && (alone || self.company)),
            (Method::Password, types && self.password),
            (Method::Pin, types && self.pin),
        ];
        ways.into_iter().filter_map(|(way, has)| has.then_some(way)).collect()
    }
}

/// Why something was undone.
enum Undone {
    Lack(Lack),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Takes something away, unless nobody could meet this afterwards and somebody could before: then nothing is done.
pub(crate) async fn keeping<T: Send + 'static>(
    database: &Arc<Database>,
    (tenant, asked): (TenantId, Option<Asked>),
    body: impl FnOnce(&mut dyn Link) -> Result<T, StoreError> + Send + 'static,
) -> Result<Result<T, Lack>, StoreError> {
    let done = database.write(move |link| {
        let Some(asked) = asked else { return Ok::<T, Undone>(body(link)?) };
        let before = Provers::read(link, tenant)?.lack(&asked);
        let done = body(link)?;
        match Provers::read(link, tenant)?.lack(&asked) {
            Some(lack) if before.is_none() => Err(Undone::Lack(lack)),
            _ => Ok(done),
        }
    });
    match done.await {
        Ok(done) => Ok(Ok(done)),
        Err(Undone::Lack(lack)) => Ok(Err(lack)),
        Err(Undone::Failed(error)) => Err(error),
    }
}

impl Control {
    /// Those who rule over a tenant, by their addresses, and how each could prove at a gate that they are there.
    pub async fn provers(&self, tenant: TenantId) -> Result<Provers, StoreError> {
        self.database().read(move |link| Provers::read(link, tenant)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_has_counts_where_they_come_in_with_it() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        // "n": has a PIN, "k": a passkey since 10, "w": a password, "c": a company; "o": is an owner.
        let check = |has: &str, sent: Option<i64>, expect: &str| {
            let has = |letter: char| has.contains(letter);
            let known = Known {
                owner: has('o'),
                pin: has('n'),
                passkey: has('k'),
                passkey_since: has('k').then(|| at(10)),
                password: has('w'),
                company: has('c'),
            };
            let ways = known.ways(sent.map(at)).into_iter().map(Method::word).collect::<Vec<_>>();
            assert_eq!(ways.join(" "), expect, "{:?} {sent:?}", (known.owner, known.pin, known.passkey));
        };
        check("w", None, "password");
        check("wn", None, "password pin");
        check("wnkc", None, "password pin passkey company");
        // A PIN is typed in a session of one's own: without a password or a passkey there is none.
        check("n", None, "");
        check("nk", None, "pin passkey");
        check("nc", None, "company");
        // Sent to the company.
        check("wnk", Some(20), "");
        check("wnkc", Some(20), "passkey company");
        check("wnko", Some(20), "passkey");
        check("wnko", Some(5), "");
        check("wno", Some(20), "");
    }

    #[test]
    fn two_are_needed_where_one_approves_what_another_began() {
        let prover = |number: u128, ways: &[Method]| Prover {
            account: AccountId::from_uuid(uuid::Uuid::from_u128(number)),
            address: number.to_string(),
            confirmed: true,
            ways: ways.iter().copied().collect(),
        };
        let asked = |four_eyes| Asked { methods: BTreeSet::from([Method::Pin, Method::Passkey]), four_eyes };
        let check = |all: &[&[Method]], alone: Option<Lack>, four_eyes: Option<Lack>| {
            let provers = Provers((1..).zip(all).map(|(number, ways)| prover(number, ways)).collect());
            assert_eq!((provers.lack(&asked(false)), provers.lack(&asked(true))), (alone, four_eyes));
        };
        check(&[], Some(Lack::Way), Some(Lack::Second));
        check(&[&[Method::Password]], Some(Lack::Way), Some(Lack::Second));
        check(&[&[Method::Pin]], None, Some(Lack::Second));
        check(&[&[Method::Password], &[]], Some(Lack::Way), Some(Lack::Way));
        // Whoever cannot approve begins.
        check(&[&[Method::Pin], &[]], None, None);
        check(&[&[Method::Pin], &[Method::Passkey]], None, None);
    }
}
