//! Repositories, through the program `git`: it knows the user's keys, proxies and hosts.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use omero_registry_protocol::{Cloned, Failure};

use crate::failure::{Hint, failed, unreachable, with_file};

/// The transports that git may use, also for redirects. `ext::` and others run commands.
const TRANSPORTS: &str = "https:ssh:file";

/// Whether a URL is that of a repository and not of a directory of files.
pub fn is_repository(url: &str) -> bool {
    url.starts_with("git+") || url.trim_end_matches('/').ends_with(".git")
}

/// The URL as git takes it.
fn plain(url: &str) -> &str {
    url.strip_prefix("git+").unwrap_or(url)
}

/// Refuses what git would not take as a URL.
///
/// # Errors
///
/// It looks like an option, or names a transport that is not allowed.
pub fn check_url(url: &str) -> Result<(), Failure> {
    let url = plain(url);
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let allowed = scheme.is_none_or(|scheme| ["https", "ssh", "file"].contains(&scheme));
    if url.starts_with('-') || url.contains("::") || !allowed {
        return Err(
            failed(format!("{url} is no repository that can be fetched"))
                .hint("use https://…, ssh://…, file:///… or a path"),
        );
    }
    Ok(())
}

/// Clones a repository without its history into an empty directory.
///
/// # Errors
///
/// There is no git, no such repository or no such revision.
pub fn clone(url: &str, revision: Option<&str>, directory: &Path) -> Result<Cloned, Failure> {
    check_url(url)?;
    let mut git = git();
    git.args(["clone", "--quiet", "--depth", "1"]);
    if let Some(revision) = revision {
        git.arg(format!("--branch={revision}"));
    }
    git.arg("--").arg(plain(url)).arg(directory);
    run(git, url)?;
    let mut git = self::git();
    git.args(["rev-parse", "HEAD"]).current_dir(directory);
    let commit = run(git, url)?.trim().to_owned();
    Ok(Cloned { commit })
}

/// Brings a working copy to the newest state of the default branch.
///
/// # Errors
///
/// The repository cannot be fetched.
pub fn update(url: &str, checkout: &Path) -> Result<(), Failure> {
    check_url(url)?;
    if checkout.join(".git").exists() && fetch(url, checkout).is_ok() {
        return Ok(());
    }
    // Made new: nothing in it is the user's.
    let fresh = || -> io::Result<()> {
        match fs::remove_dir_all(checkout) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        fs::create_dir_all(checkout)
    };
    fresh().map_err(|e| with_file("cannot be written", checkout, e))?;
    clone(url, None, checkout).map(|_| ())
}

fn fetch(url: &str, checkout: &Path) -> Result<(), Failure> {
    for arguments in [
        &["fetch", "--quiet", "--depth", "1", "origin", "HEAD"][..],
        &["reset", "--quiet", "--hard", "FETCH_HEAD"],
        &["clean", "--quiet", "-ffdx"],
    ] {
        let mut git = git();
        git.args(arguments).current_dir(checkout);
        run(git, url)?;
    }
    Ok(())
}

/// git, without questions and without what a working copy or its environment may make it run.
fn git() -> Command {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.symlinks=false",
    ])
    .args([
        "-c",
        "protocol.ext.allow=never",
        "-c",
        "core.fsmonitor=false",
    ])
    .env("GIT_ALLOW_PROTOCOL", TRANSPORTS)
    .env("GIT_TERMINAL_PROMPT", "0")
    .env("GIT_LFS_SKIP_SMUDGE", "1")
    .stdin(Stdio::null());
    // Those of a repository that `omero` is run from are not meant.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git
}

fn run(mut git: Command, url: &str) -> Result<String, Failure> {
    let output = git.output().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => unreachable("there is no program `git`").hint("install git"),
        _ => unreachable(format!("git cannot be run: {e}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let reason = words.lines().rev().find(|line| !line.trim().is_empty());
    Err(unreachable(format!(
        "the repository {url} cannot be fetched: {}",
        reason.unwrap_or("git ended without a reason")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert!(is_repository("git+https://h/x") && is_repository("/srv/index.git"));
        assert!(!is_repository("https://h/index"));
        for good in [
            "https://h/x.git",
            "git+file:///srv/x",
            "git@h:x.git",
            "/srv/x",
            "ssh://h/x",
        ] {
            check_url(good).unwrap();
        }
        for bad in [
            "ext::sh -c x",
            "--upload-pack=x",
            "http://h/x",
            "git+-x",
            "git://h/x",
        ] {
            check_url(bad).unwrap_err();
        }
    }
}
