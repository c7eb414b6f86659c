//! `bellhop dkim`: what is to be published of the keys that mails are signed with.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::args::ConfigArgs;
use super::print::print;
use crate::config::{dkim_domain, dkim_selector};
use crate::dkim::Key;

/// The largest key file, in bytes.
const KEY_MAX_BYTES: u64 = 64 * 1024;

/// Of which keys.
#[derive(Debug, Args)]
pub struct DkimArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// A key in PEM that is not configured yet.
    #[arg(long, value_name = "FILE", requires = "domain", requires = "selector")]
    key: Option<PathBuf>,
    /// The domain that it is to sign for.
    #[arg(long, requires = "key")]
    domain: Option<String>,
    /// The selector that it is to be published under.
    #[arg(long, requires = "key")]
    selector: Option<String>,
}

/// Prints a line of a zone file for each key.
pub fn dkim(args: &DkimArgs) -> anyhow::Result<()> {
    if let DkimArgs { key: Some(file), domain: Some(domain), selector: Some(selector), .. } = args {
        let named = |name: &'static str| move |why: String| anyhow::anyhow!("--{name} {why}");
        let domain = dkim_domain(domain).map_err(named("domain"))?;
        let selector = dkim_selector(selector).map_err(named("selector"))?;
        let shown = file.display();
        let size = std::fs::metadata(file).with_context(|| format!("--key {shown}"))?.len();
        anyhow::ensure!(
            size <= KEY_MAX_BYTES,
            "--key {shown} is larger than {KEY_MAX_BYTES} bytes"
        );
        let pem = std::fs::read_to_string(file).with_context(|| format!("--key {shown}"))?;
        let key = Key::parse(&pem).map_err(|why| anyhow::anyhow!("--key {shown} {why}"))?;
        return print(&format!("{}\n", key.zone_line(&selector, &domain)));
    }
    let config = args.config.load()?;
    anyhow::ensure!(!config.email.dkim.is_empty(), "no [[email.dkim]] is configured");
    let lines = config.email.dkim.iter().map(|key| key.key.zone_line(&key.selector, &key.domain));
    print(&lines.map(|line| line + "\n").collect::<String>())
}
