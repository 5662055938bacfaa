//! Text files that people write, with whatever editor they have: a byte order mark is no part of the
//! text, and the encodings that some editors offer are named.

use std::{fs, io, path::Path};

/// What some editors put before UTF-8 text.
const MARK: char = '\u{feff}';

/// Reads a file of UTF-8 text, without its byte order mark.
///
/// # Errors
///
/// The file cannot be read; it is UTF-16 or no text.
pub fn read(path: &Path) -> io::Result<String> {
    decode(fs::read(path)?).map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))
}

/// Returns bytes as text, without a byte order mark.
///
/// # Errors
///
/// Half a sentence: they are UTF-16, or not text at all.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    if is_utf_16(&bytes) {
        return Err("it is UTF-16 text; save it as UTF-8".to_owned());
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8 text")
    })?;
    if text.starts_with(MARK) {
        text.drain(..MARK.len_utf8());
    }
    Ok(text)
}

/// Returns whether text begins as UTF-16 does: with its byte order mark, or with an ASCII letter in
/// two bytes.
pub fn is_utf_16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

/// Returns text without a byte order mark.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_other_encodings_are_named() {
        let utf_16 = |text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = mark.then_some('\u{feff}').into_iter();
            let text: String = mark.chain(text.chars()).collect();
            text.encode_utf16().flat_map(bytes).collect()
        };
        for (bytes, text) in [
            (b"\xef\xbb\xbfab".to_vec(), Ok("ab")),
            ("\u{feff}".into(), Ok("")),
            ("ab".into(), Ok("ab")),
            ("".into(), Ok("")),
            (utf_16("ab", true, u16::to_le_bytes), Err("UTF-16")),
            (utf_16("ab", true, u16::to_be_bytes), Err("UTF-16")),
            (utf_16("ab", false, u16::to_le_bytes), Err("UTF-16")),
            (utf_16("ab", false, u16::to_be_bytes), Err("UTF-16")),
            (b"a\ncaf\xe9".to_vec(), Err("line 2 is not UTF-8")),
            (b"\xff".to_vec(), Err("line 1 is not UTF-8")),
        ] {
            let read = decode(bytes.clone());
            match (&read, text) {
                (Ok(read), Ok(text)) => assert_eq!(read, text),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{reason}"),
                _ => panic!("{bytes:?}: {read:?}"),
            }
        }
    }
}
