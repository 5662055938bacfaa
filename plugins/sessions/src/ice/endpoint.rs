//! Where a server listens and how it is spoken to, from what users type.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

mod error;
#[cfg(test)]
mod tests;

/// How bytes travel to the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scheme {
    /// Plain TCP: nothing is encrypted.
    Tcp,
    /// TLS over TCP, what plain host names mean.
    Ssl,
    /// WebSocket over plain TCP: nothing is encrypted.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Scheme {
    /// The name in URLs and in Ice's endpoint strings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The port that OMERO's clients use when none is given.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Tcp => 4063,
            Self::Ssl => 4064,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }

    /// Whether passwords and keys are encrypted on their way.
    #[must_use]
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::Ssl | Self::Wss)
    }

    /// Whether Ice messages travel in WebSocket frames.
    #[must_use]
    pub const fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Tcp, Self::Ssl, Self::Ws, Self::Wss]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// The address of a server. Only [`Endpoint::parse`] makes one, so its parts are sound.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

pub use error::EndpointError;

impl Endpoint {
    /// Whether a server was given as a URL, which says its port itself.
    #[must_use]
    pub fn is_url(server: &str) -> bool {
        server.contains("://")
    }

    /// Reads a server as users type it, with the port they gave beside it.
    ///
    /// `server` is a host name, an IPv4 address, an IPv6 address in brackets, or a URL
    /// `SCHEME://HOST[:PORT][/PATH]`; a port in the URL goes before `port`.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] says what is wrong with the text. No name is looked up.
    pub fn parse(server: &str, port: Option<&str>) -> Result<Self, EndpointError> {
        match server.split_once("://") {
            Some((scheme, rest)) => Self::parse_url(server, scheme, rest, port),
            None => {
                let host = check_host(server, server)?;
                let port = port.map_or(Ok(Scheme::Ssl.default_port()), check_port)?;
                Ok(Self {
                    scheme: Scheme::Ssl,
                    host,
                    port,
                    path: "/".to_owned(),
                })
            }
        }
    }

    fn parse_url(
        url: &str,
        name: &str,
        rest: &str,
        outer_port: Option<&str>,
    ) -> Result<Self, EndpointError> {
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        if authority.contains('@') {
            return Err(EndpointError::UserInUrl);
        }
        let (host, inner_port) = split_port(authority);
        let lower = name.to_ascii_lowercase();
        if lower == "https" || lower == "http" {
            return Err(EndpointError::web_address(url, host, inner_port));
        }
        let host = check_host(host, url)?;
        let port = inner_port.or(outer_port).map(check_port).transpose()?;
        let scheme = Scheme::from_name(&lower);
        let port = port
            .or_else(|| scheme.map(Scheme::default_port))
            .ok_or_else(|| EndpointError::PortRequired(name.to_owned()))?;
        let scheme = scheme.ok_or_else(|| EndpointError::UnknownScheme(name.to_owned()))?;
        let path = check_path(scheme, path)?;
        Ok(Self {
            scheme,
            host,
            port,
            path,
        })
    }

    /// How bytes travel.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host name or address, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The HTTP path of a WebSocket address, `/` where none was given.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name that the server's certificate must have: the host without the dot that ends an
    /// absolute name.
    #[must_use]
    pub fn certificate_name(&self) -> &str {
        self.host.strip_suffix('.').unwrap_or(&self.host)
    }

    /// `host:port` in lower case, an IPv6 address in brackets: the name under which a server's
    /// certificate is remembered, and the value of HTTP's `Host`.
    #[must_use]
    pub fn host_port(&self) -> String {
        let host = self.certificate_name().to_ascii_lowercase();
        if host.contains(':') {
            format!("[{host}]:{}", self.port)
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host_port())?;
        if self.scheme.is_websocket() {
            f.write_str(&self.path)
        } else {
            Ok(())
        }
    }
}

/// Splits `HOST:PORT`; the colons inside of brackets belong to the host.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_host = match authority.starts_with('[') {
        true => authority.find(']').unwrap_or(authority.len()),
        false => 0,
    };
    match authority.rfind(':') {
        Some(at)
            if at >= after_host && authority[..at].find(':').is_none_or(|i| i < after_host) =>
        {
            (&authority[..at], Some(&authority[at + 1..]))
        }
        _ => (authority, None),
    }
}

fn check_host(host: &str, whole: &str) -> Result<String, EndpointError> {
    let invalid = || EndpointError::InvalidHost(host.to_owned());
    if host.is_empty() {
        return Err(EndpointError::MissingHost(whole.to_owned()));
    }
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').filter(|a| is_ipv6(a));
        return address.map(str::to_owned).ok_or_else(invalid);
    }
    if let Some((name, path)) = host.split_once('/') {
        return match check_host(name, whole) {
            Ok(_) => Err(EndpointError::PathAfterHost {
                host: name.to_owned(),
                path: path.to_owned(),
            }),
            Err(_) => Err(invalid()),
        };
    }
    if host.parse::<Ipv6Addr>().is_ok() || host.matches(':').count() > 1 {
        return Err(EndpointError::BracketsRequired(host.to_owned()));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(sound)
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(invalid());
    }
    // The system's resolver takes `127.1`, `0x7f.1` and `2130706433` for addresses, and `010.0.0.1`
    // for 8.0.0.1: the password could go to another server than the user means.
    if name.split('.').all(is_number) && name.parse::<Ipv4Addr>().is_err() {
        return Err(EndpointError::InvalidAddress(host.to_owned()));
    }
    Ok(host.to_owned())
}

/// Whether the system's resolver reads a part of a name as a number.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x").or(label.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// An IPv6 address, with or without a zone such as `%eth0`. In `%25eth0`, the form of URLs, `%25`
/// would be looked up as a part of the zone's name.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let encoded = zone.len() > 2 && zone.starts_with("25");
    let zone_is_sound = !zone.is_empty() && !encoded && zone.chars().all(|c| c.is_ascii_graphic());
    zone_is_sound && address.parse::<Ipv6Addr>().is_ok()
}

fn check_port(text: &str) -> Result<u16, EndpointError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let port = text.parse::<u16>().ok().filter(|port| digits && *port != 0);
    port.ok_or_else(|| EndpointError::InvalidPort(text.to_owned()))
}

fn check_path(scheme: Scheme, path: &str) -> Result<String, EndpointError> {
    let sound = path.chars().all(|c| c.is_ascii_graphic() && c != '#');
    if !sound || (path != "/" && !scheme.is_websocket()) {
        return Err(EndpointError::InvalidPath(path.to_owned()));
    }
    Ok(path.to_owned())
}
