//! Where samples are run: a shell in a folder of its own, with ports of its own.

use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    net::TcpStream,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{likeness::is_like, page::Sample};
use crate::support::{eventually, ports::free_port};

/// What stands on pages, and what is free here.
const PORTS: [&str; 2] = ["8025", "8090"];
/// How commands are called where the source is at hand.
const FROM_SOURCE: &str = "cargo run --release -- ";
/// What is not done here: this very suite.
const NOT_PLAYED: &str = "tests/run";
/// What ends when it is stopped.
const STAYS: [&str; 2] = ["bellhop run ", "python3 sms/gateway.py"];
/// What takes effect: it is done once. What only looks is done until it sees what it should.
const ACTS: [&str; 2] = ["send ", "report "];
const DEADLINE: Duration = Duration::from_secs(60);
/// Printed by the shell behind each sample.
const DONE: &str = "-- done --";

/// See the module.
pub struct Stage {
    shell: Child,
    typed: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// Each by its place in [`PORTS`].
    ports: [String; 2],
    _folder: TempDir,
}

impl Stage {
    /// A new shell in an empty folder.
    pub fn set() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::Builder::new().prefix("bellhop-lesson").tempdir().unwrap();
        std::os::unix::fs::symlink(root.join("tests"), folder.path().join("tests")).unwrap();
        let ports = PORTS.map(|_| free_port().to_string());
        let bin = Path::new(env!("CARGO_BIN_EXE_bellhop")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("bash")
            .current_dir(folder.path())
            .env("PATH", path)
            .env("BELLHOP__HTTP__LISTEN", format!("127.0.0.1:{}", ports[0]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What is started in it is stopped with it.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut typed = shell.stdin.take().unwrap();
        writeln!(typed, "exec 2>&1").unwrap();
        let said = BufReader::new(shell.stdout.take().unwrap()).lines();
        Self { shell, typed, said, ports, _folder: folder }
    }

    /// Runs a sample, and says what it said.
    pub async fn play(&mut self, sample: &Sample) -> String {
        let typed = sample.typed.replace(FROM_SOURCE, "bellhop ");
        let typed = self.with_free_ports(&typed);
        if typed == NOT_PLAYED {
            return String::new();
        }
        let last = typed.lines().last().unwrap_or_default();
        if STAYS.iter().any(|stays| last.starts_with(stays)) {
            let port = &self.ports[usize::from(last.contains("gateway"))].clone();
            self.run(&format!("{typed} >> log 2>&1 &"));
            eventually("it listens", DEADLINE, || async {
                TcpStream::connect(format!("127.0.0.1:{port}")).ok()
            })
            .await;
            return String::new();
        }
        let acts = ACTS.iter().any(|acts| typed.lines().any(|line| line.starts_with(acts)));
        let started = Instant::now();
        loop {
            let said = self.run(&typed);
            let said = self.as_on_the_page(&said);
            let is_right = sample.expected.as_ref().is_none_or(|shown| is_like(shown, &said));
            if is_right || acts || started.elapsed() > DEADLINE / 10 {
                return said;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn run(&mut self, typed: &str) -> String {
        // Nothing of the samples reads what is typed next.
        writeln!(self.typed, "{{\n{typed}\n}} </dev/null\necho\necho '{DONE}'").unwrap();
        let lines = self.said.by_ref().map(Result::unwrap).take_while(|line| line != DONE);
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    fn with_free_ports(&self, text: &str) -> String {
        PORTS.iter().zip(&self.ports).fold(text.to_owned(), |text, (on_page, free)| {
            text.replace(&format!("127.0.0.1:{on_page}"), &format!("127.0.0.1:{free}"))
                .replace(&format!("\"127.0.0.1\", {on_page}"), &format!("\"127.0.0.1\", {free}"))
        })
    }

    fn as_on_the_page(&self, text: &str) -> String {
        PORTS
            .iter()
            .zip(&self.ports)
            .fold(text.to_owned(), |text, (on_page, free)| text.replace(free.as_str(), on_page))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let group = format!("kill -TERM -- -{}", self.shell.id());
        let _ = Command::new("bash").arg("-c").arg(group).status();
        let _ = self.shell.wait();
    }
}
