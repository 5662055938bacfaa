//! Values whose class members are references: everything but the inline instances of 1.1.

use super::reader::Reader;
use super::{Encoding, Object, ObjectRef, Proxy, SliceError, Type, Value, schema};

/// How a class member refers to its instance, which differs between the encodings.
pub(super) trait ReadRefs {
    /// Reads one reference to an instance of the declared class.
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        declared: &str,
    ) -> Result<Option<ObjectRef>, SliceError>;
}

/// Reads a value. Recursion is as deep as the type, which comes from our tables.
pub(super) fn read_value(
    reader: &mut Reader<'_>,
    encoding: Encoding,
    ty: &Type,
    refs: &mut impl ReadRefs,
) -> Result<Value, SliceError> {
    Ok(match ty {
        Type::Bool => Value::Bool(reader.bool()?),
        Type::Byte => Value::Byte(reader.byte()?),
        Type::Short => Value::Short(reader.short()?),
        Type::Int => Value::Int(reader.int()?),
        Type::Long => Value::Long(reader.long()?),
        Type::Float => Value::Float(reader.float()?),
        Type::Double => Value::Double(reader.double()?),
        Type::String => Value::String(reader.string()?),
        Type::Seq(element) if **element == Type::Byte => {
            let count = reader.count(1)?;
            reader.charge(count)?;
            Value::Bytes(reader.bytes(count)?.to_vec())
        }
        Type::Seq(element) => {
            let count = begin_seq(reader, element.min_size(encoding))?;
            let mut values = Vec::with_capacity(count.min(PREALLOCATE));
            for _ in 0..count {
                values.push(read_value(reader, encoding, element, refs)?);
            }
            Value::Seq(values)
        }
        Type::Dict(key, value) => {
            let count = begin_dict(reader, key, value, encoding)?;
            let mut entries = Vec::with_capacity(count.min(PREALLOCATE));
            for _ in 0..count {
                let key = read_value(reader, encoding, key, refs)?;
                entries.push((key, read_value(reader, encoding, value, refs)?));
            }
            Value::Dict(entries)
        }
        Type::Enum(name) => read_enum(reader, encoding, name)?,
        Type::Struct(name) => {
            let members = &schema::known_structure(name)?.members;
            reader.charge(members.len().saturating_mul(size_of::<Value>()))?;
            let values = members
                .iter()
                .map(|m| read_value(reader, encoding, &m.ty, refs));
            Value::Struct(values.collect::<Result<_, _>>()?)
        }
        Type::Proxy(_) => Value::Proxy(Proxy::read(reader, encoding)?),
        Type::Class(declared) => Value::Object(refs.read_ref(reader, declared)?),
    })
}

/// Room is made in advance for this many elements at most.
pub(super) const PREALLOCATE: usize = 4096;

/// Reads the count of a sequence and counts the memory of its elements.
pub(super) fn begin_seq(reader: &mut Reader<'_>, min: usize) -> Result<usize, SliceError> {
    let count = reader.count(min)?;
    reader.charge(count.saturating_mul(size_of::<Value>()))?;
    Ok(count)
}

/// Reads the count of a dictionary and counts the memory of its entries.
pub(super) fn begin_dict(
    reader: &mut Reader<'_>,
    key: &Type,
    value: &Type,
    encoding: Encoding,
) -> Result<usize, SliceError> {
    let count = begin_seq(reader, key.min_size(encoding) + value.min_size(encoding))?;
    reader.charge(count.saturating_mul(size_of::<Value>()))?;
    Ok(count)
}

/// Encoding 1.0 chooses the width by the largest enumerator, 1.1 writes a size.
fn read_enum(reader: &mut Reader<'_>, encoding: Encoding, name: &str) -> Result<Value, SliceError> {
    let count = schema::known_enumerators(name)?.len();
    let offset = reader.pos();
    let number = match encoding {
        Encoding::V1_1 => i64::try_from(reader.size()?).unwrap_or(i64::MAX),
        Encoding::V1_0 if count <= 127 => i64::from(reader.byte()?),
        Encoding::V1_0 if count <= 32767 => i64::from(reader.short()?),
        Encoding::V1_0 => i64::from(reader.int()?),
    };
    match (usize::try_from(number), i32::try_from(number)) {
        (Ok(index), Ok(number)) if index < count => Ok(Value::Enum(number)),
        _ => Err(SliceError::InvalidEnum {
            offset,
            value: number,
            name: name.to_owned(),
        }),
    }
}

/// References to instances whose class is known only when everything is read.
#[derive(Default)]
pub(super) struct Promises {
    list: Vec<(ObjectRef, &'static str)>,
}

impl Promises {
    /// Notes that an instance has to be of the declared class.
    pub(super) fn add(&mut self, instance: ObjectRef, declared: &str) -> Result<(), SliceError> {
        if declared != schema::OBJECT {
            self.list
                .push((instance, schema::known_class(declared)?.id));
        }
        Ok(())
    }

    /// Checks all notes.
    pub(super) fn check(&self, objects: &[Object]) -> Result<(), SliceError> {
        for &(ObjectRef(index), declared) in &self.list {
            let object = objects
                .get(index)
                .ok_or(SliceError::NoSuchObject { index })?;
            check_class(object, declared)?;
        }
        Ok(())
    }
}

/// An error unless the object is of the declared class.
pub(super) fn check_class(object: &Object, declared: &str) -> Result<(), SliceError> {
    if object.is_a(declared) {
        return Ok(());
    }
    if object.class() == schema::OBJECT {
        return Err(SliceError::UnknownClass {
            id: object.wire_class().to_owned(),
        });
    }
    let (expected, found) = (declared.to_owned(), object.class().to_owned());
    Err(SliceError::ClassMismatch { expected, found })
}
