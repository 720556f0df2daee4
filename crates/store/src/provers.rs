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
use serde::Deserialize;
use uuid::Uuid;

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
    /// They come in at all: alone, or through the company.
    pub comes: bool,
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
    /// One approves what another began, and no two come in.
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

    /// What is lacking for a gate to be met. With four eyes one who is able approves what any other began who comes in; whoever is able
    /// comes in, too, so that it takes two who do.
    pub fn lack(&self, asked: &Asked) -> Option<Lack> {
        if asked.four_eyes && self.0.iter().filter(|prover| prover.comes).count() < 2 {
            return Some(Lack::Second);
        }
        self.able(asked).next().is_none().then_some(Lack::Way)
    }

    /// As a database has them. `required` are the domains whose people come through the company, and since when.
    fn read(link: &mut dyn Link, tenant: TenantId) -> Result<Self, StoreError> {
        let required = required(link, tenant)?;
        let vouched = vouched(link, tenant)?;
        let sql = "SELECT a.id, a.email, m.role, a.confirmed IS NOT NULL OR m.vouched IS NOT NULL,
                EXISTS (SELECT 1 FROM pins p WHERE p.account = a.id AND p.tries < $1),
                EXISTS (SELECT 1 FROM factors f WHERE f.account = a.id AND f.kind = $2 AND f.proven),
                (SELECT min(f.since) FROM factors f WHERE f.account = a.id AND f.kind = $2 AND f.proven),
                a.password NOT LIKE $3
            FROM memberships m JOIN accounts a ON a.id = m.account
            WHERE m.tenant = $4 AND m.role IN ('administrator', 'owner') ORDER BY a.email, a.id";
        let values =
            [PIN_TRIES.into(), FactorKind::Passkey.word().into(), NO_PASSWORD.into(), tenant.uuid().into()];
        let all = link.all(sql, &values, |cells| {
            let account = AccountId::from_uuid(cells.get(0)?);
            let known = Known {
                owner: read_role(cells, 2)? == Some(TenantRole::Owner),
                pin: cells.get(4)?,
                passkey: cells.get(5)?,
                passkey_since: cells.maybe::<i64>(6)?.map(|_| cells.moment(6)).transpose()?,
                password: cells.get(7)?,
                company: vouched.contains(&account),
            };
            let address: String = cells.get(1)?;
            let domain = of_address(&address);
            let sent = required.iter().find(|(own, _)| *own == domain).map(|(_, since)| *since);
            let (comes, ways) = (known.comes(sent), known.ways(sent));
            Ok(Prover { account, address, confirmed: cells.get(3)?, comes, ways })
        });
        Ok(Self(all?))
    }
}

/// What of a provider's settings says whom a sign-in by it finds: the rest is nothing to the store.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Finds {
    oidc: Option<Issuer>,
    saml: Option<FindsBySaml>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FindsBySaml {
    /// What its metadata said; nothing before it is there.
    known: Option<Issuer>,
    /// The attribute that names people.
    subject: Option<String>,
}

#[derive(Deserialize)]
struct Issuer {
    issuer: String,
}

impl Finds {
    /// By settings that cannot be read nobody signs in.
    fn of(settings: &str) -> Self {
        serde_json::from_str(settings).unwrap_or_default()
    }

    /// Whether a sign-in finds whom it knew by these: people are looked up by the issuer as it is now, and by the name they have where an
    /// attribute names them. An identity of before is nobody's any more: whoever comes is somebody new.
    fn finds(&self, issuer: &str, subject: &str) -> bool {
        let FindsBySaml { known, subject: attribute } = self.saml.as_ref().unwrap_or(&NO_SAML);
        let own = self.oidc.as_ref().or(known.as_ref());
        let named = attribute.as_ref().is_none_or(|attribute| {
            subject.strip_prefix(attribute.as_str()).is_some_and(|value| value.starts_with('='))
        });
        own.is_some_and(|own| own.issuer == issuer) && named
    }
}

