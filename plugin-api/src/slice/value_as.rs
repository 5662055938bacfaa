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
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from(true).as_bool(), Ok(true));
    /// // Nothing is converted, not even a number.
    /// assert!(Value::Int(1).as_bool().is_err());
    /// ```
    as_bool: Bool(value => *value) -> bool;
    /// The byte this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from(0x2a_u8).as_byte(), Ok(0x2a));
    /// ```
    as_byte: Byte(value => *value) -> u8;
    /// The short this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from(-2_i16).as_short(), Ok(-2));
    /// ```
    as_short: Short(value => *value) -> i16;
    /// The int this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let size = graph.new_object("::omero::api::ResolutionDescription")?;
    /// graph.set(size, "sizeX", 2048_i32)?;
    /// assert_eq!(graph.field(size, "sizeX")?.as_int()?, 2048);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_int: Int(value => *value) -> i32;
    /// The long this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{SliceError, Value};
    /// assert_eq!(Value::from(51_i64).as_long(), Ok(51));
    /// // An int is no long, although it would fit.
    /// let mismatch = SliceError::TypeMismatch { expected: "long".into(), found: "int" };
    /// assert_eq!(Value::Int(51).as_long(), Err(mismatch));
    /// ```
    as_long: Long(value => *value) -> i64;
    /// The float this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from(0.5_f32).as_float(), Ok(0.5));
    /// ```
    as_float: Float(value => *value) -> f32;
    /// The double this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let width = graph.new_object("::omero::model::Length")?;
    /// graph.set(width, "_value", 0.65)?;
    /// assert_eq!(graph.field(width, "_value")?.as_double()?, 0.65);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_double: Double(value => *value) -> f64;
    /// The text this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from("root").as_str(), Ok("root"));
    /// ```
    as_str: String(value => value) -> &str;
    /// The bytes this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// assert_eq!(Value::from(vec![0x4d_u8, 0x4d]).as_bytes(), Ok(&b"MM"[..]));
    /// ```
    as_bytes: Bytes(value => value) -> &[u8];
    /// The elements of the sequence this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// let points = Value::Seq(vec![Value::Double(0.5), Value::Double(1.5)]);
    /// let mut sum = 0.0;
    /// for value in points.as_seq()? {
    ///     sum += value.as_double()?;
    /// }
    /// assert_eq!(sum, 2.0);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_seq: Seq(value => value) -> &[Self];
    /// The entries of the dictionary this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// let used = Value::from(vec![("Pixels".into(), 4096_i64.into()), ("Roi".into(), 12_i64.into())]);
    /// let mut total = 0;
    /// for (_table, bytes) in used.as_dict()? {
    ///     total += bytes.as_long()?;
    /// }
    /// assert_eq!(total, 4108);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_dict: Dict(value => value) -> &[(Self, Self)];
    /// The number of the enumerator this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Value, schema};
    /// let state = Value::Enum(3);
    /// let names = schema::enumerators("::omero::cmd::State").unwrap_or_default();
    /// let name = usize::try_from(state.as_enum()?).ok().and_then(|number| names.get(number));
    /// assert_eq!(name, Some(&"SUCCESS"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_enum: Enum(value => *value) -> i32;
    /// The members of the struct this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// // A `::omero::api::LongPair`.
    /// let pair = Value::Struct(vec![Value::Long(2), Value::Long(5)]);
    /// if let [first, second] = pair.as_struct()? {
    ///     assert_eq!((first.as_long()?, second.as_long()?), (2, 5));
    /// }
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_struct: Struct(value => value) -> &[Self];
    /// The proxy this is, which may be null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Identity, Proxy, Value};
    /// let admin = Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new());
    /// assert_eq!(Value::from(admin.clone()).as_proxy(), Ok(Some(&admin)));
    /// assert_eq!(Value::Proxy(None).as_proxy(), Ok(None));
    /// ```
    as_proxy: Proxy(value => value.as_deref()) -> Option<&Proxy>;
    /// The instance this is, which may be null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let group = graph.new_object("::omero::model::ExperimenterGroup")?;
    /// let session = graph.new_object("::omero::model::Share")?;
    /// graph.set(session, "_group", group)?;
    /// assert_eq!(graph.field(session, "_group")?.as_object()?, Some(group));
    /// assert_eq!(graph.field(session, "_owner")?.as_object()?, None);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    as_object: Object(value => *value) -> Option<ObjectRef>;
}

impl Value {
    /// The longs of the sequence this is, such as a list of ids.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// let ids = Value::from(vec![51_i64, 52]);
    /// assert_eq!(ids.as_longs()?, [51, 52]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn as_longs(&self) -> Result<Vec<i64>, SliceError> {
        self.as_seq()?.iter().map(Self::as_long).collect()
    }

    /// The strings of the sequence this is.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Value;
    /// let privileges = Value::from(vec!["Chown".to_owned(), "Sudo".to_owned()]);
    /// assert!(privileges.as_strings()?.contains(&"Sudo"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
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
