//! The frame around encoded values: size, encoding version, payload.

use super::reader::Reader;
use super::writer::Writer;
use super::{Limits, SliceError};

/// Version of the Ice encoding.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Type, Value, encode};
///
/// let (ty, value) = (Type::Int, Value::Int(5));
/// let old = encode(Encoding::V1_0, &[(&ty, &value)], &Graph::new())?;
/// let new = encode(Encoding::V1_1, &[(&ty, &value)], &Graph::new())?;
/// // Without class instances they differ in the minor version alone.
/// assert_eq!((old[5], new[5]), (0, 1));
/// assert_eq!(old[6..], new[6..]);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Encoding {
    /// Encoding 1.0: class instances follow the parameters in batches.
    V1_0,
    /// Encoding 1.1: class instances are written where they are first met.
    V1_1,
}

impl Encoding {
    /// The major version number.
    #[must_use]
    pub(super) const fn major(self) -> u8 {
        1
    }

    /// The minor version number.
    #[must_use]
    pub(super) const fn minor(self) -> u8 {
        match self {
            Self::V1_0 => 0,
            Self::V1_1 => 1,
        }
    }

    /// The encoding with this version number.
    pub(super) const fn from_version(major: u8, minor: u8) -> Result<Self, SliceError> {
        match (major, minor) {
            (1, 0) => Ok(Self::V1_0),
            (1, 1) => Ok(Self::V1_1),
            _ => Err(SliceError::UnsupportedEncoding { major, minor }),
        }
    }
}

/// The encoding of an encapsulation, without reading its payload.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, SliceError, peek_encoding};
///
/// assert_eq!(peek_encoding(&[6, 0, 0, 0, 1, 0]), Ok(Encoding::V1_0));
/// let newer = SliceError::UnsupportedEncoding { major: 2, minor: 0 };
/// assert_eq!(peek_encoding(&[6, 0, 0, 0, 2, 0]), Err(newer));
/// ```
pub fn peek_encoding(encapsulation: &[u8]) -> Result<Encoding, SliceError> {
    open(encapsulation, &Limits::default()).map(|(encoding, _)| encoding)
}

/// Checks the frame and gives a reader that stands at the first byte of the payload.
pub(super) fn open<'a>(
    encapsulation: &'a [u8],
    limits: &Limits,
) -> Result<(Encoding, Reader<'a>), SliceError> {
    let mut reader = Reader::new(encapsulation, limits);
    let end = reader.block_end(6)?;
    let encoding = Encoding::from_version(reader.byte()?, reader.byte()?)?;
    if end < encapsulation.len() {
        return Err(SliceError::TrailingBytes {
            offset: end,
            left: encapsulation.len() - end,
        });
    }
    Ok((encoding, reader))
}

/// Starts an encapsulation at the end of what is written; [`Writer::end_block`] closes it.
pub(super) fn begin(writer: &mut Writer, encoding: Encoding) -> usize {
    let at = writer.begin_block();
    writer.byte(encoding.major());
    writer.byte(encoding.minor());
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_is_checked() {
        assert_eq!(peek_encoding(&[6, 0, 0, 0, 1, 1]), Ok(Encoding::V1_1));
        assert_eq!(peek_encoding(&[6, 0, 0, 0, 1, 0]), Ok(Encoding::V1_0));
        let unsupported = SliceError::UnsupportedEncoding { major: 1, minor: 2 };
        assert_eq!(peek_encoding(&[6, 0, 0, 0, 1, 2]), Err(unsupported));
        for bad in [5, 7, -1_i32] {
            let mut bytes = bad.to_le_bytes().to_vec();
            bytes.extend([1, 1]);
            let invalid = SliceError::InvalidSize {
                offset: 0,
                size: bad.into(),
            };
            assert_eq!(peek_encoding(&bytes), Err(invalid));
        }
        let trailing = SliceError::TrailingBytes { offset: 6, left: 1 };
        assert_eq!(peek_encoding(&[6, 0, 0, 0, 1, 1, 0]), Err(trailing));
    }
}
