//! The server is killed in the middle of publishing, at moments spread over the time it takes: people find the old version
//! or the new one, whole, everything else as it was, and the next publication works.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::{Duration, Instant, SystemTime},
};

use axum::{body::Body, http::Method};
use gridkeep_kit::{Postgres, SeededRng};
use gridkeep_server::{state::Parts, tenancy::sweep_objects};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::{
    kit::{Browser, PASSWORD, Wishes, World, definition},
    program::{Program, doctor, files},
};

/// Rows of each edition: enough for the commit to take a while.
const ROWS: usize = 500;
/// How an edition comes: a version with its own rows, a new app, a version with the rows of the one before.
const WAYS: [(bool, &str); 3] = [(true, "replace"), (false, "replace"), (true, "keep")];
/// Crashes in the window, one for each way.
const CLOSING_IN: usize = WAYS.len();

/// When the server is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as anything of the workbook is in the object store.
    Drafted,
    /// As soon as the whole workbook is.
    Stored,
    /// As soon as the embedded database has begun to write.
    Written,
    /// As soon as the answer begins.
    Answered,
    /// After this time.
    After(Duration),
}

/// The time in which the new version comes to be there, narrowed down by each crash: killing before it left the old version,
/// killing after it the new one.
struct Window {
    from: Duration,
    to: Duration,
    chance: SeededRng,
}

impl Window {
    /// A moment in it, or a little before or after.
    fn moment(&mut self) -> Moment {
        let part = (self.chance.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let width = self.to.saturating_sub(self.from).max(self.to / 20).as_secs_f64();
        let after = self.from.as_secs_f64() + width * (1.4 * part - 0.2);
        Moment::After(Duration::from_secs_f64(after.max(0.0)))
    }

    fn learn(&mut self, after: Duration, is_there: bool) {
        if is_there {
            self.to = self.to.min(after);
            self.from = self.from.min(self.to);
        } else {
            self.from = self.from.max(after);
            self.to = self.to.max(self.from);
        }
    }
}

/// What an app shows: the edition its definition and workbook are of, and the one its rows are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    edition: u32,
    rows: u32,
}

/// A maker, and the apps there must be.
struct Maker {
    browser: Browser,
    apps: BTreeMap<String, Shown>,
    editions: u32,
}

fn workbook(edition: u32) -> String {
    let row =
        |number: usize| format!("{number:05},Part {edition}.{number},{},{}.50", number % 97, number % 13);
    let rows = (1..=ROWS).map(row);
    let lines: Vec<String> = std::iter::once("SKU,Item,Qty,Price".to_owned()).chain(rows).collect();
    lines.join("\n")
}

impl Maker {
    /// Uploads another edition; gives it with the request that publishes it, as a version of an app or as a new one.
    async fn prepare(&mut self, replaces: Option<&str>, rows: &str) -> (u32, axum::http::Request<Body>) {
        self.editions += 1;
        let edition = self.editions;
        let to = replaces.map_or("/api/creations".to_owned(), |app| format!("/api/apps/{app}/creation"));
        let created = self.browser.upload(&to, "stock.csv", workbook(edition)).await.expect(201).json();
        let mut definition = definition();
        definition["name"] = json!(format!("Stock {edition}"));
        definition["tables"][0]["source"]["range"] = json!(format!("A1:D{}", ROWS + 1));
        let mut body = json!({"definition": definition, "audience": "private"});
        if let Some(app) = replaces {
            body["replaces"] = json!(app);
            body["rows"] = json!(rows);
        }
        let path = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
        let request = self.browser.request(Method::POST, &path).header("content-type", "application/json");
        (edition, request.body(body.to_string().into()).unwrap())
    }

    /// Publishes undisturbed; gives the time it took.
    async fn publish(&mut self, replaces: Option<&str>) -> Duration {
        let (edition, request) = self.prepare(replaces, "replace").await;
        let started = Instant::now();
        let app = self.browser.send(request).await.expect(201).json();
        let took = started.elapsed();
        self.apps.insert(app["id"].as_str().unwrap().to_owned(), Shown { edition, rows: edition });
        took
    }

