//! The rules of the house that no compiler checks: layers, libraries and where each may be
//! used, file length, the story at the head of each folder, and no path of somebody's machine.
//!
//! Every rule has a test on a bad sample, so that it is known to be able to fail.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "tidy/book.rs"]
mod book;
#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/rust_text.rs"]
mod rust_text;
#[path = "tidy/samples.rs"]
mod samples;
#[path = "tidy/unused.rs"]
mod unused;

use book::{lost_links, lost_pages};
use circles::circles;
use docs::{dead_links, riddles, untold_items, wide_comments};
use files::{Source, sources, tracked};
use rust_text::{Token, is_after_path, text, tokens};
use unused::unused;

/// Modules of the crate from the bottom up. Imports go down only; siblings do not import each
/// other. `lib.rs` declares them all and is exempt.
const LAYERS: &[(&str, u8)] = &[
    ("domain", 0),
    ("bounces", 1),
    ("clock", 1),
    ("content", 1),
    ("dkim", 1),
    ("gateways", 1),
    ("links", 1),
    ("telemetry", 1),
    ("traffic", 1),
    ("web", 1),
    ("wire", 1),
    ("config", 2),
    ("broker", 3),
    ("letters", 3),
    ("store", 3),
    ("egress", 4),
    ("plays", 4),
    ("actors", 5),
    ("ingress", INGRESS),
    ("ops", INGRESS),
    ("console", 7),
    ("app", TOP),
    ("cli", TOP),
    ("main", TOP),
    ("server", TOP),
    ("shutdown", TOP),
];
/// Who hands commands to actors.
const INGRESS: u8 = 6;
const TOP: u8 = 8;

/// Libraries that belong to a few modules, so that they can be replaced there.
const LIBRARIES: &[(&str, &[&str])] = &[
    // Outside the actors only for the system they run in.
    ("actix", &["actors", "app", "cli", "main"]),
    ("actix_rt", &["actors", "app", "cli", "main"]),
    ("async_rs", &["broker"]),
    ("axum", &["web", "ingress", "ops", "console", "app", "server", "cli"]),
    ("getrandom", &["console"]),
    ("governor", &["egress", "traffic"]),
    // Codes are made and checked in one place.
    ("hmac", &["domain", "links", "gateways"]),
    // What is the same text, and the same domain, is said in one place.
    ("idna", &["domain"]),
    ("hyper", &["egress", "server"]),
    ("hyper_util", &["egress", "server"]),
    ("lapin", &["broker"]),
    ("lettre", &["egress"]),
    ("reqwest", &["cli", "server", "telemetry"]),
    ("ring", &["gateways", "dkim"]),
    ("rusmpp_core", &["gateways"]),
    ("sqlx", &["store"]),
    ("tokio_rustls", &["broker", "egress"]),
    // Routes are asked inside the process for the pages that show their answers.
    ("tower_service", &["console"]),
    ("unicode_normalization", &["content", "domain"]),
];

/// What the rules of the business may not name: clocks, and everything that does I/O.
const FORBIDDEN_IN_DOMAIN: &[&[&str]] = &[
    &["Timestamp", "::", "now"],
    &["Zoned", "::", "now"],
    &["Instant", "::", "now"],
    &["SystemTime"],
    &["tokio"],
    &["sqlx"],
    &["axum"],
    &["std", "::", "fs"],
    &["std", "::", "net"],
];

const LINES_MAX: usize = 400;

#[test]
fn imports_go_down_only() {
    assert_none(sources("src").iter().flat_map(broken_layers));
}

#[test]
fn nothing_in_a_folder_imports_in_a_circle() {
    assert_none(circles(&sources("src")).iter().map(ToString::to_string));
}

#[test]
fn whatever_is_there_is_used() {
    let users = ["tests", "benches"].map(sources).concat();
    assert_none(unused(&sources("src"), &users).into_iter());
}

#[test]
fn libraries_stay_where_they_belong() {
    assert_none(sources("src").iter().flat_map(strayed_libraries));
}

#[test]
fn routes_are_registered_where_they_are_described() {
    assert_none(sources("src").iter().flat_map(untold_routes));
}

#[test]
fn the_domain_reads_no_clock_and_does_no_io() {
    assert_none(sources("src").iter().flat_map(impure_domain));
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let all = ["src", "tests", "benches"].map(sources).concat();
    assert_none(all.iter().filter_map(too_long));
}

#[test]
fn every_folder_tells_its_story() {
    let sources = sources("src");
    assert_none(sources.iter().filter_map(|source| untold_folder(source, &sources)));
}

#[test]
fn types_and_functions_are_told_of() {
    assert_none(sources("src").iter().flat_map(untold_items));
}

#[test]
fn comments_say_something() {
    assert_none(sources("src").iter().flat_map(riddles));
}

#[test]
fn comments_fit_the_page() {
    let all = ["src", "tests", "benches"].map(sources).concat();
    assert_none(all.iter().flat_map(wide_comments));
}

#[test]
fn links_lead_somewhere() {
    assert_none(tracked().iter().flat_map(dead_links));
}

#[test]
fn every_page_is_in_the_book_and_every_heading_is_there() {
    let tracked = tracked();
    if !tracked.is_empty() {
        assert_none(lost_pages(&tracked).into_iter().chain(lost_links(&tracked)));
    }
}

#[test]
fn nothing_points_outside_the_project() {
    let strangers = paths_of_a_machine();
    assert_none(tracked().iter().flat_map(|source| mentions(source, &strangers)));
}

