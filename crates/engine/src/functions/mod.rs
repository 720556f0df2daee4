//! Functions the engine beneath lacks or gets wrong, one family a file, each with Excel's cases as tests.
//!
//! A function here comes before one of the same name beneath.

mod accrual;
mod adapter;
mod calendar;
mod errors;
mod guard;
mod integers;
mod joined;
mod lifted;
mod oddbonds;
mod regex;
mod repeated;
mod repeats;
mod rounding;
mod text;

use std::sync::Arc;

use formualizer::eval::function::Function;

use crate::Locale;

pub(crate) use guard::guard;
pub(crate) use joined::{replace_joins, restore_joins};
pub(crate) use repeats::replace_repeats;

/// Every function of ours.
pub(crate) fn all(locale: Locale) -> Vec<Arc<dyn Function>> {
    let families = [
        accrual::FUNCTIONS,
        errors::FUNCTIONS,
        integers::FUNCTIONS,
        joined::FUNCTIONS,
        oddbonds::FUNCTIONS,
        regex::FUNCTIONS,
        rounding::FUNCTIONS,
        text::FUNCTIONS,
    ];
    let adapted = families.iter().flat_map(|family| family.iter()).map(|function| function.adapted(locale));
    let guard: Arc<dyn Function> = Arc::new(guard::Guard);
    // Ours come last: of two with one name the later counts.
    lifted::all().into_iter().chain(adapted).chain(repeated::all()).chain([guard]).collect()
}

#[cfg(test)]
mod testing;
