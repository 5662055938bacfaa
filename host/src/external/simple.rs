//! Shell commands that need no shell once they are started.

use std::{env, ffi::OsStr, path::Path};

/// The text with `exec` before it where it starts a single program. Otherwise the shell stays between
/// this process and the program, takes the signals that ask it to end, and leaves the program behind.
pub fn without_shell(text: &str, path: Option<&OsStr>) -> String {
    match starts_one_program(text, path) {
        true => format!("exec {text}"),
        false => text.to_owned(),
    }
}

fn starts_one_program(text: &str, path: Option<&OsStr>) -> bool {
    const SEVERAL: &[char] = &[';', '|', '&', '<', '>', '(', ')', '`', '{', '}', '\n', '#'];
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./_+-".contains(c);
    // Words that are not programs, such as `exit`, are the shell's own.
    !text.contains(SEVERAL)
        && !word.is_empty()
        && word.chars().all(is_plain)
        && is_program(word, path)
}

fn is_program(word: &str, path: Option<&OsStr>) -> bool {
    if word.contains('/') {
        return Path::new(word).is_file();
    }
    let mut directories = path.into_iter().flat_map(env::split_paths);
    directories.any(|directory| directory.join(word).is_file())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn only_single_programs_replace_their_shell() {
        let is =
            |text: &str| without_shell(text, Some(OsStr::new("/bin"))) == format!("exec {text}");
        assert!(is("sh -c 'x y' \"$@\"") && is("/bin/sh") && is("ls $HOME"));
        for text in [
            "", "exit 3", "A=b sh", "sh; sh", "sh | sh", "sh\nsh", "/no/such", "$SHELL", "sh $(sh)",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
