//! People of a directory: what it says of them becomes accounts, memberships and groups.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_identity::{
    email::is_twin,
    scim::{
        Object, Shown, etag,
        filter::{Filter, Key, fold},
        question::Question,
        schema::{ENTERPRISE, USER},
        user::User,
    },
};
use gridkeep_model::{AccountId, OutsideId, domain};
use gridkeep_store::{
    Directed, DirectoryKey, DirectorySays, DirectoryUser, Dismissed, NewAccount, Origin, Outside, TenantRole,
};
use serde_json::{Value as Json, json};

use super::{Directory, Failure};
use crate::{
    company::{Rules, Said, with_said},
    error::ApiError,
};

/// People looked at at once when a filter asks for what no index has.
const AT_ONCE: usize = 500;

/// Some of the people that were asked for, and how many there are.
pub(super) struct Found {
    pub(super) total: u64,
    pub(super) page: Vec<DirectoryUser>,
}

/// What became of somebody, as an answer.
fn became(directed: Directed) -> Result<DirectoryUser, Failure> {
    match directed {
        Directed::Done(user) => Ok(*user),
        Directed::Taken(what) => Err(Failure::Taken(what.to_owned())),
        Directed::Absent => Err(ApiError::NotFound.into()),
        Directed::Outdated => Err(Failure::Outdated),
        Directed::LastOwner => Err(Failure::Conflict("the tenant's only owner stays")),
        Directed::LastWayIn => Err(Failure::Conflict("the tenant's only owner with a passkey stays")),
        Directed::Beyond => Err(Failure::Beyond),
        Directed::Full => Err(Failure::Conflict("the directory has as many people as there can be")),
    }
}

impl Directory {
    /// What the tenant makes of what this provider says.
    fn rules(&self) -> Result<Rules, Failure> {
        let settings: Json = serde_json::from_str(&self.provider.settings).map_err(ApiError::internal)?;
        let rules = settings.get("rules").cloned().unwrap_or_else(|| json!({}));
        Ok(serde_json::from_value(rules).map_err(ApiError::internal)?)
    }

    /// What becomes of somebody of these groups, as the directory calls them.
    fn said(groups: BTreeSet<String>) -> Said {
        Said {
            issuer: String::new(),
            subject: String::new(),
            email: None,
            email_good: false,
            name: None,
            groups: Some(groups),
            attributes: BTreeMap::new(),
            external: None,
            acr: None,
            amr: Vec::new(),
            authenticated: None,
            until: None,
        }
    }

    /// What those become who are new and in no group yet.
    fn newcomers(&self) -> Result<TenantRole, Failure> {
        let outcome = self.rules()?.outcome(&Self::said(BTreeSet::new()), self.most);
        let most = self.most.min(TenantRole::Administrator);
        Ok(outcome.newcomer.unwrap_or(TenantRole::Member).min(most))
    }

    /// Whether the tenant has proven that a domain of addresses is its company's.
    async fn is_own_domain(&self, domain: &str) -> Result<bool, Failure> {
        let domains = self.control().company_domains(self.provider.tenant).await?;
        Ok(domains.iter().any(|own| own.verified.is_some() && own.domain == domain))
    }

    async fn says(&self, object: &Object) -> Result<DirectorySays, Failure> {
        let user = User::of(object)?;
        let mut content = object.clone();
        content.remove("schemas");
        content.insert("active".to_owned(), user.active.into());
        Ok(DirectorySays {
            provider: self.provider.id,
            tenant: self.provider.tenant,
            content: Json::Object(content).to_string(),
            user_name: fold(&user.user_name),
            identity: user.external.clone().unwrap_or_else(|| user.user_name.clone()),
            external: user.external,
            active: user.active,
            address: user.address.to_string(),
            skeleton: user.address.skeleton(),
            addresses: user.addresses,
            name: user.name,
            vouched: self.is_own_domain(&user.address.domain()).await?,
            role: self.newcomers()?,
            most: self.most,
            now: self.time.now(),
        })
    }

    /// Takes somebody in.
    pub(super) async fn create_user(&self, object: &Object) -> Result<DirectoryUser, Failure> {
        let says = self.says(object).await?;
        let (active, address, now) = (says.active, says.address.clone(), says.now);
        let account = NewAccount {
            id: self.chance.with(|rng| AccountId::new(self.time.clock(), rng)),
            email: address.clone(),
            skeleton: says.skeleton.clone(),
            name: says.name.clone(),
            password: self.company.nobody().to_owned(),
            created: now,
        };
        let outside = Outside {
            id: self.chance.with(|rng| OutsideId::new(self.time.clock(), rng)),
            provider: self.provider.id,
            account: account.id,
            subject: None,
            external: Some(says.identity.clone()),
            origin: Origin::Provisioned,
            blocked: None,
            created: now,
            seen: None,
        };
        let user = became(self.control().direct_new(says, account, outside, is_twin).await?)?;
        self.settle(user.account, active, &address).await?;
        self.tell(&user).await?;
        Ok(user)
    }

