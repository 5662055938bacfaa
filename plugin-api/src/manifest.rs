//! What a plugin says of itself, as data.
//!
//! The manifest is made from the plugin's `clap` command while the plugin is built, and embedded in
//! the library in an object-file section of its own ([`SECTION`]). The host reads it without
//! running any of the plugin's code: help, completion and `omero plugin list` open no library.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedAlias {
    /// The new word.
    pub name: String,
    /// What it stands for, as typed after `omero`.
    pub command: String,
}

/// A documented exit code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExitCode {
    /// The code as OMERO documents it; the process exits with it modulo 256.
    pub code: i32,
    /// When it happens.
    pub meaning: String,
}

/// One command with its options and subcommands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// The word that calls it.
    pub name: String,
    /// Other words that call it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// One line for lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The longer text of its own help page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub long_about: String,
    /// Text after the options, such as examples.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after_help: String,
    /// Whether lists leave it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether it takes the login options (`-s`, `-u`, …) because it works on a session.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uses_session: bool,
    /// Whether it needs one of its subcommands.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub subcommand_required: bool,
    /// Options and positional arguments, positionals in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument>,
    /// Subcommands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

/// One option or positional argument.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Argument {
    /// Its name inside the plugin.
    pub id: String,
    /// `-x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<char>,
    /// `--name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<String>,
    /// One line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Names of its values in the help. Empty for a flag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value_names: Vec<String>,
    /// The fewest values per occurrence.
    pub min_values: usize,
    /// The most values per occurrence; `None` is no limit.
    pub max_values: Option<usize>,
    /// Whether it may stand several times.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// Whether it must stand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether the help leaves it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether a value may begin with `-`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hyphen_values: bool,
    /// The only values it takes, where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible_values: Vec<String>,
    /// The value that counts when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The heading under which the help lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// What its values are, for completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<ValueHint>,
}

impl Argument {
    /// Whether it takes a value, so that a following word may belong to it.
    pub fn takes_value(&self) -> bool {
        self.max_values != Some(0)
    }

    /// Whether it is positional.
    pub fn is_positional(&self) -> bool {
        self.short.is_none() && self.long.is_none()
    }
}

/// What an argument's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueHint {
    /// Any path.
    Path,
    /// A file.
    File,
    /// A directory.
    Directory,
    /// An OMERO server.
    Host,
    /// An OMERO user.
    User,
    /// An OMERO group.
    Group,
    /// The key of a stored session.
    Session,
    /// Something a newer plugin knows.
    #[serde(other)]
    Other,
}

impl Manifest {
    /// Reads the content of the section. Trailing zero bytes, which linkers may add, are ignored.
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
        let version: Version =
            serde_json::from_slice(text).map_err(|e| format!("its manifest is damaged ({e})"))?;
        if version.manifest > FORMAT {
            return Err(format!(
                "its manifest has format {}, this omero reads up to {FORMAT}",
                version.manifest
            ));
        }
        serde_json::from_slice(text).map_err(|e| format!("its manifest is damaged ({e})"))
    }
}
