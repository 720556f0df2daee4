//! The real program in a process of its own: to be killed at any moment, or to be asked for its words and exit code.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::kit::Browser;

/// `gridkeep serve` over a data folder. Killed when dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What a command that ends has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `gridkeep COMMAND` over this folder and database, with nothing from the environment of the tests.
fn command(name: &str, data: &Path, database: Option<&str>) -> Command {
    command_of(&[name], data, database)
}

fn command_of(names: &[&str], data: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridkeep"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("GRIDKEEP_") {
            command.env_remove(variable);
        }
    }
    command.args(names).arg("--data").arg(data).env("GRIDKEEP_LOG", "warn").stdin(Stdio::null());
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command
}

/// Asks the doctor, with these arguments beside the folder and the database.
pub(crate) fn doctor(data: &Path, database: Option<&str>, arguments: &[&str]) -> Said {
    said("doctor", data, database, arguments)
}

/// Takes over people from the file that the arguments name.
pub(crate) fn import(data: &Path, database: Option<&str>, arguments: &[&str]) -> Said {
    said("import-accounts", data, database, arguments)
}

/// Asks about the log; the arguments begin with what is asked.
pub(crate) fn audit(data: &Path, database: Option<&str>, arguments: &[&str]) -> Said {
    let (what, rest) = arguments.split_first().unwrap();
    // It stands between the command and its options.
    let mut command = command_of(&["audit", what], data, database);
    run(command.args(rest))
}

fn said(name: &str, data: &Path, database: Option<&str>, arguments: &[&str]) -> Said {
    run(command(name, data, database).args(arguments))
}

fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

impl Program {
    /// Starts it on a port the system chooses, and waits until it says which.
    pub(crate) fn start(data: &Path, database: Option<&str>) -> Self {
        let mut child = command("serve", data, database)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_end_matches('/').rsplit('/').next().unwrap().parse();
        Self { child, address: address.unwrap_or_else(|_| panic!("the server did not start: {line:?}")) }
    }

    /// Somebody who has not signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// The most memory it has had since this was asked last, in bytes: resident, as the kernel counts it.
    pub(crate) fn peak(&self) -> u64 {
        let folder = Path::new("/proc").join(self.child.id().to_string());
        let status = std::fs::read_to_string(folder.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        // 5 sets the peak back to what is resident now (proc_pid_clear_refs(5)).
        std::fs::write(folder.join("clear_refs"), "5").unwrap();
        kibibytes * 1024
    }

    /// Ends it at once (SIGKILL): it gets to do nothing more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop (SIGTERM), and waits until it has.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success() && self.child.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
