//! What the service says of itself, and its data as a whole.

use serde_json::json;

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

#[tokio::test(flavor = "multi_thread")]
async fn reseeding_brings_the_seed_back() {
    let world = World::start().await;
    let products = world.get("Products").await.expect(200).json();
    assert_eq!(products["value"].as_array().unwrap().len(), 7);
    world.json("POST", "Products", json!({"Name": "Lamp", "Price": 12.5})).await.expect(201);
    let mouse = world.named("Products", "Wireless Mouse").await;
    world.send("DELETE", &mouse, &[("if-match", "*")], "").await.expect(204);
    let count = world.get("Products/$count").await.expect(200);
    assert_eq!(count.text(), "7");
    assert_ne!(world.get("Products").await.json(), products);
    world.send("POST", "Reseed", &[], "").await.expect(200);
    assert_eq!(world.get("Products").await.json(), products);
}
