//! The lock that one daemon has on its database.
//!
//! It is on the file that is written, not on one beside it: a symbolic link, a hard link and a
//! removed lock file all lead to the same file. `flock(2)` does not meet the `fcntl(2)` locks that
//! SQLite sets on parts of the file; but whoever closes any descriptor of a file loses all the
//! `fcntl` locks that his process has on it, so the descriptor is kept as long as the store.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::Path;

use crate::store::error::StoreError;
use crate::telemetry::io_words;

/// Nobody but the daemon's user may read what is known of people. SQLite gives its log and its
/// shared memory the mode of the database.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Opens the database file, creating it and its folders where needed, and locks it for as long as
/// the process lives, however it ends.
///
/// # Errors
/// [`StoreError::InUse`], or that the file cannot be opened.
pub fn take(path: &Path) -> Result<File, StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(FOLDER_MODE).create(folder);
        made.map_err(|error| unavailable(folder, &error))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    let file = options.open(path).map_err(|error| unavailable(path, &error))?;
    match file.try_lock() {
        Ok(()) => {
            keep_private(path, &file);
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unavailable(path, &error)),
    }
}

/// Whether the path still leads to the file that is locked. What opens it by its name from now on
/// has another one, and a second daemon may lock that.
///
/// # Errors
/// [`StoreError::Replaced`]; or what the file system says.
pub fn still_holds(path: &Path, locked: &File) -> Result<(), StoreError> {
    let held = locked.metadata().map_err(|error| unavailable(path, &error))?;
    let replaced = || StoreError::Replaced(path.display().to_string());
    match std::fs::metadata(path) {
        Ok(found) if (found.dev(), found.ino()) == (held.dev(), held.ino()) => Ok(()),
        Ok(_) => Err(replaced()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(replaced()),
        Err(error) => Err(unavailable(path, &error)),
    }
}

/// A file from before, or a backup that was put back, may have another mode. Whoever is not its
/// owner cannot help it, and works all the same.
fn keep_private(path: &Path, file: &File) {
    let is_private = file.metadata().is_ok_and(|about| about.permissions().mode() & 0o077 == 0);
    if is_private {
        return;
    }
    if let Err(error) = file.set_permissions(Permissions::from_mode(FILE_MODE)) {
        tracing::warn!(path = %path.display(), %error, "others may read the store");
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    use ErrorKind::{AlreadyExists, InvalidFilename, IsADirectory, NotADirectory};
    let path = path.display();
    let why = format!("{path}: {}", io_words(error));
    match error.kind() {
        // Where a folder is to be made.
        AlreadyExists => StoreError::Misplaced(format!("{path}: not a directory")),
        InvalidFilename | IsADirectory | NotADirectory => StoreError::Misplaced(why),
        _ => StoreError::Unavailable(why),
    }
}
