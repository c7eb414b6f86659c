//! Queues whose commands do not come though there is room for them.
//!
//! ```text
//!         nothing came for a while: asked        waits, and none came, for too long
//!   quiet ──────────────────────────────▶ waits ──────────────────────────────────▶ stalled
//!     ▲                                     │
//!     └─────────────────────────────────────┘ one came, none waits, or there is no room
//! ```
//!
//! A queue with a single active consumer can have consumers and none that is active: of RabbitMQ
//! 4.3.0 to 4.3.5 that is known (<https://github.com/rabbitmq/rabbitmq-server/issues/17317>). It
//! goes on when the consumers' connections are closed. AMQP 0-9-1 does not tell who is active; that
//! nothing comes is to be seen from here.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::domain::partition::Part;

/// Within the time after which a queue is stalled it is asked so often.
const LOOKS: u32 = 3;

/// What came of each queue, and how long what waits in it has not come.
#[derive(Debug)]
pub struct Stalls {
    /// How long commands may wait, and none come.
    limit: Duration,
    queues: BTreeMap<Part, Queue>,
}

#[derive(Debug)]
struct Queue {
    /// Of its last delivery; 0 before the first.
    tag: u64,
    /// When that came, or one was last looked for.
    heard: Instant,
    /// When commands were first seen to wait, none having come since.
    waits: Option<Instant>,
}

impl Stalls {
    /// Nothing has come of these queues by now.
    pub fn new(parts: impl Iterator<Item = Part>, limit: Duration, now: Instant) -> Self {
        let queue = |part| (part, Queue { tag: 0, heard: now, waits: None });
        Self { limit, queues: parts.map(queue).collect() }
    }

    /// A command came.
    pub fn came(&mut self, part: Part, tag: u64, now: Instant) {
        if let Some(queue) = self.queues.get_mut(&part) {
            *queue = Queue { tag, heard: now, waits: None };
        }
    }

    /// The queues of which nothing was heard for long, to be asked how many commands wait.
    pub fn to_ask(&self, now: Instant) -> Vec<Part> {
        let long = self.limit / LOOKS;
        let quiet = |queue: &Queue| now.saturating_duration_since(queue.heard) >= long;
        self.queues.iter().filter(|(_, queue)| quiet(queue)).map(|(part, _)| *part).collect()
    }

    /// The last delivery of a queue; 0 before the first.
    pub fn last(&self, part: Part) -> u64 {
        self.queues.get(&part).map_or(0, |queue| queue.tag)
    }

    /// So many waited in a queue that was asked then. `has_room`: all that came of it before is
    /// acknowledged, and more is being read. Whether it is stalled.
    pub fn waits(&mut self, part: Part, ready: u32, has_room: bool, asked: Instant) -> bool {
        let Some(queue) = self.queues.get_mut(&part) else { return false };
        if queue.heard > asked {
            return false;
        }
        queue.heard = asked;
        if ready == 0 || !has_room {
            queue.waits = None;
            return false;
        }
        let since = *queue.waits.get_or_insert(asked);
        asked.saturating_duration_since(since) >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Sees {
        /// A command came.
        Came,
        /// So many wait, and there is room or not.
        Waits(u32, bool),
        /// The answer to a question of so many seconds before.
        Late(u64),
    }
    use Sees::{Came, Late, Waits};

    /// When it is stalled, of what is seen at these seconds; a queue is stalled after 30.
    fn stalls_at(seen: &[(u64, Sees)]) -> Option<u64> {
        let (part, start) = (Part::new(3), crate::clock::instant());
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut stalls = Stalls::new([part].into_iter(), Duration::from_secs(30), at(0));
        let mut sees = |seconds, what| match what {
            Came => {
                stalls.came(part, seconds, at(seconds));
                false
            }
            Waits(ready, has_room) => stalls.waits(part, ready, has_room, at(seconds)),
            Late(by) => stalls.waits(part, 9, true, at(seconds - by)),
        };
        seen.iter().find(|(seconds, what)| sees(*seconds, *what)).map(|(seconds, _)| *seconds)
    }

    #[test]
    fn a_queue_is_stalled_when_commands_wait_for_long_and_there_is_room() {
        let w = Waits(1, true);
        type Row<'a> = (&'a str, &'a [(u64, Sees)], Option<u64>);
        let table: &[Row<'_>] = &[
            ("nothing waits", &[(10, Waits(0, true)), (90, Waits(0, true))], None),
            ("it waits", &[(10, w), (20, w), (30, w), (39, w), (40, w)], Some(40)),
            ("from when it was seen", &[(10, Waits(0, true)), (40, w), (69, w), (70, w)], Some(70)),
            ("one comes", &[(10, w), (30, w), (35, Came), (45, w), (74, w), (75, w)], Some(75)),
            ("it runs empty", &[(10, w), (30, Waits(0, true)), (40, w), (69, w)], None),
            ("there is no room", &[(10, w), (30, Waits(5, false)), (40, w), (69, w)], None),
            ("never any room", &[(10, Waits(5, false)), (90, Waits(5, false))], None),
            ("asked before one came", &[(10, w), (39, Came), (45, Late(10)), (46, w)], None),
        ];
        for (name, seen, wanted) in table {
            assert_eq!(stalls_at(seen), *wanted, "{name}");
        }
    }

    #[test]
    fn only_what_was_quiet_for_long_is_asked_and_not_again_at_once() {
        let [busy, quiet] = [0, 1].map(Part::new);
        let start = crate::clock::instant();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut stalls = Stalls::new([busy, quiet].into_iter(), Duration::from_secs(30), at(0));
        assert_eq!(stalls.to_ask(at(9)), []);
        assert_eq!(stalls.to_ask(at(10)), [busy, quiet]);
        stalls.came(busy, 7, at(10));
        assert_eq!((stalls.last(busy), stalls.last(quiet)), (7, 0));
        assert_eq!(stalls.to_ask(at(12)), [quiet]);
        assert!(!stalls.waits(quiet, 1, true, at(12)));
        assert_eq!(stalls.to_ask(at(19)), []);
        assert_eq!(stalls.to_ask(at(20)), [busy]);
        assert_eq!(stalls.to_ask(at(22)), [busy, quiet]);
    }
}
