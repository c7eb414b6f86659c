//! Small subcommands that look and do not run: `check-config`, `migrate`, `schema`,
//! `completions`.

use clap::Args;
use clap_complete::Shell;

use super::print::print;
use crate::app::{migrate_store, openapi, prepare};
use crate::config::Config;
use crate::wire::{asyncapi, written};

/// Prints the configuration in effect. What the daemon would not start with is refused.
pub fn config(config: &Config) -> anyhow::Result<()> {
    prepare(config)?;
    for remark in config.remarks() {
        eprintln!("bellhop: {remark}");
    }
    print(&config.describe())
}

/// Brings the store up to date.
pub fn migrate(config: &Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        migrate_store(config).await?;
        print(&format!("{} is up to date\n", config.store.url))
    })
}

/// Which description is printed.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What is answered over HTTP (OpenAPI) instead of what is published.
    #[arg(long)]
    openapi: bool,
}

/// Prints the AsyncAPI document, or the OpenAPI document.
pub fn schema(args: &SchemaArgs) -> anyhow::Result<()> {
    print(&written(&if args.openapi { openapi() } else { asyncapi() }))
}

/// Prints the completions of the command line for a shell.
pub fn completions(shell: Shell, line: &mut clap::Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, line, "bellhop", &mut script);
    print(&String::from_utf8_lossy(&script))
}
