//! Finding plugins in the indexes, and the build that fits this machine.

use omero_registry_protocol::{Chosen, Failure, ListedPlugin, ListedVersion, Task};
use semver::Version;

use crate::{
    failure::{Hint, failed, untrusted, unusable},
    format::{Entry, Release},
    index,
    keys::Key,
    store::{Index, Store, about},
};

/// The target that this program, and so this omero, is built for.
const TARGET: &str = env!("OMERO_TARGET");

/// The plugins whose name or description contains all words.
///
/// # Errors
///
/// An index cannot be used.
pub fn search(task: &Task, words: &[String]) -> Result<Vec<ListedPlugin>, Failure> {
    let offered = offered(task)?;
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let mut found = Vec::new();
    for index in Store::open(task, false)?.all()? {
        for name in index.root.plugins.keys() {
            let entry = index.entry(name)?;
            let text = format!("{name}\n{}", entry.description).to_lowercase();
            if words.iter().all(|word| text.contains(word)) {
                found.push(listed(&index, &entry, &offered));
            }
        }
    }
    Ok(found)
}

/// The plugins of this name, one for each index that has one.
///
/// # Errors
///
/// An index cannot be used.
pub fn describe(task: &Task, name: &str) -> Result<Vec<ListedPlugin>, Failure> {
    let offered = offered(task)?;
    let found = entries(task, name)?;
    let listed = found
        .iter()
        .map(|(index, entry)| listed(index, entry, &offered));
    Ok(listed.collect())
}

/// The build to install.
///
/// # Errors
///
/// No index has the plugin, or several have; no version fits.
pub fn choose(
    task: &Task,
    name: &str,
    version: Option<&str>,
    installed: Option<&str>,
) -> Result<Chosen, Failure> {
    let offered = offered(task)?;
    let found = entries(task, name)?;
    let (index, entry) = match found.as_slice() {
        [] => return Err(unknown(task, name)?),
        [one] => one,
        several => return Err(ambiguous(name, several)),
    };
    let release = match version {
        Some(version) => exact(index, entry, version, &offered)?,
        None => newest(entry, &offered).ok_or_else(|| nothing_fits(index, entry, &offered))?,
    };
    // A version that is none is older than any that is one.
    let installed = installed.and_then(|version| Version::parse(version).ok());
    let is_newer = installed.is_none_or(|installed| release.version > installed);
    chosen(index, entry, release, is_newer)
}

fn chosen(
    index: &Index,
    entry: &Entry,
    release: &Release,
    is_newer: bool,
) -> Result<Chosen, Failure> {
    let name = &entry.name;
    let archive = release.targets.get(TARGET).ok_or_else(|| no_build(name))?;
    let broken = |reason: &str| {
        let message = format!("its entry of {name} {} {reason}", release.version);
        about(&index.name, untrusted(message))
    };
    let key = match &release.key {
        Some(key) => {
            let key = Key::from_base64(key).ok_or_else(|| broken("holds no valid key"))?;
            if archive.signature.is_none() {
                return Err(broken("lacks the author's signature"));
            }
            key.text().to_owned()
        }
        None => index.source.key.clone(),
    };
    let base = index::base(&index.directory, &index.source.url)?;
    let location = base.resolve(&archive.url);
    Ok(Chosen {
        index: index.name.clone(),
        name: name.clone(),
        version: release.version.to_string(),
        yanked: release.yanked,
        is_newer,
        url: location.map_err(|e| about(&index.name, e))?.to_string(),
        sha256: archive.sha256.to_ascii_lowercase(),
        size: archive.size,
        signature: release.key.as_ref().and(archive.signature.clone()),
        key,
    })
}

/// The version of the plugin ABI that this omero offers.
fn offered(task: &Task) -> Result<Version, Failure> {
    Version::parse(&task.abi).map_err(|e| failed(format!("{} is no version: {e}", task.abi)))
}

/// The plugins that `NAME` or `INDEX/NAME` means.
fn entries(task: &Task, name: &str) -> Result<Vec<(Index, Entry)>, Failure> {
    let store = Store::open(task, false)?;
    let (indexes, plain) = match name.split_once('/') {
        Some((index, plain)) => (vec![store.index(index)?], plain),
        None => (store.all()?, name),
    };
    let mut found = Vec::new();
    for index in indexes {
        let names: Vec<String> = index.names_like(plain).map(str::to_owned).collect();
        if let [first, second, ..] = names.as_slice() {
            let message = format!("it lists both {first} and {second}, which are one library");
            return Err(about(&index.name, untrusted(message)));
        }
        if let Some(name) = names.first() {
            let entry = index.entry(name)?;
            found.push((index, entry));
        }
    }
    Ok(found)
}

