//! Titles and headings: words that stand alone in their row, with nothing right above them.

use gridkeep_model::CellRef;

use super::{
    book::{Spot, Surface},
    report::Section,
};

/// Titles stand in the first rows.
const TITLE_ROWS: u32 = 4;
/// Longer texts are prose.
const MAX_HEADING: usize = 70;
/// A sheet with more headings than this has texts, not headings.
const MAX_HEADINGS: usize = 60;

/// The headings of a sheet, top to bottom.
pub(crate) fn headings(surface: &Surface<'_>) -> Vec<Section> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut above = 0;
    while start < surface.spots.len() && found.len() < MAX_HEADINGS {
        let row = surface.spots[start].at.row;
        let length = surface.spots[start..].partition_point(|spot| spot.at.row == row);
        if length == 1
            && (above == 0 || above + 1 < row)
            && let Some(title) = heading(&surface.spots[start])
        {
            found.push(Section {
                title,
                cell: CellRef::new(surface.sheet.name.clone(), surface.spots[start].at),
            });
        }
        above = row;
        start += length;
    }
    found
}

fn heading(spot: &Spot) -> Option<String> {
    let text = spot.words()?;
    let line =
        text.lines().find(|line| !line.trim().is_empty())?.split_whitespace().collect::<Vec<_>>().join(" ");
    let wordy = line.chars().any(char::is_alphabetic) && line.chars().count() <= MAX_HEADING;
    (wordy && !line.ends_with(':')).then_some(line)
}

/// The title of the sheet: its first words, when they stand alone at the top or above a whole row of headers.
pub(crate) fn title(surface: &Surface<'_>, sections: &[Section], header_rows: &[u32]) -> Option<String> {
    let first = surface.spots.first()?;
    if let Some(section) =
        sections.first().filter(|section| section.cell.at == first.at && first.at.row <= TITLE_ROWS)
    {
        return Some(section.title.clone());
    }
    let above_headers = header_rows.iter().any(|&row| row > first.at.row && row <= first.at.row + 3);
    let few = surface.row(first.at.row).len() <= 3;
    (above_headers && few && first.at.row <= TITLE_ROWS).then(|| heading(first)).flatten()
}

/// The heading that a cell stands under; a table between the two ends the section.
pub(crate) fn section_of(
    sections: &[Section],
    title: Option<&str>,
    header_rows: &[u32],
    row: u32,
) -> Option<String> {
    let above = sections.iter().take_while(|section| section.cell.at.row < row).last()?;
    let parted = header_rows.iter().any(|&header| (above.cell.at.row..row).contains(&header));
    (Some(above.title.as_str()) != title && !parted).then(|| above.title.clone())
}
