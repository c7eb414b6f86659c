//! Pages of those who report to us.

use ::http::HeaderMap;
use futures_util::future::join_all;

use super::*;
use crate::config::EmailTransport;
use crate::gateways::{Call, Hears as _, Place, Trusted};

const CERTIFICATE: &str = include_str!("../../../gateways/ses/testdata/sns.pem");
const ENVELOPE: &str = include_str!("../../../gateways/ses/testdata/notification.json");
const AMAZON: &str = "https://sns.eu-west-1.amazonaws.com/";

fn page() -> Does {
    let length = CERTIFICATE.len();
    Does::Say(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{CERTIFICATE}"))
}

/// The pages of a provider whose certificates are with this gateway, and where one is.
fn pages(scheme: &str, gateway: &Gateway, more: &str) -> (Pages, Place) {
    let base = format!("{scheme}://127.0.0.1:{}/", gateway.port);
    let text = format!(
        "[[email.providers]]\nname = \"ses\"\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1\"\n\
         sns_topics = [\"arn:aws:sns:eu-west-1:123456789012:ses-events\"]\n\
         sns_base_url = \"{base}\"\n{more}\n"
    );
    let config = Config::parse("test", &text).unwrap();
    let EmailTransport::Smtp(smtp) = &config.email.providers[0].transport else { panic!() };
    let envelope = ENVELOPE.replace(AMAZON, &base);
    let now = "2026-12-01T09:00:02Z".parse().unwrap();
    let (headers, body) = (HeaderMap::new(), envelope.as_bytes());
    let call = Call { url: None, query: "", headers: &headers, body, now };
    let Trusted::Certified(place) = smtp.sns().unwrap().hears.trusts(&call) else {
        panic!("it is not of the topic")
    };
    (Pages::new(smtp).unwrap(), place)
}

#[tokio::test]
async fn whoever_needs_a_certificate_at_the_same_time_waits_for_the_one_that_is_fetched() {
    let gateway = Gateway::that(vec![page()]).await;
    let (pages, place) = pages("http", &gateway, "");
    for _ in 0..2 {
        let all = join_all((0..20).map(|_| pages.certificate(&place))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }
    assert_eq!(gateway.requests(), 1);
}

#[tokio::test]
async fn what_could_not_be_had_is_not_asked_for_again_at_once() {
    let gateway = Gateway::that(vec![says("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")]);
    let gateway = gateway.await;
    let (pages, place) = pages("http", &gateway, "");
    let all = join_all((0..20).map(|_| pages.certificate(&place))).await;
    let said: Vec<_> = all.into_iter().map(|missing| missing.unwrap_err().to_string()).collect();
    assert!(said[0].ends_with(": 404 Not Found"), "{said:?}");
    assert!(said[1].ends_with(": it could not be had a moment ago"), "{said:?}");
    assert_eq!(gateway.requests(), 1);
    // Whoever is to be visited is another matter.
    assert!(pages.visit(&place).await.is_err());
    assert_eq!(gateway.requests(), 2);
}

#[tokio::test]
async fn whose_host_it_is_must_be_sure() {
    let ca_file = format!("ca_file = \"{AUTHORITY}\"");
    let gateway = Gateway::listening(vec![page()], Some(acceptor(SIGNED))).await;
    let (known, place) = pages("https", &gateway, &ca_file);
    assert!(known.certificate(&place).await.is_ok());
    let (unknown, place) = pages("https", &gateway, "");
    let missing = unknown.certificate(&place).await.unwrap_err().to_string();
    assert!(missing.contains("signed by nobody who is trusted"), "{missing}");
}
