//! From values to an encapsulation.

use super::encode_v10::State10;
use super::encode_v11::State11;
use super::write_value::write_proxy;
use super::writer::Writer;
use super::{
    Encoding, Graph, ObjectRef, Proxy, SliceError, Type, Value, encapsulation, exception, schema,
};

/// Writes one encapsulation.
///
/// ```
/// use omero_plugin_api::slice::{Encoder, Encoding, Type, Value, decode};
///
/// let mut encoder = Encoder::new(Encoding::V1_1);
/// encoder.string("omero.group");
/// encoder.long(-1);
/// let decoded = decode(&encoder.finish(), &[Type::String, Type::Long])?;
/// assert_eq!(decoded.values, [Value::from("omero.group"), Value::Long(-1)]);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub struct Encoder {
    encoding: Encoding,
    writer: Writer,
    start: usize,
    /// Instances of encoding 1.0, which follow everything else.
    batches: Writer,
    has_classes: bool,
    state10: State10,
    state11: State11,
}

/// Encodes values, in this order, with the instances of one graph.
///
/// ```
/// use omero_plugin_api::slice::{Encoding, Graph, Type, Value, decode, encode};
///
/// let (name, ids) = (Value::from("Image"), Value::from(vec![51_i64, 52]));
/// let (text, longs) = (Type::String, Type::seq(Type::Long));
/// let bytes = encode(Encoding::V1_1, &[(&text, &name), (&longs, &ids)], &Graph::new())?;
/// assert_eq!(decode(&bytes, &[text, longs])?.values, [name, ids]);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn encode(
    encoding: Encoding,
    values: &[(&Type, &Value)],
    graph: &Graph,
) -> Result<Vec<u8>, SliceError> {
    let mut encoder = Encoder::new(encoding);
    for (ty, value) in values {
        encoder.write(ty, value, graph)?;
    }
    encoder.drain(graph)?;
    Ok(encoder.finish())
}

