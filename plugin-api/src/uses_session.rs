//! The mark on a clap command that works on a session.

use clap::{ArgGroup, Command};

/// An argument group without members: the one place where a clap command can carry a mark that
/// shows neither in its help nor in its parsing.
const MARK: &str = "omero-uses-session";

/// Marks a command as working on a session: the host then takes the login options (`-s`, `-u`,
/// `-g`, …) at this level and shows them in its help. Mark each level that shall take them.
///
/// ```
/// use omero_plugin_api::{clap::Command, uses_session};
/// let command = uses_session(Command::new("count").about("Count images"));
/// assert_eq!(command.get_name(), "count");
/// ```
#[must_use]
pub fn uses_session(command: Command) -> Command {
    command.group(ArgGroup::new(MARK))
}

/// Whether a command carries the mark.
#[cfg(feature = "build")]
pub(crate) fn is_marked(command: &Command) -> bool {
    command.get_groups().any(|group| group.get_id() == MARK)
}
