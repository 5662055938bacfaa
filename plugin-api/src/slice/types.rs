//! Types as the class table writes them.

use std::fmt;
use std::str::FromStr;

use super::{SliceError, Value, schema};

/// The type of a parameter, a result or a member.
///
/// ```
/// use omero_plugin_api::slice::Type;
///
/// // What OMERO's Slice files call `StringLongListMap`.
/// let targets = Type::dict(Type::String, Type::seq(Type::Long));
/// assert_eq!(targets.to_string(), "dict<string,seq<long>>");
/// assert_eq!("dict<string,seq<long>>".parse(), Ok(targets));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// `bool`
    Bool,
    /// `byte`
    Byte,
    /// `short`
    Short,
    /// `int`
    Int,
    /// `long`
    Long,
    /// `float`
    Float,
    /// `double`
    Double,
    /// `string`
    String,
    /// `seq<T>`
    Seq(Box<Self>),
    /// `dict<K,V>`
    Dict(Box<Self>, Box<Self>),
    /// `enum(::X)`
    Enum(String),
    /// `struct(::X)`
    Struct(String),
    /// `prx(::X)`, a proxy, possibly null
    Proxy(String),
    /// `@::X`, an instance of the class or of one derived from it, possibly null
    Class(String),
}

/// Deeper nesting than any table or caller has use for.
const MAX_NESTING: usize = 16;

impl Type {
    /// Reads the notation of the class table, for example `seq<@::omero::model::Session>`.
    ///
    /// ```
    /// use omero_plugin_api::slice::{SliceError, Type};
    ///
    /// let sessions = Type::parse("seq<@::omero::model::Session>")?;
    /// assert_eq!(sessions, Type::seq(Type::class("::omero::model::Session")));
    ///
    /// // The names are those of Slice, not of Rust.
    /// let unknown = SliceError::InvalidType { text: "i64".to_owned() };
    /// assert_eq!(Type::parse("i64"), Err(unknown));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SliceError> {
        let parsed = Self::parse_nested(text, 0);
        parsed.ok_or_else(|| SliceError::InvalidType {
            text: text.to_owned(),
        })
    }

    fn parse_nested(text: &str, depth: usize) -> Option<Self> {
        if depth > MAX_NESTING {
            return None;
        }
        let named = |prefix: &str| {
            let name = text.strip_prefix(prefix)?.strip_suffix(')')?;
            name.starts_with("::").then(|| name.to_owned())
        };
        if let Some(inner) = text
            .strip_prefix("seq<")
            .and_then(|rest| rest.strip_suffix('>'))
        {
            return Some(Self::Seq(Box::new(Self::parse_nested(inner, depth + 1)?)));
        }
        if let Some(inner) = text
            .strip_prefix("dict<")
            .and_then(|rest| rest.strip_suffix('>'))
        {
            let (key, value) = split_pair(inner)?;
            let key = Self::parse_nested(key, depth + 1)?;
            return Some(Self::Dict(
                Box::new(key),
                Box::new(Self::parse_nested(value, depth + 1)?),
            ));
        }
        if let Some(name) = text.strip_prefix('@') {
            return name.starts_with("::").then(|| Self::Class(name.to_owned()));
        }
        named("enum(")
            .map(Self::Enum)
            .or_else(|| named("struct(").map(Self::Struct))
            .or_else(|| named("prx(").map(Self::Proxy))
            .or_else(|| Self::parse_basic(text))
    }

    fn parse_basic(text: &str) -> Option<Self> {
        Some(match text {
            "bool" => Self::Bool,
            "byte" => Self::Byte,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "string" => Self::String,
            _ => return None,
        })
    }

    /// A sequence of this type.
    ///
    /// ```
    /// use omero_plugin_api::slice::Type;
    ///
    /// assert_eq!(Type::parse("seq<string>"), Ok(Type::seq(Type::String)));
    /// ```
    #[must_use]
    pub fn seq(element: Self) -> Self {
        Self::Seq(Box::new(element))
    }

    /// A dictionary of these types.
    ///
    /// ```
    /// use omero_plugin_api::slice::Type;
    ///
    /// let settings = Type::dict(Type::String, Type::String);
    /// assert_eq!(Type::parse("dict<string,string>"), Ok(settings));
    /// ```
    #[must_use]
    pub fn dict(key: Self, value: Self) -> Self {
        Self::Dict(Box::new(key), Box::new(value))
    }

    /// An instance of this class.
    ///
    /// ```
    /// use omero_plugin_api::slice::Type;
    ///
    /// assert_eq!(Type::class("::omero::model::Image").to_string(), "@::omero::model::Image");
    /// ```
    pub fn class(id: impl Into<String>) -> Self {
        Self::Class(id.into())
    }

    /// Any proxy.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoder, Encoding, Identity, Proxy, Type, decode};
    ///
    /// let query = Proxy::new(Identity::new("", "omero.api.IQuery"), Vec::new());
    /// let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.proxy(Some(&query));
    /// // The bytes do not say which interface a proxy has, so it need not be known either.
    /// let decoded = decode(&encoder.finish(), &[Type::proxy()])?;
    /// assert_eq!(decoded.values[0].as_proxy()?, Some(&query));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn proxy() -> Self {
        Self::Proxy("::Ice::Object".to_owned())
    }

    /// Whether values of this type can contain class instances, which decides about the trailer
    /// of encoding 1.0.
    #[must_use]
    pub(super) fn has_classes(&self) -> bool {
        match self {
            Self::Class(_) => true,
            Self::Seq(element) => element.has_classes(),
            Self::Dict(key, value) => key.has_classes() || value.has_classes(),
            Self::Struct(name) => schema::structure(name)
                .is_some_and(|s| s.members.iter().any(|member| member.ty.has_classes())),
            _ => false,
        }
    }

    /// The value a member has before anything is set: zero, empty or null.
    pub(super) fn zero(&self) -> Result<Value, SliceError> {
        Ok(match self {
            Self::Bool => Value::Bool(false),
            Self::Byte => Value::Byte(0),
            Self::Short => Value::Short(0),
            Self::Int => Value::Int(0),
            Self::Long => Value::Long(0),
            Self::Float => Value::Float(0.0),
            Self::Double => Value::Double(0.0),
            Self::String => Value::String(String::new()),
            Self::Seq(element) if **element == Self::Byte => Value::Bytes(Vec::new()),
            Self::Seq(_) => Value::Seq(Vec::new()),
            Self::Dict(..) => Value::Dict(Vec::new()),
            Self::Enum(_) => Value::Enum(0),
            Self::Struct(name) => {
                let members = schema::known_structure(name)?.members.iter();
                Value::Struct(
                    members
                        .map(|member| member.ty.zero())
                        .collect::<Result<_, _>>()?,
                )
            }
            Self::Proxy(_) => Value::Proxy(None),
            Self::Class(_) => Value::Object(None),
        })
    }
}

