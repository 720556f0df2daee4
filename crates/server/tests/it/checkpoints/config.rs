//! The gate of gates: whoever puts it can meet it, and an operator has a way out.

use std::process::Command;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{
    flow::{approve, at, password},
    gate,
    others::waiting,
    put, repeat, required,
};
use crate::{
    kit::{Browser, Wishes, World, databases},
    tenants::account,
};

const CONFIG: &str = "/api/checkpoints/gates/CHECKPOINT_CONFIG";
const SETTINGS: &str = "/api/checkpoints/settings";

pub(super) async fn promote(by: &mut Browser, whom: &mut Browser, role: &str) {
    let path = format!("/api/people/{}", account(whom).await);
    by.patch(&path, json!({"role": role})).await.expect(200);
}

async fn refused(browser: &mut Browser, path: &str, body: Json) -> String {
    let answer = browser.put(path, body).await.expect(422);
    assert_eq!(answer.code(), "checkpointUnmeetable");
    answer.json()["title"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_of_gates_can_be_met_by_whoever_puts_it() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        // No PIN, no passkey, no company.
        let of = |methods: Json| {
            let mut gate = gate("CHECKPOINT_CONFIG", "&EVENT?", true);
            gate["methods"] = methods;
            gate
        };
        for methods in [json!(["company"]), json!(["pin"]), json!(["passkey", "company"])] {
            assert_eq!(refused(&mut owner, CONFIG, of(methods)).await, "You could not change it again");
        }
        // Another gate may ask for what they do not have: it can be changed.
        let mut other = gate("ERASURE", "&EVENT?", true);
        other["methods"] = json!(["company"]);
        put(&mut owner, &other).await;
        // Four eyes want a second administrator, whichever of the two comes first.
        put(&mut owner, &of(json!(["password", "pin"]))).await;
        let title = refused(&mut owner, SETTINGS, json!({"fourEyes": true, "waitHours": 24})).await;
        assert_eq!(title, "Nobody could approve it for you");
        let mut second = world.person("Second").await;
        // Who approves for others is made past that very gate.
        let path = format!("/api/people/{}", account(&mut second).await);
        let role = json!({"role": "administrator"});
        let challenge = required(&mut owner, Method::PATCH, &path, &role).await;
        approve(&mut owner, &challenge, password()).await.expect(200);
        repeat(&mut owner, Method::PATCH, &path, &role, &challenge).await.expect(200);
        // Now it is asked about, as everything there.
        required(&mut owner, Method::PUT, SETTINGS, &json!({"fourEyes": true, "waitHours": 24})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_four_eyes_the_gate_of_gates_waits_for_a_second_administrator() {
    let world = World::start().await;
    let mut owner = world.person("Owner").await;
    owner.put(SETTINGS, json!({"fourEyes": true, "waitHours": 24})).await.expect(204);
    let config = gate("CHECKPOINT_CONFIG", "&EVENT?", true);
    assert_eq!(refused(&mut owner, CONFIG, config.clone()).await, "Nobody could approve it for you");
    // Switched off it asks nobody.
    put(&mut owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", false)).await;
    let mut second = world.person("Second").await;
    promote(&mut owner, &mut second, "administrator").await;
    put(&mut owner, &config).await;
    // From then on neither of the two goes: the other could have nothing approved.
    let path = format!("/api/people/{}", account(&mut second).await);
    let refused = [owner.delete(&path).await, owner.patch(&path, json!({"role": "member"})).await];
    for answer in refused {
        assert_eq!(answer.expect(422).code(), "checkpointUnmeetable");
    }
    // What they are called and may do besides is nobody's business; nor is who was never asked.
    owner.patch(&path, json!({"attributes": {"Region": "North"}})).await.expect(200);
    let third = world.person("Third").await.get("/api/session").await.json()["account"]["id"].clone();
    owner.delete(&format!("/api/people/{}", third.as_str().unwrap())).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_switches_checkpoints_off() {
    use crate::program::Program;
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    let off = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gridkeep"));
        let output = command.args(["checkpoints", "off", "--data"]).arg(&data).args(more).output().unwrap();
        (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.success())
    };
    let (text, done) = off(&[]);
    assert!(!done && text.contains("is no folder of a server yet"), "{text}");
    let program = Program::start(&data, None);
    let mut owner = program.browser();
    let person = json!({"email": "owner@example.com", "name": "Owner", "password": crate::kit::PASSWORD});
    owner.post("/api/accounts", person).await.expect(201);
    put(&mut owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
    let settings = json!({"waitHours": 12});
    required(&mut owner, Method::PUT, SETTINGS, &settings).await;
    let cookies = owner.cookies.clone();
    program.stop();
    let (text, done) = off(&["--tenant", "nobody"]);
    assert!(!done && text.contains("there is no tenant nobody"), "{text}");
    let (text, done) = off(&[]);
    assert!(done && text.contains("no checkpoint of default asks any more"), "{text}");
    let program = Program::start(&data, None);
    let mut owner = program.browser();
    owner.cookies = cookies;
    owner.put(SETTINGS, settings).await.expect(204);
    let rows = owner.get("/api/audit?kind=config.checkpoints").await.expect(200).json();
    let facts = &rows["rows"][1]["facts"];
    let said = (&facts["by"], &facts["before"]["enabled"], &facts["after"]["enabled"]);
    assert_eq!(said, (&json!("command"), &json!(true), &json!(false)), "{rows}");
    program.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_could_not_do_themselves_they_do_not_approve() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut root = world.person("Root").await;
        let mut people = Vec::new();
        for (name, role) in [("Second", "owner"), ("Third", "owner"), ("Ruler", "administrator")] {
            let mut one = world.person(name).await;
            promote(&mut root, &mut one, role).await;
            people.push(one);
        }
        let [second, third, ruler] = people.as_mut_slice() else { unreachable!() };
        put(&mut root, &gate("ERASURE", "&EVENT?", true)).await;
        put(&mut root, &gate("EXPORT_ALL", "&EVENT?", true)).await;
        root.put(SETTINGS, json!({"fourEyes": true, "waitHours": 24})).await.expect(204);
        let begun = async |root: &mut Browser, method: Method, path: &str| {
            let request = root.request(method, path).body(axum::body::Body::empty()).unwrap();
            let answer = root.send(request).await;
            assert_eq!(answer.code(), "SECURITY_CHECKPOINT_WAITING", "{path}");
            answer.json()["checkpoint"].clone()
        };
        let listed = async |browser: &mut Browser| waiting(browser).await["others"].as_array().unwrap().len();
        // An owner goes: that is for owners, now and when it is used.
        let path = format!("/api/people/{}", account(third).await);
        let challenge = begun(&mut root, Method::DELETE, &path).await;
        assert_eq!((listed(ruler).await, listed(second).await), (0, 1));
        ruler.get(&at(&challenge, "")).await.expect(404);
        approve(ruler, &challenge, password()).await.expect(404);
        approve(second, &challenge, password()).await.expect(200);
        let them = format!("/api/people/{}", account(second).await);
        root.patch(&them, json!({"role": "administrator"})).await.expect(200);
        let refused = repeat(&mut root, Method::DELETE, &path, &Json::Null, &challenge).await;
        assert_eq!(refused.code(), "SECURITY_CHECKPOINT_WAITING");
        root.patch(&them, json!({"role": "owner"})).await.expect(200);
        let again = refused.json()["checkpoint"].clone();
        approve(second, &again, password()).await.expect(200);
        repeat(&mut root, Method::DELETE, &path, &Json::Null, &again).await.expect(204);
        // The sign-ins of the server are for whoever runs it; the tenant's log is any administrator's.
        begun(&mut root, Method::GET, "/api/logins.csv").await;
        assert_eq!((listed(ruler).await, listed(second).await), (0, 0));
        begun(&mut root, Method::GET, "/api/audit.csv").await;
        assert_eq!((listed(ruler).await, listed(second).await), (1, 1));
    }
}
