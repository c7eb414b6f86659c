//! A daemon that stands by as clients meet it, hostile ones too, with the active one behind it.

use std::sync::{Mutex, Once};

use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::config::Config;
use crate::server::serve;
use crate::web::problem::PROBLEM_JSON;
use crate::web::refusal::Refusal;

/// Everything here is over long before.
const DEADLINE: Duration = Duration::from_secs(20);
const BODY_MAX: usize = 2048;

/// What the active one was asked: method, path with query, headers, body.
type Asked = Arc<Mutex<Vec<(Method, String, HeaderMap, String)>>>;

/// One of our servers.
struct Served {
    address: String,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
}

fn settings() -> Http {
    static PROVIDER: Once = Once::new();
    // The TLS library wants its cryptography named even for plain HTTP.
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut http = Config::embedded().unwrap().http;
    http.body_max = BODY_MAX;
    http.request_timeout = Duration::from_secs(1);
    http
}

async fn bound() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn served(
    listener: TcpListener,
    address: String,
    router: Router,
    stop: CancellationToken,
) -> Served {
    let (http, stopped) = (settings(), stop.clone());
    let serving = tokio::spawn(async move { serve(listener, router, &http, stopped).await });
    Served { address, stop, serving }
}

/// Remembers what it is asked, and refuses it with headers of all kinds.
async fn active() -> (Served, Asked) {
    let asked = Asked::default();
    let remembered = asked.clone();
    let answer = async move |request: Request| {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let path = head.uri.path_and_query().unwrap().to_string();
        remembered.lock().unwrap().push((head.method, path, head.headers, body.clone()));
        let mut problem = Problem::of(Refusal::JobOver, body).again_after(7).into_response();
        for (name, value) in
            [("connection", "x-private"), ("x-private", "1"), ("keep-alive", "timeout=5")]
        {
            problem.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        problem.headers_mut().append("link", HeaderValue::from_static("</a>"));
        problem.headers_mut().append("link", HeaderValue::from_static("</b>"));
        problem
    };
    let (listener, address) = bound().await;
    let router = Router::new().fallback(answer);
    (served(listener, address, router, CancellationToken::new()), asked)
}

/// One that stands by for whoever is at the address.
async fn standing_by(active: &str) -> Served {
    let (listener, address) = bound().await;
    stands_by(listener, address, active)
}

fn stands_by(listener: TcpListener, address: String, active: &str) -> Served {
    let (stop, active) = (CancellationToken::new(), format!("http://{active}"));
    let relay = Relay::to(&settings(), stop.clone(), move || active.clone()).unwrap();
    let own = Router::new().route("/healthz", axum::routing::get(async || "alive\n"));
    served(listener, address, relay.behind(own), stop)
}

impl Served {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that is answered to these bytes until the connection is closed.
    async fn heard(&self, words: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        // It may have been answered, and closed, before all of it is read.
        let _ = stream.write_all(words.as_bytes()).await;
        let mut heard = Vec::new();
        let read = timeout(DEADLINE, stream.read_to_end(&mut heard)).await;
        let _ = read.expect("the connection is closed");
        String::from_utf8_lossy(&heard).into_owned()
    }
}

fn client() -> Client {
    Client::builder().no_proxy().timeout(DEADLINE).build().unwrap()
}

async fn assert_nobody(answer: reqwest::Response) {
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()[RETRY_AFTER], "1");
    assert_eq!(answer.headers()[CONTENT_TYPE], PROBLEM_JSON);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["reason"], "unavailable");
}