/// Splits `K,V` at the comma that is not inside brackets.
fn split_pair(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

impl FromStr for Type {
    type Err = SliceError;

    fn from_str(text: &str) -> Result<Self, SliceError> {
        Self::parse(text)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Byte => f.write_str("byte"),
            Self::Short => f.write_str("short"),
            Self::Int => f.write_str("int"),
            Self::Long => f.write_str("long"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::String => f.write_str("string"),
            Self::Seq(element) => write!(f, "seq<{element}>"),
            Self::Dict(key, value) => write!(f, "dict<{key},{value}>"),
            Self::Enum(name) => write!(f, "enum({name})"),
            Self::Struct(name) => write!(f, "struct({name})"),
            Self::Proxy(name) => write!(f, "prx({name})"),
            Self::Class(name) => write!(f, "@{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation_round_trips() {
        for text in [
            "bool",
            "seq<seq<byte>>",
            "seq<@::omero::model::Session>",
            "dict<struct(::omero::api::LongPair),dict<string,int>>",
            "dict<int,seq<@::omero::model::Shape>>",
            "seq<enum(::omero::cmd::State)>",
            "prx(::omero::cmd::Handle)",
        ] {
            assert_eq!(
                Type::parse(text).map(|ty| ty.to_string()).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let deep = "seq<".repeat(1000) + "int" + &">".repeat(1000);
        for text in [
            "",
            "strin",
            "seq<int",
            "dict<int>",
            "@omero",
            "enum(::X",
            "dict<a>,b>",
            &deep,
        ] {
            assert!(Type::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn classes_are_found_inside() {
        assert!(
            Type::parse("dict<int,seq<@::omero::RType>>")
                .unwrap()
                .has_classes()
        );
        assert!(
            !Type::parse("dict<struct(::omero::api::LongPair),int>")
                .unwrap()
                .has_classes()
        );
    }
}
