//! An app whose tables refer to each other, as programs see it through OData.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Program, hidden, program};
use crate::kit::{Answer, Wishes, World, databases};

/// Customers, orders and lines beside each other.
const SHOP: &str = "\
Code,Name,Boss,,No,Customer,Day,Amount,,Id,Order,What,Pieces
ann,Ann,,,o1,ann,2026-01-05,10,,i1,o1,nut,3
bob,Bob,ann,,o2,ann,2026-01-07,20,,i2,o1,bolt,12
cid,Cid,bob,,o3,cid,2026-01-06,30,,i3,o3,nut,8
dan,Dan,bob,,o4,,2026-01-04,1,,i4,o1,screw,5
";

fn definition([customers, orders, lines]: [&str; 3]) -> Json {
    let column = |id: &str, offset: u32, kind: &str, column_type: &str| json!({"id": id, "title": id, "offset": offset, "kind": kind, "type": {"name": column_type}});
    let text = |id: &str, offset: u32| column(id, offset, "text", "text");
    let refers = |mut column: Json, table: &str, key: &str| {
        column["refers"] = json!({"table": table, "column": key});
        column
    };
    let table = |id: &str, key: &str, range: &str, columns: Vec<Json>| {
        let source = json!({"from": "range", "sheet": gridkeep_workbook::read::CSV_SHEET, "range": range});
        json!({"id": id, "title": id, "key": key, "source": source, "columns": columns})
    };
    json!({
        "schemaVersion": 1, "name": "Shop", "description": "", "icon": "list", "accent": "#2f6f4f", "language": "en",
        "screens": [{"id": "orders", "title": "Orders", "icon": "list", "kind": "list", "components": [{
            "type": "list", "id": "items", "table": "orders", "titleColumn": "no", "columns": ["amount"],
            "filters": [], "search": ["no"], "sort": {"column": "no"}, "detail": ["no", "amount"]
        }]}],
        "tables": [
            table("customers", "code", customers, vec![
                text("code", 0), text("name", 1), refers(text("boss", 2), "customers", "code"),
            ]),
            table("orders", "no", orders, vec![
                text("no", 0),
                refers(text("customer_code", 1), "customers", "code"),
                column("day", 2, "date", "date"),
                column("amount", 3, "integer", "integer"),
            ]),
            table("lines", "id", lines, vec![
                text("id", 0),
                refers(text("order_no", 1), "orders", "no"),
                text("what", 2),
                column("pieces", 3, "integer", "integer"),
            ]),
        ]
    })
}

pub(super) async fn shop(database: Option<String>) -> (World, Program) {
    published(database, SHOP, ["A1:C5", "E1:H5", "J1:M5"]).await
}

async fn published(database: Option<String>, list: &str, ranges: [&str; 3]) -> (World, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let answer = maker.upload("/api/creations", "shop.csv", list.to_owned()).await.expect(201);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let people: Vec<String> = Vec::new();
    let request = json!({"definition": definition(ranges), "audience": "private", "people": people});
    let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
    let app = answer.json()["id"].as_str().unwrap().to_owned();
    let program = program(&mut maker, &world, &app, true).await;
    (world, program)
}

pub(super) fn encoded(url: &str) -> String {
    url.replace(' ', "%20").replace('\'', "%27")
}

impl Program {
    /// What the URLs are answered with, ids hidden.
    pub(super) async fn shown(&mut self, urls: &[&str], headers: &[(&str, &str)]) -> String {
        let mut text = String::new();
        for url in urls {
            let answer = self.send(axum::http::Method::GET, &encoded(url), headers, "").await;
            writeln!(text, "GET {url}\n{}", self.answered(&answer)).unwrap();
        }
        text
    }

