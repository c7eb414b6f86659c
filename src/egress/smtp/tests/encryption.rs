//! Encryption: when it is asked for, and whom it trusts.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::config::{Config, Credentials, Smtp, Tls};
use crate::domain::outcome::{Attempt, Outcome, Scope};
use crate::egress::certified::{Own, SIGNED, acceptor};
use crate::egress::smtp::SmtpClient;
use crate::egress::smtp::handshake::trusting;
use crate::egress::{EmailProviders, Personal};

use super::script::{Client, PIPELINING, Peer, Script, both, client, mail};

/// Signs the server's certificate, for 127.0.0.1 only.
const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
/// As `openssl req -x509` makes it: it may sign others, too.
const SELF_SIGNED: Own =
    (include_bytes!("certificates/self.pem"), include_bytes!("certificates/self.key.pem"));

fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).unwrap()
}

fn trusting_client(smtp: &Smtp) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(AUTHORITY)).unwrap();
    Client(SmtpClient::new(&Arc::from("relay"), smtp, 1, trusting(roots).unwrap()))
}

fn smtp(script: &Script, tls: Tls) -> Smtp {
    let mut smtp = script.smtp();
    smtp.url.tls = tls;
    smtp
}

async fn encrypt(peer: Peer<TcpStream>) -> std::io::Result<Peer<TlsStream<TcpStream>>> {
    encrypt_as(peer, SIGNED).await
}

async fn encrypt_as(
    peer: Peer<TcpStream>,
    own: Own,
) -> std::io::Result<Peer<TlsStream<TcpStream>>> {
    Ok(Peer::over(acceptor(own).accept(peer.into_inner()).await?))
}

#[tokio::test]
async fn after_starttls_everything_is_encrypted_and_asked_again() {
    let script = Script::listen().await;
    let client = trusting_client(&smtp(&script, Tls::Required));
    let sending = async { (client.send(&mail("a")).await, client.send(&mail("b")).await) };
    let ((first, second), ()) = both(sending, async {
        // What is offered in the clear may be forged, and does not count.
        let mut clear = script.welcome(&["STARTTLS", "SMTPUTF8"]).await;
        clear.expect("STARTTLS").await;
        clear.say("220 2.0.0 go ahead").await;
        let mut peer = encrypt(clear).await.unwrap();
        peer.hello(PIPELINING).await;
        assert_eq!(peer.take_mail().await, ["a"]);
        assert_eq!(peer.take_mail().await, ["b"]);
    })
    .await;
    assert_eq!((first.0, second.0), (Outcome::Accepted, Outcome::Accepted));
}

