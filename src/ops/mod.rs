//! What an operator sees of a running Bellhop, other than its logs.
//!
//! [`health`] answers `/healthz` (the process runs) and `/readyz` (it can do its work), `/metrics`
//! is Prometheus text, [`api`] reads events, [`explain`] messages and why, [`text`] what stands in
//! one, [`told`] what clients were told, [`mailbox`] what stands in their apps, [`suppressed`] to
//! whom nothing goes and [`unsuppress`] to whom it goes again, [`ahead`] what is to come, and
//! [`rehearsal`] what would; [`providers`] and [`tenants`] say how each stands, [`limits`] slows
//! tenants down, [`letters`] and [`jobs`] are about what was given up; [`reload`] has the
//! configuration read again. [`notify`] speaks to systemd, [`upkeep`] reports what lives and
//! [`backlog`] what waits, also to the [`board`], from which [`now`] tells at one look how
//! everything stands and what is in [`trouble`]. [`words`] says what the names of reasons mean.

pub mod ahead;
pub mod api;
pub mod backlog;
pub mod board;
mod caller;
pub mod descriptors;
pub mod explain;
pub mod health;
pub mod instances;
pub mod jobs;
mod letter_filter;
pub mod letters;
pub mod limits;
pub mod mailbox;
pub mod notify;
pub mod now;
pub mod providers;
pub mod rehearsal;
pub mod reload;
pub mod standing;
pub mod story;
pub mod suppressed;
pub mod tenants;
pub mod text;
pub mod told;
mod told_filter;
pub mod trouble;
pub mod unsuppress;
pub mod upkeep;
pub mod words;
