//! The folder that a demo lives in, and leaves behind.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Config;

/// What the clients wrote is nobody else's affair.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Demos of one day under one temporary folder.
const FOLDERS_MAX: u32 = 10_000;

const CONFIG: &str = "bellhop.toml";
const EVENING: &str = "evening.jsonl";
const LOG: &str = "warnings.log";
const OUTBOX: &str = "outbox";
const STORE: &str = "bellhop.db";

/// A folder of our own, with a configuration whose paths are absolute.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder and writes the configuration.
    ///
    /// # Errors
    /// If there is something in it already.
    pub fn make(wanted: Option<&Path>, now: Timestamp) -> anyhow::Result<Self> {
        let path = match wanted {
            Some(path) => given(path)?,
            None => new(&std::env::temp_dir(), now)?,
        };
        let path = path.canonicalize().with_context(|| format!("{}", path.display()))?;
        let folder = Self(path);
        folder.write(CONFIG, &folder.config_text()?)?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration, for `--config`.
    pub fn config_file(&self) -> PathBuf {
        self.0.join(CONFIG)
    }

    /// Where the mails are.
    pub fn outbox(&self) -> PathBuf {
        self.0.join(OUTBOX)
    }

    /// Commands for another time.
    pub fn evening(&self) -> PathBuf {
        self.0.join(EVENING)
    }

    /// What is in force: the file and the defaults, whatever the environment says, this provider of
    /// text messages, which is gone afterwards, and any free port.
    ///
    /// # Errors
    /// None: the file is ours.
    pub fn config(&self, sms: &str) -> anyhow::Result<Config> {
        let text = format!("{}\n{sms}", self.config_text()?);
        let mut config = Config::parse(CONFIG, &text)?;
        config.http.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(config)
    }

    /// A file for the daemon's warnings.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn log(&self) -> anyhow::Result<File> {
        Ok(private().open(self.0.join(LOG))?)
    }

    /// Leaves commands to be published later.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn leave_evening(&self, lines: &str) -> anyhow::Result<()> {
        self.write(EVENING, lines)
    }

    /// For whoever wonders why it did not work.
    pub fn where_to_look(&self) -> String {
        format!("see {}", self.0.join(LOG).display())
    }

    /// Removes the log if nothing was to be warned of.
    pub fn tidy(&self) {
        let log = self.0.join(LOG);
        if fs::metadata(&log).is_ok_and(|about| about.len() == 0) {
            // An empty file more is no harm.
            let _ = fs::remove_file(log);
        }
    }

    fn config_text(&self) -> anyhow::Result<String> {
        let quoted = |path: PathBuf| match path.to_str() {
            Some(path) => Ok(path.to_owned()),
            None => Err(anyhow::anyhow!("{} is not UTF-8", path.display())),
        };
        let store = toml::Value::from(format!("sqlite://{}", quoted(self.0.join(STORE))?));
        let outbox = toml::Value::from(quoted(self.outbox())?);
        Ok(format!(
            "# Made by `bellhop demo`. Everything else is the built-in default; `bellhop \
             check-config`\n# prints all of it.\n\n[store]\nurl = {store}\n\n\
             [email]\nfrom = \"no-reply@bellhop.example\"\n\
             sender_domains = [\"salone-uno.example\"]\n\n\
             [email.provider_defaults]\nfolder = {outbox}\n\n\
             [sms.provider_defaults]\nfolder = {outbox}\n\n\
             [push.provider_defaults]\nfolder = {outbox}\n\n\
             [inbox.provider_defaults]\nfolder = {outbox}\n"
        ))
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.0.join(name);
        private()
            .open(&path)
            .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true).mode(FILE_MODE);
    options
}

fn given(path: &Path) -> anyhow::Result<PathBuf> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path);
    made.with_context(|| format!("cannot make {}", path.display()))?;
    if fs::read_dir(path).with_context(|| format!("{}", path.display()))?.next().is_some() {
        bail!("{} is not empty; name a new folder", path.display());
    }
    Ok(path.to_owned())
}

/// The first name of the day that is free. Making it is what claims it: others write there too.
fn new(under: &Path, now: Timestamp) -> anyhow::Result<PathBuf> {
    let date = now.to_zoned(TimeZone::system()).date();
    for number in 1..=FOLDERS_MAX {
        let path = under.join(format!("bellhop-demo-{date}-{number}"));
        match DirBuilder::new().mode(FOLDER_MODE).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context(format!("cannot make {}", path.display())),
        }
    }
    bail!("{FOLDERS_MAX} demos are enough for a day: name a --folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoreUrl;

    #[test]
    fn each_demo_has_a_folder_of_its_own() {
        let under = tempfile::tempdir().unwrap();
        let now = "2026-12-02T12:00:00Z".parse().unwrap();
        let names = [(); 2].map(|()| {
            let path = new(under.path(), now).unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        });
        assert_eq!(names, ["bellhop-demo-2026-12-02-1", "bellhop-demo-2026-12-02-2"]);
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let under = tempfile::tempdir().unwrap();
        let now = "2026-12-02T12:00:00Z".parse().unwrap();
        let path = under.path().join("a \"b\"/c");
        let folder = Folder::make(Some(&path), now).unwrap();
        let config = Config::load(Some(&folder.config_file()), std::iter::empty()).unwrap();
        let StoreUrl::Sqlite(store) = config.store.url else { panic!() };
        assert_eq!(store, folder.path().join("bellhop.db"));
        assert_eq!(folder.config("").unwrap().http.listen.port(), 0);
        let again = Folder::make(Some(&path), now).err().unwrap().to_string();
        assert!(again.contains("is not empty"), "{again}");
    }
}
