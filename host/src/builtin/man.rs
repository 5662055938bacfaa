//! `omero man`: manual pages, made from the same descriptions as the help.

use std::{io::Write, path::Path, process::Stdio, sync::Arc};

use clap::{ArgMatches, Command as Clap};
use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use super::help;
use crate::{
    commands,
    error::{self, USAGE, usage},
    external,
    host::Host,
    lookup::{self, Entered},
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
    if let [name] = words.as_slice()
        && let Some(code) = page_of_program(host, name)?
    {
        return Ok(code);
    }
    let page = source(host, &words)?;
    if host.streams.is_terminal(Stream::OUTPUT) && has_man(host) {
        return show(host, &page);
    }
    host.streams.write(Stream::OUTPUT, &page)?;
    Ok(0)
}

/// Shows the page `omero-NAME` of a program of this name, as git does for its own, if there is one.
fn page_of_program(host: &Arc<Host>, name: &str) -> Result<Option<i32>, Error> {
    let is_own = !matches!(lookup::enter(host, name), Entered::Unknown);
    if is_own || !has_man(host) || !matches!(external::find(host, name, true), Ok(Some(_))) {
        return Ok(None);
    }
    let page = format!("omero-{name}");
    let installed = external::command("man")
        .args(["-w", &page])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    let mut command = external::command("man");
    command.arg(&page);
    external::run_child(host, command).map(Some)
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
    match lookup::enter(host, name) {
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
                let sub = node.subcommand(word).cloned();
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
            Err(error) if error.code() == USAGE => match external::find(host, name, false)? {
                Some(program) => Err(of_program(name, &program)),
                None => Err(error),
            },
            Err(error) => Err(error),
            Ok(_) => Err(missing(name)),
        },
    }
}

/// Programs come with pages of their own, if at all.
fn of_program(name: &str, program: &Path) -> Error {
    let program = program.display();
    usage(format!(
        "there is no manual page of `{name}`: it is the program {program}"
    ))
    .hint(format!("`omero help {name}` asks the program"))
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
    let mut command = external::command("man");
    command.arg(file.path());
    external::run_child(host, command)
}
