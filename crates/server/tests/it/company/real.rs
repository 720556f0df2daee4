//! Sign-in through a real provider: panva's `oidc-provider`.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use gridkeep_kit::CompanyProvider;
use gridkeep_store::CompanyDomain;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{add, come_back, parameter, query, set_out, settings};
use crate::{
    kit::{Answer, Browser, PASSWORD, Wishes, World, email},
    tenants::tenant,
};

/// A browser's dealings with the provider itself.
pub(super) struct There {
    browser: Browser,
    host: String,
}

impl There {
    pub(super) fn new(issuer: &str) -> Self {
        let host = issuer.strip_prefix("http://").unwrap().to_owned();
        Self { browser: Browser::at(host.parse().unwrap()), host }
    }

    pub(super) async fn ask(&mut self, method: Method, address: &str, kind: &str, body: String) -> Answer {
        let path = address.strip_prefix(&format!("http://{}", self.host)).unwrap_or(address);
        let cookies: Vec<_> =
            self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        self.browser.send(request).await
    }

    /// Registers us as a client; what is to be entered here.
    pub(super) async fn register(&mut self, redirect: &Json) -> (String, String) {
        let wish = json!({"redirect_uris": [redirect], "token_endpoint_auth_method": "client_secret_basic"});
        let made =
            self.ask(Method::POST, "/reg", "application/json", wish.to_string()).await.expect(201).json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// Goes where we are sent, signs in by this name where that is asked for, and gives where we are sent back to.
    pub(super) async fn sign_in(&mut self, location: &str, name: &str) -> (String, bool) {
        let (mut next, mut asked) = (location.to_owned(), false);
        for _ in 0..8 {
            if next.contains("/api/company/") {
                return (next, asked);
            }
            let answer = if next.contains("/interaction/") {
                asked = true;
                let form = "application/x-www-form-urlencoded";
                self.ask(Method::POST, &next, form, format!("login={name}")).await
            } else {
                self.ask(Method::GET, &next, "", String::new()).await
            };
            assert_eq!(answer.status, 303, "{next}: {}", answer.text());
            answer.header("location").clone_into(&mut next);
        }
        panic!("never came back: {next}");
    }
}

/// A provider at a place that the real one answers for.
pub(super) async fn company(browser: &mut Browser, place: &str, real: &CompanyProvider, rules: Json) -> Json {
    let mut there = There::new(real.issuer());
    let made = add(browser, place, "Company", &settings(real.issuer(), "later", rules.clone()), "").await;
    let (client, secret) = there.register(&made["redirect"]).await;
    let change = json!({"name": "Company", "enabled": true, "settings": settings(real.issuer(), &client, rules), "secret": secret});
    let path = format!("{place}/api/providers/{}", made["id"].as_str().unwrap());
    browser.put(&path, change).await.expect(200).json()
}

pub(super) fn people() -> Json {
    let person = |email: &str, name: &str, groups: Json| json!({"email": email, "email_verified": true, "name": name, "groups": groups});
    json!({"people": {
        "ann": person("ann@corp.example", "Ann Company", json!(["makers"])),
        "ben": person("ben@corp.example", "Ben", json!([])),
        // Whoever has this address here is somebody else.
        "eve": person(&email("Root"), "Eve", json!([])),
    }})
}

/// A world whose clock is the provider's.
pub(super) async fn world() -> World {
    let world =
        World::with(Wishes { provider_hosts: vec!["*=127.0.0.1:*".to_owned()], ..Wishes::default() }).await;
    let ahead = Timestamp::now().duration_since(gridkeep_model::Clock::now(&*world.clock));
    world.clock.advance(ahead);
    world
}

/// Takes a domain for the company's.
async fn prove(world: &World, provider: &Json, domain: &str) {
    let control = world.house.home().state.company.control().clone();
    let id = provider["id"].as_str().unwrap().parse().unwrap();
    let tenant = world.house.home().state.tenancy.id();
    let own = control.provider(tenant, id).await.unwrap().unwrap();
    let new = CompanyDomain {
        domain: domain.to_owned(),
        proof: "x".to_owned(),
        verified: None,
        required: false,
        created: own.created,
    };
    assert!(control.add_company_domain(tenant, new, 9).await.unwrap());
    assert!(control.verify_company_domain(tenant, domain, own.created).await.unwrap());
}

/// Signs in from the first click to the page behind.
pub(super) async fn through(
    browser: &mut Browser,
    there: &mut There,
    place: &str,
    provider: &Json,
    name: &str,
) -> (Answer, bool) {
    let id = provider["id"].as_str().unwrap();
    let location = set_out(browser, place, id).await;
    let (back, asked) = there.sign_in(&location, name).await;
    let pairs = query(&back);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (come_back(browser, place, id, &pairs).await, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_through_their_company() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    let mut root = world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let rules = json!({"newcomers": "member", "groups": [{"outside": "makers", "role": "maker"}]});
    let own = company(&mut ann, "/t/acme", &real, rules).await;
    assert_eq!((&own["hasSecret"], &own["most"]), (&json!(true), &json!("owner")));
    // Somebody new: an account is made, and what the company says of them counts.
    let (mut browser, mut there) = (world.browser(), There::new(real.issuer()));
    let (answer, asked) = through(&mut browser, &mut there, "/t/acme", &own, "ann").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "http://gridkeep.test/t/acme/apps/1"),
        "{}",
        answer.text()
    );
    assert!(asked);
    let seen = browser.get("/t/acme/api/session").await.expect(200).json();
    let account = &seen["account"];
    assert_eq!(
        (&account["email"], &account["name"], &account["role"]),
        (&json!("ann@corp.example"), &json!("Ann Company"), &json!("maker"))
    );
    // Another time, with another browser that the company knows: nothing is asked, and it is the same account.
    let mut again = world.browser();
    let (answer, asked) = through(&mut again, &mut there, "/t/acme", &own, "nobody").await;
    assert!(answer.status == 303 && !asked);
    let same = again.get("/t/acme/api/session").await.expect(200).json();
    assert_eq!(same["account"]["id"], account["id"]);
    // Whoever has an account with that very address keeps it for themselves.
    let (mut eve, mut hers) = (world.browser(), There::new(real.issuer()));
    through(&mut eve, &mut hers, "/t/acme", &own, "eve").await;
    let seen = eve.get("/t/acme/api/session").await.expect(200).json();
    let root_id = root.get("/api/session").await.json()["account"]["id"].clone();
    assert!(seen["account"]["email"] == email("Root") && seen["account"]["id"] != root_id);
    assert_eq!(seen["account"]["runsServer"], false);
    // Who says no there is told so, and nobody comes of it.
    let (mut none, mut no) = (world.browser(), There::new(real.issuer()));
    let (answer, _) = through(&mut none, &mut no, "/t/acme", &own, "no").await;
    assert_eq!(answer.header("location"), "../../../sign-in?company=denied");
    assert_eq!(none.get("/t/acme/api/session").await.json()["account"], Json::Null);
    // A second provider of the same tenant has people of its own.
    let second = company(&mut ann, "/t/acme", &real, json!({"newcomers": "guest"})).await;
    let (mut other, mut there) = (world.browser(), There::new(real.issuer()));
    through(&mut other, &mut there, "/t/acme", &second, "ann").await;
    let seen = other.get("/t/acme/api/session").await.json();
    assert!(seen["account"]["id"] != account["id"] && seen["account"]["role"] == "guest");
    // One that is closed lets nobody in, and those who came by it are out.
    let closed = json!({"name": "Company", "enabled": false, "settings": second["settings"]});
    let path = format!("/t/acme/api/providers/{}", second["id"].as_str().unwrap());
    assert_eq!(ann.put(&path, closed).await.expect(200).json()["hasSecret"], true);
    assert_eq!(other.get("/t/acme/api/session").await.json()["account"], Json::Null);
    other.post("/t/acme/api/company/start", json!({"provider": second["id"]})).await.expect(404);
    let logins = root.get("/api/logins").await.expect(200).json();
    let methods: Vec<_> =
        logins["events"].as_array().unwrap().iter().map(|event| event["method"].clone()).collect();
    assert!(methods.iter().filter(|method| **method == "company").count() >= 4, "{methods:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_linked_by_their_owner() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let own = company(&mut ann, "/t/acme", &real, json!({"newcomers": "member"})).await;
    let id = own["id"].as_str().unwrap();
    let offers = ann.get("/t/acme/api/account/companies").await.expect(200).json();
    assert_eq!(
        (&offers["offers"][0]["provider"], offers["links"].as_array().unwrap().len()),
        (&own["id"], 0)
    );
    let mut stranger = world.person("Stranger").await;
    stranger.post("/t/acme/api/account/companies", json!({"provider": id})).await.expect(404);
    let location =
        ann.post("/t/acme/api/account/companies", json!({"provider": id})).await.expect(200).json();
    let mut there = There::new(real.issuer());
    let (back, _) = there.sign_in(location["location"].as_str().unwrap(), "ben").await;
    let pairs = query(&back);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // In the same browser, but by then as somebody else: not theirs.
    let mut swapped = stranger.clone();
    swapped.cookies.insert("gk_company".to_owned(), ann.cookies["gk_company"].clone());
    let answer = come_back(&mut swapped, "/t/acme", id, &pairs).await;
    assert_eq!(answer.header("location"), "../../../sign-in?company=failed");
    let location =
        ann.post("/t/acme/api/account/companies", json!({"provider": id})).await.expect(200).json();
    let (back, _) = there.sign_in(location["location"].as_str().unwrap(), "ben").await;
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    let iss = parameter(&back, "iss");
    let pairs = [("code", code.as_str()), ("state", state.as_str()), ("iss", iss.as_str())];
    let answer = come_back(&mut ann, "/t/acme", id, &pairs).await;
    assert_eq!(answer.header("location"), "http://gridkeep.test/t/acme/account/security?company=linked");
    // Whoever it was, the account's owner is told.
    let mails = world.mails("Ann").await;
    assert!(mails.iter().any(|(subject, _)| subject == "A company’s sign-in was linked"), "{mails:?}");
    // From now on Ben at the company is Ann here.
    let mut browser = world.browser();
    through(&mut browser, &mut there, "/t/acme", &own, "ben").await;
    let seen = browser.get("/t/acme/api/session").await.expect(200).json();
    assert_eq!(
        (&seen["account"]["email"], &seen["account"]["role"]),
        (&json!(email("Ann")), &json!("owner"))
    );
    // Through the company nothing of the account itself is to be had.
    browser.get("/t/acme/api/account/companies").await.expect(403);
    browser.post(&format!("/t/acme/api/providers/{id}/test"), json!({})).await.expect(403);
    browser.delete(&format!("/t/acme/api/providers/{id}")).await.expect(403);
    let links = ann.get("/t/acme/api/account/companies").await.expect(200).json();
    let link = links["links"][0]["id"].as_str().unwrap().to_owned();
    stranger.delete(&format!("/api/account/companies/{link}")).await.expect(404);
    ann.delete(&format!("/api/account/companies/{link}")).await.expect(204);
    assert_eq!(browser.get("/t/acme/api/session").await.json()["account"], Json::Null);
    ann.get("/t/acme/api/session").await.expect(200);
    // Minutes later who they are has to be shown anew.
    world.clock.advance(SignedDuration::from_mins(6));
    let late = ann.post("/t/acme/api/account/companies", json!({"provider": id})).await.expect(403);
    assert_eq!(late.code(), "proofRequired");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_address_of_a_member_is_asked_and_links() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    let mut root = world.person("Root").await;
    let own = company(&mut root, "", &real, json!({"newcomers": "member"})).await;
    let id = own["id"].as_str().unwrap();
    prove(&world, &own, "example.com").await;
    let asked = async || {
        let (mut browser, mut there) = (world.browser(), There::new(real.issuer()));
        let (answer, _) = through(&mut browser, &mut there, "", &own, "eve").await;
        let place = answer.header("location").to_owned();
        assert!(place.starts_with("../../../sign-in?company=twin&provider="), "{place}");
        assert_eq!(browser.get("/api/session").await.json()["account"], Json::Null);
        (browser, parameter(&place, "claim"))
    };
    let link = |claim: &str| json!({"provider": id, "claim": claim});
    let sign_in = |name: &str| json!({"email": email(name), "password": PASSWORD});
    // Without a session it links nobody, nor in another browser, nor an account of another address.
    let (mut hers, claim) = asked().await;
    hers.post("/api/account/companies", link(&claim)).await.expect(401);
    let another = root.post("/api/account/companies", link(&claim)).await.expect(409);
    assert_eq!(another.code(), "anotherPerson");
    world.person("Ann").await;
    hers.post("/api/session", sign_in("Ann")).await.expect(200);
    hers.post("/api/account/companies", link(&claim)).await.expect(409);
    let (mut late, too_late) = asked().await;
    // Once.
    let (mut hers, claim) = asked().await;
    hers.post("/api/session", sign_in("Root")).await.expect(200);
    let linked = hers.post("/api/account/companies", link(&claim)).await.expect(200).json();
    assert_eq!(linked["location"], "http://gridkeep.test/account/security?company=linked");
    hers.post("/api/account/companies", link(&claim)).await.expect(409);
    // From now on it opens the account, without a question.
    let (mut browser, mut there) = (world.browser(), There::new(real.issuer()));
    through(&mut browser, &mut there, "", &own, "eve").await;
    let root_id = root.get("/api/session").await.json()["account"]["id"].clone();
    assert_eq!(browser.get("/api/session").await.json()["account"]["id"], root_id);
    // Within ten minutes.
    world.clock.advance(SignedDuration::from_mins(11));
    late.post("/api/session", sign_in("Root")).await.expect(200);
    late.post("/api/account/companies", link(&too_late)).await.expect(409);
    let halves = root.get("/api/logins?result=half").await.expect(200).json();
    assert_eq!(halves["events"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_another_account_has_one() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    let mut root = world.person("Root").await;
    let own = company(&mut root, "", &real, json!({"newcomers": "member"})).await;
    prove(&world, &own, "example.com").await;
    let (mut browser, mut there) = (world.browser(), There::new(real.issuer()));
    let start = json!({"provider": own["id"], "apart": true, "back": "/people"});
    let location = browser.post("/api/company/start", start).await.expect(200).json();
    let (back, _) = there.sign_in(location["location"].as_str().unwrap(), "eve").await;
    let pairs = query(&back);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = come_back(&mut browser, "", own["id"].as_str().unwrap(), &pairs).await;
    assert_eq!(answer.header("location"), "http://gridkeep.test/people");
    let seen = browser.get("/api/session").await.expect(200).json();
    let root_id = root.get("/api/session").await.json()["account"]["id"].clone();
    assert!(seen["account"]["email"] == email("Root") && seen["account"]["id"] != root_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_shows_what_would_happen() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let rules = json!({"newcomers": "member", "groups": [{"outside": "makers", "role": "maker"}]});
    let own = company(&mut ann, "/t/acme", &real, rules).await;
    let id = own["id"].as_str().unwrap();
    let location = ann.post(&format!("/t/acme/api/providers/{id}/test"), json!({})).await.expect(200).json();
    let (back, _) = There::new(real.issuer()).sign_in(location["location"].as_str().unwrap(), "ann").await;
    let pairs = query(&back);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = come_back(&mut ann, "/t/acme", id, &pairs).await;
    let token = parameter(answer.header("location"), "tested");
    let path = format!("/t/acme/api/providers/{id}/tests/{token}");
    let seen = ann.get(&path).await.expect(200).json();
    assert_eq!((&seen["failed"], &seen["claims"]["sub"]), (&Json::Null, &json!("ann")));
    assert_eq!((&seen["person"]["known"], &seen["person"]["newcomer"]), (&json!(false), &json!("maker")));
    assert_eq!(seen["person"]["factor"], "none");
    // Nobody came in, and nobody else sees it.
    let people = ann.get("/t/acme/api/people").await.expect(200).json();
    assert_eq!(people["count"], 1);
    world.person("Ben").await.get(&path).await.expect(404);
    world.clock.advance(SignedDuration::from_mins(5));
    ann.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_proves_itself_with_a_key_of_its_own() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let rules = json!({"newcomers": "member"});
    let made =
        add(&mut ann, "/t/acme", "Company", &settings(real.issuer(), "later", rules.clone()), "").await;
    // The provider is given what anybody may read.
    let address = made["keys"].as_str().unwrap().strip_prefix("http://gridkeep.test").unwrap();
    let shown = world.browser().get(address).await.expect(200);
    assert_eq!(shown.header("content-type"), "application/jwk-set+json");
    let wish = json!({
        "redirect_uris": [made["redirect"]], "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256", "jwks": shown.json(),
    });
    let mut there = There::new(real.issuer());
    let client =
        there.ask(Method::POST, "/reg", "application/json", wish.to_string()).await.expect(201).json();
    assert_eq!(client["client_secret"], Json::Null);
    let path = format!("/t/acme/api/providers/{}", made["id"].as_str().unwrap());
    let mut own = settings(real.issuer(), client["client_id"].as_str().unwrap(), rules);
    for (proves, expect) in
        [("key", "http://gridkeep.test/t/acme/apps/1"), ("secret", "../../../sign-in?company=failed")]
    {
        own["oidc"]["proves"] = json!(proves);
        let change = json!({"name": "Company", "enabled": true, "settings": own, "secret": "guessed"});
        let changed = ann.put(&path, change).await.expect(200).json();
        assert_eq!(
            (&changed["settings"]["oidc"]["proves"], &changed["keys"]),
            (&json!(proves), &made["keys"])
        );
        let (mut browser, mut there) = (world.browser(), There::new(real.issuer()));
        let (answer, _) = through(&mut browser, &mut there, "/t/acme", &made, "ben").await;
        assert_eq!((answer.status, answer.header("location")), (303, expect), "{proves}");
    }
    // Another provider's key is another.
    let other = add(&mut ann, "/t/acme", "Other", &own, "").await;
    let address = other["keys"].as_str().unwrap().strip_prefix("http://gridkeep.test").unwrap();
    assert_ne!(world.browser().get(address).await.expect(200).json(), shown.json());
}
