//! Challenge, approval and commit as a machine of states: what comes of any order of steps, also of many at once, is what a small
//! model says. And a server that is killed between them.

use std::time::{Duration, Instant};

use gridkeep_kit::SeededRng;
use jiff::SignedDuration;
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{
    flow::{Shop, approve, asked, at, password},
    gate, guarded, publish, put,
};
use crate::{kit::PASSWORD, program::Program};

/// What may happen.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The member wants another number.
    Ask,
    /// They approve one of their challenges, or type something wrong.
    Approve(usize, bool),
    /// They approve one four times at once.
    Race(usize),
    /// They give one up.
    Cancel(usize),
    /// Somebody else changes the row.
    Change,
    /// The gate is switched on or off, or says something else.
    Switch(bool, bool),
    /// Time goes by.
    Wait(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let one = prop_oneof![
        3 => Just(Step::Ask),
        3 => (0_usize..8, any::<bool>()).prop_map(|(which, right)| Step::Approve(which, right)),
        2 => (0_usize..8).prop_map(Step::Race),
        1 => (0_usize..8).prop_map(Step::Cancel),
        1 => Just(Step::Change),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(active, other)| Step::Switch(active, other)),
        1 => (1_u16..200).prop_map(Step::Wait),
    ];
    vec(one, 1..25)
}

/// A challenge as the model knows it.
struct Known {
    challenge: Json,
    version: u64,
    rule: u32,
    left: u64,
    open: bool,
    expires: SignedDuration,
}

/// The whole as the model knows it.
struct Model {
    shop: Shop,
    known: Vec<Known>,
    version: u64,
    qty: i64,
    rule: u32,
    active: bool,
    now: SignedDuration,
    number: u64,
}

impl Model {
    fn gate(&self) -> Json {
        gate("STOCK_CHANGE", &format!("Rule {}: &QTY?", self.rule), self.active)
    }

    fn ask(&mut self, challenge: Json) {
        // The sixth of a session costs it the oldest.
        let open: Vec<usize> = (0..self.known.len()).filter(|at| self.is_open(*at)).collect();
        for at in open.iter().rev().skip(4) {
            self.known[*at].open = false;
        }
        let (version, rule) = (self.version, self.rule);
        let expires = self.now + SignedDuration::from_secs(300);
        self.known.push(Known { challenge, version, rule, left: 3, open: true, expires });
    }

    fn is_open(&self, at: usize) -> bool {
        self.known[at].open && self.now < self.known[at].expires
    }

    /// What an approval that is right must be answered with.
    fn due(&self, at: usize) -> u16 {
        match () {
            () if !self.is_open(at) => 410,
            () if self.known[at].version != self.version => 409,
            () if self.active && self.known[at].rule != self.rule => 403,
            () => 200,
        }
    }

    fn approved(&mut self, at: usize, status: u16, answer: Option<&Json>) {
        match status {
            200 => {
                self.known[at].open = false;
                self.version += 1;
                self.qty = self.known[at].challenge["qty"].as_i64().unwrap();
            }
            409 => self.known[at].open = false,
            403 => {
                self.known[at].open = false;
                let mut anew = answer.unwrap()["checkpoint"].clone();
                anew["qty"] = self.known[at].challenge["qty"].clone();
                self.ask(anew);
            }
            _ => {}
        }
    }

    async fn step(&mut self, step: Step) {
        self.number += 1;
        // No two challenges of one moment: the oldest is told by it.
        self.shop.world.clock.advance(SignedDuration::from_secs(1));
        self.now += SignedDuration::from_secs(1);
        let path = self.shop.path();
        match step {
            Step::Ask => {
                let qty = 100 + self.number as i64;
                let change = self.shop.rows.change(self.number, 0, self.version, qty);
                if self.active {
                    let mut challenge = asked(&mut self.shop.member, &path, &change).await;
                    challenge["qty"] = json!(qty);
                    self.ask(challenge);
                } else {
                    self.shop.member.post(&path, change).await.expect(200);
                    (self.version, self.qty) = (self.version + 1, qty);
                }
            }
            Step::Approve(which, right) if which < self.known.len() => {
                let challenge = self.known[which].challenge.clone();
                let due = match (self.due(which), right) {
                    (410, _) => 410,
                    (_, false) => 401,
                    (due, true) => due,
                };
                let proof = if right { password() } else { json!({"password": "no"}) };
                let answer = approve(&mut self.shop.member, &challenge, proof).await.expect(due);
                if due == 401 {
                    let known = &mut self.known[which];
                    known.left -= 1;
                    known.open = known.left > 0;
                }
                let body = (due == 403).then(|| answer.json());
                self.approved(which, due, body.as_ref());
            }
            Step::Race(which) if which < self.known.len() => {
                let due = self.due(which);
                let challenge = self.known[which].challenge.clone();
                let all = (0..4).map(|_| {
                    let (mut browser, challenge) = (self.shop.member.clone(), challenge.clone());
                    tokio::spawn(async move { approve(&mut browser, &challenge, password()).await })
                });
                let mut first = None;
                for one in all.collect::<Vec<_>>() {
                    let answer = one.await.unwrap();
                    if answer.status != 410 {
                        assert_eq!(answer.status, due, "{}", answer.text());
                        assert!(first.replace(answer).is_none(), "two of four were let through");
                    }
                }
                assert_eq!(first.is_some(), due != 410);
                let body = first.filter(|answer| answer.status == 403).map(|answer| answer.json());
                self.approved(which, due, body.as_ref());
            }
            Step::Cancel(which) if which < self.known.len() => {
                let path = at(&self.known[which].challenge, "");
                let due = if self.is_open(which) { 204 } else { 410 };
                self.shop.member.delete(&path).await.expect(due);
                self.known[which].open = false;
            }
            Step::Change => {
                let qty = 1_000 + self.number as i64;
                let change = self.shop.rows.change(self.number, 0, self.version, qty);
                if self.active {
                    let challenge = asked(&mut self.shop.owner, &path, &change).await;
                    approve(&mut self.shop.owner, &challenge, password()).await.expect(200);
                } else {
                    self.shop.owner.post(&path, change).await.expect(200);
                }
                (self.version, self.qty) = (self.version + 1, qty);
            }
            Step::Switch(active, other) => {
                self.active = active;
                self.rule += u32::from(other);
                self.shop.owner.post("/api/account/proof", password()).await.expect(204);
                let gate = self.gate();
                put(&mut self.shop.owner, &gate).await;
            }
            Step::Wait(seconds) => {
                let time = SignedDuration::from_secs(seconds.into());
                self.shop.world.clock.advance(time);
                self.now += time;
            }
            Step::Approve(..) | Step::Race(_) | Step::Cancel(_) => {}
        }
        assert_eq!(self.shop.stock(0).await, (self.qty, self.version as i64), "after {step:?}");
    }
}

