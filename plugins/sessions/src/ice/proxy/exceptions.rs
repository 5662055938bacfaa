//! `NO_PROXY`: the servers that are reached without a proxy.

use std::net::IpAddr;

use super::Endpoint;

/// The entries of `NO_PROXY`.
#[derive(Clone, Default, Debug)]
pub(super) struct Exceptions(Vec<Entry>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Entry {
    /// `*`
    All,
    /// `example.org`, `.example.org`, `example.org:443`: the name and all names in it.
    Domain { name: String, port: Option<u16> },
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`, `[::1]:443`.
    Network {
        address: IpAddr,
        bits: u8,
        port: Option<u16>,
    },
}

impl Exceptions {
    /// Entries are separated by commas or blanks. What makes no sense matches nothing.
    pub(super) fn parse(text: &str) -> Self {
        let entries = text.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Whether a server is reached directly. This computer always is: a proxy would connect to
    /// itself.
    pub(super) fn match_server(&self, endpoint: &Endpoint) -> bool {
        let name = endpoint.certificate_name().to_ascii_lowercase();
        let address = name.split('%').next().unwrap_or_default();
        let address = address.parse::<IpAddr>().ok();
        let is_here = match address {
            Some(address) => address.to_canonical().is_loopback(),
            None => name == "localhost" || name.ends_with(".localhost"),
        };
        is_here
            || self
                .0
                .iter()
                .any(|entry| entry.matches(&name, address, endpoint.port()))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let (host, port) = split_port(text);
        let inner = host.trim_start_matches('[').trim_end_matches(']');
        let (address, bits) = match inner.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (inner, None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let longest = if address.is_ipv4() { 32 } else { 128 };
            let bits = match bits {
                None => longest,
                Some(bits) => bits.parse().ok().filter(|bits| *bits <= longest)?,
            };
            return Some(Self::Network {
                address,
                bits,
                port,
            });
        }
        let name = host.trim_start_matches('*').trim_matches('.');
        (!name.is_empty()).then(|| Self::Domain {
            name: name.to_ascii_lowercase(),
            port,
        })
    }

    fn matches(&self, name: &str, address: Option<IpAddr>, port: u16) -> bool {
        let fits = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match self {
            Self::All => true,
            Self::Domain {
                name: domain,
                port: wanted,
            } => {
                let rest = name.strip_suffix(domain.as_str());
                let within = rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                address.is_none() && within && fits(wanted)
            }
            Self::Network {
                address: network,
                bits,
                port: wanted,
            } => {
                let within = address.is_some_and(|address| same_start(address, *network, *bits));
                within && fits(wanted)
            }
        }
    }
}

/// Splits off a port. The colons of an IPv6 address are told by their number or by brackets.
fn split_port(text: &str) -> (&str, Option<u16>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (text, None),
        },
        _ => (text, None),
    }
}

/// Whether the first bits of two addresses of one kind are the same.
fn same_start(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let (one, other, width) = match (one.to_canonical(), other.to_canonical()) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (
            u128::from(one.to_bits()),
            u128::from(other.to_bits()),
            32_u32,
        ),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    let rest = width.saturating_sub(u32::from(bits));
    one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
}
