//! The metadata tells the truth: what it says may be done can be done, and what it withholds is refused.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Program, stock};
use crate::kit::World;

/// Shown in `truth_related`, where there is something to show them with: several sets, deep hierarchies.
const ELSEWHERE: [(&str, &str); 8] = [
    // What each level asks for is in the tests of the reference model.
    ("Capabilities.ConformanceLevel", ""),
    ("Capabilities.BatchSupport", "ReferencesInRequestBodiesSupported"),
    ("Capabilities.BatchSupport", "EtagReferencesSupported"),
    ("Capabilities.DeepInsertSupport", "Supported"),
    ("Capabilities.DeepUpdateSupport", "Supported"),
    ("Capabilities.ExpandRestrictions", "MaxLevels"),
    ("Aggregation.ApplySupported", "Rollup"),
    ("Aggregation.ApplySupported", "From"),
];

/// Each transformation of `$apply`, and one use of it.
const TRANSFORMATIONS: [(&str, &str); 20] = [
    ("aggregate", "aggregate(Qty with sum as S)"),
    ("bottomcount", "bottomcount(1,Qty)"),
    ("bottompercent", "bottompercent(50,Qty)"),
    ("bottomsum", "bottomsum(1,Qty)"),
    ("compute", "compute(Qty mul 2 as D)"),
    ("concat", "concat(identity,identity)"),
    ("filter", "filter(Qty gt 1)"),
    ("groupby", "groupby((Item))"),
    ("identity", "identity"),
    ("orderby", "orderby(Qty)"),
    ("search", "search(seal)"),
    ("skip", "skip(1)"),
    ("top", "top(1)"),
    ("topcount", "topcount(1,Qty)"),
    ("toppercent", "toppercent(50,Qty)"),
    ("topsum", "topsum(1,Qty)"),
    ("ancestors", "ancestors($root/Stock,H,RowId,filter(Qty gt 1))"),
    ("descendants", "descendants($root/Stock,H,RowId,filter(Qty gt 1))"),
    ("traverse", "traverse($root/Stock,H,RowId,preorder)"),
    ("nest", "nest(groupby((Item)) as N)"),
];

