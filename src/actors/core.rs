//! The core, put together: everything between the doors and the providers.

use std::sync::Arc;
use std::time::Duration;

use actix::ArbiterHandle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::announcer::Announced;
use super::commission::CommitterHandle;
use super::committer::Committer;
use super::crew::Crew;
use super::dispatch::{Dispatchers, Lookout, Means, Outbound, Principals, Ways};
use super::intake::Intake;
use super::measures::Measures;
use super::receipts::Receipts;
use super::replays::Replays;
use super::scheduler::{Schedule, Scheduler};
use super::space::Space;
use super::spend::Spend;
use super::strangers::Strangers;
use super::tenants::{Decide, Guardian, Rules, Tenants};
use super::threads::Threads;
use super::uptime::Uptime;
use crate::clock;
use crate::config::{Config, Shutdown};
use crate::domain::channel::Channel;
use crate::letters::Pen;
use crate::store::{Incarnation, Recovered, Run, Shift, Slot, Store, StoreError};

/// How often it is looked whether anything is still in flight.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Whatever decides, writes and sends, running.
pub struct Core {
    /// The door for commands.
    pub intake: Arc<Intake>,
    /// Who supervises.
    pub tenants: Arc<Tenants>,
    /// Who writes.
    pub committer: CommitterHandle,
    /// What waits to be sent.
    pub outbound: Arc<Outbound>,
    /// What operators impose on tenants.
    pub measures: Arc<Measures>,
    /// Who says where messages stand.
    pub lookout: Arc<Lookout>,
    /// Who tries dead letters again.
    pub replays: Arc<Replays>,
    /// Who tells what providers report.
    pub receipts: Arc<Receipts>,
    /// Rung when there are new events.
    pub announced: Arc<Announced>,
    /// Cancelled when the store is not where it was opened: nothing may be asked of it any more.
    pub lost_store: CancellationToken,
    committing: JoinHandle<()>,
    dispatchers: Dispatchers,
    scheduler: JoinHandle<()>,
    uptime: JoinHandle<()>,
    no_more: CancellationToken,
}

impl Core {
    /// Starts all of it over a store that is nobody else's. Actors live on the `threads`. Must be
    /// called inside an actix system.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn start(
        config: &Config,
        store: Store,
        means: Means,
        decide: Decide,
        threads: Threads,
        crew: &Crew,
    ) -> Result<Self, StoreError> {
        let Threads { tenants: arbiters, dispatch: dispatching } = threads;
        let (lease, limits) = (store.run(), &config.limits);
        // By the right time.
        let uptime = Uptime::begin(store.clone()).await?;
        let slots = recover(&store, lease, config).await?;
        let (announced, schedule) = (Arc::<Announced>::default(), Arc::<Schedule>::default());
        let space = Space::new(|channel| config.dispatch.of(channel).queue);
        let outbound = Outbound::new(&config.dispatch, slots, &space);
        let asked = outbound.clone();
        let measures = Measures::begin(store.clone(), move |of| asked.is_limited(of)).await?;
        let bell = announced.clone();
        let (committer, committing) = Committer::start(
            store.clone(),
            lease,
            outbound.clone(),
            schedule.clone(),
            config.store.commit_batch,
            crew,
            move |events| bell.ring(events),
        );
        let strangers = Arc::new(Strangers::default());
        let rules = rules(decide, &means, &store, &uptime, &strangers).await?;
        let tenants = tenants(config, &store, &committer, &rules, &measures, arbiters);
        let intake = Intake::new(
            store.clone(),
            committer.clone(),
            tenants.clone(),
            space,
            strangers,
            limits,
        );
        let replays = Replays::new(store.clone(), intake.clone(), committer.clone(), rules);
        let ways = Arc::new(Ways::new(store.clone()));
        let receipts = Receipts::new(store.clone(), intake.clone(), ways.clone(), outbound.clone());
        let principals = Principals {
            committer: committer.clone(),
            tenants: tenants.clone(),
            intake: intake.clone(),
            store: store.clone(),
            uptime: uptime.clone(),
            measures: measures.clone(),
            ways,
        };
        let (dispatchers, lookout) =
            Dispatchers::start(means, outbound.clone(), &principals, config, &dispatching, crew);
        let (no_more, lost_store) = (CancellationToken::new(), uptime.lost_store());
        let uptime = watch_clocks(uptime, &outbound, &schedule, &no_more, crew);
        let scheduler = Scheduler { store, schedule, intake: intake.clone() };
        let scheduler = start_scheduler(scheduler, &no_more, crew);
        Ok(Self {
            intake,
            tenants,
            committer,
            outbound,
            measures,
            lookout,
            replays,
            receipts,
            announced,
            lost_store,
            committing,
            dispatchers,
            scheduler,
            uptime,
            no_more,
        })
    }

    /// No timer fires any more.
    pub fn end_timers(&self) {
        self.no_more.cancel();
    }

    /// Waits until whatever was taken is durable, once no more of it comes in.
    pub async fn until_idle(&mut self) {
        let _ = tokio::join!(&mut self.scheduler, &mut self.uptime);
        self.intake.close();
        while !self.intake.is_idle() && !self.committer.is_gone() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Lets tenants go, then mail, as far as the phases' `deadlines` allow. Says whether they
    /// sufficed.
    pub async fn stop(self, deadlines: &Shutdown) -> bool {
        self.intake.close();
        self.tenants.stop();
        let committer = self.committer;
        let written = async || committer.barrier().await.is_ok();
        let began = clock::instant();
        let mut clean = phase("tenants", deadlines.tenants, written()).await;
        // What became of mail is written in the time that they left.
        let left = deadlines.tenants.saturating_sub(clock::since(began));
        let dispatched = self.dispatchers.stop(deadlines.dispatch).await;
        if !dispatched {
            tracing::warn!("attempts were cut off; they are in doubt");
        }
        clean &= dispatched;
        clean &= phase("outcomes", left, written()).await;
        self.committing.abort();
        clean
    }
}

