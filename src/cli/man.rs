//! `bellhop man`: the manual's pages, a page for each subcommand.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// Everybody reads the manual, whatever is private otherwise.
const FILE_MODE: u32 = 0o644;
const MANUAL: &str = "Bellhop";

/// What a section says: a term, and what is told of it.
type Section = &'static [(&'static str, &'static str)];

const EXIT_STATUS: Section = &[
    ("0", "It was done."),
    ("1", "It failed; standard error says why."),
    ("2", "The command line is wrong, or asks for a broker where none is configured."),
    ("75", "For a mail server: the mail is to be handed in again later (bellhop bounce)."),
];
const ENVIRONMENT: Section = &[
    ("BELLHOP_CONFIG", "The configuration, where --config names none."),
    (
        "BELLHOP__SECTION__KEY",
        "A key of the configuration, over the file: BELLHOP__HTTP__LISTEN=127.0.0.1:8025 sets \
         listen in [http].",
    ),
    (
        "CREDENTIALS_DIRECTORY",
        "Where secrets are read that are files with a relative path; systemd sets it for a service \
         with LoadCredential=.",
    ),
    ("RUST_LOG", "What is logged, over [log] filter."),
    ("NO_COLOR", "Set to anything, nothing is coloured."),
];
const FILES: Section = &[
    ("/etc/bellhop/bellhop.toml", "What bellhop.service runs with."),
    ("/etc/bellhop/NAME.toml", "What bellhop@NAME.service runs with."),
    ("/etc/bellhop/credentials/", "Where secrets lie that LoadCredential= hands to the service."),
    (
        "/var/lib/bellhop/",
        "What the service keeps: its store, and mails that are written to files.",
    ),
    (
        "/usr/share/doc/bellhop/examples/bellhop.toml",
        "Every key of the configuration, with its default, unit and range.",
    ),
];
const SIGNALS: Section = &[
    (
        "SIGTERM, SIGINT",
        "The daemon stops, within 30 seconds: what is in flight becomes durable, messages that are \
         being sent get their reply.",
    ),
    ("SIGHUP", "The daemon reads its configuration again, as by bellhop reload."),
];
const EXAMPLES: Section = &[
    ("bellhop demo", "Play a small day, and see who was told what, and why others were not."),
    ("bellhop run --config bellhop.toml", "Run the daemon."),
    ("bellhop health", "See whether it can do its work, and what it cannot."),
    ("bellhop explain --tenant salon-uno --booking b-1", "Tell the story of a booking."),
];

/// Where the pages go.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder, such as /usr/local/share/man/man1; it is made if it is missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes a page for the command line and one for each of its subcommands.
pub fn man(args: &ManArgs, line: Command) -> anyhow::Result<()> {
    let folder = &args.folder;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (name, page) in pages(line)? {
        write(&folder.join(name), &page)?;
    }
    Ok(())
}

fn write(file: &Path, page: &[u8]) -> anyhow::Result<()> {
    let written = fs::write(file, page);
    let readable =
        written.and_then(|()| fs::set_permissions(file, Permissions::from_mode(FILE_MODE)));
    readable.with_context(|| file.display().to_string())
}

/// Each page with the name of its file.
fn pages(line: Command) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut line = line.disable_help_subcommand(true);
    line.build();
    let source = format!("bellhop {}", line.get_version().unwrap_or_default());
    let mut pages = Vec::new();
    let mut open = vec![line];
    while let Some(command) = open.pop() {
        let below = command.get_subcommands().filter(|below| !below.is_hide_set());
        open.extend(below.cloned());
        let is_first = pages.is_empty();
        let man = Man::new(command).source(&source).manual(MANUAL);
        pages.push((man.get_filename(), page(&man, is_first)?));
    }
    Ok(pages)
}

/// The first tells what holds for all of them.
fn page(man: &Man, is_first: bool) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut rest = Roff::new();
    if is_first {
        section(&mut rest, "EXIT STATUS", EXIT_STATUS);
        section(&mut rest, "ENVIRONMENT", ENVIRONMENT);
        section(&mut rest, "FILES", FILES);
        section(&mut rest, "SIGNALS", SIGNALS);
        section(&mut rest, "EXAMPLES", EXAMPLES);
    } else {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("bellhop"), roman("(1), for exit status, environment and files")]);
    }
    page.write_all(rest.to_roff().as_bytes())?;
    Ok(page)
}

fn section(page: &mut Roff, title: &str, terms: Section) {
    page.control("SH", [title]);
    for (term, told) in terms {
        page.control("TP", []);
        page.text([bold(*term)]);
        page.text([roman(*told)]);
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn all() -> Vec<(String, String)> {
        let pages = pages(Cli::command()).unwrap().into_iter();
        pages.map(|(name, page)| (name, String::from_utf8(page).unwrap())).collect()
    }

    #[test]
    fn every_subcommand_has_a_page() {
        let pages = all();
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["bellhop.1", "bellhop-run.1", "bellhop-health.1", "bellhop-store-compact.1"] {
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
        for (name, page) in &pages {
            assert!(page.contains(".SH SYNOPSIS"), "{name}");
            assert_eq!(page.contains(".SH \"EXIT STATUS\""), name == "bellhop.1", "{name}");
        }
    }

    #[test]
    fn pages_are_for_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let args = ManArgs { folder: folder.path().join("man1") };
        man(&args, Cli::command()).unwrap();
        let mode = fs::metadata(args.folder.join("bellhop.1")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, FILE_MODE);
    }
}
