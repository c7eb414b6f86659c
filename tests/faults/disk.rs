//! The disk is full, and has room again.

use std::{
    fs::File,
    io::Write,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::stage::{Setup, Stage, Store};
use crate::support::eventually;
use crate::table::rounds;

/// Room for the write-ahead log, which may take some tens of MiB between two times that it is
/// emptied: on a disk that it fills by itself it cannot be folded.
const SIZE: &str = "size=192m";
const PIECE: [u8; 4096] = [0; 4096];
const DEADLINE: Duration = Duration::from_secs(60);

/// A small file system of its own, gone on drop.
struct Disk {
    dir: TempDir,
}

impl Disk {
    /// Nothing where that is not allowed.
    fn mounted() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "none"]).arg(dir.path());
        let is_mounted = mount.status().is_ok_and(|status| status.success());
        is_mounted.then_some(Self { dir })
    }

    /// Takes whatever room there is, until it is given back.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        while ballast.write_all(&PIECE).is_ok() {}
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.dir.path().join("ballast")
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.dir.path()).status();
    }
}

#[tokio::test]
async fn the_disk_is_full_and_has_room_again() {
    const FULL: &str = "the store is unavailable";
    let Some(disk) = Disk::mounted() else {
        eprintln!("skipped: this user may mount nothing, so no disk can be filled");
        return;
    };
    let rounds = rounds(1);
    let store = Store::SqliteAt(disk.path().join("bellhop.db"));
    let fault = "disk full on SQLite (from when it has room)";
    let mut stage = Stage::begin(Setup { store, ..Setup::of(fault, rounds, 1) }).await;
    for _ in 0..rounds {
        stage.moves_on().await;
        let told = stage.daemon(0).log().matches(FULL).count();
        disk.fill();
        let daemon = stage.daemon(0);
        eventually("the daemon says that it cannot write", DEADLINE, || {
            let tells = daemon.log().matches(FULL).count() > told;
            async move { tells.then_some(()) }
        })
        .await;
        std::fs::remove_file(disk.ballast()).unwrap();
        stage.recovers(Instant::now()).await;
    }
    stage.ends().await;
}
