//! What a plugin says of itself, as data.
//!
//! The manifest is made from the plugin's `clap` command while the plugin is built, and embedded in
//! the library in an object-file section of its own ([`SECTION`]). The host reads it without
//! running any of the plugin's code: help, completion and `omero plugin list` open no library.
//!
//! ```
//! use omero_plugin_api::{build::Builder, clap::Command, manifest::Manifest};
//!
//! // At build time …
//! let command = Command::new("hello").about("Greet the user of the session");
//! let text = serde_json::to_vec(Builder::new(command).manifest())?;
//!
//! // … and what the host learns of it.
//! let manifest = Manifest::from_section(&text)?;
//! assert_eq!(manifest.name, "hello");
//! assert_eq!(manifest.command.about, "Greet the user of the session");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod grammar;

use serde::{Deserialize, Serialize};

pub use grammar::{Argument, Command, ValueHint};

/// The section that holds the manifest on ELF and PE.
pub const SECTION: &str = ".omero";
/// The segment and section that hold it on Mach-O.
pub const SECTION_MACHO: &str = "__DATA,__omero";
/// The version of this format. A reader refuses a higher number and ignores unknown fields.
pub const FORMAT: u32 = 1;

/// The service name of a plugin that makes sessions for the others.
pub const SERVICE_SESSION: &str = "session";
/// The service name of a plugin that completes values of its own arguments.
pub const SERVICE_COMPLETION: &str = "completion";

/// A plugin's description of itself.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::Command, manifest::{FORMAT, SERVICE_SESSION}};
///
/// let builder = Builder::new(Command::new("keycard")).session_provider().needs_abi("1.1");
/// let manifest = builder.manifest();
/// assert_eq!((manifest.manifest, manifest.name.as_str()), (FORMAT, "keycard"));
/// assert_eq!(manifest.provides, [SERVICE_SESSION]);
/// assert_eq!(manifest.needs_abi.as_deref(), Some("1.1"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format, [`FORMAT`].
    pub manifest: u32,
    /// The plugin's name, which is also its command.
    pub name: String,
    /// The plugin's own version.
    pub version: String,
    /// The version of `omero-plugin-abi` it was built against.
    pub abi: String,
    /// The oldest version of it, as `major.minor`, that a host has to offer. Without it any host of
    /// the same major version will do, as long as the types fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_abi: Option<String>,
    /// The Rust target it was built for, for instance `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// Services it offers to others; see [`SERVICE_SESSION`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<String>,
    /// Aliases it proposes; they take effect only when the user installs the plugin and agrees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ProposedAlias>,
    /// Exit codes it documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit_codes: Vec<ExitCode>,
    /// The command tree.
    pub command: Command,
}

/// An alias that a plugin proposes: `name` stands for `command`.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::Command, manifest::ProposedAlias};
///
/// let builder = Builder::new(Command::new("group")).alias("groups", "group list");
/// let proposed =
///     ProposedAlias { name: "groups".to_owned(), command: "group list".to_owned() };
/// assert_eq!(builder.manifest().aliases, [proposed]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedAlias {
    /// The new word.
    pub name: String,
    /// What it stands for, as typed after `omero`.
    pub command: String,
}

/// A documented exit code.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::Command};
///
/// let builder = Builder::new(Command::new("group")).exit_code(504, "no group found");
/// let documented = &builder.manifest().exit_codes[0];
/// assert_eq!((documented.code, documented.meaning.as_str()), (504, "no group found"));
/// assert_eq!(documented.code % 256, 248); // as the shell sees it
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExitCode {
    /// The code as OMERO documents it; the process exits with it modulo 256.
    pub code: i32,
    /// When it happens.
    pub meaning: String,
}

impl Manifest {
    /// Reads the content of the section. Trailing zero bytes, which linkers may add, are ignored.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::Command, manifest::Manifest};
    /// let builder = Builder::new(Command::new("hello"));
    /// let mut section = serde_json::to_vec(builder.manifest())?;
    /// section.extend([0; 16]); // a linker fills up
    /// assert_eq!(Manifest::from_section(&section).as_ref(), Ok(builder.manifest()));
    ///
    /// let newer = Manifest::from_section(br#"{"manifest": 99}"#).unwrap_err();
    /// assert_eq!(newer, "its manifest has format 99, this omero reads up to 1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is not this format, or a newer version of it.
    pub fn from_section(section: &[u8]) -> Result<Self, String> {
        let end = section
            .iter()
            .rposition(|b| *b != 0)
            .map_or(0, |last| last + 1);
        let text = &section[..end];
        #[derive(Deserialize)]
        struct Version {
            manifest: u32,
        }
        let damaged = |e| format!("its manifest is damaged ({e})");
        match serde_json::from_slice::<Self>(text) {
            Ok(manifest) if manifest.manifest <= FORMAT => Ok(manifest),
            // Only now the version alone: a newer format may be unreadable in any way.
            read => {
                let version: Version = serde_json::from_slice(text).map_err(damaged)?;
                if version.manifest > FORMAT {
                    return Err(format!(
                        "its manifest has format {}, this omero reads up to {FORMAT}",
                        version.manifest
                    ));
                }
                read.map_err(damaged)
            }
        }
    }
}
