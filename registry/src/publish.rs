//! What publishers need: an archive with its checksum, signature and index entry, and a signed index.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};
use jiff::{SignedDuration, Timestamp};
use omero_registry_protocol::{Failure, Package, Packaged, SecretKey, Signed};
use semver::{Version, VersionReq};

use crate::{
    failure::{Hint, failed, with_file},
    format::{self, Archive, Entry, FORMAT, Listed, ROOT, Release, Root, SIGNATURE},
    keys::{Signer, with_suffix},
    store::{self, sha256},
};

/// Packs a library. The same files give the same archive.
///
/// # Errors
///
/// A file cannot be read or written, or the key cannot be opened.
pub fn package(wanted: &Package) -> Result<Packaged, Failure> {
    if !format::is_name(&wanted.name) {
        return Err(failed(format!(
            "{:?} cannot be published: names in an index are small letters, digits, `-` and `_`",
            wanted.name
        )));
    }
    let version = Version::parse(&wanted.version).map_err(|e| {
        failed(format!("the version {} is none: {e}", wanted.version))
            .hint("set `version` in Cargo.toml to one such as 1.2.0")
    })?;
    let abi = VersionReq::parse(&wanted.abi)
        .map_err(|e| failed(format!("the ABI range {} is none: {e}", wanted.abi)))?;
    let signer = wanted.key.as_ref().map(Signer::open).transpose()?;

    let file_name = format!("{}-{version}-{}.tar.gz", wanted.name, wanted.target);
    let bytes = pack(wanted)?;
    let sum = sha256(&bytes);
    let signature = signer
        .as_ref()
        .map(|signer| signer.sign(&bytes, &format!("{file_name} of omero plugin package")))
        .transpose()?;
    let path = wanted.output.join(&file_name);
    let mut files = vec![put(path.clone(), &bytes)?];
    files.push(put(
        with_suffix(&path, ".sha256"),
        format!("{sum}  {file_name}\n").as_bytes(),
    )?);
    if let Some(signature) = &signature {
        files.push(put(with_suffix(&path, ".minisig"), signature.as_bytes())?);
    }
    let url = match &wanted.url {
        Some(url) => format!("{}/{file_name}", url.trim_end_matches('/')),
        None => format!("archives/{file_name}"),
    };
    let archive = Archive {
        url,
        sha256: sum,
        size: bytes.len() as u64,
        signature,
    };
    let entry = Entry {
        name: wanted.name.clone(),
        description: wanted.description.clone(),
        versions: vec![Release {
            version,
            abi,
            yanked: false,
            key: signer.map(|signer| signer.public.text().to_owned()),
            targets: BTreeMap::from([(wanted.target.clone(), archive)]),
        }],
    };
    let path = with_suffix(&path, ".json");
    store::write_json(&path, &entry)?;
    files.push(path);
    if let Some(index) = &wanted.index {
        files.push(add_to(index, entry)?);
        if wanted.url.is_none() {
            files.push(put(index.join("archives").join(&file_name), &bytes)?);
        }
    }
    Ok(Packaged { files })
}

