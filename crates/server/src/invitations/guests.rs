//! Lists of people as they are pasted or come out of a spreadsheet: read line by line, each checked before anything is sent.
//!
//! Taken are commas, semicolons and tabs between the cells, a byte order mark, UTF-8 and Windows-1252, and headings in English and
//! German; without headings the cells are address, name, role, groups, or for an app address, rights, language. Groups of one cell have `|`, or what the cells do not have of
//! `,` and `;`, between them.
//!
//! **Architecture Invariant:** every line is either somebody to be invited or a problem with the line's number.

use std::collections::{BTreeSet, HashMap};

use gridkeep_identity::email::is_twin;
use gridkeep_model::{GroupId, rights::Level};
use gridkeep_store::TenantRole;

use super::invite::LONGEST_NAME;
use crate::{distribution::MOST_PEOPLE, invited::Guest, language::Language, session::Email};

/// Most lines of a list into the tenant.
pub(super) const MOST: usize = 10_000;

/// What is known of the place that people are invited to: lines are checked against it.
pub(super) struct Known {
    /// Those who are there: proven addresses of the tenant's members, or whom the app names.
    pub(super) there: Vec<String>,
    /// Addresses that are invited already.
    pub(super) invited: Vec<String>,
    /// Which place.
    pub(super) place: Place,
}

/// What people are invited to, and what a line says of it.
pub(super) enum Place {
    /// The tenant: what they become, and their groups.
    Tenant {
        groups: Vec<(GroupId, String)>,
        /// The most that may be made of somebody.
        most: TenantRole,
        /// What whoever has no role in the list becomes.
        role: TenantRole,
    },
    /// An app of it, and nothing else: how much they may do there.
    App {
        /// How many more it may name.
        room: usize,
    },
}

impl Place {
    /// Most lines of a list to it.
    const fn most_lines(&self) -> usize {
        match self {
            Self::Tenant { .. } => MOST,
            Self::App { .. } => MOST_PEOPLE,
        }
    }
}

/// Somebody who is to be invited.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: u64,
    /// Who, and as what.
    pub(super) guest: Guest,
    /// How much they may do in the app; `None` as much as all whom it names.
    pub(super) level: Option<Level>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    /// No address.
    Address,
    /// An address that people cannot tell from another one: of a member, of somebody invited, or of a line before.
    Twin,
    /// The address stands in a line before.
    Duplicate,
    /// No role that there is.
    Role,
    /// More than whoever invites may name.
    RoleTooHigh,
    /// No group of the tenant.
    Group,
    /// Nothing that could be given in an app.
    Level,
    /// No language that is written.
    Language,
    /// They belong to the tenant.
    Member,
    /// The app names them.
    Named,
    /// The app may name no more.
    Full,
    /// They are invited.
    Invited,
    /// The name is too long, or more than a line.
    Name,
    /// More lines than a list may have.
    TooMany,
    /// The quotation marks do not match, or the like.
    Unreadable,
}

impl Wrong {
    /// As programs read it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Twin => "twin",
            Self::Duplicate => "duplicate",
            Self::Role => "role",
            Self::RoleTooHigh => "roleTooHigh",
            Self::Group => "group",
            Self::Level => "level",
            Self::Language => "language",
            Self::Member => "member",
            Self::Named => "named",
            Self::Full => "full",
            Self::Invited => "invited",
            Self::Name => "name",
            Self::TooMany => "tooMany",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A line that invites nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Its number in the file, from 1.
    pub(super) line: u64,
    /// What is wrong.
    pub(super) wrong: Wrong,
    /// The cell it is about.
    pub(super) text: String,
    /// What it is at odds with: another address, the line before.
    pub(super) other: Option<String>,
}

/// A list that was read.
#[derive(Debug, Default)]
pub(super) struct Guests {
    /// Who is to be invited.
    pub(super) good: Vec<Line>,
    /// Lines that invite nobody.
    pub(super) problems: Vec<Problem>,
}

/// Where in a line what stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Columns {
    address: Option<usize>,
    name: Option<usize>,
    /// The second half of a name that is in two cells.
    last: Option<usize>,
    role: Option<usize>,
    groups: Option<usize>,
    level: Option<usize>,
    language: Option<usize>,
}

impl Columns {
    /// Those of a list that names none.
    fn plain(place: &Place) -> Self {
        let address = Some(0);
        match place {
            Place::Tenant { .. } => {
                Self { address, name: Some(1), role: Some(2), groups: Some(3), ..Self::default() }
            }
            Place::App { .. } => Self { address, level: Some(1), language: Some(2), ..Self::default() },
        }
    }
}

