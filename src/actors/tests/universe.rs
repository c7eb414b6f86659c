//! Where lives follow each other: what outlasts them, and what is looked at behind each.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Arc, Once};

use jiff::Timestamp;
use tempfile::TempDir;

use super::life::Life;
use crate::actors::Decide;
use crate::clock::moved;
use crate::config::Config;
use crate::domain::decide;
use crate::egress::script::Script;
use crate::store::tamper::{Tampering, alter};

/// When the first life begins: a Tuesday, ten in the morning in Rome.
pub const BEGINNING: &str = "2026-12-01T09:00:00Z";

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// A store, a provider and a time, for as many lives as a test wants.
pub struct Universe {
    /// What is done to the store.
    pub store: Arc<Tampering>,
    /// What the provider does, and what it was given.
    pub provider: Arc<Script>,
    /// Another, where there are two.
    pub other: Option<Arc<Script>>,
    /// How inputs are decided.
    pub decide: Decide,
    /// The configuration of lives to come.
    pub config: Config,
    folder: TempDir,
    now: Cell<Timestamp>,
    panics: Cell<usize>,
}

impl Universe {
    /// With the built-in configuration.
    pub fn new() -> Self {
        Self::with("")
    }

    /// With this TOML over the built-in configuration.
    pub fn with(toml: &str) -> Self {
        count_panics();
        Self {
            store: Arc::default(),
            provider: Arc::default(),
            other: None,
            config: Config::parse("universe", toml).unwrap(),
            decide,
            folder: tempfile::tempdir().unwrap(),
            now: Cell::new(BEGINNING.parse().unwrap()),
            panics: Cell::new(PANICS.get()),
        }
    }

    /// With a second provider, which it gives.
    pub fn with_another(&mut self) -> Arc<Script> {
        self.other.insert(Arc::default()).clone()
    }

    /// The store refuses from now on what this rule says, or does not any more.
    pub async fn rules(&self, sql: &'static str) {
        alter(&self.file(), sql).await;
    }

    pub(super) fn providers(&self) -> Vec<Arc<Script>> {
        [self.provider.clone()].into_iter().chain(self.other.clone()).collect()
    }

    /// Lives to come are configured otherwise.
    pub fn configure(&mut self, toml: &str) {
        self.config = Config::parse("universe", toml).unwrap();
    }

    /// A life that ends in order, and leaves nothing behind.
    pub fn lives(&self, story: impl AsyncFnOnce(&Life)) {
        self.run(async |life| {
            story(&life).await;
            life.stops().await;
        });
        assert_eq!(PANICS.get(), self.panics.get(), "so many panics, beside the expected ones");
    }

    /// A life that ends in order as far as it can, for somebody fell.
    pub fn fails(&self, story: impl AsyncFnOnce(&Life)) {
        self.run(async |life| {
            story(&life).await;
            life.gives_up().await;
        });
        assert_eq!(PANICS.get(), self.panics.get(), "so many panics, beside the expected ones");
    }

    /// A life that ends in the middle of whatever it does.
    pub fn dies(&self, story: impl AsyncFnOnce(&Life)) {
        self.run(async |life| story(&life).await);
    }

    /// So many panics more belong to the story.
    pub fn expects_panics(&self, count: usize) {
        self.panics.set(self.panics.get() + count);
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("bellhop.db")
    }

    fn run(&self, story: impl AsyncFnOnce(Life)) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
        let system = actix::System::with_tokio_rt(move || runtime);
        system.block_on(async {
            moved::set(self.now.get());
            story(Life::begins(self).await).await;
            self.now.set(crate::clock::now());
        });
        // Whatever still runs is dropped with its runtime.
        drop(system);
        moved::unset();
    }
}

/// Everything runs on the test's own thread.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            told(panic);
        }));
    });
}
