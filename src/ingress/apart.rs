//! Deliveries that keep coming back.
//!
//! The broker takes a delivery back when the connection that held it dies, with all that was in
//! flight beside it, and counts. What comes back again and again may be what the connection, or the
//! process, dies of, or a neighbour of it. So each connection tries the first of them alone, which
//! is written down in the store before, and then twice as many at once each time that all of a
//! round were answered: neighbours of what kills pass within a few rounds, and where nothing kills
//! but the times, all pass soon.
//!
//! ```text
//!   x x x x x x x ☠ x x x     the first connection: (x) (x x) (x x x x ☠ …
//!         └── dies
//!               ☠ x x x       the next: (x) …, until the one it dies of is the first: alone
//! ```
//!
//! What was tried alone so often and never answered is laid aside unread. What was answered while
//! its connection lived is none of those, however often it comes: an app may publish the same
//! command several times.
//!
//! The broker hands out all of them as ever, and only we take them in rounds: RabbitMQ puts what a
//! dead connection held behind what already waits to be delivered again, so that a part of what
//! came back, taken and given back, would come back in another order.

use sha2::{Digest as _, Sha256};

use crate::broker::Delivered;
use crate::store::{Store, StoreError};

/// What came back so often is tried apart from the rest.
pub const RETURNS_MAX: u64 = 5;
/// So many of them at once, at most: whatever kills is alone after seven deaths.
const TOGETHER_MAX: usize = 64;
/// What was tried alone so often is not tried again.
const TRIES_MAX: i64 = 3;
/// The name under which the store keeps what is being tried.
const TRIED: &str = "amqp.apart";
/// The bits for the number of tries; the others tell what is tried.
const TRIES_BITS: u32 = 8;

/// What to do with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    Try,
    /// Lay it aside: whoever tried it died.
    Deadly,
}

/// What a connection's deliveries that keep coming back go through.
#[derive(Debug, Default)]
pub struct Apart {
    /// How many make up the round; at first there is none.
    together: usize,
    /// How many of the round are not begun.
    left: usize,
    /// Whether the store holds the one that is tried alone.
    is_noted: bool,
}

impl Apart {
    /// Whether another may be tried beside those that are.
    pub fn has_room(&self) -> bool {
        self.left > 0
    }

    /// All that was tried is answered, and the connection is still there: the next round.
    ///
    /// # Errors
    /// If the store cannot be told so: then it may hold the last round against its command.
    pub async fn goes_on(&mut self, store: &Store) -> Result<(), StoreError> {
        self.grows();
        match std::mem::take(&mut self.is_noted) {
            true => store.note(TRIED, 0).await,
            false => Ok(()),
        }
    }

    /// Decides, and writes down that the delivery is tried now, if it is tried alone.
    ///
    /// # Errors
    /// If the store cannot be asked: then nothing is known, and nothing is held against it.
    pub async fn judge(
        &mut self,
        store: &Store,
        delivered: &Delivered,
    ) -> Result<Judgement, StoreError> {
        self.left = self.left.saturating_sub(1);
        if self.together > 1 {
            return Ok(Judgement::Try);
        }
        let (judgement, tried) = weigh(store.noted(TRIED).await?, fingerprint(delivered));
        if let Some(tried) = tried {
            store.note(TRIED, tried).await?;
        }
        self.is_noted = true;
        Ok(judgement)
    }

    fn grows(&mut self) {
        self.together = (2 * self.together).clamp(1, TOGETHER_MAX);
        self.left = self.together;
    }
}

/// The judgement, and what is to be remembered if it is tried.
fn weigh(last: i64, fingerprint: i64) -> (Judgement, Option<i64>) {
    let (tried, tries) = (last >> TRIES_BITS, last & ((1 << TRIES_BITS) - 1));
    let tries = if tried == fingerprint { tries } else { 0 };
    if tries >= TRIES_MAX {
        return (Judgement::Deadly, None);
    }
    (Judgement::Try, Some(fingerprint << TRIES_BITS | (tries + 1)))
}

/// So much of a digest as fits beside the number of tries into a positive number.
fn fingerprint(delivered: &Delivered) -> i64 {
    let mut digest = Sha256::new();
    digest.update(delivered.routing_key.as_bytes());
    digest.update([0]);
    digest.update(&delivered.body);
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.finalize()[..8]);
    i64::try_from(u64::from_be_bytes(bytes) >> (TRIES_BITS + 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_tried_alone_too_often_is_deadly() {
        let mut last = 0;
        for _ in 0..TRIES_MAX {
            let (judgement, tried) = weigh(last, 7);
            assert_eq!(judgement, Judgement::Try);
            last = tried.unwrap();
        }
        assert_eq!(weigh(last, 7), (Judgement::Deadly, None));
        let (judgement, tried) = weigh(last, 8);
        assert_eq!(judgement, Judgement::Try, "another's tries are not held against it");
        assert_eq!(weigh(tried.unwrap(), 7).0, Judgement::Try);
        assert!(weigh(0, i64::MAX >> TRIES_BITS).1.unwrap() > 0);
    }

    /// Tries what waits, round by round, from the front; says how many it got through.
    fn lives(waiting: &[bool]) -> (usize, usize) {
        let (mut apart, mut passed) = (Apart::default(), 0);
        while passed < waiting.len() {
            apart.grows();
            let round = &waiting[passed..waiting.len().min(passed + apart.left)];
            if round.contains(&true) {
                return (passed, round.len());
            }
            passed += round.len();
        }
        (passed, 0)
    }

    proptest! {
        #[test]
        fn what_kills_is_alone_within_a_few_lives(before in 0_usize..2000, behind in 0_usize..200) {
            let mut waiting = vec![false; before];
            waiting.push(true);
            waiting.extend(vec![false; behind]);
            let mut from = 0;
            for _ in 0..=7 {
                let (passed, died_in) = lives(&waiting[from..]);
                from += passed;
                prop_assert!(died_in <= TOGETHER_MAX);
                if died_in == 1 {
                    prop_assert!(waiting[from]);
                    return Ok(());
                }
            }
            prop_assert!(false, "it is still among others");
        }
    }

    #[test]
    fn where_nothing_kills_all_pass_soon() {
        let (mut apart, mut passed, mut rounds) = (Apart::default(), 0, 0);
        while passed < 4096 {
            apart.grows();
            passed += apart.left;
            rounds += 1;
        }
        assert!(rounds <= 70, "{rounds}");
    }
}
