//! Values whose class members are references: everything but the inline instances of 1.1.

use super::plan::{Declared, Entries, Enumeration, Plan};
use super::reader::Reader;
use super::schema;
use super::{Encoding, Object, ObjectRef, Proxy, SliceError, Value};

/// How a class member refers to its instance, which differs between the encodings.
pub(super) trait ReadRefs<'p> {
    /// Reads one reference to an instance of the declared class.
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        declared: &'p Declared,
    ) -> Result<Option<ObjectRef>, SliceError>;
}

/// Reads a value. Recursion is as deep as the type, which comes from our tables.
pub(super) fn read_value<'p>(
    reader: &mut Reader<'_>,
    encoding: Encoding,
    plan: &'p Plan,
    refs: &mut impl ReadRefs<'p>,
) -> Result<Value, SliceError> {
    Ok(match plan {
        Plan::Bool => Value::Bool(reader.bool()?),
        Plan::Byte => Value::Byte(reader.byte()?),
        Plan::Short => Value::Short(reader.short()?),
        Plan::Int => Value::Int(reader.int()?),
        Plan::Long => Value::Long(reader.long()?),
        Plan::Float => Value::Float(reader.float()?),
        Plan::Double => Value::Double(reader.double()?),
        Plan::String => Value::String(reader.string()?),
        Plan::Bytes => {
            let count = reader.count(1)?;
            reader.charge(count)?;
            Value::Bytes(reader.bytes(count)?.to_vec())
        }
        Plan::Seq(elements) => {
            let count = begin_seq(reader, elements.min_size(encoding))?;
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                values.push(read_value(reader, encoding, &elements.plan, refs)?);
            }
            Value::Seq(values)
        }
        Plan::Dict(dict) => {
            let count = begin_dict(reader, dict, encoding)?;
            let mut entries = Vec::with_capacity(count);
            for _ in 0..count {
                let key = read_value(reader, encoding, &dict.key, refs)?;
                entries.push((key, read_value(reader, encoding, &dict.value, refs)?));
            }
            Value::Dict(entries)
        }
        Plan::Enum(names) => read_enum(reader, encoding, names)?,
        Plan::Struct(class) => {
            reader.charge(class.plans.len().saturating_mul(size_of::<Value>()))?;
            let values = class
                .plans
                .iter()
                .map(|plan| read_value(reader, encoding, plan, refs));
            Value::Struct(values.collect::<Result<_, _>>()?)
        }
        Plan::Proxy => Value::from(Proxy::read(reader, encoding)?),
        Plan::Class(declared) => Value::Object(refs.read_ref(reader, declared)?),
        Plan::Unknown(name) => return Err(SliceError::UnknownType { name: name.clone() }),
    })
}

/// Reads the count of a sequence and counts the memory of its elements, which may be taken then.
pub(super) fn begin_seq(reader: &mut Reader<'_>, min: usize) -> Result<usize, SliceError> {
    let count = reader.count(min)?;
    reader.charge(count.saturating_mul(size_of::<Value>()))?;
    Ok(count)
}

/// Reads the count of a dictionary and counts the memory of its entries.
pub(super) fn begin_dict(
    reader: &mut Reader<'_>,
    entries: &Entries,
    encoding: Encoding,
) -> Result<usize, SliceError> {
    let count = begin_seq(reader, entries.min_size(encoding))?;
    reader.charge(count.saturating_mul(size_of::<Value>()))?;
    Ok(count)
}

/// Encoding 1.0 chooses the width by the largest enumerator, 1.1 writes a size.
fn read_enum(
    reader: &mut Reader<'_>,
    encoding: Encoding,
    names: &Enumeration,
) -> Result<Value, SliceError> {
    let count = names.count;
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
            name: names.name.clone(),
        }),
    }
}

/// References to instances whose class is known only when everything is read.
#[derive(Default)]
pub(super) struct Promises<'p> {
    list: Vec<(ObjectRef, &'p Declared)>,
}

impl<'p> Promises<'p> {
    /// The memory of a note.
    pub(super) const SIZE: usize = size_of::<(ObjectRef, &Declared)>();

    /// Notes that an instance has to be of the declared class.
    pub(super) fn add(
        &mut self,
        instance: ObjectRef,
        declared: &'p Declared,
    ) -> Result<(), SliceError> {
        declared.check()?;
        if *declared != Declared::Any {
            self.list.push((instance, declared));
        }
        Ok(())
    }

    /// Checks all notes.
    pub(super) fn check(&self, objects: &[Object]) -> Result<(), SliceError> {
        for &(ObjectRef(index), declared) in &self.list {
            let object = objects
                .get(index)
                .ok_or(SliceError::NoSuchObject { index })?;
            if !declared.allows(object.known()) {
                check_class(object, declared.id())?;
            }
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
