//! A domain whose people come through the company: their own way in ends at its door, in this tenant's rooms and nowhere else.

use gridkeep_kit::{Authenticator, Lie};
use gridkeep_model::checkpoint::{Gate, GateSettings, Method};
use gridkeep_store::TenantRole;
use serde_json::{Value as Json, json};

use super::door::{come, provider};
use crate::{
    kit::{Browser, PASSWORD, Wishes, World, databases, email},
    tenants::tenant,
};

pub(crate) async fn add_passkey(browser: &mut Browser) -> Authenticator {
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    let options = browser.post("/api/account/passkeys/options", json!({})).await.expect(200).json();
    let keep = json!({"name": "Laptop", "passkey": passkey.create(&options, Lie::None)});
    browser.post("/api/account/passkeys", keep).await.expect(200);
    passkey
}

pub(super) async fn with_passkey(
    world: &World,
    passkey: &mut Authenticator,
    place: &str,
) -> (Browser, u16, String) {
    let mut browser = world.browser();
    let options = browser.post("/api/session/passkey/options", json!({})).await.expect(200).json();
    let shown = json!({"passkey": passkey.get(&options, Lie::None)});
    let answer = browser.post(&format!("{place}/api/session/passkey"), shown).await;
    let code = answer.code();
    (browser, answer.status, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_the_domain_come_through_the_company() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        let mut admin = world.person("Admin").await;
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Admin", "administrator"), &mut admin).await;
        let path = "/t/acme/api/domains/example.com";
        let wish = |required: bool| json!({"required": required});
        ann.put(path, wish(true)).await.expect(404);
        ann.post("/t/acme/api/domains", json!({"domain": "example.com"})).await.expect(201);
        assert_eq!(ann.put(path, wish(true)).await.expect(422).code(), "domainNotProven");
        let id = world.house.called("acme").await.unwrap().state.tenancy.id();
        let control = world.state.company.control().clone();
        assert!(control.verify_company_domain(id, "example.com", world.state.time.now()).await.unwrap());
        assert_eq!(ann.put(path, wish(true)).await.expect(422).code(), "noOpenProvider");
        let own = provider(&world, "acme", json!({"newcomers": "member"}), TenantRole::Administrator).await;
        assert_eq!(ann.put(path, wish(true)).await.expect(422).code(), "noOwnerWithPasskey");
        let mut of_admin = add_passkey(&mut admin).await;
        assert_eq!(ann.put(path, wish(true)).await.expect(422).code(), "noOwnerWithPasskey");
        let mut of_ann = add_passkey(&mut ann).await;
        let key = key_of(&world, &mut admin).await;
        assert_eq!(opens(&world, &key).await, 200);
        assert_eq!(ann.put(path, wish(true)).await.expect(200).json()["required"], true);
        assert_eq!(ann.get("/t/acme/api/domains").await.json()[0]["required"], true);
        // From the next request on, here; elsewhere the account is as it was.
        assert_eq!(admin.get("/t/acme/api/apps").await.expect(403).code(), "companyRequired");
        assert_eq!(admin.get("/t/acme/api/session").await.expect(200).json()["needs"], "company");
        assert_eq!(admin.put(path, wish(false)).await.expect(403).code(), "companyRequired");
        assert_eq!(opens(&world, &key).await, 401);
        admin.get("/api/apps").await.expect(200);
        assert_eq!(admin.get("/api/session").await.json()["needs"], Json::Null);
        // Whoever the address names: all are told the same, and nothing of accounts.
        let answer = async |place: &str, what: &str, body: Json| {
            let answer = world.browser().post(&format!("{place}{what}"), body).await;
            (answer.status, answer.text())
        };
        let sign_in = |email: &str, password: &str| json!({"email": email, "password": password});
        let account = |email: &str| json!({"email": email, "name": "X", "password": PASSWORD});
        let refused = answer("/t/acme", "/api/session", sign_in(&email("Admin"), PASSWORD)).await;
        assert!(refused.0 == 403 && refused.1.contains("companyRequired"));
        for (what, body) in [
            ("/api/session", sign_in(&email("Admin"), "wrong")),
            ("/api/session", sign_in("nobody@EXAMPLE.com", PASSWORD)),
            ("/api/accounts", account("nobody@example.com")),
            ("/api/accounts", account(&email("Admin"))),
            ("/api/accounts/reset", json!({"email": "nobody@example.com"})),
            ("/api/accounts/reset", json!({"email": email("Admin")})),
        ] {
            assert_eq!(answer("/t/acme", what, body).await, refused, "{what}");
        }
        assert_eq!(answer("/t/acme", "/api/session", sign_in("a@sub.example.com", PASSWORD)).await.0, 401);
        assert_eq!(answer("", "/api/session", sign_in(&email("Admin"), "wrong")).await.0, 401);
        assert_eq!(answer("", "/api/accounts/reset", json!({"email": "x@example.com"})).await.0, 202);
        // A passkey is no company's word; an owner's breaks the glass.
        let (mut nobody, status, code) = with_passkey(&world, &mut of_admin, "/t/acme").await;
        assert_eq!((status, code.as_str()), (403, "companyRequired"));
        assert_eq!(nobody.get("/api/session").await.json()["account"], Json::Null);
        let (mut owner, status, _) = with_passkey(&world, &mut of_ann, "/t/acme").await;
        assert_eq!(status, 200);
        owner.get("/t/acme/api/apps").await.expect(200);
        owner.put(path, wish(true)).await.expect(200);
        // What did not open the door, password and PIN, proves nothing behind it either.
        let gate = "/t/acme/api/checkpoints/gates/CHECKPOINT_CONFIG";
        let mut config = crate::checkpoints::gate("CHECKPOINT_CONFIG", "&EVENT?", true);
        assert_eq!(owner.put(gate, config.clone()).await.expect(422).code(), "checkpointUnmeetable");
        config["methods"] = json!(["password", "passkey"]);
        owner.put(gate, config.clone()).await.expect(204);
        let challenge = owner.put(gate, config).await.expect(403).json()["checkpoint"].clone();
        let at = format!("/t/acme/api/checkpoints/challenges/{}", challenge["challenge"].as_str().unwrap());
        assert_eq!(owner.get(&at).await.expect(200).json()["methods"], json!(["passkey"]));
        let password = json!({"password": PASSWORD, "contentHash": challenge["contentHash"]});
        owner.post(&format!("{at}/approve"), password).await.expect(400);
        let (_, status, _) = with_passkey(&world, &mut of_admin, "").await;
        assert_eq!(status, 200);
        // Through the company.
        let claims = json!({"email": email("Carl"), "email_verified": true});
        let mut carl = come(&world, "acme", &own, "carl", claims).await.unwrap();
        carl.get("/t/acme/api/apps").await.expect(200);
        assert_eq!(carl.get("/t/acme/api/session").await.json()["needs"], Json::Null);
        provider_stays(&world, &own, &mut owner, &mut carl).await;
        // Others know nothing of it, and administrators need a fresh proof.
        world.person("Bob").await.put(path, wish(false)).await.expect(404);
        world.clock.advance(jiff::SignedDuration::from_mins(6));
        assert_eq!(owner.put(path, wish(false)).await.expect(403).code(), "proofRequired");
        assert!(
            control
                .require_company(id, "example.com", (false, world.state.time.now()), None)
                .await
                .unwrap()
                .unwrap()
        );
        admin.get("/t/acme/api/apps").await.expect(200);
        assert_eq!(opens(&world, &key).await, 200);
    }
}

