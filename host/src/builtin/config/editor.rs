//! `omero config edit`: the user's editor on a copy, which replaces the file only when it can be
//! used.

use std::{fs, path::Path, process::Command, sync::Arc};

use omero_plugin_api::Error;

use super::file;
use crate::{
    configuration::Configuration,
    error::{self, UNUSABLE},
    external,
    host::Host,
    text_file,
};

/// What a new file begins with.
const EMPTY: &str = "# The configuration of omero; `omero config --help` lists the keys.\n";

/// Edits the file.
///
/// # Errors
///
/// No editor, or one that fails; a result that cannot be used, which is kept beside the file.
pub fn edit(host: &Arc<Host>) -> Result<i32, Error> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| host.environment.filled(name))
        .map(std::ffi::OsStr::to_owned)
        .unwrap_or_else(|| "vi".into());
    let text = match file::hold(host)?.text {
        text if text.is_empty() => EMPTY.to_owned(),
        text => text,
    };
    let path = file::path(host)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let failed = |e: std::io::Error| file::failed(directory, &e);
    let copy = tempfile::Builder::new()
        .prefix("config-")
        .suffix(".yaml")
        .tempfile_in(directory)
        .map_err(failed)?
        .into_temp_path();
    fs::write(&copy, &text).map_err(failed)?;
    // The variable may hold options: the shell takes it apart, as for git.
    let mut command = Command::new("sh");
    let mut line = editor.clone();
    line.push(" \"$1\"");
    command.arg("-c").arg(line).arg(&editor).arg(&copy);
    match external::run_child(host, command)? {
        0 => {}
        code => {
            let editor = editor.display();
            return Err(
                error::fatal(1, format!("{editor} ended with {code}; nothing is changed"))
                    .hint("set VISUAL or EDITOR to the editor that you want"),
            );
        }
    }
    let edited = match text_file::read(&copy) {
        Ok(edited) if edited == text => return Ok(0),
        Ok(edited) => Configuration::parse(&copy, &edited).map(|read| (read, edited)),
        Err(reason) => Err(file::failed(&copy, &reason)),
    };
    let problem = match edited {
        Ok((configuration, edited)) => match configuration.mistakes().into_iter().next() {
            None => {
                file::hold(host)?.write(&edited)?;
                host.configuration_changed();
                let warnings = configuration.warnings.iter();
                warnings.for_each(|warning| host.warn(false, warning));
                return Ok(0);
            }
            Some(mistake) => mistake,
        },
        Err(problem) => bare(&problem),
    };
    let kept = copy.keep().map_err(|e| error::fatal(UNUSABLE, e))?;
    Err(
        error::fatal(UNUSABLE, format!("{problem}\nomero: the file is unchanged"))
            .hint(format!("what you wrote is kept in {}", kept.display())),
    )
}

/// The sentence without the prefix that the new error puts there again.
fn bare(error: &Error) -> String {
    let text = error.to_string();
    text.strip_prefix("omero: error: ")
        .unwrap_or(&text)
        .to_owned()
}
