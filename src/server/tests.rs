//! The server as its clients meet it: slow ones, many, and such that speak something else.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::serve;
use crate::config::{Config, Http};

/// Everything here is over long before.
const DEADLINE: Duration = Duration::from_secs(20);
const HALF: &str = "GET /there HTTP/1.1\r\nHos";

/// A server with `/there`, which answers at once, `/body`, which does once it has one, and `/slow`,
/// which waits to be told to.
struct Served {
    address: String,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    /// A request for `/slow` is being answered.
    begun: Arc<Notify>,
    go: Arc<Notify>,
}

async fn served(change: impl FnOnce(&mut Http)) -> Served {
    let mut http = Config::embedded().unwrap().http;
    change(&mut http);
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (begun, go) = (begun.clone(), go.clone());
        move || async move {
            begun.notify_one();
            go.notified().await;
            "slow"
        }
    };
    let router = Router::new()
        .route("/there", get(|| async { "there" }))
        .route("/body", post(|body: Bytes| async move { format!("{} bytes", body.len()) }))
        .route("/slow", get(slow));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let serving = tokio::spawn(async move { serve(listener, router, &http, stopped).await });
    Served { address, stop, serving, begun, go }
}

impl Served {
    async fn say(&self, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    /// What is answered to a request and nothing after it.
    async fn ask(&self, path: &str, headers: &str) -> String {
        let words = format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        heard(self.say(&words).await).await
    }

    /// Stops, and how long that took does not matter as long as it ends.
    async fn stopped(self) {
        self.stop.cancel();
        timeout(DEADLINE, self.serving).await.expect("the server stops").unwrap();
    }
}

/// Everything until the other side closes.
async fn heard(mut stream: TcpStream) -> String {
    let mut words = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut words)).await;
    // It may have been reset.
    let _ = read.expect("the connection is closed");
    String::from_utf8_lossy(&words).into_owned()
}

#[track_caller]
fn problem(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/problem+json"), "{head}");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {} ", problem["status"])), "{head}\n{body}");
    problem
}

#[tokio::test]
async fn half_a_request_is_answered_in_the_end_and_silence_is_not() {
    let served = served(|http| http.header_timeout = Duration::from_millis(100)).await;
    let (half, silent) = (served.say(HALF).await, served.say("").await);
    let problem = problem(&heard(half).await);
    assert_eq!((&problem["status"], &problem["reason"]), (&408.into(), &"too_slow".into()));
    assert_eq!(heard(silent).await, "");
    assert!(served.ask("/there", "Host: a\r\n").await.ends_with("there"));
    served.stopped().await;
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let served = served(|_| {}).await;
    for (path, headers, status, reason) in [
        ("/nowhere", "Host: a\r\n", 404, "not_found"),
        ("/there", "", 400, "invalid_host"),
        ("/there", "Host: a\r\nHost: a\r\n", 400, "invalid_host"),
        ("/there", "Host: \r\n", 400, "invalid_host"),
    ] {
        let problem = problem(&served.ask(path, headers).await);
        assert_eq!((&problem["status"], &problem["reason"]), (&status.into(), &reason.into()));
    }
    let post = "POST /there HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answer = heard(served.say(post).await).await;
    assert_eq!(problem(&answer)["reason"], "method_not_allowed");
    assert!(answer.to_ascii_lowercase().contains("\r\nallow: get"), "{answer}");
    served.stopped().await;
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let served = served(|_| {}).await;
    let mut stream = served.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    // An empty SETTINGS frame (RFC 9113 §6.5).
    let _ = stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await;
    let answer = heard(stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    let upgrade = "Host: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    assert!(served.ask("/there", upgrade).await.starts_with("HTTP/1.1 200"));
    served.stopped().await;
}

#[tokio::test]
async fn those_who_wait_make_room_and_those_who_are_served_do_not() {
    let served = served(|http| http.connections_max = 2).await;
    let slow = served.say("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    served.begun.notified().await;
    let half = served.say(HALF).await;
    assert!(served.ask("/there", "Host: a\r\n").await.ends_with("there"));
    assert_eq!(heard(half).await, "", "it made room");

    let also = served.say("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    served.begun.notified().await;
    let problem = problem(&served.ask("/there", "Host: a\r\n").await);
    assert_eq!((&problem["status"], &problem["reason"]), (&503.into(), &"too_busy".into()));
    for stream in [slow, also] {
        served.go.notify_one();
        assert!(heard(stream).await.ends_with("slow"));
    }
    served.stopped().await;
}

/// They would wait for long, and each of them asked for something.
#[tokio::test]
async fn those_whose_bodies_do_not_come_make_room() {
    const PEERS: usize = 64;
    let served = served(|http| http.connections_max = PEERS).await;
    let head = "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it";
    let mut halves = Vec::new();
    for _ in 0..PEERS {
        halves.push(served.say(head).await);
    }
    for _ in 0..3 {
        assert!(served.ask("/there", "Host: a\r\n").await.ends_with("there"));
    }
    let last = halves.pop().unwrap();
    assert_eq!(heard(halves.swap_remove(0)).await, "");
    // Whoever was there last goes on.
    let mut last = last;
    last.write_all(&[b' '; 90]).await.unwrap();
    let mut answer = [0; 15];
    last.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    drop(halves);
    served.stopped().await;
}

/// RFC 9112 §6.1: whoever stands before us may have believed the other length.
#[tokio::test]
async fn a_chunked_request_is_the_last_of_its_connection() {
    let served = served(|_| {}).await;
    let lengths = ["Content-Length: 40\r\n", "Transfer-Encoding: chunked\r\n"];
    let there = "GET /there HTTP/1.1\r\nHost: a\r\n\r\n";
    let chunks = "3\r\nabc\r\n0\r\n\r\n";
    for fields in [lengths[1].to_owned(), lengths.concat(), [lengths[1], lengths[0]].concat()] {
        let post = format!("POST /body HTTP/1.1\r\nHost: a\r\n{fields}\r\n{chunks}{there}");
        let answer = heard(served.say(&post).await).await;
        assert!(answer.ends_with("3 bytes") && answer.contains("connection: close"), "{answer}");
    }
    served.stopped().await;
}

#[tokio::test]
async fn a_stop_answers_what_was_asked_and_drops_halves() {
    let served = served(|_| {}).await;
    let half = served.say(HALF).await;
    let slow = served.say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    served.begun.notified().await;
    served.stop.cancel();
    assert_eq!(heard(half).await, "");
    served.go.notify_one();
    assert!(heard(slow).await.ends_with("slow"));
    served.stopped().await;
}
