//! A provider that lies, and people who swap what they brought: each is refused, and told nothing but that.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::Clock as _;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use super::{add, come_back, parameter, set_out, settings};
use crate::{
    kit::{Browser, Wishes, World},
    tenants::tenant,
};

/// A provider that says whatever a test wants.
#[derive(Clone)]
pub(super) struct Liar {
    pub(super) issuer: String,
    key: Arc<Ed25519KeyPair>,
    /// What the next code is redeemed for, and what redeemed it.
    answer: Arc<Mutex<(String, Vec<String>)>>,
    /// How often keys were asked for.
    keys: Arc<Mutex<u32>>,
    /// How often it was asked who it is.
    asked: Arc<Mutex<u32>>,
    /// What it says of itself beside the usual.
    more: Arc<Mutex<Json>>,
}

impl Liar {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let own = Self {
            issuer,
            key: Arc::new(Ed25519KeyPair::generate().unwrap()),
            answer: Arc::default(),
            keys: Arc::default(),
            asked: Arc::default(),
            more: Arc::new(Mutex::new(json!({}))),
        };
        let routes = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async |State(own): State<Self>| {
                    *own.asked.lock().unwrap() += 1;
                    own.metadata().to_string()
                }),
            )
            .route(
                "/jwks",
                get(async |State(own): State<Self>| {
                    *own.keys.lock().unwrap() += 1;
                    json!({"keys": [own.jwk()]}).to_string()
                }),
            )
            .route(
                "/token",
                post(async |State(own): State<Self>, body: String| {
                    let mut answer = own.answer.lock().unwrap();
                    answer.1.push(body);
                    json!({"id_token": answer.0, "token_type": "Bearer"}).to_string()
                }),
            )
            .with_state(own.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        own
    }

    fn metadata(&self) -> Json {
        let mut all = json!({
            "issuer": self.issuer,
            "authorization_endpoint": format!("{}/auth", self.issuer),
            "token_endpoint": format!("{}/token", self.issuer),
            "jwks_uri": format!("{}/jwks", self.issuer),
            "authorization_response_iss_parameter_supported": true,
        });
        all.as_object_mut().unwrap().extend(self.more.lock().unwrap().as_object().unwrap().clone());
        all
    }

    fn jwk(&self) -> Json {
        let x = URL_SAFE_NO_PAD.encode(self.key.public_key().as_ref());
        json!({"kty": "OKP", "kid": "k", "crv": "Ed25519", "x": x})
    }

    pub(super) fn claims(&self, world: &World, nonce: &str) -> Json {
        let now = world.clock.now().as_second();
        json!({"iss": self.issuer, "aud": "us", "sub": "1", "iat": now, "exp": now + 300, "nonce": nonce,
            "email": "ann@corp.example", "auth_time": now})
    }

    pub(super) fn sign(&self, header: &Json, claims: &Json) -> String {
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let signature = match header["alg"].as_str() {
            Some("EdDSA") => self.key.sign(text.as_bytes()).as_ref().to_vec(),
            Some("HS256") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
                hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// How many codes it was asked about.
    pub(super) fn redeemed(&self) -> usize {
        self.answer.lock().unwrap().1.len()
    }

    pub(super) fn says(&self, token: String) {
        self.answer.lock().unwrap().0 = token;
    }
}

const FULL: &str = "../../../sign-in?company=full";
pub(super) const FAILED: &str = "../../../sign-in?company=failed";
const IN: &str = "http://gridkeep.test/t/acme/apps/1";

pub(super) async fn acme() -> (World, Browser) {
    let world =
        World::with(Wishes { provider_hosts: vec!["*=127.0.0.1:*".to_owned()], ..Wishes::default() }).await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    (world, ann)
}

pub(super) async fn set_up(ann: &mut Browser, liar: &Liar) -> String {
    let rules = json!({"newcomers": "member"});
    let own = add(ann, "/t/acme", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    own["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_of_a_provider_are_refused() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let id = set_up(&mut ann, &liar).await;
    let header = json!({"alg": "EdDSA", "kid": "k"});
    let other = Liar { key: Arc::new(Ed25519KeyPair::generate().unwrap()), ..liar.clone() };
    let now = world.clock.now().as_second();
    let with = |mut claims: Json, name: &str, value: Json| {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        claims
    };
    // Each of them: what is said, and what comes of it.
    let lies: Vec<(&str, Json, Json, &Liar, &str)> = vec![
        ("nothing", header.clone(), json!(["", null]), &liar, IN),
        ("another issuer", header.clone(), json!(["iss", "https://id.example"]), &liar, FAILED),
        ("another audience", header.clone(), json!(["aud", "them"]), &liar, FAILED),
        ("several audiences", header.clone(), json!(["aud", ["us", "them"]]), &liar, FAILED),
        ("another party", header.clone(), json!(["azp", "them"]), &liar, FAILED),
        ("expired", header.clone(), json!(["exp", now - 600]), &liar, FAILED),
        ("of the future", header.clone(), json!(["iat", now + 600]), &liar, FAILED),
        ("old", header.clone(), json!(["iat", now - 3_600]), &liar, FAILED),
        ("another nonce", header.clone(), json!(["nonce", "x"]), &liar, FAILED),
        ("no nonce", header.clone(), json!(["nonce", null]), &liar, FAILED),
        ("nobody", header.clone(), json!(["sub", null]), &liar, FAILED),
        ("a foreign key", header.clone(), json!(["", null]), &other, FAILED),
        ("no signature", json!({"alg": "none"}), json!(["", null]), &liar, FAILED),
        ("a public key as secret", json!({"alg": "HS256", "kid": "k"}), json!(["", null]), &liar, FAILED),
        ("a key of its own", json!({"alg": "EdDSA", "jwk": other.jwk()}), json!(["", null]), &other, FAILED),
        (
            "a key elsewhere",
            json!({"alg": "EdDSA", "kid": "k", "jku": liar.issuer}),
            json!(["", null]),
            &liar,
            FAILED,
        ),
        ("no such key", json!({"alg": "EdDSA", "kid": "x"}), json!(["", null]), &liar, FAILED),
    ];
    let mut told = Vec::new();
    for (what, header, change, signer, expect) in lies {
        let mut browser = world.browser();
        let location = set_out(&mut browser, "/t/acme", &id).await;
        let claims = liar.claims(&world, &parameter(&location, "nonce"));
        let claims = with(claims, change[0].as_str().unwrap(), change[1].clone());
        liar.says(signer.sign(&header, &claims));
        let state = parameter(&location, "state");
        let pairs = [("code", "c"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
        let answer = come_back(&mut browser, "/t/acme", &id, &pairs).await;
        assert_eq!((answer.status, answer.header("location")), (303, expect), "{what}");
        let account = browser.get("/t/acme/api/session").await.expect(200).json()["account"].clone();
        assert_eq!(account.is_null(), expect == FAILED, "{what}");
        if expect == FAILED {
            told.push((answer.body.clone(), answer.headers.len()));
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "all are told the same");
    // However many tokens name keys that are not there, keys are asked for again once a minute.
    assert!(*liar.keys.lock().unwrap() <= 2);
    // The code was redeemed with what only this browser's flow knows, and nothing else than we were told.
    let sent = liar.answer.lock().unwrap().1.clone();
    assert!(sent.iter().all(|form| form.contains("code_verifier=")
        && form.contains("redirect_uri=http%3A%2F%2Fgridkeep.test%2Ft%2Facme%2Fapi%2Fcompany%2F")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_back_is_this_browsers_once() {
    let (world, mut ann) = acme().await;
    let (liar, second) = (Liar::start().await, Liar::start().await);
    let (id, other) = (set_up(&mut ann, &liar).await, set_up(&mut ann, &second).await);
    let header = json!({"alg": "EdDSA", "kid": "k"});
    let begin = async |browser: &mut Browser, provider: &str, at: &Liar| {
        let location = set_out(browser, "/t/acme", provider).await;
        at.says(at.sign(&header, &at.claims(&world, &parameter(&location, "nonce"))));
        parameter(&location, "state")
    };
    let place = async |browser: &mut Browser, provider: &str, pairs: &[(&str, &str)]| {
        come_back(browser, "/t/acme", provider, pairs).await.header("location").to_owned()
    };
    let iss = ("iss", liar.issuer.as_str());
    // Twice.
    let mut browser = world.browser();
    let state = begin(&mut browser, &id, &liar).await;
    let good = [("code", "c"), ("state", state.as_str()), iss];
    assert_eq!(place(&mut browser, &id, &good).await, IN);
    assert_eq!(place(&mut browser, &id, &good).await, FAILED);
    // In another browser, with or without a way of its own; with nothing.
    let (mut mine, mut theirs) = (world.browser(), world.browser());
    let state = begin(&mut mine, &id, &liar).await;
    begin(&mut theirs, &id, &liar).await;
    let swapped = [("code", "c"), ("state", state.as_str()), iss];
    assert_eq!(place(&mut theirs, &id, &swapped).await, FAILED);
    assert_eq!(place(&mut world.browser(), &id, &swapped).await, FAILED);
    // By another provider, of this tenant or of none.
    assert_eq!(place(&mut mine, &other, &swapped).await, FAILED);
    assert_eq!(place(&mut mine, &crate::kit::id(9), &swapped).await, FAILED);
    let elsewhere = come_back(&mut mine, "", &id, &swapped).await;
    assert_eq!(elsewhere.header("location"), "../../../sign-in?company=failed");
    // Mixed up: the answer names another provider, or none where ours names itself.
    assert_eq!(
        place(&mut mine, &id, &[("code", "c"), ("state", &state), ("iss", &second.issuer)]).await,
        FAILED
    );
    let state = begin(&mut mine, &id, &liar).await;
    assert_eq!(place(&mut mine, &id, &[("code", "c"), ("state", &state)]).await, FAILED);
    // Changed, cut, none.
    for state in ["", "x", &state[..state.len() - 2], &"A".repeat(5_000)] {
        assert_eq!(place(&mut mine, &id, &[("code", "c"), ("state", state), iss]).await, FAILED);
    }
    // Too late.
    let state = begin(&mut mine, &id, &liar).await;
    world.clock.advance(jiff::SignedDuration::from_mins(10));
    assert_eq!(place(&mut mine, &id, &[("code", "c"), ("state", &state), iss]).await, FAILED);
    // Whoever the same subject is at another provider is somebody else.
    let account = async |provider: &str, at: &Liar| {
        let mut browser = world.browser();
        let state = begin(&mut browser, provider, at).await;
        let pairs = [("code", "c"), ("state", state.as_str()), ("iss", at.issuer.as_str())];
        assert_eq!(place(&mut browser, provider, &pairs).await, IN);
        browser.get("/t/acme/api/session").await.json()["account"]["id"].clone()
    };
    assert_ne!(account(&id, &liar).await, account(&other, &second).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let id = set_up(&mut ann, &liar).await;
    // The host that a request names does not decide where answers go.
    let mut browser = world.browser();
    let body = json!({"provider": id, "back": "//evil.example"}).to_string();
    let mut request = browser
        .request(axum::http::Method::POST, "/t/acme/api/company/start")
        .header("content-type", "application/json")
        .header("x-forwarded-host", "evil.example")
        .body(axum::body::Body::from(body))
        .unwrap();
    request.headers_mut().insert("host", "evil.example".parse().unwrap());
    let answer = browser.send(request).await;
    let location = answer.expect(200).json()["location"].as_str().unwrap().to_owned();
    let redirect = parameter(&location, "redirect_uri");
    assert_eq!(redirect, format!("http://gridkeep.test/t/acme/api/company/{id}/callback"));
    let header = json!({"alg": "EdDSA", "kid": "k"});
    liar.says(liar.sign(&header, &liar.claims(&world, &parameter(&location, "nonce"))));
    let state = parameter(&location, "state");
    let pairs = [("code", "c"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
    let answer = come_back(&mut browser, "/t/acme", &id, &pairs).await;
    assert_eq!(answer.header("location"), "http://gridkeep.test/t/acme/");
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        ("no-store", "no-referrer")
    );
    // One that says it is another is none.
    let impostor = Liar::start().await;
    *impostor.more.lock().unwrap() = json!({"issuer": liar.issuer});
    let id = set_up(&mut ann, &impostor).await;
    world.browser().post("/t/acme/api/company/start", json!({"provider": id})).await.expect(502);
    let inside = Liar::start().await;
    *inside.more.lock().unwrap() = json!({"jwks_uri": "http://169.254.169.254/keys"});
    let id = set_up(&mut ann, &inside).await;
    world.browser().post("/t/acme/api/company/start", json!({"provider": id})).await.expect(502);
}

/// Whoever gives no good answer is left alone for a while, however many set out; whoever tries it in the portal asks at once.
#[tokio::test(flavor = "multi_thread")]
async fn who_gives_no_answer_is_left_alone() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let id = set_up(&mut ann, &liar).await;
    *liar.more.lock().unwrap() = json!({"issuer": "https://id.example"});
    let start =
        async || world.browser().post("/t/acme/api/company/start", json!({"provider": id})).await.status;
    let all = futures::future::join_all((0..8).map(|_| start())).await;
    assert_eq!((all, *liar.asked.lock().unwrap()), (vec![502; 8], 1));
    // Mended, and not asked before half a minute has passed.
    *liar.more.lock().unwrap() = json!({});
    assert_eq!((start().await, *liar.asked.lock().unwrap()), (502, 1));
    world.clock.advance(jiff::SignedDuration::from_secs(30));
    assert_eq!((start().await, start().await, *liar.asked.lock().unwrap()), (200, 200, 2));
    // Broken again, seen by whoever administers it, and mended before their eyes.
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    *liar.more.lock().unwrap() = json!({"issuer": "https://id.example"});
    assert_eq!((start().await, *liar.asked.lock().unwrap()), (502, 3));
    *liar.more.lock().unwrap() = json!({});
    ann.post(&format!("/t/acme/api/providers/{id}/test"), json!({})).await.expect(200);
    assert_eq!((start().await, *liar.asked.lock().unwrap()), (200, 4));
    // A house full of people begins its day; a machine has work to do, and nobody in the house waits for it.
    let mut last = 200;
    for _ in 0..120 {
        last = start().await;
    }
    assert_eq!(last, 403);
    let mut browser = world.browser();
    let asked = browser.post("/t/acme/api/company/start", json!({"provider": id})).await.expect(403);
    assert_eq!(asked.code(), "workRequired");
    browser.work = Some(crate::defence::solved(&asked));
    browser.post("/t/acme/api/company/start", json!({"provider": id})).await.expect(200);
    browser.post("/t/acme/api/company/start", json!({"provider": id})).await.expect(403);
    world.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(start().await, 200);
}

/// Each newcomer is an account: so many an hour, and whoever is known comes in at any time.
#[tokio::test(flavor = "multi_thread")]
async fn newcomers_are_bounded() {
    let hosts = vec!["*=127.0.0.1:*".to_owned()];
    let world =
        World::with(Wishes { provider_hosts: hosts, company_newcomers: Some(2), ..Wishes::default() }).await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    tenant(&world, "other", &mut ann).await;
    let liar = Liar::start().await;
    let id = set_up(&mut ann, &liar).await;
    let rules = json!({"newcomers": "member"});
    let own = add(&mut ann, "/t/other", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    let other = own["id"].as_str().unwrap().to_owned();
    let come = async |place: &str, provider: &str, subject: &str| {
        let mut browser = world.browser();
        let location = set_out(&mut browser, place, provider).await;
        let mut claims = liar.claims(&world, &parameter(&location, "nonce"));
        claims["sub"] = json!(subject);
        liar.says(liar.sign(&json!({"alg": "EdDSA", "kid": "k"}), &claims));
        let state = parameter(&location, "state");
        let pairs = [("code", "c"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
        come_back(&mut browser, place, provider, &pairs).await.header("location").to_owned()
    };
    for (subject, expect) in [("1", IN), ("2", IN), ("3", FULL), ("1", IN), ("2", IN), ("4", FULL)] {
        assert_eq!(come("/t/acme", &id, subject).await, expect, "{subject}");
    }
    assert_eq!(come("/t/other", &other, "3").await, "http://gridkeep.test/t/other/apps/1");
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(come("/t/acme", &id, "3").await, IN);
}
