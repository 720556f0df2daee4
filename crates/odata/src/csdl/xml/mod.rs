//! CSDL XML: what `$metadata` answers by default (OData-CSDL-XML 4.01).

mod expression;
mod markup;
mod read;
mod said;
mod tree;
mod write;

use super::Limits;
use crate::{
    Error,
    edm::{Edm, Version},
};

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
