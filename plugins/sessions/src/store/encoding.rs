//! How a host becomes the name of its directory, as OMERO.py encodes it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What OMERO.py encodes in the name of a host's directory: all but `A-Za-z0-9_.-~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~');

/// The file name of a host's directory.
pub(super) fn encode(host: &str) -> String {
    utf8_percent_encode(host, ENCODED).to_string()
}

/// The host that a directory's name stands for: valid escapes are replaced, others stay, and bytes
/// that are no UTF-8 become replacement characters, as in OMERO.py.
pub(super) fn decode(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_encoded_as_omero_py_encodes_them() {
        let table = [
            ("localhost", "localhost"),
            ("wss://h/p", "wss%3A%2F%2Fh%2Fp"),
            ("[::1]", "%5B%3A%3A1%5D"),
            ("AZaz09_.-~", "AZaz09_.-~"),
            ("a b%c@d", "a%20b%25c%40d"),
            ("ü", "%C3%BC"),
            ("!*'()", "%21%2A%27%28%29"),
        ];
        for (host, name) in table {
            assert_eq!(encode(host), name);
            assert_eq!(decode(name), host);
        }
    }

    #[test]
    fn decoding_leaves_invalid_escapes_and_replaces_bad_bytes() {
        for (name, host) in [
            ("a%zz", "a%zz"),
            ("a%", "a%"),
            ("%ff", "\u{fffd}"),
            ("%3a", ":"),
        ] {
            assert_eq!(decode(name), host);
        }
    }
}
