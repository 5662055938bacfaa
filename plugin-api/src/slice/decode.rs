//! From an encapsulation to values.

use super::decode_v10::Decoder10;
use super::decode_v11::Decoder11;
use super::{Encoding, Graph, Limits, SliceError, Type, Value, encapsulation};

/// Decoded values and the class instances they refer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// One value for each expected type.
    pub values: Vec<Value>,
    /// The instances.
    pub graph: Graph,
}

/// Decodes an encapsulation that holds values of these types, with the usual limits.
///
/// Nothing may be left over, except optional values of encoding 1.1.
pub fn decode(encapsulation: &[u8], types: &[Type]) -> Result<Decoded, SliceError> {
    decode_with(encapsulation, types, &Limits::default())
}

/// Decodes an encapsulation within limits.
pub fn decode_with(
    encapsulation: &[u8],
    types: &[Type],
    limits: &Limits,
) -> Result<Decoded, SliceError> {
    let (encoding, reader) = encapsulation::open(encapsulation, limits)?;
    match encoding {
        Encoding::V1_0 => Decoder10::new(reader, limits).decode(types),
        Encoding::V1_1 => Decoder11::new(reader, limits).decode(types),
    }
}
