//! Reading and writing along navigation properties, across a table of pairs too.

use serde_json::{Value as Json, json};

use crate::kit::World;

impl World {
    async fn names(&self, path: &str) -> Vec<String> {
        let items = self.send("GET", path, &[], "").await.expect(200).json();
        let name = |item: &Json| item["Name"].as_str().unwrap().to_owned();
        items["value"].as_array().unwrap().iter().map(name).collect()
    }

    async fn address(&self, set: &str, name: &str) -> String {
        let path = format!("{set}?$filter=Name%20eq%20%27{name}%27&$select=ID");
        let found = self.send("GET", &path, &[], "").await;
        format!("{set}({})", found.expect(200).json()["value"][0]["ID"].as_str().unwrap())
    }

    async fn change(&self, method: &str, path: &str, body: Json, status: u16) {
        let headers = [("content-type", "application/json"), ("if-match", "*")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &headers, body).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_related_to_each_other_by_pairs() {
    let world = World::start().await;
    let mug = world.address("Products", "Coffee%20Mug").await;
    let chair = world.address("Products", "Office%20Chair").await;
    let laptop = world.address("Products", "Laptop").await;
    let related = format!("{mug}/RelatedProducts?$orderby=Name&$select=Name");
    let before = world.names(&related).await;
    world.change("POST", &format!("{mug}/RelatedProducts/$ref"), json!({"@id": chair}), 204).await;
    world.change("POST", &format!("{mug}/RelatedProducts/$ref"), json!({"@odata.id": laptop}), 204).await;
    // Once more changes nothing.
    world.change("POST", &format!("{mug}/RelatedProducts/$ref"), json!({"@id": chair}), 204).await;
    assert_eq!(world.names(&related).await.len(), before.len() + 2);
    let filter = "Products?$orderby=Name&$select=Name&$filter=RelatedProducts/any(r:r/Name%20eq%20%27Office%20Chair%27)";
    assert!(world.names(filter).await.contains(&"Coffee Mug".to_owned()));
    let expanded =
        format!("{mug}?$select=Name&$expand=RelatedProducts($select=Name;$orderby=Name;$top=1;$count=true)");
    let expanded = world.send("GET", &expanded, &[], "").await.expect(200).json();
    assert_eq!(expanded["RelatedProducts"].as_array().unwrap().len(), 1);
    let all = "Products?$expand=RelatedProducts($select=Name;$orderby=Name)&$select=Name&$filter=Name%20eq%20%27Coffee%20Mug%27";
    let all = world.send("GET", all, &[], "").await.expect(200).json();
    assert_eq!(all["value"][0]["RelatedProducts"].as_array().unwrap().len(), before.len() + 2);
    world.change("DELETE", &format!("{mug}/RelatedProducts/$ref?$id={chair}"), Json::Null, 204).await;
    world.change("DELETE", &format!("{mug}/RelatedProducts/$ref?$id={chair}"), Json::Null, 404).await;
    assert_eq!(world.names(&related).await.len(), before.len() + 1);
    // Only those of a type.
    let special = format!(
        "{mug}?$select=Name&$expand=RelatedProducts/App.SpecialProduct($select=Name,SpecialFeature;$orderby=Name;$count=true)"
    );
    let special = world.send("GET", &special, &[("Prefer", "maxpagesize=1")], "").await.expect(200).json();
    assert!(
        special["@odata.context"].as_str().unwrap().contains("RelatedProducts/App.SpecialProduct("),
        "{special}"
    );
    let names =
        |items: &Json| items.as_array().unwrap().iter().map(|one| one["Name"].clone()).collect::<Vec<_>>();
    assert!(special["RelatedProducts@odata.count"].as_u64().unwrap() >= 1, "{special}");
    assert!(names(&special["RelatedProducts"]).iter().all(|name| name != "Office Chair"), "{special}");
    let none = format!("{mug}?$expand=Category/App.Product");
    world.send("GET", &none, &[], "").await.expect(400);
    let category = world.address("Categories", "Kitchen").await;
    world.change("PUT", &format!("{chair}/Category/$ref"), json!({"@id": category}), 204).await;
    let names = world.names(&format!("{category}/Products?$orderby=Name&$select=Name")).await;
    assert!(names.contains(&"Office Chair".to_owned()), "{names:?}");
    let by_path =
        world.names("Products?$filter=Category/Name%20eq%20%27Kitchen%27&$orderby=Name&$select=Name").await;
    assert_eq!(names, by_path);
}
