//! The server at work: how soon it answers, what it holds, how many lists it gives out a second.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use crate::{
    figures::{figure, milliseconds, timed},
    generate,
    http::Client,
    limit,
    process::{Process, Serving, free_address, memory},
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The server's program, compiled for speed
    #[arg(long)]
    program: PathBuf,
    /// The built pages
    #[arg(long)]
    web: PathBuf,
    /// Where it may write; removed afterwards
    #[arg(long)]
    data: PathBuf,
}

/// How long one load lasts, and how many requests it makes at most.
const LOAD: Duration = Duration::from_secs(4);
const MOST: usize = 200_000;
const ROWS: usize = 100_000;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Options { program, web, data } = options;
    let serving = Serving {
        program: program.clone(),
        web: Some(web.clone()),
        data: data.clone(),
        database: None,
        relaxed: false,
        proxied: false,
    };
    let mut server = start(&serving)?;
    let resident = |server: &Process| memory(server.id(), "VmRSS");
    let mut client = Client::connect(server.address)?;
    sign_up(&mut client)?;
    let idle = resident(&server)?;
    figure("server: memory when idle", format!("{:.1} MB", idle as f64 / 1e3), "<= 60 MB");

    let bytes = generate::formulas()?;
    let (creation, time) = timed(|| client.upload("formulas.xlsx", &bytes));
    let proposals = creation?["proposals"].as_array().map_or(0, Vec::len);
    let what = format!("server: upload of 100,000 formulas to {proposals} proposals");
    figure(&what, milliseconds(time), "<= 2,000 ms");

    let bytes = generate::rows(ROWS)?;
    let (creation, time) = timed(|| client.upload("rows.xlsx", &bytes));
    let creation = creation?;
    figure("server: upload of 100,000 rows to proposals", milliseconds(time), "");
    let (app, time) = timed(|| publish(&mut client, &creation, |_| ()));
    let (app, table) = app?;
    figure("server: publishing them", milliseconds(time), "");
    lists(&client, &app, &table)?;
    figure("server: memory after all this", format!("{:.1} MB", resident(&server)? as f64 / 1e3), "");
    server.end()?;
    fs::remove_dir_all(data)?;
    limit::run(ROWS, LOAD)
}

/// Makes the first account and signs in with it.
pub(crate) fn sign_up(client: &mut Client) -> Result<()> {
    let person =
        json!({ "email": "bench@example.org", "name": "Bench", "password": "a bench needs no secrets" });
    client.post("/api/accounts", &person).map(drop)
}

/// Publishes the first proposal that holds a table, as the maker changes it; gives the app's id and the table.
pub(crate) fn publish(
    client: &mut Client,
    creation: &Json,
    change: impl FnOnce(&mut Json),
) -> Result<(String, Json)> {
    let token = creation["token"].as_str().context("no token")?;
    let proposals = creation["proposals"].as_array().context("no proposals")?;
    let definition = proposals.iter().map(|proposal| &proposal["definition"]);
    let definition =
        definition.into_iter().find(|one| one["tables"][0].is_object()).context("no list proposed")?;
    let mut definition = definition.clone();
    change(&mut definition);
    let wish = json!({ "definition": definition, "audience": "private" });
    let app = client.post(&format!("/api/creations/{token}/publish"), &wish)?;
    let id = app["id"].as_str().context("no app")?.to_owned();
    Ok((id, definition["tables"][0].clone()))
}

/// Lists of 50 rows, filtered and sorted, beside the least this server can answer.
fn lists(client: &Client, app: &str, table: &Json) -> Result<()> {
    let column = |offset: usize| table["columns"][offset]["id"].as_str().context("too few columns");
    let (category, price) = (column(2)?, column(5)?);
    let id = table["id"].as_str().context("no table")?;
    let path = format!("/api/apps/{app}/tables/{id}/rows");
    let ask = move |number: usize| {
        json!({
            "filters": [{ "column": category, "operator": "eq", "value": format!("Region {:02}", number % 20) }],
            "sort": { "column": price, "descending": true },
            "limit": 50,
        })
    };
    let page = client.again()?.post(&path, &ask(3))?;
    ensure!(page["rows"].as_array().is_some_and(|rows| rows.len() == 50), "no full page: {page}");
    let least = load(client, 8, |client, _| client.get("/healthz").map(drop))?;
    for connections in [2, 8, 32] {
        let (path, ask) = (&path, &ask);
        let rate = load(client, connections, |client, number| client.post(path, &ask(number)).map(drop))?;
        let what = format!("server: lists of 50 of 100,000 rows, {connections} connections");
        let share = 100.0 * rate / least;
        figure(&what, format!("{rate:.0}/s"), &format!(">= 2,000/s; {share:.0} % of /healthz with 8"));
    }
    figure("server: /healthz, 8 connections", format!("{least:.0}/s"), "the least an answer costs");
    Ok(())
}

/// Requests a second that so many connections get answered.
fn load(
    client: &Client,
    connections: usize,
    request: impl Fn(&mut Client, usize) -> Result<()> + Sync,
) -> Result<f64> {
    let clients: Vec<Client> = (0..connections).map(|_| client.again()).collect::<Result<_>>()?;
    let started = Instant::now();
    let done: Vec<Result<usize>> = thread::scope(|scope| {
        let work = |mut client: Client, first: usize| {
            let request = &request;
            move || {
                let mut count = 0;
                while started.elapsed() < LOAD && count < MOST / connections {
                    request(&mut client, first + count)?;
                    count += 1;
                }
                Ok(count)
            }
        };
        let threads =
            clients.into_iter().enumerate().map(|(index, client)| scope.spawn(work(client, index * 7)));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0))).collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    let total: usize = done.into_iter().sum::<Result<usize>>()?;
    Ok(total as f64 / seconds)
}

/// Starts the server on an empty data folder and prints how soon it answers.
fn start(serving: &Serving) -> Result<Process> {
    serving.fresh()?;
    let address = free_address()?;
    // The first start makes keys and tables; the second is the one people wait for.
    let (first, time) = timed(|| answering(serving, address));
    first?.end()?;
    figure("server: first start to first answer", milliseconds(time), "");
    let (second, time) = timed(|| answering(serving, address));
    figure("server: start to first answer", milliseconds(time), "<= 200 ms");
    second
}

fn answering(serving: &Serving, address: SocketAddr) -> Result<Process> {
    let process = serving.start(address)?;
    Client::connect(address)?.get("/healthz")?;
    Ok(process)
}
