//! Secrets that come from files, and keeping all of them out of sight.

use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroize;
use serde::Serializer;

/// What stands in place of a secret.
pub(super) const REDACTED: &str = "***";
/// The largest secret file, in bytes; a larger one is surely another file.
const FILE_MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret from its file, without the white space around it, and parses it; the error
/// completes "<key> …" and names the file.
///
/// A relative file lies in systemd's credentials directory where there is one
/// (<https://systemd.io/CREDENTIALS/>).
pub(super) fn load<T>(
    file: &Path,
    credentials: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    let path: PathBuf = credentials.map_or_else(|| file.to_owned(), |folder| folder.join(file));
    let in_file = |why: String| format!("is in {}: {why}", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| in_file(error.to_string()))?;
    let parsed = match std::str::from_utf8(&bytes).map(str::trim) {
        _ if bytes.len() as u64 > FILE_MAX_BYTES => {
            Err(format!("the file is larger than {FILE_MAX_BYTES} bytes"))
        }
        Err(_) => Err("the file is not UTF-8".to_owned()),
        Ok("") => Err("the file is empty".to_owned()),
        Ok(secret) => parse(secret),
    };
    bytes.zeroize();
    parsed.map_err(in_file)
}

/// Shows that a secret is set, and nothing of it.
pub(super) fn redacted<T, S: Serializer>(_secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(REDACTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: impl AsRef<Path>, credentials: Option<&Path>) -> Result<String, String> {
        load(file.as_ref(), credentials, |text| Ok(text.to_owned()))
    }

    #[test]
    fn a_relative_file_is_a_credential_and_is_trimmed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), "  s3cret\n").unwrap();
        assert_eq!(read("token", Some(folder.path())).unwrap(), "s3cret");
        let absolute = folder.path().join("token");
        assert_eq!(read(absolute, Some(Path::new("/nowhere"))).unwrap(), "s3cret");
    }

    #[test]
    fn a_file_that_holds_no_secret_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content, why) in [
            ("empty", vec![], "the file is empty"),
            ("blank", b" \n".to_vec(), "the file is empty"),
            ("bytes", vec![0xff], "the file is not UTF-8"),
            ("big", vec![b'x'; 70_000], "the file is larger than 65536 bytes"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let told = read(name, Some(folder.path())).unwrap_err();
            assert_eq!(told, format!("is in {}: {why}", path.display()));
        }
        assert!(read("other", Some(folder.path())).unwrap_err().contains("other"));
        std::fs::write(folder.path().join("token"), "a b").unwrap();
        let parse = |_: &str| Err::<(), _>("must be visible".to_owned());
        let told = load(Path::new("token"), Some(folder.path()), parse).unwrap_err();
        assert!(told.ends_with("token: must be visible"), "{told}");
    }
}
