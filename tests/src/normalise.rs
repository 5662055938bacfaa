//! Names for what is different in every run: keys, times, ports, directories.

use std::fmt;

/// Rewrites text so that two runs can be compared.
///
/// Session keys and other uuids become `{UUID1}`, `{UUID2}`, … in the order of their first
/// appearance, so that the same key has the same name in all texts of one normaliser.
#[derive(Clone, Debug, Default)]
pub struct Normaliser {
    literals: Vec<(String, String)>,
    uuids: Vec<String>,
}

/// Shapes of times: `0` is a digit, `a` a letter, `_` a digit or a blank, the rest stands for
/// itself.
const TIMES: [&str; 4] = [
    "aaa aaa _0 00:00:00 0000",
    "0000-00-00 00:00:00",
    "00:00:00.000000",
    "00:00:00",
];

const UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

impl Normaliser {
    /// Knows the shapes of uuids and times only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows `name` wherever this text stands, for example `{TMP}` for a directory.
    #[must_use]
    pub fn hide(mut self, text: impl fmt::Display, name: &str) -> Self {
        self.literals.push((text.to_string(), name.to_owned()));
        // What contains another text must be replaced first.
        self.literals
            .sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        self
    }

    /// Shows `{PORT}` for this port wherever it follows a colon.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.hide(format_args!(":{port}"), ":{PORT}")
    }

    /// The text with names for what changes.
    pub fn apply(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (literal, name) in &self.literals {
            text = text.replace(literal, name);
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let (taken, name) = self.shape(rest).unwrap_or((c.len_utf8(), String::from(c)));
            out.push_str(&name);
            rest = &rest[taken..];
        }
        out
    }

    fn shape(&mut self, text: &str) -> Option<(usize, String)> {
        if fits(text, UUID) {
            let uuid = text[..UUID.len()].to_lowercase();
            let known = self.uuids.iter().position(|known| *known == uuid);
            let number = known.unwrap_or_else(|| {
                self.uuids.push(uuid);
                self.uuids.len() - 1
            });
            return Some((UUID.len(), format!("{{UUID{}}}", number + 1)));
        }
        let shape = TIMES.into_iter().find(|shape| fits(text, shape))?;
        Some((shape.len(), "{TIME}".to_owned()))
    }
}

fn fits(text: &str, shape: &str) -> bool {
    let Some(start) = text.as_bytes().get(..shape.len()) else {
        return false;
    };
    start
        .iter()
        .zip(shape.bytes())
        .all(|(byte, kind)| match kind {
            b'0' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            b'x' => byte.is_ascii_hexdigit(),
            b'_' => byte.is_ascii_digit() || *byte == b' ',
            literal => *byte == literal,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_gets_a_name() {
        let mut normaliser = Normaliser::new().hide("/tmp/x", "{TMP}").port(4064);
        let (a, b) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let text = format!("{a} {b} {a} root@h:4064 /tmp/x/é Fri Nov  3 14:55:25 2012");
        let named = "{UUID1} {UUID2} {UUID1} root@h:{PORT} {TMP}/é {TIME}";
        assert_eq!(normaliser.apply(&text), named);
        assert_eq!(normaliser.apply(&b.to_string()), "{UUID2}");
        assert_eq!(
            normaliser.apply("12:34:56.123456: 2012-11-23 14:55:25"),
            "{TIME}: {TIME}"
        );
        assert_eq!(normaliser.apply("12:34 4064"), "12:34 4064");
    }
}
