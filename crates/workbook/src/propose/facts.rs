//! What proposals ask of an analysis: the lists, what is calculated from them, what is entered, and the app's name.

use gridkeep_model::{Workbook, workbook::SheetVisibility};

use super::{
    parts::block_title,
    references,
    table::Published,
    text::{humanised, says_nothing, short},
};
use crate::analyse::{Analysis, Block, BlockKind, Input, Output, SheetAnalysis, formula::single_reference};

/// A list with fewer cells than one in this many of the largest is beside the point.
const BESIDE: u64 = 40;
/// A look-up table is longer than this only when it is a list in its own right.
const LOOKUP_ROWS: u32 = 30;

/// A block and the sheet it is on.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a> {
    /// The sheet.
    pub(crate) sheet: &'a SheetAnalysis,
    /// The block.
    pub(crate) block: &'a Block,
}

/// The analysis, sorted by what proposals need.
pub(crate) struct Facts<'a> {
    /// The workbook.
    pub(crate) workbook: &'a Workbook,
    /// What was found in it.
    pub(crate) analysis: &'a Analysis,
    /// What the app is called.
    pub(crate) app_name: String,
    /// Words that hint at an icon.
    pub(crate) telling: String,
    /// Labels are German.
    pub(crate) german: bool,
    /// Lists of records, in the order of their screens.
    pub(crate) lists: Vec<Placed<'a>>,
    /// Lists that formulas look values up in.
    pub(crate) lookups: Vec<Placed<'a>>,
    /// Blocks to fill in.
    pub(crate) entries: Vec<Placed<'a>>,
    /// Blocks that formulas fill.
    pub(crate) calculated: Vec<Placed<'a>>,
    /// Cells to enter.
    pub(crate) inputs: Vec<&'a Input>,
    /// Results.
    pub(crate) outputs: Vec<&'a Output>,
    /// How many charts the visible sheets have that can be drawn again.
    pub(crate) charts: usize,
}

impl<'a> Facts<'a> {
    /// Sorts what the analysis found.
    pub(crate) fn new(workbook: &'a Workbook, analysis: &'a Analysis, name: &str) -> Self {
        let visible = || analysis.sheets.iter().filter(|sheet| sheet.visible);
        let blocks = |kind: BlockKind| -> Vec<Placed<'a>> {
            let all =
                visible().flat_map(|sheet| sheet.blocks.iter().map(move |block| Placed { sheet, block }));
            all.filter(|placed| placed.block.kind == kind).collect()
        };
        let size = |placed: &Placed<'_>| u64::from(placed.block.rows) * placed.block.columns.len() as u64;
        let (mut lookups, mut lists): (Vec<_>, Vec<_>) = blocks(BlockKind::List)
            .into_iter()
            .filter(|placed| placed.block.columns.len() >= 2 || placed.block.rows >= 3)
            .partition(|placed| is_lookup(placed.block));
        let largest = lists.iter().map(size).max().unwrap_or(0);
        let (kept, mut beside): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|placed| size(placed) * BESIDE >= largest);
        lists = kept;
        sort_months(&mut lists);
        take_referred(analysis, &mut lists, &mut lookups);
        take_referred(analysis, &mut lists, &mut beside);
        let drawable = workbook
            .sheets
            .iter()
            .filter(|sheet| sheet.visibility == SheetVisibility::Visible)
            .flat_map(|sheet| &sheet.charts);
        let charts =
            drawable.filter(|chart| chart.kind != gridkeep_model::workbook::ChartKind::Other).count();
        let mut facts = Facts {
            workbook,
            analysis,
            app_name: String::new(),
            telling: String::new(),
            german: analysis.language == "de",
            lists,
            lookups,
            entries: blocks(BlockKind::Entry),
            calculated: blocks(BlockKind::Calculated)
                .into_iter()
                .filter(|placed| placed.block.rows >= 2 && !is_mirror(placed))
                .collect(),
            inputs: analysis.inputs.iter().collect(),
            outputs: analysis.outputs.iter().collect(),
            charts,
        };
        facts.app_name = facts.named(name);
        let headers = facts
            .lists
            .iter()
            .take(1)
            .flat_map(|placed| placed.block.columns.iter().take(3))
            .map(|column| column.header.as_str());
        let main = facts.main_sheet().map_or("", |sheet| sheet.name.as_str());
        facts.telling = std::iter::once(main).chain(headers).collect::<Vec<_>>().join(" ");
        facts
    }

    /// The app's name: the title on its main sheet, else the file's name made readable, else a sheet's.
    fn named(&self, file: &str) -> String {
        let main = self.main_sheet();
        let title = main.and_then(|sheet| sheet.title.as_deref()).filter(|title| title.chars().count() <= 60);
        let several = self.lists.len() > 1;
        let file = humanised(file);
        let name = match (title, main) {
            (Some(title), _) if !several => capitals(title),
            _ if !says_nothing(&file) => file,
            (Some(title), _) => capitals(title),
            (None, Some(sheet)) if !says_nothing(&sheet.name) => sheet.name.clone(),
            _ if !file.is_empty() => file,
            _ => "App".to_owned(),
        };
        short(&name, 60)
    }

    /// The sheet that matters most: with the largest list, else with most inputs and results.
    pub(crate) fn main_sheet(&self) -> Option<&'a SheetAnalysis> {
        let rows = |sheet: &SheetAnalysis| {
            sheet
                .blocks
                .iter()
                .filter(|block| block.kind == BlockKind::List && !block.lookup)
                .map(|block| block.rows)
                .max()
        };
        let fields = |sheet: &SheetAnalysis| {
            let here = |name: &str| *name == *sheet.name;
            let entries = sheet.blocks.iter().filter(|block| block.kind == BlockKind::Entry).count();
            self.outputs.iter().filter(|o| here(&o.value.cell.sheet)).count()
                + self.inputs.iter().filter(|i| here(&i.value.cell.sheet)).count()
                + 20 * entries
        };
        let visible = self.analysis.sheets.iter().filter(|sheet| sheet.visible).enumerate();
        visible
            .max_by_key(|(index, sheet)| (rows(sheet).unwrap_or(0), fields(sheet), std::cmp::Reverse(*index)))
            .map(|(_, sheet)| sheet)
    }

    /// What people call a block.
    pub(crate) fn title(&self, placed: Placed<'_>) -> String {
        block_title(placed.sheet, placed.block, &self.app_name)
    }

    /// `german` or `english`, whichever the workbook speaks.
    pub(crate) fn say(&self, english: &'static str, german: &'static str) -> &'static str {
        if self.german { german } else { english }
    }

    /// A sentence about the first few tables.
    pub(crate) fn say_with(
        &self,
        english: &'static str,
        german: &'static str,
        tables: &[Published<'_>],
    ) -> String {
        let titles: Vec<&str> =
            tables.iter().take(3).map(|published| published.table.title.as_str()).collect();
        if titles.is_empty() {
            return String::new();
        }
        let more = if tables.len() > titles.len() { " …" } else { "." };
        format!("{} {}{more}", self.say(english, german), titles.join(", "))
    }

    /// Typed rows of all lists together.
    pub(crate) fn list_rows(&self) -> u64 {
        self.lists.iter().map(|placed| u64::from(placed.block.rows)).sum()
    }
}

