//! Traffic, daemons that are hit by a fault again and again, and the reckoning in the end.

use std::{
    path::PathBuf,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::books::Books;
use crate::evidence::Evidence;
use crate::seed::Chance;
use crate::support::{
    Behaviour, Options, World,
    broker::Broker,
    daemon::{Daemon, Launch},
    events::{bind_quorum, take_dead_commands},
    eventually,
    gateway::{Asked, Gateway},
    ports::free_port,
    scripted_sink::Accepted,
    strict::assert_strict,
    world::STOP_DEADLINE,
};
use crate::table::Row;
use crate::traffic::Traffic;

/// Attempts under way at any moment, at most: what a fault may repeat.
pub const SLOTS: usize = 16;
const TENANTS: usize = 8;
/// From a fault to the first commit after it.
const RECOVERY_DEADLINE: Duration = Duration::from_secs(120);
/// For whatever is under way to come to its end.
const END_DEADLINE: Duration = Duration::from_secs(180);
/// What a statement of a process that is gone may still take in the database.
const LAST_WORDS: Duration = Duration::from_millis(200);
const READY_DEADLINE: Duration = Duration::from_secs(60);
/// Events and mails between two faults, at least.
const EVENTS_BETWEEN: i64 = 80;
const MAILS_BETWEEN: usize = 10;
/// What every event also goes to.
const AUDIT: &str = "audit";
/// Failures are tried again soon, and what is in doubt too.
const IMPATIENT: &str = "[retry]\nemail = [\"PT0.5S\", \"PT0.5S\", \"PT1S\", \"PT1S\", \"PT1S\", \
     \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\"]\n\
     [retry.in_doubt]\nemail = [\"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \
     \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\", \"PT1S\"]\n\
     [dispatch.circuit]\npause = \"PT1S\"\npause_max = \"PT1S\"\n";

/// Where the daemons keep what they know.
#[derive(Debug)]
pub enum Store {
    Sqlite,
    /// A file somewhere else.
    SqliteAt(PathBuf),
    /// A database on the server that all tests share.
    Postgres,
    /// A server of the test's own; the second is what the daemons connect to.
    Server {
        url: String,
        seen_as: String,
    },
}

/// What differs from fault to fault.
#[derive(Debug)]
pub struct Setup {
    /// How the table calls it.
    pub fault: &'static str,
    pub rounds: usize,
    pub daemons: usize,
    pub store: Store,
    /// A broker that may be killed.
    pub broker: Option<Arc<Broker>>,
    /// Where mail goes in place of the sink.
    pub mail: Option<String>,
    /// Clients have phones, and texts go to this gateway, by way of this port.
    pub texts: Option<(Gateway, u16)>,
    /// Environment of each daemon.
    pub environment: Vec<(&'static str, String)>,
}

impl Setup {
    /// So many daemons on a PostgreSQL database.
    pub fn of(fault: &'static str, rounds: usize, daemons: usize) -> Self {
        let (store, environment) = (Store::Postgres, Vec::new());
        let (broker, mail, texts) = (None, None, None);
        Self { fault, rounds, daemons, store, broker, mail, texts, environment }
    }
}

/// One daemon of several.
#[derive(Debug)]
pub struct Instance {
    pub name: String,
    pub launch: Launch,
    pub daemon: Option<Daemon>,
}

/// See the module.
#[derive(Debug)]
pub struct Stage {
    pub instances: Vec<Instance>,
    pub world: World,
    pub books: Books,
    pub chance: Chance,
    pub row: Row,
    /// Mails that may have come again, so far.
    pub may_repeat: usize,
    /// How long a mail may have been on its way when it was called back.
    pub on_its_way: Duration,
    texts: Option<Gateway>,
    traffic: Option<Traffic>,
    said: i64,
    mails: usize,
}

impl Stage {
    /// Everything is up, and apps publish.
    pub async fn begin(setup: Setup) -> Self {
        let mut stage = Self::quiet(setup).await;
        stage.publish();
        stage
    }

    /// Apps publish from now on.
    pub fn publish(&mut self) {
        let url = self.world.vhost.url();
        let with_phones = self.texts.is_some();
        self.traffic = Some(Traffic::begin(&url, TENANTS, with_phones, &mut self.chance));
    }

    /// Everything is up, and nobody publishes.
    pub async fn quiet(setup: Setup) -> Self {
        let chance = Chance::of_run(setup.fault);
        let (texts, port) = setup.texts.unzip();
        let sms_providers = texts.as_ref().zip(port).map(|(texts, port)| texts.provider_at(port));
        let options = Options {
            without_daemon: true,
            postgres: matches!(setup.store, Store::Postgres),
            broker: setup.broker,
            sms_providers,
            provider_url: setup.mail,
            sink: Behaviour { delay: Duration::from_millis(30), ..Behaviour::default() },
            extra_config: format!("[dispatch.email]\nslots = {SLOTS}\n{IMPATIENT}"),
            environment: setup.environment,
            ..Options::default()
        };
        let mut world = World::start(options).await;
        let books = books(setup.store, &mut world);
        let instances = (0..setup.daemons).map(|number| instance(&world, number)).collect();
        let row = Row { fault: setup.fault.to_owned(), rounds: setup.rounds, ..Row::default() };
        let (may_repeat, said, mails) = (0, 0, 0);
        let on_its_way = Duration::from_secs(2);
        let traffic = None;
        let mut stage = Self {
            instances,
            world,
            books,
            chance,
            row,
            may_repeat,
            on_its_way,
            texts,
            traffic,
            said,
            mails,
        };
        for number in 0..stage.instances.len() {
            stage.start(number).await;
        }
        bind_quorum(&stage.world.vhost.url(), AUDIT).await;
        stage
    }

    /// Starts an instance, without a look at whether it has become ready.
    pub fn spawn(&mut self, number: usize) {
        let instance = &mut self.instances[number];
        instance.daemon = None;
        instance.daemon = Some(instance.launch.spawn());
    }

    /// Starts an instance, which works or stands by afterwards.
    pub async fn start(&mut self, number: usize) {
        self.spawn(number);
        self.daemon(number).wait_ready(READY_DEADLINE).await;
    }

    /// Starts again whoever ended, as its supervisor would.
    pub async fn revives(&mut self) {
        for number in 0..self.instances.len() {
            if self.daemon(number).has_ended() {
                self.start(number).await;
            }
        }
    }

    /// SIGTERM, and the end of it.
    pub async fn leaves(&mut self, number: usize) -> ExitStatus {
        let daemon = self.daemon(number);
        daemon.wait_listening(READY_DEADLINE).await;
        daemon.sigterm_and_wait(STOP_DEADLINE).await
    }

    /// A daemon that was started.
    pub fn daemon(&mut self, number: usize) -> &mut Daemon {
        self.instances[number].daemon.as_mut().expect("it was started")
    }

    /// The instance that works now.
    pub async fn active(&self) -> usize {
        let name = eventually("one of them works", RECOVERY_DEADLINE, || self.books.active());
        let name = name.await;
        let number = self.instances.iter().position(|instance| instance.name == name);
        number.expect("it is one of ours")
    }

    /// Returns at some moment at which commands are taken and mails leave.
    pub async fn moves_on(&mut self) {
        let (said, mails) = (self.said + EVENTS_BETWEEN, self.mails + MAILS_BETWEEN);
        eventually("commands are taken and mails leave", RECOVERY_DEADLINE, || async {
            let moved = self.books.said().await? >= said && self.world.sink.count() >= mails;
            moved.then_some(())
        })
        .await;
        // A moment by chance: faults are to hit everything that goes on.
        tokio::time::sleep(Duration::from_millis(self.chance.below(400) as u64)).await;
    }

    /// Waits for the first commit after a fault of this moment, and notes how long that took.
    pub async fn recovers(&mut self, fault: Instant) -> Duration {
        let mut baseline = None;
        while fault.elapsed() < LAST_WORDS {
            baseline = self.books.said().await.or(baseline);
            tokio::time::sleep(LAST_WORDS / 10).await;
        }
        // What was not to be seen while the database was away is no commit after it.
        if baseline.is_none() {
            let back = eventually("the database", RECOVERY_DEADLINE, || self.books.said()).await;
            baseline = Some(back);
        }
        self.said = eventually("a commit after the fault", RECOVERY_DEADLINE, || async {
            self.books.said().await.filter(|said| Some(*said) > baseline)
        })
        .await;
        self.mails = self.world.sink.count();
        let took = fault.elapsed();
        eprintln!("{}: {:.2} s", self.row.fault, took.as_secs_f64());
        self.row.recoveries.push(took);
        took
    }

    /// No more is published; everything comes to its end, and is compared with the model.
    pub async fn ends(mut self) {
        let accounts = self.traffic.take().expect("apps publish").ends().await;
        self.settles().await;
        let url = self.world.vhost.url();
        let dead = take_dead_commands(&url).await;
        let mut evidence = Evidence::gather(&self.books, accounts, dead).await;
        evidence.mails = self.world.sink.accepted();
        evidence.mails.extend(self.texts.iter().flat_map(Gateway::asked).map(as_mail));
        evidence.told(&url, AUDIT).await;
        evidence.on_its_way = self.on_its_way;
        evidence.faults = self.row.rounds;
        evidence.account_for(&mut self.row);
        self.row.tell();
        evidence.assert_all().await;
        assert!(
            self.row.twice <= self.may_repeat,
            "{} mails came again, of {} that may have been on their way",
            self.row.twice,
            self.may_repeat
        );
        self.closes().await;
    }

    /// Waits until every command is acknowledged and every message has ended.
    pub async fn settles(&mut self) {
        // What gathered while nobody worked takes its time.
        eventually("every command is taken", END_DEADLINE, || async {
            let queues = self.world.vhost.queues().await;
            let mut parts = queues.iter().filter(|queue| queue.name.starts_with("bellhop.p."));
            parts.all(|queue| queue.ready + queue.unacked == 0).then_some(())
        })
        .await;
        self.world.vhost.wait_until_drained().await;
        let open = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
        eventually("every message has ended", END_DEADLINE, || async {
            let found: Vec<(i64,)> = self.books.ask(open).await.ok()?;
            (found == [(0,)]).then_some(())
        })
        .await;
    }

    /// An orderly stop of all, whose logs can be read and tell of no panic.
    pub async fn closes(mut self) {
        for instance in &mut self.instances {
            let Some(daemon) = &mut instance.daemon else { continue };
            daemon.wait_listening(READY_DEADLINE).await;
            let status = daemon.sigterm_and_wait(STOP_DEADLINE).await;
            assert!(status.success(), "{} stopped with {status}", instance.name);
            let log = daemon.log();
            assert_strict(&log);
            let signs = ["panicked at", "actor panicked", r#""message":"panic""#];
            let panic = log.lines().find(|line| signs.iter().any(|sign| line.contains(sign)));
            assert_eq!(panic, None, "an actor panicked");
        }
    }
}

/// A text, as if it were a mail.
fn as_mail(text: Asked) -> Accepted {
    let (message_id, mail) =
        (format!("<{}@gateway>", text.reference()), text.body["text"].to_string());
    let recipient = text.body["to"].as_str().unwrap_or_default().to_owned();
    Accepted { recipient, message_id, mail, at: text.at, time: text.time }
}

/// Where the store is; and tells the daemons, if the world does not.
fn books(store: Store, world: &mut World) -> Books {
    const URL: &str = "BELLHOP__STORE__URL";
    match store {
        Store::Sqlite => Books::Sqlite(world.store_path()),
        Store::SqliteAt(path) => {
            let url = format!("sqlite://{}", path.display());
            world.launch.environment.push((URL.to_owned(), url));
            Books::Sqlite(path)
        }
        Store::Postgres => {
            let told = world.launch.environment.iter().find(|(name, _)| name == URL);
            Books::Postgres(told.expect("the world has a database").1.clone())
        }
        Store::Server { url, seen_as } => {
            world.launch.environment.push((URL.to_owned(), seen_as));
            Books::Postgres(url)
        }
    }
}

fn instance(world: &World, number: usize) -> Instance {
    let (name, http_port) = (format!("bellhop-{number}"), free_port());
    let dir = world.launch.dir.join(&name);
    std::fs::create_dir_all(&dir).unwrap();
    let mut environment = world.launch.environment.clone();
    environment.push(("BELLHOP__HTTP__LISTEN".to_owned(), format!("127.0.0.1:{http_port}")));
    environment.push(("BELLHOP__INSTANCE__NAME".to_owned(), name.clone()));
    let launch = Launch { dir, http_port, environment, ..world.launch.clone() };
    Instance { name, launch, daemon: None }
}
