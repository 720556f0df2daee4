//! Companies' sign-in: providers, domains, and whose accounts their people have.

use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, OutsideId, ProviderId, TenantId};
use gridkeep_store::{
    Admission, Admitted, Company, CompanyDomain, Control, Joins, NewAccount, Origin, Outside, Provider,
    ProviderKind, Session, Store, TenantRole,
};

use crate::world::{begin, open, places};

struct World {
    store: Store,
    control: Control,
    clock: StepClock,
    rng: SeededRng,
    home: TenantId,
    other: TenantId,
    /// The first account: it runs the server.
    root: AccountId,
}

impl World {
    async fn new(store: Store) -> Self {
        let (clock, mut rng) = (StepClock::default(), SeededRng::default());
        let (home, other) = (TenantId::new(&clock, &mut rng), TenantId::new(&clock, &mut rng));
        for (id, name) in [(home, "home"), (other, "other")] {
            store.found_tenant(id, (name, "Title"), None, clock.now()).await.unwrap().unwrap();
        }
        let control = store.control().clone();
        let mut world =
            Self { store, control, clock, rng, home, other, root: AccountId::from_uuid(uuid::Uuid::nil()) };
        let new = world.account("root@example.com");
        world.root = new.id;
        world.control.create_account(new, Joins::default()).await.unwrap();
        world.control.add_member(home, world.root, TenantRole::Owner, world.clock.now()).await.unwrap();
        world
    }

    fn account(&mut self, email: &str) -> NewAccount {
        NewAccount {
            id: AccountId::new(&self.clock, &mut self.rng),
            email: email.to_owned(),
            skeleton: email.to_owned(),
            name: "Ann".to_owned(),
            password: "-".to_owned(),
            created: self.clock.now(),
        }
    }

    async fn provider(&mut self, tenant: TenantId) -> Provider {
        let now = self.clock.now();
        let provider = Provider {
            id: ProviderId::new(&self.clock, &mut self.rng),
            tenant,
            kind: ProviderKind::Oidc,
            name: "Company".to_owned(),
            settings: "{}".to_owned(),
            secret: Some(vec![1, 2, 3]),
            most: TenantRole::Administrator,
            enabled: true,
            created: now,
            changed: now,
        };
        assert!(self.control.add_provider(provider.clone(), 20).await.unwrap());
        provider
    }

    fn admission(&mut self, provider: &Provider, subject: &str, email: &str) -> Admission {
        Admission {
            provider: provider.id,
            tenant: provider.tenant,
            issuer: "https://id.example".to_owned(),
            subject: subject.to_owned(),
            external: None,
            account: self.account(email),
            id: OutsideId::new(&self.clock, &mut self.rng),
            newcomers: Some(TenantRole::Member),
            role: None,
            vouched: true,
            addressed: true,
            asks: false,
            room: None,
        }
    }

    fn session(&self, account: AccountId, provider: &Provider, number: u8) -> Session {
        let company = Company {
            provider: provider.id,
            tenant: provider.tenant,
            most: provider.most,
            acr: Some("gold".to_owned()),
            amr: Some("pwd otp".to_owned()),
        };
        Session { company: Some(company), ..begin(account, number, self.clock.now()) }
    }
}

