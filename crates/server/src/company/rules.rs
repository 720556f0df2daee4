//! What a tenant makes of what its provider says: which claim is what, and what people become.
//!
//! **Architecture Invariant:** pure: what is shown by the test of a provider is what happens at a sign-in. Nobody becomes an owner, or
//! more than whoever set the provider up is. A claim that is not there says nothing, and takes nothing away.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_identity::scim::schema::ENTERPRISE;
use gridkeep_model::GroupId;
use gridkeep_store::TenantRole;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    session::{Email, FEDERATED, FEDERATED_FACTOR, FEDERATED_PASSKEY, RoleView},
};

/// The claim by which a provider bounds the session: SAML's `SessionNotOnOrAfter`, in seconds since 1970.
pub(super) const UNTIL: &str = "session_not_on_or_after";
/// Most rules of a kind.
const MOST_RULES: usize = 200;
/// Longest name of a claim, group or context, in bytes.
const LONGEST: usize = 300;
/// Groups that are said in words.
const MOST_SAID: usize = 5;
/// Groups that are looked at of one person.
const MOST_GROUPS: usize = 2_000;

/// What is made of what a provider says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = ProviderRules)]
pub struct Rules {
    /// What those become who come for the first time; null lets nobody new in.
    newcomers: Option<RoleView>,
    /// Which claims are what.
    claims: ClaimNames,
    /// The provider's addresses are right even where it does not say that it has verified them.
    trust_addresses: bool,
    /// What the provider's groups are here.
    groups: Vec<GroupRule>,
    /// Our attributes, such as `Region`, by the claims they are taken from.
    attributes: BTreeMap<String, String>,
    /// What counts as a second factor.
    factors: Vec<FactorRule>,
}

/// Names of claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = ProviderClaims)]
struct ClaimNames {
    email: String,
    name: String,
    groups: String,
    /// What a directory that provisions people calls them.
    external: Option<String>,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self { email: "email".into(), name: "name".into(), groups: "groups".into(), external: None }
    }
}

/// What a group of the provider's is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ProviderGroupRule)]
struct GroupRule {
    /// As the provider names it.
    outside: String,
    /// Its people are this; up to administrator.
    #[serde(default)]
    role: Option<RoleView>,
    /// Its people belong to this group.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    group: Option<GroupId>,
}

/// What counts as a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ProviderFactorRule)]
struct FactorRule {
    /// Where the provider says so.
    says: Says,
    /// What it says there.
    value: String,
    /// What that is worth here.
    counts: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Says {
    Acr,
    Amr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Counts {
    /// A second factor.
    Any,
    /// As much as a passkey.
    Passkey,
}

/// What a provider says of somebody, once it is proven that it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who says it.
    pub issuer: String,
    /// Who they are to the issuer.
    pub subject: String,
    /// Their address, as far as it is one.
    pub email: Option<Email>,
    /// The provider's word for the address counts.
    pub email_good: bool,
    /// What they are called.
    pub name: Option<String>,
    /// The groups they are in; `None` when nothing is said of groups.
    pub groups: Option<BTreeSet<String>>,
    /// Values for our attributes.
    pub attributes: BTreeMap<String, String>,
    /// What a directory calls them.
    pub external: Option<String>,
    /// How they showed who they are.
    pub acr: Option<String>,
    /// The same in the words of RFC 8176.
    pub amr: Vec<String>,
    /// When they did.
    pub authenticated: Option<Timestamp>,
    /// When the provider wants the session to end at the latest.
    pub until: Option<Timestamp>,
}

/// Whom rules make administrators.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rulers {
    /// Whoever comes, and whoever is in none of the groups that make something of their people.
    newcomers: bool,
    /// Groups of the provider's.
    groups: BTreeSet<String>,
    /// Groups whose people become less: who is in none of them becomes what newcomers do.
    less: BTreeSet<String>,
}

impl Rulers {
    /// Whether there is anybody.
    pub(super) fn any(&self) -> bool {
        self.newcomers || !self.groups.is_empty()
    }

    /// Whether they may be others than these.
    pub(super) fn exceed(&self, before: &Self) -> bool {
        let newcomers = self.newcomers && (!before.newcomers || self.less != before.less);
        newcomers || !self.groups.is_subset(&before.groups)
    }

