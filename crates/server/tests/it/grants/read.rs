//! What somebody is not given is read on no way.

use axum::http::Method;
use serde_json::json;

use super::{Scene, north};
use crate::kit::{databases, id};

/// What is read over OData, and the status it gets.
const READS: &[(&str, u16)] = &[
    ("", 200),
    ("$metadata", 200),
    ("$metadata?$format=json", 200),
    ("Orders", 200),
    ("Orders?$count=true&$top=1", 200),
    ("Orders?$format=application/json;odata.metadata=full", 200),
    ("Orders?$filter=Secret eq 'MARK-cell-3'", 400),
    ("Orders?$filter=Region eq 'south'", 200),
    ("Orders?$filter=true or Region eq 'south'", 200),
    ("Orders?$orderby=Secret", 400),
    ("Orders?$select=Secret", 400),
    ("Orders?$select=*", 200),
    ("Orders?$search=MARK", 200),
    ("Orders?$search=NOT n1", 200),
    ("Orders?$compute=concat(Secret,'x') as Y&$select=Y", 400),
    ("Orders?$compute=concat(Region,'x') as Y&$select=Y", 200),
    ("Orders?$apply=groupby((Secret))", 400),
    ("Orders?$apply=groupby((Region),aggregate($count as N,Amount with sum as T))", 200),
    ("Orders?$apply=aggregate(Amount with max as M,Owner with countdistinct as D)", 200),
    ("Orders?$apply=aggregate(Secret with max as M)", 400),
    ("Orders?$apply=filter(Region eq 'south')/aggregate($count as N)", 200),
    ("Orders?$apply=concat(identity,topcount(1,Amount))", 200),
    ("Orders?$apply=orderby(Amount desc)/top(1)", 200),
    ("Orders?$apply=compute(Secret as X)", 400),
    ("Orders?$apply=groupby((Customer/Name))", 200),
    ("Orders?$expand=Customer", 200),
    ("Orders?$expand=*", 200),
    ("Orders?$expand=Customer($select=Note)", 400),
    ("Orders?$expand=Customer($filter=Note eq 'MARK')", 400),
    ("Orders?$filter=Customer/Note eq 'MARK-note-1'", 400),
    ("Orders?$filter=Customer/Name eq 'MARK-name-2'", 200),
    ("Orders?$orderby=Customer/Name", 200),
    ("Customers?$expand=Orders", 200),
    ("Customers?$expand=Orders($count=true;$top=1;$orderby=Amount desc)", 200),
    ("Customers?$expand=Orders/$count", 200),
    ("Customers?$expand=Orders($apply=aggregate(Amount with sum as T))", 200),
    ("Customers?$expand=Orders($expand=Customer)", 200),
    ("Customers?$filter=Orders/any(o:o/Region eq 'south')", 200),
    ("Customers?$filter=Orders/all(o:o/Region eq 'north')", 200),
    ("Customers?$filter=Orders/any(o:o/Secret eq 'MARK-cell-1')", 400),
    ("Customers?$filter=Orders/$count gt 1", 200),
    ("Customers?$orderby=Orders/$count desc", 200),
    ("Customers/$count", 200),
    ("Customers(Code='c2')", 404),
    ("Customers(Code='c2')/Orders", 404),
    ("Customers(Code='c1')/Orders", 200),
    ("Customers(Code='c1')/Orders/$ref", 200),
    ("Customers(Code='c1')/Orders/$count", 200),
    ("Customers(Code='c1')/Note", 404),
    ("Orders(No='s1')", 404),
    ("Orders(No='s1')/Amount", 404),
    ("Orders(No='s1')/$ref", 404),
    ("Orders(No='s1')/Photo", 404),
    ("Orders(No='n1')", 200),
    ("Orders(No='n1')/Secret", 404),
    ("Orders(No='n1')/Secret/$value", 404),
    ("Orders(No='n1')/Scan", 404),
    ("Orders(No='n1')/Customer", 200),
    ("Orders(No='n2')/Customer", 204),
    ("Orders(No='n2')/Customer/$ref", 204),
    ("Orders(No='n2')/Customer/Name", 404),
    ("Vault", 404),
    ("Vault/$count", 404),
    ("Vault(Id='v1')", 404),
    ("Close()", 404),
    ("Wipe", 404),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_theirs_is_read_on_any_way() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, north()).await;
        for (url, status) in READS {
            let answer = scene.odata(Method::GET, url, &[], "").await;
            scene.clean(url, &answer);
            assert_eq!(answer.status, *status, "{url}: {}", answer.text());
            // With the session instead of the key it is the same.
            let path =
                format!("/odata/default/{}/{}", scene.app, url.replace(' ', "%20").replace('\'', "%27"));
            let own = scene.ann.get(&path).await;
            scene.clean(url, &own);
            assert_eq!(own.status, *status, "{url} with a session");
        }
        let texts = [
            ("Orders/$count", "2"),
            ("Customers/$count", "2"),
            ("Orders/$count?$filter=Region eq 'south'", "0"),
            ("Customers(Code='c1')/Orders/$count", "1"),
            ("Orders(No='n1')/Owner/$value", "ann@example.com"),
        ];
        for (url, expect) in texts {
            let answer = scene.odata(Method::GET, url, &[], "").await;
            assert_eq!((answer.status, answer.text().as_str()), (200, expect), "{url}");
        }
        let sum = "Orders?$apply=aggregate(Amount with sum as T)";
        let sum = scene.odata(Method::GET, sum, &[], "").await.json();
        assert_eq!(sum["value"][0]["T"], 30, "{sum}");

        // A row by its id, by reference and as the target of an id.
        for row in scene.unseen() {
            for url in
                [format!("Orders({row})"), format!("$entity?$id=Orders({row})"), format!("Customers({row})")]
            {
                let (answer, none) = (
                    scene.odata(Method::GET, &url, &[], "").await,
                    scene.odata(Method::GET, &url.replace(&row, &id(99)), &[], "").await,
                );
                assert_eq!(answer.status, 404, "{url}");
                assert_eq!(answer.text(), none.text().replace(&id(99), &row), "{url}");
            }
        }
        // Changes are not tracked for those who see some rows: nothing would tell which of them are gone.
        let tracked = [("prefer", "track-changes")];
        let answer = scene.odata(Method::GET, "Orders", &tracked, "").await.expect(200);
        assert!(!answer.text().contains("deltaLink") && answer.header("preference-applied").is_empty());
        // Nor does the metadata say so of these; of a table that they see all of, and to its maker, it does.
        let said = scene.odata(Method::GET, "$metadata?$format=json", &[], "").await.expect(200).json();
        let tracks = |said: &serde_json::Value, set: &str| {
            let namespace = said["$EntityContainer"].as_str().unwrap().rsplit_once('.').unwrap();
            let set = said[namespace.0][namespace.1][set]["@Capabilities.ChangeTracking"].clone();
            set["Supported"].clone()
        };
        let path = format!("/odata/default/{}/$metadata?$format=json", scene.app);
        let whole = scene.maker.get(&path).await.expect(200).json();
        for set in ["Orders", "Customers"] {
            assert_eq!(
                (tracks(&said, set), tracks(&whole, set)),
                (json!(false), json!(true)),
                "{set}: {said}"
            );
        }
        let batch = json!({"requests": [
            {"id": "1", "method": "get", "url": "Orders"}, {"id": "2", "method": "get", "url": "Vault"},
            {"id": "3", "method": "get", "url": "Orders(No='s1')"},
            {"id": "4", "method": "post", "url": "Orders/$query", "headers": {"content-type": "text/plain"},
                "body": "$search=MARK"}]});
        let answer = scene.odata(Method::POST, "$batch", &[], &batch.to_string()).await;
        scene.clean(&batch.to_string(), &answer);
        assert!(answer.text().contains("\"n1\""), "{}", answer.text());

        // The rows of the portal's own pages.
        let rows = |table: &str| format!("/api/apps/{}/tables/{table}/rows", scene.app);
        let (orders, vault) = (rows("orders"), rows("vault"));
        let row = scene.row("s1");
        let asks = [
            (&orders, json!({}), 200),
            (&orders, json!({"count": true, "search": "MARK"}), 200),
            (&orders, json!({"search": "MARK", "searchColumns": ["secret"]}), 400),
            (&orders, json!({"sort": {"column": "secret"}}), 400),
            (&orders, json!({"sort": {"column": "amount", "descending": true}}), 200),
            (
                &orders,
                json!({"filters": [{"column": "secret", "operator": "eq", "value": "MARK-cell-1"}]}),
                400,
            ),
            (
                &orders,
                json!({"filters": [{"column": "customer_code/note", "operator": "eq", "value": "MARK"}]}),
                400,
            ),
            (
                &orders,
                json!({"filters": [{"column": "customer_code/name", "operator": "ge", "value": "M"}]}),
                200,
            ),
            (&orders, json!({"search": "MARK-name", "searchColumns": ["customer_code/name"]}), 200),
            (&orders, json!({"id": row}), 200),
            (&vault, json!({}), 404),
        ];
        for (path, body, status) in asks {
            let answer = scene.ann.post(path, body.clone()).await;
            scene.clean(&body.to_string(), &answer);
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
        }
        let app = format!("/api/apps/{}", scene.app);
        for (path, status) in [
            ("", 200),
            ("/client", 200),
            ("/versions/1/workbook", 200),
            ("/versions/1/original", 403),
            ("/export.xlsx", 403),
            ("/grants", 403),
            ("/actions", 200),
            (&format!("/actions?table=orders&row={}", scene.row("n1")), 200),
            (&format!("/actions?table=orders&row={}", scene.row("s1")), 404),
            (&format!("/actions?table=vault&row={}", scene.row("v1")), 404),
            ("/tables/orders/snapshot", 200),
            ("/tables/customers/snapshot", 200),
            ("/tables/vault/snapshot", 404),
            ("/tables/orders/export.csv", 200),
            ("/tables/vault/export.csv", 404),
            (&format!("/tables/orders/rows/{}/files/photo", scene.row("s1")), 404),
            (&format!("/tables/orders/rows/{}/files/scan", scene.row("n1")), 404),
        ] {
            let answer = scene.ann.get(&format!("{app}{path}")).await;
            scene.clean(path, &answer);
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
        }
        let client = scene.ann.get(&format!("{app}/client")).await.text();
        for hidden in ["secret", "vault", "note", "wipe", "scan"] {
            assert!(!client.to_lowercase().contains(hidden), "{hidden} in {client}");
        }
        for (metadata, hidden) in
            [("$metadata", "Secret"), ("$metadata", "Vault"), ("", "Vault"), ("$metadata", "Wipe")]
        {
            let answer = scene.odata(Method::GET, metadata, &[], "").await.text();
            assert!(!answer.contains(hidden), "{hidden} in {answer}");
        }
    }
}
