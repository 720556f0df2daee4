//! What is tried with tokens, codes and addresses, and refused.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_identity::access::Algorithm;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    REDIRECT, VERIFIER, answered, code, form, get, question, redeem, refresh, text, tokens, with_token,
};
use crate::kit::{Wishes, World};

/// A token taken apart, changed, and put together with the signature of before.
fn changed(token: &str, part: usize, change: impl Fn(&mut Json)) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let mut json: Json = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    change(&mut json);
    parts[part] = URL_SAFE_NO_PAD.encode(json.to_string());
    parts.join(".")
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_open_nothing_and_all_look_alike() {
    for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
        let world = World::with(Wishes { token_key: Some(algorithm), ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let own = tokens(&world, &mut ada, "read").await;
        let token = text(&own, "access_token").to_owned();
        let elsewhere = World::with(Wishes { token_key: Some(algorithm), ..Wishes::default() }).await;
        let mut eve = elsewhere.person("Ada").await;
        let foreign = tokens(&elsewhere, &mut eve, "read").await;
        let set = |part: usize, name: &'static str, value: Json| {
            changed(&token, part, move |json| json[name] = value.clone())
        };
        let none = changed(&token, 0, |json| json["alg"] = json!("none"));
        let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
        let forged = [
            String::new(),
            "nonsense".to_owned(),
            "a.b.c".to_owned(),
            "a".repeat(10_000),
            text(&foreign, "access_token").to_owned(),
            text(&own, "refresh_token").to_owned(),
            none,
            unsigned,
            set(0, "alg", json!("HS256")),
            set(0, "alg", json!("EdDSA")),
            set(0, "alg", json!("RS256")),
            set(0, "typ", json!("JWT")),
            set(0, "kid", json!("../../../dev/null")),
            set(0, "kid", json!("h0' OR 1=1")),
            set(0, "jku", json!("https://evil.example/keys")),
            set(0, "jwk", json!({"kty": "oct", "k": "AAAA"})),
            set(0, "crit", json!(["exp"])),
            set(1, "scope", json!("read write")),
            set(1, "sub", json!(crate::kit::id(1))),
            set(1, "exp", json!(i64::MAX)),
            set(1, "aud", json!("other")),
            set(1, "tenant", json!(crate::kit::id(2))),
            format!("{token}A"),
            token[..token.len() - 1].to_owned(),
        ];
        let mut bodies = Vec::new();
        for token in forged.iter().filter(|token| *token != text(&own, "access_token")) {
            for path in ["/api/apps".to_owned(), format!("/odata/default/{app}/Stock")] {
                let answer = with_token(&world, Method::GET, &path, token, Json::Null).await;
                assert_eq!(answer.status, 401, "{token} {path} {}", answer.text());
                assert_eq!(
                    answer.header("www-authenticate"),
                    r#"Bearer error="invalid_token""#,
                    "{token} {path}"
                );
                bodies.push((path, answer.text()));
            }
        }
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), 2, "{bodies:?}");
        // Whoever shows a token acts by it alone, and never by the cookie beside it.
        let mixed = ada.request(Method::GET, "/api/apps").header(header::AUTHORIZATION, "Bearer nonsense");
        ada.send(mixed.body(Body::empty()).unwrap()).await.expect(401);
        let twice = Request::builder()
            .uri("/api/apps")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        world.browser().send(twice.body(Body::empty()).unwrap()).await.expect(401);
        get(&world, "/api/apps", &own).await.expect(200);
        // A guest's page of a public app is not what a wrong token shows.
        let public = ada.publish("public", &[]).await;
        let path = format!("/api/apps/{public}");
        with_token(&world, Method::GET, &path, "nonsense", Json::Null).await.expect(401);
        world.browser().get(&path).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_for_whoever_asked_and_work_once() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let refused = async |change: (&str, &str)| {
        let mut ada = ada.clone();
        let code = code(&mut ada, &question("read")).await;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "gridkeep"),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
            ("redirect_uri", "http%3A%2F%2F127.0.0.1%3A50123%2Fcallback"),
        ];
        fields.retain(|(name, _)| *name != change.0);
        if !change.1.is_empty() {
            fields.push(change);
        }
        let answer = form(&world, "/oauth/token", &fields, None).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{change:?}");
        // Whoever guesses wrong has used it up.
        if answer.json()["error"] == json!("invalid_grant") && change.0 != "code" {
            redeem(&world, &code, None).await.expect(400);
        }
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    };
    let check = async |name: &'static str, value: &'static str, status: u16, error: &str| {
        assert_eq!(refused((name, value)).await, (status, error.to_owned()), "{name}={value}");
    };
    check("code_verifier", "", 400, "invalid_request").await;
    check("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", 400, "invalid_grant").await;
    check("code_verifier", "short", 400, "invalid_grant").await;
    check("client_id", "", 401, "invalid_client").await;
    check("client_id", "other", 401, "invalid_client").await;
    check("redirect_uri", "http%3A%2F%2F127.0.0.1%3A50124%2Fcallback", 400, "invalid_grant").await;
    check("redirect_uri", "https%3A%2F%2Fevil.example", 400, "invalid_grant").await;
    check("code", "", 400, "invalid_grant").await;
    check("code", "nonsense", 400, "invalid_grant").await;
    check("grant_type", "", 400, "invalid_request").await;
    check("grant_type", "password", 400, "unsupported_grant_type").await;
    check("grant_type", "client_credentials", 400, "unsupported_grant_type").await;

    // A minute later.
    let old = code(&mut ada, &question("read")).await;
    world.clock.advance(SignedDuration::from_secs(60));
    redeem(&world, &old, None).await.expect(400);
    // A second time ends what came of the first.
    let twice = code(&mut ada, &question("read")).await;
    let own = redeem(&world, &twice, None).await.expect(200).json();
    get(&world, "/api/apps", &own).await.expect(200);
    world.clock.advance(SignedDuration::from_secs(200));
    redeem(&world, &twice, None).await.expect(400);
    get(&world, "/api/apps", &own).await.expect(401);
    refresh(&world, text(&own, "refresh_token"), None).await.expect(400);
    // Of twenty at once at most one, and then none.
    let code = code(&mut ada, &question("read")).await;
    let racing = (0..20).map(|_| redeem(&world, &code, None));
    let answers = futures::future::join_all(racing).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let own = answers.into_iter().find(|answer| answer.status == 200).unwrap().json();
    get(&world, "/api/apps", &own).await.expect(401);
    // Who has signed out meanwhile has let nobody in.
    let late = super::code(&mut ada, &question("read")).await;
    ada.delete("/api/session").await.expect(204);
    redeem(&world, &late, None).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_a_stolen_one_ends_its_family() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let first = tokens(&world, &mut ada, "read").await;
    let second = refresh(&world, text(&first, "refresh_token"), None).await.expect(200).json();
    let third = refresh(&world, text(&second, "refresh_token"), None).await.expect(200).json();
    get(&world, "/api/apps", &third).await.expect(200);
    // However old it is; and another family is not touched.
    let other = tokens(&world, &mut ada, "read").await;
    let refused = refresh(&world, text(&first, "refresh_token"), None).await.expect(400);
    assert_eq!(refused.json()["error"], json!("invalid_grant"));
    get(&world, "/api/apps", &third).await.expect(401);
    refresh(&world, text(&third, "refresh_token"), None).await.expect(400);
    get(&world, "/api/apps", &other).await.expect(200);
    // Without a key nobody gets a second chance, be it at once.
    let next = refresh(&world, text(&other, "refresh_token"), None).await.expect(200).json();
    refresh(&world, text(&other, "refresh_token"), None).await.expect(400);
    get(&world, "/api/apps", &next).await.expect(401);

    // Twenty at once: one gets through, and what it got is over.
    let own = tokens(&world, &mut ada, "read").await;
    let racing = (0..20).map(|_| refresh(&world, text(&own, "refresh_token"), None));
    let answers = futures::future::join_all(racing).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    get(&world, "/api/apps", &won[0].json()).await.expect(401);

    // Another program, a token that was made up, more than was allowed: refused, and nothing ends.
    let own = tokens(&world, &mut ada, "read").await;
    let token = text(&own, "refresh_token").to_owned();
    let made = ada.post("/api/programs", json!({"name": "X", "redirects": ["https://x.example/"]})).await;
    let other = made.expect(201).json();
    let last = if token.ends_with('0') { "1" } else { "0" };
    let made_up = format!("{}{last}", &token[..token.len() - 1]);
    for (name, value) in [
        ("client_id", text(&other, "id")),
        ("client_id", "unknown"),
        ("refresh_token", made_up.as_str()),
        ("refresh_token", text(&own, "access_token")),
        ("refresh_token", ""),
        ("scope", "read+write"),
        ("scope", "everything"),
    ] {
        let mut fields = vec![
            ("grant_type", "refresh_token"),
            ("client_id", "gridkeep"),
            ("refresh_token", token.as_str()),
        ];
        fields.retain(|(own, _)| *own != name);
        fields.push((name, value));
        let answer = form(&world, "/oauth/token", &fields, None).await;
        assert!([400, 401].contains(&answer.status), "{name}={value} {}", answer.text());
    }
    let twice = [
        ("grant_type", "refresh_token"),
        ("client_id", "gridkeep"),
        ("refresh_token", token.as_str()),
        ("refresh_token", token.as_str()),
    ];
    form(&world, "/oauth/token", &twice, None).await.expect(400);
    get(&world, "/api/apps", &own).await.expect(200);
    refresh(&world, &token, None).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_go_nowhere_but_to_the_program_itself() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    // Nobody is sent anywhere before it is known that the address is the program's.
    for (name, value) in [
        ("client_id", ""),
        ("client_id", "unknown"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1:50123/callback/../evil"),
        ("redirect_uri", "http://127.0.0.1:50123@evil.example/callback"),
        ("redirect_uri", "http://localhost:50123/callback"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        let mut asked = question("read");
        asked.insert(name, value.to_owned());
        let refused = answered(&mut ada, &asked, true).await.expect(400);
        assert_eq!(refused.code(), "unknownProgram", "{name}={value}");
        let parameters: Vec<_> = asked.iter().collect();
        let refused = ada.post("/api/oauth/question", json!({"parameters": parameters})).await.expect(400);
        assert_eq!(refused.code(), "unknownProgram", "{name}={value}");
    }
    // All else the program is told at its own address.
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "everything", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("request", "e30.e30.", "request_not_supported"),
        ("request_uri", "https://evil.example", "request_uri_not_supported"),
        ("resource", "https://evil.example/", "invalid_target"),
        ("resource", "http://gridkeep.test.evil.example/", "invalid_target"),
        ("dpop_jkt", "short", "invalid_request"),
    ] {
        let mut asked = question("read");
        asked.insert(name, value.to_owned());
        let expect = format!("{REDIRECT}?error={error}&state=xyz&iss=http%3A%2F%2Fgridkeep.test");
        let answer = answered(&mut ada, &asked, true).await.expect(200).json();
        assert_eq!(text(&answer, "location"), expect, "{name}={value}");
        let parameters: Vec<_> = asked.iter().collect();
        let answer =
            ada.post("/api/oauth/question", json!({"parameters": parameters})).await.expect(200).json();
        assert_eq!(text(&answer, "location"), expect, "{name}={value}");
    }
    let no = answered(&mut ada, &question("read"), false).await.expect(200).json();
    assert_eq!(
        text(&no, "location"),
        format!("{REDIRECT}?error=access_denied&state=xyz&iss=http%3A%2F%2Fgridkeep.test")
    );
    // A parameter twice, and somebody who is not signed in.
    let mut parameters: Vec<_> = question("read").into_iter().collect();
    parameters.push(("redirect_uri", "https://evil.example/".to_owned()));
    let twice = json!({"parameters": parameters, "allow": true});
    ada.post("/api/oauth/answer", twice).await.expect(400);
    answered(&mut world.browser(), &question("read"), true).await.expect(401);
    // Another site's page cannot say yes in a person's name.
    let body = json!({"parameters": question("read").iter().collect::<Vec<_>>(), "allow": true});
    let mut foreign = ada.request(Method::POST, "/api/oauth/answer");
    foreign.headers_mut().unwrap().remove("x-gridkeep");
    let foreign = foreign.header(header::CONTENT_TYPE, "application/json");
    ada.send(foreign.body(Body::from(body.to_string())).unwrap()).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_refused() {
    let world = World::start().await;
    let send = async |kind: &str, body: Vec<u8>, headers: &[(&str, &str)]| {
        let mut request =
            Request::builder().method(Method::POST).uri("/oauth/token").header(header::CONTENT_TYPE, kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        world.browser().send(request.body(Body::from(body)).unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    send("application/json", b"{}".to_vec(), &[]).await.expect(400);
    send(form, vec![b'a'; 100_000], &[]).await.expect(400);
    send(form, b"\xff\xfe=1".to_vec(), &[]).await.expect(401);
    send(form, "a=1&".repeat(3_000).into_bytes(), &[]).await.expect(400);
    send(form, b"grant_type=refresh_token".to_vec(), &[]).await.expect(401);
    // A secret, where there is none.
    send(form, b"client_id=gridkeep".to_vec(), &[("authorization", "Basic Z3JpZGtlZXA6eA==")])
        .await
        .expect(401);
    for path in ["/oauth/token", "/oauth/revoke"] {
        world.browser().get(path).await.expect(405);
    }
    // No address that only ends alike is open to other sites' pages.
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    for path in [format!("/odata/default/{app}/oauth/token"), "/api/oauth/token".to_owned()] {
        let mut foreign = ada.request(Method::POST, &path);
        foreign.headers_mut().unwrap().remove("x-gridkeep");
        ada.send(foreign.body(Body::empty()).unwrap()).await.expect(403);
    }
}
