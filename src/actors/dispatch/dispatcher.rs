//! One channel's dispatcher: who leaves next, and by whom.
//!
//! An actor, because its queues, shares, limits and circuits must be touched by one thing at a
//! time, and because it may fall: then another is built from the store, and what is under way
//! reports to that one. It never waits: what does is a task of [`Sending`].
//!
//! ```text
//!          Hand              a slot, a provider, every limit               Done
//!   ──────────▶ waiting ─────────────────────────────────────▶ under way ──────▶ gone
//!                │ ▲ ▲ └── is withdrawn, late or poison ──────────▶ ends ──────▶
//!   its strand   │ │ │                                          │
//!     is taken   ▼ │ └── definitely not taken, and another may ─┘ CameBack, GoesOn
//!               behind ◀── the strand is free: Done
//! ```

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext as _, AsyncContext as _, Context, Handler, SpawnHandle};
use tokio::sync::oneshot;

use super::choice::{WAITS_HERE_MAX, holds_up, is_refused, says};
use super::desk::Desk;
use super::ending::{Ending, end_of, why_it_ends};
use super::makings::Makings;
use super::order::{ASK_AGAIN, CameBack, Done, Order, Step};
use super::sending::Sending;
use super::standing::Standing;
use super::strand::Strand;
use super::strands::Strands;
use super::turn::Turn;
use super::under_way::UnderWay;
use super::view::{Prospect, Sought, Spot, View};
use super::watch::Watch;
use super::whereabouts::instant;
use crate::clock;
use crate::domain::id::TenantId;
use crate::telemetry::record;
use crate::traffic::{Departure, Next, Ticket, Traffic, Trip, Verdict};

/// While the store cannot write, it is asked so often whether it can again.
const STORE_PAUSE: Duration = Duration::from_millis(100);
/// What is late, withdrawn or carried by nobody is found so often, wherever it waits.
const WEED_EVERY: Duration = Duration::from_secs(1);

/// See the module.
pub struct Dispatcher {
    desk: Arc<Desk>,
    sending: Arc<Sending>,
    traffic: Traffic<TenantId, Turn>,
    strands: Strands,
    watch: Watch,
    /// The tenants that operators limited, when it was last looked at.
    limited: HashSet<TenantId>,
    began: Instant,
    weeded: Duration,
    wake: Option<(Duration, SpawnHandle)>,
    generation: u64,
    /// Dropped with it.
    _gone: oneshot::Sender<()>,
}

impl Dispatcher {
    /// One that takes over what is under way.
    pub fn new(makings: Makings, under_way: &[UnderWay]) -> Self {
        let Makings { desk, sending, plan, watch, doubtful, generation, gone } = makings;
        let (mut traffic, mut strands) = (Traffic::new(plan), Strands::default());
        for stored in doubtful {
            if let Some(strand) = Strand::of(&stored) {
                strands.doubts.note(strand, stored.message.id, stored.message.due);
            }
        }
        for UnderWay { slot, trip, strand, .. } in under_way {
            if let Some(lane) = slot {
                traffic.takes_over(*lane, *trip);
            }
            if let Some(strand) = strand {
                strands.take(strand.clone());
            }
        }
        let limited = sending.rates.imposed(desk.channel).into_keys().collect();
        Self {
            desk,
            sending,
            traffic,
            strands,
            watch,
            limited,
            began: clock::instant(),
            weeded: Duration::ZERO,
            wake: None,
            generation,
            _gone: gone,
        }
    }

