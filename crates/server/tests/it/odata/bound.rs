//! The other end of a link is still there when the link is made, however many are at work.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Program, related::shop};
use crate::kit::databases;

/// How many entities one request binds to the same other one: so long takes it to look them up.
const BOUND: usize = 40;
/// How often somebody removes that one meanwhile.
const ROUNDS: usize = 12;

fn again(program: &Program) -> Program {
    Program {
        browser: program.browser.clone(),
        root: program.root.clone(),
        key: program.key.clone(),
        version: program.version,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_bound_to_what_is_gone() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let track = [("prefer", "track-changes")];
        let first = program.send(Method::GET, "Customers", &track, "").await.expect(200).json();
        let mut refused = 0;
        for round in 0..ROUNDS {
            let boss = json!({"Code": format!("boss{round}"), "Name": "Boss"}).to_string();
            program.send(Method::POST, "Customers", &[], &boss).await.expect(201);
            let worker = |number: usize| {
                json!({"Code": format!("w{round}-{number}"), "Name": "Worker",
                    "BossRow@bind": format!("Customers(Code='boss{round}')")})
            };
            let all: Vec<Json> = (0..BOUND).map(worker).collect();
            let all = json!({"@context": "#$delta", "value": all}).to_string();
            let mut other = again(&program);
            let bound = tokio::spawn(async move { other.send(Method::PATCH, "Customers", &[], &all).await });
            // Some come before, some after, some in between.
            for _ in 0..round {
                program.get("Customers/$count").await.expect(200);
            }
            let path = format!("Customers(Code='boss{round}')");
            program.send(Method::DELETE, &path, &[("if-match", "*")], "").await.expect(204);
            let bound = bound.await.unwrap();
            assert!([204, 400, 404].contains(&bound.status), "{}", bound.text());
            refused += usize::from(bound.status != 204);
            let left = format!("Customers/$count?$filter=startswith(Code,'w{round}-')");
            let expect = if bound.status == 204 { BOUND } else { 0 };
            assert_eq!(program.get(&left).await.text(), expect.to_string());
        }
        // The log tells what came first: whoever was bound was so before the other one was removed.
        let root = format!("http://gridkeep.test{}", program.root);
        let mut link = first["@deltaLink"].as_str().unwrap().to_owned();
        let (mut gone, mut bound) = (0, 0);
        loop {
            let page = program.get(link.strip_prefix(&root).unwrap()).await.expect(200).json();
            for entry in page["value"].as_array().unwrap() {
                if entry.get("@removed").is_some() {
                    gone += 1;
                } else {
                    let round = entry["Code"].as_str().unwrap()[1..].split('-').next().unwrap();
                    assert!(round.parse::<usize>().unwrap() >= gone, "{entry} came after {gone} were gone");
                    bound += 1;
                }
            }
            let Some(next) = page["@nextLink"].as_str() else { break };
            link = next.to_owned();
        }
        assert_eq!((gone, bound), (ROUNDS, (ROUNDS - refused) * BOUND));
        assert!(refused > 0, "nobody came in between");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_bound_to_nothing_is_told_so() {
    let (_world, mut program) = shop(None).await;
    let count = program.get("Customers/$count").await.text();
    let nobody = json!({"Code": "eve", "Name": "Eve", "BossRow@bind": "Customers(Code='zoe')"}).to_string();
    let refused = program.send(Method::POST, "Customers", &[], &nobody).await.expect(400).json();
    assert_eq!(refused["error"]["code"], "UNKNOWN_ENTITY", "{refused}");
    // Within a group: bound to what the group made, and to what it removed.
    let request = |id: &str, method: &str, url: &str, body: Json| json!({"id": id, "atomicityGroup": "g", "method": method, "url": url, "headers": {"if-match": "*"}, "body": body});
    let eve = json!({"Code": "eve", "Name": "Eve"});
    let fay = json!({"Code": "fay", "Name": "Fay", "BossRow@bind": "$1"});
    let made =
        json!({"requests": [request("1", "post", "Customers", eve), request("2", "post", "Customers", fay)]});
    let made = program.send(Method::POST, "$batch", &[], &made.to_string()).await.expect(200).json();
    assert_eq!(made["responses"][1]["status"], 201, "{made}");
    let gus = json!({"Code": "gus", "Name": "Gus", "BossRow@bind": "Customers(Code='eve')"});
    let mut removal = request("1", "delete", "Customers(Code='eve')", Json::Null);
    removal.as_object_mut().unwrap().remove("body");
    let gone = json!({"requests": [removal, request("2", "post", "Customers", gus)]});
    let gone = program.send(Method::POST, "$batch", &[], &gone.to_string()).await.expect(200).json();
    assert_eq!(gone["responses"][1]["status"], 400, "{gone}");
    let now = program.get("Customers/$count").await.text();
    assert_eq!(now.parse::<usize>().unwrap(), count.parse::<usize>().unwrap() + 2);
}
