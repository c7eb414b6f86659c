//! A broker and a database that are reached by TLS, with a certificate of the operator's own
//! authority.

use std::{sync::Arc, time::Duration};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::support::{
    Options, World, database::Database, eventually, load::Load, postgres_server::PostgresServer,
};

const DEADLINE: Duration = Duration::from_secs(60);
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates");

/// Speaks TLS for 127.0.0.1, and hands on to the broker in the clear; returns its port.
async fn listen(broker: String) -> u16 {
    let pem = |file: &str| std::fs::read(format!("{FOLDER}/{file}")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(&pem("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&pem("server.key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, broker) = (acceptor.clone(), broker.clone());
            tokio::spawn(async move {
                // Whoever does not trust us hangs up.
                let Ok(mut encrypted) = acceptor.accept(stream).await else { return };
                let mut clear = TcpStream::connect(broker).await.unwrap();
                let _ = copy_bidirectional(&mut encrypted, &mut clear).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_broker_of_a_private_authority_is_trusted_where_it_is_named() {
    let mut world = World::start(Options { without_daemon: true, ..Options::default() }).await;
    let url = world.vhost.url();
    let rest = url.split_once('@').unwrap().1;
    let (address, vhost) = rest.split_once('/').unwrap();
    let port = listen(address.to_owned()).await;
    let encrypted = format!("amqps://guest:guest@127.0.0.1:{port}/{vhost}");
    world.launch.environment.push(("BELLHOP__AMQP__URL".to_owned(), encrypted));

    world.spawn_daemon();
    eventually("nobody vouches for the broker", DEADLINE, || async {
        let log = world.log();
        (log.contains("the broker cannot be used")
            && log.contains("signed by nobody who is trusted"))
        .then_some(())
    })
    .await;
    assert!(world.stop_daemon().await.success());

    let authority = format!("{FOLDER}/authority.pem");
    world.launch.environment.push(("BELLHOP__AMQP__CA_FILE".to_owned(), authority));
    world.start_daemon().await;
    let load = Load::new(2, 20);
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    world.finish().await;
}

const NOBODY: &str = "signed by nobody who is trusted (see sslrootcert)";
const OTHER_NAME: &str = "the server's certificate is not valid for its name";
/// Of the daemon's sessions: all, and those in the clear.
const SESSIONS: &str = "SELECT count(*), count(*) FILTER (WHERE NOT ssl) \
    FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
    WHERE datname = current_database() AND application_name = 'bellhop'";

#[tokio::test]
async fn a_database_of_a_private_authority_is_trusted_where_it_is_named() {
    let file = |name: &str| format!("{FOLDER}/{name}");
    let server =
        PostgresServer::with_certificate(&file("server.pem"), &file("server.key.pem")).await;
    let database = Database::on(&server.url()).await;
    let port = database.port();
    let (authority, stranger) = (file("authority.pem"), file("self.pem"));
    let trusting = format!("sslmode=verify-full&sslrootcert={authority}");
    let database = Some(database.reached("127.0.0.1", port, &trusting));
    let options = Options { database, without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    let told = world.launch.environment.clone();
    let url = told.iter().find(|(name, _)| name == "BELLHOP__STORE__URL").unwrap().1.clone();
    let (base, _) = url.split_once('?').unwrap();
    let elsewhere = base.replace("127.0.0.1", "localhost");

    for (url, why) in [
        (format!("{base}?sslmode=verify-full&sslrootcert={stranger}"), NOBODY),
        (format!("{base}?sslmode=verify-ca&sslrootcert={stranger}"), NOBODY),
        (format!("{base}?sslmode=verify-full"), NOBODY),
        (format!("{elsewhere}?sslmode=verify-full&sslrootcert={authority}"), OTHER_NAME),
        (
            format!("{base}?sslmode=verify-full&sslrootcert=/nowhere.pem"),
            "sslrootcert /nowhere.pem: not found",
        ),
    ] {
        world.launch.environment.push(("BELLHOP__STORE__URL".to_owned(), url.clone()));
        let (ok, said) = world.bellhop(&["migrate"]);
        assert!(!ok && said.contains(why), "{url}: {said}");
        // Nor does a daemon wait for it: nothing but a correction helps.
        world.spawn_daemon();
        assert!(!world.daemon().wait(DEADLINE).await.success(), "{url}");
        assert!(world.log().contains(why), "{url}: {}", world.log());
    }
    // Its name is not asked for.
    let any_name = format!("{elsewhere}?sslmode=verify-ca&sslrootcert={authority}");
    world.launch.environment.push(("BELLHOP__STORE__URL".to_owned(), any_name));
    let (ok, said) = world.bellhop(&["migrate"]);
    assert!(ok, "{said}");

    world.launch.environment = told;
    world.start_daemon().await;
    let load = Load::new(2, 20);
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    let sessions: Vec<(i64, i64)> = world.rows(SESSIONS).await;
    assert!(sessions[0].0 > 0 && sessions[0].1 == 0, "all, and in the clear: {sessions:?}");
    world.finish().await;
}
