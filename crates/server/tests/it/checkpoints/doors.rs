//! The gates of the server's own operations, and every door that each of them stands at.

use std::collections::BTreeSet;

use axum::{body::Body, http::Method};
use gridkeep_kit::NameServer;
use serde_json::{Value as Json, json};

use super::{
    flow::{approve, password},
    gate, put, repeat, required,
};
use crate::{
    company::settings,
    kit::{Browser, Wishes, World, databases},
    tenants::{account, publish, tenant},
};

/// Which gate stands where: its name, the route, and a body that would be good. The gate of gates comes last: it guards the others.
#[rustfmt::skip]
pub(super) const DOORS: &[(&str, &str, &str)] = &[
    ("PROVIDER_CONFIG", "POST /api/providers", "provider"),
    ("PROVIDER_CONFIG", "PUT /api/providers/{provider}", "provider"),
    ("PROVIDER_CONFIG", "DELETE /api/providers/{provider}", ""),
    ("PROVIDER_CONFIG", "POST /api/company/saml", r#"{"name": "Another"}"#),
    ("PROVIDER_CONFIG", "PATCH /api/company/{saml}/saml", r#"{"signs": true}"#),
    ("PROVIDER_CONFIG", "POST /api/domains", r#"{"domain": "other.example"}"#),
    ("PROVIDER_CONFIG", "POST /api/domains/corp.example/check", "{}"),
    ("PROVIDER_CONFIG", "PUT /api/domains/corp.example", r#"{"required": false}"#),
    ("PROVIDER_CONFIG", "DELETE /api/domains/corp.example", ""),
    ("PROVIDER_CONFIG", "POST /api/directory/tokens", r#"{"provider": "{provider}", "name": "Another"}"#),
    ("PROVIDER_CONFIG", "PUT /api/directory/tokens/{token}/maker", ""),
    ("PROVIDER_CONFIG", "DELETE /api/directory/tokens/{token}", ""),
    ("PROVIDER_CONFIG", "PUT /api/second-factor", r#"{"secondFactor": "none"}"#),
    ("EXPORT_ALL", "GET /api/apps/{app}/export.xlsx", ""),
    ("EXPORT_ALL", "GET /api/apps/{app}/tables/stock/export.csv", ""),
    ("EXPORT_ALL", "GET /api/apps/{app}/versions/1/original", ""),
    ("EXPORT_ALL", "GET /api/audit.csv", ""),
    ("EXPORT_ALL", "GET /api/audit.jsonl", ""),
    ("EXPORT_ALL", LOGINS, ""),
    ("ERASURE", "DELETE /api/people/{person}", ""),
    ("ERASURE", "DELETE /api/audit/people/{person}", ""),
    ("ERASURE", "DELETE /api/apps/{app}", ""),
    ("ERASURE", "DELETE /api/tenant", r#"{"name": "acme"}"#),
    ("PIN_CHANGE", "PUT /api/account/pin", r#"{"pin": "482915", "proof": {"password": "wrong"}}"#),
    ("PIN_CHANGE", "DELETE /api/account/pin", ""),
    ("CHECKPOINT_CONFIG", "PATCH /api/people/{person}", r#"{"role": "administrator"}"#),
    ("CHECKPOINT_CONFIG", "POST /api/invitations", r#"{"email": "more@example.com", "role": "owner"}"#),
    ("CHECKPOINT_CONFIG", "POST /api/invitations/jobs?role=administrator", r#""third@example.com""#),
    ("CHECKPOINT_CONFIG", "POST /api/handlers", HANDLER),
    ("CHECKPOINT_CONFIG", "PUT /api/handlers/{handler}", HANDLER),
    ("CHECKPOINT_CONFIG", "DELETE /api/handlers/{handler}", ""),
    ("CHECKPOINT_CONFIG", "PUT /api/checkpoints/gates/ERASURE", "gate"),
    ("CHECKPOINT_CONFIG", "DELETE /api/checkpoints/gates/ERASURE", ""),
    ("CHECKPOINT_CONFIG", "PUT /api/checkpoints/settings", "{}"),
];

const LOGINS: &str = "GET /api/logins.csv";
const HANDLER: &str = r#"{"name": "Another", "kind": "mail", "target": "away@example.com", "enabled": true}"#;

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

/// One of everything that a door leads to.
async fn furnished(world: &World, root: &mut Browser, names: &mut NameServer) -> Vec<(&'static str, String)> {
    tenant(world, "acme", root).await;
    let mut member = world.person("Member").await;
    world.join(root, "/t/acme", ("Member", "member"), &mut member).await;
    let app = publish(root, "/t/acme", "private", &[]).await;
    let oidc = json!({"name": "Company", "settings": settings("https://id.example", "x", json!({}))});
    let provider = root.post("/t/acme/api/providers", oidc).await.expect(201).json();
    let saml = root.post("/t/acme/api/company/saml", json!({"name": "Saml"})).await.expect(201).json();
    let wish = json!({"provider": provider["id"], "name": "Directory"});
    let token = root.post("/t/acme/api/directory/tokens", wish).await.expect(201).json();
    let domain = json!({"domain": "corp.example"});
    let domain = root.post("/t/acme/api/domains", domain).await.expect(201).json();
    names.says(&text(&domain["domain"]), &text(&domain["record"]));
    let handler: Json = serde_json::from_str(&HANDLER.replace("Another", "Ours")).unwrap();
    let handler = root.post("/t/acme/api/handlers", handler).await.expect(201).json();
    vec![
        ("handler", text(&handler["handler"]["id"])),
        ("app", text(&app["id"])),
        ("provider", text(&provider["id"])),
        ("saml", text(&saml["id"])),
        ("token", text(&token["id"])),
        ("person", account(&mut member).await.to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_gate_of_our_own_stands_at_its_doors() {
    let (all, _postgres) = databases();
    for database in all {
        let Some(mut names) = NameServer::start() else { return };
        let name_server = Some(names.address());
        let world = World::with(Wishes { database, name_server, ..Wishes::default() }).await;
        let mut root = world.person("Root").await;
        let things = furnished(&world, &mut root, &mut names).await;
        let fill = |text: &str| {
            things
                .iter()
                .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        let body = |body: &str| match body {
            "" => Json::Null,
            "provider" => {
                json!({"name": "Other", "settings": settings("https://id.example", "y", json!({}))})
            }
            "gate" => gate("ERASURE", "Sure?", false),
            text => serde_json::from_str(&fill(text)).unwrap(),
        };
        // Every name there is has a door, and no door is at a name that is not there.
        let offered = root.get("/t/acme/api/checkpoints/gates").await.expect(200).json();
        let offered: BTreeSet<&str> =
            offered["builtIn"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let mut doors: Vec<&str> = DOORS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(doors.iter().copied().collect::<BTreeSet<_>>(), offered);
        doors.dedup();
        for name in doors {
            let path = format!("/t/acme/api/checkpoints/gates/{name}");
            root.put(&path, gate(name, "&EVENT?", true)).await.expect(204);
        }
        // The sign-ins are had at the server's first tenant, whose gate asks: see below.
        for (name, route, sent) in DOORS.iter().filter(|(_, route, _)| *route != LOGINS) {
            let (method, path) = route.split_once(' ').unwrap();
            let (method, path): (Method, _) = (method.parse().unwrap(), format!("/t/acme{}", fill(path)));
            let challenge = required(&mut root, method, &path, &body(sent)).await;
            let asked: Vec<&Json> =
                challenge["gates"].as_array().unwrap().iter().map(|gate| &gate["gate"]).collect();
            assert_eq!(asked, [name], "{route}");
        }
        // Nothing of it was done.
        root.get(&format!("/t/acme{}", fill("/api/apps/{app}"))).await.expect(200);
        let all = root.get("/t/acme/api/providers").await.expect(200).json();
        let named: Vec<&Json> = all.as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(named, ["Company", "Saml"]);
        let domains = root.get("/t/acme/api/domains").await.expect(200).json();
        assert_eq!((domains.as_array().unwrap().len(), &domains[0]["verified"]), (1, &Json::Null));
        let told = root.get("/t/acme/api/handlers").await.expect(200).json();
        assert_eq!((told.as_array().unwrap().len(), &told[0]["name"]), (1, &json!("Ours")));
        assert_eq!(root.get("/t/acme/api/people").await.json()["people"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_a_browser_follows_makes_no_challenge() {
    let world = World::with(Wishes::default()).await;
    let mut root = world.person("Root").await;
    put(&mut root, &gate("EXPORT_ALL", "&EVENT?", true)).await;
    let path = "/api/audit.csv";
    let own = required(&mut root, Method::GET, path, &Json::Null).await;
    // As often as it takes for the oldest to end, were they kept.
    for _ in 0..6 {
        let mut followed = root.request(Method::GET, path).body(Body::empty()).unwrap();
        followed.headers_mut().remove("x-gridkeep");
        let refused = root.send(followed).await.expect(403);
        assert_eq!(refused.code(), "SECURITY_CHECKPOINT_FORBIDDEN");
        assert_eq!(refused.json()["checkpoint"], Json::Null);
    }
    approve(&mut root, &own, password()).await.expect(200);
    repeat(&mut root, Method::GET, path, &Json::Null, &own).await.expect(200);
}

/// The sign-ins are of people of all tenants: no place whose gates are others, or none, hands them out.
#[tokio::test(flavor = "multi_thread")]
async fn the_sign_ins_go_past_no_other_tenants_gate() {
    let world = World::with(Wishes::default()).await;
    let mut root = world.person("Root").await;
    tenant(&world, "acme", &mut root).await;
    put(&mut root, &gate("EXPORT_ALL", "&EVENT?", true)).await;
    required(&mut root, Method::GET, "/api/logins.csv", &Json::Null).await;
    let refused = root.get("/t/acme/api/logins.csv").await.expect(403);
    assert_eq!(refused.code(), "forbidden");
    root.get("/t/acme/api/logins").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_say_is_compared_too() {
    let world = World::with(Wishes::default()).await;
    let mut root = world.person("Root").await;
    for name in ["CHECKPOINT_CONFIG", "EXPORT_ALL", "PROVIDER_CONFIG"] {
        put(&mut root, &gate(name, "&EVENT?", name != "CHECKPOINT_CONFIG")).await;
    }
    let provider =
        |secret: &str| json!({"name": "Us", "settings": settings("https://id.example", secret, json!({}))});
    let with = |secret: &str| {
        let mut provider = provider("x");
        provider["secret"] = json!(secret);
        provider
    };
    let path = "/api/providers";
    let challenge = required(&mut root, Method::POST, path, &with("one")).await;
    approve(&mut root, &challenge, password()).await.expect(200);
    repeat(&mut root, Method::POST, path, &with("two"), &challenge).await.expect(403);
    let made = repeat(&mut root, Method::POST, path, &with("one"), &challenge).await.expect(201).json();
    let path = format!("/api/providers/{}", made["id"].as_str().unwrap());
    let challenge = required(&mut root, Method::PUT, &path, &with("three")).await;
    approve(&mut root, &challenge, password()).await.expect(200);
    repeat(&mut root, Method::PUT, &path, &with("four"), &challenge).await.expect(403);
    repeat(&mut root, Method::PUT, &path, &with("three"), &challenge).await.expect(200);
    // One person's rows are not everybody's.
    for file in ["audit.csv", "audit.jsonl", "logins.csv"] {
        let (one, all) =
            (format!("/api/{file}?account={}", account(&mut root).await), format!("/api/{file}"));
        let challenge = required(&mut root, Method::GET, &one, &Json::Null).await;
        approve(&mut root, &challenge, password()).await.expect(200);
        repeat(&mut root, Method::GET, &all, &Json::Null, &challenge).await.expect(403);
        repeat(&mut root, Method::GET, &one, &Json::Null, &challenge).await.expect(200);
    }
    put(&mut root, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
    let mail = |target: &str| json!({"name": "Us", "kind": "mail", "target": target, "enabled": true});
    let path = "/api/handlers";
    let challenge = required(&mut root, Method::POST, path, &mail("us@example.com")).await;
    approve(&mut root, &challenge, password()).await.expect(200);
    repeat(&mut root, Method::POST, path, &mail("them@example.com"), &challenge).await.expect(403);
    repeat(&mut root, Method::POST, path, &mail("us@example.com"), &challenge).await.expect(201);
    let log = root.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
    let facts: Vec<String> =
        log["rows"].as_array().unwrap().iter().map(|row| row["facts"].to_string()).collect();
    assert!(facts.len() == 6 && facts.iter().all(|facts| !facts.contains("us@example.com")), "{facts:?}");
}
