//! A RabbitMQ: the one all tests share, or one of the test's own that it may stop and start.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::services::{rabbitmq_dir, script, variable};

/// A running RabbitMQ.
#[derive(Debug)]
pub struct Broker {
    dir: PathBuf,
    /// `amqp://user:password@host:port`, without a vhost.
    base_url: String,
    own_dir: Option<TempDir>,
}

impl Broker {
    /// The broker `tests/run` started. Never stop it: other tests are on it.
    pub fn shared() -> Self {
        Self { dir: rabbitmq_dir(), base_url: variable("BELLHOP_TEST_AMQP_URL"), own_dir: None }
    }

    /// A broker for this test alone, for tests that stop it. Starting takes 5 to 15 s.
    pub async fn own() -> Self {
        spawn_blocking(|| {
            // Below the folder of the services, so that whoever stops those stops this too,
            // even when the test was killed.
            let own_dir = tempfile::Builder::new()
                .prefix("broker-")
                .tempdir_in(variable("BELLHOP_TEST_SERVICES_DIR"))
                .unwrap();
            let dir = own_dir.path().to_path_buf();
            script("broker-start", &dir, &[]);
            let env = std::fs::read_to_string(dir.join("env")).unwrap();
            let base_url = env
                .lines()
                .find_map(|line| line.strip_prefix("export BELLHOP_TEST_AMQP_URL="))
                .expect("DIR/env names the broker's address")
                .to_owned();
            Self { dir, base_url, own_dir: Some(own_dir) }
        })
        .await
        .unwrap()
    }

    /// `amqp://user:password@host:port`, without a vhost.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// An orderly stop; queues and messages stay on disk, the port stays reserved.
    pub async fn stop(&self) {
        self.steer("broker-stop").await;
    }

    /// SIGKILL, as when the machine dies.
    pub async fn kill(&self) {
        self.steer("broker-kill").await;
    }

    /// Starts it again on the same port with the same data; returns when it answers.
    pub async fn start(&self) {
        self.steer("broker-start").await;
    }

    async fn steer(&self, command: &'static str) {
        assert!(self.own_dir.is_some(), "{command} on the broker that all tests share");
        let dir = self.dir.clone();
        spawn_blocking(move || script(command, &dir, &[])).await.unwrap();
    }

    /// Evaluates an Erlang expression inside the broker and returns the printed result, such
    /// as `{ok, true}`. Strings come back in double quotes, binaries are unreadable.
    pub async fn eval(&self, erlang: String) -> String {
        let dir = self.dir.clone();
        spawn_blocking(move || script("eval", &dir, &[&erlang])).await.unwrap()
    }

    /// [`Broker::eval`] where nothing can be awaited.
    pub fn eval_blocking(&self, erlang: &str) -> String {
        script("eval", &self.dir, &[erlang])
    }

    /// True if the test may stop it, and its vhosts vanish with it.
    pub fn is_own(&self) -> bool {
        self.own_dir.is_some()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if self.own_dir.is_some() {
            script("broker-kill", &self.dir, &[]);
        }
    }
}
