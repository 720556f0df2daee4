//! The one door for whom a provider vouches for.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderValue;
use gridkeep_identity::email::Email;
use gridkeep_model::{AccountId, OutsideId};
use gridkeep_store::{
    Admission, Admitted, Allowance, Company as Vouched, CompanyDomain, LoginMethod, LoginResult, NewAccount,
    Provider,
};

use super::{Company, Outcome, Rules, Said};
use crate::{
    defence::{Login, Throttle, Visitor},
    error::ApiError,
    session::{Entry, Logins, SessionView, Vouching},
    site::Site,
    tenancy::Tenancy,
};

/// Who comes in, and where.
pub struct Newcomer<'a> {
    /// The tenant's provider that vouches for them.
    pub provider: &'a Provider,
    /// What is made of what it says.
    pub rules: &'a Rules,
    /// What it says, proven by its protocol.
    pub said: Said,
    /// They have said that an account with their address is not theirs, or that they want another.
    pub apart: bool,
    /// Accounts and sessions, as the tenant has them.
    pub logins: &'a Logins,
    /// The tenant's groups and attributes.
    pub tenancy: &'a Tenancy,
    /// Where the server is.
    pub site: &'a Site,
    /// Who is at the other end.
    pub visitor: &'a Visitor,
    /// Counts those who are new.
    pub throttle: &'a Throttle,
}

/// What became of somebody.
pub enum Admittance {
    /// They are in: the cookie to keep, and who they are.
    In(Box<(HeaderValue, SessionView)>),
    /// They are who they are, and nobody here: nobody new is let in, or not them, or without an address.
    Stranger,
    /// They are new, and somebody of the tenant has their address: they say first whether that is them.
    Twin,
    /// They are new, as so many are who came within the hour that more have to come later.
    Full,
}

impl Company {
    /// Lets in whom a tenant's provider vouches for: finds their account by issuer and subject or makes it, makes of them what the
    /// rules say, and begins a session that is good at this tenant.
    pub async fn admit(&self, newcomer: Newcomer<'_>) -> Result<Admittance, ApiError> {
        let Newcomer { provider, rules, said, apart, logins, tenancy, site, visitor, throttle } = newcomer;
        if provider.tenant != logins.tenant() || provider.tenant != tenancy.id() {
            return Err(ApiError::internal("a provider of another tenant"));
        }
        let outcome = rules.outcome(&said, provider.most);
        let login = |account, address| Login { account, address, method: LoginMethod::Company };
        let room = throttle.newcomers(provider.tenant, self.newcomers());
        let admission = self.admission(provider, &said, (&outcome, room, apart)).await?;
        let (account, outside) = match self.control().admit(admission).await? {
            Admitted::Done(found) => (found.account.id, found.outside),
            Admitted::Full => {
                tracing::warn!(tenant.id = %provider.tenant, provider.id = %provider.id, "too many newcomers of a company");
                self.arrivals().note(login(None, said.email.as_ref()), LoginResult::Slowed, visitor).await?;
                return Ok(Admittance::Full);
            }
            Admitted::Twin => {
                self.arrivals().note(login(None, said.email.as_ref()), LoginResult::Half, visitor).await?;
                return Ok(Admittance::Twin);
            }
            Admitted::Unknown | Admitted::Blocked => {
                self.arrivals().note(login(None, said.email.as_ref()), LoginResult::Wrong, visitor).await?;
                return Ok(Admittance::Stranger);
            }
        };
        let mut outcome = outcome;
        if outcome.attributes.values().any(Option::is_none)
            && let Some(user) = self.control().directory_user(provider.id, account).await?
        {
            // What the provider leaves out its directory may say.
            for (name, value) in rules.directed(&user.content) {
                let own = outcome.attributes.entry(name).or_default();
                *own = own.take().or(value);
            }
        }
        self.belong(tenancy, account, outcome.clone()).await?;
        let person = logins.person(account).await?.ok_or(ApiError::NotFound)?;
        let company = Vouched {
            provider: provider.id,
            tenant: provider.tenant,
            most: provider.most,
            acr: said.acr,
            amr: Some(said.amr.join(" ")).filter(|amr| !amr.is_empty()),
        };
        tracing::info!(provider.id = %provider.id, outside.id = %outside.id, "signed in through a company");
        let email = person.email.clone();
        let (methods, visit) = (outcome.methods.as_str(), visitor.visit.clone());
        let vouching = Vouching { company, authenticated: said.authenticated, until: said.until };
        let entry = Entry { person, methods, password: None, visit, company: Some(vouching) };
        let (cookie, view) = logins.enter(site, entry).await?;
        // Noted, and no more: a browser that a provider vouched for is none that the account's owner is known by.
        self.arrivals().note(login(Some(account), Some(&email)), LoginResult::Done, visitor).await?;
        Ok(Admittance::In(Box::new((cookie, view))))
    }

