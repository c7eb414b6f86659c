//! An SMSC by another implementation than ours: `tests/smsc.py`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{eventually, ports::free_port, services};

const DEADLINE: Duration = Duration::from_secs(30);

/// See the module. Killed on drop.
#[derive(Debug)]
pub struct Smsc {
    port: u16,
    python: Child,
    says: ChildStdin,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Smsc {
    /// Starts it, and waits until it listens.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, which tells of messages only where it is asked to.
    pub async fn silent() -> Self {
        Self::with(&["silent"]).await
    }

    async fn with(more: &[&str]) -> Self {
        let port = free_port();
        let mut python = Command::new("/usr/bin/python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smsc.py"))
            .arg(port.to_string())
            .args(more)
            .env("PYTHONPATH", services::variable("BELLHOP_TEST_PYTHON_PACKAGES"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (says, printed) = (python.stdin.take().unwrap(), python.stdout.take().unwrap());
        let told = Arc::<Mutex<Vec<Value>>>::default();
        let writes = told.clone();
        thread::spawn(move || {
            for line in BufReader::new(printed).lines().map_while(Result::ok) {
                writes.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        let smsc = Self { port, python, says, told };
        smsc.tells("listening", 1).await;
        smsc
    }

    /// The provider's table in the configuration, with more keys.
    pub fn provider(&self, more: &str) -> String {
        format!(
            "[[sms.providers]]\nname = \"smsc\"\nkind = \"smpp\"\n\
             url = \"smpp://bellhop:s3cret@127.0.0.1:{}\"\n{more}\n",
            self.port
        )
    }

    /// Whatever it has told in which there is this name.
    pub fn told(&self, name: &str) -> Vec<Value> {
        let told = self.told.lock().unwrap();
        told.iter().filter(|told| told.get(name).is_some()).cloned().collect()
    }

    /// The same, once it is so many.
    pub async fn tells(&self, name: &str, count: usize) -> Vec<Value> {
        eventually(name, DEADLINE, || async {
            Some(self.told(name)).filter(|told| told.len() >= count)
        })
        .await
    }

    /// A phone writes.
    pub fn writes(&mut self, from: &str, to: &str, text: &str) {
        writeln!(self.says, "{from} {to} {text}").unwrap();
    }

    /// It tells that the message that it calls so was delivered.
    pub fn delivers(&mut self, name: &str) {
        writeln!(self.says, "receipt {name}").unwrap();
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        let _ = self.python.kill();
        let _ = self.python.wait();
    }
}
