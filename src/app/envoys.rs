//! What hooks need from outside is fetched by egress.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::config::{Email, EmailTransport};
use crate::egress::{EgressError, Pages};
use crate::gateways::{Certificate, Place};
use crate::ingress::hooks::{Envoy, Unreached};

/// The pages of each provider that needs any.
pub(super) struct Envoys(HashMap<Arc<str>, Pages>);

impl Envoys {
    /// Connects to nothing yet.
    pub fn new(email: &Email) -> Result<Self, EgressError> {
        let providers = email.providers.iter().filter_map(|provider| match &provider.transport {
            EmailTransport::Smtp(smtp) if smtp.sns().is_some() => Some((&provider.name, smtp)),
            EmailTransport::Smtp(_) | EmailTransport::Outbox(_) => None,
        });
        let pages = providers.map(|(name, smtp)| Ok((name.clone(), Pages::new(smtp)?)));
        Ok(Self(pages.collect::<Result<_, EgressError>>()?))
    }

    fn of(&self, provider: &str) -> Result<&Pages, Unreached> {
        self.0.get(provider).ok_or_else(|| Unreached("nobody goes there".to_owned()))
    }
}

impl Envoy for Envoys {
    fn certificate<'a>(
        &'a self,
        provider: &'a str,
        place: &'a Place,
    ) -> BoxFuture<'a, Result<Arc<Certificate>, Unreached>> {
        async move {
            let certificate = self.of(provider)?.certificate(place).await;
            certificate.map_err(|why| Unreached(why.to_string()))
        }
        .boxed()
    }

    fn visit<'a>(
        &'a self,
        provider: &'a str,
        place: &'a Place,
    ) -> BoxFuture<'a, Result<(), Unreached>> {
        async move {
            let visited = self.of(provider)?.visit(place).await;
            visited.map_err(|why| Unreached(why.to_string()))
        }
        .boxed()
    }
}
