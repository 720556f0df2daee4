//! The gate of gates when nobody can meet it any more: refused where an administrator would bring it about, shown and told where nobody
//! may be kept from it.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{config::promote, flow::approve, gate, put, repeat, required};
use crate::{
    kit::{Browser, PASSWORD, Wishes, World, databases},
    tenants::account,
};

const PIN: &str = "482915";
const SUBJECT: &str = "Nobody can change security checkpoints · Niemand kann Sicherheitsprüfungen ändern";

async fn set_pin(browser: &mut Browser) {
    browser.put("/api/account/pin", json!({"pin": PIN, "proof": {"password": PASSWORD}})).await.expect(204);
}

/// Who can meet a gate, as its page shows it.
async fn shown(browser: &mut Browser, id: &str) -> Json {
    let all = browser.get("/api/checkpoints/gates").await.expect(200).json();
    let own = all["gates"].as_array().unwrap().iter().find(|own| own["gate"]["id"] == id).unwrap();
    own["provers"].clone()
}

/// How many mails say so to somebody, once it has been looked at.
async fn told(world: &World, name: &str) -> usize {
    world.house.watch_gates().await;
    world.mails(name).await.iter().filter(|(subject, _)| subject == SUBJECT).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_is_kept_from_is_shown_and_told_once() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        let mut second = world.person("Second").await;
        promote(&mut owner, &mut second, "administrator").await;
        set_pin(&mut owner).await;
        let mut config = gate("CHECKPOINT_CONFIG", "&EVENT?", true);
        config["methods"] = json!(["pin"]);
        put(&mut owner, &gate("STOCK_CHANGE", "&EVENT?", true)).await;
        put(&mut owner, &gate("ERASURE", "&EVENT?", true)).await;
        put(&mut owner, &config).await;
        // Who can meet it, as with Gridkeep's other gates; of those that apps name nothing is said.
        let one = json!({"able": ["owner@example.com"], "count": 1, "administrators": 2, "lacks": null});
        assert_eq!(shown(&mut second, "CHECKPOINT_CONFIG").await, one);
        assert_eq!(shown(&mut second, "ERASURE").await["count"], 2);
        assert_eq!(shown(&mut second, "STOCK_CHANGE").await, Json::Null);
        assert_eq!((told(&world, "Owner").await, told(&world, "Second").await), (0, 0));
        // By hand nobody takes away the only one who can, also before anybody is asked to approve it.
        set_pin(&mut second).await;
        owner.delete("/api/account/pin").await.expect(204);
        assert_eq!(told(&world, "Owner").await, 0);
        let path = format!("/api/people/{}", account(&mut second).await);
        for answer in [owner.patch(&path, json!({"role": "member"})).await, owner.delete(&path).await] {
            let answer = answer.expect(422);
            assert_eq!(answer.code(), "checkpointUnmeetable");
            assert_eq!(answer.json()["title"], "Nobody could change checkpoints any more");
        }
        // A PIN of one's own goes, and whoever typed it wrong five times has none: that is seen, and told once to all who rule.
        second.delete("/api/account/pin").await.expect(204);
        let none = json!({"able": [], "count": 0, "administrators": 2, "lacks": "way"});
        assert_eq!(shown(&mut owner, "CHECKPOINT_CONFIG").await, none);
        for _ in 0..2 {
            assert_eq!((told(&world, "Owner").await, told(&world, "Second").await), (1, 1));
        }
        let mails = world.mails("Second").await;
        let (_, text) = mails.iter().find(|(subject, _)| subject == SUBJECT).unwrap();
        assert!(text.contains("http://gridkeep.test/checkpoints"), "{text}");
        assert!(text.contains("gridkeep checkpoints off --tenant default"), "{text}");
        let rows = owner.get("/api/audit?kind=checkpoint.unmeetable").await.expect(200).json();
        assert_eq!(rows["rows"].as_array().unwrap().len(), 1);
        assert_eq!(rows["rows"][0]["facts"]["lacks"], "way");
        // Somebody can again; lost once more it is told once more.
        set_pin(&mut second).await;
        assert_eq!(told(&world, "Owner").await, 1);
        assert_eq!(shown(&mut owner, "CHECKPOINT_CONFIG").await["lacks"], Json::Null);
        second.delete("/api/account/pin").await.expect(204);
        assert_eq!((told(&world, "Owner").await, told(&world, "Second").await), (2, 2));
        // Whoever is no administrator reads nothing of it.
        world.person("Fourth").await.get("/api/checkpoints/gates").await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_remove_each_other_at_once_leave_one_who_can_meet_it() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        for round in 0..4 {
            let mut pair = Vec::new();
            for which in ["Ann", "Ben"] {
                let mut one = world.person(&format!("{which}{round}")).await;
                promote(&mut owner, &mut one, "administrator").await;
                set_pin(&mut one).await;
                let id = account(&mut one).await;
                pair.push((one, format!("/api/people/{id}")));
            }
            let [(ann, of_ann), (ben, of_ben)] = pair.as_mut_slice() else { unreachable!() };
            // The owner has no PIN: each of the two is asked for theirs, and has confirmed.
            let mut config = gate("CHECKPOINT_CONFIG", "&EVENT?", true);
            config["methods"] = json!(["pin"]);
            put(ann, &config).await;
            let pin = || json!({"pin": PIN});
            let of_two = required(ann, Method::DELETE, of_ben, &Json::Null).await;
            approve(ann, &of_two, pin()).await.expect(200);
            let of_one = required(ben, Method::DELETE, of_ann, &Json::Null).await;
            approve(ben, &of_one, pin()).await.expect(200);
            let (one, two) = tokio::join!(
                repeat(ann, Method::DELETE, of_ben, &Json::Null, &of_two),
                repeat(ben, Method::DELETE, of_ann, &Json::Null, &of_one),
            );
            let done = [one.status, two.status].iter().filter(|status| **status == 204).count();
            assert_eq!((done, shown(&mut owner, "CHECKPOINT_CONFIG").await["count"].clone()), (1, json!(1)));
            // Whoever is left lets the next two come.
            let left = if one.status == 204 { ann } else { ben };
            let off = gate("CHECKPOINT_CONFIG", "&EVENT?", false);
            let path = "/api/checkpoints/gates/CHECKPOINT_CONFIG";
            let challenge = required(left, Method::PUT, path, &off).await;
            approve(left, &challenge, pin()).await.expect(200);
            repeat(left, Method::PUT, path, &off, &challenge).await.expect(204);
            let id = account(left).await;
            owner.delete(&format!("/api/people/{id}")).await.expect(204);
        }
    }
}
