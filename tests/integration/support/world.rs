//! Broker, sink and daemon of one test.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
    time::Duration,
};

use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};
use tempfile::TempDir;

use super::{
    broker::Broker,
    clean::assert_clean,
    config::{SMS_OUTBOX, Settings},
    daemon::{Daemon, Launch},
    database::Database,
    events::Events,
    eventually::eventually,
    http, outbox,
    ports::free_port,
    publish::Publisher,
    salon,
    scripted_sink::{Accepted, Behaviour, ScriptedSink},
    store,
    vhost::Vhost,
};

/// The daemon gives itself 30 s to stop.
pub const STOP_DEADLINE: Duration = Duration::from_secs(35);
/// Simultaneous SMTP connections where none are given.
const CONNECTIONS: u32 = 8;
/// Until a mail is with the sink.
const MAIL_DEADLINE: Duration = Duration::from_secs(30);

/// What a test wants different from the usual.
#[derive(Debug, Default)]
pub struct Options {
    /// How the scripted sink behaves.
    pub sink: Behaviour,
    /// The scripted sink does not listen until the test says so.
    pub sink_silent: bool,
    /// The store is a PostgreSQL database instead of a SQLite file.
    pub postgres: bool,
    /// That one.
    pub database: Option<Database>,
    /// Another mail server instead of the scripted sink.
    pub provider_url: Option<String>,
    /// A broker the test may stop; costs 5 to 15 s.
    pub own_broker: bool,
    /// Another broker than the one all tests share.
    pub broker: Option<Arc<Broker>>,
    /// Simultaneous SMTP connections; 8 if not given.
    pub connections: Option<u32>,
    /// More keys of the mail provider, in whole lines.
    pub email_keys: String,
    /// The `[[sms.providers]]`; an outbox if not given.
    pub sms_providers: Option<String>,
    /// Whole TOML tables for the end of the configuration.
    pub extra_config: String,
    /// Environment of the daemon, such as `("BELLHOP__AMQP__PREFETCH", "10")`.
    pub environment: Vec<(&'static str, String)>,
    /// Do not start the daemon; the test calls [`World::start_daemon`].
    pub without_daemon: bool,
    /// The test makes an actor panic.
    pub expect_panics: bool,
}

/// Everything around the daemon, and the daemon. Dropped in this order.
#[derive(Debug)]
pub struct World {
    daemon: Option<Daemon>,
    /// The mail server, unless [`Options::provider_url`] names another.
    pub sink: ScriptedSink,
    /// Where commands go in and events come out.
    pub vhost: Vhost,
    /// The RabbitMQ of that vhost.
    pub broker: Arc<Broker>,
    /// How the daemon is started.
    pub launch: Launch,
    expect_panics: bool,
    database: Option<Database>,
    dir: TempDir,
}

impl World {
    /// Sets up everything and returns when the daemon is ready.
    pub async fn start(options: Options) -> Self {
        let broker = match options.broker {
            Some(broker) => broker,
            None if options.own_broker => Arc::new(Broker::own().await),
            None => Arc::new(Broker::shared()),
        };
        let vhost = Vhost::create(Arc::clone(&broker)).await;
        let sink = if options.sink_silent {
            ScriptedSink::silent(options.sink)
        } else {
            ScriptedSink::start(options.sink)
        };
        let provider_url = options.provider_url.unwrap_or_else(|| sink.url());
        let dir = tempfile::Builder::new().prefix("bellhop-world").tempdir().unwrap();
        let http_port = free_port();
        let config = dir.path().join("bellhop.toml");
        let settings = Settings {
            dir: dir.path(),
            amqp_url: Some(&vhost.url()),
            http_port,
            provider_url: &provider_url,
            connections: options.connections.unwrap_or(CONNECTIONS),
            email_keys: &options.email_keys,
            sms_providers: options.sms_providers.as_deref().unwrap_or(SMS_OUTBOX),
            extra: &options.extra_config,
        };
        std::fs::write(&config, settings.to_toml()).unwrap();
        let environment = options.environment.into_iter();
        let mut environment: Vec<(String, String)> =
            environment.map(|(name, value)| (name.to_owned(), value)).collect();
        let database = match options.database {
            None if options.postgres => Some(Database::create().await),
            database => database,
        };
        if let Some(Database { url, .. }) = &database {
            environment.push(("BELLHOP__STORE__URL".to_owned(), url.clone()));
        }
        let dir_path = dir.path().to_path_buf();
        let launch = Launch { dir: dir_path, config, http_port, environment };
        let expect_panics = options.expect_panics;
        let mut world =
            Self { daemon: None, sink, vhost, broker, launch, expect_panics, database, dir };
        if !options.without_daemon {
            world.start_daemon().await;
        }
        world
    }

