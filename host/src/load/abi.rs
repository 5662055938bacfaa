//! Whether a plugin's ABI is one that this host can serve, by what its manifest says: known before
//! any of its code runs.

use omero_plugin_abi::{
    VERSION,
    loader::{Versions, numbers},
};
use omero_plugin_api::manifest::Manifest;

/// Why a plugin's ABI is none that this host serves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Built for another major version.
    #[error("it was built for plugin ABI {}; this omero offers {}", .0.plugin, .0.host)]
    Major(Versions),
    /// It cannot do without something that came later.
    #[error("it needs plugin ABI {} or newer; this omero offers {}", .0.plugin, .0.host)]
    Newer(Versions),
}

impl Misfit {
    /// What to do about it, for the plugin of this command.
    pub fn remedy(&self, command: &str) -> String {
        match self {
            Self::Newer(_) => format!(
                "update omero, or install an older build of `{command}`: omero plugin install FILE"
            ),
            Self::Major(versions) => other_major(versions, command),
        }
    }
}

/// What to do about a plugin of another major version.
pub fn other_major(versions: &Versions, command: &str) -> String {
    let (host, ..) = numbers(&versions.host);
    let install =
        format!("install a build of `{command}` for plugin ABI {host}: omero plugin install FILE");
    if numbers(&versions.plugin) > numbers(&versions.host) {
        format!("update omero, or {install}")
    } else {
        install
    }
}

/// Compares what a manifest names with what this host offers. A plugin that was built for a newer
/// minor version and asks for nothing of it may load: the layouts decide.
///
/// # Errors
///
/// Another major version, or a minor version that this host does not reach.
pub fn check(manifest: &Manifest) -> Result<(), Misfit> {
    fits(&manifest.abi, manifest.needs_abi.as_deref(), VERSION)
}

fn fits(built: &str, needs: Option<&str>, offered: &str) -> Result<(), Misfit> {
    let versions = |plugin: &str| Versions {
        plugin: plugin.to_owned(),
        host: offered.to_owned(),
    };
    let (major, minor, _) = numbers(offered);
    if numbers(built).0 != major {
        return Err(Misfit::Major(versions(built)));
    }
    match needs {
        Some(needs) if numbers(needs) > (major, minor, u32::MAX) => {
            Err(Misfit::Newer(versions(needs)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_version_matters_only_to_those_who_need_it() {
        for (built, needs, offered) in [
            ("1.0.0", None, "1.0.0"),
            ("1.0.0", None, "1.7.2"),
            ("1.7.2", None, "1.0.0"),
            ("1.7.2", Some("1.3"), "1.3.0"),
            ("1.3.9", Some("1.3.9"), "1.3.0"),
        ] {
            assert_eq!(fits(built, needs, offered), Ok(()), "{built} {needs:?}");
        }
        for (built, needs, offered) in [
            ("2.0.0", None, "1.9.9"),
            ("0.9.0", None, "1.0.0"),
            ("", None, "1.0.0"),
            ("1.3.0", Some("1.3"), "1.2.9"),
            ("1.3.0", Some("2.0"), "1.9.0"),
        ] {
            assert!(fits(built, needs, offered).is_err(), "{built} {needs:?}");
        }
    }

    #[test]
    fn who_is_older_decides_what_helps() {
        let newer = fits("2.1.0", None, "1.1.0").unwrap_err();
        assert_eq!(
            newer.to_string(),
            "it was built for plugin ABI 2.1.0; this omero offers 1.1.0"
        );
        assert!(
            newer
                .remedy("hello")
                .starts_with("update omero, or install ")
        );
        let older = fits("1.1.0", None, "2.1.0").unwrap_err();
        assert_eq!(
            older.remedy("hello"),
            "install a build of `hello` for plugin ABI 2: omero plugin install FILE"
        );
        let needs = fits("1.7.0", Some("1.7"), "1.1.0").unwrap_err();
        assert_eq!(
            needs.to_string(),
            "it needs plugin ABI 1.7 or newer; this omero offers 1.1.0"
        );
    }
}
