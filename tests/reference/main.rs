//! The reference of the documentation, and the types of the examples' clients, as the code makes
//! them: what stands in the files must be the same. After a change
//!
//! ```text
//! BELLHOP_WRITE=1 cargo test --test reference
//! ```
//!
//! writes them anew. One page a file: [`schemas`] (commands and events), [`kinds`], [`reasons`],
//! [`settings`], [`lines`] (the command line), [`http`], [`metrics`]; [`python`] and
//! [`typescript`] for the clients. [`document`] reads the schemas that several of them show, and
//! [`markdown`] writes what Markdown would take for something else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod document;
mod http;
mod kinds;
mod lines;
mod markdown;
mod metrics;
mod python;
mod reasons;
mod schemas;
mod settings;
mod typescript;

use std::path::Path;

use document::Document;

const WRITE: &str = "BELLHOP_WRITE";

/// Asserts that the file says what the code makes of it, or writes it.
fn check(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    if stands == made {
        return;
    }
    if std::env::var_os(WRITE).is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, made).unwrap();
        return;
    }
    let differs = |(_, (a, b)): &(usize, (&str, &str))| a != b;
    let lines = stands.lines().chain(std::iter::repeat("")).zip(made.lines());
    let (line, (stands, made)) = lines.enumerate().find(differs).unwrap_or_default();
    panic!(
        "{path}:{}: says\n  {stands}\nand should say\n  {made}\n\
         To write it anew: {WRITE}=1 cargo test --test reference",
        line + 1
    );
}

#[test]
fn commands() {
    check("docs/reference/commands.md", &schemas::commands(&Document::asyncapi()));
}

#[test]
fn events() {
    check("docs/reference/events.md", &schemas::events(&Document::asyncapi()));
}

#[test]
fn kinds_of_messages() {
    check("docs/reference/kinds.md", &kinds::page());
}

#[test]
fn reasons_why_not() {
    check("docs/reference/reasons.md", &reasons::page());
}

#[test]
fn configuration() {
    check("docs/reference/configuration.md", &settings::page(bellhop::config::DEFAULTS));
}

#[test]
fn command_line() {
    check("docs/reference/command-line.md", &lines::page());
}

#[test]
fn what_is_answered_over_http() {
    check("docs/reference/http.md", &http::page(&Document::openapi()));
}

#[test]
fn metrics_of_the_daemon() {
    check("docs/reference/metrics.md", &metrics::page());
}

#[test]
fn types_in_python() {
    check("examples/python/bellhop_types.py", &python::module(&Document::asyncapi()));
}

#[test]
fn types_in_typescript() {
    check("examples/typescript/src/types.ts", &typescript::module(&Document::asyncapi()));
}

/// What the README counts.
#[test]
fn the_readme_counts_commands_and_kinds() {
    let readme = include_str!("../../README.md");
    let commands = bellhop::wire::command::TYPES.len();
    let kinds = bellhop::domain::kind::Kind::ALL.len();
    let counted = format!("{commands} commands, {kinds} kinds of message");
    assert!(readme.contains(&counted), "README.md does not say: {counted}");
}
