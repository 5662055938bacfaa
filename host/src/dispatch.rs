//! From words to a running command.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_abi::{FailureKind, Stream};
use omero_plugin_api::Error;

use crate::{
    alias::{self, Resolved},
    arguments::{Taken, debug_level},
    builtin::{self, help},
    complete, context, error,
    exit::{self, Failed, Speaker},
    external,
    host::Host,
    invocation::Invocation,
    life::Life,
    lookup,
    plugins::Plugin,
    provider, records,
    resolve::{self, Builtin, Meaning},
    script,
    search::Place,
    shell,
    split::{self, Outcome, Top},
};

/// Runs one command line, without the program's name. What the command itself reports is shown
/// here and becomes the code; what keeps it from running is the error.
///
/// # Errors
///
/// The line is wrong, or its command is missing or cannot be used; the reader of the output is
/// gone.
pub fn run(host: &Arc<Host>, words: Vec<OsString>) -> Result<i32, Failed> {
    line(host, words, |taken| nothing(host, taken))
}

/// As [`run`], for a command that another command runs: the user's aliases do not apply.
///
/// # Errors
///
/// As [`run`].
pub fn invoke(host: &Arc<Host>, words: Vec<OsString>) -> Result<i32, Failed> {
    let top = split::top(words.clone(), Taken::default())?;
    at_top(host, words, top, |taken| nothing(host, taken))
}

/// As [`run`], for the command line of the process: without a command it is the shell, or reads
/// commands from standard input.
///
/// # Errors
///
/// As [`run`].
pub fn start(host: &Arc<Host>, words: Vec<OsString>) -> Result<i32, Failed> {
    line(host, words, |taken| {
        host.add_paths(&taken.paths, taken.quiet());
        if host.streams.is_terminal(Stream::INPUT) {
            shell::run(host, taken)
        } else {
            script::of_input(host, taken)
        }
    })
}

/// Logs in with these login options, as `omero login` does.
///
/// # Errors
///
/// There is no session provider, or it cannot be used.
pub fn log_in(host: &Arc<Host>, taken: Taken) -> Result<i32, Error> {
    command(host, "login", taken, Vec::new(), Vec::new())
}

fn line(
    host: &Arc<Host>,
    words: Vec<OsString>,
    without_command: impl FnOnce(&Taken) -> Result<i32, Error>,
) -> Result<i32, Failed> {
    if let Some((word, asked)) = words.split_first()
        && word == complete::COMMAND
    {
        return Ok(complete::run(host, asked)?);
    }
    let (typed, top) = match alias::resolve(host, words)? {
        Resolved::Line(words, top) => (words, top),
        Resolved::Ran(code) => return Ok(code),
    };
    at_top(host, typed, top, without_command)
}

fn at_top(
    host: &Arc<Host>,
    typed: Vec<OsString>,
    top: Top,
    without_command: impl FnOnce(&Taken) -> Result<i32, Error>,
) -> Result<i32, Failed> {
    match top {
        Top::Help(taken) => {
            host.add_paths(&taken.paths, taken.quiet());
            Ok(help::overview(host)?)
        }
        Top::Version => Ok(builtin::version_line(host)?),
        Top::Nothing(taken) if taken.commands.is_empty() => Ok(without_command(&taken)?),
        Top::Nothing(taken) => {
            host.add_paths(&taken.paths, taken.quiet());
            Ok(script::of_options(host, &taken)?)
        }
        Top::Command { taken, .. } if !taken.commands.is_empty() => {
            Err(error::usage("-e takes the place of a command: use one or the other").into())
        }
        Top::Command { name, taken, rest } => {
            let speaker = speaker(&name, &taken);
            command(host, &name, taken, rest, typed).map_err(|error| Failed { speaker, error })
        }
    }
}

fn speaker(name: &str, taken: &Taken) -> Speaker {
    Speaker {
        name: name.to_owned(),
        quiet: taken.quiet(),
        debug: taken.debug.is_some(),
    }
}

/// No command: the overview, where errors go.
fn nothing(host: &Host, taken: &Taken) -> Result<i32, Error> {
    host.add_paths(&taken.paths, taken.quiet());
    help::overview_as_error(host)
}

/// Runs a command; `typed` is the whole line, for programs that parse it themselves.
fn command(
    host: &Arc<Host>,
    name: &str,
    taken: Taken,
    rest: Vec<OsString>,
    typed: Vec<OsString>,
) -> Result<i32, Error> {
    host.add_paths(&taken.paths, taken.quiet());
    let rest = lookup::settle_paths(host, name, rest, taken.quiet())?;
    match resolve::meaning(name) {
        Meaning::Builtin(Builtin::Config) if builtin::is_server_setting(&rest) => {
            match external::run_fallback(host, &taken, typed)? {
                Some(code) => Ok(code),
                None => builtin::run(host, Builtin::Config, &taken, rest),
            }
        }
        Meaning::Builtin(builtin) => builtin::run(host, builtin, &taken, rest),
        Meaning::Alias(alias) => {
            let plugin = provider::find(host, taken.quiet(), alias.name);
            let plugin = match plugin {
                Ok(plugin) => plugin,
                Err(error) => {
                    let provider = provider::name(host, taken.quiet())?;
                    return instead_of(host, &provider, &taken, typed, error);
                }
            };
            let words = std::iter::once(alias.command.into()).chain(rest).collect();
            match plugin_command(host, &plugin, taken, words, |_, _| Ok(None))? {
                Ended::Here { code, .. } | Ended::Elsewhere(code) => Ok(code),
            }
        }
        Meaning::Plugin => {
            let places = host.places(taken.quiet())?;
            match host.plugin(name, &places) {
                Ok(Some(plugin)) => of_plugin(host, &plugin, name, taken, rest, typed),
                Ok(None) => other(host, name, &taken, typed, &places),
                Err(error) => instead_of(host, name, &taken, typed, error),
            }
        }
    }
}

