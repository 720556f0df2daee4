//! Lists of people: looked through, then sent.

use jiff::SignedDuration;
use serde_json::json;

use super::acme;
use crate::{
    kit::{Browser, Wishes, World, databases, email},
    tenants::tenant,
};

/// A list of so many people.
fn lines(count: usize, between: &str) -> String {
    let all: Vec<String> =
        (0..count).map(|number| format!("p{number:05}@example.com{between}P {number}")).collect();
    all.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_looked_through_then_sent_stopped_and_gone_on_with() {
    const CHECK: &str = "/t/acme/api/invitations/check";
    const JOBS: &str = "/t/acme/api/invitations/jobs";
    let (all, _postgres) = databases();
    for database in all {
        let wishes = Wishes { database, newcomers: None, invitations: Some(100), ..Wishes::default() };
        let world = World::with(wishes).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let list = "E-Mail;Name;Rolle;Gruppen\nben@example.com;Ben;Gast;\nnobody;;;\nann@example.com;;;\n";
        let shown = ann.upload(CHECK, "people.csv", list).await.expect(200).json();
        assert_eq!((&shown["good"], &shown["bad"]), (&json!(1), &json!(2)));
        assert_eq!(shown["guests"][0]["role"], json!("guest"));
        assert_eq!(
            shown["problems"][0],
            json!({"line": 3, "wrong": "address", "text": "nobody", "other": null})
        );
        assert_eq!(shown["problems"][1]["wrong"], json!("member"));
        assert_eq!(shown["kinds"], json!({"address": 1, "member": 1}));
        // Nothing was sent.
        assert!(world.mails("Ben").await.is_empty());
        ann.upload(JOBS, "people.csv", "nobody\n").await.expect(400);
        ann.upload(&format!("{CHECK}?role=owner"), "people.csv", list).await.expect(200);
        let mut ben = world.person("Ben").await;
        ben.upload(CHECK, "people.csv", list).await.expect(404);
        ben.upload(JOBS, "people.csv", list).await.expect(404);
        ben.get(JOBS).await.expect(404);

        // Two hundred, of which a hundred go out in an hour.
        let many = lines(200, ";");
        let job = ann.upload(JOBS, "people.csv", many.clone()).await.expect(201).json();
        assert_eq!((&job["total"], &job["standings"]), (&json!(200), &json!({"queued": 200})));
        let again = ann.upload(JOBS, "people.csv", many).await.expect(400);
        assert_eq!(again.code(), "invalidRequest");
        let one = format!("{JOBS}/{}", job["id"].as_str().unwrap());
        world.state.post.work_off().await.unwrap();
        let standings =
            async |ann: &mut Browser| ann.get(JOBS).await.expect(200).json()[0]["standings"].clone();
        assert_eq!(standings(&mut ann).await, json!({"kept": 100, "queued": 100}));
        let stopped = ann.post(&format!("{one}/stop"), json!({})).await.expect(200).json();
        assert_eq!(
            (&stopped["stopped"], &stopped["standings"]),
            (&json!(true), &json!({"kept": 100, "held": 100}))
        );
        world.clock.advance(SignedDuration::from_mins(61));
        world.state.post.work_off().await.unwrap();
        assert_eq!(standings(&mut ann).await, json!({"kept": 100, "held": 100}));
        ann.post(&format!("{one}/resume"), json!({})).await.expect(200);
        // Somebody's new password does not wait behind the list.
        world.browser().post("/api/accounts/reset", json!({"email": email("Ben")})).await.expect(202);
        world.state.post.work_off().await.unwrap();
        assert_eq!(standings(&mut ann).await, json!({"kept": 200}));
        // Each once.
        let mails = world.state.post.list(1_000).await.unwrap();
        let mut to: Vec<_> =
            mails.iter().map(|(mail, _)| mail.address.clone()).filter(|to| to.starts_with('p')).collect();
        let count = to.len();
        to.sort();
        to.dedup();
        assert_eq!((count, to.len()), (200, 200));
        ben.post(&format!("{one}/stop"), json!({})).await.expect(404);
        ann.post(&format!("{JOBS}/018f0000-0000-7000-8000-000000000001/stop"), json!({})).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_lines_are_taken_at_once() {
    let (world, _, mut ann) = acme(None).await;
    let many = lines(10_000, ",");
    let shown =
        ann.upload("/t/acme/api/invitations/check", "people.csv", many.clone()).await.expect(200).json();
    assert_eq!((&shown["good"], &shown["bad"]), (&json!(10_000), &json!(0)));
    let job = ann.upload("/t/acme/api/invitations/jobs", "people.csv", many).await.expect(201).json();
    assert_eq!(job["total"], json!(10_000));
    let found = ann.get("/t/acme/api/invitations?search=p0999").await.expect(200).json();
    assert_eq!(found["count"], json!(10));
    // Page by page to the end of what is sought.
    let (mut after, mut seen) = (String::new(), 0);
    loop {
        let page = ann.get(&format!("/t/acme/api/invitations?search=p00{after}")).await.expect(200).json();
        let all = page["invitations"].as_array().unwrap();
        seen += all.len();
        if page["more"] == json!(false) {
            break;
        }
        after = format!("&after={}", all.last().unwrap()["id"].as_str().unwrap());
    }
    assert_eq!(seen, 1_000);
    let large = "x".repeat(3 << 20);
    ann.upload("/t/acme/api/invitations/check", "people.csv", large).await.expect(413);
    let _ = world;
}
