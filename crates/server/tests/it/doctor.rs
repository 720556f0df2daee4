//! `gridkeep doctor` over folders that are healthy and folders that are not: each answer says what and where, the exit code
//! tells, and nothing is changed.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use gridkeep_objects::RootKeys;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    kit::{PASSWORD, STOCK, databases, definition},
    program::{Program, doctor, files},
};

/// A folder with two published workbooks, and a web build.
struct Healthy {
    folder: TempDir,
}

impl Healthy {
    async fn new(database: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let program = Program::start(&folder.path().join("data"), database);
        let mut ada = program.browser();
        let account = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
        ada.post("/api/accounts", account).await.expect(201);
        for name in ["Stock", "Shop"] {
            let created = ada.upload("/api/creations", "stock.csv", STOCK).await.expect(201).json();
            let mut definition = definition();
            definition["name"] = json!(name);
            let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
            ada.post(&publish, json!({"definition": definition, "audience": "private"})).await.expect(201);
        }
        program.stop();
        fs::create_dir(folder.path().join("web")).unwrap();
        for page in ["index.html", "client.html"] {
            fs::write(folder.path().join("web").join(page), "<!doctype html>").unwrap();
        }
        Self { folder }
    }

    /// A copy that may be damaged.
    fn copy(&self) -> TempDir {
        let copy = TempDir::new().unwrap();
        let place = self.folder.path().join(".");
        let copied = Command::new("cp").arg("-a").arg(place).arg(copy.path()).status();
        assert!(copied.unwrap().success());
        copy
    }
}

/// Modes and contents of everything; of the database's own journals only that they are no concern of ours.
fn state(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let is_journal =
        |path: &PathBuf| path.to_string_lossy().ends_with("-wal") || path.to_string_lossy().ends_with("-shm");
    let all = files(folder).into_iter().filter(|path| !is_journal(path));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let mut state: BTreeMap<_, _> =
        all.map(|path| (path.clone(), (mode(&path), fs::read(path).unwrap()))).collect();
    state.insert(folder.to_owned(), (mode(folder), Vec::new()));
    state
}

/// What the doctor says, with what differs from run to run hidden.
fn ask(folder: &Path, database: Option<&str>, arguments: &[&str]) -> String {
    let said = doctor(&folder.join("data"), database, arguments);
    let text = format!("exit code {}\n{}{}", said.code.unwrap(), said.out, said.err);
    let text = text.replace(&folder.display().to_string(), "[folder]");
    let mut hidden = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        let is_id = |length: &usize| rest.get(..*length).is_some_and(|text| Uuid::try_parse(text).is_ok());
        let id = [36, 32].into_iter().find(is_id).map(|length| &rest[..length]);
        hidden.push_str(id.map_or(&rest[..letter.len_utf8()], |_| "[id]"));
        rest = &rest[id.map_or(letter.len_utf8(), str::len)..];
    }
    hidden
}

/// Adds an answer to those before.
fn note(answers: &mut String, name: &str, said: &str) {
    answers.extend(["== ", name, "\n", said, "\n"]);
}

/// A stored workbook, in the order of their paths.
fn object(data: &Path, number: usize) -> PathBuf {
    files(&data.join("objects"))[number].clone()
}

