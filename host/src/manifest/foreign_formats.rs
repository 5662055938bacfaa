//! Libraries of the operating systems that this machine is not, read from the files in
//! `tests/fixtures/libraries`.

use std::fs;

use super::*;

const LIBRARIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/libraries");

/// The libraries for this processor.
fn libraries() -> Vec<Vec<u8>> {
    let arch = std::env::consts::ARCH;
    [
        format!("{LIBRARIES}/omero_x.{arch}.dll"),
        format!("{LIBRARIES}/libomero_x.{arch}.dylib"),
    ]
    .iter()
    .filter_map(|path| fs::read(path).ok())
    .collect()
}

/// As [`read`], whatever this machine's own format is.
fn read_any(bytes: &[u8]) -> Result<Manifest, Problem> {
    let file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut &file, bytes).unwrap();
    let data = &ReadCache::new(file);
    let kind = FileKind::parse(data).map_err(|_| Problem::NoLibrary)?;
    Manifest::from_section(section(kind, data)?).map_err(Problem::Manifest)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[test]
fn manifests_of_windows_and_macos_are_read() {
    assert_eq!(libraries().len(), 2);
    for library in libraries() {
        let manifest = read_any(&library).unwrap();
        assert_eq!(
            (manifest.name.as_str(), manifest.abi.as_str()),
            ("x", "1.0.0")
        );
    }
}

#[test]
fn libraries_cut_short_are_refused() {
    for library in libraries() {
        // The rest of the last page of a file may be missing: nothing of the library is in it.
        let used = library
            .iter()
            .rposition(|byte| *byte != 0)
            .unwrap_or_default();
        for length in (0..used).step_by(61) {
            assert!(
                read_any(&library[..length]).is_err(),
                "{length} of {}",
                library.len()
            );
        }
    }
}

#[test]
fn damaged_headers_do_not_panic() {
    for library in libraries() {
        for at in 0..library.len().min(2048) {
            let mut damaged = library.clone();
            damaged[at] ^= 0xff;
            // Some bytes do not matter; the others lead to an error.
            let _ = read_any(&damaged);
        }
    }
}

#[test]
fn another_processor_is_named() {
    let other = if std::env::consts::ARCH == "aarch64" {
        "x86_64"
    } else {
        "aarch64"
    };
    for name in [
        format!("omero_x.{other}.dll"),
        format!("libomero_x.{other}.dylib"),
    ] {
        let bytes = fs::read(format!("{LIBRARIES}/{name}")).unwrap();
        let problem = read_any(&bytes).unwrap_err();
        assert!(
            matches!(&problem, Problem::WrongProcessor { plugin, .. } if plugin == other),
            "{name}: {problem}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn libraries_of_another_system_are_told_apart() {
    for file in fs::read_dir(LIBRARIES).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e == "dll" || e == "dylib") {
            assert_eq!(read(&path), Err(Problem::WrongSystem), "{}", path.display());
        }
    }
}
