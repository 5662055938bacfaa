use std::io::{Cursor, Write};

use super::*;

fn output(bytes: u64, entries: usize) -> (tempfile::TempDir, Output) {
    let directory = tempfile::tempdir().unwrap();
    let output = Output::new(directory.path(), bytes, entries);
    (directory, output)
}

/// A tar file of entries: type, name, contents and the size that the header declares.
fn tar_of(entries: &[(u8, &str, &[u8], u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, name, content, size) in entries {
        let mut header = ::tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(::tar::EntryType::new(*kind));
        header.set_size(*size);
        header.set_mode(0o644);
        if *kind == b'2' {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        bytes.extend(header.as_bytes());
        bytes.extend(*content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn untar(bytes: &[u8], limit: u64, entries: usize) -> Result<Vec<String>, String> {
    let (directory, mut output) = output(limit, entries);
    super::tar::unpack(bytes, &mut output).map_err(|e| e.to_string())?;
    let mut names: Vec<String> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    Ok(names)
}

#[test]
fn tar_unpacks_files_and_refuses_everything_else() {
    let good = tar_of(&[(b'5', "d/", b"", 0), (b'0', "f", b"text", 4)]);
    assert_eq!(untar(&good, 100, 10).unwrap(), ["d", "f"]);
    for (kind, name, reason) in [
        (b'0', "/f", "leads out"),
        (b'0', "../f", "leads out"),
        (b'0', "a/../../f", "leads out"),
        (b'5', "../d", "leads out"),
        (b'2', "link", "links"),
        (b'1', "hard", "links"),
        (b'3', "device", "links"),
        (b'6', "pipe", "links"),
    ] {
        let error = untar(&tar_of(&[(kind, name, b"", 0)]), 100, 10).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
    let twice = tar_of(&[(b'0', "f", b"1", 1), (b'0', "f", b"2", 1)]);
    untar(&twice, 100, 10).unwrap_err();
}

#[test]
fn sizes_and_numbers_are_bounded_whatever_headers_say() {
    let large = tar_of(&[(b'0', "f", &[0; 2000], 2000)]);
    assert_eq!(untar(&large, 1000, 10).unwrap_err(), "it is too large");
    let two = tar_of(&[(b'0', "f", &[0; 600], 600), (b'0', "g", &[0; 600], 600)]);
    assert_eq!(untar(&two, 1000, 10).unwrap_err(), "it is too large");
    let many: Vec<_> = ["a", "b", "c"].map(|n| (b'0', n, &b""[..], 0)).into();
    assert_eq!(
        untar(&tar_of(&many), 1000, 2).unwrap_err(),
        "it holds too many files"
    );
    // A terabyte that is not there is not written, sparse or not.
    let sparse = tar_of(&[(b'S', "s", b"", 1 << 40)]);
    untar(&sparse, 1000, 10).unwrap_err();
    let short = tar_of(&[(b'0', "f", b"", 1 << 40)]);
    untar(&short, 1000, 10).unwrap_err();
}

fn zip_of(entries: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode) in entries {
        let options = ::zip::write::SimpleFileOptions::default().unix_permissions(*mode);
        if *mode == 0o777 {
            writer.add_symlink(*name, "/etc/passwd", options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn unzip(bytes: Vec<u8>, limit: u64) -> Result<usize, String> {
    let (_directory, mut output) = output(limit, 10);
    super::zip::unpack(Cursor::new(bytes), &mut output).map_err(|e| e.to_string())?;
    Ok(output.files)
}

#[test]
fn zip_unpacks_files_and_refuses_everything_else() {
    let good = zip_of(&[("d/f", b"text", 0o644), ("g", b"", 0o600)]);
    assert_eq!(unzip(good, 100).unwrap(), 2);
    for (name, mode, reason) in [
        ("../f", 0o644, "leads out"),
        ("/f", 0o644, "leads out"),
        ("a\\..\\..\\f", 0o644, "leads out"),
        ("link", 0o777, "links"),
    ] {
        let error = unzip(zip_of(&[(name, b"", mode)]), 100).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
    // Zeros: some hundred bytes become a megabyte.
    let bomb = zip_of(&[("f", &[0; 1 << 20], 0o644)]);
    assert!(bomb.len() < 4096);
    assert_eq!(unzip(bomb, 1000).unwrap_err(), "it is too large");
}

#[test]
fn the_kind_is_told_by_the_name() {
    let directory = tempfile::tempdir().unwrap();
    let tar = tar_of(&[(b'0', "f", b"text", 4)]);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&tar).unwrap();
    for (name, bytes, works) in [
        ("a.TGZ", gz.finish().unwrap(), true),
        ("b.zip", zip_of(&[("f", b"text", 0o644)]), true),
        ("c.tar.xz", tar.clone(), false),
        ("d.rar", tar, false),
    ] {
        let archive = directory.path().join(name);
        fs::write(&archive, bytes).unwrap();
        let target = directory.path().join(format!("{name}.d"));
        fs::create_dir(&target).unwrap();
        assert_eq!(unpack(&archive, &target).is_ok(), works, "{name}");
    }
}
