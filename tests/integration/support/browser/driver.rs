//! chromedriver as a process, and one session of it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use super::Habits;
use crate::support::{eventually::eventually, http, ports::free_port};

const DEADLINE: Duration = Duration::from_secs(60);
/// A browser starts within this on a busy machine, and does anything else.
const TIMEOUT: Duration = Duration::from_secs(60);
/// For it to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Nothing that the browser does for itself; no sandbox, which root cannot have.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
];
/// As Chromium's `ContentSetting` has it.
const BLOCK: u8 = 2;

/// See the module. Ends with its browser on drop.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
    /// The base of a session's addresses.
    session: String,
}

impl Driver {
    /// Starts both.
    pub async fn start(habits: &Habits, profile: &Path) -> Self {
        let port = free_port();
        let mut child = Command::new(program())
            .arg(format!("--port={port}"))
            .arg("--log-level=SEVERE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("chromedriver, of the package chromium-driver");
        eventually("chromedriver listens", DEADLINE, || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "chromedriver ended: {ended:?}");
            async move { http::get(&format!("http://127.0.0.1:{port}/status")).await }
        })
        .await;
        // Whatever happens from here on, it ends.
        let mut driver = Self { child, port, session: format!("http://127.0.0.1:{port}/session") };
        let wanted = json!({ "capabilities": { "alwaysMatch": wishes(habits, profile) } });
        let session = driver.post("", wanted).await;
        driver.session = format!("{}/{}", driver.session, session["sessionId"].as_str().unwrap());
        driver
    }

    /// POSTs below the session's address; returns the value of the answer.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.session);
        value(path, http::client().post(url).json(&body)).await
    }

    /// GETs below the session's address; returns the value of the answer.
    pub async fn get(&self, path: &str) -> Value {
        value(path, http::client().get(format!("{}{path}", self.session))).await
    }

    /// Without a runtime, since this is for a test that may be failing.
    fn close(&self) -> std::io::Result<()> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.set_read_timeout(Some(CLOSE_TIMEOUT))?;
        line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        line.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed at once, it would leave its browser behind.
        let _ = self.close();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// <https://developer.chrome.com/docs/chromedriver/capabilities>
fn wishes(habits: &Habits, profile: &Path) -> Value {
    let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    let mut preferences = json!({ "intl.accept_languages": habits.languages });
    if !habits.scripts {
        preferences["profile.managed_default_content_settings.javascript"] = json!(BLOCK);
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": flags, "prefs": preferences },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}

async fn value(path: &str, request: reqwest::RequestBuilder) -> Value {
    let mut answer = http::ask(request.timeout(TIMEOUT)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body["value"].take()
}

/// Debian's, wherever else another may lie.
fn program() -> PathBuf {
    let usual = Path::new("/usr/bin/chromedriver");
    if usual.exists() { usual.to_owned() } else { "chromedriver".into() }
}
