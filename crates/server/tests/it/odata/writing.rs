//! Entities made, changed and removed.

use axum::http::Method;
use serde_json::json;

use super::stock;
use crate::kit::{databases, id};

/// Method, headers, body and the status it is answered with.
type Step<'a> = (&'a Method, &'a [(&'a str, &'a str)], &'a str, u16);

#[tokio::test(flavor = "multi_thread")]
async fn entities_are_made_changed_and_removed() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, app, mut program) = stock(database).await;
        let row = id(77);
        let body = format!(r#"{{"RowId":"{row}","Sku":"0100","Item":"Größe \"L\"","Qty":"7","Price":12.5}}"#);
        let made = program.send(Method::POST, "Stock", &[], &body).await.expect(201);
        let here = format!("http://gridkeep.test/odata/default/{app}/Stock({row})");
        assert_eq!((made.header("location"), made.header("etag")), (&*here, "W/\"1\""));
        assert_eq!(made.json()["Price"], json!(12.50));
        assert_eq!(made.json()["Item"], "Größe \"L\"");
        program.send(Method::POST, "Stock", &[], &body).await.expect(409);

        let path = format!("Stock({row})");
        let none: &[(&str, &str)] = &[];
        let patch = r#"{"Qty":8}"#;
        let steps: &[Step<'_>] = &[
            (&Method::GET, &[("if-none-match", "W/\"1\"")], "", 304),
            (&Method::PATCH, none, patch, 428),
            (&Method::PATCH, &[("if-match", "W/\"9\"")], patch, 412),
            (&Method::PATCH, &[("if-none-match", "*")], patch, 412),
            (&Method::PATCH, &[("if-match", "W/\"1\"")], patch, 204),
            (&Method::PATCH, &[("if-match", "W/\"1\"")], patch, 412),
            (&Method::PATCH, &[("if-match", "*"), ("prefer", "return=representation")], r#"{"Qty":9}"#, 200),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":-1}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":null}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":"many"}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Colour":"red"}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":1,"Qty":2}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], "{", 400),
            (&Method::PUT, &[("if-match", "*")], r#"{"Sku":"0100","Qty":1}"#, 204),
            (&Method::DELETE, none, "", 428),
            (&Method::DELETE, &[("if-match", "W/\"4\"")], "", 204),
            (&Method::GET, none, "", 404),
            (&Method::DELETE, &[("if-match", "*")], "", 412),
            (&Method::DELETE, none, "", 404),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Sku":"5","Qty":5}"#, 412),
            (&Method::PATCH, none, r#"{"Sku":"5","Qty":5}"#, 201),
        ];
        for (step, (method, headers, body, expect)) in steps.iter().enumerate() {
            let answer = program.send((*method).clone(), &path, headers, body).await;
            assert_eq!(answer.status, *expect, "step {step} {method} {headers:?} {body}: {}", answer.text());
        }
        let any = ("if-match", "*");
        // What could not be answered is refused before it is done.
        for (query, header) in
            [("", ("accept", "text/html")), ("?$select=Nope", any), ("?$filter=Qty eq 1", any)]
        {
            let query = query.replace(' ', "%20");
            let count = program.get("Stock/$count").await.text();
            let body = r#"{"Sku":"refused","Qty":1}"#;
            let answer = program.send(Method::POST, &format!("Stock{query}"), &[header], body).await;
            assert!([400, 406].contains(&answer.status), "{}", answer.text());
            assert_eq!(program.get("Stock/$count").await.text(), count, "{query} {header:?}");
        }
        // A property on its own, and each entity of a collection.
        let parts: &[(&str, Step<'_>)] = &[
            ("/Item", (&Method::PUT, &[any], r#"{"value":"Nut"}"#, 204)),
            ("/Item", (&Method::PUT, none, r#"{"value":"Nut"}"#, 428)),
            ("/Item/$value", (&Method::PUT, &[any, ("content-type", "text/plain")], "Big nut", 204)),
            ("/Qty/$value", (&Method::PUT, &[any, ("content-type", "text/plain")], "many", 400)),
            ("/Qty", (&Method::DELETE, &[any], "", 400)),
            ("/RowId", (&Method::PUT, &[any], r#"{"value":"018f0000-0000-7000-8000-000000000001"}"#, 400)),
        ];
        for (part, (method, headers, body, expect)) in parts {
            let answer = program.send((*method).clone(), &format!("{path}{part}"), headers, body).await;
            assert_eq!(answer.status, *expect, "{method} {part} {headers:?} {body}: {}", answer.text());
        }
        assert_eq!(program.get(&format!("{path}/Item/$value")).await.text(), "Big nut");
        program.send(Method::DELETE, &format!("{path}/Item"), &[any], "").await.expect(204);
        program.get(&format!("{path}/Item")).await.expect(204);
        let some = "Stock/$filter(Qty%20ge%2040)/$each";
        program.send(Method::PATCH, some, none, r#"{"Item":"Many"}"#).await.expect(204);
        program.send(Method::PATCH, some, none, r#"{"Qty":-1}"#).await.expect(400);
        let text = [("content-type", "text/plain")];
        let query = "$filter=Item eq 'Many'&$count=true&$top=0".replace(' ', "%20");
        let found = program.send(Method::POST, "Stock/$query", &text, &query).await.expect(200);
        assert_eq!(found.json()["@count"], 2);
        program.send(Method::DELETE, some, none, "").await.expect(204);
        assert_eq!(program.get("Stock/$count?$filter=Item%20eq%20'Many'").await.text(), "0");
        // By the alternate key, and with nothing in return.
        let minimal = [("prefer", "return=minimal")];
        let made =
            program.send(Method::PATCH, "Stock(Sku='new')", &minimal, r#"{"Qty":1}"#).await.expect(204);
        assert!(
            made.headers.contains_key("odata-entityid")
                && made.header("preference-applied") == "return=minimal"
        );
        assert_eq!(program.get("Stock(Sku='new')").await.expect(200).json()["Qty"], 1);
    }
}
