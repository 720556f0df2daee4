//! The package: a zip archive whose parts are found by name and related to each other by relationship files
//! (ECMA-376 part 2).
//!
//! **Architecture Invariant:** nothing is inflated before the archive as a whole was judged, nothing is inflated beyond
//! [`Limits`], and a relationship to the outside is text: no code here can open it.

use std::{
    cell::Cell,
    collections::HashMap,
    io::{Cursor, Read},
};

use zip::{ZipArchive, result::ZipError};

use super::{source::Source, xml::Xml};
use crate::reason::Reason;
use crate::{
    Limits,
    error::{Fault, presentable},
};

/// What messages call the container itself.
const PACKAGE: &str = "package";

/// An opened package.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Index by lower-case name: part names are compared without regard to case (part 2, section 6.2.2.3).
    parts: HashMap<String, usize>,
    limits: &'a Limits,
    /// Bytes inflated so far, over all parts.
    inflated: Cell<u64>,
}

/// A relationship of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relationship {
    pub(crate) id: String,
    /// The last word of its type: `worksheet`, `hyperlink`; the same in transitional and strict files.
    pub(crate) kind: String,
    /// A part's name when internal, any text when external.
    pub(crate) target: String,
    /// The target is outside the package, and stays there.
    pub(crate) external: bool,
}

/// The relationships of one part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relationships(Vec<Relationship>);

impl<'a> Package<'a> {
    /// Judges the archive and opens its directory.
    pub(crate) fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, Fault> {
        count_headers(bytes, limits)?;
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| match error {
            ZipError::InvalidArchive(_) | ZipError::Io(_) => Fault::damaged(PACKAGE, Reason::NoDirectory),
            error => Fault::unreadable(PACKAGE, &error),
        })?;
        if archive.has_duplicate_names() {
            return Err(Fault::refused(PACKAGE, Reason::SameNames));
        }
        if archive.has_overlapping_entries().map_err(|error| Fault::unreadable(PACKAGE, &error))? {
            return Err(Fault::refused(PACKAGE, Reason::Overlap));
        }
        let parts = index(&archive, limits)?;
        let package = Self { archive, parts, limits, inflated: Cell::new(0) };
        package.check_declared_sizes()?;
        Ok(package)
    }

    /// Whether there is a part of that name.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.parts.contains_key(&part.to_lowercase())
    }

    /// The names of all parts, in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Opens an XML part.
    pub(crate) fn xml(&mut self, part: &str) -> Result<Xml<'_>, Fault> {
        let limits = self.limits;
        let source = self.source(part)?;
        Xml::new(source, part, limits)
    }

    /// Opens an XML part, if it is there.
    pub(crate) fn xml_if_present(&mut self, part: &str) -> Result<Option<Xml<'_>>, Fault> {
        if self.has(part) { self.xml(part).map(Some) } else { Ok(None) }
    }

    /// The whole of a part, for rewriting it.
    pub(crate) fn bytes(&mut self, part: &str) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let result = self.source(part)?.read_to_end(&mut bytes);
        result.map_err(|error| Fault::from_io(part, &error))?;
        Ok(bytes)
    }

    /// Calls `visit` for every entry as it is packed, folders left out, in the order of the archive.
    pub(crate) fn each_raw(
        mut self,
        mut visit: impl FnMut(&str, zip::read::ZipFile<'_, Cursor<&'a [u8]>>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for index in 0..self.archive.len() {
            let file = self.archive.by_index_raw(index).map_err(|error| zip_fault(PACKAGE, error))?;
            let name = file.name().map(|name| resolve("", &name).unwrap_or_default()).unwrap_or_default();
            visit(&name, file)?;
        }
        Ok(())
    }

    fn source(&mut self, part: &str) -> Result<Source<'_>, Fault> {
        let index = *self
            .parts
            .get(&part.to_lowercase())
            .ok_or_else(|| Fault::damaged(PACKAGE, Reason::PartMissing { part: presentable(part) }))?;
        let file = self.archive.by_index(index).map_err(|error| zip_fault(part, error))?;
        let compressed = file.compressed_size();
        Ok(Source::new(Box::new(file), part, compressed, self.limits, &self.inflated))
    }

    /// The relationships of a part; of the package itself for an empty name.
    pub(crate) fn relationships(&mut self, part: &str) -> Result<Relationships, Fault> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let limit = self.limits.objects;
        let Some(mut xml) = self.xml_if_present(&name)? else { return Ok(Relationships::default()) };
        let mut list = Vec::new();
        xml.each_start(|start, _| {
            if start.local_name().as_ref() != "Relationship" {
                return Ok(());
            }
            let (mut id, mut kind, mut target, mut external) = Default::default();
            for attribute in start.attributes().with_checks(false) {
                let attribute = attribute.map_err(|error| Fault::unreadable(&name, &error))?;
                let value = || super::xml::attribute_value(&attribute, &name);
                match attribute.key.as_ref() {
                    "Id" => id = value()?.into_owned(),
                    "Type" => value()?.rsplit('/').next().unwrap_or_default().clone_into(&mut kind),
                    "Target" => target = value()?.into_owned(),
                    "TargetMode" => external = value()?.eq_ignore_ascii_case("external"),
                    _ => {}
                }
            }
            if !external {
                target = resolve(folder, &target).ok_or_else(|| {
                    let reason = Reason::RelationshipLeadsOut { target: presentable(&target) };
                    Fault::refused(&name, reason)
                })?;
            }
            if list.len() >= limit {
                return Err(Fault::too_large(&name, Reason::TooManyRelationships { most: limit }));
            }
            list.push(Relationship { id, kind, target, external });
            Ok(())
        })?;
        Ok(Relationships(list))
    }

    /// Refuses an archive that says itself that it is too large.
    fn check_declared_sizes(&self) -> Result<(), Fault> {
        let limits = self.limits;
        let mut total = 0_u64;
        for &index in self.parts.values() {
            let Ok(file) = self.archive.by_index_data(index) else { continue };
            let name = file.name().unwrap_or_default();
            let size = file.size();
            if size > limits.part_bytes {
                return Err(part_too_large(&name, limits));
            }
            if size > Limits::RATIO_FLOOR && size / limits.ratio > file.compressed_size() {
                return Err(too_dense(&name, limits));
            }
            total = total.saturating_add(size);
        }
        // Media and other parts are never inflated, so the whole may be larger than what may be read of it.
        if total > limits.inflated_bytes.saturating_mul(4) {
            return Err(Fault::too_large(PACKAGE, Reason::PackageTooLarge { megabytes: total >> 20 }));
        }
        Ok(())
    }
}

