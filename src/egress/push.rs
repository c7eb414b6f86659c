//! Notifications: by a gateway with a request for each device, or into files.
//!
//! A message is sent where one device took it. The others are asked again within the same attempt,
//! twice, so that no device that took it is asked again; whoever is away for longer misses it.

use super::devices::Devices;
use super::errand::PushTo;
use super::http::{ASK_AGAIN, HttpClient};
use super::note::{Notes, Push};
use super::providers::Transport;
use super::tried::{Tried, Wanted};

/// How notifications leave.
pub struct PushTransport(Way);

enum Way {
    Http(Box<HttpClient>),
    Outbox(Notes<Push>),
}

impl PushTransport {
    /// By a gateway.
    pub(super) fn by(client: HttpClient) -> Self {
        Self(Way::Http(Box::new(client)))
    }

    /// Into files.
    pub(super) fn in_files(notes: Notes<Push>) -> Self {
        Self(Way::Outbox(notes))
    }
}

impl Transport for PushTransport {
    type Load = Push;

    async fn send(&self, push: &Push, wanted: Wanted<'_>) -> Option<Tried> {
        match &self.0 {
            Way::Http(client) => to_devices(client, push, wanted).await,
            Way::Outbox(notes) => notes.send(push, wanted).await,
        }
    }

    fn cut(&self) {
        if let Way::Http(client) = &self.0 {
            client.cut();
        }
    }

    async fn close(&self) {
        if let Way::Http(client) = &self.0 {
            client.close();
        }
    }
}

/// Asks for each device in turn, and again for those that are left once one of them took it.
async fn to_devices(client: &HttpClient, push: &Push, wanted: Wanted<'_>) -> Option<Tried> {
    let mut devices = Devices::of(&push.to);
    let mut pauses = ASK_AGAIN.into_iter();
    loop {
        if !round(client, push, wanted, &mut devices).await {
            return devices.may_have_left().then(|| devices.verdict());
        }
        let Some(pause) = pauses.next().filter(|_| devices.go_on()) else { break };
        if !client.rests(pause, wanted).await || !wanted.is_wanted() {
            break;
        }
    }
    Some(devices.verdict())
}

/// Asks once for each device that is left; says whether it was not cut off.
async fn round(
    client: &HttpClient,
    push: &Push,
    wanted: Wanted<'_>,
    devices: &mut Devices<'_>,
) -> bool {
    for place in devices.left() {
        let Some(token) = devices.token(place) else { continue };
        let Some(tried) = client.send(&PushTo { push, token }, wanted).await else { return false };
        if !devices.came(place, tried) {
            break;
        }
    }
    true
}