    /// What is known of somebody (`user.Attribute`), by what the directory says of them.
    async fn tell(&self, user: &DirectoryUser) -> Result<(), Failure> {
        let (account, said) = (user.account, self.rules()?.directed(&user.content));
        if said.is_empty() || !user.active {
            return Ok(());
        }
        let known = self.tenancy.read(move |reader| Ok(reader.belonging(account)?)).await?.attributes;
        let then = with_said(known.clone(), said);
        if then != known {
            self.tenancy.write(move |work| Ok(work.set_attributes(account, &then)?)).await?;
        }
        Ok(())
    }

    /// Makes of somebody what the directory says of them now.
    pub(super) async fn change_user(
        &self,
        before: &DirectoryUser,
        object: &Object,
    ) -> Result<DirectoryUser, Failure> {
        let mut object = object.clone();
        // Nobody is let in again by what is not said.
        object.entry("active").or_insert(before.active.into());
        let says = self.says(&object).await?;
        let (active, address) = (says.active, says.address.clone());
        let user = if says.content == before.content {
            before.clone()
        } else {
            became(self.control().direct(before.account, before.version, says, is_twin).await?)?
        };
        // Also where nothing changed: what follows may have failed the last time.
        if active != before.active || !active {
            self.settle(user.account, active, &address).await?;
        }
        self.tell(&user).await?;
        Ok(user)
    }

    /// Takes somebody out of the directory and the tenant.
    pub(super) async fn remove_user(
        &self,
        user: &DirectoryUser,
        version: Option<i64>,
    ) -> Result<(), Failure> {
        let (own, account) = ((self.provider.tenant, self.provider.id), user.account);
        match self.control().dismiss(own, account, version, self.most, self.time.now()).await? {
            Dismissed::Done(proven) => {
                let proven = self.own_address(account, proven).await?;
                self.tenancy
                    .write(move |work| {
                        work.forget_person(account, proven.as_deref())?;
                        Ok(work.forget_directory_member(account)?)
                    })
                    .await?;
                Ok(())
            }
            Dismissed::Not(why) => became(why).map(drop),
        }
    }

    /// An address that nobody else has proven: what was given to it was given to this account.
    async fn own_address(
        &self,
        account: AccountId,
        address: Option<String>,
    ) -> Result<Option<String>, Failure> {
        let Some(address) = address else { return Ok(None) };
        let other = self.control().account_by_email(&address).await?;
        Ok(other.is_none_or(|(other, _)| other.id == account).then_some(address))
    }

    /// What follows in the tenant's database: whoever may come in is in their groups again, whoever may not has lost what was given
    /// to them.
    async fn settle(&self, account: AccountId, active: bool, address: &str) -> Result<(), Failure> {
        if active {
            self.tenancy.write(move |work| Ok(work.activate_directory_member(account)?)).await?;
            return self.follow(&[account]).await;
        }
        let known = self.control().account_in(self.provider.tenant, account).await?;
        let confirmed = known.is_some_and(|(own, _)| own.confirmed.is_some() && own.email == address);
        let proven = (confirmed || self.is_own_domain(&domain::of_address(address)).await?)
            .then(|| address.to_owned());
        let proven = self.own_address(account, proven).await?;
        Ok(self.tenancy.write(move |work| Ok(work.forget_person(account, proven.as_deref())?)).await?)
    }

