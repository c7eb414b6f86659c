//! One message: what each answer, silence and break at each stage makes of it.

use std::time::Duration;

use crate::config::Smtp;
use crate::domain::outcome::{Outcome, Scope};

use super::script::{PIPELINING, Script, both, client, mail};

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn with_pipelining_the_envelope_is_one_flight_and_dots_are_stuffed() {
    let script = Script::listen().await;
    let client = script.client();
    let mail = mail("Subject: x\r\n\r\n.begins with a dot\r\n.\r\nend\r\n");
    let ((outcome, words), lines) = both(client.send(&mail), async {
        let mut peer = script.welcome(PIPELINING).await;
        // Answers only when all three commands are there.
        peer.take_mail().await
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Accepted, "250 2.0.0 queued"));
    assert_eq!(lines, ["Subject: x", "", "..begins with a dot", "..", "end"]);
}

#[tokio::test]
async fn a_server_that_lets_us_wait_for_its_greeting_is_told_of_before_it_times_out() {
    let script = Script::listen().await;
    let client = script.client();
    let slow = &client.0.server.slow;
    let mail = mail("a");
    let (tried, ()) = both(client.send(&mail), async {
        let mut peer = script.accept().await;
        while !slow.is_failing() {
            tokio::task::yield_now().await;
        }
        peer.say("220 mail.example ESMTP").await;
        peer.hello(PIPELINING).await;
        peer.take_mail().await;
    })
    .await;
    assert_eq!(tried.0, Outcome::Accepted);
    assert!(!slow.is_failing(), "it is over");
}

#[tokio::test]
async fn without_pipelining_each_command_waits_for_its_answer() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, _), lines) = both(client.send(&mail("a\r\n")), async {
        let mut peer = script.accept().await;
        peer.say("220-mail.example\r\n220-is glad\r\n220 to see you").await;
        peer.hello(&["SIZE 1000"]).await;
        peer.expect("MAIL FROM:<salon@example.com>").await;
        peer.say("250-2.1.0 sender\r\n250 2.1.0 ok").await;
        peer.expect("RCPT TO:<anna@example.net>").await;
        peer.say("251 will forward").await;
        peer.expect("DATA").await;
        peer.say("354 go on").await;
        let lines = peer.hear_data().await;
        peer.say("250 ok").await;
        lines
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(lines, ["a"]);
}

#[tokio::test]
async fn a_temporary_refusal_of_the_recipient_leaves_a_connection_that_can_be_used() {
    let script = Script::listen().await;
    let client = script.client();
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), lines) = both(sending, async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n450 4.2.1 <anna@example.net> busy\r\n503 no recipients").await;
        peer.expect("RSET").await;
        peer.say("250 ok").await;
        peer.take_mail().await
    })
    .await;
    assert_eq!(first, (Outcome::Transient, "450 4.2.1 <anna@example.net> busy".to_owned()));
    assert_eq!(second.0, Outcome::Accepted);
    assert_eq!(lines, ["b"]);
}

#[tokio::test]
async fn data_that_goes_on_without_a_recipient_is_ended_by_a_lone_dot() {
    let script = Script::listen().await;
    let client = script.client();
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), lines) = both(sending, async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n550 5.1.1 no such user\r\n354 go on").await;
        assert!(peer.hear_data().await.is_empty());
        peer.say("554 5.5.1 no valid recipients").await;
        peer.take_mail().await
    })
    .await;
    assert_eq!(first.0, Outcome::Permanent(Scope::Address));
    assert_eq!(second.0, Outcome::Accepted);
    assert_eq!(lines, ["b"]);
}

#[tokio::test]
async fn a_refused_sender_never_gets_as_far_as_the_message() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, _), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("550 5.7.1 not you\r\n503 MAIL first\r\n354 go on").await;
        // Not even a dot: without a sender nobody knows what it would end.
        peer.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Message));
}

#[tokio::test]
async fn a_break_before_the_final_dot_is_definite() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok").await;
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Transient, "data: connection closed"));
}

#[tokio::test]
async fn a_break_while_the_message_is_not_all_with_the_kernel_is_definite() {
    let script = Script::listen().await;
    let client = script.client();
    // More than the sockets of both ends buffer.
    let mail = mail(&"0123456789abcdef\r\n".repeat(2_000_000));
    let ((outcome, words), ()) = both(client.send(&mail), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        peer.hear().await.unwrap();
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Transient, "body: connection closed"));
}

#[tokio::test]
async fn a_break_after_the_final_dot_leaves_doubt() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        peer.hear_data().await;
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::InDoubt, "final: connection closed"));
}

#[tokio::test]
async fn silence_after_the_final_dot_leaves_doubt_and_ends_the_connection() {
    let script = Script::listen().await;
    let client = client(&Smtp { final_timeout: SHORT, ..script.smtp() });
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), ()) = both(sending, async {
        let mut silent = script.welcome(PIPELINING).await;
        silent.hear_envelope().await;
        silent.say("250 ok\r\n250 ok\r\n354 go on").await;
        silent.hear_data().await;
        silent.expect_end().await;
        let mut fresh = script.welcome(PIPELINING).await;
        assert_eq!(fresh.take_mail().await, ["b"]);
    })
    .await;
    assert_eq!(first, (Outcome::InDoubt, "final: timed out".to_owned()));
    assert_eq!(second.0, Outcome::Accepted);
}

#[tokio::test]
async fn silence_before_the_message_is_definite() {
    let script = Script::listen().await;
    let client = client(&Smtp { command_timeout: SHORT, ..script.smtp() });
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok").await;
        peer.expect_end().await;
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Transient, "rcpt: timed out"));
}

#[tokio::test]
async fn a_definite_refusal_of_the_message_keeps_the_connection() {
    let script = Script::listen().await;
    let client = script.client();
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), ()) = both(sending, async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n250 ok\r\n354 go on").await;
        peer.hear_data().await;
        peer.say("554 5.7.1 spam").await;
        peer.take_mail().await;
    })
    .await;
    assert_eq!(first.0, Outcome::Permanent(Scope::Message));
    assert_eq!(second.0, Outcome::Accepted);
}

#[tokio::test]
async fn a_host_that_refuses_service_is_not_the_messages_fault() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        script.accept().await.say("554 5.7.1 go away").await;
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Transient, "554 5.7.1 go away"));
}

#[tokio::test]
async fn the_server_that_says_421_is_left() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, _), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(PIPELINING).await;
        peer.hear_envelope().await;
        peer.say("250 ok\r\n421 4.7.0 too many connections").await;
        peer.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Throttled { after: None });
}

#[tokio::test]
async fn what_is_no_smtp_ends_the_connection() {
    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.accept().await;
        peer.say("SSH-2.0-OpenSSH_9.2").await;
        peer.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Transient);
    assert!(words.contains("not SMTP: ") && words.starts_with("banner 127.0.0.1:"), "{words}");
}

#[tokio::test]
async fn nobody_listens() {
    let smtp = Script::listen().await.smtp();
    let (outcome, words) = client(&smtp).send(&mail("a")).await;
    let refused = format!("connect 127.0.0.1:{}: refused", smtp.url.port);
    assert_eq!((outcome, words), (Outcome::Transient, refused));
}
