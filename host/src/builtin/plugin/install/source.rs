//! From the words after `omero plugin install` to a library on this machine: downloaded, checked,
//! unpacked or built.

use std::path::{Path, PathBuf};

use omero_plugin_api::Error;
use omero_registry_protocol::{Chosen, Cloned, Download, Downloaded, Request, Unpacked};
use tempfile::TempDir;

use super::{content, content::Content, project};
use crate::{
    builtin::plugin::{
        Task, failed,
        registry::{call, refresh},
    },
    error::{self, UNTRUSTED, UNUSABLE},
    locate,
    records::Record,
};

/// A library to install, and what is known of where it comes from.
pub struct Found {
    /// The library.
    pub library: PathBuf,
    /// What the user named, or the URL.
    pub source: String,
    /// The index that it came from.
    pub index: Option<String>,
    /// The public key that vouches for it.
    pub key: Option<String>,
    /// The name and version that it must have.
    pub expected: Option<(String, String)>,
    /// Whether it was checked when it was installed before, so that its key needs no comparison.
    pub is_trusted: bool,
    /// What has to stay until the library is copied.
    pub keep: Vec<TempDir>,
}

/// What the user wants to install.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// A library, archive or project on this machine.
    Path(PathBuf),
    /// A library or archive on a server.
    Url(String),
    /// A plugin of an index: `[INDEX/]NAME[@VERSION]`.
    Listed {
        name: String,
        version: Option<String>,
    },
}

/// Gets the library that the command line asks for.
///
/// # Errors
///
/// It cannot be had, or must not be installed.
pub fn find(task: &Task) -> Result<Found, Error> {
    if let Some(url) = task.matches.get_one::<String>("git") {
        return from_repository(task, url);
    }
    let word = task.matches.get_one::<PathBuf>("path").cloned();
    match wanted(&word.unwrap_or_default()) {
        Wanted::Path(path) => from_path(task, &path),
        Wanted::Url(url) => downloaded(task, url, true),
        Wanted::Listed { name, version } => {
            refresh(task, name.split_once('/').map(|(index, _)| index))?;
            let plain = name.rsplit('/').next().unwrap_or_default();
            let installed = Record::read(plain)?.installed.map(|i| i.version);
            let request = Request::Choose {
                name,
                version,
                installed,
            };
            from_index(task, call(task, request)?)
        }
    }
}

/// A file or directory comes before a plugin of the same name in an index, so that the same words
/// never install something else only because an index has grown.
fn wanted(word: &Path) -> Wanted {
    let path = || Wanted::Path(std::path::absolute(word).unwrap_or_else(|_| word.to_owned()));
    let Some(text) = word.to_str() else {
        return path();
    };
    if text.contains("://") {
        return Wanted::Url(text.to_owned());
    }
    let (name, version) = match text.split_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (text, None),
    };
    let parts: Vec<&str> = name.split('/').collect();
    let is_name = parts.len() <= 2 && parts.iter().all(|part| locate::file_name(part).is_some());
    if word.exists() || !is_name {
        return path();
    }
    let name = name.to_owned();
    Wanted::Listed { name, version }
}

fn from_path(task: &Task, path: &Path) -> Result<Found, Error> {
    let metadata = path
        .metadata()
        .map_err(|e| failed("cannot be installed", path, &e))?;
    let source = path.display().to_string();
    if metadata.is_dir() {
        return Ok(plain(project::build(task, path)?, source));
    }
    let option = |name| task.matches.get_one::<String>(name);
    if option("key").is_none() && option("sha256").is_none() {
        return unpacked(task, path, source, false);
    }
    // Copied, so that what was checked is what is installed.
    downloaded(task, source, false)
}

/// Downloads from a URL or copies a file, and checks its hash and signature.
fn downloaded(task: &Task, source: String, is_foreign: bool) -> Result<Found, Error> {
    let folder = temporary()?;
    let downloaded = download(task, &source, folder.path())?;
    require_signature(task, &source, &downloaded)?;
    let mut found = unpacked(task, &downloaded.path, source, is_foreign)?;
    found.key = downloaded.key;
    found.keep.push(folder);
    Ok(found)
}

fn from_repository(task: &Task, url: &str) -> Result<Found, Error> {
    let revision = task.matches.get_one::<String>("rev").cloned();
    consent_to_build(task, url)?;
    let folder = temporary()?;
    let directory = folder.path().join("source");
    std::fs::create_dir(&directory).map_err(|e| failed("cannot be made", &directory, &e))?;
    let request = Request::Clone {
        url: url.to_owned(),
        revision,
        directory: directory.clone(),
    };
    let cloned: Cloned = call(task, request)?;
    let library = project::build(task, &directory)?;
    let mut found = plain(library, format!("{url}#{}", cloned.commit));
    found.keep.push(folder);
    Ok(found)
}

