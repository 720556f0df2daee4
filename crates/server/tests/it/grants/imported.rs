//! What grants keep from somebody is neither changed nor told by an import.

use axum::http::{Method, header};
use serde_json::json;

use super::{Scene, north};
use crate::kit::databases;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_has_the_rights_of_whoever_imports() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, north()).await;
        let base = format!("/api/apps/{}/tables", scene.app);
        let before = scene.all().await;
        // Columns that are hidden or read only are none to fill.
        let file = "no,region,owner,amount,secret\nn9,north,eve@example.com,1,s\n";
        let preview = scene
            .ann
            .upload(&format!("{base}/orders/import/preview"), "a.csv", file)
            .await
            .expect(200)
            .json();
        let columns: Vec<_> =
            preview["columns"].as_array().unwrap().iter().map(|one| one["column"].as_str()).collect();
        assert_eq!(columns, [Some("no"), Some("region"), None, Some("amount"), None]);
        for columns in ["no,region,owner,amount,", "no,region,,amount,secret"] {
            let to = format!("{base}/orders/import?columns={columns}");
            assert_eq!(scene.ann.upload(&to, "a.csv", file).await.expect(422).code(), "importWrongColumns");
        }
        // Rows of others are neither added nor changed, and one of them spoils the whole; what is hidden is told nowhere.
        let to = format!("{base}/orders/import?rows=change");
        for (status, file) in [
            (403, "no,region,amount\nn9,north,1\ns9,south,1\n"),
            // They cannot know that it is there: it is one more row, with a number that is taken.
            (422, "no,region,amount\nn1,north,11\ns1,north,1\n"),
            (403, "no,region,amount\nn1,south,11\n"),
        ] {
            let answer = scene.ann.upload(&to, "a.csv", file).await;
            assert_eq!(answer.status, status, "{}", answer.text());
            assert!(!answer.text().contains("MARK"), "{}", answer.text());
        }
        scene.ann.upload(&format!("{base}/vault/import"), "a.csv", "id\nv9\n").await.expect(404);
        assert_eq!(scene.all().await, before);
        // The same by a key.
        let request = axum::http::Request::builder()
            .method(Method::POST)
            .uri(&to)
            .header(header::HOST, "gridkeep.test")
            .header(header::AUTHORIZATION, format!("Bearer {}", scene.key))
            .body("no,region,amount\ns1,north,1\n".into())
            .unwrap();
        let answer = scene.world.browser().send(request).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        // Their own are.
        let done = scene.ann.upload(&to, "a.csv", "no,region,amount\nn1,north,11\nn9,north,1\n").await;
        assert_eq!(
            done.expect(200).json(),
            json!({"outcome": "applied", "added": 1, "changed": 1, "unchanged": 0})
        );
    }
}
