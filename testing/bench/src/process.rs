//! Programs under measurement, and what the kernel says they used.
//!
//! **Architecture Invariant:** what was started here is stopped here, by its process id, also when a measurement fails.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// How the kernel counts processor time for us: hundredths of a second, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// A program that answers at an address of the loopback.
pub(crate) struct Process {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts it, without input or output.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child =
            quiet.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child, address })
    }

    /// Waits until it takes connections.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            ensure!(self.child.try_wait()?.is_none(), "the server ended at once");
            thread::park_timeout(Duration::from_millis(1));
        }
        bail!("the server did not answer")
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as a service manager does, and waits for it.
    pub(crate) fn end(&mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// How our server is started.
#[derive(Clone)]
pub(crate) struct Serving {
    /// The program.
    pub(crate) program: PathBuf,
    /// The built pages, if they are measured too.
    pub(crate) web: Option<PathBuf>,
    /// Where it may write.
    pub(crate) data: PathBuf,
    /// A PostgreSQL instead of the embedded database.
    pub(crate) database: Option<String>,
    /// Commits do not wait for the disk.
    pub(crate) relaxed: bool,
    /// Requests say where they come from, as behind a proxy.
    pub(crate) proxied: bool,
}

impl Serving {
    /// Empties the data folder.
    pub(crate) fn fresh(&self) -> Result<()> {
        if self.data.exists() {
            fs::remove_dir_all(&self.data)?;
        }
        Ok(fs::create_dir_all(&self.data)?)
    }

    /// Starts the server and waits until it takes connections.
    pub(crate) fn start(&self, address: SocketAddr) -> Result<Process> {
        let mut command = Command::new(&self.program);
        command.args(["serve", "--listen", &address.to_string(), "--base-url", &format!("http://{address}")]);
        command.arg("--data").arg(&self.data);
        if let Some(web) = &self.web {
            command.arg("--web").arg(web);
        }
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        if self.relaxed {
            command.args(["--synchronous", "normal"]);
        }
        if self.proxied {
            command.arg("--behind-proxy");
        }
        let mut process = Process::start(&mut command, address)?;
        process.wait()?;
        Ok(process)
    }
}

/// An address of the loopback that nobody listens at.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// A process and all it started.
pub(crate) fn family(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        for task in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    found
}

/// Our own children with that name.
pub(crate) fn children(name: &str) -> Vec<u32> {
    let named = |id: &u32| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|own| own.trim() == name);
    let all = family(std::process::id()).into_iter().skip(1);
    all.filter(named).collect()
}

/// Processor time these processes used so far, with that of their ended children.
pub(crate) fn processor_time(processes: &[u32]) -> Duration {
    let ticks = |id: &u32| -> u32 {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // The name in parentheses may hold anything; behind it come fields 3 and following: 14 to 17 are the times.
        let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        rest.split(' ').skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum()
    };
    processes.iter().map(ticks).sum::<u32>() * TICK
}

/// Resident memory of a process in kilobytes: now (`VmRSS`) or at its highest (`VmHWM`).
pub(crate) fn memory(process: u32, what: &str) -> Result<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    Ok(line.context("the kernel does not say")?.trim().trim_end_matches(" kB").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_of_ourselves() {
        let own = std::process::id();
        assert_eq!(family(own)[0], own);
        assert!(memory(own, "VmHWM").expect("a figure") >= memory(own, "VmRSS").expect("a figure") / 2);
        let mut sum = 0_u64;
        let started = Instant::now();
        while processor_time(&[own]).is_zero() && started.elapsed() < Duration::from_secs(20) {
            sum = (0..100_000).fold(sum, |sum, number: u64| std::hint::black_box(sum ^ number));
        }
        assert!(!processor_time(&[own]).is_zero());
    }
}
