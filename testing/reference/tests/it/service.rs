//! What the service says of itself, and its data as a whole.

use serde_json::{Value as Json, json};

use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_is_sound() {
    let projection = gridkeep_reference::projection();
    assert_eq!(projection.edm.check(), []);
    let world = World::start().await;
    let xml = world.get("$metadata").await.expect(200);
    assert_eq!(xml.header("content-type"), "application/xml");
    assert!(gridkeep_odata::csdl::xml::read(&xml.text()).unwrap().check().is_empty());
    let json = world.get("$metadata?$format=json").await.expect(200);
    assert!(gridkeep_odata::csdl::json::read(&json.text()).unwrap().check().is_empty());
}

/// What an answer tells, but for what the service itself says of each change.
fn told(answer: Json) -> Json {
    match answer {
        Json::Array(all) => all.into_iter().map(told).collect(),
        Json::Object(members) => {
            let own = ["@odata.etag", "Version", "CreatedAt"];
            let members = members.into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
            members.map(|(name, member)| (name, told(member))).collect()
        }
        other => other,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reseeding_brings_the_seed_back() {
    let world = World::start().await;
    let whole =
        async || told(world.get("Products?$expand=Descriptions,RelatedProducts").await.expect(200).json());
    let products = whole().await;
    assert_eq!(products["value"].as_array().unwrap().len(), 7);
    let untouched = world.named("Products", "Coffee Mug").await;
    let untouched = (world.get(&untouched).await.expect(200).json(), untouched);
    world.json("POST", "Products", json!({"Name": "Lamp", "Price": 12.5})).await.expect(201);
    let mouse = world.named("Products", "Wireless Mouse").await;
    world.send("DELETE", &mouse, &[("if-match", "*")], "").await.expect(204);
    let laptop = world.named("Products", "Laptop").await;
    world
        .json("PATCH", &laptop, json!({"Name": "Slab", "Data": null, "ShippingTime": null}))
        .await
        .expect(204);
    world.json("PATCH", "Company", json!({"Name": "Other"})).await.expect(204);
    let count = world.get("Products/$count").await.expect(200);
    assert_eq!(count.text(), "7");
    assert_ne!(whole().await, products);
    let rows = world.send("POST", "Reseed", &[], "").await.expect(200).json()["value"].as_i64().unwrap();
    assert_eq!(whole().await, products);
    assert_eq!(world.get("Company/Name").await.json()["value"], "TechStore Inc.");
    assert_eq!(world.get(&untouched.1).await.json(), untouched.0);
    assert_eq!(world.json("POST", "Reseed", json!({})).await.expect(200).json()["value"], rows);
}

/// More rows than one transaction holds.
#[tokio::test(flavor = "multi_thread")]
async fn reseeding_removes_many_rows() {
    let world = World::start().await;
    for round in 0..3 {
        let add = |id: usize| json!({"id": id.to_string(), "method": "POST", "url": "Categories", "body": {"Name": format!("{round}-{id}")}});
        let all: Vec<Json> = (0..400).map(add).collect();
        world.json("POST", "$batch", json!({"requests": all})).await.expect(200);
    }
    assert_eq!(world.get("Categories/$count").await.text(), "1203");
    world.send("POST", "Reseed", &[], "").await.expect(200);
    assert_eq!(world.get("Categories/$count").await.text(), "3");
}
