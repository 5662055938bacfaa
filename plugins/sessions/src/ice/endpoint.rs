//! Where a server listens and how it is spoken to, from what users type.

use std::fmt;

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

/// Why a text is no server address. The texts are what the user is shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EndpointError {
    /// A URL without a port whose scheme has no usual one. OMERO.py's text, to the letter.
    #[error("Port required for protocol: {0}")]
    PortRequired(String),
    /// A scheme that Ice servers do not speak.
    #[error("unknown protocol '{0}': use ssl, tcp, wss or ws")]
    UnknownScheme(String),
    /// No host where one is needed.
    #[error("no host in the server address '{0}'")]
    MissingHost(String),
    /// A host with characters that no host has.
    #[error("'{0}' is not a host name")]
    InvalidHost(String),
    /// An IPv6 address that cannot be told from host and port.
    #[error("write the IPv6 address '{0}' in brackets: [{0}]")]
    BracketsRequired(String),
    /// A port that is no number from 1 to 65535.
    #[error("'{0}' is not a port: use a number from 1 to 65535")]
    InvalidPort(String),
    /// A path that cannot stand in an HTTP request, or a path where nothing has one.
    #[error("the path '{0}' cannot be used: only ws and wss addresses have one, without blanks")]
    InvalidPath(String),
}

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
        let (host, inner_port) = split_port(authority);
        let host = check_host(host, url)?;
        let port = inner_port.or(outer_port).map(check_port).transpose()?;
        // OMERO.py gives the usual ports to schemes in lower case only.
        let port = port
            .or_else(|| Scheme::from_name(name).map(Scheme::default_port))
            .ok_or_else(|| EndpointError::PortRequired(name.to_owned()))?;
        let scheme = Scheme::from_name(&name.to_ascii_lowercase())
            .ok_or_else(|| EndpointError::UnknownScheme(name.to_owned()))?;
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

    /// `host:port` in lower case, an IPv6 address in brackets: the name under which a server's
    /// certificate is remembered, and the value of HTTP's `Host`.
    #[must_use]
    pub fn host_port(&self) -> String {
        let host = self.host.to_ascii_lowercase();
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
    if host.is_empty() {
        return Err(EndpointError::MissingHost(whole.to_owned()));
    }
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').filter(|a| is_ipv6(a));
        return address
            .map(str::to_owned)
            .ok_or_else(|| EndpointError::InvalidHost(host.to_owned()));
    }
    if host.matches(':').count() > 1 {
        return Err(EndpointError::BracketsRequired(host.to_owned()));
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "/:@[]?#\\\"".contains(c);
    if host.contains(forbidden) || host.len() > 255 {
        return Err(EndpointError::InvalidHost(host.to_owned()));
    }
    Ok(host.to_owned())
}

/// An IPv6 address, with or without a zone such as `%eth0`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let zone_is_sound = !zone.is_empty() && zone.chars().all(|c| c.is_ascii_graphic());
    zone_is_sound && address.parse::<std::net::Ipv6Addr>().is_ok()
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
