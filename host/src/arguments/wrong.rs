//! What is said of wrong options.

use omero_plugin_api::Error;

use super::level::{Known, Level};
use crate::error;

/// A wrong line at this level.
pub fn usage(level: &Level<'_>, sentence: &str) -> Error {
    error::usage(sentence).hint(format!("try `{} --help`", level.program))
}

/// An option that nothing is known of.
pub fn unexpected(level: &Level<'_>, name: &str) -> Error {
    usage(level, &format!("unexpected argument '{name}' found"))
}

/// An option without its value.
pub fn missing(level: &Level<'_>, known: &Known<'_>) -> Error {
    let sentence = format!(
        "a value is required for '{}' but none was supplied",
        spelled(known, true)
    );
    usage(level, &sentence)
}

/// The value stays unsaid: it may be a secret that was meant for another option.
pub fn too_much(level: &Level<'_>, known: &Known<'_>) -> Error {
    usage(
        level,
        &format!("'{}' takes no value", spelled(known, false)),
    )
}

/// An option as the help shows it.
pub fn spelled(known: &Known<'_>, with_value: bool) -> String {
    let name = match (known.long, known.short) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    };
    match known.value_name().filter(|_| with_value) {
        Some(value) => format!("{name} <{value}>"),
        None => name,
    }
}
