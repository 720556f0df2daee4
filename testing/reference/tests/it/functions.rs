//! Operators, functions and literals of every kind, by what they find: each row an option and the names expected.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::kit::World;

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'$'
            | b'('
            | b')'
            | b','
            | b'/' => {
                out.push(byte.into());
            }
            byte => write!(out, "%{byte:02X}").unwrap(),
        }
    }
    out
}

async fn found(world: &World, set: &str, option: &str, text: &str) -> String {
    let url = format!("{set}?${option}={}&$orderby=Name", encoded(text));
    let answer = world.get(&url).await;
    if answer.status != 200 {
        return format!("{} {}", answer.status, answer.json()["error"]["code"].as_str().unwrap_or_default());
    }
    let names = answer.json();
    let names = names["value"].as_array().unwrap().iter();
    names.map(|one| one["Name"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(", ")
}

const ALL: &str =
    "Coffee Mug, Gaming Mouse Ultra, Laptop, Office Chair, Premium Laptop Pro, Smartphone, Wireless Mouse";
const LAPTOPS: &str = "Laptop, Premium Laptop Pro";
const NONE: &str = "";

const FILTERS: [(&str, &str); 79] = [
    // Text.
    ("contains(Name,'Laptop')", LAPTOPS),
    ("contains(Name,'laptop')", NONE),
    ("contains(tolower(Name),'laptop')", LAPTOPS),
    ("contains(Name,'')", ALL),
    ("startswith(Name,'')", ALL),
    ("endswith(Name,'')", ALL),
    ("startswith(Name,'Wireless')", "Wireless Mouse"),
    ("endswith(Name,'Mouse')", "Wireless Mouse"),
    ("length(Name) gt 14", "Gaming Mouse Ultra, Premium Laptop Pro"),
    ("indexof(Name,'Lap') eq 0", "Laptop"),
    ("indexof(Name,'Lap') eq 8", "Premium Laptop Pro"),
    ("indexof(Name,'ZZZ') eq -1", ALL),
    ("indexof(Name,'') eq 0", ALL),
    ("substring(Name,0,4) eq 'Lapt'", "Laptop"),
    ("substring(Name,8) eq 'Laptop Pro'", "Premium Laptop Pro"),
    ("substring(Name,100) eq ''", ALL),
    ("substring(Name,0,0) eq ''", ALL),
    ("toupper(Name) eq 'LAPTOP'", "Laptop"),
    ("tolower(tolower(Name)) eq 'laptop'", "Laptop"),
    ("trim(concat(concat('  ',Name),' ')) eq 'Laptop'", "Laptop"),
    ("concat(concat(Name,' - '),'x') eq 'Laptop - x'", "Laptop"),
    ("concat('','') eq ''", ALL),
    ("length(trim(toupper(Name))) eq 6", "Laptop"),
    ("contains(Name,'.*+?[]')", NONE),
    ("contains(Name,'café')", NONE),
    ("contains(Name,'&') or contains(Name,'/') or contains(Name,'''')", NONE),
    ("matchesPattern(Name,'^[LP].*(top|Pro)$')", LAPTOPS),
    ("Name gt 'Office' and Name le 'Smartphone'", "Office Chair, Premium Laptop Pro, Smartphone"),
    ("length(SerialNumber) eq 7 and not (length(SerialNumber) eq null)", "Laptop"),
    // Numbers.
    ("Price add 10 gt 1000", LAPTOPS),
    ("Price sub 50 lt 0", "Coffee Mug, Wireless Mouse"),
    ("Price mul 2 sub 100 lt 0", "Coffee Mug, Wireless Mouse"),
    ("Price div 2 lt 10", "Coffee Mug"),
    ("Price mod 1 eq 0.5", "Coffee Mug"),
    ("7 div 2 eq 3 and 7 divby 2 eq 3.5 and 7 mod 2 eq 1 and -7 div 2 eq -3", ALL),
    ("-Price lt -1000", "Premium Laptop Pro"),
    ("ceiling(Price) eq 1000", "Laptop"),
    ("floor(Price) eq 999", "Laptop"),
    ("round(Price) eq 250", "Office Chair"),
    ("round(-15.5) eq -16 and round(15.5) eq 16 and floor(-0.5) eq -1", ALL),
    ("Price eq 999.99", "Laptop"),
    ("Price eq 15.50", "Coffee Mug"),
    ("Price lt INF and Price gt -INF", ALL),
    ("Price eq NaN", NONE),
    ("Price gt 2.2250738585072014e-308 and Price lt 1.7976931348623157e+308", ALL),
    ("Price eq 0 or Price eq 0.0 or Price eq 0.00", NONE),
    ("Price in (15.5,29.99)", "Coffee Mug, Wireless Mouse"),
    ("Price gt 9223372036854775807", NONE),
    ("Rating gt 255 or Temperature lt -128 or Quantity gt 32767", NONE),
    // Logic.
    ("not (Price gt 50)", "Coffee Mug, Wireless Mouse"),
    ("not (Price lt 100 or Price gt 500)", "Gaming Mouse Ultra, Office Chair"),
    ("Price lt 20 or Price lt 30 and Price gt 1000", "Coffee Mug"),
    ("(Price lt 20 or Price lt 30) and Price gt 1000", NONE),
    ("Name eq 'Laptop' eq true", "Laptop"),
    ("not contains(Name,'o')", "Office Chair"),
    ("true and not false", ALL),
    ("case(Price gt 900:'dear',Price lt 20:'cheap',true:'fair') eq 'cheap'", "Coffee Mug"),
    // Null.
    ("null eq null and not (null ne null)", ALL),
    ("Price gt null", NONE),
    ("not (Price gt null)", ALL),
    ("Category eq null", NONE),
    // Types.
    ("isof(Price,Edm.Double) and not isof(Price,Edm.String)", ALL),
    ("isof(Name,'Edm.String') eq true", ALL),
    ("isof('App.SpecialProduct') and Price lt 1000", "Gaming Mouse Ultra, Laptop"),
    ("cast(Price,Edm.String) eq '15.5'", "Coffee Mug"),
    ("cast('15.5',Edm.Double) eq Price", "Coffee Mug"),
    ("cast(Price,Edm.Int32) eq 16", "Coffee Mug"),
    ("cast(Status,Edm.String) eq 'InStock,OnSale'", "Wireless Mouse"),
    ("startswith(cast(Status,'Edm.String'),'Disc')", "Office Chair"),
    ("cast(ID,'Edm.String') eq '1'", NONE),
    ("cast(CreatedAt,'Edm.Date') le date(now())", ALL),
    // Moments.
    ("year(CreatedAt) ge 2024 and month(CreatedAt) le 12 and day(CreatedAt) le 31", ALL),
    ("hour(CreatedAt) lt 24 and minute(CreatedAt) lt 60 and second(CreatedAt) lt 60", ALL),
    ("fractionalseconds(CreatedAt) eq 0 and totaloffsetminutes(CreatedAt) eq 0", ALL),
    ("CreatedAt lt now() and CreatedAt gt mindatetime() and CreatedAt lt maxdatetime()", ALL),
    ("date(CreatedAt) ge 2000-01-15 and time(CreatedAt) le 23:59:59", ALL),
    ("CreatedAt lt '2999-12-31T23:59:59Z'", ALL),
    ("CreatedAt lt 2999-12-31T23:59:59+02:00", ALL),
    ("CreatedAt add duration'P1D' gt CreatedAt", ALL),
];

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_say() {
    let world = World::start().await;
    let mut wrong = Vec::new();
    for (filter, expect) in FILTERS {
        let found = found(&world, "Products", "filter", filter).await;
        if found != expect {
            wrong.push(format!("{filter}\n  found {found}\n  not   {expect}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_are_given_found_and_refused() {
    let world = World::start().await;
    let body = json!({
        "Name": "Probe", "Price": 1.5, "Rating": 255, "Temperature": -128, "Quantity": -32768, "Weight": 0.1,
        "Data": "AQID", "ReleaseDate": "2024-01-15", "OpenTime": "09:30:00", "ShippingTime": "P1DT2H30M",
        "ProcessingTime": "PT1.5S", "Offset": "-P1D", "Status": "InStock,OnSale",
        "ShippingAddress": {"City": "Ulm", "State": null},
    });
    let made = world.json("POST", "Products", body).await.expect(201).json();
    let probe = format!("Products({})", made["ID"].as_str().unwrap());
    for filter in [
        "Rating eq 255",
        "Temperature eq -128",
        "Quantity eq -32768",
        "Weight eq 0.1",
        "Data eq binary'AQID'",
        "ReleaseDate eq 2024-01-15 and year(ReleaseDate) eq 2024 and month(ReleaseDate) eq 1",
        "day(ReleaseDate) eq 15 and ReleaseDate lt 2024-01-16 and Name eq 'Probe'",
        "Name ne 'Laptop' and OpenTime eq 09:30:00 and hour(OpenTime) eq 9 and minute(OpenTime) eq 30 and second(OpenTime) eq 0",
        "OpenTime gt 09:29:59.999 and OpenTime le 09:30:00.000 and Name eq 'Probe'",
        "ShippingTime eq duration'P1DT2H30M'",
        "ShippingTime eq duration'PT26H30M' and totalseconds(ShippingTime) eq 95400",
        "ProcessingTime eq duration'PT1.5S' and ProcessingTime gt duration'PT1S'",
        "Offset eq duration'-P1D' and Offset lt duration'P0D'",
        "Status eq App.ProductStatus'OnSale,InStock' and Name eq 'Probe'",
        "Status has App.ProductStatus'InStock' and Name eq 'Probe'",
        "ShippingAddress/City eq 'Ulm' and ShippingAddress ne null and ShippingAddress/State eq null",
        "Data ne null and length(Name) eq 5",
    ] {
        assert_eq!(found(&world, "Products", "filter", filter).await, "Probe", "{filter}");
    }
    let refused = [
        ("Rating", json!(256)),
        ("Rating", json!(-1)),
        ("Rating", json!(1.5)),
        ("Temperature", json!(128)),
        ("Quantity", json!(32768)),
        ("Weight", json!("heavy")),
        ("Weight", json!(1e39)),
        ("Data", json!("!!")),
        ("ReleaseDate", json!("2024-02-30")),
        ("ReleaseDate", json!("2024-01-15T00:00:00Z")),
        ("OpenTime", json!("24:00:00")),
        ("ShippingTime", json!("1 day")),
        ("ShippingTime", json!("P1Y")),
        ("Status", json!("Sold")),
        ("CategoryID", json!("no-guid")),
        ("Name", Json::Null),
        ("Name", json!("x".repeat(101))),
        ("ShippingAddress", json!("Ulm")),
        ("ShippingAddress", json!({"Planet": "Mars"})),
        ("Nothing", json!(1)),
    ];
    for (property, value) in refused {
        let body = json!({ property: value });
        let status = world.json("PATCH", &probe, body.clone()).await.status;
        assert!([400, 501].contains(&status), "{body}: {status}");
    }
    for (literal, status) in [
        ("Data eq binary'!!!'", 400),
        ("ShippingTime eq duration'soon'", 400),
        ("ReleaseDate eq 2024-13-01", 400),
        ("OpenTime eq 25:00:00", 400),
        ("ID eq 'x'", 400),
        ("Price equals 50", 400),
        ("Price gt", 400),
        ("substring(Name)", 400),
        ("geo.distance(Location,geography'SRID=4326;POINT(0 0)') lt 1", 501),
        ("geo.nearby(Location)", 400),
        ("Descriptions/LanguageKey eq 'EN'", 400),
    ] {
        let answer = world.get(&format!("Products?$filter={}", encoded(literal))).await;
        assert_eq!(answer.status, status, "{literal}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_complex_values_are_read_and_changed_as_plain_text() {
    let world = World::start().await;
    let laptop = world.named("Products", "Laptop").await;
    let city = format!("{laptop}/ShippingAddress/City");
    let raw = format!("{city}/$value");
    let plain = [("Content-Type", "text/plain")];
    assert_eq!(world.get(&raw).await.expect(200).text(), "Seattle");
    world.send("PUT", &raw, &plain, "Ulm").await.expect(204);
    assert_eq!(world.get(&city).await.expect(200).json()["value"], "Ulm");
    world.send("PUT", &raw, &plain, "x".repeat(51)).await.expect(400);
    let length = format!("{laptop}/Dimensions/Length/$value");
    world.send("PUT", &length, &plain, "12.5").await.expect(204);
    assert_eq!(world.get(&length).await.expect(200).text(), "12.5");
    let refused = world.send("PUT", &length, &plain, "long").await.expect(400).json();
    assert_eq!(refused["error"]["target"], "Dimensions/Length");
    world.send("DELETE", &raw, &[], "").await.expect(204);
    world.get(&raw).await.expect(204);
    assert_eq!(world.get(&laptop).await.expect(200).json()["ShippingAddress"]["State"], "WA");
    world.send("POST", &raw, &plain, "x").await.expect(405);
    world.get(&format!("{laptop}/ShippingAddress/Planet/$value")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn ranked_entities_come_as_they_rank() {
    let world = World::start().await;
    for (apply, expect) in [
        ("topcount(2,Price)", "Premium Laptop Pro, Laptop"),
        ("bottomcount(2,Price)", "Coffee Mug, Wireless Mouse"),
        ("topsum(2500,Price)", "Premium Laptop Pro, Laptop"),
        ("bottomsum(40,Price)", "Coffee Mug, Wireless Mouse"),
        ("orderby(Name)/topcount(2,Price)", "Laptop, Premium Laptop Pro"),
        ("identity/orderby(Price desc)/skip(1)/top(2)", "Laptop, Smartphone"),
        ("filter(Price gt 100)/bottomcount(1,Price)", "Gaming Mouse Ultra"),
    ] {
        let answer = world.get(&format!("Products?$apply={}", encoded(apply))).await.expect(200).json();
        let names = answer["value"].as_array().unwrap().iter();
        let names = names.map(|one| one["Name"].as_str().unwrap()).collect::<Vec<_>>().join(", ");
        assert_eq!(names, expect, "{apply}");
    }
    for apply in [
        "groupby((CategoryID),aggregate(Price with sum as Total,$count as N))/orderby(N desc)/top(2)",
        "groupby((CategoryID),aggregate($count as N)/orderby(N desc)/top(2))/orderby(N desc)/top(2)",
        "groupby((Category/ID,Category/Name),aggregate(Price with sum as Total,$count as N))/orderby(N desc)/top(2)",
    ] {
        let answer = world.get(&format!("Products?$apply={}", encoded(apply))).await.expect(200).json();
        let groups = answer["value"].as_array().unwrap();
        assert_eq!((groups.len(), &groups[0]["N"]), (2, &json!(5)), "{apply}: {answer}");
        let key = groups[0].pointer("/CategoryID").or_else(|| groups[0].pointer("/Category/ID")).unwrap();
        world.get(&format!("Categories({})", key.as_str().unwrap())).await.expect(200);
    }
    let rolled = "Products?$apply=groupby((rollup($all,CategoryID)),aggregate($count as N))&$filter=N eq 7";
    let rolled = world.get(&rolled.replace(' ', "%20")).await.expect(200).json();
    assert_eq!(rolled["value"].as_array().unwrap().len(), 1, "{rolled}");
    let widest = "Products?$apply=aggregate(Name%20with%20min%20as%20A,Name%20with%20max%20as%20Z)";
    let widest = world.get(widest).await.expect(200).json();
    assert_eq!(
        (&widest["value"][0]["A"], &widest["value"][0]["Z"]),
        (&json!("Coffee Mug"), &json!("Wireless Mouse"))
    );
    // What is an option too is said with its sign (OData-Protocol 4.01, section 11.5.4.1.2).
    world.get("Products/GetTopProducts?@count=5").await.expect(200);
    let invalid = "Products?$apply=aggregate(Price%20with%20invalid%20as%20Result)";
    world.get(invalid).await.expect(400);
}
