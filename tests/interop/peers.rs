//! Where the other programs are.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A program that `.ci/peers` installs.
#[derive(Clone, Copy, Debug)]
pub enum Peer {
    /// The `omero` command of OMERO.py.
    OmeroPy,
    /// ZeroC's router.
    Glacier2,
    /// The web server.
    Nginx,
}

impl Peer {
    /// The program's file.
    pub fn path(self) -> PathBuf {
        match self {
            Self::OmeroPy => {
                let peers = env::var_os("OMERO_PEERS").unwrap_or("/opt/omero-peers".into());
                Path::new(&peers).join("venv/bin/omero")
            }
            Self::Glacier2 => "/usr/bin/glacier2router".into(),
            Self::Nginx => "/usr/sbin/nginx".into(),
        }
    }
}

/// Whether all of them are there. If not, says so where it is seen although the test passes, and
/// fails in CI, where nothing may be skipped.
pub fn present(peers: &[Peer]) -> bool {
    let missing = peers.iter().find(|peer| !peer.path().is_file());
    let Some(missing) = missing else { return true };
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let words = format!(
        "***** SKIPPED {test}: {} is missing; run .ci/peers *****",
        missing.path().display()
    );
    assert!(env::var("CI").as_deref() != Ok("true"), "{words}");
    // Not eprintln!, whose text is kept back from tests that pass.
    let _ = writeln!(std::io::stderr(), "{words}");
    false
}
