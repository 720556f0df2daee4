//! Companies' sign-in: whom a tenant lets say who people are, and which domains are its company's.
//!
//! **Architecture Invariant:** a provider is one tenant's. Whoever changes what it is trusted with ends, in the same commit, the
//! sessions it vouched for; a provider that is not enabled vouches for none.

use gridkeep_model::{ProviderId, TenantId, domain::of_address};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Control, StoreError,
    dialect::{Cells, Link, millis},
    membership::{TenantRole, read_role},
    provers::{Asked, Lack, keeping, would_keep},
};

/// The protocol a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// OpenID Connect.
    Oidc,
    /// SAML 2.0.
    Saml,
}

impl ProviderKind {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Saml => "saml",
        }
    }

    /// What a word means.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Oidc, Self::Saml].into_iter().find(|kind| kind.word() == word)
    }
}

/// Whom a tenant lets say who people are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its identity.
    pub id: ProviderId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it speaks.
    pub kind: ProviderKind,
    /// What people call it.
    pub name: String,
    /// All that is set of it but the secret, as JSON.
    pub settings: String,
    /// What the server proves itself to it with, encrypted.
    pub secret: Option<Vec<u8>>,
    /// The most that whoever comes this way can be.
    pub most: TenantRole,
    /// People may come this way.
    pub enabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

/// A domain of mail addresses that a tenant says is its company's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyDomain {
    /// In lower case, as DNS has it.
    pub domain: String,
    /// What a record of the domain is to say.
    pub proof: String,
    /// When it did.
    pub verified: Option<Timestamp>,
    /// People with such an address have to come through the company.
    pub required: bool,
    /// When it was named.
    pub created: Timestamp,
}

/// Where people of a domain sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// The provider.
    pub provider: ProviderId,
    /// What it speaks.
    pub kind: ProviderKind,
    /// What people call it.
    pub name: String,
    /// Its tenant.
    pub tenant: TenantId,
    /// The tenant's name in addresses.
    pub place: String,
    /// What people call the tenant.
    pub title: String,
}

pub(crate) const PROVIDER: &str =
    "p.id, p.tenant, p.kind, p.name, p.settings, p.secret, p.most, p.enabled, p.created, p.changed";

pub(crate) fn read_provider(cells: &dyn Cells) -> Result<Provider, StoreError> {
    let kind: String = cells.get(2)?;
    Ok(Provider {
        id: ProviderId::from_uuid(cells.get(0)?),
        tenant: TenantId::from_uuid(cells.get(1)?),
        kind: ProviderKind::of_word(&kind).ok_or_else(|| StoreError::corrupt("provider", kind))?,
        name: cells.get(3)?,
        settings: cells.get(4)?,
        secret: cells.maybe(5)?,
        most: read_role(cells, 6)?.ok_or_else(|| StoreError::corrupt("provider", "no role"))?,
        enabled: cells.get(7)?,
        created: cells.moment(8)?,
        changed: cells.moment(9)?,
    })
}

fn read_domain(cells: &dyn Cells) -> Result<CompanyDomain, StoreError> {
    Ok(CompanyDomain {
        domain: cells.get(0)?,
        proof: cells.get(1)?,
        verified: cells.maybe::<i64>(2)?.map(|_| cells.moment(2)).transpose()?,
        required: cells.get(3)?,
        created: cells.moment(4)?,
    })
}

/// Ends the sessions that a provider vouched for.
pub(crate) fn end_vouched(link: &mut dyn Link, provider: ProviderId) -> Result<(), StoreError> {
    link.execute("DELETE FROM sessions WHERE provider = $1", &[provider.uuid().into()]).map(drop)
}

/// See [`Control::change_provider`].
fn put_provider(link: &mut dyn Link, provider: &Provider, known: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE identity_providers SET name = $1, settings = $2, secret = $3, most = $4, enabled = $5, changed = $6
        WHERE tenant = $7 AND id = $8 AND changed = $9";
    let values = [
        provider.name.clone().into(),
        provider.settings.clone().into(),
        provider.secret.clone().into(),
        provider.most.word().into(),
        provider.enabled.into(),
        millis(provider.changed),
        provider.tenant.uuid().into(),
        provider.id.uuid().into(),
        millis(known),
    ];
    let changed = link.execute(sql, &values)?;
    if changed > 0 {
        end_vouched(link, provider.id)?;
    }
    Ok(changed > 0)
}

