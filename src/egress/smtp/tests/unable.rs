//! What one server cannot carry.

use tokio::net::TcpStream;

use crate::config::Config;
use crate::domain::outcome::{Attempt, Outcome, Scope};
use crate::egress::mail::Mail;
use crate::egress::{EmailProviders, Personal};

use super::script::{PIPELINING, Peer, Script, address, both, mail};

fn beyond_ascii() -> Mail {
    let to = address("jörg@example.net");
    Mail { to, needs_utf8: true, ..mail("To: jörg@example.net\r\n") }
}

async fn take_utf8(mut peer: Peer<TcpStream>) {
    peer.expect("MAIL FROM:<salon@example.com> BODY=8BITMIME SMTPUTF8").await;
    peer.expect("RCPT TO:<jörg@example.net>").await;
    peer.expect("DATA").await;
    peer.say("250 ok\r\n250 ok\r\n354 go on").await;
    peer.hear_data().await;
    peer.say("250 ok").await;
}

const UTF8: &[&str] = &["PIPELINING", "SMTPUTF8", "8BITMIME"];

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let script = Script::listen().await;
    let client = script.client();
    let mail = beyond_ascii();
    let ((outcome, words), ()) = both(client.send(&mail), async {
        script.welcome(&["SMTPUTF8"]).await;
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Provider));
    assert_eq!(words, "mail: the server does not offer SMTPUTF8, which an address needs");

    let script = Script::listen().await;
    let client = script.client();
    let ((outcome, _), ()) = both(client.send(&mail), async {
        take_utf8(script.welcome(UTF8).await).await;
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);
}

#[tokio::test]
async fn what_one_server_cannot_carry_goes_by_one_that_can() {
    let (plain, modern) = (Script::listen().await, Script::listen().await);
    let relay = |name: &str, script: &Script| {
        let port = script.smtp().url.port;
        format!(
            "[[email.providers]]\nname = \"{name}\"\nkind = \"smtp\"\n\
             url = \"smtp://127.0.0.1:{port}\"\n"
        )
    };
    let both_ways = relay("plain", &plain) + &relay("modern", &modern);
    let config = Config::parse("t", &both_ways).unwrap();
    let providers = EmailProviders::new(&config.email).unwrap();
    let mail = beyond_ascii();
    let (attempt, ()) = both(providers.send(&mail, &Personal::default(), &|| true), async {
        plain.welcome(PIPELINING).await;
        take_utf8(modern.welcome(UTF8).await).await;
    })
    .await;
    let Attempt { outcome, provider, .. } = attempt.unwrap();
    assert_eq!((outcome, provider.as_str()), (Outcome::Accepted, "modern"));

    let config = Config::parse("t", &relay("plain", &plain)).unwrap();
    let providers = EmailProviders::new(&config.email).unwrap();
    let (attempt, ()) = both(providers.send(&mail, &Personal::default(), &|| true), async {
        plain.welcome(PIPELINING).await;
    })
    .await;
    let Attempt { outcome, reply, .. } = attempt.unwrap();
    assert_eq!(outcome, Outcome::Permanent(Scope::Provider));
    assert!(reply.contains("SMTPUTF8"), "{reply}");
}
