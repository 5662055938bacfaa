//! Values whose class members are references: everything but the inline instances of 1.1.

use super::writer::Writer;
use super::{Encoding, ObjectRef, Proxy, SliceError, Type, Value, schema};

/// How a class member refers to its instance, which differs between the encodings.
pub(super) trait WriteRefs {
    /// Writes one reference to an instance of the declared class.
    fn write_ref(
        &mut self,
        writer: &mut Writer,
        instance: Option<ObjectRef>,
        declared: &str,
    ) -> Result<(), SliceError>;
}

/// Writes a value. Recursion is as deep as the type.
pub(super) fn write_value(
    writer: &mut Writer,
    encoding: Encoding,
    ty: &Type,
    value: &Value,
    refs: &mut impl WriteRefs,
) -> Result<(), SliceError> {
    match (ty, value) {
        (Type::Bool, Value::Bool(value)) => writer.bool(*value),
        (Type::Byte, Value::Byte(value)) => writer.byte(*value),
        (Type::Short, Value::Short(value)) => writer.short(*value),
        (Type::Int, Value::Int(value)) => writer.int(*value),
        (Type::Long, Value::Long(value)) => writer.long(*value),
        (Type::Float, Value::Float(value)) => writer.float(*value),
        (Type::Double, Value::Double(value)) => writer.double(*value),
        (Type::String, Value::String(value)) => writer.string(value),
        (Type::Seq(element), Value::Bytes(value)) if **element == Type::Byte => {
            writer.size(value.len());
            writer.bytes(value);
        }
        (Type::Seq(element), Value::Seq(values)) => {
            writer.size(values.len());
            for value in values {
                write_value(writer, encoding, element, value, refs)?;
            }
        }
        (Type::Dict(key_type, value_type), Value::Dict(entries)) => {
            writer.size(entries.len());
            for (key, value) in entries {
                write_value(writer, encoding, key_type, key, refs)?;
                write_value(writer, encoding, value_type, value, refs)?;
            }
        }
        (Type::Enum(name), Value::Enum(value)) => write_enum(writer, encoding, name, *value)?,
        (Type::Struct(name), Value::Struct(values)) => {
            for (ty, value) in struct_members(name, values)? {
                write_value(writer, encoding, ty, value, refs)?;
            }
        }
        (Type::Proxy(_), Value::Proxy(value)) => write_proxy(writer, encoding, value.as_deref()),
        (Type::Class(declared), Value::Object(value)) => {
            refs.write_ref(writer, *value, declared)?;
        }
        _ => return Err(mismatch(ty, value)),
    }
    Ok(())
}

pub(super) fn mismatch(ty: &Type, value: &Value) -> SliceError {
    SliceError::TypeMismatch {
        expected: ty.to_string(),
        found: value.kind(),
    }
}

/// A null proxy is an empty identity and nothing else.
pub(super) fn write_proxy(writer: &mut Writer, encoding: Encoding, proxy: Option<&Proxy>) {
    match proxy {
        Some(proxy) => proxy.write(writer, encoding),
        None => writer.bytes(&[0, 0]),
    }
}

/// The members of a struct with their types.
pub(super) fn struct_members<'v>(
    name: &str,
    values: &'v [Value],
) -> Result<impl DoubleEndedIterator<Item = (&'static Type, &'v Value)> + use<'v>, SliceError> {
    let members = &schema::known_structure(name)?.members;
    if members.len() != values.len() {
        let expected = format!("struct({name})");
        return Err(SliceError::TypeMismatch {
            expected,
            found: "struct of another size",
        });
    }
    Ok(members.iter().map(|member| &member.ty).zip(values))
}

/// Encoding 1.0 chooses the width by the largest enumerator, 1.1 writes a size.
fn write_enum(
    writer: &mut Writer,
    encoding: Encoding,
    name: &str,
    value: i32,
) -> Result<(), SliceError> {
    let count = schema::known_enumerators(name)?.len();
    let number = usize::try_from(value).ok().filter(|number| *number < count);
    let expected = || SliceError::TypeMismatch {
        expected: format!("enum({name})"),
        found: "number of no enumerator",
    };
    let number = number.ok_or_else(expected)?;
    match encoding {
        Encoding::V1_1 => writer.size(number),
        Encoding::V1_0 if count <= 127 => writer.byte(u8::try_from(number).unwrap_or(0)),
        Encoding::V1_0 if count <= 32767 => writer.short(i16::try_from(number).unwrap_or(0)),
        Encoding::V1_0 => writer.int(value),
    }
    Ok(())
}
