//! Of every route that changes anything or hands out a file: which gate stands at it, or why none does.
//!
//! A route without a row fails, and so does a row without somebody who came to its gate: those of the server's own operations are
//! driven in [`super::doors`], those of apps here.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use super::{
    doors::DOORS,
    flow::{Shop, approve, password},
    gate, guarded, put, repeat, required,
    vouching::RULED,
};
use crate::{
    kit::{Browser, databases, definition, id},
    walk::routes::{OTHERS, SERVICES},
};

/// What stands at a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// A gate of the server's own operations.
    Own(&'static str),
    /// The gates that apps name.
    Apps,
    /// Both.
    Both(&'static str),
    /// A gate of the server's own operations, and the gate of gates where it decides who rules.
    Rules(&'static str),
    /// None.
    None(Why),
}

/// Why no gate stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is how somebody proves who they are, or stops being here.
    SignIn,
    /// It is about whoever asks and nobody else, and wants their proof where it is about ways to sign in.
    OwnAccount,
    /// It answers a gate.
    Answers,
    /// It changes nothing: a question too long for an address, a check, a test.
    Asks,
    /// It is a draft that its maker alone sees, until publishing or a transaction takes it up.
    Draft,
    /// It says who may do what: what may be done then comes to the gates all the same, and nobody approves for others by it.
    Rights,
    /// It lets people in as guests or members: who become more by it come to `CHECKPOINT_CONFIG`.
    Invites,
    /// Somebody's own key or program: by it nobody is present, and what it changes waits or is refused.
    OwnProgram,
    /// A company's directory, whose token `PROVIDER_CONFIG` guards: no person is there who could be asked, and whoever left must go.
    Directory,
    /// Nothing goes anywhere that a gate did not let it go before.
    SentAgain,
    /// What an app works with: whoever may see rows may copy them.
    Works,
    /// It says nothing of anybody.
    Public,
    /// It adds something empty, which its maker rules over.
    Begins,
    /// It is what people call something, and changes nothing of it.
    Called,
}

use At::{Apps, Both, None as Without, Own, Rules};
use Why::*;

const CONFIG: &str = "CHECKPOINT_CONFIG";
const PROVIDER: &str = "PROVIDER_CONFIG";
const EXPORT: &str = "EXPORT_ALL";
const ERASURE: &str = "ERASURE";
const PIN: &str = "PIN_CHANGE";

#[rustfmt::skip]
const ROUTES: &[(&str, At)] = &[
    ("POST /api/session", Without(SignIn)),
    ("DELETE /api/session", Without(SignIn)),
    ("POST /api/session/passkey", Without(SignIn)),
    ("POST /api/session/passkey/options", Without(SignIn)),
    ("POST /api/session/step", Without(SignIn)),
    ("DELETE /api/session/step", Without(SignIn)),
    ("POST /api/session/step/passkey", Without(SignIn)),
    ("POST /api/account/proof", Without(SignIn)),
    ("POST /api/account/proof/passkey", Without(SignIn)),
    ("POST /api/company/proof", Without(SignIn)),
    ("POST /api/company/realm", Without(SignIn)),
    ("POST /api/company/start", Without(SignIn)),
    ("POST /api/company/{provider}/saml/answer", Without(SignIn)),
    ("POST /company/{provider}/saml/answer", Without(SignIn)),
    ("GET /api/company/{provider}/callback", Without(SignIn)),
    ("POST /api/oauth/question", Without(SignIn)),
    ("POST /api/oauth/answer", Without(SignIn)),
    ("POST /oauth/token", Without(SignIn)),
    ("POST /oauth/revoke", Without(SignIn)),
    ("POST /api/accounts", Without(OwnAccount)),
    ("POST /api/accounts/confirmation", Without(OwnAccount)),
    ("POST /api/accounts/factors/reset", Without(OwnAccount)),
    ("POST /api/accounts/invitation", Without(OwnAccount)),
    ("POST /api/accounts/invitation/acceptance", Without(OwnAccount)),
    ("POST /api/accounts/invitation/refusal", Without(OwnAccount)),
    ("POST /api/accounts/join", Without(OwnAccount)),
    ("POST /api/accounts/join/acceptance", Without(OwnAccount)),
    ("POST /api/accounts/join/mail", Without(OwnAccount)),
    ("POST /api/accounts/password", Without(OwnAccount)),
    ("POST /api/accounts/password/rule", Without(OwnAccount)),
    ("POST /api/accounts/reset", Without(OwnAccount)),
    ("DELETE /api/account/sessions", Without(OwnAccount)),
    ("DELETE /api/account/sessions/{session}", Without(OwnAccount)),
    ("POST /api/account/confirmation", Without(OwnAccount)),
    ("PATCH /api/account", Without(OwnAccount)),
    ("PUT /api/account/password", Without(OwnAccount)),
    ("POST /api/account/companies", Without(OwnAccount)),
    ("DELETE /api/account/companies/{link}", Without(OwnAccount)),
    ("PATCH /api/account/factors/{factor}", Without(OwnAccount)),
    ("DELETE /api/account/factors/{factor}", Without(OwnAccount)),
    ("POST /api/account/passkeys", Without(OwnAccount)),
    ("POST /api/account/passkeys/options", Without(OwnAccount)),
    ("POST /api/account/recovery-codes", Without(OwnAccount)),
    ("POST /api/account/totp", Without(OwnAccount)),
    ("POST /api/account/totp/confirmation", Without(OwnAccount)),
    ("PUT /api/account/pin", Own(PIN)),
    ("DELETE /api/account/pin", Own(PIN)),
    ("PUT /api/second-factor", Own(PROVIDER)),
    ("POST /api/providers", Rules(PROVIDER)),
    ("PUT /api/providers/{provider}", Rules(PROVIDER)),
    ("DELETE /api/providers/{provider}", Own(PROVIDER)),
    ("POST /api/providers/{provider}/test", Without(Asks)),
    ("POST /api/company/saml", Own(PROVIDER)),
    ("PATCH /api/company/{provider}/saml", Rules(PROVIDER)),
    ("POST /api/domains", Own(PROVIDER)),
    ("PUT /api/domains/{domain}", Own(PROVIDER)),
    ("DELETE /api/domains/{domain}", Own(PROVIDER)),
    ("POST /api/domains/{domain}/check", Own(PROVIDER)),
    ("POST /api/directory/tokens", Rules(PROVIDER)),
    ("PUT /api/directory/tokens/{token}/maker", Rules(PROVIDER)),
    ("DELETE /api/directory/tokens/{token}", Own(PROVIDER)),
    ("DELETE /api/company/removed/{person}", Without(Invites)),
    ("PATCH /api/people/{account}", Own(CONFIG)),
    ("DELETE /api/people/{account}", Own(ERASURE)),
    ("POST /api/groups", Without(Rights)),
    ("PATCH /api/groups/{group}", Without(Rights)),
    ("DELETE /api/groups/{group}", Without(Rights)),
    ("PUT /api/groups/{group}/people/{account}", Without(Rights)),
    ("DELETE /api/groups/{group}/people/{account}", Without(Rights)),
    ("POST /api/invitations", Own(CONFIG)),
    ("POST /api/invitations/{invitation}/resend", Without(SentAgain)),
    ("DELETE /api/invitations/{invitation}", Without(Invites)),
    ("POST /api/invitations/check", Without(Asks)),
    ("POST /api/invitations/jobs", Own(CONFIG)),
    ("POST /api/invitations/jobs/{job}/stop", Without(Invites)),
    ("POST /api/invitations/jobs/{job}/resume", Without(SentAgain)),
    ("POST /api/invitation-links", Without(Invites)),
    ("DELETE /api/invitation-links/{link}", Without(Invites)),
    ("POST /api/apps/{app}/invitations", Without(Invites)),
    ("POST /api/apps/{app}/invitations/check", Without(Asks)),
    ("POST /api/apps/{app}/invitations/jobs", Without(Invites)),
    ("POST /api/apps/{app}/invitation-links", Without(Invites)),
    ("POST /api/tenants", Without(Begins)),
    ("PATCH /api/tenant", Without(Called)),
    ("DELETE /api/tenant", Own(ERASURE)),
    ("POST /api/programs", Without(OwnProgram)),
    ("DELETE /api/programs/{program}", Without(OwnProgram)),
    ("POST /api/apps/{app}/keys", Without(OwnProgram)),
    ("DELETE /api/apps/{app}/keys/{key}", Without(OwnProgram)),
    ("POST /api/creations", Without(Draft)),
    ("DELETE /api/creations/{token}", Without(Draft)),
    ("GET /api/creations/{token}/workbook", Without(Draft)),
    ("POST /api/creations/{token}/check", Without(Asks)),
    ("POST /api/creations/{token}/publish", Both(CONFIG)),
    ("POST /api/apps/{app}/creation", Without(Draft)),
    ("POST /api/apps/{app}/rollback", Both(CONFIG)),
    ("PATCH /api/apps/{app}", Without(Rights)),
    ("DELETE /api/apps/{app}", Both(ERASURE)),
    ("PUT /api/apps/{app}/grants", Without(Rights)),
    ("DELETE /api/apps/{app}/grants", Without(Rights)),
    ("POST /api/apps/{app}/grants/check", Without(Asks)),
    ("POST /api/apps/{app}/tables/{table}/rows", Without(Asks)),
    ("POST /api/apps/{app}/tables/{table}/files", Without(Draft)),
    ("POST /api/apps/{app}/tables/{table}/import", Apps),
    ("POST /api/apps/{app}/tables/{table}/import/preview", Without(Asks)),
    ("POST /api/apps/{app}/transactions", Apps),
    ("POST {app}/Stock", Apps),
    ("PATCH {app}/Stock({row})", Apps),
    ("DELETE {app}/Stock({row})", Apps),
    ("POST {app}/$batch", Apps),
    ("GET /api/apps/{app}/export.xlsx", Own(EXPORT)),
    ("GET /api/apps/{app}/tables/{table}/export.csv", Own(EXPORT)),
    ("GET /api/apps/{app}/versions/{version}/original", Own(EXPORT)),
    ("GET /api/apps/{app}/versions/{version}/workbook", Without(Works)),
    ("GET /api/apps/{app}/tables/{table}/snapshot", Without(Works)),
    ("GET /api/apps/{app}/tables/{table}/rows/{row}/files/{column}", Without(Works)),
    ("GET /api/apps/{app}/qr.svg", Without(Public)),
    ("GET /healthz", Without(Public)),
    ("GET /api/audit.csv", Own(EXPORT)),
    ("GET /api/audit.jsonl", Own(EXPORT)),
    ("GET /api/audit/heads", Without(Public)),
    ("GET /api/logins.csv", Own(EXPORT)),
    ("POST /api/audit/verification", Without(Asks)),
    ("DELETE /api/audit/people/{account}", Own(ERASURE)),
    ("POST /api/handlers", Own(CONFIG)),
    ("PUT /api/handlers/{handler}", Own(CONFIG)),
    ("DELETE /api/handlers/{handler}", Own(CONFIG)),
    ("POST /api/handlers/{handler}/deliveries/{event}", Without(SentAgain)),
    ("PUT /api/checkpoints/gates/{gate}", Own(CONFIG)),
    ("DELETE /api/checkpoints/gates/{gate}", Own(CONFIG)),
    ("PUT /api/checkpoints/settings", Own(CONFIG)),
    ("DELETE /api/checkpoints/challenges/{challenge}", Without(Answers)),
    ("POST /api/checkpoints/challenges/{challenge}/refuse", Without(Answers)),
    ("POST /api/checkpoints/challenges/{challenge}/extend", Without(Answers)),
    ("POST /api/checkpoints/challenges/{challenge}/passkey", Without(Answers)),
    ("POST /api/checkpoints/challenges/{challenge}/company", Without(Answers)),
    ("POST /api/checkpoints/challenges/{challenge}/approve", Without(Answers)),
    ("POST /scim/v2/Users", Without(Directory)),
    ("POST /scim/v2/Users/.search", Without(Directory)),
    ("PUT /scim/v2/Users/{user}", Without(Directory)),
    ("PATCH /scim/v2/Users/{user}", Without(Directory)),
    ("DELETE /scim/v2/Users/{user}", Without(Directory)),
    ("POST /scim/v2/Groups", Without(Directory)),
    ("POST /scim/v2/Groups/.search", Without(Directory)),
    ("PUT /scim/v2/Groups/{group}", Without(Directory)),
    ("PATCH /scim/v2/Groups/{group}", Without(Directory)),
    ("DELETE /scim/v2/Groups/{group}", Without(Directory)),
];

/// Whether an address, or one with places of other names, is of this route.
fn is_of(route: &str, address: &str) -> bool {
    let address = address.split_once('?').map_or(address, |(path, _)| path);
    let (route, address): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), address.split('/').collect());
    route.len() == address.len()
        && route.iter().zip(&address).all(|(own, given)| own == given || own.starts_with('{'))
}

