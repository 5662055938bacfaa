//! Building a cargo project.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use omero_plugin_api::Error;
use serde_json::Value;

use crate::{
    builtin::plugin::{Task, api, failed},
    error, external,
};

/// Builds the project and returns its library. What cargo says goes to standard error.
///
/// # Errors
///
/// There is no cargo or no project; it does not build, or builds no library.
pub fn build(task: &Task, folder: &Path) -> Result<PathBuf, Error> {
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        let reason = "it holds no Cargo.toml, so it is no cargo project";
        return Err(failed("cannot be installed", folder, &reason));
    }
    task.note(&format!("building {} with cargo", folder.display()));
    task.host.streams.flush()?;
    check_origin(task, folder, &manifest)?;
    let mut command = cargo(task, folder);
    command
        .args(["build", "--release"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(&manifest)
        .args(task.quiet.then_some("--quiet"));
    let output = run(command, folder)?;
    let manifest = manifest.canonicalize().unwrap_or(manifest);
    let libraries = libraries_in(&output.stdout, &manifest);
    match libraries.as_slice() {
        [library] => Ok(library.clone()),
        [] => Err(
            failed("cannot be installed", folder, &"it builds no cdylib")
                .hint("its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`"),
        ),
        _ => {
            let reason = "it builds more than one library";
            Err(failed("cannot be installed", folder, &reason)
                .hint("name the folder of one plugin, not that of the workspace"))
        }
    }
}

/// cargo, which takes the API crate from this installation if that has one.
fn cargo(task: &Task, folder: &Path) -> Command {
    let cargo = task.host.environment.filled("CARGO");
    let mut command = external::command(cargo.unwrap_or("cargo".as_ref()));
    if let Ok(api) = api::shipped() {
        command.arg("--config").arg(api::patch(&api));
    }
    command
        // Its folder's own configuration counts, as when its author builds it.
        .current_dir(folder)
        // Build scripts are code of others.
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    command
}

fn run(mut command: Command, folder: &Path) -> Result<Output, Error> {
    let output = command.output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => failed("cannot be built", folder, &"there is no cargo")
            .hint("install Rust (https://rustup.rs), or install a built library"),
        _ => failed("cannot be built", folder, &e),
    })?;
    if !output.status.success() {
        let sentence = format!("{} does not build", folder.display());
        return Err(error::fatal(1, sentence).hint("cargo says above what is wrong"));
    }
    Ok(output)
}

/// Refuses to build with an API crate from a registry or repository: it is not the one that this omero
/// was tested with, and the owner of the name there decides what runs. cargo takes it from there if
/// the project asks for another version than the installation has.
fn check_origin(task: &Task, folder: &Path, manifest: &Path) -> Result<(), Error> {
    let mut command = cargo(task, folder);
    command
        .args(["metadata", "--format-version=1", "--quiet"])
        .arg("--manifest-path")
        .arg(manifest);
    let output = run(command, folder)?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|e| failed("cannot be built", folder, &format!("cargo metadata: {e}")))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let foreign = packages
        .filter(|package| api::OWN.iter().any(|own| package["name"] == *own))
        .find(|package| !package["source"].is_null());
    match foreign {
        None => Ok(()),
        Some(package) => {
            let text = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
            let reason = format!(
                "it needs {} {}, which this omero does not have, and would take it from {}",
                text("name"),
                text("version"),
                text("source")
            );
            Err(failed("is not built", folder, &reason).hint(format!(
                "set the version of {} in its Cargo.toml to {}",
                api::API.0,
                api::version()
            )))
        }
    }
}

/// The shared libraries of the package with this manifest, or of all packages of a workspace
/// without one.
fn libraries_in(messages: &[u8], manifest: &Path) -> Vec<PathBuf> {
    let lines = messages.split(|byte| *byte == b'\n');
    let made: Vec<(bool, PathBuf)> = lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .filter_map(|message: Value| {
            let kinds = message["target"]["kind"].as_array()?;
            kinds.iter().any(|kind| kind == "cdylib").then_some(())?;
            let own = message["manifest_path"].as_str().map(Path::new) == Some(manifest);
            let files = message["filenames"].as_array()?.iter();
            let shared = |path: &&str| path.ends_with(std::env::consts::DLL_SUFFIX);
            let path = files.filter_map(Value::as_str).find(shared)?;
            Some((own, PathBuf::from(path)))
        })
        .collect();
    let own = made.iter().any(|(own, _)| *own);
    let wanted = made.into_iter().filter(|(is_own, _)| *is_own || !own);
    wanted.map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_itself_comes_before_those_it_needs() {
        let message = |manifest: &str, kind: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{"kind":["{kind}"]}},"filenames":["{file}{}"]}}"#,
                std::env::consts::DLL_SUFFIX
            )
        };
        let lines = [
            "not json".to_owned(),
            message("/p/Cargo.toml", "cdylib", "/t/own"),
            message("/q/Cargo.toml", "cdylib", "/t/other"),
            message("/p/Cargo.toml", "lib", "/t/no"),
        ];
        let found = |manifest: &str| {
            let paths = libraries_in(lines.join("\n").as_bytes(), Path::new(manifest));
            let names = paths
                .iter()
                .map(|p| p.with_extension("").display().to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("/p/Cargo.toml"), "/t/own");
        assert_eq!(found("/workspace/Cargo.toml"), "/t/own /t/other");
    }
}
