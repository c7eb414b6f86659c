//! Open files and connections of this process, against what the system allows. A daemon that has
//! none left accepts nothing, reaches nobody and writes nothing.

use std::fs;

use rustix::process::{Resource, getrlimit};

/// The descriptors that are open; `None` where the system does not tell.
pub fn open() -> Option<usize> {
    // One of them is the one by which they are counted.
    fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1))
}

/// How many there may be; `None` where there is no limit.
pub fn limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_ones_are_counted_below_the_limit() {
        let before = open().unwrap();
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        // Other tests open and close some beside us, where they run in this process.
        assert!(open().unwrap() >= before.saturating_sub(20) + files.len() - 20);
        assert!(limit().is_none_or(|limit| limit > files.len() as u64));
    }
}
