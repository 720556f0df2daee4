//! Cell metadata, asked for one thing: is this array formula a dynamic one (`XLDAPR`, [MS-XLSX] 2.2.4.10)?

use super::{
    package::Package,
    xml::{Node, attribute, flag},
};
use crate::reason::Reason;
use crate::{Limits, error::Fault};

/// For each value of a cell's `cm`, counted from 1, whether it marks a dynamic array.
#[derive(Debug, Default)]
pub(crate) struct Metadata(Vec<bool>);

impl Metadata {
    /// Whether a cell with this `cm` holds a dynamic array formula.
    pub(crate) fn is_dynamic(&self, cm: usize) -> bool {
        cm.checked_sub(1).and_then(|index| self.0.get(index)).copied().unwrap_or(false)
    }
}

/// Reads the metadata part.
pub(crate) fn read(package: &mut Package<'_>, part: &str, limits: &Limits) -> Result<Metadata, Fault> {
    let mut xml = package.xml(part)?;
    let (mut types, mut dynamic, mut cells) = (Vec::<bool>::new(), Vec::<bool>::new(), Vec::<bool>::new());
    let (mut in_future, mut in_cells) = (false, false);
    loop {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "metadataType" => types.push(attribute(&start, "name", part)?.as_deref() == Some("XLDAPR")),
                "futureMetadata" => {
                    in_future = attribute(&start, "name", part)?.as_deref() == Some("XLDAPR");
                    in_cells = false;
                }
                "cellMetadata" => (in_future, in_cells) = (false, true),
                "valueMetadata" => (in_future, in_cells) = (false, false),
                "bk" if in_future => dynamic.push(false),
                "bk" if in_cells => cells.push(false),
                "dynamicArrayProperties" if in_future => {
                    if let Some(last) = dynamic.last_mut() {
                        *last = flag(&start, "fDynamic", false, part)?;
                    }
                }
                "rc" if in_cells => {
                    let number = |name| -> Result<usize, Fault> {
                        Ok(attribute(&start, name, part)?.and_then(|v| v.trim().parse().ok()).unwrap_or(0))
                    };
                    let (kind, value) = (number("t")?, number("v")?);
                    let is_type = kind.checked_sub(1).and_then(|index| types.get(index)) == Some(&true);
                    if let Some(last) = cells.last_mut() {
                        *last |= is_type && dynamic.get(value) == Some(&true);
                    }
                }
                _ => {}
            },
            Node::Eof => return Ok(Metadata(cells)),
            _ => {}
        }
        if types.len().max(dynamic.len()).max(cells.len()) > limits.objects {
            return Err(Fault::too_large(part, Reason::TooManyEntries { most: limits.objects }));
        }
    }
}
