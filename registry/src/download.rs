//! Downloading one file and checking it, before anything looks into it.

use std::{
    fs::File,
    io::{Read, Write},
};

use omero_registry_protocol::{Download, Downloaded, Failure};
use sha2::{Digest, Sha256};

use crate::{
    failure::{Hint, unreachable, untrusted, with_file},
    fetch::Location,
    keys::{self, Key, with_suffix},
    store::hex,
};

/// The largest download in bytes.
const LARGEST: u64 = 512 << 20;

/// Copies a file into the directory of the request, and checks size, hash and signature.
///
/// # Errors
///
/// It cannot be fetched, or is not what it has to be.
pub fn download(wanted: &Download) -> Result<Downloaded, Failure> {
    let from = Location::parse(&wanted.url)?;
    let path = wanted.directory.join(from.file_name());
    let reader = from.open()?.ok_or_else(|| from.missing())?;
    let limit = wanted.size.unwrap_or(LARGEST).min(LARGEST);
    let mut file = File::create_new(&path).map_err(|e| with_file("cannot be written", &path, e))?;
    let (size, sha256) = copy(reader.take(limit + 1), &mut file).map_err(|e| match e {
        Broken::Read(e) => unreachable(format!("{from} cannot be fetched: {e}")),
        Broken::Write(e) => with_file("cannot be written", &path, e),
    })?;
    if size > limit && wanted.size.is_none() {
        return Err(untrusted(format!("{from} is larger than {LARGEST} bytes")));
    }
    let about = |e: Failure| Failure {
        message: format!("{from} cannot be installed: {}", e.message),
        ..e
    };
    let changed = |what: String| {
        about(untrusted(what))
            .hint("the file was changed after it was published: ask its publisher")
    };
    if wanted.size.is_some_and(|wanted| wanted != size) {
        let wanted = wanted.size.unwrap_or_default();
        let size = if size > limit {
            "more".to_owned()
        } else {
            format!("{size} bytes")
        };
        return Err(changed(format!(
            "it has to have {wanted} bytes and has {size}"
        )));
    }
    let wanted_hash = wanted.sha256.as_ref().map(|hash| hash.to_ascii_lowercase());
    if let Some(hash) = wanted_hash.filter(|hash| *hash != sha256) {
        return Err(changed(format!(
            "its SHA-256 has to be {hash} and is {sha256}"
        )));
    }
    let signature = match &wanted.signature {
        Some(signature) => Some(signature.clone()),
        None if wanted.key.is_some() || wanted.sha256.is_none() => signature_beside(&from)?,
        None => None,
    };
    let key = match (&wanted.key, &signature) {
        (Some(key), Some(signature)) => {
            let key = Key::parse(key)?;
            key.verify_file(&path, signature).map_err(about)?;
            Some(key.text().to_owned())
        }
        _ => None,
    };
    Ok(Downloaded {
        path,
        sha256,
        key,
        signed: signature.is_some(),
    })
}

/// The signature in the file of the same name with `.minisig`.
fn signature_beside(from: &Location) -> Result<Option<String>, Failure> {
    let beside = match from {
        Location::Https(url) => {
            let (path, query) = url
                .split_once('?')
                .map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
            let query = query.map_or(String::new(), |query| format!("?{query}"));
            Location::Https(format!("{path}.minisig{query}"))
        }
        Location::Path(path) => Location::Path(with_suffix(path, ".minisig")),
    };
    let text = beside.read(keys::LARGEST)?;
    Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
}

enum Broken {
    Read(std::io::Error),
    Write(std::io::Error),
}

fn copy(mut from: impl Read, to: &mut File) -> Result<(u64, String), Broken> {
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Broken::Read(e)),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        hash.update(bytes);
        size += bytes.len() as u64;
        to.write_all(bytes).map_err(Broken::Write)?;
    }
    Ok((size, hex(&hash.finalize())))
}
