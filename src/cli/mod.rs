//! The command line. Exit status: 0 done, 1 failed, 2 usage.

mod check;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config};

/// Tells a booking business's clients what happened to their booking.
#[derive(Debug, Parser)]
#[command(name = "bellhop", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon until SIGTERM.
    Run(ConfigArgs),
    /// Check the configuration and print what is in effect, secrets left out.
    CheckConfig(ConfigArgs),
    /// Bring the store's tables up to date, and do nothing else.
    Migrate(ConfigArgs),
    /// Print the AsyncAPI document with the JSON Schema of every command and event.
    Schema,
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// A TOML file over the built-in defaults.
    #[arg(long, value_name = "FILE", env = "BELLHOP_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(self.config.as_deref(), config::environment())?)
    }
}

/// Parses the arguments and does what they say.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => args.load().and_then(run::run),
        Command::CheckConfig(args) => args.load().and_then(|config| check::config(&config)),
        Command::Migrate(args) => args.load().and_then(|config| check::migrate(&config)),
        Command::Schema => check::schema(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bellhop: {error:#}");
            ExitCode::FAILURE
        }
    }
}
