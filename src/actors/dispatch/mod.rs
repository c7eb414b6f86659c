//! From a decided message to a provider's answer.
//!
//! ```text
//!  committer ─posts─▶ Desk ─▶ Dispatcher ─a slot, a provider, every limit─▶ Sending ─▶ provider
//!                     ▲ ▲ marks    ▲                                        │ a task each
//!  Sweeper ───────────┘ │          └───── came back, goes on, is durable ◀──┤
//!   claims what is due  └── withdrawn, erased                               └─▶ committer
//! ```
//!
//! Each channel has its own: a desk, where others hand messages in and withdraw them; a dispatcher
//! behind it, an actor that knows who goes next and never waits; and tasks that do. Nothing of one
//! channel can hold up another. The dispatcher may fall: what must outlast it is at the desk, and
//! the [supervisor](supervisor) builds another from the store.
//!
//! What a task has in hand it holds until the outcome is durable, so the number of slots bounds
//! both what is on the wire and what a crash may send twice.

mod attempt;
mod bell;
mod choice;
mod desk;
mod dispatcher;
mod doubts;
mod ending;
mod hand;
mod limits;
mod lookout;
mod makings;
mod marks;
mod means;
mod motion;
mod names;
mod notes;
mod order;
pub mod outbound;
mod outcome;
mod poisons;
mod reach;
mod room;
mod sending;
mod settling;
mod standing;
mod strand;
mod strands;
#[cfg(test)]
pub mod stumble;
mod supervisor;
mod sweeper;
mod turn;
mod under_way;
mod view;
mod watch;
mod ways;
mod whereabouts;
mod writing;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use actix::ArbiterHandle;
use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::commission::CommitterHandle;
use super::crew::Crew;
use super::intake::Intake;
use super::measures::Measures;
use super::tenants::Tenants;
use super::uptime::Uptime;
use crate::clock;
use crate::config::Config;
use crate::domain::channel::Channel;
use crate::egress::Terms;
use crate::store::{Settled, Store};
use crate::telemetry::spell::Told;
use crate::traffic::{self, Offer, Plan};

pub use desk::Desk;
pub use doubts::DOUBTS_MAX;
use limits::{Destinations, TenantRates};
pub use lookout::Lookout;
use lookout::Watched;
pub use means::{Means, Retries};
use names::Names;
pub use order::Arrived;
use order::Order;
pub use outbound::Outbound;
use reach::Reach;
use sending::Sending;
use settling::given_back;
pub use standing::ProviderStanding;
use supervisor::Supervisor;
use sweeper::Sweeper;
pub use ways::Ways;
pub use whereabouts::Whereabouts;
#[cfg(test)]
pub use whereabouts::{HeldIn, Reason};
use writing::Writing;

/// How long it may take to write down what was cut off.
const CUT_OFF_MAX: Duration = Duration::from_secs(2);
/// How long giving back what was not tried may take; past it the next start finds it in doubt.
const GIVE_BACK_MAX: Duration = Duration::from_secs(5);
/// What a tenant may spend on a round: the segments of the longest text.
const QUANTUM: u32 = 10;

/// What the tasks that send work for.
#[derive(Clone)]
pub struct Principals {
    /// Who writes what became of messages.
    pub committer: CommitterHandle,
    /// Who is told that a message left.
    pub tenants: Arc<Tenants>,
    /// Who is told that an address is no good.
    pub intake: Arc<Intake>,
    /// Where messages are that had no room.
    pub store: Store,
    /// Who knows whether the wall clock can be believed.
    pub uptime: Arc<Uptime>,
    /// What operators impose on tenants.
    pub measures: Arc<Measures>,
    /// Who knows what else was said, on whatever channel.
    pub ways: Arc<Ways>,
}

/// The dispatchers of all channels.
pub struct Dispatchers {
    means: Arc<Means>,
    outbound: Arc<Outbound>,
    committer: CommitterHandle,
    closed: CancellationToken,
    stop: CancellationToken,
    /// Attempts, and ends of messages.
    sends: TaskTracker,
    /// Who claims what is due.
    sweepers: JoinSet<()>,
    /// Who has nothing to finish: supervisors, and who looks ahead.
    supervisors: JoinSet<()>,
}

impl Dispatchers {
    /// Starts a dispatcher for each channel, on the `arbiter`, its sweeper, and who looks ahead.
    pub fn start(
        means: Means,
        outbound: Arc<Outbound>,
        principals: &Principals,
        config: &Config,
        arbiter: &ArbiterHandle,
        crew: &Crew,
    ) -> (Self, Arc<Lookout>) {
        let mut dispatchers = Self {
            means: Arc::new(means),
            outbound,
            committer: principals.committer.clone(),
            closed: CancellationToken::new(),
            stop: CancellationToken::new(),
            sends: TaskTracker::new(),
            sweepers: JoinSet::new(),
            supervisors: JoinSet::new(),
        };
        let unnoted = Arc::new(Told::new(
            "what is being sent cannot be noted",
            "what is being sent is noted again",
        ));
        for channel in Channel::ALL {
            dispatchers.begin(channel, principals, config, arbiter, &unnoted, crew);
        }
        let lookout = dispatchers.lookout(principals, config);
        for channel in Channel::ALL {
            let (lookout, stopped) = (lookout.clone(), dispatchers.stop.clone());
            let job = move || lookout.clone().counts(channel);
            dispatchers.supervisors.spawn(crew.kept("lookout", stopped, job));
        }
        (dispatchers, lookout)
    }

