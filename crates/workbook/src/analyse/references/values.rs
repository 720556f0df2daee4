//! Whether the values of one column are all in another, without keeping any of them.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use gridkeep_model::{CellValue, RangeAt};

use super::super::book::Book;

/// Longer columns are not compared.
const MAX_ROWS: u32 = 200_000;
/// So many different columns are compared with others.
const MAX_COLUMNS: usize = 200;

/// Hashes of the values of columns that others are compared with.
#[derive(Debug, Default)]
pub(super) struct Values {
    known: HashMap<(usize, RangeAt), HashSet<u64>>,
}

impl Values {
    /// Filled cells of the first column, and how many of them the second has; none when they are too long to compare.
    pub(super) fn share(
        &mut self,
        book: &Book<'_>,
        from: (usize, RangeAt),
        to: (usize, RangeAt),
    ) -> Option<(u64, u64)> {
        if from.1.rows() > MAX_ROWS || to.1.rows() > MAX_ROWS {
            return None;
        }
        if !self.known.contains_key(&to) {
            if self.known.len() >= MAX_COLUMNS {
                return None;
            }
            let values = hashes(book, to).collect();
            self.known.insert(to, values);
        }
        let there = &self.known[&to];
        let (mut filled, mut hits) = (0, 0);
        for value in hashes(book, from) {
            filled += 1;
            hits += u64::from(there.contains(&value));
        }
        Some((filled, hits))
    }
}

/// Values as rows in a database are told apart: texts by every letter, but for blanks around them.
fn hashes<'a>(book: &'a Book<'_>, (sheet, range): (usize, RangeAt)) -> impl Iterator<Item = u64> + 'a {
    book.surfaces[sheet].range(range).filter_map(|spot| {
        let mut hasher = DefaultHasher::new();
        match &spot.value {
            CellValue::Text(text) if !text.trim().is_empty() => text.trim().hash(&mut hasher),
            CellValue::Number(number) => number.to_bits().hash(&mut hasher),
            CellValue::Boolean(boolean) => boolean.hash(&mut hasher),
            CellValue::Blank | CellValue::Text(_) => return None,
            // An error stands for no row, and is no value that could be anywhere.
            CellValue::Error(_) => spot.at.hash(&mut hasher),
        }
        Some(hasher.finish())
    })
}
