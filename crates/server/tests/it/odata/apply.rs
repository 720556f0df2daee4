//! `$apply`: what is advertised works, what is withheld says so, on both databases.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Program, stock};
use crate::kit::{World, databases};

/// The stock list with some items more than once.
async fn shelves(database: Option<String>) -> (World, Program) {
    let (world, _maker, _app, mut program) = stock(database).await;
    for (sku, item, qty, price) in
        [("0010", "Bolt", 10, "0.20"), ("0011", "Motor", 1, "25.00"), ("0012", "Seal", 40, "1.00")]
    {
        let body = json!({"Sku": sku, "Item": item, "Qty": qty, "Price": price.parse::<f64>().unwrap()});
        program.send(Method::POST, "Stock", &[], &body.to_string()).await.expect(201);
    }
    program.send(Method::POST, "Stock", &[], r#"{"Sku":"0013","Qty":7}"#).await.expect(201);
    (world, program)
}

fn path(options: &str) -> String {
    format!("Stock?{}", options.replace(' ', "%20"))
}

/// The context's fragment, then each item on a line, without what differs from run to run.
fn shown(answer: &Json) -> String {
    let context = answer["@context"].as_str().unwrap_or_default();
    let mut text = format!("#{}\n", context.split_once('#').map_or("", |(_, fragment)| fragment));
    for key in ["@count", "@nextLink"] {
        if !answer[key].is_null() {
            writeln!(text, "{key} {}", if key == "@count" { answer[key].to_string() } else { "...".into() })
                .unwrap();
        }
    }
    for item in answer["value"].as_array().unwrap() {
        let mut item = item.clone();
        let members = item.as_object_mut().unwrap();
        let entity = [members.remove("RowId"), members.remove("@id")].iter().any(Option::is_some);
        writeln!(text, "  {}{item}", if entity { "entity " } else { "" }).unwrap();
    }
    text
}

const TRANSFORMATIONS: [&str; 49] = [
    "$apply=identity",
    "$apply=filter(Qty gt 9)/compute(Qty mul Price as Worth)&$select=Sku,Worth&$orderby=Worth desc",
    "$apply=orderby(Item,Qty desc)/skip(1)/top(3)&$select=Sku",
    "$apply=topcount(2,Qty)&$select=Sku,Qty",
    "$apply=bottomcount(2,Price)&$select=Sku,Price",
    "$apply=topsum(270,Qty)&$select=Sku,Qty",
    "$apply=bottomsum(8,Qty)&$select=Sku,Qty",
    "$apply=toppercent(50,Qty)&$select=Sku,Qty",
    "$apply=bottompercent(5,Qty)&$select=Sku,Qty",
    "$apply=compute(Qty mul Price as Worth)/topcount(1,Worth)",
    "$apply=search(motor)&$select=Sku",
    "$apply=search(motor)/aggregate($count as N)",
    "$apply=groupby((Item))",
    "$apply=groupby((Item,Qty))&$orderby=Qty,Item",
    "$apply=groupby((Item),aggregate($count as N,Qty with sum as Total,Price with max as Dearest))",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))/topcount(2,Total)",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))/filter(Total gt 5)/orderby(Total desc)/top(2)",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))/compute(Total div 2 as Half)/search(bolt)",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))/aggregate(Total with average as Mean,$count as Items)",
    "$apply=groupby((Item,Qty),aggregate($count as N))/groupby((Item),aggregate(N with max as Most))",
    "$apply=groupby((Item),topcount(1,Qty))&$select=Sku,Item",
    "$apply=groupby((Item),orderby(Qty)/top(1)/compute(Qty add 1 as More))&$select=Sku,More",
    "$apply=groupby((Item),filter(Qty gt 9)/aggregate($count as N,Qty with sum as Total))",
    "$apply=groupby((Item),topcount(1,Price)/aggregate(Qty with sum as Total))",
    "$apply=groupby((Item),groupby((Qty))/aggregate($count as N))",
    "$apply=groupby((rollup(Item,Qty)),aggregate($count as N))",
    "$apply=groupby((rollup($all,Item)),aggregate(Qty with sum as Total))",
    "$apply=groupby((rollup($all,Item,Qty),Price),aggregate($count as N))&$filter=Price gt 1",
    "$apply=groupby((rollup(Item,Qty)),topcount(1,Price))&$select=Sku,Item&$top=3",
    "$apply=concat(topcount(1,Qty),aggregate(Qty with sum as Total))",
    "$apply=concat(identity,groupby((Item),aggregate(Qty with sum as Total)))&$filter=Item eq 'Bolt'",
    "$apply=concat(groupby((Item),aggregate(Qty with sum as Q)),aggregate(Qty with average as Q))/orderby(Q desc)",
    "$apply=concat(aggregate($count as A),aggregate($count as B))",
    "$apply=concat(groupby((Item)),concat(groupby((Qty)),aggregate($count as N)))/compute(1 as One)/filter(Qty ne 40)",
    "$apply=concat(topcount(1,Qty),aggregate($count as N))&$filter=RowId ne null",
    "$apply=concat(filter(Qty gt 100),filter(Qty lt 3))&$orderby=Sku&$select=Sku",
    "$apply=aggregate(Qty with sum from Item with average as Mean)",
    "$apply=aggregate(Qty with sum from Item with max as Most,$count as N,Qty with min from Price,Sku with sum from Item with min as X)",
    "$apply=groupby((Price),aggregate(Qty with sum from Item with max as Most,$count as N))&$filter=Price ge 1",
    "$apply=filter(false)/aggregate(Qty with sum as Total,$count as N)",
    "$apply=filter(false)/groupby((Item),aggregate($count as N))",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))&$search=seal",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))&$compute=Total mul 2 as Twice&$select=Twice,Item",
    "$apply=groupby((Item),aggregate(Qty with sum as Total))&$count=true&$top=1&$skip=2",
    "$apply=groupby((Item),aggregate(Item with countdistinct as Kinds,Sku with countdistinct as Skus))",
    "$apply=aggregate(Qty with sum as Qty)",
    "$apply=aggregate(Item with min as First,Item with max as Last,toupper(Item) with max as Loud)",
    "$apply=groupby((Qty),aggregate(Item with min as First,$count as N))/orderby(First desc)/top(3)",
    "$apply=groupby((Price),filter(Qty gt 9)/aggregate(Item with max as Last))",
];

