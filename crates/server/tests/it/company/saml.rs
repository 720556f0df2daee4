//! Sign-in by SAML through the front door, with pysaml2 as the company's provider.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use gridkeep_kit::SamlProvider;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::{
    kit::{Answer, Browser, Wishes, World, databases},
    tenants::tenant,
};

/// A form as a page of another site posts it: without our mark, from its own origin.
async fn post_from_elsewhere(browser: &mut Browser, path: &str, response: &str) -> Answer {
    let encoded: String =
        response
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("http://{}{path}", browser.address))
        .header(header::HOST, browser.address.to_string())
        .header(header::ORIGIN, "https://login.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("SAMLResponse={encoded}&RelayState=https%3A%2F%2Fevil.example")))
        .unwrap();
    // A browser sends no cookie of ours across sites.
    let cookies = std::mem::take(&mut browser.cookies);
    let answer = browser.send(request).await;
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    browser.cookies = cookies;
    answer
}

/// A tenant's SAML provider, which is pysaml2, and the tenant's owner.
pub(super) struct Company {
    pub(super) world: World,
    pub(super) owner: Browser,
    pub(super) server: SamlProvider,
    id: String,
}

impl Company {
    pub(super) async fn start(database: Option<String>, rules: Json) -> Option<Self> {
        let server = SamlProvider::start(None)?;
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        // pysaml2 knows the machine's clock only.
        let now = world.state.time.now();
        world.clock.advance(Timestamp::now().duration_since(now));
        world.person("Root").await;
        let mut owner = world.person("Ann").await;
        tenant(&world, "acme", &mut owner).await;
        let new = json!({"name": "Company", "metadata": server.metadata()});
        let made = owner.post("/t/acme/api/company/saml", new).await.expect(201).json();
        assert_eq!(made["enabled"], false);
        let id = made["id"].as_str().unwrap().to_owned();
        let mut company = Self { world, owner, server, id };
        server_knows(&company).await;
        company.set(rules, true).await;
        Some(company)
    }

    /// Sets rules and whether people may come.
    async fn set(&mut self, rules: Json, enabled: bool) {
        let path = self.path("/api/providers/{id}");
        let change = json!({"name": "Company", "enabled": enabled, "settings": {"rules": rules}});
        let changed = self.owner.put(&path, change).await.expect(200).json();
        assert_eq!((&changed["kind"], &changed["enabled"]), (&json!("saml"), &json!(enabled)));
        // What its metadata said is changed by nothing else.
        assert!(changed["settings"]["saml"]["known"]["issuer"].is_string());
    }

    fn path(&self, what: &str) -> String {
        format!("/t/acme{what}").replace("{id}", &self.id)
    }

    /// Begins in a browser: the address at the provider.
    async fn begin(&self, browser: &mut Browser) -> String {
        super::set_out(browser, "/t/acme", &self.id).await
    }

    /// Goes the whole way; what the last step answers.
    pub(super) async fn come(&self, browser: &mut Browser, said: &str) -> Answer {
        let address = self.begin(browser).await;
        let answer = self.server.answer(&address, said);
        self.bring(browser, answer["response"].as_str().unwrap()).await
    }

    pub(super) async fn bring(&self, browser: &mut Browser, response: &str) -> Answer {
        let page =
            post_from_elsewhere(browser, &self.path("/company/{id}/saml/answer"), response).await.expect(200);
        assert!(page.text().contains(&format!("data-response=\"{response}\"")));
        assert!(!page.text().contains("evil"));
        browser.post(&self.path("/api/company/{id}/saml/answer"), json!({"response": response})).await
    }
}

