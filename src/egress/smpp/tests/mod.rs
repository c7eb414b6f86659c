//! Against an SMSC that does as it is told: what is certain of a message, and what comes in.

mod certain;
mod heard;
mod smsc;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::config::{Config, GatewayTransport};
use crate::content::SmsEncoding;
use crate::domain::address::PhoneNumber;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::MessageId;
use crate::egress::note::Heading;
use crate::egress::smtp::{tls_by, tls_client_config};
use crate::gateways::Heard;
use smsc::Smsc;

const DEADLINE: Duration = Duration::from_secs(20);
const OURS: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

/// Ears that write down what they hear, and keep it unless they are told not to.
#[derive(Default)]
struct Pad {
    heard: Mutex<Vec<Heard>>,
    is_full: AtomicBool,
}

impl Ears for Pad {
    fn hear<'a>(&'a self, _: &'a Arc<str>, heard: Heard) -> BoxFuture<'a, bool> {
        self.heard.lock().unwrap().push(heard);
        std::future::ready(!self.is_full.load(Ordering::Relaxed)).boxed()
    }
}

/// A client that runs.
struct Running {
    client: Arc<SmppClient>,
    pad: Arc<Pad>,
    _task: AbortOnDropHandle<()>,
}

impl Running {
    /// With these keys more.
    fn against(smsc: &Smsc, more: &str) -> Self {
        Self::at("smpp", smsc.port, more)
    }

    fn at(scheme: &str, port: u16, more: &str) -> Self {
        let text = format!(
            "[[sms.providers]]\nname = \"smsc\"\nkind = \"smpp\"\nconnections = 1\n\
             url = \"{scheme}://bellhop:s3cret@127.0.0.1:{port}\"\n{more}\n"
        );
        let config = Config::parse("test", &text).unwrap();
        let provider = &config.sms.providers[0];
        let GatewayTransport::Smpp(settings) = &provider.transport else { panic!("smpp") };
        let tls = tls_by(settings.trust.as_ref(), &tls_client_config().unwrap()).unwrap();
        let client = SmppClient::new(&provider.name, settings, provider.connections, tls);
        let (client, pad) = (Arc::new(client), Arc::<Pad>::default());
        let task = tokio::spawn(client.clone().runs(pad.clone()));
        Self { client, pad, _task: AbortOnDropHandle::new(task) }
    }

    async fn sends(&self, text: &str) -> Tried {
        self.client.send(&sms(text), &|| true).await.unwrap()
    }

    fn heard(&self) -> Vec<Heard> {
        self.pad.heard.lock().unwrap().clone()
    }
}

fn sms(text: &str) -> Sms {
    Sms {
        heading: Heading {
            message: MessageId(OURS.parse().unwrap()),
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("c1").unwrap(),
            kind: Kind::BookingReminder,
            deadline: None,
            code: None,
            trace: None,
        },
        from: Some("SalonUno".to_owned()),
        to: PhoneNumber::parse("+393331234567").unwrap(),
        text: text.to_owned(),
        segments: 1,
        encoding: SmsEncoding::Gsm7,
    }
}

/// Waits until it is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let looking = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, looking).await.is_ok(), "{what}");
}