    fn now(&self) -> Duration {
        clock::since(self.began)
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Hand(turns) => turns.into_iter().for_each(|turn| self.comes_in(turn)),
            Order::CameBack(back, reply) => {
                let step = self.came_back(back);
                let _ = reply.map(|reply| reply.send(step));
            }
            Order::Rests(trip) => self.traffic.rests(&trip),
            Order::Resumes(trip, reply) => drop(reply.send(self.resumes(trip))),
            Order::GoesOn(turn) => {
                self.traffic.is_durable(turn.lane());
                self.queue(*turn, true);
            }
            Order::Done(done) => self.done(done),
            Order::Arrived(these) => self.watch.arrived(self.traffic.providers(), &these),
            Order::Superseded(message) => self.strands.doubts.settle(message),
            Order::Forgotten(tenant, client) => self.strands.doubts.forget(&tenant, &client),
            Order::Shifted(by) => self.strands.doubts.shift(by),
            Order::Limited => self.limits(),
            Order::Wake => self.wake = None,
            Order::Close(reply) => drop(reply.send(self.close())),
            Order::Look(reply) => drop(reply.send(self.standing())),
            Order::Find(sought, reply) => drop(reply.send(self.view(&sought))),
            Order::Foresee(reply) => drop(reply.send(self.prospect())),
        }
    }

    /// A message comes in: behind those of its strand, if there are any.
    fn comes_in(&mut self, turn: Turn) {
        let Some(turn) = self.strands.comes_in(turn, clock::now()) else { return };
        let message = turn.post.stored.message.id;
        if self.desk.is_poison(message) {
            return self.ends(turn, Ending::Poison);
        }
        self.desk.looks_at(Some(message));
        self.has_its_turn(turn, false);
        self.desk.looks_at(None);
    }

    /// No other message of its strand is in its way, save one that may have arrived.
    fn has_its_turn(&mut self, turn: Turn, first: bool) {
        match turn.not_before {
            Some(until) => self.ends(turn, Ending::NotBefore(until)),
            None => self.queue(turn, first),
        }
    }

    fn queue(&mut self, turn: Turn, first: bool) {
        if self.sending.is_closed() {
            return self.ends(turn, Ending::GivenBack);
        }
        #[cfg(test)]
        super::stumble::over(&turn.post);
        let tenant = turn.post.stored.tenant.clone();
        let rate = self.sending.rates.of(self.desk.channel, &turn.post);
        let now = self.now();
        self.traffic.limit(&tenant, rate, now);
        let ticket = Ticket {
            lane: turn.lane(),
            tenant,
            rule: self.sending.destinations.rule_of(&turn.post),
            cost: turn.post.stored.message.segments.max(1),
            barred: turn.barred.and(self.sending.reach.unable(&turn.post)),
            item: turn,
        };
        if first { self.traffic.put_back(ticket) } else { self.traffic.push(ticket) }
    }

    fn ends(&self, turn: Turn, ending: Ending) {
        self.desk.ends(&turn);
        self.sending.clone().ends(turn, ending);
    }

    fn came_back(&mut self, back: CameBack) -> Step {
        let now = self.now();
        let CameBack { generation, trip, is_resting, barred, made, took } = back;
        if is_resting {
            self.traffic.is_back(&trip);
        }
        let made = made.filter(|_| generation == self.generation);
        let verdict = made.as_ref().map_or(Verdict::Silent, says);
        if verdict == Verdict::Works {
            self.traffic.answered(&trip, took, now);
        }
        self.traffic.came_back(trip, verdict, now);
        let Some(made) = made else { return Step::Ends };
        let held = self.traffic.is_held(trip.provider, now);
        let before = self.watch.came_back(trip.provider, &made, verdict, held);
        let held = holds_up(&made, before);
        if let Some(pause) = held {
            self.traffic.hold(trip.provider, now.saturating_add(pause));
            record::throttled("provider", 1);
        }
        if !is_refused(&made) {
            return Step::Ends;
        }
        let elsewhere = barred.with(trip.provider);
        if self.traffic.is_carried(elsewhere, now) {
            return Step::GoesOn(elsewhere);
        }
        // It waits for the same provider again, as everybody does.
        if held.is_some_and(|pause| pause <= WAITS_HERE_MAX) {
            return Step::GoesOn(barred);
        }
        Step::Ends
    }

    fn resumes(&mut self, trip: Trip) -> Option<Duration> {
        let now = self.now();
        let waits = self.traffic.resumes(&trip, now).err()?;
        Some(waits.map_or(ASK_AGAIN, |opens| opens.saturating_sub(now)))
    }

    fn done(&mut self, done: Done) {
        if let Some(lane) = done.lane {
            self.traffic.is_durable(lane);
        }
        if let Some(next) = self.strands.done(done, clock::now()) {
            self.has_its_turn(next, true);
        }
    }

    /// Lets go whatever may; says when to look again.
    fn pump(&mut self) -> Option<Duration> {
        if self.sending.is_closed() {
            return None;
        }
        if !self.sending.committer.is_available() {
            return Some(self.now() + STORE_PAUSE);
        }
        let now = self.now();
        if now >= self.weeded + WEED_EVERY {
            self.weeded = now;
            self.weed();
            self.limits();
        }
        loop {
            let (retries, now) = (&self.sending.means.retry, self.now());
            let is_over = |turn: &Turn| why_it_ends(turn, retries).is_some();
            match self.traffic.next(now, is_over) {
                Next::Leaves(departure) => self.leaves(departure),
                Next::Ends(ticket) => self.is_over(ticket),
                Next::Barred(ticket) => self.ends(ticket.item, Ending::Refused),
                Next::Again => return Some(now),
                Next::Nothing(until) => {
                    let weed = (self.traffic.all_waiting() > 0).then_some(self.weeded + WEED_EVERY);
                    return until.into_iter().chain(weed).min();
                }
            }
        }
    }

    fn leaves(&mut self, departure: Departure<TenantId, Turn>) {
        let Departure { ticket, trip } = departure;
        let turn = ticket.item;
        let Some(slot) = self.desk.begin(&turn, trip) else {
            // There are as many slots as the machine lets go.
            self.traffic.came_back(trip, Verdict::Silent, self.now());
            self.traffic.is_durable(ticket.lane);
            return self.ends(turn, Ending::GivenBack);
        };
        self.sending.clone().begins(turn, trip, slot, self.generation);
    }

    fn is_over(&self, ticket: Ticket<TenantId, Turn>) {
        let ending = why_it_ends(&ticket.item, &self.sending.means.retry);
        self.ends(ticket.item, ending.unwrap_or(Ending::GivenBack));
    }

    /// Finds what ends though nothing opens that it waits for.
    fn weed(&mut self) {
        let retries = &self.sending.means.retry;
        let weeded = self.traffic.weed(|turn| why_it_ends(turn, retries).is_some());
        for ticket in weeded {
            let ending = why_it_ends(&ticket.item, &self.sending.means.retry);
            self.ends(ticket.item, ending.unwrap_or(Ending::Refused));
        }
    }

    /// What operators let tenants send by now holds for what waits already as well: a limit may be
    /// new, or have ended.
    fn limits(&mut self) {
        let (now, channel) = (self.now(), self.desk.channel);
        let imposed = self.sending.rates.imposed(channel);
        for (tenant, rate) in &imposed {
            self.traffic.limit(tenant, Some(*rate), now);
        }
        let before = self.limited.drain().filter(|tenant| !imposed.contains_key(tenant));
        for tenant in before {
            let waits = self.traffic.any_of(&tenant);
            let rate = waits.and_then(|turn| self.sending.rates.of(channel, &turn.post));
            self.traffic.limit(&tenant, rate, now);
        }
        self.limited = imposed.into_keys().collect();
    }

    /// Whether anything waits for what comes back: a message, or whoever looks at the circuits.
    fn waits(&self) -> bool {
        self.traffic.all_waiting() > 0 || self.strands.behind() > 0 || !self.watch.all_closed()
    }

    fn standing(&mut self) -> Standing {
        let (now, waiting) = (self.now(), self.traffic.all_waiting());
        self.watch.standing(self.traffic.providers(), waiting, now)
    }

    /// Where a message is, which may be nowhere here.
    fn view(&mut self, sought: &Sought) -> View {
        let Sought { tenant, lane, message } = sought;
        let is = |turn: &Turn| turn.post.stored.message.id == *message;
        let spot = if let Some(place) = self.traffic.place(*lane, tenant, is) {
            Spot::Waits(place)
        } else if let Some(before) = self.strands.before(*message) {
            Spot::Behind(before)
        } else if self.desk.has(*message) {
            Spot::UnderWay
        } else {
            Spot::Elsewhere
        };
        let store_works = self.sending.committer.is_available();
        View { spot, outlook: self.traffic.outlook(self.now()), store_works }
    }

    /// What is expected of those that wait here.
    fn prospect(&mut self) -> Prospect {
        let (now, retries) = (self.now(), &self.sending.means.retry);
        let (wall, outlook) = (clock::now(), self.traffic.outlook(now));
        let will_miss = self.traffic.places().filter(|(place, turn)| {
            let wait = outlook.forecast(place).expected.saturating_sub(now);
            let end = end_of(&turn.post.stored, turn.first_due(), retries);
            !wait.is_zero() && instant(wall, wait) >= end
        });
        let will_miss = will_miss.count();
        Prospect { outlook, will_miss }
    }

    /// Everything that waits.
    fn close(&mut self) -> Vec<Turn> {
        let waiting = self.traffic.drain().into_iter().map(|ticket| ticket.item);
        waiting.chain(self.strands.drain()).collect()
    }

    /// Takes the order and lets go what may; says when to look again.
    fn turn(&mut self, order: Order) -> Option<Duration> {
        self.desk.later().into_iter().for_each(|order| self.take(order));
        self.take(order);
        let mut next = self.pump();
        loop {
            let now = self.now();
            self.watch.looks(self.traffic.providers(), now);
            let waits = self.waits();
            let later = self.desk.waits(waits);
            if later.is_empty() {
                break;
            }
            later.into_iter().for_each(|order| self.take(order));
            next = self.pump();
        }
        let held_up = self.traffic.held_up();
        record::throttled("tenant", held_up.tenant);
        record::throttled("destination", held_up.destination);
        next
    }

    fn wake_at(&mut self, at: Option<Duration>, ctx: &mut Context<Self>) {
        let Some(at) = at else { return };
        if let Some((earlier, handle)) = self.wake {
            if earlier <= at {
                return;
            }
            ctx.cancel_future(handle);
        }
        let pause = at.saturating_sub(self.now());
        let handle = ctx.notify_later(Order::Wake, pause);
        self.wake = Some((at, handle));
    }
}

impl Actor for Dispatcher {
    type Context = Context<Self>;
}

impl Handler<Order> for Dispatcher {
    type Result = ();

    fn handle(&mut self, order: Order, ctx: &mut Context<Self>) {
        match catch_unwind(AssertUnwindSafe(|| self.turn(order))) {
            Ok(next) => self.wake_at(next, ctx),
            Err(_) => {
                self.desk.falls();
                ctx.stop();
            }
        }
    }
}
