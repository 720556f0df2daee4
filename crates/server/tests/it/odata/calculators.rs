//! Calculators, called as functions.

use serde_json::{Value as Json, json};

use super::{Program, hidden, shown};
use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn calculators_are_functions() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let workbook =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/loan_calculator.xlsx")).unwrap();
    let creation = maker.upload("/api/creations", "loan.xlsx", workbook).await.expect(201).json();
    let best = &creation["proposals"][0]["definition"];
    let token = creation["token"].as_str().unwrap();
    let request = json!({"definition": best, "audience": "public", "people": []});
    let app = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201).json();
    let app = app["id"].as_str().unwrap();
    // A public app answers without a key.
    let mut guest = Program {
        browser: world.browser(),
        root: format!("/odata/default/{app}/"),
        key: None,
        version: None,
    };
    let metadata = guest.get("$metadata").await.expect(200);
    insta::assert_snapshot!("calculator_metadata", hidden(&metadata.text().replace(app, "[app]")));
    let service = guest.get("").await.expect(200).json();
    let names: Vec<&Json> = service["value"].as_array().unwrap().iter().map(|entry| &entry["name"]).collect();
    let name =
        names.iter().find_map(|name| name.as_str().filter(|name| name.starts_with("Calculate"))).unwrap();
    let answer = guest.get(name).await.expect(200);
    insta::assert_snapshot!("calculator", shown(&answer, app));
    let asked = guest.get(&format!("{name}(LoanAmount=100000,InterestRatePA=0.06,Years=10)")).await;
    insta::assert_snapshot!("calculator_asked", shown(&asked, app));
    // Nobody finds what somebody else entered.
    assert_eq!(guest.get(name).await.text(), answer.text());
    for (path, expect) in [
        (format!("{name}(LoanAmount='much')"), 400),
        (format!("{name}(Nonsense=1)"), 404),
        (format!("{name}?Nonsense=1"), 400),
        (format!("{name}(LoanAmount=1e999)"), 400),
        (format!("{name}/More"), 404),
    ] {
        let answer = guest.get(&path).await;
        assert_eq!(answer.status, expect, "{path}: {}", answer.text());
    }
    assert_eq!(guest.get(&format!("{name}?@y=10&LoanAmount=1000&Years=@y")).await.status, 200);
}