#[tokio::test]
async fn implicit_tls_comes_before_the_banner() {
    let script = Script::listen().await;
    let client = trusting_client(&smtp(&script, Tls::Implicit));
    let ((outcome, _), ()) = both(client.send(&mail("a")), async {
        let mut peer = encrypt(script.accept().await).await.unwrap();
        peer.say("220 mail.example").await;
        peer.hello(PIPELINING).await;
        peer.take_mail().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);
}

#[tokio::test]
async fn required_and_not_offered_is_for_the_operator() {
    let script = Script::listen().await;
    let client = trusting_client(&smtp(&script, Tls::Required));
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        script.welcome(PIPELINING).await.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
    assert_eq!(words, "starttls: required, and the server does not offer it");
}

/// Offers STARTTLS with a certificate that this client does not believe; says whether the
/// handshake was done all the same.
async fn offer_to_a_doubter(script: &Script) -> Option<Peer<TlsStream<TcpStream>>> {
    let mut clear = script.welcome(&["STARTTLS"]).await;
    clear.expect("STARTTLS").await;
    clear.say("220 go ahead").await;
    encrypt(clear).await.ok()
}

#[tokio::test]
async fn where_encryption_is_required_what_is_wrong_with_a_certificate_is_for_the_operator() {
    let script = Script::listen().await;
    let mut elsewhere = smtp(&script, Tls::Required);
    elsewhere.url.host = "localhost".to_owned();
    for (client, fault) in [
        (trusting_client(&elsewhere), "is not valid for its name"),
        (client(&smtp(&script, Tls::Required)), "is signed by nobody who is trusted (see ca_file)"),
    ] {
        let ((outcome, words), ()) = both(client.send(&mail("a")), async {
            assert!(offer_to_a_doubter(&script).await.is_none());
        })
        .await;
        assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
        assert!(words.starts_with("tls "), "{words}");
        assert!(words.ends_with(&format!(": the server's certificate {fault}")), "{words}");
    }
}

/// A provider at `host` that trusts the certificates of a file.
fn trusting_file(script: &Script, host: &str, file: &str) -> EmailProviders {
    let port = script.smtp().url.port;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates");
    let config = format!(
        "[[email.providers]]\nname = \"relay\"\nkind = \"smtp\"\n\
         url = \"smtp://{host}:{port}?tls=required\"\nca_file = \"{folder}/{file}\"\n"
    );
    EmailProviders::new(&Config::parse("t", &config).unwrap().email).unwrap()
}

/// Tries once, where the server shows this certificate.
async fn tried(providers: &EmailProviders, script: &Script, own: Own) -> Attempt {
    let (provider, mail) = (providers.get(0).unwrap(), mail("a"));
    let (attempt, ()) = both(provider.send(&mail, &Personal::default(), &|| true, 0), async {
        let mut clear = script.welcome(&["STARTTLS"]).await;
        clear.expect("STARTTLS").await;
        clear.say("220 go ahead").await;
        if let Ok(mut peer) = encrypt_as(clear, own).await {
            peer.hello(PIPELINING).await;
            peer.take_mail().await;
        }
    })
    .await;
    attempt.unwrap().attempt
}

#[tokio::test]
async fn a_file_of_authorities_makes_a_private_one_trusted() {
    let script = Script::listen().await;
    let providers = trusting_file(&script, "127.0.0.1", "authority.pem");
    assert_eq!(tried(&providers, &script, SIGNED).await.outcome, Outcome::Accepted);
    let unasked = tried(&providers, &script, SELF_SIGNED).await;
    assert_eq!(unasked.outcome, Outcome::Permanent(Scope::Configuration));
    let fault = ": the server's certificate is an authority's own, and is not in ca_file itself";
    assert!(unasked.reply.ends_with(fault), "{}", unasked.reply);
}

#[tokio::test]
async fn a_certificate_that_signs_itself_is_trusted_where_it_is_in_the_file() {
    let script = Script::listen().await;
    let providers = trusting_file(&script, "127.0.0.1", "self.pem");
    assert_eq!(tried(&providers, &script, SELF_SIGNED).await.outcome, Outcome::Accepted);
    let stranger = tried(&providers, &script, SIGNED).await;
    assert!(stranger.reply.ends_with("nobody who is trusted (see ca_file)"), "{}", stranger.reply);
    let providers = trusting_file(&script, "localhost", "self.pem");
    let elsewhere = tried(&providers, &script, SELF_SIGNED).await.reply;
    assert!(
        elsewhere.ends_with(": the server's certificate is not valid for its name"),
        "{elsewhere}"
    );
}

#[tokio::test]
async fn a_certificate_that_an_unknown_authority_signed_is_trusted_where_it_is_in_the_file() {
    let script = Script::listen().await;
    let providers = trusting_file(&script, "127.0.0.1", "server.pem");
    assert_eq!(tried(&providers, &script, SIGNED).await.outcome, Outcome::Accepted);
    let providers = trusting_file(&script, "localhost", "server.pem");
    let elsewhere = tried(&providers, &script, SIGNED).await.reply;
    let fault = ": the server's certificate is not valid for its name";
    assert!(elsewhere.ends_with(fault), "{elsewhere}");
}

#[tokio::test]
async fn where_encryption_is_only_welcome_any_certificate_is_better_than_none() {
    let script = Script::listen().await;
    let mut elsewhere = smtp(&script, Tls::Opportunistic);
    elsewhere.url.host = "localhost".to_owned();
    for client in [client(&elsewhere), client(&smtp(&script, Tls::Opportunistic))] {
        let ((outcome, _), ()) = both(client.send(&mail("a")), async {
            let mut peer = offer_to_a_doubter(&script).await.unwrap();
            peer.hello(PIPELINING).await;
            peer.take_mail().await;
        })
        .await;
        assert_eq!(outcome, Outcome::Accepted);
    }
}

#[tokio::test]
async fn where_encryption_is_only_welcome_its_failure_is_no_reason_not_to_write() {
    for answer in [
        Some("220 go ahead"),
        Some("220 go ahead\r\n250 injected"),
        Some("421 going"),
        Some("no SMTP"),
        None,
    ] {
        let script = Script::listen().await;
        let client = client(&smtp(&script, Tls::Opportunistic));
        let ((outcome, words), ()) = both(client.send(&mail("a")), async {
            let mut clear = script.welcome(&["STARTTLS"]).await;
            clear.expect("STARTTLS").await;
            if let Some(answer) = answer {
                clear.say(answer).await;
            }
            drop(clear);
            let mut again = script.welcome(&["STARTTLS", "PIPELINING"]).await;
            again.take_mail().await;
        })
        .await;
        assert_eq!(outcome, Outcome::Accepted, "{answer:?}: {words}");
    }
}

#[tokio::test]
async fn where_encryption_is_required_a_server_that_hangs_up_gets_no_mail_in_the_clear() {
    let script = Script::listen().await;
    let client = client(&smtp(&script, Tls::Required));
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut clear = script.welcome(&["STARTTLS"]).await;
        clear.expect("STARTTLS").await;
    })
    .await;
    assert_eq!((outcome, words.as_str()), (Outcome::Transient, "starttls: connection closed"));
}

