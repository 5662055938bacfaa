//! What the file system says of a file without reading it: enough to notice that it changed.

use std::{
    fs::Metadata,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// How long after a change a time stamp may still stay the same when the file changes again: file
/// systems count in steps of up to two seconds.
const SETTLING: Duration = Duration::from_secs(2);

/// Size, times and identity of a file or directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When its content was last changed: nanoseconds since 1970.
    pub modified: i64,
    /// When content, owner or mode were last changed: nanoseconds since 1970. 0 where the system
    /// does not say. A program can set the other time back, but not this one.
    pub changed: i64,
    /// Its number in the file system; 0 where there is none.
    pub inode: u64,
}

impl Stamp {
    /// The stamp of a file whose metadata were read.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let (changed, inode) = identity(metadata);
        Self {
            size: metadata.len(),
            modified: nanoseconds(modified),
            changed,
            inode,
        }
    }

    /// Whether a later change is sure to make another stamp. One that is not must not be relied on
    /// instead of reading the file.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let horizon = nanoseconds(now.checked_sub(SETTLING).unwrap_or(now));
        self.modified < horizon && self.changed < horizon
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(0))
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (i64, u64) {
    use std::os::unix::fs::MetadataExt;
    let seconds = metadata.ctime().saturating_mul(1_000_000_000);
    let changed = seconds.saturating_add(metadata.ctime_nsec());
    (changed, metadata.ino())
}

#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (i64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_change_shows_even_when_the_time_is_set_back() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("f");
        let stamp = || Stamp::of(&path.metadata().unwrap());
        fs::write(&path, "one").unwrap();
        let before = stamp();
        assert_eq!(stamp(), before);
        let time = path.metadata().unwrap().modified().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        fs::write(&path, "two").unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
        let after = stamp();
        assert_eq!((after.size, after.modified), (before.size, before.modified));
        assert!(cfg!(not(unix)) || after != before);
    }

    #[test]
    fn young_stamps_are_not_relied_on() {
        let root = tempfile::tempdir().unwrap();
        let stamp = Stamp::of(&root.path().metadata().unwrap());
        let now = SystemTime::now();
        assert!(!stamp.is_settled(now));
        assert!(stamp.is_settled(now + Duration::from_secs(5)));
    }
}
