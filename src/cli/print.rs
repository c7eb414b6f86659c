//! What a subcommand says, on standard output.

use std::io::Write as _;

/// Writes to standard output; a reader that has had enough (`| head`) is no failure.
pub fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}
