//! A RabbitMQ: the one all tests share, or one of the test's own that it may stop and start.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::services::{rabbitmq_dir, script, variable};

/// A running RabbitMQ.
#[derive(Debug)]
pub struct Broker {
    dir: PathBuf,
    /// `amqp://user:password@host:port`, without a vhost.
    base_url: String,
    /// `http://user:password@host:port` of the management API.
    management_url: Option<String>,
    own_dir: Option<TempDir>,
}

impl Broker {
    /// The broker `tests/run` started. Never stop it: other tests are on it.
    pub fn shared() -> Self {
        let base_url = variable("BELLHOP_TEST_AMQP_URL");
        Self { dir: rabbitmq_dir(), base_url, management_url: None, own_dir: None }
    }

    /// A broker for this test alone, for tests that stop it. Starting takes 5 to 15 s.
    pub async fn own() -> Self {
        spawn_blocking(|| {
            let own_dir = new_dir();
            let mut broker = Self::started(own_dir.path().to_path_buf(), &[]);
            broker.own_dir = Some(own_dir);
            broker
        })
        .await
        .unwrap()
    }

    /// A broker with the plugins rabbitmq_management and rabbitmq_sharding, which the tests of
    /// this process share. Never stop it; it goes with the services.
    pub async fn with_plugins() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Broker>> = OnceLock::new();
        let start = || Arc::new(Self::started(new_dir().keep(), &["with-plugins"]));
        spawn_blocking(move || Arc::clone(SHARED.get_or_init(start))).await.unwrap()
    }

    /// Another node of the cluster of one that [`Broker::own`] started, which must go last.
    pub async fn joined(other: &Broker) -> Self {
        let other = other.dir.clone();
        spawn_blocking(move || {
            let own_dir = new_dir();
            let (dir, other) = (own_dir.path().to_path_buf(), other.display().to_string());
            let mut broker = Self::added("broker-join", dir, &[&other]);
            broker.own_dir = Some(own_dir);
            broker
        })
        .await
        .unwrap()
    }

    /// The same broker, whose clients connect to another port.
    pub fn behind(&self, port: u16) -> Self {
        let mut url = url::Url::parse(&self.base_url).unwrap();
        url.set_port(Some(port)).unwrap();
        let (dir, base_url) = (self.dir.clone(), url.to_string());
        Self { dir, base_url, management_url: None, own_dir: None }
    }

    /// The port of its own that clients connect to.
    pub fn port(&self) -> u16 {
        url::Url::parse(&self.base_url).unwrap().port().unwrap()
    }

    fn started(dir: PathBuf, args: &[&str]) -> Self {
        Self::added("broker-start", dir, args)
    }

    fn added(command: &str, dir: PathBuf, args: &[&str]) -> Self {
        script(command, &dir, args);
        let env = std::fs::read_to_string(dir.join("env")).unwrap();
        let variable = |name: &str| {
            let mut lines = env.lines().filter_map(|line| line.strip_prefix("export "));
            lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
        };
        let base_url = variable("BELLHOP_TEST_AMQP_URL").expect("DIR/env names the address");
        Self {
            dir,
            base_url,
            management_url: variable("BELLHOP_TEST_MANAGEMENT_URL"),
            own_dir: None,
        }
    }

    /// `http://user:password@host:port` of the management API, where the broker has it.
    pub fn management_url(&self) -> Option<&str> {
        self.management_url.as_deref()
    }

    /// The folder by which `tests/services` knows it.
    pub fn dir(&self) -> &Path {
        &self.dir
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

/// Below the folder of the services, so that whoever stops those stops this too, even when the
/// test was killed.
fn new_dir() -> TempDir {
    let services = variable("BELLHOP_TEST_SERVICES_DIR");
    tempfile::Builder::new().prefix("broker-").tempdir_in(services).unwrap()
}

impl Drop for Broker {
    fn drop(&mut self) {
        if self.own_dir.is_some() {
            script("broker-kill", &self.dir, &[]);
        }
    }
}
