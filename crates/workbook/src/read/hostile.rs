//! Files made to do harm, and files that came to harm: each is answered with a message that names the place.
#![expect(clippy::format_collect, reason = "tests may be slow and plain")]

use gridkeep_model::{CellAt, CellRef, CellValue};
use proptest::prelude::*;

use super::testing::{PackageBuilder, lines, message, zipped};
use crate::Limits;

fn check(bytes: &[u8], expect: &str) {
    assert_eq!(message(bytes), format!("“test.xlsx” {expect}"));
}

fn data(rows: &str) -> PackageBuilder {
    PackageBuilder::sheet(&format!("<sheetData>{rows}</sheetData>"))
}

/// An entry of an archive that is put together by hand, so that it can lie.
struct Entry<'e> {
    name: &'e [u8],
    content: &'e [u8],
    /// Says it is so large.
    claimed: Option<u32>,
    /// Says it begins where this one began.
    at: Option<usize>,
    flags: u16,
}

impl<'e> Entry<'e> {
    fn new(name: &'e str, content: &'e [u8]) -> Self {
        Self { name: name.as_bytes(), content, claimed: None, at: None, flags: 0 }
    }
}

/// A stored archive of these entries; `claimed` is what its end says about their number.
fn archive(entries: &[Entry<'_>], claimed: Option<u16>) -> Vec<u8> {
    let (mut out, mut directory, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0_u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
        })
    };
    for entry in entries {
        let size = entry.content.len() as u32;
        let mut head = Vec::new();
        for field in [20, entry.flags, 0, 0, 0x21] {
            head.extend_from_slice(&field.to_le_bytes());
        }
        for field in [crc(entry.content), size, entry.claimed.unwrap_or(size)] {
            head.extend_from_slice(&field.to_le_bytes());
        }
        head.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
        head.extend_from_slice(&[0; 2]);
        starts.push(out.len());
        let start = entry.at.map_or(out.len(), |at| starts[at]) as u32;
        if entry.at.is_none() {
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&head);
            out.extend_from_slice(entry.name);
            out.extend_from_slice(entry.content);
        }
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&head);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(entry.name);
    }
    let count = claimed.unwrap_or(entries.len() as u16).to_le_bytes();
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

