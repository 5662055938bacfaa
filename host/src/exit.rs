//! How a failure is shown, and the exit status it becomes.

use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, Kind};

use crate::{error, streams::Streams};

/// Whose failure it is and what may be said about it.
#[derive(Debug, Clone, Default)]
pub struct Speaker {
    /// The command and its file, for a panic; empty for the host itself.
    pub name: String,
    /// Whether `-q` hides hints.
    pub quiet: bool,
    /// Whether `--debug` shows details.
    pub debug: bool,
}

/// A command line that did not get as far as running a command.
#[derive(Debug)]
pub struct Failed {
    /// Whose failure it is.
    pub speaker: Speaker,
    /// What is wrong.
    pub error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            speaker: Speaker::default(),
            error,
        }
    }
}

/// Shows a failure on standard error and returns its code. `struck` says that Ctrl-C was pressed
/// outside a prompt.
pub fn report(streams: &Streams, speaker: &Speaker, error: &Error, struck: bool) -> i32 {
    let say = |text: &str| {
        // Nothing is left to report to when standard error itself is gone.
        let _ = streams.write(Stream::ERROR, format!("{}\n", harmless(text)).as_bytes());
    };
    match error.kind() {
        Kind::Silent => return error.code(),
        Kind::OutputClosed => return 0,
        Kind::Cancelled => {
            say("Cancelled");
            return if struck { error::INTERRUPTED } else { 1 };
        }
        Kind::Panic => {
            let message = error.to_string();
            say(&format!(
                "omero: error: the plugin {} panicked: {message}",
                speaker.name
            ));
        }
        _ if error.is_labelled() => say(&format!("omero: error: {error}")),
        _ => say(&error.to_string()),
    }
    if !speaker.quiet && !error.hint_text().is_empty() {
        say(&format!("omero: hint: {}", error.hint_text()));
    }
    if speaker.debug && !error.detail_text().is_empty() {
        say(&format!("omero: debug: {}", error.detail_text()));
    }
    if speaker.debug {
        let first = std::error::Error::source(error);
        for cause in std::iter::successors(first, |cause| cause.source()) {
            say(&format!("omero: debug: caused by: {cause}"));
        }
    }
    match error.kind() {
        Kind::Panic => error::PANIC,
        // A failure must not look like success, whatever code it came with.
        _ if error.code() == 0 => 1,
        _ => error.code(),
    }
}

/// The text without what would steer a terminal: words of servers and files are in it.
fn harmless(text: &str) -> String {
    let keep = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().map(keep).collect()
}

/// What the operating system is told: the code modulo 256, and 255 where that would look like
/// success.
pub fn status(code: i32) -> u8 {
    match u8::try_from(code.rem_euclid(256)) {
        Ok(0) if code != 0 => u8::MAX,
        Ok(status) => status,
        Err(_) => u8::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_wrap_but_never_to_success() {
        for (code, expected) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (255, 255),
            (512, 255),
            (523, 11),
            (556, 44),
            (-1, 255),
        ] {
            assert_eq!(status(code), expected, "{code}");
        }
    }

    #[test]
    fn kinds_decide_the_code() {
        let streams = Streams::discarding();
        let code = |kind, code| {
            let error = Error::of_kind(kind, code, "x");
            report(&streams, &Speaker::default(), &error, false)
        };
        assert_eq!(code(Kind::Silent, 3), 3);
        assert_eq!(code(Kind::OutputClosed, 5), 0);
        assert_eq!(code(Kind::Cancelled, 9), 1);
        assert_eq!(code(Kind::Panic, 1), 70);
        assert_eq!(code(Kind::Command, 0), 1);
        assert_eq!(code(Kind::Network, 555), 555);
        let cancelled = Error::cancelled();
        assert_eq!(report(&streams, &Speaker::default(), &cancelled, true), 130);
    }
}
