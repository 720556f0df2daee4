//! Rows of published tables reach people by their rights only: not in the workbook they receive, not in what they export.

use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};

use gridkeep_engine::{LoadOptions, app::App};
use gridkeep_model::{AppDefinition, CellRef, CellValue, Row, Value, Workbook};
use serde_json::{Value as Json, json};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::kit::{Browser, World, email, id};

/// A payroll with a calculator beside it: rows in a table, their total, and cells that have nothing to do with them.
fn payroll() -> Vec<u8> {
    const MAIN: &str = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;
    const TYPE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relationships = |list: &[(&str, &str)]| {
        let entry = |(n, (kind, target)): (usize, &(&str, &str))| {
            format!(r#"<Relationship Id="r{}" Type="{TYPE}/{kind}" Target="{target}"/>"#, n + 1)
        };
        let entries = list.iter().enumerate().map(entry).collect::<Vec<_>>().concat();
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>"#
        )
    };
    let parts = [
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#.to_owned()),
        ("_rels/.rels", relationships(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", format!(r#"<workbook {MAIN}><sheets><sheet name="Pay" sheetId="1" r:id="r1"/><sheet name="Calc" sheetId="2" r:id="r2"/></sheets></workbook>"#)),
        ("xl/_rels/workbook.xml.rels", relationships(&[("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml"), ("sharedStrings", "sharedStrings.xml")])),
        ("xl/sharedStrings.xml", format!("<sst {MAIN}><si><t>Who</t></si><si><t>Amount</t></si><si><t>Zacharias</t></si><si><t>Yolanda</t></si><si><t>Interest</t></si></sst>")),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet {MAIN}><sheetData>
            <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
            <row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>61234.5</v></c></row>
            <row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3"><v>71234.25</v></c></row>
            <row r="4"><c r="B4"><f>SUM(B2:B3)</f><v>132468.75</v></c></row></sheetData></worksheet>"#)),
        ("xl/worksheets/sheet2.xml", format!(r#"<worksheet {MAIN}><sheetData>
            <row r="1"><c r="A1" t="s"><v>4</v></c><c r="B1"><v>0.05</v></c></row>
            <row r="2"><c r="B2"><f>1000*(1+B1)^2</f><v>1102.5</v></c></row>
            <row r="3"><c r="B3"><f>Pay!B4*2</f><v>264937.5</v></c></row></sheetData></worksheet>"#)),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Everything in a package, unpacked, as one text.
fn inside(package: &[u8]) -> String {
    let mut archive = ZipArchive::new(Cursor::new(package)).unwrap();
    let mut all = String::new();
    for index in 0..archive.len() {
        archive.by_index(index).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

fn definition(see: &Json) -> Json {
    let field = |id: &str, cell: &str, mode: &str| {
        json!({"id": id, "label": id, "kind": "number", "mode": mode,
        "binding": {"kind": "cell", "sheet": "Calc", "cell": cell}})
    };
    json!({
        "schemaVersion": 1, "name": "Pay", "icon": "list", "accent": "#2f6f4f", "language": "en",
        "screens": [{"id": "calc", "title": "Calc", "icon": "calculator", "kind": "calculator", "components": [
            {"type": "fields", "id": "all", "title": "All", "fields":
                [field("rate", "B1", "write"), field("sum", "B2", "read"), field("twice", "B3", "read")]}]}],
        "tables": [{
            "id": "pay", "title": "Pay", "source": {"from": "range", "sheet": "Pay", "range": "A1:B3"},
            "columns": [
                {"id": "who", "title": "Who", "offset": 0, "kind": "text", "type": {"name": "text"}},
                {"id": "amount", "title": "Amount", "offset": 1, "kind": "currency", "type": {"name": "decimal", "scale": 2}},
            ],
            "access": {"see": see, "insert": see, "update": see, "delete": see}
        }]
    })
}

async fn publish(maker: &mut Browser, definition: &Json) -> String {
    let created = maker.upload("/api/creations", "pay.xlsx", payroll()).await.expect(201).json();
    let path = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
    let request = json!({"definition": definition, "audience": "private", "people": [email("Ben")]});
    maker.post(&path, request).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

fn read(bytes: &[u8]) -> Workbook {
    gridkeep_workbook::read("pay.xlsx", bytes, &gridkeep_workbook::Limits::default()).unwrap()
}

fn number(workbook: &Workbook, cell: &str) -> Option<f64> {
    let cell: CellRef = cell.parse().unwrap();
    workbook.sheet(&cell.sheet).unwrap().value(cell.at).as_number()
}

/// The app as a browser opens it.
fn opened(copy: &[u8], definition: &Json) -> App {
    let definition: AppDefinition = serde_json::from_value(definition.clone()).unwrap();
    let options = LoadOptions::at(jiff::civil::date(2026, 11, 21).at(12, 0, 0, 0));
    App::open(Arc::new(read(copy)), definition, &options).unwrap()
}

fn shown(app: &App, cell: &str) -> CellValue {
    app.engine().value(&cell.parse().unwrap())
}

const SECRETS: [&str; 6] = ["Zacharias", "Yolanda", "61234", "71234", "132468", "264937"];

#[tokio::test(flavor = "multi_thread")]
async fn readers_receive_no_rows_with_the_workbook() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = world.person("Ben").await;
    for see in [json!([]), json!(["member"])] {
        let definition = definition(&see);
        let app = publish(&mut ada, &definition).await;
        let path = format!("/api/apps/{app}/versions/1/workbook");
        let copy = ben.get(&path).await.expect(200);
        let all = inside(&copy.body);
        for secret in SECRETS {
            assert!(!all.contains(secret), "{secret}: {see}");
        }
        assert!(all.contains("Interest") && all.contains("Amount"), "what is no row stays");
        // One copy for everybody, as good tomorrow as today.
        assert!(
            copy.header("cache-control").contains("private")
                && copy.header("cache-control").contains("immutable")
        );
        let of_maker = ada.get(&path).await.expect(200);
        assert_eq!((of_maker.header("etag"), &of_maker.body), (copy.header("etag"), &copy.body));

        // The calculator calculates as it did.
        let mut open = opened(&copy.body, &definition);
        assert_eq!(shown(&open, "Calc!B2"), CellValue::Number(1102.5));
        open.input("rate", &json!(0.1)).unwrap();
        assert_eq!(shown(&open, "Calc!B2").as_number().map(f64::round), Some(1210.0));
        assert_eq!(shown(&open, "Calc!B3"), CellValue::Number(0.0));

        // Rows come from the row service, by rights.
        let snapshot = ben.get(&format!("/api/apps/{app}/tables/pay/snapshot")).await;
        let export = ben.get(&format!("/api/apps/{app}/export.xlsx")).await;
        if see == json!([]) {
            assert_eq!((snapshot.status, export.status, export.code()), (404, 403, "forbidden".to_owned()));
        } else {
            let table = open.definition().tables[0].schema();
            let lines = snapshot.expect(200).text();
            let rows = lines.lines().skip(1).map(|line| {
                let line: Vec<Json> = serde_json::from_str(line).unwrap();
                let values = table.columns.iter().zip(&line[2..]);
                let values = values.map(|(column, json)| Value::from_json(column.column_type, json).unwrap());
                let id = serde_json::from_value(line[0].clone()).unwrap();
                Row { id, version: 1, values: values.collect() }
            });
            open.set_rows("pay", rows.collect()).unwrap();
            assert_eq!(shown(&open, "Calc!B3"), CellValue::Number(264_937.5));
            assert!(inside(&export.expect(200).body).contains("Zacharias"));
        }

        // The upload itself is its maker's.
        let original = format!("/api/apps/{app}/versions/1/original");
        assert_eq!(ada.get(&original).await.expect(200).body, payroll());
        ben.get(&original).await.expect(403);
        world.browser().get(&original).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_current_results_without_calculating() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = publish(&mut ada, &definition(&json!([]))).await;
    let export = format!("/api/apps/{app}/export.xlsx");
    let page = ada.post(&format!("/api/apps/{app}/tables/pay/rows"), json!({})).await.expect(200).json();
    let change = json!({"id": id(1), "operations": [
        {"type": "update", "table": "pay", "id": page["rows"][0][0], "baseVersion": 1, "values": {"who": "Xaver", "amount": "100.00"}},
        {"type": "insert", "table": "pay", "id": id(2), "values": {"who": "Wanda", "amount": "7.50"}},
    ]});
    ada.post(&format!("/api/apps/{app}/transactions"), change).await.expect(200);
    let bytes = ada.get(&export).await.expect(200).body;
    let workbook = read(&bytes);
    // The total made way for the new row.
    assert_eq!(number(&workbook, "Pay!B5"), Some(71_341.75));
    assert_eq!((number(&workbook, "Calc!B3"), number(&workbook, "Calc!B2")), (Some(142_683.5), Some(1102.5)));
    assert!(!inside(&bytes).contains("Zacharias"), "what nobody's cell says any more is gone");

    // Fewer rows than the file had: the one that was changed is left, behind the new one, whose id is older.
    let page = ada.post(&format!("/api/apps/{app}/tables/pay/rows"), json!({})).await.expect(200).json();
    let delete = |n: usize| json!({"type": "delete", "table": "pay", "id": page["rows"][n][0], "baseVersion": page["rows"][n][1]});
    let change = json!({"id": id(3), "operations": [delete(0), delete(2)]});
    ada.post(&format!("/api/apps/{app}/transactions"), change).await.expect(200);
    let workbook = read(&ada.get(&export).await.expect(200).body);
    assert_eq!((number(&workbook, "Pay!B4"), number(&workbook, "Calc!B3")), (Some(100.0), Some(200.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculator_knows_what_its_caller_sees() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = world.person("Ben").await;
    let app = publish(&mut ada, &definition(&json!(["member"]))).await;
    let rows = json!({"rows": "where", "filter": "Who eq 'Yolanda'"});
    // Twice the sum of the amounts; what is not seen is blank, not as it was published.
    for (grant, expect) in [
        (json!(null), 264_937.5),
        (json!({"level": "view", "tables": {"pay": {"rows": rows}}}), 142_468.5),
        (json!({"level": "view", "tables": {"pay": {"hidden": ["amount"]}}}), 0.0),
        (json!({"level": "edit", "tables": {"pay": {"level": "none"}}}), 0.0),
        (json!({"level": "edit"}), 264_937.5),
    ] {
        let change = json!({"to": "person", "name": email("Ben"), "grant": grant});
        ada.put(&format!("/api/apps/{app}/grants"), change).await.expect(200);
        let result = ben.get(&format!("/odata/default/{app}/CalculateCalc()")).await.expect(200).json();
        assert_eq!(result["Twice"].as_f64(), Some(expect), "{grant}: {result}");
        assert_eq!(result["Sum"].as_f64(), Some(1102.5), "{grant}: {result}");
    }
}