/// The entries of a small workbook, and more.
fn archive_with(more: Vec<Entry<'_>>) -> Vec<u8> {
    let parts = data(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#).parts();
    let entries =
        parts.iter().map(|(name, content)| Entry::new(name, content)).chain(more).collect::<Vec<_>>();
    archive(&entries, None)
}

#[test]
fn files_that_are_no_workbook() {
    check(b"", "is empty: there is nothing in it");
    check(
        b"%PDF-1.7 and so on",
        "is a PDF document, not a workbook that can be opened here. Save it as .xlsx, .xlsm or .csv and try again",
    );
    let bytes = data("").build();
    check(
        &bytes[..bytes.len() / 2],
        "is damaged (package): the directory at its end is missing or broken; it was probably not copied to its end",
    );
    let word = zipped(&[("word/document.xml".to_owned(), b"<w/>".to_vec())]);
    check(
        &word,
        "is a Word document, not a workbook that can be opened here. Save it as .xlsx, .xlsm or .csv and try again",
    );
    let other = zipped(&[("readme.txt".to_owned(), b"hello".to_vec())]);
    check(
        &other,
        "is a zip archive without a workbook in it, not a workbook that can be opened here. Save it as .xlsx, .xlsm or .csv and try again",
    );
    check(
        b"PK\x05\x06",
        "is damaged (package): the directory at its end is missing or broken; it was probably not copied to its end",
    );
    check(b"\n \n", "is damaged (text): it holds nothing but blanks");
}

#[test]
fn archives_that_lie() {
    assert!(
        crate::read("ours.xlsx", &archive_with(Vec::new()), &Limits::default()).is_ok(),
        "the honest one is read"
    );
    check(
        &archive_with(vec![Entry::new("../../etc/passwd", b"x")]),
        "is refused (package): a part is named “../../etc/passwd”, which leads out of the package",
    );
    check(
        &archive_with(vec![Entry::new("xl/../evil.xml", b"x")]),
        "is refused (package): a part is named “xl/../evil.xml”, which leads out of its folder",
    );
    check(
        &archive_with(vec![Entry::new("C:\\evil.xml", b"x")]),
        "is refused (package): a part is named “C:\\evil.xml”, which leads out of the package",
    );
    check(
        &archive_with(vec![Entry::new("XL/workbook.xml", b"<x/>")]),
        "is refused (package): two parts are named “XL/workbook.xml”",
    );
    check(
        &archive_with(vec![Entry::new("xl/workbook.xml", b"<x/>")]),
        "is refused (package): two parts of it have the same name",
    );
    check(
        &archive_with(vec![Entry { at: Some(2), ..Entry::new("xl/again.xml", b"<x/>") }]),
        "is refused (package): parts of it overlap, as in a zip bomb",
    );
    check(
        &archive_with(vec![Entry { claimed: Some(1 << 30), ..Entry::new("xl/big.xml", b"<x/>") }]),
        "is too large (xl/big.xml): unpacked it takes more than 256 MB",
    );
    check(
        &archive_with(vec![Entry { claimed: Some(100 << 20), ..Entry::new("xl/big.xml", b"<x/>") }]),
        "is refused (xl/big.xml): unpacked it is more than 250 times its size, as in a zip bomb",
    );
    let long = "n".repeat(65_000);
    check(
        &archive_with(vec![Entry::new(&long, b"x")]),
        "is refused (package): the name of a part is 65000 bytes long",
    );
    let names: Vec<String> = (0..20_000).map(|number| format!("p{number}")).collect();
    let many: Vec<Entry<'_>> =
        names.iter().map(|name| Entry { at: Some(0), ..Entry::new(name, b"") }).collect();
    check(
        &archive(
            &many[1..]
                .iter()
                .map(|entry| Entry { at: None, ..Entry { name: entry.name, ..Entry::new("", b"") } })
                .collect::<Vec<_>>(),
            Some(3),
        ),
        "is too large (package): it has more than 10000 parts",
    );
    let parts = data("").parts();
    let encrypted: Vec<Entry<'_>> =
        parts.iter().map(|(name, content)| Entry { flags: 1, ..Entry::new(name, content) }).collect();
    check(
        &archive(&encrypted, None),
        "is protected by a password. Remove the password in your spreadsheet program and try again",
    );
    let claims: Vec<Entry<'_>> = parts.iter().map(|(name, content)| Entry::new(name, content)).collect();
    assert!(
        crate::read("ours.xlsx", &archive(&claims, Some(u16::MAX)), &Limits::default()).is_err(),
        "its end promises more than there is"
    );
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = data(&" ".repeat(8 << 20)).build();
    check(
        &zeros,
        "is refused (xl/worksheets/sheet1.xml): unpacked it is more than 250 times its size, as in a zip bomb",
    );
    // The same, with a size that looks harmless in both headers.
    let mut lying = zeros;
    let size =
        data(&" ".repeat(8 << 20)).parts().iter().map(|(_, content)| content.len()).max().expect("a part")
            as u32;
    let places: Vec<usize> =
        lying.windows(4).enumerate().filter(|(_, w)| *w == size.to_le_bytes()).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2, "the size is in the local and the central header");
    for at in places {
        lying[at..at + 4].copy_from_slice(&20_000_u32.to_le_bytes());
    }
    assert!(
        matches!(message(&lying).as_str(), text if text.contains("xl/worksheets/sheet1.xml")),
        "{}",
        message(&lying)
    );
    // Small limits stand for files too large for a test.
    let limits = Limits { inflated_bytes: 3000, ..Limits::default() };
    let bytes = data(&"<row/>".repeat(500)).build();
    let error = crate::read("test.xlsx", &bytes, &limits).expect_err("too large").to_string();
    assert_eq!(
        error,
        "“test.xlsx” is too large (xl/worksheets/sheet1.xml): with it, the unpacked workbook takes more than 0 MB"
    );
    let limits = Limits { file_bytes: 100, ..Limits::default() };
    let error = crate::read("test.xlsx", &bytes, &limits).expect_err("too large").to_string();
    assert_eq!(error, "“test.xlsx” is too large (file): it has 0 MB; 0 MB are allowed");
}

