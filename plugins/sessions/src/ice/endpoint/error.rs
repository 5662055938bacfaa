//! Why a text is no server address, and what to write instead.

/// Why a text is no server address. The texts are what the user is shown; [`EndpointError::hint`]
/// says what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EndpointError {
    /// A URL without a port whose scheme has no usual one. OMERO.py's text, to the letter.
    #[error("Port required for protocol: {0}")]
    PortRequired(String),
    /// A scheme that Ice servers do not speak.
    #[error("unknown protocol '{0}': use ssl, tcp, wss or ws")]
    UnknownScheme(String),
    /// The address of OMERO.web or another web page.
    #[error("'{url}' is a web address, not the address of an OMERO server")]
    WebAddress {
        /// The address as given.
        url: String,
        /// The host in it; empty if there is none.
        host: String,
        /// A WebSocket address at the same host and port.
        websocket: String,
    },
    /// A user, and perhaps a password, inside of a URL: not shown.
    #[error("the server's URL holds a user or a password")]
    UserInUrl,
    /// No host where one is needed.
    #[error("no host in the server address '{0}'")]
    MissingHost(String),
    /// A host with characters that no host has.
    #[error("'{0}' is not a host name")]
    InvalidHost(String),
    /// Numbers that are no IPv4 address in its usual form.
    #[error("'{0}' is not an IPv4 address")]
    InvalidAddress(String),
    /// A path after a plain host name.
    #[error("'{host}/{path}' is not a host name: only ws and wss addresses have a path")]
    PathAfterHost {
        /// The name before the path.
        host: String,
        /// The path without its first `/`.
        path: String,
    },
    /// An IPv6 address that cannot be told from host and port.
    #[error("write the IPv6 address '{0}' in brackets: [{0}]")]
    BracketsRequired(String),
    /// A port that is no number from 1 to 65535.
    #[error("'{0}' is not a port: use a number from 1 to 65535")]
    InvalidPort(String),
    /// A path that cannot be part of an HTTP request, or a path where nothing has one.
    #[error("the path '{0}' cannot be used: only ws and wss addresses have one, without blanks")]
    InvalidPath(String),
}

impl EndpointError {
    /// For `https://HOST[:PORT]/…`.
    pub(super) fn web_address(url: &str, host: &str, port: Option<&str>) -> Self {
        let port = match port {
            None | Some("" | "80" | "443") => String::new(),
            Some(port) => format!(":{port}"),
        };
        Self::WebAddress {
            url: url.to_owned(),
            host: host.to_owned(),
            websocket: format!("wss://{host}{port}/omero-ws"),
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::PortRequired(_) | Self::UnknownScheme(_) => {
                "write HOST, HOST:PORT or wss://HOST/PATH".to_owned()
            }
            Self::WebAddress {
                host, websocket, ..
            } if !host.is_empty() => format!(
                "write {host}, or {websocket} if the server is reached through its web server"
            ),
            Self::UserInUrl => "write USER@wss://HOST, and no password".to_owned(),
            Self::MissingHost(_) | Self::WebAddress { .. } => {
                "write HOST, HOST:PORT or wss://HOST/PATH".to_owned()
            }
            Self::InvalidHost(host) => host_hint(host),
            Self::InvalidAddress(text) => match meant(text) {
                Some(address) => format!("write {address} if that is the address you mean"),
                None => "write four numbers from 0 to 255, as in 192.0.2.1".to_owned(),
            },
            Self::PathAfterHost { host, path } => {
                format!("write {host}, or wss://{host}/{path} for a WebSocket address")
            }
            Self::InvalidPath(_) | Self::InvalidPort(_) | Self::BracketsRequired(_) => return None,
        })
    }
}

fn host_hint(host: &str) -> String {
    let zone = host.split_once("%25").filter(|_| host.starts_with('['));
    match host.split_once(':') {
        _ if let Some((address, zone)) = zone => format!("write {address}%{zone}"),
        _ if !host.is_ascii() => {
            "write a name with other than English letters in its ASCII form, which begins with xn--"
                .to_owned()
        }
        Some((name, _)) if !name.is_empty() && !name.contains('[') => {
            format!("write {name}, or {name}:PORT with a port from 1 to 65535")
        }
        _ => "a host name has only letters, digits, hyphens, underscores, and dots between them"
            .to_owned(),
    }
}

/// The address that the system's resolver would make of these numbers.
fn meant(text: &str) -> Option<std::net::Ipv4Addr> {
    let parts: Vec<&str> = text.trim_end_matches('.').split('.').collect();
    let (last, first) = parts.split_last().filter(|(_, first)| first.len() < 4)?;
    let mut address = 0_u32;
    for (part, shift) in first.iter().zip([24, 16, 8]) {
        let part = number(part).filter(|part| *part < 256)?;
        address |= part << shift;
    }
    let room = 32 - 8 * u32::try_from(first.len()).ok()?;
    let last = number(last).filter(|last| room == 32 || *last < 1 << room)?;
    Some((address | last).into())
}

fn number(text: &str) -> Option<u32> {
    let hexadecimal = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    match (hexadecimal, text.strip_prefix('0')) {
        (Some(""), _) => Some(0),
        (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
        (None, Some(digits)) if !digits.is_empty() => u32::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}
