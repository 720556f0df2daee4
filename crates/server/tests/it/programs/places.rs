//! Programs at a tenant's own place: who issues tokens there, proofs of possession below `/t/`, and pages of other origins.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    VERIFIER, form,
    proofs::{Key, ask},
    question, text, tokens,
};
use crate::{
    kit::{Browser, Wishes, World},
    tenants::{bare, publish, tenant},
};

const SERVER: &str = "/.well-known/oauth-authorization-server";
const RESOURCE: &str = "/.well-known/oauth-protected-resource";

async fn code(person: &mut Browser, place: &str) -> (String, String) {
    let parameters: Vec<_> = question("read write").into_iter().collect();
    let answer = json!({"parameters": parameters, "allow": true});
    let answer = person.post(&format!("{place}/api/oauth/answer"), answer).await.expect(200).json();
    let location = answer["location"].as_str().unwrap();
    let (code, rest) = location.split_once("?code=").unwrap().1.split_once('&').unwrap();
    (code.to_owned(), rest.split_once("iss=").unwrap().1.replace("%3A", ":").replace("%2F", "/"))
}

async fn redeem(world: &World, path: &str, code: &str, proof: Option<&str>) -> crate::kit::Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "gridkeep"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "http%3A%2F%2F127.0.0.1%3A50123%2Fcallback"),
    ];
    form(world, path, &fields, proof).await
}

