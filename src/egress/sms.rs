//! Text messages: by a gateway, over sessions with an SMSC, or into files.

use std::sync::Arc;

use super::bound::Bound;
use super::http::HttpClient;
use super::note::{Notes, Sms};
use super::providers::Transport;
use super::smpp::{Ears, SmppClient};
use super::tried::{Tried, Wanted};

/// How text messages leave.
pub struct SmsTransport(Way);

enum Way {
    Http(Box<HttpClient>),
    Smpp(Arc<SmppClient>),
    Outbox(Notes<Sms>),
}

impl SmsTransport {
    /// By a gateway.
    pub(super) fn by(client: HttpClient) -> Self {
        Self(Way::Http(Box::new(client)))
    }

    /// Over sessions, once its listener listens.
    pub(super) fn over(client: SmppClient) -> Self {
        Self(Way::Smpp(Arc::new(client)))
    }

    /// Into files.
    pub(super) fn in_files(notes: Notes<Sms>) -> Self {
        Self(Way::Outbox(notes))
    }

    /// Whoever keeps its connections, if they stay.
    pub(super) fn listener(&self) -> Option<Listener> {
        match &self.0 {
            Way::Smpp(client) => Some(Listener(client.clone())),
            Way::Http(_) | Way::Outbox(_) => None,
        }
    }
}

impl Transport for SmsTransport {
    type Load = Sms;

    async fn send(&self, sms: &Sms, wanted: Wanted<'_>) -> Option<Tried> {
        match &self.0 {
            Way::Http(client) => client.send(sms, wanted).await,
            Way::Smpp(client) => client.send(sms, wanted).await,
            Way::Outbox(notes) => notes.send(sms, wanted).await,
        }
    }

    fn bound(&self) -> Option<Arc<Bound>> {
        match &self.0 {
            Way::Smpp(client) => Some(client.bound().clone()),
            Way::Http(_) | Way::Outbox(_) => None,
        }
    }

    fn cut(&self) {
        match &self.0 {
            Way::Http(client) => client.cut(),
            Way::Smpp(client) => client.cut(),
            Way::Outbox(_) => {}
        }
    }

    async fn close(&self) {
        match &self.0 {
            Way::Http(client) => client.close(),
            Way::Smpp(client) => client.close(),
            Way::Outbox(_) => {}
        }
    }
}

/// A provider whose connections stay, because it speaks over them of its own accord.
#[derive(Clone)]
pub struct Listener(Arc<SmppClient>);

impl Listener {
    /// Keeps its connections until it is closed; what it tells goes to these ears.
    pub async fn listens(self, ears: Arc<dyn Ears>) {
        self.0.runs(ears).await;
    }
}
