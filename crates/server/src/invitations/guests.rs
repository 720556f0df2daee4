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
mod tests {
    use super::*;

    fn known() -> Known {
        let groups = [(1, "North"), (2, "Süd")]
            .map(|(id, name)| (GroupId::from_uuid(uuid::Uuid::from_u128(id)), name.to_owned()));
        Known {
            there: vec!["ann@example.com".to_owned()],
            invited: vec!["ben@example.com".to_owned(), "jörg@example.com".to_owned()],
            place: Place::Tenant {
                groups: groups.into(),
                most: TenantRole::Administrator,
                role: TenantRole::Member,
            },
        }
    }

    /// What a list says, one line a person or problem.
    fn told(bytes: &[u8]) -> Vec<String> {
        let Guests { good, problems } = read(bytes, &known());
        let good = good.into_iter().map(|Line { number: line, guest, .. }| {
            let groups: Vec<u128> = guest.groups.iter().map(|id| id.uuid().as_u128()).collect();
            (line, format!("{line} {} {:?} {} {groups:?}", guest.address, guest.name, guest.role.word()))
        });
        let problems = problems.into_iter().map(|own| {
            let other = own.other.map(|other| format!(" ({other})")).unwrap_or_default();
            (own.line, format!("{} {} {:?}{other}", own.line, own.wrong.word(), own.text))
        });
        let mut all: Vec<_> = good.chain(problems).collect();
        all.sort();
        all.into_iter().map(|(_, told)| told).collect()
    }

