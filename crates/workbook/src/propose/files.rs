//! Columns that wait for photos and other files: empty ones whose headers say so. In a workbook nothing can stand there.
//!
//! **Architecture Invariant:** in doubt a column stays text: every word of its header must be about a file, or say which one.
//! `Photo number` and `File name` are texts.

use crate::analyse::words::words;

/// What a header says comes into its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileHeading {
    /// A photo or another picture.
    Picture,
    /// Any file, pictures among them.
    Any,
}

/// Words for pictures; longer German words may end with the first ones.
const PICTURE: [&str; 14] = [
    "foto",
    "bild",
    "fotos",
    "bilder",
    "photo",
    "photos",
    "photograph",
    "picture",
    "pictures",
    "image",
    "images",
    "screenshot",
    "screenshots",
    "selfie",
];
/// Words for files; longer German words may end with the first ones.
const ANY: [&str; 18] = [
    "beleg",
    "anhang",
    "datei",
    "belege",
    "anhänge",
    "dateien",
    "receipt",
    "receipts",
    "attachment",
    "attachments",
    "file",
    "files",
    "scan",
    "scans",
    "upload",
    "uploads",
    "quittung",
    "kassenbon",
];
/// How many of them stand at the ends of German words too.
const COMPOUND: (usize, usize) = (4, 6);
/// Words that say which file, of what, or how it comes.
const BESIDE: [&str; 34] = [
    "a",
    "after",
    "am",
    "an",
    "and",
    "attach",
    "attached",
    "back",
    "before",
    "damage",
    "das",
    "der",
    "des",
    "die",
    "front",
    "hinten",
    "nachher",
    "of",
    "oder",
    "or",
    "pdf",
    "schaden",
    "site",
    "the",
    "und",
    "vom",
    "von",
    "vorher",
    "vorn",
    "vorne",
    "your",
    "zum",
    "zur",
    "hochladen",
];

/// What a header says comes into its column, if it is about files alone.
pub(super) fn heading(header: &str) -> Option<FileHeading> {
    let mut found = None;
    for word in words(header) {
        let number = word.chars().all(|c| c.is_ascii_digit());
        let is = |list: &[&str], compound: usize| {
            list.contains(&word.as_str()) || list[..compound].iter().any(|end| word.ends_with(end))
        };
        if is(&PICTURE, COMPOUND.0) {
            found = Some(FileHeading::Picture);
        } else if is(&ANY, COMPOUND.1) {
            found = found.or(Some(FileHeading::Any));
        } else if !number && !BESIDE.contains(&word.as_str()) {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_files() {
        let check =
            |header: &str, expect: Option<FileHeading>| assert_eq!(heading(header), expect, "{header}");
        for header in [
            "Photo",
            "Foto",
            "Bild",
            "Picture",
            "Image",
            "photos",
            "Photo 2",
            "Photo of the damage",
            "Schadensfoto",
            "Foto vorher",
            "Bilder",
            "Receipt photo",
            "BeforePhoto",
            "Foto/Bild",
        ] {
            check(header, Some(FileHeading::Picture));
        }
        for header in [
            "Receipt",
            "Beleg",
            "Attachment",
            "Anhang",
            "Datei",
            "File",
            "Rechnungsbeleg",
            "Scan",
            "Beleg hochladen",
            "Attachments (PDF)",
            "Receipt 1",
        ] {
            check(header, Some(FileHeading::Any));
        }
        for header in [
            "",
            "Profile",
            "File name",
            "Photo number",
            "Beleg-Nr.",
            "Belegdatum",
            "Image URL",
            "Receipt date",
            "Dateigröße",
            "Photographer",
            "Bildung",
            "Vorname",
            "Receipts total",
            "Imaging",
            "File type",
        ] {
            check(header, None);
        }
    }
}
