//! The table of shared texts after cells were blanked or replaced: it still holds what they said.

use std::collections::HashSet;

use super::{
    markup::{self, PieceKind, each_piece},
    package::Edited,
};
use crate::error::Fault;

/// Empties the shared texts that no cell shows any more; the others keep their numbers.
pub(crate) fn forget_unused(edited: &mut Edited<'_>) -> Result<(), Fault> {
    let workbook = edited.workbook();
    let parts = edited.related(&workbook, &["sharedStrings"])?;
    if parts.is_empty() {
        return Ok(());
    }
    let mut used = HashSet::new();
    let sheets: Vec<String> = edited.sheets.iter().filter_map(|sheet| sheet.part.clone()).collect();
    for sheet in sheets {
        // Looked at, not changed.
        edited.change(&sheet, |xml| {
            shown(&sheet, xml, &mut used)?;
            Ok(xml.to_owned())
        })?;
    }
    for part in parts {
        edited.change(&part, |xml| without_unused(&part, xml, &used))?;
    }
    Ok(())
}

/// Adds the numbers of the texts that a sheet's cells show.
fn shown(part: &str, xml: &str, used: &mut HashSet<usize>) -> Result<(), Fault> {
    let (mut is_shared, mut value) = (false, None::<String>);
    each_piece(part, xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        match (piece.kind, piece.name.as_ref()) {
            (PieceKind::Start, "c") => is_shared = markup::get(raw, "t").as_deref() == Some("s"),
            (PieceKind::Start, "v") if is_shared => value = Some(String::new()),
            (PieceKind::Other, _) => {
                if let Some(value) = &mut value {
                    value.push_str(raw);
                }
            }
            (PieceKind::End, "v") => {
                used.extend(value.take().and_then(|text| text.trim().parse::<usize>().ok()));
            }
            _ => {}
        }
        Ok(())
    })
}

fn without_unused(part: &str, xml: &str, used: &HashSet<usize>) -> Result<String, Fault> {
    let mut out = String::with_capacity(xml.len());
    let (mut number, mut skipping) = (0, false);
    each_piece(part, xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        match (piece.kind, piece.name.as_ref()) {
            (PieceKind::Start, "si") => {
                skipping = !used.contains(&number);
                number += 1;
                out.push_str(raw);
                if skipping {
                    let prefix = markup::prefix(raw);
                    out.push('<');
                    out.push_str(prefix);
                    out.push_str("t/>");
                }
            }
            (PieceKind::Empty, "si") => {
                number += 1;
                out.push_str(raw);
            }
            (PieceKind::End, "si") => {
                skipping = false;
                out.push_str(raw);
            }
            _ if skipping => {}
            _ => out.push_str(raw),
        }
        Ok(())
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_cells_show_are_kept() {
        let sheet = r#"<worksheet><sheetData><row><c r="A1" t="s"><v>1</v></c><c r="B1"><v>0</v></c><x:c t="s"><x:v> 3 </x:v></x:c></row></sheetData></worksheet>"#;
        let mut used = HashSet::new();
        shown("sheet", sheet, &mut used).expect("a sheet");
        assert_eq!(used, [1, 3].into());
        let texts = r#"<x:sst count="5"><x:si><x:t>a</x:t></x:si><x:si><x:r><x:t>b</x:t></x:r></x:si><x:si/><x:si><x:t>d &amp; e</x:t></x:si><x:si><x:t>f</x:t></x:si></x:sst>"#;
        let kept = r#"<x:sst count="5"><x:si><x:t/></x:si><x:si><x:r><x:t>b</x:t></x:r></x:si><x:si/><x:si><x:t>d &amp; e</x:t></x:si><x:si><x:t/></x:si></x:sst>"#;
        assert_eq!(without_unused("texts", texts, &used).expect("texts"), kept);
    }
}
