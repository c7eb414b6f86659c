//! What others see of a channel: where they hand messages in, and where they withdraw them.
//!
//! The dispatcher behind it may fall and be followed by another; what must outlast it is here:
//! how much room is left, which messages are in memory and who withdrew them, which are under way,
//! and the slots. A mark that withdraws a message is set here and not sent, so that nothing leaves
//! any more once somebody was told so.

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::Recipient;
use jiff::SignedDuration;
use tokio::sync::{Notify, oneshot};

use super::bell::Bell;
use super::marks::Marks;
use super::motion::Motion;
use super::order::{CameBack, Done, Order};
use super::poisons::Poisons;
use super::room::{Room, Wish};
use super::turn::{Stay, Turn};
use super::under_way::UnderWay;
use crate::actors::post::Post;
use crate::actors::space::Space;
use crate::clock;
use crate::config::Dispatch;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::store::{Looked, Slot, Wanted};
use crate::traffic::Trip;

/// The orders there may be for each message, and beside them: withdrawals, and looks.
const ORDERS_A_MESSAGE: usize = 4;
const ORDERS: usize = 65_536;

/// See the module.
#[derive(Debug)]
pub struct Desk {
    pub channel: Channel,
    inside: Mutex<Inside>,
    sweep: Notify,
    space: Arc<Space>,
}

#[derive(Debug)]
struct Inside {
    room: Room,
    capacity: usize,
    marks: Marks,
    /// Messages that the dispatcher let go, and whose outcome is not durable.
    under_way: HashMap<Stay, UnderWay>,
    slots: Vec<Slot>,
    bell: Bell,
    poisons: Poisons,
    motion: Motion,
    /// Messages are leased of which nobody knows.
    lost: bool,
}

impl Desk {
    /// Nobody is behind it yet.
    pub fn new(
        channel: Channel,
        config: &Dispatch,
        slots: Vec<Slot>,
        shifted_ms: Arc<AtomicI64>,
        space: Arc<Space>,
    ) -> Self {
        let of = config.of(channel);
        let inside = Inside {
            room: Room::new(of.queue, of.reserve),
            capacity: of.queue,
            marks: Marks::new(shifted_ms),
            under_way: HashMap::new(),
            slots,
            bell: Bell::new(),
            poisons: Poisons::default(),
            motion: Motion::new(config.stalled_after),
            lost: false,
        };
        Self { channel, inside: Mutex::new(inside), sweep: Notify::new(), space }
    }

    /// Reserves room for messages of a tenant that were just decided; none where others wait in
    /// the store that go before, or while nobody is behind the desk. Says for which.
    pub fn reserve(
        &self,
        tenant: &TenantId,
        wishes: impl ExactSizeIterator<Item = Wish>,
    ) -> Vec<bool> {
        if wishes.len() == 0 {
            return Vec::new();
        }
        let mut inside = self.inside();
        if !inside.bell.is_heard() {
            inside.room.forget_the_store();
            return vec![false; wishes.len()];
        }
        let reserved = wishes.map(|wish| inside.room.reserve(wish, tenant)).collect();
        self.space.is_left(self.channel, inside.room.left());
        reserved
    }

    /// Gives reserved room back.
    pub fn release(&self, lane: Lane, tenant: &TenantId) {
        self.inside().room.release(lane, tenant);
    }

    /// Messages come in for which room was reserved.
    pub fn hand(&self, posts: Vec<Post>) {
        let mut inside = self.inside();
        let turns = posts.into_iter().map(|post| inside.marks.enter(post)).collect();
        let undelivered = inside.bell.tell(Order::Hand(turns));
        if let Some(Order::Hand(turns)) = undelivered {
            turns.iter().for_each(|turn| inside.forget(turn));
            inside.lost = true;
        }
        inside.notes();
    }

    /// What there is room for, of the lanes of which something is `due`.
    pub fn wanted(&self, due: [bool; Lane::ALL.len()]) -> Vec<Wanted> {
        let inside = self.inside();
        if !inside.bell.is_heard() { Vec::new() } else { inside.room.wanted(due) }
    }

    /// Messages come in that were claimed, and this is what the claim saw of the store.
    pub fn claimed(&self, posts: Vec<Post>, looked: Vec<Looked>) {
        {
            let mut inside = self.inside();
            for post in &posts {
                inside.room.occupy(post.lane(), &post.stored.tenant);
            }
            inside.room.looked(looked);
        }
        self.hand(posts);
        self.ask_for_sweep();
    }

