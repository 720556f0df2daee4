//! Who can meet a gate, and that nobody takes that away by hand, not even two at once.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{
    AccountId, Clock, FactorId, OutsideId, ProviderId, TenantId,
    checkpoint::{Gate, GateSettings},
};
use gridkeep_store::{
    Asked, CompanyDomain, Control, Factor, FactorKind, Joins, Lack, NewAccount, Origin, Outside, PIN_TRIES,
    PinTry, Provers, Provider, ProviderKind, Ruled, Store, TenantRole,
};
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::world::{Place, open, places};

/// The hash of an account that comes by no password.
const NOBODY: &str =
    "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn asked(methods: &[&str], four_eyes: bool) -> Option<Asked> {
    let gate = json!({"id": "CHECKPOINT_CONFIG", "message": "Sure?", "active": true, "methods": methods});
    let gate: Gate = serde_json::from_value(gate).unwrap();
    Asked::of(&gate, &GateSettings { four_eyes, ..GateSettings::default() })
}

/// What is set of a provider that speaks as this issuer.
fn by(issuer: &str) -> String {
    json!({"oidc": {"issuer": issuer, "client": "us"}}).to_string()
}

struct World {
    control: Control,
    clock: StepClock,
    rng: SeededRng,
    tenant: TenantId,
}

impl World {
    async fn new(store: &Store, tenants: u8) -> Self {
        let (clock, mut rng) = (StepClock::default(), SeededRng::new(tenants.into()));
        let tenant = TenantId::new(&clock, &mut rng);
        let name = format!("tenant{tenants}");
        store.found_tenant(tenant, (&name, "Title"), None, clock.now()).await.unwrap().unwrap();
        Self { control: store.control().clone(), clock, rng, tenant }
    }

    /// Somebody who is this; with a password, or without one.
    async fn person(&mut self, email: &str, role: TenantRole, password: &str) -> AccountId {
        let new = NewAccount {
            id: AccountId::new(&self.clock, &mut self.rng),
            email: email.to_owned(),
            skeleton: email.to_owned(),
            name: email.to_owned(),
            password: password.to_owned(),
            created: self.clock.now(),
        };
        let id = self.control.create_account(new, Joins::default()).await.unwrap().id;
        self.control.add_member(self.tenant, id, role, self.clock.now()).await.unwrap();
        id
    }

    async fn provider(&mut self) -> Provider {
        let now = self.clock.now();
        let provider = Provider {
            id: ProviderId::new(&self.clock, &mut self.rng),
            tenant: self.tenant,
            kind: ProviderKind::Oidc,
            name: "Company".to_owned(),
            settings: by("https://id.example"),
            secret: None,
            most: TenantRole::Administrator,
            enabled: true,
            created: now,
            changed: now,
        };
        assert!(self.control.add_provider(provider.clone(), 20).await.unwrap());
        provider
    }

    async fn link(&mut self, account: AccountId, provider: &Provider) {
        let outside = Outside {
            id: OutsideId::new(&self.clock, &mut self.rng),
            provider: provider.id,
            account,
            subject: Some(("https://id.example".to_owned(), account.to_string())),
            external: Some(account.to_string()),
            origin: Origin::Linked,
            blocked: None,
            created: self.clock.now(),
            seen: None,
        };
        assert!(self.control.link_outside(outside).await.unwrap());
    }

    async fn passkey(&mut self, account: AccountId, since: Timestamp) -> FactorId {
        let id = FactorId::new(&self.clock, &mut self.rng);
        let (now, mut hash) = (self.clock.now(), [0; 32]);
        hash[..16].copy_from_slice(id.uuid().as_bytes());
        let factor = Factor {
            id,
            account,
            kind: FactorKind::Passkey,
            name: "Key".to_owned(),
            sealed: vec![1],
            credential: Some(hash),
            mark: 0,
            proven: true,
            created: now,
            used: None,
            since: Some(since),
        };
        assert!(self.control.add_passkey(factor, (hash, now + 1.hour())).await.unwrap());
        id
    }

    async fn provers(&self) -> Provers {
        self.control.provers(self.tenant).await.unwrap()
    }

