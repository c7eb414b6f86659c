//! Mails are signed in the name of the domain that they are from: two other implementations agree.

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

/// Who says of each signature of a mail whether it is `good` or `bad`, by records of TXT.
type Reader = fn(&str, &serde_json::Value) -> Vec<String>;
const READERS: [(&str, Reader); 2] = [("dkimpy", by_dkimpy), ("opendkim", by_opendkim)];

/// A program's output, to which the mail is its input.
fn printed(program: &mut Command, mail: &str) -> String {
    let pipes = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn by_dkimpy(mail: &str, records: &serde_json::Value) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_dkim.py");
    let mut python = Command::new("/usr/bin/python3");
    let said = printed(python.args([script, &records.to_string()]), mail);
    said.lines().map(str::to_owned).collect()
}

/// The filter of many mail servers, in its test mode.
fn by_opendkim(mail: &str, records: &serde_json::Value) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (keys, settings) = (folder.path().join("keys"), folder.path().join("opendkim.conf"));
    let record = |(name, text): (&String, &serde_json::Value)| {
        format!("{} {}\n", name.trim_end_matches('.'), text.as_str().unwrap())
    };
    let lines: String = records.as_object().unwrap().iter().map(record).collect();
    std::fs::write(&keys, lines).unwrap();
    let text = format!("Mode v\nSyslog no\nTestPublicKeys {}\n", keys.display());
    std::fs::write(&settings, text).unwrap();
    let mut opendkim = Command::new("/usr/sbin/opendkim");
    let said = printed(opendkim.arg("-x").arg(settings).args(["-t", "-", "-vv"]), mail);
    // A header field of RFC 8601 that it would insert.
    let results = said.lines().filter_map(|line| line.trim().strip_prefix("dkim="));
    let word = |result: &str| if result.starts_with("pass ") { "good" } else { "bad" };
    results.map(|result| word(result).to_owned()).collect()
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

fn assert_all_refuse(forged: &str, records: &serde_json::Value, what: &str) {
    for (name, reader) in READERS {
        assert_eq!(reader(forged, records), ["bad", "bad"], "{what}: {name}");
    }
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
        for (name, reader) in READERS {
            assert_eq!(reader(&mail, &records), ["good", "good"], "{name}: {mail}");
        }
        for (what, forged) in [
            ("body", mail.replacen("\n\n", "\n\nx", 1)),
            ("subject", mail.replacen("\nSubject:", "\nSubject: Re:", 1)),
            ("a second sender", format!("From: eve@bellhop.example\n{mail}")),
            ("a recipient", format!("Cc: eve@bellhop.example\n{mail}")),
        ] {
            assert_ne!(forged, mail);
            assert_all_refuse(&forged, &records, what);
        }
        if let Some(at) = mail.find("\nList-Unsubscribe-Post:") {
            let (head, rest) = mail.split_at(at + 1);
            let rest = &rest[rest.find('\n').unwrap() + 1..];
            assert_all_refuse(&format!("{head}{rest}"), &records, "one click taken away");
        }
    }
    assert!(!world.log().contains("PRIVATE KEY"));
    world.finish().await;
}
