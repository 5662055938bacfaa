//! The form of single words.

use std::ffi::{OsStr, OsString};

use clap_lex::OsStrExt;

use super::level::Level;

/// The letters of a cluster, with their dash, and what follows them.
pub fn behind(letters: &str, rest: Option<&OsStr>) -> OsString {
    let mut word = OsString::from(letters);
    word.push(rest.unwrap_or_default());
    word
}

/// Whether a word is read as an option: it begins with `-`, but is neither `-` nor a negative
/// number.
pub fn is_option(word: &OsStr, level: &Level<'_>) -> bool {
    word.len() > 1
        && word.starts_with("-")
        && (level.has_digit_option() || !is_negative_number(word))
}

fn is_negative_number(word: &OsStr) -> bool {
    let Some(digits) = word.to_str().and_then(|word| word.strip_prefix('-')) else {
        return false;
    };
    let digit_or_dot = |b: u8| b.is_ascii_digit() || b == b'.';
    digits.bytes().all(digit_or_dot)
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
}
