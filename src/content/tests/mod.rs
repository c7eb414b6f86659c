//! Whole messages: what each kind says on each channel, and that no value can make it say
//! anything else.

mod absent;
mod acting;
mod alerts;
mod channels;
mod desk;
mod files;
mod glossary;
mod hostile;
mod languages;
mod letters;
mod own;
mod paying;
mod sentences;
mod times;
mod unsubscribe;

use std::sync::LazyLock;

use jiff::Timestamp;

use self::desk::Desk;
use super::{Catalogue, EmailParts, Letter, Rendered, SmsEncoding, SmsText};
use crate::domain::address::EmailAddress;
use crate::domain::booking::Party;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::message::{Facts, Message};
use crate::domain::zone::Zone;

/// One for all tests: compiling every language takes a while.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When every letter here is told.
fn due() -> Timestamp {
    at("2026-12-01T08:00:00Z")
}

/// What one reads on a page, without the markup.
fn words(html: &str) -> String {
    let (_, body) = html.split_once("<main>").unwrap();
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
