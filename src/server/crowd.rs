//! How many connections there may be, and who goes when one more comes.
//!
//! A connection either waits (nothing was asked yet, or half a request: its body counts) or is
//! busy. Whoever holds connections open without asking anything must not keep others out: where all
//! seats are taken, the one that has waited longest is given away. Only where all are busy is a
//! newcomer refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::telemetry::record;

/// All connections of one listener.
pub(super) struct Crowd {
    seats: Mutex<Seats>,
    seats_max: usize,
}

#[derive(Default)]
struct Seats {
    taken: usize,
    /// By the order in which they began to wait.
    waiting: BTreeMap<u64, CancellationToken>,
    next: u64,
}

/// The right of one connection to be there.
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    place: Mutex<Option<u64>>,
    busy: watch::Sender<bool>,
    given_away: CancellationToken,
}

/// A request is there, or half of one, until dropped.
pub(super) struct Asked(Arc<Seat>);

impl Crowd {
    pub fn new(seats_max: usize) -> Arc<Self> {
        Arc::new(Self { seats: Mutex::default(), seats_max })
    }

    /// A seat for a newcomer; `None` where everybody is busy.
    pub fn admit(self: &Arc<Self>) -> Option<Seat> {
        let mut seats = self.lock();
        if seats.taken < self.seats_max {
            seats.taken += 1;
        } else if !seats.give_away() {
            return None;
        }
        record::set_http_connections(seats.taken);
        drop(seats);
        let seat = Seat {
            crowd: self.clone(),
            place: Mutex::default(),
            busy: watch::Sender::new(false),
            given_away: CancellationToken::new(),
        };
        seat.wait();
        Some(seat)
    }

    /// Lets go whoever has waited longest. Says whether there was anybody.
    pub fn thin_out(&self) -> bool {
        let mut seats = self.lock();
        let thinner = seats.give_away();
        seats.taken -= usize::from(thinner);
        thinner
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn give_away(&mut self) -> bool {
        let longest = self.waiting.pop_first();
        longest.is_some_and(|(_, given_away)| {
            given_away.cancel();
            true
        })
    }
}

impl Seat {
    /// The head of a request is there: until its body is, the seat is not busy.
    pub fn asked(self: &Arc<Self>) -> Asked {
        Asked(self.clone())
    }

    /// All of the request is there: from now on it is busy, until answered.
    pub fn occupy(&self) {
        let place = self.place().take();
        if let Some(place) = place {
            self.crowd.lock().waiting.remove(&place);
        }
        self.busy.send_replace(true);
    }

    /// Ends when the seat is given to somebody else.
    pub async fn lost(&self) {
        self.given_away.cancelled().await;
    }

    /// Ends as soon as no request is being answered.
    pub async fn settled(&self) {
        // The sender is our own: it is not dropped before us.
        let _ = self.busy.subscribe().wait_for(|busy| !busy).await;
    }

    fn wait(&self) {
        let mut seats = self.crowd.lock();
        // What is given away cannot be given away again.
        if !self.given_away.is_cancelled() {
            if let Some(place) = self.place().take() {
                seats.waiting.remove(&place);
            }
            let place = seats.next;
            seats.next += 1;
            seats.waiting.insert(place, self.given_away.clone());
            *self.place() = Some(place);
        }
        drop(seats);
        self.busy.send_replace(false);
    }

    fn place(&self) -> MutexGuard<'_, Option<u64>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.wait();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let place = self.place().take();
        let mut seats = self.crowd.lock();
        if let Some(place) = place {
            seats.waiting.remove(&place);
        }
        // Otherwise somebody else has it.
        if !self.given_away.is_cancelled() {
            seats.taken -= 1;
        }
        record::set_http_connections(seats.taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy_with(seat: &Arc<Seat>) -> Asked {
        let asked = seat.asked();
        seat.occupy();
        asked
    }

    fn taken(crowd: &Crowd) -> (usize, usize) {
        let seats = crowd.lock();
        (seats.taken, seats.waiting.len())
    }

    #[test]
    fn who_waited_longest_goes_and_who_is_busy_stays() {
        let crowd = Crowd::new(2);
        let first = Arc::new(crowd.admit().unwrap());
        let second = Arc::new(crowd.admit().unwrap());
        let busy = busy_with(&first);
        let third = Arc::new(crowd.admit().unwrap());
        assert!(second.given_away.is_cancelled());
        assert!(!first.given_away.is_cancelled());
        drop(second);
        assert_eq!(taken(&crowd), (2, 1));

        let also_busy = busy_with(&third);
        assert!(crowd.admit().is_none(), "all are busy");
        drop(busy);
        assert!(crowd.admit().is_some());
        assert!(first.given_away.is_cancelled(), "it waits again");
        // Even if it is asked something at that very moment.
        drop(busy_with(&first));
        assert_eq!(taken(&crowd).1, 0);
        drop((also_busy, first, third));
        assert_eq!(taken(&crowd), (0, 0));
    }

    #[test]
    fn who_has_asked_half_goes_and_who_was_answered_waits_anew() {
        let crowd = Crowd::new(2);
        let [first, second] = [(); 2].map(|()| Arc::new(crowd.admit().unwrap()));
        let half = second.asked();
        drop(busy_with(&first));
        assert!(crowd.admit().is_some());
        assert!(second.given_away.is_cancelled() && !first.given_away.is_cancelled());
        drop(half);
        assert_eq!(taken(&crowd), (1, 1));
    }

    #[test]
    fn thinning_out_frees_a_seat_and_not_twice() {
        let crowd = Crowd::new(2);
        let seat = crowd.admit().unwrap();
        assert!(crowd.thin_out());
        assert!(!crowd.thin_out());
        assert_eq!(taken(&crowd), (0, 0));
        drop(seat);
        assert_eq!(taken(&crowd), (0, 0));
    }

    #[tokio::test]
    async fn a_seat_settles_when_its_request_is_answered() {
        let seat = Arc::new(Crowd::new(1).admit().unwrap());
        seat.settled().await;
        let busy = busy_with(&seat);
        let waiting = tokio::spawn({
            let seat = seat.clone();
            async move { seat.settled().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(busy);
        waiting.await.unwrap();
    }
}
