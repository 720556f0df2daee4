//! What a content is, by its first bytes, and whether a column takes it.

use gridkeep_model::definition::{MAX_FILE, PICTURES, Validation};

use crate::error::ApiError;

/// So many bytes tell.
pub(super) const TELLING: usize = 32;

/// Whether a content of this type is shown in place.
pub(super) fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// The most bytes a column takes.
pub(super) fn most(validation: &Validation) -> u64 {
    validation.max_bytes.unwrap_or(MAX_FILE).min(MAX_FILE)
}

/// The media type of a content that begins like this. What is known of it counts more than what was said; a picture that is
/// none is taken for bytes.
pub(super) fn judge(validation: &Validation, start: &[u8], said: Option<&str>) -> Result<String, ApiError> {
    let known = sniff(start);
    if validation.pictures {
        return known.filter(|known| is_picture(known)).map(ToOwned::to_owned).ok_or(ApiError::NotAPicture);
    }
    let said = said.filter(|said| !said.is_empty());
    let bytes = "application/octet-stream";
    Ok(match (known, said) {
        (Some(known), _) => known,
        (None, Some(said)) if is_picture(said) => bytes,
        (None, said) => said.unwrap_or(bytes),
    }
    .to_owned())
}

/// The type that the first bytes tell, where they do.
fn sniff(start: &[u8]) -> Option<&'static str> {
    let at = |from: usize, what: &[u8]| start.get(from..from + what.len()) == Some(what);
    if at(0, b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if at(0, b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return Some("image/gif");
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Some("image/webp");
    }
    if at(0, b"%PDF-") {
        return Some("application/pdf");
    }
    if at(4, b"ftyp") {
        return match start.get(8..12)? {
            b"avif" | b"avis" => Some("image/avif"),
            b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some("image/heic"),
            _ => None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_known_by_their_first_bytes() {
        let check = |pictures: bool, start: &[u8], said: Option<&str>, expect: Option<&str>| {
            let validation = Validation { pictures, ..Validation::default() };
            let judged = judge(&validation, start, said);
            assert_eq!(judged.as_deref().ok(), expect, "{said:?} {start:?}");
        };
        let png = b"\x89PNG\r\n\x1a\n....";
        check(true, png, Some("image/jpeg"), Some("image/png"));
        check(true, b"\xff\xd8\xff\xe0", None, Some("image/jpeg"));
        check(true, b"RIFF\0\0\0\0WEBPVP8 ", None, Some("image/webp"));
        check(true, b"\0\0\0\x1cftypheic", None, Some("image/heic"));
        check(true, b"\0\0\0\x1cftypmp42", Some("image/heic"), None);
        check(true, b"<svg xmlns", Some("image/svg+xml"), None);
        check(true, b"%PDF-1.7", Some("image/png"), None);
        check(true, b"", Some("image/png"), None);
        check(false, b"%PDF-1.7", Some("text/html"), Some("application/pdf"));
        check(false, b"<html>", Some("text/html"), Some("text/html"));
        check(false, b"<html>", Some("image/png"), Some("application/octet-stream"));
        check(false, b"{}", None, Some("application/octet-stream"));
    }
}
