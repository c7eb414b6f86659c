//! The units for systemd, as systemd itself reads them.

use std::path::Path;
use std::process::Command;

/// What `systemd-analyze security` calls "OK" ends at 45; `bellhop.service` says that it is held
/// to this.
const EXPOSURE_MAX: &str = "--threshold=15";
/// What the template may have another of: it is one of several.
const OF_AN_INSTANCE: [&str; 7] = [
    "Description=",
    "ExecStart=",
    "StateDirectory=",
    "WorkingDirectory=",
    "# Secrets, read",
    "#LoadCredential=",
    "# Hardening:",
];

const ONE: &str = include_str!("../../systemd/bellhop.service");
const SEVERAL: &str = include_str!("../../systemd/bellhop@.service");

/// Whether systemd has nothing to complain of. The program need not be where it is to be.
fn is_sound(name: &str, text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let text = text.replace("ExecStart=/usr/bin/bellhop ", "ExecStart=/bin/true ");
    std::fs::write(folder.path().join(name), text).unwrap();
    let instance = name.replace('@', "@one");
    let unit = folder.path().join(&instance);
    if instance != name {
        std::os::unix::fs::symlink(folder.path().join(name), &unit).unwrap();
    }
    analyze(&["verify", "--man=no"], &unit)
        && analyze(&["security", "--offline=true", EXPOSURE_MAX], &unit)
}

fn analyze(args: &[&str], unit: &Path) -> bool {
    let output = Command::new("systemd-analyze").args(args).arg(unit).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    println!("{args:?} {}: {}\n{said}", unit.display(), output.status);
    // Newer keys than this systemd knows are left out with a word, and do no harm.
    let folder = unit.parent().unwrap().display().to_string();
    let complaints = said.lines().filter(|line| line.contains(&folder));
    let known =
        |line: &&str| ["RestartSteps", "RestartMaxDelaySec"].iter().any(|key| line.contains(key));
    output.status.success() && complaints.filter(|line| !known(line)).count() == 0
}

#[test]
fn systemd_takes_both_and_finds_them_tight() {
    assert!(is_sound("bellhop.service", ONE));
    assert!(is_sound("bellhop@.service", SEVERAL));
}

#[test]
fn a_unit_with_a_mistake_or_a_hole_is_found_out() {
    assert!(!is_sound("bellhop.service", &ONE.replace("Type=notify", "Typo=notify")));
    let open = ONE.replace("CapabilityBoundingSet=\n", "").replace("PrivateUsers=yes\n", "");
    let open = open.replace("SystemCallFilter=", "#").replace("ProtectSystem=strict\n", "");
    assert!(!is_sound("bellhop.service", &open));
}

#[test]
fn the_template_is_the_unit_but_for_its_name() {
    let same = |text: &'static str| {
        let own = |line: &&str| !OF_AN_INSTANCE.iter().any(|start| line.starts_with(start));
        text.lines().skip_while(|line| *line != "[Unit]").filter(own).collect::<Vec<_>>()
    };
    assert_eq!(same(ONE), same(SEVERAL));
}