#[test]
fn xml_that_reaches_out_or_blows_up() {
    let laughs =
        r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"#;
    check(
        &data("").part("xl/worksheets/sheet1.xml", laughs).build(),
        "is refused (xl/worksheets/sheet1.xml, byte 0): it declares a document type (DTD), which a workbook never does",
    );
    let outside = r#"<?xml version="1.0"?><!DOCTYPE sst SYSTEM "http://127.0.0.1/x.dtd"><sst/>"#;
    check(
        &data("").related("sharedStrings", "xl/sharedStrings.xml", outside).build(),
        "is refused (xl/sharedStrings.xml, byte 21): it declares a document type (DTD), which a workbook never does",
    );
    check(
        &data(r#"<row r="1"><c r="A1" t="str"><v>&file;</v></c></row>"#).build(),
        "is refused (xl/worksheets/sheet1.xml, byte 198): it uses the entity “file”, which is not defined",
    );
    check(
        &data(&"<a>".repeat(200_000)).build(),
        "is refused (xl/worksheets/sheet1.xml, byte 460): its elements nest deeper than 100",
    );
    let long = format!(r#"<row r="1" x="{}"/>"#, noise(5 << 20));
    check(
        &data(&long).build(),
        "is too large (xl/worksheets/sheet1.xml, byte 166): a single tag or text is longer than 4 MB",
    );
    check(
        &data(r#"<row r="1"><c r="A1""#).build(),
        "is damaged (xl/worksheets/sheet1.xml, byte 198): its tags do not fit each other",
    );
    check(&data("").part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>\xC3\x28</v></c></row></sheetData></worksheet>".to_vec()).build(), "is damaged (xl/worksheets/sheet1.xml, byte 54): its text is not valid UTF-8");
    check(
        &data("")
            .part("xl/worksheets/sheet1.xml", r#"<?xml version="1.0" encoding="EBCDIC"?><worksheet/>"#)
            .build(),
        "is damaged (xl/worksheets/sheet1.xml): it is written in the encoding “EBCDIC” instead of UTF-8",
    );
    check(
        &data("").part("xl/worksheets/sheet1.xml", "<html/>").build(),
        "is damaged (xl/worksheets/sheet1.xml): it begins with “html” where a worksheet is due",
    );
    check(
        &data("").part("xl/worksheets/sheet1.xml", "").build(),
        "is damaged (xl/worksheets/sheet1.xml): it is empty",
    );
    check(
        &data("").part("xl/workbook.xml", "<workbook/>").build(),
        "is damaged (xl/workbook.xml): it has no sheet",
    );
}

/// Text that does not pack well.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let next = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + (*state >> 60) as u8)
    };
    (0..bytes).map(|_| next(&mut state)).collect()
}

#[test]
fn utf_16_is_read_as_it_is() {
    let xml = r#"<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>é😀</v></c></row></sheetData></worksheet>"#;
    let little: Vec<u8> = format!("\u{feff}{xml}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = xml.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        let workbook = data("").part("xl/worksheets/sheet1.xml", bytes).read();
        assert_eq!(lines(&workbook), "A1 \"é😀\"");
    }
    let broken = vec![0xFF, 0xFE, 0x00, 0xD8, b'a', 0];
    check(
        &data("").part("xl/worksheets/sheet1.xml", broken).build(),
        "is damaged (xl/worksheets/sheet1.xml): its text is not valid UTF-16",
    );
}

#[test]
fn nothing_outside_is_followed() {
    let workbook = PackageBuilder::sheet(
        r#"<sheetData/><hyperlinks><hyperlink ref="A1" r:id="h"/></hyperlinks><drawing r:id="d"/>"#,
    )
    .relationships(
        "xl/worksheets/sheet1.xml",
        &[
            ("d", "drawing", "http://127.0.0.1:9/drawing.xml"),
            ("h", "hyperlink", "file:///etc/passwd"),
            ("t", "table", "http://127.0.0.1:9/t.xml"),
        ],
    )
    .read();
    assert!(workbook.sheets[0].charts.is_empty() && workbook.tables.is_empty());
    assert_eq!(workbook.sheets[0].links[0].target, "file:///etc/passwd");
    let climbing =
        data("").relationships("xl/worksheets/sheet1.xml", &[("d", "drawing", "../../../etc/passwd")]);
    check(
        &climbing.build(),
        "is refused (xl/worksheets/_rels/sheet1.xml.rels): a relationship leads out of the package, to “../../../etc/passwd”",
    );
}

#[test]
fn absurd_sizes_take_no_room() {
    let workbook = PackageBuilder::sheet(
        r#"<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384" hidden="1" style="3"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><dataValidations><dataValidation type="list" sqref="A1:XFD1048576"><formula1>A:XFD</formula1></dataValidation></dataValidations>"#,
    )
    .read();
    assert_eq!(lines(&workbook), "A1 1\nXFD1048576 2");
    check(
        &data(r#"<row r="1"><c r="XFE1"><v>1</v></c></row>"#).build(),
        "is damaged (sheet “Sheet1”): “XFE1” is not the address of a cell",
    );
    check(
        &data(r#"<row r="1048577"/>"#).build(),
        "is damaged (sheet “Sheet1”): “1048577” is not the address of a row",
    );
    check(
        &data(r#"<row r="1048576"/><row><c><v>1</v></c></row>"#).build(),
        "is damaged (xl/worksheets/sheet1.xml, row 1048577): a cell lies outside the sheet",
    );
    let many = format!("<mergeCells>{}</mergeCells>", r#"<mergeCell ref="A1:B2"/>"#.repeat(100_001));
    check(
        &PackageBuilder::sheet(&many).build(),
        "is too large (xl/worksheets/sheet1.xml): the workbook has more than 100000 merged ranges, validations, links, names and drawings",
    );
    let ranges =
        format!(r#"<dataValidations><dataValidation sqref="{}"/></dataValidations>"#, "A1 ".repeat(100_001));
    check(
        &PackageBuilder::sheet(&ranges).build(),
        "is too large (xl/worksheets/sheet1.xml): the workbook has more than 100000 merged ranges, validations, links, names and drawings",
    );
    let limits = Limits { cells: 3, ..Limits::default() };
    let cells = data(&r"<row><c><v>1</v></c><c><v>2</v></c></row>".repeat(2)).build();
    let error = crate::read("test.xlsx", &cells, &limits).expect_err("too many").to_string();
    assert_eq!(
        error,
        "“test.xlsx” is too large (xl/worksheets/sheet1.xml, cell B2 of “Sheet1”): the workbook has more than 3 filled cells"
    );
}

#[test]
fn small_files_do_not_become_large_workbooks() {
    let master = format!(
        r#"<row r="1"><c r="A1"><f t="shared" ref="A1:A99999" si="0">{}1</f></c></row>"#,
        "1+".repeat(4000)
    );
    let rows: String = (2..10_000)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}"><f t="shared" si="0"/></c></row>"#))
        .collect();
    check(
        &data(&(master + &rows)).build(),
        "is too large (xl/worksheets/sheet1.xml, cell A8371 of “Sheet1”): the workbook has more than 64 MB of text",
    );
    let strings = format!("<sst><si><t>{}</t></si></sst>", noise(100_000));
    let uses = r#"<row><c t="s"><v>0</v></c></row>"#.repeat(1000);
    let workbook = data(&uses).related("sharedStrings", "xl/sharedStrings.xml", strings).read();
    let (CellValue::Text(first), CellValue::Text(last)) =
        (&workbook.sheets[0].cells()[0].value, &workbook.sheets[0].cells()[999].value)
    else {
        panic!("texts")
    };
    assert!(std::sync::Arc::ptr_eq(first, last), "a shared text is kept once");
    let deep = data(&format!(r#"<row r="1"><c r="A1"><f>{}1</f></c></row>"#, "(".repeat(10_000))).read();
    assert_eq!(deep.formula_count(), 1, "whether it can be calculated is the engine's matter");
}

#[test]
fn names_are_kept_within_reason() {
    let long = "n".repeat(65_536);
    let shown = "n".repeat(80);
    check(
        &PackageBuilder::sheet("").and_sheet(&long, "").build(),
        &format!(
            "is too large (xl/workbook.xml): the name of a sheet, “{shown}…”, is 65536 characters long; 255 are allowed"
        ),
    );
    check(
        &data("")
            .workbook(&format!(r#"<definedNames><definedName name="{long}">1</definedName></definedNames>"#))
            .build(),
        &format!(
            "is too large (xl/workbook.xml): the name of a defined name, “{shown}…”, is 65536 characters long; 255 are allowed"
        ),
    );
    let odd = "a\"'<\u{202e}&gpj";
    let workbook = PackageBuilder::sheet("").and_sheet(odd, "<sheetData/>").read();
    assert_eq!(&*workbook.sheets[1].name, odd, "a name is kept as it is; only messages are cleaned");
    check(
        &PackageBuilder::sheet("").and_sheet(odd, r#"<sheetData><row r="x"/></sheetData>"#).build(),
        "is damaged (sheet “a\"'<&gpj”): “x” is not the address of a row",
    );
    check(
        &PackageBuilder::sheet("").and_sheet("", "").build(),
        "is damaged (xl/workbook.xml): a sheet has no name",
    );
    check(
        &PackageBuilder::sheet("").and_sheet("Sheet1", "").build(),
        "is damaged (xl/workbook.xml): two sheets are named “Sheet1”",
    );
}

#[test]
fn values_that_are_none() {
    let cell = |cell: &str| data(&format!(r#"<row r="1">{cell}</row>"#)).build();
    check(
        &cell(r#"<c r="B1"><v>one</v></c>"#),
        "is damaged (xl/worksheets/sheet1.xml, cell B1 of “Sheet1”): “one” is not a number",
    );
    check(
        &cell(r#"<c r="B1"><v>1e999</v></c>"#),
        "is damaged (xl/worksheets/sheet1.xml, cell B1 of “Sheet1”): “1e999” is not a finite number",
    );
    check(
        &cell(r#"<c r="B1" t="s"><v>7</v></c>"#),
        "is damaged (xl/worksheets/sheet1.xml, cell B1 of “Sheet1”): “7” is not the number of a shared text that exists",
    );
    check(
        &cell(r#"<c r="B1" t="d"><v>soon</v></c>"#),
        "is damaged (xl/worksheets/sheet1.xml, cell B1 of “Sheet1”): “soon” is not a date",
    );
}

proptest! {
    /// Whatever is broken in a part, or in the archive, it is read or refused; nothing panics.
    #[test]
    fn damage_anywhere_is_survived(part in 0_usize..20, at in any::<prop::sample::Index>(), cut in 0_usize..40,
        put in prop_oneof!["[ -~]{0,8}", "[<>/=\"'&;!?x\\[\\]-]{1,6}", "_x[0-9A-F]{4}_|é|\u{202e}|&#x?[0-9]{1,6};"], raw in any::<bool>()) {
        let mut parts = rich().parts();
        let bytes = if raw {
            let mut bytes = zipped(&parts);
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put.bytes());
            bytes
        } else {
            let part = part % parts.len();
            let content = &mut parts[part].1;
            let at = at.index(content.len());
            let end = (at + cut).min(content.len());
            content.splice(at..end, put.bytes());
            zipped(&parts)
        };
        if let Ok(workbook) = crate::read("a.xlsx", &bytes, &Limits::default()) {
            let sheet = workbook.sheets[0].name.clone();
            let cells = vec![(CellRef::new(sheet.clone(), CellAt::new(4, 1)), CellValue::Number(1.0))];
            let table = crate::TableRows {
                sheet,
                range: "A1:B1".parse().expect("a range"),
                has_headers: false,
                columns: vec![crate::TableColumnAt { offset: 0, computed: false }],
                rows: vec![vec![CellValue::Number(2.0)], vec![CellValue::Number(3.0)]],
            };
            let edits = crate::Edits { cells, tables: vec![table], ..crate::Edits::default() };
            // Refused or not: what is written can be read.
            if let Ok(exported) = crate::export(&bytes, &edits) {
                prop_assert_eq!(message_of(&exported), "");
            }
        }
    }
}

/// The message with which reading fails; empty when it does not.
fn message_of(bytes: &[u8]) -> String {
    crate::read("a.xlsx", bytes, &Limits::default()).err().map(|error| error.to_string()).unwrap_or_default()
}

/// A workbook with something of everything.
fn rich() -> PackageBuilder {
    data(r#"<row r="1"><c r="A1" t="s" s="1"><v>0</v></c><c r="B1" cm="1"><f t="array" ref="B1:B3">_xlfn.SEQUENCE(3)</f><v>1</v></c></row><row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">A1&amp;"x"</f></c></row><row r="3"><c r="A3"><f t="shared" si="0"/></c></row>"#)
        .relationships("xl/worksheets/sheet1.xml", &[("d", "drawing", "../drawings/drawing1.xml"), ("t", "table", "../tables/table1.xml")])
        .part("xl/tables/table1.xml", r#"<table displayName="T" ref="A1:B3"><tableColumns count="2"><tableColumn name="a"/><tableColumn name="b"/></tableColumns></table>"#)
        .related("sharedStrings", "xl/sharedStrings.xml", "<sst><si><t>a_x000D_b</t></si></sst>")
        .related("styles", "xl/styles.xml", r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#)
        .related("sheetMetadata", "xl/metadata.xml", r#"<metadata><metadataTypes><metadataType name="XLDAPR"/></metadataTypes><futureMetadata name="XLDAPR"><bk><dynamicArrayProperties fDynamic="1"/></bk></futureMetadata><cellMetadata><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"#)
        .workbook("<definedNames><definedName name=\"N\">Sheet1!$A$1:$B$3</definedName></definedNames>")
}

proptest! {
    /// Any bytes at all are a text file, something else, or refused.
    #[test]
    fn any_text_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[0-9.,;\"'\n\r\t |a€%:/-]{0,120}") {
        let _ = crate::read("a", &bytes, &Limits::default());
        if crate::read("a", text.as_bytes(), &Limits::default()).is_ok() {
            let cell = ("Data!B2".parse().expect("a cell"), CellValue::Number(1.0));
            let exported = crate::export(text.as_bytes(), &crate::Edits { cells: vec![cell], ..crate::Edits::default() });
            prop_assert!(exported.is_ok_and(|bytes| crate::read("a", &bytes, &Limits::default()).is_ok()));
        }
    }
}

#[test]
fn text_files_that_go_too_far() {
    let wide = ",".repeat(20_000);
    check(wide.as_bytes(), "is too large (text, line 1): it has 20001 values; 16384 are allowed");
    check(&vec![b'x'; 65 << 20], "is too large (file): it has 65 MB; 64 MB are allowed");
    check("\n".repeat(1_048_600).as_bytes(), "is damaged (text): it holds nothing but blanks");
    let long = "1\n".repeat(1_048_600);
    check(long.as_bytes(), "is too large (text): it has more than 1048576 lines");
    let unclosed = format!("a,b\n1,\"{}", "x,\n".repeat(20_000));
    check(
        unclosed.as_bytes(),
        "is damaged (text, line 2): a value is longer than 32767 characters; a quote is probably not closed",
    );
    let open = format!("a,b\n\"{}", "x,\n".repeat(1000));
    assert!(
        crate::read("a.csv", open.as_bytes(), &Limits::default()).is_ok(),
        "an open quote ends with the file"
    );
}