#[tokio::test]
async fn what_is_asked_and_answered_arrives_without_what_neighbours_say() {
    let ((active, asked), body) = (active().await, "{\"a\":\"ä\"}");
    let standby = standing_by(&active.address).await;
    let request = client()
        .post(standby.url("/v1/commands?after=1%2F2&x=%22"))
        .header(AUTHORIZATION, "Bearer t0ken")
        .header(CONTENT_TYPE, "application/cloudevents+json")
        .header("x-many", "one")
        .header("x-many", "two")
        .header(CONNECTION, "x-mine, te")
        .header("x-mine", "1")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic eA==")
        .header("keep-alive", "timeout=5");
    let answer = request.body(body).send().await.unwrap();

    assert_eq!(answer.status(), 409);
    let headers = answer.headers();
    assert_eq!(headers[CONTENT_TYPE], PROBLEM_JSON);
    assert_eq!(headers[RETRY_AFTER], "7");
    assert!(headers.get("x-private").is_none() && headers.get("keep-alive").is_none());
    assert_eq!(headers.get_all("link").iter().count(), 2);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((&problem["reason"], &problem["detail"]), (&"job_over".into(), &body.into()));

    let asked = asked.lock().unwrap();
    let [(method, path, headers, heard)] = &asked[..] else { panic!("asked {asked:?}") };
    assert_eq!(
        (method, &**path, &**heard),
        (&Method::POST, "/v1/commands?after=1%2F2&x=%22", body)
    );
    assert_eq!(headers[AUTHORIZATION], "Bearer t0ken");
    assert_eq!(headers[CONTENT_TYPE], "application/cloudevents+json");
    assert_eq!(headers[HOST], active.address);
    assert_eq!(headers["x-forwarded-host"], standby.address, "as a page of the console needs it");
    assert_eq!(headers[CONTENT_LENGTH], body.len().to_string());
    assert_eq!(headers.get_all("x-many").iter().count(), 2);
    for name in ["connection", "x-mine", "te", "proxy-authorization", "keep-alive"] {
        assert!(headers.get(name).is_none(), "{name} is for the neighbour");
    }
}

/// Both say the same, also of what has no body.
#[tokio::test]
async fn a_head_is_answered_as_by_the_active_one() {
    let (active, _) = active().await;
    let standby = standing_by(&active.address).await;
    let words = "HEAD /v1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let plain = |answer: String| {
        let mut lines: Vec<String> = answer.lines().map(str::to_ascii_lowercase).collect();
        let between = ["date: ", "connection: ", "keep-alive: ", "x-private: "];
        lines.retain(|line| !between.iter().any(|name| line.starts_with(name)));
        lines.sort();
        lines
    };
    assert_eq!(plain(standby.heard(words).await), plain(active.heard(words).await));
}

#[tokio::test]
async fn a_path_arrives_as_it_was_sent_or_not_at_all() {
    let (active, asked) = active().await;
    let standby = standing_by(&active.address).await;
    let ask = async |path: &str| {
        let words = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        standby.heard(&words).await
    };
    for path in [
        "/a%2Fb",
        "//evil.example/a",
        "/@evil.example/",
        "/a%5Cb",
        "/a/...",
        "/%00",
        "/a?../b",
        "/%C3%A4?%zz",
    ] {
        assert!(ask(path).await.starts_with("HTTP/1.1 409"), "{path}");
        assert_eq!(asked.lock().unwrap().pop().unwrap().1, path);
    }
    // An address in full is of whoever is asked.
    assert!(ask("http://evil.example/a?b").await.starts_with("HTTP/1.1 409"));
    assert_eq!(asked.lock().unwrap().pop().unwrap().1, "/a?b");
    for path in
        ["/a/../b", "/a/%2e%2E/b", "/a/.", "/a/.%2e", "/a\\..\\b", "*", "http://evil.example?@b"]
    {
        let answer = ask(path).await;
        let is_refused = answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400");
        assert!(is_refused, "{path}: {answer}");
    }
    assert_eq!(asked.lock().unwrap().len(), 0, "the active one was asked");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_the_active_one_not_asked() {
    let (active, asked) = active().await;
    let standby = standing_by(&active.address).await;
    let large = client().post(standby.url("/v1/commands")).body(vec![b'x'; BODY_MAX + 1]);
    let answer = large.send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.headers()[CONTENT_TYPE], PROBLEM_JSON);
    let chunk = format!("{:x}\r\n{}\r\n", BODY_MAX / 2, "x".repeat(BODY_MAX / 2));
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = standby.heard(&format!("{head}{}0\r\n\r\n", chunk.repeat(3))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let answer = standby.heard(&format!("{head}zz\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "it is not too large, it is broken: {answer}");
    assert_eq!(asked.lock().unwrap().len(), 0);
    let whole = client().post(standby.url("/")).body(vec![b'x'; BODY_MAX]).send().await.unwrap();
    assert_eq!(whole.status(), 409);
}

/// Whoever believes the other of the two lengths takes the rest for a request.
#[tokio::test]
async fn a_body_of_two_lengths_is_one_request_and_the_last() {
    let (active, asked) = active().await;
    let standby = standing_by(&active.address).await;
    let inner = "GET /v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let both = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        5 + inner.len()
    );
    let twice = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\
         Content-Length: {}\r\n\r\n{inner}",
        inner.len()
    );
    let odd = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\
         Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}",
        5 + inner.len()
    );
    for words in [both, twice, odd] {
        let answer = standby.heard(&words).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{words}\n{answer}");
    }
    for (_, path, headers, body) in asked.lock().unwrap().iter() {
        assert_eq!((&**path, &**body), ("/v1/commands", ""));
        assert!(headers.get("transfer-encoding").is_none());
    }
}

