//! How many messages of a channel may be in memory, by lane and tenant. Pure.
//!
//! ```text
//!   ├─ urgent ─┼── transactional ──┼ scheduled ┼────── whoever comes ──────┤
//! ```
//!
//! Each lane has a part for itself, and shares the rest; of what a lane may have at most, no
//! tenant has more than an eighth. What has no room waits in the store, and what follows it there
//! waits behind it.

use std::collections::HashMap;

use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::Message;
use crate::store::{Looked, Rest, Wanted};

/// The most messages of one lane that are claimed at once.
const CLAIM_MAX: usize = 256;
/// A claim is a transaction: so much of what a lane may have is to be free before the next.
const WORTH_A_CLAIM: usize = 4;
/// A tenant may have such a part of what its lane may have.
const TENANTS_PART: usize = 8;
/// So many tenants that have something in the store are known by name.
const TENANTS_MAX: usize = 10_000;

/// See the module.
#[derive(Debug)]
pub struct Room {
    common: usize,
    lanes: [LaneRoom; Lane::ALL.len()],
}

/// A message that wants room.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub lane: Lane,
    /// Whether it is about something that others are about, too: they leave in order.
    pub has_order: bool,
}

impl Wish {
    /// Of a message that was just decided.
    pub fn of(message: &Message) -> Self {
        Self { lane: message.kind.lane(), has_order: message.facts.about().is_some() }
    }
}

#[derive(Debug)]
struct LaneRoom {
    reserved: usize,
    used: usize,
    held: HashMap<TenantId, usize>,
    /// What is due in the store.
    rest: Rest,
    after: Option<TenantId>,
}

