//! `omero man`: manual pages, made from the same descriptions as the help.

use std::{io::Write, process::Command, sync::Arc};

use clap::{ArgMatches, Command as Clap};
use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use super::help;
use crate::{
    commands,
    complete::tree::{self, Entered},
    error::{self, usage},
    external,
    host::Host,
    lookup, split,
};

/// Shows or prints the page.
///
/// # Errors
///
/// There is no such command; its plugin cannot be used; the output cannot be written.
pub fn run(host: &Arc<Host>, matches: &ArgMatches) -> Result<i32, Error> {
    let words: Vec<&str> = matches
        .get_many::<String>("command")
        .unwrap_or_default()
        .map(String::as_str)
        .collect();
    let page = source(host, &words)?;
    if host.streams.is_terminal(Stream::OUTPUT) && has_man(host) {
        return show(host, &page);
    }
    host.streams.write(Stream::OUTPUT, &page)?;
    Ok(0)
}

/// The page in the language of man.
fn source(host: &Host, words: &[&str]) -> Result<Vec<u8>, Error> {
    let (command, names) = match words {
        [] => (help::command_of_all(host)?, Vec::new()),
        [name, path @ ..] => described(host, name, path)?,
    };
    let title = std::iter::once("omero")
        .chain(names.iter().map(String::as_str))
        .collect::<Vec<_>>();
    let command = command.name(title.join("-")).bin_name(title.join(" "));
    let man = clap_mangen::Man::new(command)
        .title(title.join("-").to_uppercase())
        .section("1")
        .source(format!("omero {}", env!("CARGO_PKG_VERSION")))
        .manual("OMERO command line");
    let mut page = Vec::new();
    man.render(&mut page)
        .map_err(|e| error::fatal(1, format!("the page cannot be made: {e}")))?;
    Ok(page)
}

/// A command as clap knows it, and its names.
fn described(host: &Host, name: &str, path: &[&str]) -> Result<(Clap, Vec<String>), Error> {
    let missing = |name: &str| {
        usage(format!("there is no manual page of `{name}`")).hint("omero help lists the commands")
    };
    match tree::enter(host, name) {
        Entered::Builtin(builtin, _) => {
            let mut command = commands::of(builtin);
            let mut names = vec![name.to_owned()];
            for word in path {
                let sub = command.find_subcommand(word).cloned();
                command = sub.ok_or_else(|| missing(word))?;
                names.push((*word).to_owned());
            }
            Ok((command, names))
        }
        Entered::Plugin(_, node, mut names) => {
            let mut node = *node;
            for word in path {
                let sub = split::subcommand(&node, word).cloned();
                node = sub.ok_or_else(|| missing(word))?;
                names.push(node.name.clone());
            }
            let mut command = help::page::described(&node).about(node.about);
            if !node.long_about.is_empty() {
                command = command.long_about(node.long_about);
            }
            Ok((command, names))
        }
        Entered::Alias(_) => Err(missing(name).hint(format!("`{name}` is an alias of yours"))),
        // Says where it was looked for, or what is wrong with the plugin.
        Entered::Unknown => match lookup::plugin(host, name, false) {
            Err(error) => Err(error),
            Ok(_) => Err(missing(name)),
        },
    }
}

fn has_man(host: &Host) -> bool {
    let path = host.environment.get("PATH").unwrap_or_default();
    std::env::split_paths(path).any(|directory| directory.join("man").is_file())
}

fn show(host: &Arc<Host>, page: &[u8]) -> Result<i32, Error> {
    let failed = |e: std::io::Error| error::fatal(1, format!("the page cannot be shown: {e}"));
    let mut file = tempfile::Builder::new()
        .prefix("omero-")
        .suffix(".1")
        .tempfile()
        .map_err(failed)?;
    file.write_all(page).map_err(failed)?;
    let mut command = Command::new("man");
    command.arg(file.path());
    external::run_child(host, command)
}
