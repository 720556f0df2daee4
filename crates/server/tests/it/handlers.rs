//! Who is told of events: over a real server of their own, and by mail.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    routing::any,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_kit::Bucket;
use gridkeep_model::Clock;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{
    kit::{Browser, Wishes, World, databases},
    tenants::tenant,
};

/// What came to a handler, and what it answers.
#[derive(Clone)]
struct Ear {
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    /// What came as an object, by its path: as a bucket keeps it, once.
    kept: Arc<Mutex<BTreeMap<String, (HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<StatusCode>>,
    address: String,
}

impl Ear {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(StatusCode::NO_CONTENT));
        let ear = Self { heard: Arc::default(), kept: Arc::default(), answers, address };
        let hear =
            async |State(ear): State<Self>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                if method == Method::PUT {
                    let mut kept = ear.kept.lock().unwrap();
                    if kept.contains_key(uri.path()) && headers["if-none-match"] == "*" {
                        return StatusCode::PRECONDITION_FAILED;
                    }
                    kept.insert(uri.path().to_owned(), (headers, body));
                } else {
                    ear.heard.lock().unwrap().push((headers, body));
                }
                *ear.answers.lock().unwrap()
            };
        let app = Router::new().route("/{*path}", any(hear)).with_state(ear.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        ear
    }

    fn take(&self) -> Vec<(HeaderMap, Bytes)> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

