//! Every way a request can be refused, as people and programs read it.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, PASSWORD, Wishes, World, definition, email, id};

/// Codes that no request of this test brings about, and why.
const ELSEWHERE: &[&str] = &[
    "unknownParameter",              // checkpoints/gates.rs
    "checkpointImpossible",          // checkpoints/several.rs
    "checkpointUnmeetable",          // checkpoints/config.rs
    "tooManyChallenges",             // checkpoints/others.rs
    "SECURITY_CHECKPOINT_REQUIRED",  // checkpoints/flow.rs
    "SECURITY_CHECKPOINT_WAITING",   // checkpoints/others.rs
    "SECURITY_CHECKPOINT_FORBIDDEN", // checkpoints/others.rs
    "tooManyWaiting",                // checkpoints/others.rs
    "checkpointOver",                // checkpoints/machine.rs
    "checkpointDenied",              // checkpoints/flow.rs
    "wrongUsername",                 // checkpoints/flow.rs
    "pinDisabled",                   // checkpoints/methods.rs
    "pinTooEasy",                    // checkpoints/methods.rs
    "nameTaken",                     // people.rs
    "groupOfDirectory",              // scim/groups.rs
    "lastOwner",                     // people.rs
    "tooManyTenants",                // people.rs
    "ownProofRequired",              // company/door.rs
    "tooManyProviders",              // company/providers.rs
    "tooManyHandlers",               // handlers.rs
    "sentTooOften",                  // handlers.rs
    "invalidToken",                  // programs/attacks.rs
    "insufficientScope",             // programs.rs
    "unknownProgram",                // programs/attacks.rs
    "invalidRedirect",               // programs.rs
    "badMetadata",                   // company/saml.rs
    "tooManyPrograms",               // store/program.rs
    "notOffered",                    // odata/protocol.rs
    "uploadsFull",                   // uploads.rs
    "tooLarge",                      // uploads.rs
    "unreadableWorkbook",            // uploads.rs
    "tooManyTries",                  // session.rs
    "workRequired",                  // defence.rs
    "signUpClosed",                  // accounts.rs
    "linkOver",                      // accounts.rs
    "confirmFirst",                  // accounts.rs
    "emailTaken",                    // accounts.rs
    "alreadyMember",                 // invitations.rs
    "twinAddress",                   // invitations.rs
    "foreignDomain",                 // invitations.rs
    "tooManyLinks",                  // invitations.rs
    "wrongProof",                    // factors.rs
    "stepOver",                      // factors.rs
    "proofRequired",                 // factors.rs
    "factorRequired",                // factors.rs
    "newPasswordNeeded",             // factors.rs
    "longerPasswordFirst",           // factors.rs
    "tooManyFactors",                // factors.rs
    "invalidFactorName",             // factors.rs
    "analysisTimedOut",              // creation::analyst
    "analysisFailed",                // creation::analyst
    "notAPicture",                   // files.rs
    "filesFull",                     // files.rs
    "crowded",                       // session::password
    "overloaded",                    // http::boundary
    "timedOut",                      // http::boundary
];

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_code_and_its_words() {
    let world = World::with(Wishes::default()).await;
    let mut ada = world.person("Ada").await;
    let mut ben = world.person("Ben").await;
    let mut guest = world.browser();
    let app = ada.publish("public", &["Ben"]).await;
    let token = ada.stock().await;
    let (accounts, session) = ("/api/accounts", "/api/session");
    let rows = format!("/api/apps/{app}/tables/stock/rows");
    let transactions = format!("/api/apps/{app}/transactions");
    let publish = format!("/api/creations/{token}/publish");
    let account =
        |email: &str, name: &str, password: &str| json!({"email": email, "name": name, "password": password});
    let operations = |number: u64| {
        let insert =
            json!({"type": "insert", "table": "stock", "id": id(number), "values": {"sku": "x", "qty": 1}});
        json!({"id": id(1), "operations": [insert]})
    };
    let mut wrong_definition = definition();
    wrong_definition["tables"][0]["source"]["sheet"] = json!("Nowhere");
    // Kept rows hold words where the new version wants numbers.
    let numbers = "SKU,Item,Qty,Price\n0007,1,3,19.90\n0008,2,250,0.05\n0009,3,40,1.25\n";
    let mut numbered = definition();
    numbered["tables"][0]["columns"][1]["type"] = json!({"name": "integer"});
    numbered["tables"][0]["columns"][1]["kind"] = json!("integer");
    numbered["screens"][0]["components"][0]["search"] = json!(["sku"]);
    let numbers =
        ada.upload(&format!("/api/apps/{app}/creation"), "numbers.csv", numbers).await.expect(201).json();
    let republish = format!("/api/creations/{}/publish", numbers["token"].as_str().unwrap());
    let numbered = json!({"definition": numbered, "audience": "public", "replaces": app});
    let many: Vec<_> = (0..1_001).map(|number| email(&format!("p{number}"))).collect();
    let too_many: Vec<_> = (0..1_001).map(|_| operations(5)["operations"][0].clone()).collect();
    ada.post(&transactions, operations(2)).await.expect(200);

    let mut seen: Vec<Answer> = Vec::new();
    seen.push(ada.get("/api/nothing").await);
    seen.push(ada.delete("/api/samples").await);
    seen.push(guest.get("/api/apps").await);
    seen.push(ben.delete(&format!("/api/apps/{app}")).await);
    seen.push(guest.post(session, json!({"email": email("Ada"), "password": "x"})).await);
    seen.push(guest.post(accounts, account("ada", "Ada", PASSWORD)).await);
    seen.push(guest.post(accounts, account(&email("Cy"), " ", PASSWORD)).await);
    seen.push(guest.post(accounts, account(&email("Cy"), "Cy", "short")).await);
    seen.push(guest.post(accounts, account(&email("Cy"), "Cy", &"long ".repeat(60))).await);
    seen.push(guest.post(accounts, account(&email("Cy"), "Cy", &"a".repeat(20))).await);
    seen.push(guest.post(accounts, account(&email("Cy"), "Cy", "qwertyuiopasdfghjkl")).await);
    let bare = |builder: axum::http::request::Builder| builder.body(Body::from("{}")).unwrap();
    let foreign = ada.request(Method::POST, session).header(header::ORIGIN, "https://evil.example");
    seen.push(ada.clone().send(bare(foreign)).await);
    seen.push(ada.post(session, json!({"email": 1})).await);
    seen.push(ada.clone().send(bare(ada.request(Method::POST, session))).await);
    seen.push(ada.upload("/api/creations", "a.csv", "").await);
    seen.push(ada.post(&publish, json!({"definition": wrong_definition, "audience": "public"})).await);
    seen.push(
        ada.post(&publish, json!({"definition": definition(), "audience": "private", "people": many})).await,
    );
    seen.push(ada.post(&republish, numbered).await);
    seen.push(ada.post(&rows, json!({"sort": {"column": "none"}})).await);
    seen.push(ada.post(&transactions, json!({"id": id(3), "operations": too_many})).await);
    seen.push(ada.post(&transactions, operations(4)).await);
    seen.push(too_many_keys(&mut ada, &app).await);
    seen.push(published_meanwhile(&world, &mut ada).await);
    seen.push(broken(&world, &mut ada).await);

    let shown: Vec<Json> = seen.iter().map(Answer::json).collect();
    insta::assert_json_snapshot!("refusals", shown);
    for (answer, body) in seen.iter().zip(&shown) {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], answer.status);
    }
    let mut german = ada.clone();
    german.language = "de";
    insta::assert_json_snapshot!("refusal_in_german", german.get("/api/nothing").await.json());

    let reached: BTreeSet<String> = seen.iter().map(Answer::code).collect();
    let all: BTreeSet<String> =
        codes().into_iter().filter(|code| !ELSEWHERE.contains(&code.as_str())).collect();
    assert_eq!(reached, all);
}

