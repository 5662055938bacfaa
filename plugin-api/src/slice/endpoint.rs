//! Where a proxy says its object can be reached.

use super::encapsulation;
use super::reader::Reader;
use super::writer::Writer;
use super::{Encoding, SliceError};

const TCP: i16 = 1;
const SSL: i16 = 2;
const UDP: i16 = 3;
const WS: i16 = 4;
const WSS: i16 = 5;

/// Host and options that all stream transports have.
///
/// ```
/// use omero_plugin_api::slice::Ip;
///
/// let patient = Ip { timeout: -1, ..Ip::new("omero.example.org", 4064) };
/// assert_eq!((patient.port, patient.timeout, patient.compress), (4064, -1, false));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ip {
    /// Host name or address.
    pub host: String,
    /// Port as sent, which may be nonsense.
    pub port: i32,
    /// Timeout in milliseconds, -1 for none.
    pub timeout: i32,
    /// Whether the sender wants compression.
    pub compress: bool,
}

/// One endpoint of a proxy.
///
/// ```
/// use omero_plugin_api::slice::Endpoint;
///
/// /// Whether somebody on the way could read along.
/// fn is_open(endpoint: &Endpoint) -> bool {
///     matches!(endpoint, Endpoint::Tcp(_) | Endpoint::Udp { .. } | Endpoint::Ws { .. })
/// }
/// assert!(is_open(&Endpoint::tcp("localhost", 4063)));
/// assert!(!is_open(&Endpoint::ssl("localhost", 4064)));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Endpoint {
    /// Plain TCP.
    Tcp(Ip),
    /// TLS.
    Ssl(Ip),
    /// Datagrams.
    Udp {
        /// Host name or address.
        host: String,
        /// Port as sent.
        port: i32,
        /// Whether the sender wants compression.
        compress: bool,
    },
    /// WebSocket over TCP.
    Ws {
        /// Host and options.
        ip: Ip,
        /// Path of the HTTP upgrade.
        resource: String,
    },
    /// WebSocket over TLS.
    Wss {
        /// Host and options.
        ip: Ip,
        /// Path of the HTTP upgrade.
        resource: String,
    },
    /// A transport this library does not know, kept as bytes.
    Opaque {
        /// Number of the transport.
        kind: i16,
        /// Encoding version of the payload.
        version: (u8, u8),
        /// The payload.
        payload: Vec<u8>,
    },
}

impl Endpoint {
    /// A TCP endpoint with the usual options.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    ///
    /// let admin = Identity::new("", "omero.api.IAdmin");
    /// let proxy = Proxy::new(admin, vec![Endpoint::tcp("localhost", 4063)]);
    /// assert_eq!(proxy.endpoints(), [Endpoint::tcp("localhost", 4063)]);
    /// ```
    pub fn tcp(host: impl Into<String>, port: u16) -> Self {
        Self::Tcp(Ip::new(host, port))
    }

    /// A TLS endpoint with the usual options.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Endpoint, Ip};
    ///
    /// let offered = [Endpoint::tcp("localhost", 4063), Endpoint::ssl("localhost", 4064)];
    /// let secure = offered.iter().find(|endpoint| matches!(endpoint, Endpoint::Ssl(_)));
    /// assert_eq!(secure, Some(&Endpoint::Ssl(Ip::new("localhost", 4064))));
    /// ```
    pub fn ssl(host: impl Into<String>, port: u16) -> Self {
        Self::Ssl(Ip::new(host, port))
    }

    /// True for a transport this library does not know.
    #[must_use]
    pub(super) const fn is_opaque(&self) -> bool {
        matches!(self, Self::Opaque { .. })
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SliceError> {
        let kind = reader.short()?;
        let end = reader.block_end(6)?;
        let version = (reader.byte()?, reader.byte()?);
        let encoding = Encoding::from_version(version.0, version.1);
        let endpoint = match (kind, encoding) {
            (TCP, Ok(_)) => Self::Tcp(Ip::read(reader)?),
            (SSL, Ok(_)) => Self::Ssl(Ip::read(reader)?),
            (UDP, Ok(encoding)) => read_udp(reader, encoding)?,
            (WS, Ok(_)) => Self::Ws {
                ip: Ip::read(reader)?,
                resource: reader.string()?,
            },
            (WSS, Ok(_)) => Self::Wss {
                ip: Ip::read(reader)?,
                resource: reader.string()?,
            },
            _ => {
                let payload = reader.bytes(end.saturating_sub(reader.pos()))?.to_vec();
                Self::Opaque {
                    kind,
                    version,
                    payload,
                }
            }
        };
        if reader.pos() == end {
            return Ok(endpoint);
        }
        let problem = "the endpoint does not fill its encapsulation";
        Err(SliceError::InvalidProxy {
            offset: reader.pos(),
            problem,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer, encoding: Encoding) {
        writer.short(self.kind());
        let at = match self {
            Self::Opaque {
                version: (major, minor),
                ..
            } => {
                let at = writer.begin_block();
                writer.bytes(&[*major, *minor]);
                at
            }
            _ => encapsulation::begin(writer, encoding),
        };
        match self {
            Self::Tcp(ip) | Self::Ssl(ip) => ip.write(writer),
            Self::Ws { ip, resource } | Self::Wss { ip, resource } => {
                ip.write(writer);
                writer.string(resource);
            }
            Self::Udp {
                host,
                port,
                compress,
            } => {
                writer.string(host);
                writer.int(*port);
                if encoding == Encoding::V1_0 {
                    writer.bytes(&[1, 0, 1, 0]);
                }
                writer.bool(*compress);
            }
            Self::Opaque { payload, .. } => writer.bytes(payload),
        }
        writer.end_block(at);
    }

    const fn kind(&self) -> i16 {
        match self {
            Self::Tcp(_) => TCP,
            Self::Ssl(_) => SSL,
            Self::Udp { .. } => UDP,
            Self::Ws { .. } => WS,
            Self::Wss { .. } => WSS,
            Self::Opaque { kind, .. } => *kind,
        }
    }
}

/// Encoding 1.0 has the versions a datagram receiver speaks here; 1.1 has them in the proxy.
fn read_udp(reader: &mut Reader<'_>, encoding: Encoding) -> Result<Endpoint, SliceError> {
    let (host, port) = (reader.string()?, reader.int()?);
    if encoding == Encoding::V1_0 {
        reader.bytes(4)?;
    }
    Ok(Endpoint::Udp {
        host,
        port,
        compress: reader.bool()?,
    })
}

impl Ip {
    /// The usual options: 60 s timeout, no compression.
    ///
    /// ```
    /// use omero_plugin_api::slice::Ip;
    ///
    /// let ip = Ip::new("localhost", 4064);
    /// assert_eq!((ip.timeout, ip.compress), (60_000, false));
    /// ```
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port: port.into(),
            timeout: 60_000,
            compress: false,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SliceError> {
        Ok(Self {
            host: reader.string()?,
            port: reader.int()?,
            timeout: reader.int()?,
            compress: reader.bool()?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(&self.host);
        writer.int(self.port);
        writer.int(self.timeout);
        writer.bool(self.compress);
    }
}
