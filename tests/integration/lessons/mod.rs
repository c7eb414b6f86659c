//! What people type from the documentation, typed: the tour of the README and the tutorials. Each
//! sample of a shell is run in one shell, and must say what stands below it.
//!
//! [`page`] reads the samples, [`stage`] is where they are run, [`likeness`] compares. A page whose
//! samples have come to say something else is written anew by
//!
//! ```text
//! BELLHOP_WRITE=1 tests/run -- --test integration -- lessons
//! ```

mod likeness;
mod page;
mod stage;

use std::path::Path;

use page::Page;
use stage::Stage;

const WRITE: &str = "BELLHOP_WRITE";

/// Plays the part of a page that lies between two of its lines.
async fn play(path: &str, from: &str, to: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut page = Page::read(&file, from, to);
    let mut stage = Stage::set();
    for sample in 0..page.samples.len() {
        let said = stage.play(&page.samples[sample]).await;
        let expected = &page.samples[sample].expected;
        let is_like = expected.as_ref().is_none_or(|expected| likeness::is_like(expected, &said));
        if !is_like && std::env::var_os(WRITE).is_some() {
            page.write(sample, &said);
        } else {
            let sample = &page.samples[sample];
            assert!(
                is_like,
                "{path}:{}: says\n{said}\nand not\n{}\nin\n{}",
                sample.line,
                sample.expected.as_deref().unwrap_or_default(),
                sample.typed
            );
        }
    }
    assert!(page.samples.len() > 1, "{path} has no samples");
}

#[tokio::test]
async fn the_tour_of_the_readme() {
    play("README.md", "## Try it", "## Publishing from your app").await;
}

#[tokio::test]
async fn the_first_message() {
    play("docs/tutorial/first-message.md", "# Your first message", "## What next").await;
}

#[tokio::test]
async fn the_first_text_message() {
    play("docs/tutorial/first-sms.md", "# Your first text message", "## What next").await;
}

#[tokio::test]
async fn the_first_waitlist() {
    play("docs/tutorial/first-waitlist.md", "# Your first waitlist", "## What next").await;
}
