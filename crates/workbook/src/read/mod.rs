//! Bytes to a workbook. What a file is, its content decides; its name only appears in messages.

pub(crate) mod budget;
mod cells;
mod chart;
pub(crate) mod csv;
mod date;
mod drawing;
pub(crate) mod formula;
pub(crate) mod kind;
mod list;
mod metadata;
pub(crate) mod package;
pub(crate) mod sheet;
mod source;
mod strings;
mod structure;
mod styles;
pub(crate) mod xlsx;
pub(crate) mod xml;

#[cfg(test)]
mod hostile;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use self::{
    csv::CSV_SHEET,
    list::{List, Manner, Record, Wanted, list},
};

use gridkeep_model::{
    Workbook,
    report::{Finding, FindingKind},
};

use crate::reason::Reason;
use crate::{Limits, WorkbookError, error::Fault, error::presentable};

/// Reads a workbook from the bytes of an .xlsx, .xlsm or .csv file. Nothing in it is followed, run or believed.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Workbook, WorkbookError> {
    if bytes.is_empty() {
        return Err(WorkbookError::Empty { file: presentable(name) });
    }
    let read = || {
        if bytes.len() as u64 > limits.file_bytes {
            let reason = Reason::FileTooLarge { megabytes: bytes.len() >> 20, most: limits.file_bytes >> 20 };
            return Err(Fault::too_large("file", reason));
        }
        match kind::kind(bytes)? {
            kind::Kind::Package => xlsx::read(bytes, limits),
            kind::Kind::Text => csv::read(bytes, limits),
        }
    };
    read().map_err(|fault| fault.in_file(name))
}

/// What the file holds that an app does not show or use: macros, links to other files, pivot tables, controls.
pub fn findings(workbook: &Workbook) -> Vec<Finding> {
    let mut findings = Vec::new();
    if workbook.has_macros {
        findings.push(Finding {
            kind: FindingKind::MacroIgnored,
            place: "vbaProject".to_owned(),
            detail: "macros are neither read nor run".to_owned(),
        });
    }
    findings.extend(workbook.external_links.iter().enumerate().map(|(index, target)| Finding {
        kind: FindingKind::ExternalLink,
        place: format!("[{}]", index + 1),
        detail: presentable(target),
    }));
    findings.extend(workbook.left_out.iter().cloned());
    findings
}