impl Relationships {
    /// The relationship of that id.
    pub(crate) fn get(&self, id: &str) -> Option<&Relationship> {
        self.0.iter().find(|relationship| relationship.id == id)
    }

    /// All relationships of a kind.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Relationship> {
        self.0.iter().filter(move |relationship| relationship.kind == kind)
    }

    /// The part that the first internal relationship of a kind leads to.
    pub(crate) fn part(&self, kind: &str) -> Option<&str> {
        self.0.iter().find(|found| found.kind == kind && !found.external).map(|found| found.target.as_str())
    }
}

/// A part that inflates, or says it does, to more than is allowed.
pub(crate) fn part_too_large(part: &str, limits: &Limits) -> Fault {
    Fault::too_large(part, Reason::PartTooLarge { megabytes: limits.part_bytes >> 20 })
}

/// A part that is larger, against its compressed form, than any honest one.
pub(crate) fn too_dense(part: &str, limits: &Limits) -> Fault {
    Fault::refused(part, Reason::TooDense { times: limits.ratio })
}

/// Counts the central directory's headers by their signature, before anything is allocated for them: the count at the
/// archive's end is only what the archive says about itself.
fn count_headers(bytes: &[u8], limits: &Limits) -> Result<(), Fault> {
    let mut rest = bytes;
    let mut count = 0;
    while let Some(found) = rest.iter().position(|&b| b == b'P') {
        rest = &rest[found + 1..];
        if rest.starts_with(b"K\x01\x02") {
            count += 1;
            if count > limits.parts {
                return Err(Fault::too_large(PACKAGE, Reason::TooManyParts { most: limits.parts }));
            }
        }
    }
    Ok(())
}

fn index(archive: &ZipArchive<Cursor<&[u8]>>, limits: &Limits) -> Result<HashMap<String, usize>, Fault> {
    let mut parts = HashMap::with_capacity(archive.len());
    for index in 0..archive.len() {
        let Some(Ok(name)) = archive.name_for_index(index) else {
            return Err(Fault::damaged(PACKAGE, Reason::PartNameUnreadable));
        };
        if name.len() > limits.name_characters * 4 {
            return Err(Fault::refused(PACKAGE, Reason::PartNameTooLong { bytes: name.len() }));
        }
        if name.ends_with(['/', '\\']) {
            continue;
        }
        let Some(plain) = resolve("", &name).filter(|_| !name.contains(['\0', ':'])) else {
            let reason = Reason::PartLeadsOut { name: presentable(&name) };
            return Err(Fault::refused(PACKAGE, reason));
        };
        if name.split(['/', '\\']).any(|segment| segment == "..") {
            let reason = Reason::PartLeadsOutOfFolder { name: presentable(&name) };
            return Err(Fault::refused(PACKAGE, reason));
        }
        if parts.insert(plain.to_lowercase(), index).is_some() {
            let reason = Reason::PartNamedTwice { name: presentable(&plain) };
            return Err(Fault::refused(PACKAGE, reason));
        }
    }
    Ok(parts)
}

/// A target as a part's name: `../media/image1.png` seen from `xl/drawings` is `xl/media/image1.png`. `None` when it
/// climbs out of the package.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let from_root = target.starts_with(['/', '\\']);
    let mut segments: Vec<&str> =
        if from_root { Vec::new() } else { folder.split('/').filter(|s| !s.is_empty()).collect() };
    for segment in target.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            segment => segments.push(segment),
        }
    }
    Some(segments.join("/"))
}

fn zip_fault(part: &str, error: ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(reason) if reason == ZipError::PASSWORD_REQUIRED => Fault::protected(),
        ZipError::UnsupportedArchive(reason) => {
            Fault::damaged(part, Reason::UnknownPacking { detail: presentable(reason) })
        }
        error => Fault::unreadable(part, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_within_the_package() {
        let check = |folder: &str, target: &str, expect: Option<&str>| {
            assert_eq!(resolve(folder, target).as_deref(), expect, "{folder} {target}");
        };
        check("xl/drawings", "../media/image1.png", Some("xl/media/image1.png"));
        check("xl", "/xl/worksheets/sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("xl", "worksheets\\sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("xl", "./a//b.xml", Some("xl/a/b.xml"));
        check("xl", "../../etc/passwd", None);
    }
}