/// Why a version is not chosen on this machine.
fn obstacle(release: &Release, offered: &Version) -> Option<String> {
    if release.yanked {
        return Some("yanked".to_owned());
    }
    misfit(release, offered)
}

/// Why a version does not run on this machine.
fn misfit(release: &Release, offered: &Version) -> Option<String> {
    if !release.abi.matches(offered) {
        return Some(format!("needs plugin ABI {}", release.abi));
    }
    (!release.targets.contains_key(TARGET)).then(|| format!("no build for {TARGET}"))
}

fn newest<'a>(entry: &'a Entry, offered: &Version) -> Option<&'a Release> {
    let fitting = entry.versions.iter();
    let fitting = fitting.filter(|release| obstacle(release, offered).is_none());
    // A pre-release only if there is nothing else.
    fitting.max_by_key(|release| (release.version.pre.is_empty(), release.version.clone()))
}

fn exact<'a>(
    index: &Index,
    entry: &'a Entry,
    version: &str,
    offered: &Version,
) -> Result<&'a Release, Failure> {
    let name = &entry.name;
    let wanted = Version::parse(version)
        .map_err(|e| failed(format!("{version} is no version: {e}")).hint("such as 1.2.0"))?;
    let mut versions = entry.versions.iter();
    let Some(release) = versions.find(|release| release.version == wanted) else {
        let message = format!("the index `{}` has no {name} {wanted}", index.name);
        return Err(unusable(message).hint(format!("its versions: omero plugin info {name}")));
    };
    match misfit(release, offered) {
        Some(reason) => Err(unusable(format!(
            "{name} {wanted} does not run here: {reason}; this omero offers ABI {offered}"
        ))),
        None => Ok(release),
    }
}

fn nothing_fits(index: &Index, entry: &Entry, offered: &Version) -> Failure {
    let name = &entry.name;
    let newest = entry.versions.iter().max_by_key(|r| r.version.clone());
    let reason = newest.map_or("it has no versions".to_owned(), |release| {
        let obstacle = obstacle(release, offered).unwrap_or_default();
        format!("{} of the newest, {}: {obstacle}", name, release.version)
    });
    unusable(format!(
        "the index `{}` has no version of {name} that runs here: {reason}",
        index.name
    ))
    .hint(format!("its versions: omero plugin info {name}"))
}

fn no_build(name: &str) -> Failure {
    unusable(format!("there is no build of {name} for {TARGET}"))
}

fn unknown(task: &Task, name: &str) -> Result<Failure, Failure> {
    let failure = unusable(format!("no index lists a plugin `{name}`"));
    let is_empty = Store::open(task, false)?.names()?.is_empty();
    Ok(if is_empty {
        failure.hint("there is no index yet; add one: omero plugin index add NAME URL --key KEY")
    } else {
        failure.hint("look for it: omero plugin search WORD")
    })
}

fn ambiguous(name: &str, several: &[(Index, Entry)]) -> Failure {
    let names: Vec<String> = several
        .iter()
        .map(|(index, entry)| format!("{}/{}", index.name, entry.name))
        .collect();
    failed(format!("several indexes list a plugin `{name}`"))
        .hint(format!("say which one: {}", names.join(" or ")))
}

fn listed(index: &Index, entry: &Entry, offered: &Version) -> ListedPlugin {
    let mut versions: Vec<&Release> = entry.versions.iter().collect();
    versions.sort_by(|a, b| b.version.cmp(&a.version));
    let versions = versions.into_iter().map(|release| ListedVersion {
        version: release.version.to_string(),
        targets: release.targets.keys().cloned().collect(),
        obstacle: obstacle(release, offered),
        key: release.key.clone(),
    });
    ListedPlugin {
        index: index.name.clone(),
        name: entry.name.clone(),
        description: entry.description.clone(),
        newest: newest(entry, offered).map(|release| release.version.to_string()),
        versions: versions.collect(),
    }
}
