//! Who goes out for what hooks need: nothing leaves from here.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::gateways::{Certificate, Place};

/// Goes to places of providers' that report to us.
pub trait Envoy: Send + Sync {
    /// The certificate that stands at a place of this provider's.
    fn certificate<'a>(
        &'a self,
        provider: &'a str,
        place: &'a Place,
    ) -> BoxFuture<'a, Result<Arc<Certificate>, Unreached>>;

    /// Has been there: whatever is said, it is well received.
    fn visit<'a>(
        &'a self,
        provider: &'a str,
        place: &'a Place,
    ) -> BoxFuture<'a, Result<(), Unreached>>;
}

/// It is to be tried again: nobody was reached there, or it was not what it should be. Says why.
#[derive(Debug, Clone)]
pub struct Unreached(pub String);

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
