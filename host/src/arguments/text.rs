//! Words as text. The operating system hands over arguments that need not be UTF-8, and they are
//! kept as they are until something interprets them.

use std::{
    ffi::{OsStr, OsString},
    fmt::{self, Display},
};

use omero_plugin_api::Error;

use crate::error;

/// Returns a word as text.
///
/// # Errors
///
/// It is not UTF-8.
pub fn text(word: OsString) -> Result<String, Error> {
    word.into_string()
        .map_err(|word| error::usage(format!("the argument {word:?} is not UTF-8 text")))
}

/// Returns words as text.
///
/// # Errors
///
/// One of them is not UTF-8.
pub fn texts(words: Vec<OsString>) -> Result<Vec<String>, Error> {
    words.into_iter().map(text).collect()
}

/// A word for messages: as typed, or with escapes such as `\xE9` if it is not UTF-8.
pub struct Shown<'a>(pub &'a OsStr);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_str() {
            Some(text) => f.write_str(text),
            None => {
                let quoted = format!("{:?}", self.0);
                f.write_str(quoted.trim_matches('"'))
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn messages_show_every_byte() {
        let word = OsStr::from_bytes(b"caf\xe9");
        assert_eq!(Shown(word).to_string(), "caf\\xE9");
        assert_eq!(Shown(OsStr::new("\"café\"")).to_string(), "\"café\"");
        let error = text(word.to_owned()).unwrap_err();
        assert_eq!(error.code(), 2);
        assert_eq!(
            error.to_string(),
            "the argument \"caf\\xE9\" is not UTF-8 text"
        );
    }
}
