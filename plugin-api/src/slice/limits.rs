//! How much a message may make us do.

/// Limits for decoding one encapsulation.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Limits, Type, Value, decode_with, encode};
///
/// let (ty, name) = (Type::String, Value::from("x".repeat(2000)));
/// let bytes = encode(Encoding::V1_1, &[(&ty, &name)], &Graph::new())?;
/// let limits = Limits { max_bytes: 1024, ..Limits::default() };
/// let refused = decode_with(&bytes, &[ty], &limits).map_err(|error| error.to_string());
/// let reason = "the message exceeds the limit of 1024 bytes of decoded values";
/// assert_eq!(refused, Err(reason.to_owned()));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep instances may be nested inside one another in encoding 1.1.
    ///
    /// Nesting costs heap, not stack, so this may be generous. It has to be: an instance is
    /// written inside the one that mentions it first, and a list of users and groups that all
    /// know one another becomes one chain as long as the list.
    pub max_depth: usize,
    /// How many class instances there may be.
    pub max_objects: usize,
    /// How many bytes of memory the decoded values may take, approximately.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 100_000,
            max_objects: 1_000_000,
            max_bytes: 512 * 1024 * 1024,
        }
    }
}
