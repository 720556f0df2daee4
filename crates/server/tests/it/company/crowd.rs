//! Many at a company's door: strangers with codes that are none shut nobody out.

use serde_json::json;

use super::{
    come_back,
    hostile::{FAILED, Liar, set_up},
    parameter,
};
use crate::{
    defence::solved,
    kit::{Browser, Wishes, World},
    tenants::tenant,
};

const IN: &str = "http://gridkeep.test/t/acme/apps/1";
const START: &str = "/t/acme/api/company/start";

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_none_cost_puzzles() {
    let hosts = vec!["*=127.0.0.1:*".to_owned()];
    let world = World::with(Wishes { provider_hosts: hosts, proxied: true, ..Wishes::default() }).await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let liar = Liar::start().await;
    let id = set_up(&mut ann, &liar).await;
    let departure = || json!({"provider": id, "back": "/apps/1"});
    let from = |network: u32| {
        let mut browser = world.browser();
        browser.network = Some(format!("198.51.100.{network}"));
        browser
    };
    let begin = async |browser: &mut Browser| {
        let answer = browser.post(START, departure()).await.expect(200);
        answer.json()["location"].as_str().unwrap().to_owned()
    };
    let back = async |browser: &mut Browser, location: &str, is_good: bool| {
        let claims = liar.claims(&world, &parameter(location, "nonce"));
        let good = liar.sign(&json!({"alg": "EdDSA", "kid": "k"}), &claims);
        liar.says(if is_good { good } else { "made.up.one".to_owned() });
        let state = parameter(location, "state");
        let pairs = [("code", "c"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
        come_back(browser, "/t/acme", &id, &pairs).await.header("location").to_owned()
    };
    // On their way before it began.
    let (mut ben, mut eve) = (from(1), from(1));
    let (bens, eves) = (begin(&mut ben).await, begin(&mut eve).await);
    for _ in 0..20 {
        let mut stranger = from(1);
        let location = begin(&mut stranger).await;
        assert_eq!(back(&mut stranger, &location, false).await, FAILED);
    }
    assert_eq!(liar.redeemed(), 20);
    // From there nobody is asked about any more, and setting out costs a puzzle; with that they are heard.
    assert_eq!(back(&mut eve, &eves, false).await, FAILED);
    assert_eq!(back(&mut ben, &bens, true).await, FAILED);
    assert_eq!(liar.redeemed(), 20);
    let asked = ben.post(START, departure()).await.expect(403);
    assert_eq!(asked.code(), "workRequired");
    ben.work = Some(solved(&asked));
    let location = begin(&mut ben).await;
    ben.work = None;
    assert_eq!(back(&mut ben, &location, true).await, IN);
    // A browser that came through before has nothing to solve beside them, and is heard.
    ben.delete("/t/acme/api/session").await.expect(204);
    let location = begin(&mut ben).await;
    assert_eq!(back(&mut ben, &location, true).await, IN);
    // By itself: after twenty codes that are none it is a browser like any other.
    for _ in 0..20 {
        let location = begin(&mut ben).await;
        assert_eq!(back(&mut ben, &location, false).await, FAILED);
    }
    assert_eq!(ben.post(START, departure()).await.expect(403).code(), "workRequired");
    assert_eq!(liar.redeemed(), 42);
    // What it did costs nobody else anything, and no account knows the browser by it.
    let logins = ann.get("/api/account/logins").await.expect(200).json();
    assert!(!logins.to_string().contains("newBrowser"), "{logins}");
    // Elsewhere nobody notices.
    let mut cem = from(2);
    let location = begin(&mut cem).await;
    assert_eq!(back(&mut cem, &location, true).await, IN);
    // An IPv6 site is one: codes from many of its networks cost puzzles in the next, and in no other site.
    let of = |site: u32, network: u32| {
        let mut browser = world.browser();
        browser.network = Some(format!("2001:db8:{site:x}:{network:x}::1"));
        browser
    };
    for network in 0..100 {
        let mut stranger = of(7, network);
        let location = begin(&mut stranger).await;
        assert_eq!(back(&mut stranger, &location, false).await, FAILED);
    }
    assert_eq!(of(7, 1_000).post(START, departure()).await.expect(403).code(), "workRequired");
    begin(&mut of(8, 0)).await;
    // After a while all is as before.
    world.clock.advance(jiff::SignedDuration::from_hours(3));
    begin(&mut from(1)).await;
}
