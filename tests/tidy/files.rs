//! The project's files.

use std::{fs, path::Path, process::Command};

use crate::rust_text::production_code;

/// A file by its path from the root of the project.
#[derive(Clone)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// `store` for `src/store/sqlite.rs` and `clock` for `src/clock.rs`.
    pub fn module(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
    }

    /// How many `super` lead from this file's module to the crate: 2 for `src/store/sqlite.rs`.
    pub fn depth(&self) -> usize {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.trim_end_matches("/mod.rs").split('/').count()
    }

    /// What ends up in the daemon: no comments, no literals, no tests.
    pub fn production_code(&self) -> String {
        let is_test = self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
            || self.text.contains("#![cfg(test)]");
        if is_test { String::new() } else { production_code(&self.text) }
    }
}

/// Every Rust file below a folder of the project.
pub fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root().join(folder)) else {
        return found;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(sources(&path));
        } else if path.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            found.push(Source { path, text });
        }
    }
    found
}

/// Every file that git knows, or would if it were added; nothing outside a git checkout.
pub fn tracked() -> Vec<Source> {
    if !root().join(".git").exists() {
        return Vec::new();
    }
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files: {}", output.status);
    let names = String::from_utf8_lossy(&output.stdout);
    let names = names.split_terminator('\0');
    let files = names.filter_map(|name| {
        // A file may be deleted and not yet removed from the index.
        let bytes = fs::read(root().join(name)).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(Source { path: name.to_owned(), text })
    });
    files.collect()
}

/// Whether there is such a file or folder, seen from a folder of the project.
pub fn exists(folder: &str, path: &str) -> bool {
    root().join(folder).join(path).exists()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