/// The provider by which alone an administrator could meet the gate of gates is not removed, nor are they.
async fn provider_stays(
    world: &World,
    own: &gridkeep_store::Provider,
    owner: &mut Browser,
    carl: &mut Browser,
) {
    let room = world.house.called("acme").await.unwrap();
    let (tenancy, control) = (&room.state.tenancy, world.state.company.control());
    let session = carl.get("/t/acme/api/session").await.json();
    let id: gridkeep_model::AccountId = session["account"]["id"].as_str().unwrap().parse().unwrap();
    let role = async |role| {
        control.change_role(tenancy.id(), id, role, TenantRole::Owner, None).await.unwrap();
    };
    role(TenantRole::Administrator).await;
    let mut config = crate::checkpoints::gate("CHECKPOINT_CONFIG", "&EVENT?", true);
    config["methods"] = json!(["company"]);
    let config: Gate = serde_json::from_value(config).unwrap();
    let (time, first) = (world.state.time.clone(), config.clone());
    tenancy.write(move |work| Ok(work.put_gate(&first, id, time.clock())?)).await.unwrap();
    let path = format!("/t/acme/api/providers/{}", own.id);
    let them = format!("/t/acme/api/people/{id}");
    for answer in [
        owner.delete(&path).await,
        owner.delete(&them).await,
        owner.patch(&them, json!({"role": "member"})).await,
    ] {
        assert_eq!(answer.expect(422).code(), "checkpointUnmeetable");
    }
    // One of another issuer knows nobody of before.
    let other = json!({"name": "Other", "enabled": true, "settings": super::settings("https://other.example", "us", json!({}))});
    assert_eq!(owner.put(&path, other.clone()).await.expect(422).code(), "checkpointUnmeetable");
    carl.get("/t/acme/api/people").await.expect(200);
    // With four eyes they begin what the owner alone can approve: whoever has to come through the company, and is not let in by it,
    // begins nothing.
    let settings = GateSettings { four_eyes: true, ..GateSettings::default() };
    let mut config = config;
    config.methods = [Method::Passkey].into();
    let time = world.state.time.clone();
    let put = tenancy.write(move |work| {
        work.put_gate(&config, id, time.clock())?;
        Ok(work.put_gate_settings(&settings, id, time.clock())?)
    });
    put.await.unwrap();
    for answer in [owner.delete(&path).await, owner.put(&path, other).await, owner.delete(&them).await] {
        assert_eq!(answer.expect(422).json()["title"], "Nobody could approve it for you");
    }
    carl.get("/t/acme/api/people").await.expect(200);
    let time = world.state.time.clone();
    tenancy
        .write(move |work| Ok(work.put_gate_settings(&GateSettings::default(), id, time.clock())?))
        .await
        .unwrap();
    tenancy.write(|work| Ok(work.remove_gate("CHECKPOINT_CONFIG")?)).await.unwrap();
    role(TenantRole::Member).await;
}

