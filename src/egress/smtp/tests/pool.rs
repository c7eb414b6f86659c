//! Several messages: which connection each goes over.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::Smtp;
use crate::domain::outcome::Outcome;

use super::script::{PIPELINING, Script, both, client, mail};

#[tokio::test]
async fn three_mails_share_a_connection_which_is_then_replaced() {
    let script = Script::listen().await;
    let client = client(&Smtp { messages_per_connection: 3, ..script.smtp() });
    let sending = async {
        for text in ["a", "b", "c", "d"] {
            assert_eq!(client.send(&mail(text)).await.0, Outcome::Accepted);
        }
        client.close().await;
    };
    both(sending, async {
        let mut first = script.welcome(PIPELINING).await;
        for text in ["a", "b", "c"] {
            assert_eq!(first.take_mail().await, [text]);
        }
        first.expect("QUIT").await;
        first.expect_end().await;
        let mut second = script.welcome(PIPELINING).await;
        assert_eq!(second.take_mail().await, ["d"]);
        second.expect("QUIT").await;
        second.expect_end().await;
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced_without_a_word() {
    let script = Script::listen().await;
    let client = script.client();
    for last_words in [None, Some("421 4.4.2 idle too long")] {
        let (first, mut peer) = both(client.send(&mail("a")), async {
            let mut peer = script.welcome(PIPELINING).await;
            peer.take_mail().await;
            peer
        })
        .await;
        assert_eq!(first.0, Outcome::Accepted);
        if let Some(words) = last_words {
            peer.say(words).await;
        }
        drop(peer);
        let (second, ()) = both(client.send(&mail("b")), async {
            let mut fresh = script.welcome(PIPELINING).await;
            assert_eq!(fresh.take_mail().await, ["b"]);
            // Gone as well before the next round.
        })
        .await;
        assert_eq!(second.0, Outcome::Accepted, "{last_words:?}");
    }
}

#[tokio::test]
async fn a_connection_that_waited_too_long_is_not_used() {
    let script = Script::listen().await;
    let client = client(&Smtp { idle: Duration::ZERO, ..script.smtp() });
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    both(sending, async {
        let mut first = script.welcome(PIPELINING).await;
        first.take_mail().await;
        first.expect_end().await;
        script.welcome(PIPELINING).await.take_mail().await;
    })
    .await;
}

#[tokio::test]
async fn a_send_that_was_given_up_takes_its_connection_along() {
    let script = Script::listen().await;
    let client = script.client();
    let (first_mail, second_mail) = (mail("a"), mail("b"));
    let mut given_up = Box::pin(client.send(&first_mail));
    let server = async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        peer.hear_data().await;
        peer
    };
    let mut peer = tokio::select! {
        peer = server => peer,
        early = &mut given_up => panic!("{early:?}"),
    };
    drop(given_up);
    // The answer to the first mail comes when nobody waits for it any more.
    peer.say("250 first").await;
    let (second, ()) = both(client.send(&second_mail), async {
        peer.expect_end().await;
        let mut fresh = script.welcome(PIPELINING).await;
        fresh.hear_envelope().await;
        fresh.say("250 ok\r\n550 5.7.1 second\r\n503 no").await;
        fresh.expect("RSET").await;
        fresh.say("250 ok").await;
    })
    .await;
    assert_eq!(second.1, "550 5.7.1 second");
}

#[tokio::test]
async fn a_reply_that_nobody_asked_for_ends_the_connection() {
    let script = Script::listen().await;
    let client = script.client();
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), ()) = both(sending, async {
        let mut odd = script.welcome(PIPELINING).await;
        odd.hear_envelope().await;
        odd.say("250 ok\r\n250 ok\r\n354 go on").await;
        odd.hear_data().await;
        odd.say("250 queued\r\n250 queued again").await;
        odd.expect_end().await;
        script.welcome(PIPELINING).await.take_mail().await;
    })
    .await;
    assert_eq!((first.0, second.0), (Outcome::Accepted, Outcome::Accepted));
}

#[tokio::test]
async fn an_idle_connection_is_preferred_to_a_fresh_one() {
    let script = Script::listen().await;
    let client = script.client();
    let (mail_a, mail_b, mail_c) = (mail("a"), mail("b"), mail("c"));
    let two = async { tokio::join!(client.send(&mail_a), client.send(&mail_b)) };
    let (_, (mut first, mut second)) = both(two, async {
        let (mut first, mut second) =
            (script.welcome(PIPELINING).await, script.welcome(PIPELINING).await);
        first.take_mail().await;
        second.take_mail().await;
        (first, second)
    })
    .await;
    let ((outcome, _), ()) = both(client.send(&mail_c), async {
        tokio::select! {
            _ = first.take_mail() => {}
            _ = second.take_mail() => {}
        }
        // No third connection was needed.
        assert!(timeout(Duration::ZERO, script.accept()).await.is_err());
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);
}