    /// The daemon's store is this database from its next start on.
    pub fn move_to(&mut self, database: Database) {
        self.set_store(&database.url);
        self.database = Some(database);
    }

    /// The same, where it is a SQLite file.
    pub fn set_store(&mut self, url: &str) {
        let environment = &mut self.launch.environment;
        environment.retain(|(name, _)| name != "BELLHOP__STORE__URL");
        environment.push(("BELLHOP__STORE__URL".to_owned(), url.to_owned()));
    }

    /// The daemon, which must have been started.
    pub fn daemon(&mut self) -> &mut Daemon {
        self.daemon.as_mut().expect("the daemon was started")
    }

    /// The daemon, to look at.
    pub fn daemon_ref(&self) -> &Daemon {
        self.daemon.as_ref().expect("the daemon was started")
    }

    /// The process id of the daemon, which must have been started.
    pub fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("the daemon was started").pid()
    }

    /// Starts the daemon and waits until it is ready.
    pub async fn start_daemon(&mut self) {
        self.daemon = None;
        self.daemon = Some(self.launch.start().await);
    }

    /// Starts the daemon and does not wait for anything.
    pub fn spawn_daemon(&mut self) {
        self.daemon = Some(self.launch.spawn());
    }

    /// SIGKILL and start again, without waiting until it is ready.
    pub fn crash_daemon(&mut self) {
        self.daemon().sigkill();
        self.daemon = Some(self.launch.spawn());
    }

    /// Whether `bellhop ARG…` ended well that is told what the daemon is, and all that it said.
    pub fn bellhop(&self, args: &[&str]) -> (bool, String) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop"))
            .args(args)
            .arg("--config")
            .arg(self.config_path())
            .current_dir(&self.launch.dir)
            .envs(self.launch.environment.iter().cloned())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
        (output.status.success(), said.concat())
    }

    /// The daemon's configuration.
    pub fn config_path(&self) -> &Path {
        &self.launch.config
    }

    /// Where it listens for HTTP, without a final slash.
    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.http_port)
    }

    /// Its SQLite database.
    pub fn store_path(&self) -> PathBuf {
        Settings::store_path(self.dir.path())
    }

    /// What a query finds in its store, while it may be writing.
    pub async fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        match &self.database {
            Some(database) => database.rows(sql).await,
            None => store::rows(&self.store_path(), sql).await,
        }
    }

    /// A connection to its PostgreSQL database.
    pub async fn connection(&self) -> sqlx::PgConnection {
        self.database.as_ref().expect("the store is in a database").connection().await
    }

    /// The one number that a query finds there.
    pub async fn number(&self, sql: &'static str) -> i64 {
        let found: Vec<(i64,)> = self.rows(sql).await;
        assert_eq!(found.len(), 1, "{sql}");
        found[0].0
    }

    /// What it wrote for channels other than email.
    pub fn notes(&self) -> Vec<serde_json::Value> {
        outbox::notes(&self.dir.path().join("var/outbox"))
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        self.daemon.as_ref().map(Daemon::log).unwrap_or_default()
    }

    /// An upstream app on the vhost.
    pub async fn publisher(&self) -> Publisher {
        Publisher::connect(&self.vhost.url()).await
    }

    /// A downstream app on the vhost; sees what is published from now on.
    pub async fn events(&self) -> Events {
        Events::subscribe(&self.vhost.url()).await
    }

    /// The mail to this client about a booking of theirs, `b-<client>`.
    pub async fn mail_to(&self, tenant: &str, client: &str) -> Accepted {
        let booking = salon::booking(tenant, &format!("b-{client}"), client, salon::START);
        let commands = [salon::open(tenant), salon::client(tenant, client), booking];
        http::take(&self.http(), &commands).await;
        eventually("the mail", MAIL_DEADLINE, || async {
            let mut mails = self.sink.accepted().into_iter();
            mails.find(|mail| mail.recipient.starts_with(client))
        })
        .await
    }

    /// An orderly stop.
    pub async fn stop_daemon(&mut self) -> ExitStatus {
        // One just spawned does not listen to signals yet: they would kill it.
        self.daemon().wait_listening(STOP_DEADLINE).await;
        self.daemon().sigterm_and_wait(STOP_DEADLINE).await
    }

    /// Ends a test: an orderly stop, and nothing left half done.
    ///
    /// # Panics
    /// When the daemon does not exit with 0 in time, or [`assert_clean`] finds something.
    pub async fn finish(mut self) {
        let status = self.stop_daemon().await;
        assert!(status.success(), "the daemon stopped with {status}");
        assert_clean(&self, self.expect_panics).await;
    }
}
