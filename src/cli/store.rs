//! `bellhop store`: what is done to a store as a whole.

use clap::Subcommand;

use super::copy::{CopyArgs, copy};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Carry a SQLite store over to an empty PostgreSQL database: from one node to a cluster.
    Copy(CopyArgs),
}

/// Does it.
pub fn store(command: &StoreCommand) -> anyhow::Result<()> {
    match command {
        StoreCommand::Copy(args) => copy(args),
    }
}