    #[test]
    fn lists_are_read_as_they_come() {
        let check = |text: &str, expect: &[&str]| assert_eq!(told(text.as_bytes()), expect, "{text}");
        check("cy@example.com", &["1 cy@example.com \"\" member []"]);
        check("", &[]);
        check(
            "cy@example.com\ndee@example.com\n",
            &["1 cy@example.com \"\" member []", "2 dee@example.com \"\" member []"],
        );
        check(
            "E-Mail;Name;Rolle;Gruppen\r\ncy@example.com;Cy Ö;Gast;North, süd\r\n",
            &["2 cy@example.com \"Cy Ö\" guest [1, 2]"],
        );
        check(
            "Email\tFirst name\tLast name\tGroups\ncy@example.com\tCy\tFox\tSüd\n",
            &["2 cy@example.com \"Cy Fox\" member [2]"],
        );
        check(
            "Nachname,Vorname,E-Mail-Adresse\nFox,Cy,cy@example.com\n",
            &["2 cy@example.com \"Cy Fox\" member []"],
        );
        // Blank lines and lines within quotation marks count.
        check(
            "\n\ncy@example.com,\"Cy\"\n\n\"dee@example.com\",Dee,admin\n",
            &["3 cy@example.com \"Cy\" member []", "5 dee@example.com \"Dee\" administrator []"],
        );
        check("\u{feff}email,name\ncy@example.com,Cy\n", &["2 cy@example.com \"Cy\" member []"]);
        assert_eq!(
            told(b"Adresse;Name\ncy@example.com;J\xf6rg \x96 Cy\n"),
            ["2 cy@example.com \"Jörg – Cy\" member []"]
        );
        let wide: Vec<u8> =
            "\u{feff}email;name\ncy@example.com;Cy\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&wide), ["2 cy@example.com \"Cy\" member []"]);
    }

    #[test]
    fn problems_name_their_line() {
        let list = "email;name;role;groups\n\
            cy;Cy\n\
            ann@example.com\n\
            BEN@example.com\n\
            cy@example.com;Cy\n\
            Cy@Example.com;Cy again\n\
            dee@example.com;Dee;boss\n\
            dee@example.com;Dee;Inhaber\n\
            dee@example.com;Dee;member;East\n\
            jоrg@example.com\n\
            ϳörg@example.com\n\
            fay@example.com;\"F\nay\"\n\
            gil@example.com;Gil;maker;North|Süd\n";
        assert_eq!(
            told(list.as_bytes()),
            [
                "2 address \"cy\"",
                "3 member \"ann@example.com\"",
                "4 invited \"BEN@example.com\"",
                "5 cy@example.com \"Cy\" member []",
                "6 duplicate \"Cy@Example.com\" (5)",
                "7 role \"boss\"",
                "8 roleTooHigh \"Inhaber\"",
                "9 group \"East\"",
                // A Cyrillic о among Latin letters.
                "10 address \"jоrg@example.com\"",
                "11 address \"ϳörg@example.com\"",
                "12 name \"Fay\"",
                "14 gil@example.com \"Gil\" maker [1, 2]",
            ]
        );
        // Wholly Cyrillic, and yet like a member's.
        let known = Known { there: vec!["сосо@example.com".to_owned()], ..known() };
        let found = read("coco@example.com\n".as_bytes(), &known);
        assert_eq!(
            found.problems,
            [problem(1, Wrong::Twin, "coco@example.com", Some("сосо@example.com".into()))]
        );
    }

    #[test]
    fn lists_into_an_app_say_what_is_given_there() {
        let known = |room| Known {
            there: vec!["ann@example.com".to_owned()],
            invited: vec!["ben@example.com".to_owned()],
            place: Place::App { room },
        };
        let check = |text: &str, room, expect: &[&str]| {
            let Guests { good, problems } = read(text.as_bytes(), &known(room));
            let good = good.into_iter().map(|Line { number, guest, level }| {
                assert_eq!((guest.role, guest.groups.len()), (TenantRole::Guest, 0));
                let language = guest.language.map(Language::tag);
                (number, format!("{number} {} {:?} {level:?} {language:?}", guest.address, guest.name))
            });
            let problems = problems.into_iter().map(|own| {
                (own.line, format!("{} {} {:?} {:?}", own.line, own.wrong.word(), own.text, own.other))
            });
            let mut all: Vec<_> = good.chain(problems).collect();
            all.sort();
            assert_eq!(all.into_iter().map(|(_, told)| told).collect::<Vec<_>>(), expect, "{text}");
        };
        check(
            "cy@example.com\ndee@example.com,view\neve@example.com,Bearbeiten,de-AT\nfay@example.com,,English\n",
            9,
            &[
                "1 cy@example.com \"\" None None",
                "2 dee@example.com \"\" Some(View) None",
                "3 eve@example.com \"\" Some(Edit) Some(\"de\")",
                "4 fay@example.com \"\" None Some(\"en\")",
            ],
        );
        check(
            "E-Mail;Name;Rolle;Sprache\ncy@example.com;Cy Ö;einreichen;\ndee@example.com;;verwalten;Deutsch\n",
            9,
            &[
                "2 cy@example.com \"Cy Ö\" Some(Submit) None",
                "3 dee@example.com \"\" Some(Administer) Some(\"de\")",
            ],
        );
        check(
            "cy\nann@example.com\nBEN@example.com,edit\ncy@example.com,owner\ncy@example.com,edit,fr\ncy@example.com\ncy@example.com,view\ndee@example.com\neve@example.com\n",
            2,
            &[
                "1 address \"cy\" None",
                "2 named \"ann@example.com\" None",
                "3 invited \"BEN@example.com\" None",
                "4 level \"owner\" None",
                "5 language \"fr\" None",
                "6 cy@example.com \"\" None None",
                "7 duplicate \"cy@example.com\" Some(\"6\")",
                "8 dee@example.com \"\" None None",
                "9 full \"eve@example.com\" Some(\"1000\")",
            ],
        );
        let many: Vec<String> = (0..MOST_PEOPLE + 2).map(|number| format!("p{number}@example.com")).collect();
        let found = read(many.join("\n").as_bytes(), &known(MOST_PEOPLE));
        assert_eq!((found.good.len(), found.problems[0].wrong), (MOST_PEOPLE, Wrong::TooMany));
    }

    #[test]
    fn long_lists_end_somewhere() {
        let list: Vec<String> = (0..MOST + 5).map(|number| format!("p{number}@example.com")).collect();
        let list = list.join("\n");
        let found = read(list.as_bytes(), &known());
        assert_eq!((found.good.len(), found.problems.len()), (MOST, 1));
        assert_eq!((found.problems[0].line, found.problems[0].wrong), (MOST as u64 + 1, Wrong::TooMany));
        // Nothing but quotation marks, and one that never ends.
        assert!(read(&vec![b'"'; 2 << 20], &known()).good.is_empty());
        let open = format!("\"{}", "x\n".repeat(1 << 20));
        assert_eq!(read(open.as_bytes(), &known()).problems.len(), 1);
    }
}
