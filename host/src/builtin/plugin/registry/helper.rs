//! Running the helper `omero-registry`: one request, one answer, in a process of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

use omero_plugin_api::Error;
use omero_registry_protocol as protocol;
use protocol::{Failure, FailureKind, Request};
use serde::de::DeserializeOwned;

use crate::{
    builtin::plugin::{Task, failed, plugin_directory},
    error::{self, INTERRUPTED, UNTRUSTED, UNUSABLE},
    external,
    private_files::make_private,
    trust,
};

/// Sends a request to the helper and returns the answer.
///
/// # Errors
///
/// The request fails; the helper is missing, is not trusted, or ends without an answer.
pub fn call<T: DeserializeOwned>(task: &Task, request: Request) -> Result<T, Error> {
    ask(task, request)?.map_err(|failure| error_of(&failure))
}

/// The same, with the failure of the request as it is.
///
/// # Errors
///
/// The helper is missing, is not trusted, or ends without an answer.
pub fn ask<T: DeserializeOwned>(
    task: &Task,
    request: Request,
) -> Result<Result<T, Failure>, Error> {
    let program = program()?;
    let owners = task.host.trusted_owners(task.quiet)?;
    trust::check(&program, &owners).map_err(|distrust| {
        error::fatal(UNTRUSTED, distrust.to_string()).hint(distrust.remedy())
    })?;
    let request = protocol::Task {
        data: data_directory(&request)?,
        abi: omero_plugin_abi::VERSION.to_owned(),
        request,
    };
    let text = serde_json::to_vec(&request)
        .map_err(|e| error::fatal(1, format!("the request cannot be written: {e}")))?;
    task.host.streams.flush()?;
    let output = run(&program, &text).map_err(|e| failed("cannot be run", &program, &e))?;
    serde_json::from_slice(&output.stdout).map_err(|e| {
        #[cfg(unix)]
        if std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(libc::SIGINT) {
            return Error::cancelled().with_code(INTERRUPTED);
        }
        let reason = format!("it ends without an answer ({}; {e})", output.status);
        failed("cannot be used", &program, &reason)
    })
}

fn run(program: &Path, request: &[u8]) -> std::io::Result<std::process::Output> {
    let mut child = external::command(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read says why in its answer, or has none.
        let _ = input.write_all(request);
    }
    child.wait_with_output()
}

/// The error of a failed request, with the exit code of its kind.
pub fn error_of(failure: &Failure) -> Error {
    let code = match failure.kind {
        FailureKind::Failed | FailureKind::Unreachable | FailureKind::Locked => 1,
        FailureKind::Untrusted => UNTRUSTED,
        FailureKind::Unusable => UNUSABLE,
    };
    let error = error::fatal(code, &failure.message);
    if failure.hint.is_empty() {
        error
    } else {
        error.hint(failure.hint.clone())
    }
}

/// The user's data directory of omero. The directory of the indexes is made, and private, before they
/// are changed: looking at them writes nothing.
fn data_directory(request: &Request) -> Result<PathBuf, Error> {
    let plugins = plugin_directory()?;
    let data = plugins.parent().unwrap_or(&plugins).to_owned();
    let changes = matches!(
        request,
        Request::AddIndex { .. } | Request::RemoveIndex { .. } | Request::UpdateIndexes { .. }
    );
    if changes {
        let indexes = data.join("indexes");
        make_private(&indexes).map_err(|e| failed("cannot be made", &indexes, &e))?;
    }
    Ok(data)
}

/// The helper of this installation: in `libexec/omero`, or beside the program in a build directory.
fn program() -> Result<PathBuf, Error> {
    let name = format!("omero-registry{}", std::env::consts::EXE_SUFFIX);
    let omero = std::env::current_exe().and_then(|program| program.canonicalize());
    let omero = omero.map_err(|e| error::fatal(1, format!("this program is not found: {e}")))?;
    let directory = omero.parent().unwrap_or(Path::new("/"));
    let prefix = directory.parent().unwrap_or(directory);
    let installed = prefix.join("libexec").join("omero").join(&name);
    let built = directory.join(&name);
    let mut found = [&installed, &built]
        .into_iter()
        .filter(|path| path.is_file());
    found.next().cloned().ok_or_else(|| {
        let path = installed.display();
        error::fatal(
            UNUSABLE,
            format!("{path} is missing from this installation"),
        )
        .hint("install omero again")
    })
}
