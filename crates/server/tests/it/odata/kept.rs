//! What is kept of how entities and pages are shown is that of the app as it is, for whoever asks, at the address they
//! ask at: a new version, a role that sees less, a version that comes back and an app that goes are seen at once.

use serde_json::json;

use super::{Program, program, stock};
use crate::kit::databases;

/// The same asked twice, so that the second answer is made by what the first has left.
async fn twice(program: &mut Program, path: &str) -> String {
    let first = program.get(path).await.expect(200).text();
    assert_eq!(program.get(path).await.expect(200).text(), first, "{path}");
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_goes_with_what_it_was_made_of() {
    let (databases, _server) = databases();
    for database in databases {
        let (world, mut maker, app, mut makers) = stock(database).await;
        let mut member = world.person("Member").await;
        let mut members = program(&mut member, &world, &app, false).await;
        let (chosen, all) = ("Stock?$select=Item,Qty&$orderby=Item&$top=1", "Stock?$orderby=Item&$top=1");
        let one = "Stock(Sku='0008')";
        for program in [&mut makers, &mut members] {
            let text = twice(program, chosen).await;
            assert!(text.contains(r#""Item":"Bolt","Qty":250}"#), "{text}");
            // Other properties, another order of them, another style.
            let text = twice(program, "Stock?$select=Qty&$orderby=Item&$top=1").await;
            assert!(text.contains(r#""Qty":250}"#) && !text.contains("Bolt"), "{text}");
            let none = program.send(axum::http::Method::GET, chosen, &[("accept", NONE)], "").await.text();
            assert_eq!(none, r#"{"value":[{"Item":"Bolt","Qty":250}]}"#);
            let old = [("odata-maxversion", "4.0")];
            let text = program.send(axum::http::Method::GET, chosen, &old, "").await.text();
            assert!(text.contains(r#""@odata.context""#) && text.contains(r#""@odata.id""#), "{text}");
            for path in [all, one] {
                assert!(twice(program, path).await.contains(r#""Item":"Bolt""#));
            }
        }
        // The tenant's other name.
        let named = makers.root.clone();
        let other = named.replace("default", &world.state.tenancy.id().to_string());
        for root in [&other, &named] {
            makers.root.clone_from(root);
            for path in [chosen, all, one] {
                let text = twice(&mut makers, path).await;
                assert!(text.contains(&format!("{root}$metadata#Stock")), "{root}: {text}");
            }
        }
        // A new version calls a property otherwise, and members see nothing of the table.
        let created =
            maker.upload(&format!("/api/apps/{app}/creation"), "stock.csv", crate::kit::STOCK).await;
        let created = created.expect(201).json();
        let definition = created["rebound"]["definition"].to_string().replace(r#""item""#, r#""article""#);
        let mut definition: serde_json::Value = serde_json::from_str(&definition).unwrap();
        definition["tables"][0]["access"] = json!({"see": [], "insert": [], "update": [], "delete": []});
        let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
        let wish = json!({"definition": definition, "audience": "private", "people": ["member@example.com"],
            "replaces": app, "rows": "replace"});
        maker.post(&publish, wish).await.expect(201);
        makers.get(chosen).await.expect(400);
        assert!(twice(&mut makers, one).await.contains(r#""Article":"Bolt""#));
        assert!(twice(&mut makers, "Stock?$orderby=Qty").await.contains(r#""Article":"Bolt""#));
        for path in [chosen, all, one] {
            members.get(path).await.expect(404);
        }
        // The old version comes back, for everybody; what the rows of the other have not, they have not.
        maker.post(&format!("/api/apps/{app}/rollback"), json!({"version": 1})).await.expect(200);
        for program in [&mut makers, &mut members] {
            for path in [chosen, all, one] {
                assert!(twice(program, path).await.contains(r#""Item":"#));
            }
        }
        maker.delete(&format!("/api/apps/{app}")).await.expect(204);
        for program in [&mut makers, &mut members] {
            for path in [chosen, all, one] {
                program.get(path).await.expect(401);
            }
        }
    }
}

const NONE: &str = "application/json;odata.metadata=none";