/// Downloads the build of an index.
///
/// # Errors
///
/// It cannot be fetched, or is not what the index says.
pub fn from_index(task: &Task, chosen: Chosen) -> Result<Found, Error> {
    let name = &chosen.name;
    if chosen.yanked {
        let sentence = format!(
            "{name} {} is yanked: its publisher advises against it",
            chosen.version
        );
        task.host.warn(task.quiet, &sentence);
    }
    let folder = temporary()?;
    task.note(&format!(
        "downloading {name} {} from {}",
        chosen.version, chosen.url
    ));
    let request = Request::Download(Download {
        url: chosen.url.clone(),
        sha256: Some(chosen.sha256),
        size: Some(chosen.size),
        key: chosen.signature.is_some().then(|| chosen.key.clone()),
        signature: chosen.signature,
        directory: folder.path().to_owned(),
    });
    let downloaded: Downloaded = call(task, request)?;
    let (path, keep) = unpack(task, &downloaded.path)?;
    let library = match path {
        Content::Library(library) => library,
        Content::Project(_) => {
            let sentence = format!("{} holds no built library, but a project", chosen.url);
            return Err(error::fatal(UNUSABLE, sentence).hint("tell the owner of the index"));
        }
    };
    Ok(Found {
        library,
        source: chosen.url,
        index: Some(chosen.index),
        key: Some(chosen.key),
        expected: Some((chosen.name, chosen.version)),
        is_trusted: false,
        keep: [Some(folder), keep].into_iter().flatten().collect(),
    })
}

fn plain(library: PathBuf, source: String) -> Found {
    Found {
        library,
        source,
        index: None,
        key: None,
        expected: None,
        is_trusted: false,
        keep: Vec::new(),
    }
}

/// A file that is a library, or an archive of one or of a project.
fn unpacked(task: &Task, path: &Path, source: String, is_foreign: bool) -> Result<Found, Error> {
    let (content, keep) = unpack(task, path)?;
    let library = match content {
        Content::Library(library) => library,
        Content::Project(folder) => {
            if is_foreign {
                consent_to_build(task, &source)?;
            }
            project::build(task, &folder)?
        }
    };
    let mut found = plain(library, source);
    found.keep.extend(keep);
    Ok(found)
}

fn unpack(task: &Task, path: &Path) -> Result<(Content, Option<TempDir>), Error> {
    if !content::is_archive(path) {
        return Ok((Content::Library(path.to_owned()), None));
    }
    let folder = temporary()?;
    let request = Request::Unpack {
        archive: path.to_owned(),
        directory: folder.path().to_owned(),
    };
    let _: Unpacked = call(task, request)?;
    Ok((content::find(path, folder.path())?, Some(folder)))
}

fn download(task: &Task, url: &str, directory: &Path) -> Result<Downloaded, Error> {
    let option = |name| task.matches.get_one::<String>(name).cloned();
    let request = Request::Download(Download {
        url: url.to_owned(),
        sha256: option("sha256"),
        size: None,
        signature: None,
        key: option("key"),
        directory: directory.to_owned(),
    });
    call(task, request)
}

/// Refuses a file without a checked hash or signature, unless the user agrees.
fn require_signature(task: &Task, url: &str, downloaded: &Downloaded) -> Result<(), Error> {
    let sha256 = task.matches.get_one::<String>("sha256");
    let key = task.matches.get_one::<String>("key");
    if downloaded.key.is_some() || (sha256.is_some() && key.is_none()) {
        return Ok(());
    }
    let (sentence, hint) = match downloaded.signed {
        true => (
            "is signed, but no key was given to check that with",
            "give its publisher's public key: --key KEY",
        ),
        false => (
            "is not signed",
            "check its SHA-256 with --sha256 HASH, or trust it as it is with --allow-unsigned",
        ),
    };
    let hash = &downloaded.sha256;
    let question = format!("{url} {sentence}. Its SHA-256 is {hash}.\nInstall it anyway?");
    if task.matches.get_flag("allow-unsigned") || task.agrees(&question)? {
        return Ok(());
    }
    Err(error::fatal(UNTRUSTED, format!("{url} {sentence}")).hint(hint))
}

/// Asks before a project is built: building runs its authors' code before any of it was checked.
fn consent_to_build(task: &Task, source: &str) -> Result<(), Error> {
    let sentence = format!(
        "{source} is source code: building it runs code of its authors and of the crates that it \
         names, with your rights"
    );
    if task.matches.get_flag("yes") || task.agrees(&format!("{sentence}.\nBuild it?"))? {
        task.note(&sentence);
        return Ok(());
    }
    Err(error::fatal(UNTRUSTED, sentence).hint("to agree: --yes"))
}

fn temporary() -> Result<TempDir, Error> {
    let made = tempfile::Builder::new().prefix("omero-plugin-").tempdir();
    made.map_err(|e| error::fatal(1, format!("there is no room for temporary files: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_names_urls_or_paths() {
        let listed = |name: &str, version: Option<&str>| Wanted::Listed {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        };
        let of = |word: &str| wanted(Path::new(word));
        assert_eq!(of("no-such-cells"), listed("no-such-cells", None));
        assert_eq!(of("lab/cells@1.2.0"), listed("lab/cells", Some("1.2.0")));
        assert_eq!(
            of("https://h/x.zip"),
            Wanted::Url("https://h/x.zip".to_owned())
        );
        for path in [
            "src",
            "./cells",
            "no/such.so",
            "/x/y",
            "a/b/c",
            "cells.tar.gz",
            "",
        ] {
            assert!(matches!(of(path), Wanted::Path(_)), "{path}");
        }
    }
}
