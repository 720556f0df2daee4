//! Several tenants on one server: each at its own place, none in another's way.

use std::process::Command;

use axum::{body::Body, http::Method};
use gridkeep_model::{AccountId, TenantId};
use gridkeep_server::{
    creation::UploadLimits,
    tenancy::{Founders, Tenants},
    tenant_name::TenantName,
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, PASSWORD, STOCK, Wishes, World, databases, definition, email, id};

/// A tenant that somebody owns.
pub(crate) async fn tenant(world: &World, name: &str, owner: &mut Browser) -> TenantId {
    let (owner, tenants) = (account(owner).await, world.house.tenants());
    let name = TenantName::new(name).unwrap();
    tenants.found(&name, &format!("The {name}"), Some(owner)).await.unwrap().unwrap()
}

/// The account of whoever is signed in.
pub(crate) async fn account(browser: &mut Browser) -> AccountId {
    let session = browser.get("/api/session").await.expect(200).json();
    session["account"]["id"].as_str().unwrap().parse().unwrap()
}

/// Publishes the stock list at a place, and gives the app as its maker sees it.
pub(crate) async fn publish(browser: &mut Browser, place: &str, audience: &str, people: &[&str]) -> Json {
    publish_this(browser, place, definition(), audience, people).await
}

/// Publishes an app over the stock list.
pub(crate) async fn publish_this(
    browser: &mut Browser,
    place: &str,
    definition: Json,
    audience: &str,
    people: &[&str],
) -> Json {
    let created =
        browser.upload(&format!("{place}/api/creations"), "stock.csv", STOCK).await.expect(201).json();
    let people: Vec<_> = people.iter().map(|name| email(name)).collect();
    let request = json!({"definition": definition, "audience": audience, "people": people});
    let token = created["token"].as_str().unwrap();
    browser.post(&format!("{place}/api/creations/{token}/publish"), request).await.expect(201).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_is_at_its_own_place() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut root = world.person("Root").await;
        let (mut ann, mut ben) = (world.person("Ann").await, world.person("Ben").await);
        let acme = tenant(&world, "acme", &mut ann).await;
        tenant(&world, "other", &mut ben).await;
        let taken = TenantName::new("acme").unwrap();
        assert!(world.house.tenants().found(&taken, "Again", None).await.unwrap().is_none());
        let app = publish(&mut ann, "/t/acme", "private", &["Ben", "Cy"]).await;
        let id = app["id"].as_str().unwrap().to_owned();
        assert_eq!(app["link"], format!("http://gridkeep.test/t/acme/app/{id}"));
        assert_eq!(app["service"], format!("http://gridkeep.test/odata/acme/{id}/"));
        // It is there, by name or id, and nowhere else.
        for place in ["/t/acme".to_owned(), format!("/t/{acme}")] {
            ann.get(&format!("{place}/api/apps/{id}")).await.expect(200);
            assert_eq!(ann.get(&format!("{place}/api/apps")).await.expect(200).json()[0]["id"], json!(id));
        }
        for place in ["", "/t/default", "/t/other", "/t/nothing"] {
            ann.get(&format!("{place}/api/apps/{id}")).await.expect(404);
        }
        // Whoever the app names comes in as a guest; what somebody is elsewhere is nothing here.
        ben.get(&format!("/t/acme/api/apps/{id}")).await.expect(200);
        assert_eq!(ben.get("/t/acme/api/apps").await.expect(200).json()[0]["role"], json!("member"));
        let role = async |browser: &mut Browser, place: &str| {
            browser.get(&format!("{place}/api/session")).await.expect(200).json()["account"]["role"].clone()
        };
        assert_eq!(role(&mut ben, "/t/other").await, json!("owner"));
        assert_eq!((role(&mut ben, "/t/acme").await, role(&mut ben, "").await), (Json::Null, json!("maker")));
        root.get(&format!("/t/acme/api/apps/{id}")).await.expect(404);
        assert_eq!(role(&mut root, "/t/acme").await, Json::Null);
        // An upload stays with the tenant it was made for.
        let made = ann.upload("/t/acme/api/creations", "stock.csv", STOCK).await.expect(201).json();
        let token = made["token"].as_str().unwrap();
        ann.get(&format!("/t/acme/api/creations/{token}")).await.expect(200);
        ann.get(&format!("/api/creations/{token}")).await.expect(404);
        // Programs find it by its own address only, and with its own key.
        let key =
            ann.post(&format!("/t/acme/api/apps/{id}/keys"), json!({"name": "Excel"})).await.expect(201);
        let key = key.json()["secret"].as_str().unwrap().to_owned();
        let asked = async |path: String| {
            let mut program = world.browser();
            let request = program.request(Method::GET, &path).header("x-api-key", &key);
            program.send(request.body(Body::empty()).unwrap()).await
        };
        let rows = asked(format!("/odata/acme/{id}/Stock")).await.expect(200).json();
        assert_eq!(rows["value"].as_array().map(Vec::len), Some(3));
        let context = rows["@odata.context"].as_str().unwrap();
        assert!(context.contains("/odata/acme/"), "{context}");
        for place in ["default", "other", "nothing"] {
            asked(format!("/odata/{place}/{id}/Stock")).await.expect(401);
        }
        // Who is invited is led to the tenant, and becomes a guest there.
        let token = world.token("Cy", "/t/acme/invitation#").await;
        let mut cy = world.browser();
        cy.post("/api/accounts/invitation", json!({"token": token})).await.expect(410);
        let shown = cy.post("/t/acme/api/accounts/invitation", json!({"token": token})).await.expect(200);
        assert_eq!(shown.json()["name"], json!("Stock"));
        let account = json!({"email": email("Cy"), "name": "Cy", "password": PASSWORD, "invitation": token});
        cy.post("/t/acme/api/accounts", account).await.expect(201);
        assert_eq!((role(&mut cy, "/t/acme").await, role(&mut cy, "").await), (json!("guest"), Json::Null));
        cy.get(&format!("/t/acme/api/apps/{id}")).await.expect(200);
        cy.upload("/t/acme/api/creations", "stock.csv", STOCK).await.expect(403);
        // Pages are the same wherever: what they may show is asked for.
        let page = |path: &'static str| {
            let mut browser = world.browser();
            async move { browser.get(path).await }
        };
        let (known, unknown) = (page("/t/acme/").await, page("/t/nothing/").await);
        assert_eq!((known.status, known.body), (unknown.status, unknown.body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_called_as_its_administrators_say() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut root = world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let called = async |browser: &mut Browser, place: &str| {
            browser.get(&format!("{place}/api/session")).await.expect(200).json()["workspace"].clone()
        };
        // Nobody has named the first yet.
        assert_eq!(called(&mut root, "").await, Json::Null);
        assert_eq!(called(&mut ann, "/t/acme").await, json!("The acme"));
        root.patch("/api/tenant", json!({"title": " Head office "})).await.expect(204);
        ann.patch("/t/acme/api/tenant", json!({"title": "Acme Ltd"})).await.expect(204);
        assert_eq!(called(&mut root, "").await, json!("Head office"));
        assert_eq!(called(&mut ann, "/t/acme").await, json!("Acme Ltd"));
        // In the answer to signing in as well, where somebody belongs.
        let mut again = world.browser();
        let sign_in = json!({"email": email("Ann"), "password": PASSWORD});
        let seen = again.post("/t/acme/api/session", sign_in).await.expect(200).json();
        assert_eq!(seen["workspace"], json!("Acme Ltd"));
        // Its name in addresses stays.
        let own = ann.get("/t/acme/api/tenants").await.expect(200).json();
        let own =
            own["tenants"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap().clone();
        assert_eq!((&own["name"], &own["title"]), (&json!("acme"), &json!("Acme Ltd")));
        for wrong in ["", " ", "a\nb", &"x".repeat(81)] {
            ann.patch("/t/acme/api/tenant", json!({"title": wrong})).await.expect(422);
        }
        // A maker does not, nor does somebody of another tenant: to them it is not there.
        ann.patch("/api/tenant", json!({"title": "Mine"})).await.expect(403);
        root.patch("/t/acme/api/tenant", json!({"title": "Mine"})).await.expect(404);
        let log = ann.get("/t/acme/api/audit?kind=config.tenants.changed").await.expect(200).json();
        let facts = &log["rows"][0]["facts"];
        assert_eq!(
            (&facts["before"], &facts["after"]),
            (&json!({"title": "The acme"}), &json!({"title": "Acme Ltd"}))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_are_open_and_each_goes_on_where_it_was() {
    let world = World::with(Wishes { open_tenants: Some(2), ..Wishes::default() }).await;
    let mut root = world.person("Root").await;
    let mut apps = Vec::new();
    for number in 0..5 {
        let place = format!("/t/tenant-{number}");
        tenant(&world, &place[3..], &mut root).await;
        apps.push((
            publish(&mut root, &place, "private", &[]).await["id"].as_str().unwrap().to_owned(),
            place,
        ));
        assert!(world.house.open_rooms() <= 2);
    }
    for _ in 0..2 {
        for (number, (app, place)) in apps.iter().enumerate() {
            let path = format!("{place}/api/apps/{app}");
            root.get(&path).await.expect(200);
            assert_eq!(root.get(&format!("{place}/api/apps")).await.json().as_array().map(Vec::len), Some(1));
            let insert =
                json!({"type": "insert", "table": "stock", "id": id(7), "values": {"sku": "7", "qty": 1}});
            let change = json!({"id": id(8), "operations": [insert]});
            root.post(&format!("{path}/transactions"), change).await.expect(200);
            let (next, _) = &apps[(number + 1) % apps.len()];
            root.get(&format!("{place}/api/apps/{next}")).await.expect(404);
        }
    }
    // Many at once: each is opened once, and all are answered.
    let asked = (0..40).map(|number| {
        let (mut browser, (app, place)) = (root.clone(), apps[number % apps.len()].clone());
        tokio::spawn(
            async move { browser.get(&format!("{place}/api/apps/{app}/tables/stock/snapshot")).await },
        )
    });
    for answer in asked.collect::<Vec<_>>() {
        let lines = answer.await.unwrap().expect(200).text();
        assert_eq!(lines.lines().count(), 5);
    }
    world.house.look_through().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_ends_is_gone_with_all_that_was_in_it() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ann = world.person("Ann").await;
        let acme = tenant(&world, "acme", &mut ann).await;
        let app = publish(&mut ann, "/t/acme", "public", &[]).await["id"].as_str().unwrap().to_owned();
        let path = format!("/t/acme/api/apps/{app}");
        let stored = world.data.path().join("data/objects").join(acme.to_string());
        ann.get(&path).await.expect(200);
        assert!(stored.is_dir());
        let tenants: &Tenants = world.house.tenants();
        assert!(tenants.end(acme).await.unwrap());
        let gone = ann.get(&path).await.expect(404);
        let never = ann.get(&path.replace("acme", "never")).await;
        assert_eq!(bare(&gone), bare(&never));
        // Its name is free once it is erased.
        let again = TenantName::new("acme").unwrap();
        assert!(tenants.found(&again, "Again", None).await.unwrap().is_none());
        world.house.erase().await;
        assert!(tenants.all().await.unwrap().iter().all(|info| info.name == "default"));
        let files = |folder: &std::path::Path| walk(folder);
        assert_eq!(files(&stored), 0);
        assert!(tenants.found(&again, "Again", None).await.unwrap().is_some());
        ann.get(&path).await.expect(404);
        // What is no tenant of anybody stays.
        assert!(!tenants.end(TenantId::from_uuid(uuid::Uuid::nil())).await.unwrap());
    }
}

/// Status, headers and body, but for the moment.
pub(crate) fn bare(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_lists_and_removes_tenants() {
    let world = World::start().await;
    world.person("Ann").await;
    let data = world.end().await;
    let folder = data.path().join("data");
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gridkeep"))
            .arg("tenant")
            .args(arguments)
            .arg("--data")
            .arg(&folder)
            .output()
            .unwrap();
        let words =
            String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr });
        // Ids differ from run to run.
        let words = words
            .trim()
            .split("  ")
            .filter(|word| word.parse::<TenantId>().is_err())
            .collect::<Vec<_>>()
            .join(" ");
        (output.status.success(), words)
    };
    let check = |arguments: &[&str], expect: (bool, &str)| {
        let (good, words) = run(arguments);
        assert_eq!(good, expect.0, "{arguments:?}: {words}");
        assert!(words.contains(expect.1), "{arguments:?}: {words}");
    };
    check(&["create", "acme", "--title", "Acme Ltd", "--owner", "ann@example.com"], (true, "acme Acme Ltd"));
    check(&["create", "acme", "--owner", "ann@example.com"], (false, "there is a tenant acme already"));
    check(&["create", "Acme", "--owner", "ann@example.com"], (false, "small letters"));
    check(&["create", "other", "--owner", "eve@example.com"], (false, "nobody has proven the address"));
    check(&["list"], (true, "acme Acme Ltd"));
    check(&["remove", "acme", "--confirm", "acne"], (false, "--confirm acme"));
    check(&["remove", "default", "--confirm", "default"], (false, "the first tenant stays"));
    check(&["remove", "acme", "--confirm", "acme"], (true, "acme is gone"));
    check(&["remove", "acme", "--confirm", "acme"], (false, "there is no tenant acme"));
    // What was done there is in the log; what was refused is not.
    let world = World::over(data, Wishes::default()).await;
    let mut ann = world.browser();
    let sign_in = json!({"email": "ann@example.com", "password": PASSWORD});
    ann.post("/api/session", sign_in).await.expect(200);
    let rows = ann.get("/api/audit?kind=config.tenants").await.expect(200).json();
    let told = |row: &Json| json!([row["kind"], row["subject"], row["facts"]["by"]]);
    let rows: Vec<Json> = rows["rows"].as_array().unwrap().iter().map(told).collect();
    let row = |kind: &str| json!([kind, "acme", "command"]);
    assert_eq!(rows, [row("config.tenants.ended"), row("config.tenants.added")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn founding_many_in_a_row_takes_time() {
    let world = World::with(Wishes { founders: Founders::Anybody, ..Wishes::default() }).await;
    let mut ann = world.person("Ann").await;
    let found = |number: usize| json!({"name": format!("tenant-{number}"), "title": "Mine"});
    let mut codes = Vec::new();
    for number in 0..8 {
        let answer = ann.post("/api/tenants", found(number)).await;
        codes.push((answer.status, answer.header("retry-after").to_owned()));
    }
    let (good, bad) = codes.split_at(5);
    assert!(good.iter().all(|(status, _)| *status == 201), "{codes:?}");
    assert!(bad.iter().all(|(status, after)| (*status, after.as_str()) == (429, "30")), "{codes:?}");
    // A name that is none costs nothing, and somebody else is not kept waiting.
    ann.post("/api/tenants", json!({"name": "No!", "title": "Mine"})).await.expect(422);
    let mut ben = world.person("Ben").await;
    ben.post("/api/tenants", found(20)).await.expect(201);
    world.clock.advance(SignedDuration::from_secs(31));
    ann.post("/api/tenants", found(21)).await.expect(201);
    assert_eq!(ann.post("/api/tenants", found(22)).await.expect(429).header("retry-after"), "60");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_s_uploads_leave_room_for_others() {
    let uploads = UploadLimits { per_browser: 10, count: 4, ..UploadLimits::default() };
    let check = async |founders: Founders, expect: [u16; 5]| {
        let world = World::with(Wishes { founders, uploads, ..Wishes::default() }).await;
        let (mut root, mut ann) = (world.person("Root").await, world.person("Ann").await);
        tenant(&world, "acme", &mut ann).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(root.upload("/api/creations", "stock.csv", STOCK).await.status);
        }
        for _ in 0..2 {
            seen.push(ann.upload("/t/acme/api/creations", "stock.csv", STOCK).await.status);
        }
        assert_eq!(seen, expect, "{founders:?}");
    };
    check(Founders::Anybody, [201, 201, 503, 201, 503]).await;
    check(Founders::Nobody, [201, 201, 201, 201, 503]).await;
}
