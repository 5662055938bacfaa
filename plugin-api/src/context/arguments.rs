//! The command line.

use std::ffi::OsString;

use super::{Context, LoginOption, platform::os_string};

impl Context {
    /// The command's own arguments, without the options that the host takes out. Most commands
    /// read what clap made of them instead; these are for passing on.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::{Arg, Command}, testing::Harness};
    /// # let command = || Command::new("render").arg(Arg::new("rest").num_args(0..));
    /// # let _ = Harness::new(command, |ctx, _| {
    /// // omero -q render Image:51 Image:52
    /// assert_eq!(ctx.arguments(), ["Image:51", "Image:52"]);
    /// # Ok(())
    /// # }).quiet().args(["Image:51", "Image:52"]).run();
    /// ```
    pub fn arguments(&self) -> Vec<OsString> {
        let arguments = self.host.arguments().into_iter();
        arguments.map(|bytes| os_string(bytes.into())).collect()
    }

    /// The program and command for usage messages, for instance `omero sessions`.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let usage = format!("usage: {} IMAGE...", ctx.program());
    ///     Err(Error::of_kind(omero_plugin_api::Kind::Usage, 2, usage))
    /// }
    /// # let outcome = Harness::new(|| Command::new("render"), run).run();
    /// # assert_eq!(outcome.stderr, "usage: omero render IMAGE...\n");
    /// ```
    pub fn program(&self) -> String {
        self.host.program().into_string()
    }

    /// Whether `-q` was given.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     if !ctx.quiet() {
    ///         ctx.warn("the legend takes a query of its own; -q leaves it out");
    ///     }
    ///     Ok(())
    /// }
    /// # let harness = Harness::new(|| Command::new("render"), run);
    /// # assert!(harness.clone().run().stderr.contains("legend"));
    /// # assert_eq!(harness.quiet().run().stderr, "");
    /// ```
    pub fn quiet(&self) -> bool {
        self.host.quiet()
    }

    /// The level of `--debug`: 0 (none) to 9. [`Context::debug`] looks at it by itself; ask where
    /// the message is expensive to make.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("render"), |ctx, _| {
    /// # let packets = ["a", "b"];
    /// if ctx.debug_level() >= 5 {
    ///     ctx.debug(5, packets.join(", "));
    /// }
    /// # Ok(())
    /// # }).debug(5).run();
    /// # assert_eq!(outcome.debug, [(5, "a, b".to_owned())]);
    /// ```
    pub fn debug_level(&self) -> u8 {
        self.host.debug_level()
    }

    /// The login options; empty for every plugin but the session provider.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("sessions"), |ctx, _| {
    /// // omero -s omero.example.org images
    /// for option in ctx.login_options() {
    ///     match option.name.as_str() {
    ///         "server" => assert_eq!(option.value.expose(), "omero.example.org"),
    ///         other => ctx.warn(format_args!("--{other} has no meaning here")),
    ///     }
    /// }
    /// # Ok(())
    /// # }).login_option("server", "omero.example.org").run();
    /// # assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    /// ```
    pub fn login_options(&self) -> Vec<LoginOption> {
        let options = self.host.login_options().into_iter();
        options.map(LoginOption::from).collect()
    }
}