    /// What an app shows, all of it; fails when its parts do not belong together.
    async fn look(&mut self, app: &str) -> Shown {
        let ask = &mut self.browser;
        let card = ask.get(&format!("/api/apps/{app}")).await.expect(200).json();
        let client = ask.get(&format!("/api/apps/{app}/client")).await.expect(200).json();
        assert_eq!((&client["version"], &client["definition"]["name"]), (&card["version"], &card["name"]));
        let edition: u32 = card["name"].as_str().unwrap().strip_prefix("Stock ").unwrap().parse().unwrap();
        let version = &card["version"];
        let file = ask.get(&format!("/api/apps/{app}/versions/{version}/original")).await.expect(200);
        assert!(file.text() == workbook(edition), "{app} has another workbook than edition {edition}");
        ask.get(&format!("/api/apps/{app}/versions/{version}/workbook")).await.expect(200);
        let snapshot = ask.get(&format!("/api/apps/{app}/tables/stock/snapshot")).await.expect(200).text();
        let mut lines = snapshot.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        assert_eq!(lines.next().unwrap()["columns"], json!(["sku", "item", "qty", "price"]));
        let rows: Vec<Json> = lines.filter(Json::is_array).collect();
        let first = rows[0][3].as_str().unwrap();
        let of: u32 = first.strip_prefix("Part ").unwrap().split('.').next().unwrap().parse().unwrap();
        let expected = workbook(of);
        let text = |cell: &Json| cell.as_str().map_or_else(|| cell.to_string(), ToOwned::to_owned);
        let line = |row: &Json| [2, 3, 4, 5].map(|place: usize| text(&row[place])).join(",");
        let found: Vec<String> = rows.iter().map(line).collect();
        assert!(
            found.iter().map(String::as_str).eq(expected.lines().skip(1)),
            "{app} has not the rows of edition {of}, or not in their order"
        );
        let exported = ask.get(&format!("/api/apps/{app}/export.xlsx")).await.expect(200).text();
        assert!(exported.contains(first), "the export has not the rows");
        Shown { edition, rows: of }
    }

    /// Opens every version of every app; gives how many there are.
    async fn open_all(&mut self) -> u64 {
        let mut all = 0;
        for card in self.browser.get("/api/apps").await.expect(200).json().as_array().unwrap() {
            let app = card["id"].as_str().unwrap();
            let versions = self.browser.get(&format!("/api/apps/{app}/versions")).await.expect(200).json();
            let count = versions.as_array().unwrap().len() as u64;
            assert_eq!(json!(count), card["versions"]);
            for number in 1..=count {
                self.browser.get(&format!("/api/apps/{app}/versions/{number}/original")).await.expect(200);
            }
            all += count;
        }
        all
    }
}

/// What on the disk changes when the moment has come: names, lengths and times of files.
fn look(moment: Moment, data: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    if matches!(moment, Moment::Written) {
        let journals = files(&data.join("database/tenants"))
            .into_iter()
            .filter(|path| path.to_string_lossy().ends_with("-wal"));
        let state = |path: PathBuf| {
            let known = path.metadata().ok()?;
            Some((path, known.len(), known.modified().ok()))
        };
        return journals.filter_map(state).collect();
    }
    let counts = |path: &PathBuf| matches!(moment, Moment::Drafted) || !path.to_string_lossy().contains('#');
    files(&data.join("objects")).into_iter().filter(counts).map(|path| (path, 0, None)).collect()
}

/// Publishes and kills the server at that moment; gives the answer, if one had come.
async fn crash(
    program: Program,
    publication: impl Future<Output = Option<u16>> + Send + 'static,
    moment: Moment,
    data: &Path,
) -> Option<u16> {
    let (before, data) = (look(moment, data), data.to_owned());
    let (tell, told) = mpsc::channel();
    tokio::spawn(async move { tell.send(publication.await) });
    // On a thread of its own, so that nothing stands between what it sees and what it does.
    let killer = tokio::task::spawn_blocking(move || {
        let answer = match moment {
            Moment::Answered => told.recv().ok(),
            Moment::After(time) => told.recv_timeout(time).ok(),
            Moment::Drafted | Moment::Stored | Moment::Written => loop {
                if let Ok(answer) = told.try_recv() {
                    break Some(answer);
                }
                if look(moment, &data) != before {
                    break None;
                }
                std::thread::yield_now();
            },
        };
        program.kill();
        answer.unwrap_or_else(|| told.recv().unwrap())
    });
    killer.await.unwrap()
}

