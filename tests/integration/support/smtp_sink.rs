//! Postfix's smtp-sink(1) as a process: a server that is not ours.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpStream,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{eventually::eventually, ports::free_port};

const START_DEADLINE: Duration = Duration::from_secs(20);
const CONNECTIONS_MAX: &str = "256";
const BACKLOG: &str = "256";

/// What smtp-sink does to every mail; it cannot mix.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// Takes all.
    Accept,
    /// Answers RCPT with 450.
    RefuseForNow,
    /// Answers RCPT with 500.
    RefuseForGood,
    /// Stores the mail and cuts the connection instead of replying to the final dot.
    DropStored,
    /// Replies to the final dot after a pause.
    Slow(Duration),
}

/// A running smtp-sink, killed on drop.
#[derive(Debug)]
pub struct SmtpSink {
    child: Child,
    port: u16,
    mails: TempDir,
}

impl SmtpSink {
    /// Starts it on a free port and waits until it listens.
    pub async fn start(mode: Mode) -> Self {
        let port = free_port();
        let mails = tempfile::Builder::new().prefix("bellhop-sink").tempdir().unwrap();
        let mut command = Command::new(program());
        command.args(["-m", CONNECTIONS_MAX]).args(options(mode));
        command.arg("-d").arg(mails.path().join("mail."));
        if is_root(mails.path()) {
            // As root it insists on giving its privileges away.
            fs::set_permissions(mails.path(), fs::Permissions::from_mode(0o777)).unwrap();
            command.args(["-u", "nobody"]);
        }
        command.arg(format!("127.0.0.1:{port}")).arg(BACKLOG).stdin(Stdio::null());
        let mut child = command.spawn().expect("smtp-sink, of the package postfix");
        eventually("smtp-sink listens", START_DEADLINE, || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "smtp-sink ended: {ended:?}");
            let listens = TcpStream::connect(("127.0.0.1", port)).is_ok();
            async move { listens.then_some(()) }
        })
        .await;
        Self { child, port, mails }
    }

    /// The address for `[[email.providers]] url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The Message-IDs each recipient got, duplicates included.
    pub fn by_recipient(&self) -> BTreeMap<String, Vec<String>> {
        let mut mails = BTreeMap::<_, Vec<_>>::new();
        for entry in fs::read_dir(self.mails.path()).unwrap() {
            let dump = fs::read(entry.unwrap().path()).unwrap_or_default();
            if let Some((recipient, message_id)) = read_dump(&String::from_utf8_lossy(&dump)) {
                mails.entry(recipient).or_default().push(message_id);
            }
        }
        mails
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn options(mode: Mode) -> Vec<String> {
    let words: &[&str] = match mode {
        Mode::Accept => &[],
        Mode::RefuseForNow => &["-r", "RCPT"],
        Mode::RefuseForGood => &["-f", "RCPT"],
        Mode::DropStored => &["-q", "."],
        Mode::Slow(pause) => return vec!["-W".to_owned(), format!(".:{}", pause.as_secs())],
    };
    words.iter().map(ToString::to_string).collect()
}

/// Debian keeps it out of an ordinary user's PATH.
fn program() -> PathBuf {
    let usual = Path::new("/usr/sbin/smtp-sink");
    if usual.exists() { usual.to_owned() } else { "smtp-sink".into() }
}

fn is_root(own_folder: &Path) -> bool {
    fs::metadata(own_folder).unwrap().uid() == 0
}

/// Recipient and Message-ID of a dump: headers of smtp-sink's own, then the mail.
fn read_dump(dump: &str) -> Option<(String, String)> {
    let header = |name: &str| {
        let value = dump.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        value.unwrap_or_default()
    };
    let recipient = header("X-Rcpt-Args");
    let recipient = recipient.trim_start_matches('<').split('>').next().unwrap_or_default();
    (!recipient.is_empty()).then(|| (recipient.to_owned(), header("Message-ID")))
}