/// Reads and checks a list.
pub(super) fn read(bytes: &[u8], known: &Known) -> Guests {
    let text = decoded(bytes);
    let separator = separator(&text);
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut found = Guests::default();
    let mut seen = Seen::new(known);
    let mut columns = None;
    for record in lines.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                found.problems.push(problem(line, Wrong::Unreadable, "", None));
                break;
            }
        };
        // The reader counts from where it left off: blank lines before are not this one's.
        let line = line_of(&text, record.position());
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let columns = if let Some(columns) = columns {
            columns
        } else {
            let named = headings(&record);
            let plain = Columns::plain(&known.place);
            columns = Some(named.unwrap_or(plain));
            if named.is_some() {
                continue;
            }
            plain
        };
        let most = known.place.most_lines();
        if found.good.len() + found.problems.len() >= most {
            found.problems.push(problem(line, Wrong::TooMany, "", Some(most.to_string())));
            break;
        }
        match person(&record, columns, separator, known, &mut seen, line) {
            Ok(Line { guest, .. }) if matches!(known.place, Place::App { room } if found.good.len() >= room) =>
            {
                let most = Some(MOST_PEOPLE.to_string());
                found.problems.push(problem(line, Wrong::Full, guest.address.as_str(), most));
            }
            Ok(line) => found.good.push(line),
            Err(wrong) => found.problems.push(wrong),
        }
    }
    found
}

fn problem(line: u64, wrong: Wrong, text: &str, other: Option<String>) -> Problem {
    let text = text.chars().filter(|c| !c.is_control()).take(120).collect();
    Problem { line, wrong, text, other }
}

/// The line that a record begins in; the reader says where the record before ended when blank lines lie between.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let rest = text.get(position.byte() as usize..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    position.line() + rest[..blank].matches('\n').count() as u64
}

/// UTF-8, else what spreadsheets write on Windows.
fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// What stands between the cells, outside of quotation marks: of the first line that has more than one.
fn separator(text: &str) -> u8 {
    let between = |line: &str| {
        let mut counts = [(b';', 0), (b'\t', 0), (b',', 0)];
        let mut quoted = false;
        for byte in line.bytes() {
            quoted ^= byte == b'"';
            if let Some((_, count)) = counts.iter_mut().find(|(own, _)| !quoted && *own == byte) {
                *count += 1;
            }
        }
        // The first of those that are there most often.
        counts.into_iter().rev().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0)
    };
    text.lines().find_map(between).map_or(b',', |(own, _)| own)
}

fn folded(cell: &str) -> String {
    cell.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What the cells of a first line that names them say.
fn headings(record: &csv::StringRecord) -> Option<Columns> {
    let mut columns = Columns::default();
    for (at, cell) in record.iter().enumerate() {
        let place = match folded(cell).as_str() {
            "email" | "emailaddress" | "mail" | "address" | "adresse" | "emailadresse" | "mailadresse" => {
                &mut columns.address
            }
            "name" | "fullname" | "displayname" | "vollername" | "anzeigename" | "firstname"
            | "givenname" | "vorname" => &mut columns.name,
            "lastname" | "surname" | "familyname" | "nachname" | "familienname" => &mut columns.last,
            "role" | "rolle" => &mut columns.role,
            "group" | "groups" | "gruppe" | "gruppen" => &mut columns.groups,
            "rights" | "access" | "may" | "grant" | "level" | "rechte" | "zugriff" | "darf" => {
                &mut columns.level
            }
            "language" | "sprache" => &mut columns.language,
            _ => continue,
        };
        place.get_or_insert(at);
    }
    columns.address.map(|_| columns)
}

/// The role that a word says, in English or German.
fn role(word: &str) -> Option<TenantRole> {
    Some(match folded(word).as_str() {
        "guest" | "gast" => TenantRole::Guest,
        "member" | "mitglied" => TenantRole::Member,
        "maker" | "ersteller" | "erstellerin" => TenantRole::Maker,
        "administrator" | "administratorin" | "admin" => TenantRole::Administrator,
        "owner" | "inhaber" | "inhaberin" => TenantRole::Owner,
        _ => return None,
    })
}

/// How much somebody may do in an app, as a word says it in English or German.
fn level(word: &str) -> Option<Level> {
    Some(match folded(word).as_str() {
        "view" | "read" | "ansehen" | "lesen" => Level::View,
        "submit" | "add" | "einreichen" | "hinzufügen" => Level::Submit,
        "edit" | "change" | "bearbeiten" | "ändern" => Level::Edit,
        "administer" | "verwalten" => Level::Administer,
        _ => return None,
    })
}

/// The language that a word or a tag (BCP 47) says, of those that are written.
fn language(word: &str) -> Option<Language> {
    match word.split(['-', '_']).next().map(folded).unwrap_or_default().as_str() {
        "en" | "english" | "englisch" => Some(Language::English),
        "de" | "german" | "deutsch" => Some(Language::German),
        _ => None,
    }
}

/// Addresses that are taken, and what each looks like.
struct Seen<'a> {
    known: HashMap<&'a str, Wrong>,
    /// Of each likeness one address at least that is beyond ASCII, or all.
    likenesses: HashMap<String, Vec<String>>,
    lines: HashMap<String, u64>,
}