    /// Everybody's ways, by their addresses.
    async fn ways(&self) -> String {
        let all = self.provers().await;
        let one = |ways: &std::collections::BTreeSet<gridkeep_model::checkpoint::Method>| {
            ways.iter().map(|way| way.word()).collect::<Vec<_>>().join(" ")
        };
        let said = all.all().iter().map(|ruler| format!("{}: {}", ruler.address, one(&ruler.ways)));
        said.collect::<Vec<_>>().join("; ")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_rules_proves_what_they_come_in_with() {
    for place in places() {
        let store = open(&place).await;
        let mut world = World::new(&store, 1).await;
        let control = world.control.clone();
        let before = world.clock.now();
        let ann = world.person("ann@corp.example", TenantRole::Owner, "-").await;
        let ben = world.person("ben@corp.example", TenantRole::Administrator, NOBODY).await;
        world.person("cy@corp.example", TenantRole::Maker, "-").await;
        assert_eq!(world.ways().await, "ann@corp.example: password; ben@corp.example: ");
        // Ben comes through the company while it lets people be this, and is open, and he is let in.
        let provider = world.provider().await;
        world.link(ben, &provider).await;
        let both = "ann@corp.example: password; ben@corp.example: company";
        assert_eq!(world.ways().await, both);
        for closed in [
            Provider { enabled: false, ..provider.clone() },
            Provider { most: TenantRole::Maker, ..provider.clone() },
            // Another knows nobody of before: whoever comes is somebody new.
            Provider { settings: by("https://other.example"), ..provider.clone() },
        ] {
            assert_eq!(control.change_provider(closed, provider.changed, None).await.unwrap(), Ok(true));
            assert_eq!(world.ways().await, "ann@corp.example: password; ben@corp.example: ");
            assert_eq!(
                control.change_provider(provider.clone(), provider.changed, None).await.unwrap(),
                Ok(true)
            );
        }
        control.block_outside(world.tenant, ben, Some(before)).await.unwrap();
        assert_eq!(world.ways().await, "ann@corp.example: password; ben@corp.example: ");
        control.block_outside(world.tenant, ben, None).await.unwrap();
        // A PIN has so many tries.
        control.set_pin(ann, "pin".to_owned(), before).await.unwrap();
        assert_eq!(world.ways().await, "ann@corp.example: password pin; ben@corp.example: company");
        for hours in 0..PIN_TRIES {
            let tried = control.try_pin(ann, before + hours.hours()).await.unwrap();
            assert!(matches!(tried, PinTry::Counted(_)));
        }
        assert_eq!(world.ways().await, both);
        control.remove_pin(ann).await.unwrap();
        let key = world.passkey(ann, before).await;
        assert_eq!(world.ways().await, "ann@corp.example: password passkey; ben@corp.example: company");
        // Where people have to come through their company what they type counts for nothing.
        let domain = CompanyDomain {
            domain: "corp.example".to_owned(),
            proof: "proof".to_owned(),
            verified: None,
            required: false,
            created: before,
        };
        assert!(control.add_company_domain(world.tenant, domain, 20).await.unwrap());
        control.verify_company_domain(world.tenant, "corp.example", before).await.unwrap();
        let required = async |required, keeps| {
            let since = (required, world.clock.now());
            control.require_company(world.tenant, "corp.example", since, keeps).await.unwrap()
        };
        assert_eq!(required(true, None).await, Ok(true));
        assert_eq!(world.ways().await, "ann@corp.example: passkey; ben@corp.example: company");
        // What would leave nobody is not done by hand; what leaves somebody is, and so is what takes nothing that there was.
        assert_eq!(required(false, None).await, Ok(true));
        assert_eq!(required(true, asked(&["password"], false)).await, Err(Lack::Way));
        assert_eq!(world.ways().await, "ann@corp.example: password passkey; ben@corp.example: company");
        assert_eq!(required(true, asked(&["password", "passkey"], false)).await, Ok(true));
        assert_eq!(required(false, None).await, Ok(true));
        assert_eq!(required(true, asked(&["pin"], false)).await, Ok(true));
        let gone = async |keeps| control.remove_provider(world.tenant, provider.id, keeps).await.unwrap();
        let closed = Provider { enabled: false, ..provider.clone() };
        let other = Provider { settings: by("https://other.example"), ..provider.clone() };
        let company = || asked(&["company"], false);
        for changed in [&closed, &other] {
            let changed = control.change_provider(changed.clone(), provider.changed, company());
            assert_eq!(changed.await.unwrap(), Err(Lack::Way));
        }
        // Nor is the only door of whoever would begin what somebody else approves.
        for changed in [&closed, &other] {
            let keeps = asked(&["passkey", "password"], true);
            let changed = control.change_provider(changed.clone(), provider.changed, keeps);
            assert_eq!(changed.await.unwrap(), Err(Lack::Second));
        }
        assert_eq!(gone(company()).await, Err(Lack::Way));
        let (owner, now) = (TenantRole::Owner, world.clock.now());
        let demoted = control.change_role(world.tenant, ben, TenantRole::Member, owner, company()).await;
        assert_eq!(demoted.unwrap(), Ruled::Unmeetable(Lack::Way));
        let removed =
            async |keeps| control.remove_member(world.tenant, ben, owner, now, keeps).await.unwrap();
        assert_eq!(removed(company()).await, Ruled::Unmeetable(Lack::Way));
        // Nothing of it was done: he comes in as before.
        assert_eq!(world.ways().await, "ann@corp.example: passkey; ben@corp.example: company");
        assert_eq!(removed(asked(&["passkey"], true)).await, Ruled::Unmeetable(Lack::Second));
        assert_eq!(removed(asked(&["passkey"], false)).await, Ruled::Done);
        assert_eq!(gone(company()).await, Ok(true));
        // One's own passkey goes whatever is asked.
        assert_eq!(required(false, None).await, Ok(true));
        assert_eq!(control.remove_factor(ann, key, |_| "hwk").await.unwrap(), gridkeep_store::Removal::Done);
        assert_eq!(world.provers().await.lack(&asked(&["passkey"], false).unwrap()), Some(Lack::Way));
    }
}

/// With four eyes whoever has a password alone begins what is approved by whoever has a passkey: a domain whose people come through the
/// company does not keep them out, unless the company lets them in.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_what_another_approves_is_not_kept_out() {
    for place in places() {
        let store = open(&place).await;
        let mut world = World::new(&store, 1).await;
        let control = world.control.clone();
        let before = world.clock.now();
        let ann = world.person("ann@home.example", TenantRole::Owner, "-").await;
        let ben = world.person("ben@corp.example", TenantRole::Administrator, "-").await;
        world.passkey(ann, before).await;
        control.set_pin(ben, "pin".to_owned(), before).await.unwrap();
        let domain = CompanyDomain {
            domain: "corp.example".to_owned(),
            proof: "proof".to_owned(),
            verified: None,
            required: false,
            created: before,
        };
        assert!(control.add_company_domain(world.tenant, domain, 20).await.unwrap());
        control.verify_company_domain(world.tenant, "corp.example", before).await.unwrap();
        let tenant = world.tenant;
        let required = async |keeps| {
            let since = (true, before + 1.hour());
            control.require_company(tenant, "corp.example", since, keeps).await.unwrap()
        };
        let keeps = || asked(&["pin", "passkey"], true);
        assert_eq!(required(keeps()).await, Err(Lack::Second));
        assert_eq!(world.ways().await, "ann@home.example: password passkey; ben@corp.example: password pin");
        assert_eq!(world.provers().await.lack(&keeps().unwrap()), None);
        // Through the company they come in: they begin, and the other approves.
        let provider = world.provider().await;
        world.link(ben, &provider).await;
        assert_eq!(required(keeps()).await, Ok(true));
        assert_eq!(world.ways().await, "ann@home.example: password passkey; ben@corp.example: company");
        // Whatever closes that door is seen, too.
        let closed = Provider { most: TenantRole::Maker, ..provider.clone() };
        let lowered = control.change_provider(closed.clone(), provider.changed, keeps()).await.unwrap();
        assert_eq!(lowered, Err(Lack::Second));
        assert_eq!(control.change_provider(closed, provider.changed, None).await.unwrap(), Ok(true));
        assert_eq!(world.provers().await.lack(&keeps().unwrap()), Some(Lack::Second));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_removals_at_once_one_is_refused() {
    for place in places() {
        let store = open(&place).await;
        // Where several servers may write, the two come to two of them.
        let other = match &place {
            Place::Folder(_) => store.clone(),
            Place::Server { .. } => open(&place).await,
        };
        for round in 0..10 {
            let mut world = World::new(&store, round).await;
            let mut people = Vec::new();
            for name in ["ann", "ben", "cy"] {
                let email = format!("{name}{round}@example.com");
                people.push(world.person(&email, TenantRole::Owner, "-").await);
            }
            let (tenant, now, keeps) = (world.tenant, world.clock.now(), asked(&["password"], true));
            let (owner, member) = (TenantRole::Owner, TenantRole::Member);
            let (one, two) = tokio::join!(
                store.control().remove_member(tenant, people[0], owner, now, keeps.clone()),
                other.control().change_role(tenant, people[1], member, owner, keeps.clone()),
            );
            let (one, two) = (one.unwrap(), two.unwrap());
            let refused = Ruled::Unmeetable(Lack::Second);
            let of_two = [(Ruled::Done, refused), (refused, Ruled::Done)];
            assert!(of_two.contains(&(one, two)), "{one:?} {two:?}");
            let left = world.provers().await;
            assert_eq!((left.all().len(), left.lack(&keeps.unwrap())), (2, None));
        }
    }
}