/// An API key of somebody's to an app of theirs: with the address of its service.
async fn key_of(world: &World, browser: &mut Browser) -> (String, String) {
    let app = crate::tenants::publish(browser, "/t/acme", "private", &[]).await;
    let app = app["id"].as_str().unwrap().to_owned();
    let account = browser.get("/t/acme/api/session").await.json()["account"]["id"].clone();
    let room = world.house.called("acme").await.unwrap();
    let token = gridkeep_server::secret::Token::new(&room.state.chance);
    let kept = gridkeep_store::ApiKey {
        id: crate::kit::id(1).parse().unwrap(),
        app: app.parse().unwrap(),
        account: account.as_str().unwrap().parse().unwrap(),
        name: "Excel".to_owned(),
        writes: false,
        created: room.state.time.now(),
        expires: None,
        used: None,
        methods: None,
    };
    let hash = token.hash().0;
    room.state.tenancy.write(move |work| Ok(work.create_api_key(&kept, hash)?)).await.unwrap();
    (format!("/odata/acme/{app}/Stock"), format!("gk_{}", token.expose()))
}

async fn opens(world: &World, (path, key): &(String, String)) -> u16 {
    let request = axum::http::Request::builder().uri(path).header("x-api-key", key);
    world.browser().send(request.body(axum::body::Body::empty()).unwrap()).await.status
}

/// A domain is one however it is written: in letters, decomposed, as name servers have it.
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_one_in_letters_and_as_name_servers_have_it() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let name = |domain: &str| json!({ "domain": domain });
        let made = ann.post("/t/acme/api/domains", name("MÜNCHEN.example")).await.expect(201).json();
        assert_eq!(
            (&made["domain"], &made["name"]),
            (&json!("xn--mnchen-3ya.example"), &json!("münchen.example"))
        );
        for again in
            ["mu\u{308}nchen.example", "xn--mnchen-3ya.example", "XN--Mnchen-3ya.example", "@münchen.example"]
        {
            let refused = ann.post("/t/acme/api/domains", name(again.trim_start_matches('@'))).await;
            assert_eq!(refused.expect(409).code(), "nameTaken", "{again}");
        }
        // Cyrillic `а` among Latin letters, however it is written; what says it is of the form of name servers and is not.
        for none in
            ["p\u{430}ypal.example", "xn--pypal-4ve.example", "xn--a.example", "m\u{fc}nchen", "a..example"]
        {
            ann.post("/t/acme/api/domains", name(none)).await.expect(400);
        }
        let id = world.house.called("acme").await.unwrap().state.tenancy.id();
        let control = world.state.company.control().clone();
        let now = world.state.time.now();
        assert!(control.verify_company_domain(id, "xn--mnchen-3ya.example", now).await.unwrap());
        let own = provider(&world, "acme", json!({"newcomers": "member"}), TenantRole::Administrator).await;
        add_passkey(&mut ann).await;
        let path = "/t/acme/api/domains/xn--mnchen-3ya.example";
        ann.put(path, json!({"required": true})).await.expect(200);
        for (address, here) in [
            ("bob@münchen.example", true),
            ("bob@xn--mnchen-3ya.example", true),
            ("bob@MU\u{308}NCHEN.example", true),
            ("bob@munchen.example", false),
        ] {
            let ways = world
                .browser()
                .post("/api/company/realm", json!({"email": address}))
                .await
                .expect(200)
                .json();
            assert_eq!(ways.as_array().unwrap().len(), usize::from(here), "{address}");
            // Nobody gets past the company by writing it in the other way.
            let wish = json!({"email": address, "name": "Bob", "password": PASSWORD});
            let refused = world.browser().post("/t/acme/api/accounts", wish).await;
            assert_eq!(refused.code() == "companyRequired", here, "{address}");
            let claims = json!({"email": address, "email_verified": true});
            let mut bob = come(&world, "acme", &own, address, claims).await.unwrap();
            assert_eq!(
                bob.get("/t/acme/api/session").await.json()["account"]["confirmed"],
                here,
                "{address}"
            );
        }
        // A link that is for the domain is for both.
        let wish = json!({"name": "All", "most": 9, "days": 9, "domains": ["xn--mnchen-3ya.example"]});
        let made = ann.post("/t/acme/api/invitation-links", wish).await.expect(201).json();
        assert_eq!(
            ann.get("/t/acme/api/invitation-links").await.json()[0]["domains"],
            json!(["münchen.example"])
        );
        let token = made["address"].as_str().unwrap().rsplit_once('#').unwrap().1;
        let ask = async |address: &str| {
            let wish = json!({"token": token, "email": address});
            world.browser().post("/t/acme/api/accounts/join/mail", wish).await.status
        };
        for (address, expect) in
            [("a@münchen.example", 202), ("b@xn--mnchen-3ya.example", 202), ("c@munchen.example", 403)]
        {
            assert_eq!(ask(address).await, expect, "{address}");
        }
    }
}
