//! From values to an encapsulation.

use super::encode_v10::State10;
use super::encode_v11::State11;
use super::write_value::write_proxy;
use super::writer::Writer;
use super::{
    Encoding, Graph, ObjectRef, Proxy, SliceError, Type, Value, encapsulation, exception, schema,
};

/// Writes one encapsulation.
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
    #[must_use]
    pub const fn sliced(mut self, sliced: bool) -> Self {
        self.state11.sliced = sliced;
        self
    }

    /// Writes a bool.
    pub fn bool(&mut self, value: bool) {
        self.writer.bool(value);
    }

    /// Writes a byte.
    pub fn byte(&mut self, value: u8) {
        self.writer.byte(value);
    }

    /// Writes a short.
    pub fn short(&mut self, value: i16) {
        self.writer.short(value);
    }

    /// Writes an int.
    pub fn int(&mut self, value: i32) {
        self.writer.int(value);
    }

    /// Writes a long.
    pub fn long(&mut self, value: i64) {
        self.writer.long(value);
    }

    /// Writes a float.
    pub fn float(&mut self, value: f32) {
        self.writer.float(value);
    }

    /// Writes a double.
    pub fn double(&mut self, value: f64) {
        self.writer.double(value);
    }

    /// Writes a string.
    pub fn string(&mut self, value: &str) {
        self.writer.string(value);
    }

    /// Writes a size, for example the count of a sequence.
    pub fn size(&mut self, value: usize) {
        self.writer.size(value);
    }

    /// Writes a proxy, which may be null; one of the other encoding is translated.
    pub fn proxy(&mut self, value: Option<&Proxy>) {
        write_proxy(&mut self.writer, self.encoding, value);
    }

    /// Writes a value of any type.
    pub fn value(&mut self, ty: &Type, value: &Value, graph: &Graph) -> Result<(), SliceError> {
        self.write(ty, value, graph)?;
        self.drain(graph)
    }

    /// Writes a class instance of any class, which may be null.
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
