//! Where things lie in the store. No other file joins names to paths.
//!
//! ```text
//! <root>/._LOCK_                      ours: the advisory lock
//! <root>/._LASTHOST_  ._LASTPORT_     the server of the current session
//! <root>/<host>/._LASTUSER_           <host> is percent-encoded
//! <root>/<host>/<user>/._LASTSESS_    <user> is not
//! <root>/<host>/<user>/<key>          one file per session
//! ```

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::encoding;
use super::names::{Host, SessionKey, User, shorten};

/// How temporary files begin; the leading dot keeps OMERO.py from taking them for sessions.
const TEMPORARY: &str = "._TMP_";

/// The paths below one store directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// Paths below `root`, which is used as it stands, relative or not.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The store's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file that writers lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("._LOCK_")
    }

    /// The pointer to the last host.
    pub fn last_host(&self) -> PathBuf {
        self.root.join("._LASTHOST_")
    }

    /// The pointer to the last port.
    pub fn last_port(&self) -> PathBuf {
        self.root.join("._LASTPORT_")
    }

    /// The directory of a host.
    pub fn host(&self, host: &Host) -> PathBuf {
        self.root.join(encoding::encode(host.as_str()))
    }

    /// The pointer to the last user of a host.
    pub fn last_user(&self, host: &Host) -> PathBuf {
        self.host(host).join("._LASTUSER_")
    }

    /// The directory of a user of a host.
    pub fn user(&self, host: &Host, user: &User) -> PathBuf {
        self.host(host).join(user.as_str())
    }

    /// The pointer to the last session of a user of a host.
    pub fn last_session(&self, host: &Host, user: &User) -> PathBuf {
        self.user(host, user).join("._LASTSESS_")
    }

    /// The file of a session.
    pub fn session(&self, host: &Host, user: &User, key: &SessionKey) -> PathBuf {
        self.user(host, user).join(key.expose())
    }
}

/// A name for a temporary file beside `target`, on the same file system so that it can be renamed.
pub(super) fn temporary(target: &Path) -> PathBuf {
    target.with_file_name(format!("{TEMPORARY}{}", Uuid::new_v4()))
}

/// Whether a file name is one of [`temporary`]'s.
pub(super) fn is_temporary(name: &str) -> bool {
    name.strip_prefix(TEMPORARY)
        .is_some_and(|id| Uuid::try_parse(id).is_ok())
}

/// How messages name a path whose last component may be a session key.
pub(super) fn shown_session(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| shorten(&name.to_string_lossy()));
    match (path.parent(), name) {
        (Some(parent), Some(name)) => parent.join(name).display().to_string(),
        _ => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_place() {
        let paths = Paths::new("/s".into());
        let host = Host::parse("wss://h").unwrap();
        let user = User::parse("user:4@email").unwrap();
        let key = SessionKey::parse("k-1").unwrap();
        let of = |path: &str| PathBuf::from(path);
        assert_eq!(paths.lock(), of("/s/._LOCK_"));
        assert_eq!(paths.last_host(), of("/s/._LASTHOST_"));
        assert_eq!(paths.last_port(), of("/s/._LASTPORT_"));
        assert_eq!(paths.last_user(&host), of("/s/wss%3A%2F%2Fh/._LASTUSER_"));
        let dir = of("/s/wss%3A%2F%2Fh/user:4@email");
        assert_eq!(paths.last_session(&host, &user), dir.join("._LASTSESS_"));
        assert_eq!(paths.session(&host, &user, &key), dir.join("k-1"));
    }

    #[test]
    fn temporary_files_stand_beside_their_target_and_are_recognised() {
        let path = temporary(Path::new("/s/h/u/key"));
        assert_eq!(path.parent(), Some(Path::new("/s/h/u")));
        assert!(is_temporary(&path.file_name().unwrap().to_string_lossy()));
        assert!(!is_temporary("._TMP_mine") && !is_temporary("._LASTSESS_"));
    }

    #[test]
    fn messages_do_not_show_a_key() {
        let path = Path::new("/s/h/u/aec828e1-79bf-41f3-91e6-a4ac76ff1cd5");
        assert_eq!(shown_session(path), "/s/h/u/aec828e1…");
    }
}
