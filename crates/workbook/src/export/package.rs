//! The package around the sheets: which parts there are, which were changed, and how the new file is put together.
//!
//! **Architecture Invariant:** a part that was not changed is copied as it is packed, byte for byte.

use std::{collections::BTreeMap, io::Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::markup::{self, PieceKind, each_piece};
use crate::reason::Reason;
use crate::{
    Limits,
    error::Fault,
    read::{
        budget::Budget,
        package::Package,
        sheet::SheetPlace,
        xlsx::{self, Outline},
    },
};

/// A package with changes on top.
pub(crate) struct Edited<'a> {
    package: Package<'a>,
    workbook: String,
    pub(crate) sheets: Vec<SheetPlace>,
    /// Changed parts; `None` for those taken out. By name in lower case.
    changed: BTreeMap<String, Option<String>>,
}

impl<'a> Edited<'a> {
    /// Opens the original.
    pub(crate) fn open(original: &'a [u8], limits: &'a Limits) -> Result<Self, Fault> {
        let mut package = Package::open(original, limits)?;
        let workbook = xlsx::workbook_part(&mut package)?;
        let relationships = package.relationships(&workbook)?;
        let mut budget = Budget::new(limits);
        let Outline { sheets, .. } = xlsx::outline(&mut package, &workbook, &relationships, &mut budget)?;
        Ok(Self { package, workbook, sheets, changed: BTreeMap::new() })
    }

    /// The text of a part as it is now.
    pub(crate) fn text(&mut self, part: &str) -> Result<String, Fault> {
        if let Some(Some(text)) = self.changed.get(&part.to_lowercase()) {
            return Ok(text.clone());
        }
        let bytes = self.package.bytes(part)?;
        let encoding = match bytes.as_slice() {
            [0xFF, 0xFE, ..] | [b'<', 0, ..] => encoding_rs::UTF_16LE,
            [0xFE, 0xFF, ..] | [0, b'<', ..] => encoding_rs::UTF_16BE,
            _ => encoding_rs::UTF_8,
        };
        let (text, _, malformed) = encoding.decode(&bytes);
        if malformed {
            return Err(Fault::damaged(part, Reason::NotInEncoding { encoding: encoding.name() }));
        }
        if encoding == encoding_rs::UTF_8 {
            return Ok(text.into_owned());
        }
        // It is written back in UTF-8, so the declaration must not say otherwise.
        let body = text
            .strip_prefix("<?xml")
            .and_then(|rest| rest.split_once("?>"))
            .map_or(&*text, |(_, body)| body);
        Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}"))
    }

    /// Puts a part in place of what it was.
    pub(crate) fn set(&mut self, part: &str, now: String) {
        self.changed.insert(part.to_lowercase(), Some(now));
    }

    /// Changes a part, unless it stays the same; a part that is not there is left alone.
    pub(crate) fn change(
        &mut self,
        part: &str,
        change: impl FnOnce(&str) -> Result<String, Fault>,
    ) -> Result<(), Fault> {
        if !self.package.has(part) {
            return Ok(());
        }
        let before = self.text(part)?;
        let now = change(&before)?;
        if now != before {
            self.set(part, now);
        }
        Ok(())
    }

    /// The parts of these kinds that a part is related to.
    pub(crate) fn related(&mut self, part: &str, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        let relationships = self.package.relationships(part)?;
        let found = kinds.iter().flat_map(|kind| relationships.of_kind(kind)).filter(|found| !found.external);
        Ok(found.map(|found| found.target.clone()).collect())
    }

    /// The names of the parts that begin so, in lower case.
    pub(crate) fn parts(&self, start: &str) -> Vec<String> {
        let mut parts: Vec<String> =
            self.package.names().filter(|name| name.starts_with(start)).map(str::to_owned).collect();
        parts.sort();
        parts
    }

    /// The workbook part's name.
    pub(crate) fn workbook(&self) -> String {
        self.workbook.clone()
    }

    /// Sees to it that the next program calculates everything anew: the chain of calculation is taken out, since it
    /// may name cells that hold no formula any more.
    pub(crate) fn ask_for_calculation(&mut self) -> Result<(), Fault> {
        let workbook = self.workbook();
        self.change(&workbook, |xml| calculate_on_load(&workbook, xml))?;
        let relationships = self.package.relationships(&workbook)?;
        let Some(chain) = relationships.part("calcChain").map(str::to_owned) else { return Ok(()) };
        self.changed.insert(chain.to_lowercase(), None);
        let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
        let own = format!("{folder}/_rels/{file}.rels");
        self.change(own.trim_start_matches('/'), |xml| {
            without(&own, xml, |tag| {
                markup::get(tag, "Type").is_some_and(|kind| kind.ends_with("/calcChain"))
            })
        })?;
        let types = "[Content_Types].xml";
        self.change(types, |xml| {
            without(types, xml, |tag| {
                markup::get(tag, "PartName")
                    .is_some_and(|name| name.trim_start_matches('/').eq_ignore_ascii_case(&chain))
            })
        })
    }

    /// The new file.
    pub(crate) fn write(self) -> Result<Vec<u8>, Fault> {
        let Self { package, changed, .. } = self;
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        package.each_raw(|name, file| match changed.get(&name.to_lowercase()) {
            None => writer.raw_copy_file(file).map_err(|error| Fault::unreadable(name, &error)),
            Some(None) => Ok(()),
            Some(Some(text)) => {
                let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
                writer
                    .start_file(file.name().unwrap_or_default(), options)
                    .map_err(|error| Fault::unreadable(name, &error))?;
                writer.write_all(text.as_bytes()).map_err(|error| Fault::unreadable(name, &error))
            }
        })?;
        let written = writer.finish().map_err(|error| Fault::unreadable("package", &error))?;
        Ok(written.into_inner())
    }
}

/// The workbook part with `fullCalcOnLoad` (ECMA-376 part 1, section 18.2.2).
fn calculate_on_load(part: &str, xml: &str) -> Result<String, Fault> {
    let mut known = None;
    // Where `calcPr` belongs: behind the last of these.
    let mut behind = None;
    each_piece(part, xml, |piece| {
        match (piece.kind, piece.name.as_ref()) {
            (PieceKind::Start | PieceKind::Empty, "calcPr") => known = Some((piece.start, piece.end)),
            (
                PieceKind::End | PieceKind::Empty,
                "sheets" | "functionGroups" | "externalReferences" | "definedNames",
            ) => {
                behind = Some((piece.start, piece.end));
            }
            _ => {}
        }
        Ok(())
    })?;
    if let Some((start, end)) = known {
        return Ok(format!(
            "{}{}{}",
            &xml[..start],
            markup::with(&xml[start..end], "fullCalcOnLoad", Some("1")),
            &xml[end..]
        ));
    }
    let (start, end) = behind.ok_or_else(|| Fault::damaged(part, Reason::NoSheets))?;
    let prefix = markup::prefix(&xml[start..end]);
    Ok(format!("{}<{prefix}calcPr fullCalcOnLoad=\"1\"/>{}", &xml[..end], &xml[end..]))
}

/// The part without the elements for which the test holds; they have no children.
fn without(part: &str, xml: &str, test: impl Fn(&str) -> bool) -> Result<String, Fault> {
    let mut out = String::with_capacity(xml.len());
    let mut skipping = false;
    each_piece(part, xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        match piece.kind {
            PieceKind::Empty if test(raw) => {}
            PieceKind::Start if test(raw) => skipping = true,
            PieceKind::End if skipping => skipping = false,
            _ if skipping => {}
            _ => out.push_str(raw),
        }
        Ok(())
    })?;
    Ok(out)
}