#[test]
fn whatever_happens_in_whichever_order_is_what_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 24, failure_persistence: None, max_shrink_iters: 40, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let run = |steps: Vec<Step>| {
        runtime.block_on(async {
            let handle = tokio::spawn(async move {
                let shop = Shop::open(None).await;
                let (known, now) = (Vec::new(), SignedDuration::ZERO);
                let mut model =
                    Model { shop, known, version: 1, qty: 3, rule: 1, active: true, now, number: 100 };
                let gate = model.gate();
                put(&mut model.shop.owner, &gate).await;
                for step in steps {
                    model.step(step).await;
                }
            });
            handle.await.map_err(|error| TestCaseError::fail(error.to_string()))
        })
    };
    runner.run(&steps(), run).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_something_is_approved_has_done_all_of_it_or_nothing() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut program = Program::start(&data, None);
    let mut owner = program.browser();
    let account = json!({"email": "owner@example.com", "name": "Owner", "password": PASSWORD});
    owner.post("/api/accounts", account).await.expect(201);
    put(&mut owner, &gate("STOCK_CHANGE", "Change it?", true)).await;
    let app = publish(&mut owner, guarded(10), &[]).await.expect(201).json();
    let app = app["id"].as_str().unwrap().to_owned();
    let mut chance = SeededRng::new(5);
    let row = async |owner: &mut crate::kit::Browser| {
        let text = owner.get(&format!("/api/apps/{app}/tables/stock/snapshot")).await.expect(200).text();
        let rows = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        rows.filter(Json::is_array).find(|row| row[2] == "0008").unwrap()
    };
    let (mut done, mut undone) = (0, 0);
    // As long as one takes that nobody disturbs: the first round tells.
    let mut usual = Duration::ZERO;
    for round in 0..16_u64 {
        let before = row(&mut owner).await;
        let qty = 500 + round;
        let change = json!({"id": crate::kit::id(round + 1), "operations": [
            {"type": "update", "table": "stock", "id": before[0], "baseVersion": before[1], "values": {"qty": qty}}]});
        let path = format!("/api/apps/{app}/transactions");
        let challenge = asked(&mut owner, &path, &change).await;
        if round == 0 {
            let began = Instant::now();
            approve(&mut owner, &challenge, password()).await.expect(200);
            usual = began.elapsed();
            continue;
        }
        let (browser, proof) = (owner.clone(), challenge.clone());
        // It waits for nobody any more when the server has gone.
        let approval = async move {
            let body = json!({"contentHash": proof["contentHash"], "password": PASSWORD});
            let request = browser
                .request(axum::http::Method::POST, &at(&proof, "/approve"))
                .header("content-type", "application/json")
                .body(axum::body::Body::from(body.to_string()))
                .unwrap();
            browser.status(request).await
        };
        // Once before, once after, and else up to half as long again as one takes.
        let answer = match round {
            14 => {
                program.kill();
                approval.await
            }
            15 => {
                let answer = approval.await;
                program.kill();
                answer
            }
            _ => {
                let after = usual.mul_f64((chance.next() % 1_000) as f64 / 666.0);
                let approval = tokio::spawn(approval);
                let killer = tokio::task::spawn_blocking(move || {
                    std::thread::park_timeout(after);
                    program.kill();
                });
                killer.await.unwrap();
                approval.await.unwrap()
            }
        };
        program = Program::start(&data, None);
        owner.address = program.address;
        let state = owner.get(&at(&challenge, "")).await.expect(200).json()["state"].clone();
        let now = row(&mut owner).await;
        if state == "done" {
            assert_eq!((&now[4], &now[1]), (&json!(qty), &json!(before[1].as_u64().unwrap() + 1)));
            done += 1;
            // What it gave is given again.
            owner.post(&path, change).await.expect(200);
        } else {
            assert_eq!((state, &now, answer), (json!("open"), &before, None));
            undone += 1;
            approve(&mut owner, &challenge, password()).await.expect(200);
        }
        approve(&mut owner, &challenge, password()).await.expect(410);
    }
    assert!(done > 0 && undone > 0, "{done} done, {undone} not");
    program.stop();
}
