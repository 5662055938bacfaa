//! Instances that are read from the bytes of a reply when they are asked for.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::budget::Lease;
use super::cursor::Cursor;
use super::plan::{Declared, Plan};
use super::read_value::{ReadRefs, read_value};
use super::reader::Reader;
use super::schema::{Class, ROOT};
use super::slots::Slots;
use super::{Encoding, Limits, Object, ObjectRef, SliceError, Value};

/// A reply, where its instances are in it, and those that were asked for.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) bytes: Vec<u8>,
    pub(super) slots: Slots,
    read: OnceLock<Box<[OnceLock<Box<Object>>]>>,
    /// The limits for all instances that are kept, and for each that is not.
    limits: Limits,
    memory: Mutex<Memory>,
}

/// How much more than for decoding a reply may be taken for reading its instances. A null member
/// has one byte in a reply and 32 in memory, and an instance is read once, however often it is
/// referred to.
const KEPT_FACTOR: usize = 8;

/// What the instances that are kept may still take, and what they take.
#[derive(Clone, Debug)]
struct Memory {
    left: usize,
    lease: Lease,
}

/// The value in a boxed basic value.
pub(crate) enum Basic<'a> {
    Value(Value),
    Text(&'a str),
}

impl Source {
    pub(super) fn new(bytes: Vec<u8>, slots: Slots, limits: Limits, lease: Lease) -> Self {
        let limits = Limits {
            max_bytes: limits.max_bytes.saturating_mul(KEPT_FACTOR),
            ..limits
        };
        let memory = Memory {
            left: limits.max_bytes,
            lease,
        };
        Self {
            bytes,
            slots,
            read: OnceLock::new(),
            limits,
            memory: Mutex::new(memory),
        }
    }

    pub(super) fn class(&self, index: usize) -> &'static Class {
        self.slots.class(index).unwrap_or(&ROOT)
    }

    /// The instance, if it was asked for before.
    pub(super) fn known(&self, index: usize) -> Option<&Object> {
        self.read.get()?.get(index)?.get().map(Box::as_ref)
    }

    /// The instance, which is kept and counted.
    pub(super) fn get(&self, index: usize) -> Result<&Object, SliceError> {
        self.keep(index, || {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let limits = Limits {
                max_bytes: memory.left,
                ..self.limits
            };
            let (object, reader) = self.object(index, &limits).map_err(|error| match error {
                SliceError::ReplyTooLarge { .. } => SliceError::ReplyTooLarge {
                    limit: self.limits.max_bytes,
                },
                other => other,
            })?;
            memory.left = memory.left.saturating_sub(reader.charged());
            memory.lease.add(reader.into_lease());
            Ok(object)
        })
    }

    /// The instance, which is kept, whatever it takes.
    pub(super) fn get_anyhow(&self, index: usize) -> Option<&Object> {
        let limits = Limits {
            max_bytes: usize::MAX,
            ..self.limits
        };
        let read = || self.object(index, &limits).map(|(object, _)| object);
        self.keep(index, read).ok()
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Result<&mut Object, SliceError> {
        self.get(index)?;
        let kept = self.read.get_mut().and_then(|read| read.get_mut(index));
        kept.and_then(OnceLock::get_mut)
            .map(Box::as_mut)
            .ok_or(SliceError::NoSuchObject { index })
    }

    fn keep(
        &self,
        index: usize,
        read: impl FnOnce() -> Result<Object, SliceError>,
    ) -> Result<&Object, SliceError> {
        let missing = SliceError::NoSuchObject { index };
        let all = self
            .read
            .get_or_init(|| (0..self.slots.len()).map(|_| OnceLock::new()).collect());
        let kept = all.get(index).ok_or(missing.clone())?;
        if kept.get().is_none() {
            // Another thread may have been faster, with the same object.
            let _ = kept.set(Box::new(read()?));
        }
        kept.get().map(Box::as_ref).ok_or(missing)
    }

    /// The instance, which is not kept, and how much memory it takes.
    pub(super) fn read(&self, index: usize) -> Result<(Object, usize), SliceError> {
        let (object, reader) = self.object(index, &self.limits)?;
        Ok((object, reader.charged()))
    }

    fn object(&self, index: usize, limits: &Limits) -> Result<(Object, Reader<'_>), SliceError> {
        let missing = SliceError::NoSuchObject { index };
        let (class, start) = self.slots.start(index).ok_or(missing)?;
        let mut reader = Reader::new(&self.bytes, limits);
        reader.seek(start)?;
        reader.charge(size_of::<Object>() + class.fields.saturating_mul(size_of::<Value>()))?;
        let mut refs = Inline {
            source: self,
            next: index + 1,
        };
        let mut fields = Vec::with_capacity(class.fields);
        for class in class.and_bases() {
            for plan in &class.plans {
                fields.push(read_value(&mut reader, Encoding::V1_1, plan, &mut refs)?);
            }
            if class.parent.is_some() {
                reader.byte()?;
            }
        }
        Ok((Object::from_parts(class, class.id, fields), reader))
    }

    /// The value in a boxed value, without reading the instance.
    pub(super) fn basic(&self, index: usize) -> Option<Basic<'_>> {
        let (class, start) = self.slots.start(index)?;
        let mut cursor = Cursor::new(&self.bytes, start);
        let mut class = class;
        while class.plans.is_empty() {
            cursor.byte()?;
            class = class.parent?;
        }
        Some(Basic::Value(match class.plans.first()? {
            Plan::Bool => Value::Bool(cursor.byte()? != 0),
            Plan::Int => Value::Int(i32::from_le_bytes(cursor.array()?)),
            Plan::Long => Value::Long(i64::from_le_bytes(cursor.array()?)),
            Plan::Float => Value::Float(f32::from_le_bytes(cursor.array()?)),
            Plan::Double => Value::Double(f64::from_le_bytes(cursor.array()?)),
            Plan::String => return cursor.text().map(Basic::Text),
            _ => return None,
        }))
    }
}

impl Clone for Source {
    fn clone(&self) -> Self {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            bytes: self.bytes.clone(),
            slots: self.slots.clone(),
            read: self.read.clone(),
            limits: self.limits,
            memory: Mutex::new(memory.clone()),
        }
    }
}

/// References that may contain their instance, which was scanned before.
struct Inline<'s> {
    source: &'s Source,
    next: usize,
}

impl ReadRefs<'_> for Inline<'_> {
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        _declared: &Declared,
    ) -> Result<Option<ObjectRef>, SliceError> {
        let index = match reader.size()? {
            0 => return Ok(None),
            1 => self.next,
            number => return Ok(Some(ObjectRef(number.saturating_sub(2)))),
        };
        let Source { slots, bytes, .. } = self.source;
        let missing = SliceError::NoSuchObject { index };
        let (end, next) = slots.end_of(index, bytes).ok_or(missing)?;
        reader.seek(end)?;
        self.next = next;
        Ok(Some(ObjectRef(index)))
    }
}