/// Whether a capability is there; `None` when it is not known here how to tell.
async fn can(program: &mut Program, row: &str, term: &str, property: &str) -> Option<bool> {
    let entity = format!("Stock({row})");
    let segment = format!("Stock/{row}");
    let delta = json!({"@context": "#$delta", "value": [{"RowId": row, "Qty": 5}]}).to_string();
    let any = ("if-match", "*");
    let (method, path, header, body) = match (term, property) {
        ("Capabilities.KeyAsSegmentSupported", "") => (Method::GET, &*segment, None, ""),
        ("Capabilities.AsynchronousRequestsSupported", "") => {
            let later = [("prefer", "respond-async")];
            return Some(program.send(Method::GET, "Stock", &later, "").await.status == 202);
        }
        ("Capabilities.CrossJoinSupported", "") => (Method::GET, "$crossjoin(Stock,Stock)", None, ""),
        ("Capabilities.BatchSupport", "RequestDependencyConditionsSupported") => {
            return Some(
                batched(program, json!({"id": "2", "method": "get", "url": "Stock", "if": "true"})).await,
            );
        }
        ("Capabilities.BatchSupport", "ContinueOnErrorSupported") => {
            return Some(batched(program, json!({"id": "2", "method": "get", "url": "Stock"})).await);
        }
        ("Capabilities.QuerySegmentSupported", "") => {
            let plain = [("content-type", "text/plain"), ("x-gridkeep", "1")];
            return Some(program.send(Method::POST, "Stock/$query", &plain, "$top=1").await.status == 200);
        }
        ("Capabilities.BatchSupported", "") | ("Capabilities.BatchSupport", "Supported") => {
            (Method::POST, "$batch", None, r#"{"requests":[]}"#)
        }
        ("Capabilities.ReadRestrictions", "Readable") => (Method::GET, "Stock", None, ""),
        ("Capabilities.InsertRestrictions", "Insertable") => {
            (Method::POST, "Stock", None, r#"{"Sku":"truth","Qty":1}"#)
        }
        ("Capabilities.UpdateRestrictions", "Updatable") => {
            (Method::PATCH, &*entity, Some(any), r#"{"Qty":7}"#)
        }
        ("Capabilities.UpdateRestrictions", "DeltaUpdateSupported") => {
            (Method::PATCH, "Stock", None, &*delta)
        }
        ("Capabilities.DeleteRestrictions", "Deletable") => {
            (Method::DELETE, "Stock(Sku='0009')", Some(any), "")
        }
        ("Capabilities.TopSupported", "") => (Method::GET, "Stock?$top=1", None, ""),
        ("Capabilities.SkipSupported", "") => (Method::GET, "Stock?$skip=1", None, ""),
        ("Capabilities.ComputeSupported", "") => {
            (Method::GET, "Stock?$compute=Qty%20mul%202%20as%20D", None, "")
        }
        ("Capabilities.CountRestrictions", "Countable") => (Method::GET, "Stock/$count", None, ""),
        ("Capabilities.ExpandRestrictions", "Expandable") => (Method::GET, "Stock?$expand=*", None, ""),
        ("Capabilities.SearchRestrictions", "Searchable") => (Method::GET, "Stock?$search=seal", None, ""),
        ("Capabilities.ChangeTracking", "Supported") => {
            let track = [("prefer", "track-changes")];
            let answer = program.send(Method::GET, "Stock", &track, "").await;
            return Some(answer.status == 200 && answer.json().get("@deltaLink").is_some());
        }
        _ => return None,
    };
    // Guests have nothing but this to show that no other site's page sends them.
    let headers: Vec<_> = header.into_iter().chain([("x-gridkeep", "1")]).collect();
    let answer = program.send(method, path, &headers, body).await;
    let refused = [400, 403, 404, 405, 501].contains(&answer.status);
    assert!(answer.status < 300 || refused, "{term} {property}: {}", answer.text());
    Some(answer.status < 300)
}

/// Whether a request of a batch is answered behind one that failed.
async fn batched(program: &mut Program, second: Json) -> bool {
    let requests = json!({"requests": [{"id": "1", "method": "get", "url": "Nothing"}, second]});
    let headers = [("prefer", "continue-on-error"), ("x-gridkeep", "1")];
    let answer = program.send(Method::POST, "$batch", &headers, &requests.to_string()).await.expect(200);
    answer.json()["responses"][1]["status"] == 200
}

/// Whether batches may come in a format.
async fn takes(program: &mut Program, format: &str) -> bool {
    let part = "content-type: application/http\r\n\r\nGET Stock HTTP/1.1\r\n\r\n\r\n";
    let (kind, body) = if format == "application/json" {
        (format.to_owned(), r#"{"requests":[]}"#.to_owned())
    } else {
        (format!("{format}; boundary=b"), format!("--b\r\n{part}--b--"))
    };
    let headers = [("content-type", &*kind), ("x-gridkeep", "1")];
    program.send(Method::POST, "$batch", &headers, &body).await.status == 200
}

/// Tries everything that the annotations of a thing say of it.
async fn check(program: &mut Program, row: &str, annotated: &Json) -> usize {
    let mut tried = 0;
    for (name, value) in annotated.as_object().unwrap() {
        let Some(term) = name.strip_prefix('@').filter(|term| !term.contains('@')) else { continue };
        if !(term.starts_with("Capabilities.") || term.starts_with("Aggregation.")) {
            continue;
        }
        let single = [(String::new(), value.clone())];
        let said: Vec<(String, Json)> = match value {
            Json::Object(record) => record.clone().into_iter().collect(),
            _ => single.to_vec(),
        };
        for (property, value) in said {
            if ELSEWHERE.contains(&(term, &*property)) {
                continue;
            }
            tried += 1;
            if property == "SupportedFormats" {
                for format in ["multipart/mixed", "application/json", "application/xml", "text/plain"] {
                    let said = value.as_array().unwrap().contains(&json!(format));
                    assert_eq!(takes(program, format).await, said, "{format}");
                }
                continue;
            }
            if property == "Transformations" {
                let offered: Vec<&str> = value.as_array().unwrap().iter().filter_map(Json::as_str).collect();
                for one in &offered {
                    assert!(TRANSFORMATIONS.iter().any(|(name, _)| name == one), "{one} is not tried");
                }
                for (name, text) in TRANSFORMATIONS {
                    let answer = program.get(&format!("Stock?$apply={}", text.replace(' ', "%20"))).await;
                    let expect = if offered.contains(&name) { &[200][..] } else { &[400, 501] };
                    assert!(expect.contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
                }
                continue;
            }
            let can = can(program, row, term, &property).await;
            let can = can.unwrap_or_else(|| panic!("nobody tries {term} {property}"));
            assert_eq!(Json::Bool(can), value, "{term} {property}");
        }
    }
    tried
}

async fn check_all(program: &mut Program) {
    let metadata = program.get("$metadata?$format=json").await.expect(200).json();
    let rows = program.get("Stock?$filter=Sku%20eq%20'0008'").await.expect(200).json();
    let row = rows["value"][0]["RowId"].as_str().unwrap().to_owned();
    // What the schema says of the container and its sets from outside, and what these say of themselves.
    let service = &metadata["App"]["Service"];
    let mut tried = check(program, &row, &service["Stock"]).await + check(program, &row, service).await;
    for (target, annotated) in metadata["App"]["$Annotations"].as_object().into_iter().flatten() {
        if target.starts_with("App.Service") {
            tried += check(program, &row, annotated).await;
        }
    }
    assert!(tried >= 14, "only {tried} capabilities were found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_advertised_is_there_and_what_is_withheld_is_not() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    check_all(&mut program).await;
    // A guest of a public app may do less, and its metadata says so.
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("public", &[]).await;
    let mut guest = Program {
        browser: world.browser(),
        root: format!("/odata/default/{app}/"),
        key: None,
        version: Some("4.01"),
    };
    check_all(&mut guest).await;
}
