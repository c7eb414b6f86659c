//! What providers tell over connections of ours goes the way of what they post to `/hooks/`.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::egress::Ears;
use crate::gateways::Heard;
use crate::ingress::hooks::HookDesk;

/// See the module.
pub(super) struct HookEars(pub HookDesk);

impl Ears for HookEars {
    fn hear<'a>(&'a self, provider: &'a Arc<str>, heard: Heard) -> BoxFuture<'a, bool> {
        self.0.hears(provider, heard).boxed()
    }
}
