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

/// One command with its options and subcommands.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap, uses_session};
///
/// let list = uses_session(clap::Command::new("list").visible_alias("ls"));
/// let builder = Builder::new(clap::Command::new("group").subcommand(list));
/// let group = &builder.manifest().command;
/// assert!(!group.uses_session);
/// assert!(group.commands[0].uses_session);
/// assert_eq!(group.commands[0].aliases, ["ls"]);
/// ```
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
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
///
/// let style = Arg::new("style").long("style").value_parser(["plain", "csv"]).help("How to show");
/// let builder = Builder::new(Command::new("hql").arg(style));
/// let style = &builder.manifest().command.arguments[0];
/// assert_eq!((style.long.as_deref(), style.help.as_str()), (Some("style"), "How to show"));
/// assert_eq!(style.possible_values, ["plain", "csv"]);
/// assert_eq!((style.min_values, style.max_values), (1, Some(1)));
/// ```
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
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, ArgAction, Command}};
    /// let limit = Arg::new("limit").long("limit");
    /// let all = Arg::new("all").long("all").action(ArgAction::SetTrue);
    /// let builder = Builder::new(Command::new("hql").args([limit, all]));
    /// let arguments = &builder.manifest().command.arguments;
    /// assert!(arguments[0].takes_value());
    /// assert!(!arguments[1].takes_value());
    /// ```
    pub fn takes_value(&self) -> bool {
        self.max_values != Some(0)
    }

    /// Whether it is positional.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
    /// let command = Command::new("hql").arg(Arg::new("query")).arg(Arg::new("limit").long("limit"));
    /// let builder = Builder::new(command);
    /// let arguments = &builder.manifest().command.arguments;
    /// assert!(arguments[0].is_positional());
    /// assert!(!arguments[1].is_positional());
    /// ```
    pub fn is_positional(&self) -> bool {
        self.short.is_none() && self.long.is_none()
    }
}

/// What an argument's values are.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::{Arg, Command}, manifest::ValueHint};
///
/// // The name of the value says it.
/// let owner = Arg::new("owner").long("owner").value_name("USER");
/// let builder = Builder::new(Command::new("chown").arg(owner));
/// assert_eq!(builder.manifest().command.arguments[0].hint, Some(ValueHint::User));
/// ```
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
