//! A service under load: where it is, what it calls things, and the requests it is asked.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;

use super::{
    orders::{self, Dice, FIRST_NEW},
    wire::Connection,
};
use crate::process;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// An order by its number: the key of others, an alternate key of ours.
    Key,
    /// An order by the id of its row: only ours has one.
    RowId,
    /// The 50 dearest open orders above an amount that changes, four properties of each.
    Filter,
    /// How many there are.
    Count,
    /// A thousand orders somewhere.
    Page,
    /// One order more.
    Insert,
    /// A hundred orders more, all or none.
    Batch,
}

/// A service with its orders.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) address: SocketAddr,
    /// The path of the service, without a slash at its end.
    pub(super) base: String,
    /// A header line that says who asks, or nothing.
    pub(super) credentials: String,
    /// Its own process first, then those of its database.
    pub(super) processes: Vec<u32>,
    /// Orders at the beginning.
    pub(super) orders: u64,
    /// What it calls the orders.
    pub(super) set: String,
    /// What it calls the order's number.
    pub(super) number: String,
    /// Ids of rows.
    pub(super) row_ids: Vec<String>,
    next: AtomicU64,
}

impl Peer {
    /// A service that is up.
    pub(super) fn new(name: &'static str, address: SocketAddr, base: String, orders: u64) -> Self {
        Self {
            name,
            address,
            base,
            credentials: String::new(),
            processes: Vec::new(),
            orders,
            set: String::new(),
            number: String::new(),
            row_ids: Vec::new(),
            next: AtomicU64::new(FIRST_NEW),
        }
    }

    /// Learns what the service calls things, and some ids of rows.
    pub(super) fn learn(&mut self) -> Result<()> {
        let service = self.get("/")?;
        let sets = service["value"].as_array().context("no service document")?.iter();
        let mut names = sets.filter_map(|set| set["name"].as_str());
        names.next().context("a service without sets")?.clone_into(&mut self.set);
        let page = self.get(&format!("/{}?$top=1000", self.set))?;
        let rows = page["value"].as_array().context("no orders")?;
        let first = rows.first().and_then(Json::as_object).context("no order")?;
        let number =
            first.keys().find(|name| name.eq_ignore_ascii_case("id")).context("orders without a number")?;
        self.number.clone_from(number);
        for name in ["Customer", "Status", "Amount", "Date", "Region", "Notes"] {
            ensure!(first.contains_key(name), "orders without {name}: {first:?}");
        }
        self.row_ids = rows.iter().filter_map(|row| row["RowId"].as_str().map(ToOwned::to_owned)).collect();
        Ok(())
    }

    /// Asks once and gives the JSON.
    pub(super) fn get(&self, path: &str) -> Result<Json> {
        let mut connection = Connection::open(self.address)?;
        let status = connection.ask(self.head("GET", &format!("{}{path}", self.base), "").as_bytes())?;
        let text = String::from_utf8_lossy(&connection.body);
        ensure!(status == 200, "{} answered {path} with {status}: {text}", self.name);
        Ok(serde_json::from_str(&text)?)
    }

    /// Whether the scenario makes sense here.
    pub(super) fn knows(&self, scenario: Scenario) -> bool {
        scenario != Scenario::RowId || !self.row_ids.is_empty()
    }

    /// A request without a body, to an address on the server.
    pub(super) fn head(&self, method: &str, path: &str, headers: &str) -> String {
        let Self { address, credentials, .. } = self;
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept: */*\r\n{credentials}{headers}\r\n")
    }

    /// Writes a request.
    pub(super) fn request(&self, scenario: Scenario, dice: &mut Dice, out: &mut String) {
        out.clear();
        let Self { base, set, number, .. } = self;
        let get = |path: String| self.head("GET", &format!("{base}/{set}{path}"), "");
        match scenario {
            Scenario::Key => {
                let name = if self.row_ids.is_empty() { String::new() } else { format!("{number}=") };
                *out = get(format!("({name}{})", dice.below(self.orders) + 1));
            }
            Scenario::RowId => {
                let id = &self.row_ids[dice.below(self.row_ids.len() as u64) as usize];
                *out = get(format!("({id})"));
            }
            Scenario::Filter => {
                *out = get(format!(
                    "?$filter=Status%20eq%20%27open%27%20and%20Amount%20gt%20{}&$orderby=Amount%20desc&$top=50\
                     &$select={number},Customer,Amount,Date",
                    500 + dice.below(1_000)
                ));
            }
            Scenario::Count => *out = self.head("GET", &format!("{base}/{set}/$count"), ""),
            Scenario::Page => {
                let pages = (self.orders / 1_000).max(1);
                *out = get(format!("?$top=1000&$skip={}", dice.below(pages) * 1_000));
            }
            Scenario::Insert => {
                let mut body = String::new();
                self.order(dice, &mut body);
                *out = self.post(set, &body);
            }
            Scenario::Batch => {
                let mut body = String::from("{\"requests\":[");
                for index in 1..=100 {
                    _ = write!(
                        body,
                        "{}{{\"id\":\"{index}\",\"atomicityGroup\":\"g1\",\"method\":\"POST\",\"url\":\"{set}\",\
                         \"headers\":{{\"content-type\":\"application/json\"}},\"body\":",
                        if index == 1 { "" } else { "," }
                    );
                    self.order(dice, &mut body);
                    body.push('}');
                }
                body.push_str("]}");
                *out = self.post("$batch", &body);
            }
        }
    }

    fn order(&self, dice: &mut Dice, out: &mut String) {
        orders::json(self.next.fetch_add(1, Ordering::Relaxed), &self.number, dice, out);
    }

    fn post(&self, path: &str, body: &str) -> String {
        let headers = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        let mut request = self.head("POST", &format!("{}/{path}", self.base), &headers);
        request.push_str(body);
        request
    }

    /// Its processes and all they started.
    pub(super) fn family(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.processes.iter().flat_map(|id| process::family(*id)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
