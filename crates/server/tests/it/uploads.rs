//! Uploads: whose they are, how long they last, how many there may be, and files that are none.

use gridkeep_server::creation::UploadLimits;
use jiff::SignedDuration;

use crate::kit::{STOCK, Wishes, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_its_browsers_own_and_expires() {
    let world = World::start().await;
    let (mut ada, mut eve) = (world.browser(), world.browser());
    let first = ada.stock().await;
    let second = ada.stock().await;
    let path = |token: &str| format!("/api/creations/{token}");
    assert_eq!(eve.get(&path(&first)).await.expect(404).code(), "notFound");
    eve.stock().await;
    assert_eq!(eve.get(&path(&first)).await.expect(404).code(), "notFound");
    assert_eq!(eve.delete(&path(&first)).await.expect(404).code(), "notFound");

    world.clock.advance(SignedDuration::from_mins(10));
    ada.get(&path(&first)).await.expect(200);
    world.clock.advance(SignedDuration::from_mins(10));
    // Used ten minutes ago, and twenty.
    ada.get(&path(&first)).await.expect(200);
    ada.get(&path(&second)).await.expect(404);
    world.clock.advance(SignedDuration::from_mins(15));
    ada.get(&path(&first)).await.expect(404);
    world.state.uploads.sweep();
    assert!(world.state.uploads.is_empty());

    let third = ada.stock().await;
    ada.delete(&path(&third)).await.expect(204);
    ada.get(&path(&third)).await.expect(404);
    // Nothing of an upload ever reaches the disk.
    assert!(std::fs::read_dir(world.data.path().join("data/objects")).unwrap().next().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_bounded() {
    let uploads = UploadLimits { per_browser: 2, count: 3, file_bytes: 1024, ..UploadLimits::default() };
    let world = World::with(Wishes { uploads, ..Wishes::default() }).await;
    let (mut ada, mut ben) = (world.browser(), world.browser());
    let first = ada.stock().await;
    world.clock.advance(SignedDuration::from_secs(1));
    ada.stock().await;
    ada.stock().await;
    // A browser's third upload takes the place of its first.
    ada.get(&format!("/api/creations/{first}")).await.expect(404);
    ben.stock().await;
    let full = world.browser().upload("/api/creations", "stock.csv", STOCK).await.expect(503);
    assert_eq!((full.code().as_str(), full.header("retry-after")), ("uploadsFull", "60"));
    let large = ben.upload("/api/creations", "large.csv", vec![b'a'; 1025]).await.expect(413);
    assert_eq!(
        (large.code().as_str(), &large.json()["detail"]),
        ("tooLarge", &"At most 1 kB can be sent here.".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_is_explained() {
    let world = World::start().await;
    let mut ada = world.browser();
    let zip_bomb_like = [b"PK\x03\x04".as_slice(), &[0; 200]].concat();
    let deep = format!("a\n={}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    let mut seen = Vec::new();
    for (name, bytes) in [
        ("pdf.xlsx", b"%PDF-1.7 nothing".to_vec()),
        ("truncated.xlsx", zip_bomb_like),
        ("protected.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec()),
        ("deep.csv", deep.into_bytes()),
    ] {
        let answer = ada.upload("/api/creations", name, bytes).await;
        let body = if answer.status == 201 { serde_json::json!("read") } else { answer.json() };
        seen.push(serde_json::json!({"file": name, "status": answer.status, "answer": body}));
    }
    insta::assert_json_snapshot!("bad_files", seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_are_there() {
    let world = World::start().await;
    let mut ada = world.browser();
    ada.language = "de";
    let samples = ada.get("/api/samples").await.expect(200).json();
    insta::assert_json_snapshot!("samples", samples);
    for sample in samples.as_array().unwrap() {
        let path = format!("/api/creations?sample={}", sample["id"].as_str().unwrap());
        let creation = ada.upload(&path, "", "").await.expect(201).json();
        assert_eq!(creation["fileName"], sample["fileName"]);
        assert!(creation["report"]["formulas"].as_u64().unwrap() > 0);
        // What is proposed is whole, its actions too.
        let token = creation["token"].as_str().unwrap();
        for proposal in creation["proposals"].as_array().unwrap() {
            let check = format!("/api/creations/{token}/check");
            let definition = serde_json::json!({ "definition": proposal["definition"] });
            let found = ada.post(&check, definition).await.expect(200).json();
            assert_eq!(found["problems"], serde_json::json!([]), "{sample}");
        }
        let acts = creation["proposals"][0]["definition"]["actions"].is_array();
        assert_eq!(acts, sample["id"] == "expense_report");
    }
    assert_eq!(ada.upload("/api/creations?sample=none", "", "").await.expect(404).code(), "notFound");
}
