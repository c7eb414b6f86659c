//! What several subcommands take.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::config::{self, Config, Secrets};

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A TOML file over the built-in defaults.
    #[arg(long, value_name = "FILE", env = "BELLHOP_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
}

/// Which page of a list.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// At most this many rows.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Continue behind this: the `next` of the page before.
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
}

/// For whoever reads the store and does nothing else.
pub const STORE_ONLY: Secrets = Secrets::Only(&["store.url"]);

/// How rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

impl PageArgs {
    /// The parameters of a query that asks for it.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let after = self.after.clone().map(|after| ("after", after));
        [("limit", self.limit.to_string())].into_iter().chain(after)
    }
}

impl ConfigArgs {
    /// The file, if one is named.
    pub fn path(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Everything that the daemon needs.
    pub fn load(&self) -> anyhow::Result<Config> {
        self.load_for(Secrets::All)
    }

    /// Needs no other secrets to be there than these.
    pub fn load_for(&self, secrets: Secrets) -> anyhow::Result<Config> {
        Ok(Config::load_for(self.path(), config::environment(), secrets)?)
    }
}
