//! Finds a definition's bindings again when its workbook is replaced: by name, by table and header, by label, by address.
//!
//! **Architecture Invariant:** nothing is guessed. A binding is kept or moved only when a name, a header or a label says
//! that it is the same thing, and says so once; everything else is listed as lost and left as it was.

mod find;
mod formulas;
mod tables;
mod visit;

use gridkeep_model::{AppDefinition, CellValue, Workbook, definition::Binding};
use serde::{Deserialize, Serialize};

use self::find::Finder;
use crate::analyse::Book;

/// A definition bound to a new workbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rebound {
    /// The definition with every binding that was found again; lost ones are as they were.
    pub definition: AppDefinition,
    /// What was found at another place.
    pub moved: Vec<Moved>,
    /// What was not found. As long as something is here, the app would show other cells than its maker meant.
    pub lost: Vec<Lost>,
}

/// Something that was found at another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// Where in the definition, such as `screens/0/components/1/fields/2`.
    pub path: String,
    /// Where it was, in words: `Loan!B2`, `column “Qty” (C)`.
    pub from: String,
    /// Where it is now.
    pub to: String,
}

/// Something that was not found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// Where in the definition.
    pub path: String,
    /// What it was bound to.
    pub binding: Binding,
}

/// Binds a definition made for `old` to `new`.
pub fn rebind(definition: &AppDefinition, old: &Workbook, new: &Workbook) -> Rebound {
    let cached = |workbook: &Workbook, cell: &gridkeep_model::CellRef| {
        workbook.sheet(&cell.sheet).map_or(CellValue::Blank, |sheet| sheet.value(cell.at).clone())
    };
    let old_value = |cell: &gridkeep_model::CellRef| cached(old, cell);
    let new_value = |cell: &gridkeep_model::CellRef| cached(new, cell);
    let finder = Finder::new(Book::new(old, &old_value), Book::new(new, &new_value));
    let mut rebound = Rebound { definition: definition.clone(), moved: Vec::new(), lost: Vec::new() };
    for (index, table) in rebound.definition.tables.iter_mut().enumerate() {
        tables::rebind(&finder, &format!("tables/{index}"), table, &mut rebound.moved, &mut rebound.lost);
    }
    let (moved, lost) = (&mut rebound.moved, &mut rebound.lost);
    visit::bindings(&mut rebound.definition, &mut |path, binding| match finder.find(binding) {
        Some(found) if found == *binding => {}
        Some(found) => {
            moved.push(Moved { path: path.to_owned(), from: find::words(binding), to: find::words(&found) });
            *binding = found;
        }
        None => lost.push(Lost { path: path.to_owned(), binding: binding.clone() }),
    });
    formulas::rebind(&finder, definition, &mut rebound.definition, moved, lost);
    rebound
}

#[cfg(test)]
mod tests;
