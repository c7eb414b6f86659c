//! A daemon without a broker, and the command line that asks it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    config::{SMS_OUTBOX, Settings},
    daemon::{Daemon, Launch},
    http,
    ports::free_port,
    scripted_sink::{Behaviour, ScriptedSink},
    world::STOP_DEADLINE,
};

/// How long a daemon that was killed takes to stand again.
const READY_DEADLINE: Duration = Duration::from_secs(60);

/// The real binary, a mail server, and a folder for both.
pub struct Alone {
    /// The running daemon.
    pub daemon: Daemon,
    /// Where its mail goes.
    pub sink: ScriptedSink,
    launch: Launch,
    dir: TempDir,
}

impl Alone {
    /// Starts it, with whole TOML tables for the end of its configuration.
    pub async fn start(extra: &str) -> Self {
        Self::start_with(extra, &[]).await
    }

    /// The same, with this environment.
    pub async fn start_with(extra: &str, environment: &[(&str, &str)]) -> Self {
        Self::start_by(SMS_OUTBOX, extra, environment).await
    }

    /// The same, with these `[[sms.providers]]`.
    pub async fn start_by(sms_providers: &str, extra: &str, environment: &[(&str, &str)]) -> Self {
        let sink = ScriptedSink::start(Behaviour::default());
        let dir = tempfile::Builder::new().prefix("bellhop-alone").tempdir().unwrap();
        let http_port = free_port();
        let settings = Settings {
            dir: dir.path(),
            amqp_url: None,
            http_port,
            provider_url: &sink.url(),
            connections: 4,
            email_keys: "",
            sms_providers,
            extra,
        };
        let config = dir.path().join("bellhop.toml");
        std::fs::write(&config, settings.to_toml()).unwrap();
        let environment = environment.iter().map(|(name, of)| ((*name).into(), (*of).into()));
        let environment = environment.collect();
        let dir_of_daemon = dir.path().to_path_buf();
        let launch = Launch { dir: dir_of_daemon, config, http_port, environment };
        let daemon = launch.start().await;
        Self { daemon, sink, launch, dir }
    }

    /// What it reads at its start.
    pub fn config_path(&self) -> &Path {
        &self.launch.config
    }

    /// SIGKILL, and another that goes on.
    pub async fn crash(&mut self) {
        self.daemon.sigkill();
        self.daemon = self.launch.spawn();
        self.daemon.wait_ready(READY_DEADLINE).await;
    }

    /// Its SQLite database.
    pub fn store_path(&self) -> PathBuf {
        Settings::store_path(self.dir.path())
    }

    /// Where a path is.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.daemon.http())
    }

    /// The JSON of a GET that must be answered well.
    pub async fn read(&self, path: &str) -> Value {
        let (status, body) = http::read(&self.url(path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// POSTs; returns status and JSON.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = http::ask(http::client().post(self.url(path)).json(&body)).await;
        (answer.status, answer.body)
    }

    /// What `bellhop ARG…` prints that asks this daemon and must end well.
    pub fn says(&self, args: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
        command.args(args).arg("--config").arg(&self.launch.config).env_remove("RUST_LOG");
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same as JSON.
    pub fn says_json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[args, &["--format", "json"]].concat())).unwrap()
    }

    /// Ends a test: an orderly stop.
    pub async fn finish(mut self) {
        let status = self.daemon.sigterm_and_wait(STOP_DEADLINE).await;
        assert!(status.success(), "the daemon stopped with {status}");
    }
}
