//! What is certain of a message.

use super::smsc::{BIND, Does, Raw, SUBMIT, UNBIND};
use super::*;
use crate::egress::certified::{SIGNED, acceptor};

/// A text of two parts.
fn long() -> String {
    "a".repeat(200)
}

#[tokio::test]
async fn what_is_taken_has_the_smsc_s_name() {
    let smsc = Smsc::that(vec![Does::Take("0A1f")]).await;
    let running = Running::against(&smsc, "message_id = \"hex_to_dec\"");
    let tried = running.sends("Ciao").await;
    assert_eq!((tried.outcome, tried.reference), (Outcome::Accepted, Some("2591".to_owned())));
    assert_eq!(tried.said.to_string(), "submit_sm: 0x00 ESME_ROK");
    let [bind] = &smsc.heard(BIND)[..] else { panic!("one") };
    assert_eq!(bind.body, b"bellhop\0s3cret\0\0\x34\0\0\0");
    assert!(smsc.heard(SUBMIT)[0].body.ends_with(b"\x04Ciao"));
}

#[tokio::test]
async fn what_is_refused_is_what_the_smsc_calls_it() {
    let address = Outcome::Permanent(Scope::Address);
    for (status, outcome) in [(0x0B, address), (0x45, Outcome::Transient)] {
        let smsc = Smsc::that(vec![Does::Refuse(status)]).await;
        let running = Running::against(&smsc, "");
        let tried = running.sends(&long()).await;
        assert_eq!((tried.outcome, tried.of_provider), (outcome, false));
        assert_eq!(smsc.heard(SUBMIT).len(), 1, "the second part stays here");
    }
}

#[tokio::test]
async fn whoever_wants_less_is_left_alone_for_a_time() {
    let smsc = Smsc::that(vec![Does::Refuse(0x58), Does::Take("a")]).await;
    let running = Running::against(&smsc, "");
    let throttled = Outcome::Throttled { after: Some(Duration::from_secs(1)) };
    assert_eq!(running.sends("Ciao").await.outcome, throttled);
    let Outcome::Throttled { after: Some(_) } = running.sends("Ciao").await.outcome else {
        panic!("nobody is asked")
    };
    assert_eq!(smsc.heard(SUBMIT).len(), 1);
    let paused = || running.client.desk.is_paused();
    until("it may be asked again", || !paused()).await;
    assert_eq!(running.sends("Ciao").await.outcome, Outcome::Accepted);
}

#[tokio::test]
async fn without_an_answer_it_is_in_doubt() {
    let huge = u32::MAX.to_be_bytes().to_vec();
    let page = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
    for (does, said) in [
        (Does::Nothing, "submit_sm: no answer in time"),
        (Does::Cut, "submit_sm: connection closed"),
        (Does::Say(huge), "submit_sm: connection closed"),
        (Does::Say(page), "submit_sm: connection closed"),
        (Does::Say(vec![0, 0, 0, 99, 0x80, 0, 0, 4]), "submit_sm: connection closed"),
    ] {
        let smsc = Smsc::that(vec![does.clone(), Does::Take("a")]).await;
        let running = Running::against(&smsc, "answer_timeout = \"PT0.3S\"");
        let tried = running.sends("Ciao").await;
        assert_eq!((tried.outcome, &*tried.said.to_string()), (Outcome::InDoubt, said), "{does:?}");
        assert!(!tried.of_provider);
        assert_eq!(running.sends("Ciao").await.outcome, Outcome::Accepted, "{does:?}");
        assert_eq!(smsc.heard(SUBMIT).len(), 2, "never the same again");
    }
}

#[tokio::test]
async fn a_text_of_which_a_part_is_lost_is_in_doubt() {
    for (does, said) in [
        (Does::Cut, "submit_sm: 1 of 2 parts taken: connection closed"),
        (Does::Refuse(0x0B), "submit_sm: 1 of 2 parts taken: 0x0B ESME_RINVDSTADR"),
    ] {
        let smsc = Smsc::that(vec![Does::Take("a"), does]).await;
        let running = Running::against(&smsc, "");
        let tried = running.sends(&long()).await;
        assert_eq!((tried.outcome, &*tried.said.to_string()), (Outcome::InDoubt, said));
        assert_eq!(tried.reference, None);
    }
}

#[tokio::test]
async fn a_part_that_is_refused_for_the_moment_goes_again() {
    let smsc = Smsc::that(vec![Does::Take("a"), Does::Refuse(0x14), Does::Take("b")]).await;
    let running = Running::against(&smsc, "");
    let tried = running.sends(&long()).await;
    assert_eq!((tried.outcome, tried.reference), (Outcome::Accepted, Some("a".to_owned())));
    let [_, second, again] = &smsc.heard(SUBMIT)[..] else { panic!("three") };
    assert_eq!(second.body, again.body);
}

