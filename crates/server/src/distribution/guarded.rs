//! What a change of an app as a whole takes from its gates, and who is asked before it does.
//!
//! **Architecture Invariant:** gates stand at changes of rows; publishing, rolling back and removing go past them. So a version in which
//! a gate asks less is a change of checkpoints, and whatever takes the place of all rows of a table, or ends them, asks every gate
//! of that table, for whichever rows and changes it is.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{AppDefinition, checkpoint::Gate, definition::TableDefinition};
use gridkeep_store::App;
use serde_json::{Value as Json, json};

use super::less::{How, Less, less};
use crate::{
    error::{ApiError, Words},
    gates::{AtGate, Operation},
    language::Language,
    noted,
    session::Person,
};

/// Differences that are said to people; the log has all.
const SAID: usize = 5;
/// Of an operation that takes the place of rows; no gate can be called so.
const REPLACED: &str = "rows.replaced";

/// An app before a change of the whole.
pub(super) struct Whole<'a> {
    /// The app as it is.
    pub(super) app: &'a App,
    /// What people get now.
    pub(super) before: &'a AppDefinition,
    /// The tenant's gates.
    pub(super) gates: &'a [Gate],
}

/// What becomes of it.
pub(super) enum Becomes<'a> {
    /// Another version.
    Version {
        /// What people are to get.
        after: &'a AppDefinition,
        /// The workbook's rows take the place of those there are.
        replaces_rows: bool,
        /// The workbook is the very one that there is: formulas read its cells.
        same_workbook: bool,
        /// What names this very change: compared when it is asked for again.
        what: Json,
    },
    /// Nothing: it ends.
    Nothing,
}

impl Whole<'_> {
    /// Lets a change through that takes nothing from gates, or was approved; otherwise answers with the challenge. What it takes
    /// comes into the log in any case.
    pub(super) async fn pass(
        &self,
        becomes: Becomes<'_>,
        (at, person, language): (&AtGate, &Person, Language),
    ) -> Result<(), ApiError> {
        let Self { app, before, gates } = self;
        let said = |words: Words| match language {
            Language::English => words.english,
            Language::German => words.german,
        };
        let mut what = json!({"app": app.id, "version": app.current.version});
        let operation = match becomes {
            Becomes::Nothing => {
                let also = guards(before, |_| true);
                let also = also.into_iter().map(|(gate, tables)| (gate, said(erased(&before.name, &tables))));
                Operation::new("ERASURE", &before.name, what).also(also.collect())
            }
            Becomes::Version { after, replaces_rows, same_workbook, what: own } => {
                let less = less(before, (after, same_workbook), gates);
                // Of a table that is not in the new version rows stay where they are.
                let goes = |table: &TableDefinition| replaces_rows && after.table(&table.id).is_some();
                let also = guards(before, goes);
                if less.is_empty() && also.is_empty() {
                    return Ok(());
                }
                let difference = serde_json::to_value(&less).map_err(ApiError::internal)?;
                let tables: BTreeSet<&str> = also.values().flatten().map(|table| &*table.id).collect();
                noted::fact("gates", difference.clone());
                noted::fact("rowsReplaced", json!(tables));
                what["becomes"] = own;
                what["gates"] = difference;
                what["rowsReplaced"] = json!(tables);
                let tables = also.values().flatten().copied().collect::<Vec<_>>();
                let title = said(replaced(&before.name, &tables));
                // A gate is asked about its own removal: the gate of gates may not be there.
                let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
                for (gate, own) in by_gate(&less) {
                    words.entry(gate).or_default().push(said(differences(&before.name, &own)));
                }
                for (gate, tables) in also {
                    words.entry(gate).or_default().push(said(replaced(&before.name, &tables)));
                }
                let also = words.into_iter().map(|(gate, words)| (gate, words.join("; "))).collect();
                if less.is_empty() {
                    Operation::new(REPLACED, "", what).titled(title).also(also)
                } else {
                    let about = said(differences(&before.name, &less.iter().collect::<Vec<_>>()));
                    let operation = Operation::new("CHECKPOINT_CONFIG", about.as_str(), what);
                    operation.titled(about).also(also)
                }
            }
        };
        at.let_through(person, operation).await
    }
}

