//! Text as it is compared: what differs from run to run has a name.

use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;

use super::program::Program;
use super::scene::Scene;

/// The bytes of a text whose characters are bytes.
pub fn latin1(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(c).expect("texts of files are bytes");
    text.chars().map(byte).collect()
}

/// The text whose characters are these bytes.
pub fn from_latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Shows the names of directories, programs, versions and times.
pub fn named(text: &str, program: Program, scene: &Scene) -> String {
    let at = |path: &Path| path.display().to_string();
    let link = at(scene.name());
    // OMERO.py leaves out what follows the first `-`.
    let cut = link.split('-').next().unwrap_or(&link).to_owned();
    let text = text
        .replace(&link, "omero")
        .replace(&cut, "omero")
        .replace(&at(&scene.store()), "{STORE}")
        .replace(&at(&scene.tmp()), "{TMP}")
        .replace(program.version(), "{VERSION}");
    let mut text = text;
    for (pattern, name) in shapes() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    text
}

/// Leaves out the lines that OMERO.py does not have.
pub fn without_ours(text: &str) -> String {
    let ours = |line: &&str| line.starts_with("omero: ") && !line.starts_with("omero: error: ");
    text.split_inclusive('\n')
        .filter(|line| !ours(line))
        .collect()
}

/// What is written in a certain way, with its name.
fn shapes() -> &'static [(Regex, &'static str); 3] {
    static SHAPES: OnceLock<[(Regex, &str); 3]> = OnceLock::new();
    SHAPES.get_or_init(|| {
        [
            (r"\d\d:\d\d:\d\d\.\d{6}", "{TIME}"),
            // The server's clock goes on while a program starts.
            (r"14:5[56]:\d\d", "14:55:25"),
            // What a terminal is told.
            (r"\x1b\[[0-9;?]*[A-Za-z]", ""),
        ]
        .map(|(pattern, name)| (Regex::new(pattern).expect("the pattern is right"), name))
    })
}
