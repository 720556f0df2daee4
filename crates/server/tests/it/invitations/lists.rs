//! Lists of people: looked through, then sent.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::acme;
use crate::{
    kit::{Browser, Wishes, World, databases, email},
    tenants::{publish, tenant},
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

/// Whoever makes an app invites many into it: each becomes its guest, may do there what the line says, and is nothing to the tenant
/// besides.
#[tokio::test(flavor = "multi_thread")]
async fn lists_into_an_app_make_guests_of_it_alone() {
    let (all, _postgres) = databases();
    for database in all {
        let wishes = Wishes { database, newcomers: None, invitations: Some(100), ..Wishes::default() };
        let world = World::with(wishes).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let (mut max, mut moe) = (world.person("Max").await, world.person("Moe").await);
        world.join(&mut ann, "/t/acme", ("Max", "maker"), &mut max).await;
        world.join(&mut ann, "/t/acme", ("Moe", "maker"), &mut moe).await;
        let publish = async |browser: &mut Browser, people: &[&str]| {
            let app = publish(browser, "/t/acme", "private", people).await;
            format!("/t/acme/api/apps/{}", app["id"].as_str().unwrap())
        };
        let app = publish(&mut max, &["Ben"]).await;
        let other = publish(&mut ann, &[]).await;
        let (check, jobs) = (format!("{app}/invitations/check"), format!("{app}/invitations/jobs"));
        let list = "E-Mail;Rechte;Sprache\ncy@example.com;ansehen;de\ndee@example.com;;\nben@example.com;;\nmoe@example.com;verwalten;en\n\
            nobody;;\nfay@example.com;owner;\ngil@example.com;edit;fr\ncy@example.com;;\n";
        let shown = max.upload(&check, "people.csv", list).await.expect(200).json();
        assert_eq!((&shown["good"], &shown["bad"]), (&json!(3), &json!(5)));
        let cy = json!({"line": 2, "email": "cy@example.com", "name": "", "role": "guest", "groups": [], "level": "view", "language": "de"});
        assert_eq!(shown["guests"][0], cy);
        let kinds = json!({"named": 1, "address": 1, "level": 1, "language": 1, "duplicate": 1});
        assert_eq!(shown["kinds"], kinds);
        let lines = shown["problems"].as_array().unwrap().iter().map(|one| one["line"].as_u64().unwrap());
        assert_eq!(lines.collect::<Vec<_>>(), [4, 6, 7, 8, 9]);
        assert!(world.mails("Cy").await.is_empty());
        // Only its makers; to whoever does not know of it, it is not there.
        for path in [&check, &jobs] {
            moe.upload(path, "people.csv", list).await.expect(404);
            world.browser().upload(path, "people.csv", list).await.expect(404);
        }
        moe.get(&jobs).await.expect(404);
        max.upload(&jobs, "people.csv", "nobody\n").await.expect(400);

        let job = max.upload(&jobs, "people.csv", list).await.expect(201).json();
        assert_eq!((&job["total"], &job["standings"]), (&json!(3), &json!({"queued": 3})));
        // Each in their language; in that of whoever invites where the list says nothing.
        for (name, said) in [("Cy", "lädt Sie zu"), ("Dee", "invites you to"), ("Moe", "invites you to")] {
            let (_, text) = world.mails(name).await.remove(0);
            assert!(text.contains(said), "{name}: {text}");
        }
        // It is a list of the app's, and what its makers stop others do not.
        assert_eq!(max.get(&jobs).await.expect(200).json()[0]["standings"], json!({"kept": 3}));
        assert_eq!(ann.get(&jobs).await.expect(200).json()[0]["id"], job["id"]);
        assert_eq!(ann.get("/t/acme/api/invitations/jobs").await.expect(200).json(), json!([]));
        let one = format!("/t/acme/api/invitations/jobs/{}", job["id"].as_str().unwrap());
        moe.post(&format!("{one}/stop"), json!({})).await.expect(200);
        max.post(&format!("{one}/resume"), json!({})).await.expect(200);
        // Guests of the app and of nothing else.
        let token = world.token("Cy", "/t/acme/invitation#").await;
        let mut cy = world.browser();
        let new = json!({"email": email("Cy"), "name": "Cy", "password": crate::kit::PASSWORD, "invitation": token});
        let session = cy.post("/t/acme/api/accounts", new).await.expect(201).json();
        assert_eq!(session["account"]["role"], json!("guest"));
        let apps = cy.get("/t/acme/api/apps").await.expect(200).json();
        assert_eq!(apps.as_array().unwrap().len(), 1, "{apps}");
        cy.get(&other).await.expect(404);
        cy.get("/t/acme/api/people").await.expect(403);
        cy.upload(&jobs, "people.csv", "eve@example.com\n").await.expect(403);
        // What each line gave, and nobody else's was changed.
        let cards = max.get(&format!("{app}/grants")).await.expect(200).json();
        let given = |name: &str| {
            let card = cards.as_array().unwrap().iter().find(|card| card["name"] == json!(email(name)));
            card.map(|card| card["grant"]["level"].clone())
        };
        assert_eq!(given("Cy"), Some(json!("view")));
        assert_eq!(given("Dee"), Some(Json::Null));
        assert_eq!(given("Ben"), Some(Json::Null));
        assert_eq!(given("Moe"), Some(json!("administer")));
        assert_eq!(given("Fay"), None);
        // Nobody is invited twice, and what somebody was given stays.
        let again = "cy@example.com,edit\neve@example.com\n";
        let job = max.upload(&jobs, "people.csv", again).await.expect(201).json();
        assert_eq!(job["total"], json!(1));
        let rows = ann.get("/t/acme/api/audit?kind=config.invitations.listed").await.expect(200).json();
        let row = &rows["rows"][1];
        assert_eq!(
            row["facts"]["after"]["invited"],
            json!({"view": 1, "usual": 1, "administer": 1}),
            "{row}"
        );
        // As many as an app may name.
        let many: Vec<_> = (0..1_001).map(|number| format!("q{number}@example.com,view,en")).collect();
        let shown = max.upload(&check, "people.csv", many.join("\n")).await.expect(200).json();
        assert_eq!(shown["good"], json!(995));
        assert_eq!(shown["kinds"], json!({"full": 5, "tooMany": 1}));
        max.patch(&app, json!({"audience": "prototype"})).await.expect(200);
        max.upload(&jobs, "people.csv", "hal@example.com\n").await.expect(400);
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
