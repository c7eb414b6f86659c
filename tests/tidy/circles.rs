//! Circles of imports within one folder: what imports each other cannot be understood, tested or
//! moved apart.
//!
//! In a folder, each file and each folder below it is one node; its `mod.rs` is one like the
//! others. Who imports an item that a `mod.rs` only passes on imports the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::files::Source;
use crate::rust_text::{Token, is_after_path, text, tokens};

/// Re-exports that lead to re-exports are followed so far.
const HOPS_MAX: u8 = 8;

/// The names of modules from the crate down to one; none for the crate itself.
type Path = Vec<String>;
/// The nodes of one folder, whom each imports, and where.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

/// A way through the nodes of a folder that ends where it began.
pub struct Circle {
    pub folder: String,
    /// Each node on the way with the line that imports the next.
    steps: Vec<(String, String)>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: a circle:", self.folder)?;
        self.steps.iter().try_for_each(|(node, at)| write!(f, " {node} ({at}) →"))?;
        self.steps.first().map_or(Ok(()), |(node, _)| write!(f, " {node}"))
    }
}

/// The shortest circle of every folder that has one.
pub fn circles(sources: &[Source]) -> Vec<Circle> {
    let files: BTreeMap<Path, File> =
        sources.iter().map(|source| (module_path(source), File::read(source))).collect();
    let mut folders: BTreeMap<String, Graph> = BTreeMap::new();
    for (path, file) in &files {
        for used in &file.used {
            let Some(target) = file.resolved(path, &used.path, &files, 0) else { continue };
            let Some(other) = files.get(&target) else { continue };
            if used.is_passed_on && !file.says_again(used) {
                continue;
            }
            let (from, to) = (place(path, file), place(&target, other));
            let depth = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
            let (Some(one), Some(two)) = (from.get(depth), to.get(depth)) else { continue };
            let graph = folders.entry(folder(&from[..depth])).or_default();
            let at = format!("{}:{}", file.name, used.line);
            graph.entry(one.clone()).or_default().entry(two.clone()).or_insert(at);
        }
    }
    folders.iter().filter_map(|(folder, graph)| circle(folder, graph)).collect()
}

/// One file as far as its imports go.
struct File {
    name: String,
    is_folder: bool,
    used: Vec<Used>,
    defined: BTreeSet<String>,
    words: Vec<String>,
}

/// A path that a file names.
struct Used {
    line: usize,
    path: Path,
    /// Under which name, in a `use`; `*` for all.
    name: Option<String>,
    /// By `pub use`.
    is_passed_on: bool,
}

impl File {
    fn read(source: &Source) -> Self {
        let tokens = tokens(&source.production_code());
        Self {
            name: source.path.clone(),
            is_folder: source.path.ends_with("/mod.rs") || source.path == "src/lib.rs",
            used: used(&tokens),
            defined: defined(&tokens),
            words: tokens.into_iter().map(|token| token.text).collect(),
        }
    }

    /// Whether the file itself uses what it passes on.
    fn says_again(&self, used: &Used) -> bool {
        let Some(name) = &used.name else { return true };
        self.words.iter().filter(|word| *word == name).count() > 1
    }

    /// The module that defines what is named so in the module `at`; `None` outside the crate.
    fn resolved(
        &self,
        at: &Path,
        named: &Path,
        files: &BTreeMap<Path, File>,
        hops: u8,
    ) -> Option<Path> {
        let mut module = at.clone();
        let mut rest = named.iter().peekable();
        match rest.peek()?.as_str() {
            "crate" => {
                module.clear();
                rest.next();
            }
            "self" => {
                rest.next();
            }
            "super" => {
                while rest.next_if(|word| *word == "super").is_some() {
                    module.pop()?;
                }
            }
            first if !is_child(&module, first, files) => return None,
            _ => {}
        }
        while let Some(next) = rest.next_if(|next| is_child(&module, next, files)) {
            module.push(next.clone());
        }
        let Some(item) = rest.next() else { return Some(module) };
        let file = files.get(&module)?;
        if file.defined.contains(item) || hops == HOPS_MAX {
            return Some(module);
        }
        let by_name = file.used.iter().filter(|used| used.name.as_ref() == Some(item));
        let by_glob = file.used.iter().filter(|used| used.name.as_deref() == Some("*"));
        let mut ways = by_name.map(|used| used.path.clone()).chain(by_glob.map(|used| {
            let mut path = used.path.clone();
            path.push(item.clone());
            path
        }));
        ways.find_map(|way| file.resolved(&module, &way, files, hops + 1)).or(Some(module))
    }
}

