//! What an operator sees of a running Bellhop, other than its logs.
//!
//! [`health`] answers `/healthz` (the process runs) and `/readyz` (it can do its work), `/metrics`
//! is Prometheus text, [`api`] reads events, [`explain`] messages and why, [`notify`] speaks to
//! systemd, [`upkeep`] reports what lives and [`backlog`] what waits.

pub mod api;
pub mod backlog;
mod caller;
pub mod descriptors;
pub mod explain;
pub mod health;
pub mod jobs;
mod letter_filter;
pub mod letters;
pub mod notify;
pub mod standing;
pub mod story;
pub mod upkeep;
