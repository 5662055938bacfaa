//! Damaged variants of a library that the real compiler and linker made.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use super::*;

const TEXT: &str =
    r#"{"manifest":1,"name":"x","version":"1","abi":"1.0.0","target":"t","command":{"name":"x"}}"#;

/// The bytes of a small library whose manifest section holds this text.
fn build(text: &str) -> Vec<u8> {
    let source = format!(
        "#![no_std]\n\
         #[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! {{ loop {{}} }}\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn entry() -> u32 {{ 7 }}\n\
         #[used] #[unsafe(link_section = \"{SECTION}\")]\n\
         static MANIFEST: [u8; {}] = *b{text:?};",
        text.len()
    );
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("lib.so");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition=2024",
            "--crate-name=x",
            "--crate-type=cdylib",
            "-Cpanic=abort",
        ])
        .args(["-Clink-arg=-nostdlib", "-o"])
        .args([path.as_os_str(), "-".as_ref()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the compiler that built this test runs");
    rustc
        .stdin
        .take()
        .unwrap()
        .write_all(source.as_bytes())
        .unwrap();
    assert!(rustc.wait().unwrap().success());
    fs::read(path).unwrap()
}

/// A library with a good manifest; built once.
fn good() -> &'static [u8] {
    static GOOD: OnceLock<Vec<u8>> = OnceLock::new();
    GOOD.get_or_init(|| build(TEXT))
}

fn read_bytes(bytes: &[u8]) -> Result<Manifest, Problem> {
    let root = tempfile::tempdir().unwrap();
    let path: PathBuf = root.path().join("lib.so");
    fs::write(&path, bytes).unwrap();
    read(&path)
}

#[test]
fn a_whole_library_is_read() {
    let manifest = read_bytes(good()).unwrap();
    assert_eq!(
        (manifest.name.as_str(), manifest.abi.as_str()),
        ("x", "1.0.0")
    );
}

#[test]
fn no_cut_library_gets_through() {
    let whole = good();
    let mut lengths: Vec<usize> = (0..whole.len()).step_by(97).collect();
    lengths.extend([
        1,
        15,
        16,
        17,
        63,
        64,
        65,
        whole.len() - 64,
        whole.len() - 2,
        whole.len() - 1,
    ]);
    for length in lengths {
        let result = read_bytes(&whole[..length]);
        assert!(
            matches!(result, Err(Problem::Damaged(_) | Problem::NoLibrary)),
            "cut to {length} of {}: {result:?}",
            whole.len()
        );
    }
}

#[test]
fn no_library_with_a_tail_of_zeros_gets_through() {
    let whole = good();
    for zeros in (64..whole.len()).step_by(101) {
        let mut bytes = whole.to_vec();
        bytes[whole.len() - zeros..].fill(0);
        let result = read_bytes(&bytes);
        assert!(
            result.is_err(),
            "{zeros} zeros at the end of {}",
            whole.len()
        );
    }
}

#[test]
fn damaged_headers_are_refused_and_never_panic() {
    let whole = good();
    // Every byte of the file header and the program headers, and of the section headers.
    let table = u64::from_le_bytes(whole[40..48].try_into().unwrap());
    let table = usize::try_from(table).unwrap();
    for at in (16..600).chain(table..whole.len()) {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0xff;
        let _ = read_bytes(&bytes);
    }
    // The file size of the first loaded segment (the file header is 64 bytes, an entry 56).
    let entries = whole[64..].chunks_exact(56).take(12).enumerate();
    let (first, _) = entries
        .into_iter()
        .find(|(_, e)| e[..4] == [1, 0, 0, 0])
        .unwrap();
    let mut bytes = whole.to_vec();
    bytes[64 + first * 56 + 32 + 5] = 0x7f;
    let problem = read_bytes(&bytes).unwrap_err();
    assert_eq!(
        problem,
        Problem::Damaged("a segment lies beyond its end".to_owned())
    );
}

#[test]
fn text_and_other_processors_are_told_apart() {
    for text in [
        "",
        "#!/bin/sh\n",
        "x",
        "#!/bin/sh\necho this is a script and no library\n",
    ] {
        assert_eq!(
            read_bytes(text.as_bytes()),
            Err(Problem::NoLibrary),
            "{text:?}"
        );
    }
    let mut bytes = good().to_vec();
    let s390 = 22u16;
    bytes[18..20].copy_from_slice(&s390.to_le_bytes());
    assert!(matches!(
        read_bytes(&bytes),
        Err(Problem::WrongProcessor { plugin, .. }) if plugin == "s390x"
    ));
    let mut windows = good().to_vec();
    windows[..4].copy_from_slice(b"\xcf\xfa\xed\xfe"); // Mach-O
    assert_eq!(read_bytes(&windows), Err(Problem::WrongSystem));
}

#[test]
fn what_stands_in_the_section_has_to_be_a_manifest() {
    let problem = |text: &str| read_bytes(&build(text)).unwrap_err();
    let newer = TEXT.replace("\"manifest\":1", "\"manifest\":99");
    assert!(matches!(problem(&newer), Problem::Manifest(why) if why.contains("format 99")));
    assert!(matches!(problem(&TEXT[..40]), Problem::Manifest(why) if why.contains("damaged")));
    assert!(matches!(problem("\0\0\0\0"), Problem::Manifest(_)));

    let renamed: Vec<u8> = {
        let mut bytes = good().to_vec();
        let name = SECTION.as_bytes();
        let at = bytes
            .windows(name.len() + 1)
            .rposition(|w| &w[..name.len()] == name)
            .unwrap();
        bytes[at + 1] = b'x';
        bytes
    };
    assert_eq!(read_bytes(&renamed), Err(Problem::NoManifest));
}

#[test]
fn a_file_that_is_not_there_is_unreadable() {
    assert!(matches!(
        read(Path::new("/nonexistent/lib.so")),
        Err(Problem::Unreadable(_))
    ));
}
