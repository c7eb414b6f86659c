//! Keeping in step: what a server says that nobody asked for, what it does not know, and what is
//! cut off.

use crate::domain::outcome::Outcome;
use crate::egress::said::Said;
use crate::egress::smtp::SmtpClient;

use super::script::{PIPELINING, Script, both, mail};

#[tokio::test]
async fn a_verdict_before_the_message_is_not_its_own() {
    let script = Script::listen().await;
    let client = script.client();
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), ()) = both(sending, async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on\r\n250 2.0.0 queued").await;
        peer.expect_end().await;
        let mut fresh = script.welcome(PIPELINING).await;
        assert_eq!(fresh.take_mail().await, ["b"]);
    })
    .await;
    assert_eq!(first.0, Outcome::Transient);
    assert_eq!(first.1, "data: not SMTP: a reply that nobody asked for");
    assert_eq!(second.0, Outcome::Accepted);
}

#[tokio::test]
async fn without_pipelining_neither() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, _), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(&[]).await;
        for reply in ["250 ok", "250 ok", "354 go on\r\n250 2.0.0 queued"] {
            peer.hear().await.unwrap();
            peer.say(reply).await;
        }
        peer.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Transient);
}

#[tokio::test]
async fn words_on_an_idle_connection_end_it() {
    let script = Script::listen().await;
    let client = script.client();
    let (first, mut peer) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.take_mail().await;
        peer
    })
    .await;
    assert_eq!(first.0, Outcome::Accepted);
    // Read as replies to MAIL, RCPT and DATA, and the message's verdict would be a fifth.
    peer.say("250 ok\r\n250 ok\r\n354 go on").await;
    let (second, ()) = both(client.send(&mail("b")), async {
        peer.expect_end().await;
        let mut fresh = script.welcome(PIPELINING).await;
        assert_eq!(fresh.take_mail().await, ["b"]);
    })
    .await;
    assert_eq!(second.0, Outcome::Accepted);
}

#[tokio::test]
async fn of_verdicts_that_disagree_none_counts() {
    for (verdicts, expected) in [
        ("250 ok\r\n550 5.7.1 refused", Outcome::InDoubt),
        ("250 queued\r\n421 4.4.2 good bye", Outcome::Accepted),
    ] {
        let script = Script::listen().await;
        let client = script.client();
        let ((outcome, _), ()) = both(client.send(&mail("a")), async {
            let mut peer = script.welcome(PIPELINING).await;
            peer.hear_envelope().await;
            peer.say("250 ok\r\n250 ok\r\n354 go on").await;
            peer.hear_data().await;
            peer.say(verdicts).await;
            peer.expect_end().await;
        })
        .await;
        assert_eq!(outcome, expected, "{verdicts}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_ehlo_offers_nothing() {
    for refusal in ["500 5.5.1 what?", "502 not here"] {
        let script = Script::listen().await;
        let client = script.client();
        let ((outcome, _), ()) = both(client.send(&mail("a")), async {
            let mut peer = script.accept().await;
            peer.say("220 mail.example").await;
            peer.expect("EHLO [127.0.0.1]").await;
            peer.say(refusal).await;
            peer.expect("HELO [127.0.0.1]").await;
            // Not an offer, whatever it looks like.
            peer.say("250-mail.example\r\n250 PIPELINING").await;
            for (command, reply) in [
                ("MAIL FROM:<salon@example.com>", "250 ok"),
                ("RCPT TO:<anna@example.net>", "250 ok"),
                ("DATA", "354 go on"),
            ] {
                peer.expect(command).await;
                peer.say(reply).await;
            }
            assert_eq!(peer.hear_data().await, ["a"]);
            peer.say("250 queued").await;
        })
        .await;
        assert_eq!(outcome, Outcome::Accepted, "{refusal}");
    }
}

/// Cuts the client off when the server has seen what it waits for.
async fn cut_off(client: &SmtpClient, until: impl Future<Output = ()>) -> Option<(Outcome, Said)> {
    let mail = mail("a");
    let sending = both(client.send(&mail, &|| true), async {
        until.await;
        client.cut();
    });
    sending.await.0.map(|tried| (tried.outcome, tried.said))
}

#[tokio::test]
async fn what_is_cut_off_before_the_final_dot_was_not_tried() {
    let script = Script::listen().await;
    let mut peers = Vec::new();
    let silent = async { peers.push(script.accept().await) };
    assert_eq!(cut_off(&script.client().0, silent).await, None);

    let script = Script::listen().await;
    let at_data = async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peers.push(peer);
    };
    assert_eq!(cut_off(&script.client().0, at_data).await, None);
}

#[tokio::test]
async fn what_is_cut_off_after_the_final_dot_is_in_doubt() {
    let script = Script::listen().await;
    let mut peers = Vec::new();
    let at_verdict = async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        peer.hear_data().await;
        peers.push(peer);
    };
    let words = Said::by_us("final: cut off by a stop");
    assert_eq!(cut_off(&script.client().0, at_verdict).await, Some((Outcome::InDoubt, words)));
}
