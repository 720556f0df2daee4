//! What one reading has taken so far, over all sheets.
//!
//! **Architecture Invariant:** whatever a file can repeat is asked for here before it is kept.

use std::{collections::HashSet, sync::Arc};

use gridkeep_model::report::{Finding, FindingKind};

use crate::reason::Reason;
use crate::{
    Limits,
    error::presentable,
    error::{Fault, Named},
};

/// The counts of one reading.
pub(crate) struct Budget<'a> {
    pub(crate) limits: &'a Limits,
    cells: usize,
    text: usize,
    objects: usize,
    /// Short texts that were seen before, so that each is kept once.
    texts: HashSet<Arc<str>>,
    /// What was left out; see `Workbook::left_out`.
    pub(crate) left_out: Vec<Finding>,
}

impl<'a> Budget<'a> {
    /// Nothing taken yet.
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, cells: 0, text: 0, objects: 0, texts: HashSet::new(), left_out: Vec::new() }
    }

    /// One more cell.
    pub(crate) fn cell(&mut self, part: &str) -> Result<(), Fault> {
        self.cells += 1;
        if self.cells > self.limits.cells {
            let reason = Reason::TooManyCells { most: self.limits.cells };
            return Err(Fault::too_large(part, reason));
        }
        Ok(())
    }

    /// One more merged range, validation, link, name or drawing.
    pub(crate) fn object(&mut self, part: &str) -> Result<(), Fault> {
        self.objects += 1;
        if self.objects > self.limits.objects {
            let reason = Reason::TooManyObjects { most: self.limits.objects };
            return Err(Fault::too_large(part, reason));
        }
        Ok(())
    }

    /// So many more bytes of text.
    pub(crate) fn text(&mut self, part: &str, bytes: usize) -> Result<(), Fault> {
        self.text = self.text.saturating_add(bytes);
        if self.text > self.limits.text_bytes {
            let reason = Reason::TooMuchText { megabytes: self.limits.text_bytes >> 20 };
            return Err(Fault::too_large(part, reason));
        }
        Ok(())
    }

    /// A text to keep; short ones are kept once.
    pub(crate) fn keep(&mut self, part: &str, text: &str) -> Result<Arc<str>, Fault> {
        const SHORT: usize = 64;
        if let Some(known) = self.texts.get(text).filter(|_| text.len() <= SHORT) {
            return Ok(known.clone());
        }
        self.text(part, text.len() + size_of::<usize>() * 2)?;
        let kept = Arc::<str>::from(text);
        if text.len() <= SHORT && self.texts.len() < self.limits.objects {
            self.texts.insert(kept.clone());
        }
        Ok(kept)
    }

    /// A name, refused when nobody can have meant it.
    pub(crate) fn name(&self, part: &str, what: Named, name: &str) -> Result<(), Fault> {
        let characters = name.chars().count();
        if characters > self.limits.name_characters {
            let (name, most) = (presentable(name), self.limits.name_characters);
            let reason = match what {
                Named::Sheet => Reason::SheetNameTooLong { name, characters, most },
                Named::Table => Reason::TableNameTooLong { name, characters, most },
                Named::Column => Reason::ColumnNameTooLong { name, characters, most },
                Named::DefinedName => Reason::DefinedNameTooLong { name, characters, most },
            };
            return Err(Fault::too_large(part, reason));
        }
        Ok(())
    }

    /// Notes something that an app does not show.
    pub(crate) fn leave_out(
        &mut self,
        kind: FindingKind,
        place: impl Into<String>,
        detail: impl Into<String>,
    ) {
        // The report lists no more than this either.
        if self.left_out.len() < 500 {
            self.left_out.push(Finding { kind, place: place.into(), detail: detail.into() });
        }
    }
}