impl Encoder {
    /// An empty encapsulation.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoder, Encoding, peek_encoding};
    ///
    /// let encoder = Encoder::new(Encoding::V1_0);
    /// assert_eq!(peek_encoding(&encoder.finish()), Ok(Encoding::V1_0));
    /// ```
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        let mut writer = Writer::default();
        let start = encapsulation::begin(&mut writer, encoding);
        Self {
            encoding,
            writer,
            start,
            batches: Writer::default(),
            has_classes: false,
            state10: State10::default(),
            state11: State11::default(),
        }
    }

    /// Whether instances and exceptions of encoding 1.1 are written in the sliced format, in
    /// which readers can skip what they do not know. The default is the compact format.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoder, Encoding, Graph, Type, decode};
    ///
    /// let mut graph = Graph::new();
    /// let group = graph.new_object("::omero::model::ExperimenterGroup")?;
    /// let mut sliced = Encoder::new(Encoding::V1_1).sliced(true);
    /// sliced.object(Some(group), &graph)?;
    /// let mut compact = Encoder::new(Encoding::V1_1);
    /// compact.object(Some(group), &graph)?;
    ///
    /// let (sliced, compact) = (sliced.finish(), compact.finish());
    /// assert!(sliced.len() > compact.len());
    /// let ty = [Type::class("::omero::model::ExperimenterGroup")];
    /// assert_eq!(decode(&sliced, &ty)?, decode(&compact, &ty)?);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub const fn sliced(mut self, sliced: bool) -> Self {
        self.state11.sliced = sliced;
        self
    }

    /// Writes a bool.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.bool(true);
    /// // Six bytes of size and version come first.
    /// assert_eq!(encoder.finish()[6..], [1]);
    /// ```
    pub fn bool(&mut self, value: bool) {
        self.writer.bool(value);
    }

    /// Writes a byte.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.byte(0xff);
    /// assert_eq!(encoder.finish()[6..], [0xff]);
    /// ```
    pub fn byte(&mut self, value: u8) {
        self.writer.byte(value);
    }

    /// Writes a short.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.short(-2);
    /// assert_eq!(encoder.finish()[6..], [0xfe, 0xff]);
    /// ```
    pub fn short(&mut self, value: i16) {
        self.writer.short(value);
    }

    /// Writes an int.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.int(1024);
    /// assert_eq!(encoder.finish()[6..], [0, 4, 0, 0]);
    /// ```
    pub fn int(&mut self, value: i32) {
        self.writer.int(value);
    }

    /// Writes a long.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Type, Value, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.long(51);
    /// assert_eq!(decode(&encoder.finish(), &[Type::Long])?.values, [Value::Long(51)]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn long(&mut self, value: i64) {
        self.writer.long(value);
    }

    /// Writes a float.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Type, Value, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.float(0.5);
    /// assert_eq!(decode(&encoder.finish(), &[Type::Float])?.values, [Value::Float(0.5)]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn float(&mut self, value: f32) {
        self.writer.float(value);
    }

    /// Writes a double.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Type, Value, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.double(0.65);
    /// assert_eq!(decode(&encoder.finish(), &[Type::Double])?.values, [Value::Double(0.65)]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn double(&mut self, value: f64) {
        self.writer.double(value);
    }

    /// Writes a string.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// encoder.string("root");
    /// assert_eq!(encoder.finish()[6..], *b"\x04root");
    /// ```
    pub fn string(&mut self, value: &str) {
        self.writer.string(value);
    }

    /// Writes a size, for example the count of a sequence.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Type, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// let ids = [51, 52];
    /// encoder.size(ids.len());
    /// ids.into_iter().for_each(|id| encoder.long(id));
    /// let decoded = decode(&encoder.finish(), &[Type::seq(Type::Long)])?;
    /// assert_eq!(decoded.values[0].as_longs()?, ids);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn size(&mut self, value: usize) {
        self.writer.size(value);
    }

    /// Writes a proxy, which may be null; one of the other encoding is translated.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Identity, Proxy, Type, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// let admin = Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new());
    /// encoder.proxy(Some(&admin));
    /// encoder.proxy(None);
    /// let decoded = decode(&encoder.finish(), &[Type::proxy(), Type::proxy()])?;
    /// assert_eq!(decoded.values[0].as_proxy()?, Some(&admin));
    /// assert!(decoded.values[1].is_null());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn proxy(&mut self, value: Option<&Proxy>) {
        write_proxy(&mut self.writer, self.encoding, value);
    }

    /// Writes a value of any type.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Type, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// let mut graph = Graph::new();
    /// let name = graph.rstring("a.tif");
    /// encoder.value(&Type::class("::omero::RString"), &name, &graph)?;
    ///
    /// let decoded = decode(&encoder.finish(), &[Type::class("::omero::RType")])?;
    /// assert_eq!(decoded.graph.rstring_of(&decoded.values[0])?, Some("a.tif"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn value(&mut self, ty: &Type, value: &Value, graph: &Graph) -> Result<(), SliceError> {
        self.write(ty, value, graph)?;
        self.drain(graph)
    }

    /// Writes a class instance of any class, which may be null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Type, decode};
    /// # let mut encoder = Encoder::new(Encoding::V1_0);
    /// let mut graph = Graph::new();
    /// let image = graph.new_object("::omero::model::Image")?;
    /// encoder.object(Some(image), &graph)?;
    ///
    /// let decoded = decode(&encoder.finish(), &[Type::class("::omero::model::IObject")])?;
    /// let sent = decoded.graph.object_of(&decoded.values[0])?;
    /// assert_eq!(sent.map(|object| object.class()), Some("::omero::model::Image"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn object(&mut self, instance: Option<ObjectRef>, graph: &Graph) -> Result<(), SliceError> {
        self.value(
            &Type::class(schema::OBJECT),
            &Value::Object(instance),
            graph,
        )
    }

    /// Writes the user exception a reply holds instead of results.
    ///
    /// Fields that are not named are zero, empty or null. `sliced` chooses the format of encoding
    /// 1.1 for this exception and what it contains.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    ///
    /// let mut encoder = Encoder::new(Encoding::V1_1);
    /// let fields = [("message", Value::from("no such group"))];
    /// encoder.user_exception("::omero::ApiUsageException", &fields, &Graph::new(), false)?;
    ///
    /// let (thrown, _) = decode_exception(&encoder.finish())?;
    /// assert!(thrown.is_a("::omero::ServerError"));
    /// assert_eq!(thrown.message(), "no such group");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn user_exception(
        &mut self,
        id: &str,
        fields: &[(&str, Value)],
        graph: &Graph,
        sliced: bool,
    ) -> Result<(), SliceError> {
        let class = schema::exception(id);
        let class = class.ok_or_else(|| SliceError::UnknownType {
            name: id.to_owned(),
        })?;
        let fields = exception::ordered_fields(class, fields)?;
        match self.encoding {
            Encoding::V1_0 => {
                self.has_classes = exception::has_classes(class);
                self.writer.bool(self.has_classes);
                self.state10
                    .exception(&mut self.writer, class, &fields, graph)?;
                self.drain(graph)
            }
            Encoding::V1_1 => {
                let before = std::mem::replace(&mut self.state11.sliced, sliced);
                let result = self
                    .state11
                    .exception(&mut self.writer, class, &fields, graph);
                self.state11.sliced = before;
                result
            }
        }
    }

    /// The whole encapsulation.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoder, Encoding};
    ///
    /// // The parameters of an operation without parameters: a size, which counts itself, and a version.
    /// assert_eq!(Encoder::new(Encoding::V1_1).finish(), [6, 0, 0, 0, 1, 1]);
    /// ```
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.encoding == Encoding::V1_0 && self.has_classes {
            self.writer.bytes(&self.batches.into_bytes());
            self.writer.size(0);
        }
        self.writer.end_block(self.start);
        self.writer.into_bytes()
    }

    fn write(&mut self, ty: &Type, value: &Value, graph: &Graph) -> Result<(), SliceError> {
        self.has_classes |= ty.has_classes();
        match self.encoding {
            Encoding::V1_0 => self.state10.value(&mut self.writer, ty, value, graph),
            Encoding::V1_1 => self.state11.value(&mut self.writer, ty, value, graph),
        }
    }

    /// Writes the instances that wait, while their graph is at hand.
    fn drain(&mut self, graph: &Graph) -> Result<(), SliceError> {
        self.state10.batches(&mut self.batches, graph)
    }
}
