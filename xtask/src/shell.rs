//! Starting other programs, and where things are.
//!
//! **Architecture Invariant:** every command that is started is shown, and its failure names it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Where cargo builds, and where this tool keeps its own intermediate files.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The program of that name, looked up as a shell does.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// A program with its arguments, about to be started.
pub(crate) struct Run {
    program: OsString,
    arguments: Vec<OsString>,
    directory: PathBuf,
    environment: Vec<(OsString, OsString)>,
    quiet: bool,
}

/// A program to start in the workspace's folder.
pub(crate) fn run<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Run {
    Run {
        program: program.as_ref().to_owned(),
        arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
        directory: root(),
        environment: Vec::new(),
        quiet: false,
    }
}

impl Run {
    /// In this folder instead.
    pub(crate) fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// With this variable.
    pub(crate) fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// One more argument.
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Without showing the command.
    pub(crate) const fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Runs it to its end; its output goes to the terminal. An error when it fails.
    pub(crate) fn check(self) -> Result<()> {
        let status = self.command().status().with_context(|| format!("cannot start {self}"))?;
        if !status.success() {
            bail!("{self}: {status}");
        }
        Ok(())
    }

    /// Runs it to its end and gives what it wrote to its standard output. An error, with its words, when it fails.
    pub(crate) fn read(self) -> Result<String> {
        let output = self.command().output().with_context(|| format!("cannot start {self}"))?;
        if !output.status.success() {
            bail!("{self}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it to its end, shows its output and gives it as lines too, with whether it succeeded.
    pub(crate) fn watch(self) -> Result<(bool, Vec<String>)> {
        self.lines(|line| println!("{line}"))
    }

    /// Runs it to its end and gives its output as lines, with whether it succeeded.
    pub(crate) fn gather(self) -> Result<(bool, Vec<String>)> {
        self.lines(|_| {})
    }

    fn lines(self, hear: fn(&str)) -> Result<(bool, Vec<String>)> {
        let mut child = self.piped()?;
        let (sender, receiver) = mpsc::channel();
        let out = child.stdout.take().map(|stream| pump(stream, sender.clone()));
        let err = child.stderr.take().map(|stream| pump(stream, sender));
        let lines: Vec<String> = receiver.iter().inspect(|line| hear(line)).collect();
        for reader in [out, err].into_iter().flatten() {
            reader.join().map_err(|_| anyhow::anyhow!("reading the output of {self} failed"))?;
        }
        Ok((child.wait()?.success(), lines))
    }

    /// Starts it with its output piped to us.
    fn piped(&self) -> Result<Child> {
        self.command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {self}"))
    }

    fn command(&self) -> Command {
        if !self.quiet {
            println!("$ {self}");
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut line = self.program.to_string_lossy().into_owned();
        for argument in &self.arguments {
            let argument = argument.to_string_lossy();
            let plain = !argument.is_empty() && !argument.contains([' ', '"', '\'', '$']);
            _ = if plain { write!(line, " {argument}") } else { write!(line, " '{argument}'") };
        }
        f.write_str(&line)
    }
}

fn pump(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    })
}
