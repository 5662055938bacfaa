//! Taking the root module out of an opened library, with the layout check in the right direction.
//!
//! `abi_stable` checks that the host's types are a prefix of the plugin's. After any compatible
//! addition to this crate that refuses every older plugin, for which the opposite holds: its types
//! are a prefix of the host's. So the versions are compared first, and the check runs from the
//! older to the newer. One total order exists because all types that cross live in this one crate.

use abi_stable::{
    abi_stability::{
        abi_checking::{check_layout_compatibility_with_globals, CheckingGlobals},
        stable_abi_trait::StableAbi,
    },
    library::{AbiHeaderRef, LibHeader, RootModule},
};
use std::fmt;

use crate::PluginModule_Ref;

/// What the symbol [`ROOT_SYMBOL`](crate::ROOT_SYMBOL) has to be read as.
pub type RootSymbol = AbiHeaderRef;

/// The versions of two sides, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// What the plugin was built against.
    pub plugin: String,
    /// What this program offers.
    pub host: String,
}

/// Why the root module was not taken.
#[derive(Debug, Clone)]
pub enum RootError {
    /// Built with an incompatible release of `abi_stable`, or for other calling conventions.
    Header(String),
    /// Another major version of this ABI.
    Major(Versions),
    /// The same major version, but the types do not fit: a modified copy of this crate.
    Layout {
        /// The versions that both sides name.
        versions: Versions,
        /// The checker's long report, for `--debug`.
        report: String,
    },
    /// The plugin's own constructor failed.
    Constructor(String),
}

impl fmt::Display for RootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(why) => write!(f, "it was not made for this kind of host ({why})"),
            Self::Major(v) => {
                write!(
                    f,
                    "it was built for plugin ABI {}, this omero has {}",
                    v.plugin, v.host
                )
            }
            Self::Layout { versions: v, .. } => write!(
                f,
                "its ABI types (called version {}) do not fit this omero's ({})",
                v.plugin, v.host
            ),
            Self::Constructor(why) => write!(f, "it could not be started ({why})"),
        }
    }
}

impl std::error::Error for RootError {}

/// Checks the header behind the root symbol and returns the root module.
///
/// # Safety
///
/// `symbol` must be the symbol `ROOT_SYMBOL` of a library that is never unloaded, and that symbol
/// must have been made by `omero-plugin-api`'s `export_plugin!`.
pub unsafe fn root_module(symbol: RootSymbol) -> Result<PluginModule_Ref, RootError> {
    let header = symbol
        .upgrade()
        .map_err(|e| RootError::Header(first_line(&e.to_string())))?;
    let versions = Versions {
        plugin: header.version_strings().version.to_string(),
        host: crate::VERSION.to_owned(),
    };
    check(header, versions)?;
    // SAFETY: the caller vouches for the symbol, and `check` compared the layout of the module it
    // leads to with the one this program was compiled with.
    unsafe { header.unchecked_layout::<PluginModule_Ref>() }
        .map_err(|e| RootError::Constructor(first_line(&e.to_string())))
}

fn check(header: &LibHeader, versions: Versions) -> Result<(), RootError> {
    let plugin = numbers(&versions.plugin);
    let host = numbers(&versions.host);
    if plugin.0 != host.0 {
        return Err(RootError::Major(versions));
    }
    let ours = <PluginModule_Ref as StableAbi>::LAYOUT;
    let hidden = || RootError::Header("it hides its types".to_owned());
    let theirs = header.layout().ok_or_else(hidden)?;
    let (older, newer) = if plugin < host {
        (theirs, ours)
    } else {
        (ours, theirs)
    };
    // Not `check_layout_compatibility`: that one compares with every plugin of this process at once,
    // and refuses a plugin of this version after an older one.
    let alone = CheckingGlobals::new();
    check_layout_compatibility_with_globals(older, newer, &alone).map_err(|report| {
        RootError::Layout {
            versions,
            report: report.to_string(),
        }
    })
}

/// `major.minor.patch` as numbers; what is missing or not a number counts as 0.
pub fn numbers(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split('.').map(|p| p.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

fn first_line(text: &str) -> String {
    text.lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or("")
        .trim()
        .to_owned()
}

/// The name under which the root module reports itself; keeps the trait in use.
pub const MODULE_NAME: &str = <PluginModule_Ref as RootModule>::NAME;
