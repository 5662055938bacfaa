//! `omero errors`: the exit codes that the host and the plugins document.

use std::sync::Arc;

use clap::ArgMatches;
use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, table::visible};

use crate::{exit::status, host::Host};

/// The host's own codes.
const OWN: [(i32, &str); 8] = [
    (2, "the command line is wrong, or there is no such command"),
    (9, "--debug names more than one of profile and trace"),
    (10, "--debug names something unknown"),
    (70, "a plugin panicked"),
    (78, "a plugin or the configuration cannot be used"),
    (126, "a plugin is not trusted, or not executable"),
    (130, "ended by Ctrl-C"),
    (1, "the command failed, or was cancelled at a question"),
];

/// Prints the codes, sorted by code and plugin.
///
/// # Errors
///
/// The configuration cannot be used; the output cannot be written.
pub fn run(host: &Arc<Host>, matches: &ArgMatches) -> Result<i32, Error> {
    let length = matches.get_one("length").copied().unwrap_or(50);
    let wanted: Vec<&String> = matches.get_many("plugin").unwrap_or_default().collect();
    let mut codes: Vec<(i32, String, String)> = Vec::new();
    codes.extend(OWN.map(|(code, meaning)| (code, "omero".to_owned(), meaning.to_owned())));
    for (name, described) in host.describe_all(false)? {
        // A plugin that cannot be used documents nothing; `omero plugin list` says why.
        let documented = described
            .map(|manifest| manifest.exit_codes)
            .unwrap_or_default();
        codes.extend(
            documented
                .into_iter()
                .map(|c| (c.code, name.clone(), c.meaning)),
        );
    }
    codes.sort();
    let text: String = codes
        .iter()
        .filter(|(_, plugin, _)| wanted.is_empty() || wanted.contains(&plugin))
        .map(|(code, plugin, meaning)| {
            let meaning = cut(&visible(meaning), length);
            format!(
                "{code:5}\t{plugin:>10}\t{:10}\t'{meaning}'\n",
                status(*code)
            )
        })
        .collect();
    host.streams.write(Stream::OUTPUT, text.as_bytes())?;
    Ok(0)
}

/// The first `length` characters and dots, where more than one would be lost.
fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length + 1 {
        return text.to_owned();
    }
    text.chars().take(length).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn only_what_is_longer_is_cut() {
        assert_eq!(cut("abcd", 3), "abcd");
        assert_eq!(cut("abcde", 3), "abc...");
        assert_eq!(cut("äöüßx", 3), "äöü...");
    }
}
