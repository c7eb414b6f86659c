//! Who takes what an SMSC tells.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::gateways::Heard;

/// Takes what providers tell over connections of ours.
pub trait Ears: Send + Sync {
    /// Keeps it. Says whether it is durable, or nothing that is to be kept; else it is to be told
    /// again.
    fn hear<'a>(&'a self, provider: &'a Arc<str>, heard: Heard) -> BoxFuture<'a, bool>;
}
