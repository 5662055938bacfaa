//! From words to a running command.

use std::sync::Arc;

use omero_plugin_abi::{FailureKind, Stream};
use omero_plugin_api::{Error, Kind};

use crate::{
    alias::{self, Resolved},
    arguments::{Taken, debug_level, take_paths},
    builtin, complete,
    context::{CommandContext, Invocation},
    error,
    exit::{self, Speaker},
    external, help,
    host::Host,
    lend, locate,
    plugins::Plugin,
    resolve::{self, HostAlias, Meaning},
    script,
    search::Place,
    shell,
    split::{self, Top},
};

/// A command line that did not get as far as running a command.
#[derive(Debug)]
pub struct Failed {
    /// Whose failure it is.
    pub speaker: Speaker,
    /// What is wrong.
    pub error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            speaker: Speaker::default(),
            error,
        }
    }
}

/// Runs one command line, without the program's name. What the command itself reports is shown
/// here and becomes the code; what keeps it from running is the error.
///
/// # Errors
///
/// The line is wrong, or its command is missing or cannot be used; the reader of the output is
/// gone.
pub fn run(host: &Arc<Host>, words: Vec<String>) -> Result<i32, Failed> {
    line(host, words, |taken| nothing(host, taken))
}

/// As [`run`], for the command line of the process: without a command it is the shell, or reads
/// commands from standard input.
///
/// # Errors
///
/// As [`run`].
pub fn start(host: &Arc<Host>, words: Vec<String>) -> Result<i32, Failed> {
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
    words: Vec<String>,
    without_command: impl FnOnce(&Taken) -> Result<i32, Error>,
) -> Result<i32, Failed> {
    if let Some((complete::COMMAND, asked)) = words.split_first().map(|(w, r)| (w.as_str(), r)) {
        return Ok(complete::run(host, asked)?);
    }
    let words = match alias::resolve(host, words)? {
        Resolved::Line(words) => words,
        Resolved::Ran(code) => return Ok(code),
    };
    let typed = words.clone();
    let (words, taken) = take_paths(words)?;
    match split::top(words, taken)? {
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
    rest: Vec<String>,
    typed: Vec<String>,
) -> Result<i32, Error> {
    host.add_paths(&taken.paths, taken.quiet());
    match resolve::meaning(name) {
        Meaning::Builtin(builtin) => builtin::run(host, builtin, &taken, rest),
        Meaning::Alias(alias) => {
            let plugin = lend::provider(host, taken.quiet(), alias.name)?;
            let words = std::iter::once(alias.command.to_owned())
                .chain(rest)
                .collect();
            plugin_command(host, &plugin, taken, words)
        }
        Meaning::Plugin => {
            let places = host.places(taken.quiet())?;
            if let Some(plugin) = host.plugins.get(host, name, &places)? {
                return plugin_command(host, &plugin, taken, rest);
            }
            external::run(host, name, &taken, typed)?
                .map_or_else(|| Err(unknown(host, name, &places)), Ok)
        }
    }
}

/// The plugin of a command.
///
/// # Errors
///
/// There is none, or it cannot be used.
pub fn plugin(host: &Host, name: &str, quiet: bool) -> Result<Arc<Plugin>, Error> {
    let places = host.places(quiet)?;
    host.plugins
        .get(host, name, &places)?
        .ok_or_else(|| unknown(host, name, &places))
}

/// The plugin that a word in the place of the command leads to, with the subcommand that an alias
/// puts first.
///
/// # Errors
///
/// There is none, or it cannot be used.
pub fn plugin_of_word(
    host: &Host,
    word: &str,
) -> Result<(Arc<Plugin>, Option<&'static HostAlias>), Error> {
    match resolve::meaning(word) {
        Meaning::Alias(alias) => Ok((lend::provider(host, false, alias.name)?, Some(alias))),
        _ => Ok((plugin(host, word, false)?, None)),
    }
}

fn plugin_command(
    host: &Arc<Host>,
    plugin: &Arc<Plugin>,
    taken: Taken,
    words: Vec<String>,
) -> Result<i32, Error> {
    let manifest = &plugin.manifest;
    let split = split::command(&manifest.command, "omero", words, taken)?;
    if split.help {
        return help::command(host, plugin, &split.path);
    }
    let quiet = split.taken.quiet();
    let default = host.default_debug_level();
    let debug = split
        .taken
        .debug
        .as_deref()
        .map_or(Ok(default), |v| debug_level(v, default))?;
    let is_provider =
        lend::is_provider(plugin) && lend::provider_name(host, quiet)? == manifest.name;
    let invocation = Invocation {
        plugin: manifest.name.clone(),
        program: format!("omero {}", manifest.name),
        arguments: split.arguments,
        login: split.taken.login,
        is_provider,
        attaching: false,
        quiet,
        debug,
    };
    run_plugin(host, plugin, invocation)
}

fn run_plugin(host: &Arc<Host>, plugin: &Plugin, invocation: Invocation) -> Result<i32, Error> {
    let module = host.plugins.open(host, plugin)?;
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
    let outcome = module.run()(CommandContext::boxed(host, invocation)).into_result();
    if is_provider {
        // Its commands change which session is the current one.
        host.sessions.forget();
    }
    match outcome {
        Ok(code) => Ok(code),
        // Whoever called this command writes to the same closed output.
        Err(failure) if failure.kind == FailureKind::OUTPUT_CLOSED => Err(failure.into()),
        Err(failure) => Ok(exit::report(
            &host.streams,
            &speaker,
            &failure.into(),
            host.interrupt.struck(),
        )),
    }
}

fn unknown(host: &Host, name: &str, places: &[Place]) -> Error {
    let builtins = resolve::BUILTINS
        .iter()
        .map(|(name, ..)| (*name).to_owned());
    let aliases = resolve::ALIASES.iter().map(|alias| alias.name.to_owned());
    let plugins = locate::all(places.iter())
        .into_keys()
        .map(|promised| promised.replace('_', "-"));
    // An odd configuration or directory has been reported where it matters.
    let own = host.configuration(true).map(alias::all).unwrap_or_default();
    let own = own.into_iter().map(|(name, _)| name);
    let programs = external::all(host).unwrap_or_default().into_keys();
    let known = builtins.chain(aliases).chain(plugins);
    let near = nearest(name, known.chain(own).chain(programs));
    let error = not_found(&format!("there is no command `{name}`"), places);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`omero help` lists the commands"),
    }
}

