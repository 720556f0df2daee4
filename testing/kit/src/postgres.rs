//! A private PostgreSQL for tests: in a temporary folder, on the loopback only, without durability.
//!
//! **Architecture Invariant:** it stops the server it started, by its process id, and no other; a server named by
//! `GRIDKEEP_TEST_POSTGRES` is used and left alone.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::{fs::PermissionsExt, net::UnixStream, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    server: Option<(Child, TempDir)>,
}

/// Who runs the server when the tests run as root, which PostgreSQL refuses.
#[derive(Debug, Clone, Copy)]
struct Person {
    user: u32,
    group: u32,
}

impl Postgres {
    /// The server named by `GRIDKEEP_TEST_POSTGRES`, or a new one. Without PostgreSQL on this machine it says
    /// `skipped: PostgreSQL is absent` and the test returns.
    pub fn start() -> Option<Self> {
        if let Ok(url) = std::env::var("GRIDKEEP_TEST_POSTGRES") {
            return Some(Self { url, server: None });
        }
        let Some(programs) = programs() else {
            crate::skip("PostgreSQL is absent");
            return None;
        };
        match Self::launch(&programs) {
            Ok(postgres) => Some(postgres),
            Err(error) => panic!("PostgreSQL is here but did not start: {error:#}"),
        }
    }

    /// The server's URL, with its database `postgres`, such as `postgres://postgres@127.0.0.1:41234/postgres`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of another database of the server. One database a test, named by [`Postgres::fresh_name`] and created by
    /// the test's own client, keeps tests apart.
    pub fn database_url(&self, name: &str) -> String {
        let (server, _) = self.url.rsplit_once('/').unwrap_or((&self.url, ""));
        format!("{server}/{name}")
    }

    /// A database name no other test of this machine uses at the moment.
    pub fn fresh_name() -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let moment = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_nanos());
        format!("t{}_{}_{moment:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// The URL of a new, empty database, for tests that have no client of their own.
    ///
    /// # Panics
    /// When the server's `psql` cannot make it.
    pub fn fresh_database(&self) -> String {
        let name = Self::fresh_name();
        let psql = programs().map_or_else(|| PathBuf::from("psql"), |programs| programs.join("psql"));
        let make = format!("CREATE DATABASE {name}");
        let made = Command::new(psql)
            .args(["--no-psqlrc", "--quiet", "--dbname", &self.url, "--command", &make])
            .stdin(Stdio::null())
            .status();
        assert!(made.as_ref().is_ok_and(std::process::ExitStatus::success), "psql: {made:?}");
        self.database_url(&name)
    }

    /// Runs statements on a database of some server, one after the other until one is refused.
    ///
    /// # Panics
    /// When one is.
    pub fn run(url: &str, sql: &str) {
        let psql = programs().map_or_else(|| PathBuf::from("psql"), |programs| programs.join("psql"));
        let ran = Command::new(psql)
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url, "--command", sql])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(ran.as_ref().is_ok_and(std::process::ExitStatus::success), "psql: {ran:?}: {sql}");
    }

    /// The URL of a copy of a database that nobody uses.
    pub fn copy(&self, url: &str) -> String {
        let (name, from) = (Self::fresh_name(), url.rsplit('/').next().unwrap_or_default());
        Self::run(&self.url, &format!("CREATE DATABASE {name} TEMPLATE {from}"));
        self.database_url(&name)
    }

    fn launch(programs: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("gk-pg-").tempdir().context("temporary folder")?;
        let person = unprivileged()?;
        if let Some(person) = person {
            std::os::unix::fs::chown(folder.path(), Some(person.user), Some(person.group))?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let data = folder.path().join("data");
        let made = run_as(person, &programs.join("initdb"), folder.path())
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .context("initdb")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Another process may take the port between here and the start: try again with another one.
        let mut failure = String::new();
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let log = folder.path().join("log");
            let mut child = run_as(person, &programs.join("postgres"), folder.path())
                .arg("-D")
                .arg(&data)
                .arg("-k")
                .arg(folder.path())
                .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
                .args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
                .args(["-c", "max_connections=200", "-c", "shared_buffers=64MB"])
                .stdout(Stdio::null())
                .stderr(fs::File::create(&log)?)
                .spawn()
                .context("postgres")?;
            match wait(&mut child, &folder.path().join(format!(".s.PGSQL.{port}"))) {
                Ok(()) => {
                    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                    return Ok(Self { url, server: Some((child, folder)) });
                }
                Err(error) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    failure = format!("{error:#}: {}", fs::read_to_string(&log).unwrap_or_default());
                }
            }
        }
        bail!("{failure}")
    }
}

/// Waits until the server accepts connections.
fn wait(child: &mut Child, socket: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            bail!("it ended with {status}");
        }
        if answers(socket).is_ok() {
            return Ok(());
        }
        // Another process's readiness is no event this one could wait for.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    bail!("it did not answer within a minute")
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some((child, _)) = &mut self.server else { return };
        // SIGINT is PostgreSQL's fast shutdown; its children end with it.
        let pid = child.id().to_string();
        let asked = Command::new("kill").args(["-INT", &pid]).status().is_ok_and(|status| status.success());
        if !asked {
            let _ = child.kill();
        }
        let _ = child.wait();
    }
}

/// Asked on the socket in the server's own folder: another server may have taken the port.
fn answers(socket: &Path) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    // SSLRequest of the PostgreSQL protocol: length 8, code 80877103. A start-up message for an accepting server follows
    // in the client; a server still starting refuses only that, so ask it too.
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
    let mut answer = [0_u8];
    stream.read_exact(&mut answer)?;
    let mut start = vec![0, 0, 0, 0, 0, 3, 0, 0];
    start.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
    let length = u32::try_from(start.len()).unwrap_or(0);
    start[..4].copy_from_slice(&length.to_be_bytes());
    stream.write_all(&start)?;
    stream.read_exact(&mut answer)?;
    if answer[0] == b'R' { Ok(()) } else { Err(std::io::Error::other("still starting")) }
}

/// The newest PostgreSQL that Debian installed.
fn programs() -> Option<PathBuf> {
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    versions.retain(|path| path.join("bin/initdb").is_file() && path.join("bin/postgres").is_file());
    versions.sort_by_key(version);
    versions.pop().map(|path| path.join("bin"))
}

/// `postgres` or `nobody` when these tests run as root; `None` when they need not change.
fn unprivileged() -> Result<Option<Person>> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if uid != Some("0") {
        return Ok(None);
    }
    let people = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let line = people.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let (user, group) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Person { user, group })
    };
    find("postgres").or_else(|| find("nobody")).map(Some).context("no user to run PostgreSQL as")
}

fn run_as(person: Option<Person>, program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C").stdin(Stdio::null());
    if let Some(person) = person {
        command.uid(person.user).gid(person.group);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_answers_and_stops() {
        let Some(postgres) = Postgres::start() else { return };
        let Some((child, folder)) = &postgres.server else { return };
        assert!(Path::new(&format!("/proc/{}", child.id())).exists());
        let port = postgres.url().rsplit_once(':').unwrap().1.split('/').next().unwrap();
        let socket = folder.path().join(format!(".s.PGSQL.{port}"));
        answers(&socket).unwrap();
        drop(postgres);
        assert!(answers(&socket).is_err());
    }
}
