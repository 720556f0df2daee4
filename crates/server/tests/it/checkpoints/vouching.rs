//! Whoever sets what a company's sign-in makes of people decides who rules: that is for the gate of gates, whatever else asks.

use axum::http::Method;
use gridkeep_kit::SamlProvider;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{
    config::promote,
    flow::{approve, password},
    gate, put, repeat, required,
};
use crate::{
    company::settings,
    kit::{Browser, Wishes, World, databases},
};

/// Addresses that come to the gate of gates where they decide who rules; driven below.
pub(super) const RULED: &[&str] = &[
    "POST /api/providers",
    "PUT /api/providers/1",
    "PATCH /api/company/1/saml",
    "POST /api/directory/tokens",
    "PUT /api/directory/tokens/1/maker",
];

const ISSUER: &str = "https://id.example";

fn provider(enabled: bool, rules: Json) -> Json {
    json!({"name": "Company", "enabled": enabled, "settings": settings(ISSUER, "us", rules)})
}

/// Refused until the gate of gates is met, which says this; then done.
async fn ruled(by: &mut Browser, method: &Method, path: &str, body: &Json, words: &str) -> Json {
    let challenge = required(by, method.clone(), path, body).await;
    let asked: Vec<_> =
        challenge["gates"].as_array().unwrap().iter().map(|gate| (&gate["gate"], &gate["message"])).collect();
    assert_eq!(asked, [(&json!("CHECKPOINT_CONFIG"), &json!(words))], "{path} {body}");
    approve(by, &challenge, password()).await.expect(200);
    let answer = repeat(by, method.clone(), path, body, &challenge).await;
    assert!([200, 201, 204].contains(&answer.status), "{}", answer.text());
    if answer.status == 204 { Json::Null } else { answer.json() }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_provider_makes_administrators_is_for_the_gate_of_gates() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        let mut second = world.person("Second").await;
        promote(&mut owner, &mut second, "administrator").await;
        put(&mut owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
        let all = || json!({"newcomers": "administrator"});
        let member = || json!({"newcomers": "member"});
        let heads =
            || json!({"newcomers": "member", "groups": [{"outside": "heads", "role": "administrator"}]});
        // One that is new knows nobody: it is asked about where it makes administrators, and not while it is closed.
        let (post, place) = (&Method::POST, "/api/providers");
        owner.post(place, provider(true, member())).await.expect(201);
        let words = "Company (https://id.example): newcomers → administrator";
        ruled(&mut owner, post, place, &provider(true, all()), words).await;
        let less = json!({"name": "Less", "enabled": true, "most": "maker", "settings": settings(ISSUER, "us", member())});
        owner.post(place, less).await.expect(201);
        let made = owner.post(place, provider(false, heads())).await.expect(201).json();
        let id = made["id"].as_str().unwrap();
        let (put, path) = (&Method::PUT, format!("/api/providers/{id}"));
        let words = "Company (https://id.example): heads → administrator";
        let open = provider(true, heads());
        ruled(&mut owner, put, &path, &open, words).await;
        // What decides nothing of it is not asked about, and nor is what takes it away.
        let mut renamed = open.clone();
        renamed["name"] = json!("Us");
        renamed["secret"] = json!("secret");
        renamed["settings"]["rules"]["attributes"] = json!({"Region": "region"});
        renamed["settings"]["rules"]["groups"]
            .as_array_mut()
            .unwrap()
            .push(json!({"outside": "staff", "role": "maker"}));
        owner.put(&path, renamed).await.expect(200);
        owner.put(&path, provider(true, member())).await.expect(200);
        ruled(&mut owner, put, &path, &open, words).await;
        // Another vouches, or names people otherwise: also where it makes nobody an administrator, but lets them in.
        let mut other = provider(true, member());
        other["settings"]["oidc"]["issuer"] = json!("https://other.example");
        ruled(&mut owner, put, &path, &other, "Company (https://other.example): ≤ owner").await;
        other["settings"]["rules"]["claims"] = json!({"email": "upn"});
        ruled(&mut owner, put, &path, &other, "Company (https://other.example): ≤ owner").await;
        other["enabled"] = json!(false);
        owner.put(&path, other.clone()).await.expect(200);
        other["enabled"] = json!(true);
        ruled(&mut owner, put, &path, &other, "Company (https://other.example): ≤ owner").await;
        other["most"] = json!("maker");
        owner.put(&path, other.clone()).await.expect(200);
        other["settings"]["oidc"]["issuer"] = json!(ISSUER);
        owner.put(&path, other.clone()).await.expect(200);
        // A directory makes of people what the rules say, up to whoever answers for its token.
        let (tokens, wish) = ("/api/directory/tokens", json!({"provider": id, "name": "Directory"}));
        owner.post(tokens, wish.clone()).await.expect(201);
        let closed = |rules: Json| {
            let mut closed = provider(false, rules);
            closed["most"] = json!("administrator");
            closed
        };
        owner.put(&path, closed(member())).await.expect(200);
        let token = second.post(tokens, wish.clone()).await.expect(201).json();
        owner.put(&path, closed(heads())).await.expect(200);
        let words = "Directory (Company): heads → administrator";
        ruled(&mut owner, post, tokens, &wish, words).await;
        let maker = format!("{tokens}/{}/maker", token["id"].as_str().unwrap());
        ruled(&mut owner, put, &maker, &Json::Null, words).await;
        // It is worth that already.
        second.put(&maker, Json::Null).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_vouches_by_saml_is_for_the_gate_of_gates() {
    let Some(server) = SamlProvider::start(None) else { return };
    let world = World::with(Wishes::default()).await;
    let now = world.state.time.now();
    world.clock.advance(Timestamp::now().duration_since(now));
    let mut owner = world.person("Owner").await;
    put(&mut owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
    // It is closed, and makes nobody anything.
    let new = json!({"name": "Saml", "metadata": server.metadata()});
    let made = owner.post("/api/company/saml", new).await.expect(201).json();
    let (id, issuer) = (made["id"].as_str().unwrap(), made["issuer"].as_str().unwrap());
    let (path, saml) = (format!("/api/providers/{id}"), format!("/api/company/{id}/saml"));
    owner.patch(&saml, json!({"subject": "uid"})).await.expect(200);
    let open =
        json!({"name": "Saml", "enabled": true, "settings": {"rules": {"newcomers": "administrator"}}});
    let words = format!("Saml ({issuer}): newcomers → administrator");
    ruled(&mut owner, &Method::PUT, &path, &open, &words).await;
    owner.patch(&saml, json!({"signs": true})).await.expect(200);
    ruled(&mut owner, &Method::PATCH, &saml, &json!({"subject": "mail"}), &words).await;
    ruled(&mut owner, &Method::PATCH, &saml, &json!({"addressesLast": true}), &words).await;
    let other = server.metadata().replace(issuer, "https://other.example/metadata");
    let words = "Saml (https://other.example/metadata): newcomers → administrator";
    ruled(&mut owner, &Method::PATCH, &saml, &json!({"metadata": other}), words).await;
}