fn done(admitted: Admitted) -> (AccountId, bool, bool, Option<TenantRole>) {
    let Admitted::Done(found) = admitted else { panic!("{admitted:?}") };
    (found.account.id, found.new, found.account.confirmed.is_some(), Some(found.role))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_address_of_a_member_is_asked_whether_they_are_the_same() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let control = world.control.clone();
        let provider = world.provider(world.home).await;
        let theirs = world.provider(world.other).await;
        let asked = |one: Admission| Admission { asks: true, ..one };
        let twin = asked(world.admission(&provider, "1", "Root@example.com"));
        for _ in 0..2 {
            assert_eq!(control.admit(twin.clone()).await.unwrap(), Admitted::Twin);
        }
        // Whose word for an address does not count learns nothing about it, nor does another tenant's provider.
        let unsure =
            Admission { vouched: false, ..asked(world.admission(&provider, "2", "root@example.com")) };
        assert!(done(control.admit(unsure).await.unwrap()).1);
        assert!(
            done(control.admit(asked(world.admission(&theirs, "1", "root@example.com"))).await.unwrap()).1
        );
        // An address that is only claimed is nobody's.
        let claimed = world.account("claimed@example.com");
        let claims = Joins { others: Some((world.home, TenantRole::Member)), ..Joins::default() };
        control.create_account(claimed, claims).await.unwrap();
        assert!(
            done(control.admit(asked(world.admission(&provider, "3", "claimed@example.com"))).await.unwrap())
                .1
        );
        // They want another.
        let apart = Admission { asks: false, ..twin.clone() };
        let (made, new, ..) = done(control.admit(apart).await.unwrap());
        assert!(new && made != world.root);
        assert_eq!(done(control.admit(twin).await.unwrap()).0, made);
        // Somebody else with that address, once it is linked, is not asked.
        let outside = Outside {
            id: OutsideId::new(&world.clock, &mut world.rng),
            provider: provider.id,
            account: world.root,
            subject: Some(("https://id.example".to_owned(), "own".to_owned())),
            external: None,
            origin: Origin::Linked,
            blocked: None,
            created: world.clock.now(),
            seen: None,
        };
        assert!(control.link_outside(outside).await.unwrap());
        assert!(
            done(control.admit(asked(world.admission(&provider, "4", "root@example.com"))).await.unwrap()).1
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_issuer_and_subject() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let control = world.control.clone();
        let provider = world.provider(world.home).await;
        let admit = async |admission: Admission| control.admit(admission).await.unwrap();
        // An address that somebody has proven opens nothing: another account is made, which is proven here only.
        let first = world.admission(&provider, "1", "Root@example.com");
        let (one, new, confirmed, role) = done(admit(first.clone()).await);
        assert!(one != world.root && new && confirmed);
        assert_eq!(role, Some(TenantRole::Member));
        assert_eq!(control.account_in(world.other, one).await.unwrap().unwrap().0.confirmed, None);
        assert!(control.account(one).await.unwrap().unwrap().confirmed.is_none());
        assert_eq!(control.account_by_email("root@example.com").await.unwrap().unwrap().0.id, world.root);
        // The same again is the same account, whatever else is said; and it is brought up to date.
        let mut again = world.admission(&provider, "1", "ann.new@example.com");
        again.role = Some(TenantRole::Maker);
        let (same, new, ..) = done(admit(again).await);
        assert!(same == one && !new);
        let (known, role) = control.account_in(world.home, one).await.unwrap().unwrap();
        assert_eq!((known.email.as_str(), role), ("ann.new@example.com", Some(TenantRole::Maker)));
        // Another issuer's, another provider's, another case: somebody else.
        let mut foreign = world.admission(&provider, "1", "eve@example.com");
        foreign.issuer = "https://evil.example".to_owned();
        assert_ne!(done(admit(foreign).await).0, one);
        let theirs = world.provider(world.other).await;
        let elsewhere = world.admission(&theirs, "1", "ann.new@example.com");
        assert_ne!(done(admit(elsewhere).await).0, one);
        // Whose address is not vouched for any more has proven none.
        let mut doubted = world.admission(&provider, "1", "ann.new@example.com");
        doubted.vouched = false;
        assert!(!done(admit(doubted).await).2);
        // Nobody renames who is more than whoever set the provider up: a reset would follow the name.
        control.change_role(world.home, one, TenantRole::Owner, TenantRole::Owner, None).await.unwrap();
        done(admit(world.admission(&provider, "1", "mallory@example.com")).await);
        assert_eq!(control.account(one).await.unwrap().unwrap().email, "ann.new@example.com");
        control.change_role(world.home, one, TenantRole::Maker, TenantRole::Owner, None).await.unwrap();
        // Nobody new where nobody new is let in, and nobody at another's provider.
        let mut stranger = world.admission(&provider, "2", "new@example.com");
        stranger.newcomers = None;
        assert_eq!(admit(stranger).await, Admitted::Unknown);
        let mut swapped = world.admission(&provider, "3", "new@example.com");
        swapped.tenant = world.other;
        assert_eq!(admit(swapped).await, Admitted::Unknown);
        // Who was removed does not come back by themselves.
        let removed =
            control.remove_member(world.home, one, TenantRole::Owner, world.clock.now(), None).await.unwrap();
        assert_eq!(removed, gridkeep_store::Ruled::Done);
        assert_eq!(admit(world.admission(&provider, "1", "ann@example.com")).await, Admitted::Blocked);
        assert!(control.block_outside(world.home, one, None).await.unwrap());
        assert_eq!(done(admit(world.admission(&provider, "1", "ann@example.com")).await).0, one);
        // A provider that is not enabled lets nobody in.
        let closed = Provider { enabled: false, changed: world.clock.now(), ..provider.clone() };
        assert!(control.change_provider(closed.clone(), provider.changed, None).await.unwrap().unwrap());
        assert!(!control.change_provider(closed, provider.changed, None).await.unwrap().unwrap());
        assert_eq!(admit(world.admission(&provider, "1", "ann@example.com")).await, Admitted::Unknown);
    }
}

