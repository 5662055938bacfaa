//! From an encapsulation to values.

use super::decode_v10::Decoder10;
use super::decode_v11::Decoder11;
use super::{Encoding, Graph, Limits, SliceError, Type, Value, encapsulation};

/// Decoded values and the class instances they refer to.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Type, decode, encode};
///
/// # let mut graph = Graph::new();
/// # let value = graph.rint(3);
/// # let ty = Type::class("::omero::RInt");
/// # let bytes = encode(Encoding::V1_1, &[(&ty, &value)], &graph)?;
/// let decoded = decode(&bytes, &[Type::class("::omero::RInt")])?;
/// // The value only says which instance it is; the instance is in the graph.
/// assert_eq!(decoded.graph.rint_of(&decoded.values[0])?, Some(3));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
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
///
/// ```
/// use omero_plugin_api::slice::{SliceError, Type, Value, decode};
///
/// let bytes = [10, 0, 0, 0, 1, 1, 5, 0, 0, 0];
/// assert_eq!(decode(&bytes, &[Type::Int])?.values, [Value::Int(5)]);
///
/// let short = SliceError::UnexpectedEnd { offset: 6, needed: 8, left: 4 };
/// assert_eq!(decode(&bytes, &[Type::Long]), Err(short));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn decode(encapsulation: &[u8], types: &[Type]) -> Result<Decoded, SliceError> {
    decode_with(encapsulation, types, &Limits::default())
}

/// Decodes an encapsulation within limits.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Limits, SliceError, Type, decode_with, encode};
///
/// let mut graph = Graph::new();
/// let ids = (1..=3).map(|id| graph.rlong(id)).collect();
/// let (list, ty) = (graph.rlist(ids), Type::class("::omero::RList"));
/// let bytes = encode(Encoding::V1_1, &[(&ty, &list)], &graph)?;
///
/// let limits = Limits { max_objects: 2, ..Limits::default() };
/// let refused = decode_with(&bytes, &[ty], &limits);
/// assert!(matches!(refused, Err(SliceError::LimitExceeded { limit: 2, .. })));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
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