    /// Who looks ahead on all channels.
    fn lookout(&self, principals: &Principals, config: &Config) -> Arc<Lookout> {
        let channels = Channel::ALL.map(|channel| {
            let terms = self.means.carriers.terms(channel);
            let names = Names::new(&terms, &config.limits.destinations);
            Watched::new(self.outbound.desk(channel).clone(), names)
        });
        Lookout::new(principals.store.clone(), self.means.clone(), channels)
    }

    fn begin(
        &mut self,
        channel: Channel,
        principals: &Principals,
        config: &Config,
        arbiter: &ArbiterHandle,
        unnoted: &Arc<Told>,
        crew: &Crew,
    ) {
        let Principals { committer, tenants, intake, store, uptime, measures, ways } = principals;
        let desk = self.outbound.desk(channel).clone();
        let destinations = Destinations::new(config.limits.destinations.clone());
        let terms = self.means.carriers.terms(channel);
        let plans = self.means.plans.clone();
        let plan = plan(channel, config, &terms, destinations.limits());
        let sending = Sending {
            means: self.means.clone(),
            committer: committer.clone(),
            tenants: tenants.clone(),
            writing: Writing {
                committer: committer.clone(),
                intake: intake.clone(),
                ways: ways.clone(),
            },
            desk: desk.clone(),
            rates: TenantRates::new(config.limits.tenant, plans, measures.clone()),
            destinations,
            reach: Reach::new(&terms),
            unnoted: unnoted.clone(),
            tasks: self.sends.clone(),
            runtime: Handle::current(),
            closed: self.closed.clone(),
        };
        let supervisor = Arc::new(Supervisor {
            desk: desk.clone(),
            sending: Arc::new(sending),
            store: store.clone(),
            arbiter: arbiter.clone(),
            plan,
            terms,
            actors: config.actors.clone(),
            trouble: Told::new(
                "a dispatcher cannot be built from the store",
                "dispatchers are built from the store again",
            ),
        });
        let stopped = self.stop.clone();
        let job = move || supervisor.clone().run(stopped.clone());
        self.supervisors.spawn(crew.kept("dispatch", self.stop.clone(), job));
        let trouble = Told::new("due messages cannot be claimed", "due messages are claimed again");
        let sweeper = Arc::new(Sweeper {
            store: store.clone(),
            committer: committer.clone(),
            desk,
            uptime: uptime.clone(),
            trouble,
        });
        let stopped = self.closed.clone();
        let job = move || sweeper.clone().run(stopped.clone());
        self.sweepers.spawn(crew.kept("sweeper", self.closed.clone(), job));
    }

    /// Gives back what has not been tried, lets attempts on the wire finish for what that leaves of
    /// `patience`, and cuts off the others. What had not reached its final dot counts as not
    /// tried, the rest is written down as in doubt. Says whether the outcome of every attempt is
    /// written.
    pub async fn stop(mut self, patience: Duration) -> bool {
        let began = clock::instant();
        self.closed.cancel();
        let given_back = timeout(GIVE_BACK_MAX, self.give_back()).await.is_ok();
        self.means.carriers.close().await;
        self.sends.close();
        let left = patience.saturating_sub(clock::since(began));
        let mut in_time = timeout(left, self.sends.wait()).await.is_ok();
        if !in_time {
            tracing::info!("attempts that take too long are cut off");
            self.means.carriers.cut();
            in_time = timeout(CUT_OFF_MAX, self.sends.wait()).await.is_ok();
        }
        self.stop.cancel();
        self.supervisors.abort_all();
        in_time && given_back
    }

    /// What waits is written down as ready, all at once: each that waits for the one before would
    /// be a transaction of its own. First whoever claims has an end: what is claimed later nobody
    /// would give back.
    async fn give_back(&mut self) {
        while self.sweepers.join_next().await.is_some() {}
        let mut waiting = Vec::new();
        for channel in Channel::ALL {
            let turns = self.outbound.desk(channel).ask(Order::Close).await;
            waiting.extend(turns.into_iter().flatten());
        }
        let writing = waiting.iter().map(|turn| {
            let settled = Settled { tried: turn.tried(), ..given_back(&turn.post, None) };
            self.committer.settle(settled)
        });
        join_all(writing).await;
        for turn in &waiting {
            self.outbound.desk(turn.post.stored.message.channel).gives_back(turn);
        }
    }
}

fn plan(
    channel: Channel,
    config: &Config,
    terms: &[Terms],
    destinations: Vec<(Option<f64>, Option<usize>)>,
) -> Plan {
    let of = config.dispatch.of(channel);
    let circuit = &config.dispatch.circuit;
    let circuit = traffic::Terms {
        share: circuit.share,
        attempts: circuit.attempts,
        window: circuit.window,
        in_a_row: circuit.in_a_row,
        pause: circuit.pause,
        pause_max: circuit.pause_max,
        probes: circuit.probes,
    };
    let offer = |terms: &Terms| Offer {
        at_once: terms.at_once,
        rate: terms.rate,
        weight: terms.weight,
        circuit: circuit.clone(),
    };
    Plan {
        slots: of.slots,
        shares: of.reserve,
        quantum: QUANTUM,
        providers: terms.iter().map(offer).collect(),
        destinations,
    }
}
