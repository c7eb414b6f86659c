//! What an SMSC tells: once it is kept, and only then, it is answered.

use super::smsc::{ANSWER, DELIVER, Does};
use super::*;
use crate::domain::part::Named;
use crate::domain::receipt::Report;

fn delivered(id: &str) -> Heard {
    Heard::Receipt {
        message: None,
        reference: Some(id.to_owned()),
        report: Some(Report::Delivered),
        said: "DELIVRD".to_owned(),
    }
}

/// What clients wrote: the id and the text of each.
fn written(running: &Running) -> Vec<(String, String)> {
    let replies = running.heard().into_iter().filter_map(|heard| match heard {
        Heard::Reply { id, from, to, text } => {
            assert_eq!((&*from, &*to), ("393331234567", "4455"));
            Some((id?, text))
        }
        _ => None,
    });
    replies.collect()
}

fn texts(running: &Running) -> Vec<String> {
    written(running).into_iter().map(|(_, text)| text).collect()
}

/// What was answered to what was told, by number.
fn answered(smsc: &Smsc, sequence: u32) -> Option<u32> {
    let answers = smsc.heard(DELIVER | ANSWER);
    answers.iter().rev().find(|raw| raw.sequence == sequence).map(|raw| raw.status)
}

#[tokio::test]
async fn a_receipt_has_the_id_that_the_answer_had() {
    let smsc = Smsc::that(vec![Does::Take("a")]).await;
    let running = Running::against(&smsc, "");
    assert_eq!(running.sends("Ciao").await.reference.as_deref(), Some("a"));
    let sequence = smsc.tells(4, b"id:a sub:001 dlvrd:001 stat:DELIVRD err:000 text:Ciao");
    until("it is answered", || answered(&smsc, sequence) == Some(0)).await;
    assert_eq!(running.heard(), [delivered("a")]);
}

#[tokio::test]
async fn what_is_not_kept_is_to_be_told_again() {
    let smsc = Smsc::that(vec![Does::Take("a")]).await;
    let running = Running::against(&smsc, "");
    running.sends("Ciao").await;
    running.pad.is_full.store(true, Ordering::Relaxed);
    let sequence = smsc.tells(4, b"id:a stat:DELIVRD");
    until("it is answered", || answered(&smsc, sequence) == Some(0x64)).await;
    running.pad.is_full.store(false, Ordering::Relaxed);
    let sequence = smsc.tells(4, b"id:a stat:DELIVRD");
    until("it is answered", || answered(&smsc, sequence) == Some(0)).await;
    assert_eq!(running.heard(), [delivered("a"), delivered("a")]);
}

#[tokio::test]
async fn of_a_text_in_parts_each_has_a_name_and_a_receipt_however_early() {
    let script = vec![Does::TellThenTake("a"), Does::TellThenTake("b"), Does::TellThenTake("c")];
    let smsc = Smsc::that(script).await;
    let running = Running::against(&smsc, "");
    let tried = running.sends(&"a".repeat(400)).await;
    assert_eq!((tried.outcome, tried.reference), (Outcome::Accepted, Some("a".to_owned())));
    until("all are answered", || smsc.heard(DELIVER | ANSWER).len() == 3).await;
    assert_eq!(tried.parts, ["a", "b", "c"].map(|id| Some(id.to_owned())));
    assert_eq!(running.heard(), ["a", "b", "c"].map(delivered));
}

#[tokio::test]
async fn what_clients_write_comes_in_and_parts_are_put_together() {
    let smsc = Smsc::that(vec![Does::Nothing]).await;
    let running = Running::against(&smsc, "");
    for (esm_class, text) in [
        (0, &b"STOP"[..]),
        (0x40, b"\x05\x00\x03\x09\x02\x02world"),
        (0x40, b"\x05\x00\x03\x09\x02\x01Hello, "),
    ] {
        let sequence = smsc.tells(esm_class, text);
        until("it is answered", || answered(&smsc, sequence) == Some(0)).await;
    }
    assert_eq!(texts(&running), ["STOP", "Hello, world"]);
}

#[tokio::test]
async fn what_was_perhaps_not_answered_is_heard_once_however_often_it_is_told() {
    let smsc = Smsc::that(vec![Does::Cut, Does::Nothing]).await;
    let running = Running::against(&smsc, "");
    let whole: [(u8, &[u8]); 3] = [
        (0, b"YES"),
        (0x40, b"\x05\x00\x03\x09\x02\x01Hello, "),
        (0x40, b"\x05\x00\x03\x09\x02\x02world"),
    ];
    let tells = async || {
        for (esm_class, text) in whole {
            let sequence = smsc.tells(esm_class, text);
            until("it is answered", || answered(&smsc, sequence) == Some(0)).await;
        }
    };
    tells().await;
    let heard = written(&running);
    assert_eq!(texts(&running), ["YES", "Hello, world"]);
    // The line breaks, and the SMSC does not know whether it was heard.
    running.sends("Ciao").await;
    until("there is another session", || smsc.connections() == 2).await;
    tells().await;
    assert_eq!(written(&running), heard, "the same");
    tells().await;
    assert_eq!(texts(&running).len(), 4, "whoever writes twice is heard twice");
}

#[tokio::test]
async fn what_is_told_again_because_it_was_not_kept_has_the_same_id() {
    let smsc = Smsc::that(vec![Does::Nothing]).await;
    let running = Running::against(&smsc, "");
    let parts: [&[u8]; 2] = [b"\x05\x00\x03\x09\x02\x01Hello, ", b"\x05\x00\x03\x09\x02\x02world"];
    let tells = async |text: &[u8], status| {
        let sequence = smsc.tells(0x40, text);
        until("it is answered", || answered(&smsc, sequence) == Some(status)).await;
    };
    tells(parts[0], 0).await;
    running.pad.is_full.store(true, Ordering::Relaxed);
    tells(parts[1], 0x64).await;
    running.pad.is_full.store(false, Ordering::Relaxed);
    tells(parts[1], 0).await;
    let heard = written(&running);
    assert_eq!(texts(&running), ["Hello, world", "Hello, world"], "all of it");
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn what_comes_late_is_known_all_the_same() {
    let smsc = Smsc::that_takes_its_time(Duration::from_millis(400)).await;
    let running = Running::against(&smsc, "answer_timeout = \"PT0.1S\"");
    assert_eq!(running.sends("Ciao").await.outcome, Outcome::InDoubt);
    let (message, reference) = (MessageId(OURS.parse().unwrap()), "slow".to_owned());
    let named = Heard::Named(Named { message, part: 0, parts: 1, reference });
    until("its name is told", || running.heard().contains(&named)).await;
}