/// All codes, as the source spells them.
fn codes() -> BTreeSet<String> {
    let source = include_str!("../../src/error/mod.rs");
    let body = source.split("pub const fn code").nth(1).unwrap().split("\n    }\n").next().unwrap();
    body.lines().filter_map(|line| line.split("=> \"").nth(1)?.split('"').next().map(str::to_owned)).collect()
}

/// One key more than a person has for an app.
async fn too_many_keys(ada: &mut Browser, app: &str) -> Answer {
    let keys = format!("/api/apps/{app}/keys");
    for number in 0..50 {
        ada.post(&keys, json!({"name": format!("key {number}")})).await.expect(201);
    }
    ada.post(&keys, json!({"name": "one more"})).await
}

/// A transaction that was made for a version no longer current: two at once, one of which publishes.
async fn published_meanwhile(world: &World, ada: &mut Browser) -> Answer {
    let app = ada.publish("private", &[]).await;
    let token = ada.stock().await;
    let publish = format!("/api/creations/{token}/publish");
    let request = json!({"definition": definition(), "audience": "private", "replaces": app});
    let objects = world.data.path().join("data/objects");
    let before = files(&objects);
    // Held up between what each has seen and its commit: the writer does one after the other.
    let blocked = world.state.tenancy.clone();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let block = tokio::spawn(async move {
        let work = move |_: &mut gridkeep_store::Work<'_>| {
            let _ = begun.send(());
            let _ = released.recv();
            Ok(())
        };
        blocked.write(work).await
    });
    has_begun.await.unwrap();
    let (mut one, mut two) = (ada.clone(), ada.clone());
    let first = tokio::spawn({
        let (publish, request) = (publish.clone(), request.clone());
        async move { one.post(&publish, request).await }
    });
    let second = tokio::spawn(async move { two.post(&publish, request).await });
    // Both workbooks are stored before the writer is asked.
    while files(&objects) < before + 2 {
        tokio::task::yield_now().await;
    }
    drop(release);
    block.await.unwrap().unwrap();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    let (good, bad) = if first.status == 201 { (first, second) } else { (second, first) };
    assert_eq!((good.status, bad.status), (201, 409));
    // The workbook of the one that lost is gone again.
    assert_eq!(files(&objects), before + 1);
    bad
}

/// A stored workbook that somebody tampered with.
async fn broken(world: &World, ada: &mut Browser) -> Answer {
    let app = ada.publish("private", &[]).await;
    let (reader, id) = (world.state.tenancy.clone(), app.parse().unwrap());
    let stored = reader.read(move |reader| Ok(reader.app(id)?.unwrap().current.workbook)).await.unwrap();
    let path = world.data.path().join("data/objects").join(reader.id().to_string()).join(stored);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    ada.get(&format!("/api/apps/{app}/versions/1/workbook")).await
}

fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
