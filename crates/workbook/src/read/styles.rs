//! Number formats: from the style of a cell to its format code (ECMA-376 part 1, section 18.8.30).

use std::{collections::HashMap, sync::Arc};

use super::{
    package::Package,
    xml::{Node, attribute},
};
use crate::reason::Reason;
use crate::{Limits, error::Fault};

/// The number formats of a workbook, each code once, and which cell style uses which.
#[derive(Debug)]
pub(crate) struct Formats {
    /// Codes; the first is `General`.
    pub(crate) codes: Vec<Arc<str>>,
    by_code: HashMap<Arc<str>, u32>,
    by_style: Vec<u32>,
}

impl Formats {
    /// No formats but `General`.
    pub(crate) fn new() -> Self {
        let general: Arc<str> = "General".into();
        Self { codes: vec![general.clone()], by_code: [(general, 0)].into(), by_style: Vec::new() }
    }

    /// The index of a code in [`Formats::codes`].
    pub(crate) fn intern(&mut self, code: &str) -> u32 {
        if let Some(&known) = self.by_code.get(code) {
            return known;
        }
        let (code, index) = (Arc::<str>::from(code), self.codes.len() as u32);
        self.codes.push(code.clone());
        self.by_code.insert(code, index);
        index
    }

    /// The index of the code that a cell style uses; that of `General` for a style that does not exist.
    pub(crate) fn of_style(&self, style: u32) -> u32 {
        self.by_style.get(style as usize).copied().unwrap_or(0)
    }
}

/// Reads the styles part, as far as numbers are concerned.
pub(crate) fn read(package: &mut Package<'_>, part: &str, limits: &Limits) -> Result<Formats, Fault> {
    let mut formats = Formats::new();
    let mut custom: HashMap<u32, String> = HashMap::new();
    let mut in_cell_styles = false;
    let mut xml = package.xml(part)?;
    loop {
        let depth = xml.depth();
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(&start, "numFmtId", part)?.and_then(|id| id.trim().parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&start, "formatCode", part)?) {
                        custom.insert(id, code.into_owned());
                    }
                }
                "cellXfs" => in_cell_styles = true,
                "xf" if in_cell_styles => {
                    let id = attribute(&start, "numFmtId", part)?
                        .and_then(|id| id.trim().parse().ok())
                        .unwrap_or(0);
                    let code = custom.get(&id).map_or_else(|| builtin(id), String::as_str);
                    let index = formats.intern(code);
                    formats.by_style.push(index);
                }
                _ => {}
            },
            // `cellXfs` is a child of the root.
            Node::End if depth == 2 => in_cell_styles = false,
            Node::Eof => return Ok(formats),
            _ => {}
        }
        if custom.len() > limits.objects || formats.by_style.len() > limits.objects {
            return Err(Fault::too_large(part, Reason::TooManyFormats { most: limits.objects }));
        }
    }
}

/// The code of a built-in format, in its American form. 14 is the short date of whoever looks at it; the codes that
/// stand for East Asian dates and times are told as plain dates and times.
pub(crate) const fn builtin(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 => "\"$\"#,##0_);\\(\"$\"#,##0\\)",
        6 => "\"$\"#,##0_);[Red]\\(\"$\"#,##0\\)",
        7 => "\"$\"#,##0.00_);\\(\"$\"#,##0.00\\)",
        8 => "\"$\"#,##0.00_);[Red]\\(\"$\"#,##0.00\\)",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 | 27..=31 | 36 | 50..=54 | 57 | 58 => "mm-dd-yy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 | 32 | 34 | 55 => "h:mm",
        21 | 33 | 35 | 56 => "h:mm:ss",
        22 => "m/d/yy h:mm",
        37 => "#,##0_);(#,##0)",
        38 => "#,##0_);[Red](#,##0)",
        39 => "#,##0.00_);(#,##0.00)",
        40 => "#,##0.00_);[Red](#,##0.00)",
        41 => "_(* #,##0_);_(* \\(#,##0\\);_(* \"-\"_);_(@_)",
        42 => "_(\"$\"* #,##0_);_(\"$\"* \\(#,##0\\);_(\"$\"* \"-\"_);_(@_)",
        43 => "_(* #,##0.00_);_(* \\(#,##0.00\\);_(* \"-\"??_);_(@_)",
        44 => "_(\"$\"* #,##0.00_);_(\"$\"* \\(#,##0.00\\);_(\"$\"* \"-\"??_);_(@_)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mmss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    }
}
