//! What the user has set, and where a plugin keeps its own files.

use std::{ffi::OsString, path::PathBuf};

use super::{Context, platform::os_string, result};
use crate::Error;

impl Context {
    /// An environment variable.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let editor = ctx.environment("EDITOR").unwrap_or_else(|| "vi".into());
    ///     ctx.line(editor.display())
    /// }
    /// # let harness = Harness::new(|| Command::new("note"), run);
    /// # assert_eq!(harness.clone().run().stdout, "vi\n");
    /// # assert_eq!(harness.environment("EDITOR", "ed").run().stdout, "ed\n");
    /// ```
    pub fn environment(&self, name: &str) -> Option<OsString> {
        self.host
            .environment(name.into())
            .into_option()
            .map(|bytes| os_string(bytes.into()))
    }

    /// A configuration value by its dotted key.
    ///
    /// # Errors
    ///
    /// A configuration file that cannot be read, or a value of another type.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let rows: u32 = ctx.configuration("images.rows")?.unwrap_or(25);
    ///     ctx.line(rows)
    /// }
    /// # let harness = Harness::new(|| Command::new("images"), run);
    /// # assert_eq!(harness.clone().run().stdout, "25\n");
    /// # assert_eq!(harness.configuration("images.rows", "5").run().stdout, "5\n");
    /// ```
    pub fn configuration<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, Error> {
        let Some(json) = result(self.host.configuration(key.into()))?.into_option() else {
            return Ok(None);
        };
        serde_json::from_str(&json).map(Some).map_err(|e| {
            Error::new(
                78,
                format!("The configuration value `{key}` is not usable: {e}"),
            )
            .hint("edit the configuration file")
        })
    }

    /// This plugin's own data directory, mode 0700, made when it is asked for.
    ///
    /// # Errors
    ///
    /// The directory cannot be made.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let notes = ctx.data_directory()?.join("notes.txt");
    ///     ctx.line(notes.display())
    /// }
    /// # let outcome = Harness::new(|| Command::new("notes"), run).data_directory("/data").run();
    /// # assert!(outcome.stdout.ends_with("notes.txt\n"));
    /// ```
    pub fn data_directory(&self) -> Result<PathBuf, Error> {
        result(self.host.data_directory()).map(|bytes| os_string(bytes.into()).into())
    }
}
