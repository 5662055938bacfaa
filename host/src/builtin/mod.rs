//! The commands that the host answers itself.

mod alias;
mod config;
mod errors;
pub mod help;
mod man;
mod plugin;

pub use config::is_server_setting;

use std::{ffi::OsString, sync::Arc};

use clap::{ArgMatches, error::ErrorKind};
use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, style::Style, value};

use crate::{
    arguments::{Taken, debug_level, texts},
    commands, complete,
    error::{self, USAGE},
    host::Host,
    missing::nearest,
    resolve::Builtin,
    script,
};

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a built-in command.
///
/// # Errors
///
/// Wrong arguments; an output that cannot be written.
pub fn run(
    host: &Arc<Host>,
    builtin: Builtin,
    taken: &Taken,
    rest: Vec<OsString>,
) -> Result<i32, Error> {
    if let Some(debug) = &taken.debug {
        debug_level(debug, 0)?;
    }
    let Some(matches) = parse(host, builtin, taken.quiet(), rest)? else {
        return Ok(0);
    };
    match builtin {
        Builtin::Help => help::run(host, &matches),
        Builtin::Version => version(host, Style::of(&matches)),
        Builtin::Errors => errors::run(host, &matches),
        Builtin::Load => script::load::execute(host, &matches, taken),
        Builtin::Quit => Ok(0), // the shell and scripts know it before it comes here
        Builtin::Plugin => plugin::run(host, &matches, taken.quiet()),
        Builtin::Alias => alias::run(host, &matches, taken.quiet()),
        Builtin::Config => config::run(host, &matches, taken.quiet()),
        Builtin::Completion => complete::script::run(host, &matches),
        Builtin::Man => man::run(host, &matches),
    }
}

/// `omero --version`.
///
/// # Errors
///
/// An output that cannot be written.
pub fn version_line(host: &Host) -> Result<i32, Error> {
    host.streams
        .write(Stream::OUTPUT, format!("omero {VERSION}\n").as_bytes())?;
    Ok(0)
}

/// `omero version`: the label where people see it, the number where programs read it.
fn version(host: &Host, style: Style) -> Result<i32, Error> {
    host.streams.write(Stream::ERROR, b"omero version:\n")?;
    let line = value::render(style, VERSION, &[("version", VERSION.into())]) + "\n";
    host.streams.write(Stream::OUTPUT, line.as_bytes())?;
    Ok(0)
}

/// The arguments of a built-in command; `None` if its help was shown instead.
fn parse(
    host: &Host,
    builtin: Builtin,
    quiet: bool,
    rest: Vec<OsString>,
) -> Result<Option<ArgMatches>, Error> {
    let command = help::page::laid_out(commands::of(builtin));
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let words = std::iter::once(OsString::from(name)).chain(rest.iter().cloned());
    match command.infer_long_args(true).try_get_matches_from(words) {
        Ok(matches) => Ok(Some(matches)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            // clap knows which subcommand it was asked about.
            let text = format!("{}\n", error.render().to_string().trim_end());
            host.streams.write(Stream::OUTPUT, text.as_bytes())?;
            Ok(None)
        }
        // clap does not say which one it is.
        Err(error) if error.kind() == ErrorKind::InvalidUtf8 => {
            texts(rest)?;
            Err(error::usage(error.kind()))
        }
        Err(error) => {
            let text = format!("{}\n", error.render().to_string().trim_end());
            host.streams.write(Stream::ERROR, text.as_bytes())?;
            if let (ErrorKind::InvalidSubcommand, Some(word)) = (error.kind(), rest.first()) {
                let command = commands::of(builtin);
                let names = command
                    .get_subcommands()
                    .map(|sub| sub.get_name().to_owned());
                if let Some(near) = nearest(&word.to_string_lossy(), names) {
                    host.hint(quiet, &format!("did you mean `{near}`?"));
                }
            }
            Err(Error::silent(USAGE))
        }
    }
}
