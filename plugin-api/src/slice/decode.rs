//! From an encapsulation to values.

use std::borrow::Cow;

use super::decode_v10::Decoder10;
use super::decode_v11::Decoder11;
use super::plan::Plan;
use super::read_value::read_value;
use super::reader::Reader;
use super::scan::Scan;
use super::slots::Slots;
use super::source::Source;
use super::{Encoding, Graph, Limits, SliceError, Type, Value, encapsulation, optional};

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

/// Decodes an encapsulation that holds values of these types, with the limits for its size.
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
    decode_with(
        encapsulation,
        types,
        &Limits::for_reply(encapsulation.len()),
    )
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
/// let limits = Limits { max_bytes: 100, ..Limits::default() };
/// let refused = decode_with(&bytes, &[ty], &limits);
/// assert_eq!(refused, Err(SliceError::ReplyTooLarge { limit: 100 }));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn decode_with(
    encapsulation: &[u8],
    types: &[Type],
    limits: &Limits,
) -> Result<Decoded, SliceError> {
    decode_plans(Cow::Borrowed(encapsulation), &plans(types), limits)
}

/// Decodes an encapsulation that is not used any more, within limits.
pub(crate) fn decode_owned(
    encapsulation: Vec<u8>,
    types: &[Type],
    limits: &Limits,
) -> Result<Decoded, SliceError> {
    decode_plans(Cow::Owned(encapsulation), &plans(types), limits)
}

pub(super) fn plans(types: &[Type]) -> Vec<Plan> {
    types.iter().map(Plan::of).collect()
}

fn decode_plans(
    encapsulation: Cow<'_, [u8]>,
    plans: &[Plan],
    limits: &Limits,
) -> Result<Decoded, SliceError> {
    let (encoding, mut reader) = encapsulation::open(&encapsulation, limits)?;
    if encoding == Encoding::V1_1 && plans.iter().any(Plan::has_classes) {
        match scan(&mut reader, plans) {
            Ok((values, slots)) => {
                reader.charge(encapsulation.len())?;
                let lease = reader.into_lease();
                let source = Source::new(encapsulation.into_owned(), slots, *limits, lease);
                let graph = Graph::from_source(source);
                return Ok(Decoded { values, graph });
            }
            Err(error) if error.is_memory_limit() => return Err(error),
            // It may be in another format. If it is malformed, the decoder says how.
            Err(_) => {}
        }
    }
    decode_all(&encapsulation, plans, limits)
}

/// The values and where the instances are, if the reply is in the compact format.
fn scan(reader: &mut Reader<'_>, plans: &[Plan]) -> Result<(Vec<Value>, Slots), SliceError> {
    let mut scan = Scan::default();
    let values = plans
        .iter()
        .map(|plan| read_value(reader, Encoding::V1_1, plan, &mut scan))
        .collect::<Result<_, _>>()?;
    optional::skip_to_end(reader)?;
    Ok((values, scan.slots))
}

/// Decodes any encapsulation, with all its instances.
pub(super) fn decode_all(
    encapsulation: &[u8],
    plans: &[Plan],
    limits: &Limits,
) -> Result<Decoded, SliceError> {
    let (encoding, reader) = encapsulation::open(encapsulation, limits)?;
    match encoding {
        Encoding::V1_0 => Decoder10::new(reader).decode(plans),
        Encoding::V1_1 => Decoder11::new(reader).decode(plans),
    }
}