#[tokio::test]
async fn a_password_is_never_handed_to_a_stranger() {
    let script = Script::listen().await;
    let mut smtp = smtp(&script, Tls::Opportunistic);
    let password = SecretString::from("secret");
    smtp.url.credentials = Some(Credentials { user: "bellhop".to_owned(), password });
    let ((outcome, words), ()) = both(client(&smtp).send(&mail("a")), async {
        assert!(offer_to_a_doubter(&script).await.is_none());
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
    assert!(words.ends_with(" is signed by nobody who is trusted (see ca_file)"), "{words}");
}

#[tokio::test]
async fn words_in_the_clear_behind_starttls_are_not_believed() {
    let script = Script::listen().await;
    let client = trusting_client(&smtp(&script, Tls::Required));
    let ((outcome, words), ()) = both(client.send(&mail("a")), async {
        let mut clear = script.welcome(&["STARTTLS"]).await;
        clear.expect("STARTTLS").await;
        clear.say("220 go ahead\r\n250 injected").await;
        clear.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Transient);
    assert!(words.starts_with("starttls: not SMTP"), "{words}");
}

#[tokio::test]
async fn opportunistic_goes_in_the_clear_but_never_with_a_password() {
    let script = Script::listen().await;
    let mut smtp = smtp(&script, Tls::Opportunistic);
    let ((outcome, _), ()) = both(trusting_client(&smtp).send(&mail("a")), async {
        let mut peer = script.welcome(&["STARTTLS", "PIPELINING"]).await;
        peer.expect("STARTTLS").await;
        peer.say("454 4.7.0 not now").await;
        peer.take_mail().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Accepted);

    let password = SecretString::from("secret");
    smtp.url.credentials = Some(Credentials { user: "bellhop".to_owned(), password });
    let ((outcome, words), ()) = both(trusting_client(&smtp).send(&mail("a")), async {
        script.welcome(&["AUTH PLAIN"]).await.expect_end().await;
    })
    .await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
    assert_eq!(words, "auth: the password would go in the clear");
}