impl<'a> Seen<'a> {
    fn new(known: &'a Known) -> Self {
        let mut all = HashMap::new();
        let mut likenesses: HashMap<String, Vec<String>> = HashMap::new();
        let there = match known.place {
            Place::Tenant { .. } => Wrong::Member,
            Place::App { .. } => Wrong::Named,
        };
        for (addresses, wrong) in [(&known.invited, Wrong::Invited), (&known.there, there)] {
            for address in addresses {
                all.insert(address.as_str(), wrong);
                let likeness = Email::kept(address.clone()).skeleton();
                likenesses.entry(likeness).or_default().push(address.clone());
            }
        }
        Self { known: all, likenesses, lines: HashMap::new() }
    }

    fn check(&mut self, address: &Email, line: u64) -> Result<(), (Wrong, Option<String>)> {
        if let Some(wrong) = self.known.get(address.as_str()) {
            return Err((*wrong, None));
        }
        if let Some(before) = self.lines.get(address.as_str()) {
            return Err((Wrong::Duplicate, Some(before.to_string())));
        }
        let alike = self.likenesses.entry(address.skeleton()).or_default();
        if let Some(other) = alike.iter().find(|other| is_twin(address.as_str(), other)) {
            return Err((Wrong::Twin, Some(other.clone())));
        }
        alike.push(address.to_string());
        self.lines.insert(address.to_string(), line);
        Ok(())
    }
}

fn person(
    record: &csv::StringRecord,
    columns: Columns,
    separator: u8,
    known: &Known,
    seen: &mut Seen<'_>,
    line: u64,
) -> Result<Line, Problem> {
    let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default().trim();
    let wrong = |wrong, text: &str, other| Err(problem(line, wrong, text, other));
    let typed = cell(columns.address);
    let Ok(address) = Email::new(typed) else { return wrong(Wrong::Address, typed, None) };
    let name = [cell(columns.name), cell(columns.last)].join(" ").trim().to_owned();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return wrong(Wrong::Name, &name, None);
    }
    let (mut role, mut groups, mut may) = (TenantRole::Guest, BTreeSet::new(), None);
    match &known.place {
        Place::Tenant { groups: there, most, role: usual } => {
            let named = cell(columns.role);
            role = match named {
                "" => *usual,
                word => match self::role(word) {
                    Some(role) => role,
                    None => return wrong(Wrong::Role, word, None),
                },
            };
            if role > *most {
                return wrong(Wrong::RoleTooHigh, named, None);
            }
            let between = |c: char| c == '|' || (matches!(c, ',' | ';') && c as u32 != u32::from(separator));
            for word in cell(columns.groups).split(between).map(str::trim).filter(|word| !word.is_empty()) {
                let sought = word.to_lowercase();
                match there.iter().find(|(_, name)| name.to_lowercase() == sought) {
                    Some((id, _)) => drop(groups.insert(*id)),
                    None => return wrong(Wrong::Group, word, None),
                }
            }
        }
        // What people call a role is what they may do here.
        Place::App { .. } => match cell(columns.level.or(columns.role)) {
            "" => {}
            word => match level(word) {
                Some(level) => may = Some(level),
                None => return wrong(Wrong::Level, word, None),
            },
        },
    }
    let language = match cell(columns.language) {
        "" => None,
        word => match language(word) {
            Some(language) => Some(language),
            None => return wrong(Wrong::Language, word, None),
        },
    };
    if let Err((reason, other)) = seen.check(&address, line) {
        return wrong(reason, typed, other);
    }
    let groups = groups.into_iter().collect();
    Ok(Line { number: line, guest: Guest { address, name, role, groups, language }, level: may })
}

#[cfg(test)]
mod tests;
