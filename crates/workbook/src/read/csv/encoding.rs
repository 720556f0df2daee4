//! The encoding of a text file: what its first bytes say, else UTF-8 if it is valid, else a guess.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::reason::{ForeignKind, Reason};
use crate::{Limits, error::Fault};

/// Text, and how it was written.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: &'static Encoding,
    /// It began with a byte order mark.
    pub(crate) mark: bool,
}

/// Decodes a text file.
pub(crate) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Fault> {
    // The text is held up to four times while it is taken apart.
    let most = limits.text_bytes / 2;
    if bytes.len() > most {
        let reason = Reason::TextFileTooLarge { megabytes: most >> 20 };
        return Err(Fault::too_large("text", reason));
    }
    let (encoding, mark) = detect(bytes);
    let body = &bytes[if mark { mark_length(encoding) } else { 0 }..];
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    if malformed && encoding != UTF_8 && mark {
        return Err(Fault::damaged("text", Reason::TextFileNotInEncoding { encoding: encoding.name() }));
    }
    if text.contains('\0') {
        return Err(Fault::wrong_kind(ForeignKind::Unknown));
    }
    Ok(Decoded { text: text.into_owned(), encoding, mark })
}

fn detect(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, true);
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return (encoding, false);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, false);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
    (detector.guess(None, Utf8Detection::Deny), false)
}

/// UTF-16 without a mark, told by the zero bytes that half of all Latin text consists of.
pub(crate) fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), start.len() / 2);
    match (even, odd) {
        (0, odd) if odd * 2 > pairs => Some(UTF_16LE),
        (even, 0) if even * 2 > pairs => Some(UTF_16BE),
        _ => None,
    }
}

fn mark_length(encoding: &'static Encoding) -> usize {
    if encoding == UTF_8 { 3 } else { 2 }
}