#[tokio::test]
async fn heads_are_handed_on_up_to_the_limit_that_there_is() {
    let (active, asked) = active().await;
    let standby = standing_by(&active.address).await;
    let ask = async |bytes: usize| {
        let request = client().get(standby.url("/")).header("x-long", "x".repeat(bytes));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(30 << 10).await, 409);
    assert_eq!(asked.lock().unwrap().pop().unwrap().2["x-long"].len(), 30 << 10);
    assert_eq!(ask(80 << 10).await, 431);
}

#[tokio::test]
async fn whoever_is_gone_silent_or_breaks_off_is_told_of_as_nobody() {
    let (listener, address) = bound().await;
    let standby = standing_by(&address).await;
    // It takes the request and says nothing.
    let began = crate::clock::instant();
    assert_nobody(client().get(standby.url("/v1/x")).send().await.unwrap()).await;
    assert!(
        crate::clock::since(began) < Duration::from_secs(5),
        "the standby has its own patience"
    );
    let breaking = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            if stream.read(&mut request).await.unwrap_or(0) > 0 {
                let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
                let _ = stream.write_all(half).await;
            }
        }
    });
    assert_nobody(client().get(standby.url("/v1/x")).send().await.unwrap()).await;
    breaking.abort();
    let _ = breaking.await;
    // Nobody listens any more.
    let posted = client().post(standby.url("/v1/commands")).body("{}").send().await.unwrap();
    assert_nobody(posted).await;
    // What it answers for itself does not depend on it.
    assert_eq!(client().get(standby.url("/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn two_that_stand_by_for_each_other_do_not_ask_in_a_circle() {
    let [(one, at_one), (two, at_two)] = [bound().await, bound().await];
    let (to_two, to_one) = (at_two.clone(), at_one.clone());
    let one = stands_by(one, at_one, &to_two);
    let _two = stands_by(two, at_two, &to_one);
    let answer = client().get(one.url("/v1/x")).send().await.unwrap();
    assert_nobody(answer).await;
    // Nor with itself.
    let (listener, address) = bound().await;
    let to_itself = address.clone();
    let itself = stands_by(listener, address, &to_itself);
    assert_nobody(client().get(itself.url("/v1/x")).send().await.unwrap()).await;
}

/// An active one that takes its time holds up neither the end nor what comes next.
#[tokio::test]
async fn whoever_waits_for_an_answer_is_told_soon_when_it_is_over() {
    let (listener, address) = bound().await;
    let (listening, stop) = (bound().await, CancellationToken::new());
    let http = Http { request_timeout: Duration::from_secs(300), ..settings() };
    let relay = Relay::to(&http, stop.clone(), move || format!("http://{address}")).unwrap();
    let standby = served(listening.0, listening.1, relay.behind(Router::new()), stop);
    let waiting = tokio::spawn(client().get(standby.url("/v1/x")).send());
    let (_silent, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
    standby.stop.cancel();
    timeout(DEADLINE, standby.serving).await.expect("it ends").unwrap();
    assert_nobody(waiting.await.unwrap().unwrap()).await;
}