/// A missing command: the sentence, and each place where it was looked for on its own line.
pub fn not_found(sentence: &str, places: &[Place]) -> Error {
    let mut text = format!("omero: error: {sentence}");
    for place in places {
        text.push_str(&format!("\nomero: looked in {}", place.path().display()));
    }
    Error::of_kind(Kind::Usage, error::USAGE, text).hint("install its plugin, or name it in --path")
}

/// The known name that was probably meant: at most a third of its letters differ.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let near = known.map(|known| (distance(name, &known), known));
    near.filter(|(far, known)| *far <= (known.len() / 3).max(1))
        .min()
        .map(|(_, known)| known)
}

/// How many letters have to be inserted, deleted, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = || {
            ["login", "logout", "sessions", "group", "help"]
                .map(str::to_owned)
                .into_iter()
        };
        for (typed, meant) in [
            ("logn", Some("login")),
            ("lgoin", Some("login")),
            ("session", Some("sessions")),
            ("gruop", Some("group")),
            ("hepl", Some("help")),
            ("import", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, known()).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn a_missing_command_names_each_place() {
        let places = [Place::Directory("/a".into()), Place::File("/b/c.so".into())];
        let error = not_found("there is no command `x`", &places);
        assert_eq!(error.code(), 2);
        assert_eq!(
            error.to_string(),
            "omero: error: there is no command `x`\nomero: looked in /a\nomero: looked in /b/c.so"
        );
    }
}
