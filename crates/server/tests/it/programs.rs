//! Programs that act for people: how they are let in, what their tokens open, and what becomes of those who try tricks.

mod attacks;
mod places;
mod proofs;

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_identity::access::Algorithm;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

pub(crate) use self::proofs::Key;
use crate::kit::{Answer, Browser, PASSWORD, Wishes, World, databases, email, id};

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:50123/callback";

/// What a program sends a person with.
pub(crate) fn question(scope: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("response_type", "code".to_owned()),
        ("client_id", "gridkeep".to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("scope", scope.to_owned()),
        ("state", "xyz".to_owned()),
        ("code_challenge", CHALLENGE.to_owned()),
        ("code_challenge_method", "S256".to_owned()),
    ])
}

/// The person says yes or no; where the browser goes then.
pub(crate) async fn answered(person: &mut Browser, question: &BTreeMap<&str, String>, allow: bool) -> Answer {
    let parameters: Vec<_> = question.iter().collect();
    person.post("/api/oauth/answer", json!({"parameters": parameters, "allow": allow})).await
}

/// A code, as the program finds it in the address the browser goes to.
pub(crate) async fn code(person: &mut Browser, question: &BTreeMap<&str, String>) -> String {
    let answer = answered(person, question, true).await.expect(200);
    let location = answer.json()["location"].as_str().unwrap().to_owned();
    let rest = location.strip_prefix(&format!("{}?code=", question["redirect_uri"])).unwrap().to_owned();
    let (code, rest) = rest.split_once('&').unwrap();
    assert_eq!(rest, "state=xyz&iss=http%3A%2F%2Fgridkeep.test");
    code.to_owned()
}

/// A form, as programs send it: no cookies, nothing of our own pages.
pub(crate) async fn form(world: &World, path: &str, form: &[(&str, &str)], proof: Option<&str>) -> Answer {
    let body: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "gridkeep.test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    world.browser().send(request.body(Body::from(body.join("&"))).unwrap()).await
}

/// Redeems a code.
pub(crate) async fn redeem(world: &World, code: &str, proof: Option<&str>) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "gridkeep"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "http%3A%2F%2F127.0.0.1%3A50123%2Fcallback"),
    ];
    form(world, "/oauth/token", &fields, proof).await
}

/// Exchanges a refresh token.
pub(crate) async fn refresh(world: &World, token: &str, proof: Option<&str>) -> Answer {
    let fields = [("grant_type", "refresh_token"), ("client_id", "gridkeep"), ("refresh_token", token)];
    form(world, "/oauth/token", &fields, proof).await
}

/// The tokens of a program that somebody has let in.
pub(crate) async fn tokens(world: &World, person: &mut Browser, scope: &str) -> Json {
    let code = code(person, &question(scope)).await;
    redeem(world, &code, None).await.expect(200).json()
}

/// A request with an access token and nothing else.
pub(crate) async fn with_token(world: &World, method: Method, path: &str, token: &str, body: Json) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "gridkeep.test")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    world.browser().send(request.body(Body::from(body.to_string())).unwrap()).await
}

pub(crate) async fn get(world: &World, path: &str, token: &Json) -> Answer {
    with_token(world, Method::GET, path, token["access_token"].as_str().unwrap(), Json::Null).await
}

pub(crate) fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json[name].as_str().unwrap()
}

