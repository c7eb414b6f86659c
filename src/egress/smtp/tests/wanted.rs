//! A message that is not to leave any more does not, however late that turns out.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::outcome::Outcome;

use super::script::{PIPELINING, Script, both, client_with, mail};

const UNWANTED: (Outcome, &str) = (Outcome::NotTried { after: None }, "not to be sent any more");

fn as_words(sent: &(Outcome, String)) -> (Outcome, &str) {
    (sent.0.clone(), &sent.1)
}

#[tokio::test]
async fn what_is_withdrawn_while_a_connection_opens_says_nothing_and_the_next_has_it() {
    let script = Script::listen().await;
    let client = client_with(&script.smtp(), 1);
    let wanted = AtomicBool::new(true);
    let (withdrawn, next) = (mail("a"), mail("b"));
    let still = || wanted.load(Ordering::SeqCst);
    let sending = async { (client.send_while(&withdrawn, &still).await, client.send(&next).await) };
    let ((first, second), lines) = both(sending, async {
        let mut peer = script.accept().await;
        peer.say("220 mail.example ESMTP").await;
        wanted.store(false, Ordering::SeqCst);
        peer.hello(PIPELINING).await;
        peer.take_mail().await
    })
    .await;
    assert_eq!(as_words(&first), UNWANTED);
    assert_eq!(second.0, Outcome::Accepted);
    assert_eq!(lines, ["b"], "over the same connection");
}

#[tokio::test]
async fn what_is_withdrawn_behind_its_envelope_takes_the_connection_with_it() {
    for offers in [PIPELINING, &[]] {
        let script = Script::listen().await;
        let client = client_with(&script.smtp(), 1);
        let wanted = AtomicBool::new(true);
        let withdrawn = mail("a");
        let still = || wanted.load(Ordering::SeqCst);
        let (sent, ()) = both(client.send_while(&withdrawn, &still), async {
            let mut peer = script.welcome(offers).await;
            for (command, reply) in [
                ("MAIL FROM:<salon@example.com>", "250 ok"),
                ("RCPT TO:<anna@example.net>", "250 ok"),
                ("DATA", "354 go on"),
            ] {
                peer.expect(command).await;
                wanted.store(false, Ordering::SeqCst);
                peer.say(reply).await;
            }
            peer.expect_end().await;
        })
        .await;
        assert_eq!(as_words(&sent), UNWANTED);
    }
}
