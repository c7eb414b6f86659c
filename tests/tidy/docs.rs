//! Comments: whether they are there, fit the page, and say anything.

use crate::files::{Source, exists};
use crate::rust_text::production_code;

/// What rustfmt allows a line of code; it leaves comments alone.
pub const COLUMNS_MAX: usize = 100;

/// Words that say nothing by themselves.
const FILLERS: &[&str] = &[
    "a", "about", "all", "an", "and", "are", "as", "at", "be", "became", "become", "by", "came",
    "come", "each", "for", "from", "go", "how", "in", "is", "it", "its", "lie", "now", "of", "on",
    "one", "or", "said", "say", "so", "stand", "that", "the", "their", "them", "there", "these",
    "they", "thing", "this", "those", "to", "was", "were", "what", "when", "where", "which", "who",
    "whom", "whose", "why", "with",
];

/// Complains about each `pub` type, and each `pub` function of a module, that nothing is said of.
/// A field, a variant and a method may speak for themselves.
pub fn untold_items(source: &Source) -> Vec<String> {
    let code = source.production_code();
    let mut is_told = false;
    let mut attribute = Attribute::default();
    let mut untold = Vec::new();
    for (i, (line, code)) in source.text.lines().zip(code.lines()).enumerate() {
        if attribute.has(code) {
            continue;
        }
        if is_public_item(code) && !is_told {
            untold.push(format!("{}:{}: nothing is said of {line}", source.path, i + 1));
        }
        is_told = line.starts_with("///");
    }
    untold
}

fn is_public_item(line: &str) -> bool {
    let Some(item) = line.strip_prefix("pub ") else { return false };
    let words = ["async ", "const fn", "fn ", "struct ", "enum ", "trait ", "type "];
    words.iter().any(|word| item.starts_with(word))
}

/// Complains about each doc comment of one line in which every word is a filler or stands in the
/// first line of what it is about: `/// The tenant.` above `tenant: TenantId`. What is published,
/// in schemas and as help, has to repeat what the reader of the code sees anyway.
pub fn riddles(source: &Source) -> Vec<String> {
    if source.path.starts_with("src/wire/") || source.text.contains("use clap::") {
        return Vec::new();
    }
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    let doc = |i: usize| lines.get(i).and_then(|line| line.strip_prefix("///"));
    let mut riddles = Vec::new();
    for i in 0..lines.len() {
        let Some(said) = doc(i) else { continue };
        let is_alone = (i == 0 || doc(i - 1).is_none()) && doc(i + 1).is_none();
        if is_alone
            && !said.contains(['`', '<', '§'])
            && says_nothing(said, item_below(&lines[i..]))
        {
            riddles.push(format!("{}:{}: says nothing: {}", source.path, i + 1, lines[i]));
        }
    }
    riddles
}

/// What the comment is about, behind its attributes.
fn item_below<'a>(lines: &[&'a str]) -> &'a str {
    let mut attribute = Attribute::default();
    lines.iter().skip(1).find(|line| !attribute.has(line)).copied().unwrap_or_default()
}

/// An attribute, which may take many lines.
#[derive(Default)]
struct Attribute {
    open: usize,
}

impl Attribute {
    /// Whether the next line is one of an attribute's.
    fn has(&mut self, line: &str) -> bool {
        let is_one = self.open > 0 || line.starts_with("#[");
        if is_one {
            self.open += line.matches('[').count();
            self.open -= self.open.min(line.matches(']').count());
        }
        is_one
    }
}

fn says_nothing(said: &str, item: &str) -> bool {
    let item = words(item);
    words(said).iter().all(|word| FILLERS.contains(&word.as_str()) || item.contains(word))
}

/// The words of a sentence or a name, in small letters and without the plural's s.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut is_low = false;
    for character in text.chars() {
        if is_low && character.is_uppercase() {
            spaced.push(' ');
        }
        is_low = character.is_lowercase() || character.is_numeric();
        spaced.extend(character.to_lowercase());
    }
    let words = spaced.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let singular = |word: &str| match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    };
    words.map(singular).collect()
}

/// Complains about each comment that runs over the page. An address cannot be broken.
pub fn wide_comments(source: &Source) -> Vec<String> {
    let code = production_code(&source.text);
    let lines = source.text.lines().zip(code.lines()).enumerate();
    let wide = lines.filter(|(_, (line, code))| {
        let is_comment = code.trim().is_empty() && line.trim_start().starts_with("//");
        let is_address = line.split_whitespace().count() == 2 && line.contains("://");
        is_comment && !is_address && line.chars().count() > COLUMNS_MAX
    });
    wide.map(|(i, _)| format!("{}:{}: more than {COLUMNS_MAX} columns", source.path, i + 1))
        .collect()
}

/// Complains about each link of a page that leads to no file, and each `src/….rs` and `src/…/` that
/// is not there.
pub fn dead_links(source: &Source) -> Vec<String> {
    if !source.path.ends_with(".md") {
        return Vec::new();
    }
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let lines = source.text.lines().enumerate();
    lines
        .flat_map(|(i, line)| {
            let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            let links = links.filter(|link| !link.is_empty() && !link.contains(':'));
            let is_file = |name: &str| name.ends_with(".rs") || name.ends_with('/');
            let named = line.split('`').filter(|name| name.starts_with("src/") && is_file(name));
            let dead = links
                .filter(|link| !exists(folder, link))
                .chain(named.filter(|file| !exists("", file)));
            let complain = |dead: &str| format!("{}:{}: there is no {dead}", source.path, i + 1);
            dead.map(complain).collect::<Vec<_>>()
        })
        .collect()
}
