//! The truth of the metadata where it takes several sets: navigation, depth, entities together; and what Core says.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{
    Program,
    related::{encoded, shop},
};

impl Program {
    async fn status(&mut self, method: Method, url: &str, body: &Json) -> u16 {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers: &[(&str, &str)] = if method == Method::POST { &[] } else { &[("if-match", "*")] };
        self.send(method, &encoded(url), headers, &body).await.status
    }

    async fn service(&mut self) -> Json {
        self.get("$metadata?$format=json").await.expect(200).json()["App"].clone()
    }
}

/// An entity of each set that others belong to and that belongs to others.
const STARTS: [(&str, &str); 3] =
    [("Customers", "Customers(Code='bob')"), ("Orders", "Orders(No='o1')"), ("Lines", "Lines(Id='i2')")];

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_where_the_metadata_says_and_may_what_it_says() {
    let (_world, mut program) = shop(None).await;
    let metadata = program.service().await;
    let bound = json!({"Customer@bind": "Customers(Code='bob')"});
    assert!(program.status(Method::PATCH, "Orders(No='o4')", &bound).await < 300);
    let mut tried = 0;
    for (set, start) in STARTS {
        let said = &metadata["Service"][set]["@Capabilities.NavigationRestrictions"];
        assert_eq!(said["Navigability"], "Recursive", "{set}");
        for restriction in said["RestrictedProperties"].as_array().unwrap() {
            let property = restriction["NavigationProperty"].as_str().unwrap();
            let target = metadata["Service"][set]["$NavigationPropertyBinding"][property].as_str().unwrap();
            let path = format!("{start}/{property}");
            let found = program.get(&encoded(&path)).await;
            assert_eq!(found.status == 200, restriction["ReadRestrictions"]["Readable"] == true, "{path}");
            let found = found.json();
            let many = restriction.get("IndexableByKey").is_some();
            let one = if many {
                let row = found["value"][0]["RowId"].as_str().unwrap_or_else(|| panic!("nothing at {path}"));
                let keyed = format!("{path}({row})");
                let status = program.status(Method::GET, &keyed, &Json::Null).await;
                assert_eq!(status == 200, restriction["IndexableByKey"] == true, "{keyed}");
                keyed
            } else {
                path.clone()
            };
            let change = if target == "Lines" { json!({"What": "cog"}) } else { json!({}) };
            let status = program.status(Method::PATCH, &one, &change).await;
            assert_eq!(status < 300, restriction["UpdateRestrictions"]["Updatable"] == true, "{one}");
            // Changes say on which version they are based.
            let status = program.send(Method::PATCH, &encoded(&one), &[], &change.to_string()).await.status;
            assert_eq!(status == 428, restriction["OptimisticConcurrencyControl"] == true, "{one}");
            if many {
                let key = ["Code", "No", "Id"]
                    [["Customers", "Orders", "Lines"].iter().position(|set| *set == target).unwrap()];
                let body = json!({ key: format!("{set}-{property}") });
                let status = program.status(Method::POST, &path, &body).await;
                assert_eq!(status == 201, restriction["InsertRestrictions"]["Insertable"] == true, "{path}");
                let made = format!("{path}({key}='{set}-{property}')");
                let status = program.status(Method::DELETE, &made, &Json::Null).await;
                assert_eq!(status == 204, restriction["DeleteRestrictions"]["Deletable"] == true, "{made}");
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 6);
    // As far as there is more.
    let far = "Lines(Id='i3')/Order/Customer/BossRow/BossRow/Orders(No='o2')/Customer/Code/$value";
    assert_eq!(program.get(&encoded(far)).await.expect(200).text(), "ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_several_sets_is_as_it_is_said() {
    let (_world, mut program) = shop(None).await;
    let service = program.service().await["Service"].clone();
    let orders = &service["Orders"];
    let levels = orders["@Capabilities.ExpandRestrictions"]["MaxLevels"].as_u64().unwrap();
    let deep = |levels: u64| format!("Customers?$expand=BossRow($levels={levels})");
    assert_eq!(program.status(Method::GET, &deep(levels), &Json::Null).await, 200);
    assert_eq!(program.status(Method::GET, &deep(levels + 1), &Json::Null).await, 400);

    let applied = &orders["@Aggregation.ApplySupported"];
    assert_eq!(applied["Rollup"], "MultipleHierarchies");
    for (apply, status) in [
        ("groupby((rollup($all,Customer/Name,Day),Amount),aggregate($count as N))", 200),
        ("groupby((rollup(Customer/Name,Day),rollup(Amount,No)),aggregate($count as N))", 200),
        ("groupby((rolluprecursive($root/Orders,H,No)))", 501),
    ] {
        let url = format!("Orders?$apply={apply}");
        assert_eq!(program.status(Method::GET, &url, &Json::Null).await, status, "{apply}");
    }
    let from = "Orders?$apply=aggregate(Amount with sum from Customer/Name with max as Most)";
    let status = program.status(Method::GET, from, &Json::Null).await;
    assert_eq!(status == 200, applied["From"] == true);

    let deep = json!({"No": "d1", "Lines": [{"Id": "d2"}], "Customer": {"Code": "dee"}});
    let status = program.status(Method::POST, "Orders", &deep).await;
    assert_eq!(status == 201, service["@Capabilities.DeepInsertSupport"]["Supported"] == true);
    let deep = json!({"Amount": 5, "Lines": [{"Id": "d3"}], "Customer": {"Code": "dea"}});
    let status = program.status(Method::PATCH, "Orders(No='d1')", &deep).await;
    assert_eq!(status < 300, service["@Capabilities.DeepUpdateSupport"]["Supported"] == true);
    let lines = program.get(&encoded("Orders(No='d1')/Lines/$count")).await.expect(200).text();
    assert_eq!(lines, "1");

    let batches = &service["@Capabilities.BatchSupport"];
    let json_part = |id: &str, method: &str, url: &str, headers: Json, body: Json| json!({"id": id, "atomicityGroup": "g", "method": method, "url": url, "headers": headers, "body": body});
    let requests = json!({"requests": [
        json_part("1", "post", "Customers", json!({}), json!({"Code": "ref"})),
        json_part("2", "post", "Orders", json!({}), json!({"No": "ref", "Customer@bind": "$1"})),
    ]});
    let answer = program.send(Method::POST, "$batch", &[], &requests.to_string()).await.expect(200).json();
    let done = answer["responses"].as_array().unwrap().iter().all(|one| one["status"] == 201);
    assert_eq!(done, batches["ReferencesInRequestBodiesSupported"] == true, "{answer}");
    let read = json!({"id": "1", "method": "get", "url": "Orders(No='o1')"});
    let mut change =
        json_part("2", "patch", "Orders(No='o1')", json!({"if-match": "$1"}), json!({"Amount": 11}));
    change["dependsOn"] = json!(["1"]);
    let requests = json!({"requests": [read, change]});
    let answer = program.send(Method::POST, "$batch", &[], &requests.to_string()).await.expect(200).json();
    let done = answer["responses"][1]["status"].as_u64().is_some_and(|status| status < 300);
    assert_eq!(done, batches["EtagReferencesSupported"] == true, "{answer}");

    // Changes of what is expanded are not told: nothing says so, and no link is given.
    assert!(orders["@Capabilities.ChangeTracking"].get("ExpandableProperties").is_none());
    let track = [("prefer", "track-changes")];
    let answer = program.send(Method::GET, "Orders?$expand=Customer", &track, "").await.expect(200);
    assert!(answer.headers.get("preference-applied").is_none() && answer.json().get("@deltaLink").is_none());
    let answer = program.send(Method::GET, "Orders", &track, "").await.expect(200).json();
    let link = answer["@deltaLink"].as_str().unwrap();
    let link = link.strip_prefix(&format!("http://gridkeep.test{}", program.root)).unwrap().to_owned();
    program.get(&format!("{link}&$expand=Customer")).await.expect(501);
    // No collection is ordered, so nothing is put at a place of one.
    assert!(!service.to_string().contains("PositionalInsert"));
    program.send(Method::POST, "Orders?$index=0", &[], r#"{"No":"x"}"#).await.expect(501);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_core_says_holds() {
    let (_world, mut program) = shop(None).await;
    let metadata = program.service().await;
    assert_eq!(metadata["@Core.DefaultNamespace"], true);
    let plain = [
        "Orders/OrdersRow?$top=1",
        "Orders(No='o1')/OrdersRow/Customer/CustomersRow/Orders/OrdersRow/$count",
        "Orders?$filter=isof(OrdersRow) and OrdersRow/No eq 'o1' and Lines/LinesRow/any()&$select=OrdersRow/No",
        "Orders?$expand=OrdersRow/Lines",
    ];
    for url in plain {
        assert_eq!(program.status(Method::GET, url, &Json::Null).await, 200, "{url}");
    }
    let versions = metadata["Service"]["@Core.ODataVersions"].as_str().unwrap();
    for version in ["4.0", "4.01"] {
        let answer = program.send(Method::GET, "Orders", &[("odata-maxversion", version)], "").await;
        assert_eq!(answer.headers["odata-version"] == version, versions.split(' ').any(|one| one == version));
    }
    program.send(Method::GET, "Orders", &[("odata-maxversion", "3.0")], "").await.expect(406);
    // The key may be given with a new entity and is made otherwise; it never changes.
    let key = &metadata["OrdersRow"]["RowId"];
    assert_eq!([&key["@Core.ComputedDefaultValue"], &key["@Core.Immutable"]], [true, true]);
    let id = "00000000-0000-7000-8000-00000000c0de";
    let made = program.send(Method::POST, "Orders", &[], &json!({"RowId": id, "No": "k1"}).to_string()).await;
    assert_eq!(made.expect(201).json()["RowId"], id);
    let made = program.send(Method::POST, "Orders", &[], r#"{"No":"k2"}"#).await.expect(201).json();
    assert!(made["RowId"].is_string() && made["RowId"] != id);
    let other = json!({"RowId": "00000000-0000-7000-8000-00000000beef", "Amount": 3});
    program.status(Method::PATCH, &format!("Orders({id})"), &other).await;
    assert_eq!(program.get(&format!("Orders({id})")).await.expect(200).json()["RowId"], id);
    // What names an entity as well as the key does.
    let alternate = &metadata["OrdersRow"]["@Core.AlternateKeys"][0]["Key"][0]["Alias"];
    let named = format!("Orders({}='o1')", alternate.as_str().unwrap());
    assert_eq!(program.status(Method::GET, &named, &Json::Null).await, 200);
    assert!(metadata["Service"]["Orders"]["@Core.OptimisticConcurrency"].is_array());
    program.send(Method::PATCH, &named, &[], r#"{"Amount":1}"#).await.expect(428);
}
