//! What a daemon wrote into files instead of handing it to a gateway.

use std::path::Path;

use serde_json::Value;

/// The messages that are no email, oldest first; none where there is no folder yet.
pub fn notes(folder: &Path) -> Vec<Value> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    // Hidden ones are being written.
    let hidden = |name: &Path| name.file_name().unwrap().to_str().unwrap().starts_with('.');
    names.retain(|name| name.extension().is_some_and(|ext| ext == "json") && !hidden(name));
    names.sort();
    let read = |name| serde_json::from_slice(&std::fs::read(name).unwrap()).unwrap();
    names.into_iter().map(read).collect()
}
