//! What administrators set of providers and domains, and what is refused.

use gridkeep_kit::NameServer;
use gridkeep_store::TenantRole;
use serde_json::{Value as Json, json};

use super::{add, settings};
use crate::{
    kit::{Wishes, World, email},
    tenants::tenant,
};

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_set_by_administrators() {
    let world =
        World::with(Wishes { provider_hosts: vec!["*=127.0.0.1:*".to_owned()], ..Wishes::default() }).await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    let mut admin = world.person("Admin").await;
    let mut maker = world.person("Maker").await;
    tenant(&world, "acme", &mut ann).await;
    world.join(&mut ann, "/t/acme", ("Admin", "administrator"), &mut admin).await;
    world.join(&mut ann, "/t/acme", ("Maker", "maker"), &mut maker).await;
    let fine = settings("https://id.example", "us", json!({}));
    maker.get("/t/acme/api/providers").await.expect(403);
    maker.post("/t/acme/api/providers", json!({"name": "X", "settings": fine})).await.expect(403);
    let own = add(&mut ann, "/t/acme", " Acme  login ", &fine, "secret").await;
    let id = own["id"].as_str().unwrap();
    assert_eq!(own["redirect"], format!("http://gridkeep.test/t/acme/api/company/{id}/callback"));
    assert!(!own.to_string().contains("secret\":\"") && own["hasSecret"] == true);
    let path = format!("/t/acme/api/providers/{id}");
    // Whoever changes it last bounds what it gives.
    let change = |settings: &Json| json!({"name": "Acme", "enabled": true, "settings": settings});
    let changed = admin.put(&path, change(&fine)).await.expect(200).json();
    assert_eq!((&changed["most"], &changed["hasSecret"]), (&json!("administrator"), &json!(true)));
    // An owner's edit raises nothing by the way: only if they say so. Nobody says more than they are.
    assert_eq!(ann.put(&path, change(&fine)).await.expect(200).json()["most"], "administrator");
    let says = |most: &str| json!({"name": "Acme", "enabled": true, "settings": fine, "most": most});
    assert_eq!(ann.put(&path, says("owner")).await.expect(200).json()["most"], "owner");
    admin.put(&path, says("owner")).await.expect(403);
    assert_eq!(admin.put(&path, says("member")).await.expect(200).json()["most"], "member");
    assert_eq!(admin.put(&path, change(&fine)).await.expect(200).json()["most"], "member");
    let makers = settings("https://id.example", "us", json!({"newcomers": "maker"}));
    admin.put(&path, change(&makers)).await.expect(400);
    admin.put(&path, says("administrator")).await.expect(200);
    // The secret does not go to another place.
    let elsewhere = settings("https://evil.example", "us", json!({}));
    assert_eq!(admin.put(&path, change(&elsewhere)).await.expect(200).json()["hasSecret"], false);
    // A place where nobody answers is not told apart from one that is not set up rightly.
    let mut stranger = world.browser();
    let nowhere = settings("http://127.0.0.1:1", "us", json!({}));
    admin.put(&path, change(&nowhere)).await.expect(200);
    let answer = stranger.post("/t/acme/api/company/start", json!({"provider": id})).await.expect(502);
    assert_eq!(answer.code(), "companyUnreachable");
    for wrong in [
        settings("http://id.example", "us", json!({})),
        settings("https://id.example?x", "us", json!({})),
        settings("https://user@id.example", "us", json!({})),
        settings("file:///etc/passwd", "us", json!({})),
        settings("https://id.example", "", json!({})),
        settings("https://id.example", "us", json!({"newcomers": "owner"})),
        settings("https://id.example", "us", json!({"everybody": true})),
        json!({"rules": {}}),
        json!({"rules": {}, "oidc": {"issuer": "https://id.example", "client": "us", "algorithms": ["none"]}}),
        json!({"rules": {}, "oidc": {"issuer": "https://id.example", "client": "us", "algorithms": ["HS256"]}}),
        json!({"rules": {}, "oidc": {"issuer": "https://id.example", "client": "us", "algorithms": []}}),
    ] {
        admin.put(&path, change(&wrong)).await.expect(400);
    }
    admin.put(&path, json!({"name": " ", "settings": fine})).await.expect(422);
    for number in 1..20 {
        add(&mut ann, "/t/acme", &format!("P{number}"), &fine, "").await;
    }
    let full = ann.post("/t/acme/api/providers", json!({"name": "X", "settings": fine})).await.expect(422);
    assert_eq!(full.code(), "tooManyProviders");
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.expect(404);
    // An unlocked desk is not enough.
    world.clock.advance(jiff::SignedDuration::from_mins(6));
    let late = ann.post("/t/acme/api/providers", json!({"name": "X", "settings": fine})).await.expect(403);
    assert_eq!(late.code(), "proofRequired");
}

#[tokio::test(flavor = "multi_thread")]
async fn domains_lead_people_to_their_company() {
    let Some(mut names) = NameServer::start() else { return };
    let world = World::with(Wishes { name_server: Some(names.address()), ..Wishes::default() }).await;
    let mut root = world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let own = super::door::provider(&world, "acme", json!({}), TenantRole::Owner).await;
    let named = ann.post("/t/acme/api/domains", json!({"domain": " Corp.Example "})).await.expect(201).json();
    assert_eq!((&named["domain"], &named["verified"]), (&json!("corp.example"), &Json::Null));
    assert!(named["record"].as_str().unwrap().starts_with("gridkeep-domain="));
    ann.post("/t/acme/api/domains", json!({"domain": "corp.example"})).await.expect(409);
    for wrong in ["", "localhost", "a b.example", "x@corp.example", "-"] {
        ann.post("/t/acme/api/domains", json!({"domain": wrong})).await.expect(400);
    }
    let ways = async |place: &str, email: &str| {
        let answer =
            world.browser().post(&format!("{place}/api/company/realm"), json!({"email": email})).await;
        answer.expect(200).json()
    };
    assert_eq!(ways("", "somebody@corp.example").await, json!([]));
    // The record is there, of another, and then the right one.
    let check = "/t/acme/api/domains/corp.example/check";
    assert_eq!(ann.post(check, json!({})).await.expect(422).code(), "domainNotProven");
    names.says("corp.example", "gridkeep-domain=0123");
    ann.post(check, json!({})).await.expect(422);
    names.says("elsewhere.example", named["record"].as_str().unwrap());
    ann.post(check, json!({})).await.expect(422);
    names.says("corp.example", named["record"].as_str().unwrap());
    assert_eq!(ways("", "somebody@corp.example").await, json!([]));
    assert!(ann.post(check, json!({})).await.expect(200).json()["verified"].is_string());
    ann.post("/t/acme/api/domains/other.example/check", json!({})).await.expect(404);
    // From the tenant and from the root; whoever it is, and whether there is an account or not.
    let expect = json!([{"provider": own.id, "kind": "oidc", "name": "Company", "workspace": "The acme", "link": "http://gridkeep.test/t/acme/"}]);
    for place in ["", "/t/acme"] {
        assert_eq!(ways(place, "somebody@corp.example").await, expect);
        assert_eq!(ways(place, "nobody@CORP.example").await, expect);
        assert_eq!(ways(place, &email("Ann")).await, json!([]));
        assert_eq!(ways(place, "no address").await, json!([]));
    }
    assert_eq!(ways("/t/nowhere-at-all", "somebody@corp.example").await, json!([]));
    root.delete("/t/acme/api/domains/corp.example").await.expect(404);
    ann.delete("/t/acme/api/domains/corp.example").await.expect(204);
    assert_eq!(ways("", "somebody@corp.example").await, json!([]));
}
