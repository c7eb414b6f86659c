//! User and password: how they are said, and that they are not said again.

use secrecy::SecretString;

use crate::config::{Credentials, Smtp};
use crate::domain::outcome::{Outcome, Scope};

use super::script::{Script, both, client, mail};

fn with_credentials(script: &Script) -> Smtp {
    let mut smtp = script.smtp();
    let password = SecretString::from("pa55wörd");
    smtp.url.credentials = Some(Credentials { user: "bellhop".to_owned(), password });
    smtp
}

#[tokio::test]
async fn auth_plain_is_accepted() {
    let script = Script::listen().await;
    let client = client(&with_credentials(&script));
    let ((outcome, _), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(&["AUTH LOGIN PLAIN", "PIPELINING"]).await;
        peer.expect("AUTH PLAIN AGJlbGxob3AAcGE1NXfDtnJk").await;
        peer.say("235 2.7.0 welcome").await;
        peer.take_mail().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);
}

#[tokio::test]
async fn auth_login_is_used_where_there_is_no_plain_and_a_refusal_is_for_the_operator() {
    let script = Script::listen().await;
    let client = client(&with_credentials(&script));
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(&["AUTH LOGIN"]).await;
        peer.expect("AUTH LOGIN").await;
        peer.say("334 VXNlcm5hbWU6").await;
        peer.expect("YmVsbGhvcA==").await;
        peer.say("334 UGFzc3dvcmQ6").await;
        peer.expect("cGE1NXfDtnJk").await;
        peer.say("535 5.7.8 wrong").await;
        peer.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
    assert_eq!(words, "535 5.7.8");
}

#[tokio::test]
async fn a_server_that_repeats_the_password_does_not_make_us_repeat_it() {
    let script = Script::listen().await;
    let client = client(&with_credentials(&script));
    let ((_, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(&["AUTH PLAIN"]).await;
        let command = peer.hear().await.unwrap();
        peer.say(&format!("535-5.7.8 you said {command}\r\n535 pa55wörd is wrong")).await;
    })
    .await;
    assert_eq!(words, "535 5.7.8");
    let ((_, words), ()) = both(client.send(&mail("a")), async {
        let mut peer = script.welcome(&["AUTH PLAIN"]).await;
        let command = peer.hear().await.unwrap();
        peer.say("235 welcome").await;
        peer.hear().await.unwrap();
        peer.say(&format!("550 after {command} and pa55wörd?")).await;
    })
    .await;
    assert_eq!(words, "550 after AUTH PLAIN *** and ***?");
}

#[tokio::test]
async fn a_password_of_one_letter_is_not_taken_out_of_every_word() {
    let script = Script::listen().await;
    let mut smtp = with_credentials(&script);
    let password = SecretString::from("p");
    smtp.url.credentials = Some(Credentials { user: "bellhop".to_owned(), password });
    let sent = client(&smtp);
    let ((_, words), ()) = both(sent.send(&mail("a")), async {
        let mut peer = script.welcome(&["AUTH PLAIN"]).await;
        peer.hear().await.unwrap();
        peer.say("235 welcome").await;
        peer.hear().await.unwrap();
        peer.say("550 prohibited by policy p (cA==)").await;
    })
    .await;
    assert_eq!(words, "550 prohibited by policy *** (***)");
    smtp.url.tls = crate::config::Tls::Opportunistic;
    let sent = client(&smtp);
    let ((_, words), ()) = both(sent.send(&mail("a")), async {
        script.welcome(&["AUTH PLAIN"]).await.expect_end().await;
    })
    .await;
    assert_eq!(words, "auth: the password would go in the clear");
}
