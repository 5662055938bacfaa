//! References to remote objects.

use super::reader::Reader;
use super::writer::Writer;
use super::{Encoding, Endpoint, Identity, Limits, SliceError};

/// How a proxy wants to be called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// Request and reply.
    #[default]
    Twoway,
    /// Request only.
    Oneway,
    /// Requests only, several in one message.
    BatchOneway,
    /// Datagram.
    Datagram,
    /// Several requests in one datagram.
    BatchDatagram,
}

/// A proxy that is not null.
///
/// It keeps the bytes it came in: what goes back to the server is exactly what the server sent,
/// whatever transports it mentions. A null proxy is `None` wherever one may occur.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Proxy {
    /// Which object it refers to.
    pub identity: Identity,
    raw: Vec<u8>,
    encoding: Encoding,
}

/// What follows the identity.
#[derive(Default)]
struct Parts {
    facet: Option<String>,
    mode: Mode,
    secure: bool,
    invocation: Option<[u8; 4]>,
    endpoints: Vec<Endpoint>,
    adapter_id: String,
}

impl Proxy {
    /// A twoway proxy for the default facet, in encoding 1.1; without endpoints it is well-known.
    #[must_use]
    pub fn new(identity: Identity, endpoints: Vec<Endpoint>) -> Self {
        let parts = Parts {
            endpoints,
            ..Parts::default()
        };
        parts.into_proxy(identity, Encoding::V1_1)
    }

    /// A twoway proxy that is reached through an object adapter by name.
    pub fn with_adapter(identity: Identity, adapter_id: impl Into<String>) -> Self {
        let parts = Parts {
            adapter_id: adapter_id.into(),
            ..Parts::default()
        };
        parts.into_proxy(identity, Encoding::V1_1)
    }

    /// Reads the bytes of a proxy in encoding 1.1, as [`Self::to_bytes`] gives them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SliceError> {
        Self::from_bytes_in(Encoding::V1_1, bytes)
    }

    /// Reads the bytes of a proxy in the given encoding.
    pub fn from_bytes_in(encoding: Encoding, bytes: &[u8]) -> Result<Self, SliceError> {
        let mut reader = Reader::new(bytes, &Limits::default());
        let proxy = Self::read(&mut reader, encoding)?;
        reader.expect_end()?;
        proxy.ok_or(SliceError::InvalidProxy {
            offset: 0,
            problem: "it is null",
        })
    }

    /// The bytes exactly as received, in [`Self::encoding`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer, self.encoding);
        writer.into_bytes()
    }

    /// The encoding of the bytes.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The same endpoints and options, but another object.
    #[must_use]
    pub fn with_identity(&self, identity: Identity) -> Self {
        Self {
            identity,
            raw: self.raw.clone(),
            encoding: self.encoding,
        }
    }

    /// The same proxy in another encoding.
    ///
    /// Endpoints of unknown transports can not be translated and are left out.
    #[must_use]
    pub fn to_encoding(&self, encoding: Encoding) -> Self {
        if encoding == self.encoding {
            return self.clone();
        }
        let mut parts = self.parts();
        parts.endpoints.retain(|endpoint| !endpoint.is_opaque());
        // Encoding 1.0 does not say which encoding its object speaks: then it is 1.0.
        parts.invocation = Some(parts.invocation.unwrap_or([1, 0, 1, 0]));
        parts.into_proxy(self.identity.clone(), encoding)
    }

    /// The facet, when it is not the default one.
    #[must_use]
    pub fn facet(&self) -> Option<String> {
        self.parts().facet
    }

    /// How it wants to be called.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.parts().mode
    }

    /// Whether it insists on secure endpoints.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.parts().secure
    }

    /// Where the object can be reached.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.parts().endpoints
    }

    /// The object adapter of an indirect proxy.
    #[must_use]
    pub fn adapter_id(&self) -> Option<String> {
        Some(self.parts().adapter_id).filter(|id| !id.is_empty())
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        encoding: Encoding,
    ) -> Result<Option<Self>, SliceError> {
        let identity = Identity::read(reader)?;
        if identity.name.is_empty() {
            if identity.category.is_empty() {
                return Ok(None);
            }
            let problem = "a null proxy with a category";
            return Err(SliceError::InvalidProxy {
                offset: reader.pos(),
                problem,
            });
        }
        let start = reader.pos();
        Parts::read(reader, encoding)?;
        let raw = reader.between(start, reader.pos());
        reader.charge(raw.len())?;
        Ok(Some(Self {
            identity,
            raw: raw.to_vec(),
            encoding,
        }))
    }

    pub(super) fn write(&self, writer: &mut Writer, encoding: Encoding) {
        self.identity.write(writer);
        if encoding == self.encoding {
            writer.bytes(&self.raw);
        } else {
            writer.bytes(&self.to_encoding(encoding).raw);
        }
    }

    /// The bytes were checked when the proxy was made, so this does not fail.
    fn parts(&self) -> Parts {
        let mut reader = Reader::new(&self.raw, &Limits::default());
        Parts::read(&mut reader, self.encoding).unwrap_or_default()
    }
}

