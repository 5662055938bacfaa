//! For a plugin's `build.rs`: turns its `clap` command into the manifest.
//!
//! `src/command.rs` holds the command alone, so that both the library and `build.rs` can include
//! it:
//!
//! ```no_run
//! # mod command { pub fn command() -> clap::Command { clap::Command::new("hello") } }
//! # use omero_plugin_api::clap;
//! // build.rs, after: #[path = "src/command.rs"] mod command;
//! omero_plugin_api::build::Builder::new(command::command()).write();
//! ```

mod describe;

use std::{env, fs, path::Path};

use crate::manifest::{
    ExitCode, FORMAT, Manifest, ProposedAlias, SERVICE_COMPLETION, SERVICE_SESSION, ValueHint,
};
use describe::{check, describe};

/// The version of the ABI that this crate is built on.
const ABI_VERSION: &str = "1.0.0";

/// Collects what the manifest says besides the command tree.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::Command};
///
/// let builder = Builder::new(Command::new("group").about("Work with groups"))
///     .alias("groups", "group list")
///     .exit_code(504, "no group found");
/// assert_eq!(builder.manifest().aliases[0].name, "groups");
/// assert_eq!(builder.manifest().exit_codes[0].code, 504);
/// ```
#[derive(Debug)]
pub struct Builder {
    manifest: Manifest,
}

impl Builder {
    /// Starts from the plugin's command; its name and version become the plugin's.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::Command};
    /// let command = Command::new("group").subcommand(Command::new("list").about("Show all groups"));
    /// let builder = Builder::new(command);
    /// assert_eq!(builder.manifest().name, "group");
    /// assert_eq!(builder.manifest().command.commands[0].about, "Show all groups");
    /// ```
    ///
    /// # Panics
    ///
    /// The name cannot be that of a plugin, or a subcommand is written like an option: a build
    /// script reports by panicking.
    pub fn new(mut command: clap::Command) -> Self {
        let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
        command.build();
        if let Err(reason) = check(&command) {
            panic!("this command cannot be a plugin: {reason}");
        }
        Self {
            manifest: Manifest {
                manifest: FORMAT,
                name: command.get_name().to_owned(),
                version,
                abi: ABI_VERSION.to_owned(),
                needs_abi: None,
                target: env::var("TARGET").unwrap_or_default(),
                provides: Vec::new(),
                aliases: Vec::new(),
                exit_codes: Vec::new(),
                command: describe(&command),
            },
        }
    }

    /// Says that the plugin makes sessions for the others.
    ///
    /// ```
    /// use omero_plugin_api::{build::Builder, clap::Command, manifest::SERVICE_SESSION};
    ///
    /// let builder = Builder::new(Command::new("keycard")).session_provider();
    /// assert_eq!(builder.manifest().provides, [SERVICE_SESSION]);
    /// ```
    #[must_use]
    pub fn session_provider(mut self) -> Self {
        self.manifest.provides.push(SERVICE_SESSION.to_owned());
        self
    }

    /// Says that the plugin completes values of its own arguments: `complete:` of `export_plugin!`,
    /// see [`crate::questions`].
    ///
    /// ```
    /// use omero_plugin_api::{build::Builder, clap::Command, manifest::SERVICE_COMPLETION};
    ///
    /// let builder = Builder::new(Command::new("tag")).completion();
    /// assert_eq!(builder.manifest().provides, [SERVICE_COMPLETION]);
    /// ```
    #[must_use]
    pub fn completion(mut self) -> Self {
        self.manifest.provides.push(SERVICE_COMPLETION.to_owned());
        self
    }