    fn answered(&self, answer: &Answer) -> String {
        let text = hidden(&answer.text().replace(&format!("http://gridkeep.test{}", self.root), "~/"));
        let broken = text.replace("},{", "},\n {");
        format!("{}\n{broken}\n", answer.status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn related_entities_are_read_along() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let urls = [
            "Orders?$expand=Customer&$orderby=No&$select=No",
            "Customers?$expand=Orders($select=No,Amount;$orderby=Amount desc)&$orderby=Code&$select=Name",
            "Customers?$expand=Orders($select=No;$expand=Lines($select=What;$orderby=Id))&$filter=Orders/any()&$select=Code&$orderby=Code",
            "Customers?$expand=Orders($count=true;$top=1;$skip=1;$select=No;$orderby=No)&$select=Code&$orderby=Code",
            "Customers?$expand=Orders/$count($filter=Amount gt 10),Customers/$ref&$select=Code&$orderby=Code",
            "Customers?$expand=BossRow($levels=max;$select=Code)&$select=Code&$orderby=Code",
            "Customers?$expand=Customers($levels=2;$select=Code;$orderby=Code)&$select=Code&$filter=Code eq 'ann'",
            "Orders?$expand=*($levels=1)&$select=No&$orderby=No&$top=1",
            "Orders?$expand=Lines($search=nut;$select=Id),Customer($select=Code)&$select=No&$orderby=No",
            "Orders?$expand=Lines($compute=Pieces mul 2 as Twice;$filter=Pieces gt @least;$select=Twice)&@least=4&$select=No&$orderby=No",
            "Orders?$expand=Lines($filter=Order/Customer/Code eq 'ann' and Pieces gt 3;$select=Id;$orderby=Id)&$select=No&$orderby=No",
            "Orders?$orderby=Customer/Name desc,No&$filter=Lines/$count gt 0 or Customer eq null&$select=No",
        ];
        let shown = program.shown(&urls, &[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("expanded", shown); }
        let urls = ["Orders?$expand=Customer($select=Code),Lines/$ref&$select=No&$orderby=No&$top=1"];
        let shown = program.shown(&urls, &[("accept", "application/json;odata.metadata=full")]).await
            + &program.shown(&urls, &[("odata-maxversion", "4.0")]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("expanded_full_and_4_0", shown); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_expanded_is_refused() {
    let (_world, mut program) = shop(None).await;
    let nine = format!("Customers?$expand={}BossRow{}", "BossRow($expand=".repeat(8), ")".repeat(8));
    let urls = [
        "Orders?$expand=Nope",
        "Orders?$expand=No",
        "Orders?$expand=Customer,Customer",
        "Orders?$expand=Customer($top=1)",
        "Orders?$expand=Customer/$count",
        "Customers?$expand=BossRow($levels=9)",
        nine.as_str(),
        "Customers?$expand=*($levels=8)",
        "Orders?$apply=groupby((No))&$expand=Lines",
    ];
    insta::assert_snapshot!("expand_refused", program.shown(&urls, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn expanded_collections_have_pages_of_their_own() {
    let (_world, mut program) = shop(None).await;
    let small = [("prefer", "maxpagesize=2")];
    let url = encoded("Orders?$expand=Lines($select=Id;$orderby=What)&$select=No&$filter=No eq 'o1'");
    let page = program.send(axum::http::Method::GET, &url, &small, "").await.expect(200).json();
    let ids = |items: &Json| {
        let ids = items.as_array().unwrap().iter().map(|item| item["Id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&page["value"][0]["Lines"]), ["i2", "i1"]);
    let next = page["value"][0]["Lines@nextLink"].as_str().unwrap();
    assert!(next.contains("/Lines?") && next.contains("$skiptoken="), "{next}");
    let root = format!("http://gridkeep.test{}", program.root);
    let rest = program.get(next.strip_prefix(&root).unwrap()).await.expect(200).json();
    assert_eq!(ids(&rest["value"]), ["i4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_along_navigation_properties() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let urls = [
            "Orders(No='o1')/Customer?$select=Code",
            "Orders(No='o1')/Customer?$select=Code&$expand=Orders/$count",
            "Orders(No='o4')/Customer",
            "Orders(No='o4')/Customer/Name",
            "Orders(No='nope')/Customer",
            "Orders(No='o1')/Customer/Name",
            "Orders(No='o1')/Customer/Name/$value",
            "Orders(No='o1')/Customer/$ref",
            "Orders(No='o1')/Customer/$value",
            "Orders(No='o1')/Lines?$orderby=Pieces desc&$select=Id&$count=true&$filter=Pieces gt 3",
            "Orders(No='o1')/Lines/$count?$filter=Pieces gt 3",
            "Orders(No='o1')/Lines/$filter(Pieces gt 3)/$count",
            "Orders(No='o1')/Lines/$ref?$orderby=Id",
            "Orders(No='o1')/Lines(Id='i2')?$select=What",
            "Orders(No='o1')/Lines(Id='i3')",
            "Orders(No='o1')/Lines(Id='i2')/Order/App.OrdersRow/Customer/Orders?$select=No&$orderby=No",
            "Customers(Code='dan')/BossRow/BossRow/Customers/$count",
            "Orders(No='o1')/Lines(Id='i2')/Nope",
            "Orders(No='o1')/Customer(1)",
            "Orders?$filter=Lines/any(l:l/Id eq 'i3')&$expand=Lines($select=Id)&$select=No",
        ];
        let shown = program.shown(&urls, &[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("paths", shown); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_along_a_path_keep_it() {
    let (_world, mut program) = shop(None).await;
    let small = [("prefer", "maxpagesize=2")];
    let root = format!("http://gridkeep.test{}", program.root);
    let mut ids = Vec::new();
    let mut next = Some(encoded("Orders(No='o1')/Lines?$select=Id&$orderby=What"));
    while let Some(url) = next {
        let page = program.send(axum::http::Method::GET, &url, &small, "").await.expect(200).json();
        ids.extend(
            page["value"].as_array().unwrap().iter().map(|item| item["Id"].as_str().unwrap().to_owned()),
        );
        next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
        assert!(next.as_ref().is_none_or(|url| url.starts_with("Orders(No=")), "{next:?}");
    }
    assert_eq!(ids, ["i2", "i1", "i4"]);
}

impl Program {
    /// What requests are answered with, ids hidden.
    async fn told(&mut self, requests: &[(&str, &str, Json)]) -> String {
        let mut text = String::new();
        for (method, url, body) in requests {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let method = axum::http::Method::from_bytes(method.as_bytes()).unwrap();
            let plain = method == axum::http::Method::GET || *url == "$batch";
            let headers: &[(&str, &str)] = if plain { &[] } else { &[("if-match", "*")] };
            let answer = self.send(method.clone(), &encoded(url), headers, &body).await;
            writeln!(text, "{method} {url} {body}\n{}", self.answered(&answer)).unwrap();
        }
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_ended() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let orders = "Customers?$filter=Code in ('ann','bob')&$select=Code&$orderby=Code&$expand=Orders($select=No;$orderby=No)";
        let id = |id: &str| json!({"@odata.id": id});
        let root = format!("http://gridkeep.test{}", program.root);
        let absolute = format!("{root}Customers(Code='bob')");
        let requests = [
            ("PUT", "Orders(No='o1')/Customer/$ref", id(&absolute)),
            ("GET", orders, Json::Null),
            ("DELETE", "Orders(No='o1')/Customer/$ref", Json::Null),
            ("GET", "Orders(No='o1')/Customer", Json::Null),
            ("PUT", "Orders(No='o4')/Customer/$ref", id("Customers(Code='ann')")),
            ("POST", "Customers(Code='bob')/Orders/$ref", id("Orders(No='o1')")),
            ("GET", orders, Json::Null),
            ("DELETE", "Customers(Code='bob')/Orders/$ref?$id=Orders(No='o1')", Json::Null),
            ("DELETE", "Customers(Code='ann')/Orders(No='o4')/$ref", Json::Null),
            ("GET", orders, Json::Null),
            ("DELETE", "Customers(Code='ann')/Orders(No='o3')/$ref", Json::Null),
            ("DELETE", "Customers(Code='ann')/Orders/$ref", Json::Null),
            ("PUT", "Orders(No='o1')/Customer/$ref", id("Customers(Code='nobody')")),
            ("PUT", "Orders(No='o1')/Customer/$ref", id("Orders(No='o1')")),
            ("PUT", "Orders(No='o1')/Customer/$ref", id("http://elsewhere.test/Customers(Code='ann')")),
            ("PUT", "Orders(No='o1')/Customer/$ref", id("Customers(Code=")),
            ("POST", "Orders(No='o1')/Customer/$ref", id("Customers(Code='ann')")),
            ("DELETE", "Orders(No='o1')/$ref", Json::Null),
        ];
        let told = program.told(&requests).await.replace(&root, "~/");
        insta::allow_duplicates! { insta::assert_snapshot!("links", told); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_entities_change_in_one_request() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let whole = |code: &str| {
            format!(
                "Customers?$filter=Code eq '{code}'&$select=Code,Name&$expand=Orders($select=No,Amount;$orderby=No;$expand=Lines($select=Id,Pieces;$orderby=Id)),BossRow($select=Code)"
            )
        };
        let (eve, ann) = (whole("eve"), whole("ann"));
        let requests = [
            (
                "POST",
                "Orders",
                json!({"No": "o5", "Amount": 3, "Customer@odata.bind": "Customers(Code='bob')", "Lines@odata.bind": ["Lines(Id='i2')"]}),
            ),
            (
                "GET",
                "Orders(No='o5')?$expand=Customer($select=Code),Lines($select=Id)&$select=No",
                Json::Null,
            ),
            ("POST", "Orders(No='o5')/Lines", json!({"Id": "i5", "Pieces": 1})),
            ("GET", "Orders(No='o5')/Lines?$select=Id&$orderby=Id", Json::Null),
            (
                "POST",
                "Customers",
                json!({
                    "Code": "eve", "Name": "Eve", "BossRow": {"Code": "fay", "Name": "Fay"},
                    "Orders": [{"No": "o6", "Amount": 7, "Lines": [{"Id": "i6", "Pieces": 6}, {"Id": "i7", "Pieces": 7}]}, {"@id": "Orders(No='o4')"}]
                }),
            ),
            ("GET", &eve, Json::Null),
            (
                "PATCH",
                "Customers(Code='eve')",
                json!({
                    "Name": "Eva", "BossRow": {"@id": "Customers(Code='bob')"},
                    "Orders@delta": [
                        {"@removed": {"reason": "changed"}, "@id": "Orders(No='o4')"},
                        {"@id": "Orders(No='o6')", "Amount": 8, "Lines@delta": [{"@removed": {"reason": "deleted"}, "@id": "Lines(Id='i7')"}]},
                        {"No": "o7", "Amount": 9}
                    ]
                }),
            ),
            ("GET", &eve, Json::Null),
            (
                "PATCH",
                "Customers(Code='eve')",
                json!({"Orders": [{"@id": "Orders(No='o7')"}, {"No": "o8"}], "BossRow": {"Name": "Bobby"}}),
            ),
            ("GET", &eve, Json::Null),
            ("GET", "Customers(Code='bob')/Name", Json::Null),
            ("PATCH", "Customers(Code='eve')", json!({"BossRow": null, "Orders": []})),
            ("GET", &eve, Json::Null),
            (
                "PATCH",
                "Orders",
                json!({"@context": "#$delta", "value": [
                    {"@removed": {"reason": "deleted"}, "@id": "Orders(No='o8')"},
                    {"@id": "Orders(No='o7')", "Amount": 70},
                    {"No": "o9", "Amount": 90, "Customer@bind": "Customers(Code='ann')"}
                ]}),
            ),
            ("GET", &ann, Json::Null),
            ("POST", "Orders", json!({"No": "x", "Customer@bind": "Customers(Code='nobody')"})),
            ("POST", "Orders", json!({"No": "x", "Lines": [{"Id": "i1"}]})),
            ("POST", "Orders", json!({"Amount": 1, "Lines": [{"Id": "i9"}]})),
            ("GET", "Orders?$filter=No eq 'x' or No eq null&$count=true", Json::Null),
        ];
        let told = program.told(&requests).await;
        insta::allow_duplicates! { insta::assert_snapshot!("deep", told); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_show_related_entities() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let urls = [
            "Orders?$apply=groupby((Customer/Name),aggregate($count as N,Amount with sum as Total))",
            "Lines?$apply=groupby((Order/Customer/Name,Order/Customer/Code,Order/Day),aggregate(Pieces with sum as Sum))",
            "Lines?$apply=groupby((Order/Customer/BossRow/Name))&$count=true",
            "Orders?$apply=groupby((rollup($all,Customer/Name,Day)),aggregate($count as N))&$filter=N gt 1",
            "Orders?$apply=groupby((Customer/Name),topcount(1,Amount))&$select=No",
            "Orders?$apply=groupby((Customer/Name),aggregate(Amount with sum as A))/filter(Customer/Name ne null)&$orderby=Customer/Name desc&$top=1",
            "Orders?$apply=groupby((Customer/Name),aggregate(Amount with sum as A))/filter(Customer eq null)",
            "Orders?$apply=aggregate(Customer/$count as Customers,Amount with sum from Customer/Name with max as Most)",
            "Lines?$apply=aggregate(Order/Amount with sum as Amount,Pieces mul Order/Amount with sum as Product)",
            "Orders?$apply=concat(filter(Amount gt 20),groupby((Customer/Name)))&$select=No",
            "Orders?$apply=filter(Amount gt 20)&$expand=Customer($select=Name)&$select=No",
            "Orders?$apply=aggregate(Lines/Pieces with sum as X)",
            "Orders?$apply=groupby((Customer))",
            "Orders?$apply=groupby((Customer/RowId,Customer/Name),aggregate($count as N))&$orderby=Customer/Name",
        ];
        let shown = program.shown(&urls, &[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("groups", shown); }
        let urls = ["Orders?$apply=groupby((Customer/Name))&$top=2"];
        let shown = program.shown(&urls, &[("odata-maxversion", "4.0")]).await;
        insta::allow_duplicates! { insta::assert_snapshot!("groups_4_0", shown); }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_a_batch_make_and_link_several_entities() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shop(database).await;
        let part = |id: &str, method: &str, url: &str, body: Json| json!({"id": id, "atomicityGroup": "g", "method": method, "url": url, "headers": {"content-type": "application/json"}, "body": body});
        let good = json!({"requests": [
            part("1", "POST", "Customers", json!({"Code": "gus", "Orders": [{"No": "g1"}]})),
            part("2", "POST", "$1/Orders", json!({"No": "g2", "Lines": [{"Id": "g3"}]})),
            part("3", "POST", "Orders", json!({"No": "g4", "Customer@bind": "$1"})),
            part("4", "PUT", "Orders(No='o4')/Customer/$ref", json!({"@id": "$1"})),
            part("5", "PATCH", "$3", json!({"Amount": 4})),
        ]});
        let bad = json!({"requests": [
            part("1", "POST", "Customers", json!({"Code": "hal", "Orders": [{"No": "h1"}]})),
            part("2", "POST", "$1/Orders", json!({"No": "o1"})),
        ]});
        let requests = [
            ("POST", "$batch", good),
            (
                "GET",
                "Customers(Code='gus')?$select=Code&$expand=Orders($select=No,Amount;$orderby=No;$expand=Lines($select=Id))",
                Json::Null,
            ),
            ("POST", "$batch", bad),
            ("GET", "Customers/$count?$filter=Code eq 'hal'", Json::Null),
        ];
        let told = program.told(&requests).await;
        insta::allow_duplicates! { insta::assert_snapshot!("deep_groups", told); }
    }
}

/// Twelve orders with a thousand lines each: more than one answer holds.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_related_entities_come_in_several_pages() {
    let mut list = "Code,Name,Boss,,No,Customer,Day,Amount,,Id,Order,What,Pieces\n".to_owned();
    for line in 0..12_000 {
        let customer = if line == 0 { "ann,Ann," } else { ",," };
        let order = if line < 12 { format!("o{line},ann,2026-01-05,1") } else { ",,,".to_owned() };
        writeln!(list, "{customer},,{order},,i{line},o{},nut,1", line % 12).unwrap();
    }
    let (_world, mut program) = published(None, &list, ["A1:C2", "E1:H13", "J1:M12001"]).await;
    let root = format!("http://gridkeep.test{}", program.root);
    let mut next = Some(encoded("Orders?$expand=Lines($select=Id)&$select=No"));
    let (mut orders, mut lines, mut pages) = (0, 0, 0);
    while let Some(url) = next {
        let page = program.get(&url).await.expect(200).json();
        for order in page["value"].as_array().unwrap() {
            assert_eq!(order["Lines@nextLink"], Json::Null);
            orders += 1;
            lines += order["Lines"].as_array().unwrap().len();
        }
        pages += 1;
        next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
    }
    assert_eq!((orders, lines, pages), (12, 12_000, 2));
    let all = program.get(&encoded("Customers?$expand=Orders($expand=Lines)")).await.expect(200).json();
    // Of one entity fewer related ones of each are given, with links to the others.
    for order in all["value"][0]["Orders"].as_array().unwrap() {
        assert_eq!(order["Lines"].as_array().unwrap().len(), 500);
        assert!(order["Lines@nextLink"].is_string());
    }
}
