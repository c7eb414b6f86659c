//! The documentation as a book: every page is in its summary, every link leads to a page and, where
//! it names one, to a heading.

use std::collections::BTreeMap;

use crate::files::Source;

/// Where the book's pages are.
const BOOK: &str = "docs/";
const SUMMARY: &str = "docs/SUMMARY.md";

/// Complains about each page that the summary does not name, and each that it names twice.
pub fn lost_pages(all: &[Source]) -> Vec<String> {
    let Some(summary) = all.iter().find(|source| source.path == SUMMARY) else {
        return vec![format!("there is no {SUMMARY}")];
    };
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for link in links(&summary.text) {
        *named.entry(format!("{BOOK}{}", link.target)).or_default() += 1;
    }
    let is_page = |path: &str| path.starts_with(BOOK) && path.ends_with(".md") && path != SUMMARY;
    let pages = all.iter().filter(|source| is_page(&source.path));
    pages
        .filter_map(|page| match named.get(&page.path).copied().unwrap_or_default() {
            0 => Some(format!("{}: is not in {SUMMARY}", page.path)),
            1 => None,
            _ => Some(format!("{}: is in {SUMMARY} more than once", page.path)),
        })
        .collect()
}

/// Complains about each link whose heading is not there, and about each by which a page of the book
/// leaves the book: it would lead nowhere once the book is built.
pub fn lost_links(all: &[Source]) -> Vec<String> {
    let pages = all.iter().filter(|source| source.path.ends_with(".md"));
    let headings: BTreeMap<&str, Vec<String>> =
        pages.clone().map(|page| (page.path.as_str(), headings(&page.text))).collect();
    pages.flat_map(|page| lost_links_of(page, &headings)).collect()
}

fn lost_links_of(page: &Source, headings: &BTreeMap<&str, Vec<String>>) -> Vec<String> {
    let lost = links(&page.text).into_iter().filter_map(|link| {
        if link.target.contains(':') {
            return None;
        }
        let (file, heading) = link.target.split_once('#').unwrap_or((link.target, ""));
        let path = joined(&page.path, file);
        let wrong = if page.path.starts_with(BOOK) && !path.starts_with(BOOK) {
            format!("{} is not in the book: name it without a link", link.target)
        } else if !heading.is_empty() && !has(headings.get(path.as_str()), heading) {
            format!("there is no heading {}", link.target)
        } else {
            return None;
        };
        Some(format!("{}:{}: {wrong}", page.path, link.line))
    });
    lost.collect()
}

fn has(headings: Option<&Vec<String>>, heading: &str) -> bool {
    headings.is_some_and(|headings| headings.iter().any(|known| known == heading))
}

/// The path from the root of the project that a link on a page means.
fn joined(page: &str, link: &str) -> String {
    if link.is_empty() {
        return page.to_owned();
    }
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

struct Link<'a> {
    line: usize,
    target: &'a str,
}

/// Every link of a page outside its samples.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    for (line, prose) in prose(text) {
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.extend(targets.map(|target| Link { line, target }));
    }
    links
}

/// What a heading is called by links, here as on a code host: small letters, hyphens for spaces,
/// and a number from the second of a name on.
fn headings(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let titles = prose(text).into_iter().filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| title.strip_prefix(' ')).flatten()
    });
    titles
        .map(|title| {
            let name = slug(title);
            let before = seen.entry(name.clone()).or_default();
            *before += 1;
            if *before == 1 { name } else { format!("{name}-{}", *before - 1) }
        })
        .collect()
}

fn slug(title: &str) -> String {
    let shown = title.trim().to_lowercase();
    let kept = shown.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The lines of a page outside its samples, by number.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fence = None;
    let mut prose = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            Some(open) if ticks >= open => fence = None,
            None => prose.push((i + 1, line)),
            Some(_) => {}
        }
    }
    prose
}