fn claims(token: &str) -> Json {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_issues_its_own_tokens_and_says_so_everywhere() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    let id = tenant(&world, "acme", &mut ann).await;
    let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
    for (place, issuer) in [
        ("/t/acme".to_owned(), "http://gridkeep.test/t/acme".to_owned()),
        (format!("/t/{id}"), format!("http://gridkeep.test/t/{id}")),
    ] {
        // RFC 8414 section 3.1 puts what names the tenant behind; below the place it is found too.
        for at in [format!("{SERVER}{place}"), format!("{place}{SERVER}")] {
            let said = world.browser().get(&at).await.expect(200).json();
            assert_eq!(said["issuer"], json!(issuer), "{at}");
            for (name, path) in [
                ("authorization_endpoint", "/oauth/authorize"),
                ("token_endpoint", "/oauth/token"),
                ("revocation_endpoint", "/oauth/revoke"),
                ("jwks_uri", "/.well-known/jwks.json"),
            ] {
                assert_eq!(said[name], json!(format!("{issuer}{path}")), "{at}");
            }
            let jwks =
                said["jwks_uri"].as_str().unwrap().strip_prefix("http://gridkeep.test").unwrap().to_owned();
            world.browser().get(&jwks).await.expect(200);
        }
        for at in [format!("{RESOURCE}{place}"), format!("{place}{RESOURCE}")] {
            let said = world.browser().get(&at).await.expect(200).json();
            assert_eq!(
                (&said["resource"], &said["authorization_servers"]),
                (&json!(issuer), &json!([issuer])),
                "{at}"
            );
        }
        let (code, iss) = code(&mut ann, &place).await;
        assert_eq!(iss, issuer);
        let own = redeem(&world, &format!("{place}/oauth/token"), &code, None).await.expect(200).json();
        let token = text(&own, "access_token");
        assert_eq!(claims(token)["iss"], json!(issuer));
        for (path, status) in [
            ("/t/acme/api/apps".to_owned(), 200),
            (format!("/odata/acme/{app}/Stock"), 200),
            ("/api/apps".to_owned(), 401),
        ] {
            ask(&world, &path, "Bearer", token, &[]).await.expect(status);
        }
    }
    // The first tenant's are the host's own.
    let at_root = world.browser().get(SERVER).await.expect(200).json();
    assert_eq!(at_root["issuer"], json!("http://gridkeep.test"));
    // Whether there is such a tenant nobody is told.
    let said = async |name: &str| {
        let mut all = Vec::new();
        for at in [format!("{SERVER}/t/{name}"), format!("/t/{name}{SERVER}"), format!("/t/{name}{RESOURCE}")]
        {
            let (status, headers, text) = bare(&world.browser().get(&at).await);
            let headers: Vec<_> = headers.into_iter().filter(|(own, _)| own != "content-length").collect();
            all.push((status, headers, text.replace(name, "NAME")));
        }
        all
    };
    for name in ["nowhere-at-all", "No_Such!"] {
        assert_eq!(said("acme").await, said(name).await, "{name}");
    }
    // A request that is wrong is told with the same issuer, wherever.
    let wrong = async |name: &str| {
        let parameters: Vec<_> = question("admin").into_iter().collect();
        let path = format!("/t/{name}/api/oauth/question");
        let answer = world.browser().post(&path, json!({"parameters": parameters})).await;
        (answer.status, answer.text().replace(name, "NAME"))
    };
    assert_eq!(wrong("acme").await, wrong("nowhere-at-all").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_below_a_tenant_s_place_name_it() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    tenant(&world, "other", &mut ann).await;
    let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
    let key = Key::new(1);
    let tokens = "/t/acme/oauth/token";
    // A proof for another address redeems nothing, and uses the code up no more than it must.
    for wrong in ["/oauth/token", "/t/other/oauth/token"] {
        let (code, _) = code(&mut ann, "/t/acme").await;
        let proof = key.proof(&world, "POST", wrong, None);
        redeem(&world, tokens, &code, Some(&proof)).await.expect(400);
        let proof = key.proof(&world, "POST", tokens, None);
        redeem(&world, tokens, &code, Some(&proof)).await.expect(200);
    }
    let (code, _) = code(&mut ann, "/t/acme").await;
    // Elsewhere a code is nobody's.
    let proof = key.proof(&world, "POST", tokens, None);
    let own = redeem(&world, tokens, &code, Some(&proof)).await.expect(200).json();
    assert_eq!(text(&own, "token_type"), "DPoP");
    let token = text(&own, "access_token");
    for (path, status) in [
        ("/t/acme/api/apps".to_owned(), 200),
        (format!("/t/acme/api/apps/{app}/client"), 200),
        (format!("/odata/acme/{app}/Stock"), 200),
        ("/t/other/api/apps".to_owned(), 401),
        ("/api/apps".to_owned(), 401),
    ] {
        let proof = key.proof(&world, "GET", &path, Some(token));
        ask(&world, &path, "DPoP", token, &[&proof]).await.expect(status);
        // What the rooms see of the path is not what was signed.
        if let Some(inner) = path.strip_prefix("/t/acme") {
            let proof = key.proof(&world, "GET", inner, Some(token));
            ask(&world, &path, "DPoP", token, &[&proof]).await.expect(401);
        }
    }
    let refresh = async |path: &str, proof: Option<&str>| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "gridkeep"),
            ("refresh_token", text(&own, "refresh_token")),
        ];
        form(&world, path, &fields, proof).await
    };
    refresh(tokens, None).await.expect(400);
    for elsewhere in ["/oauth/token", "/t/other/oauth/token"] {
        let proof = key.proof(&world, "POST", elsewhere, None);
        refresh(elsewhere, Some(&proof)).await.expect(400);
    }
    let proof = key.proof(&world, "POST", tokens, None);
    refresh(tokens, Some(&proof)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_live_as_long_as_the_operator_says() {
    for minutes in [5, 10] {
        let world = World::with(Wishes { token_minutes: minutes, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let own = tokens(&world, &mut ada, "read").await;
        assert_eq!(own["expires_in"], json!(minutes * 60));
        let token = text(&own, "access_token");
        world.clock.advance(SignedDuration::from_secs(minutes * 60 - 1));
        ask(&world, "/api/apps", "Bearer", token, &[]).await.expect(200);
        world.clock.advance(SignedDuration::from_secs(1));
        ask(&world, "/api/apps", "Bearer", token, &[]).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_named_origins_redeem_codes_and_no_others() {
    const MINE: &str = "https://reports.example.com";
    let world = World::with(Wishes { origins: vec![MINE.to_owned()], ..Wishes::default() }).await;
    let send = async |method: Method, path: &str, origin: &str, asks: bool| {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "gridkeep.test")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if asks {
            request = request
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "dpop");
        }
        world.browser().send(request.body(Body::from("grant_type=none")).unwrap()).await
    };
    for place in ["", "/t/nothing"] {
        for (path, method, status) in [
            ("/oauth/token", Method::POST, 401),
            ("/oauth/revoke", Method::POST, 401),
            (SERVER, Method::GET, 200),
            (RESOURCE, Method::GET, 200),
            ("/.well-known/jwks.json", Method::GET, 200),
        ] {
            let path = format!("{place}{path}");
            let answer = send(method.clone(), &path, MINE, false).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
            assert_eq!(answer.header("access-control-allow-origin"), MINE, "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
            let other = send(method, &path, "https://evil.example", false).await;
            assert_eq!(other.header("access-control-allow-origin"), "", "{path}");
            let preflight = send(Method::OPTIONS, &path, MINE, true).await;
            assert_eq!(preflight.status, 200, "{path}");
            assert!(preflight.header("access-control-allow-headers").contains("dpop"), "{path}");
        }
        // What knows cookies is as closed as ever.
        for path in ["/api/oauth/question", "/api/session"] {
            let answer = send(Method::POST, &format!("{place}{path}"), MINE, false).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{path}");
        }
    }
    let closed = World::start().await;
    let mut request = closed.browser().request(Method::GET, SERVER);
    request = request.header(header::ORIGIN, MINE);
    let answer = closed.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