fn is_child(module: &Path, name: &str, files: &BTreeMap<Path, File>) -> bool {
    let mut path = module.clone();
    path.push(name.to_owned());
    files.contains_key(&path)
}

fn module_path(source: &Source) -> Path {
    let below = source.path.strip_prefix("src/").unwrap_or(&source.path);
    let below = below.trim_end_matches(".rs").trim_end_matches("/mod");
    if below == "lib" { Path::new() } else { below.split('/').map(str::to_owned).collect() }
}

/// Where the file lies: `mod.rs` lies in its folder, like the files that it declares.
fn place(path: &Path, file: &File) -> Path {
    let mut place = path.clone();
    if file.is_folder {
        place.push("mod".to_owned());
    }
    place
}

fn folder(path: &[String]) -> String {
    ["src"].into_iter().chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}

fn circle(folder: &str, graph: &Graph) -> Option<Circle> {
    let shortest = graph.keys().filter_map(|node| way_back(node, graph)).min_by_key(Vec::len)?;
    let step =
        |pair: &[String]| Some((pair[0].clone(), graph.get(&pair[0])?.get(&pair[1])?.clone()));
    let steps = shortest.windows(2).filter_map(step).collect();
    Some(Circle { folder: folder.to_owned(), steps })
}

/// The shortest way from a node back to itself, both ends included.
fn way_back(start: &str, graph: &Graph) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.to_owned()]];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let next =
                way.last().and_then(|last| graph.get(last)).into_iter().flat_map(|to| to.keys());
            for node in next {
                let further = [way.as_slice(), std::slice::from_ref(node)].concat();
                if node == start {
                    return Some(further);
                }
                if seen.insert(node.clone()) {
                    longer.push(further);
                }
            }
        }
        ways = longer;
    }
    None
}

/// What follows `fn`, `struct` and the like.
fn defined(tokens: &[Token]) -> BTreeSet<String> {
    const WORDS: &[&str] =
        &["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod"];
    let pairs = tokens.windows(2).filter(|pair| WORDS.contains(&pair[0].text.as_str()));
    pairs.map(|pair| pair[1].text.clone()).collect()
}

/// Every path of a `use`, and every other path from `crate`, `self`, `super` or a lower-case name.
fn used(tokens: &[Token]) -> Vec<Used> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        // `use<…>` says what a type captures.
        if tokens[i].text == "use" && text(tokens, i + 1) != "<" {
            let is_passed_on = i > 0 && ["pub", ")"].contains(&text(tokens, i - 1));
            let tree = Tree { line: tokens[i].line, is_passed_on };
            i = tree.read(tokens, i + 1, &Path::new(), &mut found);
            continue;
        }
        let starts = text(tokens, i + 1) == "::" && !is_after_path(tokens, i);
        if starts && tokens[i].text.starts_with(|c: char| c.is_lowercase()) {
            let path = path_from(tokens, i);
            found.push(Used { line: tokens[i].line, path, name: None, is_passed_on: false });
        }
        i += 1;
    }
    found
}

/// `a::b::c` from its first word on.
fn path_from(tokens: &[Token], mut i: usize) -> Path {
    let mut path = vec![tokens[i].text.clone()];
    while text(tokens, i + 1) == "::" {
        i += 2;
        path.push(text(tokens, i).to_owned());
    }
    path
}

/// A `use` declaration.
struct Tree {
    line: usize,
    is_passed_on: bool,
}

impl Tree {
    /// Reads one branch at token `i`, behind `stem`; returns where it ends.
    fn read(&self, tokens: &[Token], mut i: usize, stem: &Path, found: &mut Vec<Used>) -> usize {
        let mut path = stem.clone();
        loop {
            match text(tokens, i) {
                "::" => i += 1,
                "{" => {
                    i += 1;
                    while !["}", ""].contains(&text(tokens, i)) {
                        i = self.read(tokens, i, &path, found);
                        i += usize::from(text(tokens, i) == ",");
                    }
                    return i + 1;
                }
                "as" => {
                    self.leaf(path, text(tokens, i + 1), found);
                    return i + 2;
                }
                ";" | "," | "}" | "" => {
                    let name = path.last().cloned().unwrap_or_default();
                    self.leaf(path, &name, found);
                    return i;
                }
                word => {
                    path.push(word.to_owned());
                    i += 1;
                }
            }
        }
    }

    fn leaf(&self, mut path: Path, name: &str, found: &mut Vec<Used>) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self" || last == "*") {
            path.pop();
        }
        let name = match name {
            "self" => path.last().cloned(),
            name => Some(name.to_owned()),
        };
        let Self { line, is_passed_on } = *self;
        found.push(Used { line, path, name, is_passed_on });
    }
}