/// Does a part of stopping, for at most so long. Says whether it was done.
pub async fn phase(name: &str, deadline: Duration, work: impl Future<Output = bool>) -> bool {
    let done = tokio::time::timeout(deadline, work).await;
    if done.is_err() {
        tracing::warn!(phase = name, "not done in time");
    }
    done.unwrap_or(false)
}

/// What an earlier run had leased is due again. Returns this run's slots.
async fn recover(
    store: &Store,
    lease: Incarnation,
    config: &Config,
) -> Result<Vec<Slot>, StoreError> {
    let doubts = Channel::ALL.map(|channel| (channel, config.retry.schedule(channel).doubts));
    let (boot, slots) = (clock::boot_id(), config.dispatch.slots());
    let run = Run { lease, boot, slots, doubts: doubts.into() };
    let (recovered, slots) = store.recover(&run, clock::now()).await?;
    let Recovered { in_doubt, in_hand, waiting } = recovered;
    if in_doubt > 0 {
        let what = "an earlier run died while messages were leaving; they may have arrived";
        tracing::warn!(in_doubt, in_hand, waiting, "{what}");
    } else if in_hand + waiting > 0 {
        tracing::info!(in_hand, waiting, "an earlier run died; what had not left is sent now");
    }
    Ok(slots)
}

fn start_scheduler(scheduler: Scheduler, stop: &CancellationToken, crew: &Crew) -> JoinHandle<()> {
    let stopped = stop.clone();
    let job = move || scheduler.clone().run(stopped.clone());
    tokio::spawn(crew.kept("scheduler", stop.clone(), job))
}

/// Gives signs of life, and moves what pauses in memory where the wall clock was set.
fn watch_clocks(
    uptime: Arc<Uptime>,
    outbound: &Arc<Outbound>,
    schedule: &Arc<Schedule>,
    stop: &CancellationToken,
    crew: &Crew,
) -> JoinHandle<()> {
    let (outbound, schedule, stopped) = (outbound.clone(), schedule.clone(), stop.clone());
    let job = move || {
        let (outbound, schedule) = (outbound.clone(), schedule.clone());
        let on_shift = move |shift: Shift| {
            outbound.shift(shift.by());
            schedule.shift(shift.by());
        };
        uptime.clone().run(on_shift, stopped.clone())
    };
    tokio::spawn(crew.kept("uptime", stop.clone(), job))
}

/// Nobody lives yet.
fn tenants(
    config: &Config,
    store: &Store,
    committer: &CommitterHandle,
    rules: &Rules,
    measures: &Arc<Measures>,
    arbiters: Vec<ArbiterHandle>,
) -> Arc<Tenants> {
    let (actors, limits) = (&config.actors, &config.limits);
    let guardian = Guardian::new(
        store.clone(),
        committer.clone(),
        rules.clone(),
        measures.clone(),
        actors.clone(),
        limits,
        arbiters,
    );
    Tenants::new(guardian, store.clone(), limits.tenant_window, actors.command_panics_max)
}

async fn rules(
    decide: Decide,
    means: &Means,
    store: &Store,
    uptime: &Arc<Uptime>,
    strangers: &Arc<Strangers>,
) -> Result<Rules, StoreError> {
    let spend = Spend::begin(means.plans.sms().daily_segments, store).await?;
    Ok(Rules {
        decide,
        plans: means.plans.clone(),
        provided: means.carriers.channels(),
        texts: Arc::new(Pen { catalogue: means.catalogue.clone(), links: means.links.clone() }),
        uptime: uptime.clone(),
        strangers: strangers.clone(),
        spend: Arc::new(spend),
    })
}
