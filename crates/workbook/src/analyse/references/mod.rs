//! Finds columns whose values stand for rows of another block: keys of customers in a list of orders.
//!
//! Three things tell: a formula of the row looks the value up there, a validation takes its choices from there, or header
//! and values match a key. **Architecture Invariant:** nothing is guessed. What is found has one row a value, is of the
//! same type, and where two blocks are as likely there is no reference at all.

mod calls;
mod names;
mod values;

use gridkeep_model::{
    ColumnType, RangeAt,
    definition::{Binding, Choices},
};
use serde::{Deserialize, Serialize};

use self::{calls::look_ups, values::Values};
use super::{
    book::Book,
    report::{Block, BlockColumn, BlockKind, ReasonText, SheetAnalysis},
};

/// Blocks beyond so many are not compared.
const MAX_BLOCKS: usize = 60;
/// Of ten values a formula looks up so many must be there.
const ENOUGH: u64 = 8;
/// Two targets as near to each other as this are as likely.
const NEAR: f64 = 0.1;

/// A column of a block of the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ColumnPlace {
    /// Index of its sheet.
    pub sheet: usize,
    /// Index of the block on that sheet.
    pub block: usize,
    /// Offset of the column within the block.
    pub offset: u32,
}

impl ColumnPlace {
    /// Whether both are columns of one block.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.sheet == other.sheet && self.block == other.block
    }
}

/// What told of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Evidence {
    /// A formula of the same row looks the value up.
    LookUp,
    /// The column's validation takes its choices there.
    Choices,
    /// The header names the other block or its key, and all values are there.
    Values,
}

/// A column whose values stand for rows of another block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlockReference {
    /// The column that refers.
    pub from: ColumnPlace,
    /// The column with the same values, each once.
    pub to: ColumnPlace,
    /// What told of it most convincingly.
    pub evidence: Evidence,
    /// The column's validation takes its choices there, whatever else told of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen: bool,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reason: ReasonText,
}

/// All references between blocks with headers, in the order of the referring columns.
pub(crate) fn references(book: &Book<'_>, sheets: &[SheetAnalysis]) -> Vec<BlockReference> {
    let blocks: Vec<Placed<'_>> = sheets
        .iter()
        .enumerate()
        .flat_map(|(sheet, one)| one.blocks.iter().enumerate().map(move |(at, block)| (sheet, at, block)))
        .filter(|(_, _, block)| block.kind == BlockKind::List && block.rows > 0)
        .filter_map(|(sheet, at, block)| {
            let data = block.published_range()?.at;
            let rows = RangeAt {
                start: gridkeep_model::CellAt::new(data.start.row + 1, data.start.column),
                end: data.end,
            };
            Some(Placed {
                sheet,
                at,
                block,
                name: &sheets[sheet].name,
                title: sheets[sheet].title.as_deref(),
                rows,
            })
        })
        .take(MAX_BLOCKS)
        .collect();
    if blocks.len() < 2 && blocks.iter().all(|placed| placed.block.columns.len() < 2) {
        return Vec::new();
    }
    let mut search =
        Search { book, blocks: &blocks, values: Values::default(), lists: Vec::new(), found: Vec::new() };
    for from in &blocks {
        search.look_ups(from);
        search.choices(from);
    }
    search.drop_lists_of_choices();
    for from in &blocks {
        search.names(from);
    }
    search.settled()
}

/// A block, and what is needed to speak of it.
pub(super) struct Placed<'a> {
    sheet: usize,
    at: usize,
    block: &'a Block,
    name: &'a str,
    title: Option<&'a str>,
    /// Its typed rows, headers left out.
    rows: RangeAt,
}

impl Placed<'_> {
    fn is(&self, other: &Placed<'_>) -> bool {
        self.sheet == other.sheet && self.at == other.at
    }

    fn place(&self, offset: u32) -> ColumnPlace {
        ColumnPlace { sheet: self.sheet, block: self.at, offset }
    }

    /// What people call it: its own name, else that of its sheet.
    fn called(&self) -> &str {
        self.block.table.as_deref().unwrap_or(self.name)
    }

    /// The cells of a column's rows.
    fn cells(&self, offset: u32) -> RangeAt {
        let column = self.block.range.at.start.column + offset;
        let mut cells = self.rows;
        (cells.start.column, cells.end.column) = (column, column);
        cells
    }
}

