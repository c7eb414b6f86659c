//! How many bytes of bodies are in memory, and who goes where one more comes.
//!
//! A body that is still coming takes room for what has come of it, and keeps it only as long as
//! there is enough for all: where there is not, the body that has been coming longest gives its
//! own up. Whoever sends most of a body and then dawdles keeps nobody out; what comes at once has
//! its room at once. A whole body keeps its room until what it asks for is durable, and of these
//! no tenant has more than its share.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::domain::id::TenantId;

/// One tenant's bodies have room while they take less than this part of all.
const SHARES: usize = 4;

/// The room of all bodies.
#[derive(Debug)]
pub(super) struct Room {
    bytes_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    bytes: usize,
    next: u64,
    /// In the order in which they began.
    coming: BTreeMap<u64, Coming>,
    /// Of whole bodies.
    of_tenant: HashMap<TenantId, usize>,
}

#[derive(Debug)]
struct Coming {
    bytes: usize,
    given_up: CancellationToken,
}

/// There is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// A tenant's bodies take its share already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareTaken {
    pub tenant: TenantId,
    /// The share, in bytes.
    pub share: usize,
}

/// The room of a body that is coming, until dropped.
#[derive(Debug)]
pub(super) struct Arrival {
    room: Arc<Room>,
    place: u64,
    given_up: CancellationToken,
}

/// The room of a whole body of which nobody knows yet whose it is.
#[derive(Debug)]
pub struct Filled(Kept);

/// The room of a whole body, given back when the last clone is dropped: whatever was made of the
/// body holds it as long as it is in memory.
#[derive(Debug, Clone, Default)]
pub struct Held(#[allow(dead_code)] Option<Arc<Kept>>);

#[derive(Debug)]
struct Kept {
    room: Arc<Room>,
    bytes: usize,
    of_tenant: Vec<(TenantId, usize)>,
}

impl Room {
    pub(super) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, taken: Mutex::default() })
    }

    /// A body begins to come.
    pub(super) fn arrival(self: &Arc<Self>) -> Arrival {
        let given_up = CancellationToken::new();
        let mut taken = self.taken();
        let place = taken.next;
        taken.next += 1;
        taken.coming.insert(place, Coming { bytes: 0, given_up: given_up.clone() });
        Arrival { room: self.clone(), place, given_up }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.bytes_max - self.taken().bytes
    }
}

impl Taken {
    /// Gives up the room of whoever has been coming longest.
    fn give_up(&mut self) -> Result<(), Full> {
        let longest = self.coming.iter().find(|(_, coming)| coming.bytes > 0);
        let place = *longest.ok_or(Full)?.0;
        if let Some(coming) = self.end(place) {
            coming.given_up.cancel();
        }
        Ok(())
    }

    /// The bytes of whole bodies.
    fn whole(&self) -> usize {
        self.bytes - self.coming.values().map(|coming| coming.bytes).sum::<usize>()
    }

    fn end(&mut self, place: u64) -> Option<Coming> {
        let coming = self.coming.remove(&place)?;
        self.bytes -= coming.bytes;
        Some(coming)
    }
}

impl Arrival {
    /// More of it has come.
    ///
    /// # Errors
    /// If others need the room, or whole bodies have all of it.
    pub(super) fn grow(&self, bytes: usize) -> Result<(), Full> {
        let (mut taken, bytes_max) = (self.room.taken(), self.room.bytes_max);
        while bytes > bytes_max - taken.bytes {
            // Nobody gives anything up where that is not enough.
            if bytes > bytes_max - taken.whole() {
                return Err(Full);
            }
            taken.give_up()?;
        }
        taken.coming.get_mut(&self.place).ok_or(Full)?.bytes += bytes;
        taken.bytes += bytes;
        Ok(())
    }

    /// Ends when its room is needed by others.
    pub(super) async fn lost(&self) {
        self.given_up.cancelled().await;
    }

    /// All of it has come: it keeps its room.
    ///
    /// # Errors
    /// If others needed it.
    pub(super) fn filled(self) -> Result<Filled, Full> {
        let mut taken = self.room.taken();
        let coming = taken.coming.remove(&self.place).ok_or(Full)?;
        drop(taken);
        let room = self.room.clone();
        Ok(Filled(Kept { room, bytes: coming.bytes, of_tenant: Vec::new() }))
    }
}

