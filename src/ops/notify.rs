//! Telling systemd how the service is (`Type=notify`, `WatchdogSec=`; sd_notify(3)).
//!
//! Everything here does nothing where there is no service manager. A status is one line that
//! `systemctl status bellhop` shows; it must hold no personal data.

use std::time::Duration;

use sd_notify::NotifyState;

/// Start-up is finished.
pub fn ready(status: &str) {
    let status = one_line(status);
    send(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The service is stopping.
pub fn stopping(status: &str) {
    let status = one_line(status);
    send(&[NotifyState::Stopping, NotifyState::Status(&status)]);
}

/// The service is alive: to be said every [`watchdog_interval`] for as long as it makes progress.
pub fn watchdog() {
    send(&[NotifyState::Watchdog]);
}

/// How often [`watchdog`] is due: half of `WatchdogSec=`, as sd_watchdog_enabled(3) advises.
/// `None` where nobody watches.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()).map(|limit| limit / 2)
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot reach systemd");
    }
}

/// A line break would begin another assignment of the protocol.
fn one_line(status: &str) -> String {
    status.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;
    use std::process::{Command, Stdio};

    const SPEAKER: &str = "ops::notify::tests::speaker";

    /// Not a test of its own: what [`systemd_hears_every_state`] runs with a socket of its own.
    #[test]
    fn speaker() {
        if std::env::var_os("BELLHOP_TEST_SPEAKER").is_none() {
            return;
        }
        assert_eq!(watchdog_interval(), Some(Duration::from_secs(3)));
        ready("serving\nREADY=0");
        watchdog();
        stopping("bye");
    }

    #[test]
    fn systemd_hears_every_state() {
        let path = std::env::temp_dir().join(format!("bellhop-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let done = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", SPEAKER])
            .env("BELLHOP_TEST_SPEAKER", "1")
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "6000000")
            .env_remove("WATCHDOG_PID")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success());
        let heard = || {
            let mut buffer = [0; 256];
            let length = socket.recv(&mut buffer).unwrap();
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        assert_eq!(heard(), "READY=1\nSTATUS=serving READY=0\n");
        assert_eq!(heard(), "WATCHDOG=1\n");
        assert_eq!(heard(), "STOPPING=1\nSTATUS=bye\n");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn without_systemd_nothing_happens() {
        ready("nobody listens");
        assert_eq!(watchdog_interval(), None);
    }
}
