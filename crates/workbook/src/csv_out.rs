//! Separated values for others to open: RFC 4180, and safe in a spreadsheet program.
//!
//! **Architecture Invariant:** no text leaves here that a spreadsheet program would take for a formula: what begins with
//! `=` `+` `-` `@`, a tab or a carriage return is led in by an apostrophe, as OWASP advises. Numbers stay numbers.

use std::borrow::Cow;

/// What a written value is: only text can be a danger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'f> {
    /// A number, date or truth, written out.
    Plain(&'f str),
    /// Text that anybody may have entered.
    Text(&'f str),
}

/// Writes records as text: UTF-8, CRLF, quotes only where they are needed.
pub fn write<'f, R, F>(separator: char, records: R) -> String
where
    R: IntoIterator<Item = F>,
    F: IntoIterator<Item = Field<'f>>,
{
    let mut out = String::new();
    for record in records {
        record_into(separator, record, &mut out);
        out.push_str("\r\n");
    }
    out
}

/// Writes one record, without a line end.
pub fn record_into<'f>(separator: char, record: impl IntoIterator<Item = Field<'f>>, out: &mut String) {
    for (index, field) in record.into_iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        let text = match field {
            Field::Plain(text) => Cow::Borrowed(text),
            Field::Text(text) => escape(text),
        };
        let quoted =
            text.contains(['"', '\n', '\r', separator]) || text.starts_with(' ') || text.ends_with(' ');
        if quoted {
            out.push('"');
            out.push_str(&text.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&text);
        }
    }
}

/// The text so that no program calculates it: `=1+1` becomes `'=1+1`. A lone `-` stands for nothing and stays.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_dangerous(text.trim_start_matches('\'')) && text != "-" {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text as it was before [`escape`].
pub fn unescape(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest.trim_start_matches('\'')) && rest != "-" => rest,
        _ => text,
    }
}

fn is_dangerous(text: &str) -> bool {
    // The full-width forms are taken for the others in Japanese and Chinese Excel.
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_made_harmless_and_numbers_stay() {
        let check = |field: Field<'_>, expect: &str| {
            assert_eq!(write(';', [[field, Field::Plain("x")]]), format!("{expect};x\r\n"));
        };
        check(Field::Text("=1+1"), "'=1+1");
        check(Field::Text("+49 123"), "'+49 123");
        check(Field::Text("-5"), "'-5");
        check(Field::Plain("-5"), "-5");
        check(Field::Text("@SUM(A1)"), "'@SUM(A1)");
        check(Field::Text("\tx"), "'\tx");
        check(Field::Text("\r=1"), "\"'\r=1\"");
        check(Field::Text("'=1"), "''=1");
        check(Field::Text("-"), "-");
        check(Field::Text("it's; \"so\""), "\"it's; \"\"so\"\"\"");
        check(Field::Text("a\nb"), "\"a\nb\"");
        check(Field::Text(" a"), "\" a\"");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in prop::collection::vec(prop::collection::vec("[-=+@'\t\r\n;\" a-zé0-9]{0,6}", 2..5), 1..6)) {
            let text = write(';', rows.iter().map(|row| row.iter().map(|text| Field::Text(text))));
            let mut reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true).from_reader(text.as_bytes());
            let read: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.expect("a record").iter().map(|text| unescape(text).to_owned()).collect())
                .collect();
            prop_assert_eq!(read, rows);
        }
    }
}