async fn server_knows(company: &Company) {
    let mut anybody = company.world.browser();
    let metadata = anybody.get(&company.path("/company/{id}/saml/metadata")).await.expect(200);
    assert_eq!(metadata.header("content-type"), "application/samlmetadata+xml");
    company.server.know(&metadata.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_in_through_pysaml2() {
    let (all, _postgres) = databases();
    for database in all {
        let rules = json!({"newcomers": "member", "groups": [{"outside": "makers", "role": "maker"}]});
        let Some(mut company) = Company::start(database, rules).await else { return };
        for (number, signed) in ["assertion", "response", "both"].into_iter().enumerate() {
            let mut eve = company.world.browser();
            let groups = if number == 1 { "staff,makers" } else { "staff" };
            let said = format!(
                "signed={signed}&groups={groups}&subject=s{number}&mail=eve{number}@example.com&name=Eve"
            );
            let done = company.come(&mut eve, &said).await.expect(200).json();
            assert_eq!(done, json!({"location": "http://gridkeep.test/t/acme/apps/1"}));
            let seen = eve.get("/t/acme/api/session").await.expect(200).json();
            assert_eq!(seen["account"]["name"], "Eve");
            assert_eq!(seen["account"]["email"], format!("eve{number}@example.com"));
            assert_eq!(seen["account"]["role"], if number == 1 { "maker" } else { "member" });
            // Good at this tenant only.
            assert_eq!(eve.get("/api/session").await.json()["account"], Json::Null);
            // The same person again is the same account.
            let mut again = company.world.browser();
            company.come(&mut again, &said).await.expect(200);
            let same = again.get("/t/acme/api/session").await.json();
            assert_eq!(same["account"]["id"], seen["account"]["id"]);
        }
        // Requests are signed once somebody says so, and the provider is told by our metadata.
        let path = company.path("/api/company/{id}/saml");
        let changed = company.owner.patch(&path, json!({"signs": true})).await.expect(200).json();
        assert_eq!((&changed["signs"], &changed["enabled"]), (&json!(true), &json!(true)));
        server_knows(&company).await;
        let mut eve = company.world.browser();
        company.come(&mut eve, "subject=s0&mail=eve0@example.com").await.expect(200);
        let unsigned = company.begin(&mut eve).await;
        let unsigned = unsigned.split("&SigAlg").next().unwrap();
        assert!(!company.server.answers(unsigned));
        // Nobody new, from now on.
        company.set(json!({}), true).await;
        let mut stranger = company.world.browser();
        let refused = company.come(&mut stranger, "subject=s9&mail=new@example.com").await.expect(200).json();
        assert_eq!(refused["location"], "../../../sign-in?company=stranger");
        company.come(&mut eve, "subject=s0&mail=eve0@example.com").await.expect(200);
    }
}

/// Whatever is wrong, the answer is the same.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_good_once_here_and_now() {
    let Some(mut company) = Company::start(None, json!({"newcomers": "member"})).await else { return };
    let mut eve = company.world.browser();
    let check = |answer: Answer| {
        let answer = answer.expect(200);
        assert!(answer.json()["location"].as_str().unwrap().ends_with("/sign-in?company=failed"));
        // Nothing to keep, and what was carried is put down.
        let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["gk_saml=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]);
    };
    check(eve.post(&company.path("/api/company/{id}/saml/answer"), json!({"response": "x"})).await);
    let answered = |address: &str, said: &str| {
        company.server.answer(address, said)["response"].as_str().unwrap().to_owned()
    };
    let address = company.begin(&mut eve).await;
    let good = answered(&address, "");
    // Another browser has not asked, nor has one that asked something else.
    let mut mallory = company.world.browser();
    check(company.bring(&mut mallory, &good).await);
    let other = company.begin(&mut mallory).await;
    check(company.bring(&mut mallory, &good).await);
    // The victim is not signed in as the attacker.
    check(company.bring(&mut eve, &answered(&other, "subject=mallory")).await);
    // Another algorithm, no signature, noise; each time asked anew, for what was asked is taken with the first answer.
    for said in ["algorithm=sha1", "signed=none"] {
        let address = company.begin(&mut mallory).await;
        check(company.bring(&mut mallory, &answered(&address, said)).await);
    }
    for noise in ["", "AAAA", "PHg+", &good[..good.len() / 2]] {
        company.begin(&mut mallory).await;
        check(company.bring(&mut mallory, noise).await);
    }
    // At another tenant, and for a provider that is none.
    for path in [
        "/api/company/{id}/saml/answer",
        "/t/acme/api/company/00000000-0000-0000-0000-000000000001/saml/answer",
    ] {
        let address = company.begin(&mut eve).await;
        let good = answered(&address, "");
        check(eve.post(&path.replace("{id}", &company.id), json!({"response": good})).await);
    }
    // It is right, once.
    let address = company.begin(&mut eve).await;
    let good = answered(&address, "");
    let kept = eve.clone();
    let done = company.bring(&mut eve, &good).await.expect(200).json();
    assert_eq!(done["location"], "http://gridkeep.test/t/acme/apps/1");
    assert_ne!(eve.get("/t/acme/api/session").await.json()["account"], Json::Null);
    let mut again = kept.clone();
    check(company.bring(&mut again, &good).await);
    // An answer that comes too late, and one after the provider was switched off.
    let mut late = company.world.browser();
    let address = company.begin(&mut late).await;
    let answer = answered(&address, "subject=late");
    company.world.clock.advance(jiff::SignedDuration::from_mins(11));
    check(company.bring(&mut late, &answer).await);
    let mut off = company.world.browser();
    let now = company.world.state.time.now();
    company.world.clock.advance(Timestamp::now().duration_since(now));
    let address = company.begin(&mut off).await;
    let answer = answered(&address, "subject=off");
    company.set(json!({"newcomers": "member"}), false).await;
    check(company.bring(&mut off, &answer).await);
    off.post("/t/acme/api/company/start", json!({"provider": company.id})).await.expect(404);
    // Switching it off has ended what it vouched for.
    assert_eq!(eve.get("/t/acme/api/session").await.json()["account"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_can_be_tried_before_people_come() {
    let Some(mut company) = Company::start(None, json!({})).await else { return };
    company.set(json!({"newcomers": "member", "factors": [{"says": "acr", "value": "urn:gold", "counts": "any"}]}), false).await;
    let mut eve = company.world.browser();
    eve.post("/t/acme/api/company/start", json!({"provider": company.id})).await.expect(404);
    let test = company.path("/api/providers/{id}/test");
    eve.post(&test, json!({})).await.expect(401);
    let begun = company.owner.post(&test, json!({})).await.expect(200).json();
    let wish = "class=urn:gold&groups=a,b&mail=ann@example.com";
    let answer = company.server.answer(begun["location"].as_str().unwrap(), wish);
    let response = answer["response"].as_str().unwrap().to_owned();
    let mut owner = company.owner.clone();
    let done = company.bring(&mut owner, &response).await.expect(200).json();
    let (page, rest) = done["location"].as_str().unwrap().split_once("?tested=").unwrap();
    assert_eq!(page, "http://gridkeep.test/t/acme/providers");
    let token = rest.split('&').next().unwrap();
    let tested =
        owner.get(&company.path(&format!("/api/providers/{{id}}/tests/{token}"))).await.expect(200).json();
    assert_eq!(tested["failed"], Json::Null);
    assert_eq!(tested["claims"]["groups"], json!(["a", "b"]));
    assert_eq!(tested["claims"]["acr"], "urn:gold");
    assert_eq!(
        (&tested["person"]["newcomer"], &tested["person"]["factor"]),
        (&json!("member"), &json!("any"))
    );
    // What is wrong is told to whoever tests, and to nobody else.
    let begun = company.owner.post(&test, json!({})).await.expect(200).json();
    let answer = company.server.answer(begun["location"].as_str().unwrap(), "signed=none");
    let mut owner = company.owner.clone();
    let done = company.bring(&mut owner, answer["response"].as_str().unwrap()).await.expect(200).json();
    let (_, rest) = done["location"].as_str().unwrap().split_once("?tested=").unwrap();
    let token = rest.split('&').next().unwrap();
    let tested =
        owner.get(&company.path(&format!("/api/providers/{{id}}/tests/{token}"))).await.expect(200).json();
    assert_eq!(tested["failed"], "unsigned");
    // Nobody came in by it: whoever tried is who they were.
    let seen = owner.get("/t/acme/api/session").await.json();
    assert_eq!(seen["account"]["email"], "ann@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_checked_when_it_is_uploaded() {
    let world = World::start().await;
    let mut root = world.person("Root").await;
    let mut member = world.person("Eve").await;
    let mut check = async |metadata: &str, words: &str| {
        let refused = root
            .post("/api/company/saml", json!({"name": "Company", "metadata": metadata}))
            .await
            .expect(422);
        assert_eq!(refused.code(), "badMetadata");
        assert!(refused.json()["detail"].as_str().unwrap().contains(words), "{}", refused.text());
    };
    check("", "no XML").await;
    check("<x/>", "does not describe").await;
    check("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "no XML").await;
    let empty = "<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' entityID='x'>\
        <md:IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>PLACE\
        </md:IDPSSODescriptor></md:EntityDescriptor>";
    check(&empty.replace("PLACE", ""), "HTTP-Redirect").await;
    let place = "<md:SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://x/'/>";
    check(&empty.replace("PLACE", place), "no certificate").await;
    // Ours first, where a provider wants that.
    let made = root.post("/api/company/saml", json!({"name": " Company "})).await.expect(201).json();
    assert_eq!((&made["name"], &made["issuer"]), (&json!("Company"), &Json::Null));
    let id = made["id"].as_str().unwrap();
    for (place, provider) in [("/t/nowhere", id), ("", "00000000-0000-0000-0000-000000000001")] {
        let path = format!("{place}/company/{provider}/saml/metadata");
        world.browser().get(&path).await.expect(404);
    }
    let document = world.browser().get(&format!("/company/{id}/saml/metadata")).await.expect(200).text();
    assert!(document.contains(made["answers"].as_str().unwrap()) && document.contains("X509Certificate"));
    // Without it nobody can come in this way: said to whoever opens or tries it.
    let open = json!({"name": "Company", "enabled": true, "settings": {"rules": {}}});
    let path = format!("/api/providers/{id}");
    assert_eq!(root.put(&path, open).await.expect(422).code(), "noMetadata");
    assert_eq!(root.post(&format!("{path}/test"), json!({})).await.expect(422).code(), "noMetadata");
    // Whoever does not rule sets nothing up.
    member.post("/api/company/saml", json!({"name": "Mine"})).await.expect(403);
    for path in [
        format!("/api/company/{id}/saml"),
        "/api/company/00000000-0000-0000-0000-000000000001/saml".to_owned(),
    ] {
        member.get(&path).await.expect(403);
        world.browser().get(&path).await.expect(401);
    }
    root.get("/api/company/00000000-0000-0000-0000-000000000001/saml").await.expect(404);
    root.post("/api/company/saml", json!({"name": ""})).await.expect(422);
}

/// A page of ours for every answer: it runs nothing but its own script, and tells nothing apart.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_answers_is_one_page() {
    let world = World::start().await;
    let mut eve = world.browser();
    let path = "/company/00000000-0000-0000-0000-000000000001/saml/answer";
    let page = post_from_elsewhere(&mut eve, path, "QUJD").await.expect(200);
    assert!(page.text().contains("data-response=\"QUJD\""));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    eve.language = "de";
    for bad in ["\"><script>", "%%%", "\u{e9}"] {
        post_from_elsewhere(&mut eve, path, bad).await.expect(400);
    }
    post_from_elsewhere(&mut eve, path, &"A".repeat(2 << 20)).await.expect(400);
    post_from_elsewhere(&mut eve, "/company/none/saml/answer", "QUJD").await.expect(404);
    post_from_elsewhere(&mut eve, "/company/none/saml/other", "QUJD").await.expect(403);
    eve.get(path).await.expect(405);
}

/// Somebody who has an account links the company with it, and comes in by it from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_company_can_be_linked_with_an_account() {
    let Some(mut company) = Company::start(None, json!({})).await else { return };
    let mut ann = company.owner.clone();
    let offer = json!({"provider": company.id});
    let begun = ann.post("/t/acme/api/account/companies", offer).await.expect(200).json();
    let answer =
        company.server.answer(begun["location"].as_str().unwrap(), "subject=ann&mail=other@example.com");
    let done = company.bring(&mut ann, answer["response"].as_str().unwrap()).await.expect(200).json();
    assert_eq!(done["location"], "http://gridkeep.test/t/acme/account/security?company=linked");
    let mut elsewhere = company.world.browser();
    company.come(&mut elsewhere, "subject=ann&mail=other@example.com").await.expect(200);
    let seen = elsewhere.get("/t/acme/api/session").await.expect(200).json();
    assert_eq!(seen["account"]["email"], "ann@example.com");
    // Nobody else comes in: nobody new is let in.
    let mut eve = company.world.browser();
    company.come(&mut eve, "subject=eve&mail=ann@example.com").await.expect(200);
    assert_eq!(eve.get("/t/acme/api/session").await.json()["account"], Json::Null);
    company.set(json!({}), false).await;
    assert_eq!(elsewhere.get("/t/acme/api/session").await.json()["account"], Json::Null);
}

/// Addresses go from one person to another: they name nobody unless somebody says so.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_name_nobody_unless_somebody_says_so() {
    let Some(mut company) = Company::start(None, json!({"newcomers": "member"})).await else { return };
    let address = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let said =
        |uid: &str| format!("format={address}&subject=eve@corp.example&mail=eve@corp.example&uid={uid}");
    let come = async |company: &Company, uid: &str| {
        let mut eve = company.world.browser();
        company.come(&mut eve, &said(uid)).await.expect(200);
        eve.get("/t/acme/api/session").await.expect(200).json()["account"]["id"].clone()
    };
    assert_eq!(come(&company, "u1").await, Json::Null);
    // By an attribute: the same address of somebody else is somebody else.
    let path = company.path("/api/company/{id}/saml");
    let uid = "urn:oid:0.9.2342.19200300.100.1.1";
    let changed = company.owner.patch(&path, json!({"subject": format!(" {uid} ")})).await.expect(200).json();
    assert_eq!((&changed["subject"], &changed["addressesLast"]), (&json!(uid), &json!(false)));
    let first = come(&company, "u1").await;
    assert!(first.is_string());
    assert_eq!(come(&company, "u1").await, first);
    assert_ne!(come(&company, "u2").await, first);
    assert_eq!(come(&company, "").await, Json::Null);
    // Where the provider never gives an address to another, it may name people.
    let change = json!({"subject": "", "addressesLast": true});
    assert_eq!(company.owner.patch(&path, change).await.expect(200).json()["subject"], Json::Null);
    let by_address = come(&company, "u1").await;
    assert!(by_address.is_string() && by_address != first);
    for wrong in ["a\nb".to_owned(), "x".repeat(301)] {
        company.owner.patch(&path, json!({"subject": wrong})).await.expect(400);
    }
}

/// The provider is told to ask again, says when it did, and bounds our session.
#[tokio::test(flavor = "multi_thread")]
async fn people_show_anew_who_they_are_and_sessions_end_with_the_providers() {
    let Some(company) = Company::start(None, json!({"newcomers": "administrator"})).await else { return };
    let world = &company.world;
    let now = || world.state.time.now().as_second();
    let mut eve = world.browser();
    let said =
        |subject: &str, instant: i64| format!("subject={subject}&mail=eve@example.com&instant={instant}");
    let until = Timestamp::from_second(now() + 7_200).unwrap().strftime("%Y-%m-%dT%H:%M:%SZ");
    let address = company.begin(&mut eve).await;
    let begun = company.server.answer(&address, &format!("{}&until={until}", said("eve", now() - 600)));
    assert_eq!(begun["force"], false);
    company.bring(&mut eve, begun["response"].as_str().unwrap()).await.expect(200);
    let domain = json!({"domain": "corp.example"});
    assert_eq!(eve.post("/t/acme/api/domains", domain.clone()).await.expect(403).code(), "proofRequired");
    for (subject, instant, word) in
        [("eve", now() - 600, "unproved"), ("mallory", now(), "unproved"), ("eve", now(), "proved")]
    {
        let set_out =
            eve.post("/t/acme/api/company/proof", json!({"back": "/providers"})).await.expect(200).json();
        let answer = company.server.answer(set_out["location"].as_str().unwrap(), &said(subject, instant));
        assert_eq!(answer["force"], true);
        let done = company.bring(&mut eve, answer["response"].as_str().unwrap()).await.expect(200).json();
        assert_eq!(done["location"], format!("http://gridkeep.test/t/acme/providers?company={word}"));
    }
    eve.post("/t/acme/api/domains", domain).await.expect(201);
    // Two hours, not weeks.
    world.clock.advance(jiff::SignedDuration::from_secs(7_199));
    eve.get("/t/acme/api/apps").await.expect(200);
    world.clock.advance(jiff::SignedDuration::from_secs(1));
    eve.get("/t/acme/api/apps").await.expect(401);
}
