//! Help. Everything comes from manifests: no plugin is opened to describe it.

mod overview;
pub mod page;
mod topics;

use std::{ffi::OsString, sync::Arc};

use clap::{ArgMatches, Command as Clap};
use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, manifest::Command};

use crate::{
    arguments::Taken,
    commands,
    configuration::aliases,
    error::USAGE,
    external,
    host::Host,
    lookup,
    plugins::Plugin,
    records,
    resolve::{self, Builtin, Meaning},
    split,
};
use overview::Listed;

/// Shows all commands on standard output.
///
/// # Errors
///
/// The configuration cannot be used; the output cannot be written.
pub fn overview(host: &Host) -> Result<i32, Error> {
    print(host, &overview::text(host)?)
}

/// Shows all commands on standard error, because none was given.
///
/// # Errors
///
/// As [`overview()`].
pub fn overview_as_error(host: &Host) -> Result<i32, Error> {
    let text = format!("{}\n", overview::text(host)?);
    host.streams.write(Stream::ERROR, text.as_bytes())?;
    Ok(USAGE)
}

/// All commands as one clap command.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn command_of_all(host: &Host) -> Result<Clap, Error> {
    overview::command(host)
}

/// Shows the page of a plugin's command or subcommand.
///
/// # Errors
///
/// The output cannot be written.
pub fn command(host: &Host, plugin: &Plugin, path: &[String]) -> Result<i32, Error> {
    let root = &plugin.manifest.command;
    let node = path
        .iter()
        .try_fold(root, |node, word| node.subcommand(word));
    let program = path.iter().fold(format!("omero {}", root.name), |p, word| {
        format!("{p} {word}")
    });
    let mut text = page::of_command(node.unwrap_or(root), &program);
    if path.is_empty() {
        text.push_str(&by_fallback(host, root));
    }
    print(host, &text)
}

/// What a page says of the subcommands that the fallback adds to a plugin's.
fn by_fallback(host: &Host, root: &Command) -> String {
    let names = external::offers_beside(&external::offers(host), root);
    match names.as_slice() {
        [] => String::new(),
        names => format!("\n\nRun by the fallback: {}", names.join(", ")),
    }
}

/// Shows the page of a built-in command, or of its subcommand.
///
/// # Errors
///
/// The output cannot be written.
pub fn builtin(host: &Host, builtin: Builtin, path: &[&String]) -> Result<i32, Error> {
    let mut command = commands::of(builtin);
    command.build();
    for word in path {
        match command.find_subcommand(word) {
            Some(sub) => command = sub.clone(),
            None => return unknown(host, word),
        }
    }
    print(host, &page::render(command))
}

/// `omero help …`.
///
/// # Errors
///
/// Wrong arguments; a plugin that cannot be used; the output cannot be written.
pub fn run(host: &Arc<Host>, matches: &ArgMatches) -> Result<i32, Error> {
    let words: Vec<&String> = matches.get_many("topic").unwrap_or_default().collect();
    if matches.get_flag("all") {
        return print(host, &everything(host)?);
    }
    if matches.get_flag("list") {
        return print(host, &list(host)?);
    }
    match words.as_slice() {
        [] => overview(host),
        [topic] if topics::text(topic).is_some() => print(
            host,
            &format!("{}\n", topics::text(topic).unwrap_or_default()),
        ),
        [name, path @ ..] => page_of(host, name, path, matches.get_flag("recursive")),
    }
}

fn page_of(host: &Arc<Host>, name: &str, path: &[&String], recursive: bool) -> Result<i32, Error> {
    if let Meaning::Builtin(builtin) = resolve::meaning(name) {
        return self::builtin(host, builtin, path);
    }
    if let Some(text) = own_alias(host, name)? {
        return print(host, &format!("`{name}` is your alias for: {text}"));
    }
    let (plugin, alias) = match lookup::plugin_of_word(host, name) {
        Err(error) if resolve::meaning(name) == Meaning::Plugin => {
            let missing = error.code() == USAGE;
            if !missing && !records::is_disabled(name) {
                return Err(error);
            }
            // A program explains itself. OMERO.py's answer for a word that is nothing.
            let program = match missing {
                true => external::run_program(host, name, &Taken::default(), asking(name, path))?,
                false => None,
            };
            let places = host.places(true)?;
            return match program {
                Some(code) => Ok(code),
                None if missing && lookup::is_misspelled(host, name, &places) => {
                    unknown(host, name)
                }
                None => elsewhere(host, name, path, name),
            };
        }
        found => found?,
    };
    let mut node = &plugin.manifest.command;
    let mut program = format!("omero {}", node.name);
    let words = alias.map(|alias| alias.command).into_iter();
    for word in words.chain(path.iter().map(|word| word.as_str())) {
        let Some(sub) = node.subcommand(word) else {
            let words: Vec<OsString> = path.iter().map(OsString::from).collect();
            let stranger = split::stranger(&plugin.manifest.command, &words);
            let foreign = alias.is_none()
                && stranger
                    .is_some_and(|s| lookup::misspelled_subcommand(host, name, &s).is_none());
            return match foreign {
                true => elsewhere(host, name, path, word),
                false => unknown(host, word),
            };
        };
        node = sub;
        program = format!("{program} {}", sub.name);
    }
    let mut text = page::of_command(node, &program);
    if path.is_empty() && alias.is_none() {
        text.push_str(&by_fallback(host, node));
    }
    if recursive {
        text.push('\n');
        for sub in node.commands.iter().filter(|sub| !sub.hidden) {
            let title = program.strip_prefix("omero ").unwrap_or(&program);
            let page = page::of_command(sub, &format!("{program} {}", sub.name));
            section(&mut text, &format!("{title} {}", sub.name), '^', &page);
        }
    }
    print(host, &text)
}

