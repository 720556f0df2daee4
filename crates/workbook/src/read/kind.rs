//! What a file is, told from its content. Its name is never asked.

use crate::{error::Fault, reason::ForeignKind};

/// A kind of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive; a workbook, if it holds one.
    Package,
    /// Text; separated values.
    Text,
}

/// What the bytes are, or why they cannot be read.
pub(crate) fn kind(bytes: &[u8]) -> Result<Kind, Fault> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Package);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Err(compound_file(bytes));
    }
    let signatures: &[(&[u8], ForeignKind)] = &[
        (b"%PDF", ForeignKind::Pdf),
        (b"\x89PNG", ForeignKind::Png),
        (b"\xFF\xD8\xFF", ForeignKind::Jpeg),
        (b"GIF8", ForeignKind::Gif),
        (b"{\\rtf", ForeignKind::Rtf),
        (b"\x1F\x8B", ForeignKind::Gzip),
        (b"7z\xBC\xAF", ForeignKind::SevenZip),
        (b"Rar!", ForeignKind::Rar),
        (b"MZ", ForeignKind::WindowsProgram),
        (b"\x7FELF", ForeignKind::Program),
        (b"SQLite format 3\0", ForeignKind::Sqlite),
        (b"\x09\x08\x10\0\0\x06\x05\0", ForeignKind::OldExcel),
        (b"PAR1", ForeignKind::Parquet),
    ];
    if let Some((_, found)) = signatures.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err(Fault::wrong_kind(*found));
    }
    if !is_text(bytes) {
        return Err(Fault::wrong_kind(ForeignKind::Unknown));
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if start.starts_with("<?xml")
        || start.starts_with("<!doctype")
        || start.starts_with("<html")
        || start.starts_with("<table")
    {
        let found = if start.contains("html") || start.contains("<table") {
            ForeignKind::WebPage
        } else if start.contains("excel.sheet") || start.contains("schemas-microsoft-com:office:spreadsheet")
        {
            ForeignKind::ExcelXml
        } else {
            ForeignKind::Xml
        };
        return Err(Fault::wrong_kind(found));
    }
    Ok(Kind::Text)
}

/// What a package without `xl/workbook.xml` is.
pub(crate) fn foreign_package<'n>(mut names: impl Iterator<Item = &'n str>) -> Fault {
    let found = names.find_map(|name| match name {
        "word/document.xml" => Some(ForeignKind::Word),
        "ppt/presentation.xml" => Some(ForeignKind::PowerPoint),
        "xl/workbook.bin" => Some(ForeignKind::BinaryExcel),
        "meta-inf/manifest.xml" => Some(ForeignKind::OpenDocument),
        "index/document.iwa" => Some(ForeignKind::Numbers),
        _ => None,
    });
    Fault::wrong_kind(found.unwrap_or(ForeignKind::Zip))
}

/// A compound file (OLE2) holds old office documents, or new ones encrypted; the names of its streams tell which.
fn compound_file(bytes: &[u8]) -> Fault {
    let has = |name: &str| {
        let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // Directory entries begin at multiples of 128 bytes.
        bytes.chunks(128).any(|entry| {
            entry.starts_with(&wanted) && entry.get(wanted.len()..wanted.len() + 2) == Some(&[0, 0])
        })
    };
    if has("EncryptedPackage") {
        Fault::protected()
    } else if has("Workbook") || has("Book") {
        Fault::wrong_kind(ForeignKind::OldExcel)
    } else if has("WordDocument") {
        Fault::wrong_kind(ForeignKind::OldWord)
    } else {
        Fault::wrong_kind(ForeignKind::OldOffice)
    }
}

/// Whether the first kilobytes can be text: no zero bytes unless it is UTF-16, hardly any control characters.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(8192)];
    if start.starts_with(&[0xFF, 0xFE])
        || start.starts_with(&[0xFE, 0xFF])
        || super::csv::unmarked_utf16(start).is_some()
    {
        return true;
    }
    let control = start.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C)).count();
    !start.contains(&0) && control * 100 <= start.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FaultKind;

    #[test]
    fn content_decides() {
        let check = |bytes: &[u8], expect: &str| {
            let found = match kind(bytes) {
                Ok(kind) => format!("{kind:?}"),
                Err(Fault { kind: FaultKind::WrongKind(found), .. }) => found.to_string(),
                Err(fault) => format!("{:?}", fault.kind),
            };
            assert_eq!(found, expect);
        };
        let compound = |stream: &str| {
            let mut bytes = vec![0; 1024];
            bytes[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
            let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes[640..640 + name.len()].copy_from_slice(&name);
            bytes
        };
        check(b"PK\x03\x04...", "Package");
        check(b"a;b\n1;2\n", "Text");
        check(b"\xFF\xFEa\0;\0", "Text");
        check(b"%PDF-1.7", "a PDF document");
        check(&compound("EncryptedPackage"), "Protected");
        check(&compound("Workbook"), "an old Excel workbook (.xls)");
        check(&compound("WordDocument"), "an old Word document (.doc)");
        check(b"\0\x01\x02\x03", "a file of an unknown kind");
        check(b"\xEF\xBB\xBF <html><table>", "a web page");
        check(
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>",
            "an XML spreadsheet of 2003",
        );
    }
}