/// Whether a list is there for formulas to look values up in.
pub(crate) fn is_lookup(block: &Block) -> bool {
    block.lookup && block.rows <= LOOKUP_ROWS
}

/// Takes over the blocks whose records those already in the lists refer to, however small they are.
fn take_referred<'a>(analysis: &Analysis, lists: &mut Vec<Placed<'a>>, others: &mut Vec<Placed<'a>>) {
    let mut at = 0;
    while at < others.len() {
        let block = others[at].block;
        let referred = analysis.references.iter().any(|found| {
            references::ends(analysis, found).is_some_and(|(from, to)| {
                std::ptr::eq(to, block)
                    && !std::ptr::eq(from, block)
                    && lists.iter().any(|list| std::ptr::eq(list.block, from))
                    && references::holds_records(to, found.to.offset)
            })
        });
        if referred {
            lists.push(others.remove(at));
            at = 0;
        } else {
            at += 1;
        }
    }
}

/// Whether a block only repeats cells of another: that one is shown instead.
fn is_mirror(placed: &Placed<'_>) -> bool {
    let mut formulas = placed.block.columns.iter().filter(|column| column.calculated);
    formulas.all(|column| {
        column.formula.as_ref().is_some_and(|formula| single_reference(&formula.text).is_some())
    })
}

/// A title in capitals is shouted; `TASK INPUT` becomes `Task input`.
pub(crate) fn capitals(title: &str) -> String {
    // What follows a dash is a remark: `Warehouse stock – updated weekly`.
    let title = [" – ", " — ", " - "]
        .iter()
        .find_map(|dash| title.split_once(dash))
        .map_or(title, |(start, _)| start);
    if title.chars().count() > 6 && !title.chars().any(char::is_lowercase) {
        let mut text = title.to_lowercase();
        if let Some(first) = text.chars().next() {
            text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        return text;
    }
    title.to_owned()
}

/// Sheets named after months come in the order of the year.
fn sort_months(lists: &mut [Placed<'_>]) {
    const MONTHS: [[&str; 2]; 12] = [
        ["january", "januar"],
        ["february", "februar"],
        ["march", "märz"],
        ["april", "april"],
        ["may", "mai"],
        ["june", "juni"],
        ["july", "juli"],
        ["august", "august"],
        ["september", "september"],
        ["october", "oktober"],
        ["november", "november"],
        ["december", "dezember"],
    ];
    let month = |placed: &Placed<'_>| {
        let name = placed.sheet.name.trim().to_lowercase();
        MONTHS.iter().position(|names| {
            names.contains(&name.as_str())
                || (name.len() == 3 && names.iter().any(|known| known.starts_with(&name)))
        })
    };
    if lists.len() > 1 && lists.iter().all(|placed| month(placed).is_some()) {
        lists.sort_by_key(month);
    }
}