/// The gates of tables whose rows go, with these tables.
fn guards(
    before: &AppDefinition,
    goes: impl Fn(&TableDefinition) -> bool,
) -> BTreeMap<String, Vec<&TableDefinition>> {
    let mut guards: BTreeMap<String, Vec<&TableDefinition>> = BTreeMap::new();
    for table in before.tables.iter().filter(|table| goes(table)) {
        for gate in &table.gates {
            let tables = guards.entry(gate.gate.clone()).or_default();
            if tables.last().is_none_or(|last| last.id != table.id) {
                tables.push(table);
            }
        }
    }
    guards
}

/// What each gate asks less.
fn by_gate(less: &[Less]) -> BTreeMap<String, Vec<&Less>> {
    let mut all: BTreeMap<String, Vec<&Less>> = BTreeMap::new();
    for one in less {
        all.entry(one.gate.clone()).or_default().push(one);
    }
    all
}

fn quoted(tables: &[&TableDefinition], marks: (char, char)) -> String {
    let names = tables.iter().map(|table| format!("{}{}{}", marks.0, table.title, marks.1));
    listed(names, ", ")
}

/// What of it: columns that go, ways past it.
fn listed_of(one: &Less, marks: (char, char)) -> String {
    listed(one.which.iter().map(|(_, title)| format!("{}{title}{}", marks.0, marks.1)), ", ")
}

/// The first few, and that there are more.
fn listed(all: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = if all.len() > SAID { " …" } else { "" };
    format!("{}{more}", all.take(SAID).collect::<Vec<_>>().join(between))
}

const ENGLISH: (char, char) = ('“', '”');
const GERMAN: (char, char) = ('„', '“');

fn erased(app: &str, tables: &[&TableDefinition]) -> Words {
    Words {
        english: format!("{app}: all rows of {} are removed with the app", quoted(tables, ENGLISH)),
        german: format!("{app}: alle Zeilen von {} werden mit der App gelöscht", quoted(tables, GERMAN)),
    }
}

fn replaced(app: &str, tables: &[&TableDefinition]) -> Words {
    Words {
        english: format!("{app}: all rows of {} are replaced", quoted(tables, ENGLISH)),
        german: format!("{app}: alle Zeilen von {} werden ersetzt", quoted(tables, GERMAN)),
    }
}

fn differences(app: &str, less: &[&Less]) -> Words {
    let english = less.iter().map(|one| {
        let how = match one.how {
            How::Dropped => "no longer asks",
            How::FewerChanges => "asks before fewer changes",
            How::OtherRows => "asks for other rows",
            How::FewerColumns => {
                return format!("{}: “{}” loses {}", one.gate, one.title, listed_of(one, ENGLISH));
            }
            How::OtherWay => {
                return format!(
                    "{}: “{}” can be got around by {}",
                    one.gate,
                    one.title,
                    listed_of(one, ENGLISH)
                );
            }
        };
        format!("{} {how} in “{}”", one.gate, one.title)
    });
    let german = less.iter().map(|one| {
        let how = match one.how {
            How::Dropped => "fragt nicht mehr",
            How::FewerChanges => "fragt vor weniger Änderungen",
            How::OtherRows => "fragt bei anderen Zeilen",
            How::FewerColumns => {
                return format!("{}: „{}“ verliert {}", one.gate, one.title, listed_of(one, GERMAN));
            }
            How::OtherWay => {
                return format!(
                    "{}: „{}“ ist zu umgehen durch {}",
                    one.gate,
                    one.title,
                    listed_of(one, GERMAN)
                );
            }
        };
        format!("{} {how} in „{}“", one.gate, one.title)
    });
    Words {
        english: format!("{app}: {}", listed(english, "; ")),
        german: format!("{app}: {}", listed(german, "; ")),
    }
}
