//! Functions the engine beneath lacks or gets wrong, one family a file, each with Excel's cases as tests.

use std::sync::Arc;

use formualizer::eval::function::Function;

use crate::Locale;

/// Every function of ours.
pub(crate) fn all(locale: Locale) -> Vec<Arc<dyn Function>> {
    let _ = locale;
    Vec::new()
}