#[tokio::test(flavor = "multi_thread")]
async fn transformations_make_what_they_say() {
    let (databases, _server) = databases();
    let mut before: Option<String> = None;
    for database in databases {
        let (_world, mut program) = shelves(database).await;
        let mut table = String::new();
        for options in TRANSFORMATIONS {
            let answer = program.get(&path(options)).await;
            assert_eq!(answer.status, 200, "{options}: {}", answer.text());
            write!(table, "{options}\n{}", shown(&answer.json())).unwrap();
        }
        if let Some(before) = &before {
            assert_eq!(*before, table);
        }
        before = Some(table);
    }
    insta::assert_snapshot!("transformations", before.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_advertised_works_and_what_is_not_says_so() {
    let (_world, mut program) = shelves(None).await;
    let metadata = program.get("$metadata?$format=json").await.expect(200).json();
    let said = &metadata["App"]["Service"]["Stock"]["@Aggregation.ApplySupported"];
    assert_eq!(said["From"], true);
    assert_eq!(said["Rollup"], "MultipleHierarchies");
    let advertised: Vec<&str> =
        said["Transformations"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let examples = [
        ("aggregate", "aggregate($count as N)"),
        ("bottomcount", "bottomcount(1,Qty)"),
        ("bottompercent", "bottompercent(1,Qty)"),
        ("bottomsum", "bottomsum(1,Qty)"),
        ("compute", "compute(1 as One)"),
        ("concat", "concat(identity,identity)"),
        ("filter", "filter(true)"),
        ("groupby", "groupby((Item))"),
        ("identity", "identity"),
        ("orderby", "orderby(Item)"),
        ("search", "search(x)"),
        ("skip", "skip(1)"),
        ("top", "top(1)"),
        ("topcount", "topcount(1,Qty)"),
        ("toppercent", "toppercent(1,Qty)"),
        ("topsum", "topsum(1,Qty)"),
        ("addnested", "addnested(Item,identity as X)"),
        ("ancestors", "ancestors($root/Stock,H,Sku,identity)"),
        ("descendants", "descendants($root/Stock,H,Sku,identity)"),
        ("join", "join(Item as X)"),
        ("nest", "nest(identity as X)"),
        ("outerjoin", "outerjoin(Item as X)"),
        ("traverse", "traverse($root/Stock,H,Sku,preorder)"),
    ];
    for (name, example) in examples {
        let answer = program.get(&path(&format!("$apply={example}"))).await;
        let status = if advertised.contains(&name) { 200 } else { 501 };
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        if status == 501 {
            let message = answer.json()["error"]["message"].to_string();
            assert!(message.contains(name), "{message}");
        }
    }
    assert!(advertised.iter().all(|name| examples.iter().any(|(known, _)| known == name)));
    let refused = [
        ("groupby((rolluprecursive($root/Stock,H,Sku)))", 501, "rolluprecursive"),
        ("groupby((rollup(Levels)))", 501, "named hierarchies"),
        ("groupby((RowId))", 501, "key"),
        ("aggregate(Item with Custom.join as X)", 501, "custom aggregation methods"),
        ("aggregate(Forecast)", 501, "custom aggregates"),
        ("topcount($these/$count div 3,Qty)", 501, "$these"),
        ("topcount(Qty,Qty)", 501, "amounts"),
        ("concat(groupby((Item)),aggregate($count as N))/groupby((Item))", 501, "not all have"),
        ("App.condense()", 501, "functions of the service"),
        ("topcount(0,Qty)", 400, "above 0"),
        ("topcount(1.5,Qty)", 400, "whole number"),
        ("toppercent(101,Qty)", 400, "up to 100"),
        ("topsum('x',Qty)", 400, "number"),
        ("topsum(1,Item)", 400, "ranks numbers"),
        ("aggregate(Item with sum as X)", 400, "cannot be aggregated"),
        ("aggregate($count as N,$count as N)", 400, "two values"),
        ("compute(1 as Qty)", 400, "already"),
        ("groupby((Item))/filter(Qty gt 1)", 400, "no property Qty"),
        ("concat(compute('a' as X),compute(1 as X))", 400, "in another"),
        (&format!("concat({})", ["identity"; 65].join(",")), 400, "at most"),
        (&["concat(identity,identity)"; 7].join("/"), 400, "too long"),
    ];
    for (apply, status, words) in refused {
        let answer = program.get(&path(&format!("$apply={apply}"))).await;
        assert_eq!(answer.status, status, "{apply}: {}", answer.text());
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(words), "{apply}: {message}");
    }
    program.get("Stock/$ref?$apply=groupby((Item))").await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_come_in_pages_and_are_counted() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = shelves(database).await;
        for (options, column) in [
            ("$apply=groupby((Item,Qty))", "Qty"),
            ("$apply=groupby((Qty),aggregate($count as N))&$orderby=N desc", "Qty"),
            ("$apply=topcount(6,Price)", "Sku"),
            ("$apply=concat(groupby((Item),aggregate($count as N)),aggregate($count as N))", "N"),
            ("$apply=orderby(Item)", "Sku"),
        ] {
            let whole = program.get(&path(options)).await.expect(200).json()["value"].clone();
            let whole: Vec<Json> =
                whole.as_array().unwrap().iter().map(|item| item[column].clone()).collect();
            for size in [1, 2, 4] {
                let (mut found, mut next, mut pages) = (Vec::new(), Some(path(options)), 0);
                while let Some(path) = next {
                    let prefer = format!("maxpagesize={size}");
                    let headers = [("prefer", prefer.as_str())];
                    let page = program.send(Method::GET, &path, &headers, "").await.expect(200).json();
                    found.extend(page["value"].as_array().unwrap().iter().map(|item| item[column].clone()));
                    next = page["@nextLink"]
                        .as_str()
                        .map(|link| link[link.find("Stock?").unwrap()..].to_owned());
                    pages += 1;
                }
                assert_eq!(found, whole, "{options}");
                assert_eq!(pages, whole.len().div_ceil(size), "{options}");
            }
            let counted = path(options).replace("Stock?", "Stock/$count?");
            let count = program.get(&counted).await.expect(200);
            assert_eq!(count.text(), whole.len().to_string(), "{options}");
        }
    }
}