#[tokio::test]
async fn where_nobody_lets_us_in_nothing_was_taken() {
    // Nobody else can have the port, and nobody listens there.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = socket.local_addr().unwrap().port();
    let running = Running::at("smpp", nowhere, "");
    let tried = running.sends("Ciao").await;
    assert_eq!((tried.outcome, tried.of_provider), (Outcome::Transient, true));
    assert_eq!(tried.said.to_string(), format!("connect 127.0.0.1:{nowhere}: refused"));

    for (status, outcome) in
        [(0x0E, Outcome::Permanent(Scope::Configuration)), (0x08, Outcome::Transient)]
    {
        let smsc = Smsc::that_refuses(status).await;
        let running = Running::against(&smsc, "");
        let tried = running.sends("Ciao").await;
        assert_eq!((tried.outcome, tried.of_provider), (outcome, true));
        let said = format!("127.0.0.1:{}: bind_transceiver: 0x{status:02X}", smsc.port);
        assert!(tried.said.to_string().starts_with(&said), "{}", tried.said);
        assert!(smsc.heard(SUBMIT).is_empty());
    }
}

#[tokio::test]
async fn a_message_that_is_not_to_leave_stays() {
    let smsc = Smsc::that(vec![Does::Take("a")]).await;
    let running = Running::against(&smsc, "");
    let tried = running.client.send(&sms("Ciao"), &|| false).await.unwrap();
    assert_eq!(tried.outcome, Outcome::NotTried { after: None });
    let sms = Sms { from: Some("Caffè".to_owned()), ..sms("Ciao") };
    let tried = running.client.send(&sms, &|| true).await.unwrap();
    assert_eq!(tried.outcome, Outcome::Permanent(Scope::Provider));
    assert!(smsc.heard(SUBMIT).is_empty());
}

#[tokio::test]
async fn never_more_is_open_than_the_window_holds() {
    let smsc = Smsc::that_takes_its_time(Duration::from_millis(20)).await;
    let running = Running::against(&smsc, "window = 3");
    let text = long();
    let sends = (0..20).map(|number| running.sends(if number % 3 == 0 { &text } else { "Ciao" }));
    let tried = futures_util::future::join_all(sends).await;
    assert!(tried.iter().all(|tried| tried.outcome == Outcome::Accepted), "{tried:?}");
    assert_eq!(smsc.heard(SUBMIT).len(), 27);
    assert_eq!(smsc.most_open(), 3);
}

#[tokio::test]
async fn the_link_is_looked_after() {
    let smsc = Smsc::that(vec![Does::Nothing]).await;
    let running = Running::against(&smsc, "enquire_link = \"PT1S\"");
    until("we ask", || smsc.heard(super::smsc::ENQUIRE).len() >= 2).await;
    smsc.says(Raw { id: super::smsc::ENQUIRE, status: 0, sequence: 77, body: Vec::new() });
    let id = super::smsc::ENQUIRE | super::smsc::ANSWER;
    until("we answer", || smsc.heard(id).iter().any(|raw| raw.sequence == 77)).await;
    assert_eq!(smsc.connections(), 1);
    drop(running);
}

#[tokio::test]
async fn whoever_stops_takes_leave_once_nothing_is_under_way() {
    let smsc = Smsc::that_takes_its_time(Duration::from_millis(200)).await;
    let running = Running::against(&smsc, "");
    let (tried, ()) = tokio::join!(running.sends("Ciao"), async {
        until("it is under way", || smsc.heard(SUBMIT).len() == 1).await;
        running.client.close();
    });
    assert_eq!(tried.outcome, Outcome::Accepted);
    until("farewell", || smsc.heard(UNBIND).len() == 1).await;
    let tried = running.sends("Ciao").await;
    assert_eq!((tried.outcome, tried.of_provider), (Outcome::Transient, true));
}

#[tokio::test]
async fn what_is_cut_off_is_in_doubt_only_if_it_left() {
    let smsc = Smsc::that(vec![Does::Nothing]).await;
    let running = Running::against(&smsc, "window = 1");
    let cuts = async {
        until("one is under way", || smsc.heard(SUBMIT).len() == 1).await;
        running.client.cut();
    };
    let (first, second) = (sms("Ciao"), sms("Ciao"));
    let (first, second, ()) = tokio::join!(
        running.client.send(&first, &|| true),
        running.client.send(&second, &|| true),
        cuts
    );
    // Whichever had the seat.
    let tried: Vec<_> = [first, second].into_iter().flatten().collect();
    let [left] = &tried[..] else { panic!("one left: {tried:?}") };
    assert_eq!(left.outcome, Outcome::InDoubt);
}

#[tokio::test]
async fn over_tls_the_certificate_must_hold() {
    let authority =
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates/authority.pem");
    let take = vec![Does::Take("a")];
    let smsc = Smsc::listening(take, 0, Duration::ZERO, Some(acceptor(SIGNED))).await;
    let running = Running::at("smpps", smsc.port, &format!("ca_file = \"{authority}\""));
    assert_eq!(running.sends(&long()).await.outcome, Outcome::Accepted);
    let running = Running::at("smpps", smsc.port, "");
    let tried = running.sends("Ciao").await;
    assert_eq!((tried.outcome, tried.of_provider), (Outcome::Transient, true));
    let said = tried.said.to_string();
    assert!(said.starts_with(&format!("tls 127.0.0.1:{}: ", smsc.port)), "{said}");
}
