//! Contents of files of rows under a row condition: whoever does not see the row, or the column, gets no byte of them on any way,
//! and nothing tells that there are any.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::json;

use super::{Scene, north};
use crate::{
    kit::{Answer, Browser, databases, email, id},
    tenants::bare,
};

/// A content, with a mark where it is none of Ann's.
fn gif(mark: &str) -> String {
    format!("GIF89a{mark}")
}

struct Shelf {
    scene: Scene,
    /// References of the contents that rows hold: row, column, object.
    held: Vec<(&'static str, &'static str, String)>,
}

async fn send(
    browser: &mut Browser,
    app: &str,
    (row, column): (&str, &str),
    name: &str,
    body: &str,
) -> Answer {
    let path = format!("/api/apps/{app}/tables/orders/files?column={column}&row={row}&name={name}");
    let request = browser.request(Method::POST, &path).header(header::CONTENT_TYPE, "image/gif");
    browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

impl Shelf {
    /// Ann's order has a photo she sees and a scan she does not; one of another region has both.
    async fn new(database: Option<String>) -> Self {
        let mut scene = Scene::new(database, north()).await;
        let mut held = Vec::new();
        let app = scene.app.clone();
        for (number, row) in [(500, "n1"), (501, "s1")] {
            let key = scene.row(row);
            let mut values = serde_json::Map::new();
            for column in ["photo", "scan"] {
                let own = (row, column) == ("n1", "photo");
                let (name, mark) =
                    if own { ("mine.gif", "0123456789") } else { ("MARK-name.gif", "MARK-bytes") };
                let sent = send(&mut scene.maker, &app, (&key, column), name, &gif(mark)).await.expect(201);
                let object = sent.json()["object"].as_str().unwrap().to_owned();
                values.insert(column.to_owned(), object.clone().into());
                held.push((row, column, object));
            }
            let update =
                json!({"type": "update", "table": "orders", "id": key, "baseVersion": 1, "values": values});
            let change = json!({"id": id(number), "operations": [update]});
            scene.maker.post(&format!("/api/apps/{app}/transactions"), change).await.expect(200);
        }
        Self { scene, held }
    }

    fn object(&self, row: &str, column: &str) -> String {
        let found = self.held.iter().find(|(own, which, _)| *own == row && *which == column);
        found.unwrap().2.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_are_for_those_who_see_their_row_and_column() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shelf = Shelf::new(database).await;
        let app = shelf.scene.app.clone();
        let (own, other, none) = (shelf.scene.row("n1"), shelf.scene.row("s1"), id(99));
        let path = |row: &str, column: &str, more: &str| {
            format!("/api/apps/{app}/tables/orders/rows/{row}/files/{column}{more}")
        };
        let got = shelf.scene.ann.get(&path(&own, "photo", "")).await.expect(200);
        assert_eq!(got.text(), gif("0123456789"));
        // The portal's own address: what is not hers is what is not there, whatever is asked of it.
        let tag =
            shelf.scene.maker.get(&path(&other, "photo", "")).await.expect(200).header("etag").to_owned();
        let asks: [&[(&str, &str)]; 4] = [
            &[],
            &[("range", "bytes=0-3")],
            &[("if-none-match", &tag)],
            &[("range", "bytes=99-"), ("if-range", &tag)],
        ];
        for method in [Method::GET, Method::HEAD] {
            for more in ["", "?small=x"] {
                for headers in asks {
                    let mut seen = Vec::new();
                    for (row, column) in [
                        (&other, "photo"),
                        (&none, "photo"),
                        (&own, "scan"),
                        (&other, "scan"),
                        (&own, "nothing"),
                    ] {
                        let request = shelf.scene.ann.request(method.clone(), &path(row, column, more));
                        let request = headers
                            .iter()
                            .fold(request, |request, (name, value)| request.header(*name, *value));
                        let answer = shelf.scene.ann.send(request.body(Body::empty()).unwrap()).await;
                        shelf.scene.clean(&format!("{method} {row} {column} {more} {headers:?}"), &answer);
                        assert_eq!(answer.status, 404, "{method} {row} {column} {more} {headers:?}");
                        seen.push(bare(&answer));
                    }
                    assert!(seen.iter().all(|one| *one == seen[0]), "{method} {more} {headers:?}: {seen:#?}");
                }
            }
        }
        // Services: streams, their links, in batches and by the way of other rows.
        for (url, status) in [
            ("Orders(No='n1')/Photo", 200),
            ("Orders(No='n1')/Photo/$value", 200),
            ("Orders(No='s1')/Photo/$value", 404),
            ("Orders(No='n1')/Scan/$value", 404),
            ("Orders(No='n1')/Scan", 404),
            ("Orders(No='s1')/Photo", 404),
            ("Orders(No='s1')/Scan", 404),
            ("Customers(Code='c1')/Orders(No='n1')/Photo", 200),
            ("Customers(Code='c1')/Orders(No='s1')/Photo", 404),
            ("Orders?$format=application/json;odata.metadata=full", 200),
            ("Orders?$filter=Photo ne null", 400),
            ("Orders?$search=MARK", 200),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = shelf.scene.odata(method.clone(), url, &[], "").await;
                shelf.scene.clean(url, &answer);
                assert_eq!(answer.status, status, "{method} {url}: {}", answer.text());
            }
        }
        for (row, column) in [(&other, "Photo"), (&own, "Scan"), (&other, "Scan")] {
            let url = format!("Orders({row})/{column}");
            let answer = shelf.scene.odata(Method::GET, &url, &[("range", "bytes=0-3")], "").await;
            assert_eq!(answer.status, 404, "{url}");
            // Changing it is answered as for a row that is not there.
            let absent = format!("Orders({none})/{column}");
            for (method, headers, body) in [
                (Method::PUT, [("content-type", "image/gif")].as_slice(), gif("x")),
                (Method::DELETE, &[], String::new()),
            ] {
                let answer = shelf.scene.odata(method.clone(), &url, headers, &body).await;
                shelf.scene.clean(&url, &answer);
                let expect = shelf.scene.odata(method.clone(), &absent, headers, &body).await;
                assert!([403, 404, 412].contains(&answer.status), "{method} {url}: {}", answer.text());
                if row == &other {
                    assert_eq!(bare(&answer), bare(&expect), "{method} {url}");
                }
            }
        }
        let urls = ["Orders(No='n1')/Photo", "Orders(No='s1')/Photo", "Orders(No='n1')/Scan"];
        let requests = urls
            .iter()
            .enumerate()
            .map(|(at, url)| json!({"id": at.to_string(), "method": "get", "url": url}));
        let batch = json!({"requests": requests.collect::<Vec<_>>()}).to_string();
        let answer = shelf.scene.odata(Method::POST, "$batch", &[("prefer", "continue-on-error")], &batch);
        let answer = answer.await.expect(200);
        shelf.scene.clean(&batch, &answer);
        let answers = answer.json();
        let statuses: Vec<_> =
            answers["responses"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
        assert_eq!(statuses, [200, 404, 404]);
        // Lists, snapshots and exports say which files there are of what she sees, and of nothing else.
        for (path, mine) in [("snapshot", true), ("export.csv", true)] {
            let answer =
                shelf.scene.ann.get(&format!("/api/apps/{app}/tables/orders/{path}")).await.expect(200);
            shelf.scene.clean(path, &answer);
            assert_eq!(answer.text().contains("mine.gif"), mine, "{}", answer.text());
        }
        let rows =
            shelf.scene.ann.post(&format!("/api/apps/{app}/tables/orders/rows"), json!({})).await.expect(200);
        shelf.scene.clean("rows", &rows);
        assert!(rows.text().contains("mine.gif"), "{}", rows.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_at_a_content_by_holding_it_themselves() {
    let mut shelf = Shelf::new(None).await;
    let app = shelf.scene.app.clone();
    let (own, other) = (shelf.scene.row("n1"), shelf.scene.row("s1"));
    let transactions = format!("/api/apps/{app}/transactions");
    // What another row holds, or another column of her own, is no content of this one: also not as a whole reference.
    let objects = [shelf.object("s1", "photo"), shelf.object("n1", "scan"), shelf.object("s1", "scan")];
    let mut number = 600;
    for object in &objects {
        let whole = json!({"object": object, "type": "image/gif", "size": 16, "digest": ""}).to_string();
        for value in [object.clone(), whole] {
            let update = json!({"type": "update", "table": "orders", "id": own, "baseVersion": 2, "values": {"photo": value}});
            let insert = json!({"type": "insert", "table": "orders", "id": id(700), "values": {"no": "n9", "region": "north", "photo": value}});
            for operation in [update, insert] {
                number += 1;
                let change = json!({"id": id(number), "operations": [operation]});
                let answer = shelf.scene.ann.post(&transactions, change.clone()).await;
                assert_eq!(answer.status, 422, "{change}: {}", answer.text());
            }
        }
    }
    // Sending a content for a row that is not hers tells nothing of it, and the row goes on holding its own.
    let mut seen = Vec::new();
    for row in [&other, &id(98)] {
        let answer = send(&mut shelf.scene.ann, &app, (row, "photo"), "a.gif", &gif("x")).await;
        seen.push((answer.status, answer.json()["size"].clone()));
        let hidden = send(&mut shelf.scene.ann, &app, (row, "scan"), "a.gif", &gif("x")).await;
        assert_eq!(hidden.status, 404, "{}", hidden.text());
    }
    assert_eq!(seen[0], seen[1]);
    let path = format!("/api/apps/{app}/tables/orders/rows/{other}/files/photo");
    assert_eq!(shelf.scene.maker.get(&path).await.expect(200).text(), gif("MARK-bytes"));
    // A row that leaves what she sees takes its contents with it, at the next request.
    let photo = path.replace(&other, &own);
    shelf.scene.ann.get(&photo).await.expect(200);
    let update = json!({"type": "update", "table": "orders", "id": own, "baseVersion": 2, "values": {"region": "south"}});
    shelf.scene.maker.post(&transactions, json!({"id": id(800), "operations": [update]})).await.expect(200);
    shelf.scene.ann.get(&photo).await.expect(404);
    let answer = shelf.scene.odata(Method::GET, &format!("Orders({own})/Photo"), &[], "").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maker_sees_pictures_and_services_as_somebody_else() {
    let mut shelf = Shelf::new(None).await;
    let app = shelf.scene.app.clone();
    let ann = email("Ann").replace('@', "%40");
    let path = |row: &str, column: &str, more: &str| {
        format!("/api/apps/{app}/tables/orders/rows/{row}/files/{column}{more}")
    };
    let (own, other) = (shelf.scene.row("n1"), shelf.scene.row("s1"));
    for (row, column, more, status) in [
        (&own, "photo", format!("?small=x&as={ann}"), 200),
        (&own, "photo", format!("?stream%2Fa&as={ann}"), 200),
        (&own, "scan", format!("?as={ann}"), 404),
        (&other, "photo", format!("?as={ann}"), 404),
        (&other, "photo", "?as=eve%40example.com".to_owned(), 404),
        (&other, "photo", "?as=nobody".to_owned(), 422),
        (&other, "photo", "?as=".to_owned(), 404),
        (&other, "photo", String::new(), 200),
    ] {
        let answer = shelf.scene.maker.get(&path(row, column, &more)).await;
        assert_eq!(answer.status, status, "{row} {column} {more}: {}", answer.text());
    }
    // Only makers do, and only to look.
    let maker = email("Maker").replace('@', "%40");
    shelf.scene.ann.get(&path(&own, "photo", &format!("?as={maker}"))).await.expect(403);
    let upload = format!("/api/apps/{app}/tables/orders/files?column=photo&row={own}&as={ann}");
    let request = shelf.scene.maker.request(Method::POST, &upload).header(header::CONTENT_TYPE, "image/gif");
    let answer = shelf.scene.maker.send(request.body(Body::from(gif("x"))).unwrap()).await;
    assert!([201, 403].contains(&answer.status), "{}", answer.text());
    // Services take the header.
    let service = format!("/odata/default/{app}");
    let ask = |browser: &Browser, method: Method, url: &str, who: &str| {
        let request = browser.request(method, &format!("{service}/{url}")).header("x-gridkeep-as", who);
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()
    };
    let hers = shelf.scene.ann.get(&format!("{service}/Orders?$count=true")).await.expect(200);
    let request = ask(&shelf.scene.maker, Method::GET, "Orders?$count=true", &email("Ann"));
    let seen = shelf.scene.maker.send(request).await.expect(200);
    assert_eq!(seen.json(), hers.json());
    // What she waits for is hers alone, and so are the places it takes.
    let later = [("prefer", "respond-async")];
    let hers = shelf.scene.odata(Method::GET, "Orders", &later, "").await.expect(202);
    let monitor = hers.header("location").split_once(&format!("{app}/")).unwrap().1.to_owned();
    let request = ask(&shelf.scene.maker, Method::GET, &monitor, &email("Ann"));
    shelf.scene.maker.send(request).await.expect(404);
    let mut request = ask(&shelf.scene.maker, Method::GET, "Orders", &email("Ann"));
    request.headers_mut().insert("prefer", "respond-async".parse().unwrap());
    shelf.scene.maker.send(request).await.expect(200);
    for (url, method, who, status) in [
        ("Vault", Method::GET, email("Ann"), 404),
        ("Orders", Method::GET, String::new(), 404),
        ("Orders", Method::GET, "nobody".to_owned(), 422),
        ("Orders", Method::POST, email("Ann"), 403),
        ("$batch", Method::POST, email("Ann"), 403),
        ("Wipe", Method::POST, email("Maker"), 403),
    ] {
        let request = ask(&shelf.scene.maker, method.clone(), url, &who);
        let answer = shelf.scene.maker.send(request).await;
        assert_eq!(answer.status, status, "{method} {url} as {who}: {}", answer.text());
    }
    let request = ask(&shelf.scene.ann, Method::GET, "Orders", &email("Maker"));
    shelf.scene.ann.send(request).await.expect(403);
}
