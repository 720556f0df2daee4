//! CSDL JSON: what `$metadata` answers to those who ask for JSON (OData-CSDL-JSON 4.01).

mod expression;
mod markup;
mod read;
mod said;
mod tree;
mod value;
mod write;
mod write_said;

use super::Limits;
use crate::{
    Error,
    edm::{Edm, Version},
};

/// Where the vocabularies of OASIS are published; each is there as XML and as JSON.
const VOCABULARIES: &str = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/";

/// The model in this version of OData, as a document in UTF-8. What 4.01 added is left out of 4.0.
pub fn write(edm: &Edm, version: Version) -> String {
    write::document(&super::version::prepared(edm, version))
}

/// The model of this document, in its normal form.
pub fn read(text: &str) -> Result<Edm, Error> {
    read_within(text, &Limits::default())
}

/// The same, within other limits.
pub fn read_within(text: &str, limits: &Limits) -> Result<Edm, Error> {
    let root = tree::parse(text, limits)?;
    read::document(&root).map(super::normal)
}

/// The address of a vocabulary of OASIS with this ending in place of that one. Other addresses stay.
fn published(uri: &str, from: &str, to: &str) -> String {
    let name = uri.strip_prefix(VOCABULARIES).and_then(|name| name.strip_suffix(from));
    name.map_or_else(|| uri.to_owned(), |name| format!("{VOCABULARIES}{name}{to}"))
}

/// A number as JSON writes it, digit by digit; `None` for what JSON has no number for.
fn json_number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = digits.find(['e', 'E']).map_or((digits, ""), |at| digits.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(power) = exponent.get(1..) {
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        if power.is_empty() || !plain(power) {
            return None;
        }
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}
