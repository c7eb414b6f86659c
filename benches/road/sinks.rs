//! Where mail goes: Postfix's smtp-sink, and a sink of our own that knows when.

use std::collections::HashMap;
use std::net::{TcpListener as Probe, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const SBIN: &str = "/usr/sbin";
const START_DEADLINE: Duration = Duration::from_secs(10);

pub struct SmtpSink {
    child: Child,
    port: u16,
}

impl SmtpSink {
    pub fn start() -> Self {
        let port = Probe::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(format!("{SBIN}/smtp-sink"))
            .args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
            .stdout(Stdio::null())
            .spawn()
            .expect("smtp-sink, of the package postfix");
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < START_DEADLINE, "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections are taken by the kernel, and nobody speaks.
    pub fn falls_silent(&self) {
        self.signal("-STOP");
    }

    pub fn speaks_again(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long Postfix's own load generator takes for so many mails, each in one session.
pub fn smtp_source(port: u16, mails: usize) -> Duration {
    smtp_source_with(port, mails, 20)
}

/// The same with so many sessions.
pub fn smtp_source_with(port: u16, mails: usize, sessions: usize) -> Duration {
    let started = Instant::now();
    let status = Command::new(format!("{SBIN}/smtp-source"))
        .args(["-d", "-s", &sessions.to_string(), "-m", &mails.to_string()])
        .args(["-f", "no-reply@example.com", "-t", "client@example.com"])
        .arg(format!("127.0.0.1:{port}"))
        .status()
        .expect("smtp-source, of the package postfix");
    assert!(status.success());
    started.elapsed()
}

/// When each recipient's mail was taken.
pub type Taken = Arc<Mutex<HashMap<String, Instant>>>;

/// Takes every mail and notes when.
pub async fn timing_sink() -> (u16, Taken) {
    paced_sink(f64::INFINITY).await
}

/// When the next mail may be taken, and how long after it the one behind.
struct Pace {
    next: tokio::sync::Mutex<Instant>,
    period: Duration,
}

impl Pace {
    async fn turn(&self) {
        if self.period.is_zero() {
            return;
        }
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + self.period;
            turn
        };
        tokio::time::sleep_until(turn.into()).await;
    }
}

/// Takes so many mails a second at most, over all connections, and notes when.
pub async fn paced_sink(rate: f64) -> (u16, Taken) {
    let pace = Pace { next: Instant::now().into(), period: Duration::from_secs_f64(1.0 / rate) };
    let pace = Arc::new(pace);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Taken::default();
    let book = taken.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(stream, book.clone(), pace.clone()));
        }
    });
    (port, taken)
}

async fn serve(
    stream: tokio::net::TcpStream,
    taken: Taken,
    pace: Arc<Pace>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 sink\r\n").await?;
    let (mut line, mut to, mut in_data) = (String::new(), String::new(), false);
    loop {
        line.clear();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if in_data {
            if line == ".\r\n" {
                in_data = false;
                pace.turn().await;
                taken.lock().unwrap().insert(std::mem::take(&mut to), Instant::now());
                write.write_all(b"250 2.0.0 taken\r\n").await?;
            }
            continue;
        }
        let reply: &[u8] = match line.get(..4).unwrap_or("").to_ascii_uppercase().as_str() {
            "EHLO" => b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                address.unwrap().0.clone_into(&mut to);
                b"250 2.1.5 ok\r\n"
            }
            "DATA" => {
                in_data = true;
                b"354 go\r\n"
            }
            _ => b"250 2.0.0 ok\r\n",
        };
        write.write_all(reply).await?;
    }
}
