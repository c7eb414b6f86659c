//! Where providers report, outside the guard: they sign what they say.

use std::collections::HashMap;
use std::sync::Arc;

use super::envoys::Envoys;
use crate::actors::Core;
use crate::config::{Config, EmailTransport, GatewayTransport};
use crate::egress::EgressError;
use crate::ingress::body::Bodies;
use crate::ingress::hooks::{HookDesk, ReplyDesk, Teller};
use crate::ingress::taking::Taking;
use crate::links::Hooks;
use crate::store::Store;
use crate::telemetry::spell::Told;

/// What reports are read with.
///
/// # Errors
/// [`EgressError::NoTls`].
pub(super) fn told_to(
    config: &Config,
    codes: Option<Hooks>,
    core: &Core,
    store: &Store,
    bodies: &Bodies,
) -> Result<HookDesk, EgressError> {
    let (intake, patience) = (core.intake.clone(), config.http.request_timeout);
    let taking = Taking { intake, patience };
    let trouble = Told::new("reports of providers are turned away", "reports are taken again");
    let unproved = Told::new("reports cannot be told from forged ones", "reports are proved again");
    Ok(HookDesk {
        tellers: Arc::new(tellers(config)),
        public_url: config.http.public_url.as_deref().map(Arc::from),
        codes,
        receipts: core.receipts.clone(),
        replies: ReplyDesk { store: store.clone(), taking },
        bodies: bodies.clone(),
        envoy: Arc::new(Envoys::new(&config.email)?),
        trouble: Arc::new(trouble),
        unproved: Arc::new(unproved),
    })
}

/// Who tells something, by name.
fn tellers(config: &Config) -> HashMap<Arc<str>, Teller> {
    let all = [&config.sms, &config.push, &config.inbox];
    let all = all.into_iter().flat_map(|gateways| &gateways.providers);
    let gateways = all.filter_map(|provider| match &provider.transport {
        GatewayTransport::Http(http) => {
            Some((provider.name.clone(), Teller::Gateway(http.gateway.clone())))
        }
        // It tells over a connection of ours.
        GatewayTransport::Smpp(_) => None,
        GatewayTransport::Outbox(_) | GatewayTransport::Store {} => None,
    });
    let mails = config.email.providers.iter().filter_map(|provider| match &provider.transport {
        EmailTransport::Smtp(smtp) => {
            let telling = smtp.telling.as_ref()?;
            Some((provider.name.clone(), Teller::Mails(telling.hears())))
        }
        EmailTransport::Outbox(_) => None,
    });
    gateways.chain(mails).filter(|(_, teller)| teller.hears().is_some()).collect()
}