    /// In words, the first few of them; all are in what is compared.
    pub(super) fn words(&self) -> Option<String> {
        let newcomers = self.newcomers.then_some("newcomers").into_iter();
        let all: Vec<&str> = newcomers.chain(self.groups.iter().map(String::as_str)).collect();
        let more = if all.len() > MOST_SAID { " …" } else { "" };
        let said = all.iter().take(MOST_SAID).copied().collect::<Vec<_>>().join(", ");
        (!all.is_empty()).then(|| format!("{said}{more} → {}", TenantRole::Administrator.word()))
    }
}

/// What becomes of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What they become when they are new; not let in when `None`.
    pub newcomer: Option<TenantRole>,
    /// What they are from now on, where their account was made for the provider; as before when `None`.
    pub role: Option<TenantRole>,
    /// Groups they belong to from now on.
    pub joins: BTreeSet<GroupId>,
    /// Groups they do not belong to any more.
    pub leaves: BTreeSet<GroupId>,
    /// Attributes from now on; those that are `None` are forgotten.
    pub attributes: BTreeMap<String, Option<String>>,
    /// What the session is worth.
    pub methods: String,
}

fn text(claim: &Json) -> Option<String> {
    match claim {
        Json::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        // Directories give lists of one.
        Json::Array(all) if all.len() == 1 => text(&all[0]),
        _ => None,
    }
}

fn texts(claim: &Json) -> Option<BTreeSet<String>> {
    match claim {
        Json::Array(all) => {
            Some(all.iter().take(MOST_GROUPS).filter_map(Json::as_str).map(str::to_owned).collect())
        }
        Json::String(one) => Some(BTreeSet::from([one.clone()])),
        _ => None,
    }
}

impl Rules {
    /// Refuses what cannot be meant, naming it; `most` is the most that whoever sets them may give.
    pub fn check(&self, most: TenantRole) -> Result<(), ApiError> {
        let wrong = |what: &str| Err(ApiError::InvalidRequest(format!("rules.{what}")));
        let fits =
            |text: &str| !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
        let ClaimNames { email, name, groups, external } = &self.claims;
        if ![email, name, groups].into_iter().chain(external).all(|name| fits(name)) {
            return wrong("claims");
        }
        if self.groups.len() > MOST_RULES || !self.groups.iter().all(|rule| fits(&rule.outside)) {
            return wrong("groups");
        }
        let named = self.groups.iter().filter_map(|rule| rule.role).chain(self.newcomers);
        if named.map(TenantRole::from).any(|role| role > most.min(TenantRole::Administrator)) {
            return wrong("groups: an owner is named by an owner, one by one");
        }
        if self.attributes.len() > MOST_RULES
            || !self.attributes.iter().all(|(own, claim)| fits(own) && fits(claim))
        {
            return wrong("attributes");
        }
        if self.factors.len() > MOST_RULES || !self.factors.iter().all(|rule| fits(&rule.value)) {
            return wrong("factors");
        }
        Ok(())
    }

    /// Whether people come in who are new.
    pub fn lets_in(&self) -> bool {
        self.newcomers.is_some()
    }

    /// Whom they make administrators.
    pub(super) fn rulers(&self) -> Rulers {
        let makes = |role: Option<RoleView>| {
            role.map(TenantRole::from).is_some_and(|role| role >= TenantRole::Administrator)
        };
        let (more, less): (Vec<_>, Vec<_>) =
            self.groups.iter().filter(|rule| rule.role.is_some()).partition(|rule| makes(rule.role));
        let named = |rules: Vec<&GroupRule>| rules.into_iter().map(|rule| rule.outside.clone()).collect();
        Rulers { newcomers: makes(self.newcomers), groups: named(more), less: named(less) }
    }

    /// What of them says who somebody is, and what their session is worth.
    pub(super) fn known_by(&self) -> Json {
        json!({"claims": self.claims, "trusts": self.trust_addresses, "factors": self.factors})
    }