fn put(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, Failure> {
    store::write(&path, bytes)?;
    Ok(path)
}

/// The archive: the library and the extra files at the top, without dates and owners.
fn pack(wanted: &Package) -> Result<Vec<u8>, Failure> {
    let gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(gzip);
    let files = [&wanted.library].into_iter().chain(&wanted.extra);
    for path in files {
        let add = |archive: &mut tar::Builder<_>| -> io::Result<()> {
            let bytes = fs::read(path)?;
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_entry_type(tar::EntryType::Regular);
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            archive.append_data(&mut header, name, bytes.as_slice())
        };
        add(&mut archive).map_err(|e| with_file("cannot be packed", path, e))?;
    }
    let finished = archive
        .into_inner()
        .and_then(flate2::write::GzEncoder::finish);
    finished.map_err(|e| failed(format!("cannot make the archive: {e}")))
}

/// Adds a release to the index in a directory.
fn add_to(index: &Path, new: Entry) -> Result<PathBuf, Failure> {
    let path = index.join(format::entry_path(&new.name));
    let mut entry = match fs::read(&path) {
        Ok(text) => Entry::parse(&new.name, &text)
            .map_err(|e| with_file("cannot be used", &path, e.message))?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Entry {
            name: new.name.clone(),
            ..Entry::default()
        },
        Err(e) => return Err(with_file("cannot be read", &path, e)),
    };
    entry.description = new.description;
    for release in new.versions {
        let same = entry.versions.iter_mut();
        let same = same.into_iter().find(|r| r.version == release.version);
        match same {
            None => entry.versions.push(release),
            Some(before) => merge(&path, before, release)?,
        }
    }
    entry.versions.sort_by(|a, b| a.version.cmp(&b.version));
    store::write_json(&path, &entry)?;
    Ok(path)
}

/// Adds the builds of a release for further targets. A published archive is never replaced by another
/// one: who has installed it could no longer tell which they have.
fn merge(path: &Path, before: &mut Release, new: Release) -> Result<(), Failure> {
    let version = &before.version;
    if before.key != new.key {
        let reason = format!("its {version} was signed with another key");
        return Err(with_file("cannot be changed", path, reason));
    }
    for (target, archive) in &new.targets {
        let other = before.targets.get(target);
        if other.is_some_and(|other| other.sha256 != archive.sha256) {
            let reason = format!("it has another {version} for {target}");
            return Err(with_file("cannot be changed", path, reason)
                .hint("give the new build a new version"));
        }
    }
    before.targets.extend(new.targets);
    Ok(())
}

/// Signs the index in a directory with the next serial.
///
/// # Errors
///
/// A file is damaged or cannot be written, or the key cannot be opened.
pub fn sign(directory: &Path, key: &SecretKey, days: u32) -> Result<Signed, Failure> {
    let signer = Signer::open(key)?;
    let root_path = directory.join(ROOT);
    let before = match fs::read(&root_path) {
        Ok(text) => Some(
            Root::parse(&text).map_err(|e| with_file("cannot be used", &root_path, e.message))?,
        ),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(with_file("cannot be read", &root_path, e)),
    };
    let plugins = listed(directory)?;
    let life = SignedDuration::from_hours(i64::from(days) * 24);
    let now = Timestamp::from_second(Timestamp::now().as_second());
    let expires = now.and_then(|now| now.checked_add(life));
    let root = Root {
        format: FORMAT,
        serial: before.map_or(1, |before| before.serial + 1),
        expires: expires.map_err(|e| failed(format!("{days} days cannot be added: {e}")))?,
        plugins,
    };
    let mut text = serde_json::to_vec_pretty(&root)
        .map_err(|e| failed(format!("cannot write {ROOT}: {e}")))?;
    text.push(b'\n');
    let comment = format!(
        "omero plugin index, serial {}, expires {}",
        root.serial, root.expires
    );
    let signature = signer.sign(&text, &comment)?;
    put(root_path, &text)?;
    put(directory.join(SIGNATURE), signature.as_bytes())?;
    Ok(Signed {
        serial: root.serial,
        expires: root.expires.to_string(),
        plugins: root.plugins.len(),
        key: signer.public.text().to_owned(),
    })
}

/// The files below `plugins/` with their hashes, each read to be sure that it can be.
fn listed(directory: &Path) -> Result<BTreeMap<String, Listed>, Failure> {
    let folder = directory.join("plugins");
    let entries = fs::read_dir(&folder).map_err(|e| {
        with_file("cannot be read", &folder, e)
            .hint("add a plugin first: omero plugin package --index DIR")
    })?;
    let mut plugins = BTreeMap::new();
    for entry in entries {
        let path = entry
            .map_err(|e| with_file("cannot be read", &folder, e))?
            .path();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(name) = file_name.strip_suffix(".json") else {
            continue;
        };
        let text = fs::read(&path).map_err(|e| with_file("cannot be read", &path, e))?;
        let parsed = match format::is_name(name) {
            true => Entry::parse(name, &text).map_err(|e| e.message),
            false => Err("its name is not that of a plugin".to_owned()),
        };
        parsed.map_err(|e| with_file("cannot be signed", &path, e))?;
        let mut others = plugins.keys();
        if let Some(other) = others.find(|other: &&String| format::same_name(other, name)) {
            let reason = format!("`{name}` and `{other}` are one library");
            return Err(with_file("cannot be signed", &path, reason));
        }
        let listed = Listed {
            sha256: sha256(&text),
            size: text.len() as u64,
        };
        plugins.insert(name.to_owned(), listed);
    }
    Ok(plugins)
}

/// Marks a version in the index in a directory as yanked, or takes that back.
///
/// # Errors
///
/// There is no such plugin or version.
pub fn yank(directory: &Path, name: &str, version: &str, yanked: bool) -> Result<(), Failure> {
    let path = directory.join(format::entry_path(name));
    let text = fs::read(&path).map_err(|e| with_file("cannot be read", &path, e))?;
    let mut entry =
        Entry::parse(name, &text).map_err(|e| with_file("cannot be used", &path, e.message))?;
    let mut versions = entry.versions.iter_mut();
    let release = versions.find(|release| release.version.to_string() == version);
    let release = release
        .ok_or_else(|| with_file("cannot be changed", &path, format!("it has no {version}")))?;
    release.yanked = yanked;
    store::write_json(&path, &entry)
}