/// Runs a command of a plugin, or of the fallback where only that can have the subcommand.
fn of_plugin(
    host: &Arc<Host>,
    plugin: &Arc<Plugin>,
    name: &str,
    taken: Taken,
    rest: Vec<OsString>,
    typed: Vec<OsString>,
) -> Result<i32, Error> {
    // The word that the plugin does not know, and what was probably meant.
    let mut met = None;
    let ended = plugin_command(host, plugin, taken, rest, |stranger, taken| {
        let near = lookup::misspelled_subcommand(host, name, stranger);
        let ran = match near {
            Some(_) => None,
            None => external::run_fallback(host, taken, typed)?,
        };
        met = Some((stranger.word.clone(), near));
        Ok(ran)
    })?;
    let (code, quiet) = match ended {
        Ended::Elsewhere(code) => return Ok(code),
        Ended::Here { code, quiet } => (code, quiet),
    };
    if let (Some((word, near)), error::USAGE, false) = (met, code, quiet) {
        let advice = match near {
            Some(near) => Some(format!("did you mean `{name} {near}`?")),
            None => external::advice(host, &format!("{name} {word}")),
        };
        if let Some(advice) = advice {
            host.hint(quiet, &advice);
        }
    }
    Ok(code)
}

/// Runs a command that no plugin provides.
fn other(
    host: &Arc<Host>,
    name: &str,
    taken: &Taken,
    typed: Vec<OsString>,
    places: &[Place],
) -> Result<i32, Error> {
    if let Some(code) = external::run_program(host, name, taken, typed.clone())? {
        return Ok(code);
    }
    if external::has_fallback(host, taken.quiet())?
        && !lookup::is_misspelled(host, name, places)
        && let Some(code) = external::run_fallback(host, taken, typed)?
    {
        return Ok(code);
    }
    Err(lookup::unknown(host, name, places))
}

/// Runs a command whose plugin cannot be used: elsewhere if the user disabled it.
fn instead_of(
    host: &Arc<Host>,
    plugin: &str,
    taken: &Taken,
    typed: Vec<OsString>,
    error: Error,
) -> Result<i32, Error> {
    if !records::is_disabled(plugin) {
        return Err(error);
    }
    external::run_fallback(host, taken, typed)?.ok_or(error)
}

/// How a line of a plugin ended.
enum Ended {
    /// In the plugin; `quiet` says whether `-q` was given.
    Here { code: i32, quiet: bool },
    /// In another program.
    Elsewhere(i32),
}

fn plugin_command(
    host: &Arc<Host>,
    plugin: &Arc<Plugin>,
    taken: Taken,
    words: Vec<OsString>,
    elsewhere: impl FnOnce(&split::Stranger<'_>, &Taken) -> Result<Option<i32>, Error>,
) -> Result<Ended, Error> {
    let manifest = &plugin.manifest;
    let split = match split::command(&manifest.command, "omero", words, taken, elsewhere)? {
        Outcome::Split(split) => split,
        Outcome::Ran(code) => return Ok(Ended::Elsewhere(code)),
    };
    let quiet = split.taken.quiet();
    if split.help {
        let code = help::command(host, plugin, &split.path)?;
        return Ok(Ended::Here { code, quiet });
    }
    let default = host.default_debug_level();
    let debug = split
        .taken
        .debug
        .as_deref()
        .map_or(Ok(default), |v| debug_level(v, default))?;
    let is_provider =
        provider::is_provider(plugin) && provider::name(host, quiet)? == manifest.name;
    let invocation = Invocation {
        plugin: manifest.name.clone(),
        program: format!("omero {}", manifest.name),
        arguments: split.arguments,
        login: split.taken.login,
        is_provider,
        attaching: false,
        silent: false,
        quiet,
        debug,
        life: Life::default(),
    };
    let code = run_plugin(host, plugin, invocation)?;
    Ok(Ended::Here { code, quiet })
}

fn run_plugin(host: &Arc<Host>, plugin: &Plugin, invocation: Invocation) -> Result<i32, Error> {
    let module = host.open(plugin)?;
    #[cfg(unix)]
    host.interrupt
        .listen(&host.streams)
        .map_err(|e| error::fatal(1, format!("the handler of Ctrl-C cannot be installed: {e}")))?;
    let speaker = Speaker {
        name: format!("{} ({})", invocation.plugin, plugin.path.display()),
        quiet: invocation.quiet,
        debug: invocation.debug > 0,
    };
    let is_provider = invocation.is_provider;
    let outcome = context::during(host, invocation, |context| module.run()(context)).into_result();
    if is_provider {
        // Its commands change which session is the current one.
        host.forget_sessions();
    }
    match outcome {
        Ok(code) => Ok(code),
        // Whoever called this command writes to the same closed output.
        Err(failure)
            if failure.kind == FailureKind::OUTPUT_CLOSED && host.streams.output_closed() =>
        {
            Err(failure.into())
        }
        // Another pipe has broken, in a plugin built with an `omero-plugin-api` that cannot tell.
        Err(failure) if failure.kind == FailureKind::OUTPUT_CLOSED => {
            let error = Error::new(1, "a pipe is broken: its reader has gone").labelled();
            Ok(exit::report(&host.streams, &speaker, &error, false))
        }
        Err(failure) => Ok(exit::report(
            &host.streams,
            &speaker,
            &failure.into(),
            host.interrupt.struck(),
        )),
    }
}
