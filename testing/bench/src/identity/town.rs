//! A server with a thousand people and two apps of the same orders: one that gives something to one person, and one that gives
//! something to a thousand people and groups.

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use gridkeep_identity::password::{Beside, Hasher, NewPassword, Scheme};
use serde_json::{Value as Json, json};

use crate::{
    figures::{figure, milliseconds, timed},
    http::Client,
    odata::orders,
    process::{Process, Serving, free_address},
    server::{publish, sign_up},
};

/// Everybody beside whoever runs the server.
pub(super) const PEOPLE: usize = 1_000;
/// People and groups that the second app gives something to.
const NAMED: usize = 800;
const GROUPS: usize = 200;
/// Rows of each app.
const ORDERS: u64 = 20_000;
const PASSWORD: &str = "a bench needs no secrets";
const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];

/// Somebody who reads.
pub(super) struct Reader {
    /// Their session.
    pub(super) client: Client,
    /// A key of theirs for each app.
    pub(super) keys: [String; 2],
}

/// The server and what is known of it.
pub(super) struct Town {
    serving: Serving,
    process: Option<Process>,
    /// The app with one grant, and the one with a thousand.
    pub(super) apps: [String; 2],
    /// The table of both, by its id.
    pub(super) table: String,
    /// The entity set of both.
    pub(super) set: String,
    /// People of whom something is given: see [`Town::found`].
    pub(super) whole: Reader,
    pub(super) own: Reader,
    pub(super) grouped: Reader,
}

/// The address of somebody.
pub(super) fn email(number: usize) -> String {
    format!("p{number}@example.com")
}

/// What somebody signs in with.
pub(super) fn proof(number: usize) -> Json {
    json!({ "email": email(number), "password": PASSWORD })
}

impl Town {
    /// Starts a server on an empty folder. The first person is given all of both apps; the second the rows of the region that is
    /// known of them, as 798 others are; the third what three groups are given.
    pub(super) fn found(program: PathBuf, data: PathBuf) -> Result<Self> {
        let serving = Serving { program, web: None, data, database: None, relaxed: false, proxied: false };
        serving.fresh()?;
        let mut process = serving.start(free_address()?)?;
        sign_up(&mut Client::connect(process.address)?)?;
        process.end()?;
        import(&serving)?;
        let process = serving.start(free_address()?)?;
        let mut owner = Client::connect(process.address)?;
        owner.post("/api/session", &json!({ "email": "bench@example.org", "password": PASSWORD }))?;
        let csv = orders::csv(ORDERS);
        let mut make = || -> Result<_> {
            let creation = owner.upload("Orders.csv", csv.as_bytes())?;
            publish(&mut owner, &creation, |_| ())
        };
        let ((one, table), (many, _)) = (make()?, make()?);
        let table = table["id"].as_str().context("no table")?.to_owned();
        let (given, time) = timed(|| give(&mut owner, &one, &many, &table));
        given?;
        figure("identity: giving something to 1,000 people and groups", milliseconds(time), "");
        let apps = [one, many];
        let reader = |number, of: &[usize]| reader(&process, number, &apps, of);
        let (whole, own, grouped) = (reader(0, &[0, 1])?, reader(1, &[1])?, reader(2, &[1])?);
        let mut town =
            Self { serving, process: Some(process), apps, table, set: String::new(), whole, own, grouped };
        let service = town.whole.client.get(&format!("/odata/default/{}/", town.apps[0]))?;
        let service: Json = serde_json::from_slice(&service)?;
        service["value"][0]["name"].as_str().context("no entity set")?.clone_into(&mut town.set);
        Ok(town)
    }

    /// The server.
    pub(super) fn process(&self) -> Result<&Process> {
        self.process.as_ref().context("the server does not run")
    }

    /// Starts the server anew: what was done before takes none of its memory, and it asks the proxy where requests come from.
    pub(super) fn again(&mut self) -> Result<()> {
        let address = self.process()?.address;
        self.end()?;
        self.serving.proxied = true;
        self.process = Some(self.serving.start(address)?);
        Ok(())
    }

    /// Stops it.
    pub(super) fn end(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.end())
    }
}

/// Takes a thousand people over, each with the same password.
fn import(serving: &Serving) -> Result<()> {
    let password = NewPassword::choose(&PASSWORD.into(), Beside::Nothing, &[]);
    let password = password.ok().context("no password")?;
    let hash = Hasher::new(Scheme::Pbkdf2(600_000), Vec::new())?.hash(&password, [7; 16])?;
    let mut csv = String::from("email,name,password,role\n");
    for number in 0..PEOPLE {
        writeln!(csv, "{},Person {number},\"{hash}\",member", email(number))?;
    }
    let file = serving.data.join("people.csv");
    fs::write(&file, csv)?;
    let mut import = Command::new(&serving.program);
    import.arg("import-accounts").arg("--data").arg(&serving.data).arg(&file);
    ensure!(import.status()?.success(), "people were not taken over");
    Ok(fs::remove_file(file)?)
}

fn give(owner: &mut Client, one: &str, many: &str, table: &str) -> Result<()> {
    // With part of a row each: nobody reads all of what the others do.
    let some = json!({
        "level": "view",
        "tables": { table: { "rows": { "rows": "where", "filter": "Region eq user.Region" } } },
    });
    let all = json!({ "level": "edit" });
    for app in [one, many] {
        let change = json!({ "to": "person", "name": email(0), "grant": all });
        owner.put(&format!("/api/apps/{app}/grants"), &change)?;
    }
    for number in (1..=NAMED).filter(|number| *number != 2) {
        let change = json!({ "to": "person", "name": email(number), "grant": some });
        owner.put(&format!("/api/apps/{many}/grants"), &change)?;
    }
    let find = |owner: &mut Client, number: usize| -> Result<String> {
        let page: Json =
            serde_json::from_slice(&owner.get(&format!("/api/people?search={}", email(number)))?)?;
        page["people"][0]["id"].as_str().map(ToOwned::to_owned).context("nobody of this address")
    };
    for number in [1, 2] {
        let id = find(owner, number)?;
        owner.patch(&format!("/api/people/{id}"), &json!({ "attributes": { "Region": REGIONS[0] } }))?;
    }
    let third = find(owner, 2)?;
    for number in 0..GROUPS {
        let group = owner.post("/api/groups", &json!({ "name": format!("Group {number}") }))?;
        let group = group["id"].as_str().context("no group")?;
        if number < 3 {
            owner.patch(&format!("/api/groups/{group}"), &json!({ "members": [third] }))?;
        }
        let change = json!({ "to": "group", "name": group, "grant": some });
        owner.put(&format!("/api/apps/{many}/grants"), &change)?;
    }
    let grants: Json = serde_json::from_slice(&owner.get(&format!("/api/apps/{many}/grants"))?)?;
    let given = grants.as_array().map_or(0, |all| all.iter().filter(|one| !one["grant"].is_null()).count());
    ensure!(given == NAMED + GROUPS, "{given} grants");
    Ok(())
}

/// Signs somebody in, with keys for these of the apps.
fn reader(process: &Process, number: usize, apps: &[String; 2], of: &[usize]) -> Result<Reader> {
    let mut client = Client::connect(process.address)?;
    client.post("/api/session", &proof(number))?;
    let mut keys = [String::new(), String::new()];
    for &app in of {
        let key = client.post(&format!("/api/apps/{}/keys", apps[app]), &json!({ "name": "bench" }))?;
        key["secret"].as_str().context("no key")?.clone_into(&mut keys[app]);
    }
    Ok(Reader { client, keys })
}