struct Search<'a, 'b> {
    book: &'a Book<'b>,
    blocks: &'a [Placed<'a>],
    values: Values,
    /// Columns of blocks that are sheets of lists.
    lists: Vec<ColumnPlace>,
    found: Vec<BlockReference>,
}

impl<'a> Search<'a, '_> {
    /// What formulas of the block's rows look up elsewhere.
    fn look_ups(&mut self, from: &Placed<'a>) {
        for column in from.block.columns.iter().filter(|column| column.calculated) {
            for found in look_ups(self.book, from, column) {
                let Some((key, (to, there))) =
                    from.block.column(found.key).zip(self.column_of(found.sheet, found.range))
                else {
                    continue;
                };
                let Some(share) = self.share(from, key, to, there) else { continue };
                let (filled, hits) = share;
                // What looks for the nearest value finds one for everything: grades of points, rates of amounts.
                let fits = if found.exact {
                    hits * 10 >= filled * ENOUGH
                } else {
                    key.column_type == ColumnType::Text && hits == filled && filled > 0
                };
                if fits {
                    let name = to.called();
                    let reason = ReasonText::new(
                        format!(
                            "“{}” looks “{}” up in the column “{}” of “{name}”",
                            column.header, key.header, there.header
                        ),
                        format!(
                            "„{}“ schlägt „{}“ in der Spalte „{}“ von „{name}“ nach",
                            column.header, key.header, there.header
                        ),
                    );
                    let confidence = if found.exact { 0.95 } else { 0.8 };
                    self.add((from, key), (to, there), Evidence::LookUp, confidence, reason);
                }
            }
        }
    }

    /// What validations offer from elsewhere.
    fn choices(&mut self, from: &Placed<'a>) {
        for key in &from.block.columns {
            let Some(Choices::Range { binding }) = &key.validation.choices else { continue };
            let Some((sheet, range)) = self.bound(from.sheet, binding) else { continue };
            let Some((to, there)) = self.column_of(sheet, range) else { continue };
            let records = there.filled >= to.block.rows
                && (!to.block.keys.is_empty() || there.offset == to.block.columns[0].offset);
            let Some((filled, hits)) = self.share(from, key, to, there).filter(|_| records) else { continue };
            if hits * 10 >= filled * ENOUGH {
                let name = to.called();
                let reason = ReasonText::new(
                    format!("“{}” is chosen from the column “{}” of “{name}”", key.header, there.header),
                    format!(
                        "„{}“ wird aus der Spalte „{}“ von „{name}“ ausgewählt",
                        key.header, there.header
                    ),
                );
                let confidence = if key.validation.open { 0.8 } else { 0.9 };
                self.add((from, key), (to, there), Evidence::Choices, confidence, reason);
            }
        }
    }

    /// A block with several columns to choose from is a sheet of lists; its rows are no records.
    fn drop_lists_of_choices(&mut self) {
        let chosen: Vec<ColumnPlace> = self
            .found
            .iter()
            .filter(|found| found.evidence == Evidence::Choices)
            .map(|found| found.to)
            .collect();
        let several = |to: &ColumnPlace| {
            let other = |one: &&ColumnPlace| one.is_beside(to) && one.offset != to.offset;
            chosen.iter().any(|one| other(&one))
        };
        self.lists = chosen.iter().copied().filter(several).collect();
        let lists = &self.lists;
        self.found.retain(|found| {
            found.evidence != Evidence::Choices || !lists.iter().any(|list| list.is_beside(&found.to))
        });
    }

    /// Keys of other blocks, by header and values.
    fn names(&mut self, from: &Placed<'a>) {
        let blocks = self.blocks;
        for key in &from.block.columns {
            let own_key = from.block.keys.first() == Some(&key.offset);
            if key.filled == 0 {
                continue;
            }
            for to in blocks.iter().filter(|to| !to.is(from) && !names::alike(from.block, to.block)) {
                if self.lists.iter().any(|list| list.is_beside(&to.place(0))) {
                    continue;
                }
                // A table's own key finds its own rows, unless it says whose.
                if own_key && !names::belongs(key, from, to) {
                    continue;
                }
                for there in &to.block.columns {
                    let Some(confidence) = names::likeness(key, to, there) else { continue };
                    let Some((filled, hits)) = self.share(from, key, to, there) else { continue };
                    if filled == 0 || hits < filled || there.filled < to.block.rows {
                        continue;
                    }
                    let name = to.called();
                    let reason = ReasonText::new(
                        format!("Every “{}” is in the column “{}” of “{name}”", key.header, there.header),
                        format!(
                            "Jeder Wert von „{}“ steht in der Spalte „{}“ von „{name}“",
                            key.header, there.header
                        ),
                    );
                    self.add((from, key), (to, there), Evidence::Values, confidence, reason);
                }
            }
        }
    }

    /// How many filled cells the key has, and how many of those values the other column has; none for columns that can never
    /// be a reference.
    fn share(
        &mut self,
        from: &Placed<'a>,
        key: &BlockColumn,
        to: &Placed<'a>,
        there: &BlockColumn,
    ) -> Option<(u64, u64)> {
        let kept = matches!(key.column_type, ColumnType::Text | ColumnType::Integer);
        let one = there.unique && there.filled > 1 && !there.calculated && !key.calculated;
        // A column alone is a list of words, not of records.
        let records = to.block.columns.len() > 1;
        let itself = from.is(to) && key.offset == there.offset;
        if !kept || key.column_type != there.column_type || !one || !records || itself {
            return None;
        }
        let own = (from.sheet, from.cells(key.offset));
        self.values.share(self.book, own, (to.sheet, to.cells(there.offset)))
    }

    /// The one column that a range of one column is, or the greater part of it.
    fn column_of(&self, sheet: usize, range: RangeAt) -> Option<(&'a Placed<'a>, &'a BlockColumn)> {
        if range.columns() != 1 {
            return None;
        }
        let mut hits = self.blocks.iter().filter(|placed| {
            let at = placed.block.range.at;
            placed.sheet == sheet
                && (at.start.column..=at.end.column).contains(&range.start.column)
                && placed.rows.start.row <= range.end.row
                && range.start.row <= placed.rows.end.row
        });
        let only = hits.next()?;
        if hits.next().is_some() {
            return None;
        }
        let rows = only.rows;
        let covered = range.end.row.min(rows.end.row) - range.start.row.max(rows.start.row) + 1;
        let column = only.block.column(range.start.column - only.block.range.at.start.column)?;
        (u64::from(covered) * 10 >= u64::from(rows.rows()) * ENOUGH).then_some((only, column))
    }

    fn bound(&self, sheet: usize, binding: &Binding) -> Option<(usize, RangeAt)> {
        match binding {
            Binding::Name { name } => self.book.name(sheet, name),
            Binding::Range { sheet, range, .. } => Some((self.book.sheet(sheet)?, range.parse().ok()?)),
            Binding::Cell { .. } | Binding::Column { .. } => None,
        }
    }

    fn add(
        &mut self,
        (from, key): (&Placed<'_>, &BlockColumn),
        (to, there): (&Placed<'_>, &BlockColumn),
        evidence: Evidence,
        confidence: f64,
        reason: ReasonText,
    ) {
        let (from, to) = (from.place(key.offset), to.place(there.offset));
        let chosen = evidence == Evidence::Choices;
        let new = BlockReference { from, to, evidence, chosen, confidence, reason };
        match self.found.iter_mut().find(|found| found.from == from && found.to == to) {
            Some(known) if known.confidence >= confidence => known.chosen |= chosen,
            Some(known) => *known = BlockReference { chosen: chosen || known.chosen, ..new },
            None => self.found.push(new),
        }
    }

    /// One target a column: the surest, when no other is as likely.
    fn settled(mut self) -> Vec<BlockReference> {
        self.found.sort_by(|a, b| {
            let place = |found: &BlockReference| (found.from.sheet, found.from.block, found.from.offset);
            place(a).cmp(&place(b)).then(b.confidence.total_cmp(&a.confidence))
        });
        let groups = self.found.chunk_by(|a, b| a.from == b.from);
        let clear = groups.filter(|group| {
            group.get(1).is_none_or(|second| group[0].confidence - second.confidence >= NEAR)
        });
        clear.map(|group| group[0].clone()).collect()
    }
}

#[cfg(test)]
mod tests;
