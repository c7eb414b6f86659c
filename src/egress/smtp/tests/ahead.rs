//! The next message's envelope goes along with the message before.

use std::future::Future;

use tokio::net::TcpStream;

use crate::config::Smtp;
use crate::domain::outcome::{Outcome, Scope};
use crate::egress::mail::Mail;

use super::script::{Client, PIPELINING, Peer, Script, address, both, client_with, mail};

type Sent = (Outcome, String);

/// Sends two messages over what may be one connection; the second waits while the first is under
/// way.
async fn two(client: &Client) -> (Sent, Sent) {
    let (first, second) = (mail("a"), mail("b"));
    tokio::join!(client.send(&first), client.send(&second))
}

/// Hears the first message with the second's envelope, before any verdict.
async fn hear_both(peer: &mut Peer<TcpStream>) {
    peer.hear_envelope().await;
    peer.say("250 ok\r\n250 ok\r\n354 go on").await;
    assert_eq!(peer.hear_data().await, ["a"]);
    peer.hear_envelope().await;
}

async fn over_one_connection<F: Future<Output = ()>>(
    server: impl FnOnce(Script) -> F,
) -> (Sent, Sent) {
    let script = Script::listen().await;
    let client = client_with(&script.smtp(), 1);
    both(two(&client), server(script)).await.0
}

#[tokio::test]
async fn a_message_that_waits_costs_one_round_trip() {
    let (first, second) = over_one_connection(|script| async move {
        let mut peer = script.welcome(PIPELINING).await;
        hear_both(&mut peer).await;
        peer.say("250 first\r\n250 ok\r\n250 ok\r\n354 go on").await;
        assert_eq!(peer.hear_data().await, ["b"]);
        peer.say("250 second").await;
    })
    .await;
    assert_eq!(first, (Outcome::Accepted, "250 first".to_owned()));
    assert_eq!(second, (Outcome::Accepted, "250 second".to_owned()));
}

#[tokio::test]
async fn a_refused_message_does_not_touch_the_next() {
    let (first, second) = over_one_connection(|script| async move {
        let mut peer = script.welcome(PIPELINING).await;
        hear_both(&mut peer).await;
        peer.say("554 5.7.1 spam").await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        assert_eq!(peer.hear_data().await, ["b"]);
        peer.say("250 second").await;
    })
    .await;
    assert_eq!(first.0, Outcome::Permanent(Scope::Message));
    assert_eq!(second.0, Outcome::Accepted);
}

#[tokio::test]
async fn a_refused_envelope_that_went_ahead_is_that_message_s_own() {
    let (first, second) = over_one_connection(|script| async move {
        let mut peer = script.welcome(PIPELINING).await;
        hear_both(&mut peer).await;
        peer.say("250 first\r\n250 ok\r\n550 5.1.1 nobody\r\n503 no recipients").await;
        peer.expect("RSET").await;
        peer.say("250 ok").await;
    })
    .await;
    assert_eq!(first.0, Outcome::Accepted);
    assert_eq!(second, (Outcome::Permanent(Scope::Address), "550 5.1.1 nobody".to_owned()));
}

#[tokio::test]
async fn where_the_line_breaks_only_the_message_before_is_in_doubt() {
    for verdict in [None, Some("421 4.3.2 going down"), Some("what?")] {
        let (first, second) = over_one_connection(|script| async move {
            let mut peer = script.welcome(PIPELINING).await;
            hear_both(&mut peer).await;
            if let Some(verdict) = verdict {
                peer.say(verdict).await;
            }
            drop(peer);
            assert_eq!(script.welcome(PIPELINING).await.take_mail().await, ["b"]);
        })
        .await;
        let expected = match verdict {
            Some("421 4.3.2 going down") => Outcome::Throttled { after: None },
            _ => Outcome::InDoubt,
        };
        assert_eq!((first.0, second.0), (expected, Outcome::Accepted), "{verdict:?}");
    }
}

