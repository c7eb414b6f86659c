//! The only place where the parts are put together.

mod door;
mod ears;
mod envoys;
mod hooks;
mod prepared;
mod routes;
mod standby;
mod successor;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::actors::{
    Announced, Announcer, Core, Crew, Decide, EVENTS_CURSOR, Intake, Retention, Threads, Upstream,
};
use crate::broker::Watch;
use crate::config::Config;
use crate::content::Catalogue;
use crate::domain::channel::Channel;
use crate::domain::plan::Plans;
use crate::egress::{Carriers, Ears, Keeper, Listener};
use crate::ingress::amqp::{AmqpIngress, Consuming};
use crate::ingress::body::Bodies;
use crate::ingress::hooks::HookDesk;
use crate::ingress::links::Desk;
use crate::ingress::taking::Taking;
use crate::links::Links;
use crate::ops::backlog::Label;
use crate::ops::board::Board;
use crate::ops::health::{Check, Health, Readiness};
use crate::ops::rehearsal::Writing;
use crate::ops::standing::Standing;
use crate::store::Store;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::record;
use crate::telemetry::spell::{Spell, Told};
use crate::web::table::Routes;
use crate::{ingress, ops, server};

pub use door::Door;
use ears::HookEars;
use prepared::{find_store, hooks as codes_of};
pub use prepared::{look_into_store, migrate_store, prepare};
use routes::Sights;
pub use routes::openapi;
pub use successor::follow;

/// A running daemon. Must be started and stopped inside an actix system.
pub struct App {
    /// Where HTTP listens; of use where the configuration says port 0.
    pub address: SocketAddr,
    /// What it has found and will work with.
    pub standing: Standing,
    /// The store, for those who look.
    pub store: Store,
    /// What decides, writes and sends.
    pub core: Core,
    /// Who runs.
    pub crew: Crew,
    pub(crate) config: Config,
    pub(crate) threads: Threads,
    pub(crate) providers: Vec<Label>,
    pub(crate) stop: Stops,
    pub(crate) http: JoinHandle<()>,
    /// Where the pages for operators have an address of their own.
    pub(crate) console: Option<AbortOnDropHandle<()>>,
    pub(crate) amqp: Option<JoinHandle<()>>,
    pub(crate) announcer: Option<JoinHandle<()>>,
    /// Who speaks with providers whose connections stay.
    pub(crate) listeners: Vec<JoinHandle<()>>,
    pub(crate) upkeep: [AbortOnDropHandle<()>; 6],
}

/// What tells each phase to end.
#[derive(Default)]
pub(crate) struct Stops {
    pub(crate) ingress: CancellationToken,
    pub(crate) broker: CancellationToken,
}

impl App {
    /// Starts everything. Returns when commands can come in over HTTP; a broker that is absent
    /// is waited for in the background.
    ///
    /// # Errors
    /// If the store, the templates, a provider or the HTTP address cannot be had.
    pub async fn start(config: Config, metrics: Metrics, decide: Decide) -> anyhow::Result<Self> {
        let (door, _) = Door::open(&config, metrics).await?;
        let app = Self::start_in_turn(config, &door, decide, &CancellationToken::new()).await?;
        app.context("nobody told it to stop")
    }

