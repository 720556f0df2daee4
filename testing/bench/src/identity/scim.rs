//! A directory that reads everybody it has provisioned, page by page as Entra ID and Okta do, and looks one of them up by name.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use crate::{
    figures::{figure, median, milliseconds, timed},
    http::Client,
    odata::wire::Connection,
    process::{Serving, free_address},
    server::sign_up,
};

/// People of a page: as many as directories ask for.
const PAGE: usize = 100;
/// How often each page is read.
const TIMES: usize = 21;

/// A directory with its token, on a connection that is kept.
struct Directory {
    connection: Connection,
    headers: String,
}

impl Directory {
    fn ask(&mut self, method: &str, path: &str, body: &str, expected: u16) -> Result<Json> {
        let request = format!(
            "{method} /scim/v2/{path} HTTP/1.1\r\n{}content-length: {}\r\n\r\n{body}",
            self.headers,
            body.len()
        );
        let status = self.connection.ask(request.as_bytes())?;
        let answer = &self.connection.body;
        ensure!(status == expected, "{method} {path}: {status} {}", String::from_utf8_lossy(answer));
        Ok(serde_json::from_slice(answer)?)
    }

    /// How long it takes to be told of these people, in the middle and at most; `total` are found in all.
    fn measured(&mut self, path: &str, total: usize, names: &[String]) -> Result<(Duration, Duration)> {
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let (answer, time) = timed(|| self.ask("GET", path, "", 200));
            let answer = answer?;
            let found = answer["Resources"].as_array().context("no people")?;
            let found: Vec<_> = found.iter().filter_map(|one| one["userName"].as_str()).collect();
            ensure!(answer["totalResults"] == total && found == names, "{path}: others");
            times.push(time);
        }
        let most = times.iter().max().copied().unwrap_or_default();
        Ok((median(times), most))
    }
}

fn name(number: usize) -> String {
    format!("p{number}@corp.example")
}

/// Provisions so many people at a server of its own, measures and prints.
pub(super) fn run(serving: &Serving, people: usize) -> Result<()> {
    ensure!(people >= PAGE && people.is_multiple_of(PAGE), "people come in pages of {PAGE}");
    println!("\nA directory with {people} people");
    serving.fresh()?;
    let mut process = serving.start(free_address()?)?;
    let mut owner = Client::connect(process.address)?;
    sign_up(&mut owner)?;
    // Nobody asks this provider anything: only its directory does.
    let oidc = json!({ "issuer": "https://id.corp.example", "client": "bench" });
    let settings = json!({ "rules": { "newcomers": "member" }, "oidc": oidc });
    let provider = json!({ "name": "Corp", "enabled": true, "settings": settings, "secret": "bench" });
    let provider = owner.post("/api/providers", &provider)?;
    let token = json!({ "provider": provider["id"], "name": "Bench" });
    let token = owner.post("/api/directory/tokens", &token)?;
    let secret = token["secret"].as_str().context("no token")?;
    let headers = format!(
        "host: {}\r\nauthorization: Bearer {secret}\r\ncontent-type: application/scim+json\r\n",
        process.address
    );
    let mut directory = Directory { connection: Connection::open(process.address)?, headers };
    let (filled, time) = timed(|| (0..people).try_for_each(|number| provision(&mut directory, number)));
    filled?;
    figure(&format!("  {people} people provisioned, one by one"), milliseconds(time), "");

    for (page, start) in [("first", 0), ("middle", people / 2 / PAGE * PAGE), ("last", people - PAGE)] {
        let names: Vec<_> = (start..start + PAGE).map(name).collect();
        let path = format!("Users?startIndex={}&count={PAGE}", start + 1);
        let (middle, most) = directory.measured(&path, people, &names)?;
        let most = format!("at most {}", milliseconds(most));
        figure(&format!("  the {page} page of {PAGE}"), milliseconds(middle), &most);
    }
    let whole = |directory: &mut Directory| -> Result<()> {
        for start in (1..=people).step_by(PAGE) {
            directory.ask("GET", &format!("Users?startIndex={start}&count={PAGE}"), "", 200)?;
        }
        Ok(())
    };
    let (read, time) = timed(|| whole(&mut directory));
    read?;
    figure(&format!("  all {} pages", people / PAGE), milliseconds(time), "");
    let one = name(people / 2);
    let path = format!("Users?filter=userName%20eq%20%22{one}%22");
    let (middle, most) = directory.measured(&path, 1, &[one])?;
    figure("  one of them by userName", milliseconds(middle), &format!("at most {}", milliseconds(most)));
    process.end()
}

fn provision(directory: &mut Directory, number: usize) -> Result<()> {
    let name = name(number);
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": format!("ext-{number}"),
        "displayName": format!("Person {number}"), "emails": [{ "value": name, "type": "work", "primary": true }],
        "active": true,
    });
    directory.ask("POST", "Users", &user.to_string(), 201).map(drop)
}
