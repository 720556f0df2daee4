//! Reading, feature by feature, from packages made here; and every workbook of `../shared/data`.

use insta::{assert_debug_snapshot, assert_snapshot};

use super::testing::{PackageBuilder, lines};
use crate::{Limits, findings};

fn data(rows: &str) -> PackageBuilder {
    PackageBuilder::sheet(&format!("<sheetData>{rows}</sheetData>"))
}

#[test]
fn values_of_every_type() {
    let workbook = data(
        r#"<row r="2" hidden="1"><c r="B2"><v>1.5</v></c><c t="b"><v>1</v></c><c r="F2" t="e"><v>#DIV/0!</v></c></row>
           <row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t xml:space="preserve"> line</t></r></is></c>
                <c t="d"><v>2026-11-21T12:00:00</v></c><c t="str"><f>A1&amp;"x"</f><v>x</v></c><c s="1"/><c><v/></c><c t="e"><v>#BLOCKED!</v></c></row>"#,
    )
    .related("sharedStrings", "xl/sharedStrings.xml", "<sst><si><t>a &lt;b&gt;&#10;c_x000D_</t></si><si><r><rPr><b/></rPr><t>rich </t></r><r><t>text</t></r><rPh sb=\"0\" eb=\"1\"><t>no</t></rPh></si></sst>")
    .read();
    assert_snapshot!(lines(&workbook), @r#"
    B2 1.5
    C2 TRUE
    F2 #DIV/0!
    A3 "a <b>\nc\r"
    B3 "rich text"
    C3 "in line"
    D3 46347.5
    E3 =A1&"x" → "x"
    H3 #VALUE!
    "#);
    assert_eq!(workbook.sheets[0].hidden_rows, [(2, 2)]);
}

#[test]
fn formulas_of_every_kind() {
    let workbook = data(
        r#"<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*$C$1+'A1 x'!B1</f><v>1</v></c><c r="D1"><f t="array" ref="D1:D2">B1:B2*2</f><v>2</v></c>
                <c r="E1" cm="1"><f t="array" ref="E1:E3">_xlfn._xlws.SORT(B1:B3)</f><v>3</v></c></row>
           <row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c><c r="E2"><v>4</v></c></row>
           <row r="3"><c r="A3"><f t="shared" si="0"/></c><c r="F3"><f t="dataTable" ref="F3:F5" dt2D="0" dtr="0" r1="A1"/><v>7</v></c><c r="G3"><f t="shared" si="9"/><v>8</v></c></row>"#,
    )
    .related("sheetMetadata", "xl/metadata.xml", r#"<metadata><metadataTypes><metadataType name="XLDAPR"/></metadataTypes><futureMetadata name="XLDAPR"><bk><extLst><ext><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"#)
    .read();
    assert_snapshot!(lines(&workbook), @r"
    A1 =B1*$C$1+'A1 x'!B1 → 1
    D1 {=B1:B2*2} in D1:D2 → 2
    E1 =SORT(B1:B3) spilled to E1:E3 → 3
    A2 =B2*$C$1+'A1 x'!B2 → 2
    E2 4
    A3 =B3*$C$1+'A1 x'!B3 → nothing
    F3 7
    G3 8
    ");
    assert_debug_snapshot!(findings(&workbook));
}

#[test]
fn formats_tables_names_and_what_lies_around() {
    let workbook = PackageBuilder::sheet(
        r#"<sheetPr/><dimension ref="A1:XFD1048576"/><cols><col min="2" max="3" hidden="1"/></cols>
        <sheetData><row r="1"><c r="A1" t="inlineStr" s="0"><is><t>Item</t></is></c></row><row r="2"><c r="A2" s="1"><v>3</v></c><c r="B2" s="2"><v>4</v></c></row></sheetData>
        <mergeCells count="1"><mergeCell ref="D1:E2"/></mergeCells>
        <dataValidations><dataValidation type="list" allowBlank="1" showErrorMessage="1" error="No" sqref="A2:A9 C2"><formula1>"a,b"</formula1></dataValidation>
        <dataValidation type="whole" operator="greaterThan" errorStyle="warning" showErrorMessage="1" sqref="B2"><formula1>0</formula1></dataValidation></dataValidations>
        <hyperlinks><hyperlink ref="A1" r:id="h1" location="top"/><hyperlink ref="A2" location="Sheet1!A1"/></hyperlinks>
        <drawing r:id="d1"/>
        <extLst><ext><x14:dataValidations><x14:dataValidation type="list"><x14:formula1><xm:f>Lists!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>D2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"#,
    )
    .and_sheet("Lists", "<sheetData/>")
    .relationships("xl/worksheets/sheet1.xml", &[("h1", "hyperlink", "https://example.org/"), ("d1", "drawing", "../drawings/drawing1.xml"), ("t1", "table", "../tables/table1.xml"), ("p1", "pivotTable", "../pivotTables/p.xml")])
    .part("xl/tables/table1.xml", r#"<table name="x" displayName="Items" ref="A1:B3" totalsRowCount="1"><tableColumns count="2"><tableColumn id="1" name="Item"/><tableColumn id="2" name="Total"><calculatedColumnFormula>Items[[#This Row],[Item]]*_xlfn.DAYS(1,2)</calculatedColumnFormula></tableColumn></tableColumns></table>"#)
    .part("xl/drawings/drawing1.xml", r#"<xdr:wsDr><xdr:twoCellAnchor><xdr:from><xdr:col>3</xdr:col><xdr:row>4</xdr:row></xdr:from><xdr:to><xdr:col>9</xdr:col><xdr:row>9</xdr:row></xdr:to><xdr:graphicFrame><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart"/></xdr:nvGraphicFramePr><a:graphic><a:graphicData><c:chart r:id="c1"/></a:graphicData></a:graphic></xdr:graphicFrame></xdr:twoCellAnchor>
        <xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>0</xdr:row></xdr:from><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="Logo" descr="Our logo"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="i1"/></xdr:blipFill></xdr:pic></xdr:oneCellAnchor></xdr:wsDr>"#)
    .relationships("xl/drawings/drawing1.xml", &[("c1", "chart", "../charts/chart1.xml"), ("i1", "image", "../media/logo.png")])
    .part("xl/charts/chart1.xml", r"<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r><a:r><a:t> 2026</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:doughnutChart><c:ser><c:tx><c:strRef><c:f>Sheet1!$B$1</c:f><c:strCache><c:pt><c:v>B</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:f>Sheet1!$A$2:$A$9</c:f></c:strRef></c:cat><c:val><c:numRef><c:f>Sheet1!$B$2:$B$9</c:f></c:numRef></c:val></c:ser></c:doughnutChart><c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>axis</a:t></a:r></a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart></c:chartSpace>")
    .related("styles", "xl/styles.xml", r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0&quot; kg&quot;"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs><cellStyles/></styleSheet>"#)
    .related("vbaProject", "xl/vbaProject.bin", "x")
    .workbook(r#"<definedNames><definedName name="Rate">Sheet1!$A$2</definedName><definedName name="_xlnm.Print_Area" localSheetId="1">Lists!$A$1</definedName></definedNames><calcPr iterate="1"/><externalReferences><externalReference r:id="kexternalLink"/></externalReferences>"#)
    .related("externalLink", "xl/externalLinks/externalLink1.xml", "<externalLink/>")
    .relationships("xl/externalLinks/externalLink1.xml", &[("r", "externalLinkPath", "file:///C:/prices.xlsx")])
    .read();
    assert_debug_snapshot!(workbook);
    assert_debug_snapshot!(findings(&workbook));
}

#[test]
fn separated_values_become_a_sheet() {
    let check = |bytes: &[u8], expect: &str| {
        let workbook = crate::read("a.csv", bytes, &Limits::default()).expect("a workbook");
        assert_eq!(lines(&workbook).replace('\n', " | "), expect);
    };
    check(
        b"\xEF\xBB\xBFArtikel;Preis;Datum\r\nB\xC3\xBCro;1,5;21.11.2026\r\n",
        r#"A1 "Artikel" | B1 "Preis" | C1 "Datum" | A2 "Büro" [@] | B2 1.5 | C2 46347 [dd.mm.yyyy]"#,
    );
    check(
        b"Stra\xDFe;K\xF6ln\nM\xFCller;\x80 5\n",
        r#"A1 "Straße" | B1 "Köln" | A2 "Müller" [@] | B2 5 ["€"0]"#,
    );
    check(b"\xFF\xFEa\0;\x001\0\n\0", r#"A1 "a" [@] | B1 1"#);
    check(b"a\0;\x001\0\n\0b\0;\x002\0", r#"A1 "a" [@] | B1 1 | A2 "b" [@] | B2 2"#);
    check(
        b"code,n\n007,1\n\n\"x, \"\"y\"\"\",2\n",
        r#"A1 "code" | B1 "n" | A2 "007" [@] | B2 1 | A4 "x, \"y\"" [@] | B4 2"#,
    );
    check(b"a,b\r\n\r\n'=1,'-\r\n", r#"A1 "a" [@] | B1 "b" [@] | A3 "=1" [@] | B3 "'-" [@]"#);
    check(b"a,b\n1\n2,3,4\n", r#"A1 "a" | B1 "b" | A2 1 | A3 2 | B3 3 | C3 4"#);
    check(b"just a line", r#"A1 "just a line" [@]"#);
}

#[test]
fn every_shared_workbook_is_read() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let mut read = 0;
    for folder in ["data/workbooks", "data/formulas"] {
        for entry in std::fs::read_dir(shared.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "xlsx" && extension != "xlsm") {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            let workbook =
                crate::read(&path.to_string_lossy(), &bytes, &Limits::default()).expect("a workbook");
            assert!(workbook.sheets.iter().any(|sheet| !sheet.cells().is_empty()), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 90, "only {read} workbooks");
}
