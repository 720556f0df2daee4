//! What somebody is not given is changed on no way.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Scene, north};
use crate::kit::{databases, id};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_theirs_is_changed_on_any_way() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, north()).await;
        let before = scene.all().await;
        let path = format!("/api/apps/{}/transactions", scene.app);
        let mut number = 100;
        let mut fresh = || {
            number += 1;
            id(number)
        };
        let (seen, unseen, absent) = (scene.row("n1"), scene.row("s1"), id(99));
        let set = |row: &str, values: Json| json!({"type": "update", "table": "orders", "id": row, "baseVersion": 1, "values": values});
        let add = |row: String, table: &str, values: Json| json!({"type": "insert", "table": table, "id": row, "values": values});
        // What is not seen is refused as what is not there, word by word.
        let twins = [
            (set(&unseen, json!({"amount": 1})), set(&absent, json!({"amount": 1}))),
            (set(&unseen, json!({"amount": "x", "zzz": 1})), set(&absent, json!({"amount": "x", "zzz": 1}))),
            (
                json!({"type": "update", "table": "orders", "id": unseen, "baseVersion": 7, "values": {}}),
                json!({"type": "update", "table": "orders", "id": absent, "baseVersion": 7, "values": {}}),
            ),
            (
                json!({"type": "delete", "table": "orders", "id": unseen, "baseVersion": 1}),
                json!({"type": "delete", "table": "orders", "id": absent, "baseVersion": 1}),
            ),
            (
                json!({"type": "call", "action": "close", "row": unseen}),
                json!({"type": "call", "action": "close", "row": absent}),
            ),
            (
                json!({"type": "call", "action": "close", "row": unseen, "baseVersion": 4}),
                json!({"type": "call", "action": "close", "row": absent, "baseVersion": 4}),
            ),
            (json!({"type": "call", "action": "wipe"}), json!({"type": "call", "action": "none"})),
            (
                set(&seen, json!({"secret": "x", "amount": "y"})),
                set(&seen, json!({"sdcret": "x", "amount": "y"})),
            ),
            (add(id(300), "vault", json!({"id": "v9"})), add(id(300), "nothing", json!({"id": "v9"}))),
        ];
        for (one, other) in twins {
            let mut told = Vec::new();
            for operation in [&one, &other] {
                let body = json!({"id": fresh(), "operations": [operation]});
                let answer = scene.ann.post(&path, body.clone()).await;
                scene.clean(&body.to_string(), &answer);
                assert!(answer.status >= 400, "{operation}: {}", answer.text());
                told.push((
                    answer.status,
                    answer.text().replace("sdcret", "secret").replace("\"none\"", "\"wipe\""),
                ));
            }
            assert_eq!(told[0], told[1], "{one}");
        }
        // What would be out of her reach, or is in it and not hers to change.
        for operation in [
            add(fresh(), "orders", json!({"no": "x1", "region": "south"})),
            add(fresh(), "orders", json!({"no": "x1"})),
            set(&seen, json!({"region": "south"})),
            set(&seen, json!({"owner": "ann@example.com"})),
            set(&seen, json!({"region": null})),
        ] {
            let body = json!({"id": fresh(), "operations": [operation]});
            let answer = scene.ann.post(&path, body.clone()).await;
            scene.clean(&body.to_string(), &answer);
            assert!([403, 422].contains(&answer.status), "{operation}: {}", answer.text());
        }
        for (method, url, body, status) in [
            (Method::PATCH, "Orders(No='n1')", json!({"Secret": "x"}), 400),
            (Method::PATCH, "Orders(No='n1')", json!({"Region": "south"}), 403),
            (Method::PUT, "Orders(No='n1')/Region", json!({"value": "south"}), 403),
            (Method::DELETE, "Orders(No='n1')/Region", Json::Null, 403),
            (Method::DELETE, "Orders(No='s1')", Json::Null, 0),
            (Method::PUT, "Orders(No='s1')/Amount", json!({"value": 1}), 0),
            (Method::DELETE, "Vault(Id='v1')", Json::Null, 404),
            (Method::POST, "Vault", json!({"Id": "v9"}), 404),
            (Method::POST, "Orders", json!({"No": "x2", "Region": "south"}), 403),
            (
                Method::POST,
                "Customers",
                json!({"Code": "c9", "Region": "north", "Orders": [{"No": "x3", "Region": "south"}]}),
                403,
            ),
            (Method::POST, "Wipe", json!({}), 404),
            (Method::POST, "Orders(No='s1')/App.Close", json!({}), 404),
            (Method::PUT, "Orders(No='n1')/Customer/$ref", json!({"@id": "Customers(Code='c2')"}), 0),
            (Method::POST, "Customers(Code='c1')/Orders/$ref", json!({"@id": "Orders(No='s1')"}), 0),
            (Method::DELETE, "Customers(Code='c1')/Orders/$ref?$id=Orders(No='s1')", Json::Null, 0),
        ] {
            let text = if body.is_null() { String::new() } else { body.to_string() };
            let answer = scene.odata(method.clone(), url, &[], &text).await;
            scene.clean(&format!("{method} {url} {text}"), &answer);
            let refused = status == answer.status || status == 0 && (400..500).contains(&answer.status);
            assert!(refused, "{method} {url} {text}: {} {}", answer.status, answer.text());
        }
        // Keys that others have are taken: that much cannot be kept from whoever tries them, and no more is said.
        let row = scene.row("s1");
        for (url, body) in [
            ("Orders(No='s1')", json!({"Region": "north"})),
            (&*format!("Orders({row})"), json!({"No": "x4", "Region": "north"})),
        ] {
            let new = [("if-none-match", "*")];
            let answer = scene.odata(Method::PATCH, url, &new, &body.to_string()).await;
            scene.clean(&format!("{url} {body}"), &answer);
            assert!((400..500).contains(&answer.status), "{url}: {} {}", answer.status, answer.text());
        }
        let files =
            format!("/api/apps/{}/tables/orders/files?column=scan&row={}", scene.app, scene.row("n1"));
        scene.ann.upload(&files, "x", "x").await.expect(404);
        assert_eq!(scene.all().await, before);

        // What is hers she changes, and is told of it what she sees; what is done to all is done to hers.
        let body = json!({"id": fresh(), "operations": [set(&seen, json!({"amount": 11})),
            add(fresh(), "orders", json!({"no": "n3", "region": "north", "customer_code": "c1"}))]});
        let answer = scene.ann.post(&path, body.clone()).await.expect(200);
        scene.clean(&body.to_string(), &answer);
        let columns = answer.json()["rows"][0]["values"].as_array().unwrap().len();
        assert_eq!(columns, 6, "{}", answer.text());
        let representation = [("prefer", "return=representation")];
        let answer = scene.odata(Method::PATCH, "Orders(No='n1')", &representation, r#"{"Amount":12}"#).await;
        scene.clean("PATCH", &answer);
        assert_eq!((answer.status, &answer.json()["Amount"]), (200, &json!(12)), "{}", answer.text());
        let answer = scene.odata(Method::POST, "Orders", &[], r#"{"No":"n4","Region":"north"}"#).await;
        scene.clean("POST", &answer);
        assert_eq!((answer.status, &answer.json()["No"]), (201, &json!("n4")), "{}", answer.text());
        scene.odata(Method::PATCH, "Orders/$each", &[], r#"{"Amount":13}"#).await.expect(204);
        let action = scene.odata(Method::POST, "Orders(No='n1')/App.Close", &[], "{}").await;
        scene.clean("close", &action);
        assert!([200, 204].contains(&action.status), "{}", action.text());
        let body = json!({"id": fresh(), "operations": [{"type": "call", "action": "close", "row": scene.row("n2")}]});
        let answer = scene.ann.post(&path, body).await.expect(200);
        scene.clean("call", &answer);
        assert_eq!(answer.json()["rows"].as_array().unwrap().len(), 1, "{}", answer.text());
        scene.odata(Method::DELETE, "Orders/$filter(Amount ge 0)/$each", &[], "").await.expect(204);
        let mut left = String::new();
        let looked = ["\"n1\"", "\"n2\"", "\"n3\"", "\"n4\"", "south"];
        for line in scene.all().await.lines().filter(|line| looked.iter().any(|part| line.contains(part))) {
            writeln!(left, "{}", line.split_once(',').unwrap().1).unwrap();
        }
        assert_eq!(
            left,
            "1,\"s1\",\"south\",\"MARK-owner-1\",77777771,\"MARK-cell-3\",\"c1\",null,null]\n\
            1,\"s2\",\"south\",\"MARK-owner-2\",77777772,\"MARK-cell-4\",\"c2\",null,null]\n\
            1,\"c2\",\"MARK-name-2\",\"south\",\"MARK-note-2\"]\n"
        );
    }
}
