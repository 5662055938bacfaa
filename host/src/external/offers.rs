//! The commands of the fallback: what `omero help --list` of it prints. It is asked once, and again
//! when it or its Python packages change; the answer is kept in the user's cache directory. Running a
//! command does not ask, unless its name is nearly one of this program.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Seek},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use omero_plugin_api::manifest;
use serde::{Deserialize, Serialize};

use super::{child, fallback};
use crate::{host::Host, private_files::replace, stamp::Stamp};

/// OMERO.py takes one or two seconds, more on a cold or loaded machine.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a fallback that failed to list its commands is not asked again, in seconds.
const FAILED: u64 = 600;

/// Commands with their subcommands.
pub type Offers = BTreeMap<String, Vec<String>>;

/// An answer, and how the fallback's files looked when it was given.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    files: Vec<(PathBuf, Stamp)>,
    offers: Offers,
    /// When the fallback failed to answer: seconds since 1970; `None` if it answered.
    failed: Option<u64>,
}

impl Remembered {
    /// Whether this still is the answer. A clock that was set back ends the memory of a failure.
    fn holds(&self, files: &[(PathBuf, Stamp)], now: SystemTime) -> bool {
        let recent = |failed| {
            let age = seconds(now).checked_sub(failed);
            age.is_some_and(|age| age < FAILED)
        };
        self.files == files && self.failed.is_none_or(recent)
    }
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The commands of the configured fallback; none without one, and none if it does not say.
pub fn offers(host: &Host) -> Offers {
    // What is wrong with the configuration is said where a command needs it.
    let Ok(Some(program)) = fallback::configured(host, true) else {
        return Offers::new();
    };
    let files = fingerprint(&program);
    let cache = dirs::cache_dir().map(|cache| cache.join("omero").join("fallback.json"));
    let known = cache.as_ref().and_then(|cache| fs::read(cache).ok());
    let known = known.and_then(|text| serde_json::from_slice::<Remembered>(&text).ok());
    if let Some(known) = known.filter(|known| known.holds(&files, SystemTime::now())) {
        return known.offers;
    }
    let answer = ask(&program);
    let now = SystemTime::now();
    let failed = answer.is_none().then(|| seconds(now));
    let offers = answer.unwrap_or_default();
    let settled = files.iter().all(|(_, stamp)| stamp.is_settled(now));
    let remembered = Remembered {
        files,
        offers,
        failed,
    };
    if let (Some(cache), true) = (cache, settled)
        && let Ok(text) = serde_json::to_vec(&remembered)
    {
        // Without a memory it is asked again next time.
        let _ = replace(&cache, &text);
    }
    remembered.offers
}

/// The subcommands that the fallback has beside those of a plugin's command.
pub fn offers_beside(offers: &Offers, plugin: &manifest::Command) -> Vec<String> {
    // A command without subcommands reads the words after it itself.
    let subs = offers
        .get(&plugin.name)
        .filter(|_| !plugin.commands.is_empty());
    let own = |sub: &String| plugin.subcommand(sub).is_some();
    let others = subs.into_iter().flatten().filter(|sub| !own(sub));
    others.cloned().collect()
}

/// The program and, where it was installed by pip or conda, the directories that change when a
/// package is added: it may bring commands.
fn fingerprint(program: &Path) -> Vec<(PathBuf, Stamp)> {
    let mut paths = vec![program.to_owned()];
    let libraries = program.ancestors().nth(2).map(|prefix| prefix.join("lib"));
    let entries = libraries.and_then(|libraries| fs::read_dir(libraries).ok());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("python3") {
            let packages = entry.path().join("site-packages");
            paths.push(packages.join("omero").join("plugins"));
            paths.push(packages);
        }
    }
    paths.sort();
    let stamp = |path: PathBuf| Some((Stamp::of(&path.metadata().ok()?), path));
    let stamps = paths.into_iter().filter_map(stamp);
    stamps.map(|(stamp, path)| (path, stamp)).collect()
}

/// Runs `help --list`; `None` if that fails or takes too long.
fn ask(program: &Path) -> Option<Offers> {
    // A file, not a pipe: the fallback may leave processes behind that keep a pipe open.
    let mut output = tempfile::tempfile().ok()?;
    let child = child::command(program)
        .args(["help", "--list"])
        .stdin(Stdio::null())
        .stdout(output.try_clone().ok()?)
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let status = child::wait_for(child, LONGEST).ok()??;
    if !status.success() {
        return None;
    }
    output.rewind().ok()?;
    Some(parse(&io::read_to_string(output).ok()?))
}

/// A command a line, with the number of its subcommands in parentheses, and these behind a tab on the
/// lines after it. Other lines are passed over.
fn parse(text: &str) -> Offers {
    let mut offers = Offers::new();
    let mut command = String::new();
    let is_name = |name: &str| {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(letters)
    };
    for line in text.lines() {
        if let Some(sub) = line.strip_prefix('\t') {
            if let Some(subs) = offers.get_mut(&command)
                && is_name(sub)
            {
                subs.push(sub.to_owned());
            }
            continue;
        }
        let name = line.split_once(" (").map_or(line, |(name, _)| name).trim();
        command = String::new();
        if is_name(name) {
            command = name.to_owned();
            offers.entry(command.clone()).or_default();
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_remembered_for_ten_minutes() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let mut known = Remembered {
            files: Vec::new(),
            offers: Offers::new(),
            failed: Some(10_000),
        };
        assert!(known.holds(&[], at(10_000)) && known.holds(&[], at(10_599)));
        assert!(!known.holds(&[], at(10_600)) && !known.holds(&[], at(9_999)));
        let other = [(PathBuf::from("/omero"), Stamp::default())];
        assert!(!known.holds(&other, at(10_000)));
        known.failed = None;
        assert!(known.holds(&[], at(1_000_000)) && !known.holds(&other, at(10_000)));
    }

    #[test]
    fn lists_are_parsed() {
        let text = "\nadmin (2)\n\tstart\n\tstop\nchgrp\nWARN: x y\n\tlost\ngroup (1)\n\tadd\n";
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let expected = Offers::from([
            ("admin".to_owned(), names(&["start", "stop"])),
            ("chgrp".to_owned(), Vec::new()),
            ("group".to_owned(), names(&["add"])),
        ]);
        assert_eq!(parse(text), expected);
    }
}
