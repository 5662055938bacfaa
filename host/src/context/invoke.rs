//! Running another command for a command.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_abi::{InvokeMode, Invoked, std_types::RVec};
use omero_plugin_api::{Error, Kind};

use crate::{capture::Capture, error, host::Host, life::Life};

/// Commands that run each other may be this deep: each takes some of the stack.
const DEEPEST: usize = 16;

/// Runs a command line inside the command of this life.
///
/// # Errors
///
/// The command has ended; too many commands run each other; what keeps the other one from running.
pub fn run(
    host: &Arc<Host>,
    life: &Life,
    arguments: RVec<RVec<u8>>,
    mode: InvokeMode,
) -> Result<Invoked, Error> {
    life.check()?;
    if life.depth() >= DEEPEST {
        let text = format!("commands run each other more than {DEEPEST} deep");
        return Err(error::fatal(error::UNUSABLE, text)
            .hint("one of them runs itself: report it to its author"));
    }
    let words = arguments.into_iter().map(|bytes| os_string(bytes.into()));
    let words = words.collect::<Result<Vec<_>, _>>()?;
    match mode {
        InvokeMode::SHOW => {
            let code = life
                .during(|| host.invoke(words))
                .map_err(|failed| failed.error)?;
            Ok(Invoked {
                code,
                output: RVec::new(),
                errors: RVec::new(),
            })
        }
        InvokeMode::CAPTURE => {
            let capture = Capture::begin();
            let inner = life.during(|| Life::captured_by(capture.clone()));
            let outcome = inner.during(|| host.invoke(words));
            host.end(&inner);
            let written = capture.end();
            Ok(Invoked {
                code: outcome.map_err(|failed| failed.error)?,
                output: written.output.into(),
                errors: written.errors.into(),
            })
        }
        _ => {
            let text = "this omero does not know this way to run a command";
            Err(Error::of_kind(Kind::Unsupported, 1, text).labelled())
        }
    }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> Result<OsString, Error> {
    Ok(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Result<OsString, Error> {
    let text = String::from_utf8(bytes);
    Ok(text
        .map_err(|_| error::usage("a word of the command is not text"))?
        .into())
}
