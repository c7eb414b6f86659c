//! `bellhop vapid`: the key that push services know an installation by.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::print::print;
use crate::gateways::webpush::VapidKey;

/// The largest key file, in bytes.
const KEY_MAX_BYTES: u64 = 64 * 1024;

/// Of which key.
#[derive(Debug, Args)]
pub struct VapidArgs {
    /// Print the public half of the key in this file, and make none.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Prints a new key with its public half above it, as a file that can be kept as it is: what stands
/// outside of a PEM's lines does not count. Or only the public half of one that is there.
pub fn vapid(args: &VapidArgs) -> anyhow::Result<()> {
    if let Some(file) = &args.key {
        return print(&format!("{}\n", read(file)?.public()));
    }
    let pem = VapidKey::generate().context("the machine has no randomness")?;
    let key = VapidKey::parse(&pem).map_err(|why| anyhow::anyhow!("the new key {why}"))?;
    print(&format!("applicationServerKey: {}\n{pem}", key.public()))
}

fn read(file: &Path) -> anyhow::Result<VapidKey> {
    let shown = file.display();
    let mut text = String::new();
    let opened = File::open(file).with_context(|| format!("--key {shown}"))?;
    let read = opened.take(KEY_MAX_BYTES).read_to_string(&mut text);
    read.with_context(|| format!("--key {shown}"))?;
    VapidKey::parse(&text).map_err(|why| anyhow::anyhow!("--key {shown} {why}"))
}