    /// Says what the values of an argument are, so that they can be completed: the subcommands that
    /// lead to it, separated by blanks, its clap id, and the hint. clap's own hints for paths, hosts
    /// and users, and the value names `SERVER`, `USER`, `GROUP` and `SESSION`, are understood
    /// without this.
    ///
    /// ```
    /// use omero_plugin_api::{build::Builder, clap::{Arg, Command}, manifest::ValueHint};
    ///
    /// let add = Command::new("add").arg(Arg::new("who").value_name("NAME"));
    /// let member = Command::new("member").subcommand(add);
    /// let builder = Builder::new(Command::new("group").subcommand(member))
    ///     .hint("member add", "who", ValueHint::User);
    /// let add = &builder.manifest().command.commands[0].commands[0];
    /// assert_eq!(add.arguments[0].hint, Some(ValueHint::User));
    /// ```
    ///
    /// # Panics
    ///
    /// There is no such argument: a build script reports by panicking.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a build script reports by panicking")]
    pub fn hint(mut self, command: &str, argument: &str, hint: ValueHint) -> Self {
        let node = command
            .split_whitespace()
            .try_fold(&mut self.manifest.command, |node, word| {
                node.commands.iter_mut().find(|sub| sub.name == word)
            });
        let found = node.and_then(|node| node.arguments.iter_mut().find(|a| a.id == argument));
        found.expect("the command has this argument").hint = Some(hint);
        self
    }

    /// Says that the plugin is of no use in a host that offers an older ABI than this one
    /// (`major.minor`), so that such a host refuses it with a clear sentence. A plugin that can do
    /// without asks [`Context::host_abi`](crate::Context::host_abi) instead.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::Command};
    /// let builder = Builder::new(Command::new("watch")).needs_abi("1.1");
    /// assert_eq!(builder.manifest().needs_abi.as_deref(), Some("1.1"));
    /// ```
    #[must_use]
    pub fn needs_abi(mut self, version: &str) -> Self {
        self.manifest.needs_abi = Some(version.to_owned());
        self
    }

    /// Proposes an alias.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::Command};
    /// let builder = Builder::new(Command::new("sessions")).alias("who", "sessions who");
    /// assert_eq!(builder.manifest().aliases[0].command, "sessions who");
    /// ```
    #[must_use]
    pub fn alias(mut self, name: &str, command: &str) -> Self {
        self.manifest.aliases.push(ProposedAlias {
            name: name.to_owned(),
            command: command.to_owned(),
        });
        self
    }

    /// Documents an exit code.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::Command};
    /// let builder = Builder::new(Command::new("group"))
    ///     .exit_code(504, "no group found")
    ///     .exit_code(516, "more than one group where one is asked for");
    /// assert_eq!(builder.manifest().exit_codes.len(), 2);
    /// ```
    #[must_use]
    pub fn exit_code(mut self, code: i32, meaning: &str) -> Self {
        self.manifest.exit_codes.push(ExitCode {
            code,
            meaning: meaning.to_owned(),
        });
        self
    }

    /// The manifest.
    ///
    /// ```
    /// use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
    ///
    /// // A test that no argument of the plugin is without help.
    /// let command = Command::new("tag").arg(Arg::new("text").help("What the tag says"));
    /// let builder = Builder::new(command);
    /// assert!(builder.manifest().command.arguments.iter().all(|a| !a.help.is_empty()));
    /// ```
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the manifest to where `export_plugin!` looks for it. Only for `build.rs`.
    ///
    /// ```no_run
    /// # mod command { pub fn command() -> clap::Command { clap::Command::new("hello") } }
    /// # use omero_plugin_api::clap;
    /// use omero_plugin_api::build::Builder;
    ///
    /// // All that `main` of a build.rs has to do:
    /// Builder::new(command::command()).exit_code(3, "nobody to greet").write();
    /// ```
    ///
    /// # Panics
    ///
    /// When cargo's variables are missing or the file cannot be written: a build script reports
    /// by panicking.
    #[expect(clippy::expect_used, reason = "a build script reports by panicking")]
    #[expect(
        clippy::print_stdout,
        reason = "a build script talks to cargo on standard output"
    )]
    pub fn write(&self) {
        println!("cargo::rerun-if-changed=src/command.rs");
        println!("cargo::rerun-if-changed=build.rs");
        let directory = env::var_os("OUT_DIR").expect("OUT_DIR is set: this runs in build.rs");
        let text = serde_json::to_vec(&self.manifest).expect("a manifest is plain data");
        fs::write(Path::new(&directory).join("omero-manifest.json"), &text)
            .expect("OUT_DIR is writable");
    }
}

#[cfg(all(test, feature = "runtime"))]
mod tests;
