//! Which lane goes next: urgent before bulk, and nobody never.

use crate::domain::kind::Lane;

/// Of the slots for which all wait, each lane gets so many parts.
const WEIGHTS: [i64; 4] = [8, 4, 2, 1];

/// How many turns another lane has, if it always has something to send, while a lane has so many.
pub fn turns(of: usize, lane: Lane, other: Lane) -> usize {
    let parts = |lane: Lane| usize::try_from(WEIGHTS[lane as usize]).unwrap_or(1);
    of.saturating_mul(parts(other)) / parts(lane)
}

/// The slots of a channel, shared out among its lanes.
#[derive(Debug)]
pub struct Lanes {
    slots: usize,
    /// Slots that others may use only while the lane is empty.
    reserved: [usize; 4],
    in_use: [usize; 4],
    standing: [i64; 4],
}

impl Lanes {
    /// So many slots, of which each lane has a share reserved: `0.0..=1.0`, together at most one.
    pub fn new(slots: usize, shares: [f64; 4]) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let reserved = shares.map(|share| (slots as f64 * share.clamp(0.0, 1.0)).floor() as usize);
        Self { slots: slots.max(1), reserved, in_use: [0; 4], standing: [0; 4] }
    }

    /// How many messages are under way.
    pub fn in_use(&self) -> usize {
        self.in_use.iter().sum()
    }

    /// Whether one more may be under way at all.
    pub fn has_slot(&self) -> bool {
        self.in_use() < self.slots
    }

    /// Whether the lane may take one more slot, where `waits` says of each lane whether it has
    /// something that could leave: a reserve keeps a slot free only for somebody.
    pub fn may(&self, lane: Lane, waits: [bool; 4]) -> bool {
        let kept: usize = Lane::ALL
            .into_iter()
            .filter(|other| *other != lane && waits[*other as usize])
            .map(|other| self.reserved[other as usize].saturating_sub(self.in_use[other as usize]))
            .sum();
        let free = self.slots.saturating_sub(self.in_use());
        free > kept || (free > 0 && self.in_use[lane as usize] < self.reserved[lane as usize])
    }

    /// The lanes that may take a slot, the one whose turn it is first.
    pub fn order(&self, waits: [bool; 4]) -> impl Iterator<Item = Lane> + use<> {
        let mut lanes: Vec<Lane> = Lane::ALL
            .into_iter()
            .filter(|lane| waits[*lane as usize] && self.may(*lane, waits))
            .collect();
        // The sort is stable: of equals the more urgent.
        lanes.sort_by_key(|lane| -(self.standing[*lane as usize] + WEIGHTS[*lane as usize]));
        lanes.into_iter()
    }

    /// The lane took a slot; `waits` as it was asked for.
    pub fn take(&mut self, lane: Lane, waits: [bool; 4]) {
        self.in_use[lane as usize] += 1;
        let mut total = 0;
        for other in Lane::ALL {
            if waits[other as usize] {
                self.standing[other as usize] += WEIGHTS[other as usize];
                total += WEIGHTS[other as usize];
            } else {
                // Who has nothing to send saves nothing up.
                self.standing[other as usize] = 0;
            }
        }
        self.standing[lane as usize] -= total;
    }

    /// A slot of the lane is in use by somebody whose turn it was before.
    pub fn occupy(&mut self, lane: Lane) {
        self.in_use[lane as usize] += 1;
    }

    /// A message of the lane came back.
    pub fn give_back(&mut self, lane: Lane) {
        self.in_use[lane as usize] = self.in_use[lane as usize].saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Lane::{Bulk, Scheduled, Transactional, Urgent};

    fn next(lanes: &mut Lanes, waits: [bool; 4]) -> Option<Lane> {
        let lane = lanes.order(waits).next()?;
        lanes.take(lane, waits);
        Some(lane)
    }

    #[test]
    fn where_all_wait_each_gets_its_share() {
        let mut lanes = Lanes::new(1, [0.0; 4]);
        let mut counts = [0; 4];
        for _ in 0..150 {
            let lane = next(&mut lanes, [true; 4]).unwrap();
            counts[lane as usize] += 1;
            lanes.give_back(lane);
        }
        assert_eq!(counts, [80, 40, 20, 10]);
    }

    #[test]
    fn a_reserve_is_kept_while_somebody_waits_for_it_and_is_used_where_nobody_does() {
        let shares = [0.2, 0.3, 0.1, 0.0];
        let mut lanes = Lanes::new(10, shares);
        let all = [true; 4];
        while lanes.may(Bulk, all) {
            lanes.take(Bulk, all);
        }
        assert_eq!(lanes.in_use(), 4, "two, three and one are kept");
        let bulk_alone = [false, false, false, true];
        while lanes.may(Bulk, bulk_alone) {
            lanes.take(Bulk, bulk_alone);
        }
        assert_eq!(lanes.in_use(), 10);
        assert_eq!(lanes.order(all).next(), None, "whoever comes now waits for one to come back");
        lanes.give_back(Bulk);
        assert_eq!(lanes.order(all).next(), Some(Urgent));
        assert!(!lanes.may(Bulk, all));
        lanes.take(Urgent, all);
        lanes.give_back(Bulk);
        assert!(lanes.may(Transactional, all) && lanes.may(Scheduled, all));
    }
}