/// The line that asks a program for its help.
fn asking(name: &str, path: &[&String]) -> Vec<OsString> {
    let words = path.iter().map(OsString::from);
    let line = std::iter::once(name.into()).chain(words);
    line.chain(["--help".into()]).collect()
}

/// The help page of the fallback, if there is one; `word` is what is unknown otherwise.
fn elsewhere(host: &Arc<Host>, name: &str, path: &[&String], word: &str) -> Result<i32, Error> {
    let explained = external::run_fallback(host, &Taken::default(), asking(name, path))?;
    explained.map_or_else(|| unknown(host, word), Ok)
}

/// The text of a user's alias.
///
/// # Errors
///
/// The alias is badly written.
fn own_alias(host: &Host, name: &str) -> Result<Option<String>, Error> {
    if resolve::meaning(name) != Meaning::Plugin {
        return Ok(None);
    }
    let configuration = host.configuration(false)?;
    if aliases::find(configuration, name)?.is_none() {
        return Ok(None);
    }
    let mut all = aliases::all(configuration).into_iter();
    let own = all.find(|(alias, _)| alias == name);
    Ok(own.and_then(|(_, text)| text.ok()))
}

/// As OMERO.py: a message, and success.
fn unknown(host: &Host, word: &str) -> Result<i32, Error> {
    let text = format!("Unknown help topic or command: {word}\n");
    host.streams.write(Stream::ERROR, text.as_bytes())?;
    Ok(0)
}

/// The names of all commands with their subcommands.
fn list(host: &Host) -> Result<String, Error> {
    let mut commands = overview::commands(host)?;
    commands.sort_by(|a, b| a.name.cmp(&b.name));
    let mut lines = vec![String::new()];
    for listed in &commands {
        let subs: Vec<&Command> = listed
            .tree()
            .map(|t| t.commands.iter().filter(|c| !c.hidden).collect())
            .unwrap_or_default();
        match subs.len() + listed.elsewhere.len() {
            0 => lines.push(listed.name.clone()),
            count => lines.push(format!("{} ({count})", listed.name)),
        }
        lines.extend(subs.iter().map(|sub| format!("\t{}", sub.name)));
        lines.extend(listed.elsewhere.iter().map(|sub| format!("\t{sub}")));
    }
    Ok(lines.join("\n"))
}

/// The pages of all commands and topics.
fn everything(host: &Host) -> Result<String, Error> {
    let mut text = String::new();
    let mut commands = overview::commands(host)?;
    commands.sort_by(|a, b| a.name.cmp(&b.name));
    for listed in &commands {
        section(&mut text, &listed.name, '-', &body(listed));
    }
    for (name, topic) in topics::TOPICS {
        section(&mut text, name, '-', topic);
    }
    Ok(text)
}

fn body(listed: &Listed) -> String {
    match (listed.tree(), resolve::meaning(&listed.name)) {
        (Some(tree), _) => page::of_command(tree, &format!("omero {}", listed.name)),
        (None, Meaning::Builtin(builtin)) => page::render(commands::of(builtin)),
        (None, _) => listed.about(),
    }
}

fn section(text: &mut String, title: &str, line: char, body: &str) {
    let rule: String = title.chars().map(|_| line).collect();
    text.push_str(&format!("\n{title}\n{rule}\n\n{body}\n"));
}

fn print(host: &Host, text: &str) -> Result<i32, Error> {
    host.streams
        .write(Stream::OUTPUT, format!("{text}\n").as_bytes())?;
    Ok(0)
}