impl Room {
    /// Room for so many, of which each lane has a share for itself.
    pub fn new(capacity: usize, shares: [f64; Lane::ALL.len()]) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        #[allow(clippy::cast_precision_loss)]
        let reserved = shares.map(|share| (capacity as f64 * share.clamp(0.0, 1.0)) as usize);
        let common = capacity.saturating_sub(reserved.iter().sum());
        let lanes = reserved.map(|reserved| LaneRoom {
            reserved,
            used: 0,
            held: HashMap::new(),
            // What lies in the store from an earlier run comes first.
            rest: Rest::Many,
            after: None,
        });
        Self { common, lanes }
    }

    /// Room for a message that was just decided, unless others of its tenant wait in the store
    /// that go before: then it waits there behind them.
    pub fn reserve(&mut self, Wish { lane, has_order }: Wish, tenant: &TenantId) -> bool {
        let is_behind = has_order && self.has_ordered_in_store(lane, tenant);
        let has_room =
            !is_behind && self.free(lane) > 0 && self.held(lane, tenant) < self.share(lane);
        let of = &mut self.lanes[lane as usize];
        match &mut of.rest {
            Rest::Many => return false,
            Rest::Of(tenants) if tenants.contains(tenant) => return false,
            Rest::Of(tenants) if !has_room => {
                tenants.insert(tenant.clone());
                if tenants.len() > TENANTS_MAX {
                    of.rest = Rest::Many;
                }
                return false;
            }
            Rest::Of(_) => {}
        }
        self.occupy(lane, tenant);
        true
    }

    /// Whether something of the tenant's may wait in the store, in another lane, that what was
    /// decided later about the same thing must not overtake. Nothing in bulk has anything behind
    /// it: notices are about nothing that changes, and a review is the last that is said of a
    /// booking.
    fn has_ordered_in_store(&self, lane: Lane, tenant: &TenantId) -> bool {
        let others = Lane::ALL.into_iter().filter(|other| ![lane, Lane::Bulk].contains(other));
        let mut rests = others.map(|other| &self.lanes[other as usize].rest);
        rests.any(|rest| match rest {
            Rest::Many => true,
            Rest::Of(tenants) => tenants.contains(tenant),
        })
    }

    /// A message is here.
    pub fn occupy(&mut self, lane: Lane, tenant: &TenantId) {
        let of = &mut self.lanes[lane as usize];
        of.used += 1;
        *of.held.entry(tenant.clone()).or_default() += 1;
    }

    /// A message is gone.
    pub fn release(&mut self, lane: Lane, tenant: &TenantId) {
        let of = &mut self.lanes[lane as usize];
        of.used = of.used.saturating_sub(1);
        if let Some(held) = of.held.get_mut(tenant) {
            *held -= 1;
            if *held == 0 {
                of.held.remove(tenant);
            }
        }
    }

    /// What is to be claimed: of each lane of which something is `due` as much as there is room
    /// for, and a look at those of which nobody knows.
    pub fn wanted(&self, due: [bool; Lane::ALL.len()]) -> Vec<Wanted> {
        let mut common = self.common_left();
        let mut wanted = Vec::new();
        for lane in Lane::ALL {
            let of = &self.lanes[lane as usize];
            let own = of.reserved.saturating_sub(of.used);
            let room = match due[lane as usize] {
                true => (own + common).min(CLAIM_MAX),
                false => usize::from(of.rest == Rest::Many && own + common > 0),
            };
            common -= room.saturating_sub(own);
            if room > 0 {
                let (held, after) = (of.held.clone(), of.after.clone());
                wanted.push(Wanted { lane, room, share: self.share(lane), held, after });
            }
        }
        wanted
    }

    /// What a claim saw of the store.
    pub fn looked(&mut self, looked: Vec<Looked>) {
        for Looked { lane, rest, after } in looked {
            let of = &mut self.lanes[lane as usize];
            (of.rest, of.after) = (rest, after);
        }
    }

    /// Nobody knows any more what is in the store.
    pub fn forget_the_store(&mut self) {
        for of in &mut self.lanes {
            of.rest = Rest::Many;
        }
    }

    /// Whether nobody knows of some lane what is in the store.
    pub fn is_in_the_dark(&self) -> bool {
        self.lanes.iter().any(|of| of.rest == Rest::Many)
    }

    /// The lanes of which something may wait in the store.
    pub fn lanes_in_store(&self) -> Vec<Lane> {
        let none = |rest: &Rest| matches!(rest, Rest::Of(tenants) if tenants.is_empty());
        Lane::ALL.into_iter().filter(|lane| !none(&self.lanes[*lane as usize].rest)).collect()
    }

    /// Whether there is room for enough of what waits in the store.
    pub fn is_worth_a_claim(&self) -> bool {
        Lane::ALL.into_iter().any(|lane| {
            let (most, share) = (self.most(lane), self.share(lane));
            let enough = |free: usize, of: usize| free >= (of / WORTH_A_CLAIM).clamp(1, CLAIM_MAX);
            let has_room = enough(self.free(lane), most);
            match &self.lanes[lane as usize].rest {
                Rest::Many => has_room,
                Rest::Of(tenants) => {
                    has_room
                        && tenants.iter().any(|tenant| {
                            enough(share.saturating_sub(self.held(lane, tenant)), share)
                        })
                }
            }
        })
    }

    /// How many messages have room beside those that are here, the least urgent lane's.
    pub fn left(&self) -> usize {
        self.common_left()
    }

    /// Whether no message is here.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(|of| of.used == 0 && of.held.is_empty())
    }

    fn held(&self, lane: Lane, tenant: &TenantId) -> usize {
        self.lanes[lane as usize].held.get(tenant).copied().unwrap_or(0)
    }

    /// What a lane may have at most.
    fn most(&self, lane: Lane) -> usize {
        self.lanes[lane as usize].reserved + self.common
    }

    /// What one tenant may have of it.
    fn share(&self, lane: Lane) -> usize {
        (self.most(lane) / TENANTS_PART).max(1)
    }

    fn free(&self, lane: Lane) -> usize {
        let of = &self.lanes[lane as usize];
        of.reserved.saturating_sub(of.used) + self.common_left()
    }

    fn common_left(&self) -> usize {
        let beyond = |of: &LaneRoom| of.used.saturating_sub(of.reserved);
        self.common.saturating_sub(self.lanes.iter().map(beyond).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Lane::{Bulk, Urgent};

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    fn looked(lane: Lane, tenants: &[&str]) -> Looked {
        let rest = Rest::Of(tenants.iter().map(|name| tenant(name)).collect());
        Looked { lane, rest, after: None }
    }

    /// Room for 80 of which 16, 24 and 8 are kept, and nothing in the store.
    fn room() -> Room {
        let mut room = Room::new(80, [0.2, 0.3, 0.1, 0.0]);
        room.looked(Lane::ALL.map(|lane| looked(lane, &[])).into());
        room
    }

    fn wish(lane: Lane) -> Wish {
        Wish { lane, has_order: false }
    }

    fn fill(room: &mut Room, lane: Lane, names: impl Iterator<Item = usize>) -> usize {
        let mut taken = 0;
        for name in names {
            taken += usize::from(room.reserve(wish(lane), &tenant(&format!("t{name}"))));
        }
        taken
    }

    #[test]
    fn a_lane_has_its_own_and_what_is_common_and_no_more() {
        let mut room = room();
        assert_eq!(fill(&mut room, Bulk, 0..100), 32, "it has nothing of its own");
        assert_eq!(fill(&mut room, Urgent, 0..100), 16);
        room.release(Bulk, &tenant("t0"));
        assert!(!room.reserve(wish(Bulk), &tenant("t99")), "behind the one in the store");
        room.looked(vec![looked(Bulk, &[]), looked(Urgent, &[])]);
        assert!(room.reserve(wish(Bulk), &tenant("t99")));
        assert_eq!(room.left(), 0);
    }

    #[test]
    fn a_tenant_has_an_eighth_of_its_lane() {
        let mut room = room();
        assert_eq!(fill(&mut room, Bulk, std::iter::repeat_n(1, 50)), 4);
        assert_eq!(fill(&mut room, Bulk, std::iter::repeat_n(2, 50)), 4, "another has its own");
        room.release(Bulk, &tenant("t1"));
        assert!(!room.reserve(wish(Bulk), &tenant("t1")), "none passes those in the store");
        assert!(room.is_worth_a_claim());
        let wanted = room.wanted([false, false, false, true]).pop().unwrap();
        let share = |name| wanted.share_of(&tenant(name));
        assert_eq!(
            (wanted.lane, wanted.room, share("t1"), share("t2"), share("t3")),
            (Bulk, 25, 1, 0, 4)
        );
    }

    #[test]
    fn what_an_earlier_run_left_comes_first() {
        let mut room = Room::new(80, [0.2, 0.3, 0.1, 0.0]);
        assert!(!room.reserve(wish(Urgent), &tenant("a")));
        assert!(room.is_worth_a_claim());
        let wanted: usize = room.wanted([true; 4]).iter().map(|wanted| wanted.room).sum();
        assert_eq!(wanted, 80, "never more than there is room for in all");
        room.looked(vec![looked(Urgent, &["b"])]);
        assert!(
            room.reserve(wish(Urgent), &tenant("a")) && !room.reserve(wish(Urgent), &tenant("b"))
        );
    }

    #[test]
    fn what_is_about_something_waits_behind_what_its_tenant_has_in_the_store() {
        let mut room = room();
        room.looked(vec![looked(Lane::Scheduled, &["a"]), looked(Bulk, &["b"])]);
        let ordered = Wish { lane: Lane::Transactional, has_order: true };
        assert!(room.reserve(wish(Lane::Transactional), &tenant("a")), "about nothing");
        assert!(!room.reserve(ordered, &tenant("a")), "a reminder may be before it");
        assert!(!room.reserve(wish(Lane::Transactional), &tenant("a")), "behind that one");
        assert!(room.reserve(ordered, &tenant("b")), "notices are not about it");
        assert!(room.reserve(ordered, &tenant("c")));
        room.looked(Lane::ALL.map(|lane| looked(lane, &[])).into());
        assert!(room.reserve(ordered, &tenant("a")));
    }
}
