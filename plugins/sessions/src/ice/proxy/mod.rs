//! HTTP proxies for WebSocket connections, from the variables that curl and others use.

mod exceptions;
#[cfg(test)]
mod tests;

use std::{ffi::OsString, fmt};

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::{Endpoint, IceError, endpoint::Scheme};
use exceptions::Exceptions;

/// For `wss`, the first that is set and not empty.
const FOR_WSS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// For `ws`. `HTTP_PROXY` is left out, because a web server hands a request's header `Proxy` to CGI
/// programs under that name.
const FOR_WS: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];

/// The servers that are reached without a proxy.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What the environment says about proxies.
#[derive(Clone, Default)]
pub struct Proxies {
    wss: Option<(&'static str, Zeroizing<String>)>,
    ws: Option<(&'static str, Zeroizing<String>)>,
    exceptions: Exceptions,
}

impl Proxies {
    /// Reads the variables with this function. Empty ones count as unset; a value is looked at only
    /// when it is needed.
    pub fn from_environment(read: impl Fn(&str) -> Option<OsString>) -> Self {
        let value = |name: &str| {
            // What is not UTF-8 is no address, and is reported as such.
            let text = read(name)?.to_string_lossy().trim().to_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let first = |names: &[&'static str]| {
            let mut set = names.iter().map(|name| (*name, value(name)));
            set.find_map(|(name, value)| Some((name, Zeroizing::new(value?))))
        };
        let exceptions = EXCEPTIONS.iter().find_map(|name| value(name));
        Self {
            wss: first(&FOR_WSS),
            ws: first(&FOR_WS),
            exceptions: Exceptions::parse(exceptions.as_deref().unwrap_or_default()),
        }
    }

    /// The proxy for a server; `None` to connect directly, as always to `tcp` and `ssl` addresses and
    /// to this computer.
    ///
    /// # Errors
    ///
    /// [`IceError::ProxySetting`]: the variable does not hold the address of an HTTP proxy.
    pub fn route(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, IceError> {
        let setting = match endpoint.scheme() {
            Scheme::Wss => &self.wss,
            Scheme::Ws => &self.ws,
            Scheme::Ssl | Scheme::Tcp => &None,
        };
        match setting {
            Some((variable, value)) if !self.exceptions.match_server(endpoint) => {
                Proxy::parse(variable, value).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Values of the variables may hold passwords: none is shown.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name =
            |setting: &Option<(&'static str, Zeroizing<String>)>| setting.as_ref().map(|s| s.0);
        f.debug_struct("Proxies")
            .field("wss", &name(&self.wss))
            .field("ws", &name(&self.ws))
            .finish_non_exhaustive()
    }
}

/// An HTTP proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `tcp` or `ssl`: how the proxy itself is spoken to.
    endpoint: Endpoint,
    authorization: Option<Zeroizing<String>>,
    variable: &'static str,
}

impl Proxy {
    fn parse(variable: &'static str, value: &str) -> Result<Self, IceError> {
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
        let scheme = scheme.to_ascii_lowercase();
        let (transport, port) = match scheme.as_str() {
            "http" => ("tcp", "80"),
            "https" => ("ssl", "443"),
            socks if socks.starts_with("socks") => {
                return Err(IceError::ProxySetting(format!(
                    "{variable} names a SOCKS proxy, which is not supported: name an HTTP proxy \
                     (http://HOST:PORT), or the server in NO_PROXY"
                )));
            }
            _ => return Err(unusable(variable)),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // An `@` after that is a password with a slash in it, which makes nonsense of the rest.
        if path.contains('@') {
            return Err(unusable(variable));
        }
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        let endpoint = Endpoint::parse(&format!("{transport}://{address}"), Some(port));
        Ok(Self {
            endpoint: endpoint.map_err(|_| unusable(variable))?,
            authorization: user.map(authorization),
            variable,
        })
    }

    /// Where the proxy listens. Its scheme is `ssl` or `tcp`.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The request that asks for a connection to a server.
    pub(super) fn request(&self, server: &str) -> Zeroizing<Vec<u8>> {
        let mut request = Zeroizing::new(
            format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: omero\r\n")
                .into_bytes(),
        );
        if let Some(authorization) = &self.authorization {
            request.extend(b"Proxy-Authorization: Basic ");
            request.extend(authorization.as_bytes());
            request.extend(b"\r\n");
        }
        request.extend(b"\r\n");
        request
    }

    /// What its answer's status means, unless it is a success.
    pub(super) fn refusal(&self, status: u16, server: &str) -> IceError {
        let variable = self.variable;
        self.error(match status {
            401 | 407 if self.authorization.is_some() => {
                format!("refuses the user or password in {variable} (HTTP {status})")
            }
            407 => format!(
                "asks for a user and a password (HTTP 407): write them into {variable}, as in \
                 http://USER:PASSWORD@HOST:PORT"
            ),
            403 | 405 => format!("does not allow connections to {server} (HTTP {status})"),
            502..=504 => format!("cannot reach {server} (HTTP {status})"),
            _ => format!("refuses the connection to {server} (HTTP {status})"),
        })
    }

    /// An error that says which proxy it is about. `what` follows the name of the proxy.
    pub(super) fn error(&self, what: impl Into<String>) -> IceError {
        IceError::Proxy {
            proxy: self.to_string(),
            what: what.into(),
        }
    }

    /// A failure on the way to the proxy, or in speaking to it.
    pub(super) fn blame(&self, error: IceError) -> IceError {
        self.error(match error {
            IceError::Interrupted | IceError::Local(_) | IceError::Proxy { .. } => return error,
            IceError::Dns { reason, .. } => format!("cannot be found: {reason}"),
            IceError::Refused { .. } => "refuses connections".to_owned(),
            IceError::ConnectTimeout { limit, .. } => {
                format!("did not answer within {} s", limit.as_secs_f32())
            }
            IceError::Unreachable { reason, .. } => format!("cannot be reached: {reason}"),
            IceError::ConnectionLost(reason) => format!("broke the connection: {reason}"),
            other => format!("cannot be used: {other}"),
        })
    }

    /// A failure after the proxy has opened the connection, which may be its fault, too.
    pub(super) fn comment(&self, error: IceError, server: &str) -> IceError {
        match error {
            IceError::ConnectionLost(reason) => self.error(format!(
                "opened a connection to {server}, which then broke: {reason}"
            )),
            IceError::ValidationTimeout { limit, .. } => self.error(format!(
                "opened a connection to {server}, but nothing came over it within {} s",
                limit.as_secs_f32()
            )),
            other => other,
        }
    }
}

/// Host, port, and the variable that names it: no user, no password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.endpoint.host_port(), self.variable)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// The credentials of `USER[:PASSWORD]`, whose parts may be percent-encoded.
fn authorization(user: &str) -> Zeroizing<String> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut text = Zeroizing::new(Vec::new());
    text.extend(percent_decode_str(user));
    text.push(b':');
    text.extend(percent_decode_str(password));
    Zeroizing::new(BASE64.encode(&text))
}

fn unusable(variable: &str) -> IceError {
    IceError::ProxySetting(format!(
        "{variable} is not the address of an HTTP proxy: write http://HOST:PORT, or \
         http://USER:PASSWORD@HOST:PORT with special characters percent-encoded"
    ))
}
