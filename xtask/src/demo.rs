//! `cargo xtask demo`: everything built, a server with a sample workspace, and its address.
//!
//! **Architecture Invariant:** the samples come in through the front door, the way a maker brings workbooks, so that
//! what the demo shows is what a person gets.

use std::{
    fs,
    io::Read as _,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};

use crate::{
    cargo::Profile,
    http::Client,
    shell::{root, target},
    wasm, web,
};

/// Workbooks of `samples/` that the workspace begins with.
const SAMPLES: [&str; 5] = [
    "loan_calculator.xlsx",
    "inventory_list.xlsx",
    "expense_report.xlsx",
    "sales_dashboard.xlsx",
    "price_quote_de.xlsx",
];
const MAKER: &str = "maker@example.org";

/// How to show it.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port to listen on
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Checks that the pages and the samples answer, and ends
    #[arg(long)]
    once: bool,
}

/// Builds everything and shows it until Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = Profile::Release.server()?;
    wasm::build()?;
    web::prepare(&program)?;
    web::build()?;
    if options.once {
        return once(&program);
    }
    let data = root().join(".gridkeep/demo");
    let mut demo = Demo::start(&program, &data, options.port)?;
    let links = demo.furnish()?;
    println!("\n  Gridkeep is at {}", demo.address());
    println!("  Sign in as {MAKER} with the password {}", demo.password);
    for (name, link) in links {
        println!("  {name:<24} {link}");
    }
    println!("\n  Ctrl-C stops it; the workspace stays in .gridkeep/demo");
    let status = demo.server.wait()?;
    // Ctrl-C reaches the server as well, which then ends as it should.
    println!("gridkeep: {status}");
    Ok(())
}

/// Shows it to nobody: in a folder and on a port of its own, checks that everything answers, and ends.
pub(crate) fn once(program: &Path) -> Result<()> {
    let data = target().join("demo-once");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let mut demo = Demo::start(program, &data, free_port()?)?;
    let links = demo.furnish()?;
    ensure!(links.len() == SAMPLES.len(), "{} of {} samples are published", links.len(), SAMPLES.len());
    let mut visitor = Client::new(demo.listen);
    for path in
        ["/", "/healthz", "/api/openapi.json"].into_iter().chain(links.iter().map(|(_, link)| link.as_str()))
    {
        let path = path.strip_prefix(&demo.address()).unwrap_or(path);
        let answer = visitor.get(path)?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        println!("demo: {path} answers, {}", answer.header("content-type").unwrap_or("of no type"));
    }
    drop(demo);
    fs::remove_dir_all(data)?;
    Ok(())
}

/// A server with the sample workspace; dropping it stops it.
struct Demo {
    server: Child,
    listen: SocketAddr,
    password: String,
    client: Client,
}

impl Demo {
    fn start(program: &Path, data: &Path, port: u16) -> Result<Self> {
        fs::create_dir_all(data)?;
        let listen = SocketAddr::from(([127, 0, 0, 1], port));
        let address = format!("http://{listen}");
        let server = Command::new(program)
            .args(["serve", "--listen", &listen.to_string(), "--base-url", &address, "--data"])
            .arg(data)
            .arg("--web")
            .arg(root().join("web/dist"))
            .stdin(Stdio::null())
            .stdout(fs::File::create(data.join("log"))?)
            .stderr(fs::File::create(data.join("errors"))?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let password = password(data)?;
        let mut demo = Self { server, listen, password, client: Client::new(listen) };
        demo.wait(data)?;
        Ok(demo)
    }

    fn address(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Waits until the server answers, or has ended.
    fn wait(&mut self, data: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Some(status) = self.server.try_wait()? {
                let errors = fs::read_to_string(data.join("errors")).unwrap_or_default();
                let log = fs::read_to_string(data.join("log")).unwrap_or_default();
                bail!("the server ended at once ({status}):\n{log}{errors}");
            }
            if self.client.get("/healthz").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        bail!("the server did not answer within 30 s")
    }

    /// Makes the maker's account and publishes the samples, as far as that has not been done; gives names and links.
    fn furnish(&mut self) -> Result<Vec<(String, String)>> {
        let first = self.client.get("/api/session")?.parsed()?["firstRun"] == true;
        let person = json!({ "email": MAKER, "name": "Maker", "password": self.password });
        if first {
            self.client.post("/api/accounts", &person)?;
            self.gate(false)?;
            for sample in SAMPLES {
                self.publish(sample).with_context(|| format!("publishing {sample}"))?;
            }
            // Its message shows an amount, which is there now that an app names it.
            self.gate(true)?;
        } else {
            self.client.post("/api/session", &json!({ "email": MAKER, "password": self.password }))?;
        }
        let apps = self.client.get("/api/apps")?.parsed()?;
        let words = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let apps = apps.as_array().context("no list of apps")?;
        Ok(apps.iter().map(|app| (words(&app["name"]), words(&app["link"]))).collect())
    }

    /// The gate before expenses above 5,000 are approved.
    fn gate(&mut self, active: bool) -> Result<()> {
        let gate = json!({
            "id": "APPROVE_EXPENSE",
            "description": "Expenses above 5,000 are approved by somebody who is there.",
            "message": "Approve the expense of &AMOUNT as &APPROVER?",
            "active": active,
            "methods": ["password", "pin", "passkey"],
            "comment": "optional",
        });
        self.client.put("/api/checkpoints/gates/APPROVE_EXPENSE", &gate)
    }

    fn publish(&mut self, sample: &str) -> Result<()> {
        // Samples of the portal bring their actions; the others come as files.
        let id = sample.trim_end_matches(".xlsx");
        let known = self.client.get("/api/samples")?.parsed()?;
        let known = known.as_array().is_some_and(|all| all.iter().any(|one| one["id"] == id));
        let creation = if known {
            self.client.upload(&format!("/api/creations?sample={id}"), sample, &[])?
        } else {
            let bytes = fs::read(root().join("samples").join(sample))?;
            self.client.upload("/api/creations", sample, &bytes)?
        };
        let token = creation["token"].as_str().context("no token")?;
        let definition = &creation["proposals"][0]["definition"];
        ensure!(definition.is_object(), "no app was proposed");
        let wish = json!({ "definition": definition, "audience": "public" });
        let app = self.client.post(&format!("/api/creations/{token}/publish"), &wish)?;
        if id == "expense_report" {
            self.expense(app["id"].as_str().context("an app without an id")?)?;
        }
        Ok(())
    }

    /// Adds an expense that is large enough for the gate.
    fn expense(&mut self, app: &str) -> Result<()> {
        let insert = json!({
            "type": "insert",
            "table": "expenses",
            "id": "01a204c0-0000-7000-8000-000000000001",
            "values": {
                "date": "2026-11-18",
                "category": "Travel",
                "description": "Stand at the trade fair",
                "currency": "EUR",
                "amount": 7400,
            },
        });
        let wish = json!({ "id": "01a204c0-0000-7000-8000-000000000002", "operations": [insert] });
        let outcome = self.client.post(&format!("/api/apps/{app}/transactions"), &wish)?;
        ensure!(outcome["outcome"] == "applied", "the expense was refused: {outcome}");
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

/// The maker's password: made by chance at the first start and kept beside the data, for the owner's eyes only.
fn password(data: &Path) -> Result<String> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = data.join("password");
    if let Ok(known) = fs::read_to_string(&path) {
        return Ok(known);
    }
    let mut bytes = [0; 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let letters = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let password: String = bytes.iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect();
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    std::io::Write::write_all(&mut file, password.as_bytes())?;
    Ok(password)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
