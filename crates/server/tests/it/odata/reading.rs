//! What is read: the service, its sets and entities, pages and changes.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{hidden, shown, stock};
use crate::kit::{databases, id};

#[tokio::test(flavor = "multi_thread")]
async fn a_service_describes_itself_and_answers() {
    let (_world, _maker, app, mut program) = stock(None).await;
    for (name, path, headers) in [
        ("service", "", &[][..]),
        ("metadata_xml", "$metadata", &[("odata-maxversion", "4.01")]),
        ("metadata_json", "$metadata?$format=json", &[]),
        ("set", "Stock?$orderby=Item&$count=true", &[]),
        ("set_none", "Stock?$orderby=Item&$top=1", &[("accept", "application/json;odata.metadata=none")]),
        (
            "set_full",
            "Stock?$orderby=Item&$top=1&$select=Item,Price",
            &[("accept", "application/json;metadata=full;IEEE754Compatible=true")],
        ),
        ("set_4_0", "Stock?$orderby=Item&$top=1", &[("odata-maxversion", "4.0")]),
        (
            "query",
            "Stock?$filter=Qty gt 10 and contains(Item,'l')&$select=Item,Twice&$compute=Qty mul 2 as Twice"
                .replace(' ', "%20")
                .leak(),
            &[],
        ),
        (
            "groups",
            "Stock?$apply=filter(Qty gt 2)/compute(Qty gt 30 as Many)/groupby((Many),aggregate(Qty mul Price with sum as Worth,\
             Price with average as Mean,$count as N))/filter(N gt 0)&$orderby=Worth desc&$count=true"
                .replace(' ', "%20")
                .leak(),
            &[],
        ),
        (
            "groups_4_0",
            "Stock?$apply=aggregate(Qty with max as Most,Item with countdistinct as Items)".replace(' ', "%20").leak(),
            &[("odata-maxversion", "4.0")],
        ),
        ("search", "Stock?$search=SEAL", &[]),
        ("count", "Stock/$count?$filter=Qty%20lt%2050", &[]),
        ("entity", "Stock(Sku='0008')", &[]),
        ("property", "Stock(Sku='0008')/Price", &[]),
        ("value", "Stock(Sku='0008')/Price/$value", &[]),
        ("reference", "Stock(Sku='0008')/$ref", &[]),
        ("refs", "Stock/$ref?$filter=Qty%20eq%203", &[]),
    ] {
        let answer = program.send(Method::GET, path, headers, "").await;
        insta::assert_snapshot!(name, format!("GET {path}\n{}", shown(&answer, &app)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_while_rows_come() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, _app, mut program) = stock(database).await;
        let three = [("prefer", "maxpagesize=1")];
        let pages = program.walk("Stock?$orderby=Item%20desc", &three).await;
        assert_eq!(pages[..3], [["Seal"], ["Motor"], ["Bolt"]]);
        // A page's end holds although a row comes before it.
        let first = program.send(Method::GET, "Stock?$orderby=Item", &three, "").await.expect(200);
        assert_eq!(first.header("preference-applied"), "maxpagesize=1");
        program.send(Method::POST, "Stock", &[], r#"{"Sku":"1","Item":"Anvil","Qty":1}"#).await.expect(201);
        let next = first.json()["@nextLink"].as_str().unwrap().to_owned();
        let path = next.rsplit_once('/').unwrap().1;
        assert_eq!(program.walk(path, &three).await[..2], [["Motor"], ["Seal"]]);
        let groups = program.walk("Stock?$apply=groupby((Item))&$orderby=Item", &three).await;
        assert_eq!(groups, [["Anvil"], ["Bolt"], ["Motor"], ["Seal"]]);
        // `$top` counts over all pages.
        let pages = program.walk("Stock?$orderby=Item&$top=3&$skip=1", &[("prefer", "maxpagesize=2")]).await;
        assert_eq!(pages, [vec!["Bolt", "Motor"], vec!["Seal"]]);
        let other =
            format!("Stock?$orderby=Qty&{}", path.split_once('?').unwrap().1.split_once('&').unwrap().1);
        let answer = program.get(&other).await.expect(400);
        assert_eq!(answer.json()["error"]["code"], "INVALID_SKIPTOKEN");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_since_a_read_are_told() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, app, mut program) = stock(database).await;
        let root = format!("http://gridkeep.test{}", program.root);
        let relative = |link: &Json| link.as_str().unwrap().strip_prefix(&root).unwrap().to_owned();
        let track = [("prefer", "odata.track-changes, maxpagesize=2")];
        // A row comes between the pages: it is told with the first changes.
        let first = program
            .send(Method::GET, "Stock?$filter=Qty%20ge%201&$orderby=Item", &track, "")
            .await
            .expect(200);
        assert_eq!(first.header("preference-applied"), "odata.track-changes, maxpagesize=2");
        let mut next = relative(&first.json()["@nextLink"]);
        let row = id(9);
        let body = format!(r#"{{"RowId":"{row}","Sku":"new","Item":"Aaa","Qty":5}}"#);
        program.send(Method::POST, "Stock", &[], &body).await.expect(201);
        let delta = loop {
            let page = program.send(Method::GET, &next, &track, "").await.expect(200).json();
            match page.get("@nextLink") {
                Some(link) => next = relative(link),
                None => break relative(&page["@deltaLink"]),
            }
        };
        let told = program.get(&delta).await.expect(200).json();
        assert_eq!(told["value"][0]["RowId"], row);
        let link = relative(&told["@deltaLink"]);
        assert_eq!(program.get(&link).await.json()["value"], json!([]));
        // One leaves the filter, one is deleted, one changes twice.
        let any = [("if-match", "*")];
        program.send(Method::PATCH, &format!("Stock({row})"), &any, r#"{"Qty":0}"#).await.expect(204);
        program.send(Method::DELETE, "Stock(Sku='0009')", &any, "").await.expect(204);
        program.send(Method::PATCH, "Stock(Sku='0008')", &any, r#"{"Qty":1}"#).await.expect(204);
        program.send(Method::PATCH, "Stock(Sku='0008')", &any, r#"{"Qty":2}"#).await.expect(204);
        let told = program.get(&link).await.expect(200);
        insta::assert_snapshot!(
            "delta",
            hidden(&told.text().replace(&app, "[app]")).split("$deltatoken").next().unwrap()
        );
        let old = [("odata-maxversion", "4.0")];
        let told = program.send(Method::GET, &link, &old, "").await.expect(200);
        insta::assert_snapshot!(
            "delta_4_0",
            hidden(&told.text().replace(&app, "[app]")).split("$deltatoken").next().unwrap()
        );
        // In steps, until nothing is left.
        let step =
            program.send(Method::GET, &link, &[("prefer", "maxpagesize=1")], "").await.expect(200).json();
        assert!(step.get("@deltaLink").is_none() && step["@nextLink"].is_string(), "{step}");
        // Of another query, of another history, of the future.
        let other = link.replace("ge%201", "ge%202");
        let (path, token) = link.split_once("$deltatoken=").unwrap();
        for (wrong, expect) in [
            (other, 410),
            (format!("{path}$deltatoken=x"), 410),
            (format!("{path}$deltatoken={}{}", "0".repeat(32), &token[32..]), 410),
            (format!("{path}$deltatoken={}{}{}", &token[..32], "f".repeat(16), &token[48..]), 410),
        ] {
            program.get(&wrong).await.expect(expect);
        }
        program
            .send(Method::GET, &link, &[("accept", "application/json;metadata=none")], "")
            .await
            .expect(406);
    }
}
