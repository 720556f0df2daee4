//! A PostgreSQL server for the time of the tests: its own folder, its own port, gone afterwards.
//!
//! **Architecture Invariant:** a server that this machine runs for other purposes is never touched.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result};

use crate::{
    setup::{is_root, postgresql_programs},
    shell::{Run, run},
};

/// A running server; dropping it stops it and removes its folder.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    as_root: bool,
}

impl Server {
    /// Makes an empty database cluster and starts a server on it, on this machine's loopback address only.
    pub(crate) fn start() -> Result<Self> {
        let programs = postgresql_programs().context("PostgreSQL is not installed")?;
        // A socket's path may have 107 bytes, so the folder is not below the target folder.
        let folder = std::env::temp_dir().join(format!("gridkeep-postgres-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let as_root = is_root()?;
        let server = Self { programs, folder, port: free_port()?, as_root };
        if as_root {
            // PostgreSQL refuses to run as root; Debian's package brings the account `postgres`.
            run("chown", ["postgres:"]).argument(&server.folder).quietly().check()?;
        }
        let data = server.folder.join("data");
        let initdb =
            ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        server.program("initdb", &initdb)?.argument("--pgdata").argument(&data).read()?;
        // Nothing in it outlives the tests, so nothing needs to reach the disk.
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off \
             -c synchronous_commit=off -c full_page_writes=off -c max_connections=200",
            server.port,
            server.folder.display()
        );
        let log = server.folder.join("log");
        let start = server.program("pg_ctl", &["start", "--silent", "--wait", "--options", &options])?;
        start.argument("--pgdata").argument(&data).argument("--log").argument(&log).check()?;
        println!("postgresql: {} on port {}", server.programs.display(), server.port);
        Ok(server)
    }

    /// Where it is, as a connection string with the right to create databases.
    pub(crate) fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Result<Run> {
        let program = self.programs.join(name);
        let program = program.to_str().context("PostgreSQL's folder has no readable name")?;
        let run = if self.as_root {
            let all = ["-u", "postgres", "--", program].into_iter().chain(arguments.iter().copied());
            run("runuser", all)
        } else {
            run(program, arguments)
        };
        Ok(run.directory(Path::new("/")).quietly())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let stop = self.program("pg_ctl", &["stop", "--silent", "--mode=immediate"]);
        _ = stop.and_then(|stop| stop.argument("--pgdata").argument(data).read());
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port that nobody listens on at this moment.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
