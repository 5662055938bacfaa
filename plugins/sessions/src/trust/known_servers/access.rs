//! Who could have written a file of remembered servers: they decide whom this user trusts.

#[cfg(unix)]
pub(super) use unix::{check, exposure, open};

#[cfg(not(unix))]
pub(super) use elsewhere::{check, exposure, open};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use nix::unistd::{Gid, Group, Uid, User};
    use rustix::fs::{Mode, OFlags};
    use rustix::process::geteuid;

    const GROUP_WRITES: u32 = 0o020;
    const ALL_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    /// Opens a file without waiting for the other end of a pipe.
    pub fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }

    /// Checks that only this user or root could have written the file, or a link to it.
    pub fn check(file: &File, path: &Path) -> Result<(), String> {
        let text = |error: io::Error| error.to_string();
        let metadata = file.metadata().map_err(text)?;
        if !metadata.is_file() {
            return Err("it is not a file".to_owned());
        }
        let link = fs::symlink_metadata(path).map_err(text)?;
        for metadata in [&link, &metadata] {
            if !is_trusted(metadata.uid(), path) {
                let owner = metadata.uid();
                return Err(format!(
                    "it belongs to another user (uid {owner}). Check its contents, then run: \
                     chown {} {}",
                    geteuid().as_raw(),
                    path.display()
                ));
            }
        }
        match writers(&metadata) {
            Some(who) => Err(format!(
                "{who} can write it. Check its contents, then run: chmod 600 {}",
                path.display()
            )),
            None => Ok(()),
        }
    }

    /// Who else could remove or replace a file, because its directory is open to them.
    pub fn exposure(path: &Path) -> Option<String> {
        // A link has two directories that matter.
        let target = path.canonicalize().ok()?;
        [path, &target].iter().find_map(|path| {
            let directory = path.parent()?;
            let metadata = directory.metadata().ok()?;
            let who = match metadata.mode() & STICKY {
                0 => writers(&metadata)?,
                _ => return None,
            };
            Some(format!(
                "{who} can remove the servers that are remembered in {}; run: chmod go-w {}",
                path.display(),
                directory.display()
            ))
        })
    }

    /// Root also works with what belongs to the owner of the directory, such as a volume of a
    /// container: whoever owns the directory decides about its files anyhow.
    fn is_trusted(owner: u32, path: &Path) -> bool {
        let user = geteuid();
        let of_directory = || {
            let directory = path.parent().and_then(|parent| parent.metadata().ok());
            directory.is_some_and(|directory| directory.uid() == owner)
        };
        owner == user.as_raw() || owner == 0 || (user.is_root() && of_directory())
    }

    fn writers(metadata: &Metadata) -> Option<&'static str> {
        if metadata.mode() & ALL_WRITE != 0 {
            return Some("every user of this machine");
        }
        let open = metadata.mode() & GROUP_WRITES != 0 && !is_private(metadata.gid());
        open.then_some("the members of its group")
    }

    /// Whether a group is this user's own: it has the user's name and no other member. Asks for the
    /// two entries only, because a directory service may refuse or be slow to list all users.
    fn is_private(group: u32) -> bool {
        let user = User::from_uid(Uid::effective()).ok().flatten();
        let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
        match (user, group) {
            (Some(user), Some(group)) => {
                group.name == user.name && group.mem.iter().all(|member| *member == user.name)
            }
            _ => false,
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    //! Elsewhere the access list of the user's profile keeps others out.
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub fn check(_file: &File, _path: &Path) -> Result<(), String> {
        Ok(())
    }

    pub fn exposure(_path: &Path) -> Option<String> {
        None
    }
}