/// Fails with one complaint a line.
fn assert_none(complaints: impl Iterator<Item = String>) {
    let complaints: Vec<String> = complaints.collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn broken_layers(source: &Source) -> Vec<String> {
    let own = source.module();
    if own == "lib" {
        return Vec::new();
    }
    let Some(own_level) = level(own) else {
        return vec![format!("{}: module {own} has no layer, see LAYERS", source.path)];
    };
    let mut broken = Vec::new();
    for (line, imported) in crate_imports(source) {
        let Some(level) = level(&imported) else {
            continue;
        };
        let is_allowed = imported == own
            || level < own_level
            || own_level == TOP
            // The clock is everybody's, except the domain's, which is told the time.
            || (imported == "clock" && own_level > 0);
        // HTTP and AMQP hand commands to actors and never send anything themselves.
        let is_skipping = own_level == INGRESS && imported == "egress";
        if !is_allowed || is_skipping {
            broken.push(format!("{}:{line}: {own} may not import {imported}", source.path));
        }
    }
    broken
}

fn level(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, level)| *level)
}

/// The top-level modules a file names by `crate::x`, `crate::{x, y}`, `bellhop::x` (in `main`)
/// or enough `super::`.
fn crate_imports(source: &Source) -> Vec<(usize, String)> {
    let tokens = tokens(&source.production_code());
    let mut imports = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let is_root = match token.text.as_str() {
            "crate" => true,
            "bellhop" => source.module() == "main" && !is_after_path(&tokens, i),
            "super" => supers_up_to(&tokens, i) == source.depth(),
            _ => false,
        };
        if is_root && text(&tokens, i + 1) == "::" {
            imports.extend(heads(&tokens, i + 2));
        }
    }
    imports
}

/// How many `super` of one path end at token `i`.
fn supers_up_to(tokens: &[Token], mut i: usize) -> usize {
    let mut count = 1;
    while i >= 2 && tokens[i - 1].text == "::" && tokens[i - 2].text == "super" {
        count += 1;
        i -= 2;
    }
    count
}

/// The first segments at token `i`: one name, or those of a `{…}` group.
fn heads(tokens: &[Token], i: usize) -> Vec<(usize, String)> {
    if text(tokens, i) != "{" {
        return tokens.get(i).map(|token| (token.line, token.text.clone())).into_iter().collect();
    }
    let mut depth = 0;
    let mut heads = Vec::new();
    for (j, token) in tokens.iter().enumerate().skip(i) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && ["{", ","].contains(&text(tokens, j - 1)) => {
                heads.push((token.line, token.text.clone()));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn strayed_libraries(source: &Source) -> Vec<String> {
    let own = source.module();
    let tokens = tokens(&source.production_code());
    let mut strayed = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let Some((library, homes)) = LIBRARIES.iter().find(|(name, _)| *name == token.text) else {
            continue;
        };
        let is_named = text(&tokens, i + 1) == "::" || (i > 0 && text(&tokens, i - 1) == "use");
        if is_named && !is_after_path(&tokens, i) && !homes.contains(&own) {
            strayed.push(format!(
                "{}:{}: {library} belongs to {homes:?} only",
                source.path, token.line
            ));
        }
    }
    strayed
}

/// Complains about a route that is registered without a word.
fn untold_routes(source: &Source) -> Vec<String> {
    if source.path == "src/web/table.rs" {
        return Vec::new();
    }
    let tokens = tokens(&source.production_code());
    let is_route = |i: &usize| {
        text(&tokens, *i) == "."
            && ["route", "route_service", "nest"].contains(&text(&tokens, i + 1))
            && text(&tokens, i + 2) == "("
    };
    let routes = (0..tokens.len()).filter(is_route);
    let complain = |i: usize| {
        let line = tokens[i].line;
        format!("{}:{line}: a route is not described: use web::table", source.path)
    };
    routes.map(complain).collect()
}

fn impure_domain(source: &Source) -> Vec<String> {
    if source.module() != "domain" {
        return Vec::new();
    }
    let tokens = tokens(&source.production_code());
    let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    let mut impure = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        for words in FORBIDDEN_IN_DOMAIN.iter().filter(|words| texts[i..].starts_with(words)) {
            let name = words.concat();
            impure.push(format!("{}:{}: the domain names {name}", source.path, token.line));
        }
    }
    impure
}

fn too_long(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > LINES_MAX).then(|| format!("{}: {lines} lines, at most {LINES_MAX}", source.path))
}

/// Complains about a file whose folder has no `mod.rs`, or a `mod.rs` without a story.
fn untold_folder(source: &Source, all: &[Source]) -> Option<String> {
    let (folder, file) = source.path.rsplit_once('/')?;
    if file == "mod.rs" {
        let is_told = source.text.starts_with("//!");
        return (!is_told).then(|| format!("{}: does not begin with //!", source.path));
    }
    let story = format!("{folder}/mod.rs");
    let is_missing = folder != "src" && !all.iter().any(|other| other.path == story);
    is_missing.then(|| format!("{}: there is no {story}", source.path))
}

fn mentions(source: &Source, words: &[String]) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    lines
        .flat_map(|(i, line)| {
            let found = words.iter().filter(|word| line.contains(word.as_str()));
            found.map(move |word| format!("{}:{}: mentions {word}", source.path, i + 1))
        })
        .collect()
}

/// Put together here, so that this file does not mention them.
fn paths_of_a_machine() -> Vec<String> {
    [("/wo", "rk/"), ("../sha", "red"), ("/ro", "ot/"), ("/tmp/br", "ief")]
        .map(|(head, tail)| [head, tail].concat())
        .to_vec()
}
