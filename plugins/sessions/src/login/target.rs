//! The connection string `[USER@]SERVER[:PORT]` of `omero login` and `-s`.
//!
//! What people paste along with a name is taken off: blanks around it, a `/` at the end, capitals in
//! a URL's scheme. Everything else is shown, stored and compared as written. Texts that OMERO.py
//! would take apart in a way that nobody means are refused, with advice.

use std::net::Ipv6Addr;

use thiserror::Error;

#[cfg(test)]
mod tests;

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

/// Why a text is no connection string. No text shows a password that was part of a URL.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TargetError {
    /// More than one colon outside a URL and brackets.
    #[error("{0:?} is ambiguous: write an IPv6 address in brackets, as in [::1] or [::1]:4064")]
    Colons(String),
    /// `host:4064:4064`.
    #[error("{whole:?} has two ports: write {server}:{port}")]
    TwoPorts {
        /// The text as given, without the user.
        whole: String,
        /// The server.
        server: String,
        /// The last of the ports.
        port: String,
    },
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
    /// `wss://user:password@host`.
    #[error(
        "a URL cannot hold a password: write {user}@{url}, and give the password when it is asked \
         for or in OMERO_PASSWORD"
    )]
    PasswordInUrl {
        /// The user that was found inside the URL.
        user: String,
        /// The URL without user and password.
        url: String,
    },
    /// A line break or another character that no name has.
    #[error("the connection string {0:?} holds a control character")]
    Control(String),
}

impl Target {
    /// Takes a connection string apart.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = trim(text);
        let target = match text.split_once("://") {
            Some((before, rest)) => Self::parse_url(before, rest)?,
            None => Self::parse_name(text)?,
        };
        if text.contains(char::is_control) {
            return Err(TargetError::Control(text.to_owned()));
        }
        Ok(target)
    }

    fn parse_name(text: &str) -> Result<Self, TargetError> {
        let (user, rest) = split_user(text);
        let rest = trim(rest);
        let whole = match rest.trim_end_matches('/') {
            "" => rest,
            name => name,
        };
        let (server, port) = split_port(whole);
        check_server(server, whole)?;
        Ok(Self::new(server.to_owned(), user, port))
    }

    fn parse_url(before: &str, rest: &str) -> Result<Self, TargetError> {
        let (user, scheme) = split_user(before);
        let scheme = trim(scheme).to_ascii_lowercase();
        if let Some((inside, host)) = rest.rsplit_once('@') {
            let url = format!("{scheme}://{host}");
            // A password may contain a slash, so the text before the `@` is a path only if it has no
            // colon.
            match inside.split_once(':') {
                Some((user, _password)) => {
                    let user = if user.is_empty() { "USER" } else { user }.to_owned();
                    return Err(TargetError::PasswordInUrl { user, url });
                }
                None if inside.contains('/') => {}
                None => {
                    let user = inside.to_owned();
                    return Err(TargetError::UserInUrl { user, url });
                }
            }
        }
        let (rest, port) = split_port(rest);
        Ok(Self::new(format!("{scheme}://{rest}"), user, port))
    }

    fn new(server: String, user: Option<&str>, port: Option<&str>) -> Self {
        Self {
            server: Some(server).filter(|server| !server.is_empty()),
            user: user.map(str::to_owned),
            port: port.map(str::to_owned),
        }
    }
}

/// Takes off blanks and invisible characters, which come along when a name is pasted.
pub fn trim(text: &str) -> &str {
    let comes_along =
        |c: char| c.is_whitespace() || "\u{200b}\u{200e}\u{200f}\u{2060}\u{feff}".contains(c);
    text.trim_matches(comes_along)
}

/// Splits off a user: everything before the last `@`, at least one character. Otherwise the `@` is
/// the server's.
fn split_user(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once('@') {
        Some((user, rest)) if !user.is_empty() => (Some(user), rest),
        _ => (None, text),
    }
}

/// Splits off a port: one to five digits after the last colon. A port before the path of a URL
/// stays in the URL.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((server, port)) if is_port(port) => (server, Some(port)),
        _ => (text, None),
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses addresses that cannot be told from a port; `whole` is the text with the port.
fn check_server(server: &str, whole: &str) -> Result<(), TargetError> {
    if server.starts_with('[') {
        return match ipv6(server) {
            Some(_) => Ok(()),
            None => Err(TargetError::Brackets(whole.to_owned())),
        };
    }
    let parts: Vec<&str> = whole.split(':').collect();
    match parts.as_slice() {
        [_] | [_, _] => Ok(()),
        [server, first, port] if !is_hexadecimal(server) && is_port(first) && is_port(port) => {
            Err(TargetError::TwoPorts {
                whole: whole.to_owned(),
                server: (*server).to_owned(),
                port: (*port).to_owned(),
            })
        }
        _ => Err(TargetError::Colons(whole.to_owned())),
    }
}

/// Whether a text could be the first group of an IPv6 address.
fn is_hexadecimal(text: &str) -> bool {
    text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
