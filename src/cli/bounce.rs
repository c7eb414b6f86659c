//! `bellhop bounce`: hands a mail that came back to the daemon, out of a mail server's pipe.

use std::io::Read as _;

use anyhow::Context as _;

use super::args::ConfigArgs;
use super::daemon::Daemon;
use crate::bounces::MAIL_MAX_BYTES;

/// The exit status by which a mail server knows to try again: `EX_TEMPFAIL` of sysexits(3).
pub const TRY_AGAIN: u8 = 75;

/// It was not handed in: the mail server is to keep it and to try again.
#[derive(Debug, thiserror::Error)]
#[error("the mail is not handed in: {0:#}")]
pub struct Later(anyhow::Error);

/// Reads the mail from standard input. Of a longer one than the daemon looks at, the beginning.
///
/// # Errors
/// [`Later`], whatever it is that fails: at another status a mail server would throw the mail away.
pub fn bounce(config: &ConfigArgs) -> anyhow::Result<()> {
    hand_in(config).map_err(|why| Later(why).into())
}

fn hand_in(config: &ConfigArgs) -> anyhow::Result<()> {
    let mut mail = Vec::new();
    let limit = MAIL_MAX_BYTES as u64;
    std::io::stdin().take(limit).read_to_end(&mut mail).context("standard input")?;
    // What is left is read, so that whoever writes it does not break off.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).context("standard input")?;
    Daemon::of(config)?.hand_in("/hooks/mail", "message/rfc822", mail)
}