impl Filled {
    /// It holds so many bytes of each of these tenants. One that has less than its share of the
    /// room has room for a whole body more.
    ///
    /// # Errors
    /// [`ShareTaken`]: of one of them there are too many already.
    pub fn belongs_to(self, tenants: HashMap<TenantId, usize>) -> Result<Held, ShareTaken> {
        let Self(mut kept) = self;
        let share = kept.room.bytes_max / SHARES;
        let room = kept.room.clone();
        let mut taken = room.taken();
        let has_share =
            |tenant: &&TenantId| taken.of_tenant.get(*tenant).is_some_and(|bytes| *bytes >= share);
        if let Some(tenant) = tenants.keys().find(has_share).cloned() {
            // Its own room is given back in its turn.
            drop(taken);
            return Err(ShareTaken { tenant, share });
        }
        for (tenant, bytes) in &tenants {
            *taken.of_tenant.entry(tenant.clone()).or_default() += bytes;
        }
        kept.of_tenant = tenants.into_iter().collect();
        Ok(Held(Some(Arc::new(kept))))
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.room.taken().end(self.place);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.bytes -= self.bytes;
        for (tenant, bytes) in &self.of_tenant {
            let Some(left) = taken.of_tenant.get_mut(tenant) else { continue };
            *left -= bytes;
            if *left == 0 {
                taken.of_tenant.remove(tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants(of: &[(&str, usize)]) -> HashMap<TenantId, usize> {
        of.iter().map(|(name, bytes)| (TenantId::parse(name).unwrap(), *bytes)).collect()
    }

    fn filled(room: &Arc<Room>, bytes: usize) -> Result<Filled, Full> {
        let arrival = room.arrival();
        arrival.grow(bytes)?;
        arrival.filled()
    }

    #[test]
    fn who_has_been_coming_longest_makes_room_and_who_sent_nothing_has_none_to_make() {
        let room = Room::new(100);
        let [silent, first, second] = [0, 60, 40].map(|bytes| {
            let arrival = room.arrival();
            arrival.grow(bytes).unwrap();
            arrival
        });
        let third = room.arrival();
        third.grow(10).unwrap();
        assert!(first.given_up.is_cancelled() && !second.given_up.is_cancelled());
        assert_eq!((room.free(), first.grow(1)), (50, Err(Full)));
        assert_eq!(first.filled().err(), Some(Full));
        // It asks for more itself.
        assert_eq!(second.grow(60), Err(Full));
        assert_eq!(room.free(), 90);
        silent.grow(90).unwrap();
        drop((silent, second, third));
        assert_eq!(room.free(), 100);
        assert!(room.taken().coming.is_empty());
    }

    #[test]
    fn what_is_whole_stays_and_leaves_no_more_than_there_is() {
        let room = Room::new(100);
        let whole = filled(&room, 80).unwrap();
        let coming = room.arrival();
        coming.grow(10).unwrap();
        let other = room.arrival();
        assert_eq!(other.grow(30), Err(Full));
        assert!(!coming.given_up.is_cancelled());
        other.grow(20).unwrap();
        assert!(coming.given_up.is_cancelled());
        drop(whole);
        assert_eq!(room.free(), 80);
    }

    #[test]
    fn no_tenant_has_more_than_its_share_and_one_body() {
        let room = Room::new(100);
        let of = |of: &[(&str, usize)]| {
            let bytes = of.iter().map(|(_, bytes)| bytes).sum();
            filled(&room, bytes).unwrap().belongs_to(tenants(of))
        };
        let first = of(&[("a", 24)]).unwrap();
        let second = of(&[("a", 30), ("b", 3)]).unwrap();
        let refused = of(&[("a", 1), ("b", 5)]).unwrap_err();
        assert_eq!((refused.tenant.as_str(), refused.share), ("a", 25));
        assert_eq!(room.free(), 43, "what was refused takes none");
        let also = second.clone();
        drop((first, second));
        assert!(of(&[("a", 1)]).is_err());
        assert!(of(&[("b", 1)]).is_ok());
        drop(also);
        assert!(of(&[("a", 1)]).is_ok());
        assert_eq!(room.free(), 100);
        assert!(room.taken().of_tenant.is_empty());
    }
}