fn only_database(data: &Path) -> PathBuf {
    files(&data.join("database/tenants"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "db"))
        .unwrap()
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Puts a copy of a stored workbook, or of a piece of one, where nobody refers to it; as old as the id says.
fn leave(data: &Path, id: &str, name: &str) {
    let known = object(data, 0);
    let place = known.ancestors().nth(2).unwrap().join(id);
    fs::create_dir(&place).unwrap();
    fs::copy(known, place.join(name)).unwrap();
}

/// Ids of 2025 and of 2100.
const OLD: &str = "019423f0-0000-7000-8000-000000000000";
const NEW: &str = "03bb2cc3-d800-7000-8000-000000000000";

type Damage = fn(&Path);

/// What can be wrong with a folder whose database is SQLite's.
const DAMAGES: &[(&str, Damage)] = &[
    ("healthy", |_| {}),
    ("no folder", |data| fs::remove_dir_all(data).unwrap()),
    ("an empty folder", |data| {
        fs::remove_dir_all(data).unwrap();
        fs::create_dir(data).unwrap();
        chmod(data, 0o700);
    }),
    ("a file in its place", |data| {
        fs::remove_dir_all(data).unwrap();
        fs::write(data, "").unwrap();
    }),
    ("a folder others can look into", |data| chmod(data, 0o755)),
    ("no root key", |data| fs::remove_file(data.join("root.key")).unwrap()),
    ("another root key", |data| {
        fs::remove_file(data.join("root.key")).unwrap();
        RootKeys::open(&data.join("root.key")).unwrap();
    }),
    ("a root key others can read", |data| chmod(&data.join("root.key"), 0o644)),
    ("a damaged root key", |data| fs::write(data.join("root.key"), "gridkeep root keys 1\n00").unwrap()),
    ("no control database", |data| fs::remove_file(data.join("database/control.db")).unwrap()),
    ("no key of the control database", |data| fs::remove_file(data.join("database/control.key")).unwrap()),
    ("a damaged key of the control database", |data| flip(&data.join("database/control.key"), 20)),
    ("a damaged control database", |data| fs::write(data.join("database/control.db"), [7; 8192]).unwrap()),
    ("no database", |data| fs::remove_dir_all(data.join("database")).unwrap()),
    ("no database of the tenant", |data| fs::remove_file(only_database(data)).unwrap()),
    ("a damaged database of the tenant", |data| fs::write(only_database(data), [7; 8192]).unwrap()),
    ("a workbook with one changed bit", |data| flip(&object(data, 1), 200)),
    ("a workbook cut off", |data| {
        let path = object(data, 0);
        let bytes = fs::read(&path).unwrap();
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
    }),
    ("two workbooks gone", |data| fs::remove_dir_all(data.join("objects")).unwrap()),
    ("workbooks in each other's place", |data| {
        let (one, other) = (object(data, 0), object(data, 1));
        let bytes = fs::read(&one).unwrap();
        fs::copy(&other, &one).unwrap();
        fs::write(&other, bytes).unwrap();
    }),
    ("workbooks without reference", |data| {
        leave(data, OLD, "1");
        leave(data, NEW, "1");
    }),
    ("pieces of workbooks", |data| {
        leave(data, OLD, "1#1");
        leave(data, NEW, "1#1");
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_and_where() {
    let healthy = Healthy::new(None).await;
    let mut answers = String::new();
    for (name, damage) in DAMAGES {
        let copy = healthy.copy();
        let data = copy.path().join("data");
        damage(&data);
        let before = data.is_dir().then(|| state(&data));
        let web = copy.path().join("web").display().to_string();
        let said = ask(copy.path(), None, &["--listen", "127.0.0.1:0", "--web", &web]);
        note(&mut answers, name, &said);
        assert!(before == data.is_dir().then(|| state(&data)), "{name}: the doctor has changed something");
    }
    insta::assert_snapshot!("doctor_on_folders", answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_around_the_folder_too() {
    let healthy = Healthy::new(None).await;
    let folder = healthy.folder.path();
    let web = folder.join("web").display().to_string();
    let mut answers = String::new();
    let mut note = |name: &str, said: &str| note(&mut answers, name, said);

    note("no web build named", &ask(folder, None, &["--listen", "127.0.0.1:0"]));
    note("a web build that is none", &ask(folder, None, &["--listen", "127.0.0.1:0", "--web", "nowhere"]));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = ask(folder, None, &["--listen", &address, "--web", &web]);
    note("an address that is taken", &said.replace(&address, "[address]"));
    let wrong = ["--listen", "127.0.0.1:0", "--web", &web, "--base-url", "gridkeep.example"];
    note("a base URL that is none", &ask(folder, None, &wrong));
    // A port that was just given back: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://ada:s3cret@127.0.0.1:{port}/gridkeep");
    let said = ask(folder, Some(&url), &["--listen", "127.0.0.1:0", "--web", &web]);
    assert!(!said.contains("s3cret"));
    note("a PostgreSQL that is not there", &said);
    let said = ask(folder, Some("postgres:ada@s3cret"), &["--listen", "127.0.0.1:0", "--web", &web]);
    assert!(!said.contains("s3cret"));
    note("an address of PostgreSQL that is none", &said);
    let program = Program::start(&folder.join("data"), None);
    let address = program.address.to_string();
    let said = ask(folder, None, &["--listen", &address, "--web", &web]);
    note("a server at work", &said.replace(&address, "[address]"));
    program.stop();
    insta::assert_snapshot!("doctor_around", answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_knows_postgresql() {
    let (databases, _server) = databases();
    let Some(database) = databases.into_iter().flatten().next() else { return };
    let healthy = Healthy::new(Some(&database)).await;
    let web = healthy.folder.path().join("web").display().to_string();
    let arguments = ["--listen", "127.0.0.1:0", "--web", &web];
    let mut answers = String::new();
    let mut check = |name: &str, database: &str, damage: Damage| {
        let copy = healthy.copy();
        damage(&copy.path().join("data"));
        let said = ask(copy.path(), Some(database), &arguments)
            .replace(&healthy.folder.path().display().to_string(), "[folder]");
        note(&mut answers, name, &said);
    };
    check("healthy", &database, |_| {});
    check("another root key", &database, |data| {
        fs::remove_file(data.join("root.key")).unwrap();
        RootKeys::open(&data.join("root.key")).unwrap();
    });
    check("a workbook with one changed bit", &database, |data| flip(&object(data, 1), 200));
    let (server, _) = database.rsplit_once('/').unwrap();
    check("a database that is not there", &format!("{server}/nobody_made_it"), |_| {});
    insta::assert_snapshot!("doctor_on_postgresql", answers);
}
