//! The log that is only added to: what comes into it, who reads it, what proves it.

use std::{collections::BTreeSet, process::Command};

use axum::{body::Body, http::Method};
use gridkeep_server::{audit::kinds, router};
use gridkeep_store::audit::AuditHead;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::{
    checkpoints,
    kit::{Browser, PASSWORD, Wishes, World, databases, email},
    program::Program,
    tenants::{account, publish, tenant},
};

async fn rows(browser: &mut Browser, query: &str) -> Vec<Json> {
    let page = browser.get(&format!("/t/acme/api/audit{query}")).await.expect(200).json();
    page["rows"].as_array().unwrap().clone()
}

fn told(rows: &[Json]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row["sequence"], row["kind"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matters_comes_into_the_log_and_is_proven() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, proxied: true, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut ben, mut cy) =
            (world.person("Ann").await, world.person("Ben").await, world.person("Cy").await);
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Ben", "administrator"), &mut ben).await;
        world.join(&mut ben, "/t/acme", ("Cy", "member"), &mut cy).await;
        let before = rows(&mut ann, "").await;
        let before = before[0]["sequence"].as_u64().unwrap();
        let (a, c) = (account(&mut ann).await, account(&mut cy).await);
        // In the control database, and in the tenant's; with where it came from.
        ben.network = Some("198.51.100.7".to_owned());
        ben.patch(&format!("/t/acme/api/people/{c}"), json!({"role": "maker"})).await.expect(200);
        let made = ben.post("/t/acme/api/groups", json!({"name": "North"})).await.expect(201).json();
        let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
        // What is refused leaves nothing.
        ben.post("/t/acme/api/groups", json!({"name": "north"})).await.expect(409);
        cy.post("/t/acme/api/groups", json!({"name": "South"})).await.expect(403);
        let found = rows(&mut ann, "?kind=config").await;
        let kinds: Vec<&str> = found.iter().take(3).map(|row| row["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["config.apps.published", "config.groups.added", "config.people.changed"]);
        assert_eq!(found[2]["subject"], json!(c.to_string()));
        let user = &found[2]["personal"]["user"];
        assert_eq!(user["value"], json!(format!("Ben <{}>", email("Ben"))));
        assert_eq!(found[2]["personal"]["ip"], json!({"value": "198.51.100.7", "account": user["account"]}));
        assert_eq!(found[0]["personal"]["user"]["account"], json!(a.to_string()));
        let since: Vec<u64> =
            found.iter().map(|row| row["sequence"].as_u64().unwrap()).filter(|at| *at > before).collect();
        assert_eq!(since.len(), 3, "{:?}", told(&found));
        // Reading it is in it, and shown when asked for.
        let reads = rows(&mut ann, "?reads=true&kind=audit.read").await;
        assert!(reads.len() >= 2, "{:?}", told(&reads));
        assert_eq!(reads[1]["personal"]["kind"]["value"], json!("config"));
        assert!(rows(&mut ann, "").await.iter().all(|row| row["kind"] != "audit.read"));
        // Pages, by person, by subject, by time.
        let of_ben = rows(&mut ann, &format!("?account={}&kind=config", account(&mut ben).await)).await;
        assert!(
            of_ben.iter().all(|row| row["personal"]["user"]["value"] == user["value"]) && of_ben.len() >= 2
        );
        assert_eq!(rows(&mut ann, &format!("?subject={c}&kind=config.people")).await.len(), 1);
        assert_eq!(rows(&mut ann, "?until=2000-01-01T00:00:00Z").await.len(), 0);
        let older = rows(&mut ann, &format!("?before={}", since[1])).await;
        assert!(older.iter().all(|row| row["sequence"].as_u64() < Some(since[1])));
        // Others do not read it, and it looks absent to whoever is no part of the tenant.
        cy.get("/t/acme/api/audit").await.expect(403);
        world.browser().get("/t/acme/api/audit").await.expect(401);
        world.person("Dee").await.get("/t/acme/api/audit").await.expect(404);
        ann.get("/t/acme/api/audit?colour=red").await.expect(400);
        // A row waits for a head, then it is proven.
        let row = format!("/t/acme/api/audit/{}", since[2]);
        assert_eq!(ann.get(&row).await.expect(200).json()["proof"]["status"], json!("waiting"));
        let audit = world.house.called("acme").await.unwrap().state.audit.clone();
        assert_eq!(audit.sign_due().await.unwrap(), None);
        world.clock.advance(SignedDuration::from_mins(5));
        let head = audit.sign_due().await.unwrap().unwrap();
        assert_eq!(audit.sign_due().await.unwrap(), None);
        let proof = ann.get(&row).await.expect(200).json()["proof"].clone();
        assert_eq!((&proof["status"], &proof["head"]["size"]), (&json!("proven"), &json!(head.size)));
        let leaf: Json = serde_json::from_str(proof["leaf"].as_str().unwrap()).unwrap();
        assert_eq!((&leaf["kind"], &leaf["sequence"]), (&json!("config.people.changed"), &json!(since[2])));
        assert!(!proof["leaf"].as_str().unwrap().contains("Ben"));
        ann.get("/t/acme/api/audit/99999999").await.expect(404);
        let kept = std::fs::read_to_string(audit.file()).unwrap();
        let lines = ann.get("/t/acme/api/audit/heads").await.expect(200).text();
        assert_eq!((kept.lines().count(), kept.as_str()), (1, lines.as_str()));
        let report = ann.post("/t/acme/api/audit/verification", json!({})).await.expect(200).json();
        assert_eq!((&report["faults"], &report["heads"]), (&json!([]), &json!(1)));
        // Files.
        let csv = ann.get("/t/acme/api/audit.csv?kind=config.groups").await.expect(200).text();
        assert_eq!(csv.lines().count(), 2, "{csv}");
        assert!(csv.contains(",config.groups.added,") && csv.contains("Ben <"), "{csv}");
        let lines = ann.get("/t/acme/api/audit.jsonl?kind=config").await.expect(200).text();
        let first: Json = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(first["kind"], json!("config.apps.published"));
        // Somebody is forgotten, and the chain holds.
        ann.delete(&format!("/t/acme/api/audit/people/{c}")).await.expect(403);
        for person in [&mut ann, &mut ben] {
            person.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
        }
        // An administrator erases whoever is less, not an owner, and nobody who may have been one.
        let (who, stranger) = (account(&mut ben).await, account(&mut world.person("Eve").await).await);
        for other in [a, stranger] {
            ben.delete(&format!("/t/acme/api/audit/people/{other}")).await.expect(403);
        }
        ben.delete(&format!("/t/acme/api/audit/people/{c}")).await.expect(200);
        let said = rows(&mut ann, "?kind=config.audit.erased").await;
        assert_eq!((&said[0]["subject"], &said[0]["personal"]["user"]), (&json!(c.to_string()), user));
        // Nobody forgets what they did themselves.
        for (person, own) in [(&mut ann, a), (&mut ben, who)] {
            person.delete(&format!("/t/acme/api/audit/people/{own}")).await.expect(403);
        }
        let erased = ann.delete(&format!("/t/acme/api/audit/people/{who}")).await.expect(200).json();
        assert!(erased["values"].as_u64() >= Some(2));
        let row = ann.get(&row).await.expect(200).json();
        assert_eq!(row["row"]["personal"]["user"], json!({"value": null, "account": null}));
        assert_eq!(row["proof"]["status"], json!("proven"));
        let report = ann.post("/t/acme/api/audit/verification", json!({})).await.expect(200).json();
        assert_eq!((&report["faults"], &report["erased"]), (&json!([]), &erased["values"]));
        let _ = (made, app);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_somebody_passes_a_gate_once() {
    let world = World::start().await;
    let (mut ann, mut ben) = (world.person("Ann").await, world.person("Ben").await);
    let who = account(&mut ben).await;
    let path = format!("/api/audit/people/{who}");
    checkpoints::put(&mut ann, &checkpoints::gate("ERASURE", "Forget &EVENT?", true)).await;
    let asked = ann.delete(&path).await.expect(403);
    assert_eq!(asked.code(), "SECURITY_CHECKPOINT_REQUIRED");
    let challenge = asked.json()["checkpoint"].clone();
    let message = challenge["gates"][0]["message"].as_str().unwrap();
    assert_eq!(message, format!("Forget {}?", email("Ben")));
    let id = challenge["challenge"].as_str().unwrap();
    let approved = json!({"contentHash": challenge["contentHash"], "password": PASSWORD});
    ann.post(&format!("/api/checkpoints/challenges/{id}/approve"), approved).await.expect(200);
    let approved = |browser: &Browser, path: &str| {
        browser.request(Method::DELETE, path).header("checkpoint", id).body(Body::empty()).unwrap()
    };
    // Not for somebody else, and once.
    let other = account(&mut world.person("Cy").await).await;
    let request = approved(&ann, &format!("/api/audit/people/{other}"));
    ann.send(request).await.expect(403);
    let request = approved(&ann, &path);
    ann.send(request).await.expect(200);
    let request = approved(&ann, &path);
    ann.send(request).await.expect(410);
    nowhere(&mut ann, "Ben").await;
}

/// What the log gives away has somebody's address nowhere.
async fn nowhere(browser: &mut Browser, name: &str) {
    for file in ["audit.csv", "audit.jsonl"] {
        let text = browser.get(&format!("/api/{file}")).await.expect(200).text();
        assert!(text.contains("checkpoint.passed"), "{text}");
        let found: Vec<_> = text.lines().filter(|line| line.contains(&email(name))).collect();
        assert_eq!(found, [""; 0], "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_removed_and_forgotten_is_named_nowhere() {
    let world = World::start().await;
    let (mut ann, mut ben) = (world.person("Ann").await, world.person("Ben").await);
    let who = account(&mut ben).await;
    checkpoints::put(&mut ann, &checkpoints::gate("ERASURE", "Remove &EVENT, as &USER?", true)).await;
    for (path, ok) in [(format!("/api/people/{who}"), 204), (format!("/api/audit/people/{who}"), 200)] {
        let challenge = ann.delete(&path).await.expect(403).json()["checkpoint"].clone();
        let id = challenge["challenge"].as_str().unwrap();
        let proof = json!({"contentHash": challenge["contentHash"], "password": PASSWORD});
        ann.post(&format!("/api/checkpoints/challenges/{id}/approve"), proof).await.expect(200);
        if ok == 200 {
            // Until then the log says whom it was about, as theirs.
            let rows = ann.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
            let said = json!({"value": format!("Remove {}, as &USER?", email("Ben")), "account": who});
            assert_eq!(rows["rows"][0]["personal"]["message"], said);
        }
        let request = ann.request(Method::DELETE, &path).header("checkpoint", id).body(Body::empty());
        ann.send(request.unwrap()).await.expect(ok);
    }
    nowhere(&mut ann, "Ben").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_say_what_was_and_what_is() {
    let world = World::start().await;
    let mut ann = world.person("Ann").await;
    let own = account(&mut ann).await.to_string();
    let last = async |ann: &mut Browser, kind: &str| {
        let rows = ann.get(&format!("/api/audit?kind={kind}")).await.expect(200).json();
        rows["rows"][0].clone()
    };
    let group = ann.post("/api/groups", json!({"name": "North"})).await.expect(201).json();
    let path = format!("/api/groups/{}", group["id"].as_str().unwrap());
    ann.patch(&path, json!({"name": "South", "members": [own]})).await.expect(200);
    let row = last(&mut ann, "config.groups.changed").await;
    let (before, after) = (json!({"count": 0}), json!({"count": 1, "members": [own]}));
    assert_eq!((&row["facts"]["before"], &row["facts"]["after"]), (&before, &after));
    let said = |name: &str| row["personal"][name]["value"].clone();
    assert_eq!((said("name"), said("after")), (json!("North"), json!("South")));
    // An app, and what somebody may do with it.
    let app = publish(&mut ann, "", "private", &["Ben"]).await["id"].as_str().unwrap().to_owned();
    ann.patch(&format!("/api/apps/{app}"), json!({"audience": "public"})).await.expect(200);
    let facts = last(&mut ann, "config.apps.changed").await["facts"].clone();
    assert_eq!(
        (&facts["before"]["audience"], &facts["after"]["audience"]),
        (&json!("private"), &json!("public"))
    );
    let give = |grant: Json| json!({"to": "person", "name": email("Ben"), "grant": grant});
    let grants = format!("/api/apps/{app}/grants");
    ann.put(&grants, give(json!({}))).await.expect(200);
    ann.put(&grants, give(Json::Null)).await.expect(200);
    let row = last(&mut ann, "config.grants.changed").await;
    let value = |name: &str| row["personal"][name]["value"].as_str().unwrap().to_owned();
    assert!(value("before").starts_with('{') && value("after") == "null", "{row}");
    // A program of the server's.
    let wish = json!({"name": "Mine", "redirects": ["https://mine.example/"]});
    let program = ann.post("/api/programs", wish.clone()).await.expect(201).json();
    let row = last(&mut ann, "config.programs.added").await;
    assert_eq!((&row["subject"], &row["facts"]["after"]), (&program["id"], &wish));
    ann.delete(&format!("/api/programs/{}", program["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(last(&mut ann, "config.programs.removed").await["facts"]["before"], wish);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_its_own_is_neither_signed_nor_passed_over() {
    let world = World::start().await;
    let mut ann = world.person("Ann").await;
    let audit = world.state.audit.clone();
    let add = async || audit.add(audit.entry("config.test")).await.unwrap();
    let faults = async |ann: &mut Browser| {
        let report = ann.post("/api/audit/verification", json!({})).await.expect(200).json();
        let faults = report["faults"].as_array().unwrap().clone();
        faults.into_iter().map(|fault| fault["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    add().await;
    audit.sign().await.unwrap().unwrap();
    // A line that a crash cut off is written again.
    let file = audit.file();
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(faults(&mut ann).await, Vec::<String>::new());
    add().await;
    audit.sign().await.unwrap().unwrap();
    assert_eq!(faults(&mut ann).await, Vec::<String>::new());
    // One that says something else is not: what is found wrong is signed no more.
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{{}}\n{good}")).unwrap();
    assert_eq!(faults(&mut ann).await, ["heads"]);
    add().await;
    assert!(audit.sign().await.is_err());
    std::fs::write(&file, good).unwrap();
    assert_eq!(faults(&mut ann).await, Vec::<String>::new());
    audit.sign().await.unwrap().unwrap();
    // A head that nobody signed, of more rows than there will be.
    let bogus = AuditHead {
        size: 1 << 52,
        root: [0; 32],
        at: Timestamp::UNIX_EPOCH,
        key_id: "x".to_owned(),
        signature: vec![0; 64],
    };
    world.state.tenancy.change(move |work| Ok(work.keep_audit_head(&bogus)?)).await.unwrap();
    add().await;
    assert!(audit.sign_due().await.is_err());
    assert!(faults(&mut ann).await.contains(&"signature".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_signed_at_once() {
    let world = World::start().await;
    world.person("Ann").await;
    let audit = world.state.audit.clone();
    for _ in 0..2 {
        let entries: Vec<_> = (0..500).map(|_| audit.entry("config.test")).collect();
        let add = world.state.tenancy.change(move |work| {
            for entry in &entries {
                work.audit(entry)?;
            }
            Ok(())
        });
        assert_eq!(audit.sign_due().await.unwrap(), None);
        add.await.unwrap();
    }
    assert_eq!(audit.sign_due().await.unwrap().unwrap().size, 1_000);
}

/// What was and what is, of invitations, links and keys: roles, groups, rights and times, and whom they are for nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_keys_say_what_was_and_what_is() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
        let group =
            ann.post("/t/acme/api/groups", json!({"name": "North"})).await.expect(201).json()["id"].clone();
        let last = async |ann: &mut Browser, kind: &str| {
            let found = rows(ann, &format!("?kind=config.{kind}")).await;
            let facts = &found[0]["facts"];
            assert!(!found[0]["facts"].to_string().contains('@'), "{facts}");
            (found[0]["subject"].clone(), facts["before"].clone(), facts["after"].clone())
        };
        let invite =
            |role: &str, groups: Json| json!({"email": "eve@example.org", "role": role, "groups": groups});
        let said = |role: &str, groups: Json| json!({"role": role, "groups": groups, "app": null});
        let (member, maker) = (said("member", json!([])), said("maker", json!([group])));
        let made = ann.post("/t/acme/api/invitations", invite("member", json!([]))).await.expect(201).json()
            ["id"]
            .clone();
        assert_eq!(last(&mut ann, "invitations").await, (made.clone(), Json::Null, member.clone()));
        ann.post("/t/acme/api/invitations", invite("maker", json!([group]))).await.expect(201);
        assert_eq!(last(&mut ann, "invitations").await, (made.clone(), member, maker.clone()));
        ann.delete(&format!("/t/acme/api/invitations/{}", made.as_str().unwrap())).await.expect(204);
        assert_eq!(last(&mut ann, "invitations").await, (made, maker, Json::Null));
        let into_app = json!({"email": "kim@example.org"});
        ann.post(&format!("/t/acme/api/apps/{app}/invitations"), into_app).await.expect(201);
        let guest = json!({"role": "guest", "groups": [], "app": app});
        assert_eq!(last(&mut ann, "invitations").await.2, guest);
        let list = ann.request(Method::POST, "/t/acme/api/invitations/jobs");
        let list = ann.send(list.body("a@example.org\nb@example.org;B;maker\n".into()).unwrap()).await;
        let job = list.expect(201).json()["id"].clone();
        let (about, _, after) = last(&mut ann, "invitations").await;
        assert_eq!((about, after), (job.clone(), json!({"invited": {"maker": 1, "member": 1}})));
        for (what, was, is) in [("stop", false, true), ("resume", true, false)] {
            ann.post(&format!("/t/acme/api/invitations/jobs/{}/{what}", job.as_str().unwrap()), json!({}))
                .await
                .expect(200);
            let stopped = |is: bool| json!({"stopped": is});
            assert_eq!(last(&mut ann, "invitations").await, (job.clone(), stopped(was), stopped(is)));
        }
        let link =
            ann.post("/t/acme/api/invitation-links", json!({"days": 7, "most": 2})).await.expect(201).json();
        let (id, _, made) = last(&mut ann, "invitation_links").await;
        assert_eq!((&id, &made["most"], &made["role"]), (&link["link"]["id"], &json!(2), &json!("member")));
        ann.delete(&format!("/t/acme/api/invitation-links/{}", id.as_str().unwrap())).await.expect(204);
        assert_eq!(last(&mut ann, "invitation_links").await, (id, made, Json::Null));
        let keys = format!("/t/acme/api/apps/{app}/keys");
        let key =
            ann.post(&keys, json!({"name": "Excel", "writes": true, "days": 3})).await.expect(201).json();
        let (id, _, made) = last(&mut ann, "keys").await;
        let expires = made["expires"].as_str().unwrap();
        assert_eq!((&id, &made["writes"], &made["app"]), (&key["id"], &json!(true), &json!(app)));
        assert!(expires.starts_with("2026-11-24"), "{made}");
        ann.delete(&format!("{keys}/{}", id.as_str().unwrap())).await.expect(204);
        assert_eq!(last(&mut ann, "keys").await, (id, made, Json::Null));
        let named = rows(&mut ann, "?kind=config.keys.removed").await[0]["personal"]["name"]["value"].clone();
        assert_eq!(named, "Excel");
    }
}

#[test]
fn every_change_is_noted_or_known_not_to_be() {
    let document = router::document();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if !matches!(method.as_str(), "get" | "head" | "parameters") {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let noted: BTreeSet<String> = kinds().iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(noted.difference(&routes).collect::<Vec<_>>(), Vec::<&String>::new());
    let quiet: Vec<&String> = routes.difference(&noted).collect();
    // What they do is about the person themselves, is logged among sign-ins, is about rows, or leaves a row of its own.
    insta::assert_snapshot!(quiet.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n"));
}

/// What the command says, and its exit code.
fn audit(data: &std::path::Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_gridkeep"))
        .arg("audit")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_whether_the_log_is_whole() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    let (text, code) = audit(&data, &["verify"]);
    assert!(code == Some(1) && text.contains("is no folder of a server yet"), "{text}");
    let program = Program::start(&data, None);
    let mut ada = program.browser();
    let person = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    ada.post("/api/accounts", person).await.expect(201);
    for name in ["North", "South", "West"] {
        ada.post("/api/groups", json!({"name": name})).await.expect(201);
    }
    program.stop();
    let (text, code) = audit(&data, &["verify"]);
    assert!(code == Some(0) && text.contains("3 rows are whole and in their places"), "{text}");
    let (text, code) = audit(&data, &["prove", "1"]);
    assert!(code == Some(1) && text.contains("row 1 waits for a signed head"), "{text}");
    // A head is signed when it is looked through.
    let world_over = |text: &str| text.to_owned();
    let (text, code) = audit(&data, &["sign"]);
    assert!(code == Some(0) && text.contains("\"size\":3"), "{text}");
    let head = folder.path().join("head.json");
    std::fs::write(&head, world_over(&text)).unwrap();
    let head = head.to_str().unwrap();
    let (text, code) = audit(&data, &["verify", "--head", head]);
    assert!(code == Some(0) && text.contains("1 signed heads agree"), "{text}");
    let (text, code) = audit(&data, &["prove", "2", "--head", head]);
    assert_eq!(code, Some(0), "{text}");
    let proof: Json = serde_json::from_str(&text).unwrap();
    assert_eq!((&proof["row"], &proof["inclusion"]["size"]), (&json!(2), &json!(3)));
    assert_eq!(audit(&data, &["prove", "9"]).1, Some(1));
    assert_eq!(audit(&data, &["verify", "--tenant", "nobody"]).1, Some(1));
    // A head of more rows than there are: those after the end are gone. It was signed by nobody here, too.
    let forged = std::fs::read_to_string(head).unwrap().replace("\"size\":3", "\"size\":9");
    let other = folder.path().join("forged.json");
    std::fs::write(&other, forged).unwrap();
    let (text, code) = audit(&data, &["verify", "--head", other.to_str().unwrap()]);
    assert!(code == Some(2) && text.contains("was not signed by this server for this log"), "{text}");
    std::fs::write(&other, "nothing").unwrap();
    assert_eq!(audit(&data, &["verify", "--head", other.to_str().unwrap()]).1, Some(1));
    // Back to what the log was before the head: cut off.
    let kept = folder.path().join("kept");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(copied.success());
    };
    copy(&data, &kept);
    let program = Program::start(&data, None);
    let mut ada = program.browser();
    ada.post("/api/session", json!({"email": "ada@example.com", "password": PASSWORD})).await.expect(200);
    ada.post("/api/groups", json!({"name": "East"})).await.expect(201);
    program.stop();
    let (later, _) = audit(&data, &["sign"]);
    std::fs::write(&other, later).unwrap();
    let (text, code) = audit(&kept, &["verify", "--head", other.to_str().unwrap()]);
    assert!(
        code == Some(2) && text.contains("row 4: cut off after a head was signed that has them"),
        "{text}"
    );
    let (text, code) = audit(&data, &["prove", "1", "--head", head]);
    assert!(code == Some(0) && text.contains("\"consistency\": {"), "{text}");
}
