//! Values as the Rust types they hold.

use super::{ObjectRef, Proxy, SliceError, Value};

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($pattern:pat => $result:expr) -> $ty:ty;)*) => {
        impl Value {
            $($(#[$doc])*
            pub fn $name(&self) -> Result<$ty, SliceError> {
                match self {
                    Self::$variant($pattern) => Ok($result),
                    other => Err(other.is_not(stringify!($variant))),
                }
            })*
        }
    };
}

getters! {
    /// The bool this is.
    as_bool: Bool(value => *value) -> bool;
    /// The byte this is.
    as_byte: Byte(value => *value) -> u8;
    /// The short this is.
    as_short: Short(value => *value) -> i16;
    /// The int this is.
    as_int: Int(value => *value) -> i32;
    /// The long this is.
    as_long: Long(value => *value) -> i64;
    /// The float this is.
    as_float: Float(value => *value) -> f32;
    /// The double this is.
    as_double: Double(value => *value) -> f64;
    /// The text this is.
    as_str: String(value => value) -> &str;
    /// The bytes this is.
    as_bytes: Bytes(value => value) -> &[u8];
    /// The elements of the sequence this is.
    as_seq: Seq(value => value) -> &[Self];
    /// The entries of the dictionary this is.
    as_dict: Dict(value => value) -> &[(Self, Self)];
    /// The number of the enumerator this is.
    as_enum: Enum(value => *value) -> i32;
    /// The members of the struct this is.
    as_struct: Struct(value => value) -> &[Self];
    /// The proxy this is, which may be null.
    as_proxy: Proxy(value => value.as_ref()) -> Option<&Proxy>;
    /// The instance this is, which may be null.
    as_object: Object(value => *value) -> Option<ObjectRef>;
}

impl Value {
    /// The longs of the sequence this is, such as a list of ids.
    pub fn as_longs(&self) -> Result<Vec<i64>, SliceError> {
        self.as_seq()?.iter().map(Self::as_long).collect()
    }

    /// The strings of the sequence this is.
    pub fn as_strings(&self) -> Result<Vec<&str>, SliceError> {
        self.as_seq()?.iter().map(Self::as_str).collect()
    }

    pub(super) fn is_not(&self, expected: &str) -> SliceError {
        SliceError::TypeMismatch {
            expected: expected.to_lowercase(),
            found: self.kind(),
        }
    }
}
