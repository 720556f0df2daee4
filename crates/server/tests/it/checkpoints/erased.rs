//! What gates said of people who are erased: their addresses go, what others did stays, and the chain holds.

use serde_json::{Value as Json, json};

use super::{
    config::promote,
    flow::{Shop, approve, asked, password},
    gate, put,
};
use crate::{
    kit::{PASSWORD, databases, email},
    tenants::account,
};

/// The last row of a gate that was passed: its personal values.
async fn passed(shop: &mut Shop) -> Json {
    let page = shop.owner.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
    page["rows"][0]["personal"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_transaction_names_goes_and_the_transaction_stays() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        put(&mut shop.owner, &gate("STOCK_CHANGE", "&OLD_ITEM becomes &ITEM for &USER?", true)).await;
        let mut second = shop.world.person("Second").await;
        let path = shop.path();
        let names = async |shop: &mut Shop, number: u64, version: u64, item: &str| {
            let mut change = shop.rows.change(number, 1, version, 0);
            change["operations"][0]["values"] = json!({"item": item});
            let challenge = asked(&mut shop.member, &path, &change).await;
            approve(&mut shop.member, &challenge, password()).await.expect(200);
            passed(shop).await
        };
        // Whoever it is, with an account or not; whoever began it stands there as before.
        names(&mut shop, 1, 1, "Motor of Second@Example.com").await;
        let item = "Motor of nobody@example.org, member@example.com and &ADDRESS_1";
        let row = names(&mut shop, 2, 2, item).await;
        let of = |row: &Json, name: &str| row[name]["value"].clone();
        let said = "Motor of &ADDRESS_2 becomes Motor of &ADDRESS_3, &USER and &ADDRESS_1 for &USER?";
        assert_eq!(of(&row, "message"), said);
        assert_eq!(
            [of(&row, "address_2"), of(&row, "address_3")],
            ["Second@Example.com", "nobody@example.org"]
        );
        assert_eq!((&row["message"]["account"], &row["address_2"]["account"]), (&Json::Null, &Json::Null));
        let changes = of(&row, "changes");
        let changes: Json = serde_json::from_str(changes.as_str().unwrap()).unwrap();
        assert!(!changes.to_string().contains('@'), "{changes}");
        assert_eq!(changes[0]["before"]["item"], "Motor of &ADDRESS_2");
        // They go: from all rows that name them, whoever's these are.
        let erase = async |shop: &mut Shop, who: gridkeep_model::AccountId| {
            let path = format!("/api/audit/people/{who}");
            shop.owner.delete(&path).await.expect(200).json()["values"].as_u64().unwrap()
        };
        let who = account(&mut second).await;
        assert!(erase(&mut shop, who).await >= 2);
        let row = passed(&mut shop).await;
        assert_eq!((of(&row, "address_2"), of(&row, "address_3")), (Json::Null, json!("nobody@example.org")));
        assert_eq!((of(&row, "message"), of(&row, "user")), (json!(said), json!("member@example.com")));
        let all = shop.owner.get("/api/audit?kind=checkpoint.passed").await.expect(200).text();
        assert!(!all.to_lowercase().contains("second@example.com"), "{all}");
        // So does whoever began it, and of what they did it is known what.
        let who = account(&mut shop.member).await;
        erase(&mut shop, who).await;
        let row = passed(&mut shop).await;
        assert_eq!((of(&row, "user"), of(&row, "message")), (Json::Null, json!(said)));
        let report = shop.owner.post("/api/audit/verification", json!({})).await.expect(200).json();
        assert_eq!(report["faults"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_claims_an_address_takes_nobody_along() {
    let mut shop = Shop::open(None).await;
    put(&mut shop.owner, &gate("STOCK_CHANGE", "For &ITEM?", true)).await;
    let mut ben = shop.world.person("Ben").await;
    promote(&mut shop.owner, &mut ben, "administrator").await;
    // Two who say that they are the owner and the payee, and do something.
    let mut claimed = Vec::new();
    for name in ["Owner", "Payee"] {
        let mut browser = shop.world.browser();
        let new = json!({"email": email(name), "name": email("Payee"), "password": PASSWORD});
        browser.post("/api/accounts", new).await.expect(201);
        claimed.push(account(&mut browser).await);
    }
    let path = shop.path();
    let mut change = shop.rows.change(1, 1, 1, 0);
    let item = format!("{} and {}", email("Owner"), email("Payee"));
    change["operations"][0]["values"] = json!({ "item": item });
    let challenge = asked(&mut shop.member, &path, &change).await;
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    let named = async |shop: &mut Shop| {
        let row = passed(shop).await;
        ["address_1", "address_2"].map(|name| row[name]["value"].clone())
    };
    let both = [json!(email("Owner")), json!(email("Payee"))];
    ben.post("/api/account/proof", password()).await.expect(204);
    for who in &claimed {
        ben.delete(&format!("/api/audit/people/{who}")).await.expect(200);
        assert_eq!(named(&mut shop).await, both);
    }
    // Nor does an owner take along who has proven theirs; what nobody has proven goes at their word.
    shop.owner.post("/api/account/proof", password()).await.expect(204);
    for (who, expect) in claimed.iter().zip([both.clone(), [both[0].clone(), Json::Null]]) {
        shop.owner.delete(&format!("/api/audit/people/{who}")).await.expect(200);
        assert_eq!(named(&mut shop).await, expect);
    }
}
