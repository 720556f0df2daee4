//! Approving at a gate by signing in anew at one's own company.

use gridkeep_kit::CompanyProvider;
use gridkeep_model::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{
    add, come_back,
    fresh::back,
    hostile::{Liar, acme},
    parameter, query,
    real::{There, company, people, through, world},
    saml::Company,
    settings,
};
use crate::{
    checkpoints::{gate, gate as gate_, guarded},
    kit::{Answer, Browser, PASSWORD, STOCK, World, id},
    tenants::tenant,
};

/// The stock list of a tenant, behind a gate that only a company opens.
struct Guarded {
    app: String,
    row: String,
    version: u64,
    number: u64,
}

impl Guarded {
    async fn open(owner: &mut Browser) -> Self {
        // A gate is there before an app names it, and asks when its message can be said.
        let mut gate = gate("STOCK_CHANGE", "Change &ITEM from &OLD_QTY to &QTY?", false);
        gate["methods"] = json!(["company"]);
        let path = "/t/acme/api/checkpoints/gates/STOCK_CHANGE";
        owner.put(path, gate.clone()).await.expect(204);
        let created = owner.upload("/t/acme/api/creations", "stock.csv", STOCK).await.expect(201).json();
        let publish = format!("/t/acme/api/creations/{}/publish", created["token"].as_str().unwrap());
        let wish = json!({"definition": guarded(10), "audience": "private"});
        let app = owner.post(&publish, wish).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        gate["active"] = json!(true);
        owner.put(path, gate).await.expect(204);
        let list = format!("/t/acme/api/apps/{app}/tables/stock/rows");
        let rows = owner.post(&list, json!({})).await.expect(200).json();
        let bolts = rows["rows"].as_array().unwrap().iter().find(|row| row[4] == 250).unwrap();
        Self { app, row: bolts[0].as_str().unwrap().to_owned(), version: 1, number: 0 }
    }

    /// Asks for a change of the bolts; the challenge.
    async fn ask(&mut self, browser: &mut Browser, qty: u64) -> Json {
        self.number += 1;
        let change = json!({"id": id(self.number), "operations": [{"type": "update", "table": "stock",
            "id": self.row, "baseVersion": self.version, "values": {"qty": qty}}]});
        let path = format!("/t/acme/api/apps/{}/transactions", self.app);
        browser.post(&path, change).await.expect(403).json()["checkpoint"].clone()
    }

    async fn bolts(&self, owner: &mut Browser) -> u64 {
        let list = format!("/t/acme/api/apps/{}/tables/stock/rows", self.app);
        let rows = owner.post(&list, json!({})).await.expect(200).json();
        let row = rows["rows"].as_array().unwrap().iter().find(|row| row[0] == self.row.as_str()).unwrap();
        row[4].as_u64().unwrap()
    }
}

fn at(challenge: &Json, what: &str) -> String {
    format!("/t/acme/api/checkpoints/challenges/{}{what}", challenge["challenge"].as_str().unwrap())
}

/// Sets out to the company for a challenge; where that leads.
async fn set_out(browser: &mut Browser, challenge: &Json, comment: &str) -> String {
    let answer = browser.post(&at(challenge, "/company"), json!({"comment": comment})).await.expect(200);
    answer.json()["location"].as_str().unwrap().to_owned()
}

async fn approve(browser: &mut Browser, challenge: &Json, comment: &str) -> Answer {
    let body = json!({"company": true, "comment": comment, "contentHash": challenge["contentHash"]});
    browser.post(&at(challenge, "/approve"), body).await
}

fn back_at(challenge: &Json, word: &str) -> String {
    let challenge = challenge["challenge"].as_str().unwrap();
    format!("http://gridkeep.test/t/acme/checkpoint/{challenge}?at=company&company={word}")
}

