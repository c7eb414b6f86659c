//! Notifications: by a gateway with a request for each device, or into files.
//!
//! A message is sent where one device took it. The others are asked again within the same attempt,
//! twice, so that no device that took it is asked again; whoever is away for longer misses it.
//!
//! A client's devices may be of several kinds, a phone and a browser. Whichever provider has the
//! message, each device is asked by one that can reach it.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::devices::Devices;
use super::errand::PushTo;
use super::http::{ASK_AGAIN, HttpClient};
use super::note::{Notes, Push};
use super::providers::Transport;
use super::tried::{Tried, Wanted};
use crate::clock;
use crate::gateways::Reach;

/// For so long one message begins with further devices: it has a place that others wait for, and
/// devices may be wherever somebody said.
const ASKS_FOR: Duration = Duration::from_secs(60);

/// How notifications leave.
pub struct PushTransport(Way);

enum Way {
    Http(Gateways),
    Outbox(Notes<Push>),
}

/// Those of the channel.
struct Gateways {
    /// Whose provider has the message.
    own: Arc<HttpClient>,
    all: Arc<[Arc<HttpClient>]>,
}

impl Gateways {
    /// Who can reach a device that our own cannot. What it says is nothing of our own.
    fn other(&self, token: &str) -> Option<&HttpClient> {
        if self.own.reach(token) != Reach::Elsewhere {
            return None;
        }
        let mut all = self.all.iter();
        all.find(|client| client.reach(token) != Reach::Elsewhere).map(|client| &**client)
    }

    async fn send(&self, errand: &PushTo<'_>, wanted: Wanted<'_>) -> Option<Tried> {
        let Some(other) = self.other(errand.token) else {
            return self.own.send(errand, wanted).await;
        };
        let tried = other.send(errand, wanted).await?;
        Some(Tried { of_provider: false, of_device: true, ..tried })
    }
}

impl PushTransport {
    /// By one of these gateways, and by the others where it does not reach.
    pub(super) fn by(own: Arc<HttpClient>, all: Arc<[Arc<HttpClient>]>) -> Self {
        Self(Way::Http(Gateways { own, all }))
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
            Way::Http(gateways) => to_devices(gateways, push, wanted).await,
            Way::Outbox(notes) => notes.send(push, wanted).await,
        }
    }

    fn cut(&self) {
        if let Way::Http(gateways) = &self.0 {
            gateways.own.cut();
        }
    }

    async fn close(&self) {
        if let Way::Http(gateways) = &self.0 {
            gateways.own.close();
        }
    }
}

/// Asks for each device in turn, and again for those that are left once one of them took it.
async fn to_devices(gateways: &Gateways, push: &Push, wanted: Wanted<'_>) -> Option<Tried> {
    let mut devices = Devices::of(&push.to);
    let mut pauses = ASK_AGAIN.into_iter();
    let until = clock::instant() + ASKS_FOR;
    loop {
        if !round(gateways, push, wanted, &mut devices, until).await {
            return devices.may_have_left().then(|| devices.verdict());
        }
        let goes_on = devices.go_on() && clock::instant() < until;
        let Some(pause) = pauses.next().filter(|_| goes_on) else { break };
        if !gateways.own.rests(pause, wanted).await || !wanted.is_wanted() {
            break;
        }
    }
    Some(devices.verdict())
}

/// Asks once for each device that is left, and begins with none after `until`; says whether it was
/// not cut off.
async fn round(
    gateways: &Gateways,
    push: &Push,
    wanted: Wanted<'_>,
    devices: &mut Devices<'_>,
    until: Instant,
) -> bool {
    for place in devices.left() {
        if clock::instant() >= until {
            break;
        }
        let Some(token) = devices.token(place) else { continue };
        let errand = PushTo { push, token };
        let Some(tried) = gateways.send(&errand, wanted).await else { return false };
        if !devices.came(place, tried) {
            break;
        }
    }
    true
}
