//! The value of `--debug`: a comma separated list.

use omero_plugin_api::Error;

use crate::error;

/// The debug level that the value asks for, 0 to 9. `default` counts where the list names none.
///
/// Items are digits (the largest wins) and `debug` (1). OMERO.py's `trace` and `profile` drive
/// Python's own tools, which do not exist here.
///
/// # Errors
///
/// Code 10 for an unknown item, 9 for several items that exclude each other, 2 for `trace` and
/// `profile`.
pub fn debug_level(value: &str, default: u8) -> Result<u8, Error> {
    let value = value.to_lowercase();
    let mut level = None;
    let mut others = Vec::new();
    for item in value
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        match item {
            "debug" => level = level.max(Some(1)),
            _ => match item.parse::<u8>() {
                Ok(number @ 0..=9) if item.len() == 1 => level = level.max(Some(number)),
                _ => others.push(item),
            },
        }
    }
    others.sort_unstable();
    others.dedup();
    match others.as_slice() {
        [] => Ok(level.unwrap_or(default)),
        ["t" | "trace" | "p" | "profile"] => Err(error::usage(format!(
            "--debug={} works only in the Python program",
            others.join(",")
        ))
        .hint("use a level from 0 to 9")),
        [other] => Err(Error::new(
            10,
            format!("Unknown debug action: {{'{other}'}}"),
        )),
        _ => Err(Error::new(
            9,
            format!("Conflicting debug options: {}", others.join(", ")),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_levels() {
        for (value, expected) in [
            ("0", 0),
            ("1", 1),
            ("9", 9),
            ("debug", 1),
            ("DEBUG,0", 1),
            ("2,5,3", 5),
            ("", 4),
        ] {
            assert_eq!(debug_level(value, 4).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (value, code, text) in [
            ("foo", 10, "Unknown debug action: {'foo'}"),
            ("10", 10, "Unknown debug action: {'10'}"),
            (
                "trace,profile",
                9,
                "Conflicting debug options: profile, trace",
            ),
            ("b,1,a", 9, "Conflicting debug options: a, b"),
            ("trace", 2, "--debug=trace works only in the Python program"),
            ("p", 2, "--debug=p works only in the Python program"),
        ] {
            let error = debug_level(value, 0).unwrap_err();
            assert_eq!(
                (error.code(), error.to_string().as_str()),
                (code, text),
                "{value}"
            );
        }
    }
}
