//! What a proxy says besides its identity, read from its bytes and written to them.

use super::{Mode, Proxy};
use crate::slice::reader::Reader;
use crate::slice::writer::Writer;
use crate::slice::{Encoding, Endpoint, Identity, SliceError};

/// What follows the identity.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) facet: Option<String>,
    pub(super) mode: Mode,
    pub(super) secure: bool,
    pub(super) invocation: Option<[u8; 4]>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) adapter_id: String,
}

impl Parts {
    pub(super) fn read(reader: &mut Reader<'_>, encoding: Encoding) -> Result<Self, SliceError> {
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

    pub(super) fn into_proxy(self, identity: Identity, encoding: Encoding) -> Proxy {
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
