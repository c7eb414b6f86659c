//! A private PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::broker::services;
use super::daemon::TICKS_PER_SECOND;

pub struct PrivatePostgres {
    folder: TempDir,
}

impl PrivatePostgres {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("bellhop-bench").tempdir().unwrap();
        services("postgres-start", folder.path());
        Self { folder }
    }

    pub fn url(&self) -> String {
        let port = std::fs::read_to_string(self.folder.path().join("postgres/port")).unwrap();
        format!("postgres://bellhop@127.0.0.1:{}/postgres", port.trim())
    }

    /// What its processes took so far, those that have ended too.
    pub fn cpu(&self) -> Duration {
        let pid_file = self.folder.path().join("postgres/data/postmaster.pid");
        let first = std::fs::read_to_string(pid_file).unwrap();
        let parent: u32 = first.lines().next().unwrap().parse().unwrap();
        let children = processes().filter(|stat| field(stat, PARENT) == u64::from(parent));
        let own = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap();
        let ticks = children.map(|stat| field(&stat, USER) + field(&stat, SYSTEM)).sum::<u64>()
            + [USER, SYSTEM, ENDED_USER, ENDED_SYSTEM]
                .map(|of| field(&own, of))
                .iter()
                .sum::<u64>();
        Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        services("postgres-stop", self.folder.path());
    }
}

// proc_pid_stat(5), counted behind the name in brackets.
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
const ENDED_USER: usize = 13;
const ENDED_SYSTEM: usize = 14;

fn field(stat: &str, number: usize) -> u64 {
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    fields.split(' ').nth(number).and_then(|field| field.parse().ok()).unwrap_or_default()
}

fn processes() -> impl Iterator<Item = String> {
    let folders = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    folders.filter_map(|path: PathBuf| std::fs::read_to_string(path.join("stat")).ok())
}