    /// The same; where another daemon has the store, stands by until its turn comes. Nothing, if it
    /// is told to `stop` before.
    ///
    /// # Errors
    /// As [`App::start`].
    pub async fn start_in_turn(
        config: Config,
        door: &Door,
        decide: Decide,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<Self>> {
        let mut means = prepare(&config)?;
        config.remarks().iter().for_each(|remark| tracing::warn!("{remark}"));
        let Some((store, standing, attested)) = find_store(&config, door, stop).await? else {
            return Ok(None);
        };
        record::set_standing_by(false);
        let codes = codes_of(&config, &store).await?;
        means.hooks.clone_from(&codes);
        let metrics = door.metrics.clone();
        let (catalogue, links) = (means.catalogue.clone(), means.links.clone());
        let plans = means.plans.clone();
        let (providers, listeners) = (providers(&means.carriers), means.carriers.listeners());
        let threads = Threads::start(&config.actors);
        let crew = Crew::default();
        let on = threads.clone();
        let core = Core::start(&config, store.clone(), means, decide, on, &crew).await?;
        // It does so itself by now.
        drop(attested);
        let Core { intake, announced, .. } = &core;
        let stop = Stops::default();
        let watch = config.amqp.as_ref().map(|amqp| Arc::new(Watch::new(amqp.url.clone())));
        let (amqp, consuming) = start_amqp(&config, watch.clone(), intake, &store, &stop, &crew);
        let announcer = start_announcer(&config, watch, &store, announced, &stop, &crew);
        let readiness = readiness(&core, &store, consuming, &crew, &config);
        let bodies = Bodies::new(&config.http, stop.ingress.clone());
        let pages =
            links.map(|links| pages(&config, intake, &store, &bodies, catalogue, plans, links));
        let hooks = hooks::told_to(&config, codes, &core, &store, &bodies)?;
        let listeners = start_listeners(listeners, &hooks, &crew);
        let health = Health { readiness: readiness.clone(), metrics: metrics.clone() };
        let open = pages
            .unwrap_or_default()
            .merge(ingress::hooks::table().with_state(hooks))
            .merge(ops::health::table().with_state(health));
        let board = Arc::<Board>::default();
        let shown = Arc::new(Writing::of(&config)?);
        let reloads = door.reloads.clone();
        let sights = Sights { board: board.clone(), readiness: readiness.clone(), shown, reloads };
        let faces = routes::all(&config, &core, &store, bodies, open, sights)?;
        let http = start_http(door.http()?, faces.http, &config, &stop, &crew);
        let console = start_console(door.console()?, faces.console, &config, &stop);
        let counted = Counted { providers: providers.clone(), board };
        let upkeep = start_upkeep(&config, metrics, &core, &store, counted, readiness, &crew);
        Ok(Some(Self {
            address: door.address,
            standing,
            store,
            core,
            crew,
            config,
            threads,
            providers,
            stop,
            http,
            console,
            amqp,
            announcer,
            listeners,
            upkeep,
        }))
    }

    /// Resolves when the store was moved or replaced under the daemon. Then the process must end at
    /// once, without [`App::stop`]: even closing a database removes the log of the one that has
    /// its name now.
    pub async fn lost_store(&self) {
        self.core.lost_store.cancelled().await;
    }
}

fn start_http(
    listener: TcpListener,
    router: Router,
    config: &Config,
    stop: &Stops,
    crew: &Crew,
) -> JoinHandle<()> {
    let (http, stopped) = (config.http.clone(), stop.ingress.clone());
    let serving = async move { server::serve(listener, router, &http, stopped).await };
    tokio::spawn(crew.vital("http", stop.ingress.clone(), serving))
}

/// The pages for operators where they have an address of their own.
fn start_console(
    listener: Option<TcpListener>,
    router: Option<Router>,
    config: &Config,
    stop: &Stops,
) -> Option<AbortOnDropHandle<()>> {
    let (http, stopped) = (config.http.clone(), stop.ingress.clone());
    let (listener, router) = listener.zip(router)?;
    let serving = async move { server::serve(listener, router, &http, stopped).await };
    Some(AbortOnDropHandle::new(tokio::spawn(serving)))
}

/// Who is told of though nothing waits for them, and who remembers what was counted.
struct Counted {
    providers: Vec<Label>,
    board: Arc<Board>,
}

/// Metrics, signs of life for systemd, the age of outbox files and of rows, jobs and receipts.
fn start_upkeep(
    config: &Config,
    metrics: Metrics,
    core: &Core,
    store: &Store,
    Counted { providers, board }: Counted,
    readiness: Readiness,
    crew: &Crew,
) -> [AbortOnDropHandle<()>; 6] {
    // Whoever is dropped at the stop has nothing to finish.
    let never = CancellationToken::new;
    let (outbound, store_of_outboxes) = (core.outbound.clone(), store.clone());
    let outboxes = config.clone();
    let keeper = crew.kept("outbox", never(), move || {
        let outbound = outbound.clone();
        Keeper::new(&outboxes, store_of_outboxes.clone()).run(move || outbound.erasures())
    });
    let counted = store.clone();
    let cursor = config.amqp.is_some().then_some(EVENTS_CURSOR);
    let report =
        move || ops::backlog::report(counted.clone(), cursor, providers.clone(), board.clone());
    let backlog = crew.kept("backlog", never(), report);
    let committer = core.committer.clone();
    let waiting = move || committer.pulse().waiting;
    let retention = Retention::new(store.clone(), config.retention.clone(), cursor, waiting);
    let retention = crew.kept("retention", never(), move || retention.clone().run());
    let (tenants, committer) = (core.tenants.clone(), core.committer.clone());
    let upkeep = crew.kept("upkeep", never(), move || {
        let (metrics, tenants) = (metrics.clone(), tenants.clone());
        ops::upkeep::upkeep(metrics, tenants, committer.clone(), readiness.clone())
    });
    let replays = core.replays.clone();
    let replays = crew.kept("replays", never(), move || replays.clone().run());
    let receipts = core.receipts.clone();
    let receipts = crew.kept("receipts", never(), move || receipts.clone().run());
    [
        tokio::spawn(keeper),
        tokio::spawn(backlog),
        tokio::spawn(upkeep),
        tokio::spawn(replays),
        tokio::spawn(receipts),
        tokio::spawn(retention),
    ]
    .map(AbortOnDropHandle::new)
}

fn start_amqp(
    config: &Config,
    watch: Option<Arc<Watch>>,
    intake: &Arc<Intake>,
    store: &Store,
    stop: &Stops,
    crew: &Crew,
) -> (Option<JoinHandle<()>>, Arc<Consuming>) {
    let consuming = Arc::new(Consuming::default());
    // HTTP has room as well, and no tenant takes more than an eighth.
    let room = (config.limits.intake_max / 2).max(1);
    let share = (room / 8).clamp(1, config.limits.tenant_window);
    let task = config.amqp.clone().zip(watch).map(|(amqp, watch)| {
        let ingress = AmqpIngress {
            amqp,
            watch,
            intake: intake.clone(),
            store: store.clone(),
            room,
            share,
            consuming: consuming.clone(),
            drain: config.shutdown.ingress,
        };
        let (ingress, stopped) = (Arc::new(ingress), stop.ingress.clone());
        let job = move || ingress.clone().run(stopped.clone());
        tokio::spawn(crew.kept("amqp", stop.ingress.clone(), job))
    });
    (task, consuming)
}

/// They end by themselves once their provider is closed.
fn start_listeners(listeners: Vec<Listener>, hooks: &HookDesk, crew: &Crew) -> Vec<JoinHandle<()>> {
    let ears: Arc<dyn Ears> = Arc::new(HookEars(hooks.clone()));
    let start = |listener: Listener| {
        let ears = ears.clone();
        let job = move || listener.clone().listens(ears.clone());
        tokio::spawn(crew.kept("listener", CancellationToken::new(), job))
    };
    listeners.into_iter().map(start).collect()
}

fn start_announcer(
    config: &Config,
    watch: Option<Arc<Watch>>,
    store: &Store,
    announced: &Arc<Announced>,
    stop: &Stops,
    crew: &Crew,
) -> Option<JoinHandle<()>> {
    let (amqp, watch) = config.amqp.clone().zip(watch)?;
    let page = amqp.confirm_window.min(config.limits.event_page);
    let announcer = Announcer {
        store: store.clone(),
        upstream: Upstream::broker(amqp, watch),
        page: u32::try_from(page).unwrap_or(u32::MAX),
        announced: announced.clone(),
        store_spell: Spell::default(),
    };
    let (announcer, stopped) = (Arc::new(announcer), stop.broker.clone());
    let job = move || announcer.clone().run(stopped.clone());
    Some(tokio::spawn(crew.kept("announcer", stop.broker.clone(), job)))
}

fn readiness(
    core: &Core,
    store: &Store,
    consuming: Arc<Consuming>,
    crew: &Crew,
    config: &Config,
) -> Readiness {
    let store = store.clone();
    let (committer, outbound) = (core.committer.clone(), core.outbound.clone());
    let (announced, crew) = (core.announced.clone(), crew.clone());
    let has_broker = config.amqp.is_some();
    let unheld = "the last commit failed, or the store does not answer: see the log";
    Arc::new(move || {
        let check = |name, ok, hint| Check { name, ok, hint: (!ok).then_some(Cow::from(hint)) };
        let writes = committer.is_available() && !committer.is_stuck();
        let mut checks = vec![
            check("store", writes && store.is_held(), unheld),
            dispatch(&outbound.stalled()),
            check(
                "tasks",
                crew.is_whole(),
                "a task panicked and waits to begin again: see the log",
            ),
        ];
        if has_broker {
            let hint = "no connection to the broker, or it takes nothing: see the log";
            checks.push(check("broker_commands", consuming.is_up(), hint));
            checks.push(check("broker_events", announced.is_up(), hint));
        }
        checks
    })
}

/// Who may be asked, on every channel.
fn providers(carriers: &Carriers) -> Vec<Label> {
    let of = |channel| carriers.terms(channel).into_iter().map(move |of| (channel, of.name));
    Channel::ALL.into_iter().flat_map(of).collect()
}

/// Whether what is due moves on every channel.
fn dispatch(stalled: &[Channel]) -> Check {
    let names: Vec<&str> = stalled.iter().map(|channel| channel.as_str()).collect();
    let hint = format!("{}: messages are due, and none was finished for long", names.join(", "));
    Check { name: "dispatch", ok: names.is_empty(), hint: (!names.is_empty()).then(|| hint.into()) }
}

/// The pages behind links, outside the guard: clients have no token.
fn pages(
    config: &Config,
    intake: &Arc<Intake>,
    store: &Store,
    bodies: &Bodies,
    catalogue: Arc<Catalogue>,
    plans: Arc<Plans>,
    links: Links,
) -> Routes {
    let (intake, patience) = (intake.clone(), config.http.request_timeout);
    let trouble = Told::new("pages of links cannot be shown", "pages of links are shown again");
    ingress::links::routes(Desk {
        links: Arc::new(links),
        catalogue,
        store: store.clone(),
        taking: Taking { intake, patience },
        bodies: bodies.clone(),
        plans,
        from: config.email.from.clone(),
        trouble: Arc::new(trouble),
    })
}
