//! Values of any type.

use super::{ObjectRef, Proxy};

/// A value as it is sent, its type being declared elsewhere.
///
/// ```
/// use omero_plugin_api::slice::Value;
///
/// // Plain Rust values become values, so that arguments are easily written.
/// let arguments: [Value; 3] = ["Image".into(), 51_i64.into(), vec![1_i64, 2].into()];
/// assert_eq!(arguments[1], Value::Long(51));
/// assert_eq!(arguments[2], Value::Seq(vec![Value::Long(1), Value::Long(2)]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A bool.
    Bool(bool),
    /// A byte.
    Byte(u8),
    /// A short.
    Short(i16),
    /// An int.
    Int(i32),
    /// A long.
    Long(i64),
    /// A float.
    Float(f32),
    /// A double.
    Double(f64),
    /// A string.
    String(String),
    /// A sequence of bytes.
    Bytes(Vec<u8>),
    /// A sequence of anything but bytes.
    Seq(Vec<Self>),
    /// A dictionary in the order of the wire; of equal keys the last one counts.
    Dict(Vec<(Self, Self)>),
    /// The number of an enumerator.
    Enum(i32),
    /// The members of a struct.
    Struct(Vec<Self>),
    /// A proxy, or null.
    Proxy(Option<Box<Proxy>>),
    /// A class instance in the [`Graph`](super::Graph) that belongs to the value, or null.
    Object(Option<ObjectRef>),
}

impl Value {
    /// The value with this key in a dictionary with string keys.
    ///
    /// ```
    /// use omero_plugin_api::slice::Value;
    ///
    /// let parameters = Value::from(vec![("step".into(), "3".into()), ("of".into(), "5".into())]);
    /// assert_eq!(parameters.entry("step"), Some(&Value::from("3")));
    /// assert_eq!(parameters.entry("speed"), None);
    /// ```
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Self> {
        let Self::Dict(entries) = self else {
            return None;
        };
        let found = entries
            .iter()
            .rev()
            .find(|(k, _)| matches!(k, Self::String(k) if k == key));
        found.map(|(_, value)| value)
    }

    /// True for a null proxy and a null instance.
    ///
    /// ```
    /// use omero_plugin_api::slice::Value;
    ///
    /// assert!(Value::Object(None).is_null());
    /// // Basic values can be empty, but never null.
    /// assert!(!Value::from("").is_null());
    /// ```
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Proxy(None) | Self::Object(None))
    }

    /// The kind of value, for messages.
    ///
    /// ```
    /// use omero_plugin_api::slice::{SliceError, Value};
    ///
    /// fn yes(answer: &Value) -> Result<bool, SliceError> {
    ///     match answer {
    ///         Value::Bool(yes) => Ok(*yes),
    ///         Value::Int(number) => Ok(*number != 0),
    ///         other => Err(SliceError::TypeMismatch {
    ///             expected: "bool or int".to_owned(),
    ///             found: other.kind(),
    ///         }),
    ///     }
    /// }
    /// assert_eq!(yes(&Value::Int(1)), Ok(true));
    /// assert!(yes(&Value::Object(None)).is_err_and(|error| error.to_string().contains("null")));
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Byte(_) => "byte",
            Self::Short(_) => "short",
            Self::Int(_) => "int",
            Self::Long(_) => "long",
            Self::Float(_) => "float",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "sequence of bytes",
            Self::Seq(_) => "sequence",
            Self::Dict(_) => "dictionary",
            Self::Enum(_) => "enumerator",
            Self::Struct(_) => "struct",
            Self::Proxy(Some(_)) => "proxy",
            Self::Object(Some(_)) => "class instance",
            Self::Proxy(None) | Self::Object(None) => "null",
        }
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Bool,
    u8 => Byte,
    i16 => Short,
    i32 => Int,
    i64 => Long,
    f32 => Float,
    f64 => Double,
    String => String,
    &str => String,
    Vec<u8> => Bytes,
    Vec<Self> => Seq,
    Vec<(Self, Self)> => Dict,
    ObjectRef => Object,
    Option<ObjectRef> => Object,
}

impl From<Proxy> for Value {
    fn from(proxy: Proxy) -> Self {
        Self::Proxy(Some(Box::new(proxy)))
    }
}

impl From<Option<Proxy>> for Value {
    fn from(proxy: Option<Proxy>) -> Self {
        Self::Proxy(proxy.map(Box::new))
    }
}

/// A sequence of longs, such as a list of ids.
impl From<Vec<i64>> for Value {
    fn from(values: Vec<i64>) -> Self {
        Self::Seq(values.into_iter().map(Self::Long).collect())
    }
}

/// A sequence of strings.
impl From<Vec<String>> for Value {
    fn from(values: Vec<String>) -> Self {
        Self::Seq(values.into_iter().map(Self::String).collect())
    }
}