/// The row of an address.
fn row(address: &str) -> (&'static str, At) {
    let found: Vec<_> = ROUTES.iter().filter(|(route, _)| is_of(route, address)).collect();
    // What is named in full goes before what has places.
    let exact = found.iter().min_by_key(|(route, _)| route.matches('{').count());
    **exact.unwrap_or_else(|| panic!("{address} has no row"))
}

#[test]
fn every_route_has_a_gate_or_a_reason() {
    let document = gridkeep_server::router::document();
    let mut there = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // What is no JSON is a file.
            let said = &operation["responses"]["200"]["content"];
            let page = ["application/json", "application/scim+json"].iter().any(|kind| !said[kind].is_null());
            if method != "get" || !page {
                there.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let others = OTHERS.iter().map(|(route, _)| route.split_once(' ').unwrap());
    for (method, path) in others.chain(SERVICES.iter().copied()) {
        if !method.eq_ignore_ascii_case("get") {
            there.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut known = BTreeMap::new();
    for (route, at) in ROUTES {
        assert_eq!(known.insert((*route).to_owned(), *at), None, "{route} has two rows");
    }
    let rows: BTreeSet<String> = known.keys().cloned().collect();
    let missing: Vec<_> = there.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:?}; no longer there: {gone:?}");
    // Whoever is said to be asked is seen to be.
    let mut driven = BTreeSet::new();
    for (name, address, _) in DOORS {
        let (route, at) = row(address);
        assert!(
            [Own(name), Both(name), Rules(name)].contains(&at),
            "{address} comes to {name}, and is in the table as {at:?}"
        );
        driven.insert((route, *name));
    }
    driven.extend(OF_APPS.iter().map(|address| (row(address).0, "")));
    driven.extend(RULED.iter().map(|address| (row(address).0, CONFIG)));
    driven.extend([
        (row("POST /api/creations/1/publish").0, CONFIG),
        (row("POST /api/apps/1/rollback").0, CONFIG),
    ]);
    for (route, at) in ROUTES {
        let due: &[&str] = match at {
            Own(name) => &[*name],
            Apps => &[""],
            Both(name) => &[*name, ""],
            Rules(name) => &[*name, CONFIG],
            Without(_) => &[],
        };
        let seen: BTreeSet<&str> =
            driven.iter().filter(|(own, _)| own == route).map(|(_, name)| *name).collect();
        assert_eq!(seen, due.iter().copied().collect(), "{route}: {at:?}");
    }
}

/// Addresses that come to the gates of apps, driven below.
const OF_APPS: &[&str] = &[
    "POST /api/apps/1/transactions",
    "POST /api/apps/1/tables/1/import",
    "POST {app}/Stock",
    "PATCH {app}/Stock({row})",
    "DELETE {app}/Stock({row})",
    "POST {app}/$batch",
    "POST /api/creations/1/publish",
    "POST /api/apps/1/rollback",
    "DELETE /api/apps/1",
];

/// Gates of a challenge.
fn names(challenge: &Json) -> Vec<&str> {
    challenge["gates"].as_array().unwrap().iter().map(|gate| gate["gate"].as_str().unwrap()).collect()
}

async fn service(browser: &mut Browser, method: Method, app: &str, (path, body): (&str, Json)) -> Json {
    let mut request = browser
        .request(method, &format!("/odata/default/{app}/{path}"))
        .header(header::CONTENT_TYPE, "application/json");
    if !path.starts_with('$') {
        request = request.header(header::IF_MATCH, "*");
    }
    let answer = browser.send(request.body(Body::from(body.to_string())).unwrap()).await;
    let answer = answer.json();
    // In a batch each request has its own answer.
    let error = answer["responses"][0]["body"].get("error").unwrap_or(&answer["error"]);
    assert_eq!(error["code"], "SECURITY_CHECKPOINT_REQUIRED", "{path}: {answer}");
    error["innererror"]["checkpoint"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gates_of_apps_stand_at_every_way_to_their_rows() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        // Before any change, for all rows.
        let mut always = definition();
        always["tables"][0]["gates"] = json!([{"gate": "STOCK_CHANGE"}]);
        let publish = async |shop: &mut Shop, definition: &Json| {
            let token = shop.owner.stock().await;
            let body = json!({"definition": definition, "audience": "private", "replaces": shop.app});
            (format!("/api/creations/{token}/publish"), body)
        };
        let (path, body) = publish(&mut shop, &guarded(10)).await;
        shop.owner.post(&path, body).await.expect(201);
        let (path, body) = publish(&mut shop, &always).await;
        shop.owner.post(&path, body).await.expect(201);
        put(&mut shop.owner, &gate("STOCK_CHANGE", "Sure?", true)).await;
        let (app, transactions) = (shop.app.clone(), shop.path());
        let mut seen = Vec::new();
        let change = shop.rows.change(1, 0, 1, 4);
        seen.push(required(&mut shop.owner, Method::POST, &transactions, &change).await);
        let import = format!("/api/apps/{app}/tables/stock/import");
        let import = shop.owner.upload(&import, "stock.csv", "SKU,Qty\n0010,5\n").await.expect(403).json();
        seen.push(import["checkpoint"].clone());
        let nut = json!({"Sku": "0010", "Item": "Nut", "Qty": 5, "Price": "0.10"});
        let batch = json!({"requests": [{"id": "1", "method": "DELETE", "url": "Stock(Sku='0007')", "headers": {"if-match": "*"}}]});
        for (method, of) in [
            (Method::POST, ("Stock", nut)),
            (Method::PATCH, ("Stock(Sku='0007')", json!({"Qty": 5}))),
            (Method::DELETE, ("Stock(Sku='0007')", Json::Null)),
            (Method::POST, ("$batch", batch)),
        ] {
            seen.push(service(&mut shop.owner, method, &app, of).await);
        }
        for challenge in &seen {
            assert_eq!(names(challenge), ["STOCK_CHANGE"], "{challenge}");
        }
        // As a whole: the gate of gates, and the gate that loses.
        put(&mut shop.owner, &gate(CONFIG, "&EVENT?", true)).await;
        let (path, body) = publish(&mut shop, &definition()).await;
        let less = required(&mut shop.owner, Method::POST, &path, &body).await;
        let back = format!("/api/apps/{app}/rollback");
        let back = required(&mut shop.owner, Method::POST, &back, &json!({"version": 1})).await;
        for challenge in [&less, &back] {
            assert_eq!(names(challenge), [CONFIG, "STOCK_CHANGE"], "{challenge}");
        }
        let end = required(&mut shop.owner, Method::DELETE, &format!("/api/apps/{app}"), &Json::Null).await;
        assert_eq!(names(&end), ["STOCK_CHANGE"]);
        assert_eq!(shop.stock(0).await, (3, 1));
    }
}

/// Whoever may approve for others and change gates is made by whoever comes to the gate of gates; members and guests are not.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_administrators_past_the_gate_of_gates() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        let member = crate::tenants::account(&mut shop.member).await;
        put(&mut shop.owner, &gate(CONFIG, "&EVENT?", true)).await;
        let path = format!("/api/people/{member}");
        let role = |role: &str| json!({"role": role});
        let challenge = required(&mut shop.owner, Method::PATCH, &path, &role("administrator")).await;
        assert_eq!(challenge["gates"][0]["message"], "member@example.com: maker → administrator?");
        approve(&mut shop.owner, &challenge, password()).await.expect(200);
        // For that role, and once.
        repeat(&mut shop.owner, Method::PATCH, &path, &role("owner"), &challenge).await.expect(403);
        repeat(&mut shop.owner, Method::PATCH, &path, &role("administrator"), &challenge).await.expect(200);
        // Taken away it is asked about too; what changes nothing, and what makes nobody more, is not.
        required(&mut shop.owner, Method::PATCH, &path, &role("member")).await;
        let challenge = required(&mut shop.owner, Method::DELETE, &path, &Json::Null).await;
        assert_eq!(challenge["gates"][0]["message"], "member@example.com: administrator → –");
        shop.owner
            .patch(&path, json!({"role": "administrator", "attributes": {"Region": "North"}}))
            .await
            .expect(200);
        let invite =
            |who: u64, role: &str| json!({"email": format!("{}@example.org", id(who)), "role": role});
        shop.owner.post("/api/invitations", invite(1, "member")).await.expect(201);
        let challenge =
            required(&mut shop.owner, Method::POST, "/api/invitations", &invite(2, "owner")).await;
        approve(&mut shop.owner, &challenge, password()).await.expect(200);
        let other = invite(3, "owner");
        repeat(&mut shop.owner, Method::POST, "/api/invitations", &other, &challenge).await.expect(403);
        let own = invite(2, "owner");
        repeat(&mut shop.owner, Method::POST, "/api/invitations", &own, &challenge).await.expect(201);
        // Whoever is invited is more from then on.
        required(&mut shop.owner, Method::POST, "/api/invitations", &invite(1, "administrator")).await;
        let list = async |owner: &mut Browser, list: &'static str| {
            let request = owner.request(Method::POST, "/api/invitations/jobs");
            owner.send(request.body(Body::from(list)).unwrap()).await
        };
        list(&mut shop.owner, "a@example.org;A;member\n").await.expect(201);
        let refused = list(&mut shop.owner, "b@example.org;B;member\nc@example.org;C;administrator\n").await;
        assert_eq!(
            refused.expect(403).json()["checkpoint"]["gates"][0]["message"],
            "c@example.org: administrator?"
        );
    }
}
