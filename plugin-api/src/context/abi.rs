//! The version of the ABI that the host offers.

use omero_plugin_abi::loader::numbers;

use super::Context;

impl Context {
    /// The version of the plugin ABI that this host offers, as (major, minor): what a plugin can do
    /// without on an older host it asks for here. One that cannot do without says so in its
    /// `build.rs` ([`crate::build::Builder::needs_abi`]) and is refused there.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     if ctx.host_abi() < (1, 0) {
    ///         ctx.note("this omero is old; update it to see the thumbnails");
    ///     }
    ///     Ok(())
    /// }
    /// # let outcome = Harness::new(|| Command::new("images"), run).run();
    /// # assert_eq!(outcome.stderr, "");
    /// ```
    pub fn host_abi(&self) -> (u32, u32) {
        let (major, minor, _) = numbers(&self.host.host_abi());
        (major, minor)
    }
}
