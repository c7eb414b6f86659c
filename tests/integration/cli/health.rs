//! `bellhop health`: one look at a daemon, by whoever may read no token.

use serde_json::Value;

use super::{Command, DEADLINE, Launch, Output, TempDir, bellhop, code, dir, err, free_port, out};

/// A daemon's configuration whose token only the daemon can read, and a broker that is not there.
fn launch(dir: &TempDir, broker_port: u16) -> Launch {
    let http_port = free_port();
    let config = dir.path().join("bellhop.toml");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:{http_port}\"\ntoken = {{ file = \"token\" }}\n\
         [amqp]\nurl = \"amqp://guest:guest@127.0.0.1:{broker_port}/%2f\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let credentials = dir.path().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::write(credentials.join("token"), "0123456789abcdef").unwrap();
    let credentials = credentials.to_str().unwrap().to_owned();
    let environment = vec![("CREDENTIALS_DIRECTORY".to_owned(), credentials)];
    Launch { dir: dir.path().to_owned(), config, http_port, environment }
}

fn health(launch: &Launch, args: &[&str]) -> Output {
    let mut command: Command = bellhop(&["health", "--config"]);
    command.arg(&launch.config).args(args).env_remove("CREDENTIALS_DIRECTORY");
    command.current_dir("/").output().unwrap()
}

#[tokio::test]
async fn a_daemon_without_its_broker_is_alive_and_says_what_does_not_hold() {
    let dir = dir();
    // Nobody listens there.
    let launch = launch(&dir, 1);
    let nobody = health(&launch, &[]);
    assert_eq!((code(&nobody), out(&nobody)), (1, String::new()));
    let asked = format!("http://127.0.0.1:{}/readyz", launch.http_port);
    let said = format!(
        "bellhop: GET {asked}: nobody listens there; is the daemon running? Look at its log, and at \
         [http] listen\n"
    );
    assert_eq!(err(&nobody), said);

    let mut daemon = launch.spawn();
    daemon.wait_listening(DEADLINE).await;
    let told = health(&launch, &[]);
    assert_eq!(code(&told), 1, "{}", err(&told));
    for (check, holds) in [("store", "yes"), ("broker_commands", "no"), ("broker_events", "no")] {
        let line =
            out(&told).lines().find(|line| line.trim().starts_with(check)).unwrap().to_owned();
        assert_eq!(line.split_whitespace().nth(1), Some(holds), "{line}");
    }
    assert_eq!(err(&told), "bellhop: not ready: broker_commands, broker_events\n");
    let json: Value = serde_json::from_str(&out(&health(&launch, &["--format", "json"]))).unwrap();
    assert_eq!(json["ready"], false);

    // No reason to start it anew.
    let alive = health(&launch, &["--alive"]);
    assert_eq!((code(&alive), out(&alive).as_str()), (0, "alive\n"), "{}", err(&alive));
}
