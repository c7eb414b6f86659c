//! Secrets that come from files, and keeping all of them out of sight.

use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::{SecretString, zeroize::Zeroize};
use serde::Serializer;

/// What stands in place of a secret.
pub(super) const REDACTED: &str = "***";
/// The largest secret file, in bytes; a larger one is surely another file.
const FILE_MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret from its file, without the white space around it; the error completes "<key> …".
///
/// A relative file lies in systemd's credentials directory where there is one
/// (<https://systemd.io/CREDENTIALS/>).
pub(super) fn load(file: &Path, credentials: Option<&Path>) -> Result<SecretString, String> {
    let path: PathBuf = credentials.map_or_else(|| file.to_owned(), |folder| folder.join(file));
    let unreadable = |why: String| format!("is in {}: {why}", path.display());
    let mut text = String::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > FILE_MAX_BYTES {
        return Err(unreadable(format!("larger than {FILE_MAX_BYTES} bytes")));
    }
    let secret = SecretString::from(text.trim());
    text.zeroize();
    Ok(secret)
}

/// Shows that a secret is set, and nothing of it.
pub(super) fn redacted<T, S: Serializer>(_secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(REDACTED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_relative_file_is_a_credential_and_is_trimmed() {
        let folder = std::env::temp_dir().join(format!("bellhop-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("token"), "  s3cret\n").unwrap();
        let relative = load(Path::new("token"), Some(&folder)).unwrap();
        let absolute = load(&folder.join("token"), Some(Path::new("/nowhere"))).unwrap();
        assert_eq!(relative.expose_secret(), "s3cret");
        assert_eq!(absolute.expose_secret(), "s3cret");
        let missing = load(Path::new("other"), Some(&folder)).unwrap_err();
        assert!(missing.contains("other"), "{missing}");
        std::fs::write(folder.join("big"), vec![b'x'; 70_000]).unwrap();
        assert!(load(Path::new("big"), Some(&folder)).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