    /// Whether anything becomes of the groups somebody is in.
    pub fn speaks_of_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Reads what a provider says of somebody.
    pub fn read(&self, issuer: &str, subject: &str, claims: &Map<String, Json>) -> Said {
        let get = |name: &str| claims.get(name);
        let email = get(&self.claims.email).and_then(text).and_then(|email| Email::new(&email).ok());
        // The provider's word is about its claim `email`: about another it says something only where both are the same.
        let is_about = self.claims.email == "email"
            || get("email").is_some_and(|own| Some(own) == get(&self.claims.email));
        let verified = is_about && get("email_verified").and_then(text).is_some_and(|word| word == "true");
        let name = get(&self.claims.name).and_then(text);
        let name = name.map(|name| {
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
            name.trim().to_owned()
        });
        let attributes = self.attributes.iter();
        let attributes = attributes.filter_map(|(own, claim)| Some((own.clone(), text(get(claim)?)?)));
        let moment = |name: &str| {
            let second = get(name).and_then(Json::as_i64);
            second.and_then(|second| Timestamp::from_second(second).ok())
        };
        Said {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email,
            email_good: verified || self.trust_addresses,
            name: name.filter(|name| !name.is_empty()),
            groups: get(&self.claims.groups).and_then(texts),
            attributes: attributes.collect(),
            external: self.claims.external.as_ref().and_then(|name| get(name)).and_then(text),
            acr: get("acr").and_then(text).filter(|acr| acr.len() <= LONGEST),
            amr: get("amr").and_then(texts).into_iter().flatten().take(10).collect(),
            authenticated: moment("auth_time"),
            until: moment(UNTIL),
        }
    }

    /// Our attributes by what a directory says of somebody (SCIM): a claim's name is that of what it says of work, or of the person.
    pub fn directed(&self, content: &str) -> BTreeMap<String, Option<String>> {
        let content: Map<String, Json> = serde_json::from_str(content).unwrap_or_default();
        let work = content.get(ENTERPRISE).and_then(Json::as_object);
        let said = |claim: &String| work.and_then(|work| work.get(claim)).or_else(|| content.get(claim));
        self.attributes.iter().map(|(own, claim)| (own.clone(), said(claim).and_then(text))).collect()
    }

