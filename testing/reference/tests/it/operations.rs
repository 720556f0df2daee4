//! Functions and actions, called as clients do.

use serde_json::{Value as Json, json};

use crate::kit::{Answer, World};

/// What came back in short: the status, then the names of entities, the value or the error's code.
fn shown(answer: &Answer) -> String {
    let text = answer.text();
    let Ok(body) = serde_json::from_str::<Json>(&text) else {
        return format!("{} {text}", answer.status).trim_end().to_owned();
    };
    let name = |entity: &Json| entity["Name"].as_str().unwrap_or("-").to_owned();
    let short = match &body["value"] {
        Json::Array(all) => all.iter().map(name).collect::<Vec<_>>().join(", "),
        Json::Number(number) => {
            number.as_f64().map(|number| ((number * 1e6).round() / 1e6).to_string()).unwrap()
        }
        Json::String(text) => text.clone(),
        _ if body["Name"].is_string() => name(&body),
        _ => body["error"]["code"].as_str().unwrap_or(&text).to_owned(),
    };
    format!("{} {short}", answer.status)
}

/// A path of an example, with what may not stand in addresses escaped; `{Name}` is a product.
async fn path(world: &World, path: &str) -> String {
    let mut path = path.replace(' ', "%20");
    if let Some((name, rest)) = path.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        path = format!("{}{rest}", world.named("Products", &name.replace("%20", " ")).await);
    }
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_answer() {
    let world = World::start().await;
    let check = async |call: &str, expect: &str| {
        let answer = world.get(&path(&world, call).await).await;
        assert_eq!(shown(&answer), expect, "{call}");
    };
    let all = "200 Premium Laptop Pro, Laptop, Smartphone, Office Chair, Gaming Mouse Ultra, Wireless Mouse, Coffee Mug";
    check("GetTopProducts()", all).await;
    check("GetTopProducts", all).await;
    check("GetTopProducts(count=100)", all).await;
    check("Products/GetTopProducts()", all).await;
    check("Products/App.GetTopProducts()", all).await;
    check("GetTopProducts(count=3)", "200 Premium Laptop Pro, Laptop, Smartphone").await;
    check("GetTopProducts(count=0)", "200 ").await;
    check("GetTopProducts?@count=1", "200 Premium Laptop Pro").await;
    check("Products/GetTopProducts(count=@c)?@c=2", "200 Premium Laptop Pro, Laptop").await;
    check("Products/GetTopProducts(count=2,category='Kitchen')", "200 Coffee Mug").await;
    check("GetTopProducts(count=2,category='Garden')", "200 ").await;
    check("GetTopProducts(count=3)?$filter=Price lt 900&$select=Name", "200 Smartphone").await;
    check("GetTopProducts(count=3)?$orderby=Name&$top=2", "200 Laptop, Premium Laptop Pro").await;
    check("GetTopProducts(count=3)/$count", "200 3").await;
    check("Products/$filter(Price lt 200)/GetTopProducts(count=2)", "200 Gaming Mouse Ultra, Wireless Mouse")
        .await;
    check("GetTopProducts(count=-1)", "400 INVALID_ARGUMENT").await;
    check("GetTopProducts(count=1000000)", "400 INVALID_ARGUMENT").await;
    check("GetTopProducts(count='x')", "400 INVALID_ARGUMENT").await;
    check("GetTopProducts(category='Kitchen')", "404 NO_OVERLOAD").await;
    check("Products/GetAveragePrice()", "200 606.491429").await;
    check("Products/App.SpecialProduct/GetAveragePrice()", "200 1049.99").await;
    check("Products/GetAveragePrice()/$value", "404 UNKNOWN_SEGMENT").await;
    check("Products/$filter(Price lt 0)/GetAveragePrice()", "204").await;
    check("{Coffee Mug}/GetTotalPrice(taxRate=0.2)", "200 18.6").await;
    check("{Coffee Mug}/App.GetTotalPrice(taxRate=0)", "200 15.5").await;
    check("{Coffee Mug}/GetTotalPrice(taxRate=-1)", "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/GetTotalPrice(taxRate=INF)", "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/GetTotalPrice()", "404 NO_OVERLOAD").await;
    check(
        "{Laptop}/GetRelatedProducts()",
        "200 Gaming Mouse Ultra, Premium Laptop Pro, Smartphone, Wireless Mouse",
    )
    .await;
    check(
        "{Laptop}/GetRelatedProducts()?$filter=Price gt 500&$orderby=Price",
        "200 Smartphone, Premium Laptop Pro",
    )
    .await;
    check("{Coffee Mug}/GetRelatedProducts()", "200 ").await;
    check("{Coffee Mug}/CalculatePrice(discount=10)", "200 13.95").await;
    check("{Coffee Mug}/CalculatePrice(discount=10,tax=20)", "200 16.74").await;
    check("{Coffee Mug}/CalculatePrice(discount=101)", "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/GetInfo(format='short')", "200 Coffee Mug: 15.50 (as short)").await;
    check("FindProducts(name='mouse',maxPrice=100)", "200 Wireless Mouse").await;
    check(
        "FindProducts(name='mouse',maxPrice=1000)?$orderby=Price&$select=Name",
        "200 Wireless Mouse, Gaming Mouse Ultra",
    )
    .await;
    check("FindProducts(name='mouse',maxPrice=-1)", "400 INVALID_ARGUMENT").await;
    check("Calculate(value=21)", "200 42").await;
    check("Calculate(a=2,b=3)", "200 5").await;
    check("Calculate(value=9223372036854775807)", "400 INVALID_ARGUMENT").await;
    check("Convert(input='a')", "200 String: a").await;
    check("Convert(number=7)", "200 Number: 7").await;
    check("Convert(other=7)", "404 UNKNOWN_PARAMETER").await;
    check("ApplyDiscount", "404 UNKNOWN_SEGMENT").await;
    let expect = json!({"totalProducts": 7, "averagePrice": 606.491_428_571_428_6, "maxPrice": 1999.99, "minPrice": 15.5});
    for call in ["GetProductStats()", "Products/GetProductStats()"] {
        let stats = world.get(call).await.expect(200).json();
        for (name, value) in expect.as_object().unwrap() {
            let difference = stats[name].as_f64().unwrap() - value.as_f64().unwrap();
            assert!(difference.abs() < 1e-9, "{name}: {stats}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_change_rows() {
    let world = World::start().await;
    let mug = async |property: &str| {
        let path = path(&world, "{Coffee Mug}").await;
        world.get(&path).await.expect(200).json()[property].clone()
    };
    let check = async |call: &str, body: Json, expect: &str| {
        let answer = world.json("POST", &path(&world, call).await, body.clone()).await;
        assert_eq!(shown(&answer), expect, "{call} {body}");
    };
    check("{Coffee Mug}/ApplyDiscount", json!({"percentage": 50}), "200 Coffee Mug").await;
    assert_eq!((mug("Price").await, mug("Version").await), (json!(7.75), json!(2)));
    check("{Coffee Mug}/App.IncreasePrice", json!({"amount": 2.25}), "204").await;
    assert_eq!(mug("Price").await, json!(10.0));
    check("{Coffee Mug}/CalculateDiscount", json!({"percentage": 15}), "200 1.5").await;
    assert_eq!((mug("Price").await, mug("Version").await), (json!(10.0), json!(3)));
    check("{Coffee Mug}/ApplyDiscount", json!({"percentage": -1}), "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/ApplyDiscount", json!({"percentage": 101}), "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/ApplyDiscount", json!({"percentage": "x"}), "400 WRONG_TYPE").await;
    check("{Coffee Mug}/ApplyDiscount", json!({}), "400 MISSING_PARAMETER").await;
    check("{Coffee Mug}/IncreasePrice", json!({"amount": -1}), "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/IncreasePrice", json!({"amount": 1e300}), "400 INVALID_ARGUMENT").await;
    check("{Coffee Mug}/CalculateDiscount", json!({"percentage": 1000}), "400 INVALID_ARGUMENT").await;
    check("Products(00000000-0000-0000-0000-000000000001)/Activate", json!({}), "404 notFound").await;
    check("{Office Chair}/Activate", json!({}), "204").await;
    let chair = path(&world, "{Office Chair}").await;
    assert_eq!(world.get(&chair).await.json()["Status"], "InStock");
    world.json("PATCH", &chair, json!({"Rating": null})).await.expect(204);
    check("Products/MarkAllAsReviewed", json!({}), "204").await;
    assert_eq!(world.get(&chair).await.json()["Rating"], 3);
    check("Process", json!({"percentage": 10, "minPrice": 900}), "200 2").await;
    check("Process", json!({"percentage": 10, "minPrice": null}), "200 7").await;
    check("Process", json!({"percentage": 10}), "200 7").await;
    check("Process", json!({"percentage": 200}), "400 INVALID_ARGUMENT").await;
    check("Process", json!({"minPrice": 1}), "400 MISSING_PARAMETER").await;
    check("ResetAllPrices", json!({}), "204").await;
    assert_eq!(mug("Price").await, json!(15.5));
    assert_eq!(world.get(&chair).await.json()["Rating"], 3);
    check("ResetProducts", json!({}), "204").await;
    assert_eq!(world.get(&chair).await.json()["Rating"], 4);
    let stale = world.send("POST", &format!("{chair}/Activate"), &[("if-match", "W/\"1\"")], "").await;
    assert_eq!(stale.status, 412);
}