    /// Makes of people what their groups say, where the tenant's rules speak of groups.
    pub(super) async fn follow(&self, accounts: &[AccountId]) -> Result<(), Failure> {
        let rules = self.rules()?;
        if !rules.speaks_of_groups() {
            return Ok(());
        }
        let (tenant, provider) = (self.provider.tenant, self.provider.id);
        for &account in accounts {
            let groups =
                self.tenancy.read(move |reader| Ok(reader.directory_groups_of(provider, account)?)).await?;
            let names = groups.into_iter().flat_map(|group| [Some(group.name), group.external]);
            let outcome = rules.outcome(&Self::said(names.flatten().collect()), self.most);
            let Some(member) = self.control().member(tenant, account).await? else { continue };
            let own = self.control().outsides_of(account).await?;
            let linked = own
                .iter()
                .any(|own| own.outside.provider == provider && own.outside.origin == Origin::Linked);
            if let Some(role) = outcome.role.filter(|role| *role != member.role)
                && !linked
                && member.role <= self.most.min(TenantRole::Administrator)
            {
                // Whoever leaves a company leaves it: see `gates::Gates::watch`.
                self.control().change_role(tenant, account, role, self.most, None).await?;
            }
            if outcome.joins.is_empty() && outcome.leaves.is_empty() {
                continue;
            }
            self.tenancy
                .write(move |work| {
                    let now = work.belonging(account)?.groups.into_iter().map(|(id, _)| id).collect();
                    let then = &(&now - &outcome.leaves) | &outcome.joins;
                    if then != now {
                        work.set_groups_of(account, &then)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// Somebody of the directory.
    pub(super) async fn user(&self, id: &str) -> Result<DirectoryUser, Failure> {
        // What cannot be an id is nobody's.
        let id = id.parse::<AccountId>().map_err(|_| ApiError::NotFound)?;
        let found = self.control().directory_user(self.provider.id, id).await?;
        Ok(found.ok_or(ApiError::NotFound)?)
    }

    /// All that is said of somebody, their groups aside.
    pub(super) fn object(&self, user: &DirectoryUser) -> Result<Object, Failure> {
        let mut object: Object = serde_json::from_str(&user.content).map_err(ApiError::internal)?;
        let id = user.account.to_string();
        let mut schemas = vec![USER];
        schemas.extend(object.contains_key(ENTERPRISE).then_some(ENTERPRISE));
        let meta = json!({
            "resourceType": "User",
            "created": user.created.to_string(),
            "lastModified": user.changed.to_string(),
            "location": self.place(&format!("Users/{id}")),
            "version": etag(user.version),
        });
        object.insert("schemas".to_owned(), json!(schemas));
        object.insert("id".to_owned(), id.into());
        object.insert("active".to_owned(), user.active.into());
        object.insert("meta".to_owned(), meta);
        Ok(object)
    }

    /// People as they are shown.
    pub(super) async fn shown_users(
        &self,
        users: &[DirectoryUser],
        shown: &Shown,
    ) -> Result<Vec<Json>, Failure> {
        let mut groups = Vec::new();
        if shown.has("groups") {
            let (provider, ids) =
                (self.provider.id, users.iter().map(|user| user.account).collect::<Vec<_>>());
            groups = self
                .tenancy
                .read(move |reader| {
                    Ok(ids
                        .into_iter()
                        .map(|id| reader.directory_groups_of(provider, id))
                        .collect::<Result<_, _>>()?)
                })
                .await?;
        }
        let mut all = Vec::with_capacity(users.len());
        for (index, user) in users.iter().enumerate() {
            let mut object = self.object(user)?;
            let own = groups.get(index).map_or(&[][..], Vec::as_slice).iter().map(|group| {
                json!({
                    "value": group.id,
                    "$ref": self.place(&format!("Groups/{}", group.id)),
                    "display": group.name,
                    "type": "direct",
                })
            });
            let own: Vec<Json> = own.collect();
            if !own.is_empty() {
                object.insert("groups".to_owned(), own.into());
            }
            all.push(Json::Object(shown.apply(object)));
        }
        Ok(all)
    }

    /// The people that are asked for.
    pub(super) async fn find_users(&self, question: &Question) -> Result<Found, Failure> {
        let provider = self.provider.id;
        let Some(filter) = &question.filter else {
            let total = self.control().directory_count(provider).await?;
            let wanted = (question.skip, question.count);
            let page = self.control().directory_users(provider, None, wanted).await?;
            return Ok(Found { total, page });
        };
        let mut found = Found { total: 0, page: Vec::new() };
        let by = match filter.key(gridkeep_identity::scim::schema::Resource::User) {
            Some(Key::Id(id)) => {
                let user = match id.parse::<AccountId>() {
                    Ok(id) => self.control().directory_user(provider, id).await?,
                    Err(_) => None,
                };
                self.gather(&mut found, user.into_iter().collect(), filter, question)?;
                return Ok(found);
            }
            Some(Key::UserName(name)) => Some(DirectoryKey::UserName(name)),
            Some(Key::External(external)) => Some(DirectoryKey::External(external)),
            Some(Key::Email(address)) => Some(DirectoryKey::Address(address)),
            _ => None,
        };
        if let Some(by) = by {
            let some = self.control().directory_users_by(provider, by).await?;
            self.gather(&mut found, some, filter, question)?;
            return Ok(found);
        }
        let mut after = None;
        loop {
            let some = self.control().directory_users(provider, after, (0, AT_ONCE)).await?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.account);
            let is_last = some.len() < AT_ONCE;
            self.gather(&mut found, some, filter, question)?;
            if is_last {
                return Ok(found);
            }
        }
    }

    fn gather(
        &self,
        found: &mut Found,
        users: Vec<DirectoryUser>,
        filter: &Filter,
        question: &Question,
    ) -> Result<(), Failure> {
        for user in users {
            if filter.holds(&self.object(&user)?) {
                found.total += 1;
                if found.total > question.skip && found.page.len() < question.count {
                    found.page.push(user);
                }
            }
        }
        Ok(())
    }
}
