//! What the protocol asks of every service, as a black-box run asks it: each row a request and what it expects.

use serde_json::json;

use crate::kit::{Answer, World};

/// Method, path, headers, body and the status expected.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

async fn check(world: &World, rows: &[Row<'_>]) {
    for (method, path, headers, body, expect) in rows {
        let answer = world.send(method, path, headers, (*body).to_owned()).await;
        assert_eq!(answer.status, *expect, "{method} {path} {headers:?}: {}", answer.text());
        assert!(["4.0", "4.01"].contains(&answer.header("odata-version")), "{method} {path}");
        if answer.status >= 400 && *method != "HEAD" {
            let error = &answer.json()["error"];
            let code = error["code"].as_str().unwrap_or_default();
            assert!(!code.is_empty() && !code.contains(char::is_whitespace), "{method} {path}: {error}");
            assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{method} {path}");
            assert!(answer.header("content-type").starts_with("application/json"), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_formats() {
    let world = World::start().await;
    let version = async |path: &str, headers: &[(&str, &str)]| -> Answer {
        world.send("GET", path, headers, "").await.expect(200)
    };
    for path in ["", "Products", "Products?$top=1&$select=ID"] {
        for (max, expect) in
            [(None, "4.01"), (Some("4.0"), "4.0"), (Some("4.01"), "4.01"), (Some("5.0"), "4.01")]
        {
            let headers: Vec<_> = max.into_iter().map(|max| ("OData-MaxVersion", max)).collect();
            let answer = version(path, &headers).await;
            assert_eq!(answer.header("odata-version"), expect, "{path} {max:?}");
            // Short names are for those alone who say that they know them.
            let context = if expect == "4.01" && max.is_some() { "@context" } else { "@odata.context" };
            assert!(answer.json().get(context).is_some(), "{path} {max:?}: {}", answer.text());
        }
    }
    let plain = version("Products", &[]).await;
    assert!(plain.header("content-type").contains("odata.metadata=minimal"));
    check(
        &world,
        &[
            ("GET", "", &[("OData-MaxVersion", "3.0")], "", 406),
            ("GET", "Products", &[("OData-MaxVersion", "invalid")], "", 406),
            ("GET", "Products", &[("OData-Version", "4.0")], "", 200),
            ("GET", "Products", &[("OData-Version", "3.0")], "", 400),
            ("GET", "Products", &[("Accept", "application/xml")], "", 406),
            ("GET", "Products", &[("Accept", "text/plain;q=0.5, application/json;q=1.0")], "", 200),
            ("GET", "Products?$format=json", &[("Accept", "text/html")], "", 200),
            ("GET", "Products?$format=invalid", &[], "", 400),
            ("GET", "Products?$format=application/json;odata.metadata=none", &[], "", 200),
            ("GET", "$metadata", &[("Accept", "application/xml")], "", 200),
            ("GET", "$metadata?$format=xml", &[], "", 200),
            ("GET", "$metadata?$format=json", &[], "", 200),
            ("GET", "$metadata", &[("Accept", "text/html")], "", 406),
            ("GET", "Products", &[("Isolation", "snapshot")], "", 412),
            ("GET", "Products", &[("Prefer", "unknown=1, return=maximal, maxpagesize=0")], "", 200),
            ("GET", "Products", &[("Prefer", "handling=strict, maxpagesize=0")], "", 400),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_and_methods() {
    let world = World::start().await;
    let product = world.named("Products", "Laptop").await;
    let key = product.trim_start_matches("Products(").trim_end_matches(')');
    let at = |suffix: &str| format!("{product}{suffix}");
    let (name, raw, none, reference) = (at("/Name"), at("/Name/$value"), at("/Nothing/$value"), at("/$ref"));
    let (by_name, segment, by_id) =
        (format!("Products(ID={key})"), format!("Products/{key}"), format!("$entity?$id={product}"));
    let odd = format!("Products('{key}_2026-03-20T19:30:00Z')");
    check(
        &world,
        &[
            ("GET", &product, &[], "", 200),
            ("GET", &by_name, &[], "", 200),
            ("GET", &segment, &[], "", 200),
            ("GET", &by_id, &[], "", 200),
            ("GET", &name, &[], "", 200),
            ("GET", &raw, &[], "", 200),
            ("GET", &none, &[], "", 404),
            ("GET", &reference, &[], "", 200),
            // A string names a key of any type; one that is none names nothing.
            ("GET", &odd, &[], "", 404),
            ("GET", "Products(ID='x)", &[], "", 400),
            ("GET", "Products(00000000-0000-0000-0000-000000000000)", &[], "", 404),
            ("GET", "InvalidResource", &[], "", 404),
            ("GET", "products", &[], "", 404),
            ("GET", "Products//", &[], "", 400),
            ("GET", "Products/$value", &[], "", 404),
            ("GET", "Products/$ref?$filter=Price%20gt%2050&$top=3&$orderby=ID&$count=true", &[], "", 200),
            ("GET", "Products/$ref?$select=Name", &[], "", 400),
            ("GET", "Products/$ref?$expand=Category", &[], "", 400),
            // As form encoders write it.
            ("GET", "Products?%24filter=Price+gt+50+and+Name+ne+%27a%2Bb%27&%24orderby=Price+desc", &[], "", 200),
            ("GET", "Products?$FILTER=Price%20GT%2010%20AnD%20CONTAINS(Name,'a')&top=3", &[], "", 200),
            ("GET", "Products?filtre=Price%20gt%2010", &[], "", 200),
            ("GET", "Products?$filtre=Price%20gt%2010", &[], "", 400),
            ("GET", "Products?$filter=Price%20gt%2010&FILTER=Price%20gt%2010", &[], "", 400),
            ("GET", "Products?$filter=contains(Name,'%26')%20or%20contains(Name,'%25')%20or%20contains(Name,'''')", &[], "", 200),
            ("GET", "Products?$filter=invalid%20syntax", &[], "", 400),
            ("GET", "Products?$filter=InvalidFunction()", &[], "", 400),
            ("GET", "Products?$expand=NonExistent", &[], "", 400),
            ("GET", "Products?$select=NonExistent", &[], "", 400),
            ("GET", "Products?$skiptoken=invalid_token_xyz", &[], "", 400),
            ("GET", "Products?$filter=Name%20in%20@n&@n=%5B%22Laptop%22%5D", &[], "", 200),
            ("GET", "Products?$filter=Name%20in%20@n&@n=('Laptop','Lamp')", &[], "", 400),
            ("GET", "Products?$filter=Name%20in%20@n&@n=%5B1%5D", &[], "", 400),
            ("GET", "Products?$id=Products(1)", &[], "", 400),
            ("GET", "$entity?$id=x", &[], "", 404),
            ("GET", "Products?$top=-5", &[], "", 400),
            ("GET", "Products?$skip=abc", &[], "", 400),
            ("GET", "Products?$top=0", &[], "", 200),
            ("GET", "Products?$skip=10000", &[], "", 200),
            ("PUT", "Products", &[], "{}", 405),
            ("POST", "$metadata", &[], "{}", 405),
            ("DELETE", "$metadata", &[], "", 405),
            ("POST", "", &[], "{}", 405),
            ("DELETE", "", &[], "", 405),
            ("POST", "ReadOnlyItems", &[], "{}", 405),
            ("HEAD", "Products", &[], "", 200),
            ("HEAD", &product, &[], "", 200),
            ("HEAD", "$metadata", &[], "", 200),
            ("HEAD", "Products(00000000-0000-0000-0000-000000000000)", &[], "", 404),
        ],
    )
    .await;
    let refused = world.send("PUT", "Products", &[], "{}").await.expect(405);
    assert!(refused.header("allow").contains("GET, HEAD, POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_and_answers_later() {
    let world = World::start().await;
    let product = world.named("Products", "Laptop").await;
    // Lines may end with a line feed alone.
    let part = |path: &str| {
        format!(
            "--b\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\nGET {path} HTTP/1.1\nAccept: application/json\n\n\n"
        )
    };
    let multipart = [("Content-Type", "multipart/mixed; boundary=b")];
    let body = format!("{}{}--b--", part(&product), part("/Products/$count"));
    let answer = world.send("POST", "$batch", &multipart, body).await.expect(200);
    assert!(answer.header("content-type").starts_with("multipart/mixed"));
    assert_eq!(answer.text().matches("HTTP/1.1 200 OK").count(), 2, "{}", answer.text());
    let wrong = [("Content-Type", "multipart/mixed; boundary=other")];
    world.send("POST", "$batch", &wrong, part("Products")).await.expect(400);
    world.send("POST", "$batch", &multipart, "--b\nINVALID CONTENT\n--b--").await.expect(400);

    let requests = json!({"requests": [
        {"id": "r1", "method": "GET", "url": "Products(2147483647)"},
        {"id": "r2", "method": "GET", "url": "Products", "dependsOn": ["r1"]},
        {"id": "r3", "method": "GET", "url": "/Products/$count"},
    ]});
    let goes_on = [("Content-Type", "application/json"), ("Prefer", "continue-on-error")];
    let answer = world.send("POST", "$batch", &goes_on, requests.to_string()).await.expect(200).json();
    let statuses: Vec<_> =
        answer["responses"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [400, 424, 200]);
    assert_eq!(
        world.json("POST", "$batch", json!({"requests": []})).await.expect(200).json()["responses"],
        json!([])
    );

    let later = [("Prefer", "respond-async")];
    let accepted = world.send("GET", "Products?$top=1", &later, "").await.expect(202);
    let monitor = accepted.header("location").to_owned();
    let done = loop {
        let answer = world.get(&monitor).await;
        if answer.status != 202 {
            break answer.expect(200);
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(done.header("asyncresult"), "200");
    assert_eq!(done.json(), world.get("Products?$top=1").await.json());
    world.send("DELETE", &monitor, &[], "").await.expect(204);
    world.get(&monitor).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_tracked() {
    let world = World::start().await;
    let track = [("Prefer", "odata.track-changes")];
    let first = world.send("GET", "Products", &track, "").await.expect(200);
    assert!(first.header("preference-applied").contains("odata.track-changes"));
    let link = first.json()["@odata.deltaLink"].as_str().unwrap().to_owned();
    let made =
        world.json("POST", "Products", json!({"Name": "Tracked", "Price": 42.42})).await.expect(201).json();
    let told = world.get(&link).await.expect(200).json();
    assert_eq!(told["value"][0]["Name"], "Tracked");
    let id = made["ID"].as_str().unwrap();
    world.send("DELETE", &format!("Products({id})"), &[("If-Match", "*")], "").await.expect(204);
    let told = world.get(told["@odata.deltaLink"].as_str().unwrap()).await.expect(200).json();
    assert!(told["value"][0]["@odata.removed"].is_object(), "{told}");
    assert_eq!(told["value"][0]["ID"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_tracked_where_the_metadata_says_so() {
    let world = World::start().await;
    let metadata = world.get("$metadata?$format=json").await.expect(200).json();
    let mut told = Vec::new();
    for (name, set) in metadata["App"]["Service"].as_object().unwrap() {
        let Some(supported) = set["@Capabilities.ChangeTracking"]["Supported"].as_bool() else { continue };
        let first = world.send("GET", name, &[("Prefer", "odata.track-changes")], "").await.expect(200);
        assert_eq!(first.json().get("@odata.deltaLink").is_some(), supported, "{name}");
        told.push(supported);
    }
    assert!(told.contains(&true) && told.contains(&false), "{told:?}");
}
