//! The account that the clients run as.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user and group of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// Whoever runs the tests, or `nobody` if that is root.
    pub fn unprivileged() -> Self {
        let own = fs::metadata("/proc/self").expect("this suite is for Linux");
        if own.uid() != 0 {
            return Self {
                uid: own.uid(),
                gid: own.gid(),
            };
        }
        let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let nobody = accounts.lines().find_map(|line| {
            let mut fields = line.strip_prefix("nobody:")?.split(':').skip(1);
            let uid = fields.next()?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self { uid, gid })
        });
        nobody.expect("/etc/passwd has the user nobody")
    }

    /// Makes a process run as this account. Without change of user nothing is asked of the system.
    pub fn take(self, command: &mut Command) {
        if self.differs() {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Gives a file or directory to this account.
    pub fn own(self, path: &Path) {
        if self.differs() {
            chown(path, Some(self.uid), Some(self.gid)).expect("root may give files away");
        }
    }

    fn differs(self) -> bool {
        fs::metadata("/proc/self").is_ok_and(|own| own.uid() != self.uid)
    }
}