    /// What the store is asked to do for somebody.
    async fn admission(
        &self,
        provider: &Provider,
        said: &Said,
        (outcome, room, apart): (&Outcome, Allowance, bool),
    ) -> Result<Admission, ApiError> {
        let (time, chance) = (self.time(), self.chance());
        // An account has an address; whoever is known may come without.
        let addressed = said.email.is_some();
        let email = said.email.clone();
        let own = email.as_ref().map_or("", Email::as_str);
        let name = said.name.clone().unwrap_or_else(|| own.split('@').next().unwrap_or_default().to_owned());
        let account = NewAccount {
            id: chance.with(|rng| AccountId::new(time.clock(), rng)),
            email: own.to_owned(),
            skeleton: email.as_ref().map(Email::skeleton).unwrap_or_default(),
            name,
            password: self.nobody().to_owned(),
            created: time.now(),
        };
        let domain = self.vouched_domain(provider, said).await?;
        Ok(Admission {
            provider: provider.id,
            tenant: provider.tenant,
            issuer: said.issuer.clone(),
            subject: said.subject.clone(),
            external: said.external.clone(),
            account,
            id: chance.with(|rng| OutsideId::new(time.clock(), rng)),
            newcomers: outcome.newcomer.filter(|_| addressed),
            role: outcome.role,
            vouched: domain.is_some(),
            addressed,
            // Whoever must come through the company cannot sign in by themselves, to say that they are the same.
            asks: !apart && domain.is_some_and(|domain| !domain.required),
            room: Some(room),
        })
    }

    /// The company's domain by which the provider's word for an address counts in its tenant, if it is sure of it.
    pub(super) async fn vouched_domain(
        &self,
        provider: &Provider,
        said: &Said,
    ) -> Result<Option<CompanyDomain>, ApiError> {
        let Some(email) = said.email.as_ref().filter(|_| said.email_good) else { return Ok(None) };
        let domain = email.domain();
        let domains = self.control().company_domains(provider.tenant).await?;
        Ok(domains.into_iter().find(|own| own.verified.is_some() && own.domain == domain))
    }

    /// Sets the groups and attributes that the rules speak of; writes only what changes.
    async fn belong(&self, tenancy: &Tenancy, account: AccountId, outcome: Outcome) -> Result<(), ApiError> {
        if outcome.joins.is_empty() && outcome.leaves.is_empty() && outcome.attributes.is_empty() {
            return Ok(());
        }
        let now = tenancy.read(move |reader| Ok(reader.belonging(account)?)).await?;
        let known = tenancy
            .read(|reader| Ok(reader.groups()?.into_iter().map(|group| group.id).collect::<BTreeSet<_>>()))
            .await?;
        let own: BTreeSet<_> = now.groups.iter().map(|(id, _)| *id).collect();
        let joins: BTreeSet<_> = outcome.joins.intersection(&known).copied().collect();
        let groups: BTreeSet<_> = &(&own - &outcome.leaves) | &joins;
        let attributes = with_said(now.attributes.clone(), outcome.attributes);
        let (groups, attributes) =
            ((groups != own).then_some(groups), (attributes != now.attributes).then_some(attributes));
        if groups.is_none() && attributes.is_none() {
            return Ok(());
        }
        tenancy
            .write(move |work| {
                if let Some(groups) = groups {
                    work.set_groups_of(account, &groups)?;
                }
                if let Some(attributes) = attributes {
                    work.set_attributes(account, &attributes)?;
                }
                Ok(())
            })
            .await
    }
}

/// Attributes with what is said of them; what is not said, or cannot be one, is not known.
pub(crate) fn with_said(
    mut known: BTreeMap<String, String>,
    said: BTreeMap<String, Option<String>>,
) -> BTreeMap<String, String> {
    for (name, value) in said {
        match value.and_then(|value| one_line(&value)) {
            Some(value) => known.insert(name, value),
            None => known.remove(&name),
        };
    }
    known
}

/// A value that attributes can have: one line, not too long.
fn one_line(value: &str) -> Option<String> {
    let fits = value.chars().count() <= 200 && !value.chars().any(char::is_control);
    fits.then(|| value.trim().to_owned()).filter(|value| !value.is_empty())
}
