//! `omero config edit`: the user's editor on a copy, which replaces the file only when it can be used
//! and the file is still the one that was copied. What the user wrote is never lost.

use std::{
    ffi::OsString,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;
use tempfile::TempPath;

use super::file;
use crate::{
    configuration::Configuration,
    error::{self, UNUSABLE},
    external,
    host::Host,
    life::Life,
    terminal, text_file,
};

/// What a new file begins with.
const EMPTY: &str = "# The configuration of omero; `omero config --help` lists the keys.\n";

/// Edits the file.
///
/// # Errors
///
/// No editor, or one that fails; a result that cannot be used, or a file that was changed meanwhile:
/// what the user wrote is kept beside the file.
pub fn edit(host: &Arc<Host>) -> Result<i32, Error> {
    let original = file::hold(host)?.text;
    let text = match original.as_str() {
        "" => EMPTY,
        text => text,
    };
    let path = file::path(host)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let failed = |e: io::Error| file::failed(directory, &e);
    let copy = tempfile::Builder::new()
        .prefix("config-")
        .suffix(".yaml")
        .tempfile_in(directory)
        .map_err(failed)?
        .into_temp_path();
    fs::write(&copy, text).map_err(failed)?;
    match edit_copy(host, &copy, text, &original) {
        Ok(()) => Ok(0),
        Err(error) => Err(keep(copy, text, error)),
    }
}

/// Lets the user edit until the result can be used, or the user gives up.
fn edit_copy(host: &Arc<Host>, copy: &Path, text: &str, original: &str) -> Result<(), Error> {
    loop {
        run_editor(host, copy)?;
        // Read by its name: an editor may have replaced the file.
        let edited = text_file::read(copy).map_err(|e| match e.kind() {
            ErrorKind::NotFound => removed(copy),
            _ => file::failed(copy, &e),
        })?;
        if edited == text {
            return Ok(());
        }
        match check(copy, &edited) {
            Ok(configuration) => {
                put(host, &edited, original)?;
                let warnings = configuration.warnings.iter();
                warnings.for_each(|warning| host.warn(false, warning));
                return Ok(());
            }
            Err(problem) => ask_to_go_on(host, problem)?,
        }
    }
}

/// Runs the editor on the copy.
fn run_editor(host: &Arc<Host>, copy: &Path) -> Result<(), Error> {
    let editor: OsString = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| host.environment.filled(name))
        .map_or_else(|| "vi".into(), std::ffi::OsStr::to_owned);
    // The variable may hold options: the shell takes it apart, as for git.
    let mut line = match editor.to_str() {
        Some(text) => external::without_shell(text, host.environment.get("PATH")).into(),
        None => editor.clone(),
    };
    line.push(" \"$1\"");
    let mut command = external::command("sh");
    command.arg("-c").arg(line).arg(&editor).arg(copy);
    match external::run_child(host, command)? {
        0 => Ok(()),
        code => {
            let editor = editor.display();
            Err(
                error::fatal(1, format!("{editor} ended with {code}; nothing is changed"))
                    .hint("set VISUAL or EDITOR to the editor that you want"),
            )
        }
    }
}

/// The editor removed the copy, or saved under another name.
fn removed(copy: &Path) -> Error {
    let copy = copy.display();
    error::fatal(
        1,
        format!("the editor left no file {copy}; the configuration is unchanged"),
    )
    .hint("save the file under the name that the editor was given")
}

/// What the text says, unless it cannot be used.
fn check(copy: &Path, edited: &str) -> Result<Configuration, String> {
    let configuration = Configuration::parse(copy, edited).map_err(|e| e.to_string())?;
    match configuration.mistakes().into_iter().next() {
        None => Ok(configuration),
        Some(mistake) => Err(mistake),
    }
}

/// Replaces the file, unless it is another one than what was copied.
fn put(host: &Host, edited: &str, original: &str) -> Result<(), Error> {
    let held = file::hold(host)?;
    if held.text == edited {
        return Ok(());
    }
    if held.text != original {
        return Err(file::changed_meanwhile(held.path()));
    }
    held.write(edited)?;
    host.configuration_changed();
    Ok(())
}

/// Returns when the user wants to edit again; asks on a terminal only.
fn ask_to_go_on(host: &Arc<Host>, problem: String) -> Result<(), Error> {
    let refused = || error::fatal(UNUSABLE, format!("{problem}\nomero: the file is unchanged"));
    let streams = &host.streams;
    if !streams.is_terminal(Stream::INPUT) || !streams.is_terminal(Stream::ERROR) {
        return Err(refused());
    }
    streams.write(
        Stream::ERROR,
        format!("omero: error: {problem}\n").as_bytes(),
    )?;
    let question = "Edit again? [Y/n] ";
    let life = Life::default();
    let answer = terminal::read_line(&host.input, streams, &host.interrupt, &life, question)?;
    match answer.as_deref().map(str::trim) {
        Some("" | "y" | "Y" | "yes" | "Yes") => Ok(()),
        _ => Err(refused()),
    }
}

/// Keeps what the user wrote, and says where.
fn keep(copy: TempPath, text: &str, error: Error) -> Error {
    let Ok(edited) = fs::read(&copy) else {
        return error; // the editor removed it
    };
    if edited == text.as_bytes() {
        return error;
    }
    let hint = match kept(copy) {
        Ok(path) => format!("what you wrote is kept in {}", path.display()),
        Err(reason) => format!("what you wrote cannot be kept: {reason}"),
    };
    // Ctrl-C says nothing but `Cancelled`, which would leave the user without the hint.
    match error.kind() {
        omero_plugin_api::Kind::Cancelled => {
            error::fatal(error.code(), "cancelled; the file is unchanged")
        }
        _ => error,
    }
    .hint(hint)
}

/// Keeps the copy, readable by the user alone: an editor may have replaced it.
fn kept(copy: TempPath) -> io::Result<PathBuf> {
    let path = copy.keep()?;
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(path)
}
