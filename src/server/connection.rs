//! One connection, from its opening to its end. HTTP/1.1 only.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1::{Builder, Connection};
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::crowd::{Asked, Seat};
use super::guard::Peer;
use super::patient::Patient;
use crate::telemetry::record;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// The longest head of a request, in bytes.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// How long the last answer may take to leave while the daemon stops.
const LINGER: Duration = Duration::from_millis(500);

type Stream = TokioIo<Patient<TcpStream>>;

/// What all connections of one listener share.
pub(super) struct Site {
    pub router: TowerToHyperService<Router>,
    /// From the opening, or the last answer, to the end of a request's head.
    pub header_timeout: Duration,
    /// How long a client may take nothing of its answer.
    pub body_timeout: Duration,
    pub stop: CancellationToken,
}

/// Answers requests until one side has had enough.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, seat: Seat, site: Arc<Site>) {
    // Answers are small and whole.
    let _ = stream.set_nodelay(true);
    let seat = Arc::new(seat);
    let io = TokioIo::new(Patient::new(stream, site.body_timeout));
    let visit = Visit { router: site.router.clone(), seat: seat.clone(), peer };
    let mut connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Some(site.header_timeout))
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(io, visit);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = seat.lost() => return record::http_dropped("crowded"),
        () = site.stop.cancelled() => return leave(connection, &seat).await,
    };
    let Err(error) = ended else { return };
    if is_stuck(&error) {
        record::http_dropped("slow_reader");
    } else if error.is_timeout() {
        too_slow(connection).await;
    }
}

/// The daemon stops: what is being answered is answered, and half a request is dropped.
async fn leave(mut connection: Connection<Stream, Visit>, seat: &Seat) {
    Pin::new(&mut connection).graceful_shutdown();
    tokio::select! {
        _ = &mut connection => return,
        () = seat.settled() => {}
    }
    if timeout(LINGER, connection).await.is_err() {
        record::http_dropped("stopping");
    }
}

/// Nothing was asked: that is no fault. Half a request is answered.
async fn too_slow(connection: Connection<Stream, Visit>) {
    let parts = connection.into_parts();
    if parts.read_buf.is_empty() {
        return;
    }
    record::http_dropped("slow_request");
    let problem = Problem::of(Refusal::TooSlow, "the request's head did not come in time");
    // It is closed whether this can be said or not.
    let _ = timeout(LINGER, parts.io.into_inner().write_all(&problem.last_words())).await;
}

fn is_stuck(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

/// Hands requests on, and knows whether there is one.
struct Visit {
    router: TowerToHyperService<Router>,
    seat: Arc<Seat>,
    peer: SocketAddr,
}

impl Service<Request<Incoming>> for Visit {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        let asked: Asked = self.seat.asked();
        let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let request = request.map(|body| Coming::body(body, self.seat.clone()));
        let answer = self.router.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            drop(asked);
            Ok(if is_chunked { last(answer) } else { answer })
        })
    }
}

/// The connection is closed after it. A chunked request may have had a `Content-Length` as well,
/// which the HTTP library drops without a word: whoever stands before us may have believed that,
/// and what they took for the rest of the body is not to be read as a request (RFC 9112 §6.1).
fn last(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// A body that is coming; when it is there, the connection is busy.
struct Coming {
    body: Incoming,
    seat: Arc<Seat>,
    is_there: bool,
}

impl Coming {
    fn body(body: Incoming, seat: Arc<Seat>) -> Body {
        let mut coming = Self { body, seat, is_there: false };
        coming.look(false);
        Body::new(coming)
    }

    fn look(&mut self, ended: bool) {
        if !self.is_there && (ended || self.body.is_end_stream()) {
            self.is_there = true;
            self.seat.occupy();
        }
    }
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.look(matches!(frame, Poll::Ready(None)));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
