//! What lives while the daemon runs. The only place that knows actix.
//!
//! ```text
//!                       ┌──────────── Tenants ─────────────┐
//! ingress ─▶ Intake ─▶  │ line (window, in order) ─▶ actor │ ─ unit ─▶ Committer ─▶ store
//!            ▲  ▲       │   run again when it died  decide()│         (one transaction
//!  Scheduler ┘  │       └──────────────────────────────────┘          for many units)
//!   ▲ ▲         │                                                                   │ │ leased
//!   │ └─────────│──────────────────── timers that were set or cancelled ────────────┘ │ messages
//! store         │        Committer ◀─ claim what is due ─ Sweeper             Desk ◀──┘
//!               │                                                              ▼
//!               └── bounce ── Committer ◀─ outcome ─ Sending ◀──────────── Dispatcher
//!                                                       └─▶ provider
//! store ─▶ Announcer ─▶ broker
//! ```
//!
//! Tenants are actix actors spread over the arbiters, because they hold state that must be
//! touched by one input at a time and there are very many of them. What has no such state is a
//! plain task. A tenant's actor decides without waiting for the disk; only the answer waits. It
//! may die at any moment: what it had decided is with the committer, what it had not is still in
//! the line, and the next actor is built from the store.
//!
//! A timer that fired, a bounce and a receipt ([`Receipts`]) are inputs like commands: they take
//! the same way in the same order, and are run again like them.
//!
//! Nothing here is unbounded: commands in flight by `limits.intake_max` and
//! `limits.tenant_window`, timers by the scheduler's page and its limit in flight, messages in
//! memory by `dispatch.<channel>.queue`, attempts whose outcome is not durable by
//! `dispatch.<channel>.slots`. The channels between these parts have no capacity of their own
//! because everything in them holds one of those permits.
//!
//! [`Core`] puts all of it together but the [`Announcer`], who needs a broker, and [`Retention`],
//! which removes what is old.

mod announcer;
mod answer;
mod burden;
mod commission;
mod committer;
mod core;
mod crew;
mod dispatch;
mod gathered;
mod intake;
mod measures;
mod patience;
mod post;
mod readings;
mod receipts;
mod replays;
mod retention;
mod room;
mod scheduler;
mod space;
mod spend;
mod strangers;
mod tempo;
mod tenants;
mod threads;
mod uptime;
mod work;

#[cfg(test)]
mod tests;

pub use self::core::{Core, phase};
pub use announcer::{Announced, Announcer, CURSOR as EVENTS_CURSOR, Upstream};
pub use answer::Answer;
pub use commission::{CommitterHandle, Pulse};
pub use crew::Crew;
pub use dispatch::{Lookout, Means, Outbound, ProviderStanding, Retries, Whereabouts};
pub use intake::{Coming, Intake};
pub use measures::{Measures, NotImposed};
pub use readings::{NotNoted, Readings};
pub use receipts::Receipts;
pub use replays::{PlanOfReplay, Replays};
pub use retention::{Retention, cut};
pub use room::{Busy, Seat};
pub use tenants::{Decide, Reply, Tenants};
pub use threads::Threads;
