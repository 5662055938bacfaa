//! The connection string `[USER@]SERVER[:PORT]` of `omero login` and `-s`.
//!
//! Nothing is trimmed, lower-cased or looked up, and ports are not checked: what the user wrote is
//! what is shown, stored and compared. Texts that OMERO.py would take apart in a way that nobody
//! means are refused, with advice.

use std::net::Ipv6Addr;

use thiserror::Error;

/// What a connection string says. A part that is missing or empty is `None` and will be asked for
/// or defaulted.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Target {
    /// The server: a name, an address (IPv6 in brackets) or a whole URL.
    pub server: Option<String>,
    /// The user: everything before the last `@`.
    pub user: Option<String>,
    /// The port, one to five digits, as written.
    pub port: Option<String>,
}

/// Why a text is no connection string.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TargetError {
    /// More than one colon outside a URL and brackets.
    #[error("{0:?} is ambiguous: write an IPv6 address in brackets, as in [::1] or [::1]:4064")]
    Colons(String),
    /// Brackets without an address in them, or with something after them.
    #[error("{0:?} is not an address: brackets are for IPv6 addresses, as in [::1] or [::1]:4064")]
    Brackets(String),
    /// `wss://user@host`.
    #[error("the user belongs before the URL: {user}@{url}")]
    UserInUrl {
        /// The user that was found inside the URL.
        user: String,
        /// The URL without it.
        url: String,
    },
    /// A line break or another character that no name has.
    #[error("the connection string {0:?} holds a control character")]
    Control(String),
}

impl Target {
    /// Takes a connection string apart.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if text.contains(char::is_control) {
            return Err(TargetError::Control(text.to_owned()));
        }
        let (user, rest) = match text.rsplit_once('@') {
            // The user has at least one character: otherwise the `@` is the server's.
            Some((user, rest)) if !user.is_empty() => (Some(user), rest),
            _ => (None, text),
        };
        if let Some((scheme, user)) = user.and_then(|user| user.split_once("://")) {
            let url = format!("{scheme}://{rest}");
            return Err(TargetError::UserInUrl {
                user: user.to_owned(),
                url,
            });
        }
        let (server, port) = split_port(rest);
        check_server(server, rest)?;
        let filled = |part: &str| Some(part.to_owned()).filter(|part| !part.is_empty());
        Ok(Self {
            server: filled(server),
            user: user.map(str::to_owned),
            port: port.map(str::to_owned),
        })
    }
}

/// Splits off a port: one to five digits after the last colon. A port before the path of a URL
/// stays in the URL.
fn split_port(text: &str) -> (&str, Option<&str>) {
    let is_port = |port: &str| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    match text.rsplit_once(':') {
        Some((server, port)) if is_port(port) => (server, Some(port)),
        _ => (text, None),
    }
}

/// Refuses addresses that cannot be told from a port; `whole` is the text with the port.
fn check_server(server: &str, whole: &str) -> Result<(), TargetError> {
    if server.contains("://") {
        return Ok(());
    }
    if server.starts_with('[') {
        return match ipv6(server) {
            Some(_) => Ok(()),
            None => Err(TargetError::Brackets(whole.to_owned())),
        };
    }
    match whole.matches(':').count() {
        0 | 1 => Ok(()),
        _ => Err(TargetError::Colons(whole.to_owned())),
    }
}