fn insert() -> Json {
    json!({"Sku": "0010", "Item": "Nut", "Qty": 5, "Price": 0.5})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_and_changes_what_its_person_let_it() {
    let (databases, _server) = databases();
    for (database, algorithm) in databases.into_iter().zip([Algorithm::Hs256, Algorithm::EdDsa]) {
        let wishes = Wishes { database, token_key: Some(algorithm), ..Wishes::default() };
        let world = World::with(wishes).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let service = format!("/odata/default/{app}");
        let asked: Vec<_> = question("read").into_iter().collect();
        let answer = ada.post("/api/oauth/question", json!({"parameters": asked})).await.expect(200);
        let expect = json!({"name": "Gridkeep", "own": true, "writes": false, "here": true, "place": "http"});
        assert_eq!(answer.json(), expect);

        let reads = tokens(&world, &mut ada, "read").await;
        assert_eq!((text(&reads, "token_type"), text(&reads, "scope")), ("Bearer", "read"));
        assert_eq!(reads["expires_in"], json!(300));
        for path in ["/api/apps".to_owned(), format!("/api/apps/{app}"), format!("{service}/Stock")] {
            get(&world, &path, &reads).await.expect(200);
        }
        let session = get(&world, "/api/session", &reads).await.expect(200);
        assert_eq!(session.json()["account"]["email"], json!(email("Ada")));
        let (path, token) = (format!("/api/apps/{app}/tables/stock/rows"), text(&reads, "access_token"));
        with_token(&world, Method::POST, &path, token, json!({})).await.expect(200);
        let path = format!("{service}/Stock");
        with_token(&world, Method::POST, &path, token, insert()).await.expect(403);
        let path = format!("/api/apps/{app}/transactions");
        let refused = with_token(&world, Method::POST, &path, token, json!({})).await.expect(403);
        assert_eq!(refused.code(), "insufficientScope");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));

        let writes = tokens(&world, &mut ada, "read write").await;
        let token = text(&writes, "access_token");
        with_token(&world, Method::POST, &format!("{service}/Stock"), token, insert()).await.expect(201);
        let change = json!({
            "id": id(1),
            "operations": [{"type": "insert", "table": "stock", "id": id(2),
                "values": {"sku": "0011", "item": "Nut", "qty": 1, "price": "1"}}],
        });
        let path = format!("/api/apps/{app}/transactions");
        with_token(&world, Method::POST, &path, token, change).await.expect(200);
        // Asked for less than was allowed: for a while it has less.
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "gridkeep"),
            ("refresh_token", text(&writes, "refresh_token")),
            ("scope", "read"),
        ];
        let less = form(&world, "/oauth/token", &fields, None).await.expect(200).json();
        assert_eq!(text(&less, "scope"), "read");
        let token = text(&less, "access_token");
        let more = json!({"Sku": "0012", "Qty": 1});
        with_token(&world, Method::POST, &format!("{service}/Stock"), token, more).await.expect(403);
        let more = refresh(&world, text(&less, "refresh_token"), None).await.expect(200).json();
        assert_eq!(text(&more, "scope"), "read write");
        // One's account, keys and whatever rules over people are for people.
        let token = text(&more, "access_token");
        for (method, path) in [
            (Method::GET, "/api/account/sessions".to_owned()),
            (Method::DELETE, "/api/account/sessions".to_owned()),
            (Method::PUT, "/api/account/password".to_owned()),
            (Method::PATCH, "/api/account".to_owned()),
            (Method::GET, "/api/mails".to_owned()),
            (Method::GET, "/api/programs".to_owned()),
            (Method::POST, "/api/oauth/answer".to_owned()),
            (Method::PATCH, format!("/api/apps/{app}")),
            (Method::DELETE, format!("/api/apps/{app}")),
            (Method::GET, format!("/api/apps/{app}/grants")),
            (Method::PUT, format!("/api/apps/{app}/grants")),
            (Method::POST, format!("/api/apps/{app}/rollback")),
            (Method::GET, format!("/api/apps/{app}/keys")),
            (Method::POST, format!("/api/apps/{app}/keys")),
        ] {
            let body = match path.as_str() {
                "/api/account/password" => {
                    json!({"current": PASSWORD, "password": "seven violet umbrellas in march"})
                }
                "/api/oauth/answer" => json!({"parameters": [], "allow": true}),
                _ => json!({"name": "x"}),
            };
            let refused = with_token(&world, method, &path, token, body).await;
            assert_eq!(refused.status, 403, "{path} {}", refused.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_a_program_and_ends_it() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let one = tokens(&world, &mut ada, "read").await;
    let two = tokens(&world, &mut ada, "read write").await;
    let places = ada.get("/api/account/sessions").await.expect(200).json();
    let programs: Vec<_> =
        places.as_array().unwrap().iter().filter(|place| place["writes"] != json!(null)).collect();
    assert_eq!(programs.len(), 2);
    assert!(
        programs
            .iter()
            .all(|place| place["program"] == json!("Gridkeep") && place["methods"] == json!(["pwd"]))
    );
    let log = ada.get("/api/account/logins").await.expect(200).json();
    let arrived = log["events"].as_array().unwrap().iter().filter(|event| event["method"] == "program");
    assert_eq!(arrived.filter(|event| event["result"] == "done").count(), 2, "{log}");
    let reading = programs.iter().find(|place| place["writes"] == json!(false)).unwrap();
    get(&world, "/api/apps", &one).await.expect(200);
    ada.delete(&format!("/api/account/sessions/{}", text(reading, "id"))).await.expect(204);
    // At the next request, long before it is over.
    let refused = get(&world, "/api/apps", &one).await.expect(401);
    assert_eq!(refused.header("www-authenticate"), r#"Bearer error="invalid_token""#);
    refresh(&world, text(&one, "refresh_token"), None).await.expect(400);
    get(&world, "/api/apps", &two).await.expect(200);
    ada.delete("/api/account/sessions").await.expect(204);
    get(&world, "/api/apps", &two).await.expect(401);
    ada.get("/api/apps").await.expect(200);

    // The program itself gives up.
    for kind in ["refresh_token", "access_token"] {
        let own = tokens(&world, &mut ada, "read").await;
        let revoke = async |client: &str| {
            let fields = [("token", text(&own, kind)), ("client_id", client)];
            form(&world, "/oauth/revoke", &fields, None).await.expect(200)
        };
        revoke("other").await;
        get(&world, "/api/apps", &own).await.expect(200);
        revoke("gridkeep").await;
        get(&world, "/api/apps", &own).await.expect(401);
        revoke("gridkeep").await;
    }
    form(&world, "/oauth/revoke", &[("token", "nonsense"), ("client_id", "gridkeep")], None)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_all_programs() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let one = tokens(&world, &mut ada, "read").await;
    let other = "seven violet umbrellas in march";
    let change = json!({"current": PASSWORD, "password": other});
    ada.put("/api/account/password", change).await.expect(204);
    get(&world, "/api/apps", &one).await.expect(401);
    refresh(&world, text(&one, "refresh_token"), None).await.expect(400);
    // A code that was made before a reset is worth nothing after it.
    let (two, code) = (tokens(&world, &mut ada, "read").await, code(&mut ada, &question("read")).await);
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    world
        .browser()
        .post("/api/accounts/password", json!({"token": token, "password": PASSWORD}))
        .await
        .expect(204);
    get(&world, "/api/apps", &two).await.expect(401);
    refresh(&world, text(&two, "refresh_token"), None).await.expect(400);
    redeem(&world, &code, None).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_their_time() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut own = tokens(&world, &mut ada, "read").await;
    world.clock.advance(SignedDuration::from_secs(299));
    get(&world, "/api/apps", &own).await.expect(200);
    world.clock.advance(SignedDuration::from_secs(1));
    get(&world, "/api/apps", &own).await.expect(401);
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for _ in 0..3 {
        world.clock.advance(days(29));
        own = refresh(&world, text(&own, "refresh_token"), None).await.expect(200).json();
        get(&world, "/api/apps", &own).await.expect(200);
    }
    // A quarter of a year is over, however often it came back.
    world.clock.advance(days(3));
    refresh(&world, text(&own, "refresh_token"), None).await.expect(400);
    let mut ben = world.person("Ben").await;
    let own = tokens(&world, &mut ben, "read").await;
    world.clock.advance(days(30));
    refresh(&world, text(&own, "refresh_token"), None).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_find_out_by_themselves_where_to_ask() {
    let wishes = Wishes { token_key: Some(Algorithm::EdDsa), ..Wishes::default() };
    let world = World::with(wishes).await;
    let document = world.browser().get("/.well-known/oauth-authorization-server").await.expect(200);
    insta::assert_json_snapshot!("metadata", document.json());
    let resource = world.browser().get("/.well-known/oauth-protected-resource").await.expect(200);
    assert_eq!(resource.json()["authorization_servers"], json!(["http://gridkeep.test"]));
    let keys = world.browser().get("/.well-known/jwks.json").await.expect(200).json();
    // Others can check our tokens with what is shown there.
    let mut ada = world.person("Ada").await;
    let own = tokens(&world, &mut ada, "read").await;
    let (signed, signature) = text(&own, "access_token").rsplit_once('.').unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let header: Json = serde_json::from_slice(&decode(signed.split_once('.').unwrap().0)).unwrap();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let public = decode(text(key, "x"));
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public);
    public.verify(signed.as_bytes(), &decode(signature)).unwrap();
    let secret = World::start().await;
    let keys = secret.browser().get("/.well-known/jwks.json").await.expect(200).json();
    assert_eq!(keys, json!({"keys": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_register_programs() {
    let world = World::start().await;
    let (mut ada, mut ben) = (world.person("Ada").await, world.person("Ben").await);
    let new =
        json!({"name": "Reports", "redirects": ["https://reports.example/back", "http://127.0.0.1/back"]});
    let made = ada.post("/api/programs", new.clone()).await.expect(201).json();
    let client = text(&made, "id").to_owned();
    for (redirects, status) in [
        (json!([]), 422),
        (json!(["http://reports.example/"]), 422),
        (json!(vec!["https://a.example/"; 11]), 422),
    ] {
        ada.post("/api/programs", json!({"name": "Reports", "redirects": redirects})).await.expect(status);
    }
    ada.post("/api/programs", json!({"name": " ", "redirects": ["https://a.example/"]})).await.expect(422);
    let listed = ada.get("/api/programs").await.expect(200).json();
    assert_eq!(listed, json!([made]));
    // Nobody else learns of it.
    ben.get("/api/programs").await.expect(404);
    ben.post("/api/programs", new).await.expect(404);
    ben.delete(&format!("/api/programs/{client}")).await.expect(404);
    world.browser().get("/api/programs").await.expect(401);

    let mut asked = question("read");
    asked.insert("client_id", client.clone());
    asked.insert("redirect_uri", "https://reports.example/back".to_owned());
    let parameters: Vec<_> = asked.iter().collect();
    let answer = ben.post("/api/oauth/question", json!({"parameters": parameters})).await.expect(200);
    let expect =
        json!({"name": "Reports", "own": false, "writes": false, "here": false, "place": "reports.example"});
    assert_eq!(answer.json(), expect);
    let code = code(&mut ben, &asked).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client.as_str()),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let own = form(&world, "/oauth/token", &fields, None).await.expect(200).json();
    get(&world, "/api/apps", &own).await.expect(200);
    // An unlocked desk is not enough; whoever does not run the server is not even told so.
    world.clock.advance(SignedDuration::from_mins(6));
    let path = format!("/api/programs/{client}");
    let new = json!({"name": "Mine", "redirects": ["https://mine.example/"]});
    assert_eq!(ada.post("/api/programs", new.clone()).await.expect(403).code(), "proofRequired");
    assert_eq!(ada.delete(&path).await.expect(403).code(), "proofRequired");
    ada.get("/api/programs").await.expect(200);
    ben.post("/api/programs", new).await.expect(404);
    ben.delete(&path).await.expect(404);
    ada.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
    ada.delete(&path).await.expect(204);
    ada.delete(&format!("/api/programs/{client}")).await.expect(404);
    get(&world, "/api/apps", &own).await.expect(401);
    let refused = form(&world, "/oauth/token", &fields, None).await.expect(401);
    assert_eq!(refused.json()["error"], json!("invalid_client"));
}

/// A program that was told to have somebody asked anew (RFC 9470) sends them here, and they are.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_to_be_there_now_proves_it() {
    let world = World::start().await;
    let mut ann = world.person("Ann").await;
    world.clock.advance(SignedDuration::from_mins(10));
    for (name, value, waits) in [
        ("max_age", "599", true),
        ("max_age", "700", false),
        ("max_age", "0", true),
        ("acr_values", "gold checkpoint", true),
        ("acr_values", "gold", false),
    ] {
        let mut question = question("read");
        question.insert(name, value.to_owned());
        let answer = answered(&mut ann, &question, true).await;
        if waits {
            assert_eq!(answer.expect(403).code(), "proofRequired", "{name} {value}");
            // Whoever says no need not.
            answered(&mut ann, &question, false).await.expect(200);
        } else {
            answer.expect(200);
        }
    }
    let mut now = question("read");
    now.insert("max_age", "0".to_owned());
    ann.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
    answered(&mut ann, &now, true).await.expect(200);
    world.clock.advance(SignedDuration::from_mins(2));
    answered(&mut ann, &now, true).await.expect(403);
    now.insert("max_age", "soon".to_owned());
    let refused = answered(&mut ann, &now, true).await.expect(200).json();
    assert!(refused["location"].as_str().unwrap().contains("error=invalid_request"));
}
