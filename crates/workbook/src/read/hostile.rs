//! Files made to do harm, and files that came to harm: each is answered with a message that names the place.

use super::testing::{PackageBuilder, message};

fn check(bytes: &[u8], expect: &str) {
    assert_eq!(message(bytes), expect);
}

#[test]
fn files_that_are_no_workbook() {
    check(b"", "“test.xlsx” is empty: there is nothing in it");
    check(
        b"%PDF-1.7 and so on",
        "“test.xlsx” is a PDF document, not a workbook that can be opened here. Save it as .xlsx, .xlsm or .csv and try again",
    );
    let bytes = PackageBuilder::sheet("<sheetData/>").build();
    check(
        &bytes[..bytes.len() / 2],
        "“test.xlsx” is damaged (package): the directory at its end is missing or broken; it was probably not copied to its end",
    );
    check(
        &PackageBuilder::sheet("<sheetData><row r=\"0\"/></sheetData>").build(),
        "“test.xlsx” is damaged (sheet “Sheet1”): “0” is not the address of a row",
    );
}