/// The address in a bracketed server, without the brackets: the form that sockets understand. It
/// may have a zone (`[fe80::1%eth0]`). `None` if the text is anything else.
pub fn ipv6(server: &str) -> Option<&str> {
    let inside = server.strip_prefix('[')?.strip_suffix(']')?;
    let address = match inside.split_once('%') {
        Some((_, "")) => return None,
        Some((address, _zone)) => address,
        None => inside,
    };
    address.parse::<Ipv6Addr>().is_ok().then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

    /// Text; then server, user and port.
    const TABLE: &[(&str, Parts<'static>)] = &[
        ("", (None, None, None)),
        ("localhost", (Some("localhost"), None, None)),
        (
            "user@localhost:14064",
            (Some("localhost"), Some("user"), Some("14064")),
        ),
        (
            "my.email@example.com@host",
            (Some("host"), Some("my.email@example.com"), None),
        ),
        (
            "user:4@email@host",
            (Some("host"), Some("user:4@email"), None),
        ),
        ("üser-1£@host", (Some("host"), Some("üser-1£"), None)),
        ("@localhost", (Some("@localhost"), None, None)),
        ("@", (Some("@"), None, None)),
        ("@@host", (Some("host"), Some("@"), None)),
        ("user@", (None, Some("user"), None)),
        ("user@:4064", (None, Some("user"), Some("4064"))),
        (":4064", (None, None, Some("4064"))),
        ("host:bad_port", (Some("host:bad_port"), None, None)),
        ("host:", (Some("host:"), None, None)),
        ("host:12323414232", (Some("host:12323414232"), None, None)),
        ("host:123456", (Some("host:123456"), None, None)),
        ("host:٣", (Some("host:٣"), None, None)),
        ("host:0", (Some("host"), None, Some("0"))),
        ("host:99999", (Some("host"), None, Some("99999"))),
        ("host:04064", (Some("host"), None, Some("04064"))),
        ("a@b:1@c:2", (Some("c"), Some("a@b:1"), Some("2"))),
        ("[::1]", (Some("[::1]"), None, None)),
        ("[::1]:4064", (Some("[::1]"), None, Some("4064"))),
        (
            "root@[::1]:4064",
            (Some("[::1]"), Some("root"), Some("4064")),
        ),
        ("[fe80::1%eth0]", (Some("[fe80::1%eth0]"), None, None)),
        ("wss://host", (Some("wss://host"), None, None)),
        (
            "u@wss://host:443",
            (Some("wss://host"), Some("u"), Some("443")),
        ),
        (
            "wss://host:443/path",
            (Some("wss://host:443/path"), None, None),
        ),
        (
            "wss://host/path:443",
            (Some("wss://host/path"), None, Some("443")),
        ),
        (" host ", (Some(" host "), None, None)),
        ("HOST", (Some("HOST"), None, None)),
    ];

    #[test]
    fn takes_connection_strings_apart() {
        for (text, (server, user, port)) in TABLE {
            let target = Target::parse(text).unwrap();
            let parts = (
                target.server.as_deref(),
                target.user.as_deref(),
                target.port.as_deref(),
            );
            assert_eq!(parts, (*server, *user, *port), "{text:?}");
        }
    }

    #[test]
    fn refuses_addresses_that_cannot_be_told_from_a_port() {
        for text in [
            "::1",
            "fe80::1234",
            "u@2001:db8::1",
            "host:1:2",
            "host::",
            "::",
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(
                matches!(error, TargetError::Colons(_)),
                "{text:?}: {error:?}"
            );
            assert!(error.to_string().contains("[::1]:4064"), "{error}");
        }
        for text in [
            "[",
            "[]",
            "[host]",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "[1.2.3.4]",
            "[::1%]",
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(
                matches!(error, TargetError::Brackets(_)),
                "{text:?}: {error:?}"
            );
        }
    }

    #[test]
    fn refuses_users_inside_urls_and_control_characters() {
        let error = Target::parse("wss://u@host:443").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the user belongs before the URL: u@wss://host:443"
        );
        for text in ["host\n", "a\nb@host", "host\0", "\u{1b}[2J"] {
            assert!(
                matches!(Target::parse(text), Err(TargetError::Control(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn brackets_come_off_for_the_socket() {
        assert_eq!(ipv6("[::1]"), Some("::1"));
        assert_eq!(ipv6("[fe80::1%eth0]"), Some("fe80::1%eth0"));
        for text in ["::1", "host", "[host]", "[::1]:4064"] {
            assert_eq!(ipv6(text), None, "{text}");
        }
    }
}
