//! Rows out of a file: what fits, what does not and where, and who may. What asks first is in `checkpoints`, what grants leave in
//! `grants`.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{
    files::{publish, with_files},
    kit::{Answer, Browser, STOCK, Wishes, World, databases, definition, id},
};

/// Rows that one import has at most.
const MOST: usize = 20_000;

async fn send(browser: &mut Browser, app: &str, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/api/apps/{app}/tables/stock/import{query}");
    browser.upload(&path, "stock.csv", file.into()).await
}

/// How many rows there are, and what the one with this number holds.
async fn held(browser: &mut Browser, app: &str, sku: &str) -> (u64, Json) {
    let page = json!({"count": true, "limit": 1000});
    let rows = browser.post(&format!("/api/apps/{app}/tables/stock/rows"), page).await.expect(200).json();
    let own = rows["rows"].as_array().unwrap().iter().find(|row| row[2] == json!(sku));
    let own = own.map_or(Json::Null, |row| json!([row[1], row[3], row[4], row[5]]));
    (rows["total"].as_u64().unwrap(), own)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_and_taken_over_whole() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let file = "\u{feff}Artikel;Qty;SKU;Notiz;Price\r\nSchraube M8;1.200;0012;neu;0,05 €\r\nM\u{fc}ller;7;0013;;\r\n";
        let preview = send(&mut ada, &app, "/preview", file).await.expect(200).json();
        assert_eq!(
            (&preview["rows"], &preview["sheets"], &preview["key"]),
            (&json!(2), &json!(["Data"]), &json!("sku"))
        );
        let columns: Vec<_> = preview["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["name"].as_str().unwrap(), one["column"].as_str()))
            .collect();
        assert_eq!(
            columns,
            [
                ("Artikel", None),
                ("Qty", Some("qty")),
                ("SKU", Some("sku")),
                ("Notiz", None),
                ("Price", Some("price"))
            ]
        );
        assert_eq!(preview["columns"][4]["samples"], json!(["0,05 €", ""]));
        assert_eq!(held(&mut ada, &app, "0012").await, (3, Json::Null));
        let done = send(&mut ada, &app, "?columns=item,qty,sku,,price", file).await.expect(200).json();
        assert_eq!(done, json!({"outcome": "applied", "added": 2, "changed": 0, "unchanged": 0}));
        assert_eq!(held(&mut ada, &app, "0012").await, (5, json!([1, "Schraube M8", 1200, "0.05"])));
        assert_eq!(held(&mut ada, &app, "0013").await, (5, json!([1, "Müller", 7, null])));
        // What was exported, edited and imported again changes what was edited, and nothing else.
        let export = ada.get(&format!("/api/apps/{app}/tables/stock/export.csv")).await.expect(200).text();
        let edited = export.replace("Motor,3,19.90", "Motor,4,") + "0020,=1+1,1,2.00\r\n";
        let own = format!("?rows=change&transaction={}", id(9));
        let done = send(&mut ada, &app, &own, edited.clone()).await.expect(200).json();
        let applied = json!({"outcome": "applied", "added": 1, "changed": 1, "unchanged": 4});
        assert_eq!(done, applied);
        assert_eq!(held(&mut ada, &app, "0007").await, (6, json!([2, "Motor", 4, null])));
        assert_eq!(held(&mut ada, &app, "0020").await, (6, json!([1, "=1+1", 1, "2.00"])));
        // Sent again, since the answer was lost, it is the same import; with another number another one, of nothing.
        assert_eq!(send(&mut ada, &app, &own, edited.clone()).await.expect(200).json(), applied);
        let done = send(&mut ada, &app, "?rows=change", edited).await.expect(200).json();
        assert_eq!(done, json!({"outcome": "applied", "added": 0, "changed": 0, "unchanged": 6}));
        let export = ada.get(&format!("/api/apps/{app}/tables/stock/export.csv")).await.expect(200).text();
        assert!(export.contains("0020,'=1+1,1,2.00"), "{export}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_by_row_and_column_and_nothing_is_written() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let mut told = Vec::new();
        for (query, file) in [
            ("", "SKU,Item,Qty\n1,a,2\n2,b,soon\n,c,-1\n0007,d,1\n1,e,\n"),
            ("?rows=change", "SKU,Qty\n0007,1\n0007,2\n0009,x\n"),
            ("", "SKU;Qty\n1;2,5\n2;1e400\n3;#N/A\n"),
            ("", "SKU,Item\n1,a\n"),
        ] {
            let answer = send(&mut ada, &app, query, file).await.expect(422).json();
            assert_eq!(
                (&answer["outcome"], &answer["total"]),
                (&json!("refused"), &json!(answer["problems"].as_array().unwrap().len()))
            );
            for problem in answer["problems"].as_array().unwrap() {
                let text = |name: &str| problem[name].as_str().unwrap_or("-").to_owned();
                told.push(format!(
                    "{} {} “{}” {}",
                    problem["row"],
                    text("column"),
                    text("value"),
                    problem["reason"]["code"].as_str().unwrap()
                ));
            }
            told.push("--".to_owned());
            assert_eq!(held(&mut ada, &app, "1").await, (3, Json::Null));
        }
        insta::assert_snapshot!("problems", told.join("\n"));
        let many = (0..300).map(|row| format!("{row},x\n")).collect::<Vec<_>>().concat();
        let answer = send(&mut ada, &app, "", format!("SKU,Qty\n{many}")).await.expect(422).json();
        assert_eq!((answer["problems"].as_array().unwrap().len(), &answer["total"]), (100, &json!(300)));
    }
}

/// A package whose sheet is far larger than it looks.
fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        zip.start_file(name, options).unwrap();
        let large = name.ends_with("sheet1.xml");
        zip.write_all(&b" ".repeat(if large { 40 << 20 } else { 40 })).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of so many rows that holds one long text, to which every cell refers that has no name of its own in the first row.
fn repeated(length: usize, rows: u32, heads: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut sheet =
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>".to_owned();
    for row in 1..=rows {
        write!(sheet, "<row r='{row}'>").unwrap();
        for head in heads {
            match (row, *head) {
                (1, name) if !name.is_empty() => write!(sheet, "<c t='str'><v>{name}</v></c>").unwrap(),
                _ => sheet.push_str("<c t='s'><v>0</v></c>"),
            }
        }
        sheet.push_str("</row>");
    }
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let related = |targets: &[(&str, &str)]| {
        let relation = |(kind, target): &(&str, &str)| {
            format!("<Relationship Id='{kind}' Type='{office}/{kind}' Target='{target}'/>")
        };
        format!(
            "<Relationships xmlns='{package}'>{}</Relationships>",
            targets.iter().map(relation).collect::<Vec<_>>().concat()
        )
    };
    let parts = [
        ("_rels/.rels", related(&[("officeDocument", "xl/workbook.xml")])),
        (
            "xl/_rels/workbook.xml.rels",
            related(&[("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='{office}'><sheets><sheet name='Long' sheetId='1' r:id='worksheet'/></sheets></workbook>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet + "</sheetData></worksheet>"),
        (
            "xl/sharedStrings.xml",
            format!(
                "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>{}</t></si></sst>",
                "x".repeat(length)
            ),
        ),
    ];
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_looked_at_again() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let (own, file) = (format!("?transaction={}", id(9)), "SKU,Qty\n0007,1\n");
        for _ in 0..2 {
            send(&mut ada, &app, &own, file).await.expect(422);
        }
        // What was in the way is gone.
        let rows = ada
            .post(&format!("/api/apps/{app}/tables/stock/rows"), json!({"limit": 9}))
            .await
            .expect(200)
            .json();
        let row = rows["rows"].as_array().unwrap().iter().find(|row| row[2] == json!("0007")).unwrap();
        let delete = json!({"type": "delete", "table": "stock", "id": row[0], "baseVersion": row[1]});
        let delete = json!({"id": id(10), "operations": [delete]});
        ada.post(&format!("/api/apps/{app}/transactions"), delete).await.expect(200);
        let applied = json!({"outcome": "applied", "added": 1, "changed": 0, "unchanged": 0});
        for _ in 0..2 {
            assert_eq!(send(&mut ada, &app, &own, file).await.expect(200).json(), applied);
        }
        assert_eq!(held(&mut ada, &app, "0007").await, (3, json!([1, null, 1, null])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_list_is_refused_in_words() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let rows = |count: usize| (0..count).map(|row| format!("{row},1\n")).collect::<Vec<_>>().concat();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("", Vec::new()),
        ("", "SKU,Qty\n".into()),
        ("", "\n\n".into()),
        ("", "What,How many\nbolt,7\n".into()),
        ("", format!("SKU,Qty\n{}", rows(MOST + 1)).into()),
        ("?columns=sku", STOCK.into()),
        ("?columns=sku,sku,,", STOCK.into()),
        ("?columns=sku,none,,", STOCK.into()),
        ("?columns=,,,", STOCK.into()),
        ("?columns=,item,qty,&rows=change", STOCK.into()),
        ("?sheet=Other", STOCK.into()),
        ("?rows=remove", STOCK.into()),
        ("", b"\xff\xd8\xff\xe0photo".repeat(9)),
        ("", b"PK\x03\x04 no package".to_vec()),
        ("", bomb()),
        // Small files that are large once each cell has its text, each row its columns, or each name its letters.
        ("", repeated(3 << 20, 5_001, &["SKU", "Item"])),
        ("", repeated(32_767, 5_001, &["SKU", "Item"])),
        ("", repeated(3 << 20, 20, &[""; 16_384])),
        ("/preview", repeated(3 << 20, 20, &[""; 1_000])),
        ("", "a".repeat((10 << 20) + 1).into()),
    ];
    let mut told = String::new();
    for (query, file) in files {
        let answer = send(&mut ada, &app, query, file).await;
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        writeln!(told, "{} {query}: {} {detail}", answer.status, answer.code()).unwrap();
    }
    insta::assert_snapshot!("files", told);
    ada.language = "de";
    let answer = send(&mut ada, &app, "", format!("SKU,Qty\n{}", rows(MOST + 1))).await.expect(422);
    assert_eq!(
        answer.json()["detail"],
        format!(
            "Die Datei hat {} Zeilen; ein Import nimmt höchstens {MOST}. Teilen Sie sie auf mehrere Dateien auf.",
            MOST + 1
        )
    );
    assert_eq!(held(&mut ada, &app, "1").await, (3, Json::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_add_rows_may_import_them() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        // Members and guests add; only makers change.
        let app = publish(&mut ada, "public", with_files()).await;
        let mut guest = world.browser();
        let mut ben = world.person("Ben").await;
        let file = "SKU,Qty,Photo\n1,1,x.png\n";
        for (browser, expect) in [(&mut ben, 3), (&mut guest, 4)] {
            let preview = send(browser, &app, "/preview", file).await.expect(200).json();
            assert_eq!((&preview["key"], &preview["columns"][2]["column"]), (&Json::Null, &Json::Null));
            assert_eq!(send(browser, &app, "?rows=change", file).await.expect(403).code(), "forbidden");
            assert_eq!(held(&mut ada, &app, "1").await.0, expect);
            let own = file.replace("1,1", &format!("{expect},1"));
            send(browser, &app, "", own).await.expect(200);
        }
        assert_eq!(held(&mut ada, &app, "4").await, (5, json!([1, null, 1, null])));
        // Whoever adds nothing imports nothing; of what they do not see they are told nothing.
        let mut shut = with_files();
        shut["tables"][0]["access"] = json!({"see": ["maker", "member"], "insert": ["maker"], "update": ["maker"], "delete": ["maker"]});
        let app = publish(&mut ada, "public", shut).await;
        for what in ["", "/preview"] {
            send(&mut guest, &app, what, file).await.expect(404);
            let own = ada.publish("private", &[]).await;
            send(&mut ben, &own, what, file).await.expect(404);
        }
        // A maker who looks as somebody else imports nothing, and neither does another page.
        let path = format!("/api/apps/{app}/tables/stock/import");
        let looks = ada.request(axum::http::Method::POST, &path).header("x-gridkeep-as", "ben@example.com");
        ada.send(looks.body(file.into()).unwrap()).await.expect(403);
        assert_eq!(held(&mut ada, &app, "1").await, (3, Json::Null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_rows_as_may_be_are_one_commit() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let rows =
            (0..MOST).map(|row| format!("{row:06},Part {row},{row},{row}.50\n")).collect::<Vec<_>>().concat();
        let file = format!("SKU,Item,Qty,Price\n{rows}");
        let done = send(&mut ada, &app, "", file.clone()).await.expect(200).json();
        assert_eq!(done, json!({"outcome": "applied", "added": MOST, "changed": 0, "unchanged": 0}));
        // The last spoils them all.
        let few = file.lines().take(1_001).collect::<Vec<_>>().join("\n");
        let wrong = few.replace("\n0", "\nN").replace("Part 999,999,", "Part 999,-1,");
        let refused = send(&mut ada, &app, "", wrong).await.expect(422).json();
        let problem = &refused["problems"][0];
        assert_eq!((&refused["total"], &problem["row"]), (&json!(1), &json!(1_001)));
        assert_eq!(problem["reason"]["code"], "tooSmall");
        // Those that are others than before are changed, and each is found by its key.
        let edited = few.replace("0,Part", "0,Bolt");
        let done = send(&mut ada, &app, "?rows=change", edited).await.expect(200).json();
        assert_eq!(done, json!({"outcome": "applied", "added": 0, "changed": 100, "unchanged": 900}));
        let count = ada.get(&format!("/odata/default/{app}/Stock/$count")).await.expect(200).text();
        assert_eq!(count, (MOST + 3).to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_many_rows_is_what_is_wrong_with_few() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        // Keys that are taken, by rows that are there and by rows of the file, however many there are besides.
        let wrong = "0007,a,1\nA,b,1\nA,c,1\n,d,1\nB,e,-1\n0009,f,1\n";
        let told = |answer: &Json| {
            let told = answer["problems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| (one["column"].clone(), one["value"].clone(), one["reason"].clone()));
            told.collect::<Vec<_>>()
        };
        let few = send(&mut ada, &app, "", format!("SKU,Item,Qty\n{wrong}")).await.expect(422).json();
        let good = (0..300).map(|row| format!("n{row},good,1\n")).collect::<Vec<_>>().concat();
        let many = send(&mut ada, &app, "", format!("SKU,Item,Qty\n{good}{wrong}")).await.expect(422).json();
        assert_eq!((told(&many), &many["total"]), (told(&few), &json!(5)));
        assert_eq!(many["problems"][0]["row"], 302);
        assert_eq!(held(&mut ada, &app, "n1").await, (3, Json::Null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_changed_since_the_file_says_is_refused() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        world.clock.advance(SignedDuration::from_secs(7));
        let mut definition = definition();
        let edited = json!({"id": "edited", "title": "Edited", "offset": 4, "type": {"name": "dateTime"}, "kind": "dateTime", "filled": "changed"});
        definition["tables"][0]["columns"].as_array_mut().unwrap().push(edited);
        definition["tables"][0]["source"]["range"] = json!("A1:E4");
        let mut workbook = STOCK.replace('\n', ",\n");
        workbook.insert_str(workbook.find(",\n").unwrap() + 1, "Edited");
        let creation = ada.upload("/api/creations", "stock.csv", workbook).await.expect(201).json();
        let path = format!("/api/creations/{}/publish", creation["token"].as_str().unwrap());
        let wish = json!({"definition": definition, "audience": "private", "people": []});
        let app = ada.post(&path, wish).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let applied = |added, changed, unchanged| json!({"outcome": "applied", "added": added, "changed": changed, "unchanged": unchanged});
        let set = "SKU,Qty\n0007,1\n0008,1\n0009,1\n";
        assert_eq!(send(&mut ada, &app, "?rows=change", set).await.expect(200).json(), applied(0, 3, 0));
        let to = format!("/api/apps/{app}/tables/stock/export.csv");
        let export = ada.get(&to).await.expect(200).text();
        let preview = send(&mut ada, &app, "/preview", export.clone()).await.expect(200).json();
        assert_eq!(preview["changed"], "edited", "{export}");
        world.clock.advance(SignedDuration::from_secs(1));
        send(&mut ada, &app, "?rows=change", "SKU,Qty\n0008,2\n").await.expect(200);
        // The row that somebody changed meanwhile keeps the whole from being done; without it, it is.
        let edited = export.replace(",1,", ",5,");
        let refused = send(&mut ada, &app, "?rows=change", edited.clone()).await.expect(409).json();
        assert_eq!((&refused["total"], &refused["problems"][0]["row"]), (&json!(1), &json!(3)));
        assert_eq!(refused["problems"][0]["reason"]["code"], "conflict");
        let without: Vec<&str> = edited.lines().filter(|row| !row.starts_with("0008")).collect();
        let done = send(&mut ada, &app, "?rows=change", without.join("\n")).await.expect(200).json();
        assert_eq!(done, applied(0, 2, 0));
        assert_eq!(held(&mut ada, &app, "0008").await.1[2], 2);
        // A program that wrote the moment to the minute says no less; what it left blank, and a file without, say nothing.
        let export = ada.get(&to).await.expect(200).text();
        let (head, rows) = export.split_once('\n').unwrap();
        let moments = |cut: fn(&str) -> String| {
            let rows = rows
                .lines()
                .map(|row| row.rsplit_once(',').unwrap())
                .map(|(row, at)| format!("{row},{}", cut(at)));
            format!("{head}\n{}", rows.collect::<Vec<_>>().join("\n"))
        };
        for (number, cut) in [(6, (|at| at[..16].to_owned()) as fn(&str) -> String), (7, |_| String::new())] {
            let file = moments(cut).replace(",5,", &format!(",{number},"));
            assert_eq!(send(&mut ada, &app, "?rows=change", file).await.expect(200).json(), applied(0, 2, 1));
            send(&mut ada, &app, "?rows=change", "SKU,Qty\n0007,5\n0009,5\n").await.expect(200);
        }
        // What is the same is no change, whenever it was.
        world.clock.advance(SignedDuration::from_mins(3));
        send(&mut ada, &app, "?rows=change", "SKU,Qty\n0007,8\n").await.expect(200);
        let same = export.replace("0007,Motor,5,", "0007,Motor,8,");
        assert_eq!(send(&mut ada, &app, "?rows=change", same).await.expect(200).json(), applied(0, 0, 3));
    }
}
