//! Whom a provider vouches for, whatever its protocol: what they can reach, and what they cannot.

use gridkeep_model::ProviderId;
use gridkeep_server::{
    company::{Admittance, Newcomer, Rules},
    defence::Visitor,
};
use gridkeep_store::{Provider, ProviderKind, TenantRole};
use serde_json::{Value as Json, json};

use crate::{
    kit::{Browser, Wishes, World, databases, email},
    tenants::tenant,
};

/// A provider of a tenant, enabled, with these rules.
pub(crate) async fn provider(world: &World, place: &str, rules: Json, most: TenantRole) -> Provider {
    let room = world.house.called(place).await.unwrap();
    let company = &room.state.company;
    let now = company.time().now();
    let provider = Provider {
        id: company.chance().with(|rng| ProviderId::new(company.time().clock(), rng)),
        tenant: room.state.tenancy.id(),
        kind: ProviderKind::Oidc,
        name: "Company".to_owned(),
        settings: super::settings("https://id.example", "us", rules).to_string(),
        secret: None,
        most,
        enabled: true,
        created: now,
        changed: now,
    };
    assert!(company.control().add_provider(provider.clone(), 20).await.unwrap());
    provider
}

/// Comes in by the door; `None` when not let in.
pub(crate) async fn come(
    world: &World,
    place: &str,
    provider: &Provider,
    subject: &str,
    claims: Json,
) -> Option<Browser> {
    let room = world.house.called(place).await.unwrap();
    let state = &room.state;
    let settings: Json = serde_json::from_str(&provider.settings).unwrap();
    let rules: Rules = serde_json::from_value(settings["rules"].clone()).unwrap();
    let Json::Object(claims) = claims else { panic!("no claims") };
    let newcomer = Newcomer {
        provider,
        said: rules.read("https://id.example", subject, &claims),
        rules: &rules,
        apart: true,
        logins: &state.logins,
        tenancy: &state.tenancy,
        site: &state.site,
        visitor: &Visitor::default(),
        throttle: &state.throttle,
    };
    match state.company.admit(newcomer).await.unwrap() {
        Admittance::Stranger | Admittance::Twin | Admittance::Full => None,
        Admittance::In(both) => {
            let mut browser = world.browser();
            let pair = both.0.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            browser.cookies.insert(name.to_owned(), value.to_owned());
            Some(browser)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_opens_its_own_tenant_only() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        tenant(&world, "other", &mut ann).await;
        let own = provider(&world, "acme", json!({"newcomers": "maker"}), TenantRole::Owner).await;
        // Somebody new, with the address of somebody who is there.
        let mut eve =
            come(&world, "acme", &own, "1", json!({"email": email("Root"), "email_verified": true}))
                .await
                .unwrap();
        let seen = eve.get("/t/acme/api/session").await.expect(200).json();
        assert_eq!(
            (&seen["account"]["role"], &seen["account"]["runsServer"]),
            (&json!("maker"), &json!(false))
        );
        // The domain is nobody's.
        assert_eq!(seen["account"]["confirmed"], false);
        eve.get("/t/acme/api/apps").await.expect(200);
        for place in ["", "/t/other", "/t/nowhere-at-all"] {
            let seen = eve.get(&format!("{place}/api/session")).await.expect(200).json();
            assert_eq!(seen["account"], Json::Null, "{place}");
            eve.get(&format!("{place}/api/apps")).await.expect(401);
            eve.get(&format!("{place}/api/account/sessions")).await.expect(401);
        }
        // What is the account's everywhere wants a proof of its owner's own.
        for path in ["/api/account/security", "/api/account/logins"] {
            assert_eq!(
                eve.get(&format!("/t/acme{path}")).await.expect(403).code(),
                "ownProofRequired",
                "{path}"
            );
        }
        for path in ["/api/account/totp", "/api/account/recovery-codes", "/api/account/confirmation"] {
            assert_eq!(
                eve.post(&format!("/t/acme{path}"), json!({})).await.code(),
                "ownProofRequired",
                "{path}"
            );
        }
        let change = json!({"current": "x", "password": "correct horse battery staple two"});
        assert_eq!(eve.put("/t/acme/api/account/password", change).await.code(), "ownProofRequired");
        let founding = json!({"name": "mine", "title": "Mine"});
        eve.post("/t/acme/api/tenants", founding).await.expect(404);
        // Their sessions are theirs; those of the account's owner are not seen. Here the account is linked.
        let linked = gridkeep_store::Outside {
            id: gridkeep_model::OutsideId::from_uuid(uuid::Uuid::from_u128(7)),
            provider: own.id,
            account: ann.get("/api/session").await.json()["account"]["id"].as_str().unwrap().parse().unwrap(),
            subject: Some(("https://id.example".to_owned(), "2".to_owned())),
            external: None,
            origin: gridkeep_store::Origin::Linked,
            blocked: None,
            created: own.created,
            seen: None,
        };
        assert!(world.state.company.control().link_outside(linked).await.unwrap());
        let mut through = come(&world, "acme", &own, "2", json!({})).await.unwrap();
        let seen = through.get("/t/acme/api/session").await.expect(200).json();
        assert_eq!(seen["account"]["email"], email("Ann"));
        assert_eq!(seen["account"]["role"], "owner");
        let sessions = through.get("/t/acme/api/account/sessions").await.expect(200).json();
        assert_eq!(sessions.as_array().unwrap().len(), 1);
        let both = ann.get("/api/account/sessions").await.expect(200).json();
        assert_eq!(both.as_array().unwrap().len(), 2);
        let foreign =
            both.as_array().unwrap().iter().find(|one| one["current"] == true).unwrap()["id"].clone();
        through
            .delete(&format!("/t/acme/api/account/sessions/{}", foreign.as_str().unwrap()))
            .await
            .expect(404);
        through.delete("/t/acme/api/account/sessions").await.expect(204);
        ann.get("/api/account/security").await.expect(200);
        let tenants = through.get("/t/acme/api/tenants").await.expect(200).json();
        let names: Vec<_> =
            tenants["tenants"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, [json!("acme")]);
        // Whoever is removed is out, and does not come back.
        let eve_id = eve.get("/t/acme/api/session").await.json()["account"]["id"].clone();
        ann.delete(&format!("/t/acme/api/people/{}", eve_id.as_str().unwrap())).await.expect(204);
        eve.get("/t/acme/api/apps").await.expect(401);
        assert!(come(&world, "acme", &own, "1", json!({"email": "eve@example.org"})).await.is_none());
        // Nobody without an address, nobody of another tenant's provider.
        assert!(come(&world, "acme", &own, "3", json!({})).await.is_none());
        let logins = ann.get("/api/account/logins").await.expect(200).json();
        assert_eq!(logins["events"][0]["method"], "company");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_a_proven_domain_count_within_the_tenant() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let room = world.house.called("acme").await.unwrap();
    let control = room.state.company.control().clone();
    let own = provider(&world, "acme", json!({"newcomers": "member"}), TenantRole::Administrator).await;
    let domain = gridkeep_store::CompanyDomain {
        domain: "corp.example".to_owned(),
        proof: "x".to_owned(),
        verified: None,
        required: false,
        created: own.created,
    };
    assert!(control.add_company_domain(own.tenant, domain, 9).await.unwrap());
    let claims = json!({"email": "ben@corp.example", "email_verified": true, "name": "Ben"});
    let confirmed = async |claims: Json| {
        let mut ben = come(&world, "acme", &own, "1", claims).await.unwrap();
        ben.get("/t/acme/api/session").await.expect(200).json()["account"]["confirmed"].clone()
    };
    assert_eq!(confirmed(claims.clone()).await, false);
    assert!(control.verify_company_domain(own.tenant, "corp.example", own.created).await.unwrap());
    assert_eq!(confirmed(claims.clone()).await, true);
    assert_eq!(confirmed(json!({"email": "ben@corp.example"})).await, false);
    assert_eq!(confirmed(json!({"email": "ben@sub.corp.example", "email_verified": true})).await, false);
    assert_eq!(confirmed(claims).await, true);
    let people = ann.get("/t/acme/api/people?search=ben").await.expect(200).json();
    assert_eq!(
        (&people["people"][0]["confirmed"], &people["people"][0]["role"]),
        (&json!(true), &json!("member"))
    );
}

/// The tenant asks for a factor: the provider's word counts where the tenant has said so.
#[tokio::test(flavor = "multi_thread")]
async fn factors_at_the_company_count_where_the_tenant_says_so() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    let id = tenant(&world, "acme", &mut ann).await;
    let rules =
        json!({"newcomers": "member", "factors": [{"says": "acr", "value": "gold", "counts": "any"}]});
    let own = provider(&world, "acme", rules, TenantRole::Administrator).await;
    let control = world.state.company.control();
    assert!(control.set_factor_policy(id, gridkeep_store::FactorPolicy::Any).await.unwrap());
    let apps = async |claims: Json| {
        let mut ben = come(&world, "acme", &own, "1", claims).await.unwrap();
        ben.get("/t/acme/api/apps").await.status
    };
    assert_eq!(apps(json!({"email": "ben@corp.example", "amr": ["otp", "hwk"]})).await, 403);
    assert_eq!(apps(json!({"email": "ben@corp.example", "acr": "silver"})).await, 403);
    assert_eq!(apps(json!({"email": "ben@corp.example", "acr": "gold"})).await, 200);
    assert!(control.set_factor_policy(id, gridkeep_store::FactorPolicy::Passkey).await.unwrap());
    assert_eq!(apps(json!({"email": "ben@corp.example", "acr": "gold"})).await, 403);
}

/// Groups and attributes follow the provider; what people were given by hand stays.
#[tokio::test(flavor = "multi_thread")]
async fn groups_and_attributes_follow() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let mut group = async |name: &str| {
        let made = ann.post("/t/acme/api/groups", json!({"name": name})).await.expect(201).json();
        made["id"].as_str().unwrap().to_owned()
    };
    let (north, south, choir) = (group("North").await, group("South").await, group("Choir").await);
    let rules = json!({
        "newcomers": "member",
        "groups": [{"outside": "n", "group": north}, {"outside": "s", "group": south}, {"outside": "m", "role": "maker"},
            {"outside": "n", "group": "00000000-0000-0000-0000-000000000009"}],
        "attributes": {"Region": "region"},
    });
    let own = provider(&world, "acme", rules, TenantRole::Administrator).await;
    let claims =
        |groups: Json, region: &str| json!({"email": "ben@corp.example", "groups": groups, "region": region});
    let mut ben = come(&world, "acme", &own, "1", claims(json!(["n", "m"]), "North")).await.unwrap();
    let id = ben.get("/t/acme/api/session").await.json()["account"]["id"].as_str().unwrap().to_owned();
    let card = async |ann: &mut Browser| {
        let card = ann.get("/t/acme/api/people?search=ben").await.expect(200).json()["people"][0].clone();
        let groups: Vec<_> =
            card["groups"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        (groups, card["role"].clone(), card["attributes"].clone())
    };
    assert_eq!(card(&mut ann).await, (vec![json!("North")], json!("maker"), json!({"Region": "North"})));
    let given = json!({"groups": [north, choir], "attributes": {"Region": "North", "Desk": "7"}});
    ann.patch(&format!("/t/acme/api/people/{id}"), given).await.expect(200);
    come(&world, "acme", &own, "1", claims(json!(["s"]), "")).await.unwrap();
    assert_eq!(
        card(&mut ann).await,
        (vec![json!("Choir"), json!("South")], json!("member"), json!({"Desk": "7"}))
    );
    // Nothing is said of groups: nothing changes.
    come(&world, "acme", &own, "1", json!({"email": "ben@corp.example", "region": "East"})).await.unwrap();
    let expect = json!({"Desk": "7", "Region": "East"});
    assert_eq!(card(&mut ann).await, (vec![json!("Choir"), json!("South")], json!("member"), expect));
}