/// The newest row of a gate that was passed.
async fn passed(owner: &mut Browser) -> Json {
    let page = owner.get("/t/acme/api/audit?kind=checkpoint.passed").await.expect(200).json();
    page["rows"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_at_the_company_approves_this_and_nothing_else() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let rules = json!({"newcomers": "administrator"});
    let own = add(&mut ann, "/t/acme", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    let id = own["id"].as_str().unwrap().to_owned();
    let at_liar = (&world, &liar, id.as_str());
    let now = || world.clock.now().as_second();
    let come = async |world: &World, liar: &Liar, shown: i64| {
        let mut ben = world.browser();
        let location = super::set_out(&mut ben, "/t/acme", &id).await;
        back((world, liar, &id), &mut ben, &location, ("1", Some(shown))).await;
        ben
    };
    let mut ben = come(&world, &liar, now() - 3_600).await;
    let mut guarded = Guarded::open(&mut ann).await;
    let challenge = guarded.ask(&mut ben, 20).await;
    let read = ben.get(&at(&challenge, "")).await.expect(200).json();
    assert_eq!(read["methods"], json!(["company"]));
    // Nothing was shown yet, and a password is none of what is asked for.
    let denied = approve(&mut ben, &challenge, "Counted").await.expect(401);
    assert_eq!((denied.code().as_str(), &denied.json()["triesLeft"]), ("checkpointDenied", &json!(2)));
    let password = json!({"password": PASSWORD, "contentHash": challenge["contentHash"]});
    ben.post(&at(&challenge, "/approve"), password).await.expect(400);
    // Somebody else there, no moment, one of long ago, and one that the session knew: the provider is told to ask, and what it
    // says otherwise proves nothing.
    for (who, shown) in
        [("2", Some(now())), ("1", None), ("1", Some(now() - 300)), ("1", Some(now() - 3_600))]
    {
        let location = set_out(&mut ben, &challenge, "Counted").await;
        let asks = (parameter(&location, "prompt"), parameter(&location, "max_age"));
        assert_eq!(asks, ("login".into(), "0".into()));
        let led = back(at_liar, &mut ben, &location, (who, shown)).await;
        assert_eq!(led, back_at(&challenge, "unproved"), "{who} {shown:?}");
    }
    approve(&mut ben, &challenge, "Counted").await.expect(401);
    // What was shown before the challenge was begun is none for it, however little before.
    world.clock.advance(SignedDuration::from_mins(1));
    let challenge = guarded.ask(&mut ben, 20).await;
    let location = set_out(&mut ben, &challenge, "Counted").await;
    let led = back(at_liar, &mut ben, &location, ("1", Some(now() - 1))).await;
    assert_eq!(led, back_at(&challenge, "proved"));
    approve(&mut ben, &challenge, "Counted").await.expect(401);
    // Shown anew, for this content and this comment; in this session.
    let other = guarded.ask(&mut ben, 30).await;
    let location = set_out(&mut ben, &challenge, "Counted").await;
    assert_eq!(back(at_liar, &mut ben, &location, ("1", Some(now()))).await, back_at(&challenge, "proved"));
    approve(&mut ben, &other, "Counted").await.expect(401);
    let mut elsewhere = come(&world, &liar, now()).await;
    approve(&mut elsewhere, &challenge, "Counted").await.expect(404);
    elsewhere.post(&at(&challenge, "/company"), json!({})).await.expect(404);
    assert_eq!(guarded.bolts(&mut ann).await, 250);
    approve(&mut ben, &challenge, "Counted twice").await.expect(401);
    let done = approve(&mut ben, &challenge, "Counted").await.expect(200).json();
    assert_eq!(done["state"], "done");
    assert_eq!(guarded.bolts(&mut ann).await, 20);
    // Once; and the very showing is no second one.
    approve(&mut ben, &challenge, "Counted").await.expect(410);
    ben.post(&at(&challenge, "/company"), json!({})).await.expect(410);
    let location = set_out(&mut ben, &other, "Counted").await;
    assert_eq!(back(at_liar, &mut ben, &location, ("1", Some(now()))).await, back_at(&other, "unproved"));
    approve(&mut ben, &other, "Counted").await.expect(401);
    // The log says how and when.
    let row = passed(&mut ann).await;
    assert_eq!(
        (&row["facts"]["method"], &row["personal"]["acr"]["value"]),
        (&json!("company"), &json!("gold"))
    );
    assert_eq!(row["facts"]["authenticated"], json!(world.clock.now().to_string()));
    assert_eq!(row["personal"]["comment"]["value"], "Counted");
    // It made the session no fresher, and whoever has a password of their own is not sent there.
    assert_eq!(ben.put("/t/acme/api/domains/corp.example", json!({"required": false})).await.status, 403);
    guarded.version = 2;
    let challenge = guarded.ask(&mut ann, 40).await;
    assert_eq!(ann.get(&at(&challenge, "")).await.expect(200).json()["methods"], json!([]));
    ann.post(&at(&challenge, "/company"), json!({})).await.expect(404);
    // Nor does whoever came through it try the account's password, where the gate takes one: that costs no try.
    let mut gate = gate("STOCK_CHANGE", "Change &ITEM from &OLD_QTY to &QTY?", true);
    gate["methods"] = json!(["company", "password"]);
    ann.put("/t/acme/api/checkpoints/gates/STOCK_CHANGE", gate).await.expect(204);
    let challenge = guarded.ask(&mut ben, 40).await;
    let read = ben.get(&at(&challenge, "")).await.expect(200).json();
    assert_eq!(read["methods"], json!(["company"]));
    let password = json!({"password": PASSWORD, "contentHash": challenge["contentHash"]});
    let refused = ben.post(&at(&challenge, "/approve"), password).await.expect(400);
    assert_eq!(refused.code(), "invalidRequest");
    assert_eq!(ben.get(&at(&challenge, "")).await.expect(200).json()["triesLeft"], json!(3));
    // Nor the PIN that the account has: it keeps its tries, whoever sits in a session that a company vouches for.
    let mut gate = gate_("STOCK_CHANGE", "Change &ITEM from &OLD_QTY to &QTY?", true);
    gate["methods"] = json!(["company", "pin"]);
    ann.put("/t/acme/api/checkpoints/gates/STOCK_CHANGE", gate).await.expect(204);
    let session = ben.get("/t/acme/api/session").await.expect(200).json();
    let account = session["account"]["id"].as_str().unwrap().parse().unwrap();
    let control = world.state.company.control();
    control.set_pin(account, "none".to_owned(), world.clock.now()).await.unwrap();
    for number in 0..6 {
        let challenge = guarded.ask(&mut ben, 50 + number).await;
        assert_eq!(ben.get(&at(&challenge, "")).await.expect(200).json()["methods"], json!(["company"]));
        let pin = json!({"pin": "482915", "contentHash": challenge["contentHash"]});
        assert_eq!(ben.post(&at(&challenge, "/approve"), pin).await.expect(400).code(), "invalidRequest");
        assert_eq!(ben.get(&at(&challenge, "")).await.expect(200).json()["triesLeft"], json!(3));
    }
    let pin = control.pin(account).await.unwrap().unwrap();
    assert!(!pin.disabled && pin.due == Timestamp::UNIX_EPOCH, "{pin:?}");
}

/// panva's provider asks again, and what it says approves.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_provider_approves() {
    let Some(real) = CompanyProvider::start(&people()) else { return };
    let world = world().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let own = company(&mut ann, "/t/acme", &real, json!({"newcomers": "administrator"})).await;
    let mut guarded = Guarded::open(&mut ann).await;
    let (mut ben, mut there) = (world.browser(), There::new(real.issuer()));
    through(&mut ben, &mut there, "/t/acme", &own, "ben").await;
    let challenge = guarded.ask(&mut ben, 20).await;
    let location = set_out(&mut ben, &challenge, "").await;
    // The provider has the machine's clock, and tells whole seconds: what is shown next is of another one.
    let came = Timestamp::now().as_second();
    while Timestamp::now().as_second() <= came + 1 {
        tokio::task::yield_now().await;
    }
    world.clock.advance(SignedDuration::from_secs(5));
    let (led, asked) = there.sign_in(&location, "ben").await;
    assert!(asked, "somebody who is signed in there is asked again");
    let pairs = query(&led);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = come_back(&mut ben, "/t/acme", own["id"].as_str().unwrap(), &pairs).await;
    assert_eq!(done.header("location"), back_at(&challenge, "proved"));
    approve(&mut ben, &challenge, "").await.expect(200);
    assert_eq!(guarded.bolts(&mut ann).await, 20);
    assert_eq!(passed(&mut ann).await["facts"]["method"], "company");
}

/// pysaml2 is told to ask again (`ForceAuthn`), and what it says approves.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_saml_provider_approves() {
    let Some(mut company) = Company::start(None, json!({"newcomers": "administrator"})).await else { return };
    let mut guarded = Guarded::open(&mut company.owner).await;
    let mut eve = company.world.browser();
    let said =
        |subject: &str, instant: i64| format!("subject={subject}&mail=eve@example.com&instant={instant}");
    let now = company.world.state.time.now().as_second();
    company.come(&mut eve, &said("eve", now - 600)).await.expect(200);
    let challenge = guarded.ask(&mut eve, 20).await;
    for (subject, instant, word, status) in
        [("mallory", now, "unproved", 401), ("eve", now - 600, "unproved", 401), ("eve", now, "proved", 200)]
    {
        let location = set_out(&mut eve, &challenge, "").await;
        let answer = company.server.answer(&location, &said(subject, instant));
        assert_eq!(answer["force"], true);
        let led = company.bring(&mut eve, answer["response"].as_str().unwrap()).await.expect(200).json();
        assert_eq!(led["location"], back_at(&challenge, word), "{subject}");
        approve(&mut eve, &challenge, "").await.expect(status);
    }
    assert_eq!(guarded.bolts(&mut company.owner).await, 20);
    assert_eq!(passed(&mut company.owner).await["facts"]["method"], "company");
}