impl Maker {
    /// Looks at all apps after a crash in the middle of `edition`: each shows what it showed or what it was to show. Gives
    /// whether the edition is there.
    async fn check(&mut self, replaces: Option<&str>, rows: &str, edition: u32, place: &str) -> bool {
        let listed = self.browser.get("/api/apps").await.expect(200).json();
        let mut is_there = false;
        for app in listed.as_array().unwrap() {
            let app = app["id"].as_str().unwrap();
            let shown = self.look(app).await;
            let before = self.apps.get(app).copied();
            let after = match before {
                Some(before) if replaces == Some(app) && rows == "keep" => Shown { edition, ..before },
                Some(before) if replaces != Some(app) => before,
                None if replaces.is_some() => panic!("{place}: an app nobody has published"),
                _ => Shown { edition, rows: edition },
            };
            assert!(
                shown == after || Some(shown) == before,
                "{place}: {shown:?}, not {before:?} or {after:?}"
            );
            is_there |= shown.edition == edition;
            self.apps.insert(app.to_owned(), shown);
        }
        assert_eq!(listed.as_array().unwrap().len(), self.apps.len(), "{place}: an app is gone");
        is_there
    }
}

/// Publishes and kills until every step of a publication and every way to publish has been cut.
async fn killed_while_publishing(database: Option<&str>) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut program = Program::start(&data, database);
    let mut browser = program.browser();
    let account = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    browser.post("/api/accounts", account).await.expect(201);
    let mut maker = Maker { browser, apps: BTreeMap::new(), editions: 0 };
    maker.publish(None).await;
    let app = maker.apps.keys().next().unwrap().clone();
    let usual = maker.publish(Some(&app)).await;
    let mut window = Window { from: Duration::ZERO, to: usual, chance: SeededRng::new(2) };

    let (mut before, mut after) = (0, 0);
    // What is known of the steps of a publication first: each is a place of its own to be killed at.
    let steps = [Moment::Drafted, Moment::Stored, Moment::Written, Moment::Answered];
    for round in 0..steps.len() + CLOSING_IN {
        let moment = steps.get(round).copied().unwrap_or_else(|| window.moment());
        let (is_version, rows) = WAYS[round % WAYS.len()];
        let replaces = is_version.then_some(app.as_str());
        let (edition, request) = maker.prepare(replaces, rows).await;
        let browser = maker.browser.clone();
        let publication = async move { browser.status(request).await };
        let answer = crash(program, publication, moment, &data).await;
        let place = format!("round {round}, {moment:?}, answer {answer:?}");
        assert!(matches!(answer, None | Some(201)), "{place}");

        // There is nothing to mend.
        let said = doctor(&data, database, &["--listen", "127.0.0.1:0"]);
        let bad: Vec<&str> = said.out.lines().filter(|line| line.starts_with("mend")).collect();
        assert_eq!(bad, ["mend  web pages: start with --web DIR"], "{place}: {said:?}");

        program = Program::start(&data, database);
        maker.browser.address = program.address;
        let is_there = maker.check(replaces, rows, edition, &place).await;
        assert!(is_there || answer.is_none(), "{place}: what was answered is gone");
        if let Moment::After(time) = moment {
            window.learn(time, is_there);
        }
        *if is_there { &mut after } else { &mut before } += 1;
        // The next publication works; the next check sees what it did.
        maker.publish(Some(&app)).await;
    }
    assert!(before > 0 && after > 0, "{before} before and {after} after: badly chosen moments");

    assert_eq!(maker.look(&app).await, maker.apps[&app], "after the last crash");
    let versions = maker.open_all().await;
    program.stop();
    swept(folder, database, versions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_publishing_leaves_the_old_version_or_the_new_one() {
    killed_while_publishing(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_too_it_is_the_old_version_or_the_new_one() {
    let Some(server) = Postgres::start() else { return };
    killed_while_publishing(Some(&server.fresh_database())).await;
}

/// What was stored for nothing is deleted when it is a day old, and nothing else.
async fn swept(folder: TempDir, database: Option<&str>, versions: u64) {
    let wishes = Wishes { database: database.map(ToOwned::to_owned), ..Wishes::default() };
    let world = World::over(Arc::new(folder), wishes).await;
    let stored = || files(&world.data.path().join("data/objects")).len() as u64;
    let Parts { tenancy, vault, time, .. } = &*world.state;
    world.clock.advance(Timestamp::now().duration_since(time.now()));
    let before = stored();
    assert!(before > versions, "no crash left a workbook behind: badly chosen moments");
    sweep_objects(tenancy, vault, time).await;
    assert_eq!(stored(), before, "they are of today");
    world.clock.advance(SignedDuration::from_hours(25));
    sweep_objects(tenancy, vault, time).await;
    assert_eq!(stored(), versions);
}