    /// A message was replaced by something newer. If it is in the store, the sweep finds it.
    pub fn supersede(&self, id: MessageId) {
        let mut inside = self.inside();
        inside.marks.supersede(id);
        let _ = inside.bell.tell(Order::Superseded(id));
        drop(inside);
        self.sweep.notify_one();
    }

    /// A message in the store is to be tried again.
    pub fn due_again(&self) {
        self.sweep.notify_one();
    }

    /// A client was erased: nothing of what is here may reach them.
    pub fn forget(&self, tenant: &TenantId, client: &ClientId) {
        let mut inside = self.inside();
        inside.marks.forget(tenant, client);
        let _ = inside.bell.tell(Order::Forgotten(tenant.clone(), client.clone()));
    }

    /// The wall clock was set.
    pub fn shift(&self, by: SignedDuration) {
        let _ = self.inside().bell.tell(Order::Shifted(by));
    }

    /// Tells the dispatcher; nobody hears where there is none.
    pub fn tell(&self, order: Order) {
        let _ = self.inside().bell.tell(order);
    }

    /// Asks the dispatcher; `None` where there is none.
    pub async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(order(reply));
        answer.await.ok()
    }

    /// A message left its place at the provider, and what becomes of it is clear.
    pub fn came_back(&self, stay: Stay, back: CameBack) {
        let mut inside = self.inside();
        if let Some(under_way) = inside.under_way.get_mut(&stay) {
            under_way.trip = None;
        }
        inside.bell.tell_in_time(Order::CameBack(back, None));
    }

    /// What was left lying for the dispatcher.
    pub fn later(&self) -> Vec<Order> {
        self.inside().bell.later()
    }

    /// From now on the dispatcher is woken by whatever comes back or is done with, because
    /// something waits for it; or it is not. Returns what was left lying before it was said so.
    pub fn waits(&self, waits: bool) -> Vec<Order> {
        self.inside().bell.waits(waits)
    }

    /// A slot, and the message that takes it.
    pub fn begin(&self, turn: &Turn, trip: Trip) -> Option<Slot> {
        let mut inside = self.inside();
        let slot = inside.slots.pop()?;
        let (message, strand) = (turn.post.stored.message.id, turn.strand.clone());
        let under_way = UnderWay { message, slot: Some(turn.lane()), trip: Some(trip), strand };
        inside.under_way.insert(turn.stay, under_way);
        Some(slot)
    }

    /// A message that does not leave ends, and takes no slot.
    pub fn ends(&self, turn: &Turn) {
        let (message, strand) = (turn.post.stored.message.id, turn.strand.clone());
        let under_way = UnderWay { message, slot: None, trip: None, strand };
        self.inside().under_way.insert(turn.stay, under_way);
    }

    /// A message has a place at a provider, or none any more.
    pub fn has_place(&self, stay: Stay, trip: Option<Trip>) {
        if let Some(under_way) = self.inside().under_way.get_mut(&stay) {
            under_way.trip = trip;
        }
    }

    /// A message goes on that was not taken. Gives it back where nobody takes it on.
    pub fn goes_on(&self, turn: Turn, slot: Slot) -> Result<(), Box<(Turn, Slot)>> {
        let mut inside = self.inside();
        let Some(before) = inside.under_way.remove(&turn.stay) else {
            return Err(Box::new((turn, slot)));
        };
        let stay = turn.stay;
        match inside.bell.tell(Order::GoesOn(Box::new(turn))) {
            Some(Order::GoesOn(turn)) => {
                inside.under_way.insert(stay, before);
                Err(Box::new((*turn, slot)))
            }
            _ => {
                inside.slots.push(slot);
                Ok(())
            }
        }
    }

    /// A message's outcome is durable: its slot and its room are free.
    pub fn done(&self, turn: &Turn, slot: Option<Slot>, done: Done) {
        let mut inside = self.inside();
        inside.slots.extend(slot);
        inside.under_way.remove(&turn.stay);
        inside.forget(turn);
        inside.motion.finishes();
        inside.notes();
        inside.bell.tell_in_time(Order::Done(done));
        self.space.is_left(self.channel, inside.room.left());
        drop(inside);
        self.space.moves(self.channel);
        self.ask_for_sweep();
    }

    /// The dispatcher looks at this message, or at none any more.
    pub fn looks_at(&self, message: Option<MessageId>) {
        self.inside().poisons.looks_at(message);
    }

    /// Whether the dispatcher panicked too often at a message.
    pub fn is_poison(&self, message: MessageId) -> bool {
        self.inside().poisons.has(message)
    }

    /// The dispatcher is gone. What nobody has begun is forgotten: the store gives it back.
    pub fn falls(&self) {
        let mut inside = self.inside();
        inside.bell.falls_silent();
        inside.poisons.falls();
        let Inside { marks, under_way, room, .. } = &mut *inside;
        for mark in marks.keep(|stay| under_way.contains_key(&stay)) {
            room.release(mark.lane, &mark.tenant);
        }
        inside.room.forget_the_store();
        inside.notes();
    }

    /// Somebody new stands behind the desk, made of what is under way.
    pub fn stands(&self, make: impl FnOnce(&[UnderWay]) -> Recipient<Order>) {
        let mut inside = self.inside();
        let under_way: Vec<UnderWay> = inside.under_way.values().cloned().collect();
        // It is made of what is under way now.
        inside.bell.is_heard_by(make(&under_way));
        drop(inside);
        self.sweep.notify_one();
    }

    /// Whether a message is here or under way.
    pub fn has(&self, message: MessageId) -> bool {
        self.inside().marks.has(message)
    }

    /// The lanes of which something may wait in the store.
    pub fn lanes_in_store(&self) -> Vec<Lane> {
        self.inside().room.lanes_in_store()
    }

    /// Every message that is here or under way.
    pub fn held(&self) -> Vec<MessageId> {
        self.inside().marks.ids()
    }

    /// Messages may be leased of which nobody knows.
    pub fn loses(&self) {
        let mut inside = self.inside();
        inside.lost = true;
        inside.notes();
    }

    /// Whether messages may be leased of which nobody knows.
    pub fn has_lost(&self) -> bool {
        self.inside().lost
    }

    /// What was leased and unknown is due again.
    pub fn found(&self) {
        let mut inside = self.inside();
        inside.lost = false;
        inside.notes();
    }

    /// Whether something is due in the store, as somebody has just seen.
    pub fn sees_store(&self, is_due: bool) {
        let mut inside = self.inside();
        inside.motion.sees_store(is_due);
        inside.notes();
    }

    /// Messages were written that had no room here, or nobody knows whether there are.
    pub fn ask_for_sweep(&self) {
        if self.inside().room.is_worth_a_claim() {
            self.sweep.notify_one();
        }
    }

    /// Resolves when a sweep is worth while.
    pub async fn sweep_wanted(&self) {
        self.sweep.notified().await;
    }

    /// The most orders that wait for the dispatcher: each brings a message in or is about one.
    pub fn mailbox_max(&self) -> usize {
        let inside = self.inside();
        ORDERS_A_MESSAGE * (inside.capacity + inside.slots.len() + inside.under_way.len()) + ORDERS
    }

    /// Whether nobody knows of some lane what is in the store.
    pub fn is_in_the_dark(&self) -> bool {
        let inside = self.inside();
        inside.bell.is_heard() && (inside.lost || inside.room.is_in_the_dark())
    }

    /// A message was given back to the store.
    pub fn gives_back(&self, turn: &Turn) {
        let mut inside = self.inside();
        inside.forget(turn);
        inside.notes();
    }

    /// How many messages wait here.
    pub fn waiting(&self) -> usize {
        let inside = self.inside();
        inside.marks.len().saturating_sub(inside.under_way.len())
    }

    /// Whether messages are due and none was finished for long.
    pub fn is_stalled(&self) -> bool {
        self.inside().motion.is_stalled(clock::instant())
    }

    /// Whether nothing is here or on its way.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let inside = self.inside();
        inside.marks.len() == 0 && inside.under_way.is_empty() && inside.room.is_empty()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Whether messages are in memory, or leased and nobody knows where.
    fn notes(&mut self) {
        self.motion.notes(self.marks.len() > 0 || self.lost, clock::instant());
    }

    /// A message's stay ends.
    fn forget(&mut self, turn: &Turn) {
        if self.marks.leave(turn) {
            self.poisons.forget(turn.post.stored.message.id);
        }
        self.room.release(turn.lane(), &turn.post.stored.tenant);
    }
}
