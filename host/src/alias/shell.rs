//! Aliases that the shell runs.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_api::Error;

use crate::{arguments::Taken, external, host::Host};

/// Runs the text with the arguments as positional parameters, and with the environment that other
/// programs get.
///
/// # Errors
///
/// There is no shell.
pub fn run(
    host: &Arc<Host>,
    name: &str,
    text: &str,
    arguments: Vec<OsString>,
    taken: &Taken,
) -> Result<i32, Error> {
    let mut command = external::command("sh");
    command
        .arg("-c")
        .arg(external::without_shell(
            &with_places(text),
            host.environment.get("PATH"),
        ))
        .arg(format!("omero {name}"))
        .args(arguments);
    external::run_with_session(host, command, taken, false)
}

/// The text, with all arguments at its end unless it names them somewhere.
fn with_places(text: &str) -> String {
    let named = text.match_indices('$').any(|(at, _)| {
        let after = text[at + 1..].trim_start_matches('{');
        after.starts_with(|c: char| "@*#".contains(c) || c.is_ascii_digit())
    });
    match named {
        true => text.to_owned(),
        false => format!("{text} \"$@\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_unless_they_are_named() {
        assert_eq!(with_places("ls -l"), "ls -l \"$@\"");
        assert_eq!(with_places("ls $HOME"), "ls $HOME \"$@\"");
        for text in ["ls $1", "ls \"${1:-x}\"", "f $@", "f $#"] {
            assert_eq!(with_places(text), text);
        }
    }
}
