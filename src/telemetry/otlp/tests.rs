//! A collector of our own that reads what comes as the protocol says.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::domain::trace::TraceContext;
use crate::telemetry::spans::Role;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OWN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-aea5966c26f8ad91-01";

/// A request: its first line, its headers in lower case, and its body.
struct Asked {
    line: String,
    head: String,
    body: Value,
}

async fn asked(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "it broke off");
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() < length.parse().unwrap() {
            continue;
        }
        let line = text.lines().next().unwrap().to_owned();
        return Asked { line, head, body: serde_json::from_str(body).unwrap() };
    }
}

/// Answers with these one after the other, and says what it was asked.
async fn collector(
    answers: &'static [&'static str],
) -> (String, tokio::task::JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let serving = async move {
        let mut heard = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            heard.push(asked(&mut stream).await);
            let answer =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        heard
    };
    (address, tokio::spawn(serving))
}

fn carrier(address: String) -> Carrier {
    // As main does; another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Carrier { pause: Duration::from_millis(1), ..Carrier::to(address).unwrap() }
}

fn a_span(fault: Option<&str>) -> Span {
    let context = |text| TraceContext::parse(text).unwrap();
    Span {
        trace: context(OWN),
        parent: context(PARENT).span_id(),
        role: Role::Client,
        name: "attempt sms".to_owned(),
        began: "2026-12-01T09:00:00Z".parse().unwrap(),
        ended: "2026-12-01T09:00:00.25Z".parse().unwrap(),
        attributes: vec![("bellhop.provider", "gw".to_owned())],
        fault: fault.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_collector_gets_what_the_protocol_says() {
    let (address, heard) = collector(&["200 OK"]).await;
    carrier(address).send(&[a_span(None), a_span(Some("transient"))]).await;
    let [Asked { line, head, body }] = &heard.await.unwrap()[..] else { panic!() };
    assert_eq!(line, "POST /v1/traces HTTP/1.1");
    assert!(head.contains("content-type: application/json"), "{head}");
    let of = &body["resourceSpans"][0];
    assert_eq!(
        of["resource"]["attributes"][0],
        json!({ "key": "service.name", "value": { "stringValue": "bellhop" } })
    );
    let spans = of["scopeSpans"][0]["spans"].as_array().unwrap();
    let expected = json!({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId": "aea5966c26f8ad91",
        "parentSpanId": "00f067aa0ba902b7",
        "flags": 1,
        "name": "attempt sms",
        "kind": 3,
        "startTimeUnixNano": "1796115600000000000",
        "endTimeUnixNano": "1796115600250000000",
        "attributes": [{ "key": "bellhop.provider", "value": { "stringValue": "gw" } }],
    });
    assert_eq!(spans[0], expected);
    assert_eq!(spans[1]["status"], json!({ "code": 2, "message": "transient" }));
}

/// So many times it was asked, and what was counted.
async fn offered(answers: &'static [&'static str]) -> (usize, String) {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let (address, heard) = collector(answers).await;
    let carrier = carrier(address);
    let guard = metrics::set_default_local_recorder(&recorder);
    carrier.send(&[a_span(None), a_span(None)]).await;
    drop(guard);
    let counted = handle.render();
    let counted = counted.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    (heard.await.unwrap().len(), counted.collect())
}

#[tokio::test]
async fn what_may_be_taken_later_is_offered_again_and_then_dropped_and_counted() {
    let sent = r#"bellhop_spans_total{result="sent"} 2"#.to_owned();
    let dropped = r#"bellhop_spans_total{result="dropped"} 2"#.to_owned();
    assert_eq!(offered(&["503 Later", "429 Slow", "200 OK"]).await, (3, sent));
    assert_eq!(offered(&["400 No"]).await, (1, dropped.clone()), "for good");
    assert_eq!(offered(&["503 Later"; TRIES as usize]).await, (TRIES as usize, dropped));
}

#[test]
fn where_spans_go_is_configured_or_a_variable_of_the_standard_s() {
    const BASE: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://base:4318/");
    const WHOLE: (&str, &str) = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/v9");
    let of = |configured, variables: &[(&str, &str)]| {
        let found = |name: &str| variables.iter().find(|(known, _)| *known == name);
        address(configured, |name| found(name).map(|(_, value)| (*value).to_owned()))
    };
    for (configured, variables, expected) in [
        (None, &[][..], None),
        (None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")], None),
        (None, &[BASE], Some("http://base:4318/v1/traces")),
        (None, &[BASE, WHOLE], Some("http://traces:4318/v9")),
        (Some("https://own/otlp"), &[BASE, WHOLE], Some("https://own/otlp/v1/traces")),
    ] {
        assert_eq!(of(configured, variables).as_deref(), expected, "{configured:?} {variables:?}");
    }
}

/// The one test that has the queue of the process: no other collects.
#[tokio::test]
async fn whoever_ends_a_span_never_waits_and_what_has_no_room_is_dropped() {
    static HEARD: Mutex<Vec<Asked>> = Mutex::new(Vec::new());
    let within = TraceContext::parse(PARENT);
    let begun = || Span::begin(within, Role::Internal, |its| its, || "step".to_owned());
    assert!(begun().is_none(), "nobody collects");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let collecting = Collecting::begin(address.clone()).unwrap().unwrap();
    assert!(Collecting::begin(address).unwrap().is_none(), "only once");

    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let guard = metrics::set_default_local_recorder(&recorder);
    // Nobody is asked meanwhile: this thread is the only one, and it does not wait.
    for _ in 0..QUEUE_MAX + 7 {
        begun().unwrap().with("bellhop.tenant", "salon-uno").ends(None);
    }
    drop(guard);
    let counted = handle.render();
    assert!(counted.contains(r#"bellhop_spans_total{result="dropped"} 7"#), "{counted}");
    let unsampled = TraceContext::parse(&PARENT.replace("-01", "-00"));
    assert!(Span::begin(unsampled, Role::Internal, |its| its, String::new).is_none());

    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let one = asked(&mut stream).await;
            HEARD.lock().unwrap().push(one);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    // Also what is left at a stop is sent.
    collecting.finish(Duration::from_secs(30)).await;
    serving.abort();
    let heard = HEARD.lock().unwrap();
    let spans = |asked: &Asked| {
        asked.body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().len()
    };
    assert_eq!(heard.iter().map(spans).sum::<usize>(), QUEUE_MAX);
    assert!(heard.iter().all(|asked| spans(asked) <= BATCH_MAX));
}