    /// What becomes of whom this is said; at most this.
    pub fn outcome(&self, said: &Said, most: TenantRole) -> Outcome {
        let most = most.min(TenantRole::Administrator);
        let newcomer = self.newcomers.map(TenantRole::from).map(|role| role.min(most));
        let is_in = |rule: &&GroupRule| said.groups.as_ref().is_some_and(|own| own.contains(&rule.outside));
        let roles = self.groups.iter().any(|rule| rule.role.is_some());
        let named = self.groups.iter().filter(is_in).filter_map(|rule| rule.role).map(TenantRole::from).max();
        let named = named.map(|role| role.min(most)).or(newcomer);
        let joins: BTreeSet<GroupId> =
            self.groups.iter().filter(is_in).filter_map(|rule| rule.group).collect();
        let managed: BTreeSet<GroupId> = self.groups.iter().filter_map(|rule| rule.group).collect();
        let leaves = if said.groups.is_some() { &managed - &joins } else { BTreeSet::new() };
        let attributes = self.attributes.keys().map(|own| (own.clone(), said.attributes.get(own).cloned()));
        let shown = |rule: &&FactorRule| match rule.says {
            Says::Acr => said.acr.as_ref() == Some(&rule.value),
            Says::Amr => said.amr.contains(&rule.value),
        };
        let worth: BTreeSet<&str> = self
            .factors
            .iter()
            .filter(shown)
            .map(|rule| match rule.counts {
                Counts::Any => FEDERATED_FACTOR,
                Counts::Passkey => FEDERATED_PASSKEY,
            })
            .collect();
        let methods: Vec<&str> = std::iter::once(FEDERATED).chain(worth).collect();
        Outcome {
            newcomer: if roles && said.groups.is_some() { newcomer.and(named) } else { newcomer },
            role: if roles && said.groups.is_some() { named } else { None },
            joins,
            leaves,
            attributes: attributes.collect(),
            methods: methods.join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use TenantRole::{Administrator, Maker, Member, Owner};
    use serde_json::json;

    use super::*;

    fn rules(json: Json) -> Rules {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn whom_rules_make_administrators_is_told_from_whom_they_make_less() {
        let group = |outside: &str, role: &str| json!({"outside": outside, "role": role});
        let member = json!({"newcomers": "member"});
        let heads = json!({"newcomers": "member", "groups": [group("heads", "administrator"), group("staff", "maker")]});
        let all = json!({"newcomers": "administrator", "groups": [group("guests", "member")]});
        let check = |before: &Json, after: &Json, exceeds: bool, words: Option<&str>| {
            let (before, after) = (rules(before.clone()).rulers(), rules(after.clone()).rulers());
            assert_eq!(after.exceed(&before), exceeds, "{before:?} {after:?}");
            assert_eq!((after.words().as_deref(), after.any()), (words, words.is_some()));
        };
        check(&member, &member, false, None);
        check(&member, &json!({"newcomers": "maker", "groups": [group("staff", "maker")]}), false, None);
        check(&member, &heads, true, Some("heads → administrator"));
        check(&heads, &heads, false, Some("heads → administrator"));
        check(&heads, &member, false, None);
        check(
            &heads,
            &json!({"groups": [group("heads", "administrator")]}),
            false,
            Some("heads → administrator"),
        );
        let other = json!({"groups": [group("others", "administrator"), group("heads", "administrator")]});
        check(&heads, &other, true, Some("heads, others → administrator"));
        check(&member, &all, true, Some("newcomers → administrator"));
        check(&all, &all, false, Some("newcomers → administrator"));
        // Whoever was less by their group becomes what newcomers do.
        let without = json!({"newcomers": "administrator"});
        check(&all, &without, true, Some("newcomers → administrator"));
        check(&without, &all, true, Some("newcomers → administrator"));
        let many: Vec<_> = (1..=6).map(|number| group(&number.to_string(), "administrator")).collect();
        check(&member, &json!({"groups": many}), true, Some("1, 2, 3, 4, 5 … → administrator"));
    }

    fn said(rules: &Rules, claims: Json) -> Said {
        let Json::Object(claims) = claims else { panic!("no object") };
        rules.read("https://id.example", "1", &claims)
    }

    #[test]
    fn claims_are_read_as_they_are_named() {
        let own = rules(json!({
            "claims": {"email": "mail", "groups": "roles", "external": "oid"},
            "attributes": {"Region": "region", "Floor": "floor"},
        }));
        let found = said(
            &own,
            json!({
                "mail": " Ann@Example.com ", "email": " Ann@Example.com ", "email_verified": "true", "name": "Ann\u{7} Lee", "roles": ["a", 1, "b"],
                "oid": "x-1", "region": ["North"], "floor": ["1", "2"], "acr": "gold", "amr": ["pwd", "otp"], "auth_time": 60,
            }),
        );
        assert_eq!(found.email.as_ref().map(Email::as_str), Some("ann@example.com"));
        assert!(found.email_good);
        assert_eq!(found.name.as_deref(), Some("Ann Lee"));
        assert_eq!(found.groups, Some(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
        assert_eq!(found.attributes, BTreeMap::from([("Region".to_owned(), "North".to_owned())]));
        assert_eq!((found.external.as_deref(), found.acr.as_deref()), (Some("x-1"), Some("gold")));
        assert_eq!(found.authenticated, Timestamp::from_second(60).ok());
        for (claims, expect) in [
            (json!({"mail": "a@x.example", "email_verified": true}), false),
            (json!({"mail": "a@x.example", "email": "b@x.example", "email_verified": true}), false),
            (json!({"mail": "a@x.example", "email": "a@x.example", "email_verified": true}), true),
        ] {
            assert_eq!(said(&own, claims.clone()).email_good, expect, "{claims}");
        }
        let nothing = said(&rules(json!({})), json!({"email": "no address", "groups": 7}));
        assert_eq!((nothing.email, nothing.groups, nothing.email_good), (None, None, false));
        assert!(said(&rules(json!({"trustAddresses": true})), json!({})).email_good);
    }

    #[test]
    fn what_a_directory_says_is_told_by_the_same_names() {
        let own =
            rules(json!({"attributes": {"Department": "department", "Title": "title", "Floor": "floor"}}));
        let check = |content: Json, expect: [Option<&str>; 3]| {
            let found = own.directed(&content.to_string());
            let found = ["Department", "Title", "Floor"].map(|name| found[name].as_deref());
            assert_eq!(found, expect, "{content}");
        };
        check(
            json!({"title": "Engineer", "floor": 3, ENTERPRISE: {"department": " North ", "title": ""}}),
            [Some("North"), None, Some("3")],
        );
        check(json!({"title": "Engineer", "name": {"floor": "1"}}), [None, Some("Engineer"), None]);
        check(json!([]), [None; 3]);
    }

    #[test]
    fn groups_decide_what_people_become() {
        let (north, south) = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002");
        let own = json!({
            "newcomers": "member",
            "groups": [
                {"outside": "admins", "role": "administrator"}, {"outside": "makers", "role": "maker"},
                {"outside": "north", "group": north}, {"outside": "south", "group": south},
            ],
        });
        let check = |own: &Json, groups: Json, most, newcomer, role, joins: &[&str], leaves: &[&str]| {
            let own = rules(own.clone());
            let claims = if groups.is_null() { json!({}) } else { json!({"groups": groups}) };
            let found = own.outcome(&said(&own, claims), most);
            let ids = |names: &[&str]| -> BTreeSet<GroupId> {
                names.iter().map(|id| id.parse().unwrap()).collect()
            };
            assert_eq!((found.newcomer, found.role), (newcomer, role), "{groups}");
            assert_eq!((found.joins, found.leaves), (ids(joins), ids(leaves)), "{groups}");
        };
        check(&own, json!(["makers", "north"]), Owner, Some(Maker), Some(Maker), &[north], &[south]);
        check(
            &own,
            json!(["admins", "makers"]),
            Owner,
            Some(Administrator),
            Some(Administrator),
            &[],
            &[north, south],
        );
        check(&own, json!(["admins"]), Maker, Some(Maker), Some(Maker), &[], &[north, south]);
        check(&own, json!([]), Owner, Some(Member), Some(Member), &[], &[north, south]);
        check(&own, json!(["Admins"]), Owner, Some(Member), Some(Member), &[], &[north, south]);
        // Nothing was said.
        check(&own, Json::Null, Owner, Some(Member), None, &[], &[]);
        let closed = json!({"groups": [{"outside": "makers", "role": "maker"}]});
        check(&closed, json!(["makers"]), Owner, None, Some(Maker), &[], &[]);
        check(&closed, json!([]), Owner, None, None, &[], &[]);
    }

    #[test]
    fn factors_count_where_the_tenant_says_so() {
        let own = rules(json!({"factors": [
            {"says": "acr", "value": "gold", "counts": "passkey"}, {"says": "amr", "value": "mfa", "counts": "any"},
        ]}));
        let check = |own: &Rules, claims: Json, expect: &str| {
            assert_eq!(own.outcome(&said(own, claims.clone()), Owner).methods, expect, "{claims}");
        };
        check(&own, json!({"acr": "gold"}), "fed fed-hwk");
        check(&own, json!({"acr": "silver", "amr": ["mfa"]}), "fed fed-mfa");
        check(&own, json!({"amr": ["hwk", "otp"]}), "fed");
        check(&rules(json!({})), json!({"acr": "gold", "amr": ["hwk", "mfa", "otp"]}), "fed");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let check =
            |own: Json, most, fine: bool| assert_eq!(rules(own.clone()).check(most).is_ok(), fine, "{own}");
        check(json!({}), Administrator, true);
        check(json!({"newcomers": "administrator"}), Administrator, true);
        check(json!({"newcomers": "owner"}), Owner, false);
        check(json!({"groups": [{"outside": "a", "role": "owner"}]}), Owner, false);
        check(json!({"groups": [{"outside": ""}]}), Owner, false);
        check(json!({"claims": {"email": ""}}), Owner, false);
        check(json!({"claims": {"email": "a\nb"}}), Owner, false);
        assert!(serde_json::from_value::<Rules>(json!({"everybody": true})).is_err());
    }
}