#[tokio::test]
async fn the_line_may_break_between_the_two() {
    let (first, second) = over_one_connection(|script| async move {
        let mut peer = script.welcome(PIPELINING).await;
        hear_both(&mut peer).await;
        peer.say("250 first").await;
        drop(peer);
        assert_eq!(script.welcome(PIPELINING).await.take_mail().await, ["b"]);
    })
    .await;
    assert_eq!((first.0, second.0), (Outcome::Accepted, Outcome::Accepted));
}

#[tokio::test]
async fn whoever_gives_up_waiting_takes_the_connection_along_but_not_the_message_before() {
    let script = Script::listen().await;
    let client = client_with(&script.smtp(), 1);
    let (mail_a, mail_b, mail_c) = (mail("a"), mail("b"), mail("c"));
    let mut given_up = Box::pin(client.send(&mail_b));
    let server = async {
        let mut peer = script.welcome(PIPELINING).await;
        hear_both(&mut peer).await;
        peer
    };
    let mut first = Box::pin(client.send(&mail_a));
    let mut peer = tokio::select! {
        biased;
        early = &mut first => panic!("{early:?}"),
        early = &mut given_up => panic!("{early:?}"),
        peer = server => peer,
    };
    drop(given_up);
    let (first, ()) = both(first, async {
        peer.say("250 first\r\n250 ok\r\n250 ok\r\n354 go on").await;
        peer.expect_end().await;
    })
    .await;
    assert_eq!(first.0, Outcome::Accepted);
    let server = async { script.welcome(PIPELINING).await.take_mail().await };
    let (third, lines) = both(client.send(&mail_c), server).await;
    assert_eq!((third.0, lines), (Outcome::Accepted, vec!["c".to_owned()]));
}

#[tokio::test]
async fn without_pipelining_the_next_message_waits_for_its_turn() {
    let (first, second) = over_one_connection(|script| async move {
        let mut peer = script.welcome(&[]).await;
        for text in ["a", "b"] {
            peer.expect("MAIL FROM:<salon@example.com>").await;
            peer.say("250 ok").await;
            peer.expect("RCPT TO:<anna@example.net>").await;
            peer.say("250 ok").await;
            peer.expect("DATA").await;
            peer.say("354 go on").await;
            assert_eq!(peer.hear_data().await, [text]);
            peer.say("250 queued").await;
        }
    })
    .await;
    assert_eq!((first.0, second.0), (Outcome::Accepted, Outcome::Accepted));
}

#[tokio::test]
async fn the_last_message_of_a_connection_takes_nobody_along() {
    let script = Script::listen().await;
    let smtp = Smtp { messages_per_connection: 1, ..script.smtp() };
    let client = client_with(&smtp, 1);
    let (sent, ()) = both(two(&client), async {
        for text in ["a", "b"] {
            let mut peer = script.welcome(PIPELINING).await;
            assert_eq!(peer.take_mail().await, [text]);
            peer.expect("QUIT").await;
            peer.expect_end().await;
        }
    })
    .await;
    assert_eq!((sent.0.0, sent.1.0), (Outcome::Accepted, Outcome::Accepted));
}

#[tokio::test]
async fn an_envelope_goes_ahead_only_to_a_server_that_can_name_it() {
    let script = Script::listen().await;
    let client = client_with(&script.smtp(), 1);
    let to = address("jörg@example.net");
    let (plain, beyond) = (mail("a"), Mail { to, needs_utf8: true, ..mail("b") });
    let sending = async { tokio::join!(client.send(&plain), client.send(&beyond)) };
    let ((first, second), _peer) = both(sending, async {
        let mut peer = script.welcome(PIPELINING).await;
        assert_eq!(peer.take_mail().await, ["a"]);
        peer
    })
    .await;
    assert_eq!((first.0, second.0), (Outcome::Accepted, Outcome::Permanent(Scope::Provider)));
}