fn webhook(target: &str, events: &[&str]) -> Json {
    json!({"name": "Watch", "kind": "webhook", "target": target, "events": events, "enabled": true})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_told_signed_and_again_until_it_has_it() {
    let (all, _postgres) = databases();
    for database in all {
        let hosts = vec!["127.0.0.1".to_owned()];
        let world = World::with(Wishes { database, handler_hosts: hosts, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut ben) = (world.person("Ann").await, world.person("Ben").await);
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Ben", "member"), &mut ben).await;
        let ear = Ear::open().await;
        let handlers = "/t/acme/api/handlers";
        ben.get(handlers).await.expect(403);
        let made = ann.post(handlers, webhook(&ear.address, &[])).await.expect(201).json();
        let secret = made["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap().to_owned();
        let id = made["handler"]["id"].as_str().unwrap().to_owned();
        let handler = format!("{handlers}/{id}");
        let teller = world.house.called("acme").await.unwrap().state.teller.clone();
        // Nothing happens within the request that tells of it.
        ann.post("/t/acme/api/groups", json!({"name": "North"})).await.expect(201);
        assert!(ear.take().is_empty());
        assert!(teller.work_off().await.unwrap() >= 2);
        let heard = ear.take();
        let (headers, body) = heard.last().unwrap();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
        let text = std::str::from_utf8(body).unwrap();
        let signed = format!("{}.{}.{text}", header("webhook-id"), header("webhook-timestamp"));
        let signature = format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes()).as_ref()));
        assert_eq!(header("webhook-signature"), signature);
        let all: Vec<Json> = heard.iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
        let told = all.iter().find(|one| one["data"]["kind"] == "config.groups.added").unwrap();
        assert_eq!(told["type"], json!("SECURITY_CHECKPOINT_CONFIG_CHANGED"));
        assert!(told["data"]["personal"]["user"].as_str().unwrap().starts_with("Ann <"), "{told}");
        assert!(!told.to_string().contains("whsec_"));
        assert_eq!(teller.work_off().await.unwrap(), 0);
        // One that fails is told again, later and later, and given up; what was done stands.
        *ear.answers.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
        ann.post("/t/acme/api/groups", json!({"name": "South"})).await.expect(201);
        assert_eq!(teller.work_off().await.unwrap(), 1);
        assert_eq!(teller.work_off().await.unwrap(), 0);
        let mut ids: Vec<String> = Vec::new();
        for minutes in [1, 5, 15, 60, 180, 360, 720, 720] {
            world.clock.advance(SignedDuration::from_mins(minutes));
            assert_eq!(teller.work_off().await.unwrap(), 1, "after {minutes}");
            let (headers, _) = ear.take().pop().unwrap();
            ids.push(headers["webhook-id"].to_str().unwrap().to_owned());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        world.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(teller.work_off().await.unwrap(), 0);
        let listed = ann.get(handlers).await.expect(200).json();
        assert_eq!((&listed[0]["dead"], &listed[0]["waiting"]), (&json!(1), &json!(0)));
        let deliveries = ann.get(&format!("{handler}/deliveries")).await.expect(200).json();
        let mut all = deliveries.as_array().unwrap().iter();
        let dead = all.find(|one| one["event"] == json!(ids[0])).unwrap();
        assert_eq!((&dead["state"], &dead["answer"]), (&json!("dead"), &json!("an answer of status 500")));
        // Sent again by hand.
        *ear.answers.lock().unwrap() = StatusCode::OK;
        let again = format!("{handler}/deliveries/{}", ids[0]);
        ben.post(&again, json!({})).await.expect(403);
        ann.post(&format!("{handler}/deliveries/{id}"), json!({})).await.expect(404);
        ann.post(&again, json!({})).await.expect(202);
        assert_eq!(teller.work_off().await.unwrap(), 1);
        // As often as that makes sense, and not for ever.
        for _ in 1..5 {
            ann.post(&again, json!({})).await.expect(202);
        }
        assert_eq!(ann.post(&again, json!({})).await.code(), "sentTooOften");
        assert_eq!(teller.work_off().await.unwrap(), 1);
        let deliveries = ann.get(&format!("{handler}/deliveries")).await.expect(200).json();
        let mut all = deliveries.as_array().unwrap().iter();
        let sent = all.find(|one| one["event"] == json!(ids[0])).unwrap();
        assert_eq!((&sent["state"], &sent["mayAgain"]), (&json!("done"), &json!(false)));
        assert_eq!(ann.get(handlers).await.json()[0]["dead"], json!(0));
        // Changing one asks for a fresh proof, which is days old by now.
        assert_eq!(ann.delete(&handler).await.expect(403).code(), "proofRequired");
        let secure = json!({"password": crate::kit::PASSWORD});
        ann.post("/api/account/proof", secure).await.expect(204);
        let other = ann.put(&handler, json!({"name": "Watch", "kind": "webhook", "target": ear.address, "events": ["NONE"], "enabled": true, "newSecret": true}));
        let other = other.await.expect(200).json();
        assert!(other["secret"] != made["secret"] && other["secret"].is_string());
        ann.post("/t/acme/api/groups", json!({"name": "West"})).await.expect(201);
        assert_eq!(teller.work_off().await.unwrap(), 0);
        ann.delete(&handler).await.expect(204);
        ann.delete(&handler).await.expect(404);
        ann.get(&format!("{handler}/deliveries")).await.expect(404);
        assert_eq!(teller.forget().await.unwrap(), 0);
        world.clock.advance(SignedDuration::from_hours(31 * 24));
        assert!(teller.forget().await.unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_are_outside_and_mails_are_few() {
    let world = World::start().await;
    let mut ann = world.person("Ann").await;
    for target in ["http://127.0.0.1/x", "https://user@hooks.example/", "ftp://hooks.example/", "/x", ""] {
        let refused = ann.post("/api/handlers", webhook(target, &[])).await.expect(400);
        assert!(refused.text().contains("target"), "{}", refused.text());
    }
    for wrong in [json!({"kind": "pigeon"}), json!({"events": ["lower"]}), json!({"name": " "})] {
        let mut handler = webhook("https://hooks.example/", &[]);
        handler.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let status = ann.post("/api/handlers", handler).await.status;
        assert!(status == 400 || status == 422, "{wrong}");
    }
    // By name it looks public, and leads inside.
    ann.post("/api/handlers", webhook("https://localhost/x", &[])).await.expect(201);
    let mail = json!({"name": "Us", "kind": "mail", "target": "us@example.com", "enabled": true});
    ann.post("/api/handlers", mail).await.expect(201);
    let outbox = world.data.path().join("data").join("outbox");
    let mails = || std::fs::read_dir(&outbox).map(Iterator::count).unwrap_or_default();
    let before = mails();
    for number in 0..31 {
        ann.post("/api/groups", json!({"name": format!("Group {number}")})).await.expect(201);
    }
    let teller = world.state.teller.clone();
    teller.work_off().await.unwrap();
    // Thirty in an hour, perhaps a few more that were on their way together.
    let sent = mails() - before;
    assert!((30..38).contains(&sent), "{sent}");
    let of = async |ann: &mut Browser, kind: &str| {
        let listed = ann.get("/api/handlers").await.expect(200).json();
        let found = listed.as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone();
        (found["id"].as_str().unwrap().to_owned(), found)
    };
    let (inside, _) = of(&mut ann, "webhook").await;
    let deliveries = ann.get(&format!("/api/handlers/{inside}/deliveries")).await.expect(200).json();
    assert_eq!(deliveries[0]["answer"], json!("an address inside"));
    world.clock.advance(SignedDuration::from_mins(61));
    teller.work_off().await.unwrap();
    assert_eq!(of(&mut ann, "mail").await.1["waiting"], json!(0));
    world.clock.advance(SignedDuration::from_mins(-61));
    for number in 2..21 {
        let added =
            ann.post("/api/handlers", webhook(&format!("https://hooks.example/{number}"), &["NONE"])).await;
        if number == 20 {
            assert_eq!(added.code(), "tooManyHandlers");
        } else {
            added.expect(201);
        }
    }
}

/// The parts of a header `Authorization` as signature version 4 has it.
fn parts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let header = headers["authorization"].to_str().unwrap().strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let parts = header.split(',').map(|part| part.split_once('=').unwrap());
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_go_where_the_tenant_says_and_are_never_overwritten() {
    let (all, _postgres) = databases();
    for database in all {
        let hosts = vec!["127.0.0.1".to_owned()];
        let world = World::with(Wishes { database, handler_hosts: hosts, ..Wishes::default() }).await;
        let mut ann = world.person("Ann").await;
        let ear = Ear::open().await;
        let folder = format!("{}/heads", ear.address.strip_suffix("/hook").unwrap());
        let key = json!({"id": "AKIA1", "region": "eu-central-1", "key": "s3cret"});
        let bucket = |key: &Json| json!({"name": "Vault", "kind": "bucket", "target": folder, "enabled": true, "bucket": key});
        for wrong in [
            json!(null),
            json!({"id": "AKIA1", "region": "eu-central-1"}),
            json!({"id": "", "region": "eu", "key": "x"}),
            json!({"id": "a\nb", "region": "eu", "key": "x"}),
            json!({"id": "a", "region": "eu/x", "key": "x"}),
            json!({"id": "a", "region": "eu", "key": "x y"}),
        ] {
            let refused = ann.post("/api/handlers", bucket(&wrong)).await;
            assert!(refused.status == 400 && refused.text().contains("bucket"), "{wrong}");
        }
        for target in ["/x?y", "/%41", "http://10.0.0.1/x"] {
            let mut wrong = bucket(&key);
            wrong["target"] =
                if target.starts_with('/') { json!(format!("{folder}{target}")) } else { json!(target) };
            assert!(ann.post("/api/handlers", wrong).await.expect(400).text().contains("target"), "{target}");
        }
        let made = ann.post("/api/handlers", bucket(&key)).await.expect(201).json();
        assert!(!made.to_string().contains("s3cret"));
        let own = &made["handler"];
        assert_eq!((&own["keyId"], &own["region"]), (&json!("AKIA1"), &json!("eu-central-1")));
        assert_eq!(own["events"], json!(["AUDIT_HEAD_SIGNED"]));
        let handler = format!("/api/handlers/{}", own["id"].as_str().unwrap());
        let mail = json!({"name": "Us", "kind": "mail", "target": "us@example.com", "enabled": true,
            "events": ["AUDIT_HEAD_SIGNED"]});
        ann.post("/api/handlers", mail).await.expect(201);
        let (audit, teller) = (world.state.audit.clone(), world.state.teller.clone());
        teller.work_off().await.unwrap();
        let head = audit.sign().await.unwrap().unwrap();
        assert_eq!(teller.work_off().await.unwrap(), 2);
        let kept = ear.kept.lock().unwrap().clone();
        let (path, (headers, body)) = kept.first_key_value().unwrap();
        let name = format!("/heads/{}/{:012}-{}.json", head.tenant, head.size, &head.root[..16]);
        assert_eq!((kept.len(), path), (1, &name));
        // What came is the head as the command reads it.
        let came: gridkeep_server::audit::SignedHead = serde_json::from_slice(body).unwrap();
        assert!(came == head && audit.signed(&came));
        // It was signed with the key that was given, for the host and the moment that it was sent to and at.
        let parts = parts(headers);
        let day = world.clock.now().strftime("%Y%m%d").to_string();
        assert_eq!(parts["Credential"], format!("AKIA1/{day}/eu-central-1/s3/aws4_request"));
        let names: Vec<&str> = parts["SignedHeaders"].split(';').collect();
        let signed = names.iter().map(|name| format!("{name}:{}\n", headers[*name].to_str().unwrap()));
        let signed = signed.collect::<Vec<_>>().concat();
        let hash = |bytes: &[u8]| {
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
            gridkeep_store::audit::hex(hash.as_ref())
        };
        let canonical = format!("PUT\n{path}\n\n{signed}\n{}\n{}", parts["SignedHeaders"], hash(body));
        let moment = headers["x-amz-date"].to_str().unwrap();
        let text = format!(
            "AWS4-HMAC-SHA256\n{moment}\n{day}/eu-central-1/s3/aws4_request\n{}",
            hash(canonical.as_bytes())
        );
        let steps: [&str; 5] = [&day, "eu-central-1", "s3", "aws4_request", &text];
        let signature = steps.iter().fold(b"AWS4s3cret".to_vec(), |key: Vec<u8>, step| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            hmac::sign(&key, step.as_bytes()).as_ref().to_vec()
        });
        assert_eq!(parts["Signature"], gridkeep_store::audit::hex(&signature));
        // The mail has it, too.
        let outbox = world.data.path().join("data").join("outbox");
        let mails =
            std::fs::read_dir(&outbox).unwrap().map(|mail| std::fs::read(mail.unwrap().path()).unwrap());
        let quoted = |mail: Vec<u8>| {
            let text = String::from_utf8_lossy(&mail).replace("=\r\n", "").replace("=3D", "=");
            text.contains(&head.signature) && text.contains("gridkeep audit verify --head FILE")
        };
        assert_eq!(mails.filter(|mail| quoted(mail.clone())).count(), 1);
        // Where each has come to is to be seen.
        let sent = ann.get("/api/audit/heads/deliveries").await.expect(200).json();
        assert_eq!((sent.as_array().unwrap().len(), &sent[0]["size"]), (1, &json!(head.size)));
        let places: BTreeMap<&str, &str> = sent[0]["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["place"].as_str().unwrap(), one["state"].as_str().unwrap()))
            .collect();
        assert_eq!(places, BTreeMap::from([("Us", "done"), ("Vault", "done")]));
        // Sent again, it is there already and stays what it is.
        let event = sent[0]["deliveries"].as_array().unwrap().iter().find(|one| one["kind"] == "bucket");
        let again = format!("{handler}/deliveries/{}", event.unwrap()["event"].as_str().unwrap());
        ann.post(&again, json!({})).await.expect(202);
        assert_eq!(teller.work_off().await.unwrap(), 1);
        let listed = ann.get(&format!("{handler}/deliveries")).await.expect(200).json();
        assert_eq!(listed[0]["state"], json!("done"));
        assert_eq!(ear.kept.lock().unwrap().len(), 1);
        // The key may be left out where it stays the same, and goes to no other place.
        let same = json!({"id": "AKIA1", "region": "eu-west-1"});
        let changed = ann.put(&handler, bucket(&same)).await.expect(200).json();
        assert_eq!(changed["handler"]["region"], json!("eu-west-1"));
        let mut moved = bucket(&same);
        moved["target"] = json!(format!("{folder}/else"));
        ann.put(&handler, moved).await.expect(400);
        // One that cannot be written to is tried again, and says why.
        *ear.answers.lock().unwrap() = StatusCode::FORBIDDEN;
        audit.sign().await.unwrap().unwrap();
        teller.work_off().await.unwrap();
        let listed = ann.get(&format!("{handler}/deliveries")).await.expect(200).json();
        assert_eq!(
            (&listed[0]["state"], &listed[0]["answer"]),
            (&json!("waiting"), &json!("an answer of status 403"))
        );
    }
}

/// A server of other people's that checks signatures and conditions by their own code.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_bucket_takes_heads() {
    let Some(real) = Bucket::start("AKIA1", "s3cret/+=") else { return };
    let hosts = vec!["127.0.0.1".to_owned()];
    let world = World::with(Wishes { handler_hosts: hosts, ..Wishes::default() }).await;
    // It takes nothing that was signed at another time than its own.
    world.clock.advance(jiff::Timestamp::now().duration_since(world.clock.now()));
    let mut ann = world.person("Ann").await;
    let wish = |name: &str, key: &str| {
        let key = json!({"id": "AKIA1", "region": "eu-central-1", "key": key});
        json!({"name": name, "kind": "bucket", "target": real.address(), "enabled": true, "bucket": key})
    };
    let wrong = ann.post("/api/handlers", wish("Wrong", "another")).await.expect(201).json();
    let (audit, teller) = (world.state.audit.clone(), world.state.teller.clone());
    teller.work_off().await.unwrap();
    let refused = audit.sign().await.unwrap().unwrap();
    teller.work_off().await.unwrap();
    let name = |head: &gridkeep_server::audit::SignedHead| {
        format!("{}/{:012}-{}.json", head.tenant, head.size, &head.root[..16])
    };
    let listed = async |ann: &mut Browser, made: &Json| {
        let path = format!("/api/handlers/{}/deliveries", made["handler"]["id"].as_str().unwrap());
        ann.get(&path).await.expect(200).json()
    };
    let sent = listed(&mut ann, &wrong).await;
    assert_eq!(
        (&sent[0]["state"], &sent[0]["answer"]),
        (&json!("waiting"), &json!("an answer of status 403"))
    );
    assert_eq!(real.object(&name(&refused)), None);

    let right = ann.post("/api/handlers", wish("Vault", "s3cret/+=")).await.expect(201).json();
    teller.work_off().await.unwrap();
    let head = audit.sign().await.unwrap().unwrap();
    teller.work_off().await.unwrap();
    let sent = listed(&mut ann, &right).await;
    assert_eq!(sent[0]["state"], json!("done"), "{sent}");
    let kept = real.object(&name(&head)).unwrap();
    let came: gridkeep_server::audit::SignedHead = serde_json::from_slice(&kept).unwrap();
    assert!(came == head && audit.signed(&came));
    // Sent again it is there already, and stays what it is.
    let again = format!("/api/handlers/{}/deliveries", right["handler"]["id"].as_str().unwrap());
    ann.post(&format!("{again}/{}", sent[0]["event"].as_str().unwrap()), json!({})).await.expect(202);
    assert_eq!(teller.work_off().await.unwrap(), 1);
    assert_eq!(listed(&mut ann, &right).await[0]["state"], json!("done"));
    assert_eq!(real.object(&name(&head)), Some(kept));
}
