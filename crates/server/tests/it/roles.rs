//! What somebody is to the tenant decides what they may do there, from the next request on.

use std::fmt::Write;

use gridkeep_store::TenantRole;
use serde_json::json;

use crate::kit::{Browser, World, definition};

/// The account of whoever is signed in.
async fn id_of(browser: &mut Browser) -> gridkeep_model::AccountId {
    let session = browser.get("/api/session").await.expect(200).json();
    session["account"]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_what_is_made_and_seen() {
    let world = World::start().await;
    let mut owner = world.person("Owner").await;
    let mut person = world.person("Person").await;
    let id = id_of(&mut person).await;
    let own = person.publish("private", &[]).await;
    owner.publish("private", &["Person"]).await;
    owner.publish("private", &[]).await;
    let token = person.stock().await;
    let mut table = String::from("                 create publish apps own-app mails\n");
    let roles = TenantRole::ALL.into_iter().map(Some).chain([None]);
    for role in roles {
        match role {
            Some(role) => {
                world.state.logins.change_role(id, role, TenantRole::Owner, None).await.unwrap();
            }
            None => {
                world.state.logins.remove_member(id, TenantRole::Owner, None).await.unwrap();
            }
        }
        let session = person.get("/api/session").await.expect(200).json();
        assert_eq!(session["account"]["role"], json!(role.map(TenantRole::word)));
        let create = person.upload("/api/creations", "stock.csv", crate::kit::STOCK).await.status;
        let request = json!({"definition": definition(), "audience": "private"});
        let publish = person.post(&format!("/api/creations/{token}/publish"), request).await.status;
        let apps = person.get("/api/apps").await;
        let count = apps.json().as_array().map_or(0, Vec::len);
        let app = person.get(&format!("/api/apps/{own}")).await;
        let as_what = app.json()["role"].as_str().unwrap_or("-").to_owned();
        let mails = person.get("/api/mails").await.status;
        let name = role.map_or("none", TenantRole::word);
        writeln!(table, "{name:<16} {create:>7} {publish:>7} {count:>4} {as_what:>7} {mails:>5}").unwrap();
    }
    insta::assert_snapshot!(table);
    // Whoever runs the server owns its first tenant.
    let session = owner.get("/api/session").await.expect(200).json();
    assert_eq!(
        (&session["account"]["role"], &session["account"]["runsServer"]),
        (&json!("owner"), &json!(true))
    );
}
