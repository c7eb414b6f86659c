//! Pages of those who report to us: certificates, which are read and kept for a time, and places
//! that want to be visited. No message depends on them.
//!
//! One is asked for at a time, so that what forged reports can make us fetch has its bound; who
//! needs the same one waits for it. Redirects are not followed.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::http::StatusCode;
use http_body_util::Full;
use hyper::body::Bytes;
use tokio::sync::Mutex as Turns;
use tokio::time::timeout;

use super::connection::Heard;
use super::wire::Wire;
use crate::clock;
use crate::config::{HttpTerms, Smtp};
use crate::egress::error::EgressError;
use crate::egress::smtp::{tls_by, tls_client_config};
use crate::gateways::{Certificate, Network, Outgoing, Place};

/// SNS waits 15 s for our answer, and this stands in front of it: connecting, and the page.
const CONNECT: Duration = Duration::from_secs(4);
const ANSWER: Duration = Duration::from_secs(4);
/// The longest wait for one's turn.
const TURN_WAIT: Duration = Duration::from_secs(5);
/// How long a page that could not be had is not asked for again.
const REST: Duration = Duration::from_secs(2);
/// How long a certificate is kept; whether it holds is asked each time.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// The most certificates that are kept: there is one a region, and two while it changes.
const KEPT_MAX: usize = 32;
/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(4);

/// The pages of one provider.
pub struct Pages {
    wire: Wire,
    kept: Mutex<Vec<Kept>>,
    /// Whose turn it is to ask; with it, what could not be had the last time.
    turn: Turns<Option<(Place, Instant)>>,
}

struct Kept {
    place: Place,
    certificate: Arc<Certificate>,
    since: Instant,
}

/// Why a page could not be had. Repeats nothing of it, nor what stands behind the `?` of its
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pages {
    /// Of a mail provider. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(smtp: &Smtp) -> Result<Self, EgressError> {
        let is_elsewhere = smtp.sns().is_some_and(|sns| sns.base_url.is_some());
        // Amazon's hosts are everybody's, whoever may speak for the mail server.
        let trust = smtp.trust.as_ref().filter(|_| is_elsewhere);
        let tls = tls_by(trust, &tls_client_config()?)?;
        let terms = HttpTerms {
            idempotent: false,
            trust: None,
            idle: IDLE,
            connect_timeout: CONNECT,
            answer_timeout: ANSWER,
        };
        let (kept, turn) = (Mutex::default(), Turns::default());
        Ok(Self { wire: Wire::new(&terms, 1, tls, Network::Any), kept, turn })
    }

    /// The certificate at this place.
    ///
    /// # Errors
    /// If there is none now.
    pub async fn certificate(&self, place: &Place) -> Result<Arc<Certificate>, Missing> {
        if let Some(certificate) = self.kept_at(place, clock::instant()) {
            return Ok(certificate);
        }
        let Ok(mut turn) = timeout(TURN_WAIT, self.turn.lock()).await else {
            return Err(Missing(format!("{place}: too many others are asked for")));
        };
        // Who had the turn before may have brought it.
        if let Some(certificate) = self.kept_at(place, clock::instant()) {
            return Ok(certificate);
        }
        let is_recent = |(other, at): &(Place, Instant)| other == place && clock::since(*at) < REST;
        if turn.as_ref().is_some_and(is_recent) {
            return Err(Missing(format!("{place}: it could not be had a moment ago")));
        }
        let read = self.read(place).await;
        let certificate = read.and_then(|page| {
            let read = Certificate::read(&page);
            read.ok_or_else(|| Missing(format!("{place}: it is no certificate with an RSA key")))
        });
        *turn = certificate.is_err().then(|| (place.clone(), clock::instant()));
        Ok(self.keep(place, certificate?))
    }

    /// Goes there.
    ///
    /// # Errors
    /// If it is not well received.
    pub async fn visit(&self, place: &Place) -> Result<(), Missing> {
        let Ok(_turn) = timeout(TURN_WAIT, self.turn.lock()).await else {
            return Err(Missing(format!("{place}: too many others are asked for")));
        };
        self.read(place).await.map(drop)
    }

    async fn read(&self, place: &Place) -> Result<Vec<u8>, Missing> {
        let Outgoing { target, request } = place.request();
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let left = AtomicBool::new(false);
        let heard = self.wire.exchange(&target, &request, &|| true, &left).await;
        let heard =
            heard.map_err(|failure| Missing(format!("{place}: {}", failure.words(&target))))?;
        let Heard { status, body, is_whole, .. } = heard;
        match (status, is_whole) {
            (StatusCode::OK, true) => Ok(body),
            (StatusCode::OK, false) => Err(Missing(format!("{place}: it is too long, or cut off"))),
            (other, _) => Err(Missing(format!("{place}: {other}"))),
        }
    }

    fn keep(&self, place: &Place, certificate: Certificate) -> Arc<Certificate> {
        let certificate = Arc::new(certificate);
        let mut kept = self.kept();
        kept.retain(|of| of.place != *place);
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        let (place, since) = (place.clone(), clock::instant());
        kept.push(Kept { place, certificate: certificate.clone(), since });
        certificate
    }

    fn kept_at(&self, place: &Place, now: Instant) -> Option<Arc<Certificate>> {
        let kept = self.kept();
        let found = kept.iter().find(|of| of.place == *place)?;
        let is_fresh = now.saturating_duration_since(found.since) < KEPT_FOR;
        is_fresh.then(|| found.certificate.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
