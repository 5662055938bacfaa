//! What can be wrong with bytes, or with values that are to become bytes.

use std::fmt;

/// Why bytes could not be read, or values could not be written.
///
/// Offsets count from the start of the encapsulation.
///
/// ```
/// use omero_plugin_api::{Error, Kind, slice::{Graph, SliceError}};
///
/// let mut graph = Graph::new();
/// let misspelt = graph.new_object("::omero::model::Imgae");
/// let unknown = SliceError::UnknownClass { id: "::omero::model::Imgae".to_owned() };
/// assert_eq!(misspelt, Err(unknown.clone()));
/// // In a command `?` makes it the error of the command.
/// assert_eq!(Error::from(unknown).kind(), Kind::Protocol);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SliceError {
    /// The data ends before the value does.
    #[error("the data ends too early: {needed} bytes needed at offset {offset}, {left} left")]
    UnexpectedEnd {
        /// Where the value starts.
        offset: usize,
        /// How many bytes the value needs.
        needed: usize,
        /// How many bytes are left.
        left: usize,
    },
    /// Bytes are left after the last expected value.
    #[error("{left} unexpected bytes at offset {offset}")]
    TrailingBytes {
        /// Where the first byte too many is.
        offset: usize,
        /// How many bytes are left over.
        left: usize,
    },
    /// A size or count that can not be true.
    #[error("impossible size {size} at offset {offset}")]
    InvalidSize {
        /// Where the size is.
        offset: usize,
        /// The size as sent.
        size: i64,
    },
    /// A string that is not UTF-8.
    #[error("the string at offset {offset} is not UTF-8")]
    InvalidUtf8 {
        /// Where the string is.
        offset: usize,
    },
    /// A bool that is neither 0 nor 1.
    #[error("{value} is not a bool, at offset {offset}")]
    InvalidBool {
        /// Where the bool is.
        offset: usize,
        /// The byte as sent.
        value: u8,
    },
    /// A number that the enumeration does not have.
    #[error("{value} is not an enumerator of {name}, at offset {offset}")]
    InvalidEnum {
        /// Where the enumerator is.
        offset: usize,
        /// The number as sent.
        value: i64,
        /// Type id of the enumeration.
        name: String,
    },
    /// An encapsulation in an encoding other than 1.0 and 1.1.
    #[error("encoding {major}.{minor} is not supported")]
    UnsupportedEncoding {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// A proxy that breaks the rules of its encoding.
    #[error("malformed proxy at offset {offset}: {problem}")]
    InvalidProxy {
        /// Where it was noticed.
        offset: usize,
        /// Which rule was broken.
        problem: &'static str,
    },
    /// A class instance or exception that breaks the rules of its encoding.
    #[error("malformed class instance at offset {offset}: {problem}")]
    InvalidInstance {
        /// Where it was noticed.
        offset: usize,
        /// Which rule was broken.
        problem: &'static str,
    },
    /// A reference to an instance that is not in the encapsulation.
    #[error("reference to instance {id}, which does not exist, at offset {offset}")]
    UnknownInstance {
        /// Where the reference is.
        offset: usize,
        /// The instance number as sent.
        id: i64,
    },
    /// An instance of a class that is not in the class table and can not be skipped.
    #[error("unknown class {id}")]
    UnknownClass {
        /// The type id.
        id: String,
    },
    /// A struct, enumeration or exception that is not in the tables.
    #[error("unknown type {name}")]
    UnknownType {
        /// The type id.
        name: String,
    },
    /// An instance of one class where another class is declared.
    #[error("instance of {found} where {expected} is expected")]
    ClassMismatch {
        /// The declared class.
        expected: String,
        /// The class of the instance.
        found: String,
    },
    /// A value of one kind where another kind is declared or asked for.
    #[error("value of type {found} where {expected} is expected")]
    TypeMismatch {
        /// The type asked for.
        expected: String,
        /// The kind of the value.
        found: &'static str,
    },
    /// A member name that the class does not have.
    #[error("{class} has no member {member}")]
    NoSuchMember {
        /// Type id of the class.
        class: String,
        /// The name asked for.
        member: String,
    },
    /// An object reference of another graph.
    #[error("object {index} is not in this graph")]
    NoSuchObject {
        /// The index of the reference.
        index: usize,
    },
    /// The decoded values take more memory than [`Limits`](super::Limits) allow.
    #[error("the reply needs more than {} when decoded", Size(*limit))]
    ReplyTooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The replies that this process holds take more memory than it may use for them.
    #[error("the replies of the server need more than {} in all when decoded", Size(*limit))]
    RepliesTooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// Another limit of [`Limits`](super::Limits) was reached.
    #[error("the message exceeds the limit of {limit} {what}")]
    LimitExceeded {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Text that is not a type in the notation of the class table.
    #[error("not a type: {text:?}")]
    InvalidType {
        /// The text.
        text: String,
    },
}

impl SliceError {
    /// Whether the memory that decoding may take was used up, which another decoder cannot change.
    pub(super) const fn is_memory_limit(&self) -> bool {
        matches!(
            self,
            Self::ReplyTooLarge { .. } | Self::RepliesTooLarge { .. }
        )
    }
}

/// A number of bytes, for people.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 1 << 10 => write!(f, "{bytes} bytes"),
            bytes if bytes < 1 << 20 => write!(f, "{} KB", bytes >> 10),
            bytes => write!(f, "{} MB", bytes >> 20),
        }
    }
}
