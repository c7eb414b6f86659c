//! Deliveries that keep coming back.
//!
//! The broker takes a delivery back when the connection that held it dies, with all that was in
//! flight beside it, and counts. What comes back again and again may be what the connection, or the
//! process, dies of, or a neighbour of it. So each such delivery is tried alone, and written down
//! in the store before: its neighbours pass, and what was tried alone so often and never answered
//! is laid aside unread. What was tried alone and answered while its connection lived is none of
//! those, however often it comes: an app may publish the same command several times.
//!
//! The broker hands out all of them as ever, and only we take them singly: RabbitMQ puts what a
//! dead connection held behind what already waits to be delivered again, so that a part of what
//! came back, taken and given back, would come back in another order.

use sha2::{Digest as _, Sha256};

use crate::broker::Delivered;
use crate::store::{Store, StoreError};

/// What came back so often is tried alone.
pub const RETURNS_MAX: u64 = 5;
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

/// What a connection's deliveries went through. It is asked for the next one only when the last was
/// answered.
#[derive(Debug, Default)]
pub struct Apart {
    /// What was tried last. The connection is still there.
    lived: Option<i64>,
}

impl Apart {
    /// Decides, and writes down that the delivery is tried now.
    ///
    /// # Errors
    /// If the store cannot be asked: then nothing is known, and nothing is held against it.
    pub async fn judge(
        &mut self,
        store: &Store,
        delivered: &Delivered,
    ) -> Result<Judgement, StoreError> {
        let (judgement, tried) = self.weigh(store.noted(TRIED).await?, fingerprint(delivered));
        if let Some(tried) = tried {
            store.note(TRIED, tried).await?;
        }
        Ok(judgement)
    }

    /// The judgement, and what is to be remembered if it is tried.
    fn weigh(&mut self, last: i64, fingerprint: i64) -> (Judgement, Option<i64>) {
        let last = if self.lived == Some(fingerprint) { 0 } else { last };
        let weighed = weigh(last, fingerprint);
        self.lived = (weighed.0 == Judgement::Try).then_some(fingerprint);
        weighed
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

    #[test]
    fn what_was_answered_is_not_deadly_however_often_it_is_published() {
        let (mut here, mut last) = (Apart::default(), 0);
        for _ in 0..3 * TRIES_MAX {
            let (judgement, tried) = here.weigh(last, 7);
            assert_eq!(judgement, Judgement::Try);
            last = tried.unwrap();
        }
        // Three connections die of it, the first while it had it a second time.
        for _ in 0..TRIES_MAX - 1 {
            let (judgement, tried) = Apart::default().weigh(last, 7);
            assert_eq!(judgement, Judgement::Try);
            last = tried.unwrap();
        }
        assert_eq!(Apart::default().weigh(last, 7), (Judgement::Deadly, None));
    }
}
