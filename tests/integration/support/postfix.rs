//! A Postfix of the test's own, set up by the very lines that `docs/postfix.md` tells operators.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{
    ports::free_port,
    services::{script, variable},
    world::World,
};

const DOCS: &str = include_str!("../../../docs/postfix.md");
const CERTIFICATES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates");
/// As in the documentation.
const HOST: &str = "mail.example.com";
/// The one that it takes.
pub const PASSWORD: &str = "s3same";
/// What of this site the documentation cannot know: whoever is no domain of ours is behind another
/// server; a user of `gone.example` is none; nothing waits long.
const SITE: &str = "\
myhostname = mail.example.com
mydestination = example.com
alias_maps = hash:/etc/postfix/aliases
virtual_alias_domains = gone.example
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = check_recipient_access inline:{{late.example = 450 4.2.1 later}}
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
delay_warning_time = 1s
";

/// See the module. Stopped on drop.
#[derive(Debug)]
pub struct Postfix {
    dir: TempDir,
}

/// Where one will listen; known before it runs.
#[derive(Debug, Clone, Copy)]
pub struct Submission(u16);

impl Submission {
    /// A port of its own.
    pub fn new() -> Self {
        Self(free_port())
    }

    /// The address for `[[email.providers]] url`, with this password.
    pub fn url(self, password: &str) -> String {
        format!("smtp://bellhop:{password}@127.0.0.1:{}?tls=required", self.0)
    }

    /// Whom to trust, as a table for the end of the configuration.
    pub fn trust() -> String {
        format!("[email.provider_defaults]\nca_file = \"{CERTIFICATES}/authority.pem\"\n")
    }

    /// Starts it in front of the world's sink; bounces go to the world's daemon.
    pub async fn start(self, world: &World) -> Postfix {
        // Below the folder of the services, so that whoever stops those stops this too.
        let dir = tempfile::Builder::new()
            .prefix("postfix-")
            .tempdir_in(variable("BELLHOP_TEST_SERVICES_DIR"))
            .unwrap();
        let place = Place { dir: dir.path().to_owned(), port: self.0 };
        place.fill(world);
        let path = dir.path().to_owned();
        spawn_blocking(move || script("postfix-start", &path, &[])).await.unwrap();
        Postfix { dir }
    }
}

impl Postfix {
    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("postfix/log/mail.log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("---- postfix log ----\n{}", self.log());
        }
        script("postfix-stop", self.dir.path(), &[]);
    }
}

/// Files of one that does not run yet.
struct Place {
    dir: PathBuf,
    port: u16,
}

impl Place {
    fn fill(&self, world: &World) {
        let (own, etc) = (self.dir.join("postfix"), self.dir.join("postfix/etc"));
        for folder in ["sasl", "tls"] {
            fs::create_dir_all(etc.join(folder)).unwrap();
        }
        // Whoever hands a bounce in is nobody in particular.
        fs::set_permissions(&self.dir, fs::Permissions::from_mode(0o755)).unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_bellhop"));
        let here = self.dir.join("bellhop");
        fs::hard_link(binary, &here).or_else(|_| fs::copy(binary, &here).map(drop)).unwrap();
        let listen = world.http().replace("http://", "");
        let bounce = self.told("/etc/bellhop/bounce.toml").replace("127.0.0.1:8025", &listen);
        // The daemon of the test asks for no token.
        let bounce: Vec<_> = bounce.lines().filter(|line| !line.starts_with("token")).collect();
        fs::write(self.dir.join("bounce.toml"), bounce.join("\n")).unwrap();

        let relay = world.sink.url().replace("smtp://127.0.0.1", "[127.0.0.1]");
        let site = self.here(SITE);
        let main = format!("{site}relayhost = {relay}\n{}", self.told("/etc/postfix/main.cf"));
        fs::write(own.join("main.cf"), main).unwrap();
        fs::write(own.join("master.cf"), self.told("/etc/postfix/master.cf")).unwrap();
        fs::write(etc.join("transport"), self.told("/etc/postfix/transport")).unwrap();
        fs::write(etc.join("aliases"), self.told("/etc/aliases")).unwrap();
        let sasl = self.told("/etc/postfix/sasl/smtpd.conf");
        fs::write(etc.join("sasl/smtpd.conf"), sasl).unwrap();
        for (from, to) in [("server.pem", "cert.pem"), ("server.key.pem", "key.pem")] {
            fs::copy(format!("{CERTIFICATES}/{from}"), etc.join("tls").join(to)).unwrap();
        }
        add_user(&etc.join("sasl/users.db"));
    }

    /// What the documentation says is to stand in a file, as it must read here.
    fn told(&self, file: &str) -> String {
        let blocks = DOCS.split("\n```").skip(1).step_by(2);
        let texts = blocks.filter_map(|block| block.split_once('\n').map(|(_, text)| text));
        let heading = format!("# {file}\n");
        let of_file: Vec<_> = texts.filter_map(|text| text.strip_prefix(&heading)).collect();
        assert!(!of_file.is_empty(), "{file} is not in docs/postfix.md");
        self.here(&of_file.join("\n")) + "\n"
    }

    fn here(&self, text: &str) -> String {
        let dir = self.dir.display();
        let port = format!("127.0.0.1:{} inet", self.port);
        text.replace("/etc/postfix", &format!("{dir}/postfix/etc"))
            .replace("/etc/bellhop", &dir.to_string())
            .replace("/usr/bin/bellhop", &format!("{dir}/bellhop"))
            .replace("submission inet", &port)
            .replace("user=bellhop-bounce", "user=nobody")
    }
}

fn add_user(users: &Path) {
    let mut program = Command::new("/usr/sbin/saslpasswd2")
        .args(["-p", "-c", "-f"])
        .arg(users)
        .args(["-u", HOST, "bellhop"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("saslpasswd2, of the package sasl2-bin");
    program.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(program.wait().unwrap().success());
    // It is of the test's user, and read by Postfix's.
    fs::set_permissions(users, fs::Permissions::from_mode(0o644)).unwrap();
}
