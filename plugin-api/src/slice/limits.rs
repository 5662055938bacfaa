//! How much memory decoding may take.

/// Limits for decoding one encapsulation.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Limits, Type, Value, decode_with, encode};
///
/// let (ty, name) = (Type::String, Value::from("x".repeat(2000)));
/// let bytes = encode(Encoding::V1_1, &[(&ty, &name)], &Graph::new())?;
/// let limits = Limits { max_bytes: 1024, ..Limits::default() };
/// let refused = decode_with(&bytes, &[ty], &limits).map_err(|error| error.to_string());
/// assert_eq!(refused, Err("the reply needs more than 1 KB when decoded".to_owned()));
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
    /// How many bytes of memory the decoded values may take, approximately. Memory is counted
    /// before it is taken, and what is shared each time it is copied. Not counted is the index of
    /// the instances, which cannot grow beyond a few times the reply.
    pub max_bytes: usize,
}

impl Limits {
    /// What every reply may take, however short it is.
    const BASE: usize = 16 << 20;
    /// How many bytes of memory one byte of a reply may become. The widest common values are
    /// ints, of 4 bytes in a reply and 32 in memory.
    const FACTOR: usize = 8;

    /// The limits for a reply of this many bytes: 16 MB and eight times its size.
    ///
    /// ```
    /// use omero_plugin_api::slice::Limits;
    ///
    /// assert_eq!(Limits::for_reply(1 << 20).max_bytes, (16 << 20) + (8 << 20));
    /// ```
    #[must_use]
    pub const fn for_reply(bytes: usize) -> Self {
        Self {
            max_depth: 100_000,
            max_bytes: Self::BASE.saturating_add(bytes.saturating_mul(Self::FACTOR)),
        }
    }

    /// The limits for a reply of this many bytes that holds rows which are all kept.
    ///
    /// A null or a repeated value has one byte in a reply and 32 in memory, and a row takes as much
    /// again, so results with many nulls, flags or ints become much more than [`Self::FACTOR`] says.
    pub(crate) const fn for_rows(bytes: usize) -> Self {
        const FACTOR: usize = 64;
        let reply = Self::for_reply(bytes);
        Self {
            max_bytes: reply.max_bytes.saturating_add(bytes.saturating_mul(FACTOR)),
            ..reply
        }
    }

    /// The limits for replies of a server that has not accepted a login yet.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Graph, Limits, Encoding, SliceError, Type, decode_with, encode};
    ///
    /// let (ty, reason) = (Type::String, "no".repeat(1 << 20).into());
    /// let bytes = encode(Encoding::V1_1, &[(&ty, &reason)], &Graph::new())?;
    /// let refused = decode_with(&bytes, &[ty], &Limits::before_login());
    /// assert_eq!(refused, Err(SliceError::ReplyTooLarge { limit: 1 << 20 }));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub const fn before_login() -> Self {
        Self {
            max_depth: 1000,
            max_bytes: 1 << 20,
        }
    }
}

impl Default for Limits {
    /// No deeper than any reply of a server, and 512 MB.
    fn default() -> Self {
        Self {
            max_depth: 100_000,
            max_bytes: 512 << 20,
        }
    }
}