/// One that speaks another protocol.
const NO_SAML: FindsBySaml = FindsBySaml { known: None, subject: None };

/// Whom providers of a tenant, as they are set now, let in as somebody who rules.
fn vouched(link: &mut dyn Link, tenant: TenantId) -> Result<BTreeSet<AccountId>, StoreError> {
    let sql = "SELECT i.id, i.settings FROM identity_providers i
        WHERE i.tenant = $1 AND i.enabled AND i.most IN ('administrator', 'owner')";
    let open = link.all(sql, &[tenant.uuid().into()], |cells| {
        Ok((cells.get::<Uuid>(0)?, Finds::of(&cells.get::<String>(1)?)))
    })?;
    let mut vouched = BTreeSet::new();
    for (provider, finds) in open {
        let sql = "SELECT o.account, o.issuer, o.subject FROM outside_identities o
            JOIN memberships m ON m.account = o.account AND m.tenant = $1
            WHERE o.provider = $2 AND o.blocked IS NULL AND o.issuer IS NOT NULL AND o.subject IS NOT NULL
              AND m.role IN ('administrator', 'owner')";
        let found = link.all(sql, &[tenant.uuid().into(), provider.into()], |cells| {
            let (issuer, subject): (String, String) = (cells.get(1)?, cells.get(2)?);
            Ok(finds.finds(&issuer, &subject).then_some(AccountId::from_uuid(cells.get(0)?)))
        })?;
        vouched.extend(found.into_iter().flatten());
    }
    Ok(vouched)
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
    /// Whether they come in without their company. People who have to come through it do so only as owners, by a passkey of before.
    fn alone(&self, sent: Option<Timestamp>) -> bool {
        let breaks_glass =
            |since: Timestamp| self.owner && self.passkey_since.is_some_and(|own| own <= since);
        sent.is_none_or(breaks_glass) && (self.password || self.passkey)
    }

    /// Whether they come in at all.
    fn comes(&self, sent: Option<Timestamp>) -> bool {
        self.company || self.alone(sent)
    }

    /// Which of them count, in one session or another: where people have to come through their company what they type counts for
    /// nothing; nobody types anything where a company vouches for them.
    fn ways(&self, sent: Option<Timestamp>) -> BTreeSet<Method> {
        let alone = self.alone(sent);
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

/// What nothing was done for but to see what it would lack.
struct Tried(Result<Option<Lack>, StoreError>);

impl From<StoreError> for Tried {
    fn from(error: StoreError) -> Self {
        Self(Err(error))
    }
}

/// Does something; also gives why nobody could meet this afterwards, where somebody could before.
fn weigh<T>(
    link: &mut dyn Link,
    (tenant, asked): (TenantId, &Asked),
    body: impl FnOnce(&mut dyn Link) -> Result<T, StoreError>,
) -> Result<(T, Option<Lack>), StoreError> {
    let before = Provers::read(link, tenant)?.lack(asked);
    let done = body(link)?;
    let lack = Provers::read(link, tenant)?.lack(asked);
    Ok((done, lack.filter(|_| before.is_none())))
}

/// Takes something away, unless nobody could meet this afterwards and somebody could before: then nothing is done.
pub(crate) async fn keeping<T: Send + 'static>(
    database: &Arc<Database>,
    (tenant, asked): (TenantId, Option<Asked>),
    body: impl FnOnce(&mut dyn Link) -> Result<T, StoreError> + Send + 'static,
) -> Result<Result<T, Lack>, StoreError> {
    let done = database.write(move |link| {
        let Some(asked) = asked else { return Ok::<T, Undone>(body(link)?) };
        match weigh(link, (tenant, &asked), body)? {
            (_, Some(lack)) => Err(Undone::Lack(lack)),
            (done, None) => Ok(done),
        }
    });
    match done.await {
        Ok(done) => Ok(Ok(done)),
        Err(Undone::Lack(lack)) => Ok(Err(lack)),
        Err(Undone::Failed(error)) => Err(error),
    }
}

/// Whether [`keeping`] would let something through, which is not done: before anybody is asked to approve it in vain.
pub(crate) async fn would_keep<T>(
    database: &Arc<Database>,
    (tenant, asked): (TenantId, Option<Asked>),
    body: impl FnOnce(&mut dyn Link) -> Result<T, StoreError> + Send + 'static,
) -> Result<Result<(), Lack>, StoreError> {
    let Some(asked) = asked else { return Ok(Ok(())) };
    let tried = database.write(move |link| {
        let (_, lack) = weigh(link, (tenant, &asked), body)?;
        Err::<(), _>(Tried(Ok(lack)))
    });
    match tried.await {
        Ok(()) => Ok(Ok(())),
        Err(Tried(seen)) => Ok(seen?.map_or(Ok(()), Err)),
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
            // Whoever has a way comes in; whoever comes in has one of some kind.
            assert_eq!(known.comes(sent.map(at)), !ways.is_empty());
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
    fn two_who_come_in_are_needed_where_one_approves_what_another_began() {
        // "-": does not come in.
        let all = [Method::Password, Method::Pin, Method::Passkey, Method::Company];
        let prover = |number: u128, ways: &str| Prover {
            account: AccountId::from_uuid(Uuid::from_u128(number)),
            address: number.to_string(),
            confirmed: true,
            comes: ways != "-",
            ways: all.into_iter().filter(|way| ways == way.word()).collect(),
        };
        let asked = |four_eyes| Asked { methods: BTreeSet::from([Method::Pin, Method::Passkey]), four_eyes };
        let check = |all: &[&str], alone: Option<Lack>, four_eyes: Option<Lack>| {
            let provers = Provers((1..).zip(all).map(|(number, ways)| prover(number, ways)).collect());
            assert_eq!(
                (provers.lack(&asked(false)), provers.lack(&asked(true))),
                (alone, four_eyes),
                "{all:?}"
            );
        };
        check(&[], Some(Lack::Way), Some(Lack::Second));
        check(&["password"], Some(Lack::Way), Some(Lack::Second));
        check(&["pin"], None, Some(Lack::Second));
        check(&["password", "company"], Some(Lack::Way), Some(Lack::Way));
        // Whoever cannot approve begins, in whatever order they stand here; whoever does not come in begins nothing.
        check(&["pin", "password"], None, None);
        check(&["company", "passkey"], None, None);
        check(&["pin", "-"], None, Some(Lack::Second));
        check(&["-", "passkey"], None, Some(Lack::Second));
        check(&["password", "-"], Some(Lack::Way), Some(Lack::Second));
        check(&["-", "passkey", "-", "password"], None, None);
        check(&["pin", "passkey"], None, None);
    }

    #[test]
    fn a_sign_in_finds_whom_it_knew_by_the_issuer_of_now() {
        let check = |settings: &str, subject: &str, expect: bool| {
            let found = Finds::of(settings).finds("https://id.example", subject);
            assert_eq!(found, expect, "{settings} {subject}");
        };
        check("{}", "1", false);
        check("[]", "1", false);
        check(r#"{"rules": {}, "oidc": {"issuer": "https://id.example", "client": "x"}}"#, "1", true);
        check(r#"{"oidc": {"issuer": "https://id.example/", "client": "x"}}"#, "1", false);
        check(r#"{"oidc": {"issuer": "https://other.example"}}"#, "1", false);
        check(r#"{"saml": {"known": null, "signs": true}}"#, "1", false);
        check(r#"{"saml": {"known": {"issuer": "https://id.example", "place": "x"}}}"#, "1", true);
        check(r#"{"saml": {"known": {"issuer": "urn:other"}}}"#, "1", false);
        let by = r#"{"saml": {"known": {"issuer": "https://id.example"}, "subject": "uid"}}"#;
        check(by, "uid=1", true);
        for other in ["1", "uid", "uid2=1", "mail=uid=1"] {
            check(by, other, false);
        }
    }
}