impl Parts {
    fn read(reader: &mut Reader<'_>, encoding: Encoding) -> Result<Self, SliceError> {
        let facet = read_facet(reader)?;
        let mode = read_mode(reader)?;
        let secure = reader.bool()?;
        let invocation = match encoding {
            Encoding::V1_0 => None,
            Encoding::V1_1 => Some([
                reader.byte()?,
                reader.byte()?,
                reader.byte()?,
                reader.byte()?,
            ]),
        };
        let count = reader.count(8)?;
        let mut endpoints = Vec::new();
        for _ in 0..count {
            endpoints.push(Endpoint::read(reader)?);
        }
        let adapter_id = if count == 0 {
            reader.string()?
        } else {
            String::new()
        };
        Ok(Self {
            facet,
            mode,
            secure,
            invocation,
            endpoints,
            adapter_id,
        })
    }

    fn into_proxy(self, identity: Identity, encoding: Encoding) -> Proxy {
        let mut writer = Writer::default();
        writer.size(usize::from(self.facet.is_some()));
        if let Some(facet) = &self.facet {
            writer.string(facet);
        }
        writer.byte(match self.mode {
            Mode::Twoway => 0,
            Mode::Oneway => 1,
            Mode::BatchOneway => 2,
            Mode::Datagram => 3,
            Mode::BatchDatagram => 4,
        });
        writer.bool(self.secure);
        if encoding == Encoding::V1_1 {
            writer.bytes(&self.invocation.unwrap_or([1, 0, 1, 1]));
        }
        writer.size(self.endpoints.len());
        for endpoint in &self.endpoints {
            endpoint.write(&mut writer, encoding);
        }
        if self.endpoints.is_empty() {
            writer.string(&self.adapter_id);
        }
        Proxy {
            identity,
            raw: writer.into_bytes(),
            encoding,
        }
    }
}

fn read_facet(reader: &mut Reader<'_>) -> Result<Option<String>, SliceError> {
    let offset = reader.pos();
    match reader.size()? {
        0 => Ok(None),
        1 => reader.string().map(Some),
        _ => Err(SliceError::InvalidProxy {
            offset,
            problem: "more than one facet",
        }),
    }
}

fn read_mode(reader: &mut Reader<'_>) -> Result<Mode, SliceError> {
    let offset = reader.pos();
    Ok(match reader.byte()? {
        0 => Mode::Twoway,
        1 => Mode::Oneway,
        2 => Mode::BatchOneway,
        3 => Mode::Datagram,
        4 => Mode::BatchDatagram,
        _ => {
            return Err(SliceError::InvalidProxy {
                offset,
                problem: "unknown mode",
            });
        }
    })
}
