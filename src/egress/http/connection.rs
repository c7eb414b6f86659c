//! One connection to a gateway, and one exchange over it.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant as Deadline, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use super::failure::Failure;
use crate::clock;
use crate::gateways::{ANSWER_MAX_BYTES, Answer};

/// A request as it leaves.
pub(super) type Leaving = Request<Full<Bytes>>;

/// The most that is read of an answer's status line and headers, in bytes.
const HEAD_MAX_BYTES: usize = 64 * 1024;

/// A connection. Dropped, it is closed.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// The same socket, to see whether something is there that nobody has read.
    peephole: socket2::Socket,
    _driver: AbortOnDropHandle<()>,
}

pub(super) enum Exchange {
    /// An answer came, or the beginning of one.
    Answered(Heard),
    /// Nobody knows.
    Lost(Failure),
    /// Nothing of the request was written.
    NotWritten,
}

/// An answer, as much of it as was read.
#[derive(Debug)]
pub(super) struct Heard {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether the line broke, or the time was up, before its end.
    pub is_cut: bool,
    /// Whether it was read to its end, so that another request may follow.
    pub is_whole: bool,
}

impl Heard {
    /// The same, for whoever knows the gateway.
    pub fn answer(&self) -> Answer<'_> {
        let Heard { status, headers, body, is_cut, .. } = self;
        Answer { status: *status, headers, body, is_cut: *is_cut }
    }
}

impl Connection {
    /// Over a stream that is connected, and encrypted if it is to be.
    pub async fn open(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        peephole: socket2::Socket,
    ) -> Result<Self, Failure> {
        let opened = Builder::new().max_buf_size(HEAD_MAX_BYTES).handshake(TokioIo::new(stream));
        let (sender, driver) = opened.await.map_err(|_| Failure::Closed)?;
        // How it ends is told to whoever sends over it.
        let driver = tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender, peephole, _driver: AbortOnDropHandle::new(driver) })
    }

    /// Whether it can still be used: the gateway has not closed it, and has said nothing unasked.
    /// Asks the kernel and not the reactor, which may not have heard of it yet.
    pub fn is_quiet(&self) -> bool {
        let peeked = self.peephole.peek(&mut [MaybeUninit::uninit()]);
        let is_silent = peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        is_silent && !self.sender.is_closed()
    }

    /// Sends a request and reads its answer, both within `patience`.
    pub async fn exchange(&mut self, request: Leaving, patience: Duration) -> Exchange {
        let deadline = Deadline::from_std(clock::instant() + patience);
        // The answer before may have been read a moment ago.
        match timeout_at(deadline, self.sender.ready()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Exchange::NotWritten,
        }
        match timeout_at(deadline, self.sender.try_send_request(request)).await {
            Err(_) => Exchange::Lost(Failure::TimedOut),
            Ok(Ok(answer)) => Exchange::Answered(hear(answer, deadline).await),
            // Given back, it was not written. Of no other error is that certain, whatever it is
            // called: one that is not certain counts as in doubt.
            Ok(Err(mut error)) => match error.take_message() {
                Some(_) => Exchange::NotWritten,
                None if error.error().is_parse() => Exchange::Lost(Failure::NotHttp),
                None => Exchange::Lost(Failure::Lost),
            },
        }
    }
}

async fn hear(answer: ::http::Response<Incoming>, deadline: Deadline) -> Heard {
    let (head, mut body) = answer.into_parts();
    let mut heard = Heard {
        status: head.status,
        headers: head.headers,
        body: Vec::new(),
        is_cut: false,
        is_whole: false,
    };
    loop {
        match timeout_at(deadline, body.frame()).await {
            Ok(None) => {
                heard.is_whole = true;
                return heard;
            }
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                let room = ANSWER_MAX_BYTES - heard.body.len();
                heard.body.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    return heard;
                }
            }
            Ok(Some(Err(_))) | Err(_) => {
                heard.is_cut = true;
                return heard;
            }
        }
    }
}
