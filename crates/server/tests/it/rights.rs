//! Who may reach what: each standing against each route of an app.

use std::fmt::Write;

use axum::{body::Body, http::Method};
use serde_json::{Value as Json, json};

use crate::kit::{Browser, World, definition, id};

const AUDIENCES: [&str; 3] = ["prototype", "private", "public"];

#[tokio::test(flavor = "multi_thread")]
async fn standing_decides_about_every_route() {
    let world = World::start().await;
    let mut root = world.person("Root").await;
    let mut maker = world.person("Maker").await;
    let mut member = world.person("Member").await;
    let mut stranger = world.person("Stranger").await;
    let mut nobody = world.browser();
    let mut table = String::new();
    for audience in AUDIENCES {
        let app = maker.publish(audience, &["Member"]).await;
        writeln!(table, "{audience:<34} admin maker member stranger nobody").unwrap();
        for (name, method, path, body) in routes(&app) {
            let mut line = format!("  {name:<32}");
            for (browser, width) in
                [(&mut root, 6), (&mut maker, 6), (&mut member, 7), (&mut stranger, 9), (&mut nobody, 7)]
            {
                let status = ask(browser, &method, &path, &body).await;
                write!(line, "{status:>width$}").unwrap();
            }
            table.push_str(line.trim_end());
            table.push('\n');
        }
        // Replacing needs the upload's browser and the app's maker.
        let token = maker.stock().await;
        let publish = format!("/api/creations/{token}/publish");
        let request = json!({"definition": definition(), "audience": audience, "replaces": app});
        stranger.cookies.insert("gk_browser".to_owned(), maker.cookies["gk_browser"].clone());
        let expect = if audience == "public" { 403 } else { 404 };
        stranger.post(&publish, request.clone()).await.expect(expect);
        nobody.cookies.insert("gk_browser".to_owned(), maker.cookies["gk_browser"].clone());
        nobody.post(&publish, request.clone()).await.expect(401);
        maker.post(&publish, request).await.expect(201);
        // What was withdrawn with an older version is its maker's alone.
        let old = format!("/api/apps/{app}/versions/1/workbook");
        maker.get(&old).await.expect(200);
        member.get(&old).await.expect(404);
    }
    insta::assert_snapshot!("rights", table);
}

/// Routes of an app, those that change nothing for others first. Every body is one that would be good.
fn routes(app: &str) -> Vec<(&'static str, Method, String, Json)> {
    let base = format!("/api/apps/{app}");
    let no_operations = json!({"id": id(9), "operations": []});
    vec![
        ("GET app", Method::GET, base.clone(), Json::Null),
        ("GET client", Method::GET, format!("{base}/client"), Json::Null),
        ("GET versions/1/workbook", Method::GET, format!("{base}/versions/1/workbook"), Json::Null),
        ("GET versions/1/original", Method::GET, format!("{base}/versions/1/original"), Json::Null),
        ("GET qr.svg", Method::GET, format!("{base}/qr.svg"), Json::Null),
        ("POST rows", Method::POST, format!("{base}/tables/stock/rows"), json!({})),
        ("GET snapshot", Method::GET, format!("{base}/tables/stock/snapshot"), Json::Null),
        ("GET export.csv", Method::GET, format!("{base}/tables/stock/export.csv"), Json::Null),
        ("GET export.xlsx", Method::GET, format!("{base}/export.xlsx"), Json::Null),
        ("POST transactions (insert)", Method::POST, format!("{base}/transactions"), no_operations),
        ("GET versions", Method::GET, format!("{base}/versions"), Json::Null),
        ("POST rollback", Method::POST, format!("{base}/rollback"), json!({"version": 1})),
        ("GET keys", Method::GET, format!("{base}/keys"), Json::Null),
        ("POST keys", Method::POST, format!("{base}/keys"), json!({"name": "Excel"})),
        ("PATCH app", Method::PATCH, base.clone(), json!({})),
        ("POST creation", Method::POST, format!("{base}/creation"), Json::Null),
        ("no such table", Method::GET, format!("{base}/tables/none/snapshot"), Json::Null),
    ]
}

async fn ask(browser: &mut Browser, method: &Method, path: &str, body: &Json) -> u16 {
    let answer = match body {
        Json::Null if *method == Method::POST => browser.upload(path, "stock.csv", crate::kit::STOCK).await,
        Json::Null => browser.send(browser.request(method.clone(), path).body(Body::empty()).unwrap()).await,
        body => {
            let mut body = body.clone();
            if path.ends_with("/transactions") {
                // A row and a transaction of their own for each who asks.
                let own = rand_id(browser);
                body = json!({"id": own, "operations": [{"type": "insert", "table": "stock", "id": own,
                    "values": {"sku": own, "qty": 1}}]});
            }
            let request = browser.request(method.clone(), path).header("content-type", "application/json");
            browser.send(request.body(body.to_string().into()).unwrap()).await
        }
    };
    answer.status
}

/// A fresh id: the tests' own counter.
fn rand_id(_: &Browser) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000);
    id(NEXT.fetch_add(1, Ordering::Relaxed))
}
