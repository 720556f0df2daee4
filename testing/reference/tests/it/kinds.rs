//! Enumerations, complex values, derived types, keys of several properties, the singleton and what the service fills.

use serde_json::{Value as Json, json};

use crate::kit::World;

/// Names of the entities that a query finds, in order.
async fn names(world: &World, query: &str) -> String {
    let found = world.get(query).await.expect(200).json();
    let name = |entity: &Json| entity["Name"].as_str().unwrap_or("-").to_owned();
    found["value"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_see_through_enumerations_complex_values_and_types() {
    let world = World::start().await;
    let check = async |query: &str, expect: &str| assert_eq!(names(&world, query).await, expect, "{query}");
    check("Products?$filter=Status%20has%20App.ProductStatus'Featured'", "Laptop, Premium Laptop Pro").await;
    check("Products?$filter=Status%20has%20'InStock,OnSale'", "Wireless Mouse").await;
    check("Products?$filter=Status%20eq%20App.ProductStatus'InStock,OnSale'", "Wireless Mouse").await;
    check("Products?$filter='Discontinued'%20eq%20Status", "Office Chair").await;
    check("Products?$filter=Status%20eq%204", "Office Chair").await;
    check("Products?$filter=Status%20in%20('OnSale,InStock','Discontinued')", "Wireless Mouse, Office Chair")
        .await;
    check("Products?$orderby=Status%20desc,Name&$top=1", "Laptop").await;
    check("Products?$filter=ShippingAddress/City%20eq%20'Seattle'", "Laptop").await;
    check("Products?$filter=ShippingAddress%20ne%20null", "Laptop").await;
    check("Products?$filter=Dimensions/Length%20gt%2010&$orderby=ShippingAddress/City", "Laptop").await;
    check("Products?$search=seattle", "Laptop").await;
    check("Products?$filter=isof(App.SpecialProduct)", "Laptop, Premium Laptop Pro, Gaming Mouse Ultra")
        .await;
    check("Products/App.SpecialProduct?$filter=SpecialFeature%20eq%20'Lights'", "Gaming Mouse Ultra").await;
    check("Products?$filter=App.SpecialProduct/SpecialFeature%20eq%20'Lights'", "Gaming Mouse Ultra").await;
    check("Products?$filter=App.SpecialProduct/Price%20gt%200&$top=1&$orderby=Price", "Gaming Mouse Ultra")
        .await;
    check("Products?$filter=Version%20eq%201&$orderby=Version,Name&$top=1", "Coffee Mug").await;
    let refused = async |query: &str, status: u16, code: &str| {
        let answer = world.get(query).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str().unwrap()),
            (status, code),
            "{query}"
        );
    };
    refused("Products?$filter=Status%20eq%20'Sold'", 400, "INVALID_VALUE").await;
    refused("Products?$filter=Status%20eq%20App.Colour'Red'", 400, "UNKNOWN_TYPE").await;
    refused("Products?$filter=Price%20has%201", 400, "TYPE_MISMATCH").await;
    refused("Products?$filter=ShippingAddress%20eq%20'x'", 400, "NOT_PRIMITIVE").await;
    refused("Products?$filter=ShippingAddress/Planet%20eq%20'x'", 400, "UNKNOWN_PROPERTY").await;
    refused("Products?$filter=SpecialProperty%20eq%20'x'", 400, "UNKNOWN_PROPERTY").await;
    refused("Products?$select=ShippingAddress/Planet", 400, "UNKNOWN_PROPERTY").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_say_their_type_and_show_what_it_has() {
    let world = World::start().await;
    let laptop = world.named("Products", "Laptop").await;
    let mug = world.named("Products", "Coffee Mug").await;
    let whole = world.get(&laptop).await.expect(200).json();
    assert_eq!(whole["@odata.type"], "#App.SpecialProduct");
    assert_eq!(
        (&whole["Status"], &whole["SpecialProperty"]),
        (&json!("InStock,Featured"), &json!("Limited edition"))
    );
    assert_eq!(
        (&whole["ShippingAddress"]["City"], &whole["Dimensions"]["Unit"]),
        (&json!("Seattle"), &json!("cm"))
    );
    let plain = world.get(&mug).await.expect(200).json();
    assert_eq!((plain.get("@odata.type"), plain.get("SpecialProperty")), (None, None));
    assert_eq!(plain["ShippingAddress"], Json::Null);
    world.get(&format!("{mug}/App.SpecialProduct")).await.expect(404);
    let special =
        world.get(&format!("{laptop}/App.SpecialProduct?$select=SpecialFeature")).await.expect(200).json();
    let context = special["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("#Products/App.SpecialProduct(SpecialFeature)/$entity"), "{context}");
    let check = async |path: &str, expect: &str| {
        assert_eq!(world.get(&format!("{laptop}/{path}")).await.expect(200).text(), expect, "{path}");
    };
    check("Status/$value", "InStock,Featured").await;
    check("ShippingAddress/City/$value", "Seattle").await;
    check("App.SpecialProduct/SpecialProperty/$value", "Limited edition").await;
    check("Version/$value", "1").await;
    let picked = format!("{laptop}?$select=Name,ShippingAddress/City,App.SpecialProduct/SpecialFeature");
    let picked = world.get(&picked).await.expect(200).json();
    assert_eq!(picked["ShippingAddress"], json!({"City": "Seattle"}));
    assert_eq!(
        (picked.get("SpecialProperty"), &picked["SpecialFeature"]),
        (None, &json!("Backlit keyboard"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn complex_values_are_changed_whole_and_in_parts() {
    let world = World::start().await;
    let mouse = world.named("Products", "Wireless Mouse").await;
    let address = format!("{mouse}/ShippingAddress");
    let check = async |method: &str, path: &str, body: Json, expect: Json| {
        world.json(method, path, body).await.expect(204);
        let whole = world.get(&mouse).await.expect(200).json();
        let shown: serde_json::Map<String, Json> = match &whole["ShippingAddress"] {
            Json::Object(parts) => parts.clone().into_iter().filter(|(_, part)| !part.is_null()).collect(),
            _ => serde_json::Map::new(),
        };
        assert_eq!(Json::Object(shown), expect, "{method} {path}");
    };
    check("PATCH", &mouse, json!({"ShippingAddress": {"City": "Rome"}}), json!({"City": "Rome"})).await;
    check("PATCH", &address, json!({"State": "IT"}), json!({"City": "Rome", "State": "IT"})).await;
    check("PUT", &address, json!({"City": "Paris"}), json!({"City": "Paris"})).await;
    check(
        "PUT",
        &format!("{address}/Street"),
        json!({"value": "Rue"}),
        json!({"City": "Paris", "Street": "Rue"}),
    )
    .await;
    check("DELETE", &format!("{address}/City"), json!({}), json!({"Street": "Rue"})).await;
    check("DELETE", &address, json!({}), json!({})).await;
    world.get(&address).await.expect(204);
    world.json("PATCH", &mouse, json!({"ShippingAddress": {"Planet": "X"}})).await.expect(400);
    world.json("PATCH", &mouse, json!({"ShippingAddress": {"State": "too long"}})).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_makes_is_passed_over_and_what_is_fixed_stays() {
    let world = World::start().await;
    let body = json!({
        "@odata.type": "#App.SpecialProduct", "Name": "Lamp", "Price": 12.5, "SerialNumber": "L-1", "Status": 2,
        "SpecialProperty": "Glows", "Version": 77, "CreatedAt": "2001-01-01T00:00:00Z", "ProductType": "Other",
        "ID": "00000000-0000-0000-0000-000000000001",
    });
    let made = world.json("POST", "Products", body).await.expect(201);
    let lamp = made.header("location").to_owned();
    let shown = made.json();
    assert_eq!(shown["@odata.type"], "#App.SpecialProduct");
    assert_eq!((&shown["Version"], &shown["ProductType"]), (&json!(1), &json!("SpecialProduct")));
    assert_eq!((&shown["SerialNumber"], &shown["Status"]), (&json!("L-1"), &json!("OnSale")));
    assert_ne!(shown["ID"], "00000000-0000-0000-0000-000000000001");
    assert_ne!(shown["CreatedAt"], "2001-01-01T00:00:00Z");
    let changed =
        world.json("PATCH", &lamp, json!({"SerialNumber": "X", "Price": 13, "ProductType": "Product"}));
    changed.await.expect(204);
    let again = world.get(&lamp).await.expect(200).json();
    assert_eq!(
        (&again["SerialNumber"], &again["Price"], &again["Version"]),
        (&json!("L-1"), &json!(13.0), &json!(2))
    );
    assert_eq!((&again["CreatedAt"], &again["ProductType"]), (&shown["CreatedAt"], &shown["ProductType"]));
    world.json("PUT", &format!("{lamp}/SerialNumber"), json!({"value": "X"})).await.expect(400);
    world
        .json("POST", "Products", json!({"Name": "n", "Price": 1, "SpecialProperty": "x"}))
        .await
        .expect(400);
    world.json("POST", "Products", json!({"Name": "", "Price": 1})).await.expect(400);
    // Without If-Match a change is taken, with another version's it is not.
    let stale = [("content-type", "application/json"), ("if-match", "W/\"1\"")];
    world.send("PATCH", &lamp, &stale, r#"{"Price":1}"#).await.expect(412);
    let unknown = "Products(00000000-0000-0000-0000-000000000000)";
    world.json("PATCH", unknown, json!({"Name": "n", "Price": 1})).await.expect(404);
    world.send("DELETE", &lamp, &[], "").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_singleton_is_one_entity_and_withheld_methods_are_none() {
    let world = World::start().await;
    let company = world.get("Company").await.expect(200);
    assert_eq!((company.header("etag"), &company.json()["CEO"]), ("W/\"1\"", &json!("Sarah Johnson")));
    assert!(company.json()["@odata.context"].as_str().unwrap().ends_with("$metadata#Company"));
    assert_eq!(world.get("Company/Founded/$value").await.expect(200).text(), "2010");
    world.json("PATCH", "Company", json!({"CEO": "Ada"})).await.expect(204);
    world.json("PUT", "Company/Website", json!({"value": "https://example.com"})).await.expect(204);
    let changed = world.get("Company").await.expect(200).json();
    assert_eq!(
        (&changed["CEO"], &changed["Name"], &changed["Version"]),
        (&json!("Ada"), &json!("TechStore Inc."), &json!(3))
    );
    for (method, path) in [("POST", "Company"), ("DELETE", "Company"), ("POST", "ReadOnlyItems")] {
        let answer = world.json(method, path, json!({"Name": "x"})).await.expect(405);
        assert!(!answer.header("allow").contains(method), "{method} {path}");
    }
    let item = world.named("ReadOnlyItems", "Read-only item A").await;
    for method in ["PATCH", "PUT", "DELETE"] {
        world.json(method, &item, json!({"Name": "x"})).await.expect(405);
    }
    world.get("Company(1)").await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_several_properties_name_entities() {
    let world = World::start().await;
    let mouse = world.named("Products", "Wireless Mouse").await;
    let id = mouse.trim_start_matches("Products(").trim_end_matches(')').to_owned();
    let german = json!({"ProductID": id, "LanguageKey": "DE", "Description": "Maus"});
    let made = world.json("POST", "ProductDescriptions", german.clone()).await.expect(201);
    let address = format!("ProductDescriptions(ProductID={id},LanguageKey='DE')");
    assert_eq!(made.header("location"), format!("{}{address}", world.root()));
    world.json("POST", "ProductDescriptions", german).await.expect(409);
    world.json("PATCH", &address, json!({"Description": "Nager", "LanguageKey": "XX"})).await.expect(204);
    let turned = format!("ProductDescriptions(LanguageKey='DE',ProductID={id})");
    let found = world.get(&turned).await.expect(200).json();
    assert_eq!((&found["Description"], &found["LanguageKey"]), (&json!("Nager"), &json!("DE")));
    let narrow = format!("ProductDescriptions?$filter=ProductID%20eq%20{id}&$select=Description");
    let narrow = world.get(&narrow).await.expect(200).json();
    let ids: Vec<_> =
        narrow["value"].as_array().unwrap().iter().map(|one| one["@odata.id"].as_str().unwrap()).collect();
    assert!(ids.contains(&format!("{}{address}", world.root()).as_str()), "{ids:?}");
    let context = world.get(&format!("{address}/Description")).await.expect(200).json();
    assert!(context["@odata.context"].as_str().unwrap().ends_with(&format!("#{address}/Description")));
    world.get(&format!("ProductDescriptions({id})")).await.expect(400);
    world.get(&format!("ProductDescriptions(ProductID={id})")).await.expect(400);
    world.json("PUT", &address, json!({"Description": "Whole"})).await.expect(204);
    world.send("DELETE", &address, &[], "").await.expect(204);
    world.get(&address).await.expect(404);
    // Whoever changes what is not there makes it, under the key of the address.
    world.json("PATCH", &address, json!({"Description": "Again"})).await.expect(201);
    assert_eq!(world.get(&turned).await.expect(200).json()["LanguageKey"], "DE");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_given_and_taken_as_they_are() {
    let world = World::start().await;
    let logo = world.get("Company/Logo/$value").await.expect(200);
    assert_eq!(logo.header("content-type"), "image/svg+xml");
    assert!(logo.body.starts_with(b"<svg"));
    let laptop = world.named("Products", "Laptop").await;
    let data = format!("{laptop}/Data/$value");
    assert_eq!(&*world.get(&data).await.expect(200).body, b"Laptop");
    let bytes = vec![0_u8, 159, 146, 150];
    world
        .send("PUT", &data, &[("content-type", "application/octet-stream")], bytes.clone())
        .await
        .expect(204);
    assert_eq!(*world.get(&data).await.expect(200).body, *bytes);
    let shown = world.get(&laptop).await.expect(200).json();
    assert_eq!(
        (&shown["Data"], &shown["ShippingTime"], &shown["Offset"]),
        (&json!("AJ-Slg"), &json!("P3D"), &json!("-PT1H"))
    );
    let sample = world.get("DecimalSamples").await.expect(200);
    assert!(sample.text().contains("\"Amount\":123.450000000000000000"), "{}", sample.text());
    world.send("DELETE", &data, &[], "").await.expect(204);
    world.get(&data).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_along_gets_its_key_from_what_it_belongs_to() {
    let world = World::start().await;
    let body = json!({
        "Name": "Lamp", "Price": 9.5, "Descriptions": [{"LanguageKey": "EN", "Description": "It glows"}],
    });
    let made = world.json("POST", "Products", body).await.expect(201);
    let id = made.json()["ID"].as_str().unwrap().to_owned();
    let address = format!("ProductDescriptions(ProductID={id},LanguageKey='EN')");
    assert_eq!(world.get(&address).await.expect(200).json()["Description"], "It glows");
    let again = json!({"ProductID": id, "LanguageKey": "EN", "Description": "Twice"});
    world.json("POST", "ProductDescriptions", again).await.expect(409);
    assert_eq!(world.get(&format!("{address}/Product")).await.expect(200).json()["Name"], "Lamp");
}
