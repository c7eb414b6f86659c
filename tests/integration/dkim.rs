//! Mails are signed in the name of the domain that they are from: another implementation agrees.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::json;

use crate::support::{Options, World, command, eventually, http, salon};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
/// A client whose mails can be stopped by one click.
const NOTICE: &str = "notice.send";

/// A new private key by openssl.
fn key(folder: &std::path::Path, name: &str, options: &[&str]) -> String {
    let path = folder.join(name);
    let made = Command::new("openssl")
        .arg("genpkey")
        .args(options)
        .arg("-out")
        .arg(&path)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    path.display().to_string()
}

/// What dkimpy says of each signature.
fn verified(mail: &str, records: &serde_json::Value) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_dkim.py");
    let mut python = Command::new("/usr/bin/python3")
        .args([script, &records.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The TXT records that `bellhop dkim` prints, by name.
fn records(config: &str) -> serde_json::Value {
    let printed = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["dkim", "--config", config])
        .output()
        .unwrap();
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).unwrap();
    let record = |line: &str| {
        let (name, rest) = line.split_once(". IN TXT ( ").unwrap();
        let pieces: String = rest.split('"').skip(1).step_by(2).collect();
        (name.to_owned(), json!(pieces))
    };
    printed.lines().map(record).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn every_mail_is_signed_by_each_key_of_its_domain() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = key(folder.path(), "rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let ed25519 = key(folder.path(), "ed", &["-algorithm", "ed25519"]);
    let one = |selector: &str, file: &str| {
        format!(
            "[[email.dkim]]\ndomain = \"bellhop.example\"\nselector = \"{selector}\"\n\
             key = {{ file = \"{file}\" }}\n"
        )
    };
    let links = "[links]\nurl = \"https://links.example.com\"\n\
                 key = \"a secret of at least 32 bytes: 0123\"\n";
    let extra_config = format!("{}{}{links}", one("r1", &rsa), one("e1", &ed25519));
    let environment = vec![("BELLHOP__EMAIL__FROM", "post@mail.bellhop.example".to_owned())];
    let world = World::start(Options { extra_config, environment, ..Options::default() }).await;
    let notice = json!({
        "notice": "n1", "title": "Èrbe  e  tè", "body": "Siamo chiusi.\n\n \n", "channels": ["email"],
        "audience": { "all": true },
    });
    let commands = [
        salon::open(SALON),
        salon::client(SALON, "c0"),
        salon::booking(SALON, "b0", "c0", salon::START),
        command(SALON, "notice", NOTICE, notice),
    ];
    http::take(&world.http(), &commands).await;
    let mails = eventually("both mails", DEADLINE, || async {
        let mails = world.sink.accepted();
        (mails.len() == 2).then_some(mails)
    })
    .await;
    let records = records(&world.config_path().display().to_string());
    assert_eq!(records.as_object().unwrap().len(), 2, "{records}");
    for mail in mails {
        let mail = mail.mail;
        assert_eq!(verified(&mail, &records), ["good", "good"], "{mail}");
        for (what, forged) in [
            ("body", mail.replacen("\n\n", "\n\nx", 1)),
            ("subject", mail.replacen("\nSubject:", "\nSubject: Re:", 1)),
            ("a second sender", format!("From: eve@bellhop.example\n{mail}")),
            ("a recipient", format!("Cc: eve@bellhop.example\n{mail}")),
        ] {
            assert_ne!(forged, mail);
            assert_eq!(verified(&forged, &records), ["bad", "bad"], "{what}");
        }
        if let Some(at) = mail.find("\nList-Unsubscribe-Post:") {
            let (head, rest) = mail.split_at(at + 1);
            let rest = &rest[rest.find('\n').unwrap() + 1..];
            assert_eq!(verified(&format!("{head}{rest}"), &records), ["bad", "bad"]);
        }
    }
    assert!(!world.log().contains("PRIVATE KEY"));
    world.finish().await;
}