/// Room is taken by accounts that are made, and by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_takes_nobodys_room() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let (control, provider) = (world.control.clone(), world.provider(world.home).await);
        let until = world.clock.now() + jiff::SignedDuration::from_hours(2);
        let room = Some(gridkeep_store::Allowance { what: [7; 32], most: 2, until });
        let mut come = async |subject: &str, newcomers: Option<TenantRole>| {
            let admission = world.admission(&provider, subject, &format!("p{subject}@example.com"));
            control.admit(Admission { newcomers, room, ..admission }).await.unwrap()
        };
        let member = Some(TenantRole::Member);
        for _ in 0..5 {
            assert_eq!(come("0", None).await, Admitted::Unknown);
        }
        assert!(done(come("1", member).await).1 && !done(come("1", member).await).1);
        assert!(done(come("2", member).await).1);
        for _ in 0..3 {
            assert_eq!(come("3", member).await, Admitted::Full);
        }
        assert!(!done(come("2", member).await).1);
        // What was refused for want of room is not counted either: one more place is one more person.
        let more = room.map(|room| gridkeep_store::Allowance { most: 3, ..room });
        let admission = world.admission(&provider, "3", "p3@example.com");
        assert!(done(control.admit(Admission { room: more, ..admission }).await.unwrap()).1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_one_account() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let provider = world.provider(world.home).await;
        let all: Vec<_> = (0..10).map(|_| world.admission(&provider, "1", "ann@example.com")).collect();
        let all = all.into_iter().map(|admission| {
            let control = world.control.clone();
            tokio::spawn(async move { done(control.admit(admission).await.unwrap()) })
        });
        let (mut ids, mut made) = (Vec::new(), 0);
        for one in all.collect::<Vec<_>>() {
            let (id, new, ..) = one.await.unwrap();
            ids.push(id);
            made += usize::from(new);
        }
        ids.dedup();
        assert_eq!((ids.len(), made), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_provisioned_comes_later() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let (control, provider) = (world.control.clone(), world.provider(world.home).await);
        let new = world.account("ann@example.com");
        let outside = Outside {
            id: OutsideId::new(&world.clock, &mut world.rng),
            provider: provider.id,
            account: new.id,
            subject: None,
            external: Some("x-1".to_owned()),
            origin: Origin::Provisioned,
            blocked: None,
            created: world.clock.now(),
            seen: None,
        };
        let role = (TenantRole::Member, true);
        let made = control.provision(world.home, new.clone(), outside.clone(), role).await.unwrap().unwrap();
        let twice = Outside { id: OutsideId::new(&world.clock, &mut world.rng), ..outside };
        assert!(
            control
                .provision(world.home, world.account("ben@example.com"), twice, role)
                .await
                .unwrap()
                .is_none()
        );
        let mut first = world.admission(&provider, "1", "ann@example.com");
        (first.external, first.newcomers) = (Some("x-1".to_owned()), None);
        assert_eq!(done(control.admit(first).await.unwrap()).0, made.id);
        // Whoever comes second with that name is not who it was bound to.
        let mut second = world.admission(&provider, "2", "ann@example.com");
        (second.external, second.newcomers) = (Some("x-1".to_owned()), None);
        assert_eq!(control.admit(second).await.unwrap(), Admitted::Unknown);
        let known = control.outside_external(provider.id, "x-1").await.unwrap().unwrap();
        assert_eq!(known.subject, Some(("https://id.example".to_owned(), "1".to_owned())));
        assert_eq!(
            control.outside(provider.id, "https://id.example", "1").await.unwrap(),
            Some(known.clone())
        );
        let people = control.outsides_at(provider.id, None, 10).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].0.id, people[0].1.email.as_str()), (known.id, "ann@example.com"));
        assert!(control.outsides_at(provider.id, Some(known.id), 10).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_taken_by_their_owner() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let (control, provider) = (world.control.clone(), world.provider(world.home).await);
        let made = done(control.admit(world.admission(&provider, "1", "a@example.com")).await.unwrap()).0;
        let link = |subject: &str, account, world: &mut World| Outside {
            id: OutsideId::new(&world.clock, &mut world.rng),
            provider: provider.id,
            account,
            subject: Some(("https://id.example".to_owned(), subject.to_owned())),
            external: None,
            origin: Origin::Linked,
            blocked: None,
            created: world.clock.now(),
            seen: None,
        };
        let root = world.root;
        let own = link("2", root, &mut world);
        assert!(!control.link_outside(link("1", root, &mut world)).await.unwrap(), "somebody's");
        assert!(control.link_outside(own.clone()).await.unwrap());
        assert!(!control.link_outside(link("3", root, &mut world)).await.unwrap(), "one of a provider");
        let mut linked = world.admission(&provider, "2", "other@example.com");
        linked.role = Some(TenantRole::Guest);
        // What somebody linked changes neither their address nor what they are.
        assert_eq!(done(control.admit(linked).await.unwrap()), (root, false, true, Some(TenantRole::Owner)));
        assert_eq!(control.account(root).await.unwrap().unwrap().email, "root@example.com");
        for (account, number) in [(root, 1), (made, 2)] {
            control.create_session(world.session(account, &provider, number)).await.unwrap();
        }
        control.create_session(begin(root, 3, world.clock.now())).await.unwrap();
        let now = world.clock.now();
        let found = control.session([1; 32], world.home, now).await.unwrap().unwrap();
        assert_eq!(found.0.company, world.session(root, &provider, 1).company);
        let there =
            async |number: u8| control.session([number; 32], world.home, now).await.unwrap().is_some();
        let all = control.outsides_of(root).await.unwrap();
        assert_eq!((all.len(), all[0].provider.as_str(), all[0].title.as_str()), (1, "Company", "Title"));
        assert!(!control.unlink_outside(made, own.id).await.unwrap());
        let first = control.outsides_of(made).await.unwrap()[0].outside.id;
        assert!(!control.unlink_outside(made, first).await.unwrap(), "their only way in");
        assert!(control.block_outside(world.home, root, Some(now)).await.unwrap());
        assert!(!control.unlink_outside(root, own.id).await.unwrap(), "locked out, and new without it");
        assert!(control.block_outside(world.home, root, None).await.unwrap());
        control.create_session(world.session(root, &provider, 1)).await.unwrap();
        // As many as a provider likes: they end none of one's own.
        for number in 100..150 {
            control.create_session(world.session(root, &provider, number)).await.unwrap();
        }
        assert!(there(3).await && there(149).await && !there(100).await);
        assert!(control.unlink_outside(root, own.id).await.unwrap());
        assert_eq!((there(1).await, there(2).await, there(3).await), (false, true, true));
        // A change ends what the provider vouched for; forgetting it, too, and what it said of addresses.
        let changed = Provider { changed: world.clock.now(), ..provider.clone() };
        assert!(control.change_provider(changed, provider.changed, None).await.unwrap().unwrap());
        assert!(!there(2).await && there(3).await);
        control.create_session(world.session(made, &provider, 4)).await.unwrap();
        assert!(!control.remove_provider(world.other, provider.id, None).await.unwrap().unwrap());
        assert!(control.remove_provider(world.home, provider.id, None).await.unwrap().unwrap());
        assert!(!there(4).await && there(3).await);
        assert!(control.account_in(world.home, made).await.unwrap().unwrap().0.confirmed.is_none());
        assert!(control.providers(world.home).await.unwrap().is_empty());
        assert!(control.provider(world.home, provider.id).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn domains_lead_to_providers() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let control = world.control.clone();
        let (provider, theirs) = (world.provider(world.home).await, world.provider(world.other).await);
        let domain = CompanyDomain {
            domain: "example.com".to_owned(),
            proof: "abc".to_owned(),
            verified: None,
            required: false,
            created: world.clock.now(),
        };
        let add =
            async |tenant, most| control.add_company_domain(tenant, domain.clone(), most).await.unwrap();
        assert!(add(world.home, 5).await && !add(world.home, 5).await && add(world.other, 5).await);
        let realms = async |only| {
            let all = control.realms("example.com", only).await.unwrap();
            all.into_iter().map(|realm| realm.provider).collect::<Vec<_>>()
        };
        assert_eq!(realms(None).await, vec![]);
        let now = world.clock.now();
        assert!(control.verify_company_domain(world.home, "example.com", now).await.unwrap());
        assert!(!control.verify_company_domain(world.home, "example.org", now).await.unwrap());
        assert_eq!(realms(None).await, vec![provider.id]);
        assert!(control.verify_company_domain(world.other, "example.com", world.clock.now()).await.unwrap());
        assert_eq!(realms(None).await, vec![provider.id, theirs.id]);
        assert_eq!(realms(Some(world.other)).await, vec![theirs.id]);
        assert!(
            control
                .require_company(world.home, "example.com", (true, world.clock.now()), None)
                .await
                .unwrap()
                .unwrap()
        );
        let all = control.company_domains(world.home).await.unwrap();
        assert_eq!(all.len(), 1);
        assert!(all[0].required && all[0].verified == Some(now));
        // A tenant that has ended leads nowhere, and leaves nobody behind whom its providers made.
        let made = done(control.admit(world.admission(&theirs, "1", "a@example.com")).await.unwrap()).0;
        control.end_tenant(world.other, world.clock.now()).await.unwrap();
        assert_eq!(realms(None).await, vec![provider.id]);
        assert!(control.account(made).await.unwrap().is_none());
        let made = done(control.admit(world.admission(&provider, "1", "a@example.com")).await.unwrap()).0;
        let confirmed =
            async || control.account_in(world.home, made).await.unwrap().unwrap().0.confirmed.is_some();
        assert!(confirmed().await);
        assert!(control.remove_company_domain(world.home, "example.com").await.unwrap());
        assert!(!control.remove_company_domain(world.home, "example.com").await.unwrap());
        assert!(!confirmed().await);
        let spend = async || control.spend_once([9; 32], now, world.clock.now()).await.unwrap();
        assert!(spend().await && !spend().await);
        drop(world.store);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_of_a_test_is_one_providers_and_is_over_after_a_while() {
    for place in places() {
        let mut world = World::new(open(&place).await).await;
        let (own, other) = (world.provider(world.home).await, world.provider(world.home).await);
        let (control, now) = (world.control.clone(), world.clock.now());
        let keep = async |provider, token: u8, minutes: i64| {
            let times = (now, now + jiff::SignedDuration::from_mins(minutes));
            control.keep_company_test(provider, [token; 32], vec![token], times).await.unwrap()
        };
        let find = async |provider, token: u8, minutes: i64| {
            let at = now + jiff::SignedDuration::from_mins(minutes);
            control.company_test(provider, [token; 32], at).await.unwrap()
        };
        for number in 1..=20 {
            assert!(keep(own.id, number, 4 + i64::from(number)).await);
        }
        assert!(keep(other.id, 99, 5).await);
        assert_eq!((find(own.id, 1, 4).await, find(own.id, 1, 5).await), (Some(vec![1]), None));
        assert_eq!((find(other.id, 1, 0).await, find(own.id, 99, 0).await), (None, None));
        // Of each provider so many; those that end first go first.
        assert!(keep(own.id, 21, 30).await);
        assert_eq!((find(own.id, 1, 0).await, find(own.id, 2, 0).await), (None, Some(vec![2])));
        assert_eq!(find(other.id, 99, 0).await, Some(vec![99]));
        let late = now + jiff::SignedDuration::from_mins(6);
        assert_eq!(control.forget_company_tests(late).await.unwrap(), 2);
        // They go with their provider, of which none is kept any more.
        assert!(control.remove_provider(world.home, own.id, None).await.unwrap().unwrap());
        assert_eq!(find(own.id, 21, 0).await, None);
        assert!(!keep(own.id, 22, 5).await);
    }
}
