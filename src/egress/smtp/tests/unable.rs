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
async fn what_a_server_cannot_carry_another_may() {
    let plain = Script::listen().await;
    let port = plain.smtp().url.port;
    let relay = format!(
        "[[email.providers]]\nname = \"plain\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{port}\"\n"
    );
    let config = Config::parse("t", &relay).unwrap();
    let providers = EmailProviders::new(&config.email).unwrap();
    let (provider, mail) = (providers.get(0).unwrap(), beyond_ascii());
    let (made, ()) = both(provider.send(&mail, &Personal::default(), &|| true, 0), async {
        plain.welcome(PIPELINING).await;
    })
    .await;
    let Attempt { outcome, reply, .. } = made.unwrap().attempt;
    assert_eq!(outcome, Outcome::Permanent(Scope::Provider));
    assert!(reply.contains("SMTPUTF8"), "{reply}");
}