impl Control {
    /// A tenant's providers, the oldest first.
    pub async fn providers(&self, tenant: TenantId) -> Result<Vec<Provider>, StoreError> {
        let sql = format!(
            "SELECT {PROVIDER} FROM identity_providers p WHERE p.tenant = $1 ORDER BY p.created, p.id"
        );
        let values = [tenant.uuid().into()];
        self.database().read(move |link| link.all(&sql, &values, read_provider)).await
    }

    /// One of a tenant's providers.
    pub async fn provider(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Provider>, StoreError> {
        let sql = format!("SELECT {PROVIDER} FROM identity_providers p WHERE p.tenant = $1 AND p.id = $2");
        let values = [tenant.uuid().into(), id.uuid().into()];
        self.database().read(move |link| link.first(&sql, &values, read_provider)).await
    }

    /// Adds a provider, unless its tenant has as many as this.
    pub async fn add_provider(&self, provider: Provider, most: usize) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let tenant = provider.tenant.uuid();
                let sql = "SELECT 1 FROM identity_providers WHERE tenant = $1";
                if link.all(sql, &[tenant.into()], |_| Ok(()))?.len() >= most {
                    return Ok(false);
                }
                let sql = "INSERT INTO identity_providers
                    (id, tenant, kind, name, settings, secret, most, enabled, created, changed)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
                link.execute(
                    sql,
                    &[
                        provider.id.uuid().into(),
                        tenant.into(),
                        provider.kind.word().into(),
                        provider.name.into(),
                        provider.settings.into(),
                        provider.secret.into(),
                        provider.most.word().into(),
                        provider.enabled.into(),
                        millis(provider.created),
                        millis(provider.changed),
                    ],
                )?;
                Ok(true)
            })
            .await
    }

    /// Changes a provider, whose kind stays, and ends the sessions it vouched for; `false` when the tenant has none of this id,
    /// or when it was changed since `known`. Nothing is done where a gate that asks this could not be met any more.
    pub async fn change_provider(
        &self,
        provider: Provider,
        known: Timestamp,
        keeps: Option<Asked>,
    ) -> Result<Result<bool, Lack>, StoreError> {
        let tenant = provider.tenant;
        let body = move |link: &mut dyn Link| put_provider(link, &provider, known);
        keeping(self.database(), (tenant, keeps), body).await
    }

    /// Whether [`Self::change_provider`] would be done, as far as a gate that asks this is concerned: nothing is.
    pub async fn may_change_provider(
        &self,
        provider: Provider,
        known: Timestamp,
        keeps: Option<Asked>,
    ) -> Result<Result<(), Lack>, StoreError> {
        let tenant = provider.tenant;
        let body = move |link: &mut dyn Link| put_provider(link, &provider, known);
        would_keep(self.database(), (tenant, keeps), body).await
    }

    /// Forgets a provider, who people are to it and the sessions it vouched for; the people stay. `false` when the tenant has
    /// none of this id. Nothing is done where a gate that asks this could not be met any more.
    pub async fn remove_provider(
        &self,
        tenant: TenantId,
        id: ProviderId,
        keeps: Option<Asked>,
    ) -> Result<Result<bool, Lack>, StoreError> {
        keeping(self.database(), (tenant, keeps), move |link| {
            let values = [tenant.uuid().into(), id.uuid().into()];
            // What it said of addresses nobody says any more.
            let sql = "UPDATE memberships SET vouched = NULL WHERE tenant = $1 AND account IN
                    (SELECT o.account FROM outside_identities o WHERE o.provider = $2)";
            link.execute(sql, &values)?;
            Ok(link.execute("DELETE FROM identity_providers WHERE tenant = $1 AND id = $2", &values)? > 0)
        })
        .await
    }

    /// The domains a tenant has named, by name.
    pub async fn company_domains(&self, tenant: TenantId) -> Result<Vec<CompanyDomain>, StoreError> {
        let sql = "SELECT domain, proof, verified, required, created FROM company_domains WHERE tenant = $1 ORDER BY domain";
        let values = [tenant.uuid().into()];
        self.database().read(move |link| link.all(sql, &values, read_domain)).await
    }

    /// Names a domain, unless the tenant has as many as this or has named it already.
    pub async fn add_company_domain(
        &self,
        tenant: TenantId,
        domain: CompanyDomain,
        most: usize,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT 1 FROM company_domains WHERE tenant = $1";
                if link.all(sql, &[tenant.uuid().into()], |_| Ok(()))?.len() >= most {
                    return Ok(false);
                }
                let sql = "INSERT INTO company_domains (tenant, domain, proof, required, created)
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, domain) DO NOTHING";
                let values = [
                    tenant.uuid().into(),
                    domain.domain.into(),
                    domain.proof.into(),
                    domain.required.into(),
                    millis(domain.created),
                ];
                Ok(link.execute(sql, &values)? > 0)
            })
            .await
    }

    /// Notes that a domain is the tenant's company's; `false` when it has not named it.
    pub async fn verify_company_domain(
        &self,
        tenant: TenantId,
        domain: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE company_domains SET verified = $1 WHERE tenant = $2 AND domain = $3";
        let values = [millis(now), tenant.uuid().into(), domain.into()];
        Ok(self.database().write(move |link| link.execute(sql, &values)).await? > 0)
    }

    /// Says whether people of a domain have to come through the company; `false` when the tenant has not named it. Saying so again
    /// leaves since when they do as it was. Nothing is done where a gate that asks this could not be met any more.
    pub async fn require_company(
        &self,
        tenant: TenantId,
        domain: &str,
        (required, now): (bool, Timestamp),
        keeps: Option<Asked>,
    ) -> Result<Result<bool, Lack>, StoreError> {
        let sql = "UPDATE company_domains SET required_since = CASE WHEN $1 THEN COALESCE(required_since, $2) END, required = $1
            WHERE tenant = $3 AND domain = $4";
        let values = [required.into(), millis(now), tenant.uuid().into(), domain.into()];
        let changed = keeping(self.database(), (tenant, keeps), move |link| link.execute(sql, &values));
        Ok(changed.await?.map(|changed| changed > 0))
    }

    /// Forgets a domain, and what a provider said of addresses there; `false` when the tenant has not named it.
    pub async fn remove_company_domain(&self, tenant: TenantId, domain: &str) -> Result<bool, StoreError> {
        let domain = domain.to_owned();
        self.database()
            .write(move |link| {
                let sql = "SELECT m.account, a.email FROM memberships m JOIN accounts a ON a.id = m.account
                    WHERE m.tenant = $1 AND m.vouched IS NOT NULL";
                let vouched = link.all(sql, &[tenant.uuid().into()], |cells| {
                    Ok((cells.get::<Uuid>(0)?, cells.get::<String>(1)?))
                })?;
                for (account, email) in vouched {
                    if of_address(&email) == domain {
                        let sql = "UPDATE memberships SET vouched = NULL WHERE tenant = $1 AND account = $2";
                        link.execute(sql, &[tenant.uuid().into(), account.into()])?;
                    }
                }
                let sql = "DELETE FROM company_domains WHERE tenant = $1 AND domain = $2";
                Ok(link.execute(sql, &[tenant.uuid().into(), domain.into()])? > 0)
            })
            .await
    }

    /// Where people of a domain may sign in, at most ten ways: at providers of tenants whose domain it is proven to be, or of
    /// one of them.
    pub async fn realms(&self, domain: &str, only: Option<TenantId>) -> Result<Vec<Realm>, StoreError> {
        let sql = "SELECT p.id, p.name, t.id, t.name, t.title, p.kind FROM company_domains d
            JOIN identity_providers p ON p.tenant = d.tenant JOIN tenants t ON t.id = d.tenant
            WHERE d.domain = $1 AND d.verified IS NOT NULL AND p.enabled AND t.ending IS NULL
            ORDER BY d.verified, p.created, p.id";
        let values = [domain.into()];
        let all = self.database().read(move |link| {
            link.all(sql, &values, |cells| {
                let kind: String = cells.get(5)?;
                Ok(Realm {
                    kind: ProviderKind::of_word(&kind)
                        .ok_or_else(|| StoreError::corrupt("provider", kind))?,
                    provider: ProviderId::from_uuid(cells.get(0)?),
                    name: cells.get(1)?,
                    tenant: TenantId::from_uuid(cells.get(2)?),
                    place: cells.get(3)?,
                    title: cells.get(4)?,
                })
            })
        });
        let mut all = all.await?;
        all.retain(|realm| only.is_none_or(|only| only == realm.tenant));
        all.truncate(10);
        Ok(all)
    }

    /// Uses up what may be used once; `false` when it was before. Remembered until then.
    pub async fn spend_once(
        &self,
        what: [u8; 32],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.tally(now, move |tally| tally.spend(&what, until)).await
    }
}
