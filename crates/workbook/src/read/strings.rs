//! The shared string table (ECMA-376 part 1, section 18.4).

use std::sync::Arc;

use super::{
    package::Package,
    xml::{Node, Xml, unescape},
};
use crate::reason::Reason;
use crate::{Limits, error::Fault};

/// Reads the table; formatting of rich text and phonetic hints are left out.
pub(crate) fn read(package: &mut Package<'_>, part: &str, limits: &Limits) -> Result<Vec<Arc<str>>, Fault> {
    let mut xml = package.xml(part)?;
    let (mut strings, mut bytes, mut text) = (Vec::new(), 0, String::new());
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "si" => {
                text.clear();
                item(&mut xml, &mut text)?;
                bytes += text.len();
                if bytes > limits.text_bytes {
                    let reason = Reason::TooMuchTextHere { megabytes: limits.text_bytes >> 20 };
                    return Err(Fault::too_large(part, reason));
                }
                if strings.len() >= limits.cells * 2 {
                    return Err(Fault::too_large(part, Reason::TooManyTexts { most: limits.cells * 2 }));
                }
                strings.push(Arc::from(unescape(&text)));
            }
            Node::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// The text of the element that began last (`si`, `is` or a comment's `text`): its `t` and the `t` of its runs.
pub(crate) fn item(xml: &mut Xml<'_>, text: &mut String) -> Result<(), Fault> {
    let outside = xml.depth() - 1;
    while xml.depth() > outside {
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "t" => xml.text_into(text)?,
                "rPh" | "rPr" | "phoneticPr" => xml.skip()?,
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    Ok(())
}
